//! The prover: folding with a commitment to each codeword, then the rows that are asked for.

use super::Codeword;
use crate::Result;
use crate::cancel::Cancel;
use crate::merkle::MerkleTree;
use crate::stark::challenger::{Challenger, ObserveDigests};
use crate::stark::config::{Digest, StarkConfig};
use crate::stark::parameters::Parameters;
use crate::stark::proof::{FoldingOpening, FriProof, InputOpening};
use crate::stark::transcript::{FriShape, observe_seed};

/// The rounds that have been committed to, and where the queries are.
pub(crate) struct Folded<C: StarkConfig> {
    rounds: Vec<Round<C>>,
    caps: Vec<Vec<Digest<C>>>,
    witnesses: Vec<C::Val>,
    final_poly: Vec<C::Challenge>,
    query_witness: C::Val,
    queries: Vec<usize>,
}

struct Round<C: StarkConfig> {
    codeword: Codeword<C::Challenge>,
    tree: MerkleTree<Digest<C>>,
    log_arity: u32,
}

impl<C: StarkConfig> Folded<C> {
    /// Folds the codeword of a polynomial of `2^log_height` coefficients, with rows as the first round of
    /// the schedule has them, until the final polynomial is left, and draws the queries.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled); those of the parts for parameters that were not
    /// checked.
    pub(crate) fn new(
        config: &C,
        parameters: &Parameters,
        log_height: u32,
        mut codeword: Codeword<C::Challenge>,
        challenger: &mut C::Challenger,
        cancel: &Cancel,
    ) -> Result<Self> {
        let _span = tracing::info_span!("fold").entered();
        let log_arities = parameters.folding_schedule(log_height);
        let index_bits = log_height + parameters.log_blowup;
        let shape = FriShape {
            log_arities: log_arities.clone(),
            log_final_poly_len: parameters.log_final_poly_len,
            commit_grinding: parameters.commit_grinding,
            query_grinding: parameters.query_grinding,
            queries: parameters.queries,
            index_bits,
            log_blowup: parameters.log_blowup,
            max_log_arity: parameters.max_log_arity,
        };
        observe_seed(challenger, &shape.seed::<C::Challenge>());

        let (mut rounds, mut caps, mut witnesses) = (Vec::new(), Vec::new(), Vec::new());
        let next = log_arities.iter().copied().skip(1).chain([0]);
        for (&log_arity, log_next) in log_arities.iter().zip(next) {
            cancel.check()?;
            let cap_height = parameters.cap_height as usize;
            let tree = MerkleTree::new(config.hash(), &[codeword.columns()], cap_height)?;
            challenger.observe_cap(tree.cap());
            caps.push(tree.cap().to_vec());
            witnesses.push(challenger.grind(parameters.commit_grinding)?);
            let folded = codeword.fold(challenger.sample_extension(), log_next);
            rounds.push(Round {
                codeword: core::mem::replace(&mut codeword, folded),
                tree,
                log_arity,
            });
        }
        let final_poly = codeword.coefficients(parameters.log_final_poly_len)?;
        for &coefficient in &final_poly {
            challenger.observe_extension(coefficient);
        }
        let query_witness = challenger.grind(parameters.query_grinding)?;
        let queries = (0..parameters.queries).map(|_| challenger.sample_bits(index_bits));
        Ok(Self {
            queries: queries.collect(),
            rounds,
            caps,
            witnesses,
            final_poly,
            query_witness,
        })
    }

    /// The indices of the values of the first codeword that are asked for.
    pub(crate) fn queries(&self) -> &[usize] {
        &self.queries
    }

    /// The proof, with what was before: the batching's witness and the openings of the inputs.
    ///
    /// # Errors
    /// None: queries are below the number of leaves.
    pub(crate) fn into_proof(
        self,
        batch_witness: C::Val,
        input_openings: Vec<InputOpening<C::Val, Digest<C>>>,
    ) -> Result<FriProof<C::Val, C::Challenge, Digest<C>>> {
        let mut indices = self.queries;
        let mut folding_openings = Vec::with_capacity(self.rounds.len());
        for round in &self.rounds {
            let arity = 1 << round.log_arity;
            let rows = indices.iter().map(|index| index >> round.log_arity);
            let rows: Vec<usize> = rows.collect();
            let values = indices.iter().zip(&rows).map(|(index, &row)| {
                let mut values = round.codeword.row(row);
                values.remove(index % arity);
                values
            });
            folding_openings.push(FoldingOpening {
                values: values.collect(),
                siblings: round.tree.pruned_paths(&rows)?,
            });
            indices = rows;
        }
        Ok(FriProof {
            batch_witness,
            commit_caps: self.caps,
            commit_witnesses: self.witnesses,
            input_openings,
            folding_openings,
            final_poly: self.final_poly,
            query_witness: self.query_witness,
        })
    }
}
