//! Sorting into buckets, and summing these.

use rayon::prelude::*;

use super::NONE;
use super::recode::Class;
#[cfg(target_arch = "x86_64")]
use super::rounds::Rounds;
use super::tree::Tree;
use crate::curve::{Affine, Curve, Xyzz};
use crate::field::arch::Cpu;

/// A base in a bucket: its index and the sign it is to be added with.
#[derive(Clone, Copy, Debug, Default)]
#[repr(transparent)]
pub(super) struct Entry(u32);

impl zeroize::DefaultIsZeroes for Entry {}

impl Entry {
    const SIGN: u32 = 1 << 31;

    #[inline(always)]
    pub(super) fn new(index: u32, negative: bool) -> Self {
        Self(index | (u32::from(negative) << 31))
    }
    #[inline(always)]
    pub(super) fn index(self) -> u32 {
        self.0 & !Self::SIGN
    }
    #[inline(always)]
    pub(super) fn is_negative(self) -> bool {
        self.0 & Self::SIGN != 0
    }
}

/// Sets of bases to be summed: set `k` is `entries[offsets[k] .. offsets[k + 1]]`.
pub(super) struct Sets {
    entries: Vec<Entry>,
    offsets: Vec<usize>,
}

impl Sets {
    pub(super) fn with_capacity(entries: usize, sets: usize) -> Self {
        let mut offsets = Vec::with_capacity(sets + 1);
        offsets.push(0);
        Self {
            entries: Vec::with_capacity(entries),
            offsets,
        }
    }

    /// Appends a set.
    pub(super) fn push(&mut self, entries: impl Iterator<Item = Entry>) {
        self.entries.extend(entries);
        self.offsets.push(self.entries.len());
    }

    /// Appends the `2^(width - 1)` buckets of one window of a class: in the `k`-th those bases whose digit
    /// has magnitude `k + 1`. Zeros and bases [`NONE`] are left out. `bases` are those of the class's
    /// scalars.
    ///
    /// A counting sort: two passes, `O(bases + 2^width)`.
    pub(super) fn push_buckets(&mut self, class: &Class, window: usize, bases: &[u32]) {
        let zero = 1i32 << (class.width() - 1);
        let digit = |base: u32, digit: u16| match base {
            NONE => 0,
            _ => i32::from(digit) - zero,
        };
        // One counter more in front takes the zeros, without a branch.
        let mut next = vec![0u32; zero as usize + 1];
        for (digits, bases) in class.digits(window, bases) {
            for (&d, &base) in digits.iter().zip(bases) {
                next[digit(base, d).unsigned_abs() as usize] += 1;
            }
        }
        let first = self.entries.len();
        let mut start = 0;
        for counter in &mut next[1..] {
            let count = *counter;
            *counter = start;
            start += count;
            self.offsets.push(first + start as usize);
        }
        // Zeros go behind the last bucket and are cut off.
        next[0] = start;
        self.entries.resize(first + bases.len(), Entry(0));
        let entries = &mut self.entries[first..];
        for (digits, bases) in class.digits(window, bases) {
            for (&d, &base) in digits.iter().zip(bases) {
                let digit = digit(base, d);
                let slot = &mut next[digit.unsigned_abs() as usize];
                entries[*slot as usize] = Entry::new(base, digit < 0);
                *slot += 1;
            }
        }
        self.entries.truncate(first + start as usize);
    }

    /// The sum of every set: see [`sum_buckets`].
    pub(super) fn sums<C: Curve>(&self, cpu: Cpu, bases: &[Affine<C>]) -> Vec<Affine<C>> {
        sum_buckets(cpu, bases, &self.entries, &self.offsets)
    }
}

/// A run of buckets that one task sums.
struct Group<'a, C: Curve> {
    entries: &'a [Entry],
    offsets: &'a [usize],
    sums: &'a mut [Affine<C>],
}

/// A way to sum sets of points.
pub(super) trait Summation<C: Curve> {
    /// Points of a set that count as one for [`Summation::CAPACITY`].
    const PIECE: usize;
    /// What fits the second-level cache.
    const CAPACITY: usize;

    /// Writes to `sums[k]` the sum of the bases in `entries[offsets[k] - offsets[0] ..
    /// offsets[k + 1] - offsets[0]]`, infinity if there are none. No base is infinity.
    fn sum(
        &mut self,
        bases: &[Affine<C>],
        entries: &[Entry],
        offsets: &[usize],
        sums: &mut [Affine<C>],
    );
}

/// The sum of every bucket, infinity for empty ones; bucket `k` holds
/// `entries[offsets[k] .. offsets[k + 1]]`.
pub(super) fn sum_buckets<C: Curve>(
    cpu: Cpu,
    bases: &[Affine<C>],
    entries: &[Entry],
    offsets: &[usize],
) -> Vec<Affine<C>> {
    match cpu {
        Cpu::Generic(_) => sum_with(&Tree::new, bases, entries, offsets),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx512Ifma(isa) => sum_with(&|| Rounds::new(isa), bases, entries, offsets),
    }
}

/// Buckets are taken in groups whose sums fit the second-level cache; a bucket larger than that is cut
/// into pieces. So tasks are of about the same size, however skewed the digits are.
fn sum_with<C: Curve, S: Summation<C>>(
    new: &(impl Fn() -> S + Sync),
    bases: &[Affine<C>],
    entries: &[Entry],
    offsets: &[usize],
) -> Vec<Affine<C>> {
    let mut sums = vec![Affine::INFINITY; offsets.len() - 1];
    let pieces = |bounds: &[usize]| (bounds[1] - bounds[0]).div_ceil(S::PIECE);
    let total: usize = offsets.windows(2).map(pieces).sum();
    // As few as there must be, and none much smaller: it would pay an inversion for less.
    let share = total.div_ceil(total.div_ceil(S::CAPACITY).max(1));
    let mut groups = Vec::new();
    let mut rest = &mut sums[..];
    let mut first = 0;
    while !rest.is_empty() {
        let mut weight = 0;
        let buckets = offsets[first..]
            .windows(2)
            .take_while(|bounds| {
                weight += pieces(bounds);
                weight <= share
            })
            .count()
            .max(1);
        let (sums, others) = rest.split_at_mut(buckets);
        rest = others;
        let offsets = &offsets[first..=first + buckets];
        first += buckets;
        if offsets[0] < offsets[buckets] {
            groups.push(Group {
                entries: &entries[offsets[0]..offsets[buckets]],
                offsets,
                sums,
            });
        }
    }
    groups.into_par_iter().for_each_init(new, |scratch, group| {
        if group.entries.len() > S::CAPACITY * S::PIECE {
            group.sums[0] = sum_large_bucket(new, bases, group.entries);
        } else {
            scratch.sum(bases, group.entries, group.offsets, group.sums);
        }
    });
    sums
}

/// The sum of a bucket that is cut into pieces of the largest size.
fn sum_large_bucket<C: Curve, S: Summation<C>>(
    new: &(impl Fn() -> S + Sync),
    bases: &[Affine<C>],
    entries: &[Entry],
) -> Affine<C> {
    entries
        .par_chunks(S::CAPACITY * S::PIECE)
        .map_init(new, |scratch, piece| {
            let mut sum = [Affine::INFINITY];
            scratch.sum(bases, piece, &[0, piece.len()], &mut sum);
            Xyzz::from(sum[0])
        })
        .reduce(Xyzz::default, |a, b| a + b)
        .to_affine()
}
