//! Elements of extensions on vectors of their base, and the points of a coset in the order of codewords.

use core::marker::PhantomData;
use core::ops::{Add, Mul, Sub};

use crate::field::Field;
use crate::field::small::{ExtensionField, SmallField, Vector};
use crate::ntt::reverse_bits;
use crate::poly::Columns;

/// The largest degree of an extension on vectors.
pub(super) const MAX_DEGREE: usize = 4;

/// As many elements of `E` as `V` has lanes: a vector for each coefficient. Those beyond the degree are
/// never looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed<V, E> {
    coefficients: [V; MAX_DEGREE],
    extension: PhantomData<E>,
}

/// An element that is multiplied by often.
#[derive(Clone, Copy)]
pub(super) struct PackedFactor<V: Vector, E> {
    coefficients: [V::Multiplier; MAX_DEGREE],
    /// Times the constant of the extension's polynomial.
    wrapped: [V::Multiplier; MAX_DEGREE],
    extension: PhantomData<E>,
}

impl<E: ExtensionField, V: Vector<Element = E::Base>> Packed<V, E> {
    const DEGREE: usize = {
        assert!(
            E::DEGREE <= MAX_DEGREE,
            "more coefficients than there are places"
        );
        E::DEGREE
    };

    #[inline(always)]
    pub(super) fn from_fn(mut coefficient: impl FnMut(usize) -> V) -> Self {
        let mut coefficients = [V::zeroed(); MAX_DEGREE];
        for (i, place) in coefficients.iter_mut().take(Self::DEGREE).enumerate() {
            *place = coefficient(i);
        }
        Self {
            coefficients,
            extension: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn zero() -> Self {
        Self::from_fn(|_| V::zeroed())
    }

    #[inline(always)]
    pub(super) fn splat(element: E) -> Self {
        Self::from_fn(|i| V::splat(element.coefficients()[i]))
    }

    /// The vectors of the coefficients.
    #[inline(always)]
    pub(super) fn coefficients(&self) -> &[V] {
        &self.coefficients[..Self::DEGREE]
    }

    /// The vectors of the first coefficients, of which there are as many.
    #[inline(always)]
    pub(super) fn first<const D: usize>(&self) -> [V; D] {
        let mut first = [V::zeroed(); D];
        first.copy_from_slice(&self.coefficients[..D]);
        first
    }

    /// The sum of all lanes.
    #[inline(always)]
    pub(super) fn sum(&self) -> E {
        let mut sums = [E::Base::ZERO; MAX_DEGREE];
        for (sum, coefficient) in sums.iter_mut().zip(&self.coefficients) {
            *sum = coefficient.elements().iter().copied().sum();
        }
        E::from_coefficients(&sums[..Self::DEGREE]).expect("as many as the degree")
    }

    /// Adds an element of the base to each.
    #[inline(always)]
    pub(super) fn plus_base(mut self, base: V) -> Self {
        self.coefficients[0] = self.coefficients[0] + base;
        self
    }

    /// Multiplies each by an element of the base.
    #[inline(always)]
    pub(super) fn times_base(self, base: V) -> Self {
        Self::from_fn(|i| self.coefficients[i] * base)
    }

    /// Multiplies all by one element.
    #[inline(always)]
    pub(super) fn times(self, factor: &PackedFactor<V, E>) -> Self {
        Self::from_fn(|k| {
            let mut sum = self.coefficients[0].times(factor.coefficients[k]);
            for i in 1..Self::DEGREE {
                let factor = match i <= k {
                    true => factor.coefficients[k - i],
                    false => factor.wrapped[k + Self::DEGREE - i],
                };
                sum = sum + self.coefficients[i].times(factor);
            }
            sum
        })
    }

    #[inline(always)]
    pub(super) fn halve(self) -> Self {
        Self::from_fn(|i| self.coefficients[i].div_2exp(1))
    }
}

impl<E: ExtensionField, V: Vector<Element = E::Base>> PackedFactor<V, E> {
    #[inline(always)]
    pub(super) fn new(element: E) -> Self {
        Self {
            coefficients: Self::spread(element),
            wrapped: Self::spread(element * E::W),
            extension: PhantomData,
        }
    }

    #[inline(always)]
    fn spread(element: E) -> [V::Multiplier; MAX_DEGREE] {
        let mut spread = [V::spread(V::factor(E::Base::ZERO)); MAX_DEGREE];
        for (spread, &coefficient) in spread.iter_mut().zip(element.coefficients()) {
            *spread = V::spread(V::factor(coefficient));
        }
        spread
    }
}

impl<E: ExtensionField, V: Vector<Element = E::Base>> Add for Packed<V, E> {
    type Output = Self;
    #[inline(always)]
    fn add(self, rhs: Self) -> Self {
        Self::from_fn(|i| self.coefficients[i] + rhs.coefficients[i])
    }
}

impl<E: ExtensionField, V: Vector<Element = E::Base>> Sub for Packed<V, E> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, rhs: Self) -> Self {
        Self::from_fn(|i| self.coefficients[i] - rhs.coefficients[i])
    }
}

impl<E: ExtensionField, V: Vector<Element = E::Base>> Mul for Packed<V, E> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, rhs: Self) -> Self {
        let w = V::spread(V::factor(E::W));
        let wrapped = Self::from_fn(|i| self.coefficients[i].times(w)).coefficients;
        Self::from_fn(|k| {
            let mut sum = self.coefficients[k] * rhs.coefficients[0];
            for i in 1..Self::DEGREE {
                let left = match i <= k {
                    true => self.coefficients[k - i],
                    false => wrapped[k + Self::DEGREE - i],
                };
                sum = sum + left * rhs.coefficients[i];
            }
            sum
        })
    }
}

/// The points `shift root^rev(i)` for `i` below `2^log_n`, where `rev` turns the `log_n` bits of `i`
/// around, a block of neighbours at a time: a block is the first one times a factor.
pub(super) struct Points<F> {
    first: Vec<F>,
    root: F,
    log_blocks: u32,
}

impl<F: SmallField> Points<F> {
    /// With blocks of `2^log_block` points, or one block of all if they are fewer.
    pub(super) fn new(root: F, log_n: u32, shift: F, log_block: u32) -> Self {
        let log_block = log_block.min(log_n);
        let log_blocks = log_n - log_block;
        let step = root.pow(&[1 << log_blocks]);
        let mut powers = vec![shift; 1 << log_block];
        for i in 1..powers.len() {
            powers[i] = powers[i - 1] * step;
        }
        let first = (0..powers.len()).map(|i| powers[reverse_bits(i, log_block)]);
        Self {
            first: first.collect(),
            root,
            log_blocks,
        }
    }

    /// The points of block 0.
    pub(super) fn first(&self) -> &[F] {
        &self.first
    }

    /// What the points of block 0 are multiplied by.
    pub(super) fn factor(&self, block: usize) -> F {
        self.root
            .pow(&[reverse_bits(block, self.log_blocks) as u64])
    }
}

/// Sorts what stands at places `0, 1, ...`, lane by lane, by the places modulo the number of vectors, a
/// power of two: vector `i` gets what was at `j`, where `rev` of `i`'s bits is `j` modulo that number.
#[inline(always)]
pub(super) fn sort_by_residue<V: Vector>(vectors: &mut [V], scratch: &mut [V]) {
    let mut len = vectors.len();
    while len > 1 {
        for block in vectors.chunks_exact_mut(len) {
            let (even, odd) = scratch[..len].split_at_mut(len / 2);
            for ((pair, even), odd) in block.chunks_exact(2).zip(even).zip(odd) {
                (*even, *odd) = pair[0].unzip(pair[1]);
            }
            block.copy_from_slice(&scratch[..len]);
        }
        len /= 2;
    }
}

/// The columns' parts of `rows` rows each: for each part, its slice of each column.
pub(super) fn row_blocks<F: SmallField>(
    columns: &mut Columns<F>,
    rows: usize,
) -> Vec<Vec<&mut [F]>> {
    let (height, width) = (columns.height(), columns.width());
    let empty = || Vec::with_capacity(width);
    let mut blocks: Vec<Vec<&mut [F]>> = (0..height / rows).map(|_| empty()).collect();
    for column in columns.values_mut().chunks_exact_mut(height) {
        for (block, part) in blocks.iter_mut().zip(column.chunks_exact_mut(rows)) {
            block.push(part);
        }
    }
    blocks
}
