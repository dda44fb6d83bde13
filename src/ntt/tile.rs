//! Tiles: narrow pieces of many rows of a long vector, worked on in a near cache.

use rayon::prelude::*;

/// The same columns of every row of a vector that is cut into rows of equal length.
pub(crate) struct Tile<'a, T> {
    /// One run of neighbours from each row.
    pub(crate) rows: Vec<&'a mut [T]>,
}

/// Cuts `data` into `2^log_rows` rows and these into tiles `width` columns wide, from left to right.
/// The rows must be a multiple of `width` long.
pub(crate) fn tiles_mut<T>(data: &mut [T], log_rows: u32, width: usize) -> Vec<Tile<'_, T>> {
    let row_len = data.len() >> log_rows;
    let mut tiles: Vec<Tile<'_, T>> = (0..row_len / width)
        .map(|_| Tile {
            rows: Vec::with_capacity(1 << log_rows),
        })
        .collect();
    for row in data.chunks_exact_mut(row_len) {
        for (tile, run) in tiles.iter_mut().zip(row.chunks_exact_mut(width)) {
            tile.rows.push(run);
        }
    }
    tiles
}

impl<T: Copy> Tile<'_, T> {
    /// Copies the rows, one after the other, into `buffer`. Their strides are powers of two, so where
    /// they are they would compete for the same few lines of the cache.
    pub(crate) fn load(&self, buffer: &mut Vec<T>) {
        buffer.clear();
        for run in &self.rows {
            buffer.extend_from_slice(run);
        }
    }
}

/// Runs `f` on the rows of every tile of `data`; parallel, with `scratch` for each thread.
pub(super) fn for_each_tile<T: Send + Sync, S: Send>(
    data: &mut [T],
    log_rows: u32,
    width: usize,
    scratch: impl Fn() -> S + Send + Sync,
    f: impl Fn(&mut S, &mut [&mut [T]]) + Sync,
) {
    tiles_mut(data, log_rows, width)
        .into_par_iter()
        .for_each_init(scratch, |scratch, mut tile| f(scratch, &mut tile.rows));
}
