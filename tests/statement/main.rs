//! Statements, lanes, policies, certificates and ranges, and the attacks on them.

#[path = "../common/mod.rs"]
mod common;

mod attacks;
mod certificates;
mod conflicts;
mod counter;
mod policies;
mod ranges;
mod spartan;
mod vectors;
