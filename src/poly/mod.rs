//! Vectors and matrices of field elements.

mod columns;
pub mod device;
mod npy;
mod sparse;

pub use crate::memory::Buffer;
pub use columns::Columns;
pub use device::DeviceMatrix;
pub use sparse::{PreparedMatrix, SparseMatrix};
