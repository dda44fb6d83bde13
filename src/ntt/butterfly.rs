//! The butterflies: some layers of a transform over one contiguous piece of data.
//!
//! [`Butterflies`] is all that the schedule knows of arithmetic: [`Words`] are those on 64-bit words,
//! one element at a time; [`vector`](super::vector) has those on vectors.
//!
//! A piece is a block of the tree described at [`twiddles`](super::twiddles::twiddles), or a tile of
//! one: `2^layers` rows of equal width, each row treated as one coefficient.

use bytemuck::TransparentWrapper;
use zeroize::Zeroize;

use super::twiddles::{Direction, Forward, Inverse};
use crate::field::{Lazy, PrimeField};

/// Data to do some layers of.
pub(super) struct Piece<'a, 'd, F> {
    /// Residues, below what [`Butterflies`] say: a block in one run, or the rows of a tile.
    pub(super) runs: &'a mut [&'d mut [Lazy<F>]],
    /// The number of the block.
    pub(super) node: usize,
    /// How many layers; either all of the block, or so many that rows of at least 16 are left.
    pub(super) layers: u32,
}

/// What becomes of the values that layers end with.
#[derive(Clone, Copy)]
pub(super) enum Finish<F> {
    /// Residues for more layers.
    Lazy,
    /// Elements.
    Reduce,
    /// Elements, times a factor, which is scaled as the table is.
    Scale(F),
}

/// Arithmetic for a schedule. Between two calls residues are below the bound of the implementation; the
/// first call is given elements.
pub(super) trait Butterflies<F: PrimeField>: Copy + Send + Sync {
    /// What a thread works with. It may have seen secrets, so it is wiped on drop.
    type Scratch: Send;

    /// New scratch memory.
    fn scratch(&self) -> Self::Scratch;

    /// Splits block `node` `layers` times: afterwards it consists of `2^layers` residues, in bit-reversed
    /// order. Cooley-Tukey butterflies.
    fn split<D: Direction>(
        &self,
        scratch: &mut Self::Scratch,
        piece: Piece<'_, '_, F>,
        table: &[F],
        finish: Finish<F>,
    );

    /// The reverse of [`Butterflies::split`] but for a factor: from `2^layers` residues in bit-reversed
    /// order to `2^layers` times block `node`. With the roots of the other [`Direction`] it is the transpose
    /// of splitting. Gentleman-Sande butterflies.
    fn join<D: Direction>(
        &self,
        scratch: &mut Self::Scratch,
        piece: Piece<'_, '_, F>,
        table: &[F],
        finish: Finish<F>,
    );

    /// Joins a tile of block 0 with the inverse roots and splits what it becomes as one of block 1: from the
    /// tree of `x^n - 1` to that of `x^n + 1`. The piece's own number is not looked at.
    fn turn(
        &self,
        scratch: &mut Self::Scratch,
        tile: Piece<'_, '_, F>,
        table: &[F],
        finish: Finish<F>,
    );
}

/// Butterflies on 64-bit words. Residues are below `2p` before splitting and around joining, and below `4p`
/// after splitting.
#[derive(Clone, Copy)]
pub(super) struct Words;

impl<F: PrimeField> Butterflies<F> for Words {
    type Scratch = Copied<F>;

    fn scratch(&self) -> Copied<F> {
        Copied(Vec::new())
    }

    fn split<D: Direction>(
        &self,
        scratch: &mut Copied<F>,
        piece: Piece<'_, '_, F>,
        table: &[F],
        finish: Finish<F>,
    ) {
        scratch.with(piece.runs, |data| {
            split::<F, D>(data, piece.node, piece.layers, table);
            apply(finish, data);
        });
    }

    fn join<D: Direction>(
        &self,
        scratch: &mut Copied<F>,
        piece: Piece<'_, '_, F>,
        table: &[F],
        finish: Finish<F>,
    ) {
        scratch.with(piece.runs, |data| {
            join::<F, D>(data, piece.node, piece.layers, table);
            apply(finish, data);
        });
    }

    fn turn(
        &self,
        scratch: &mut Copied<F>,
        tile: Piece<'_, '_, F>,
        table: &[F],
        finish: Finish<F>,
    ) {
        scratch.with(tile.runs, |data| {
            join::<F, Inverse>(data, 0, tile.layers, table);
            split::<F, Forward>(data, 1, tile.layers, table);
            apply(finish, data);
        });
    }
}

/// A copy of the rows of a tile, one after the other. Their strides are powers of two, so where they are they
/// would compete for the same few lines of the cache.
pub(super) struct Copied<F: PrimeField>(Vec<Lazy<F>>);

impl<F: PrimeField> Copied<F> {
    /// Runs `f` on all runs as one, which one run is where it is.
    fn with(&mut self, runs: &mut [&mut [Lazy<F>]], f: impl FnOnce(&mut [Lazy<F>])) {
        if let [run] = runs {
            return f(run);
        }
        // All of it at once: a vector that grows would leave copies behind.
        self.0.clear();
        self.0.reserve_exact(runs.iter().map(|run| run.len()).sum());
        for run in runs.iter() {
            self.0.extend_from_slice(run);
        }
        f(&mut self.0);
        let mut rest = &self.0[..];
        for run in runs {
            let values;
            (values, rest) = rest.split_at(run.len());
            run.copy_from_slice(values);
        }
    }
}

impl<F: PrimeField> Drop for Copied<F> {
    fn drop(&mut self) {
        Lazy::peel_slice_mut(&mut self.0).zeroize();
    }
}

fn apply<F: PrimeField>(finish: Finish<F>, data: &mut [Lazy<F>]) {
    match finish {
        Finish::Lazy => {}
        Finish::Reduce => {
            for value in data {
                *value = Lazy::new(value.reduce());
            }
        }
        Finish::Scale(factor) => {
            for value in data {
                *value = Lazy::new(value.times(factor).reduce());
            }
        }
    }
}

/// Elements up to which a piece is done layer by layer; larger ones descend into one half after the
/// other, so that they meet in the nearest cache whatever its size. 16 KiB for elements of 32 bytes.
const LAYER_BY_LAYER: usize = 1 << 9;

/// Values below `4p` before and after.
fn split<F: PrimeField, D: Direction>(data: &mut [Lazy<F>], node: usize, layers: u32, table: &[F]) {
    if data.len() > LAYER_BY_LAYER && layers > 0 {
        split_block::<F, D>(data, node, table);
        let (left, right) = data.split_at_mut(data.len() / 2);
        split::<F, D>(left, 2 * node, layers - 1, table);
        split::<F, D>(right, 2 * node + 1, layers - 1, table);
        return;
    }
    for layer in 0..layers {
        let len = data.len() >> layer;
        for (i, block) in data.chunks_exact_mut(len).enumerate() {
            split_block::<F, D>(block, (node << layer) + i, table);
        }
    }
}

/// Values below `2p` before and after.
fn join<F: PrimeField, D: Direction>(data: &mut [Lazy<F>], node: usize, layers: u32, table: &[F]) {
    if data.len() > LAYER_BY_LAYER && layers > 0 {
        let (left, right) = data.split_at_mut(data.len() / 2);
        join::<F, D>(left, 2 * node, layers - 1, table);
        join::<F, D>(right, 2 * node + 1, layers - 1, table);
        join_block::<F, D>(data, node, table);
        return;
    }
    for layer in (0..layers).rev() {
        let len = data.len() >> layer;
        for (i, block) in data.chunks_exact_mut(len).enumerate() {
            join_block::<F, D>(block, (node << layer) + i, table);
        }
    }
}

/// One layer of block `node`.
#[inline(always)]
fn split_block<F: PrimeField, D: Direction>(data: &mut [Lazy<F>], node: usize, table: &[F]) {
    if node == 0 {
        for_each_pair(data, split_by_one);
    } else {
        let w = D::root(table, node);
        for_each_pair(data, |x| split_by::<F, D>(x, w));
    }
}

/// The reverse of [`split_block`].
#[inline(always)]
fn join_block<F: PrimeField, D: Direction>(data: &mut [Lazy<F>], node: usize, table: &[F]) {
    if node == 0 {
        for_each_pair(data, join_by_one);
    } else {
        let w = D::root(table, node);
        for_each_pair(data, |x| join_by::<F, D>(x, w));
    }
}

#[inline(always)]
fn for_each_pair<T: Copy>(data: &mut [T], f: impl Fn([T; 2]) -> [T; 2]) {
    let (left, right) = data.split_at_mut(data.len() / 2);
    for (a, b) in left.iter_mut().zip(right) {
        [*a, *b] = f([*a, *b]);
    }
}

/// `(a + w b, a - w b)`: from below `4p` to below `4p`.
#[inline(always)]
fn split_by<F: PrimeField, D: Direction>([a, b]: [Lazy<F>; 2], w: F) -> [Lazy<F>; 2] {
    let (a, b) = (a.below_2p(), b.times(w));
    let (sum, difference) = (a.plus(b), a.minus(b));
    if D::NEGATED {
        [difference, sum]
    } else {
        [sum, difference]
    }
}

/// [`split_by`] with the root 1, which saves the multiplication.
#[inline(always)]
fn split_by_one<F: PrimeField>([a, b]: [Lazy<F>; 2]) -> [Lazy<F>; 2] {
    let (a, b) = (a.below_2p(), b.below_2p());
    [a.plus(b), a.minus(b)]
}

/// `(a + b, (a - b) w)`: from below `2p` to below `2p`.
#[inline(always)]
fn join_by<F: PrimeField, D: Direction>([a, b]: [Lazy<F>; 2], w: F) -> [Lazy<F>; 2] {
    let sum = a.plus(b).below_2p();
    let difference = if D::NEGATED { b.minus(a) } else { a.minus(b) };
    [sum, difference.times(w)]
}

/// [`join_by`] with the root 1.
#[inline(always)]
fn join_by_one<F: PrimeField>([a, b]: [Lazy<F>; 2]) -> [Lazy<F>; 2] {
    [a.plus(b).below_2p(), a.minus(b).below_2p()]
}
