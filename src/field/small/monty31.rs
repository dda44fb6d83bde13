//! Prime fields below `2^31`, in Montgomery form with `R = 2^32`.

use super::vector::{Kernel, Vectors};
use super::{Binomial, Extension, SmallField, small_field_operators, sqrt};
use crate::field::Field;

/// What the vectors need to know of a field in Montgomery form on 32-bit words.
pub(super) trait Monty31: SmallField {
    /// The modulus.
    const P: u32;
    /// `1 / p mod 2^32`.
    const P_INVERSE: u32;
    /// `(p - 1) / 2^TWO_ADICITY`.
    const ODD_PART: u32;
}

/// `x / 2^32 mod p`, reduced, for `x < 2^32 p`; `inverse` is `1 / p mod 2^32`.
///
/// With `q = x / p mod 2^32` the low halves of `x` and `q p` agree, so the difference of the high
/// halves is exact; it lies between `-p` and `p`.
#[inline(always)]
const fn reduce(x: u64, p: u32, inverse: u32) -> u32 {
    let q = (x as u32).wrapping_mul(inverse);
    let multiple = ((q as u64 * p as u64) >> 32) as u32;
    reduce_signed(((x >> 32) as u32).wrapping_sub(multiple), p)
}

/// `d mod p` of a wrapped difference `-p <= d < p`: of `d` and `d + p` the one that did not wrap is the
/// smaller.
#[inline(always)]
const fn reduce_signed(d: u32, p: u32) -> u32 {
    let e = d.wrapping_add(p);
    if d < e { d } else { e }
}

/// `1 / p mod 2^32`, by Newton's iteration (each step doubles the correct bits).
const fn inverse_mod_2_32(p: u32) -> u32 {
    let mut x = 1u32;
    let mut i = 0;
    while i < 5 {
        x = x.wrapping_mul(2u32.wrapping_sub(p.wrapping_mul(x)));
        i += 1;
    }
    x
}

/// Declares a prime field below `2^31` from its modulus, a generator of its multiplicative group and
/// the number whose `D`-th root extends it.
macro_rules! monty31_field {
    (
        $(#[$doc:meta])*
        pub struct $F:ident;
        modulus = $modulus:literal;
        generator = $generator:literal;
        quartic = $w:literal;
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default, bytemuck::Zeroable, bytemuck::Pod)]
        #[repr(transparent)]
        pub struct $F(u32);

        impl $F {
            /// `R mod p`: the Montgomery form of one.
            const R: u32 = ((1u64 << 32) % $modulus) as u32;
            /// `R^2 mod p`: multiplying by it converts into Montgomery form.
            const R2: u32 = (Self::R as u64 * Self::R as u64 % $modulus) as u32;

            /// The element of an integer, taken modulo `p`; usable in constants.
            pub const fn from_u64(value: u64) -> Self {
                Self((value % $modulus) as u32).times(Self(Self::R2))
            }

            /// The element of Montgomery form `word / 2^32 mod p`; `None` if it is not reduced.
            pub const fn from_montgomery(word: u32) -> Option<Self> {
                if word < $modulus { Some(Self(word)) } else { None }
            }

            /// The Montgomery form `a 2^32 mod p`.
            pub const fn to_montgomery(self) -> u32 {
                self.0
            }

            #[inline(always)]
            const fn times(self, rhs: Self) -> Self {
                Self(reduce(self.0 as u64 * rhs.0 as u64, Self::P, Self::P_INVERSE))
            }

            const fn power(self, mut e: u32) -> Self {
                let (mut base, mut acc) = (self, Self(Self::R));
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

        const _: () = assert!($modulus < 1u64 << 31 && $modulus % 2 == 1);

        impl Monty31 for $F {
            const P: u32 = $modulus;
            const P_INVERSE: u32 = inverse_mod_2_32($modulus);
            const ODD_PART: u32 = ($modulus - 1) >> Self::TWO_ADICITY;
        }

        impl Field for $F {
            const ZERO: Self = Self(0);
            const ONE: Self = Self(Self::R);
            const BYTES: usize = 4;

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
                (self.0 != 0).then(|| self.power(Self::P - 2))
            }
            fn sqrt(&self) -> Option<Self> {
                sqrt::sqrt(*self, u128::from(Self::P) - 1, Self::GENERATOR)
            }
            #[inline(always)]
            fn is_reduced(&self) -> bool {
                self.0 < Self::P
            }
            fn is_lexicographically_largest(&self) -> bool {
                self.to_u64() > u64::from(Self::P / 2)
            }
            fn write_canonical(&self, out: &mut [u8]) {
                out.copy_from_slice(&(self.to_u64() as u32).to_le_bytes());
            }
            fn read_canonical(bytes: &[u8]) -> Option<Self> {
                let word = u32::from_le_bytes(bytes.try_into().ok()?);
                Self::from_canonical(u64::from(word))
            }
        }

        impl SmallField for $F {
            const MODULUS: u64 = $modulus;
            const BITS: u32 = 64 - Self::MODULUS.leading_zeros();
            const TWO_ADICITY: u32 = (Self::MODULUS - 1).trailing_zeros();
            const GENERATOR: Self = Self::from_u64($generator);
            const ROOT_OF_UNITY: Self = Self::GENERATOR.power(Self::ODD_PART);

            type Challenge = Extension<Self, 4>;

            #[inline(always)]
            fn to_u64(&self) -> u64 {
                u64::from(reduce(u64::from(self.0), Self::P, Self::P_INVERSE))
            }
            #[inline(always)]
            fn from_canonical(value: u64) -> Option<Self> {
                (value < Self::MODULUS).then(|| Self::from_u64(value))
            }
            #[inline(always)]
            fn halve(&self) -> Self {
                self.div_2exp(1)
            }
            /// With `a = h 2^k + l` this is `h - l (p - 1) / 2^k`, for `p - 1 = -1`.
            #[inline(always)]
            fn div_2exp(&self, k: u32) -> Self {
                debug_assert!(k <= Self::TWO_ADICITY);
                let low = self.0 & ((1 << k) - 1);
                let multiple = low * (Self::ODD_PART << (Self::TWO_ADICITY - k));
                Self(reduce_signed((self.0 >> k).wrapping_sub(multiple), Self::P))
            }
        }

        impl Binomial<4> for $F {
            const W: Self = Self::from_u64($w);
            const ROOT: Self = Self::W.power((Self::P - 1) / 4);
        }

        impl Vectors for $F {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
            unsafe fn run_avx512<K: Kernel<Self>>(kernel: K) -> K::Output {
                kernel.run::<super::avx512::Avx512Monty31<Self>>()
            }
        }

        impl core::ops::Add for $F {
            type Output = Self;
            #[inline(always)]
            fn add(self, rhs: Self) -> Self {
                // a + b - p is between -p and p.
                Self(reduce_signed(self.0.wrapping_add(rhs.0).wrapping_sub(Self::P), Self::P))
            }
        }
        impl core::ops::Sub for $F {
            type Output = Self;
            #[inline(always)]
            fn sub(self, rhs: Self) -> Self {
                Self(reduce_signed(self.0.wrapping_sub(rhs.0), Self::P))
            }
        }
        impl core::ops::Mul for $F {
            type Output = Self;
            #[inline(always)]
            fn mul(self, rhs: Self) -> Self {
                self.times(rhs)
            }
        }
        impl core::ops::Neg for $F {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self(0) - self
            }
        }
        small_field_operators!($F);
    };
}

monty31_field! {
    /// The integers modulo `2^31 - 2^24 + 1`, with a multiplicative subgroup of order 2^24; `x^3` is a
    /// permutation. Montgomery form, `R = 2^32`.
    pub struct KoalaBear;
    modulus = 0x7f00_0001;
    generator = 3;
    quartic = 3;
}

monty31_field! {
    /// The integers modulo `2^31 - 2^27 + 1`, with a multiplicative subgroup of order 2^27; `x^7` is a
    /// permutation. Montgomery form, `R = 2^32`.
    pub struct BabyBear;
    modulus = 0x7800_0001;
    generator = 31;
    quartic = 11;
}
