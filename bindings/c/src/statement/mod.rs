//! Several proofs of one statement.

// In the order in which the header has them.
pub mod v1;
// What a verifier trusts.
pub mod program;
// What is claimed, and what was accepted.
pub mod certificate;
pub mod journal;
