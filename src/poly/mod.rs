//! Vectors and matrices of field elements.

mod columns;
mod sparse;

pub use columns::Columns;
pub use sparse::SparseMatrix;
