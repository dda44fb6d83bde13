//! What prover and verifier agree on beside the constraints.

use crate::field::small::SmallField;
use crate::{Error, Result};

/// Whose transcripts and proofs are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// `p3-uni-stark` 0.8 on `TwoAdicFriPcs`, without zero knowledge.
    P3v0_8,
}

/// The parameters of the proof of proximity, and the work (leading zero bits of a hash that a prover must
/// find) before challenges. How many bits of security they give is in [`security`](super::security).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Whose transcripts and proofs.
    pub dialect: Dialect,
    /// Committed codewords are `2^log_blowup` times as long as what they encode.
    pub log_blowup: u32,
    /// Folding ends at a polynomial of `2^log_final_poly_len` coefficients.
    pub log_final_poly_len: u32,
    /// A round folds at most `2^max_log_arity` values into one.
    pub max_log_arity: u32,
    /// How many rows are opened.
    pub queries: u32,
    /// Work before the challenge that batches the opened values.
    pub batch_grinding: u32,
    /// Work before the challenge of each round.
    pub commit_grinding: u32,
    /// Work before the queries.
    pub query_grinding: u32,
    /// Work before the point outside of the domain.
    pub ood_grinding: u32,
    /// Trees are committed to by the `2^cap_height` nodes of a layer.
    pub cap_height: u32,
}

impl Parameters {
    /// Plonky3's `FriParameters::new_benchmark_high_arity`: 65 proven bits for traces of 2^10 rows and more.
    pub const fn fast() -> Self {
        Self {
            dialect: Dialect::P3v0_8,
            log_blowup: 1,
            log_final_poly_len: 0,
            max_log_arity: 3,
            queries: 100,
            batch_grinding: 10,
            commit_grinding: 0,
            query_grinding: 16,
            ood_grinding: 0,
            cap_height: 0,
        }
    }

    /// At least 100 proven bits over each of the fields, for constraints of degree three on traces of 2^4 to
    /// 2^20 rows and up to 2600 columns. The challenge that batches all openings is what wide
    /// traces are short of, so most of the work is before that one.
    pub const fn proven100() -> Self {
        Self {
            dialect: Dialect::P3v0_8,
            log_blowup: 2,
            log_final_poly_len: 0,
            max_log_arity: 3,
            queries: 100,
            batch_grinding: 22,
            commit_grinding: 16,
            query_grinding: 16,
            ood_grinding: 16,
            cap_height: 0,
        }
    }

    /// Whether these are parameters of a sound proof about a trace of `2^log_height` rows over `F` whose
    /// quotient has `2^log_quotient_chunks` chunks of that size.
    ///
    /// # Errors
    /// [`Error::Argument`] for no queries, no blow-up or one below the degree of the quotient, rounds that
    /// fold nothing, domains beyond the field's 2-adicity, a final polynomial longer than what is folded,
    /// a cap higher than the last round's tree, and work of as many bits as the field has.
    pub fn check<F: SmallField>(&self, log_height: u32, log_quotient_chunks: u32) -> Result<()> {
        let fail = |reason: String| Err(Error::Argument(format!("STARK parameters: {reason}")));
        // In u64, so that no sum overflows.
        let (blowup, height) = (u64::from(self.log_blowup), u64::from(log_height));
        let last = u64::from(self.log_final_poly_len);
        if self.queries == 0 {
            return fail("a proof without queries proves nothing".into());
        }
        if blowup == 0 {
            return fail("without blow-up every word is a codeword".into());
        }
        if self.max_log_arity == 0 {
            return fail("rounds of arity one fold nothing".into());
        }
        if self.log_blowup < log_quotient_chunks {
            return fail(format!(
                "a blow-up of 2^{blowup} is below the quotient's 2^{log_quotient_chunks} chunks"
            ));
        }
        if height + blowup > u64::from(F::TWO_ADICITY) {
            return fail(format!(
                "a codeword of 2^{} values, of which the field's domains have 2^{} at most",
                height + blowup,
                F::TWO_ADICITY
            ));
        }
        if last > 0 && last >= height {
            return fail(format!(
                "a final polynomial of 2^{last} coefficients for traces of 2^{height} rows"
            ));
        }
        if u64::from(self.cap_height) > blowup + last {
            return fail(format!(
                "a cap of height {} on the last round's tree of height {}",
                self.cap_height,
                blowup + last
            ));
        }
        let sites = [
            ("batching", self.batch_grinding),
            ("folding", self.commit_grinding),
            ("queries", self.query_grinding),
            ("the point outside", self.ood_grinding),
        ];
        match sites.iter().find(|(_, bits)| *bits >= F::BITS) {
            Some((site, bits)) => fail(format!(
                "work of {bits} bits before {site} on a field of {} bits",
                F::BITS
            )),
            None => Ok(()),
        }
    }

    /// The binary logarithms of the rounds' arities for a trace of `2^log_height` rows: each the largest
    /// that is allowed, until as many values are left as the final polynomial's codeword has.
    pub fn folding_schedule(&self, log_height: u32) -> Vec<u32> {
        let mut left = log_height.saturating_sub(self.log_final_poly_len);
        let mut schedule = Vec::new();
        while left > 0 {
            let arity = left.min(self.max_log_arity.max(1));
            schedule.push(arity);
            left -= arity;
        }
        schedule
    }
}
