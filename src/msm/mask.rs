//! Masks, which hide scalars from who watches the time.

use zeroize::Zeroize;

use super::recode::{Scalar, Scalars};
use crate::field::{Int, PrimeField};
use crate::{Error, Result};

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
        let masked = |i: usize| {
            let scalar = scalars[i].to_int()?;
            Some((F::from(scalar) + self.values[i]).to_canonical())
        };
        Scalars::recode(scalars.len(), |_| None, masked)
    }
}

/// A mask that leaks undoes itself.
impl<F: PrimeField> Drop for Mask<F> {
    fn drop(&mut self) {
        self.values.zeroize();
    }
}
