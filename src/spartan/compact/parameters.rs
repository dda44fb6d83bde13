//! Parameters: codes, queries and work, computed from the security that is wanted.
//!
//! The formulas are those of p3-whir 0.8.0 at the Johnson bound with the slack `eta = sqrt(rate) / 20`, where a
//! list has at most `10 / rate` words. What they decide takes no logarithm of anything but constants, so that
//! every platform decides the same.

use core::f64::consts::LOG2_10;

use crate::error::{Error, Result};
use crate::field::{Fr, PrimeField};

/// The fewest variables of the committed vector: with fewer there would be nothing to fold.
const MIN_VARIABLES: usize = 10;
/// The most variables of the polynomial that ends a proof.
const MAX_LAST: usize = 6;
/// Evaluations out of the domain for each code: one gives 170 bits or more, whatever the code.
pub(super) const OUT_OF_DOMAIN: usize = 1;
/// The field's bits, rounded down.
const FIELD_BITS: f64 = 253.0;
/// `log2(21 / 20)`.
const LOG2_SLACK: f64 = 0.070_389_327_891_398_01;

/// What a proof must withstand, and what it may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameters {
    /// Bits of security of the whole, all error terms together. Default 128.
    pub security_bits: u32,
    /// Bits of it that proof of work may stand in for. Default 18: some 2^18 hashes for each of about
    /// three rounds.
    pub work_bits: u32,
    /// The inverse of the first code's rate, as a power of two. Default 2.
    pub log_inverse_rate: u32,
    /// How many variables a round folds. Default 4.
    pub log_folding: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            security_bits: 128,
            work_bits: 18,
            log_inverse_rate: 2,
            log_folding: 4,
        }
    }
}

impl Parameters {
    /// What is impossible or senseless about them.
    fn check(&self) -> Result<()> {
        let ranges = [
            ("bits of security", self.security_bits, 80, 140),
            ("bits of work", self.work_bits, 0, 30),
            ("log_inverse_rate", self.log_inverse_rate, 1, 8),
            ("log_folding", self.log_folding, 2, 6),
        ];
        for (what, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                let range = format!("{what}: {value} is not in {least}..={most}");
                return Err(Error::Argument(range));
            }
        }
        Ok(())
    }
}

/// A commitment and how it is opened: a vector as the coefficients of `2^log_columns` codewords of a
/// Reed-Solomon code, a row for each of their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// Of the vector.
    pub(super) variables: usize,
    /// The variables that are folded before rows are opened.
    pub(super) log_columns: usize,
    pub(super) log_inverse_rate: usize,
    /// Rows that are opened, with repetitions; all, if there are no more.
    pub(super) queries: usize,
    /// Bits of work before their places are known.
    pub(super) work: usize,
}

impl Code {
    /// For error terms of `level` bits, of which `work` may be work.
    fn new(
        variables: usize,
        log_columns: usize,
        log_inverse_rate: usize,
        level: usize,
        work: usize,
    ) -> Self {
        let per_query = bits_of_query(log_inverse_rate);
        let queries = (level.saturating_sub(work) as f64 / per_query).ceil();
        Self {
            variables,
            log_columns,
            log_inverse_rate,
            queries: queries as usize,
            work: (level as f64 - queries * per_query).max(0.0).ceil() as usize,
        }
    }

    /// Variables that are left when it is folded.
    pub(super) fn left(&self) -> usize {
        self.variables - self.log_columns
    }

    pub(super) fn columns(&self) -> usize {
        1 << self.log_columns
    }

    pub(super) fn log_rows(&self) -> usize {
        self.left() + self.log_inverse_rate
    }

    pub(super) fn rows(&self) -> usize {
        1 << self.log_rows()
    }

    /// The root of unity whose powers are the rows' places.
    pub(super) fn root(&self) -> Fr {
        let root = Fr::root_of_unity(self.log_rows() as u32);
        root.expect("the field has it: see `Whir::new`")
    }

    /// The places that are drawn: none where all rows are opened.
    pub(super) fn draws(&self) -> usize {
        if self.queries < self.rows() {
            self.queries
        } else {
            0
        }
    }

    /// The Johnson bound on the words near another, as bits.
    fn list_bits(&self) -> f64 {
        self.log_inverse_rate as f64 + LOG2_10
    }
}

/// Bits of an opened row against a word that is far from the code.
fn bits_of_query(log_inverse_rate: usize) -> f64 {
    0.5 * log_inverse_rate as f64 - LOG2_SLACK
}

/// WHIR for a vector of a number of variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Whir {
    /// The codes, one after the other; each has the vector that is left of the one before.
    pub(super) codes: Vec<Code>,
    /// The variables of the polynomial that ends the proof.
    pub(super) last: usize,
    /// Bits of each error term: `security_level` of p3-whir.
    pub(super) level: usize,
    /// Bits of work at most.
    pub(super) work: usize,
}

impl Whir {
    /// For a vector of `len` elements, of whose sums over `2^m_0` constraints Spartan asks: the least level at
    /// which all error terms together have the bits that are wanted.
    pub(super) fn new(parameters: &Parameters, len: usize, m_0: usize) -> Result<Self> {
        parameters.check()?;
        let variables = len.next_power_of_two().ilog2() as usize;
        let variables = variables.max(MIN_VARIABLES);
        let wanted = f64::from(parameters.security_bits);
        let levels = parameters.security_bits as usize..;
        let whir = levels
            .map(|level| Self::of_level(parameters, variables, level))
            .find(|whir| whir.bits(m_0) >= wanted)
            .expect("each level halves the sum of the terms that are not negligible");
        if whir.codes[0].log_rows() > Fr::TWO_ADICITY as usize {
            return Err(Error::Argument(format!(
                "a code of 2^{} rows: the field has no root of unity of this order",
                whir.codes[0].log_rows()
            )));
        }
        Ok(whir)
    }

    fn of_level(parameters: &Parameters, variables: usize, level: usize) -> Self {
        let work = parameters.work_bits as usize;
        let folding = parameters.log_folding as usize;
        let mut rate = parameters.log_inverse_rate as usize;
        let mut codes = Vec::new();
        let mut left = variables;
        while codes.is_empty() || left > MAX_LAST {
            codes.push(Code::new(left, folding, rate, level, work));
            left -= folding;
            rate += folding - 1;
        }
        Self {
            codes,
            last: left,
            level,
            work,
        }
    }

    /// The variables of the vector.
    pub(super) fn variables(&self) -> usize {
        self.codes[0].variables
    }

    /// Bits of security, the sum of all error terms, of a proof about `2^m_0` constraints: round-by-round
    /// soundness, with the list of the first commitment counted wherever one of it has not been singled out.
    pub(super) fn bits(&self, m_0: usize) -> f64 {
        let first = &self.codes[0];
        let spartan = (4 * m_0 + 2 * self.variables() + 2) as f64;
        let mut terms = vec![
            FIELD_BITS - spartan.log2() - first.list_bits(),
            // The claim with the answers out of the domain.
            FIELD_BITS - (OUT_OF_DOMAIN as f64).log2() - first.list_bits(),
        ];
        for (i, code) in self.codes.iter().enumerate() {
            let (variables, rate) = (code.variables as f64, code.log_inverse_rate as f64);
            let samples = OUT_OF_DOMAIN as f64;
            terms.push(samples * (FIELD_BITS - variables) + 1.0 - 2.0 * code.list_bits());
            // Proximity gaps (Dao, Kominers, Thaler, ePrint 2026/2056, theorem 5.12, m = 10, and a bit of
            // reserve), for each variable that is folded; and the sumcheck's own error.
            let rho = (1.0 - (-variables).exp2()).log2() - rate;
            let lines = 3.0 + (variables + rate) + 3.0 * 10.5f64.log2() - 3f64.log2() - rho;
            for _ in 0..code.log_columns {
                terms.push(FIELD_BITS - lines - 1.0);
                terms.push(FIELD_BITS - code.list_bits() - 1.0);
            }
            terms.push(
                code.queries as f64 * bits_of_query(code.log_inverse_rate) + code.work as f64,
            );
            if let Some(next) = self.codes.get(i + 1) {
                let claims = (OUT_OF_DOMAIN + code.queries) as f64;
                terms.push(FIELD_BITS - (claims.log2() + next.list_bits() + 1.0));
            }
        }
        terms.extend((0..self.last).map(|_| FIELD_BITS - 1.0));
        -terms.iter().map(|bits| (-bits).exp2()).sum::<f64>().log2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_parameters_have_the_bits_that_they_name() {
        for variables in [10, 14, 18, 20, 24, 28] {
            let whir = Whir::new(&Parameters::default(), 1 << variables, variables).unwrap();
            assert_eq!(whir.variables(), variables);
            let bits = whir.bits(variables);
            assert!((128.0..129.7).contains(&bits), "{bits}");
            assert!(whir.last <= MAX_LAST && whir.codes.iter().all(|code| code.work <= 18));
            let folded: usize = whir.codes.iter().map(|code| code.log_columns).sum();
            assert_eq!(folded + whir.last, variables);
        }
        let whir = Whir::new(&Parameters::default(), 1 << 18, 18).unwrap();
        let queries: Vec<_> = whir.codes.iter().map(|code| code.queries).collect();
        assert_eq!((whir.level, queries), (129, vec![120, 46, 29]));
        assert!((LOG2_SLACK - 1.05f64.log2()).abs() < 1e-15);
    }

    #[test]
    fn too_long_vectors_are_refused() {
        assert!(Whir::new(&Parameters::default(), 1 << 30, 20).is_ok());
        let error = Whir::new(&Parameters::default(), 1 << 31, 20).unwrap_err();
        assert!(matches!(error, Error::Argument(_)), "{error}");
    }
}
