//! That a word, known where it is queried, is close to a polynomial (FRI: Ben-Sasson, Bentov, Horesh and
//! Riabzev, 2018).
//!
//! The word is a function on the subgroup `K`, its values in bit-reversed order, so that those which fold
//! into one are neighbours.

use super::openings::in_section;
use super::{Verifier, check_work, invalid};
use crate::Result;
use crate::field::Field;
use crate::field::small::{ExtensionField, SmallField};
use crate::merkle::{self, Dimensions};
use crate::ntt::reverse_bits;
use crate::stark::challenger::{Challenger, ObserveDigests};
use crate::stark::config::{Digest, StarkConfig};
use crate::stark::proof::FriProof;
use crate::stark::transcript::{FriShape, observe_seed};

/// What the challenger gave.
pub(super) struct Queries<E> {
    /// The challenge of each round.
    betas: Vec<E>,
    /// Where the word is queried.
    pub(super) indices: Vec<usize>,
}

type Fri<C> = FriProof<<C as StarkConfig>::Val, <C as StarkConfig>::Challenge, Digest<C>>;

impl<C: StarkConfig> Verifier<C> {
    /// The rounds' challenges and the queries. The shape of the proof has been checked.
    pub(super) fn replay(
        &self,
        fri: &Fri<C>,
        mut challenger: C::Challenger,
    ) -> Result<Queries<C::Challenge>> {
        let parameters = &self.parameters;
        let shape = FriShape {
            log_arities: self.schedule.clone(),
            log_final_poly_len: parameters.log_final_poly_len,
            commit_grinding: parameters.commit_grinding,
            query_grinding: parameters.query_grinding,
            queries: parameters.queries,
            index_bits: self.log_codeword(),
            log_blowup: parameters.log_blowup,
            max_log_arity: parameters.max_log_arity,
        };
        observe_seed(&mut challenger, &shape.seed::<C::Challenge>());
        let mut betas = Vec::with_capacity(self.schedule.len());
        for (cap, &witness) in fri.commit_caps.iter().zip(&fri.commit_witnesses) {
            challenger.observe_cap(cap);
            check_work(
                &mut challenger,
                parameters.commit_grinding,
                witness,
                "a round",
            )?;
            betas.push(challenger.sample_extension());
        }
        for &coefficient in &fri.final_poly {
            challenger.observe_extension(coefficient);
        }
        let bits = parameters.query_grinding;
        check_work(&mut challenger, bits, fri.query_witness, "the queries")?;
        let index = |_| challenger.sample_bits(self.log_codeword());
        Ok(Queries {
            betas,
            indices: (0..parameters.queries).map(index).collect(),
        })
    }

    /// That the values of the word at the queries fold to the final polynomial's, by way of what the
    /// rounds commit to.
    pub(super) fn check_folding(
        &self,
        fri: &Fri<C>,
        queries: &Queries<C::Challenge>,
        mut values: Vec<C::Challenge>,
    ) -> Result<()> {
        let mut indices = queries.indices.clone();
        let mut log_len = self.log_codeword();
        for (round, &log_arity) in self.schedule.iter().enumerate() {
            let opening = &fri.folding_openings[round];
            let beta = queries.betas[round];
            let arity = 1 << log_arity;
            log_len -= log_arity;
            let mut rows = Vec::with_capacity(indices.len());
            for (query, index) in indices.iter_mut().enumerate() {
                // What the round before gives stands where the query does, the others around it.
                let mut row = opening.values[query].clone();
                row.insert(*index % arity, values[query]);
                *index /= arity;
                let coefficients = row.iter().flat_map(|value| value.coefficients());
                rows.push([coefficients.copied().collect::<Vec<_>>()]);
                values[query] = fold_row(row, *index, log_len, beta);
            }
            let dimensions = [Dimensions {
                height: 1 << log_len,
                width: arity * C::Challenge::DEGREE,
            }];
            merkle::verify_many(
                self.config.hash(),
                &fri.commit_caps[round],
                &dimensions,
                &indices,
                &rows,
                &opening.siblings,
            )
            .map_err(|error| in_section(error, &format!("opening of round {round}")))?;
        }

        let root = C::Val::root_of_unity(log_len).expect("of a part of the codeword");
        for (value, &index) in values.iter().zip(&indices) {
            let x = root.pow(&[reverse_bits(index, log_len) as u64]);
            let horner = |sum: C::Challenge, &c: &C::Challenge| sum * x + c;
            let expected = fri.final_poly.iter().rev().fold(C::Challenge::ZERO, horner);
            if *value != expected {
                return Err(invalid(
                    "final polynomial",
                    "it is not what the rounds fold to",
                ));
            }
        }
        Ok(())
    }
}

/// The value at `beta` of the polynomial of degree below the number of values that has them at the points
/// of the row with this index, of `2^log_rows`: `s w^rev(j)` for `w` of the order of the row's length
/// and `s` of `2^log_rows` times that.
///
/// Halves it again and again: with `f(x) = e(x^2) + x o(x^2)` the sum and difference of `f(x)` and
/// `f(-x)` are `2 e(x^2)` and `2 x o(x^2)`, and `f(beta) = e(beta^2) + beta o(beta^2)`.
fn fold_row<E: ExtensionField>(mut row: Vec<E>, index: usize, log_rows: u32, mut beta: E) -> E {
    let log_arity = row.len().ilog2();
    let root = |log_order| {
        let root = E::Base::root_of_unity(log_order).expect("of a part of the codeword");
        root.inverse().expect("a root of unity is not zero")
    };
    let mut start = root(log_rows + log_arity).pow(&[reverse_bits(index, log_rows) as u64]);
    for log_len in (1..=log_arity).rev() {
        let step = root(log_len);
        row = row
            .chunks_exact(2)
            .enumerate()
            .map(|(pair, values)| {
                let exponent = reverse_bits(pair, log_len - 1) as u64;
                let inverse = start * step.pow(&[exponent]);
                let (even, odd) = (values[0] + values[1], (values[0] - values[1]) * inverse);
                (even + odd * beta) * E::Base::ONE.halve()
            })
            .collect();
        beta = beta.square();
        start = start.square();
    }
    row[0]
}
