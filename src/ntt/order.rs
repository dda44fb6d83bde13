//! The order in which a transform's values stand in memory.

use rayon::prelude::*;

use super::cpu::LOG_SERIAL;
use super::tile::{Tile, tiles_mut};
use crate::{Error, Result};

/// An order of the `2^log_n` values of a transform: [`Natural`] or [`BitReversed`].
pub trait Order: sealed::Sealed + Send + Sync + 'static {
    /// Whether the value with index `i` stands at the place whose bits are those of `i` backwards.
    const BIT_REVERSED: bool;
}

/// Value `i` stands at place `i`.
#[derive(Clone, Copy, Debug)]
pub enum Natural {}

/// Value `i` stands at the place whose `log_n` bits are those of `i` backwards. This is what the
/// transforms make and take without moving anything.
#[derive(Clone, Copy, Debug)]
pub enum BitReversed {}

impl Order for Natural {
    const BIT_REVERSED: bool = false;
}
impl Order for BitReversed {
    const BIT_REVERSED: bool = true;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Natural {}
    impl Sealed for super::BitReversed {}
}

/// The lowest `bits` bits of `index` backwards; `index` must be below `2^bits`.
#[inline(always)]
pub(crate) fn reverse_bits(index: usize, bits: u32) -> usize {
    debug_assert!(bits <= usize::BITS && index.checked_shr(bits).unwrap_or(0) == 0);
    index
        .reverse_bits()
        .checked_shr(usize::BITS - bits)
        .unwrap_or(0)
}

/// Permutes `data` from natural to bit-reversed order, which is also the way back. Parallel.
///
/// # Errors
/// [`Error::Argument`] if the length is not a power of two.
pub fn bit_reverse<T: Copy + Send + Sync>(data: &mut [T]) -> Result<()> {
    if !data.len().is_power_of_two() {
        return Err(Error::Argument(format!(
            "only a power of two of values has a bit-reversed order, not {}",
            data.len()
        )));
    }
    if data.len() <= 1 << LOG_SERIAL.max(2 * LOG_SIDE - 1) {
        bit_reverse_serial(data);
        return Ok(());
    }
    // Tile `b` goes to tile `rev(b)`, mirrored, and the other way round: each pair is one task.
    let mut tiles: Vec<Option<Tile<'_, T>>> =
        square_tiles_mut(data).into_iter().map(Some).collect();
    let bits = tiles.len().ilog2();
    let mut pairs = Vec::with_capacity(tiles.len() / 2 + 1);
    for b in 0..tiles.len() {
        if let Some(tile) = tiles[b].take() {
            pairs.push((tile, tiles[reverse_bits(b, bits)].take()));
        }
    }
    pairs.into_par_iter().for_each_init(
        || (Vec::new(), Vec::new()),
        |(values, other_values), (mut tile, other)| {
            tile.load(values);
            if let Some(mut other) = other {
                other.load(other_values);
                store_mirrored(&mut other, values);
                store_mirrored(&mut tile, other_values);
            } else {
                store_mirrored(&mut tile, values);
            }
        },
    );
    Ok(())
}

/// One swap after the other: while everything is in a near cache, nothing is better.
pub(super) fn bit_reverse_serial<T: Copy>(data: &mut [T]) {
    let bits = data.len().ilog2();
    for i in 0..data.len() {
        let j = reverse_bits(i, bits);
        if i < j {
            data.swap(i, j);
        }
    }
}

/// The bits of a tile's side: with elements of 32 bytes its rows are 1 KiB and a pair of tiles is
/// 64 KiB.
pub(crate) const LOG_SIDE: u32 = 5;

/// The places `(a, b, c)` for every `b`, where an index is split into its top `LOG_SIDE` bits `a`, its
/// middle `b` and its lowest `LOG_SIDE` bits `c`. The reversal takes `(a, b, c)` to
/// `(rev c, rev b, rev a)`: whole tiles to whole tiles, and every access is to a run of neighbours
/// (Carter and Gatlin, "Towards an optimal bit-reversal permutation program", 1998).
///
/// `data` must be a power of two long, at least `2^(2 LOG_SIDE)`.
pub(crate) fn square_tiles_mut<T>(data: &mut [T]) -> Vec<Tile<'_, T>> {
    tiles_mut(data, LOG_SIDE, 1 << LOG_SIDE)
}

/// Writes the tile `source`, mirrored.
fn store_mirrored<T: Copy>(tile: &mut Tile<'_, T>, source: &[T]) {
    for (row, run) in tile.rows.iter_mut().enumerate() {
        let c = reverse_bits(row, LOG_SIDE);
        for (column, value) in run.iter_mut().enumerate() {
            let a = reverse_bits(column, LOG_SIDE);
            *value = source[(a << LOG_SIDE) | c];
        }
    }
}
