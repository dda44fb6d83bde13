//! Kernels and provers for zero-knowledge proofs.
//!
//! - [`field`], [`curve`]: BN254's fields and groups on plain limbs.
//! - [`msm`]: multi-scalar multiplication, a plan that is made once and run many times.

pub mod curve;
pub mod error;
pub mod field;
pub mod groth16;
pub mod msm;

pub use error::{Error, Fault, Result};
