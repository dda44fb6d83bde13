//! Long vectors: folding and sums.

use rayon::prelude::*;

use super::kernels;
use crate::field::{Field, Fr};
use crate::memory::Secret;

/// Elements in a task.
pub(super) const CHUNK: usize = 1 << 11;

/// A vector that is folded in place, and gives memory back when most of it is not needed any more.
pub(super) struct Folding {
    elements: Secret<Fr>,
    len: usize,
}

impl From<Secret<Fr>> for Folding {
    fn from(elements: Secret<Fr>) -> Self {
        let len = elements.len();
        Self { elements, len }
    }
}

impl std::ops::Deref for Folding {
    type Target = [Fr];

    fn deref(&self) -> &[Fr] {
        &self.elements[..self.len]
    }
}

impl std::ops::DerefMut for Folding {
    fn deref_mut(&mut self) -> &mut [Fr] {
        &mut self.elements[..self.len]
    }
}

impl Folding {
    /// The halves of the first variable.
    pub(super) fn halves(&self) -> (&[Fr], &[Fr]) {
        self.split_at(self.len / 2)
    }

    /// Fixes the first variable.
    pub(super) fn fold(&mut self, x: Fr) {
        let half = self.len / 2;
        let (low, high) = self.split_at_mut(half);
        low.par_chunks_mut(CHUNK)
            .zip(high.par_chunks(CHUNK))
            .for_each(|(low, high)| kernels::fold(low, high, x));
        self.shrink(half);
    }

    /// Adds the halves, which fixes nothing of a sum over the first variable.
    pub(super) fn sum_halves(&mut self) {
        let half = self.len / 2;
        let (low, high) = self.split_at_mut(half);
        low.par_chunks_mut(CHUNK)
            .zip(high.par_chunks(CHUNK))
            .for_each(|(low, high)| {
                for (low, &high) in low.iter_mut().zip(high) {
                    *low += high;
                }
            });
        self.shrink(half);
    }

    fn shrink(&mut self, len: usize) {
        self.len = len;
        if len >= CHUNK && len <= self.elements.len() / 4 {
            self.elements = secret(&self.elements[..len]);
        }
    }
}

/// `vector[i] += factor other[i]` as far as the other goes.
pub(super) fn add_scaled(vector: &mut [Fr], factor: Fr, other: &[Fr]) {
    vector[..other.len()]
        .par_chunks_mut(CHUNK)
        .zip(other.par_chunks(CHUNK))
        .for_each(|(vector, other)| kernels::add_scaled(vector, factor, other));
}

/// `vector[i] *= factor`.
pub(super) fn scale(vector: &mut [Fr], factor: Fr) {
    vector
        .par_chunks_mut(CHUNK)
        .for_each(|vector| kernels::scale(vector, factor));
}

/// `vector[i] += factor z^i`.
pub(super) fn add_powers(vector: &mut [Fr], factor: Fr, z: Fr) {
    vector
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, vector)| {
            let first = factor * z.pow(&[(chunk * CHUNK) as u64]);
            kernels::add_powers(vector, first, z);
        });
}

/// The polynomial's value at a point; parallel.
pub(super) fn evaluate(coefficients: &[Fr], z: Fr) -> Fr {
    let step = z.pow(&[CHUNK as u64]);
    let mut values = Secret::<Fr>::zeros(coefficients.len().div_ceil(CHUNK));
    values
        .par_iter_mut()
        .zip(coefficients.par_chunks(CHUNK))
        .for_each(|(value, chunk)| *value = kernels::horner(chunk, z));
    kernels::horner(&values, step)
}

/// A copy that is wiped.
pub(super) fn secret(elements: &[Fr]) -> Secret<Fr> {
    let mut secret = Secret::zeros(elements.len());
    secret.copy_from_slice(elements);
    secret
}
