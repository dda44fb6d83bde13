//! What a sponge takes of many rows, on its way from columns to states.

use bytemuck::Pod;

use crate::memory::prefetch;

/// Rows that are hashed together. Columns are a power of two of bytes apart, so that the same rows of all of
/// them compete for a few places in each cache: they are read once, as several whole cache lines.
pub(super) const ROWS: usize = 64;

/// A value of each row: of a column, or of two.
pub(super) trait Source<T>: Copy {
    /// Those of the rows `first, first + 1, ...`.
    fn read(self, first: usize, values: &mut [T]);
    /// Tells the processor that `rows` rows from the `first` on will be read soon.
    fn prefetch(self, first: usize, rows: usize);
}

impl<T: Pod> Source<T> for &[T] {
    #[inline(always)]
    fn read(self, first: usize, values: &mut [T]) {
        values.copy_from_slice(&self[first..first + values.len()]);
    }
    #[inline(always)]
    fn prefetch(self, first: usize, rows: usize) {
        prefetch(&self[first..first + rows]);
    }
}

/// The values that sponges of rate `RATE` take from up to [`ROWS`] rows before a permutation, and the next.
///
/// All methods are inlined into kernels.
pub(super) struct Stage<'a, S, T, const RATE: usize> {
    sources: &'a [S],
    first: usize,
    rows: usize,
    /// Blocks of `RATE` sources, the even ones in the first half; of few sources only one.
    values: Vec<[T; ROWS]>,
}

impl<'a, S: Source<T>, T: Pod, const RATE: usize> Stage<'a, S, T, RATE> {
    #[inline(always)]
    pub(super) fn new(sources: &'a [S]) -> Self {
        Self {
            sources,
            first: 0,
            rows: 0,
            values: vec![[T::zeroed(); ROWS]; sources.len().min(2 * RATE)],
        }
    }

    /// Reads block 0 of these rows.
    #[inline(always)]
    pub(super) fn begin(&mut self, first: usize, rows: usize) {
        (self.first, self.rows) = (first, rows);
        self.read(0, 0, 1);
    }

    /// The number of blocks.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.sources.len().div_ceil(RATE)
    }

    /// The values of a block, source by source; beyond the rows that there are, anything.
    #[inline(always)]
    pub(super) fn block(&self, number: usize) -> &[[T; ROWS]] {
        let sources = self.sources.len().min((number + 1) * RATE) - number * RATE;
        &self.values[number % 2 * RATE..][..sources]
    }

    /// The sources of part `part` of `parts` of a block, if there is such a block.
    #[inline(always)]
    fn part(&self, number: usize, part: usize, parts: usize) -> core::ops::Range<usize> {
        let end = self.sources.len();
        let place = |part: usize| (number * RATE + RATE * part / parts).min(end);
        place(part)..place(part + 1)
    }

    /// Tells the processor that a part of a block will be read: as much as all caches have room for although
    /// it is in the same few places, and as late as it takes.
    #[inline(always)]
    pub(super) fn prefetch(&self, number: usize, part: usize, parts: usize) {
        for source in &self.sources[self.part(number, part, parts)] {
            source.prefetch(self.first, self.rows);
        }
    }

    /// Reads a part of a block, in the place of the block before the last.
    #[inline(always)]
    pub(super) fn read(&mut self, number: usize, part: usize, parts: usize) {
        for i in self.part(number, part, parts) {
            let to = &mut self.values[i % (2 * RATE)];
            // The length is a constant wherever it can be.
            if self.rows == ROWS {
                self.sources[i].read(self.first, to);
            } else {
                self.sources[i].read(self.first, &mut to[..self.rows]);
            }
        }
    }
}
