//! Statements, the lanes that prove them, the policy that says how many it takes, and certificates.
//!
//! A rollup that trusts one proof system falls with it. Here a [`StatementV1`] is proven in several lanes,
//! which share as little as possible; a [`Policy`] says how many independent ones are enough; a
//! [`Certificate`] holds the proofs of one statement or of a range; a [`Program`] is what a verifier trusts;
//! a [`Journal`] remembers what was accepted and freezes when two proofs contradict each other.
//!
//! `docs/multi-prover.md` has the protocol and what it guarantees.

mod attestation;
mod certificate;
mod file;
mod groth16;
mod journal;
mod lane;
mod policy;
mod program;
mod range;
mod spartan;
mod stark;
mod v1;
mod word;

pub use attestation::AttestationLane;
pub use certificate::{Certificate, ProofBytes, Segment};
pub use file::NamedProgram;
pub use groth16::{Groth16Lane, check_circuit, check_witness, circuit_hash, key_hash};
pub use journal::{Conflict, Journal};
pub use lane::{Class, Lane, LaneInfo, Part, Setup, Shared, shared_parts};
pub use policy::{MAX_LANES, PayeeRule, Policy};
pub use program::{Executor, Program, Status, Verdict};
pub use range::{Anchor, Summary, check_continuity};
pub use spartan::SpartanLane;
pub use stark::{LEAST_PROVEN_BITS, STATEMENT_LIMBS, StarkLane, statement_limbs};
pub use v1::{STATEMENT_SIGNALS, STATEMENT_WORDS, StatementV1};
pub use word::Word;
