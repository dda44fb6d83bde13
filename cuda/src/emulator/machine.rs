//! The machine of `emulator/abi.h`: memory, and kernels that run at once.

use core::ffi::{CStr, c_char, c_void};
use core::ptr::{self, NonNull};
use core::slice;

use crate::driver::{Extent, Handle};

/// `zkiln_emulator_kernel`.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Kernel {
    name: *const c_char,
    name_length: usize,
    run: unsafe extern "C" fn(*const *mut c_void),
    parameter_sizes: *const u32,
    parameter_count: u32,
    checked: u32,
}

// SAFETY: a kernel is a constant of the program.
unsafe impl Send for Kernel {}
// SAFETY: as above.
unsafe impl Sync for Kernel {}

/// `zkiln_emulator_launch_config`.
#[repr(C)]
struct Config {
    grid: [u32; 3],
    block: u32,
    shared_bytes: u32,
    seed: u64,
}

/// `zkiln_emulator_machine`.
#[repr(C)]
struct Opaque([u8; 0]);

// SAFETY: as declared in emulator/abi.h.
unsafe extern "C" {
    fn zkiln_emulator_open(checked: u32) -> *mut Opaque;
    fn zkiln_emulator_close(machine: *mut Opaque);
    fn zkiln_emulator_reserve(machine: *mut Opaque, bytes: usize) -> *mut c_void;
    fn zkiln_emulator_allocate(machine: *mut Opaque, memory: *mut c_void) -> u32;
    fn zkiln_emulator_free(machine: *mut Opaque, memory: *mut c_void) -> u32;
    fn zkiln_emulator_write(
        machine: *mut Opaque,
        to: *mut c_void,
        from: *const c_void,
        bytes: usize,
    ) -> u32;
    fn zkiln_emulator_read(
        machine: *mut Opaque,
        to: *mut c_void,
        from: *const c_void,
        bytes: usize,
    ) -> u32;
    fn zkiln_emulator_copy(
        machine: *mut Opaque,
        to: *mut c_void,
        from: *const c_void,
        bytes: usize,
    ) -> u32;
    fn zkiln_emulator_fill(machine: *mut Opaque, to: *mut c_void, byte: u8, bytes: usize) -> u32;
    fn zkiln_emulator_find(name: *const c_char, name_length: usize, checked: u32) -> *const Kernel;
    fn zkiln_emulator_refusal(config: *const Config) -> *const c_char;
    fn zkiln_emulator_launch(
        machine: *mut Opaque,
        kernel: *const Kernel,
        config: *const Config,
        parameters: *const *mut c_void,
        message: *mut c_char,
        message_length: usize,
    ) -> u32;
}

/// A machine. Its work is done when a call returns.
#[derive(Debug)]
pub(super) struct Machine(NonNull<Opaque>);

// SAFETY: a machine belongs to no thread; that calls do not overlap is what `&mut self` says.
unsafe impl Send for Machine {}

/// That bytes are not in memory that is allocated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outside;

impl Machine {
    /// Gives none where memory is short.
    pub(super) fn new(checked: bool) -> Option<Self> {
        // SAFETY: it takes any value.
        let machine = unsafe { zkiln_emulator_open(checked.into()) };
        NonNull::new(machine).map(Self)
    }

    /// Memory that can be used after [`Machine::allocate`]; none where there is no more.
    pub(super) fn reserve(&mut self, bytes: usize) -> Option<Handle> {
        // SAFETY: the machine is open.
        let memory = unsafe { zkiln_emulator_reserve(self.0.as_ptr(), bytes) };
        (!memory.is_null()).then(|| memory.expose_provenance() as Handle)
    }

    pub(super) fn allocate(&mut self, memory: Handle) -> Result<(), Outside> {
        // SAFETY: the machine is open, and looks the address up.
        inside(unsafe { zkiln_emulator_allocate(self.0.as_ptr(), pointer(memory)) })
    }

    pub(super) fn free(&mut self, memory: Handle) -> Result<(), Outside> {
        // SAFETY: the machine is open, and looks the address up.
        inside(unsafe { zkiln_emulator_free(self.0.as_ptr(), pointer(memory)) })
    }

    /// # Safety
    /// `from` must be readable.
    pub(super) unsafe fn write(
        &mut self,
        to: Handle,
        from: *const u8,
        bytes: usize,
    ) -> Result<(), Outside> {
        // SAFETY: the caller's obligation; device addresses are looked up.
        inside(unsafe { zkiln_emulator_write(self.0.as_ptr(), pointer(to), from.cast(), bytes) })
    }

    /// # Safety
    /// `to` must be writable.
    pub(super) unsafe fn read(
        &mut self,
        to: *mut u8,
        from: Handle,
        bytes: usize,
    ) -> Result<(), Outside> {
        // SAFETY: the caller's obligation; device addresses are looked up.
        inside(unsafe { zkiln_emulator_read(self.0.as_ptr(), to.cast(), pointer(from), bytes) })
    }

    pub(super) fn copy(&mut self, to: Handle, from: Handle, bytes: usize) -> Result<(), Outside> {
        // SAFETY: the machine is open, and looks the addresses up.
        inside(unsafe { zkiln_emulator_copy(self.0.as_ptr(), pointer(to), pointer(from), bytes) })
    }

    pub(super) fn fill(&mut self, to: Handle, byte: u8, bytes: usize) -> Result<(), Outside> {
        // SAFETY: the machine is open, and looks the address up.
        inside(unsafe { zkiln_emulator_fill(self.0.as_ptr(), pointer(to), byte, bytes) })
    }

    /// Runs a kernel. Gives a sentence where a thread of it did what it must not.
    ///
    /// # Safety
    /// The kernel must be of this machine's variant and the extent not be refused; `arguments` must hold
    /// the kernel's parameters, each from the word on that `offsets` says. Without checks, the kernel must
    /// use no memory but the machine's.
    pub(super) unsafe fn launch(
        &mut self,
        kernel: &'static Kernel,
        extent: Extent,
        seed: u64,
        arguments: &mut [u64],
        offsets: &[usize],
    ) -> Result<(), String> {
        let words = arguments.as_mut_ptr();
        let parameters: Vec<*mut c_void> = offsets
            .iter()
            .map(|&offset| words.wrapping_add(offset).cast())
            .collect();
        let mut message = [0u8; 512];
        let config = Config::new(extent, seed);
        // SAFETY: the caller's obligation; the message has the length that is given.
        let done = unsafe {
            zkiln_emulator_launch(
                self.0.as_ptr(),
                kernel,
                &config,
                parameters.as_ptr(),
                message.as_mut_ptr().cast(),
                message.len(),
            )
        };
        if done != 0 {
            return Ok(());
        }
        let sentence = CStr::from_bytes_until_nul(&message).unwrap_or_default();
        Err(sentence.to_string_lossy().into_owned())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // SAFETY: it is open, and nobody has it any more.
        unsafe { zkiln_emulator_close(self.0.as_ptr()) };
    }
}

impl Kernel {
    /// The kernel of this name.
    pub(super) fn find(name: &str, checked: bool) -> Option<&'static Self> {
        let bytes = name.as_bytes();
        // SAFETY: a name and its length.
        let kernel =
            unsafe { zkiln_emulator_find(bytes.as_ptr().cast(), bytes.len(), checked.into()) };
        // SAFETY: null or a constant of the program.
        unsafe { kernel.as_ref() }
    }

    pub(super) fn name(&self) -> &'static str {
        // SAFETY: so many bytes of a constant of the program.
        let name = unsafe { slice::from_raw_parts(self.name.cast(), self.name_length) };
        core::str::from_utf8(name).unwrap_or_default()
    }

    /// The sizes of its parameters in bytes.
    pub(super) fn parameter_sizes(&self) -> &'static [u32] {
        // SAFETY: so many constants of the program.
        unsafe { slice::from_raw_parts(self.parameter_sizes, self.parameter_count as usize) }
    }
}

impl Config {
    fn new(extent: Extent, seed: u64) -> Self {
        Self {
            grid: extent.grid,
            block: extent.block,
            shared_bytes: extent.shared,
            seed,
        }
    }
}

/// Why no device takes a launch of this extent.
pub(super) fn refusal(extent: Extent) -> Option<String> {
    // SAFETY: it only reads the configuration.
    let reason = unsafe { zkiln_emulator_refusal(&Config::new(extent, 0)) };
    if reason.is_null() {
        return None;
    }
    // SAFETY: not null, it is a literal.
    let reason = unsafe { CStr::from_ptr(reason) };
    Some(reason.to_string_lossy().into_owned())
}

fn pointer(address: Handle) -> *mut c_void {
    ptr::with_exposed_provenance_mut(address as usize)
}

fn inside(is_inside: u32) -> Result<(), Outside> {
    if is_inside != 0 { Ok(()) } else { Err(Outside) }
}
