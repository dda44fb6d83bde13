//! The schedule of a transform on the CPU: what is done in which cache, by which thread.
//!
//! A vector beyond the second-level cache is seen as a matrix of `2^r` rows. The top `r` layers act on
//! each column alone: tiles of neighbouring columns are taken together, done, and put back. What
//! is left are `2^r` independent transforms of one row each. So `log n` layers take
//! `log n / r` passes over memory, not `log n`; tiles and rows are the tasks of the threads.

use rayon::prelude::*;

use super::butterfly::{Butterflies, Finish, Piece};
use super::tile::for_each_tile;
use super::twiddles::{Direction, Forward, Inverse};
use crate::field::{Lazy, PrimeField};

/// Up to `2^LOG_BLOCK` elements a transform stays within one thread's second-level cache: 512 KiB for
/// elements of 32 bytes.
const LOG_BLOCK: u32 = 14;
/// Up to this size a transform (tens of microseconds) is not worth the handing over to other threads.
pub(super) const LOG_SERIAL: u32 = 10;
/// More rows would need more pages than the translation buffers hold.
const MAX_LOG_ROWS: u32 = 8;
/// Columns of a tile: 512 bytes of each row for elements of 32 bytes, so that the lines next to each
/// other are fetched together; the largest tile has 128 KiB.
const TILE_WIDTH: usize = 16;

/// How many of the top layers go through tiles; none if the whole is one task.
fn top_layers(log_n: u32) -> u32 {
    // Asking for the number of threads may start them.
    let is_serial = || rayon::current_num_threads() == 1;
    if log_n <= LOG_SERIAL || (log_n <= LOG_BLOCK && is_serial()) {
        0
    } else {
        (log_n / 2).min(MAX_LOG_ROWS)
    }
}

/// A transform's schedule, on some butterflies.
#[derive(Clone, Copy)]
pub(super) struct Schedule<'a, F, B> {
    pub(super) butterflies: B,
    pub(super) table: &'a [F],
}

impl<F: PrimeField, B: Butterflies<F>> Schedule<'_, F, B> {
    /// Splits block `node` to the end.
    pub(super) fn split_all<D: Direction>(
        &self,
        data: &mut [Lazy<F>],
        node: usize,
        finish: Finish<F>,
    ) {
        self.split_with::<D>(&mut self.butterflies.scratch(), data, node, finish);
    }

    fn split_with<D: Direction>(
        &self,
        scratch: &mut B::Scratch,
        data: &mut [Lazy<F>],
        node: usize,
        finish: Finish<F>,
    ) {
        let layers = data.len().ilog2();
        let top = top_layers(layers);
        if top == 0 {
            let runs = &mut [data];
            let piece = Piece { runs, node, layers };
            self.butterflies
                .split::<D>(scratch, piece, self.table, finish);
            return;
        }
        for_each_tile(
            data,
            top,
            TILE_WIDTH,
            || self.butterflies.scratch(),
            |scratch, runs| {
                let layers = top;
                let piece = Piece { runs, node, layers };
                self.butterflies
                    .split::<D>(scratch, piece, self.table, Finish::Lazy);
            },
        );
        self.split_rows::<D>(data, node, top, finish);
    }

    fn split_rows<D: Direction>(
        &self,
        data: &mut [Lazy<F>],
        node: usize,
        top: u32,
        finish: Finish<F>,
    ) {
        let row_len = data.len() >> top;
        data.par_chunks_exact_mut(row_len)
            .enumerate()
            .for_each_init(
                || self.butterflies.scratch(),
                |scratch, (i, row)| self.split_with::<D>(scratch, row, (node << top) + i, finish),
            );
    }

    /// The reverse of [`Schedule::split_all`], but for a factor.
    pub(super) fn join_all<D: Direction>(
        &self,
        data: &mut [Lazy<F>],
        node: usize,
        finish: Finish<F>,
    ) {
        self.join_with::<D>(&mut self.butterflies.scratch(), data, node, finish);
    }

    fn join_with<D: Direction>(
        &self,
        scratch: &mut B::Scratch,
        data: &mut [Lazy<F>],
        node: usize,
        finish: Finish<F>,
    ) {
        let layers = data.len().ilog2();
        let top = top_layers(layers);
        if top == 0 {
            let runs = &mut [data];
            let piece = Piece { runs, node, layers };
            self.butterflies
                .join::<D>(scratch, piece, self.table, finish);
            return;
        }
        self.join_rows::<D>(data, node, top);
        for_each_tile(
            data,
            top,
            TILE_WIDTH,
            || self.butterflies.scratch(),
            |scratch, runs| {
                let layers = top;
                let piece = Piece { runs, node, layers };
                self.butterflies
                    .join::<D>(scratch, piece, self.table, finish);
            },
        );
    }

    fn join_rows<D: Direction>(&self, data: &mut [Lazy<F>], node: usize, top: u32) {
        let row_len = data.len() >> top;
        data.par_chunks_exact_mut(row_len)
            .enumerate()
            .for_each_init(
                || self.butterflies.scratch(),
                |scratch, (i, row)| {
                    self.join_with::<D>(scratch, row, (node << top) + i, Finish::Lazy);
                },
            );
    }

    /// From values on the subgroup to `n` times the values on the odd coset, both in bit-reversed order:
    /// up the tree of `x^n - 1` and down the tree of `x^n + 1`, which is block 1 of `x^2n - 1`. At the top
    /// the two meet in the same tiles.
    pub(super) fn extend(&self, data: &mut [Lazy<F>]) {
        let log_n = data.len().ilog2();
        let top = top_layers(log_n);
        if top == 0 {
            self.join_all::<Inverse>(data, 0, Finish::Lazy);
            self.split_all::<Forward>(data, 1, Finish::Reduce);
            return;
        }
        self.join_rows::<Inverse>(data, 0, top);
        for_each_tile(
            data,
            top,
            TILE_WIDTH,
            || self.butterflies.scratch(),
            |scratch, runs| {
                let (node, layers) = (0, top);
                let tile = Piece { runs, node, layers };
                self.butterflies
                    .turn(scratch, tile, self.table, Finish::Lazy);
            },
        );
        self.split_rows::<Forward>(data, 1, top, Finish::Reduce);
    }
}
