//! Inversion of many elements at the price of one.

use rayon::prelude::*;

use super::Field;
use super::arch::{self, CHAINS, Cpu, Isa, Kernel, LANES, Vector, Vectors, on_cpu};

/// Replaces every element by its inverse; zeros stay zeros. Montgomery's trick: three
/// multiplications an element and one inversion a chunk; chunks run in parallel, eight elements at a time.
pub fn batch_inverse<F: Field>(elements: &mut [F]) {
    // Below this an inversion (about 80 multiplications) and a task weigh more than the work.
    const CHUNK: usize = 4096;
    elements.par_chunks_mut(CHUNK).for_each(F::invert_all);
}

/// [`Field::invert_all`] on vectors.
pub(super) fn invert_all<F: Field + Vectors>(elements: &mut [F]) {
    on_cpu!(Cpu::get_or_generic(), isa => isa.run(BatchInverse(elements)));
}

/// The inversion of a chunk, on vectors of neighbours.
struct BatchInverse<'a, F>(&'a mut [F]);

impl<F: Field + Vectors, I: Isa> Kernel<I> for BatchInverse<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let (vectors, rest) = self.0.as_chunks_mut::<LANES>();
        batch_inverse_serial(rest, &mut [F::ZERO; LANES][..rest.len()]);
        let one = F::On::<I>::splat(isa, F::ONE);
        let mut chains = [one; CHAINS];
        let mut products = Vec::with_capacity(vectors.len());
        for (i, elements) in vectors.iter().enumerate() {
            let vector = F::On::<I>::load_all(isa, elements);
            let vector = vector.or_where(vector.zeros(), one);
            products.push(chains[i % CHAINS]);
            chains[i % CHAINS] = chains[i % CHAINS].mul(vector);
        }
        let mut inverses = arch::inverses(chains);
        for (i, elements) in vectors.iter_mut().enumerate().rev() {
            let vector = F::On::<I>::load_all(isa, elements);
            let zeros = vector.zeros();
            let inverse = inverses[i % CHAINS].mul(products[i]);
            inverses[i % CHAINS] = inverses[i % CHAINS].mul(vector.or_where(zeros, one));
            *elements = inverse
                .or_where(zeros, F::On::<I>::splat(isa, F::ZERO))
                .store();
        }
    }
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
