//! That the opened values are those of the committed columns.
//!
//! A column `f` of the trace is committed to by its values on `g K`, for a subgroup `K` larger than the
//! trace's and a generator `g`. If `f(z) = v`, then `(v - f(x)) / (z - x)` is a polynomial. All of these
//! are combined by the powers of a challenge, and their sum is proven to be close to a polynomial.

use super::{Verifier, check_work, invalid};
use crate::field::Field;
use crate::field::small::SmallField;
use crate::merkle;
use crate::ntt::reverse_bits;
use crate::stark::challenger::Challenger;
use crate::stark::config::{Digest, StarkConfig};
use crate::stark::proof::Proof;
use crate::stark::transcript::{OpeningShape, observe_seed};
use crate::{Error, Fault, Result};

/// What a commitment's matrices are claimed to be.
pub(super) struct Claim<'a, C: StarkConfig> {
    /// Of the opening, for errors.
    pub(super) name: &'static str,
    pub(super) cap: &'a [Digest<C>],
    pub(super) matrices: Vec<Matrix<'a, C::Challenge>>,
}

/// The values of a matrix's columns at each point that it is opened at, of which there is one at least.
pub(super) struct Matrix<'a, E> {
    pub(super) points: Vec<(E, &'a [E])>,
}

impl<E> Matrix<'_, E> {
    pub(super) fn width(&self) -> usize {
        self.points[0].1.len()
    }
}

impl<C: StarkConfig> Verifier<C> {
    /// That the claims hold. The shape of the proof has been checked.
    pub(super) fn check_openings(
        &self,
        claims: &[Claim<'_, C>],
        proof: &Proof<C>,
        mut challenger: C::Challenger,
    ) -> Result<()> {
        let counts = |matrix: &Matrix<'_, C::Challenge>| {
            let points = matrix.points.iter();
            points.map(|(_, values)| values.len()).collect()
        };
        let shape = OpeningShape {
            claims: claims
                .iter()
                .map(|claim| claim.matrices.iter().map(counts).collect())
                .collect(),
            batch_grinding: self.parameters.batch_grinding,
        };
        observe_seed(&mut challenger, &shape.seed::<C::Challenge>());
        for (_, values) in points(claims) {
            for &value in values {
                challenger.observe_extension(value);
            }
        }
        let bits = self.parameters.batch_grinding;
        check_work(&mut challenger, bits, proof.fri.batch_witness, "batching")?;
        let alpha: C::Challenge = challenger.sample_extension();
        let queries = self.replay(&proof.fri, challenger)?;

        for (claim, opening) in claims.iter().zip(&proof.fri.input_openings) {
            let dimensions = self.dimensions(claim);
            merkle::verify_many(
                self.config.hash(),
                claim.cap,
                &dimensions,
                &queries.indices,
                &opening.rows,
                &opening.siblings,
            )
            .map_err(|error| in_section(error, claim.name))?;
        }
        let combined = self.combine(claims, proof, alpha, &queries.indices)?;
        self.check_folding(&proof.fri, &queries, combined)
    }

    /// For each query the sum of all `alpha^i (v_i - f_i(x)) / (z_i - x)`.
    fn combine(
        &self,
        claims: &[Claim<'_, C>],
        proof: &Proof<C>,
        alpha: C::Challenge,
        indices: &[usize],
    ) -> Result<Vec<C::Challenge>> {
        // For each point its power of alpha before that of the first column, and the claimed values'
        // part of the sum.
        let mut power = C::Challenge::ONE;
        let mut claimed = Vec::new();
        for (_, values) in points(claims) {
            let first = power;
            let mut sum = C::Challenge::ZERO;
            for &value in values {
                sum += power * value;
                power *= alpha;
            }
            claimed.push((first, sum));
        }

        let log_codeword = self.log_codeword();
        let root = C::Val::root_of_unity(log_codeword).expect("checked with the parameters");
        let at_query = |(query, &index): (usize, &usize)| {
            let exponent = reverse_bits(index, log_codeword) as u64;
            let x = C::Challenge::from(C::Val::GENERATOR * root.pow(&[exponent]));
            let mut claimed = claimed.iter();
            let mut sum = C::Challenge::ZERO;
            for (claim, opening) in claims.iter().zip(&proof.fri.input_openings) {
                for (matrix, row) in claim.matrices.iter().zip(&opening.rows[query]) {
                    // The row's part by Horner's rule, for all points of the matrix up to a factor.
                    let horner = |sum: C::Challenge, &value: &C::Val| {
                        sum * alpha + C::Challenge::from(value)
                    };
                    let row = row.iter().rev().fold(C::Challenge::ZERO, horner);
                    for &(point, _) in &matrix.points {
                        let &(first, values) = claimed.next().expect("one for every point");
                        let inverse = (point - x).inverse().ok_or_else(|| {
                            invalid(claim.name, "a query is at the point that is opened")
                        })?;
                        sum += (values - first * row) * inverse;
                    }
                }
            }
            Ok(sum)
        };
        indices.iter().enumerate().map(at_query).collect()
    }
}

/// All points of all matrices with the values claimed there, in the protocol's order.
fn points<'a, C: StarkConfig>(
    claims: &'a [Claim<'a, C>],
) -> impl Iterator<Item = (C::Challenge, &'a [C::Challenge])> {
    let matrices = claims.iter().flat_map(|claim| &claim.matrices);
    matrices.flat_map(|matrix| matrix.points.iter().copied())
}

/// An error of a Merkle opening with the name of the opening.
pub(super) fn in_section(error: Error, name: &str) -> Error {
    match error {
        Error::Malformed { fault, reason, .. } => Error::malformed("proof", name, fault, reason),
        // Indices and dimensions are the verifier's own.
        other => Error::malformed("proof", name, Fault::Value, other.to_string()),
    }
}
