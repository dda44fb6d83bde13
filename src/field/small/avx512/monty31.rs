//! Sixteen elements of a field below `2^31`.

use core::arch::x86_64::*;
use core::marker::PhantomData;

use bytemuck::{Pod, Zeroable};

use super::super::monty31::Monty31;
use super::super::{SmallField, Vector};
use super::{mul_low, mul_low_signed, register32, register64, vector_operators, words32};

/// Sixteen elements in Montgomery form.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub(crate) struct Avx512Monty31<F>([u32; 16], PhantomData<F>);

// SAFETY: transparent over words, for which all zeros is a value.
unsafe impl<F: SmallField> Zeroable for Avx512Monty31<F> {}
// SAFETY: transparent over words, so without padding and valid for any bytes.
unsafe impl<F: SmallField> Pod for Avx512Monty31<F> {}

/// Factors `w` of even and of odd lanes, each in even places, and `w / p mod 2^32` in every place.
#[derive(Clone, Copy)]
pub(crate) struct Multiplier {
    even: __m512i,
    odd: __m512i,
    quotient: __m512i,
}

/// A factor `w` and `w / p mod 2^32`.
#[derive(Clone, Copy)]
pub(crate) struct Factor {
    factor: u32,
    quotient: u32,
}

impl<F: Monty31> Avx512Monty31<F> {
    #[inline(always)]
    fn register(self) -> __m512i {
        register32(self.0)
    }
    #[inline(always)]
    fn from_register(register: __m512i) -> Self {
        Self(words32(register), PhantomData)
    }
}

vector_operators!([F: Monty31] Avx512Monty31<F>, add::<F>, sub::<F>, mul::<F>, neg::<F>);

impl<F: Monty31> Vector for Avx512Monty31<F> {
    type Element = F;
    type Multiplier = Multiplier;
    type Factor = Factor;
    const LANES: usize = 16;

    #[inline(always)]
    fn splat(element: F) -> Self {
        Self([bytemuck::cast(element); 16], PhantomData)
    }
    #[inline(always)]
    fn repeated(from: &[F], times: usize) -> Self {
        let from: &[u32] = bytemuck::cast_slice(&from[..16 / times]);
        // SAFETY: only kernels on a processor with AVX-512 make such vectors; `from` is as long.
        Self::from_register(unsafe { repeated(from, times) })
    }
    #[inline(always)]
    fn multiplier(self) -> Multiplier {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        unsafe { multiplier::<F>(self.register()) }
    }
    #[inline(always)]
    fn factor(element: F) -> Factor {
        let factor: u32 = bytemuck::cast(element);
        Factor {
            factor,
            quotient: factor.wrapping_mul(F::P_INVERSE),
        }
    }
    #[inline(always)]
    fn spread(factor: Factor) -> Multiplier {
        let even = register32([factor.factor; 16]);
        Multiplier {
            even,
            odd: even,
            quotient: register32([factor.quotient; 16]),
        }
    }
    #[inline(always)]
    fn times(self, factor: Multiplier) -> Self {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        Self::from_register(unsafe { times::<F>(self.register(), factor) })
    }
    #[inline(always)]
    fn double(self) -> Self {
        self + self
    }
    #[inline(always)]
    fn sbox<const DEGREE: u32>(self, constant: F) -> Self {
        const { assert!(DEGREE == 3 || DEGREE == 7) };
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        let x = unsafe { sbox::<F>(self.register(), bytemuck::cast(constant), DEGREE) };
        Self::from_register(x)
    }
    #[inline(always)]
    fn dot<const D: usize>(value: impl Fn(usize) -> Self, factors: &[[F; D]]) -> [Self; D] {
        let mut sums = [[register32([0; 16]); 2]; D];
        let (pairs, rest) = factors.as_chunks::<2>();
        for (i, [first, second]) in pairs.iter().enumerate() {
            let values = [value(2 * i).register(), value(2 * i + 1).register()];
            for (d, sums) in sums.iter_mut().enumerate() {
                let factors = [first[d], second[d]].map(bytemuck::cast);
                // SAFETY: only kernels on a processor with AVX-512 make such vectors.
                *sums = unsafe { add_products::<F>(*sums, values, factors) };
            }
        }
        for last in rest {
            let values = [value(factors.len() - 1).register(), register32([0; 16])];
            for (sums, &last) in sums.iter_mut().zip(last) {
                // SAFETY: only kernels on a processor with AVX-512 make such vectors.
                *sums = unsafe { add_products::<F>(*sums, values, [bytemuck::cast(last), 0]) };
            }
        }
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        sums.map(|sums| Self::from_register(unsafe { reduce_sums::<F>(sums) }))
    }
    #[inline(always)]
    fn div_2exp(self, k: u32) -> Self {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        Self::from_register(unsafe { div_2exp::<F>(self.register(), k) })
    }
    #[inline(always)]
    fn join(self, other: Self, factor: Multiplier) -> (Self, Self) {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        let product = unsafe { difference_times::<F>(self.register(), other.register(), factor) };
        (self + other, Self::from_register(product))
    }
    #[inline(always)]
    fn interleave(self, other: Self, block: usize) -> (Self, Self) {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        let (a, b) = unsafe { interleave(self.register(), other.register(), block) };
        (Self::from_register(a), Self::from_register(b))
    }
    #[inline(always)]
    fn zip(self, other: Self) -> (Self, Self) {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        let (a, b) = unsafe { zip(self.register(), other.register()) };
        (Self::from_register(a), Self::from_register(b))
    }
    #[inline(always)]
    fn unzip(self, other: Self) -> (Self, Self) {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        let (a, b) = unsafe { unzip(self.register(), other.register()) };
        (Self::from_register(a), Self::from_register(b))
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn modulus<F: Monty31>() -> __m512i {
    _mm512_set1_epi32(F::P as i32)
}

/// `d mod p` of wrapped differences `-p <= d < p`: of `d` and `d + p` the one that did not wrap is the
/// smaller.
#[inline]
#[target_feature(enable = "avx512f")]
fn reduce_signed<F: Monty31>(d: __m512i) -> __m512i {
    _mm512_min_epu32(d, _mm512_add_epi32(d, modulus::<F>()))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add<F: Monty31>(a: __m512i, b: __m512i) -> __m512i {
    let sum = _mm512_add_epi32(a, b);
    _mm512_min_epu32(sum, _mm512_sub_epi32(sum, modulus::<F>()))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn sub<F: Monty31>(a: __m512i, b: __m512i) -> __m512i {
    reduce_signed::<F>(_mm512_sub_epi32(a, b))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn neg<F: Monty31>(a: __m512i) -> __m512i {
    reduce_signed::<F>(_mm512_sub_epi32(_mm512_setzero_si512(), a))
}

/// The odd lanes, in the even places.
#[inline]
#[target_feature(enable = "avx512f")]
fn odd(a: __m512i) -> __m512i {
    _mm512_shuffle_epi32::<0xf5>(a)
}

/// The high halves of the differences of 64-bit lanes whose low halves agree: those from even lanes in
/// the even places, those from odd ones in the odd places.
#[inline]
#[target_feature(enable = "avx512f")]
fn high_differences(even: [__m512i; 2], odd: [__m512i; 2]) -> __m512i {
    let even = _mm512_sub_epi64(even[0], even[1]);
    let odd = _mm512_sub_epi64(odd[0], odd[1]);
    _mm512_mask_shuffle_epi32::<0xf5>(odd, 0x5555, even)
}

/// Montgomery's product of even and of odd lanes, each with 64 bits of space.
#[inline]
#[target_feature(enable = "avx512f")]
fn mul<F: Monty31>(a: __m512i, b: __m512i) -> __m512i {
    let even = product::<F>(a, b);
    let odd = product::<F>(odd(a), odd(b));
    reduce_signed::<F>(high_differences(even, odd))
}

/// The product of the low halves of lanes of 64 bits, signed and of at most `p`, and the multiple of
/// `p` with the same low half. Their difference is below `2^32 p`.
#[inline]
#[target_feature(enable = "avx512f")]
fn product<F: Monty31>(a: __m512i, b: __m512i) -> [__m512i; 2] {
    let product = mul_low_signed(a, b);
    let quotient = mul_low(product, _mm512_set1_epi32(F::P_INVERSE as i32));
    [product, mul_low_signed(quotient, modulus::<F>())]
}

/// Montgomery's product in the low halves of lanes of 64 bits: of signed factors of at most `p`, less
/// than `p`.
#[inline]
#[target_feature(enable = "avx512f")]
fn mul_signed<F: Monty31>(a: __m512i, b: __m512i) -> __m512i {
    let [product, multiple] = product::<F>(a, b);
    _mm512_srli_epi64::<32>(_mm512_sub_epi64(product, multiple))
}

/// `(a + c)^3` or `(a + c)^7`, with one reduction at the end.
#[inline]
#[target_feature(enable = "avx512f")]
fn sbox<F: Monty31>(a: __m512i, constant: u32, degree: u32) -> __m512i {
    // Between -p and p.
    let x = _mm512_sub_epi32(
        _mm512_add_epi32(a, _mm512_set1_epi32(constant as i32)),
        modulus::<F>(),
    );
    let power = |x: __m512i| {
        let square = mul_signed::<F>(x, x);
        match degree {
            3 => product::<F>(square, x),
            _ => {
                let fourth = mul_signed::<F>(square, square);
                product::<F>(fourth, mul_signed::<F>(square, x))
            }
        }
    };
    reduce_signed::<F>(high_differences(power(x), power(odd(x))))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn multiplier<F: Monty31>(factor: __m512i) -> Multiplier {
    let inverse = _mm512_set1_epi32(F::P_INVERSE as i32);
    Multiplier {
        even: factor,
        odd: odd(factor),
        quotient: _mm512_mullo_epi32(factor, inverse),
    }
}

/// As [`mul`], for any words below `2p`, with the quotients by `p` from one product that does not wait
/// for the others.
#[inline]
#[target_feature(enable = "avx512f")]
fn times<F: Monty31>(a: __m512i, w: Multiplier) -> __m512i {
    let p = modulus::<F>();
    let quotient = _mm512_mullo_epi32(a, w.quotient);
    let even = mul_low(a, w.even);
    let odd_product = mul_low(odd(a), w.odd);
    reduce_signed::<F>(high_differences(
        [even, mul_low(quotient, p)],
        [odd_product, mul_low(odd(quotient), p)],
    ))
}

/// `(a - b) w`.
#[inline]
#[target_feature(enable = "avx512f")]
fn difference_times<F: Monty31>(a: __m512i, b: __m512i, w: Multiplier) -> __m512i {
    let difference = _mm512_sub_epi32(_mm512_add_epi32(a, modulus::<F>()), b);
    times::<F>(difference, w)
}

/// Adds two products each of the even and of the odd lanes to sums below `2^32 p`, and takes the sums to
/// below that again, modulo `p`: they do not overflow, for `2^32 p + 2 p^2 < 2^33 p < 2^64`.
#[inline]
#[target_feature(enable = "avx512f")]
fn add_products<F: Monty31>(
    sums: [__m512i; 2],
    values: [__m512i; 2],
    factors: [u32; 2],
) -> [__m512i; 2] {
    let [a, b] = values;
    let [v, w] = factors.map(|factor| _mm512_set1_epi32(factor as i32));
    let even = _mm512_add_epi64(mul_low(a, v), mul_low(b, w));
    let odd = _mm512_add_epi64(mul_low(odd(a), v), mul_low(odd(b), w));
    let most = _mm512_set1_epi64((u64::from(F::P) << 32) as i64);
    [(sums[0], even), (sums[1], odd)].map(|(sum, products)| {
        let sum = _mm512_add_epi64(sum, products);
        _mm512_min_epu64(sum, _mm512_sub_epi64(sum, most))
    })
}

/// Montgomery's reduction of sums below `2^32 p` from even and odd lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn reduce_sums<F: Monty31>(sums: [__m512i; 2]) -> __m512i {
    let inverse = _mm512_set1_epi32(F::P_INVERSE as i32);
    let [even, odd] = sums.map(|sum| [sum, mul_low(mul_low(sum, inverse), modulus::<F>())]);
    reduce_signed::<F>(high_differences(even, odd))
}

/// With `a = h 2^k + l` this is `h - l (p - 1) / 2^k`, for `p - 1 = -1`.
#[inline]
#[target_feature(enable = "avx512f")]
fn div_2exp<F: Monty31>(a: __m512i, k: u32) -> __m512i {
    debug_assert!(k <= F::TWO_ADICITY);
    let low = _mm512_and_si512(a, _mm512_set1_epi32((1 << k) - 1));
    let high = _mm512_srl_epi32(a, _mm_cvtsi32_si128(k as i32));
    let factor = F::ODD_PART << (F::TWO_ADICITY - k);
    let multiple = _mm512_mullo_epi32(low, _mm512_set1_epi32(factor as i32));
    reduce_signed::<F>(_mm512_sub_epi32(high, multiple))
}

/// # Safety
/// `from` has `16 / times` words.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn repeated(from: &[u32], times: usize) -> __m512i {
    let mask = (u32::MAX >> (32 - 16 / times)) as u16;
    // SAFETY: the caller's promise; what the mask leaves out is not read.
    let words = unsafe { _mm512_maskz_loadu_epi32(mask, from.as_ptr().cast()) };
    let places = core::array::from_fn(|i| (i / times) as u32);
    _mm512_permutexvar_epi32(register32(places), words)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn interleave(a: __m512i, b: __m512i, block: usize) -> (__m512i, __m512i) {
    match block {
        8 => (
            _mm512_shuffle_i64x2::<0x44>(a, b),
            _mm512_shuffle_i64x2::<0xee>(a, b),
        ),
        4 => (
            _mm512_permutex2var_epi64(a, register64([0, 1, 8, 9, 4, 5, 12, 13]), b),
            _mm512_permutex2var_epi64(a, register64([2, 3, 10, 11, 6, 7, 14, 15]), b),
        ),
        2 => (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)),
        1 => (
            _mm512_mask_shuffle_epi32::<0xa0>(a, 0xaaaa, b),
            _mm512_mask_shuffle_epi32::<0xf5>(b, 0x5555, a),
        ),
        _ => unreachable!("a block is 1, 2, 4 or 8 lanes"),
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn zip(a: __m512i, b: __m512i) -> (__m512i, __m512i) {
    let low = core::array::from_fn(|i| (i / 2 + i % 2 * 16) as u32);
    let high = low.map(|place| place + 8);
    (
        _mm512_permutex2var_epi32(a, register32(low), b),
        _mm512_permutex2var_epi32(a, register32(high), b),
    )
}

#[inline]
#[target_feature(enable = "avx512f")]
fn unzip(a: __m512i, b: __m512i) -> (__m512i, __m512i) {
    let even = core::array::from_fn(|i| 2 * i as u32);
    let odd = even.map(|place| place + 1);
    (
        _mm512_permutex2var_epi32(a, register32(even), b),
        _mm512_permutex2var_epi32(a, register32(odd), b),
    )
}
