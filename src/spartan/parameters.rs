//! Parameters: what is committed to, how often it is queried and how much work a proof must show, computed
//! from the security that is wanted.
//!
//! The formulas are those of WHIR (ePrint 2024/1586) at the Johnson bound, with the slack `eta = sqrt(rate) / 20`,
//! as provekit-whir 0.2.0 has them, in the same floating-point operations: the results are part of a proof's
//! identity. Nothing rests on a conjecture about capacity.

use crate::error::{Error, Result};
use crate::field::{Fr, PrimeField};

/// The fewest variables that a committed vector has.
const MIN_VARIABLES: u32 = 14;
/// The degree of a round's polynomial, for the count of what it tells.
const SUMCHECK_DEGREE: usize = 3;

/// What a proof must withstand, and what it may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameters {
    /// Bits of security of each error term. Default 128.
    pub security_bits: u32,
    /// Bits of it that proof of work may stand in for. Default 10.
    pub work_bits: u32,
    /// The inverse of the first code's rate, as a power of two. Default 2.
    pub log_inverse_rate: u32,
    /// How many variables a round folds. Default 3.
    pub log_folding: u32,
}

impl Default for Parameters {
    /// What provekit 1.0.3 uses.
    fn default() -> Self {
        Self {
            security_bits: 128,
            work_bits: 10,
            log_inverse_rate: 2,
            log_folding: 3,
        }
    }
}

impl Parameters {
    /// What is impossible or senseless about them.
    fn check(&self) -> Result<()> {
        let ranges = [
            ("bits of security", self.security_bits, 80, 200),
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

/// Proof of work: the first 64 bits of a hash are at most this.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grinding {
    pub(super) threshold: u64,
}

impl Grinding {
    fn bits(bits: f64) -> Result<Self> {
        if !(0.0..=40.0).contains(&bits) {
            let reason = format!("the parameters demand {bits:.1} bits of work in one place");
            return Err(Error::Argument(reason));
        }
        // The cast saturates, which is what no work at all needs.
        let threshold = (64.0 - bits).exp2().ceil() as u64;
        Ok(Self { threshold })
    }

    /// Whether every hash will do, and none is asked for.
    pub(super) fn is_none(self) -> bool {
        self.threshold == u64::MAX
    }

    fn difficulty(self) -> f64 {
        64.0 - (self.threshold as f64).log2()
    }
}

/// A commitment: `vectors` of `vector_len`, each cut into `interleaving` messages, each message a codeword of
/// a Reed-Solomon code, one row of the matrix for each place of the codewords.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Code {
    pub(super) vectors: usize,
    pub(super) vector_len: usize,
    pub(super) codeword_len: usize,
    pub(super) interleaving: usize,
    /// `eta`.
    pub(super) slack: f64,
    /// Queries.
    pub(super) in_domain: usize,
    /// Evaluations at random points.
    pub(super) out_of_domain: usize,
}

/// Bits of the field.
fn field_bits() -> f64 {
    const LIMB: f64 = 18_446_744_073_709_551_616.0;
    let limbs = Fr::MODULUS.0;
    let modulus = limbs
        .iter()
        .rev()
        .fold(0.0, |n, &limb| n * LIMB + limb as f64);
    modulus.log2()
}

impl Code {
    fn new(
        target: f64,
        vectors: usize,
        vector_len: usize,
        log_interleaving: u32,
        log_inverse_rate: u32,
    ) -> Result<Self> {
        let message = vector_len >> log_interleaving;
        let codeword_len = message << log_inverse_rate;
        if codeword_len.ilog2() > Fr::TWO_ADICITY {
            return Err(Error::Argument(format!(
                "a code of length {codeword_len}: the field has no root of unity of this order"
            )));
        }
        let rate = message as f64 / codeword_len as f64;
        let slack = rate.sqrt() / 20.0;
        let list = 1.0 / (2.0 * slack * rate.sqrt());
        let pairs = list * (list - 1.0) / 2.0;
        let per_sample = field_bits() - ((vector_len - 1) as f64).log2();
        let out_of_domain = ((target + pairs.log2()) / per_sample).ceil().max(1.0) as usize;
        Ok(Self {
            vectors,
            vector_len,
            codeword_len,
            interleaving: 1 << log_interleaving,
            slack,
            in_domain: queries(target, rate),
            out_of_domain,
        })
    }

    pub(super) fn message_len(&self) -> usize {
        self.vector_len / self.interleaving
    }

    /// Elements of a row.
    pub(super) fn row_len(&self) -> usize {
        self.vectors * self.interleaving
    }

    /// The root of unity whose powers are the codewords' places.
    pub(super) fn root(&self) -> Fr {
        let root = Fr::root_of_unity(self.codeword_len.ilog2());
        root.expect("the field has it: see `Code::new`")
    }

    fn rate(&self) -> f64 {
        self.message_len() as f64 / self.codeword_len as f64
    }

    /// The Johnson bound on the codewords near a word.
    pub(super) fn list_len(&self) -> f64 {
        1.0 / (2.0 * self.slack * self.rate().sqrt())
    }

    /// Bits against two codewords of the list that agree out of the domain.
    fn out_of_domain_bits(&self) -> f64 {
        let list = self.list_len();
        let pairs = list * (list - 1.0) / 2.0;
        let per_sample = ((self.vector_len - 1) as f64).log2() - field_bits();
        -pairs.log2() - self.out_of_domain as f64 * per_sample
    }

    /// Bits against a word that is far from the code and passes the queries.
    fn query_bits(&self) -> f64 {
        -(self.rate().sqrt() + self.slack).log2() * self.in_domain as f64
    }

    /// Bits against a word that folding brings nearer to the code: WHIR's theorem 4.8.
    fn proximity_bits(&self) -> f64 {
        let log_inverse_rate = -self.rate().log2();
        let log_message = (self.message_len() as f64).log2();
        let error = 7.0 * std::f64::consts::LOG2_10 + 3.5 * log_inverse_rate + 2.0 * log_message;
        field_bits() - error
    }

    /// Bits of a round of sumcheck with folding.
    fn fold_bits(&self) -> f64 {
        let sumcheck = field_bits() - (self.list_len().log2() + 1.0);
        self.proximity_bits().min(sumcheck)
    }
}

/// Queries for so many bits.
fn queries(target: f64, rate: f64) -> usize {
    (target / -(rate.sqrt() + rate.sqrt() / 20.0).log2()).ceil() as usize
}

/// A sumcheck of vectors of `initial_len`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sumcheck {
    pub(super) initial_len: usize,
    pub(super) work: Grinding,
    pub(super) rounds: usize,
}

/// A round of WHIR.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Round {
    pub(super) code: Code,
    pub(super) sumcheck: Sumcheck,
    pub(super) work: Grinding,
}

/// WHIR.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Whir {
    pub(super) code: Code,
    pub(super) sumcheck: Sumcheck,
    /// In place of the first sumcheck where there is no claim: never here, but part of the identity.
    pub(super) skip_work: Grinding,
    pub(super) rounds: Vec<Round>,
    pub(super) final_sumcheck: Sumcheck,
    pub(super) final_work: Grinding,
}

impl Whir {
    fn new(parameters: &Parameters, variables: u32, vectors: usize) -> Result<Self> {
        let security = f64::from(parameters.security_bits);
        let target = f64::from(parameters.security_bits - parameters.work_bits);
        let folding = parameters.log_folding;
        let missing = |bits: f64| Grinding::bits((security - bits).max(0.0));
        let mut log_inverse_rate = parameters.log_inverse_rate;
        let code = Code::new(target, vectors, 1 << variables, folding, log_inverse_rate)?;
        let sumcheck = Sumcheck {
            initial_len: 1 << variables,
            work: missing(code.fold_bits())?,
            rounds: folding as usize,
        };
        let skip_work = missing(code.proximity_bits() + f64::from(folding).log2())?;
        let mut rounds = Vec::<Round>::new();
        let mut left = variables - folding;
        while left >= folding {
            log_inverse_rate += folding - 1;
            let before = rounds.last().map_or(&code, |round| &round.code);
            let next = Code::new(target, 1, 1 << left, folding, log_inverse_rate)?;
            let claims = (next.out_of_domain + before.in_domain) as f64;
            let combination = field_bits() - (claims.log2() + next.list_len().log2() + 1.0);
            rounds.push(Round {
                work: missing(before.query_bits().min(combination))?,
                sumcheck: Sumcheck {
                    initial_len: 1 << left,
                    work: missing(next.fold_bits())?,
                    rounds: folding as usize,
                },
                code: next,
            });
            left -= folding;
        }
        let last = rounds.last().map_or(&code, |round| &round.code);
        Ok(Self {
            final_work: missing(last.query_bits())?,
            final_sumcheck: Sumcheck {
                initial_len: 1 << left,
                work: missing(field_bits() - 1.0)?,
                rounds: left as usize,
            },
            code,
            sumcheck,
            skip_work,
            rounds,
        })
    }

    /// The least of the error terms' bits, with their proofs of work, for so many claims about the vectors.
    fn least_bits(&self, claims: usize) -> f64 {
        let among = |count: usize| field_bits() - (count.max(2) as f64 - 1.0).log2();
        let mut terms = vec![
            among(self.code.vectors),
            among(claims),
            self.code.out_of_domain_bits(),
            self.code.fold_bits() + self.sumcheck.work.difficulty(),
            field_bits() - 1.0 + self.final_sumcheck.work.difficulty(),
        ];
        let mut before = &self.code;
        for round in &self.rounds {
            let code = &round.code;
            let count = (code.out_of_domain + before.in_domain) as f64;
            let combination = field_bits() - (count.log2() + code.list_len().log2() + 1.0);
            terms.push(code.out_of_domain_bits());
            terms.push(before.query_bits().min(combination) + round.work.difficulty());
            terms.push(code.fold_bits() + round.sumcheck.work.difficulty());
            before = code;
        }
        terms.push(before.query_bits() + self.final_work.difficulty());
        terms.into_iter().fold(f64::INFINITY, f64::min)
    }
}

/// The commitment to a vector and to the masks that hide it: zkWHIR 2.0.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ZkWhir {
    /// Of the masked vector.
    pub(super) main: Whir,
    /// Of the masks.
    pub(super) masks: Whir,
}

impl ZkWhir {
    /// For a vector of `2^variables`.
    pub(super) fn new(parameters: &Parameters, variables: u32) -> Result<Self> {
        parameters.check()?;
        let main = Whir::new(parameters, variables, 1)?;
        let mu = variables as usize;
        let refuse = |reason: &str| {
            let sentence = format!("these parameters for a vector of 2^{variables}: {reason}");
            Error::Argument(sentence)
        };
        if main.rounds.is_empty() {
            return Err(refuse("too short to be folded once"));
        }
        // An upper bound on the elements that a verifier learns, of both commitments.
        let told = |target: f64, last: Option<usize>| {
            let rate = 0.5f64.powi(parameters.log_inverse_rate as i32);
            let queries = queries(target, rate);
            let per_fold = -(rate.sqrt() + rate.sqrt() / 20.0).log2();
            let folds = (target / (f64::from(parameters.log_folding) + per_fold)).ceil() as usize;
            ((queries + folds) << parameters.log_folding)
                + last.unwrap_or(queries)
                + main.code.out_of_domain
                + (SUMCHECK_DEGREE + 1) * mu
        };
        let target = f64::from(parameters.security_bits - parameters.work_bits);
        let told = told(target, Some(main.final_sumcheck.initial_len))
            + told(f64::from(parameters.security_bits), None);
        let ell = (usize::BITS - told.leading_zeros()) as usize;
        if ell + 1 >= mu || ell < parameters.log_folding as usize {
            return Err(refuse("its masks would be as long as itself"));
        }
        let masks = Whir::new(parameters, ell as u32 + 1, 1 + mu / ell)?;
        if masks.rounds.is_empty() {
            return Err(refuse("its masks are too short to be folded once"));
        }
        Ok(Self { main, masks })
    }

    /// The variables of the vector.
    pub(super) fn mu(&self) -> usize {
        self.main.code.vector_len.ilog2() as usize
    }

    /// The variables of a mask.
    pub(super) fn ell(&self) -> usize {
        self.masks.code.vector_len.ilog2() as usize - 1
    }

    /// The windows of variables that masks beyond the first cover.
    pub(super) fn nu(&self) -> usize {
        self.masks.code.vectors - 1
    }

    /// Rows of the main codeword that a proof opens, at most.
    pub(super) fn opened_rows(&self) -> usize {
        self.main.code.in_domain + self.main.rounds[0].code.in_domain
    }

    /// The least of the error terms' bits.
    pub(super) fn least_bits(&self, claims: usize) -> f64 {
        let vectors = self.masks.code.vectors;
        self.main
            .least_bits(claims)
            .min(self.masks.least_bits(vectors))
    }
}

/// The variables of a vector that holds `len` elements.
pub(super) fn variables_for(len: usize) -> u32 {
    len.next_power_of_two().ilog2().max(MIN_VARIABLES)
}
