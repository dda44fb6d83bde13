//! Residues whose reduction is put off, for transforms.
//!
//! The moduli of [`prime_field!`](super::prime_field) leave two bits of their top limb free, so
//! residues up to `4p` fit the limbs, and a butterfly can leave most reductions out (Harvey, "Faster
//! arithmetic for number-theoretic transforms", 2014). Such a value has a type of its own: what is
//! visible as a field element is always reduced.

use bytemuck::TransparentWrapper;

/// A residue modulo `p` in Montgomery form that need not be reduced. Each operation states what it
/// needs and what it gives as multiples of `p`; debug builds check that nothing overflows.
#[derive(Clone, Copy, TransparentWrapper)]
#[repr(transparent)]
pub struct Lazy<F>(pub(super) F);

/// The arithmetic behind [`Lazy`], implemented by `prime_field!`. Being out of reach from outside it
/// also seals [`PrimeField`](super::PrimeField).
pub trait LazyArithmetic: Copy {
    /// `a w`: below `2p`, for any `a` that fits the limbs.
    fn lazy_mul(a: Lazy<Self>, w: Self) -> Lazy<Self>;
    /// `a + b`, which must fit the limbs.
    fn lazy_add(a: Lazy<Self>, b: Lazy<Self>) -> Lazy<Self>;
    /// `a - b + 2p`, for `b <= 2p`.
    fn lazy_sub(a: Lazy<Self>, b: Lazy<Self>) -> Lazy<Self>;
    /// `a - 2p` if `a >= 2p`, else `a`: takes values below `4p` below `2p`.
    fn lazy_below_2p(a: Lazy<Self>) -> Lazy<Self>;
    /// The element of a value below `2p`.
    fn lazy_reduce(a: Lazy<Self>) -> Self;
}

impl<F: LazyArithmetic> Lazy<F> {
    /// The element as a residue.
    #[inline(always)]
    pub(crate) fn new(element: F) -> Self {
        Self(element)
    }

    /// An element seen as a residue.
    #[inline(always)]
    pub(crate) fn from_ref(element: &F) -> &Self {
        Self::wrap_ref(element)
    }

    /// The element of a residue that is reduced already.
    #[inline(always)]
    pub(crate) fn reduced(self) -> F {
        self.0
    }

    /// Elements seen as residues. Until the borrow ends they must be reduced again.
    pub(crate) fn slice_mut(elements: &mut [F]) -> &mut [Self] {
        Self::wrap_slice_mut(elements)
    }

    /// `self w`: below `2p`, whatever `self`.
    #[inline(always)]
    pub(crate) fn times(self, w: F) -> Self {
        F::lazy_mul(self, w)
    }

    /// `self + b`: the bounds add up, and the sum of them must not exceed `4p`.
    #[inline(always)]
    pub(crate) fn plus(self, b: Self) -> Self {
        F::lazy_add(self, b)
    }

    /// `self - b + 2p`, for `b` below `2p`: the bound of `self` rises by `2p`.
    #[inline(always)]
    pub(crate) fn minus(self, b: Self) -> Self {
        F::lazy_sub(self, b)
    }

    /// The same residue below `2p`, for values below `4p`.
    #[inline(always)]
    pub(crate) fn below_2p(self) -> Self {
        F::lazy_below_2p(self)
    }

    /// The element, for values below `4p`.
    #[inline(always)]
    pub(crate) fn reduce(self) -> F {
        F::lazy_reduce(self.below_2p())
    }
}
