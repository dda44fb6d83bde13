//! libcuda: found at run time, its functions, and what it says of a failure.
//!
//! Nothing links CUDA: one binary runs with and without a driver. The signatures are those of `cuda.h`
//! of CUDA 13; where that header renames a function (`#define cuMemGetInfo cuMemGetInfo_v2`), the table
//! below has the new name. A driver keeps every name it ever had, so a newer one has these too.

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::Arc;

use crate::{Error, Result};

/// `CUresult`.
pub(super) type Code = c_int;
/// `CUdevice`: a device's number.
pub(super) type Ordinal = c_int;
/// `CUcontext`, `CUstream`, `CUevent`, `CUmodule`, `CUfunction`, `CUmemoryPool`: all opaque pointers.
pub(super) type Object = *mut c_void;
/// `CUdeviceptr`.
pub(super) type Address = u64;

pub(super) const SUCCESS: Code = 0;
pub(super) const INVALID_VALUE: Code = 1;
pub(super) const OUT_OF_MEMORY: Code = 2;
const STUB_LIBRARY: Code = 34;
const NO_DEVICE: Code = 100;
pub(super) const NOT_FOUND: Code = 500;

/// The failures of a module that has no code for the chip, or only such code as this driver cannot
/// compile for it: NO_BINARY_FOR_GPU, INVALID_PTX, JIT_COMPILER_NOT_FOUND, UNSUPPORTED_PTX_VERSION,
/// JIT_COMPILATION_DISABLED and INVALID_SOURCE.
pub(super) const NO_CODE: [Code; 6] = [209, 218, 221, 222, 223, 300];

/// Where the driver's library is: a name, which the system's loader knows how to find.
pub(super) const NAME: &str = if cfg!(windows) {
    "nvcuda.dll"
} else {
    "libcuda.so.1"
};

/// `CUmemPoolProps`.
#[repr(C)]
pub(super) struct PoolProperties {
    pub(super) allocation: c_int,
    pub(super) handles: c_int,
    pub(super) location: c_int,
    pub(super) ordinal: Ordinal,
    pub(super) security: *mut c_void,
    pub(super) max_size: usize,
    pub(super) usage: u16,
    pub(super) reserved: [u8; 54],
}

macro_rules! functions {
    ($($name:ident = $symbol:literal ($($argument:ty),*);)*) => {
        /// The driver's functions, by the names they have in its manual.
        #[allow(non_snake_case)]
        pub(super) struct Functions {
            $(pub(super) $name: unsafe extern "system" fn($($argument),*) -> Code,)*
        }

        impl Functions {
            fn find(library: &libloading::Library) -> core::result::Result<Self, libloading::Error> {
                Ok(Self {
                    // SAFETY: the function has this type in cuda.h.
                    $($name: *unsafe { library.get($symbol)? },)*
                })
            }
        }
    };
}

functions! {
    cuDeviceGetCount = b"cuDeviceGetCount" (*mut c_int);
    cuDeviceGet = b"cuDeviceGet" (*mut Ordinal, c_int);
    cuDeviceGetName = b"cuDeviceGetName" (*mut c_char, c_int, Ordinal);
    cuDeviceGetAttribute = b"cuDeviceGetAttribute" (*mut c_int, c_int, Ordinal);
    cuDeviceTotalMem = b"cuDeviceTotalMem_v2" (*mut usize, Ordinal);
    cuDevicePrimaryCtxRetain = b"cuDevicePrimaryCtxRetain" (*mut Object, Ordinal);
    cuDevicePrimaryCtxRelease = b"cuDevicePrimaryCtxRelease_v2" (Ordinal);
    cuCtxGetCurrent = b"cuCtxGetCurrent" (*mut Object);
    cuCtxSetCurrent = b"cuCtxSetCurrent" (Object);
    cuCtxSynchronize = b"cuCtxSynchronize" ();
    cuModuleLoadData = b"cuModuleLoadData" (*mut Object, *const c_void);
    cuModuleUnload = b"cuModuleUnload" (Object);
    cuModuleGetFunction = b"cuModuleGetFunction" (*mut Object, Object, *const c_char);
    cuFuncSetAttribute = b"cuFuncSetAttribute" (Object, c_int, c_int);
    cuFuncGetParamInfo = b"cuFuncGetParamInfo" (Object, usize, *mut usize, *mut usize);
    cuStreamCreate = b"cuStreamCreate" (*mut Object, c_uint);
    cuStreamDestroy = b"cuStreamDestroy_v2" (Object);
    cuStreamSynchronize = b"cuStreamSynchronize" (Object);
    cuStreamWaitEvent = b"cuStreamWaitEvent" (Object, Object, c_uint);
    cuEventCreate = b"cuEventCreate" (*mut Object, c_uint);
    cuEventDestroy = b"cuEventDestroy_v2" (Object);
    cuEventRecord = b"cuEventRecord" (Object, Object);
    cuEventSynchronize = b"cuEventSynchronize" (Object);
    cuEventElapsedTime = b"cuEventElapsedTime" (*mut f32, Object, Object);
    cuMemGetInfo = b"cuMemGetInfo_v2" (*mut usize, *mut usize);
    cuMemPoolCreate = b"cuMemPoolCreate" (*mut Object, *const PoolProperties);
    cuMemPoolDestroy = b"cuMemPoolDestroy" (Object);
    cuMemPoolSetAttribute = b"cuMemPoolSetAttribute" (Object, c_int, *mut c_void);
    cuMemPoolTrimTo = b"cuMemPoolTrimTo" (Object, usize);
    cuMemAllocFromPoolAsync = b"cuMemAllocFromPoolAsync" (*mut Address, usize, Object, Object);
    cuMemFreeAsync = b"cuMemFreeAsync" (Address, Object);
    cuMemHostAlloc = b"cuMemHostAlloc" (*mut *mut c_void, usize, c_uint);
    cuMemFreeHost = b"cuMemFreeHost" (*mut c_void);
    cuMemcpyHtoDAsync = b"cuMemcpyHtoDAsync_v2" (Address, *const c_void, usize, Object);
    cuMemcpyDtoHAsync = b"cuMemcpyDtoHAsync_v2" (*mut c_void, Address, usize, Object);
    cuMemcpyDtoDAsync = b"cuMemcpyDtoDAsync_v2" (Address, Address, usize, Object);
    cuMemsetD8Async = b"cuMemsetD8Async" (Address, u8, usize, Object);
    cuLaunchKernel = b"cuLaunchKernel" (
        Object, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, Object, *mut *mut c_void,
        *mut *mut c_void
    );
}

type Init = unsafe extern "system" fn(c_uint) -> Code;
type GetVersion = unsafe extern "system" fn(*mut c_int) -> Code;
type Describe = unsafe extern "system" fn(Code, *mut *const c_char) -> Code;

/// The driver's library, initialised.
pub(super) struct Library {
    pub(super) functions: Functions,
    /// The CUDA version it supports, as in [`Error::DriverTooOld`].
    pub(super) version: u32,
    texts: Texts,
}

/// `cuGetErrorName` and `cuGetErrorString`.
#[derive(Clone, Copy)]
struct Texts {
    name: Option<Describe>,
    text: Option<Describe>,
}

impl Library {
    /// Loads and initialises the library at `path`, which must support at least the CUDA version
    /// `needed`.
    pub(super) fn load(path: &str, needed: u32) -> Result<Arc<Self>> {
        // SAFETY: libcuda's initialisers ask nothing of those who load it.
        let library = unsafe { libloading::Library::new(path) }
            .map_err(|error| Error::NoDriver(reason(&error)))?;
        let found = Self::of(&library, path, needed);
        // The driver has threads and handlers at exit of its own: it is never unloaded.
        core::mem::forget(library);
        found.map(Arc::new)
    }

    fn of(library: &libloading::Library, path: &str, needed: u32) -> Result<Self> {
        // A library that lacks what drivers have is none, whatever its name.
        let stub = |_| Error::Stub(path.into());
        // SAFETY: the function has this type in cuda.h.
        let init: Init = *unsafe { library.get(b"cuInit") }.map_err(stub)?;
        // SAFETY: as before.
        let get_version: GetVersion =
            *unsafe { library.get(b"cuDriverGetVersion") }.map_err(stub)?;
        let texts = Texts {
            // SAFETY: as before.
            name: unsafe { library.get(b"cuGetErrorName") }.ok().map(|f| *f),
            // SAFETY: as before.
            text: unsafe { library.get(b"cuGetErrorString") }.ok().map(|f| *f),
        };
        let check = |call, code| match code {
            SUCCESS => Ok(()),
            STUB_LIBRARY => Err(Error::Stub(path.into())),
            NO_DEVICE => Err(no_device(texts, call)),
            _ => Err(texts.error(call, code)),
        };

        let mut version = 0;
        // SAFETY: the driver writes its version to the place given; no call need come before.
        check("cuDriverGetVersion", unsafe { get_version(&mut version) })?;
        let version = u32::try_from(version).unwrap_or(0);
        // Before anything else is looked for, which an old driver may lack.
        if version < needed {
            return Err(Error::DriverTooOld {
                found: version,
                needed,
            });
        }
        // SAFETY: the flags must be 0. It may be called any number of times.
        check("cuInit", unsafe { init(0) })?;
        Ok(Self {
            functions: Functions::find(library).map_err(stub)?,
            version,
            texts,
        })
    }

    /// The number of devices, which is not 0.
    pub(super) fn count(&self) -> Result<usize> {
        let mut count = 0;
        // SAFETY: the driver writes the number to the place given.
        let code = unsafe { (self.functions.cuDeviceGetCount)(&mut count) };
        self.check("cuDeviceGetCount", code)?;
        match usize::try_from(count) {
            Ok(0) | Err(_) => Err(no_device(self.texts, "cuDeviceGetCount")),
            Ok(count) => Ok(count),
        }
    }

    /// The error, if the call's code is one.
    pub(super) fn check(&self, call: &'static str, code: Code) -> Result<()> {
        if code == SUCCESS {
            return Ok(());
        }
        Err(self.texts.error(call, code))
    }
}

impl Texts {
    fn error(self, call: &'static str, code: Code) -> Error {
        let ask = |describe: Option<Describe>| {
            let mut text = core::ptr::null();
            // SAFETY: the driver writes to the place given: a pointer, or null for a code it does not know.
            let _ = unsafe { describe?(code, &mut text) };
            if text.is_null() {
                return None;
            }
            // SAFETY: not null, it is a string that the driver has for good.
            let text = unsafe { CStr::from_ptr(text) };
            Some(text.to_string_lossy().into_owned())
        };
        Error::Driver {
            call,
            code: code.unsigned_abs(),
            name: ask(self.name).unwrap_or_else(|| "unknown".into()),
            text: ask(self.text).unwrap_or_else(|| "the driver has no words for it".into()),
        }
    }
}

/// The loader's own words.
fn reason(error: &libloading::Error) -> String {
    use std::error::Error as _;

    let reason = error.source().map(ToString::to_string);
    reason.unwrap_or_else(|| error.to_string())
}

fn no_device(texts: Texts, call: &'static str) -> Error {
    let reason = match std::env::var("CUDA_VISIBLE_DEVICES") {
        Ok(visible) => format!("CUDA_VISIBLE_DEVICES is \"{visible}\""),
        Err(_) => texts.error(call, NO_DEVICE).to_string(),
    };
    Error::NoDevice(reason)
}
