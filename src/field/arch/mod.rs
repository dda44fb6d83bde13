//! Field arithmetic on eight elements at a time, by what this processor has.
//!
//! An instruction set is a type that implements [`Isa`]: [`Generic`], which is portable, and
//! `Avx512Ifma` for x86-64 with 52-bit multiply-add instructions. A value of such a type is the proof
//! that the processor has the instructions, and [`Cpu::get`] chooses one, once for the process. A
//! kernel is written once, over any [`Isa`], and run by [`Isa::run`].
//!
//! # Ranges
//!
//! A [`Vector`] holds eight residues that need not be reduced. "Below `k`" means that all lanes are
//! in `[0, k p)`. Each operation states what it needs and gives; within these bounds no result is ever
//! wrong, and the bounds are those of the instruction set with the least room. [`Vector::store`]
//! is what makes elements, which are always reduced.
//!
//! | operation | needs | gives |
//! |---|---|---|
//! | [`Vector::load`] | elements | below 16 |
//! | [`Vector::splat`] | an element | below 1 |
//! | [`Vector::mul`] | factors below 2 and below 20 | below 2 |
//! | [`Vector::square_sum`] | below 4 | below 2 |
//! | [`Sum::plus`], [`Sum::minus`] | a subtrahend below the multiple added | bounds add up |
//! | [`Sum::tight`] | below 64 | the same |
//! | [`Sum::reduce`] | below 64 | below 2 |
//! | [`Vector::store`] | below 64 | elements |
//!
//! `docs/vector.md` has the representation and its costs.

#[cfg(target_arch = "x86_64")]
mod avx512ifma;
mod generic;
mod quadratic;
mod select;
#[cfg(test)]
mod tests;

use core::fmt::Debug;

use super::{Field, Lazy};

#[cfg(target_arch = "x86_64")]
pub(crate) use avx512ifma::Avx512Ifma;
pub(crate) use generic::Generic;
pub(crate) use quadratic::Quadratic;
pub(crate) use select::{Cpu, on_cpu};

/// Elements in a vector.
pub(crate) const LANES: usize = 8;

/// Products of many vectors are taken in so many chains: a multiplication takes about three times as
/// long as it keeps the units busy.
pub(crate) const CHAINS: usize = 4;

/// One bit for each lane, the lowest for the first.
pub(crate) type Mask = u8;

/// An instruction set. A value of an implementing type is the proof that the processor has it.
pub trait Isa: Copy + Debug + Send + Sync + 'static {
    /// Eight residues of a prime field.
    type Prime<F: Modulus>: PrimeVector<Isa = Self, Element = F>;

    /// `None` if this processor lacks the instructions.
    fn new() -> Option<Self>;

    /// Runs a kernel in a function that is compiled for this instruction set. All that a kernel does
    /// with vectors must be inlined into it: `#[inline(always)]` down to the last function, no
    /// closures.
    fn run<K: Kernel<Self>>(self, kernel: K) -> K::Output;
}

/// Something to run on vectors of an instruction set.
pub trait Kernel<I> {
    /// What it returns.
    type Output;
    /// Runs it. Implementations are `#[inline(always)]`.
    fn run(self, isa: I) -> Self::Output;
}

/// Eight elements of a field as residues that need not be reduced: see the [module](self).
pub trait Vector: Copy + Debug + Send + Sync + 'static {
    /// The instruction set.
    type Isa: Isa;
    /// What a lane stands for.
    type Element: Field;
    /// Sums of vectors.
    type Sum: Sum<Vector = Self>;

    /// The same element in all lanes, below 1.
    fn splat(isa: Self::Isa, element: Self::Element) -> Self;
    /// Elements from anywhere, below 16.
    fn load(isa: Self::Isa, elements: [&Self::Element; LANES]) -> Self;
    /// Neighbouring elements, below 16.
    #[inline(always)]
    fn load_all(isa: Self::Isa, elements: &[Self::Element; LANES]) -> Self {
        Self::load(isa, elements.each_ref())
    }
    /// The elements, reduced, of a vector below 64.
    fn store(self) -> [Self::Element; LANES];

    /// `a b`, below 2, for `a` below 2 and `b` below 20.
    fn mul(self, b: Self) -> Self;
    /// `a b` as a sum below 2, which is cheaper where it is to be added to.
    fn mul_sum(self, b: Self) -> Self::Sum;
    /// `a^2` as a sum below 2, for `a` below 4.
    fn square_sum(self) -> Self::Sum;
    /// The same as a sum.
    fn sum(self) -> Self::Sum;
    /// `1 / a`, below 2, for lanes below 2.
    ///
    /// # Panics
    /// If a lane is zero.
    fn inverse(self) -> Self;

    /// Lanes of `a` where `mask` has a bit, else lanes of `self`.
    fn or_where(self, mask: Mask, a: Self) -> Self;
    /// A superset of the lanes that are zero, nearly always the same: cheap. For lanes below 64.
    fn maybe_zero(self) -> Mask;
    /// The lanes that are zero, for lanes below 64.
    fn zeros(self) -> Mask;
}

/// A sum of [`Vector`]s. Its limbs may overlap and be negative, so it takes no carries, but it cannot
/// be multiplied by. At most 32 terms.
pub trait Sum: Copy + Debug + Send + Sync + 'static {
    /// What it is a sum of.
    type Vector: Vector<Sum = Self>;

    /// Lanes of `a` where `mask` has a bit, else lanes of `self`.
    fn or_where(self, mask: Mask, a: Self) -> Self;
    /// `a + b`.
    fn plus(self, b: Self) -> Self;
    /// `a - b + multiple p` for `b` below `multiple`, which is a constant of at most 32.
    fn minus(self, b: Self, multiple: u64) -> Self;
    /// `multiple p - a`, for `a` below `multiple`, which is a constant of at most 32.
    fn negate(self, multiple: u64) -> Self;
    /// Lane `i` of vector `j` in lane `j` of vector `i`.
    fn transpose(vectors: [Self; LANES]) -> [Self; LANES];
    /// The sum as a vector, for a sum below 64.
    fn tight(self) -> Self::Vector;
    /// The sum as a vector below 2, for a sum below 64.
    fn reduce(self) -> Self::Vector;
}

/// Vectors of a prime field.
pub trait PrimeVector: Vector {
    /// `a b + c d` as a sum below 2, with one reduction, for `a` and `c` below 2 and `b` and `d` below 20.
    fn mul2_sum(a: Self, b: Self, c: Self, d: Self) -> Self::Sum;

    /// [`PrimeVector::factor`] turns elements into what multiplies vectors of
    /// [`PrimeVector::load_lazy`]: `f a` is that of `mul(splat_factor(factor(f)), load_lazy(a))`. What
    /// [`Vector::load`] makes are such factors already.
    fn factor(element: Self::Element) -> Self::Element;
    /// The same factor in all lanes, below 1. A product with a vector below 40 is below 2.
    fn splat_factor(isa: Self::Isa, factor: Self::Element) -> Self;
    /// Factors from anywhere, below 1.
    fn load_factors(isa: Self::Isa, factors: [&Self::Element; LANES]) -> Self;
    /// Residues from anywhere, below 2, in a form of their own: for linear operations, and products with
    /// factors. Cheaper than [`Vector::load`].
    fn load_lazy(isa: Self::Isa, residues: [&Lazy<Self::Element>; LANES]) -> Self;
    /// The reverse of [`PrimeVector::load_lazy`], for a vector below 2.
    fn store_lazy(self) -> [Lazy<Self::Element>; LANES];
    /// [`PrimeVector::store_lazy`] with the residues reduced.
    fn store_reduced(self) -> [Lazy<Self::Element>; LANES];
}

/// A prime field of four limbs whose modulus has between 252 and 254 bits.
pub trait Modulus: Field {
    /// The modulus.
    const LIMBS: [u64; 4];
    /// The element with these limbs in Montgomery form, which must be below the modulus.
    fn from_limbs(limbs: [u64; 4]) -> Self;
    /// The limbs in Montgomery form.
    fn limbs(&self) -> &[u64; 4];
}

/// The vectors of a field, by instruction set. A supertrait of
/// [`PrimeField`](super::PrimeField), and what curves need of the field of their coordinates.
pub trait Vectors: Sized {
    /// Eight elements.
    type On<I: Isa>: Vector<Isa = I, Element = Self>;
}

/// The inverses of all lanes of all vectors, which are below 2, as are they: one scalar inversion.
///
/// # Panics
/// If a lane is zero.
#[inline(always)]
pub(crate) fn inverses<V: Vector>([a, b, c, d]: [V; CHAINS]) -> [V; CHAINS] {
    let (ab, cd) = (a.mul(b), c.mul(d));
    let inverse = ab.mul(cd).inverse();
    let (ab, cd) = (inverse.mul(cd), inverse.mul(ab));
    [ab.mul(b), ab.mul(a), cd.mul(d), cd.mul(c)]
}
