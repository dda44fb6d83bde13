//! STARK proofs: constraints as programs, provers, verifiers.
//!
//! A handle does not say in its type over which field and with which hash it works: [`erased`] has what is
//! done with any of them.

mod erased;
pub mod matrix;
pub mod parameters;
pub mod program;
pub mod prover;
pub mod verifier;
