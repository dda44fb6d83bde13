//! The polynomials of a circuit, evaluated at one point.
//!
//! Column `i` of the matrix A is the values of a polynomial `A_i` at the powers of the `n`-th root of
//! unity `w`, and so of B and C. At `tau` it has the value `sum_row A[row][i] L_row(tau)` for the
//! Lagrange basis `L` of those powers.

use rayon::prelude::*;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::field::{Field, Fr, PrimeField, batch_inverse_serial};
use crate::groth16::r1cs::{R1cs, Rows};

/// Log2 of the largest domain. One of 2^28 would need a root of unity of order 2^29 for the odd coset.
pub(super) const MAX_LOG_DOMAIN: u32 = Fr::TWO_ADICITY - 1;

/// Log2 of the size of snarkjs' domain: there is a row for each constraint, for the constant 1 and for
/// each public input, and the sum is rounded up to a power of two, of at least 2.
pub(super) fn log_domain_size(n_constraints: usize, n_public: usize) -> Result<u32> {
    let log = (n_constraints + n_public).max(1).ilog2() + 1;
    if log > MAX_LOG_DOMAIN {
        return Err(Error::Argument(format!(
            "{n_constraints} constraints and {n_public} public inputs need a domain of 2^{log}; the \
             largest has 2^{MAX_LOG_DOMAIN}"
        )));
    }
    Ok(log)
}

/// The values at `tau`: secrets as good as `tau` itself.
pub(super) struct Qap {
    /// `A_i(tau)` by wire, with the rows of the public inputs.
    pub(super) a: Zeroizing<Vec<Fr>>,
    /// `B_i(tau)` by wire.
    pub(super) b: Zeroizing<Vec<Fr>>,
    /// `C_i(tau)` by wire.
    pub(super) c: Zeroizing<Vec<Fr>>,
}

impl Qap {
    /// Evaluates the columns over a domain of `2^log_n`: a multiplication for each entry of the
    /// matrices and four for each row.
    pub(super) fn evaluate(r1cs: &R1cs, log_n: u32, tau: Fr) -> Self {
        let wires = r1cs.wires();
        let public_rows = r1cs.n_constraints()..r1cs.n_constraints() + wires.public() + 1;
        let basis = basis(log_n, public_rows.end, tau);
        let (a, (b, c)) = rayon::join(
            || {
                let mut a = columns(r1cs.a(), wires.total, &basis);
                for (value, row) in a.iter_mut().zip(public_rows) {
                    *value += basis[row];
                }
                a
            },
            || {
                rayon::join(
                    || columns(r1cs.b(), wires.total, &basis),
                    || columns(r1cs.c(), wires.total, &basis),
                )
            },
        );
        Self { a, b, c }
    }
}

/// The product of a row vector and a matrix.
fn columns(rows: &Rows, wires: usize, vector: &[Fr]) -> Zeroizing<Vec<Fr>> {
    let mut columns = Zeroizing::new(vec![Fr::ZERO; wires]);
    for (row, &factor) in (0..rows.len()).zip(vector) {
        for (wire, coefficient) in rows.row(row) {
            columns[wire] += coefficient * factor;
        }
    }
    columns
}

/// `L_i(tau)` for the first `count` powers `w^i` of the root of unity of order `2^log_n`.
fn basis(log_n: u32, count: usize, tau: Fr) -> Zeroizing<Vec<Fr>> {
    lagrange(log_n, [0, 1], count, tau, Fr::ONE)
}

/// `factor L_i(tau)` for the `2^log_n` odd powers `g^(2i + 1)` of the root of unity `g` of order
/// `2^(log_n + 1)`.
///
/// The quotient's numerator `A B - C` has a degree below `2^(log_n + 1)` and vanishes at the even
/// powers, so it is the sum of its values at the odd ones, times this.
pub(super) fn odd_basis(log_n: u32, tau: Fr, factor: Fr) -> Zeroizing<Vec<Fr>> {
    lagrange(log_n + 1, [1, 2], 1 << log_n, tau, factor)
}

/// `factor L_i(tau)` for the powers `w^first, w^(first + step), ...` of the root of unity of order
/// `n = 2^log_n`, by
///
/// ```text
/// L_i(tau) = w^i (tau^n - 1) / (n (tau - w^i))
/// ```
///
/// `tau` must not be such a root. Parallel, with one inversion for thousands of values: seven
/// multiplications each.
fn lagrange(
    log_n: u32,
    [first, step]: [u64; 2],
    count: usize,
    tau: Fr,
    factor: Fr,
) -> Zeroizing<Vec<Fr>> {
    const CHUNK: usize = 4096;
    let root = Fr::root_of_unity(log_n).expect("the domain is not larger than the largest");
    let ratio = root.pow(&[step]);
    let n_inverse = Fr::from(1 << log_n).inverse().expect("r is odd");
    let factor = factor * (tau.pow(&[1 << log_n]) - Fr::ONE) * n_inverse;
    let mut values = Zeroizing::new(vec![Fr::ZERO; count]);
    values.par_chunks_mut(CHUNK).enumerate().for_each_init(
        || Zeroizing::new(vec![Fr::ZERO; CHUNK]),
        |scratch, (chunk, values)| {
            let start = root.pow(&[first]) * ratio.pow(&[(chunk * CHUNK) as u64]);
            let powers = || std::iter::successors(Some(start), |&power| Some(power * ratio));
            for (value, power) in values.iter_mut().zip(powers()) {
                *value = tau - power;
            }
            batch_inverse_serial(values, &mut scratch[..values.len()]);
            for (value, power) in values.iter_mut().zip(powers()) {
                *value *= power * factor;
            }
        },
    );
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_those_of_snarkjs() {
        let log = |n_constraints, n_public| log_domain_size(n_constraints, n_public).unwrap();
        assert_eq!(log(0, 0), 1);
        assert_eq!(log(1, 0), 1);
        assert_eq!(log(1, 1), 2);
        assert_eq!(log(60, 3), 6);
        assert_eq!(log(60, 4), 7);
        assert_eq!(log((1 << 27) - 2, 1), 27);
        let error = log_domain_size((1 << 27) - 1, 1).unwrap_err();
        assert!(matches!(error, Error::Argument(_)), "{error}");
        assert!(error.to_string().contains("2^28"), "{error}");
    }

    /// `sum_i f(w^i) L_i(tau) = f(tau)` for `f` of a degree below the order.
    #[test]
    fn the_basis_interpolates() {
        let tau = Fr::random().unwrap();
        for log_n in [0, 1, 3, 13] {
            let n = 1u64 << log_n;
            let root = Fr::root_of_unity(log_n).unwrap();
            let basis = basis(log_n, n as usize, tau);
            for degree in [0, 1, n / 2, n - 1].into_iter().filter(|&d| d < n) {
                let terms = (0..n).zip(basis.iter());
                let sum: Fr = terms.map(|(i, &l)| root.pow(&[i]).pow(&[degree]) * l).sum();
                assert_eq!(sum, tau.pow(&[degree]), "{degree} of {n}");
            }
        }
    }

    /// A polynomial that vanishes at the even powers, `x^n - 1`, is the sum over the odd ones.
    #[test]
    fn the_odd_basis_interpolates_multiples_of_the_vanishing_polynomial() {
        let (tau, factor) = (Fr::random().unwrap(), Fr::random().unwrap());
        for log_n in [1, 4, 13] {
            let n = 1u64 << log_n;
            let root = Fr::root_of_unity(log_n + 1).unwrap();
            let f = |x: Fr| (x.pow(&[n]) - Fr::ONE) * (x.pow(&[n - 1]) + x + Fr::ONE);
            let basis = odd_basis(log_n, tau, factor);
            let odd = (0..n).map(|i| root.pow(&[2 * i + 1]));
            let sum: Fr = odd.zip(basis.iter()).map(|(x, &l)| f(x) * l).sum();
            assert_eq!(sum, f(tau) * factor, "{n}");
        }
    }
}
