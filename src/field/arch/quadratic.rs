//! Vectors of `F[u] / (u^2 + 1)`, from those of `F`.

use super::{LANES, Mask, PrimeVector, Sum, Vector};
use crate::field::{Fq, Fq2};

/// `c0 + c1 u` in each lane; also a sum of such.
#[derive(Clone, Copy, Debug)]
pub struct Quadratic<V> {
    c0: V,
    c1: V,
}

impl<V> Vector for Quadratic<V>
where
    V: PrimeVector<Element = Fq>,
{
    type Isa = V::Isa;
    type Element = Fq2;
    type Sum = Quadratic<V::Sum>;

    #[inline(always)]
    fn splat(isa: V::Isa, element: Fq2) -> Self {
        Self {
            c0: V::splat(isa, element.c0),
            c1: V::splat(isa, element.c1),
        }
    }

    #[inline(always)]
    fn load(isa: V::Isa, elements: [&Fq2; LANES]) -> Self {
        Self {
            c0: V::load(isa, elements.map(|element| &element.c0)),
            c1: V::load(isa, elements.map(|element| &element.c1)),
        }
    }

    #[inline(always)]
    fn store(self) -> [Fq2; LANES] {
        let (c0, c1) = (self.c0.store(), self.c1.store());
        core::array::from_fn(|lane| Fq2::new(c0[lane], c1[lane]))
    }

    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        self.mul_sum(b).tight()
    }

    /// Four products and two reductions. Karatsuba's three products would save a sixth of the
    /// multiplications for twice the additions.
    #[inline(always)]
    fn mul_sum(self, b: Self) -> Self::Sum {
        let negative = self.c1.sum().negate(2).tight();
        Quadratic {
            c0: V::mul2_sum(self.c0, b.c0, negative, b.c1),
            c1: V::mul2_sum(self.c0, b.c1, self.c1, b.c0),
        }
    }

    /// `(c0 + c1)(c0 - c1) + 2 c0 c1 u`.
    #[inline(always)]
    fn square_sum(self) -> Self::Sum {
        let (c0, c1) = (self.c0.sum(), self.c1.sum());
        let sum = c0.plus(c1).tight();
        let difference = c0.minus(c1, 4).tight();
        let twice = c0.plus(c0).tight();
        Quadratic {
            c0: sum.mul_sum(difference),
            c1: twice.mul_sum(self.c1),
        }
    }

    #[inline(always)]
    fn sum(self) -> Self::Sum {
        Quadratic {
            c0: self.c0.sum(),
            c1: self.c1.sum(),
        }
    }

    /// The conjugate over the norm.
    #[inline(always)]
    fn inverse(self) -> Self {
        let norm = V::mul2_sum(self.c0, self.c0, self.c1, self.c1).tight();
        let inverse = norm.inverse();
        let negative = self.c1.sum().negate(2).tight();
        Self {
            c0: inverse.mul(self.c0),
            c1: inverse.mul(negative),
        }
    }

    #[inline(always)]
    fn or_where(self, mask: Mask, a: Self) -> Self {
        Self {
            c0: self.c0.or_where(mask, a.c0),
            c1: self.c1.or_where(mask, a.c1),
        }
    }

    #[inline(always)]
    fn maybe_zero(self) -> Mask {
        self.c0.maybe_zero() & self.c1.maybe_zero()
    }

    #[inline(always)]
    fn zeros(self) -> Mask {
        self.c0.zeros() & self.c1.zeros()
    }
}

impl<S> Sum for Quadratic<S>
where
    S: Sum,
    S::Vector: PrimeVector<Element = Fq>,
{
    type Vector = Quadratic<S::Vector>;

    #[inline(always)]
    fn or_where(self, mask: Mask, a: Self) -> Self {
        Self {
            c0: self.c0.or_where(mask, a.c0),
            c1: self.c1.or_where(mask, a.c1),
        }
    }

    #[inline(always)]
    fn plus(self, b: Self) -> Self {
        Self {
            c0: self.c0.plus(b.c0),
            c1: self.c1.plus(b.c1),
        }
    }

    #[inline(always)]
    fn minus(self, b: Self, multiple: u64) -> Self {
        Self {
            c0: self.c0.minus(b.c0, multiple),
            c1: self.c1.minus(b.c1, multiple),
        }
    }

    #[inline(always)]
    fn negate(self, multiple: u64) -> Self {
        Self {
            c0: self.c0.negate(multiple),
            c1: self.c1.negate(multiple),
        }
    }

    #[inline(always)]
    fn transpose(vectors: [Self; LANES]) -> [Self; LANES] {
        let c0 = S::transpose(vectors.map(|vector| vector.c0));
        let c1 = S::transpose(vectors.map(|vector| vector.c1));
        core::array::from_fn(|i| Self {
            c0: c0[i],
            c1: c1[i],
        })
    }

    #[inline(always)]
    fn tight(self) -> Quadratic<S::Vector> {
        Quadratic {
            c0: self.c0.tight(),
            c1: self.c1.tight(),
        }
    }

    #[inline(always)]
    fn reduce(self) -> Quadratic<S::Vector> {
        Quadratic {
            c0: self.c0.reduce(),
            c1: self.c1.reduce(),
        }
    }
}
