//! How many bits of security parameters give.
//!
//! Computed as `p3-security` 0.8 does, from the bounds of the literature on each round of the protocol. A
//! prover without a witness must be lucky in some round, after as many attempts as it can afford, each of
//! which costs the work before that round's challenge; the security is that of the weakest round.
//!
//! | round | bound on the probability of luck |
//! |---|---|
//! | constraints combined by a challenge | `L c / q` for `c` constraints |
//! | point outside of the domain | `L` times the degree of the identity, over `q` (ethSTARK, 2021/582) |
//! | openings combined by a challenge | as folding, for as many words as columns are opened |
//! | folding | `(a - 1) (n + 1) / q` (2020/654), beyond unique decoding `(a - 1) 8 n (m + 1/2)^3 / (3 rho q)` (2025/2055, 2026/2056) |
//! | queries | `alpha^queries` |
//!
//! Words that agree with a codeword on a share `alpha` of the domain are close. **Unique decoding** has
//! `alpha = (1 + rho) / 2` and lists of `L = 1`; the **Johnson** bound `alpha = (1 + 1/(2m)) sqrt(rho)` and
//! `L = (m + 1/2) / sqrt(rho)`, for the best `m`. Both are proven (2024/1553), so the better one counts.
//! The **conjectured** number takes committed words for random ones, with `alpha` a little above `rho`
//! (2025/2010); the older `queries * log_blowup` was disproved in that generality (2025/2046) and is not
//! given. Numbers are of the IACR's eprint archive.

use super::air::Program;
use super::config::{Digest, StarkConfig};
use super::parameters::Parameters;
use crate::field::small::{ExtensionField, SmallField};

/// What the security of a proof depends on beside its [`Parameters`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instance {
    /// The binary logarithm of the number of the trace's rows.
    pub log_height: u32,
    /// How many constraints there are.
    pub constraints: usize,
    /// The highest degree of a constraint, in columns.
    pub degree: usize,
    /// How many chunks of the trace's height the quotient has.
    pub quotient_chunks: usize,
    /// At how many points a column is opened: two if some constraint reads a next row, else one.
    pub points: usize,
    /// How many values are opened outside of the domain: columns, counted once for every point.
    pub openings: usize,
    /// The binary logarithm of the number of elements that challenges are drawn from.
    pub challenge_bits: f64,
    /// The binary logarithm of the work that finds a collision of the commitments' hash.
    pub collision_bits: f64,
}

/// Bits of security: the binary logarithm of the work of a prover of something false.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Security {
    /// Proven, from unique decoding.
    pub unique_decoding: f64,
    /// Proven, up to the Johnson bound; zero for traces too short for it.
    pub johnson: f64,
    /// If committed words are no closer to codewords than random ones.
    pub conjectured: f64,
}

impl Security {
    /// The proven bits, whole ones.
    pub fn proven_bits(&self) -> u32 {
        self.unique_decoding.max(self.johnson) as u32
    }

    /// The conjectured bits, whole ones.
    pub fn conjectured_bits(&self) -> u32 {
        self.conjectured as u32
    }
}

/// The largest `m` of the Johnson bound that is tried.
const LARGEST_M: usize = 1000;

impl Instance {
    /// Proofs that traces of `2^log_height` rows satisfy a program, in a configuration.
    pub fn new<C: StarkConfig>(program: &Program<C::Val>, log_height: u32) -> Self {
        let shape = program.shape();
        let rows = |width: usize, next_row: bool| width * (1 + usize::from(next_row));
        let quotient_chunks = 1 << program.log_quotient_chunks(log_height);
        let (challenge_bits, collision_bits) = Self::bits_of::<C>();
        Self {
            log_height,
            constraints: program.constraints(),
            degree: program.degree(),
            quotient_chunks,
            points: rows(1, shape.next_row || shape.preprocessed_next_row),
            openings: rows(shape.width, shape.next_row)
                + rows(shape.preprocessed_width, shape.preprocessed_next_row)
                + quotient_chunks * C::Challenge::DEGREE,
            challenge_bits,
            collision_bits,
        }
    }

    /// The binary logarithms of the number of challenges of a configuration, and of the work that
    /// finds a collision among its digests: half their bits, were they of elements of the field.
    pub fn bits_of<C: StarkConfig>() -> (f64, f64) {
        let element = (C::Val::MODULUS as f64).log2();
        let digest = (size_of::<Digest<C>>() / size_of::<C::Val>()) as f64 * element;
        (C::Challenge::DEGREE as f64 * element, digest / 2.0)
    }

    /// What `p` gives for this. The parameters should be [checked](Parameters::check) before.
    pub fn security(&self, p: &Parameters) -> Security {
        // Codewords of the constants and of nothing are not what the bounds are about.
        let johnson = (3..=self.largest_m()).map(|m| self.johnson(p, m));
        Security {
            unique_decoding: self.unique_decoding(p),
            johnson: johnson.fold(0.0, f64::max),
            conjectured: self.conjectured(p),
        }
    }

    fn unique_decoding(&self, p: &Parameters) -> f64 {
        let (k, n) = (self.rows(), self.domain(p));
        let alpha = (1.0 + (k + self.points as f64) / n) / 2.0;
        if self.log_height == 0 || k + self.points as f64 >= alpha * n {
            return 0.0;
        }
        let queries = queries_bits(alpha, p);
        let batching = self.challenge_bits - n.log2() - self.others().log2();
        self.weakest(p, 1.0, queries, self.plain_folding(p), batching)
    }

    /// Lists of `(m + 1/2) / sqrt(rho)` words.
    fn johnson(&self, p: &Parameters, m: usize) -> f64 {
        let (k, n, m) = (self.rows(), self.domain(p), m as f64);
        let rho = (-f64::from(p.log_blowup)).exp2();
        let alpha = (1.0 + 0.5 / m) * rho.sqrt();
        if self.log_height == 0 || alpha >= 1.0 || k + self.points as f64 >= alpha * n {
            return 0.0;
        }
        // How many challenges are bad on a line: with the rate of degree `k - 1`.
        let bad = 8.0 * n * (m + 0.5).powi(3) / (3.0 * ((k - 1.0) / n));
        let arity = f64::from(p.max_log_arity).exp2();
        let lines = self.challenge_bits - (bad * (arity - 1.0)).log2();
        let words =
            self.challenge_bits - (arity * (n + 1.0) * (2.0 * m + 1.0)).log2() + 0.5 * rho.log2();
        let folding = clamp(lines.min(words) + f64::from(p.commit_grinding));
        let batching = self.challenge_bits - (bad * self.others()).log2();
        let lists = (m + 0.5) / rho.sqrt();
        self.weakest(p, lists, queries_bits(alpha, p), Some(folding), batching)
    }

    fn conjectured(&self, p: &Parameters) -> f64 {
        let rho = (-f64::from(p.log_blowup)).exp2();
        let distance = (core::f64::consts::LOG2_E + f64::from(p.log_blowup)) * rho;
        let alpha = rho + distance / self.challenge_bits;
        let batching = self.challenge_bits - self.domain(p).log2() - self.others().log2();
        let queries = if p.log_blowup == 0 || alpha >= 1.0 {
            f64::from(p.query_grinding)
        } else {
            queries_bits(alpha, p)
        };
        self.weakest(p, 1.0, queries, self.plain_folding(p), batching)
    }

    /// The weakest round, when a word has at most `lists` close codewords.
    fn weakest(
        &self,
        p: &Parameters,
        lists: f64,
        queries: f64,
        folding: Option<f64>,
        batching: f64,
    ) -> f64 {
        let constraints = self.challenge_bits - (lists * self.constraints.max(1) as f64).log2();
        // The identity of constraints and quotient times the vanishing polynomial: the larger of what
        // two ways of splitting the quotient give.
        let (k, points) = (self.rows(), self.points as f64);
        let identity = self.degree.max(1) as f64 * (k + points - 1.0) + (k - 1.0);
        let chunked = (self.quotient_chunks as f64 + 1.0) * k + points - 1.0;
        let outside = self.challenge_bits - (lists * identity.max(chunked)).log2();
        let batching = match self.openings {
            0 | 1 => f64::INFINITY,
            _ => clamp(batching) + f64::from(p.batch_grinding),
        };
        [
            clamp(constraints),
            clamp(outside) + f64::from(p.ood_grinding),
            queries,
            folding.unwrap_or(f64::INFINITY),
            batching,
            self.collision_bits,
        ]
        .into_iter()
        .fold(f64::INFINITY, f64::min)
    }

    /// Folding within unique decoding; none if there is no round.
    fn plain_folding(&self, p: &Parameters) -> Option<f64> {
        let layers = self.log_height.saturating_add(p.log_blowup);
        let layers = layers.saturating_sub(p.log_final_poly_len);
        if p.max_log_arity == 0 || layers < p.max_log_arity {
            return None;
        }
        let arity = f64::from(p.max_log_arity).exp2();
        let luck = (arity - 1.0) * (self.domain(p) + 1.0);
        Some(clamp(
            self.challenge_bits - luck.log2() + f64::from(p.commit_grinding),
        ))
    }

    /// The largest `m` below `1 / (2 (sqrt(1 + points / k) - 1))` that is tried.
    fn largest_m(&self) -> usize {
        let ratio = 1.0 + self.points as f64 / self.rows();
        let bound = 1.0 / (2.0 * (ratio.sqrt() - 1.0));
        (bound.ceil() as usize - 1).min(LARGEST_M)
    }

    fn rows(&self) -> f64 {
        f64::from(self.log_height).exp2()
    }

    fn domain(&self, p: &Parameters) -> f64 {
        (f64::from(self.log_height) + f64::from(p.log_blowup)).exp2()
    }

    /// One word less than are combined.
    fn others(&self) -> f64 {
        self.openings as f64 - 1.0
    }
}

fn clamp(bits: f64) -> f64 {
    bits.max(0.0)
}

fn queries_bits(alpha: f64, p: &Parameters) -> f64 {
    f64::from(p.query_grinding) - f64::from(p.queries) * alpha.log2()
}
