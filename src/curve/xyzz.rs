//! Points in extended Jacobian coordinates.

use core::iter::Sum;
use core::ops::{Add, AddAssign, Mul, Neg, Sub};

use bytemuck::{Pod, Zeroable};

use super::{Affine, Curve};
use crate::field::{Field, PrimeField, batch_inverse};

/// A point `(X / ZZ, Y / ZZZ)` with `ZZ^3 = ZZZ^2`; `ZZ = 0` is infinity. The cheapest coordinates
/// for sums: adding an affine point takes 8M + 2S. All formulas are complete; those named below are
/// of the Explicit-Formulas Database, short Weierstrass curves with a = 0, "XYZZ".
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Xyzz<C: Curve> {
    x: C::Base,
    y: C::Base,
    zz: C::Base,
    zzz: C::Base,
}

// SAFETY: four fields that are `Zeroable` by the bounds of `Field`.
unsafe impl<C: Curve> Zeroable for Xyzz<C> {}
// SAFETY: `repr(C)` of four values of one `Pod` type: no padding, every bit pattern valid.
unsafe impl<C: Curve> Pod for Xyzz<C> {}

impl<C: Curve> Xyzz<C> {
    /// The neutral element.
    pub const INFINITY: Self = Self {
        x: C::Base::ONE,
        y: C::Base::ONE,
        zz: C::Base::ZERO,
        zzz: C::Base::ZERO,
    };

    /// Whether this is the neutral element.
    #[inline(always)]
    pub fn is_infinity(&self) -> bool {
        self.zz.is_zero()
    }

    /// `2 P` (dbl-2008-s-1: 6M + 3S).
    pub fn double(&self) -> Self {
        let u = self.y.double();
        let v = u.square();
        let w = u * v;
        let s = self.x * v;
        let x_squared = self.x.square();
        let m = x_squared.double() + x_squared;
        let x = m.square() - s.double();
        // A point with y = 0 does not exist in a group of odd order; for others of the curve
        // zz becomes 0, which is right.
        Self {
            x,
            y: m * (s - x) - w * self.y,
            zz: v * self.zz,
            zzz: w * self.zzz,
        }
    }

    /// `P + Q` for an affine `Q` (madd-2008-s: 8M + 2S).
    pub fn add_affine(&self, q: &Affine<C>) -> Self {
        if q.is_infinity() {
            return *self;
        }
        if self.is_infinity() {
            return Self::from(*q);
        }
        let p = q.x * self.zz - self.x;
        let r = q.y * self.zzz - self.y;
        if p.is_zero() {
            return if r.is_zero() {
                Self::from(*q).double()
            } else {
                Self::INFINITY
            };
        }
        let pp = p.square();
        let ppp = p * pp;
        let q = self.x * pp;
        let x = r.square() - ppp - q.double();
        Self {
            x,
            y: r * (q - x) - self.y * ppp,
            zz: self.zz * pp,
            zzz: self.zzz * ppp,
        }
    }

    /// `n P` for little-endian limbs `n`, by double and add. Time depends on `n`.
    pub fn mul_limbs(&self, n: &[u64]) -> Self {
        let mut acc = Self::INFINITY;
        for limb in n.iter().rev() {
            for bit in (0..64).rev() {
                acc = acc.double();
                if (limb >> bit) & 1 == 1 {
                    acc += *self;
                }
            }
        }
        acc
    }

    /// The affine point: one inversion.
    pub fn to_affine(&self) -> Affine<C> {
        match self.zzz.inverse() {
            None => Affine::INFINITY,
            Some(inverse) => self.scale(inverse),
        }
    }

    /// The affine point, given `1 / zzz`.
    fn scale(&self, zzz_inverse: C::Base) -> Affine<C> {
        // zz = z^2 and zzz = z^3, so zz / zzz = 1 / z.
        let z_inverse = self.zz * zzz_inverse;
        Affine {
            x: self.x * z_inverse.square(),
            y: self.y * zzz_inverse,
        }
    }
}

/// The affine points of many, with one inversion for thousands of them; parallel.
pub fn batch_to_affine<C: Curve>(points: &[Xyzz<C>]) -> Vec<Affine<C>> {
    let mut inverses: Vec<_> = points.iter().map(|p| p.zzz).collect();
    batch_inverse(&mut inverses);
    points
        .iter()
        .zip(inverses)
        .map(|(p, inverse)| {
            if p.is_infinity() {
                Affine::INFINITY
            } else {
                p.scale(inverse)
            }
        })
        .collect()
}

impl<C: Curve> From<Affine<C>> for Xyzz<C> {
    fn from(p: Affine<C>) -> Self {
        if p.is_infinity() {
            Self::INFINITY
        } else {
            Self {
                x: p.x,
                y: p.y,
                zz: C::Base::ONE,
                zzz: C::Base::ONE,
            }
        }
    }
}

impl<C: Curve> From<Xyzz<C>> for Affine<C> {
    fn from(p: Xyzz<C>) -> Self {
        p.to_affine()
    }
}

impl<C: Curve> Default for Xyzz<C> {
    fn default() -> Self {
        Self::INFINITY
    }
}

/// Equality of the points, whatever their representation.
impl<C: Curve> PartialEq for Xyzz<C> {
    fn eq(&self, other: &Self) -> bool {
        match (self.is_infinity(), other.is_infinity()) {
            (false, false) => {
                self.x * other.zz == other.x * self.zz && self.y * other.zzz == other.y * self.zzz
            }
            (a, b) => a == b,
        }
    }
}
impl<C: Curve> Eq for Xyzz<C> {}

/// add-2008-s: 12M + 2S.
impl<C: Curve> Add for Xyzz<C> {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        if rhs.is_infinity() {
            return self;
        }
        if self.is_infinity() {
            return rhs;
        }
        let u1 = self.x * rhs.zz;
        let s1 = self.y * rhs.zzz;
        let p = rhs.x * self.zz - u1;
        let r = rhs.y * self.zzz - s1;
        if p.is_zero() {
            return if r.is_zero() {
                self.double()
            } else {
                Self::INFINITY
            };
        }
        let pp = p.square();
        let ppp = p * pp;
        let q = u1 * pp;
        let x = r.square() - ppp - q.double();
        Self {
            x,
            y: r * (q - x) - s1 * ppp,
            zz: self.zz * rhs.zz * pp,
            zzz: self.zzz * rhs.zzz * ppp,
        }
    }
}

impl<C: Curve> AddAssign for Xyzz<C> {
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}

impl<C: Curve> Neg for Xyzz<C> {
    type Output = Self;
    fn neg(self) -> Self {
        Self { y: -self.y, ..self }
    }
}

impl<C: Curve> Sub for Xyzz<C> {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        self + -rhs
    }
}

impl<C: Curve> Sum for Xyzz<C> {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::INFINITY, Add::add)
    }
}

impl<C: Curve> Mul<C::Scalar> for Xyzz<C> {
    type Output = Self;
    fn mul(self, scalar: C::Scalar) -> Self {
        self.mul_limbs(scalar.to_canonical().as_ref())
    }
}
