//! Vectors and matrices of field elements.

mod sparse;

pub use sparse::SparseMatrix;
