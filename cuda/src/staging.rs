//! Copies between pageable memory of the host and the device, through page-locked memory.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::Result;
use crate::device::lock;
use crate::driver::{Driver, Handle};

/// Bytes of one chunk. Two of them keep a copy by the processor and one over the bus going at once.
const CHUNK: usize = 4 << 20;

/// Two chunks of page-locked memory, made when they are first needed. The caller's memory is never
/// page-locked behind its back, and is not in use any more when a copy returns.
///
/// Chunks that carried secrets are wiped before the copy returns. An upload of secrets therefore waits for
/// its end, and for what was queued before it, as other uploads do not: the price of a wipe at a time that
/// is known. (A wipe always, for all, would make every upload wait.)
pub(crate) struct Staging {
    driver: Arc<dyn Driver>,
    chunks: Mutex<Option<[Chunk; 2]>>,
}

/// Whether a copy's values must not stay behind in page-locked memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    Public,
    Secret,
}

struct Chunk {
    memory: *mut u8,
    /// The last copy that uses the memory.
    in_use: Handle,
    is_recorded: bool,
}

// SAFETY: the memory belongs to the chunk alone, which is behind the lock.
unsafe impl Send for Chunk {}

impl Staging {
    pub(crate) fn new(driver: Arc<dyn Driver>) -> Self {
        Self {
            driver,
            chunks: Mutex::new(None),
        }
    }

    /// Queues a copy of `source`, which may change when this returns.
    pub(crate) fn upload(
        &self,
        destination: Handle,
        source: &[u8],
        stream: Handle,
        secrecy: Secrecy,
    ) -> Result<()> {
        self.with_chunks(source.len(), secrecy, |driver, chunks| {
            for (i, part) in source.chunks(CHUNK).enumerate() {
                let chunk = &mut chunks[i % 2];
                chunk.wait(driver)?;
                // SAFETY: a chunk is at least as long as a part, and nothing uses it now.
                unsafe { core::ptr::copy_nonoverlapping(part.as_ptr(), chunk.memory, part.len()) };
                let destination = destination + (i * CHUNK) as Handle;
                // SAFETY: the chunk is not touched before `in_use` was waited for; the destination has
                // room for all of the source.
                unsafe { driver.copy_to_device(destination, chunk.memory, part.len(), stream)? };
                chunk.record(driver, stream)?;
            }
            Ok(())
        })
    }

    /// Copies to `destination`, and waits for it.
    pub(crate) fn download(
        &self,
        destination: &mut [u8],
        source: Handle,
        stream: Handle,
        secrecy: Secrecy,
    ) -> Result<()> {
        // Before the lock: others may copy while this one waits for its values.
        self.driver.synchronize(stream)?;
        if destination.is_empty() {
            return Ok(());
        }
        self.with_chunks(destination.len(), secrecy, |driver, chunks| {
            let parts = destination.len().div_ceil(CHUNK);
            // Part i is on the bus while part i - 1 is copied out.
            for i in 0..=parts {
                if i < parts {
                    let chunk = &mut chunks[i % 2];
                    chunk.wait(driver)?;
                    let len = CHUNK.min(destination.len() - i * CHUNK);
                    let source = source + (i * CHUNK) as Handle;
                    // SAFETY: the chunk is not touched before `in_use` was waited for; the source is as
                    // long as the destination.
                    unsafe { driver.copy_to_host(chunk.memory, source, len, stream)? };
                    chunk.record(driver, stream)?;
                }
                if i > 0 {
                    let chunk = &mut chunks[(i - 1) % 2];
                    chunk.wait(driver)?;
                    let start = (i - 1) * CHUNK;
                    let len = CHUNK.min(destination.len() - start);
                    let part = &mut destination[start..start + len];
                    // SAFETY: a chunk is at least as long as a part, and the copy to it is done.
                    unsafe { core::ptr::copy_nonoverlapping(chunk.memory, part.as_mut_ptr(), len) };
                }
            }
            // The copies are done, and with them all that came before; but only this tells a failure.
            driver.synchronize(stream)
        })
    }

    /// Does `work`, a copy of so many bytes by way of the chunks.
    fn with_chunks(
        &self,
        bytes: usize,
        secrecy: Secrecy,
        work: impl FnOnce(&dyn Driver, &mut [Chunk; 2]) -> Result<()>,
    ) -> Result<()> {
        let mut chunks = lock(&self.chunks);
        if chunks.is_none() {
            let first = Chunk::new(&*self.driver)?;
            match Chunk::new(&*self.driver) {
                Ok(second) => *chunks = Some([first, second]),
                Err(error) => {
                    first.free(&*self.driver);
                    return Err(error);
                }
            }
        }
        let chunks = chunks.as_mut().expect("made above");
        let outcome = work(&*self.driver, chunks);
        if secrecy == Secrecy::Secret {
            for chunk in chunks {
                chunk.wipe(&*self.driver, bytes.min(CHUNK));
            }
        }
        outcome
    }
}

impl Chunk {
    fn new(driver: &dyn Driver) -> Result<Self> {
        let in_use = driver.create_event()?;
        match driver.alloc_host(CHUNK) {
            Ok(memory) => Ok(Self {
                memory,
                in_use,
                is_recorded: false,
            }),
            Err(error) => {
                driver.destroy_event(in_use);
                Err(error)
            }
        }
    }

    fn record(&mut self, driver: &dyn Driver, stream: Handle) -> Result<()> {
        match driver.record(self.in_use, stream) {
            Ok(()) => self.is_recorded = true,
            Err(error) => {
                // A copy that no event tells the end of is waited for now.
                let _ = driver.synchronize(stream);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Waits until nothing uses the memory.
    fn wait(&mut self, driver: &dyn Driver) -> Result<()> {
        if self.is_recorded {
            driver.synchronize_event(self.in_use)?;
            self.is_recorded = false;
        }
        Ok(())
    }

    /// Overwrites what a copy left in its first `bytes`.
    fn wipe(&mut self, driver: &dyn Driver, bytes: usize) {
        // A driver that fails to wait has lost its device, and no copy is under way.
        let _ = self.wait(driver);
        // SAFETY: a chunk is at least as long, and nothing uses it now.
        unsafe { self.memory.write_bytes(0, bytes) };
        // The driver knows the memory, so that these writes are seen; the compiler need not know that.
        core::hint::black_box(self.memory);
    }

    fn free(self, driver: &dyn Driver) {
        driver.destroy_event(self.in_use);
        // SAFETY: it came from this driver; whoever frees a chunk has waited for its copies.
        unsafe { driver.free_host(self.memory, CHUNK) };
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        for mut chunk in lock(&self.chunks).take().into_iter().flatten() {
            // A driver that fails to wait has lost its device, and no copy is under way.
            let _ = chunk.wait(&*self.driver);
            chunk.free(&*self.driver);
        }
    }
}

impl fmt::Debug for Staging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Staging").finish_non_exhaustive()
    }
}
