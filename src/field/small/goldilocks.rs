//! The field of `2^64 - 2^32 + 1` elements.

use super::vector::{Kernel, Vectors};
use super::{Binomial, Extension, SmallField, small_field_operators, sqrt};
use crate::field::Field;

/// The integers modulo `2^64 - 2^32 + 1`, with a multiplicative subgroup of order 2^32; `x^7` is a
/// permutation. Canonical: the word is the integer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(transparent)]
pub struct Goldilocks(u64);

/// The modulus.
const P: u64 = 0xffff_ffff_0000_0001;
/// `2^64 mod p = 2^32 - 1`.
const EPSILON: u64 = 0xffff_ffff;

impl Goldilocks {
    /// The element of an integer, taken modulo `p`; usable in constants.
    pub const fn from_u64(value: u64) -> Self {
        Self(reduce_once(value))
    }

    const fn times(self, rhs: Self) -> Self {
        Self(reduce_wide(self.0 as u128 * rhs.0 as u128))
    }

    const fn power(self, mut e: u64) -> Self {
        let (mut base, mut acc) = (self, Self(1));
        while e > 0 {
            if e & 1 == 1 {
                acc = acc.times(base);
            }
            base = base.times(base);
            e >>= 1;
        }
        acc
    }
}

/// `x mod p` for any word.
#[inline(always)]
const fn reduce_once(x: u64) -> u64 {
    // Below 2p; the smaller of x and x - p, which wraps if x < p.
    let y = x.wrapping_sub(P);
    if x < y { x } else { y }
}

/// `x mod p` for `x < p^2`: with `x = a + b 2^64 + c 2^96`, the powers of two are `2^32 - 1` and `-1`.
#[inline(always)]
const fn reduce_wide(x: u128) -> u64 {
    let (low, high) = (x as u64, (x >> 64) as u64);
    let (mut t, borrow) = low.overflowing_sub(high >> 32);
    // 2^64 = EPSILON: taking it back cannot wrap again, for t >= 2^64 - 2^32 then.
    t = t.wrapping_sub(EPSILON * borrow as u64);
    let (mut sum, carry) = t.overflowing_add((high & EPSILON) * EPSILON);
    sum = sum.wrapping_add(EPSILON * carry as u64);
    reduce_once(sum)
}

impl Field for Goldilocks {
    const ZERO: Self = Self(0);
    const ONE: Self = Self(1);
    const BYTES: usize = 8;

    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.0 == 0
    }
    #[inline(always)]
    fn double(&self) -> Self {
        *self + *self
    }
    #[inline(always)]
    fn square(&self) -> Self {
        *self * *self
    }
    fn inverse(&self) -> Option<Self> {
        (self.0 != 0).then(|| self.power(P - 2))
    }
    fn sqrt(&self) -> Option<Self> {
        sqrt::sqrt(*self, u128::from(P) - 1, Self::GENERATOR)
    }
    #[inline(always)]
    fn is_reduced(&self) -> bool {
        self.0 < P
    }
    fn is_lexicographically_largest(&self) -> bool {
        self.0 > P / 2
    }
    fn write_canonical(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.0.to_le_bytes());
    }
    fn read_canonical(bytes: &[u8]) -> Option<Self> {
        Self::from_canonical(u64::from_le_bytes(bytes.try_into().ok()?))
    }
}

impl SmallField for Goldilocks {
    const MODULUS: u64 = P;
    const BITS: u32 = 64;
    const TWO_ADICITY: u32 = 32;
    const GENERATOR: Self = Self(7);
    const ROOT_OF_UNITY: Self = Self(7).power((P - 1) >> 32);

    type Challenge = Extension<Self, 2>;

    #[inline(always)]
    fn to_u64(&self) -> u64 {
        self.0
    }
    #[inline(always)]
    fn from_canonical(value: u64) -> Option<Self> {
        (value < P).then_some(Self(value))
    }
    #[inline(always)]
    fn halve(&self) -> Self {
        self.div_2exp(1)
    }
    /// With `a = h 2^k + l` this is `h - l (p - 1) / 2^k`, for `p - 1 = -1`.
    #[inline(always)]
    fn div_2exp(&self, k: u32) -> Self {
        debug_assert!(k <= 32);
        let low = self.0 & ((1 << k) - 1);
        Self(self.0 >> k) - Self(low * ((P - 1) >> k))
    }
}

impl Binomial<2> for Goldilocks {
    const W: Self = Self(7);
    const ROOT: Self = Self(P - 1);
}

impl Vectors for Goldilocks {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn run_avx512<K: Kernel<Self>>(kernel: K) -> K::Output {
        kernel.run::<super::avx512::Avx512Goldilocks>()
    }
}

impl core::ops::Add for Goldilocks {
    type Output = Self;
    #[inline(always)]
    fn add(self, rhs: Self) -> Self {
        // a - (p - b), which cannot overflow the way a + b can.
        let (difference, borrow) = self.0.overflowing_sub(P - rhs.0);
        Self(difference.wrapping_add(P * borrow as u64))
    }
}
impl core::ops::Sub for Goldilocks {
    type Output = Self;
    #[inline(always)]
    #[allow(clippy::suspicious_arithmetic_impl)] // p is added where there was a borrow
    fn sub(self, rhs: Self) -> Self {
        let (difference, borrow) = self.0.overflowing_sub(rhs.0);
        Self(difference.wrapping_add(P * borrow as u64))
    }
}
impl core::ops::Mul for Goldilocks {
    type Output = Self;
    #[inline(always)]
    fn mul(self, rhs: Self) -> Self {
        self.times(rhs)
    }
}
impl core::ops::Neg for Goldilocks {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(0) - self
    }
}
small_field_operators!(Goldilocks);
