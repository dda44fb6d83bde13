//! Affine points.

use core::fmt;
use core::ops::{Mul, Neg};

use bytemuck::{Pod, Zeroable};

use super::{Curve, Xyzz};
use crate::field::{Field, PrimeField};

/// An affine point; `(0, 0)`, which is on no curve with `b != 0`, is infinity.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Affine<C: Curve> {
    /// The first coordinate.
    pub x: C::Base,
    /// The second coordinate.
    pub y: C::Base,
}

// SAFETY: two fields that are `Zeroable` by the bounds of `Field`.
unsafe impl<C: Curve> Zeroable for Affine<C> {}
// SAFETY: `repr(C)` of two values of one `Pod` type: no padding, every bit pattern valid.
unsafe impl<C: Curve> Pod for Affine<C> {}

impl<C: Curve> Affine<C> {
    /// The neutral element.
    pub const INFINITY: Self = Self {
        x: C::Base::ZERO,
        y: C::Base::ZERO,
    };

    /// Whether this is the neutral element.
    #[inline(always)]
    pub fn is_infinity(&self) -> bool {
        self.x.is_zero() && self.y.is_zero()
    }

    /// Whether the equation of the curve holds; infinity counts as on the curve. The coordinates must
    /// be reduced.
    #[inline]
    pub fn is_on_curve(&self) -> bool {
        self.is_infinity() || self.y.square() == self.x.square() * self.x + C::B
    }

    /// Whether this is a member of the group: reduced, on the curve, in the subgroup. A point from
    /// outside must pass this before it is computed with.
    pub fn is_valid(&self) -> bool {
        self.x.is_reduced()
            && self.y.is_reduced()
            && self.is_on_curve()
            && (self.is_infinity() || C::is_in_subgroup(self))
    }

    /// The point with this `x` and the larger or smaller `y` (see
    /// [`Field::is_lexicographically_largest`]), if there is one on the curve.
    pub fn from_x(x: C::Base, largest: bool) -> Option<Self> {
        let y = (x.square() * x + C::B).sqrt()?;
        let y = if y.is_lexicographically_largest() == largest {
            y
        } else {
            -y
        };
        Some(Self { x, y })
    }
}

impl<C: Curve> Neg for Affine<C> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self {
            x: self.x,
            y: -self.y,
        }
    }
}

/// Variable-time double and add: for single points; many go through [`Msm`](crate::msm::Msm).
impl<C: Curve> Mul<C::Scalar> for Affine<C> {
    type Output = Xyzz<C>;
    fn mul(self, scalar: C::Scalar) -> Xyzz<C> {
        Xyzz::from(self).mul_limbs(scalar.to_canonical().as_ref())
    }
}

impl<C: Curve> fmt::Debug for Affine<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_infinity() {
            write!(f, "{}(infinity)", C::NAME)
        } else {
            write!(f, "{}({:?}, {:?})", C::NAME, self.x, self.y)
        }
    }
}
