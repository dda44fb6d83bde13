//! The roots of unity that a transform multiplies by.

use rayon::prelude::*;

use crate::field::PrimeField;

/// Entry `k` is the primitive root of unity with the angle `rev(k) / 2`, where `rev` mirrors the bits
/// of `k` at the binary point and a whole turn is 1: `1, i, sqrt(i), i sqrt(i), ...`
///
/// This one table, in this order, serves all layers. Layer `l` splits the `2^l` polynomials
/// `f mod (x^2m - c^2)` into `f mod (x^m - c)` and `f mod (x^m + c)`; for the block with number `k` the
/// root `c` has the angle `rev(k) / 2`, whatever the layer. Two ends of this view:
///
/// - block `1` of layer 1 belongs to `x^n + 1` in the tree of `x^2n - 1`, so the transform of size `n`
///   onto the odd powers of a `2n`-th root is this very transform with another block number at its
///   root;
/// - angles `t` and `1/2 - t` stand at mirrored places of the same power of two, so the table holds the
///   inverses of its entries too, negated (see [`Direction`]).
///
/// All entries are multiplied by `scale`.
pub(super) fn twiddles<F: PrimeField>(len: usize, scale: F) -> Vec<F> {
    let mut table = Vec::with_capacity(len);
    table.push(scale);
    while table.len() < len {
        // The bit of k that is added stands for half the angle of the one before it.
        let root = F::root_of_unity(table.len().ilog2() + 2).expect("within the 2-adicity");
        let upper: Vec<F> = table
            .par_iter()
            .with_min_len(1 << 10)
            .map(|&w| w * root)
            .collect();
        table.extend(upper);
    }
    table
}

/// Whether a transform uses the roots of its blocks or their inverses.
pub(super) trait Direction: Send + Sync {
    /// Whether [`Direction::root`] gives the negative of the root.
    const NEGATED: bool;

    /// The root `c` of block `k > 0`, or `1 / c`, but for the sign.
    fn root_ref<F: PrimeField>(table: &[F], k: usize) -> &F;

    /// The roots of the `N` blocks from `first > 0` on, a multiple of the power of two `N`: those of
    /// [`Direction::root_ref`], backwards if they are negated.
    fn run<F: PrimeField, const N: usize>(table: &[F], first: usize) -> &[F; N];

    /// [`Direction::root_ref`] by value.
    #[inline(always)]
    fn root<F: PrimeField>(table: &[F], k: usize) -> F {
        *Self::root_ref(table, k)
    }
}

/// The roots themselves.
pub(super) enum Forward {}

/// The inverses of the roots. The inverse of the angle `t` in `(0, 1/2)` is `1 - t = 1/2 + (1/2 - t)`:
/// minus the root of `1/2 - t`. With the lowest bit of `2t` in the same place, all bits above it turn
/// into their complements, which are the bits below the highest one of `k`.
pub(super) enum Inverse {}

impl Direction for Forward {
    const NEGATED: bool = false;
    #[inline(always)]
    fn root_ref<F: PrimeField>(table: &[F], k: usize) -> &F {
        &table[k]
    }
    #[inline(always)]
    fn run<F: PrimeField, const N: usize>(table: &[F], first: usize) -> &[F; N] {
        let run = table[first..].first_chunk();
        run.expect("blocks of the table")
    }
}

impl Direction for Inverse {
    const NEGATED: bool = true;
    #[inline(always)]
    fn root_ref<F: PrimeField>(table: &[F], k: usize) -> &F {
        &table[k ^ ((1 << k.ilog2()) - 1)]
    }
    #[inline(always)]
    fn run<F: PrimeField, const N: usize>(table: &[F], first: usize) -> &[F; N] {
        // The complements of what counts up count down.
        let last = first ^ ((1 << first.ilog2()) - 1);
        let run = table[..=last].last_chunk();
        run.expect("blocks of the table")
    }
}
