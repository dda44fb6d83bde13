//! Multilinear extensions. The first variable is the most significant bit of an index.

use rayon::prelude::*;

use super::kernels;
use crate::field::{Field, Fr};
use crate::memory::Buffer;

/// `eq(point, i)` for all `i`: one multiplication each, parallel.
pub(super) fn eq_table(point: &[Fr]) -> Buffer<Fr> {
    const CHUNK: usize = 1 << 11;
    let mut table = Buffer::zeroed(1 << point.len());
    table[0] = Fr::ONE;
    for (k, &x) in point.iter().rev().enumerate() {
        let (low, high) = table[..2 << k].split_at_mut(1 << k);
        if k <= CHUNK.ilog2() as usize {
            kernels::split(low, high, x);
        } else {
            low.par_chunks_mut(CHUNK)
                .zip(high.par_chunks_mut(CHUNK))
                .for_each(|(low, high)| kernels::split(low, high, x));
        }
    }
    table
}

/// `eq(a, b)`.
pub(super) fn eq(a: &[Fr], b: &[Fr]) -> Fr {
    a.iter().zip(b).fold(Fr::ONE, |product, (&a, &b)| {
        let both = a * b;
        product * (Fr::ONE - a - b + both.double())
    })
}

/// The sum of the products.
pub(super) fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    a.iter().zip(b).map(|(&a, &b)| a * b).sum()
}

/// [`dot`], parallel.
pub(super) fn par_dot(a: &[Fr], b: &[Fr]) -> Fr {
    const CHUNK: usize = 1 << 11;
    a.par_chunks(CHUNK)
        .zip(b.par_chunks(CHUNK))
        .map(|(a, b)| kernels::dot(a, b))
        .sum()
}

/// The extension of `1, z, z^2, ...` at a point.
pub(super) fn powers_at(z: Fr, point: &[Fr]) -> Fr {
    let mut power = z;
    let mut product = Fr::ONE;
    for &x in point.iter().rev() {
        product *= Fr::ONE - x + x * power;
        power = power.square();
    }
    product
}

/// `coefficients[0] + coefficients[1] z + ...`
pub(super) fn horner(coefficients: &[Fr], z: Fr) -> Fr {
    let step = |value: Fr, &coefficient: &Fr| value * z + coefficient;
    coefficients.iter().rev().fold(Fr::ZERO, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::PrimeField;

    fn random(n: usize) -> Vec<Fr> {
        (0..n).map(|_| Fr::random().unwrap()).collect()
    }

    /// `eq` by its definition.
    fn naive(point: &[Fr], index: usize) -> Fr {
        let bit = |k: usize| index >> (point.len() - 1 - k) & 1 == 1;
        let factor = |(k, &x): (usize, &Fr)| if bit(k) { x } else { Fr::ONE - x };
        point
            .iter()
            .enumerate()
            .map(factor)
            .fold(Fr::ONE, |a, b| a * b)
    }

    #[test]
    fn tables_and_extensions_are_what_they_are_called() {
        for variables in [0, 1, 5, 14] {
            let point = random(variables);
            let table = eq_table(&point);
            assert_eq!(table.len(), 1 << variables);
            for index in [0, table.len() / 3, table.len() / 2, table.len() - 1] {
                assert_eq!(table[index], naive(&point, index));
            }
            let z = Fr::random().unwrap();
            assert_eq!(powers_at(z, &point), horner(&table, z));
            let other = random(variables);
            assert_eq!(eq(&point, &other), par_dot(&table, &eq_table(&other)));
        }
    }
}
