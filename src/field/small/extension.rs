//! Extensions by a root of `x^D - W`.

use bytemuck::{Pod, Zeroable};

use super::{SmallField, sqrt};
use crate::field::Field;

/// A field with an irreducible polynomial `x^D - W`.
pub trait Binomial<const D: usize>: SmallField {
    /// The constant term: no `D`-th power.
    const W: Self;
    /// `W^((p - 1) / D)`, a primitive `D`-th root of unity: what the `p`-th power multiplies `x` by.
    const ROOT: Self;
}

/// A field that contains a [`SmallField`], as a vector space with a basis `1, x, ..., x^(D-1)`.
pub trait ExtensionField:
    Field + From<Self::Base> + core::ops::Mul<Self::Base, Output = Self>
{
    /// The field below.
    type Base: SmallField;
    /// The dimension `D`.
    const DEGREE: usize;
    /// The constant `W` of `x^D - W`.
    const W: Self::Base;

    /// The coefficients, that of `1` first.
    fn coefficients(&self) -> &[Self::Base];
    /// The element of [`ExtensionField::DEGREE`] coefficients, that of `1` first; `None` for another
    /// number of them.
    fn from_coefficients(coefficients: &[Self::Base]) -> Option<Self>;
    /// The `p`-th power, for which the coefficients in the base stay what they are.
    fn frobenius(&self) -> Self;
}

/// `F[x] / (x^D - W)`: the coefficients, that of `1` first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Extension<F, const D: usize>(pub [F; D]);

// SAFETY: an array of `D` values, for each of which all zeros is a value.
unsafe impl<F: Zeroable, const D: usize> Zeroable for Extension<F, D> {}
// SAFETY: transparent over an array of plain data, so without padding and valid for any bytes.
unsafe impl<F: Pod, const D: usize> Pod for Extension<F, D> {}

impl<F: Binomial<D>, const D: usize> Extension<F, D> {
    /// The number of elements but zero.
    const UNITS: u128 = {
        let mut order = 1u128;
        let mut i = 1;
        while i < D {
            order *= F::MODULUS as u128;
            i += 1;
        }
        // p^D - 1, without overflow for p^D up to 2^128.
        order * (F::MODULUS as u128 - 1) + (order - 1)
    };

    /// The other conjugates' product, and the product of all, which is in the base.
    fn conjugates(&self) -> (Self, F) {
        let mut conjugate = *self;
        let mut others = Self::ONE;
        for _ in 1..D {
            conjugate = conjugate.frobenius();
            others *= conjugate;
        }
        (others, (others * *self).0[0])
    }
}

impl<F: Binomial<D>, const D: usize> Field for Extension<F, D> {
    const ZERO: Self = Self([F::ZERO; D]);
    const ONE: Self = {
        let mut coefficients = [F::ZERO; D];
        coefficients[0] = F::ONE;
        Self(coefficients)
    };
    const BYTES: usize = D * F::BYTES;

    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.0.iter().all(F::is_zero)
    }
    #[inline(always)]
    fn double(&self) -> Self {
        Self(self.0.map(|c| c.double()))
    }
    #[inline(always)]
    fn square(&self) -> Self {
        *self * *self
    }
    /// The product of the other conjugates over that of all (Itoh and Tsujii, 1988).
    fn inverse(&self) -> Option<Self> {
        let (others, norm) = self.conjugates();
        Some(others * norm.inverse()?)
    }
    fn sqrt(&self) -> Option<Self> {
        // The norm of x is W or -W, no square of the base, so x is no square here: D is even and -1 is a
        // square.
        let mut x = [F::ZERO; D];
        x[1] = F::ONE;
        sqrt::sqrt(*self, Self::UNITS, Self(x))
    }
    #[inline(always)]
    fn is_reduced(&self) -> bool {
        self.0.iter().all(F::is_reduced)
    }
    fn is_lexicographically_largest(&self) -> bool {
        let highest = self.0.iter().rev().find(|c| !c.is_zero());
        highest.is_some_and(F::is_lexicographically_largest)
    }
    fn write_canonical(&self, out: &mut [u8]) {
        assert_eq!(out.len(), Self::BYTES, "as many bytes as an element has");
        for (c, bytes) in self.0.iter().zip(out.chunks_exact_mut(F::BYTES)) {
            c.write_canonical(bytes);
        }
    }
    fn read_canonical(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != Self::BYTES {
            return None;
        }
        let mut coefficients = [F::ZERO; D];
        for (c, bytes) in coefficients.iter_mut().zip(bytes.chunks_exact(F::BYTES)) {
            *c = F::read_canonical(bytes)?;
        }
        Some(Self(coefficients))
    }
}

impl<F: Binomial<D>, const D: usize> ExtensionField for Extension<F, D> {
    type Base = F;
    const DEGREE: usize = D;
    const W: F = F::W;

    #[inline(always)]
    fn coefficients(&self) -> &[F] {
        &self.0
    }
    fn from_coefficients(coefficients: &[F]) -> Option<Self> {
        coefficients.try_into().ok().map(Self)
    }
    fn frobenius(&self) -> Self {
        let mut factor = F::ONE;
        Self(self.0.map(|c| {
            let image = c * factor;
            factor *= F::ROOT;
            image
        }))
    }
}

impl<F: Binomial<D>, const D: usize> From<F> for Extension<F, D> {
    fn from(value: F) -> Self {
        let mut element = Self::ZERO;
        element.0[0] = value;
        element
    }
}

impl<F: Binomial<D>, const D: usize> core::ops::Add for Extension<F, D> {
    type Output = Self;
    #[inline(always)]
    fn add(self, rhs: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] + rhs.0[i]))
    }
}
impl<F: Binomial<D>, const D: usize> core::ops::Sub for Extension<F, D> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, rhs: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] - rhs.0[i]))
    }
}
impl<F: Binomial<D>, const D: usize> core::ops::Mul for Extension<F, D> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, rhs: Self) -> Self {
        // What exceeds x^(D-1) comes back times W.
        let wrapped = self.0.map(|c| c * F::W);
        Self(core::array::from_fn(|k| {
            (0..D).fold(F::ZERO, |sum, j| {
                let left = if j <= k { &self.0 } else { &wrapped };
                sum + left[(k + D - j) % D] * rhs.0[j]
            })
        }))
    }
}
impl<F: Binomial<D>, const D: usize> core::ops::Mul<F> for Extension<F, D> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, rhs: F) -> Self {
        Self(self.0.map(|c| c * rhs))
    }
}
impl<F: Binomial<D>, const D: usize> core::ops::Neg for Extension<F, D> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|c| -c))
    }
}
impl<F: Binomial<D>, const D: usize> core::ops::AddAssign for Extension<F, D> {
    #[inline(always)]
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}
impl<F: Binomial<D>, const D: usize> core::ops::SubAssign for Extension<F, D> {
    #[inline(always)]
    fn sub_assign(&mut self, rhs: Self) {
        *self = *self - rhs;
    }
}
impl<F: Binomial<D>, const D: usize> core::ops::MulAssign for Extension<F, D> {
    #[inline(always)]
    fn mul_assign(&mut self, rhs: Self) {
        *self = *self * rhs;
    }
}
impl<F: Binomial<D>, const D: usize> core::iter::Sum for Extension<F, D> {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |a, b| a + b)
    }
}

impl<F: Binomial<D>, const D: usize> Default for Extension<F, D> {
    fn default() -> Self {
        Self::ZERO
    }
}
impl<F: Binomial<D>, const D: usize> zeroize::DefaultIsZeroes for Extension<F, D> {}

impl<F: Binomial<D>, const D: usize> core::fmt::Display for Extension<F, D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.0[0])?;
        for (power, c) in self.0.iter().enumerate().skip(1) {
            write!(f, " + {c} x^{power}")?;
        }
        Ok(())
    }
}
impl<F: Binomial<D>, const D: usize> core::fmt::Debug for Extension<F, D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Extension").field(&self.0).finish()
    }
}
