//! Device memory.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Bound, RangeBounds};
use std::sync::Mutex;

use bytemuck::Pod;

use crate::device::lock;
use crate::driver::Handle;
use crate::staging::Secrecy;
use crate::{Error, Result, Stream};

/// Device memory for a number of values, freed when it is dropped.
///
/// It belongs to the stream that allocated it and may be used on others, if they wait for what they need
/// ([`Stream::after`]); its first use on another stream waits for what was queued on its own. It is freed
/// after all that was queued, up to then, on every stream that used it: dropping is always safe.
pub struct Buffer<T> {
    memory: Memory,
    len: usize,
    values: PhantomData<T>,
}

/// Bytes of device memory.
struct Memory {
    home: Stream,
    address: Handle,
    bytes: usize,
    secrecy: Secrecy,
    /// Whether somebody else frees it.
    is_foreign: bool,
    /// The other streams that used it, which the device keeps. No more than were ever in use at once.
    guests: Mutex<Vec<Handle>>,
}

impl<T: Pod> Buffer<T> {
    pub(crate) fn new(home: Stream, len: usize) -> Result<Self> {
        let bytes = len.checked_mul(size_of::<T>()).ok_or_else(|| {
            Error::Argument(format!(
                "a buffer of {len} values of {} bytes",
                size_of::<T>()
            ))
        })?;
        let address = if bytes == 0 {
            0
        } else {
            home.device().alloc(bytes, home.handle())?
        };
        Ok(Self::of(Memory::new(home, address, bytes), len))
    }

    /// Memory that somebody else allocated, such as another library's array: not freed when the buffer is
    /// dropped.
    ///
    /// # Errors
    /// [`Error::Argument`] for memory that is not aligned to 16 bytes, which kernels read at once, or more
    /// than there can be.
    ///
    /// # Safety
    /// At `address` there must be memory of the stream's device for `len` values, in the context that
    /// CUDA's runtime uses. It must stay there, and nobody else may write to it, or read it while this
    /// writes, until the buffer is dropped and what was queued with it is done.
    pub unsafe fn from_raw(home: &Stream, address: u64, len: usize) -> Result<Self> {
        let bytes = len.checked_mul(size_of::<T>());
        match bytes {
            Some(bytes) if address.is_multiple_of(16) => {
                let mut memory = Memory::new(home.clone(), address, bytes);
                memory.is_foreign = true;
                Ok(Self::of(memory, len))
            }
            _ => Err(Error::Argument(format!(
                "memory of {len} values of {} bytes at {address:#x}, which is not aligned to 16 bytes, or \
                 too much",
                size_of::<T>()
            ))),
        }
    }

    fn of(memory: Memory, len: usize) -> Self {
        Self {
            memory,
            len,
            values: PhantomData,
        }
    }

    /// The same memory, for secrets from now on: it is wiped before it is freed, and so is the
    /// page-locked memory through which its values come and go, before the copy returns. A copy to it
    /// therefore waits for its end, and for what was queued before it.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.memory.secrecy = Secrecy::Secret;
        self
    }

    /// All of it, to read.
    pub fn as_slice(&self) -> Slice<'_, T> {
        self.slice(..)
    }

    /// All of it, to write.
    pub fn as_mut_slice(&mut self) -> SliceMut<'_, T> {
        self.slice_mut(..)
    }

    /// A part of it, to read.
    ///
    /// # Panics
    /// For a range beyond its end.
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Slice<'_, T> {
        let (address, len) = self.part(range);
        Slice(Part::new(&self.memory, address, len))
    }

    /// A part of it, to write.
    ///
    /// # Panics
    /// For a range beyond its end.
    pub fn slice_mut(&mut self, range: impl RangeBounds<usize>) -> SliceMut<'_, T> {
        let (address, len) = self.part(range);
        SliceMut(Part::new(&self.memory, address, len))
    }

    fn part(&self, range: impl RangeBounds<usize>) -> (Handle, usize) {
        part_of::<T>(self.memory.address, self.len, range)
    }
}

/// The address and length of a part of so many values at an address.
fn part_of<T>(address: Handle, len: usize, range: impl RangeBounds<usize>) -> (Handle, usize) {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&before) => before + 1,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last + 1,
        Bound::Excluded(&end) => end,
        Bound::Unbounded => len,
    };
    assert!(
        start <= end && end <= len,
        "{start}..{end} of a buffer of {len}"
    );
    (address + (start * size_of::<T>()) as Handle, end - start)
}

impl<T> Buffer<T> {
    /// The number of values.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The stream it belongs to.
    pub fn stream(&self) -> &Stream {
        &self.memory.home
    }

    /// Where it is, for other libraries: a `CUdeviceptr`, on the emulator an address in the host's memory; 0
    /// for no values. They must not use it after the buffer is dropped, and what is queued on its stream
    /// (see [`Stream::as_raw`]) they must wait for themselves.
    pub fn address(&self) -> u64 {
        self.memory.address
    }

    /// Says now that `stream` will use it. Otherwise that is noted at the first use, which waits for all that was
    /// queued on the buffer's own stream until then; this lets it wait for less.
    ///
    /// # Errors
    /// [`Error::Argument`] for a stream of another device; [`Error::Driver`].
    pub fn share(&self, stream: &Stream) -> Result<()> {
        self.memory.note_use(stream)
    }
}

impl Memory {
    fn new(home: Stream, address: Handle, bytes: usize) -> Self {
        Self {
            home,
            address,
            bytes,
            secrecy: Secrecy::Public,
            is_foreign: false,
            guests: Mutex::default(),
        }
    }

    fn note_use(&self, stream: &Stream) -> Result<()> {
        if *stream == self.home {
            return Ok(());
        }
        if stream.device() != self.home.device() {
            return Err(Error::Argument(format!(
                "a buffer on {} was used on {}",
                self.home.device().info().name,
                stream.device().info().name
            )));
        }
        let mut guests = lock(&self.guests);
        if !guests.contains(&stream.handle()) {
            // What was freed on the home stream may have had this memory, and be at work until now.
            stream.after(&self.home)?;
            guests.push(stream.handle());
        }
        Ok(())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.address == 0 {
            return;
        }
        let device = self.home.device();
        for &guest in lock(&self.guests).iter() {
            if device.order(guest, self.home.handle()).is_err() {
                // Without an event only waiting makes it safe. A failure is told to whoever waits for a
                // result.
                let _ = device.driver().synchronize(guest);
            }
        }
        if self.secrecy == Secrecy::Secret {
            // SAFETY: the memory is there until it is freed, below, or by its owner.
            let _ = unsafe {
                device
                    .driver()
                    .fill(self.address, 0, self.bytes, self.home.handle())
            };
        }
        if !self.is_foreign {
            device.free(self.address, self.bytes, self.home.handle());
        }
    }
}

impl<T> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer")
            .field("len", &self.len)
            .field("device", self.memory.home.device())
            .finish_non_exhaustive()
    }
}

/// A part of a [`Buffer`], to read.
#[derive(Clone, Copy, Debug)]
pub struct Slice<'a, T>(Part<'a, T>);

/// A part of a [`Buffer`], to write. While it lives, nobody else has the buffer.
#[derive(Debug)]
pub struct SliceMut<'a, T>(Part<'a, T>);

struct Part<'a, T> {
    memory: &'a Memory,
    address: Handle,
    len: usize,
    values: PhantomData<&'a [T]>,
}

impl<'a, T> Part<'a, T> {
    fn new(memory: &'a Memory, address: Handle, len: usize) -> Self {
        Self {
            memory,
            address,
            len,
            values: PhantomData,
        }
    }

    fn cast<U>(self) -> Part<'a, U> {
        const {
            assert!(size_of::<T>() == size_of::<U>(), "values of the same size");
        }
        Part::new(self.memory, self.address, self.len)
    }
}

impl<T> fmt::Debug for Part<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("address", &self.address)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

impl<T> Clone for Part<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Part<'_, T> {}

macro_rules! part {
    ($slice:ident) => {
        impl<T> $slice<'_, T> {
            /// The number of values.
            pub fn len(&self) -> usize {
                self.0.len
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.0.len == 0
            }

            pub(crate) fn address(&self) -> Handle {
                self.0.address
            }

            pub(crate) fn secrecy(&self) -> Secrecy {
                self.0.memory.secrecy
            }

            pub(crate) fn note_use(&self, stream: &Stream) -> Result<()> {
                self.0.memory.note_use(stream)
            }
        }
    };
}

impl<'a, T: Pod> Slice<'a, T> {
    /// The same bytes as values of another type, of the same size.
    pub fn cast<U: Pod>(self) -> Slice<'a, U> {
        Slice(self.0.cast())
    }
}

impl<'a, T: Pod> SliceMut<'a, T> {
    /// The same bytes as values of another type, of the same size.
    pub fn cast<U: Pod>(self) -> SliceMut<'a, U> {
        SliceMut(self.0.cast())
    }
}

impl<'a, T> Slice<'a, T> {
    /// A part of it.
    ///
    /// # Panics
    /// For a range beyond its end.
    pub fn slice(self, range: impl RangeBounds<usize>) -> Slice<'a, T> {
        let (address, len) = part_of::<T>(self.0.address, self.0.len, range);
        Slice(Part::new(self.0.memory, address, len))
    }
}

part!(Slice);
part!(SliceMut);

impl<T> SliceMut<'_, T> {
    /// The same part, to read.
    pub fn as_slice(&self) -> Slice<'_, T> {
        Slice(self.0)
    }

    /// The same part, to be given away for a shorter time.
    pub fn reborrow(&mut self) -> SliceMut<'_, T> {
        SliceMut(self.0)
    }
}

impl<'a, T: Pod> From<&'a Buffer<T>> for Slice<'a, T> {
    fn from(buffer: &'a Buffer<T>) -> Self {
        buffer.as_slice()
    }
}

impl<'a, T: Pod> From<&'a mut Buffer<T>> for SliceMut<'a, T> {
    fn from(buffer: &'a mut Buffer<T>) -> Self {
        buffer.as_mut_slice()
    }
}
