//! Scalars by their length.

use core::ops::Range;

use zeroize::Zeroize;

use super::{BLOCK, SHORT_BITS};
use crate::field::{Int, PrimeField};
use crate::msm::bucket::Entry;
use crate::{Error, Result};

/// The magnitude of the least integer congruent to `s`, and whether it is negative.
#[inline(always)]
pub(in crate::msm) fn magnitude<F: PrimeField<Canonical = Int<4>>>(s: Int<4>) -> (Int<4>, bool) {
    let negative = F::MODULUS.wrapping_sub(&s);
    if negative < s {
        (negative, true)
    } else {
        (s, false)
    }
}

/// The scalars of a block by their length.
pub(super) struct Sorted {
    pub(super) units: Vec<Entry>,
    pub(super) short: Group,
    pub(super) long: Group,
}

/// The indices of scalars of similar length.
#[derive(Default)]
pub(super) struct Group {
    pub(super) indices: Vec<u32>,
    /// The greatest length, in bits.
    pub(super) bits: u32,
}

impl Group {
    fn push(&mut self, index: u32, bits: u32) {
        self.indices.push(index);
        self.bits = self.bits.max(bits);
    }

    /// All in one. No vector of indices grows: that would leave copies behind.
    pub(super) fn join<'a>(groups: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let len = groups.clone().map(|group| group.indices.len()).sum();
        let mut all = Self {
            indices: Vec::with_capacity(len),
            bits: 0,
        };
        for group in groups {
            all.indices.extend_from_slice(&group.indices);
            all.bits = all.bits.max(group.bits);
        }
        all
    }

    /// An exact copy; this one is wiped, and used again.
    fn take(&mut self) -> Self {
        let taken = Self {
            indices: self.indices.to_vec(),
            bits: self.bits,
        };
        self.indices[..].zeroize();
        self.indices.clear();
        self.bits = 0;
        taken
    }
}

/// Which scalars are of what length is secret.
impl Drop for Group {
    fn drop(&mut self) {
        self.indices[..].zeroize();
    }
}

/// What a thread sorts a block with, used again for the next.
pub(super) struct Scratch {
    units: Box<[Entry; BLOCK]>,
    short: Group,
    long: Group,
}

impl Default for Scratch {
    fn default() -> Self {
        let group = || Group {
            indices: Vec::with_capacity(BLOCK),
            bits: 0,
        };
        Self {
            units: Box::new([Entry::default(); BLOCK]),
            short: group(),
            long: group(),
        }
    }
}

impl Scratch {
    pub(super) fn sort<F: PrimeField<Canonical = Int<4>>>(
        &mut self,
        indices: Range<usize>,
        bit: impl Fn(usize) -> Option<bool>,
        scalar: impl Fn(usize) -> Option<Int<4>>,
    ) -> Result<Sorted> {
        let mut units = 0;
        let mut push = |index: usize, negative| {
            self.units[units] = Entry::new(index as u32, negative);
            units += 1;
        };
        for start in indices.clone().step_by(64) {
            // Which values of a witness are ones no processor predicts: they are gathered without a branch.
            let (mut ones, mut others) = (0u64, 0u64);
            for place in 0..64.min(indices.end - start) {
                let bit = bit(start + place);
                ones |= u64::from(bit == Some(true)) << place;
                others |= u64::from(bit.is_none()) << place;
            }
            set_bits(ones).for_each(|place| push(start + place, false));
            for i in set_bits(others).map(|place| start + place) {
                let value = scalar(i).ok_or_else(|| {
                    Error::Argument(format!("scalar {i} is not below the order of the group"))
                })?;
                let (magnitude, negative) = magnitude::<F>(value);
                match magnitude.bit_length() {
                    0 => {}
                    1 => push(i, negative),
                    bits @ 2..=SHORT_BITS => self.short.push(i as u32, bits),
                    bits => self.long.push(i as u32, bits),
                }
            }
        }
        Ok(Sorted {
            units: self.units[..units].to_vec(),
            short: self.short.take(),
            long: self.long.take(),
        })
    }
}

/// The places of the bits that are set.
fn set_bits(mut bits: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        place
    })
}

/// Wiped, as [`Group`]s are.
impl Drop for Scratch {
    fn drop(&mut self) {
        self.units.zeroize();
    }
}
