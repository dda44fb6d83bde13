//! Finite fields: BN254's scalar field [`Fr`], base field [`Fq`] and its quadratic extension
//! [`Fq2`]; and the word-sized fields of STARKs, in [`small`].
//!
//! A prime-field element is `#[repr(transparent)]` over its little-endian 64-bit limbs, in
//! **Montgomery form** with `R = 2^(64 N)`, and always fully reduced, so equality of bytes is
//! equality of elements. A **canonical** integer has the type [`Int`]; the two are never told apart
//! by a flag. A new prime field is one [`prime_field!`](self) declaration, and its tests are one line
//! (`tests/fields.rs`).
//!
//! Sums and products are written without branches on values; the time of [`Field::inverse`],
//! [`Field::pow`] and [`Field::sqrt`] depends on them.

pub(crate) mod arch;
mod arkworks;
mod batch;
mod int;
mod inverse;
mod lazy;
mod limbs;
mod measure;
mod mont;
mod prime;
mod quadratic;
mod sqrt;
mod wide;

pub mod bn254;
pub mod small;

use core::fmt::{Debug, Display};
use core::hash::Hash;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use bytemuck::Pod;
use zeroize::DefaultIsZeroes;

pub use batch::{batch_inverse, batch_inverse_serial};
pub use bn254::{Fq, Fq2, Fr};
pub use int::Int;
pub(crate) use lazy::Lazy;
pub use measure::product_nanoseconds;

/// A field: what curves, transforms and matrices need of their coefficients.
///
/// Implementors are plain data ([`Pod`]): `Copy`, without padding, valid for any bytes as far as
/// memory safety goes. Bytes from outside must still be checked for being reduced
/// ([`Field::is_reduced`]).
pub trait Field:
    Pod
    + DefaultIsZeroes
    + Eq
    + Hash
    + Debug
    + Display
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Sum
{
    /// The neutral element of addition; all its bytes are zero.
    const ZERO: Self;
    /// The neutral element of multiplication.
    const ONE: Self;
    /// The length of [`Field::write_canonical`], in bytes.
    const BYTES: usize;

    /// Whether this is zero.
    fn is_zero(&self) -> bool;
    /// `2 a`.
    fn double(&self) -> Self;
    /// `a^2`.
    fn square(&self) -> Self;
    /// `a^-1`, or `None` for zero. Time depends on the value.
    fn inverse(&self) -> Option<Self>;
    /// A square root, or `None` for a non-residue. Time depends on the value.
    fn sqrt(&self) -> Option<Self>;
    /// Whether the limbs are below the modulus, as every visible element's must be.
    fn is_reduced(&self) -> bool;
    /// Whether all of them are: for most, a look at the highest limb.
    fn all_reduced(elements: &[Self]) -> bool {
        elements.iter().all(Self::is_reduced)
    }
    /// Whether the canonical value is larger than that of `-a`; extension fields compare their
    /// highest coefficient first. This picks a square root in compressed points.
    fn is_lexicographically_largest(&self) -> bool;
    /// Writes the canonical value as [`Field::BYTES`] little-endian bytes, an extension's lowest
    /// coefficient first.
    ///
    /// # Panics
    /// If `out` is not [`Field::BYTES`] long.
    fn write_canonical(&self, out: &mut [u8]);
    /// Reads what [`Field::write_canonical`] wrote; `None` for a value that is not below the
    /// modulus or a slice of another length.
    fn read_canonical(bytes: &[u8]) -> Option<Self>;

    /// Replaces every element by its inverse with one inversion; zeros stay zeros. On the calling thread, on
    /// vectors where the field has them.
    fn invert_all(elements: &mut [Self]) {
        batch_inverse_serial(elements, &mut vec![Self::ZERO; elements.len()]);
    }

    /// `a^e` for little-endian limbs `e`, by square and multiply. Time depends on `e`.
    fn pow(&self, exp: &[u64]) -> Self {
        let mut acc = Self::ONE;
        // From the highest bit on: indices of rows are short, and ONE squared is ONE.
        let bits = match exp.iter().rposition(|&limb| limb != 0) {
            Some(last) => 64 * (last + 1) - exp[last].leading_zeros() as usize,
            None => 0,
        };
        for bit in (0..bits).rev() {
            acc = acc.square();
            if (exp[bit / 64] >> (bit % 64)) & 1 == 1 {
                acc *= *self;
            }
        }
        acc
    }
}

/// A prime field with a 2-adic multiplicative subgroup.
pub trait PrimeField:
    Field + lazy::LazyArithmetic + arch::Modulus + From<u64> + From<Self::Canonical>
{
    /// The canonical integers of this field: [`Int`] with the field's number of limbs.
    type Canonical: Copy + Eq + Ord + Debug + Display + Send + Sync + Pod + AsRef<[u64]>;

    /// The modulus.
    const MODULUS: Self::Canonical;
    /// Bits of the modulus.
    const BITS: u32;
    /// The largest `k` such that `2^k` divides `p - 1`.
    const TWO_ADICITY: u32;
    /// A generator of the multiplicative group.
    const GENERATOR: Self;
    /// `GENERATOR^((p - 1) / 2^TWO_ADICITY)`: a primitive root of unity of order `2^TWO_ADICITY`.
    const ROOT_OF_UNITY: Self;

    /// The integer in `[0, p)` that this element stands for.
    fn to_canonical(&self) -> Self::Canonical;
    /// The element of an integer below `p`; `None` for others.
    fn from_canonical(value: Self::Canonical) -> Option<Self>;
    /// A uniform element from the operating system's generator, by rejection.
    ///
    /// # Errors
    /// [`Error::Entropy`](crate::Error::Entropy) when the system has none to give.
    fn random() -> crate::Result<Self>;

    /// A primitive root of unity of order `2^log_n`, or `None` beyond the field's 2-adicity.
    fn root_of_unity(log_n: u32) -> Option<Self> {
        let squarings = Self::TWO_ADICITY.checked_sub(log_n)?;
        Some((0..squarings).fold(Self::ROOT_OF_UNITY, |w, _| w.square()))
    }
}
