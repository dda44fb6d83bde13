//! Streams and events.

use std::fmt;
use std::sync::Arc;

use bytemuck::Pod;

use crate::driver::Handle;
use crate::{Buffer, Call, Device, Error, Result, Slice, SliceMut};

/// A queue of work on a device. Clones are the same queue; it is emptied before it ends.
#[derive(Clone)]
pub struct Stream(Arc<Inner>);

struct Inner {
    device: Device,
    handle: Handle,
}

impl Stream {
    pub(crate) fn new(device: Device) -> Result<Self> {
        let handle = device.take_stream()?;
        Ok(Self(Arc::new(Inner { device, handle })))
    }

    /// The device it belongs to.
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    pub(crate) fn handle(&self) -> Handle {
        self.0.handle
    }

    /// The stream for other libraries: a `CUstream`, which the runtime calls `cudaStream_t`; on the emulator a
    /// number without meaning. They must not use it after the last clone of this is dropped.
    pub fn as_raw(&self) -> u64 {
        self.handle()
    }

    /// Waits until all that was queued is done.
    ///
    /// # Errors
    /// The first failure of what was queued.
    pub fn synchronize(&self) -> Result<()> {
        self.device().driver().synchronize(self.handle())
    }

    /// An event that stands for all that was queued so far.
    ///
    /// # Errors
    /// [`Error::Driver`].
    pub fn record(&self) -> Result<Event> {
        let event = Event {
            handle: self.device().driver().create_event()?,
            device: self.device().clone(),
        };
        self.device().driver().record(event.handle, self.handle())?;
        Ok(event)
    }

    /// Lets what is queued from now on wait for the event.
    ///
    /// # Errors
    /// [`Error::Driver`]; [`Error::Argument`] for an event of another device.
    pub fn wait(&self, event: &Event) -> Result<()> {
        if event.device != *self.device() {
            return Err(Error::Argument(
                "an event of another device cannot be waited for".into(),
            ));
        }
        self.device().driver().wait(self.handle(), event.handle)
    }

    /// Lets what is queued here from now on wait for all that is queued on `other` so far.
    ///
    /// # Errors
    /// As [`Stream::wait`].
    pub fn after(&self, other: &Self) -> Result<()> {
        if self == other {
            return Ok(());
        }
        self.wait(&other.record()?)
    }

    /// Memory for `len` values, which are whatever was there.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn alloc<T: Pod>(&self, len: usize) -> Result<Buffer<T>> {
        Buffer::new(self.clone(), len)
    }

    /// Memory for `len` values of zero bytes.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn zeros<T: Pod>(&self, len: usize) -> Result<Buffer<T>> {
        let mut buffer = self.alloc(len)?;
        self.zero(buffer.as_mut_slice())?;
        Ok(buffer)
    }

    /// A copy of `values`. They may change as soon as this returns.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::Driver`].
    pub fn upload<T: Pod>(&self, values: &[T]) -> Result<Buffer<T>> {
        let mut buffer = self.alloc(values.len())?;
        self.write(buffer.as_mut_slice(), values)?;
        Ok(buffer)
    }

    /// [`Stream::upload`] to a [secret](Buffer::secret) buffer, which waits until the copy is done.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::Driver`].
    pub fn upload_secret<T: Pod>(&self, values: &[T]) -> Result<Buffer<T>> {
        let mut buffer = self.alloc(values.len())?.secret();
        self.write(buffer.as_mut_slice(), values)?;
        Ok(buffer)
    }

    /// Copies `values` to `destination`, which is as long. They may change as soon as this returns.
    ///
    /// # Errors
    /// [`Error::Argument`] for another length, [`Error::Driver`].
    pub fn write<T: Pod>(&self, destination: SliceMut<'_, T>, values: &[T]) -> Result<()> {
        same_length(destination.len(), values.len())?;
        destination.note_use(self)?;
        self.device().staging().upload(
            destination.address(),
            bytemuck::cast_slice(values),
            self.handle(),
            destination.secrecy(),
        )
    }

    /// The values in `source`, after all that was queued here. Waits for them.
    ///
    /// # Errors
    /// The first failure of what was queued.
    pub fn download<'a, T: Pod>(&self, source: impl Into<Slice<'a, T>>) -> Result<Vec<T>> {
        let source = source.into();
        let mut values = vec![T::zeroed(); source.len()];
        self.read(source, &mut values)?;
        Ok(values)
    }

    /// Copies `source` to `values`, which is as long, and waits for it.
    ///
    /// # Errors
    /// [`Error::Argument`] for another length; the first failure of what was queued.
    pub fn read<T: Pod>(&self, source: Slice<'_, T>, values: &mut [T]) -> Result<()> {
        same_length(source.len(), values.len())?;
        source.note_use(self)?;
        self.device().staging().download(
            bytemuck::cast_slice_mut(values),
            source.address(),
            self.handle(),
            source.secrecy(),
        )
    }

    /// Copies `source` to `destination`, which is as long, on the device.
    ///
    /// # Errors
    /// [`Error::Argument`] for another length, [`Error::Driver`].
    pub fn copy<T: Pod>(&self, destination: SliceMut<'_, T>, source: Slice<'_, T>) -> Result<()> {
        same_length(destination.len(), source.len())?;
        destination.note_use(self)?;
        source.note_use(self)?;
        let bytes = size_of::<T>() * source.len();
        if bytes == 0 {
            return Ok(());
        }
        let driver = self.device().driver();
        // SAFETY: both are inside buffers, and a mutable slice overlaps no other.
        unsafe {
            driver.copy_on_device(
                destination.address(),
                source.address(),
                bytes,
                self.handle(),
            )
        }
    }

    /// Fills `destination` with zero bytes.
    ///
    /// # Errors
    /// [`Error::Driver`].
    pub fn zero<T: Pod>(&self, destination: SliceMut<'_, T>) -> Result<()> {
        destination.note_use(self)?;
        let bytes = size_of::<T>() * destination.len();
        if bytes == 0 {
            return Ok(());
        }
        let driver = self.device().driver();
        // SAFETY: a slice is inside a buffer.
        unsafe { driver.fill(destination.address(), 0, bytes, self.handle()) }
    }

    /// A call of the kernel with this name, to be given its extent and arguments.
    pub fn call(&self, kernel: &'static str) -> Call<'_> {
        Call::new(self, kernel)
    }
}

fn same_length(destination: usize, source: usize) -> Result<()> {
    if destination == source {
        return Ok(());
    }
    Err(Error::Argument(format!(
        "a copy of {source} values to a place for {destination}"
    )))
}

impl PartialEq for Stream {
    /// Whether both are the same queue.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Stream {}

impl Drop for Inner {
    fn drop(&mut self) {
        // A failure was, or will be, told to whoever waits for a result.
        let _ = self.device.driver().synchronize(self.handle);
        self.device.put_stream(self.handle);
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("device", self.device())
            .finish_non_exhaustive()
    }
}

/// A point in a stream's work.
#[derive(Debug)]
pub struct Event {
    device: Device,
    handle: Handle,
}

impl Event {
    /// Waits until it is reached.
    ///
    /// # Errors
    /// The first failure of what came before it.
    pub fn synchronize(&self) -> Result<()> {
        self.device.driver().synchronize_event(self.handle)
    }

    /// Milliseconds from `earlier` to this event, both of which must have been reached.
    ///
    /// # Errors
    /// [`Error::Driver`]; [`Error::Argument`] for events of two devices.
    pub fn since(&self, earlier: &Self) -> Result<f32> {
        if self.device != earlier.device {
            return Err(Error::Argument(
                "there is no time between events of two devices".into(),
            ));
        }
        self.device.driver().elapsed(earlier.handle, self.handle)
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        self.device.driver().destroy_event(self.handle);
    }
}
