//! A device that is an NVIDIA GPU, driven through libcuda.

mod calls;
mod kernels;
mod library;
#[cfg(test)]
mod tests;

use core::ffi::{c_char, c_int, c_void};
use core::fmt;
use core::ptr;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use self::kernels::Kernels;
use self::library::{Code, Functions, Library, Object, Ordinal, PoolProperties};
use crate::device::lock;
use crate::driver::{Driver, Handle};
use crate::{DeviceInfo, Error, Kind, Result};

pub use self::kernels::{KERNEL_ARCHS, KERNEL_HASH};

/// CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_LOCATION_TYPE_DEVICE.
const PINNED: c_int = 1;
const ON_DEVICE: c_int = 1;
/// CUdevice_attribute.
mod attribute {
    use core::ffi::c_int;

    pub(super) const CLOCK_RATE: c_int = 13;
    pub(super) const MULTIPROCESSORS: c_int = 16;
    pub(super) const CAPABILITY_MAJOR: c_int = 75;
    pub(super) const CAPABILITY_MINOR: c_int = 76;
    pub(super) const SHARED_MEMORY_OPT_IN: c_int = 97;
}

/// The GPU with this number.
pub(crate) fn open(ordinal: usize) -> Result<Arc<dyn Driver>> {
    open_with(library::NAME, kernels::BUILT, ordinal)
}

/// The number of GPUs.
pub(crate) fn count() -> Result<usize> {
    Library::load(library::NAME, kernels::BUILT.driver_needed())?.count()
}

fn open_with(path: &str, kernels: Kernels, ordinal: usize) -> Result<Arc<dyn Driver>> {
    let library = Library::load(path, kernels.driver_needed())?;
    Ok(Arc::new(Nvidia::new(library, kernels, ordinal)?))
}

/// A GPU's primary context, which CUDA's runtime and every other library in the process use too.
struct Nvidia {
    library: Arc<Library>,
    info: DeviceInfo,
    device: Ordinal,
    context: Opaque,
    /// What device memory comes from: our own, so that what we keep for later is ours to give back.
    pool: Opaque,
    kernels: Kernels,
    /// The modules of those families that were used, by their index.
    modules: Mutex<HashMap<usize, Opaque>>,
    /// The dynamic shared memory that kernels may have, where it is more than the default.
    shared: Mutex<HashMap<Handle, u32>>,
}

/// An object of the driver, which it lets any thread use at any time.
#[derive(Clone, Copy)]
struct Opaque(Object);

// SAFETY: the driver's functions may be called with any object from any thread.
unsafe impl Send for Opaque {}
// SAFETY: as before.
unsafe impl Sync for Opaque {}

impl Nvidia {
    fn new(library: Arc<Library>, kernels: Kernels, ordinal: usize) -> Result<Self> {
        let count = library.count()?;
        if ordinal >= count {
            return Err(Error::NoSuchDevice { ordinal, count });
        }
        let mut device = 0;
        // SAFETY: the driver writes the device's number to the place given.
        let code = unsafe { (library.functions.cuDeviceGet)(&mut device, ordinal as c_int) };
        library.check("cuDeviceGet", code)?;
        let info = describe(&library, device, ordinal)?;
        kernels.check(&info.name, info.capability, library.version)?;

        let mut context = ptr::null_mut();
        // SAFETY: the driver writes the context to the place given.
        let code = unsafe { (library.functions.cuDevicePrimaryCtxRetain)(&mut context, device) };
        library.check("cuDevicePrimaryCtxRetain", code)?;
        // From here on dropping it gives back the context.
        let mut this = Self {
            library,
            info,
            device,
            context: Opaque(context),
            pool: Opaque(ptr::null_mut()),
            kernels,
            modules: Mutex::default(),
            shared: Mutex::default(),
        };
        this.pool = this.create_pool()?;
        // The smallest family now, so that a chip that cannot run them is refused here.
        let families = kernels.families.iter().enumerate();
        if let Some((smallest, _)) = families.min_by_key(|(_, family)| family.image.len()) {
            this.module(smallest)?;
        }
        Ok(this)
    }

    fn create_pool(&self) -> Result<Opaque> {
        let _current = self.enter()?;
        let properties = PoolProperties {
            allocation: PINNED,
            handles: 0,
            location: ON_DEVICE,
            ordinal: self.device,
            security: ptr::null_mut(),
            max_size: 0,
            usage: 0,
            reserved: [0; 54],
        };
        let mut pool = ptr::null_mut();
        // SAFETY: the driver reads the properties and writes the pool to the place given.
        let code = unsafe { (self.cuda().cuMemPoolCreate)(&mut pool, &properties) };
        self.check("cuMemPoolCreate", code)?;
        Ok(Opaque(pool))
    }

    /// Makes the context the thread's, until the guard is dropped.
    fn enter(&self) -> Result<Current<'_>> {
        let mut before = ptr::null_mut();
        // SAFETY: the driver writes the context to the place given.
        let code = unsafe { (self.cuda().cuCtxGetCurrent)(&mut before) };
        self.check("cuCtxGetCurrent", code)?;
        let changed = before != self.context.0;
        if changed {
            // SAFETY: the context is retained.
            let code = unsafe { (self.cuda().cuCtxSetCurrent)(self.context.0) };
            self.check("cuCtxSetCurrent", code)?;
        }
        Ok(Current {
            library: &self.library,
            before: changed.then_some(before),
        })
    }

    /// The module of the family with this index.
    fn module(&self, family: usize) -> Result<Opaque> {
        let mut modules = lock(&self.modules);
        if let Some(&module) = modules.get(&family) {
            return Ok(module);
        }
        let _current = self.enter()?;
        let image = self.kernels.families[family].image.as_ptr();
        let mut module = ptr::null_mut();
        // SAFETY: the image is a fat binary, which says itself how long it is.
        let code = unsafe { (self.cuda().cuModuleLoadData)(&mut module, image.cast::<c_void>()) };
        self.check_code("cuModuleLoadData", code)?;
        modules.insert(family, Opaque(module));
        Ok(Opaque(module))
    }

    fn cuda(&self) -> &Functions {
        &self.library.functions
    }

    fn check(&self, call: &'static str, code: Code) -> Result<()> {
        self.library.check(call, code)
    }

    /// [`Self::check`], for calls that fail if there is no code for the chip.
    fn check_code(&self, call: &'static str, code: Code) -> Result<()> {
        if library::NO_CODE.contains(&code) {
            return Err(self
                .kernels
                .no_kernels(&self.info.name, self.info.capability));
        }
        self.check(call, code)
    }
}

/// What the driver knows of a device.
fn describe(library: &Library, device: Ordinal, ordinal: usize) -> Result<DeviceInfo> {
    let attribute = |which| {
        let mut value = 0;
        // SAFETY: the driver writes the value to the place given.
        let code = unsafe { (library.functions.cuDeviceGetAttribute)(&mut value, which, device) };
        library.check("cuDeviceGetAttribute", code)?;
        Ok(u32::try_from(value).unwrap_or(0))
    };
    let mut name = [0u8; 256];
    // The last byte is not given away, and stays 0.
    let room = name.len() as c_int - 1;
    // SAFETY: the driver writes at most as many bytes as there is room for.
    let code = unsafe {
        (library.functions.cuDeviceGetName)(name.as_mut_ptr().cast::<c_char>(), room, device)
    };
    library.check("cuDeviceGetName", code)?;
    let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
    let mut memory = 0;
    // SAFETY: the driver writes the number of bytes to the place given.
    let code = unsafe { (library.functions.cuDeviceTotalMem)(&mut memory, device) };
    library.check("cuDeviceTotalMem", code)?;
    Ok(DeviceInfo {
        kind: Kind::Nvidia,
        name: String::from_utf8_lossy(name).into_owned(),
        ordinal,
        capability: (
            attribute(attribute::CAPABILITY_MAJOR)?,
            attribute(attribute::CAPABILITY_MINOR)?,
        ),
        multiprocessors: attribute(attribute::MULTIPROCESSORS)?,
        clock_khz: attribute(attribute::CLOCK_RATE)?,
        memory: memory as u64,
        shared_memory: attribute(attribute::SHARED_MEMORY_OPT_IN)?,
        driver_version: library.version,
    })
}

/// While it lives, a context is the thread's. Then the one before is, so that whoever else uses CUDA on
/// this thread, with another device, finds it as it was.
struct Current<'a> {
    library: &'a Library,
    before: Option<Object>,
}

impl Drop for Current<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            // SAFETY: it was current, or null, and nobody but this thread could have ended it since.
            let _ = unsafe { (self.library.functions.cuCtxSetCurrent)(before) };
        }
    }
}

impl Drop for Nvidia {
    fn drop(&mut self) {
        // Failures have nobody to be told to: the device is lost, or the process is ending.
        if let Ok(_current) = self.enter() {
            for module in lock(&self.modules).values() {
                // SAFETY: nothing runs any more: every stream was synchronised and destroyed.
                let _ = unsafe { (self.cuda().cuModuleUnload)(module.0) };
            }
            if !self.pool.0.is_null() {
                // SAFETY: the pool is ours; every buffer was freed.
                let _ = unsafe { (self.cuda().cuMemPoolDestroy)(self.pool.0) };
            }
        }
        // SAFETY: it was retained once.
        let _ = unsafe { (self.cuda().cuDevicePrimaryCtxRelease)(self.device) };
    }
}

impl fmt::Debug for Nvidia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nvidia")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}
