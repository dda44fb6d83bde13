//! The same values in both libraries' types.

use p3_field::extension::BinomialExtensionField;
use p3_field::{BasedVectorSpace, ExtensionField, PrimeField64, TwoAdicField};
use p3_matrix::dense::RowMajorMatrix;
use zkiln::field::small::{self, Extension, SmallField};
use zkiln::poly::Columns;

use crate::rows;

/// A type of zkiln that has a counterpart in Plonky3.
///
/// Both sides are the same mathematical value. Elements of the fields below `2^31` are the same words,
/// so that the conversion of a vector of them moves no memory; Plonky3's Goldilocks may be above the
/// modulus and is reduced.
pub trait Plonky3: Sized {
    /// The counterpart.
    type P3;

    /// This value as Plonky3's.
    fn to_p3(self) -> Self::P3;

    /// Plonky3's value as zkiln's.
    fn from_p3(value: Self::P3) -> Self;
}

/// A field of zkiln that Plonky3 has too.
pub trait Plonky3Field:
    SmallField<Challenge: Plonky3<P3 = Self::P3Challenge>> + Plonky3<P3 = Self::P3Field>
{
    /// Plonky3's type of the field.
    type P3Field: TwoAdicField + PrimeField64;
    /// Plonky3's type of the extension of challenges.
    type P3Challenge: ExtensionField<Self::P3Field> + TwoAdicField;
}

macro_rules! monty31 {
    ($F:ty, $P3:ty) => {
        impl Plonky3 for $F {
            type P3 = $P3;

            #[inline(always)]
            fn to_p3(self) -> $P3 {
                // SAFETY: both are `repr(transparent)` over a `u32`, the element in Montgomery form
                // with R = 2^32, below the modulus.
                unsafe { core::mem::transmute::<u32, $P3>(self.to_montgomery()) }
            }

            #[inline(always)]
            fn from_p3(value: $P3) -> Self {
                // SAFETY: as above.
                let word = unsafe { core::mem::transmute::<$P3, u32>(value) };
                // The branch is never taken, and the compiler keeps it; a comparison an element.
                Self::from_montgomery(word).expect("a word of Plonky3 is below the modulus")
            }
        }

        impl Plonky3Field for $F {
            type P3Field = $P3;
            type P3Challenge = BinomialExtensionField<$P3, 4>;
        }
    };
}
monty31!(small::KoalaBear, p3_koala_bear::KoalaBear);
monty31!(small::BabyBear, p3_baby_bear::BabyBear);

impl Plonky3 for small::Goldilocks {
    type P3 = p3_goldilocks::Goldilocks;

    #[inline(always)]
    fn to_p3(self) -> Self::P3 {
        Self::P3::new(self.to_u64())
    }

    #[inline(always)]
    fn from_p3(value: Self::P3) -> Self {
        Self::from_u64(value.as_canonical_u64())
    }
}

impl Plonky3Field for small::Goldilocks {
    type P3Field = p3_goldilocks::Goldilocks;
    type P3Challenge = BinomialExtensionField<p3_goldilocks::Goldilocks, 2>;
}

/// By coefficients, that of `1` first.
impl<F, const D: usize> Plonky3 for Extension<F, D>
where
    F: Plonky3Field,
    BinomialExtensionField<F::P3Field, D>: BasedVectorSpace<F::P3Field>,
{
    type P3 = BinomialExtensionField<F::P3Field, D>;

    #[inline(always)]
    fn to_p3(self) -> Self::P3 {
        Self::P3::from_basis_coefficients_fn(|i| self.0[i].to_p3())
    }

    #[inline(always)]
    fn from_p3(value: Self::P3) -> Self {
        let coefficients: &[F::P3Field] = value.as_basis_coefficients_slice();
        Self(core::array::from_fn(|i| F::from_p3(coefficients[i])))
    }
}

/// A digest's word of Keccak: the same type on both sides.
impl Plonky3 for u64 {
    type P3 = u64;

    fn to_p3(self) -> u64 {
        self
    }
    fn from_p3(value: u64) -> u64 {
        value
    }
}

/// Digests.
impl<T: Plonky3, const N: usize> Plonky3 for [T; N] {
    type P3 = [T::P3; N];

    #[inline(always)]
    fn to_p3(self) -> Self::P3 {
        self.map(T::to_p3)
    }
    #[inline(always)]
    fn from_p3(value: Self::P3) -> Self {
        value.map(T::from_p3)
    }
}

/// In place where the elements have the same size.
impl<T: Plonky3> Plonky3 for Vec<T> {
    type P3 = Vec<T::P3>;

    fn to_p3(self) -> Self::P3 {
        self.into_iter().map(T::to_p3).collect()
    }
    fn from_p3(value: Self::P3) -> Self {
        value.into_iter().map(T::from_p3).collect()
    }
}

/// What may be absent.
impl<T: Plonky3> Plonky3 for Option<T> {
    type P3 = Option<T::P3>;

    fn to_p3(self) -> Self::P3 {
        self.map(T::to_p3)
    }
    fn from_p3(value: Self::P3) -> Self {
        value.map(T::from_p3)
    }
}

/// Traces: a transposition, parallel.
///
/// # Panics
/// [`Plonky3::from_p3`] of a matrix without values: zkiln has none such.
impl<F: Plonky3Field> Plonky3 for Columns<F> {
    type P3 = RowMajorMatrix<F::P3Field>;

    fn to_p3(self) -> Self::P3 {
        rows::from_columns(&self)
    }
    fn from_p3(value: Self::P3) -> Self {
        rows::to_columns(&value)
    }
}
