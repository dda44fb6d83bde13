//! The host side of the device: memory, streams, events and launches of the kernels in `kernels/`.
//!
//! A [`Device`] is an NVIDIA GPU, driven through libcuda, which is looked for at run time, or the
//! emulator, which runs the same kernels, compiled for the host, with the same launches. Nothing here
//! knows what the kernels compute: this crate moves bytes.
//!
//! ```
//! # fn main() -> zkiln_cuda::Result<()> {
//! # let Ok(device) = zkiln_cuda::Device::emulator() else { return Ok(()) };
//! let stream = device.stream()?;
//! let buffer = stream.upload(&[1u32, 2, 3])?;
//! assert_eq!(stream.download(&buffer)?, [1, 2, 3]);
//! # Ok(())
//! # }
//! ```
//!
//! What is queued on one stream runs in order; between streams there is no order but that of
//! [`Stream::wait`]. Memory is freed in the order of the streams that used it, whoever drops it when.

mod buffer;
mod call;
mod device;
mod driver;
mod emulator;
mod error;
mod nvidia;
mod staging;
mod stream;

pub use buffer::{Buffer, Slice, SliceMut};
pub use call::{Argument, ByValue, Call};
pub use device::{Device, DeviceInfo, Kind, MemoryUse};
pub use emulator::EmulatorOptions;
pub use error::{Error, Result};
pub use nvidia::{KERNEL_ARCHS, KERNEL_HASH};
pub use stream::{Event, Stream};
