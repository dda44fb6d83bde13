//! The steps of Groth16 between the witness and the scalars of the quotient's sum that are neither
//! a matrix's nor a transform's.

use zkiln_cuda::{Buffer, Slice, SliceMut, Stream};

use super::{element_wise, same_length};
use crate::field::{Fr, Int};
use crate::{Error, Result};

/// Where [`wires`] notes integers that are not below the modulus.
#[derive(Debug)]
#[must_use = "integers that are not below the modulus are taken modulo it"]
pub struct Refused {
    /// The place of the first one, or the largest number.
    first: Buffer<u32>,
}

impl Refused {
    /// Waits for all that is queued on the stream of the conversion, or on one that comes after it.
    ///
    /// # Errors
    /// [`Error::Argument`] for an integer that was not below the modulus; [`Error::Device`].
    pub fn check(&self, stream: &Stream) -> Result<()> {
        match stream.download(&self.first)?[..] {
            [u32::MAX] => Ok(()),
            ref place => Err(Error::Argument(format!(
                "the integer at place {} is not below the modulus",
                place[0]
            ))),
        }
    }
}

/// The elements of integers: a witness as it is read, to a witness as matrices take it. Whoever
/// does not know that all integers are below the modulus asks [`Refused::check`].
///
/// # Errors
/// [`Error::Argument`] for vectors of different lengths or of 2^32 elements or more;
/// [`Error::Device`].
pub fn wires(
    stream: &Stream,
    integers: Slice<'_, Int<4>>,
    elements: SliceMut<'_, Fr>,
) -> Result<Refused> {
    let n = same_length(&[integers.len(), elements.len()])?;
    let mut first = stream.upload(&[u32::MAX])?;
    let call = element_wise(stream, "groth16_wires_fr", n);
    let call = call.arg(integers).arg(elements).arg(&mut first).arg(n);
    // SAFETY: both vectors have n elements of 32 bytes.
    unsafe { call.launch()? };
    Ok(Refused { first })
}

/// Of three columns `a`, `b`, `c` of the same length, one after the other: `c = a b`, element by
/// element.
///
/// # Errors
/// [`Error::Argument`] if the length is not a multiple of three or the columns have 2^32 elements
/// or more; [`Error::Device`].
pub fn products(stream: &Stream, columns: SliceMut<'_, Fr>) -> Result<()> {
    let n = column_length(columns.len())?;
    let call = element_wise(stream, "groth16_products_fr", n);
    // SAFETY: there are three columns of n elements.
    unsafe { call.arg(columns).arg(n).launch()? };
    Ok(())
}

/// Of three columns `a`, `b`, `c` of `n` elements, one after the other: `a = (a b / n - c) / n`,
/// element by element. From what [`extend_to_odd_coset_unscaled_on`] leaves, which is `n A`, `n B`
/// and `n C`, this makes `A B - C`. One multiplication an element: to divide by a power of two costs
/// next to nothing in Montgomery form.
///
/// [`extend_to_odd_coset_unscaled_on`]: crate::ntt::DeviceNtt::extend_to_odd_coset_unscaled_on
///
/// # Errors
/// As [`products`]; [`Error::Argument`] if `n` is not a power of two.
pub fn quotient(stream: &Stream, columns: SliceMut<'_, Fr>) -> Result<()> {
    let n = column_length(columns.len())?;
    if !n.is_power_of_two() {
        return Err(Error::Argument(format!(
            "a quotient over {n} points, which must be a power of two"
        )));
    }
    let call = element_wise(stream, "groth16_quotient_fr", n);
    // SAFETY: there are three columns of n elements, and n is a power of two.
    unsafe { call.arg(columns).arg(n.ilog2()).launch()? };
    Ok(())
}

/// The length of each of three columns.
fn column_length(len: usize) -> Result<u32> {
    match u32::try_from(len / 3) {
        Ok(n) if len.is_multiple_of(3) => Ok(n),
        _ => Err(Error::Argument(format!("three columns of {len} elements"))),
    }
}
