//! STARK proofs in the dialect of Plonky3 0.8.
//!
//! - [`air`]: constraints, and the programs they become.
//! - [`Prover`], [`Verifier`]: proofs made and verified.
//! - [`challenger`]: challenges that depend on all that was said before them.
//! - [`config`], [`parameters`], [`security`]: what is proven over what, with which hash, and how surely.
//! - [`fri`]: the folding of codewords.
//! - [`proof`]: what a prover hands over.
//! - [`transcript`]: what the challenges of a protocol of some shape begin with.

pub mod air;
pub mod challenger;
pub mod config;
pub mod fri;
mod openings;
mod packed;
pub mod parameters;
pub mod proof;
mod prove;
pub mod quotient;
pub mod security;
pub mod transcript;
pub mod verify;
mod wire;

pub use config::{Config, Digest, StarkConfig};
pub use parameters::{Dialect, Parameters};
pub use proof::Proof;
pub use prove::{ProveOptions, Prover};
pub use security::{Instance, Security};
pub use verify::Verifier;
pub use wire::Encode;
