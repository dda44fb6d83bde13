//! Signed digits, as plain digits of a sum.

use zeroize::Zeroize;

use super::STRIP;
use crate::field::Int;

/// `sum_j 2^(c-1) 2^(cj)` over the windows `j`: what turns plain digits of `c` bits into signed ones.
/// Five limbs, since the windows may reach beyond 256 bits.
pub(in crate::msm) fn digit_offset(windows: usize, width: u32) -> [u64; 5] {
    let mut offset = [0u64; 5];
    for window in 0..windows {
        let bit = width as usize * (window + 1) - 1;
        offset[bit / 64] |= 1 << (bit % 64);
    }
    offset
}

/// `offset + magnitude` or `offset - magnitude`; the caller knows that neither under- nor overflows.
#[inline(always)]
pub(in crate::msm) fn offset_by(offset: &[u64; 5], magnitude: &Int<4>, negative: bool) -> [u64; 5] {
    // -m = !m + 1 in two's complement.
    let mask = if negative { u64::MAX } else { 0 };
    let mut carry = u128::from(negative);
    let mut sum = [0; 5];
    for i in 0..5 {
        let limb = if i < 4 { magnitude.0[i] ^ mask } else { mask };
        let t = u128::from(offset[i]) + u128::from(limb) + carry;
        sum[i] = t as u64;
        carry = t >> 64;
    }
    sum
}

/// Scalars with the digits' offset added, by limb.
pub(super) struct Strip(pub(super) [[u64; STRIP]; 5]);

impl Strip {
    /// Writes `width <= 16` bits of each from bit `start` on.
    #[inline]
    pub(super) fn cut(&self, start: usize, width: u32, digits: &mut [u16]) {
        let (limb, bit) = (start / 64, start % 64);
        // Digits that begin in the last limb end in it, and the mask drops what `high` brings.
        let (low, high) = (&self.0[limb], &self.0[(limb + 1).min(4)]);
        let mask = (1u64 << width) - 1;
        for ((digit, low), high) in digits.iter_mut().zip(low).zip(high) {
            *digit = ((low >> bit | high << 1 << (63 - bit)) & mask) as u16;
        }
    }
}

/// Wiped, as scalars are.
impl Drop for Strip {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// `width <= 16` bits from bit `start` on.
#[inline(always)]
pub(in crate::msm) fn bits_at(limbs: &[u64; 5], start: usize, width: u32) -> u16 {
    let (limb, bit) = (start / 64, start % 64);
    let low = limbs[limb] >> bit;
    let high = if bit == 0 || limb == 4 {
        0
    } else {
        limbs[limb + 1] << (64 - bit)
    };
    ((low | high) & ((1 << width) - 1)) as u16
}
