//! The choice of the digits' width.
//!
//! With `m` scalars of `b` bits and digits of `c` bits there are `w = ceil((b + 2) / c)` windows, each with
//! `2^(c-1)` buckets:
//!
//! | step | cost |
//! |---|---|
//! | recoding, counting and placing | a digit for each scalar and window |
//! | summing buckets | an addition for each scalar and window; the first point of a bucket is free |
//! | handling a bucket | fetching its first point, writing its sum, the sorting by length |
//! | rows and columns of the buckets, or bits of their weights | 2 additions a bucket, or `c / 2` |
//! | bits of the weights of rows and columns | a quarter of `c` additions for each row and column |
//! | Horner's rule | `b` doublings and additions, whatever `c` |
//!
//! The last window may have few bits left, or none but a carry: what it has is what counts.
//!
//! Costs are those of G1. On G2 an addition is 2.2 times as long and a bucket about as much, so the same
//! widths are right, and scalars are recoded once for both.
//!
//! Widths above 16 would double the digits' memory. 17 bits would save one window of 16, and by these
//! costs 1 % of the time at 2^20 and 5 % at 2^22.

use crate::field::arch::Cpu;

/// Nanoseconds on one thread of a Zen 5; only their ratios matter.
#[derive(Clone, Copy)]
struct Costs {
    /// An affine addition with its share of the inversion.
    addition: f64,
    /// Recoding, counting and placing one digit.
    digit: f64,
    /// A bucket that is not empty, whatever its length.
    bucket: f64,
    /// Any bucket.
    walk: f64,
}

/// Of the tree in portable code.
const GENERIC: Costs = Costs {
    addition: 120.0,
    digit: 5.0,
    bucket: 10.0,
    walk: 4.0,
};

/// Of the rounds on vectors: fitted to runs of 2^14 to 2^18 scalars with widths from 10 to 16.
#[cfg(target_arch = "x86_64")]
const AVX512_IFMA: Costs = Costs {
    addition: 16.0,
    digit: 3.5,
    bucket: 16.0,
    walk: 4.0,
};

impl Costs {
    fn of(cpu: Cpu) -> Self {
        match cpu {
            Cpu::Generic(_) => GENERIC,
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512Ifma(_) => AVX512_IFMA,
        }
    }

    /// A window with digits of `count` scalars, `used` of which are not zero and have one of `values`
    /// magnitudes.
    fn window(&self, width: u32, count: f64, used: f64, values: f64) -> f64 {
        // More buckets than scalars stay empty.
        let buckets = values.min(used);
        let reduction = if width > super::runs::LOG_FOLDED {
            let side = f64::from(width - 1).exp2().sqrt();
            2.0 * buckets + side.min(buckets) * side.log2()
        } else {
            buckets * f64::from(width) / 2.0
        };
        count * self.digit
            + (used - buckets + reduction) * self.addition
            + buckets * self.bucket
            + self.walk * f64::from(width - 1).exp2()
    }

    /// Digits of `width` bits for `count` scalars below `2^bits` in magnitude.
    fn total(&self, width: u32, count: usize, bits: u32) -> f64 {
        let count = count as f64;
        let full = windows(bits, width) - 1;
        // With two bits more than are left there is room for the sign and no carry.
        let left = bits as i32 - (full as u32 * width) as i32;
        let (used, values) = match left {
            ..0 => (0.0, 0.0),
            0 => (count / 2.0, 1.0),
            _ => (
                count,
                f64::from(left).exp2().min(f64::from(width - 1).exp2()),
            ),
        };
        full as f64 * self.window(width, count, count, f64::from(width - 1).exp2())
            + self.window(width, count, used, values)
    }
}

/// The largest width: a digit is stored in 16 bits.
pub(super) const MAX_WIDTH: u32 = 16;

/// The number of windows for integers of magnitude below `2^bits`. Signed digits in
/// `[-2^(c-1), 2^(c-1))` need two bits more: one for the sign, and one because the largest positive
/// number has all digits `2^(c-1) - 1`, which is below `2^(cw - 1)` but at least half of it.
pub(super) fn windows(bits: u32, width: u32) -> usize {
    (bits + 2).div_ceil(width) as usize
}

/// The width with the least predicted cost for `count` scalars below `2^bits` in magnitude.
pub(super) fn width(cpu: Cpu, count: usize, bits: u32) -> u32 {
    let cost = |width: u32| Costs::of(cpu).total(width, count, bits);
    (2..=MAX_WIDTH)
        .min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
        .expect("the range is not empty")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_grow_with_the_count_and_stay_in_range() {
        for cpu in Cpu::all() {
            let widths: Vec<u32> = (5..28).map(|log| width(cpu, 1 << log, 253)).collect();
            assert!(widths.windows(2).all(|w| w[0] <= w[1]), "{widths:?}");
            assert_eq!(widths[22], MAX_WIDTH);
            assert!((0..32).all(|count| (2..=5).contains(&width(cpu, count, 253))));
        }
    }

    /// What was measured to be fastest on vectors, or within 2 % of it.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn widths_are_those_that_were_measured() {
        let best = |log: u32, bits: u32| {
            let cost = |width: &u32| AVX512_IFMA.total(*width, 1 << log, bits);
            (2..=MAX_WIDTH)
                .min_by(|a, b| cost(a).total_cmp(&cost(b)))
                .unwrap()
        };
        for (log, widths) in [
            (6, 4..=5),
            (7, 5..=5),
            (8, 6..=7),
            (10, 7..=8),
            (12, 9..=10),
            (14, 11..=11),
            (16, 13..=13),
            (18, 15..=15),
            (20, 16..=16),
        ] {
            assert!(
                widths.contains(&best(log, 253)),
                "2^{log}: {}",
                best(log, 253)
            );
        }
        assert_eq!(best(14, 64), 11);
        // Five windows and nothing in the sixth, where 11 bits fill six.
        assert_eq!(best(16, 64), 13);
    }

    #[test]
    fn windows_hold_every_magnitude() {
        for width in 2..=MAX_WIDTH {
            for bits in 1..=64u32 {
                let digit = (1u128 << (width - 1)) - 1;
                let largest =
                    (0..windows(bits, width)).fold(0u128, |acc, _| (acc << width) + digit);
                assert!(largest >= (1 << bits) - 1, "width {width}, bits {bits}");
            }
        }
    }
}
