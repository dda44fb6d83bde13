//! The butterflies: some layers of a transform over one contiguous piece of data.
//!
//! [`Butterflies`] is all that the schedule knows of arithmetic: [`Words`] are those on 64-bit words,
//! one element at a time; [`vector`](super::vector) has those on vectors.
//!
//! A piece is a block of the tree described at [`twiddles`](super::twiddles::twiddles), or a tile of
//! one: `2^layers` rows of equal width, one after the other, each row treated as one coefficient.

use super::twiddles::Direction;
use crate::field::{Lazy, PrimeField};

/// Data to do some layers of.
pub(super) struct Piece<'a, F> {
    /// Residues, below what [`Butterflies`] say.
    pub(super) data: &'a mut [Lazy<F>],
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
    /// What a thread works with.
    type Scratch: Send;

    /// New scratch memory.
    fn scratch(&self) -> Self::Scratch;

    /// Splits block `node` `layers` times: afterwards it consists of `2^layers` residues, in bit-reversed
    /// order. Cooley-Tukey butterflies.
    fn split<D: Direction>(
        &self,
        scratch: &mut Self::Scratch,
        piece: Piece<'_, F>,
        table: &[F],
        finish: Finish<F>,
    );

    /// The reverse of [`Butterflies::split`] but for a factor: from `2^layers` residues in bit-reversed
    /// order to `2^layers` times block `node`. With the roots of the other [`Direction`] it is the transpose
    /// of splitting. Gentleman-Sande butterflies.
    fn join<D: Direction>(
        &self,
        scratch: &mut Self::Scratch,
        piece: Piece<'_, F>,
        table: &[F],
        finish: Finish<F>,
    );
}

/// Butterflies on 64-bit words. Residues are below `2p` before splitting and around joining, and below `4p`
/// after splitting.
#[derive(Clone, Copy)]
pub(super) struct Words;

impl<F: PrimeField> Butterflies<F> for Words {
    type Scratch = ();

    fn scratch(&self) {}

    fn split<D: Direction>(
        &self,
        (): &mut (),
        piece: Piece<'_, F>,
        table: &[F],
        finish: Finish<F>,
    ) {
        split::<F, D>(piece.data, piece.node, piece.layers, table);
        apply(finish, piece.data);
    }

    fn join<D: Direction>(&self, (): &mut (), piece: Piece<'_, F>, table: &[F], finish: Finish<F>) {
        join::<F, D>(piece.data, piece.node, piece.layers, table);
        apply(finish, piece.data);
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
