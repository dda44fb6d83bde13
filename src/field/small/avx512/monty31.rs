//! Sixteen elements of a field below `2^31`.

use core::arch::x86_64::*;
use core::marker::PhantomData;

use bytemuck::{Pod, Zeroable};

use super::super::monty31::Monty31;
use super::super::{Factors, SmallField, Vector};
use super::{mul_low, mul_low_signed, register32, register64, vector_operators, words32};

/// Sixteen elements in Montgomery form.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub(crate) struct Avx512Monty31<F>([u32; 16], PhantomData<F>);

// SAFETY: transparent over words, for which all zeros is a value.
unsafe impl<F: SmallField> Zeroable for Avx512Monty31<F> {}
// SAFETY: transparent over words, so without padding and valid for any bytes.
unsafe impl<F: SmallField> Pod for Avx512Monty31<F> {}

/// Factors `w`, as integers below `p`, and `floor(2^32 w / p)` of even and of odd lanes, each in even
/// places.
#[derive(Clone, Copy)]
pub(crate) struct Multiplier {
    integer: __m512i,
    quotient_even: __m512i,
    quotient_odd: __m512i,
}

/// A factor `w`, as an integer, and `floor(2^32 w / p)`.
#[derive(Clone, Copy)]
pub(crate) struct Factor {
    integer: u32,
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
    fn repeated(table: &Factors<F>, first: usize, times: usize) -> Multiplier {
        let words: &[u32] = bytemuck::cast_slice(&table[first..][..16 / times]);
        let integers = &table.integers[first..][..16 / times];
        // SAFETY: only kernels on a processor with AVX-512 make such vectors; both are as long.
        unsafe { multiplier::<F>(words, integers, times) }
    }
    #[inline(always)]
    fn factor(element: F) -> Factor {
        // See `multiplier`.
        let word: u32 = bytemuck::cast(element);
        Factor {
            integer: element.to_u64() as u32,
            quotient: word.wrapping_mul(F::P_INVERSE.wrapping_neg()),
        }
    }
    #[inline(always)]
    fn spread(factor: Factor) -> Multiplier {
        let quotient = register32([factor.quotient; 16]);
        Multiplier {
            integer: register32([factor.integer; 16]),
            quotient_even: quotient,
            quotient_odd: quotient,
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
                let factors = [bytemuck::cast(first[d]), bytemuck::cast(second[d])];
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
        let mut dots = [Self::zeroed(); D];
        for (dot, sums) in dots.iter_mut().zip(sums) {
            // SAFETY: only kernels on a processor with AVX-512 make such vectors.
            *dot = Self::from_register(unsafe { reduce_sums::<F>(sums) });
        }
        dots
    }
    #[inline(always)]
    fn inner<const D: usize>(
        count: usize,
        value: impl Fn(usize) -> Self,
        weight: impl Fn(usize) -> [Self; D],
    ) -> [Self; D] {
        let zero = register32([0; 16]);
        let mut sums = [[zero; 2]; D];
        let mut i = 0;
        while i < count {
            let (a, v) = (value(i).register(), weight(i));
            let (b, w) = if i + 1 < count {
                (value(i + 1).register(), weight(i + 1))
            } else {
                (zero, v)
            };
            for d in 0..D {
                let weights = [v[d].register(), w[d].register()];
                // SAFETY: only kernels on a processor with AVX-512 make such vectors.
                sums[d] = unsafe { add_vector_products::<F>(sums[d], [a, b], weights) };
            }
            i += 2;
        }
        let mut inner = [Self::zeroed(); D];
        for (inner, sums) in inner.iter_mut().zip(sums) {
            // SAFETY: only kernels on a processor with AVX-512 make such vectors.
            *inner = Self::from_register(unsafe { reduce_sums::<F>(sums) });
        }
        inner
    }
    #[inline(always)]
    fn sboxes<const DEGREE: u32>(x: [Self; 4], constants: [F; 4]) -> [Self; 4] {
        const { assert!(DEGREE == 3 || DEGREE == 7) };
        let mut lanes = [x[0].register(); 8];
        for i in 0..4 {
            let constant = bytemuck::cast(constants[i]);
            // SAFETY: only kernels on a processor with AVX-512 make such vectors.
            lanes[2 * i] = unsafe { signed_sum::<F>(x[i].register(), constant) };
            // SAFETY: as above.
            lanes[2 * i + 1] = unsafe { odd(lanes[2 * i]) };
        }
        let square = powers::<F>(&lanes, &lanes);
        let last = match DEGREE {
            3 => products::<F>(&square, &lanes),
            _ => {
                let fourth = powers::<F>(&square, &square);
                let cube = powers::<F>(&square, &lanes);
                products::<F>(&fourth, &cube)
            }
        };
        let mut results = x;
        for i in 0..4 {
            let (even, odd) = (last[2 * i], last[2 * i + 1]);
            // SAFETY: only kernels on a processor with AVX-512 make such vectors.
            let register = unsafe { reduced_differences::<F>(even, odd) };
            results[i] = Self::from_register(register);
        }
        results
    }
    #[inline(always)]
    fn add_div_2exp(self, a: Self, k: u32) -> Self {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        Self::from_register(unsafe { add_div_2exp::<F>(self.register(), a.register(), k) })
    }
    #[inline(always)]
    fn sub_div_2exp(self, a: Self, k: u32) -> Self {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        Self::from_register(unsafe { sub_div_2exp::<F>(self.register(), a.register(), k) })
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
    reduce_sum::<F>(_mm512_add_epi32(a, b))
}

/// `s mod p` for `0 <= s < 2p`.
#[inline]
#[target_feature(enable = "avx512f")]
fn reduce_sum<F: Monty31>(sum: __m512i) -> __m512i {
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
    high_halves(
        _mm512_sub_epi64(even[0], even[1]),
        _mm512_sub_epi64(odd[0], odd[1]),
    )
}

/// [`high_differences`] modulo `p`, of products and multiples of `p`.
#[inline]
#[target_feature(enable = "avx512f")]
fn reduced_differences<F: Monty31>(even: [__m512i; 2], odd: [__m512i; 2]) -> __m512i {
    reduce_signed::<F>(high_differences(even, odd))
}

/// Montgomery's product of even and of odd lanes, each with 64 bits of space.
#[inline]
#[target_feature(enable = "avx512f")]
fn mul<F: Monty31>(a: __m512i, b: __m512i) -> __m512i {
    let even = product::<F>(a, b);
    let odd = product::<F>(odd(a), odd(b));
    reduced_differences::<F>(even, odd)
}

/// The product of the low halves of lanes of 64 bits, signed and of at most `p`, and the multiple of
/// `p` with the same low half. Their difference is below `2^32 p`.
#[inline]
#[target_feature(enable = "avx512f")]
fn product<F: Monty31>(a: __m512i, b: __m512i) -> [__m512i; 2] {
    let product = mul_low_signed(a, b);
    [product, multiple::<F>(quotient::<F>(product))]
}

/// The quotient by `p` of low halves, modulo `2^32`.
#[inline]
#[target_feature(enable = "avx512f")]
fn quotient<F: Monty31>(product: __m512i) -> __m512i {
    mul_low(product, _mm512_set1_epi32(F::P_INVERSE as i32))
}

/// The multiples of `p` by signed low halves.
#[inline]
#[target_feature(enable = "avx512f")]
fn multiple<F: Monty31>(quotient: __m512i) -> __m512i {
    mul_low_signed(quotient, modulus::<F>())
}

/// The high half of the difference of 64-bit lanes, in the low half.
#[inline]
#[target_feature(enable = "avx512f")]
fn high_difference([product, multiple]: [__m512i; 2]) -> __m512i {
    _mm512_srli_epi64::<32>(_mm512_sub_epi64(product, multiple))
}

/// [`product`] of many lanes. Step by step for all of them, because the processor does not look far
/// enough ahead to do so itself.
#[inline(always)]
fn products<F: Monty31>(a: &[__m512i; 8], b: &[__m512i; 8]) -> [[__m512i; 2]; 8] {
    let mut pairs = [[a[0]; 2]; 8];
    for i in 0..8 {
        // SAFETY: only kernels on a processor with AVX-512 call this.
        pairs[i][0] = unsafe { mul_low_signed(a[i], b[i]) };
    }
    for [product, quotients] in &mut pairs {
        // SAFETY: as above.
        *quotients = unsafe { quotient::<F>(*product) };
    }
    for [_, quotients] in &mut pairs {
        // SAFETY: as above.
        *quotients = unsafe { multiple::<F>(*quotients) };
    }
    pairs
}

/// Montgomery's products in the low halves of lanes of 64 bits: of signed factors of at most `p`, less
/// than `p`.
#[inline(always)]
fn powers<F: Monty31>(a: &[__m512i; 8], b: &[__m512i; 8]) -> [__m512i; 8] {
    let pairs = products::<F>(a, b);
    let mut powers = *a;
    for i in 0..8 {
        // SAFETY: only kernels on a processor with AVX-512 call this.
        powers[i] = unsafe { high_difference(pairs[i]) };
    }
    powers
}

/// `a + c - p`, between `-p` and `p`.
#[inline]
#[target_feature(enable = "avx512f")]
fn signed_sum<F: Monty31>(a: __m512i, constant: u32) -> __m512i {
    _mm512_add_epi32(a, _mm512_set1_epi32(constant.wrapping_sub(F::P) as i32))
}

/// `(a + c)^3` or `(a + c)^7`, with one reduction at the end.
#[inline]
#[target_feature(enable = "avx512f")]
fn sbox<F: Monty31>(a: __m512i, constant: u32, degree: u32) -> __m512i {
    let even = signed_sum::<F>(a, constant);
    let odd = odd(even);
    let times =
        |a: [__m512i; 2], b: [__m512i; 2]| [product::<F>(a[0], b[0]), product::<F>(a[1], b[1])];
    let high = |[even, odd]: [[__m512i; 2]; 2]| [high_difference(even), high_difference(odd)];
    let x = [even, odd];
    let square = high(times(x, x));
    let [even, odd] = match degree {
        3 => times(square, x),
        _ => times(high(times(square, square)), high(times(square, x))),
    };
    reduced_differences::<F>(even, odd)
}

/// The Montgomery form of `w` is `2^32 w - q p` with `q = floor(2^32 w / p)`, so `q` is its quotient by
/// `-p` modulo `2^32`.
///
/// # Safety
/// Both tables have `16 / times` words.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn multiplier<F: Monty31>(words: &[u32], integers: &[u32], times: usize) -> Multiplier {
    // SAFETY: the caller's promise.
    let words = unsafe { repeated(words, times) };
    // SAFETY: the caller's promise.
    let integer = unsafe { repeated(integers, times) };
    let inverse = _mm512_set1_epi32(F::P_INVERSE.wrapping_neg() as i32);
    let quotient_even = _mm512_mullo_epi32(words, inverse);
    Multiplier {
        integer,
        quotient_even,
        quotient_odd: odd(quotient_even),
    }
}

/// The high halves of 64-bit lanes, those of `even` in the even places.
///
/// Not the intrinsic, of which the compiler makes a permutation of two registers: that is as dear as a
/// product.
#[inline]
#[target_feature(enable = "avx512f")]
fn high_halves(even: __m512i, odd: __m512i) -> __m512i {
    let even_places: __mmask16 = 0x5555;
    let mut halves = odd;
    // SAFETY: one instruction of the target feature, from registers to a register.
    unsafe {
        core::arch::asm!(
            "vmovshdup {halves}{{{even_places}}}, {even}",
            halves = inout(zmm_reg) halves,
            even_places = in(kreg) even_places,
            even = in(zmm_reg) even,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    halves
}

/// Shoup's product of any words: the quotient by `p` is at most one too small, so all but the low
/// halves of `a w` and of its multiple of `p` cancel.
#[inline]
#[target_feature(enable = "avx512f")]
fn times<F: Monty31>(a: __m512i, w: Multiplier) -> __m512i {
    let p = modulus::<F>();
    let quotient = high_halves(mul_low(a, w.quotient_even), mul_low(odd(a), w.quotient_odd));
    let product = _mm512_sub_epi32(
        _mm512_mullo_epi32(a, w.integer),
        _mm512_mullo_epi32(quotient, p),
    );
    reduce_sum::<F>(product)
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
    let v = _mm512_set1_epi32(factors[0] as i32);
    let w = _mm512_set1_epi32(factors[1] as i32);
    let even = _mm512_add_epi64(mul_low(a, v), mul_low(b, w));
    let odd = _mm512_add_epi64(mul_low(odd(a), v), mul_low(odd(b), w));
    [add_below::<F>(sums[0], even), add_below::<F>(sums[1], odd)]
}

/// [`add_products`] with a factor for each lane.
#[inline]
#[target_feature(enable = "avx512f")]
fn add_vector_products<F: Monty31>(
    sums: [__m512i; 2],
    values: [__m512i; 2],
    factors: [__m512i; 2],
) -> [__m512i; 2] {
    let ([a, b], [v, w]) = (values, factors);
    let even = _mm512_add_epi64(mul_low(a, v), mul_low(b, w));
    let odd = _mm512_add_epi64(mul_low(odd(a), odd(v)), mul_low(odd(b), odd(w)));
    [add_below::<F>(sums[0], even), add_below::<F>(sums[1], odd)]
}

/// `a + b`, or as much less `2^32 p` if it is not below that.
#[inline]
#[target_feature(enable = "avx512f")]
fn add_below<F: Monty31>(a: __m512i, b: __m512i) -> __m512i {
    let sum = _mm512_add_epi64(a, b);
    let most = _mm512_set1_epi64((u64::from(F::P) << 32) as i64);
    _mm512_min_epu64(sum, _mm512_sub_epi64(sum, most))
}

/// Montgomery's reduction of sums below `2^32 p` from even and odd lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn reduce_sums<F: Monty31>(sums: [__m512i; 2]) -> __m512i {
    let multiple = |sum| mul_low(quotient::<F>(sum), modulus::<F>());
    let [even, odd] = sums;
    reduce_signed::<F>(high_differences(
        [even, multiple(even)],
        [odd, multiple(odd)],
    ))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn div_2exp<F: Monty31>(a: __m512i, k: u32) -> __m512i {
    neg_unreduced(negative_div_2exp::<F>(neg_unreduced(a), k))
}

/// `a + b / 2^k`.
#[inline]
#[target_feature(enable = "avx512f")]
fn add_div_2exp<F: Monty31>(a: __m512i, b: __m512i, k: u32) -> __m512i {
    let quotient = negative_div_2exp::<F>(neg_unreduced(b), k);
    reduce_sum::<F>(_mm512_sub_epi32(a, quotient))
}

/// `a - b / 2^k`.
#[inline]
#[target_feature(enable = "avx512f")]
fn sub_div_2exp<F: Monty31>(a: __m512i, b: __m512i, k: u32) -> __m512i {
    let quotient = negative_div_2exp::<F>(neg_unreduced(b), k);
    reduce_signed::<F>(_mm512_add_epi32(a, quotient))
}

/// `-a`, between `-p` and 0.
#[inline]
#[target_feature(enable = "avx512f")]
fn neg_unreduced(a: __m512i) -> __m512i {
    _mm512_sub_epi32(_mm512_setzero_si512(), a)
}

/// `a / 2^k` for `-p < a <= 0`, in the same range: with `a = h 2^k + l` it is `h - l (p - 1) / 2^k`, for
/// `p - 1 = -1`. It is largest for `a = 0` and least for `a = 1 - p`.
#[inline]
#[target_feature(enable = "avx512f")]
fn negative_div_2exp<F: Monty31>(a: __m512i, k: u32) -> __m512i {
    debug_assert!(k <= F::TWO_ADICITY);
    let low = _mm512_and_si512(a, _mm512_set1_epi32((1 << k) - 1));
    let high = _mm512_sra_epi32(a, _mm_cvtsi32_si128(k as i32));
    let factor = F::ODD_PART << (F::TWO_ADICITY - k);
    let multiple = _mm512_mullo_epi32(low, _mm512_set1_epi32(factor as i32));
    _mm512_sub_epi32(high, multiple)
}

/// The places `i / 2^k`, at place `k`.
const PLACES: [[u32; 16]; 5] = {
    let mut places = [[0; 16]; 5];
    let mut i = 0;
    while i < 80 {
        places[i / 16][i % 16] = ((i % 16) >> (i / 16)) as u32;
        i += 1;
    }
    places
};

/// # Safety
/// `from` has `16 / times` words.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn repeated(from: &[u32], times: usize) -> __m512i {
    let mask = (u32::MAX >> (32 - 16 / times)) as u16;
    // SAFETY: the caller's promise; what the mask leaves out is not read.
    let words = unsafe { _mm512_maskz_loadu_epi32(mask, from.as_ptr().cast()) };
    let places = PLACES[times.ilog2() as usize];
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
    let low = [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23];
    let high = [8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31];
    (
        _mm512_permutex2var_epi32(a, register32(low), b),
        _mm512_permutex2var_epi32(a, register32(high), b),
    )
}

#[inline]
#[target_feature(enable = "avx512f")]
fn unzip(a: __m512i, b: __m512i) -> (__m512i, __m512i) {
    let even = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30];
    let odd = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31];
    (
        _mm512_permutex2var_epi32(a, register32(even), b),
        _mm512_permutex2var_epi32(a, register32(odd), b),
    )
}
