//! A device, and the account of its memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::driver::{Driver, Handle, Kernel};
use crate::staging::Staging;
use crate::{EmulatorOptions, Error, Result, Stream};

/// What runs the kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A GPU.
    Nvidia,
    /// The host's processor.
    Emulator,
}

/// What a device is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceInfo {
    /// What runs the kernels.
    pub kind: Kind,
    /// Its name, such as "NVIDIA H200".
    pub name: String,
    /// Its number among the devices of its kind.
    pub ordinal: usize,
    /// Compute capability, such as (9, 0).
    pub capability: (u32, u32),
    /// The number of multiprocessors.
    pub multiprocessors: u32,
    /// The highest clock of the multiprocessors in kHz; 0 if not known.
    pub clock_khz: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// The most shared memory of a block, in bytes.
    pub shared_memory: u32,
    /// The CUDA version of the driver, as in [`Error::DriverTooOld`]; 0 for the emulator.
    pub driver_version: u32,
}

/// Device memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryUse {
    /// The most that may be in use: at first, what was free when the device was opened.
    pub budget: u64,
    /// In use now.
    pub live: u64,
    /// The most that was in use since the start or since [`Device::reset_peak`].
    pub peak: u64,
}

impl MemoryUse {
    fn check_room(&self, bytes: u64) -> Result<()> {
        let Self { budget, live, .. } = *self;
        if bytes > budget.saturating_sub(live) {
            return Err(Error::OutOfMemory {
                asked: bytes,
                live,
                budget,
            });
        }
        Ok(())
    }
}

/// A device. Clones are the same device.
#[derive(Clone)]
pub struct Device(Arc<Inner>);

struct Inner {
    // Before the driver, which it frees its memory with.
    staging: Staging,
    driver: Arc<dyn Driver>,
    kernels: Mutex<HashMap<&'static str, Arc<Kernel>>>,
    memory: Mutex<MemoryUse>,
    /// Streams that are not in use: empty, and given out again before new ones are made. None is destroyed
    /// before the device is, so buffers may remember them by their handles.
    idle_streams: Mutex<Vec<Handle>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        for stream in lock(&self.idle_streams).drain(..) {
            self.driver.destroy_stream(stream);
        }
    }
}

impl Device {
    /// The GPU with this number, counted from 0.
    ///
    /// # Errors
    /// Why it cannot be used: see [`Error`].
    pub fn nvidia(ordinal: usize) -> Result<Self> {
        crate::nvidia::open(ordinal).map(Self::new)
    }

    /// The number of GPUs.
    ///
    /// # Errors
    /// Why there are none: see [`Error`].
    pub fn nvidia_count() -> Result<usize> {
        crate::nvidia::count()
    }

    /// An emulated device of its own, without checks.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] without the feature `emulator`.
    pub fn emulator() -> Result<Self> {
        Self::emulator_with(&EmulatorOptions::default())
    }

    /// [`Device::emulator`] with options.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] without the feature `emulator`.
    pub fn emulator_with(options: &EmulatorOptions) -> Result<Self> {
        crate::emulator::open(options).map(Self::new)
    }

    pub(crate) fn new(driver: Arc<dyn Driver>) -> Self {
        let budget = driver.free_memory();
        driver.keep(budget);
        Self(Arc::new(Inner {
            staging: Staging::new(driver.clone()),
            driver,
            kernels: Mutex::default(),
            memory: Mutex::new(MemoryUse {
                budget,
                ..MemoryUse::default()
            }),
            idle_streams: Mutex::default(),
        }))
    }

    /// What it is.
    pub fn info(&self) -> &DeviceInfo {
        self.0.driver.info()
    }

    /// An empty stream. One that was dropped is used again.
    ///
    /// # Errors
    /// [`Error::Driver`].
    pub fn stream(&self) -> Result<Stream> {
        Stream::new(self.clone())
    }

    /// Waits until all that was queued is done, on all streams: on a GPU on those of other libraries too, which
    /// share its primary context.
    ///
    /// # Errors
    /// The first failure of what was queued.
    pub fn synchronize(&self) -> Result<()> {
        self.driver().synchronize_all()
    }

    /// How much memory is used through this device and its clones.
    pub fn memory(&self) -> MemoryUse {
        *self.account()
    }

    /// Sets the most memory that may be in use; allocations beyond it fail with
    /// [`Error::OutOfMemory`]. What is in use stays.
    pub fn set_budget(&self, bytes: u64) {
        self.account().budget = bytes;
        self.driver().keep(bytes);
    }

    /// Begins the measurement of [`MemoryUse::peak`] anew.
    pub fn reset_peak(&self) {
        let mut account = self.account();
        account.peak = account.live;
    }

    /// Fails now, if `bytes` more would not fit into the budget, rather than in the middle of the work.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn check_room(&self, bytes: u64) -> Result<()> {
        self.memory().check_room(bytes)
    }

    pub(crate) fn driver(&self) -> &dyn Driver {
        &*self.0.driver
    }

    pub(crate) fn staging(&self) -> &Staging {
        &self.0.staging
    }

    pub(crate) fn kernel(&self, name: &'static str) -> Result<Arc<Kernel>> {
        let mut kernels = lock(&self.0.kernels);
        if let Some(kernel) = kernels.get(name) {
            return Ok(kernel.clone());
        }
        let kernel = Arc::new(self.driver().kernel(name)?);
        kernels.insert(name, kernel.clone());
        Ok(kernel)
    }

    /// The handle of a stream that nobody else has.
    pub(crate) fn take_stream(&self) -> Result<Handle> {
        let idle = lock(&self.0.idle_streams).pop();
        idle.map_or_else(|| self.driver().create_stream(), Ok)
    }

    /// Takes a stream back, which must be empty.
    pub(crate) fn put_stream(&self, stream: Handle) {
        lock(&self.0.idle_streams).push(stream);
    }

    /// Lets what is queued on `later` from now on wait for all that is queued on `earlier`.
    pub(crate) fn order(&self, earlier: Handle, later: Handle) -> Result<()> {
        let event = self.driver().create_event()?;
        let recorded = self.driver().record(event, earlier);
        let outcome = recorded.and_then(|()| self.driver().wait(later, event));
        // Whoever waits for it already goes on doing so.
        self.driver().destroy_event(event);
        outcome
    }

    pub(crate) fn alloc(&self, bytes: usize, stream: Handle) -> Result<Handle> {
        // Counted before it is there, so that two threads do not take the same room.
        self.take(bytes as u64)?;
        let address = self.driver().alloc(bytes, stream);
        let mut account = self.account();
        match address {
            Ok(_) => account.peak = account.peak.max(account.live),
            Err(_) => account.live -= bytes as u64,
        }
        address
    }

    pub(crate) fn free(&self, address: Handle, bytes: usize, stream: Handle) {
        self.driver().free(address, stream);
        self.account().live -= bytes as u64;
    }

    fn take(&self, bytes: u64) -> Result<()> {
        let mut account = self.account();
        account.check_room(bytes)?;
        account.live += bytes;
        Ok(())
    }

    fn account(&self) -> MutexGuard<'_, MemoryUse> {
        lock(&self.0.memory)
    }
}

/// Locks, whatever happened to another thread that held the lock: what is guarded here is never left
/// half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PartialEq for Device {
    /// Whether both are the same device.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Device {}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Device").field(&self.info().name).finish()
    }
}
