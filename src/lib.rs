//! Kernels and provers for zero-knowledge proofs.
//!
//! - [`field`], [`curve`]: BN254's fields and groups on plain limbs.
//! - [`backend`]: the processor or a device.
//! - [`msm`], [`ntt`], [`poly`]: the kernels, each a plan that is made once and run many times.
//! - [`hash`], [`merkle`]: Poseidon2 and Keccak over rows of small fields, and trees of them.
//! - [`stark`]: challengers and folding, for proofs as Plonky3 has them.
//! - [`spartan`]: transparent proofs of circom circuits, as provekit has them.
//! - [`groth16`]: proofs of circom circuits from snarkjs' keys, and their verification.
//! - [`statement`]: what is proven, in which lanes, under which policy; certificates and ranges.

pub mod backend;
mod cancel;
pub mod curve;
pub mod error;
pub mod field;
pub mod groth16;
pub mod hash;
mod memory;
pub mod merkle;
pub mod msm;
pub mod ntt;
pub mod poly;
pub mod spartan;
pub mod stark;
pub mod statement;

pub use cancel::Cancel;
pub use error::{Error, Fault, Result};

/// The examples of the README are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
