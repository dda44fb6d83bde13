//! Measures zkiln beside the peers it claims to beat.
//!
//! Three programs, one per family (`msm`, `ntt`, `groth16`), and `circuits`, which writes large
//! inputs for the third. They share these rules:
//!
//! * every contender gets the same bytes, and a result counts only when it agrees with the others
//!   (a proof: when ark-groth16 accepts it);
//! * contenders run in turn, A B C A B C, so that a slow minute of a shared machine hits them all;
//! * wall and CPU time are both kept. On a shared machine CPU time is the comparable number;
//! * a thread count is a process of its own: the peers run on rayon's global pool, whose size is
//!   fixed when it is first used.

pub mod child;
pub mod circuits;
pub mod container;
pub mod data;
pub mod family;
pub mod harness;
pub mod peers;
pub mod report;
pub mod verifier;
