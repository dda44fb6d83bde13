//! How many independent proofs it takes.

use serde::{Deserialize, Serialize};

use super::lane::{LaneInfo, Part};
use super::word::Word;
use crate::error::{Error, Result};

/// The most lanes of a program, and of a certificate.
pub const MAX_LANES: usize = 16;
/// What no two lanes that count as two may share, whatever a policy says.
const ALWAYS_DENIED: [Part; 3] = [Part::Assumption, Part::Setup, Part::Key];

/// Which sets of valid proofs are enough.
///
/// It takes `threshold` lanes, each two of which are **independent**: their classes differ, they share neither
/// key nor any phase of a setup nor any part of `deny_shared`, and no pair of `denied` is among them. One of
/// them at least is a proof; attestations alone are never enough. All lanes of `required` must be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The number of independent lanes, one at least.
    pub threshold: u32,
    /// The ids of lanes without which nothing is enough, ascending.
    pub required: Vec<Word>,
    /// Pairs of ids, each ascending and all in ascending order, that never count as two.
    pub denied: Vec<[Word; 2]>,
    /// What else two lanes that count as two may not share, ascending: [`Part::Circuit`] keeps a circuit's
    /// fault from breaking both.
    pub deny_shared: Vec<Part>,
    /// Whether an attestation counts as a lane, or has no weight.
    pub count_attestations: bool,
    /// Whether keys that one machine made count: for tests.
    pub count_development: bool,
    /// Whom the segments of a range pay.
    pub payees: PayeeRule,
    /// Whether lanes are refused whose proofs tell of the witness: with any such proof beside them, those of
    /// zero knowledge hide nothing. In JSON only if it is true.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub zero_knowledge: bool,
}

/// Whom the segments of a range pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayeeRule {
    /// One payee all of them.
    One,
    /// Each the one of its statement.
    Each,
}

impl Policy {
    /// A policy of `threshold` independent lanes and no other conditions: attestations have no weight, keys
    /// for development do not count, all segments of a range pay the same.
    pub fn threshold(threshold: u32) -> Self {
        Self {
            threshold,
            required: Vec::new(),
            denied: Vec::new(),
            deny_shared: Vec::new(),
            count_attestations: false,
            count_development: false,
            payees: PayeeRule::One,
            zero_knowledge: false,
        }
    }

    /// Keccak-256 of the policy in JSON without spaces.
    pub fn hash(&self) -> Word {
        Word::keccak(serde_json::to_string(self).expect("plain data in memory"))
    }

    /// Checks that the policy has one spelling and a threshold.
    ///
    /// # Errors
    /// [`Error::Argument`].
    pub fn check(&self) -> Result<()> {
        let refuse = |reason: &str| Err(Error::Argument(format!("policy: {reason}")));
        if self.threshold == 0 {
            return refuse("a threshold of zero accepts anything");
        }
        if !self.required.is_sorted_by(|a, b| a < b) {
            return refuse("required lanes are not in ascending order, each once");
        }
        if !self.denied.is_sorted_by(|a, b| a < b) || self.denied.iter().any(|[a, b]| a >= b) {
            return refuse("denied pairs are not in ascending order, each once");
        }
        if !self.deny_shared.is_sorted_by(|a, b| a < b) {
            return refuse("denied parts are not in ascending order, each once");
        }
        Ok(())
    }

    /// Whether a lane has weight.
    pub fn counts(&self, lane: &LaneInfo) -> bool {
        (lane.class.is_proof() || self.count_attestations)
            && (!lane.is_development() || self.count_development)
    }

    /// Whether two lanes count as two.
    pub fn are_independent(&self, a: &LaneInfo, b: &LaneInfo) -> bool {
        let denied = |part: &Part| ALWAYS_DENIED.contains(part) || self.deny_shared.contains(part);
        let mut pair = [a.id(), b.id()];
        pair.sort();
        !a.shares(b).iter().any(denied) && !self.denied.contains(&pair)
    }

    /// The ids of a largest set of independent lanes with a proof among those that are valid.
    ///
    /// Takes time exponential in the number of lanes, of which there are few.
    ///
    /// # Errors
    /// [`Error::Refused`] if it is smaller than the threshold, a required lane is missing, or a lane tells of the
    /// witness where none may.
    /// [`Error::Argument`] for more than [`MAX_LANES`].
    pub fn evaluate(&self, valid: &[&LaneInfo]) -> Result<Vec<Word>> {
        if valid.len() > MAX_LANES {
            let count = valid.len();
            return Err(Error::Argument(format!(
                "{count} lanes, more than {MAX_LANES}"
            )));
        }
        let ids: Vec<Word> = valid.iter().map(|lane| lane.id()).collect();
        if let Some(missing) = self.required.iter().find(|id| !ids.contains(id)) {
            return Err(Error::Refused(format!(
                "the policy requires the lane {missing}, of which there is no proof"
            )));
        }
        if self.zero_knowledge
            && let Some(lane) = valid.iter().find(|lane| !lane.zero_knowledge)
        {
            return Err(Error::Refused(format!(
                "the policy demands zero knowledge, and proofs of the lane {} ({}) tell of the witness",
                lane.id(),
                lane.system
            )));
        }
        // For each lane those that it is independent of, as bits.
        let compatible: Vec<u32> = (0..valid.len())
            .map(|i| {
                let with = |j: &usize| *j != i && self.are_independent(valid[i], valid[*j]);
                (0..valid.len())
                    .filter(with)
                    .fold(0, |bits, j| bits | 1 << j)
            })
            .collect();
        let lanes_of = |set: u32| (0..valid.len()).filter(move |i| set >> i & 1 == 1);
        let is_good = |set: &u32| {
            lanes_of(*set).all(|i| self.counts(valid[i]) && set & !(1 << i) & !compatible[i] == 0)
                && lanes_of(*set).any(|i| valid[i].class.is_proof())
        };
        let best = (1..1u32 << valid.len())
            .filter(is_good)
            .max_by_key(|set| set.count_ones());
        let best: Vec<usize> = best.map_or(Vec::new(), |set| lanes_of(set).collect());
        if best.len() < self.threshold as usize {
            return Err(Error::Refused(format!(
                "{} independent lanes with a proof among {} valid ones, where the policy asks for {}: lanes \
                 of one class, key or setup, and of what else the policy denies, count once",
                best.len(),
                valid.len(),
                self.threshold
            )));
        }
        Ok(best.into_iter().map(|i| ids[i]).collect())
    }
}
