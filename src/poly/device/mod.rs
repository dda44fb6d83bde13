//! Vectors and matrices of [`Fr`] on a device.
//!
//! What is called with a [`Stream`] is queued there: it has begun when the call returns, and is not
//! done. Vectors are parts of [`Buffer`](zkiln_cuda::Buffer)s, and results are written to memory
//! that the caller has allocated.

mod matrix;
mod quotient;

use zkiln_cuda::{ByValue, Call, Slice, SliceMut, Stream};

use crate::field::{Fr, Int};
use crate::{Error, Result};

pub use matrix::DeviceMatrix;
pub use quotient::{Refused, products, quotient, wires};

/// Threads of a block in kernels with a thread for each element.
const THREADS: usize = 256;

/// `sum = a + b`, element by element.
///
/// # Errors
/// [`Error::Argument`] for vectors of different lengths or of 2^32 elements or more;
/// [`Error::Device`].
pub fn add(
    stream: &Stream,
    a: Slice<'_, Fr>,
    b: Slice<'_, Fr>,
    sum: SliceMut<'_, Fr>,
) -> Result<()> {
    binary(stream, "field_add_fr", a, b, sum)
}

/// `difference = a - b`, element by element.
///
/// # Errors
/// As [`add`].
pub fn sub(
    stream: &Stream,
    a: Slice<'_, Fr>,
    b: Slice<'_, Fr>,
    difference: SliceMut<'_, Fr>,
) -> Result<()> {
    binary(stream, "field_sub_fr", a, b, difference)
}

/// `product = a b`, element by element.
///
/// # Errors
/// As [`add`].
pub fn mul(
    stream: &Stream,
    a: Slice<'_, Fr>,
    b: Slice<'_, Fr>,
    product: SliceMut<'_, Fr>,
) -> Result<()> {
    binary(stream, "field_mul_fr", a, b, product)
}

/// `square = a^2`, element by element.
///
/// # Errors
/// As [`add`].
pub fn square(stream: &Stream, a: Slice<'_, Fr>, square: SliceMut<'_, Fr>) -> Result<()> {
    let n = same_length(&[a.len(), square.len()])?;
    let call = element_wise(stream, "field_sqr_fr", n).arg(a).arg(square);
    // SAFETY: both vectors have n elements.
    unsafe { call.arg(n).launch()? };
    Ok(())
}

/// `product = factor a`, element by element.
///
/// # Errors
/// As [`add`].
pub fn scale(
    stream: &Stream,
    a: Slice<'_, Fr>,
    factor: Fr,
    product: SliceMut<'_, Fr>,
) -> Result<()> {
    let n = same_length(&[a.len(), product.len()])?;
    let call = element_wise(stream, "field_scale_fr", n);
    let call = call.arg(a).arg(ByValue(factor)).arg(product);
    // SAFETY: both vectors have n elements.
    unsafe { call.arg(n).launch()? };
    Ok(())
}

/// `inverse = 1 / a`, element by element, and zero for zero. Three multiplications an element and
/// some 380 for each of 64 elements, or of fewer where there are not enough for all multiprocessors
/// (Montgomery's trick).
///
/// # Errors
/// As [`add`].
pub fn inverse(stream: &Stream, a: Slice<'_, Fr>, inverse: SliceMut<'_, Fr>) -> Result<()> {
    const BUSY: usize = 512; // threads that keep a multiprocessor's multipliers busy
    let n = same_length(&[a.len(), inverse.len()])?;
    let multiprocessors = stream.device().info().multiprocessors as usize;
    let elements = (n as usize / (BUSY * multiprocessors.max(1))).clamp(1, 64);
    let threads = (n as usize).div_ceil(elements);
    let call = stream.call("field_inverse_fr");
    let call = call
        .blocks(threads.div_ceil(THREADS))
        .threads(THREADS as u32);
    // SAFETY: both vectors have n elements, and one is written to, so they are not the same.
    unsafe { call.arg(a).arg(inverse).arg(n).launch()? };
    Ok(())
}

/// The integers in `[0, p)` that elements stand for.
///
/// # Errors
/// As [`add`].
pub fn to_canonical(
    stream: &Stream,
    elements: Slice<'_, Fr>,
    integers: SliceMut<'_, Int<4>>,
) -> Result<()> {
    let n = same_length(&[elements.len(), integers.len()])?;
    let call = element_wise(stream, "field_to_canonical_fr", n);
    // SAFETY: both vectors have n elements, of 32 bytes.
    unsafe { call.arg(elements).arg(integers).arg(n).launch()? };
    Ok(())
}

fn binary(
    stream: &Stream,
    kernel: &'static str,
    a: Slice<'_, Fr>,
    b: Slice<'_, Fr>,
    out: SliceMut<'_, Fr>,
) -> Result<()> {
    let n = same_length(&[a.len(), b.len(), out.len()])?;
    let call = element_wise(stream, kernel, n).arg(a).arg(b).arg(out);
    // SAFETY: all three vectors have n elements.
    unsafe { call.arg(n).launch()? };
    Ok(())
}

/// A call with a thread for each of `n` elements.
fn element_wise<'a>(stream: &'a Stream, kernel: &'static str, n: u32) -> Call<'a> {
    let blocks = (n as usize).div_ceil(THREADS);
    stream.call(kernel).blocks(blocks).threads(THREADS as u32)
}

/// The common length of vectors.
fn same_length(lengths: &[usize]) -> Result<u32> {
    if lengths.iter().any(|len| *len != lengths[0]) {
        return Err(Error::Argument(format!(
            "vectors of {lengths:?} elements, which must be as long as each other"
        )));
    }
    u32::try_from(lengths[0])
        .map_err(|_| Error::Argument(format!("a vector of {} elements", lengths[0])))
}
