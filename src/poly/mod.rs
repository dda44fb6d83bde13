//! Vectors and matrices of field elements.

pub mod device;
mod sparse;

pub use device::DeviceMatrix;
pub use sparse::SparseMatrix;
