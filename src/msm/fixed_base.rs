//! Many multiples of one point.

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::bucket::{self, Entry, Summation};
use super::plan;
use super::recode::{bits_at, digit_offset, magnitude, offset_by};
#[cfg(target_arch = "x86_64")]
use super::rounds::Rounds;
use super::tree::Tree;
use crate::curve::{Affine, Curve, Xyzz, batch_to_affine};
use crate::field::PrimeField;
use crate::field::arch::Cpu;

/// The largest width. Its table takes 2.75 MiB on G1 and twice that on G2; larger ones were measured to
/// lose in the caches what they save in additions.
const MAX_WIDTH: u32 = 12;

/// A point, prepared to be multiplied by many scalars: what a trusted setup does.
///
/// A table holds the multiples `k 2^(cj)` of the point for all windows `j` and `1 <= k <= 2^(c-1)`. A
/// scalar's signed digits of `c` bits each pick a point of the table, so a multiple is a sum of
/// `255 / c` points without any doubling. The sums of thousands of points share their inversions, as
/// the buckets of an [`Msm`](super::Msm) do: `255 / c` times 6 multiplications of coordinates for each
/// scalar.
///
/// ```
/// use zkiln::curve::{Curve, G1};
/// use zkiln::field::Fr;
/// use zkiln::msm::FixedBase;
///
/// let scalars = [Fr::ZERO, Fr::ONE, Fr::from_u64(7)];
/// let base = FixedBase::<G1>::new(G1::GENERATOR, scalars.len());
/// let multiples = base.multiply_all(&scalars);
/// assert!(multiples[0].is_infinity());
/// assert_eq!(multiples[2], (G1::GENERATOR * Fr::from_u64(7)).to_affine());
/// ```
#[derive(Clone, Debug)]
pub struct FixedBase<C: Curve> {
    cpu: Cpu,
    /// Bits in a digit.
    width: u32,
    /// Digits in a scalar.
    windows: usize,
    /// `k 2^(cj)` times the point at `(k - 1) windows + j`.
    table: Vec<Affine<C>>,
}

impl<C: Curve> FixedBase<C> {
    /// Prepares a point for about `count` multiplications. It must be in the group
    /// ([`Affine::is_valid`]): nothing is checked here.
    ///
    /// The width is the one with the fewest additions, those for the table included: one for each of
    /// its points.
    pub fn new(base: Affine<C>, count: usize) -> Self {
        // A magnitude is at most half of the group's order.
        let windows = |width| plan::windows(C::Scalar::BITS - 1, width);
        let width = (2..=MAX_WIDTH)
            .min_by_key(|&width| {
                // Of any count: an overflow would make all widths look alike.
                windows(width) as u128 * (count as u128 + (1 << (width - 1)))
            })
            .expect("the range is not empty");
        Self::with_width(Cpu::get_or_generic(), base, width, windows(width))
    }

    fn with_width(cpu: Cpu, base: Affine<C>, width: u32, windows: usize) -> Self {
        let mut power = Xyzz::from(base);
        let powers: Vec<Xyzz<C>> = (0..windows)
            .map(|_| {
                let this = power;
                power = (0..width).fold(power, |power, _| power.double());
                this
            })
            .collect();
        let mut table = batch_to_affine(&powers);
        table.reserve_exact((windows << (width - 1)) - windows);
        // From the multiples up to m those from m + 1 to 2 m: m and k make m + k.
        for log in 0..width - 1 {
            let known = table.len();
            let largest = known - windows;
            debug_assert_eq!(known, windows << log);
            let pairs: Vec<Entry> = (0..known)
                .flat_map(|k| [largest + k % windows, k])
                .map(|place| Entry::new(place as u32, false))
                .collect();
            let offsets: Vec<usize> = (0..=known).map(|k| 2 * k).collect();
            let sums = bucket::sum_buckets(cpu, &table, &pairs, &offsets);
            table.extend(sums);
        }
        Self {
            cpu,
            width,
            windows,
            table,
        }
    }

    /// The multiples of the point by `scalars`, in order; parallel.
    ///
    /// The time depends on the scalars. They are taken for secrets as far as memory goes: their digits
    /// are wiped.
    pub fn multiply_all(&self, scalars: &[C::Scalar]) -> Vec<Affine<C>> {
        match self.cpu {
            Cpu::Generic(_) => self.multiply_with(scalars, Tree::new),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512Ifma(isa) => self.multiply_with(scalars, || Rounds::new(isa)),
        }
    }

    fn multiply_with<S: Summation<C>>(
        &self,
        scalars: &[C::Scalar],
        new: impl Fn() -> S + Sync + Send,
    ) -> Vec<Affine<C>> {
        let mut multiples = vec![Affine::INFINITY; scalars.len()];
        let chunk = (S::CAPACITY / self.windows.div_ceil(S::PIECE)).max(1);
        let scratch = || Scratch {
            summation: new(),
            entries: Zeroizing::new(Vec::with_capacity(chunk * self.windows)),
            offsets: Vec::with_capacity(chunk + 1),
        };
        let offset = digit_offset(self.windows, self.width);
        scalars
            .par_chunks(chunk)
            .zip(multiples.par_chunks_mut(chunk))
            .for_each_init(scratch, |scratch, (scalars, multiples)| {
                scratch.entries.clear();
                scratch.offsets.clear();
                scratch.offsets.push(0);
                for scalar in scalars {
                    self.push_entries(scalar, &offset, &mut scratch.entries);
                    scratch.offsets.push(scratch.entries.len());
                }
                let Scratch {
                    summation,
                    entries,
                    offsets,
                } = scratch;
                summation.sum(&self.table, entries, offsets, multiples);
            });
        multiples
    }

    /// Appends the points of the table whose sum is the multiple by `scalar`.
    #[inline]
    fn push_entries(&self, scalar: &C::Scalar, offset: &[u64; 5], entries: &mut Vec<Entry>) {
        let (magnitude, negative) = magnitude::<C::Scalar>(scalar.to_canonical());
        let shifted = offset_by(offset, &magnitude, negative);
        let zero = 1i32 << (self.width - 1);
        for window in 0..self.windows {
            let bits = bits_at(&shifted, self.width as usize * window, self.width);
            let digit = i32::from(bits) - zero;
            if digit != 0 {
                let multiple = digit.unsigned_abs() as usize;
                let place = (multiple - 1) * self.windows + window;
                entries.push(Entry::new(place as u32, digit < 0));
            }
        }
    }
}

/// What a thread works with, used again for the next scalars.
struct Scratch<S> {
    summation: S,
    entries: Zeroizing<Vec<Entry>>,
    offsets: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{G1, G2};
    use crate::field::{Field, Fr, PrimeField};

    fn check<C: Curve<Scalar = Fr>>(count: usize) {
        let two = Fr::from_u64(2);
        let mut scalars = vec![Fr::ZERO, Fr::ONE, two.inverse().unwrap(), -two];
        scalars.extend([11, 12, 63, 64, 252, 253].map(|k| two.pow(&[k])));
        scalars.resize_with(count, || Fr::random().unwrap());
        for width in 2..=MAX_WIDTH {
            let windows = plan::windows(Fr::BITS - 1, width);
            for cpu in Cpu::all() {
                let base = FixedBase::<C>::with_width(cpu, C::GENERATOR, width, windows);
                let multiples = base.multiply_all(&scalars);
                for (multiple, &scalar) in multiples.iter().zip(&scalars) {
                    assert_eq!(
                        *multiple,
                        (C::GENERATOR * scalar).to_affine(),
                        "{cpu:?} {width}: {scalar}"
                    );
                }
            }
        }
    }

    /// More scalars than a tree takes at the largest width, so that there are chunks.
    #[test]
    fn every_width() {
        check::<G1>(375);
        check::<G2>(190);
    }

    #[test]
    fn the_largest_count_gets_the_largest_width() {
        assert_eq!(
            FixedBase::<G1>::new(G1::GENERATOR, usize::MAX).width,
            MAX_WIDTH
        );
    }
}
