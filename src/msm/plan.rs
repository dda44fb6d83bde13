//! The choice of the digits' width.
//!
//! The cost model counts field multiplications `M` of the base field. With `m` scalars of `b` bits
//! and digits of `c` bits there are `w = ceil((b + 2) / c)` windows, each with `2^(c-1)` buckets:
//!
//! | step | cost |
//! |---|---|
//! | a bucket's additions | 6 M for each scalar and window, plus sort and memory |
//! | rows and columns of the buckets | 2 additions a bucket and window |
//! | running sums of rows and columns | 2 XYZZ additions for each of `2 sqrt(2^(c-1))` sums |
//! | Horner's rule | `b` doublings, whatever `c` |
//!
//! Widths above 16 would save a twelfth of the additions beyond 2^23 scalars, and double the digits'
//! memory.

/// An affine addition in a tree: 6 M and its share of the inversion, loads and branches.
const ADDITION: f64 = 7.5;
/// Recoding, counting and placing one digit.
const SORT: f64 = 0.6;
/// An addition in XYZZ coordinates.
const XYZZ_ADDITION: f64 = 14.0;

/// The largest width: a digit is stored in 16 bits.
pub(super) const MAX_WIDTH: u32 = 16;

/// The number of windows for integers of magnitude below `2^bits`. Signed digits in
/// `[-2^(c-1), 2^(c-1))` need two bits more: one for the sign, and one because the largest positive
/// number has all digits `2^(c-1) - 1`, which is below `2^(cw - 1)` but at least half of it.
pub(super) fn windows(bits: u32, width: u32) -> usize {
    (bits + 2).div_ceil(width) as usize
}

/// The width with the least predicted cost for `count` scalars below `2^bits` in magnitude.
pub(super) fn width(count: usize, bits: u32) -> u32 {
    let cost = |width: u32| {
        let buckets = f64::from(1u32 << (width - 1));
        let window = count as f64 * (ADDITION + SORT)
            // More buckets than scalars stay empty and cost nothing but the walk over them.
            + 2.0 * buckets.min(count as f64) * ADDITION
            + 0.05 * buckets
            + 4.0 * buckets.sqrt() * XYZZ_ADDITION;
        windows(bits, width) as f64 * window
    };
    (2..=MAX_WIDTH)
        .min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
        .expect("the range is not empty")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_grow_with_the_count_and_stay_in_range() {
        let widths: Vec<u32> = (5..28).map(|log| width(1 << log, 253)).collect();
        assert!(widths.windows(2).all(|w| w[0] <= w[1]), "{widths:?}");
        assert_eq!(widths[22], MAX_WIDTH);
        assert!((0..32).all(|count| (2..=5).contains(&width(count, 253))));
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
