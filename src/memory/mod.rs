//! Memory for long vectors, and for what must not be left behind.

mod buffer;
mod prefetch;
mod secret;

pub use buffer::Buffer;
pub(crate) use prefetch::prefetch;
pub(crate) use secret::{Secret, wipe};
