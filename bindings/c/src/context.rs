//! Where the work is done.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use zkiln::Cancel;
use zkiln::backend::{Backend, Device, Kind};

use crate::border::{self, Border};
use crate::forks;
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Failure, Result, ZKILN_E_DEVICE, ZKILN_E_FORKED, guard, zkiln_status};
use crate::threads::Threads;
use crate::watch::{self, Log, Progress, zkiln_log_fn};

/// Threads and a backend: where everything is done that is made in this context.
///
/// Any number of threads may use a context, and what was made in it, at once. It may be destroyed before
/// them: its threads end with the last of them.
///
/// Threads do not survive a fork. In a process that was forked off, every call with a handle from before the
/// fork returns ZKILN_E_FORKED; destroying such handles is allowed and gives nothing back. The new process
/// may make contexts of its own, on the processor: CUDA cannot be used after a fork if it was before.
pub struct zkiln_context(Arc<Context>);

impl Handle for zkiln_context {
    const NAME: &'static str = "the context";

    fn context(&self) -> &Arc<Context> {
        &self.0
    }
}

/// How a context is made. Zeros are the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_context_options {
    /// sizeof(zkiln_context_options).
    pub struct_size: usize,
    /// "cpu"; "cuda", the first GPU; "cuda:N"; "emulator", the GPU's kernels on this processor, very slowly;
    /// "auto", a GPU if there is one that can be used, and else the processor. NULL is "auto". A GPU that
    /// is asked for by name is used or refused.
    pub backend: *const c_char,
    /// The most device memory that is used at once, in bytes; 0 for all there is.
    pub device_memory: u64,
    /// Called with what is good to know; NULL for nobody.
    pub log: zkiln_log_fn,
    /// What log is called with.
    pub log_user: *mut c_void,
    /// The number of threads; 0 for one for each core.
    pub threads: u32,
    /// Must be 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers and pointers that may be null, 48 bytes without padding, the size first.
unsafe impl Growable for zkiln_context_options {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// The kind of backend that is this machine's processor.
pub const ZKILN_BACKEND_CPU: u32 = 0;
/// The kind of backend that is an NVIDIA GPU.
pub const ZKILN_BACKEND_CUDA: u32 = 1;
/// The kind of backend that runs a GPU's kernels on this machine's processor.
pub const ZKILN_BACKEND_EMULATOR: u32 = 2;

/// What a context is. Strings live as long as the context. Of a processor, all that is about a device is 0.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_context_info {
    /// sizeof(zkiln_context_info), set by the caller.
    pub struct_size: usize,
    /// The backend in words, such as "cuda:0 (NVIDIA H200, sm_90)".
    pub backend: *const c_char,
    /// Why "auto" did not take a GPU; "" if it did, or was not asked.
    pub reason: *const c_char,
    /// The device's name; "" for the processor.
    pub device_name: *const c_char,
    /// One of ZKILN_BACKEND_.
    pub kind: u32,
    /// The number of threads.
    pub threads: u32,
    /// The device's number among those of its kind.
    pub device: u32,
    /// The number of its multiprocessors.
    pub multiprocessors: u32,
    /// Its compute capability: 9 of 9.0.
    pub capability_major: u32,
    /// Its compute capability: 0 of 9.0.
    pub capability_minor: u32,
    /// The CUDA version of its driver: 1000 times the major version plus 10 times the minor one.
    pub driver_version: u32,
    /// 0.
    pub reserved: u32,
    /// Bytes of its memory.
    pub memory: u64,
    /// The most of it that this context may use at once.
    pub memory_budget: u64,
    /// What this context uses of it now.
    pub memory_used: u64,
    /// The most that this context has used of it.
    pub memory_peak: u64,
}

// SAFETY: `repr(C)` of numbers and pointers, 96 bytes without padding, the size first.
unsafe impl Growable for zkiln_context_info {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// ==== Contexts ====
///
/// Makes a context; options may be NULL.
///
/// Errors: ZKILN_E_ARGUMENT for a backend of another name and for threads that cannot be started,
/// ZKILN_E_DEVICE for a device that cannot be used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_context_create(
    out: *mut *mut zkiln_context,
    options: *const zkiln_context_options,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().new_handle(out) }?;
        // SAFETY: as above.
        let options = unsafe { options::read(options) }?;
        // SAFETY: as above.
        let backend = unsafe { border::text(options.backend) };
        let backend = match backend.map(|text| text.to_str()) {
            None => "auto",
            Some(Ok(name)) => name,
            Some(Err(_)) => return Err(Failure::argument("the backend's name is not UTF-8")),
        };
        out.set(zkiln_context(Arc::new(Context::new(backend, &options)?)));
        Ok(())
    })
}

/// Describes a context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_context_get_info(
    context: *const zkiln_context,
    out: *mut zkiln_context_info,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let context = unsafe { handle::get(context) }?.context();
        // SAFETY: as above.
        unsafe { options::write(out, &context.info()) }
    })
}

/// Destroys a context; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_context_destroy(context: *mut zkiln_context) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(context) }
}

/// Stores the number of GPUs, for "cuda:0" and so on.
///
/// Errors: ZKILN_E_DEVICE, with the reason why there are none to count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_cuda_device_count(out: *mut u32) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointer.
        let out = unsafe { Border::default().output_one("out", out) }?;
        out.write(0);
        let count = Device::nvidia_count().map_err(zkiln::Error::from)?;
        out.write(u32::try_from(count).unwrap_or(u32::MAX));
        Ok(())
    })
}

/// What a context is made of; what is made in it holds on to this.
pub(crate) struct Context {
    threads: Threads,
    backend: Backend,
    /// Whether the caller asked for this backend by its name.
    is_named: bool,
    log: Log,
    /// How many forks there were when it was made.
    forks: u32,
    /// The process that made it.
    process: u32,
    backend_text: CString,
    reason: CString,
    device_name: CString,
}

impl Context {
    fn new(name: &str, options: &zkiln_context_options) -> Result<Self> {
        options::require_zero(options.reserved)?;
        let forks = forks::watched()?;
        let threads = Threads::start(options.threads)?;
        let log = Log {
            call: options.log,
            user: options.log_user,
        };
        let (backend, reason) = watch::run(threads.pool(), &log, Progress::NONE, |_| match name {
            "auto" => {
                let choice = Backend::auto();
                Ok((choice.backend, choice.reason))
            }
            name => name.parse().map(|backend: Backend| (backend, None)),
        })?;
        let device = match &backend {
            Backend::Device(device) => Some(device),
            _ => None,
        };
        if let Some(device) = device
            && options.device_memory != 0
        {
            device.set_budget(options.device_memory);
        }
        let c_text = |text: &str| CString::new(text.replace('\0', "")).unwrap_or_default();
        Ok(Self {
            backend_text: c_text(&backend.to_string()),
            reason: c_text(reason.as_deref().unwrap_or_default()),
            device_name: c_text(device.map_or("", |device| &device.info().name)),
            forks,
            process: std::process::id(),
            threads,
            backend,
            is_named: name != "auto",
            log,
        })
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.backend
    }

    /// Refuses what only the processor does, in a context of a device that was asked for: it is not replaced.
    pub(crate) fn require_processor(&self, what: &str) -> Result<()> {
        match &self.backend {
            Backend::Device(_) if self.is_named => Err(Failure::new(
                ZKILN_E_DEVICE,
                format!(
                    "this version has no {what} on {}: use a context with the backend \"cpu\" or \"auto\"",
                    self.backend
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Refuses to be used by a process that was forked off, which has none of the threads.
    pub(crate) fn check_process(&self) -> Result<()> {
        if forks::count() == self.forks {
            return Ok(());
        }
        Err(Failure::new(
            ZKILN_E_FORKED,
            format!(
                "this handle was made by process {}, and this is process {}: threads do not survive a fork, so \
                 make a context after it",
                self.process,
                std::process::id()
            ),
        ))
    }

    /// Runs `work` on this context's threads.
    pub(crate) fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.watch(Progress::NONE, |_| work())
    }

    /// [`Context::run`], with a callback that learns of the phases and may stop the work.
    pub(crate) fn watch<R: Send>(
        &self,
        progress: Progress,
        work: impl FnOnce(&Cancel) -> R + Send,
    ) -> R {
        watch::run(self.threads.pool(), &self.log, progress, work)
    }

    fn info(&self) -> zkiln_context_info {
        let mut info = zkiln_context_info {
            struct_size: 0,
            backend: self.backend_text.as_ptr(),
            reason: self.reason.as_ptr(),
            device_name: self.device_name.as_ptr(),
            kind: ZKILN_BACKEND_CPU,
            threads: self.threads.pool().current_num_threads() as u32,
            device: 0,
            multiprocessors: 0,
            capability_major: 0,
            capability_minor: 0,
            driver_version: 0,
            reserved: 0,
            memory: 0,
            memory_budget: 0,
            memory_used: 0,
            memory_peak: 0,
        };
        if let Backend::Device(device) = &self.backend {
            let (is, memory) = (device.info(), device.memory());
            info.kind = match is.kind {
                Kind::Nvidia => ZKILN_BACKEND_CUDA,
                Kind::Emulator => ZKILN_BACKEND_EMULATOR,
            };
            info.device = is.ordinal as u32;
            info.multiprocessors = is.multiprocessors;
            (info.capability_major, info.capability_minor) = is.capability;
            info.driver_version = is.driver_version;
            info.memory = is.memory;
            info.memory_budget = memory.budget;
            info.memory_used = memory.live;
            info.memory_peak = memory.peak;
        }
        info
    }
}
