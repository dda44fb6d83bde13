//! Lanes: the ways in which a statement is proven, and what two of them have in common.

use core::fmt;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::v1::StatementV1;
use super::word::Word;
use crate::error::Result;

/// What is hashed to the first word of a lane's digest of a statement.
const DIGEST_TAG: &str = "zkiln/lane/v1";
/// What is hashed to the first word of a lane's id.
const ID_TAG: &str = "zkiln/lane-id/v1";

/// One way to prove statements: a proof system with a key, and so a circuit, a setup and a verifier.
pub trait Lane: Send + Sync {
    /// What it is.
    fn info(&self) -> &LaneInfo;

    /// Checks that `proof` proves the statement in this lane.
    ///
    /// # Errors
    /// Whatever says why it does not.
    fn verify(&self, statement: &StatementV1, proof: &[u8]) -> Result<()>;

    /// [`Lane::verify`] of each of many, in parallel; lanes that can verify them together do.
    fn verify_all(&self, proofs: &[(&StatementV1, &[u8])]) -> Vec<Result<()>> {
        let verdicts = proofs.par_iter();
        verdicts.map(|(s, proof)| self.verify(s, proof)).collect()
    }
}

/// What a lane is. Certificates carry it for their readers; verifiers compare it with their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaneInfo {
    /// The proof system and its encoding, such as `groth16-bn254`.
    pub system: String,
    /// A hash of all that the verifier knows of the circuit: of the verification key, where there is one.
    pub key: Word,
    /// What its soundness rests on.
    pub class: Class,
    /// A hash of the constraints; none if it is not known of which circuit the key is.
    pub circuit: Option<Word>,
    /// Who must have been honest before the first proof.
    pub setup: Setup,
    /// The code that verifies.
    pub verifier: String,
    /// Whether proofs say nothing about the witness.
    pub zero_knowledge: bool,
}

/// What the soundness of a lane rests on: lanes of one class are never two independent ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Class {
    /// A proof, by pairings of elliptic curves: discrete logarithms, broken by a quantum computer.
    Pairing,
    /// A proof, by hashes alone.
    Hash,
    /// No proof, but the word of a key: as good as whoever keeps it.
    Attestation,
}

impl Class {
    /// Whether lanes of this class prove anything.
    pub fn is_proof(self) -> bool {
        self != Self::Attestation
    }
}

/// Who must have been honest before the first proof of a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Setup {
    /// Nobody.
    Transparent {},
    /// One participant of each phase of a ceremony.
    Ceremony {
        /// A hash of what the first phase left in the key; keys of one ceremony have the same.
        phase1: Word,
        /// A hash of what the second phase left in the key.
        phase2: Word,
        /// Made by one machine, which can forge proofs of anything.
        development: bool,
    },
    /// Whoever vouches for the keys that sign, such as the maker of a processor: the root of trust that all
    /// its keys have in common.
    Vouched {
        /// A hash of the root's name or key.
        root: Word,
    },
}

impl LaneInfo {
    /// What tells this lane from all others: Keccak-256 of a tag, the system's id and the key's hash.
    pub fn id(&self) -> Word {
        Word::hash(&[Word::keccak(ID_TAG), self.system_id(), self.key])
    }

    /// Keccak-256 of the system's name.
    pub fn system_id(&self) -> Word {
        Word::keccak(&self.system)
    }

    /// The lane's digest of a statement: Keccak-256 of a tag, the system's id, the key's hash and the
    /// statement's digest. It is what attestations sign, and the key under which a proof is consumed: the
    /// bytes of a proof are never one, for anyone can make other ones for the same statement.
    pub fn digest(&self, statement: &StatementV1) -> Word {
        Word::hash(&[
            Word::keccak(DIGEST_TAG),
            self.system_id(),
            self.key,
            statement.digest(),
        ])
    }

    /// Whether the key was made by one machine.
    pub fn is_development(&self) -> bool {
        matches!(
            self.setup,
            Setup::Ceremony {
                development: true,
                ..
            }
        )
    }

    /// What this lane and another have in common, in order. What is not known is taken for common.
    pub fn shares(&self, other: &Self) -> Vec<Part> {
        let setup = match (&self.setup, &other.setup) {
            (
                Setup::Ceremony { phase1, phase2, .. },
                Setup::Ceremony {
                    phase1: other_phase1,
                    phase2: other_phase2,
                    ..
                },
            ) => phase1 == other_phase1 || phase2 == other_phase2,
            (Setup::Vouched { root }, Setup::Vouched { root: other }) => root == other,
            _ => false,
        };
        let circuit = match (self.circuit, other.circuit) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        };
        [
            (Part::Assumption, self.class == other.class),
            (Part::Setup, setup),
            (Part::Key, self.key == other.key),
            (Part::Circuit, circuit),
            (Part::Verifier, self.verifier == other.verifier),
        ]
        .into_iter()
        .filter_map(|(part, common)| common.then_some(part))
        .collect()
    }
}

/// What lanes can have in common, so that one fault breaks both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Part {
    /// The [`Class`].
    Assumption,
    /// The [`Setup`], or a phase of it.
    Setup,
    /// The key.
    Key,
    /// The circuit: a constraint that is missing is missing in both.
    Circuit,
    /// The code of the verifier.
    Verifier,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assumption => "assumption",
            Self::Setup => "setup",
            Self::Key => "key",
            Self::Circuit => "circuit",
            Self::Verifier => "verifier",
        })
    }
}

/// What two lanes of a certificate have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// Their ids, in ascending order.
    pub lanes: [Word; 2],
    /// What they share, in ascending order; nothing as far as is known, if it is empty.
    pub parts: Vec<Part>,
}

/// What each two of some lanes have in common, in the lanes' order.
pub fn shared_parts(lanes: &[&LaneInfo]) -> Vec<Shared> {
    let pairs = (0..lanes.len()).flat_map(|i| (i + 1..lanes.len()).map(move |j| (i, j)));
    pairs
        .map(|(i, j)| Shared {
            lanes: [lanes[i].id(), lanes[j].id()],
            parts: lanes[i].shares(lanes[j]),
        })
        .collect()
}
