//! Eight elements of Goldilocks.

use core::arch::x86_64::*;

use bytemuck::{Pod, Zeroable};

use super::super::{Factors, Goldilocks, SmallField, Vector};
use super::{mul_low, register64, vector_operators, words64};

/// Eight elements.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable, Pod)]
#[repr(transparent)]
pub(crate) struct Avx512Goldilocks([u64; 8]);

impl Avx512Goldilocks {
    #[inline(always)]
    fn register(self) -> __m512i {
        register64(self.0)
    }
    #[inline(always)]
    fn from_register(register: __m512i) -> Self {
        Self(words64(register))
    }
}

/// Factors, and their high halves in the low places.
#[derive(Clone, Copy)]
pub(crate) struct Multiplier {
    factor: __m512i,
    high: __m512i,
}

vector_operators!([] Avx512Goldilocks, add, sub, mul, neg);

impl Vector for Avx512Goldilocks {
    type Element = Goldilocks;
    type Multiplier = Multiplier;
    type Factor = Goldilocks;
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(element: Goldilocks) -> Self {
        Self([element.to_u64(); 8])
    }
    #[inline(always)]
    fn repeated(table: &Factors<Goldilocks>, first: usize, times: usize) -> Multiplier {
        let words: &[u64] = bytemuck::cast_slice(&table[first..][..8 / times]);
        // SAFETY: only kernels on a processor with AVX-512 make such vectors; `words` is as long.
        let factor = unsafe { repeated(words, times) };
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        let high = unsafe { high_half(factor) };
        Multiplier { factor, high }
    }
    #[inline(always)]
    fn factor(element: Goldilocks) -> Goldilocks {
        element
    }
    #[inline(always)]
    fn spread(factor: Goldilocks) -> Multiplier {
        let word = factor.to_u64();
        Multiplier {
            factor: register64([word; 8]),
            high: register64([word >> 32; 8]),
        }
    }
    #[inline(always)]
    fn times(self, factor: Multiplier) -> Self {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        Self::from_register(unsafe { times(self.register(), factor) })
    }
    #[inline(always)]
    fn double(self) -> Self {
        self + self
    }
    #[inline(always)]
    fn sbox<const DEGREE: u32>(self, constant: Goldilocks) -> Self {
        const { assert!(DEGREE == 3 || DEGREE == 7) };
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        Self::from_register(unsafe { sbox(self.register(), constant.to_u64(), DEGREE) })
    }
    #[inline(always)]
    fn sboxes<const DEGREE: u32>(x: [Self; 4], constants: [Goldilocks; 4]) -> [Self; 4] {
        const { assert!(DEGREE == 3 || DEGREE == 7) };
        let mut sums = [x[0].register(); 4];
        for i in 0..4 {
            // SAFETY: only kernels on a processor with AVX-512 make such vectors.
            sums[i] = unsafe { add_word(x[i].register(), constants[i].to_u64()) };
        }
        let squares = products(&sums, &sums);
        let cubes = products(&squares, &sums);
        let powers = match DEGREE {
            3 => cubes,
            _ => products(&products(&squares, &squares), &cubes),
        };
        let mut results = x;
        for i in 0..4 {
            // SAFETY: as above.
            results[i] = Self::from_register(unsafe { reduce_once(powers[i]) });
        }
        results
    }
    #[inline(always)]
    fn div_2exp(self, k: u32) -> Self {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        Self::from_register(unsafe { div_2exp(self.register(), k) })
    }
    #[inline(always)]
    fn interleave(self, other: Self, block: usize) -> (Self, Self) {
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        let (a, b) = unsafe { interleave(self.register(), other.register(), block) };
        (Self::from_register(a), Self::from_register(b))
    }
    #[inline(always)]
    fn zip(self, other: Self) -> (Self, Self) {
        let low = [0, 8, 1, 9, 2, 10, 3, 11];
        let high = [4, 12, 5, 13, 6, 14, 7, 15];
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        let (a, b) = unsafe { select(self.register(), other.register(), low, high) };
        (Self::from_register(a), Self::from_register(b))
    }
    #[inline(always)]
    fn unzip(self, other: Self) -> (Self, Self) {
        let even = [0, 2, 4, 6, 8, 10, 12, 14];
        let odd = [1, 3, 5, 7, 9, 11, 13, 15];
        // SAFETY: only kernels on a processor with AVX-512 make such vectors.
        let (a, b) = unsafe { select(self.register(), other.register(), even, odd) };
        (Self::from_register(a), Self::from_register(b))
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn modulus() -> __m512i {
    _mm512_set1_epi64(Goldilocks::MODULUS as i64)
}

/// `2^64 mod p`.
#[inline]
#[target_feature(enable = "avx512f")]
fn epsilon() -> __m512i {
    _mm512_set1_epi64(0xffff_ffff)
}

/// `x mod p` for any words: of `x` and `x - p` the one that did not wrap is the smaller.
#[inline]
#[target_feature(enable = "avx512f")]
fn reduce_once(x: __m512i) -> __m512i {
    _mm512_min_epu64(x, _mm512_sub_epi64(x, modulus()))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(a: __m512i, b: __m512i) -> __m512i {
    // a - (p - b), which cannot overflow the way a + b can.
    sub(a, _mm512_sub_epi64(modulus(), b))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn sub(a: __m512i, b: __m512i) -> __m512i {
    let difference = _mm512_sub_epi64(a, b);
    let borrow = _mm512_cmplt_epu64_mask(a, b);
    _mm512_mask_add_epi64(difference, borrow, difference, modulus())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn neg(a: __m512i) -> __m512i {
    reduce_once(_mm512_sub_epi64(modulus(), a))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn mul(a: __m512i, b: __m512i) -> __m512i {
    let high = high_half(b);
    times(a, Multiplier { factor: b, high })
}

/// The high halves, in the low places.
#[inline]
#[target_feature(enable = "avx512f")]
fn high_half(a: __m512i) -> __m512i {
    _mm512_shuffle_epi32::<0xf5>(a)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn times(a: __m512i, w: Multiplier) -> __m512i {
    let (low, high) = wide_product(a, w);
    reduce_fully(low, high)
}

/// A word congruent to `a b`, for any words.
#[inline]
#[target_feature(enable = "avx512f")]
fn product(a: __m512i, b: __m512i) -> __m512i {
    let high = high_half(b);
    let (low, high) = wide_product(a, Multiplier { factor: b, high });
    reduce_wide(low, high)
}

/// The two words of a product of any words.
#[inline]
#[target_feature(enable = "avx512f")]
fn wide_product(a: __m512i, w: Multiplier) -> (__m512i, __m512i) {
    let a_high = high_half(a);
    assemble(
        mul_low(a, w.factor),
        mul_low(a, w.high),
        mul_low(a_high, w.factor),
        mul_low(a_high, w.high),
    )
}

/// A word congruent to `a^2`, for any word.
#[inline]
#[target_feature(enable = "avx512f")]
fn square(a: __m512i) -> __m512i {
    let a_high = high_half(a);
    let cross = mul_low(a, a_high);
    let (low, high) = assemble(mul_low(a, a), cross, cross, mul_low(a_high, a_high));
    reduce_wide(low, high)
}

/// The two words of a product, from the products of the factors' halves.
#[inline]
#[target_feature(enable = "avx512f")]
fn assemble(
    low_low: __m512i,
    low_high: __m512i,
    high_low: __m512i,
    high_high: __m512i,
) -> (__m512i, __m512i) {
    let (middle, cross) = middle_and_cross(low_low, low_high, high_low);
    words(low_low, middle, cross, high_high)
}

/// What is carried from the low halves; neither sum overflows: `(2^32 - 1)^2 + 2 (2^32 - 1) < 2^64`.
#[inline]
#[target_feature(enable = "avx512f")]
fn middle_and_cross(low_low: __m512i, low_high: __m512i, high_low: __m512i) -> (__m512i, __m512i) {
    let middle = _mm512_add_epi64(high_low, _mm512_srli_epi64::<32>(low_low));
    let cross = _mm512_add_epi64(low_high, _mm512_and_si512(middle, epsilon()));
    (middle, cross)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn words(
    low_low: __m512i,
    middle: __m512i,
    cross: __m512i,
    high_high: __m512i,
) -> (__m512i, __m512i) {
    let high = _mm512_add_epi64(
        _mm512_add_epi64(high_high, _mm512_srli_epi64::<32>(middle)),
        _mm512_srli_epi64::<32>(cross),
    );
    (low_halves(low_low, cross), high)
}

/// [`product`] of four pairs. Step by step for all of them, because the processor does not look far
/// enough ahead to do so itself.
#[inline(always)]
fn products(a: &[__m512i; 4], b: &[__m512i; 4]) -> [__m512i; 4] {
    let (mut low_low, mut low_high, mut high_low, mut high_high) = (*a, *a, *a, *a);
    for i in 0..4 {
        // SAFETY: only kernels on a processor with AVX-512 call this.
        let a_high = unsafe { high_half(a[i]) };
        // SAFETY: as above.
        let b_high = unsafe { high_half(b[i]) };
        // SAFETY: as above.
        low_low[i] = unsafe { mul_low(a[i], b[i]) };
        // SAFETY: as above.
        low_high[i] = unsafe { mul_low(a[i], b_high) };
        // SAFETY: as above.
        high_low[i] = unsafe { mul_low(a_high, b[i]) };
        // SAFETY: as above.
        high_high[i] = unsafe { mul_low(a_high, b_high) };
    }
    for i in 0..4 {
        // SAFETY: as above.
        (high_low[i], low_high[i]) =
            unsafe { middle_and_cross(low_low[i], low_high[i], high_low[i]) };
    }
    for i in 0..4 {
        // SAFETY: as above.
        (low_low[i], high_high[i]) =
            unsafe { words(low_low[i], high_low[i], low_high[i], high_high[i]) };
    }
    for i in 0..4 {
        // SAFETY: as above.
        (low_low[i], high_high[i]) = unsafe { fold(low_low[i], high_high[i]) };
    }
    for i in 0..4 {
        // SAFETY: as above.
        low_low[i] = unsafe { add_words(low_low[i], high_high[i]) };
    }
    low_low
}

/// Words of the low halves of both.
///
/// Not the intrinsic, of which the compiler makes a permutation of two registers: that is as dear as a
/// product.
#[inline]
#[target_feature(enable = "avx512f")]
fn low_halves(low: __m512i, high: __m512i) -> __m512i {
    let high_places: __mmask16 = 0xaaaa;
    let mut halves = low;
    // SAFETY: one instruction of the target feature, from registers to a register.
    unsafe {
        core::arch::asm!(
            "vmovsldup {halves}{{{high_places}}}, {high}",
            halves = inout(zmm_reg) halves,
            high_places = in(kreg) high_places,
            high = in(zmm_reg) high,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    halves
}

/// A word congruent to `low + 2^64 high`.
#[inline]
#[target_feature(enable = "avx512f")]
fn reduce_wide(low: __m512i, high: __m512i) -> __m512i {
    let (t, multiple) = fold(low, high);
    add_words(t, multiple)
}

/// A word congruent to the sum of two words of which one is below `p`.
#[inline]
#[target_feature(enable = "avx512f")]
fn add_words(a: __m512i, b: __m512i) -> __m512i {
    let sum = _mm512_add_epi64(a, b);
    let carry = _mm512_cmplt_epu64_mask(sum, a);
    _mm512_mask_add_epi64(sum, carry, sum, epsilon())
}

/// A word congruent to the sum of a word and an element.
#[inline]
#[target_feature(enable = "avx512f")]
fn add_word(a: __m512i, element: u64) -> __m512i {
    add_words(a, _mm512_set1_epi64(element as i64))
}

/// `low + 2^64 high mod p`. The sum of the two parts is below `2p`, so `p` is to be subtracted once at
/// most: where `t` is less than `p` without the other part it is not.
#[inline]
#[target_feature(enable = "avx512f")]
fn reduce_fully(low: __m512i, high: __m512i) -> __m512i {
    let (t, multiple) = fold(low, high);
    sub(t, _mm512_sub_epi64(modulus(), multiple))
}

/// Any word and one of at most `(2^32 - 1)^2` whose sum is congruent to `low + 2^64 high`: with the
/// halves `b + c 2^32` of `high` the powers of two are `2^32 - 1` and `-1`.
#[inline]
#[target_feature(enable = "avx512f")]
fn fold(low: __m512i, high: __m512i) -> (__m512i, __m512i) {
    let c = _mm512_srli_epi64::<32>(high);
    let borrow = _mm512_cmplt_epu64_mask(low, c);
    let difference = _mm512_sub_epi64(low, c);
    let t = _mm512_mask_sub_epi64(difference, borrow, difference, epsilon());
    (t, mul_low(high, epsilon()))
}

/// `(a + c)^3` or `(a + c)^7`, with one reduction at the end.
#[inline]
#[target_feature(enable = "avx512f")]
fn sbox(a: __m512i, constant: u64, degree: u32) -> __m512i {
    let x = add_word(a, constant);
    let squared = square(x);
    let cube = product(squared, x);
    reduce_once(match degree {
        3 => cube,
        _ => product(square(squared), cube),
    })
}

/// With `a = h 2^k + l` this is `h - l (p - 1) / 2^k`, for `p - 1 = -1`; `(p - 1) / 2^k` is
/// `2^(64-k) - 2^(32-k)`.
#[inline]
#[target_feature(enable = "avx512f")]
fn div_2exp(a: __m512i, k: u32) -> __m512i {
    debug_assert!(0 < k && k <= 32);
    let shift = |bits: u32| _mm_cvtsi64_si128(i64::from(bits));
    let low = _mm512_and_si512(a, _mm512_set1_epi64((1 << k) - 1));
    let high = _mm512_srl_epi64(a, shift(k));
    let multiple = _mm512_sub_epi64(
        _mm512_sll_epi64(low, shift(64 - k)),
        _mm512_sll_epi64(low, shift(32 - k)),
    );
    sub(high, multiple)
}

/// The places `i / 2^k`, at place `k`.
const PLACES: [[u64; 8]; 4] = {
    let mut places = [[0; 8]; 4];
    let mut i = 0;
    while i < 32 {
        places[i / 8][i % 8] = ((i % 8) >> (i / 8)) as u64;
        i += 1;
    }
    places
};

/// # Safety
/// `from` has `8 / times` words.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn repeated(from: &[u64], times: usize) -> __m512i {
    let mask = (u32::MAX >> (32 - 8 / times)) as u8;
    // SAFETY: the caller's promise; what the mask leaves out is not read.
    let words = unsafe { _mm512_maskz_loadu_epi64(mask, from.as_ptr().cast()) };
    let places = PLACES[times.ilog2() as usize];
    _mm512_permutexvar_epi64(register64(places), words)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn interleave(a: __m512i, b: __m512i, block: usize) -> (__m512i, __m512i) {
    match block {
        4 => (
            _mm512_shuffle_i64x2::<0x44>(a, b),
            _mm512_shuffle_i64x2::<0xee>(a, b),
        ),
        2 => select(
            a,
            b,
            [0, 1, 8, 9, 4, 5, 12, 13],
            [2, 3, 10, 11, 6, 7, 14, 15],
        ),
        1 => (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)),
        _ => unreachable!("a block is 1, 2 or 4 lanes"),
    }
}

/// Two selections from the lanes of `a`, numbered from 0, and `b`, numbered from 8.
#[inline]
#[target_feature(enable = "avx512f")]
fn select(a: __m512i, b: __m512i, first: [u64; 8], second: [u64; 8]) -> (__m512i, __m512i) {
    (
        _mm512_permutex2var_epi64(a, register64(first), b),
        _mm512_permutex2var_epi64(a, register64(second), b),
    )
}
