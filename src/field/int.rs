//! Canonical integers.

use core::cmp::Ordering;
use core::fmt;

use bytemuck::{Pod, Zeroable};

use super::mont;

/// An unsigned integer of `N` little-endian 64-bit limbs: the **canonical** form of a field element,
/// or a scalar as it stands in a witness file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Int<const N: usize>(pub [u64; N]);

// SAFETY: transparent over an array of integers, for which zero bytes are a value.
unsafe impl<const N: usize> Zeroable for Int<N> {}
// SAFETY: transparent over an array of integers: no padding, every bit pattern valid, `Copy`.
unsafe impl<const N: usize> Pod for Int<N> {}

impl<const N: usize> Int<N> {
    /// Zero.
    pub const ZERO: Self = Self([0; N]);

    /// The limbs of `value`.
    pub const fn from_u64(value: u64) -> Self {
        let mut limbs = [0; N];
        limbs[0] = value;
        Self(limbs)
    }

    /// Whether this is zero.
    pub fn is_zero(&self) -> bool {
        self.0 == [0; N]
    }

    /// The number of significant bits; 0 for zero.
    pub const fn bit_length(&self) -> u32 {
        mont::bit_length(&self.0)
    }

    /// `self - other` modulo `2^(64 N)`.
    #[inline(always)]
    pub const fn wrapping_sub(&self, other: &Self) -> Self {
        Self(mont::sub_wide(&self.0, &other.0).0)
    }

    /// From little-endian bytes.
    ///
    /// # Panics
    /// If `bytes` is not `8 N` long.
    pub fn from_le_bytes(bytes: &[u8]) -> Self {
        assert_eq!(bytes.len(), 8 * N, "an Int<{N}> has {} bytes", 8 * N);
        let mut limbs = [0; N];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
            *limb = u64::from_le_bytes(chunk.try_into().expect("chunks of eight bytes"));
        }
        Self(limbs)
    }

    /// Writes little-endian bytes.
    ///
    /// # Panics
    /// If `out` is not `8 N` long.
    pub fn write_le_bytes(&self, out: &mut [u8]) {
        assert_eq!(out.len(), 8 * N, "an Int<{N}> has {} bytes", 8 * N);
        for (limb, chunk) in self.0.iter().zip(out.chunks_exact_mut(8)) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
    }

    /// Reads a decimal number as the JSON of snarkjs writes it: digits only, without sign or leading
    /// zeros. `None` for anything else and for what does not fit. Time is linear in `N^2`, whatever
    /// the length of the text.
    pub fn from_decimal(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        // 2^64 < 10^20: longer texts cannot fit and are refused unread.
        if digits.is_empty() || digits.len() > 20 * N || (digits[0] == b'0' && digits.len() > 1) {
            return None;
        }
        let mut limbs = [0u64; N];
        for &digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            let mut carry = u128::from(digit - b'0');
            for limb in &mut limbs {
                let t = u128::from(*limb) * 10 + carry;
                *limb = t as u64;
                carry = t >> 64;
            }
            if carry != 0 {
                return None;
            }
        }
        Some(Self(limbs))
    }
}

impl<const N: usize> Default for Int<N> {
    fn default() -> Self {
        Self::ZERO
    }
}
impl<const N: usize> zeroize::DefaultIsZeroes for Int<N> {}

impl<const N: usize> AsRef<[u64]> for Int<N> {
    fn as_ref(&self) -> &[u64] {
        &self.0
    }
}

impl<const N: usize> Ord for Int<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

impl<const N: usize> PartialOrd for Int<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Decimal.
impl<const N: usize> fmt::Display for Int<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CHUNK: u64 = 10_000_000_000_000_000_000; // 10^19, the largest power in a limb
        let mut limbs = self.0;
        let mut chunks = Vec::with_capacity(2 * N);
        while limbs != [0; N] {
            let mut remainder = 0u128;
            for limb in limbs.iter_mut().rev() {
                let t = (remainder << 64) | u128::from(*limb);
                *limb = (t / u128::from(CHUNK)) as u64;
                remainder = t % u128::from(CHUNK);
            }
            chunks.push(remainder as u64);
        }
        let mut text = chunks.pop().unwrap_or(0).to_string();
        for chunk in chunks.iter().rev() {
            text.push_str(&format!("{chunk:019}"));
        }
        f.pad_integral(true, "", &text)
    }
}

impl<const N: usize> fmt::Debug for Int<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0
            .iter()
            .rev()
            .try_for_each(|limb| write!(f, "{limb:016x}"))
    }
}
