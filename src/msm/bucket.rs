//! From digits to the sum of a window: sorting into buckets, summing and weighting them.

use rayon::prelude::*;

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

/// Sorts `members` (position of the digit, index of the base) by the magnitude of their digits:
/// `entries[offsets[k] .. offsets[k + 1]]` are those of magnitude `k + 1`. Zeros are left out.
///
/// A counting sort: two passes, `O(members + 2^width)`.
pub(super) fn sort(
    members: &[(u32, u32)],
    digit: &impl Fn(u32) -> i32,
    width: u32,
) -> (Vec<Entry>, Vec<usize>) {
    let buckets = 1usize << (width - 1);
    // One counter more in front takes the zeros, without a branch.
    let mut next = vec![0u32; buckets + 1];
    for &(position, _) in members {
        next[digit(position).unsigned_abs() as usize] += 1;
    }
    let mut offsets = Vec::with_capacity(buckets + 1);
    let zeros = next[0];
    let mut start = 0;
    for counter in &mut next[1..] {
        offsets.push(start as usize);
        let count = *counter;
        *counter = start;
        start += count;
    }
    offsets.push(start as usize);
    // Zeros go behind the last bucket and are cut off.
    next[0] = start;
    debug_assert_eq!((start + zeros) as usize, members.len());
    let mut entries = vec![Entry(0); members.len()];
    for &(position, base) in members {
        let digit = digit(position);
        let slot = &mut next[digit.unsigned_abs() as usize];
        entries[*slot as usize] = Entry::new(base, digit < 0);
        *slot += 1;
    }
    entries.truncate(start as usize);
    (entries, offsets)
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
    let mut groups = Vec::new();
    let mut rest = &mut sums[..];
    let mut first = 0;
    while !rest.is_empty() {
        let mut weight = 0;
        let buckets = offsets[first..]
            .windows(2)
            .take_while(|bounds| {
                weight += (bounds[1] - bounds[0]).div_ceil(S::PIECE);
                weight <= S::CAPACITY
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

/// `sum_k (k + 1) buckets[k]`.
///
/// With the weight `k + 1 = 2^h row + column` this is `2^h sum row R_row + sum column C_column` for
/// the sums `R`, `C` over rows and columns. Both are bucket sums again, of two affine additions per
/// bucket in all; the usual running sum takes two XYZZ additions, twice the work. Only the `2 sqrt`
/// row and column sums go through running sums.
pub(super) fn weighted_sum<C: Curve>(cpu: Cpu, buckets: &[Affine<C>]) -> Xyzz<C> {
    // Weights run from 1 to 2^(c-1); below 64 buckets a second sort would not pay.
    if buckets.len() < 64 {
        return running_sum(buckets);
    }
    let half = buckets.len().ilog2().div_ceil(2);
    let columns = 1usize << half;
    let rows = buckets.len() / columns + 1;
    let mut entries = Vec::with_capacity(2 * buckets.len());
    let mut offsets = Vec::with_capacity(rows + columns);
    let push_all = |entries: &mut Vec<Entry>, weights: &mut dyn Iterator<Item = usize>| {
        for weight in weights {
            if (1..=buckets.len()).contains(&weight) && !buckets[weight - 1].is_infinity() {
                entries.push(Entry::new((weight - 1) as u32, false));
            }
        }
    };
    offsets.push(0);
    for row in 1..rows {
        push_all(&mut entries, &mut (row * columns..(row + 1) * columns));
        offsets.push(entries.len());
    }
    for column in 1..columns {
        push_all(
            &mut entries,
            &mut (0..rows).map(|row| row * columns + column),
        );
        offsets.push(entries.len());
    }
    let sums = sum_buckets(cpu, buckets, &entries, &offsets);
    let (row_sums, column_sums) = sums.split_at(rows - 1);
    let rows_total = (0..half).fold(running_sum(row_sums), |acc, _| acc.double());
    rows_total + running_sum(column_sums)
}

/// `sum_k (k + 1) points[k]` by suffix sums: two XYZZ additions a point.
fn running_sum<C: Curve>(points: &[Affine<C>]) -> Xyzz<C> {
    let mut suffix = Xyzz::INFINITY;
    let mut total = Xyzz::INFINITY;
    for point in points.iter().rev() {
        suffix = suffix.add_affine(point);
        total += suffix;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::G1;
    use crate::field::Fr;

    /// Every number of buckets that a width has, with all buckets filled and with one at each end.
    #[test]
    fn weights_are_right_for_every_width() {
        for (log, cpu) in
            (1..16u32).flat_map(|log| Cpu::all().into_iter().map(move |cpu| (log, cpu)))
        {
            let n = 1usize << log;
            let g = G1::GENERATOR;
            let all = weighted_sum(cpu, &vec![g; n]);
            assert_eq!(all, g * Fr::from((n * (n + 1) / 2) as u64), "{n} buckets");
            for k in [0, 1, n / 2 - 1, n / 2, n - 2, n - 1] {
                let mut buckets = vec![Affine::INFINITY; n];
                buckets[k] = g;
                assert_eq!(
                    weighted_sum(cpu, &buckets),
                    g * Fr::from(k as u64 + 1),
                    "{k} of {n}"
                );
            }
        }
    }
}
