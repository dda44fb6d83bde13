//! Parts of STARK proofs in the dialect of Plonky3 0.8.
//!
//! - [`air`]: constraints, and the programs they become.
//! - [`challenger`]: challenges that depend on all that was said before them.
//! - [`config`], [`parameters`]: what is proven over what, with which hash, and how surely.
//! - [`fri`]: the folding of codewords.
//! - [`transcript`]: what the challenges of a protocol of some shape begin with.
//! - [`proof`]: what a prover hands over.
//! - [`security`]: how many bits of security parameters give.
//! - [`verify`]: verification.

pub mod air;
pub mod challenger;
pub mod config;
pub mod fri;
pub mod parameters;
pub mod proof;
pub mod security;
pub mod transcript;
pub mod verify;
mod wire;

pub use config::{Config, Digest, StarkConfig};
pub use parameters::{Dialect, Parameters};
pub use proof::Proof;
pub use security::{Instance, Security};
pub use verify::Verifier;
pub use wire::Encode;
