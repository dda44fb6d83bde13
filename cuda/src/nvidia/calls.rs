//! What a GPU does when it is asked to.

use core::ffi::{c_int, c_uint, c_void};
use core::ptr;
use std::ffi::CString;

use super::Nvidia;
use super::library::{self, Code, Object};
use crate::device::lock;
use crate::driver::{Driver, Extent, Handle, Kernel};
use crate::{DeviceInfo, Error, Result};

/// CU_STREAM_NON_BLOCKING: no order with the stream that others may use without knowing.
const NON_BLOCKING: c_uint = 1;
/// CU_EVENT_DEFAULT: with timing.
const WITH_TIMING: c_uint = 0;
/// CU_MEMHOSTALLOC_PORTABLE: page-locked for every device.
const PORTABLE: c_uint = 1;
/// CU_MEMPOOL_ATTR_RELEASE_THRESHOLD.
const RELEASE_THRESHOLD: c_int = 4;
/// CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES.
const MAX_DYNAMIC_SHARED: c_int = 8;
/// Dynamic shared memory that a launch may have without asking.
const DEFAULT_SHARED: u32 = 48 << 10;

impl Nvidia {
    /// The sizes of a kernel's parameters.
    fn parameters(&self, function: Object) -> Result<Vec<u32>> {
        let mut sizes = Vec::new();
        loop {
            let (mut offset, mut size) = (0, 0);
            // SAFETY: the driver writes to the places given.
            let code = unsafe {
                (self.cuda().cuFuncGetParamInfo)(function, sizes.len(), &mut offset, &mut size)
            };
            match code {
                // One beyond the last.
                library::INVALID_VALUE => return Ok(sizes),
                code => self.check("cuFuncGetParamInfo", code)?,
            }
            sizes.push(size as u32);
        }
    }

    /// Lets launches of `kernel` have so much dynamic shared memory.
    fn allow_shared(&self, kernel: Handle, bytes: u32) -> Result<()> {
        if bytes <= DEFAULT_SHARED {
            return Ok(());
        }
        // It is only ever raised: another thread may be about to launch with more.
        let mut allowed = lock(&self.shared);
        if allowed.get(&kernel).is_some_and(|&most| most >= bytes) {
            return Ok(());
        }
        // SAFETY: the kernel is one of a module of ours.
        let code = unsafe {
            (self.cuda().cuFuncSetAttribute)(object(kernel), MAX_DYNAMIC_SHARED, bytes as c_int)
        };
        self.check("cuFuncSetAttribute", code)?;
        allowed.insert(kernel, bytes);
        Ok(())
    }

    fn try_alloc(&self, bytes: usize, stream: Handle) -> (Code, Handle) {
        let mut address = 0;
        // SAFETY: the driver writes the address to the place given; the caller's stream exists.
        let code = unsafe {
            (self.cuda().cuMemAllocFromPoolAsync)(&mut address, bytes, self.pool.0, object(stream))
        };
        (code, address)
    }

    /// Gives the memory that is kept for later back to the driver.
    fn trim(&self) -> Result<()> {
        // Memory becomes free when what used it is done.
        self.synchronize_all()?;
        // SAFETY: the pool is ours, and its context current, as `alloc` saw to.
        let code = unsafe { (self.cuda().cuMemPoolTrimTo)(self.pool.0, 0) };
        self.check("cuMemPoolTrimTo", code)
    }
}

fn object(handle: Handle) -> Object {
    ptr::with_exposed_provenance_mut(handle as usize)
}

fn handle(object: Object) -> Handle {
    object.expose_provenance() as Handle
}

impl Driver for Nvidia {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn free_memory(&self) -> u64 {
        let (mut free, mut total) = (0, 0);
        let Ok(_current) = self.enter() else { return 0 };
        // SAFETY: the driver writes the numbers of bytes to the places given.
        match unsafe { (self.cuda().cuMemGetInfo)(&mut free, &mut total) } {
            library::SUCCESS => free as u64,
            // What is wrong is told by whatever comes next.
            _ => 0,
        }
    }

    fn keep(&self, bytes: u64) {
        let mut bytes = bytes;
        // SAFETY: this attribute's value is a 64-bit number. The pool is ours.
        let _ = unsafe {
            (self.cuda().cuMemPoolSetAttribute)(
                self.pool.0,
                RELEASE_THRESHOLD,
                (&raw mut bytes).cast(),
            )
        };
    }

    fn kernel(&self, name: &str) -> Result<Kernel> {
        let no_such = || Error::Call {
            kernel: name.into(),
            reason: "there is no such kernel".into(),
        };
        let family = (self.kernels.families.iter())
            .position(|family| family.kernels.contains(&name))
            .ok_or_else(no_such)?;
        let module = self.module(family)?;
        let name = CString::new(name).map_err(|_| no_such())?;
        let _current = self.enter()?;
        let mut function = ptr::null_mut();
        // SAFETY: the module is ours, and the name ends with a zero byte.
        let code =
            unsafe { (self.cuda().cuModuleGetFunction)(&mut function, module.0, name.as_ptr()) };
        if code == library::NOT_FOUND {
            return Err(no_such());
        }
        self.check_code("cuModuleGetFunction", code)?;
        Ok(Kernel {
            handle: handle(function),
            parameters: Some(self.parameters(function)?),
        })
    }

    fn create_stream(&self) -> Result<Handle> {
        let _current = self.enter()?;
        let mut stream = ptr::null_mut();
        // SAFETY: the driver writes the stream to the place given.
        let code = unsafe { (self.cuda().cuStreamCreate)(&mut stream, NON_BLOCKING) };
        self.check("cuStreamCreate", code)?;
        Ok(handle(stream))
    }

    fn destroy_stream(&self, stream: Handle) {
        let _current = self.enter();
        // SAFETY: the caller's stream exists, and is not used again.
        let _ = unsafe { (self.cuda().cuStreamDestroy)(object(stream)) };
    }

    fn synchronize(&self, stream: Handle) -> Result<()> {
        let _current = self.enter()?;
        // SAFETY: the caller's stream exists.
        let code = unsafe { (self.cuda().cuStreamSynchronize)(object(stream)) };
        self.check("cuStreamSynchronize", code)
    }

    fn synchronize_all(&self) -> Result<()> {
        let _current = self.enter()?;
        // SAFETY: the context is current.
        let code = unsafe { (self.cuda().cuCtxSynchronize)() };
        self.check("cuCtxSynchronize", code)
    }

    fn create_event(&self) -> Result<Handle> {
        let _current = self.enter()?;
        let mut event = ptr::null_mut();
        // SAFETY: the driver writes the event to the place given.
        let code = unsafe { (self.cuda().cuEventCreate)(&mut event, WITH_TIMING) };
        self.check("cuEventCreate", code)?;
        Ok(handle(event))
    }

    fn destroy_event(&self, event: Handle) {
        let _current = self.enter();
        // SAFETY: the caller's event exists, and is not used again. What waits for it still does.
        let _ = unsafe { (self.cuda().cuEventDestroy)(object(event)) };
    }

    fn record(&self, event: Handle, stream: Handle) -> Result<()> {
        let _current = self.enter()?;
        // SAFETY: the caller's event and stream exist.
        let code = unsafe { (self.cuda().cuEventRecord)(object(event), object(stream)) };
        self.check("cuEventRecord", code)
    }

    fn wait(&self, stream: Handle, event: Handle) -> Result<()> {
        let _current = self.enter()?;
        // SAFETY: the caller's stream and event exist; the flags must be 0.
        let code = unsafe { (self.cuda().cuStreamWaitEvent)(object(stream), object(event), 0) };
        self.check("cuStreamWaitEvent", code)
    }

    fn synchronize_event(&self, event: Handle) -> Result<()> {
        let _current = self.enter()?;
        // SAFETY: the caller's event exists.
        let code = unsafe { (self.cuda().cuEventSynchronize)(object(event)) };
        self.check("cuEventSynchronize", code)
    }

    fn elapsed(&self, start: Handle, end: Handle) -> Result<f32> {
        let _current = self.enter()?;
        let mut milliseconds = 0.0;
        // SAFETY: the driver writes the time to the place given; the caller's events exist.
        let code = unsafe {
            (self.cuda().cuEventElapsedTime)(&mut milliseconds, object(start), object(end))
        };
        self.check("cuEventElapsedTime", code)?;
        Ok(milliseconds)
    }

    fn alloc(&self, bytes: usize, stream: Handle) -> Result<Handle> {
        let _current = self.enter()?;
        let (mut code, mut address) = self.try_alloc(bytes, stream);
        if code == library::OUT_OF_MEMORY {
            // What is kept may be in pieces, or be waiting for a stream.
            self.trim()?;
            (code, address) = self.try_alloc(bytes, stream);
        }
        if code == library::OUT_OF_MEMORY {
            let memory = self.info.memory;
            return Err(Error::OutOfMemory {
                asked: bytes as u64,
                live: memory - self.free_memory().min(memory),
                budget: memory,
            });
        }
        self.check("cuMemAllocFromPoolAsync", code)?;
        Ok(address)
    }

    fn free(&self, address: Handle, stream: Handle) {
        let _current = self.enter();
        // SAFETY: the caller's memory and stream exist, and the memory is not used by what comes after.
        let _ = unsafe { (self.cuda().cuMemFreeAsync)(address, object(stream)) };
    }

    fn alloc_host(&self, bytes: usize) -> Result<*mut u8> {
        let _current = self.enter()?;
        let mut memory = ptr::null_mut();
        // SAFETY: the driver writes the address to the place given.
        let code = unsafe { (self.cuda().cuMemHostAlloc)(&mut memory, bytes, PORTABLE) };
        self.check("cuMemHostAlloc", code)?;
        Ok(memory.cast())
    }

    unsafe fn free_host(&self, memory: *mut u8, _bytes: usize) {
        let _current = self.enter();
        // SAFETY: the memory came from `alloc_host`, and nothing uses it.
        let _ = unsafe { (self.cuda().cuMemFreeHost)(memory.cast()) };
    }

    unsafe fn copy_to_device(
        &self,
        destination: Handle,
        source: *const u8,
        bytes: usize,
        stream: Handle,
    ) -> Result<()> {
        let _current = self.enter()?;
        // SAFETY: the caller's memory, on both sides, is there until the copy is done.
        let code = unsafe {
            (self.cuda().cuMemcpyHtoDAsync)(destination, source.cast(), bytes, object(stream))
        };
        self.check("cuMemcpyHtoDAsync", code)
    }

    unsafe fn copy_to_host(
        &self,
        destination: *mut u8,
        source: Handle,
        bytes: usize,
        stream: Handle,
    ) -> Result<()> {
        let _current = self.enter()?;
        // SAFETY: the caller's memory, on both sides, is there until the copy is done.
        let code = unsafe {
            (self.cuda().cuMemcpyDtoHAsync)(destination.cast(), source, bytes, object(stream))
        };
        self.check("cuMemcpyDtoHAsync", code)
    }

    unsafe fn copy_on_device(
        &self,
        destination: Handle,
        source: Handle,
        bytes: usize,
        stream: Handle,
    ) -> Result<()> {
        let _current = self.enter()?;
        // SAFETY: both are inside allocations of the caller's, which do not overlap.
        let code =
            unsafe { (self.cuda().cuMemcpyDtoDAsync)(destination, source, bytes, object(stream)) };
        self.check("cuMemcpyDtoDAsync", code)
    }

    unsafe fn fill(
        &self,
        destination: Handle,
        byte: u8,
        bytes: usize,
        stream: Handle,
    ) -> Result<()> {
        let _current = self.enter()?;
        // SAFETY: the destination is inside an allocation of the caller's.
        let code =
            unsafe { (self.cuda().cuMemsetD8Async)(destination, byte, bytes, object(stream)) };
        self.check("cuMemsetD8Async", code)
    }

    unsafe fn launch(
        &self,
        kernel: &Kernel,
        extent: Extent,
        arguments: &mut [*mut c_void],
        stream: Handle,
    ) -> Result<()> {
        let _current = self.enter()?;
        self.allow_shared(kernel.handle, extent.shared)?;
        let [x, y, z] = extent.grid;
        // SAFETY: the arguments are what the kernel takes, as the caller promises, and the driver has read
        // them when it returns.
        let code = unsafe {
            (self.cuda().cuLaunchKernel)(
                object(kernel.handle),
                x,
                y,
                z,
                extent.block,
                1,
                1,
                extent.shared,
                object(stream),
                arguments.as_mut_ptr(),
                ptr::null_mut(),
            )
        };
        self.check_code("cuLaunchKernel", code)
    }
}
