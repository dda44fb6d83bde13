//! Fields that fit a machine word: [`KoalaBear`], [`BabyBear`] and [`Goldilocks`], the fields of
//! STARKs, with the extensions that challenges are drawn from.
//!
//! An element is `#[repr(transparent)]` over one word and always reduced, so equality of bytes is
//! equality of elements. The fields below `2^31` are in **Montgomery form** with `R = 2^32`;
//! Goldilocks is **canonical**. The bytes are those of the GPU's and of Plonky3's types.
//!
//! Many elements at a time go through vectors, whose width the processor decides at run time: see
//! `vector.rs`.

mod extension;
mod goldilocks;
mod monty31;
mod sqrt;
mod vector;

#[cfg(target_arch = "x86_64")]
mod avx512;

use super::Field;

pub use extension::{Binomial, Extension, ExtensionField};
pub use goldilocks::Goldilocks;
pub use monty31::{BabyBear, KoalaBear};
pub use vector::{Engine, Factors, Kernel, Lanes, Vector};

/// The quartic extension of [`KoalaBear`] by a root of `x^4 - 3`.
pub type KoalaBear4 = Extension<KoalaBear, 4>;
/// The quartic extension of [`BabyBear`] by a root of `x^4 - 11`.
pub type BabyBear4 = Extension<BabyBear, 4>;
/// The quadratic extension of [`Goldilocks`] by a root of `x^2 - 7`.
pub type Goldilocks2 = Extension<Goldilocks, 2>;

/// A prime field below `2^64` with a large 2-adic multiplicative subgroup.
///
/// Sealed: the vectors of each processor are written for each field.
pub trait SmallField: Field + From<u64> + vector::Vectors {
    /// The modulus `p`.
    const MODULUS: u64;
    /// Bits of the modulus.
    const BITS: u32;
    /// The largest `k` such that `2^k` divides `p - 1`.
    const TWO_ADICITY: u32;
    /// A generator of the multiplicative group.
    const GENERATOR: Self;
    /// `GENERATOR^((p - 1) / 2^TWO_ADICITY)`: a primitive root of unity of order `2^TWO_ADICITY`.
    const ROOT_OF_UNITY: Self;

    /// The extension whose elements are drawn as challenges: of at least 2^123 elements.
    type Challenge: ExtensionField<Base = Self>;

    /// The integer in `[0, p)` that this element stands for.
    fn to_u64(&self) -> u64;
    /// The element of an integer below `p`; `None` for others. `From<u64>` takes any integer modulo
    /// `p`.
    fn from_canonical(value: u64) -> Option<Self>;
    /// `a / 2`.
    fn halve(&self) -> Self;
    /// `a / 2^k`, for `k` up to the 2-adicity.
    fn div_2exp(&self, k: u32) -> Self;

    /// A primitive root of unity of order `2^log_n`, or `None` beyond the field's 2-adicity.
    fn root_of_unity(log_n: u32) -> Option<Self> {
        let squarings = Self::TWO_ADICITY.checked_sub(log_n)?;
        Some((0..squarings).fold(Self::ROOT_OF_UNITY, |w, _| w.square()))
    }

    /// A uniform element from the operating system's generator, by rejection.
    ///
    /// # Errors
    /// [`Error::Entropy`](crate::Error::Entropy) when the system has none to give.
    fn random() -> crate::Result<Self> {
        loop {
            let mut word = [0; 8];
            getrandom::fill(&mut word).map_err(|e| crate::Error::Entropy(e.to_string()))?;
            // Keep the modulus' own number of bits: at least half of the draws are kept.
            let draw = u64::from_le_bytes(word) >> (64 - Self::BITS);
            if let Some(element) = Self::from_canonical(draw) {
                return Ok(element);
            }
        }
    }
}

/// What every word-sized field has in common beside its arithmetic.
macro_rules! small_field_operators {
    ($F:ident) => {
        $crate::field::prime::assign_operators!($F);
        impl zeroize::DefaultIsZeroes for $F {}

        /// The integer modulo `p`; see [`SmallField::from_canonical`] for a checked conversion.
        impl From<u64> for $F {
            fn from(value: u64) -> Self {
                Self::from_u64(value)
            }
        }
        /// Decimal, canonical.
        impl core::fmt::Display for $F {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                SmallField::to_u64(self).fmt(f)
            }
        }
        /// Decimal, canonical.
        impl core::fmt::Debug for $F {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({})", stringify!($F), SmallField::to_u64(self))
            }
        }
    };
}

use small_field_operators;
