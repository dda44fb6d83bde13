//! How a transform is cut into passes, and what the kernels of `kernels/ntt.cu` are told about
//! each.

use bytemuck::{Pod, Zeroable};

/// The most layers of one pass: a tile with one column.
pub(super) const MAX_LEVELS: u32 = 11;
/// The most elements of a tile: 64 KiB of shared memory. Registers let two blocks onto a
/// multiprocessor, and their tiles fit.
const MAX_LOG_TILE: u32 = 11;
/// The fewest: those of one warp, eight a thread.
const MIN_LOG_TILE: u32 = 8;
/// The most layers of a pass if there are several: tiles then have two columns or more, and every
/// access to memory 64 bytes.
const MAX_LEVELS_OF_SEVERAL: u32 = MAX_LOG_TILE - 1;

/// The layers of each pass, from the top of the tree: as few passes as possible, as equal as
/// possible.
pub(super) fn levels_of_passes(log_n: u32) -> Vec<u32> {
    let passes = if log_n <= MAX_LEVELS {
        log_n.min(1)
    } else {
        log_n.div_ceil(MAX_LEVELS_OF_SEVERAL)
    };
    (0..passes)
        .map(|pass| (log_n + passes - 1 - pass) / passes)
        .collect()
}

/// What a pass does besides: bits of [`Pass::flags`].
pub(super) mod flags {
    /// The pass is the last: what it stores is reduced.
    pub(in super::super) const LAST: u32 = 1;
    /// What is loaded is multiplied by powers.
    pub(in super::super) const POWERS_IN: u32 = 2;
    /// What is stored is multiplied by powers.
    pub(in super::super) const POWERS_OUT: u32 = 4;
    /// The exponents of the powers are the places of the elements backwards.
    pub(in super::super) const POWERS_REVERSED: u32 = 8;
    /// What is stored is divided by `n`.
    pub(in super::super) const DIVIDE: u32 = 16;
    /// An element is stored at its place backwards.
    pub(in super::super) const PERMUTE: u32 = 32;
}

/// A pass, as the kernels take it: `NttPass` in `kernels/ntt_tile.cuh`, where the fields are
/// explained.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Pass {
    log_n: u32,
    above: u32,
    levels: u32,
    log_tile: u32,
    log_columns: u32,
    root: u32,
    batch: u32,
    flags: u32,
    log_fine: u32,
}

impl Pass {
    /// The pass of `levels` layers below `above` others, for `batch` transforms, on a device with
    /// this many multiprocessors.
    pub(super) fn new(
        log_n: u32,
        above: u32,
        levels: u32,
        batch: u32,
        multiprocessors: u32,
    ) -> Self {
        let log_tile = log_tile(levels, u64::from(batch) << log_n, multiprocessors);
        let log_width = log_n - above - levels;
        // Columns of the same rows, or blocks that stand for columns where a row is one element.
        let columns = if log_width > 0 { log_width } else { above };
        Self {
            log_n,
            above,
            levels,
            log_tile,
            // A thread's elements are of one block.
            log_columns: columns.min(log_tile - levels.max(3)),
            root: 0,
            batch,
            flags: 0,
            log_fine: log_fine(log_n),
        }
    }

    /// The same with block `root` at the top of the tree that is split.
    pub(super) fn rooted_at(self, root: u32) -> Self {
        Self { root, ..self }
    }

    /// The same with these [`flags`].
    pub(super) fn with(self, flags: u32) -> Self {
        Self {
            flags: self.flags | flags,
            ..self
        }
    }

    /// The number of tiles: blocks of the launch.
    pub(super) fn tiles(&self) -> usize {
        let tiles = 1usize << (self.log_n - self.levels - self.log_columns);
        let transforms = 1usize << (self.log_tile - self.levels - self.log_columns);
        tiles * (self.batch as usize).div_ceil(transforms)
    }

    /// The threads of a tile.
    pub(super) fn threads(&self) -> u32 {
        1 << (self.log_tile - 3)
    }

    /// The bytes of a tile.
    pub(super) fn bytes(&self) -> usize {
        32 << self.log_tile
    }
}

/// The largest tiles, unless that leaves less than two for each multiprocessor.
fn log_tile(levels: u32, elements: u64, multiprocessors: u32) -> u32 {
    let least = (levels + 1).clamp(MIN_LOG_TILE, MAX_LOG_TILE);
    let enough = |log_tile: &u32| elements >> log_tile >= 2 * u64::from(multiprocessors);
    (least..=MAX_LOG_TILE).rev().find(enough).unwrap_or(least)
}

/// The binary logarithm of the number of consecutive powers in the table of powers. The rest of the
/// table are the powers in steps of that many.
pub(super) fn log_fine(log_n: u32) -> u32 {
    log_n.div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_are_few_and_equal() {
        assert!(levels_of_passes(0).is_empty());
        assert_eq!(levels_of_passes(11), [11]);
        assert_eq!(levels_of_passes(12), [6, 6]);
        assert_eq!(levels_of_passes(20), [10, 10]);
        assert_eq!(levels_of_passes(22), [8, 7, 7]);
        assert_eq!(levels_of_passes(28), [10, 9, 9]);
        for log_n in 0..=28 {
            assert_eq!(levels_of_passes(log_n).iter().sum::<u32>(), log_n);
        }
    }

    /// Every element is in one tile, and a tile is not larger than shared memory.
    #[test]
    fn tiles_cover_the_batch() {
        for log_n in 1..=28 {
            for batch in [1, 2, 3, 100] {
                let mut above = 0;
                for levels in levels_of_passes(log_n) {
                    let pass = Pass::new(log_n, above, levels, batch, 132);
                    assert!(pass.bytes() <= 64 << 10);
                    let covered = pass.tiles() << pass.log_tile;
                    let elements = (batch as usize) << log_n;
                    assert!(covered >= elements);
                    let in_tile = 1 << (pass.log_tile - levels - pass.log_columns);
                    assert!(covered - elements < in_tile << log_n);
                    above += levels;
                }
            }
        }
    }
}
