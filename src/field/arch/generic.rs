//! The portable instruction set: eight times what the fields' operators do. Always there, always
//! reduced, and what the others are tested against.

use core::array;

use super::super::lazy::Lazy;
use super::{Isa, Kernel, LANES, Mask, Modulus, PrimeVector, Sum, Vector};

/// No instructions beyond the target's own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Generic;

impl Isa for Generic {
    type Prime<F: Modulus> = Elements<F>;

    fn new() -> Option<Self> {
        Some(Self)
    }

    #[inline(always)]
    fn run<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}

/// Eight elements, as they are; also their sums.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Elements<F>([F; LANES]);

impl<F: Modulus> Elements<F> {
    #[inline(always)]
    fn each(f: impl Fn(usize) -> F) -> Self {
        Self(array::from_fn(f))
    }
}

impl<F: Modulus> Vector for Elements<F> {
    type Isa = Generic;
    type Element = F;
    type Sum = Self;

    #[inline(always)]
    fn splat(_: Generic, element: F) -> Self {
        Self([element; LANES])
    }
    #[inline(always)]
    fn load(_: Generic, elements: [&F; LANES]) -> Self {
        Self(elements.map(|element| *element))
    }
    #[inline(always)]
    fn store(self) -> [F; LANES] {
        self.0
    }
    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        Self::each(|i| self.0[i] * b.0[i])
    }
    #[inline(always)]
    fn mul_sum(self, b: Self) -> Self {
        self.mul(b)
    }
    #[inline(always)]
    fn square_sum(self) -> Self {
        Self::each(|i| self.0[i].square())
    }
    #[inline(always)]
    fn sum(self) -> Self {
        self
    }
    #[inline(always)]
    fn inverse(self) -> Self {
        let mut elements = self.0;
        assert!(self.zeros() == 0, "no lane is zero");
        crate::field::batch_inverse_serial(&mut elements, &mut [F::ZERO; LANES]);
        Self(elements)
    }
    #[inline(always)]
    fn or_where(self, mask: Mask, a: Self) -> Self {
        let choose = |i: usize| {
            if mask >> i & 1 == 1 {
                a.0[i]
            } else {
                self.0[i]
            }
        };
        Self::each(choose)
    }
    #[inline(always)]
    fn maybe_zero(self) -> Mask {
        self.zeros()
    }
    #[inline(always)]
    fn zeros(self) -> Mask {
        (0..LANES).fold(0, |mask, i| mask | Mask::from(self.0[i].is_zero()) << i)
    }
}

impl<F: Modulus> PrimeVector for Elements<F> {
    #[inline(always)]
    fn mul2_sum(a: Self, b: Self, c: Self, d: Self) -> Self {
        Self::each(|i| a.0[i] * b.0[i] + c.0[i] * d.0[i])
    }
    #[inline(always)]
    fn factor(element: F) -> F {
        element
    }
    #[inline(always)]
    fn splat_factor(_: Generic, factor: F) -> Self {
        Self([factor; LANES])
    }
    #[inline(always)]
    fn load_factors(_: Generic, factors: [&F; LANES]) -> Self {
        Self(factors.map(|factor| *factor))
    }
    #[inline(always)]
    fn load_lazy(_: Generic, residues: [&Lazy<F>; LANES]) -> Self {
        Self(residues.map(|residue| residue.0))
    }
    #[inline(always)]
    fn store_lazy(self) -> [Lazy<F>; LANES] {
        self.0.map(Lazy)
    }
    #[inline(always)]
    fn store_reduced(self) -> [Lazy<F>; LANES] {
        self.0.map(Lazy)
    }
}

impl<F: Modulus> Sum for Elements<F> {
    type Vector = Self;

    #[inline(always)]
    fn or_where(self, mask: Mask, a: Self) -> Self {
        Vector::or_where(self, mask, a)
    }
    #[inline(always)]
    fn plus(self, b: Self) -> Self {
        Self::each(|i| self.0[i] + b.0[i])
    }
    #[inline(always)]
    fn minus(self, b: Self, _: u64) -> Self {
        Self::each(|i| self.0[i] - b.0[i])
    }
    #[inline(always)]
    fn negate(self, _: u64) -> Self {
        Self::each(|i| -self.0[i])
    }
    #[inline(always)]
    fn transpose(vectors: [Self; LANES]) -> [Self; LANES] {
        array::from_fn(|i| Self::each(|j| vectors[j].0[i]))
    }
    #[inline(always)]
    fn tight(self) -> Self {
        self
    }
    #[inline(always)]
    fn reduce(self) -> Self {
        self
    }
}
