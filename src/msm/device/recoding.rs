//! Scalars as signed digits on a device: the constants of the recoding.

use bytemuck::{Pod, Zeroable};

use crate::field::{Field, Fr, Int, PrimeField};

/// Bits of the largest magnitude that a scalar is congruent to, `(r - 1) / 2`.
pub(super) const MAGNITUDE_BITS: u32 = Fr::BITS - 1;

/// The narrowest digits: two windows of fewer bits would not hold the signs.
pub(super) const MIN_WIDTH: u32 = 4;
/// The widest: two levels of a sort, of 11 and 12 bits.
pub(super) const MAX_WIDTH: u32 = 24;

/// The number of windows of `width` bits. The largest number of `w` signed digits is
/// `sum_j (2^(c-1) - 1) 2^(cj)`, about `2^(cw-1) (1 - 2^(1-c))`. One bit more than a magnitude has is
/// enough for it, since the order of the group is well below a power of two.
pub(super) const fn windows(width: u32) -> u32 {
    (MAGNITUDE_BITS + 1).div_ceil(width)
}

/// What a scalar is on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An element of the scalar field, in Montgomery form.
    Montgomery,
    /// A canonical integer.
    Canonical,
}

/// What the kernels read of a [`Form`], and scalars in it.
///
/// The kernel `msm_digits` takes it by value.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Recoding {
    /// `sum_w 2^(c-1) 2^(cw)` over the windows: what turns plain digits into signed ones.
    offset: [u32; 9],
    /// The same less the order of the group, modulo `2^288`.
    negative_offset: [u32; 9],
    /// The order `r`, and `(r - 1) / 2`.
    order: [u32; 8],
    half: [u32; 8],
}

impl Recoding {
    pub(super) fn new(width: u32) -> Self {
        let mut offset = [0u32; 9];
        for window in 0..windows(width) {
            let bit = width * (window + 1) - 1;
            offset[bit as usize / 32] |= 1 << (bit % 32);
        }
        let order = words(Fr::MODULUS);
        let mut negative_offset = [0; 9];
        let mut borrow = false;
        for (i, limb) in negative_offset.iter_mut().enumerate() {
            let (difference, first) = offset[i].overflowing_sub(*order.get(i).unwrap_or(&0));
            let (difference, second) = difference.overflowing_sub(u32::from(borrow));
            *limb = difference;
            borrow = first | second;
        }
        let half = Fr::from(2).inverse().expect("2 is not 0").to_canonical();
        Self {
            offset,
            negative_offset,
            order,
            // 1/2 is (r + 1) / 2.
            half: words(half.wrapping_sub(&Int::from_u64(1))),
        }
    }
}

fn words(value: Int<4>) -> [u32; 8] {
    bytemuck::cast(value.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digits of the largest and the smallest number, put together again.
    #[test]
    fn windows_hold_every_magnitude() {
        for width in MIN_WIDTH..=MAX_WIDTH {
            let recoding = Recoding::new(width);
            let half = Fr::from(2).inverse().unwrap() - Fr::ONE;
            for scalar in [half, -half, Fr::ONE, -Fr::ONE, Fr::ZERO] {
                let canonical = words(scalar.to_canonical());
                let is_large = canonical.iter().rev().gt(recoding.half.iter().rev());
                let addend = if is_large {
                    recoding.negative_offset
                } else {
                    recoding.offset
                };
                let mut shifted = [0u32; 10];
                let mut carry = 0u64;
                for i in 0..9 {
                    carry += u64::from(addend[i]) + u64::from(*canonical.get(i).unwrap_or(&0));
                    shifted[i] = carry as u32;
                    carry >>= 32;
                }
                let bits = |start: u32, count: u32| {
                    let pair = u64::from(shifted[start as usize / 32])
                        | u64::from(shifted[start as usize / 32 + 1]) << 32;
                    (pair >> (start % 32)) & ((1 << count) - 1)
                };
                let total = width * windows(width);
                assert_eq!(bits(total, 32.min(288 - total)), 0, "width {width}");
                let sum = (0..windows(width)).rev().fold(Fr::ZERO, |acc, window| {
                    acc * Fr::from(1 << width) + Fr::from(bits(window * width, width))
                        - Fr::from(1 << (width - 1))
                });
                assert_eq!(sum, scalar, "width {width}");
            }
        }
    }
}
