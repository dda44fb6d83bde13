//! What a device must be able to do.

use core::ffi::c_void;
use core::fmt;

use crate::{DeviceInfo, Result};

/// The number of a stream, event or kernel, or an address in device memory: given out by a driver, and
/// without meaning to anybody else.
pub(crate) type Handle = u64;

/// A kernel, as a driver knows it.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
    pub(crate) handle: Handle,
    /// The sizes of its parameters in bytes, if the driver can tell.
    pub(crate) parameters: Option<Vec<u32>>,
}

/// The extent of a launch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// Blocks in each dimension.
    pub(crate) grid: [u32; 3],
    /// Threads in a block, which has one dimension.
    pub(crate) block: u32,
    /// Bytes of dynamic shared memory.
    pub(crate) shared: u32,
}

/// An NVIDIA GPU or the emulator. All calls may come from any thread at any time; those that take a
/// stream return before the work is done.
///
/// Handles must come from the same driver and still exist; that is the caller's obligation throughout,
/// which [`crate::Stream`], [`crate::Event`] and [`crate::Buffer`] meet by owning them.
pub(crate) trait Driver: Send + Sync + fmt::Debug {
    fn info(&self) -> &DeviceInfo;

    /// Bytes of memory that nobody uses now.
    fn free_memory(&self) -> u64 {
        self.info().memory
    }
    /// Lets up to so many bytes of freed memory be kept for what is allocated next.
    fn keep(&self, _bytes: u64) {}

    fn kernel(&self, name: &str) -> Result<Kernel>;

    fn create_stream(&self) -> Result<Handle>;
    /// The stream must have been synchronised.
    fn destroy_stream(&self, stream: Handle);
    /// Waits until everything queued is done, and returns the first failure.
    fn synchronize(&self, stream: Handle) -> Result<()>;

    /// Waits until everything queued on every stream is done, on those of others too, and returns the first
    /// failure.
    fn synchronize_all(&self) -> Result<()>;

    fn create_event(&self) -> Result<Handle>;
    fn destroy_event(&self, event: Handle);
    fn record(&self, event: Handle, stream: Handle) -> Result<()>;
    /// What is queued on `stream` from now on waits for what `event` last recorded.
    fn wait(&self, stream: Handle, event: Handle) -> Result<()>;
    /// Blocks until what `event` last recorded is done.
    fn synchronize_event(&self, event: Handle) -> Result<()>;
    /// Milliseconds between two recorded and completed events.
    fn elapsed(&self, start: Handle, end: Handle) -> Result<f32>;

    /// Memory that is there for what is queued on `stream` from now on, aligned to 256 bytes.
    fn alloc(&self, bytes: usize, stream: Handle) -> Result<Handle>;
    /// Takes the memory back after what is queued on `stream`.
    fn free(&self, address: Handle, stream: Handle);

    /// Page-locked memory of the host.
    fn alloc_host(&self, bytes: usize) -> Result<*mut u8>;
    /// # Safety
    /// `memory` must come from [`Driver::alloc_host`], and no copy may be under way.
    unsafe fn free_host(&self, memory: *mut u8, bytes: usize);

    /// # Safety
    /// `source` must be readable, and stay so until the copy is done; the destination must be inside an
    /// allocation.
    unsafe fn copy_to_device(
        &self,
        destination: Handle,
        source: *const u8,
        bytes: usize,
        stream: Handle,
    ) -> Result<()>;
    /// # Safety
    /// `destination` must be writable, and stay so until the copy is done; the source must be inside an
    /// allocation.
    unsafe fn copy_to_host(
        &self,
        destination: *mut u8,
        source: Handle,
        bytes: usize,
        stream: Handle,
    ) -> Result<()>;
    /// # Safety
    /// Both must be inside allocations and must not overlap.
    unsafe fn copy_on_device(
        &self,
        destination: Handle,
        source: Handle,
        bytes: usize,
        stream: Handle,
    ) -> Result<()>;
    /// # Safety
    /// The destination must be inside an allocation.
    unsafe fn fill(
        &self,
        destination: Handle,
        byte: u8,
        bytes: usize,
        stream: Handle,
    ) -> Result<()>;

    /// # Safety
    /// `arguments` must point to values of the types of the kernel's parameters, of which the addresses
    /// are those of memory as long as the kernel takes for granted.
    unsafe fn launch(
        &self,
        kernel: &Kernel,
        extent: Extent,
        arguments: &mut [*mut c_void],
        stream: Handle,
    ) -> Result<()>;
}
