//! Groth16.

// In the order in which the header has them.
pub mod witness;
// What proves, and what verifies.
pub mod key;
pub mod vkey;
// What is proven.
pub mod proof;
