//! The sizes of a pass over one chunk of the scalars and one group of bucket sets, and where its data is
//! in memory.

use core::ops::Range;

use bytemuck::{Pod, Zeroable};

/// Digits that a block of the sort takes at once.
pub(super) const TILE: u32 = 8192;
/// Classes of segments by their length.
pub(super) const CLASSES: u32 = 256;
/// Segments of one bucket beyond the first that are added up at once.
pub(super) const FAN_IN: u32 = 256;

/// Bits that one level of the sort takes at most: its counters are in shared memory.
pub(super) const MAX_LEVEL_BITS: u32 = 12;
/// Counters in shared memory of the kernel that cuts scalars into digits: 48 KiB.
pub(super) const MAX_BINS: u32 = 12 << 10;

/// What the sort kernels know of a pass: `MsmShape` of `kernels/msm.cuh`, where the fields are explained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Shape {
    pub(super) scalars: u32,
    pub(super) first_scalar: u32,
    pub(super) vector_stride: u32,
    pub(super) capacity: u32,
    pub(super) first: u32,
    pub(super) count: u32,
    pub(super) windows: u32,
    pub(super) stride: u32,
    pub(super) width: u32,
    pub(super) high_bits: u32,
    pub(super) low_bits: u32,
    pub(super) sets: u32,
    pub(super) segment: u32,
    pub(super) class_shift: u32,
    pub(super) bases: u32,
    pub(super) first_base: u32,
}

impl Shape {
    /// Buckets of one set.
    pub(super) fn set_len(&self) -> usize {
        1 << (self.width - 1)
    }

    /// Buckets of the group.
    pub(super) fn buckets(&self) -> usize {
        self.sets as usize * self.set_len()
    }

    /// Entries of the group, at most.
    pub(super) fn entries(&self) -> usize {
        self.sets as usize * self.capacity as usize
    }

    /// Bins of the group.
    pub(super) fn bins(&self) -> usize {
        (self.sets as usize) << self.high_bits
    }

    /// Segments beyond the first of their bucket, at most.
    pub(super) fn extras(&self) -> usize {
        self.entries() / self.segment as usize
    }

    /// Such segments of one bucket, at most.
    pub(super) fn extras_of_bucket(&self) -> u32 {
        self.capacity.saturating_sub(1) / self.segment
    }

    /// How the bits of a bucket's index are split between the levels of the sort: `(high, low)`.
    ///
    /// Half and half makes the runs that are written as long as they can be in both levels, but a bin
    /// below a tile would not fill a block.
    pub(super) fn split_bits(width: u32, capacity: u32) -> (u32, u32) {
        let bits = width - 1;
        let tiles = (capacity / TILE).max(1);
        let high = (bits / 2).min(tiles.ilog2());
        let high = high.max(bits.saturating_sub(MAX_LEVEL_BITS));
        (high, bits - high)
    }
}

/// Where the words of a pass are in the buffer of indices. Lengths are in words of 32 bits.
#[derive(Clone, Debug, Default)]
pub(super) struct Indices {
    /// All that must be zero when a pass begins: the seven that follow.
    pub(super) counters: Range<usize>,
    pub(super) bins: Range<usize>,
    pub(super) bin_cursors: Range<usize>,
    pub(super) counts: Range<usize>,
    pub(super) classes: Range<usize>,
    pub(super) class_cursors: Range<usize>,
    pub(super) totals: Range<usize>,
    /// Digits; afterwards the sorted entries.
    pub(super) digits: Range<usize>,
    /// Entries in bins, and the low bits of their buckets, two to a word.
    pub(super) entries: Range<usize>,
    pub(super) lows: Range<usize>,
    /// Where buckets begin; afterwards where they end.
    pub(super) ends: Range<usize>,
    pub(super) extras: Range<usize>,
    pub(super) order: Range<usize>,
    pub(super) heads: Range<usize>,
    pub(super) len: usize,
}

impl Indices {
    pub(super) fn of(shape: &Shape) -> Self {
        let mut len = 0;
        let mut take = |words: usize| {
            let start = len;
            len += words;
            // Aligned to 256 bytes, as an allocation is.
            len = len.next_multiple_of(64);
            start..start + words
        };
        let bins = take(shape.bins());
        let bin_cursors = take(shape.bins());
        let counts = take(shape.buckets());
        let classes = take(CLASSES as usize);
        let class_cursors = take(CLASSES as usize);
        let totals = take(2);
        let counters = bins.start..totals.end;
        let digits = take(shape.entries());
        let entries = take(shape.entries());
        let lows = take(shape.entries().div_ceil(2));
        let ends = take(shape.buckets());
        let extras = take(shape.buckets());
        let order = take(shape.buckets() + shape.extras());
        let heads = take(shape.extras());
        Self {
            counters,
            bins,
            bin_cursors,
            counts,
            classes,
            class_cursors,
            totals,
            digits,
            entries,
            lows,
            ends,
            extras,
            order,
            heads,
            len,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_the_sort_fit_shared_memory() {
        for width in 4..=24 {
            for log in 0..31 {
                let (high, low) = Shape::split_bits(width, 1 << log);
                assert_eq!(high + low, width - 1);
                assert!(low <= MAX_LEVEL_BITS && high < MAX_LEVEL_BITS, "{width}");
                assert!(high == width.saturating_sub(13) || 1 << (log - high) >= TILE);
            }
        }
    }
}
