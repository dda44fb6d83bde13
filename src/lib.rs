//! Kernels and provers for zero-knowledge proofs.
//!
//! - [`field`], [`curve`]: BN254's fields and groups on plain limbs.

pub mod curve;
pub mod error;
pub mod field;

pub use error::{Error, Fault, Result};
