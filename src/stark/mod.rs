//! Parts of STARK proofs in the dialect of Plonky3 0.8.
//!
//! - [`challenger`]: challenges that depend on all that was said before them.
//! - [`fri`]: the folding of codewords.
//! - [`transcript`]: what the challenges of a protocol of some shape begin with.

pub mod challenger;
pub mod fri;
pub mod transcript;
