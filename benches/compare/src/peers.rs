//! The contenders, a module each.
//!
//! The common types are those of arkworks 0.6; a module converts on the way in and on the way out,
//! outside of what is timed.

pub mod ark;
pub mod ark_groth16;
pub mod halo2;
pub mod snarkrs;
pub mod zkiln;

use anyhow::Result;
use ark_bn254::Bn254;

/// A proof in the form in which proofs are compared and verified.
pub type Proof = ::ark_groth16::Proof<Bn254>;

/// A Groth16 prover with its key and witness loaded.
pub trait Prover {
    /// Makes one proof.
    fn prove(&mut self) -> Result<Proof>;
}

/// The direction of a transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Direction {
    /// Coefficients to values.
    Forward,
    /// Values to coefficients, with the division by the size.
    Inverse,
}
