//! Scalars as signed digits.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Range;

use rayon::prelude::*;
use zeroize::Zeroize;

use super::bucket::Entry;
use super::plan;
use crate::field::{Int, PrimeField};
use crate::{Error, Result};

/// What an MSM multiplies by: an element of the scalar field, or a canonical integer below its
/// modulus, such as a value of a witness file.
pub trait Scalar<F>: Sync {
    /// The canonical integer, or `None` if it is not below the modulus.
    fn to_int(&self) -> Option<Int<4>>;
}

impl<F: PrimeField<Canonical = Int<4>>> Scalar<F> for F {
    #[inline]
    fn to_int(&self) -> Option<Int<4>> {
        Some(self.to_canonical())
    }
}

impl<F: PrimeField<Canonical = Int<4>>> Scalar<F> for Int<4> {
    #[inline]
    fn to_int(&self) -> Option<Int<4>> {
        (*self < F::MODULUS).then_some(*self)
    }
}

/// Magnitudes below `2^SHORT_BITS` get digits of their own: counters, bytes, machine words.
const SHORT_BITS: u32 = 64;

/// Digits are stored in blocks of this many scalars, so that blocks can be written in parallel and
/// the digits of one window lie together.
const BLOCK: usize = 1 << 12;

/// A vector of scalars, recoded for MSMs: sorted into zeros, units (1 and -1), short and long ones,
/// the last two cut into signed digits.
///
/// A scalar is taken as the integer of least magnitude that it is congruent to, so that -5 is as
/// short as 5. Its digits are those of `s + sum_j 2^(c-1) 2^(cj)`, each less `2^(c-1)`: no carry runs
/// from one to the next.
pub struct Scalars<F> {
    len: usize,
    units: Vec<Entry>,
    classes: Vec<Class>,
    field: PhantomData<F>,
}

/// Scalars of similar length, with their digits.
pub(super) struct Class {
    width: u32,
    windows: usize,
    indices: Vec<u32>,
    digits: Vec<u16>,
}

/// A random vector that is added to the scalars of an MSM, so that the work done does not depend on
/// them.
///
/// The fast paths for zeros, ones and short scalars let an observer of the running time estimate how
/// many of them a witness has. With a mask drawn once, `sum (s_i + mask_i) base_i` is computed, whose
/// scalars are uniform, and `sum mask_i base_i`, computed once, is subtracted. The price is that
/// nothing is skipped: several times the work for a witness of bits.
pub struct Mask<F: PrimeField> {
    values: Vec<F>,
}

impl<F: PrimeField<Canonical = Int<4>>> Mask<F> {
    /// A mask for `len` scalars, from the operating system's generator.
    ///
    /// # Errors
    /// [`Error::Entropy`].
    pub fn random(len: usize) -> Result<Self> {
        // All of it at once: a vector that grows would leave copies behind.
        let mut mask = Self {
            values: vec![F::ZERO; len],
        };
        for value in &mut mask.values {
            *value = F::random()?;
        }
        Ok(mask)
    }

    /// The mask itself, recoded: the scalars of the sum to subtract.
    ///
    /// # Errors
    /// [`Error::Argument`] for 2^31 scalars or more.
    pub fn scalars(&self) -> Result<Scalars<F>> {
        Scalars::new(&self.values)
    }

    /// The sum of `scalars` and the mask, recoded.
    ///
    /// # Errors
    /// [`Error::Argument`] for another number of scalars than the mask's, or one that is not below
    /// the modulus.
    pub fn apply<S: Scalar<F>>(&self, scalars: &[S]) -> Result<Scalars<F>> {
        if scalars.len() != self.values.len() {
            return Err(Error::Argument(format!(
                "a mask for {} scalars got {}",
                self.values.len(),
                scalars.len()
            )));
        }
        Scalars::recode(scalars.len(), |i| {
            let scalar = scalars[i].to_int()?;
            Some((F::from(scalar) + self.values[i]).to_canonical())
        })
    }
}

/// A mask that leaks undoes itself.
impl<F: PrimeField> Drop for Mask<F> {
    fn drop(&mut self) {
        self.values.zeroize();
    }
}

impl<F: PrimeField<Canonical = Int<4>>> Scalars<F> {
    /// Recodes `scalars`, in parallel. Two passes: one to sort by length, one for the digits.
    ///
    /// # Errors
    /// [`Error::Argument`] for a scalar that is not below the modulus, and for 2^31 scalars or more.
    pub fn new<S: Scalar<F>>(scalars: &[S]) -> Result<Self> {
        Self::recode(scalars.len(), |i| scalars[i].to_int())
    }

    fn recode(len: usize, scalar: impl Fn(usize) -> Option<Int<4>> + Sync) -> Result<Self> {
        if len >= super::MAX_BASES {
            return Err(Error::Argument(format!(
                "an MSM takes fewer than 2^31 scalars, not {len}"
            )));
        }
        let sorted = (0..len.div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| block * BLOCK..len.min((block + 1) * BLOCK))
            .map(|indices| Sorted::of::<F>(indices, &scalar))
            .try_reduce(Sorted::default, |a, b| Ok(a.append(b)))?;
        let classes = [sorted.short, sorted.long]
            .into_iter()
            .filter(|group| !group.indices.is_empty())
            .map(|group| Class::new::<F>(group, &scalar))
            .collect();
        Ok(Self {
            len,
            units: sorted.units,
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

    /// The scalars that are 1 or -1.
    pub(super) fn units(&self) -> &[Entry] {
        &self.units
    }

    /// The others that are not zero.
    pub(super) fn classes(&self) -> &[Class] {
        &self.classes
    }
}

/// The magnitude of the least integer congruent to `s`, and whether it is negative.
#[inline(always)]
pub(super) fn magnitude<F: PrimeField<Canonical = Int<4>>>(s: Int<4>) -> (Int<4>, bool) {
    let negative = F::MODULUS.wrapping_sub(&s);
    if negative < s {
        (negative, true)
    } else {
        (s, false)
    }
}

/// Indices by the length of their scalars.
#[derive(Default)]
struct Sorted {
    units: Vec<Entry>,
    short: Group,
    long: Group,
}

/// The indices of scalars of similar length.
#[derive(Default)]
struct Group {
    indices: Vec<u32>,
    /// The greatest length, in bits.
    bits: u32,
}

impl Group {
    fn push(&mut self, index: u32, bits: u32) {
        self.indices.push(index);
        self.bits = self.bits.max(bits);
    }

    fn append(&mut self, other: &mut Self) {
        self.indices.append(&mut other.indices);
        self.bits = self.bits.max(other.bits);
    }
}

impl Sorted {
    fn of<F: PrimeField<Canonical = Int<4>>>(
        indices: Range<usize>,
        scalar: impl Fn(usize) -> Option<Int<4>>,
    ) -> Result<Self> {
        let mut sorted = Self::default();
        for i in indices {
            let value = scalar(i).ok_or_else(|| {
                Error::Argument(format!("scalar {i} is not below the order of the group"))
            })?;
            let (magnitude, negative) = magnitude::<F>(value);
            match magnitude.bit_length() {
                0 => {}
                1 => sorted.units.push(Entry::new(i as u32, negative)),
                bits @ 2..=SHORT_BITS => sorted.short.push(i as u32, bits),
                bits => sorted.long.push(i as u32, bits),
            }
        }
        Ok(sorted)
    }

    fn append(mut self, mut other: Self) -> Self {
        self.units.append(&mut other.units);
        self.short.append(&mut other.short);
        self.long.append(&mut other.long);
        self
    }
}

impl Class {
    fn new<F: PrimeField<Canonical = Int<4>>>(
        Group { indices, bits }: Group,
        scalar: impl Fn(usize) -> Option<Int<4>> + Sync,
    ) -> Self {
        let width = plan::width(indices.len(), bits);
        let windows = plan::windows(bits, width);
        let offset = digit_offset(windows, width);
        let mut digits = vec![0; indices.len().div_ceil(BLOCK) * windows * BLOCK];
        digits
            .par_chunks_mut(windows * BLOCK)
            .zip(indices.par_chunks(BLOCK))
            .for_each(|(block, indices)| {
                for (i, &index) in indices.iter().enumerate() {
                    let value = scalar(index as usize).expect("checked when it was sorted");
                    let (magnitude, negative) = magnitude::<F>(value);
                    let shifted = offset_by(&offset, &magnitude, negative);
                    for window in 0..windows {
                        let digit = bits_at(&shifted, width as usize * window, width);
                        block[window * BLOCK + i] = digit;
                    }
                }
            });
        Self {
            width,
            windows,
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

    /// The digits of one window, by the scalar's position in the class.
    pub(super) fn digits(&self, window: usize) -> impl Fn(u32) -> i32 + Sync + '_ {
        let zero = 1i32 << (self.width - 1);
        let blocks = &self.digits[window * BLOCK..];
        let stride = self.windows * BLOCK;
        move |position| {
            let position = position as usize;
            i32::from(blocks[position / BLOCK * stride + position % BLOCK]) - zero
        }
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
        self.units.zeroize();
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

/// `sum_j 2^(c-1) 2^(cj)` over the windows `j`: what turns plain digits of `c` bits into signed ones.
/// Five limbs, since the windows may reach beyond 256 bits.
pub(super) fn digit_offset(windows: usize, width: u32) -> [u64; 5] {
    let mut offset = [0u64; 5];
    for window in 0..windows {
        let bit = width as usize * (window + 1) - 1;
        offset[bit / 64] |= 1 << (bit % 64);
    }
    offset
}

/// `offset + magnitude` or `offset - magnitude`; the caller knows that neither under- nor overflows.
#[inline(always)]
pub(super) fn offset_by(offset: &[u64; 5], magnitude: &Int<4>, negative: bool) -> [u64; 5] {
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

/// `width <= 16` bits from bit `start` on.
#[inline(always)]
pub(super) fn bits_at(limbs: &[u64; 5], start: usize, width: u32) -> u16 {
    let (limb, bit) = (start / 64, start % 64);
    let low = limbs[limb] >> bit;
    let high = if bit == 0 || limb == 4 {
        0
    } else {
        limbs[limb + 1] << (64 - bit)
    };
    ((low | high) & ((1 << width) - 1)) as u16
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
            for unit in recoded.units() {
                sums[unit.index() as usize] = if unit.is_negative() {
                    -Fr::ONE
                } else {
                    Fr::ONE
                };
            }
            for class in recoded.classes() {
                for window in (0..class.windows()).rev() {
                    let digits = class.digits(window);
                    for (position, &index) in class.indices().iter().enumerate() {
                        let digit = digits(position as u32);
                        assert!(digit.unsigned_abs() <= 1 << (class.width() - 1));
                        let digit_abs = Fr::from(u64::from(digit.unsigned_abs()));
                        let digit = if digit < 0 { -digit_abs } else { digit_abs };
                        let sum = &mut sums[index as usize];
                        *sum = *sum * Fr::from(1 << class.width()) + digit;
                    }
                }
            }
            assert_eq!(sums, scalars);
        }
    }

    #[test]
    fn small_magnitudes_of_either_sign_are_short() {
        let five = Fr::from_u64(5);
        let recoded = Scalars::new(&[five, -five, Fr::ZERO, Fr::ONE, -Fr::ONE]).unwrap();
        assert_eq!(recoded.units().len(), 2);
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
