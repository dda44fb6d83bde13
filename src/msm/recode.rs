//! Scalars as signed digits.

mod digits;
mod sort;

use core::fmt;
use core::marker::PhantomData;

use rayon::prelude::*;
use zeroize::Zeroize;

use super::bucket::Entry;
use super::plan;
use crate::field::arch::Cpu;
use crate::field::{Int, PrimeField};
use crate::{Error, Result};
use digits::Strip;
pub(super) use digits::{bits_at, digit_offset, offset_by};
pub(super) use sort::magnitude;
use sort::{Group, Scratch};

/// What an MSM multiplies by: an element of the scalar field, or a canonical integer below its
/// modulus, such as a value of a witness file.
pub trait Scalar<F>: Sync {
    /// The canonical integer, or `None` if it is not below the modulus.
    fn to_int(&self) -> Option<Int<4>>;

    /// Whether it is 0 or 1, if that is seen without arithmetic; `None` says nothing. Most values of a
    /// witness are bits, and cost no more than this.
    #[inline]
    fn to_bit(&self) -> Option<bool> {
        None
    }
}

impl<F: PrimeField<Canonical = Int<4>>> Scalar<F> for F {
    #[inline]
    fn to_int(&self) -> Option<Int<4>> {
        Some(self.to_canonical())
    }

    #[inline]
    fn to_bit(&self) -> Option<bool> {
        let one = *self == F::ONE;
        (one | self.is_zero()).then_some(one)
    }
}

impl<F: PrimeField<Canonical = Int<4>>> Scalar<F> for Int<4> {
    #[inline]
    fn to_int(&self) -> Option<Int<4>> {
        (*self < F::MODULUS).then_some(*self)
    }

    #[inline]
    fn to_bit(&self) -> Option<bool> {
        let [low, others @ ..] = self.0;
        ((low | 1) == 1 && others == [0; 3]).then_some(low == 1)
    }
}

/// Magnitudes below `2^SHORT_BITS` get digits of their own: counters, bytes, machine words.
const SHORT_BITS: u32 = 64;

/// Scalars are recoded in blocks of this many, in parallel; the digits of one window of a block lie
/// together.
const BLOCK: usize = 1 << 12;

/// Digits are cut for so many scalars at a time: a loop over them is one of vectors.
const STRIP: usize = 64;

/// A vector of scalars, recoded for MSMs: sorted into zeros, units (1 and -1), short and long ones,
/// the last two cut into signed digits.
///
/// A scalar is taken as the integer of least magnitude that it is congruent to, so that -5 is as
/// short as 5. Its digits are those of `s + sum_j 2^(c-1) 2^(cj)`, each less `2^(c-1)`: no carry runs
/// from one to the next.
pub struct Scalars<F> {
    len: usize,
    /// By block.
    units: Vec<Vec<Entry>>,
    classes: Vec<Class>,
    field: PhantomData<F>,
}

/// Scalars of similar length, with their digits.
pub(super) struct Class {
    width: u32,
    windows: usize,
    /// Scalars in a block: a multiple of [`STRIP`], [`BLOCK`] unless there are fewer.
    block: usize,
    indices: Vec<u32>,
    digits: Vec<u16>,
}

impl<F: PrimeField<Canonical = Int<4>>> Scalars<F> {
    /// Recodes `scalars`, in parallel. Two passes: one to sort by length, one for the digits.
    ///
    /// # Errors
    /// [`Error::Argument`] for a scalar that is not below the modulus, and for 2^31 scalars or more.
    pub fn new<S: Scalar<F>>(scalars: &[S]) -> Result<Self> {
        Self::recode(
            scalars.len(),
            |i| scalars[i].to_bit(),
            |i| scalars[i].to_int(),
        )
    }

    /// Recodes scalars given by what [`Scalar::to_bit`] and [`Scalar::to_int`] say of each.
    pub(super) fn recode(
        len: usize,
        bit: impl Fn(usize) -> Option<bool> + Sync,
        scalar: impl Fn(usize) -> Option<Int<4>> + Sync,
    ) -> Result<Self> {
        if len >= super::MAX_BASES {
            return Err(Error::Argument(format!(
                "an MSM takes fewer than 2^31 scalars, not {len}"
            )));
        }
        let blocks = (0..len.div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| block * BLOCK..len.min((block + 1) * BLOCK))
            .map_init(Scratch::default, |scratch, indices| {
                scratch.sort::<F>(indices, &bit, &scalar)
            })
            .collect::<Result<Vec<_>>>()?;
        let classes = [
            Group::join(blocks.iter().map(|block| &block.short)),
            Group::join(blocks.iter().map(|block| &block.long)),
        ]
        .into_iter()
        .filter(|group| !group.indices.is_empty())
        .map(|group| Class::new::<F>(group, &scalar))
        .collect();
        Ok(Self {
            len,
            units: blocks.into_iter().map(|block| block.units).collect(),
            classes,
            field: PhantomData,
        })
    }
}

impl<F> Scalars<F> {
    /// The number of scalars.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The scalars that are 1 or -1, in parts.
    pub(super) fn units(&self) -> &[Vec<Entry>] {
        &self.units
    }

    /// The others that are not zero.
    pub(super) fn classes(&self) -> &[Class] {
        &self.classes
    }
}

impl Class {
    fn new<F: PrimeField<Canonical = Int<4>>>(
        mut group: Group,
        scalar: impl Fn(usize) -> Option<Int<4>> + Sync,
    ) -> Self {
        let indices = core::mem::take(&mut group.indices);
        let bits = group.bits;
        let width = plan::width(Cpu::get_or_generic(), indices.len(), bits);
        let windows = plan::windows(bits, width);
        let offset = digit_offset(windows, width);
        let block = indices.len().next_multiple_of(STRIP).min(BLOCK);
        let mut digits = vec![0; indices.len().div_ceil(block) * windows * block];
        digits
            .par_chunks_mut(windows * block)
            .zip(indices.par_chunks(block))
            .for_each(|(digits, indices)| {
                let mut strip = Strip([[0; STRIP]; 5]);
                for (number, indices) in indices.chunks(STRIP).enumerate() {
                    for (i, &index) in indices.iter().enumerate() {
                        let value = scalar(index as usize).expect("checked when it was sorted");
                        let (magnitude, negative) = magnitude::<F>(value);
                        let shifted = offset_by(&offset, &magnitude, negative);
                        for (limb, value) in shifted.into_iter().enumerate() {
                            strip.0[limb][i] = value;
                        }
                    }
                    let columns = digits.chunks_exact_mut(block);
                    for (window, column) in columns.enumerate() {
                        let column = &mut column[number * STRIP..][..STRIP];
                        strip.cut(width as usize * window, width, column);
                    }
                }
            });
        Self {
            width,
            windows,
            block,
            indices,
            digits,
        }
    }

    /// Bits in a digit.
    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// Digits in a scalar.
    pub(super) fn windows(&self) -> usize {
        self.windows
    }

    /// The scalars of this class, by their index in the vector.
    pub(super) fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// The digits of one window with the indices, or what else belongs to the scalars of this class in
    /// their order, in blocks. A digit `d` is stored as `d + 2^(width - 1)`.
    pub(super) fn digits<'a, T>(
        &'a self,
        window: usize,
        indices: &'a [T],
    ) -> impl Iterator<Item = (&'a [u16], &'a [T])> + Clone {
        self.digits
            .chunks(self.windows * self.block)
            .map(move |block| &block[window * self.block..][..self.block])
            .zip(indices.chunks(self.block))
    }
}

/// Digits and indices are as secret as the scalars.
impl Drop for Class {
    fn drop(&mut self) {
        // Blocks are a multiple of eight bytes: wiped by words, in a quarter of the stores.
        match bytemuck::try_cast_slice_mut::<u16, u64>(&mut self.digits) {
            Ok(words) => words.zeroize(),
            Err(_) => self.digits.zeroize(),
        }
        self.indices.zeroize();
    }
}

/// Which scalars are units is as secret.
impl<F> Drop for Scalars<F> {
    fn drop(&mut self) {
        for units in &mut self.units {
            units[..].zeroize();
        }
    }
}

/// The number of scalars, and nothing of what they are.
impl<F> fmt::Debug for Scalars<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scalars")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Field, Fr};

    /// The digits, put together again, are the scalar.
    #[test]
    fn digits_represent_the_scalar() {
        let two = Fr::from_u64(2);
        let half = two.inverse().unwrap();
        let mut scalars = vec![
            half,
            half - Fr::ONE,
            -half,
            two.pow(&[252]),
            two.pow(&[253]),
        ];
        for k in [0u64, 1, 2, 62, 63, 64, 65, 127, 128, 191, 192, 251] {
            let power = two.pow(&[k]);
            scalars.extend([power, -power, power - Fr::ONE, Fr::ONE - power]);
        }
        for extra in [0usize, 100, 5000, 40_000] {
            let mut scalars = scalars.clone();
            scalars.extend((0..extra).map(|_| Fr::random().unwrap()));
            let recoded = Scalars::new(&scalars).unwrap();
            let mut sums = vec![Fr::ZERO; scalars.len()];
            for unit in recoded.units().iter().flatten() {
                sums[unit.index() as usize] = if unit.is_negative() {
                    -Fr::ONE
                } else {
                    Fr::ONE
                };
            }
            for class in recoded.classes() {
                for window in (0..class.windows()).rev() {
                    for (digits, indices) in class.digits(window, class.indices()) {
                        for (&digit, &index) in digits.iter().zip(indices) {
                            let digit = i32::from(digit) - (1 << (class.width() - 1));
                            assert!(digit.unsigned_abs() <= 1 << (class.width() - 1));
                            let digit_abs = Fr::from(u64::from(digit.unsigned_abs()));
                            let digit = if digit < 0 { -digit_abs } else { digit_abs };
                            let sum = &mut sums[index as usize];
                            *sum = *sum * Fr::from(1 << class.width()) + digit;
                        }
                    }
                }
            }
            assert_eq!(sums, scalars);
        }
    }

    /// At the ends of words and blocks too, as elements and as integers.
    #[test]
    fn units_are_found_wherever_they_are() {
        let kind = |i: usize| (i * i + i / 63) % 5;
        for len in [
            0,
            1,
            63,
            64,
            65,
            BLOCK - 1,
            BLOCK,
            BLOCK + 1,
            2 * BLOCK + 65,
        ] {
            let scalars: Vec<Fr> = (0..len)
                .map(|i| match kind(i) {
                    0 => Fr::ZERO,
                    1 => Fr::ONE,
                    2 => -Fr::ONE,
                    3 => Fr::from_u64(2),
                    _ => -Fr::from_u64(u64::MAX) - Fr::from_u64(1),
                })
                .collect();
            let integers: Vec<Int<4>> = scalars.iter().map(Fr::to_canonical).collect();
            for recoded in [
                Scalars::new(&scalars).unwrap(),
                Scalars::<Fr>::new(&integers).unwrap(),
            ] {
                let mut found = vec![0; len];
                for unit in recoded.units().iter().flatten() {
                    found[unit.index() as usize] = if unit.is_negative() { 2 } else { 1 };
                }
                for class in recoded.classes() {
                    let kind = if class.windows() * (class.width() as usize) < 10 {
                        3
                    } else {
                        4
                    };
                    class
                        .indices()
                        .iter()
                        .for_each(|&i| found[i as usize] = kind);
                }
                assert!((0..len).all(|i| found[i] == kind(i)), "{len}");
            }
        }
    }

    #[test]
    fn small_magnitudes_of_either_sign_are_short() {
        let five = Fr::from_u64(5);
        let recoded = Scalars::new(&[five, -five, Fr::ZERO, Fr::ONE, -Fr::ONE]).unwrap();
        assert_eq!(recoded.units().concat().len(), 2);
        assert_eq!(recoded.classes().len(), 1);
        assert_eq!(recoded.classes()[0].indices(), [0, 1]);
    }

    #[test]
    fn integers_from_the_modulus_on_are_refused() {
        let scalars = [Int::<4>::from_u64(3), Fr::MODULUS];
        let error = Scalars::<Fr>::new(&scalars).unwrap_err();
        assert!(error.to_string().contains("scalar 1 "), "{error}");
    }
}
