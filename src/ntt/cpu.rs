//! The schedule of a transform on the CPU: what is done in which cache, by which thread.
//!
//! A vector beyond the second-level cache is seen as a matrix of `2^r` rows. The top `r` layers act on
//! each column alone: tiles of neighbouring columns are copied together, done, and copied back. What
//! is left are `2^r` independent transforms of one row each. So `log n` layers take
//! `log n / r` passes over memory, not `log n`; tiles and rows are the tasks of the threads.

use rayon::prelude::*;

use super::butterfly::{join, split};
use super::tile::for_each_tile;
use super::twiddles::{Direction, Forward, Inverse};
use crate::field::{Lazy, PrimeField};

/// Up to `2^LOG_BLOCK` elements a transform stays within one thread's second-level cache: 512 KiB for
/// elements of 32 bytes.
const LOG_BLOCK: u32 = 14;
/// Up to this size a transform (tens of microseconds) is not worth the handing over to other threads.
const LOG_SERIAL: u32 = 10;
/// More rows would need more pages than the translation buffers hold.
const MAX_LOG_ROWS: u32 = 8;
/// Columns of a tile: 512 bytes of each row for elements of 32 bytes, so that the lines next to each
/// other are fetched together; the largest tile has 128 KiB.
const TILE_WIDTH: usize = 16;

/// How many of the top layers go through tiles; none if the whole is one task.
fn top_layers(log_n: u32) -> u32 {
    let parallel = rayon::current_num_threads() > 1;
    if log_n <= LOG_SERIAL || (log_n <= LOG_BLOCK && !parallel) {
        0
    } else {
        (log_n / 2).min(MAX_LOG_ROWS)
    }
}

/// Splits block `node` to the end, and runs `finish` on pieces that cover it. Values below `4p` from
/// the butterflies to `finish`.
pub(super) fn split_all<F: PrimeField, D: Direction>(
    data: &mut [Lazy<F>],
    node: usize,
    table: &[F],
    finish: &(impl Fn(&mut [Lazy<F>]) + Sync),
) {
    let log_n = data.len().ilog2();
    let top = top_layers(log_n);
    if top == 0 {
        split::<F, D>(data, node, log_n, table);
        finish(data);
        return;
    }
    for_each_tile(data, top, TILE_WIDTH, |tile| {
        split::<F, D>(tile, node, top, table);
    });
    split_rows::<F, D>(data, node, top, table, finish);
}

fn split_rows<F: PrimeField, D: Direction>(
    data: &mut [Lazy<F>],
    node: usize,
    top: u32,
    table: &[F],
    finish: &(impl Fn(&mut [Lazy<F>]) + Sync),
) {
    let row_len = data.len() >> top;
    data.par_chunks_exact_mut(row_len)
        .enumerate()
        .for_each(|(i, row)| split_all::<F, D>(row, (node << top) + i, table, finish));
}

/// The reverse of [`split_all`], with `finish` on pieces too. Values below `2p`.
pub(super) fn join_all<F: PrimeField, D: Direction>(
    data: &mut [Lazy<F>],
    node: usize,
    table: &[F],
    finish: &(impl Fn(&mut [Lazy<F>]) + Sync),
) {
    let log_n = data.len().ilog2();
    let top = top_layers(log_n);
    if top == 0 {
        join::<F, D>(data, node, log_n, table);
        finish(data);
        return;
    }
    join_rows::<F, D>(data, node, top, table);
    for_each_tile(data, top, TILE_WIDTH, |tile| {
        join::<F, D>(tile, node, top, table);
        finish(tile);
    });
}

fn join_rows<F: PrimeField, D: Direction>(
    data: &mut [Lazy<F>],
    node: usize,
    top: u32,
    table: &[F],
) {
    let row_len = data.len() >> top;
    data.par_chunks_exact_mut(row_len)
        .enumerate()
        .for_each(|(i, row)| join_all::<F, D>(row, (node << top) + i, table, &|_| ()));
}

/// From values on the subgroup to `n` times the values on the odd coset, both in bit-reversed order:
/// up the tree of `x^n - 1` and down the tree of `x^n + 1`, which is block 1 of `x^2n - 1`. At the top
/// the two meet in the same tiles.
pub(super) fn extend<F: PrimeField>(data: &mut [Lazy<F>], table: &[F]) {
    let log_n = data.len().ilog2();
    let top = top_layers(log_n);
    if top == 0 {
        join::<F, Inverse>(data, 0, log_n, table);
        split::<F, Forward>(data, 1, log_n, table);
        reduce(data);
        return;
    }
    join_rows::<F, Inverse>(data, 0, top, table);
    for_each_tile(data, top, TILE_WIDTH, |tile| {
        join::<F, Inverse>(tile, 0, top, table);
        split::<F, Forward>(tile, 1, top, table);
    });
    split_rows::<F, Forward>(data, 1, top, table, &reduce);
}

/// Makes elements of residues below `4p`.
pub(super) fn reduce<F: PrimeField>(data: &mut [Lazy<F>]) {
    for value in data {
        *value = Lazy::new(value.reduce());
    }
}

/// Makes elements of residues, times `factor`.
pub(super) fn reduce_scaled<F: PrimeField>(data: &mut [Lazy<F>], factor: F) {
    for value in data {
        *value = Lazy::new(value.times(factor).reduce());
    }
}
