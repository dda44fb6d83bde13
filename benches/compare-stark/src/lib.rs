//! Measures zkiln beside Plonky3, by the rules of `benches/compare`, whose harness this is.

// By path and not as a dependency, which would build all peers of that crate.
#[path = "../../compare/src/child.rs"]
pub mod child;
#[path = "../../compare/src/family.rs"]
pub mod family;
#[path = "../../compare/src/harness.rs"]
pub mod harness;
#[path = "../../compare/src/report.rs"]
pub mod report;

pub mod airs;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
