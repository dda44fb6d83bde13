//! The layers of a piece, in its buffer of vectors.

use core::marker::PhantomData;

use super::super::twiddles::Direction;
use super::{Elements, Values};
use crate::field::PrimeField;
use crate::field::arch::{Isa, LANES, PrimeVector, Sum, Vector};

/// Vectors up to which a piece is done layer by layer: 20 KiB, which fit the nearest cache.
const LAYER_BY_LAYER: usize = 64;

/// What the layers of a piece have in common.
pub(super) struct Layers<'a, F, I, D> {
    isa: I,
    table: &'a [F],
    /// Minus the root of block 0, as the [`Direction`] has it.
    first_root: F,
    direction: PhantomData<D>,
}

impl<'a, F: PrimeField, I: Isa, D: Direction> Layers<'a, F, I, D> {
    pub(super) fn new(isa: I, table: &'a [F]) -> Self {
        let one = table[0];
        Self {
            isa,
            table,
            first_root: if D::NEGATED { -one } else { one },
            direction: PhantomData,
        }
    }

    /// The root of a block, or minus it.
    #[inline(always)]
    fn root(&self, node: usize) -> Elements<F, I> {
        Elements::<F, I>::splat_factor(self.isa, *self.root_ref(node))
    }

    #[inline(always)]
    fn root_ref(&self, node: usize) -> &F {
        if node == 0 {
            &self.first_root
        } else {
            D::root_ref(self.table, node)
        }
    }

    /// For each lane the root of one block of `RUN / LANES`: number `block` of those of the lane. The first
    /// lane's begin with block `first`, a multiple of `RUN`.
    #[inline(always)]
    fn lane_roots<const RUN: usize>(&self, first: usize, block: usize) -> Elements<F, I> {
        let own = RUN / LANES;
        let roots = if first == 0 {
            core::array::from_fn(|lane| self.root_ref(own * lane + block))
        } else {
            let run = D::run::<F, RUN>(self.table, first);
            core::array::from_fn(|lane| {
                let place = own * lane + block;
                &run[if D::NEGATED { RUN - 1 - place } else { place }]
            })
        };
        Elements::<F, I>::load_factors(self.isa, roots)
    }

    /// Layers in the order of the nearest cache: first those of large blocks, then block by block the
    /// others.
    #[inline(always)]
    fn stages(&self, len: usize, layers: u32) -> [(u32, u32); 2] {
        let outer = (len / LAYER_BY_LAYER).max(1).ilog2().next_multiple_of(2);
        let outer = outer.min(layers);
        [(0, outer), (outer, layers)]
    }

    /// Splits block `node` `layers` times: bounds rise by 2 with each.
    #[inline(always)]
    pub(super) fn split(&self, buffer: &mut [Values<F, I>], node: usize, layers: u32) {
        let len = buffer.len();
        for (from, to) in self.stages(len, layers) {
            for outer in 0..1usize << from {
                let mut layer = from;
                while layer < to {
                    let blocks = 1usize << (layer - from);
                    let size = len >> layer;
                    for block in outer * blocks..(outer + 1) * blocks {
                        let data = &mut buffer[block * size..(block + 1) * size];
                        let node = (node << layer) + block;
                        if layer + 1 < to {
                            self.split_twice(data, node);
                        } else {
                            self.split_once(data, node);
                        }
                    }
                    layer += 2;
                }
            }
        }
    }

    /// Two layers of block `node`.
    #[inline(always)]
    fn split_twice(&self, data: &mut [Values<F, I>], node: usize) {
        let (left, right) = data.split_at_mut(data.len() / 2);
        let (a, b) = left.split_at_mut(left.len() / 2);
        let (c, d) = right.split_at_mut(right.len() / 2);
        let pairs = a.iter_mut().zip(b).zip(c.iter_mut().zip(d));
        if node == 0 {
            let second = self.root(1);
            for ((a, b), (c, d)) in pairs {
                [*a, *c] = split_by_one([*a, *c]);
                [*b, *d] = split_by_one([*b, *d]);
                [*a, *b] = split_by_one([*a, *b]);
                [*c, *d] = split_by::<_, D>([*c, *d], second);
            }
        } else {
            let first = self.root(node);
            let (second, third) = (self.root(2 * node), self.root(2 * node + 1));
            for ((a, b), (c, d)) in pairs {
                [*a, *c] = split_by::<_, D>([*a, *c], first);
                [*b, *d] = split_by::<_, D>([*b, *d], first);
                [*a, *b] = split_by::<_, D>([*a, *b], second);
                [*c, *d] = split_by::<_, D>([*c, *d], third);
            }
        }
    }

    /// One layer of block `node`.
    #[inline(always)]
    fn split_once(&self, data: &mut [Values<F, I>], node: usize) {
        let (left, right) = data.split_at_mut(data.len() / 2);
        let root = self.root(node);
        for (a, b) in left.iter_mut().zip(right) {
            [*a, *b] = split_by::<_, D>([*a, *b], root);
        }
    }

    /// Three layers in each lane, from the blocks `node`, `node + 1`, ... of the lanes; `node` is a multiple
    /// of [`LANES`].
    #[inline(always)]
    pub(super) fn split_lanes(&self, values: &mut [Values<F, I>; LANES], node: usize) {
        self.split_lanes_once::<LANES>(values, node);
        self.split_lanes_once::<{ 2 * LANES }>(values, 2 * node);
        self.split_lanes_once::<{ 4 * LANES }>(values, 4 * node);
    }

    /// One layer of `RUN / LANES` blocks in each lane.
    #[inline(always)]
    fn split_lanes_once<const RUN: usize>(&self, values: &mut [Values<F, I>; LANES], first: usize) {
        let size = LANES * LANES / RUN;
        for (block, data) in values.chunks_exact_mut(size).enumerate() {
            let root = self.lane_roots::<RUN>(first, block);
            let (left, right) = data.split_at_mut(size / 2);
            for (a, b) in left.iter_mut().zip(right) {
                [*a, *b] = split_by::<_, D>([*a, *b], root);
            }
        }
    }

    /// The reverse of [`Layers::split`]: from below 2 to below 2.
    #[inline(always)]
    pub(super) fn join(&self, buffer: &mut [Values<F, I>], node: usize, layers: u32) {
        let len = buffer.len();
        let [large, small] = self.stages(len, layers);
        for (from, to) in [small, large] {
            for outer in 0..1usize << from {
                // The layers in pairs from `from` on, backwards.
                let mut end = to;
                while end > from {
                    let layer = end - 1 - (end - 1 - from) % 2;
                    let blocks = 1usize << (layer - from);
                    let size = len >> layer;
                    for block in outer * blocks..(outer + 1) * blocks {
                        let data = &mut buffer[block * size..(block + 1) * size];
                        let node = (node << layer) + block;
                        if layer + 1 < end {
                            self.join_twice(data, node);
                        } else {
                            self.join_once(data, node);
                        }
                    }
                    end = layer;
                }
            }
        }
    }

    /// Two layers of block `node`, from below 2 to below 2.
    #[inline(always)]
    fn join_twice(&self, data: &mut [Values<F, I>], node: usize) {
        let (left, right) = data.split_at_mut(data.len() / 2);
        let (a, b) = left.split_at_mut(left.len() / 2);
        let (c, d) = right.split_at_mut(right.len() / 2);
        let pairs = a.iter_mut().zip(b).zip(c.iter_mut().zip(d));
        if node == 0 {
            let second = self.root(1);
            for ((a, b), (c, d)) in pairs {
                [*a, *b] = join_by_one([*a, *b], 2);
                [*c, *d] = join_by::<_, D>([*c, *d], second, 2);
                [*a, *c] = join_by_one([*a, *c], 4);
                [*b, *d] = join_by_one([*b, *d], 4);
                (*a, *b, *c, *d) = (reduce(*a), reduce(*b), reduce(*c), reduce(*d));
            }
        } else {
            let first = self.root(node);
            let (second, third) = (self.root(2 * node), self.root(2 * node + 1));
            for ((a, b), (c, d)) in pairs {
                [*a, *b] = join_by::<_, D>([*a, *b], second, 2);
                [*c, *d] = join_by::<_, D>([*c, *d], third, 2);
                [*a, *c] = join_by::<_, D>([*a, *c], first, 4);
                [*b, *d] = join_by::<_, D>([*b, *d], first, 4);
                (*a, *b) = (reduce(*a), reduce(*b));
            }
        }
    }

    /// One layer of block `node`, from below 2 to below 2.
    #[inline(always)]
    fn join_once(&self, data: &mut [Values<F, I>], node: usize) {
        let (left, right) = data.split_at_mut(data.len() / 2);
        let root = self.root(node);
        for (a, b) in left.iter_mut().zip(right) {
            [*a, *b] = join_by::<_, D>([*a, *b], root, 2);
            *a = reduce(*a);
        }
    }

    /// The reverse of [`Layers::split_lanes`]: from below 2 to below 2.
    #[inline(always)]
    pub(super) fn join_lanes(&self, values: &mut [Values<F, I>; LANES], node: usize) {
        // Below 2, then 4, then 8.
        self.join_lanes_once::<{ 4 * LANES }>(values, 4 * node, 2);
        self.join_lanes_once::<{ 2 * LANES }>(values, 2 * node, 4);
        self.join_lanes_once::<LANES>(values, node, 8);
        for value in &mut values[..LANES / 2] {
            *value = reduce(*value);
        }
    }

    /// The reverse of [`Layers::split_lanes_once`], of values below `bound`.
    #[inline(always)]
    fn join_lanes_once<const RUN: usize>(
        &self,
        values: &mut [Values<F, I>; LANES],
        first: usize,
        bound: u64,
    ) {
        let size = LANES * LANES / RUN;
        for (block, data) in values.chunks_exact_mut(size).enumerate() {
            let root = self.lane_roots::<RUN>(first, block);
            let (left, right) = data.split_at_mut(size / 2);
            for (a, b) in left.iter_mut().zip(right) {
                [*a, *b] = join_by::<_, D>([*a, *b], root, bound);
            }
        }
    }
}

/// `(a + w b, a - w b)`: the bound of `a` rises by 2; `b` is below 40.
#[inline(always)]
fn split_by<S: Sum, D: Direction>([a, b]: [S; 2], w: S::Vector) -> [S; 2] {
    let b = w.mul_sum(b.tight());
    let (sum, difference) = (a.plus(b), a.minus(b, 2));
    if D::NEGATED {
        [difference, sum]
    } else {
        [sum, difference]
    }
}

/// [`split_by`] with the root 1.
#[inline(always)]
fn split_by_one<S: Sum>([a, b]: [S; 2]) -> [S; 2] {
    let b = reduce(b);
    [a.plus(b), a.minus(b, 2)]
}

/// `(a + b, (a - b) w)`, for `a` and `b` below `bound`: below twice the bound, and below 2.
#[inline(always)]
fn join_by<S: Sum, D: Direction>([a, b]: [S; 2], w: S::Vector, bound: u64) -> [S; 2] {
    let difference = if D::NEGATED {
        b.minus(a, bound)
    } else {
        a.minus(b, bound)
    };
    [a.plus(b), w.mul_sum(difference.tight())]
}

/// [`join_by`] with the root 1: both below twice the bound.
#[inline(always)]
fn join_by_one<S: Sum>([a, b]: [S; 2], bound: u64) -> [S; 2] {
    [a.plus(b), a.minus(b, bound)]
}

/// The same below 2.
#[inline(always)]
fn reduce<S: Sum>(value: S) -> S {
    value.reduce().sum()
}
