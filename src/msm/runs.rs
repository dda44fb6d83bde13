//! Sums of points by weights that count up, as buckets have them.

use super::bucket::{Entry, Sets};
use crate::curve::{Affine, Curve, Xyzz};
use crate::field::arch::Cpu;

/// From so many points on a run is folded. For fewer the bits of their weights cost no more additions.
const FOLDED: usize = 1 << LOG_FOLDED;

pub(super) const LOG_FOLDED: u32 = 6;

/// Runs of points: `sum 2^position sum_k (k + 1) points[k]` over all runs.
pub(super) struct Runs<C: Curve> {
    points: Vec<Affine<C>>,
    /// For each run its position and number of points, in the order of the points.
    runs: Vec<(u32, usize)>,
}

impl<C: Curve> Runs<C> {
    /// Runs that share out all of `points`, each with its position and number of points.
    pub(super) fn new(points: Vec<Affine<C>>, runs: Vec<(u32, usize)>) -> Self {
        debug_assert_eq!(
            runs.iter().map(|&(_, len)| len).sum::<usize>(),
            points.len()
        );
        Self { points, runs }
    }

    /// All runs of many.
    pub(super) fn join(all: Vec<Self>) -> Self {
        let mut joined = Self::new(Vec::new(), Vec::new());
        for Self { points, runs } in all {
            joined.points.extend(points);
            joined.runs.extend(runs);
        }
        joined
    }

    /// The index of each run's first point, with its position and length.
    fn each(&self) -> impl Iterator<Item = (usize, u32, usize)> {
        let mut next = 0;
        self.runs.iter().map(move |&(position, len)| {
            let first = next;
            next += len;
            (first, position, len)
        })
    }

    /// Replaces long runs by shorter ones with the same sum.
    ///
    /// With the weight `k + 1 = 2^h row + column` a run is `2^h sum row R_row + sum column C_column` for
    /// the sums `R`, `C` over rows and columns: two runs of the square root's length, for two affine
    /// additions a point.
    pub(super) fn fold(self, cpu: Cpu) -> Self {
        if self.runs.iter().all(|&(_, len)| len < FOLDED) {
            return self;
        }
        let mut sets = Sets::with_capacity(2 * self.points.len(), self.points.len());
        let mut runs = Vec::with_capacity(2 * self.runs.len());
        for (first, position, len) in self.each() {
            let mut push = |weights: &mut dyn Iterator<Item = usize>| {
                let places = weights.filter(|weight| (1..=len).contains(weight));
                sets.push(self.finite(places.map(|weight| first + weight - 1)));
            };
            if len < FOLDED {
                (1..=len).for_each(|weight| push(&mut core::iter::once(weight)));
                runs.push((position, len));
                continue;
            }
            let half = len.ilog2().div_ceil(2);
            let columns = 1usize << half;
            let rows = len / columns + 1;
            for row in 1..rows {
                push(&mut (row * columns..(row + 1) * columns));
            }
            runs.push((position + half, rows - 1));
            for column in 1..columns {
                push(&mut (0..rows).map(|row| row * columns + column));
            }
            runs.push((position, columns - 1));
        }
        Self::new(sets.sums(cpu, &self.points), runs)
    }

    /// The sum of all runs.
    ///
    /// For each power of two those points are summed whose weight, in binary, has it: half of a run's
    /// for each bit of its length, all runs and all bits together. What is left is Horner's rule over the
    /// sums, with one addition a bit for all runs together.
    pub(super) fn sum(&self, cpu: Cpu) -> Xyzz<C> {
        // bits[b]: the places of the points with 2^b in their weight.
        let mut bits: Vec<Vec<usize>> = Vec::new();
        for (first, position, len) in self.each() {
            for bit in 0..usize::BITS - len.leading_zeros() {
                let place = (position + bit) as usize;
                if bits.len() <= place {
                    bits.resize(place + 1, Vec::new());
                }
                let weights = (1..=len).filter(|weight| weight >> bit & 1 == 1);
                bits[place].extend(weights.map(|weight| first + weight - 1));
            }
        }
        let entries = bits.iter().map(Vec::len).sum();
        let mut sets = Sets::with_capacity(entries, bits.len());
        for places in bits {
            sets.push(self.finite(places.into_iter()));
        }
        let sums = sets.sums(cpu, &self.points);
        sums.iter()
            .rev()
            .fold(Xyzz::INFINITY, |acc, sum| acc.double().add_affine(sum))
    }

    /// Those of the points at `places` that are not infinity.
    fn finite(&self, places: impl Iterator<Item = usize>) -> impl Iterator<Item = Entry> {
        places
            .filter(|&place| !self.points[place].is_infinity())
            .map(|place| Entry::new(place as u32, false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::G1;
    use crate::field::{Field, Fr};

    fn sum(cpu: Cpu, points: Vec<Affine<G1>>, runs: Vec<(u32, usize)>) -> Xyzz<G1> {
        let runs = Runs::new(points, runs);
        let unfolded = runs.sum(cpu);
        let folded = runs.fold(cpu).sum(cpu);
        assert_eq!(unfolded, folded);
        folded
    }

    /// Every number of buckets that a width has, with all buckets filled and with one at each end.
    #[test]
    fn weights_are_right_for_every_width() {
        for (log, cpu) in
            (0..16u32).flat_map(|log| Cpu::all().into_iter().map(move |cpu| (log, cpu)))
        {
            let n = 1usize << log;
            let g = G1::GENERATOR;
            let all = sum(cpu, vec![g; n], vec![(0, n)]);
            assert_eq!(all, g * Fr::from((n * (n + 1) / 2) as u64), "{n} buckets");
            for k in [0, 1, n / 2, n.saturating_sub(2), n - 1] {
                if k >= n {
                    continue;
                }
                let mut buckets = vec![Affine::INFINITY; n];
                buckets[k] = g;
                assert_eq!(
                    sum(cpu, buckets, vec![(0, n)]),
                    g * Fr::from(k as u64 + 1),
                    "{k} of {n}"
                );
            }
        }
    }

    /// Long and short ones, in any order, at positions that overlap and leave gaps, with points that
    /// cancel out.
    #[test]
    fn runs_add_up() {
        let g = G1::GENERATOR;
        let lengths = [
            (9u32, 100usize),
            (0, 1),
            (250, 3),
            (8, 64),
            (9, 63),
            (0, 200),
        ];
        let n: usize = lengths.iter().map(|&(_, len)| len).sum();
        let points: Vec<Affine<G1>> = (0..n)
            .map(|i| match i % 5 {
                0 => Affine::INFINITY,
                1 => -g,
                _ => g,
            })
            .collect();
        let mut expected = Fr::ZERO;
        let mut i = 0;
        for (position, len) in lengths {
            for weight in 1..=len {
                let term = Fr::from_u64(2).pow(&[u64::from(position)]) * Fr::from(weight as u64);
                match i % 5 {
                    0 => {}
                    1 => expected -= term,
                    _ => expected += term,
                }
                i += 1;
            }
        }
        for cpu in Cpu::all() {
            let total = sum(cpu, points.clone(), lengths.to_vec());
            assert_eq!(total, g * expected);
            let cancelled = sum(cpu, vec![g, g, -g], vec![(1, 1), (0, 1), (0, 1)]);
            assert_eq!(cancelled, (g * Fr::from_u64(2)));
            assert!(sum(cpu, vec![g, -g], vec![(3, 1), (3, 1)]).is_infinity());
            assert!(sum(cpu, Vec::new(), Vec::new()).is_infinity());
        }
    }
}
