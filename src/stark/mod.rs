//! Parts of STARK proofs in the dialect of Plonky3 0.8.
//!
//! - [`air`]: constraints, and the programs they become.
//! - [`challenger`]: challenges that depend on all that was said before them.
//! - [`quotient`]: what the constraints leave when they are divided.
//! - [`fri`]: the folding of codewords.

pub mod air;
pub mod challenger;
pub mod fri;
pub mod quotient;
