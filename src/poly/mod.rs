//! Vectors and matrices of field elements.

mod buffer;
mod columns;
pub mod device;
mod sparse;

pub use buffer::Buffer;
pub use columns::Columns;
pub use device::DeviceMatrix;
pub use sparse::SparseMatrix;
