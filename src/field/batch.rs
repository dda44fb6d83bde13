//! Inversion of many elements at the price of one.

use rayon::prelude::*;

use super::Field;

/// Replaces every element by its inverse; zeros stay zeros. Montgomery's trick: three
/// multiplications an element and one inversion a chunk; chunks run in parallel.
pub fn batch_inverse<F: Field>(elements: &mut [F]) {
    // Below this an inversion (about 80 multiplications) and a task weigh more than the work.
    const CHUNK: usize = 4096;
    elements.par_chunks_mut(CHUNK).for_each(|chunk| {
        let mut products = vec![F::ZERO; chunk.len()];
        batch_inverse_serial(chunk, &mut products);
    });
}

/// [`batch_inverse`] on the calling thread with one inversion, in the caller's `scratch`, which must
/// be as long as `elements` and is overwritten.
///
/// # Panics
/// If the lengths differ.
pub fn batch_inverse_serial<F: Field>(elements: &mut [F], scratch: &mut [F]) {
    assert_eq!(
        elements.len(),
        scratch.len(),
        "scratch must be as long as the elements"
    );
    let mut product = F::ONE;
    for (element, prefix) in elements.iter().zip(scratch.iter_mut()) {
        *prefix = product;
        if !element.is_zero() {
            product *= *element;
        }
    }
    let mut inverse = product
        .inverse()
        .expect("a product of non-zero elements is not zero");
    for (element, prefix) in elements.iter_mut().zip(scratch.iter()).rev() {
        if !element.is_zero() {
            let next = inverse * *element;
            *element = inverse * *prefix;
            inverse = next;
        }
    }
}
