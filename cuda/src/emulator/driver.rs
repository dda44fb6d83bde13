//! The emulator as a driver.

use core::ffi::c_void;
use std::alloc::{self, Layout};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::EmulatorOptions;
use super::machine::{self, Machine};
use super::queue::{Host, Launch, Mark, Operation, Queues};
use crate::device::lock;
use crate::driver::{Driver, Extent, Handle, Kernel};
use crate::{DeviceInfo, Error, Kind, Result};

/// Page-locked memory begins at a page on a device.
const PAGE: usize = 4096;

/// A driver of a machine of its own.
#[derive(Debug)]
pub(super) struct Emulator {
    info: DeviceInfo,
    options: EmulatorOptions,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    queues: Queues,
    /// What each event recorded last, if anything.
    events: HashMap<Handle, Option<Mark>>,
    /// The memory in use, and its size.
    sizes: HashMap<Handle, usize>,
    /// Handles of streams and events that were given out.
    handles: Handle,
    allocations: u64,
}

impl Emulator {
    pub(super) fn new(options: &EmulatorOptions) -> Result<Self> {
        let machine = Machine::new(options.checked).ok_or(Error::OutOfMemory {
            asked: 0,
            live: 0,
            budget: options.memory,
        })?;
        Ok(Self {
            info: DeviceInfo {
                kind: Kind::Emulator,
                name: "emulator".into(),
                ordinal: 0,
                capability: (9, 0),
                // Few, as launches often have some blocks for each; and no power of two, as on most GPUs.
                multiprocessors: 3,
                clock_khz: 0,
                memory: options.memory,
                shared_memory: 227 << 10,
                driver_version: 0,
            },
            options: options.clone(),
            state: Mutex::new(State {
                queues: Queues::new(machine, options.seed),
                events: HashMap::new(),
                sizes: HashMap::new(),
                handles: 0,
                allocations: 0,
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn push(&self, stream: Handle, operation: Operation) -> Result<()> {
        self.state().queues.push(stream, operation)
    }
}

impl State {
    fn new_handle(&mut self) -> Handle {
        self.handles += 1;
        self.handles
    }

    /// What an event recorded last; `call` asks for it.
    fn mark(&self, event: Handle) -> Option<Mark> {
        self.events.get(&event).cloned().flatten()
    }
}

impl Driver for Emulator {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn kernel(&self, name: &str) -> Result<Kernel> {
        let kernel =
            machine::Kernel::find(name, self.options.checked).ok_or_else(|| Error::Call {
                kernel: name.into(),
                reason: "there is none of this name".into(),
            })?;
        Ok(Kernel {
            handle: core::ptr::from_ref(kernel).expose_provenance() as Handle,
            parameters: Some(kernel.parameter_sizes().to_vec()),
        })
    }

    fn create_stream(&self) -> Result<Handle> {
        let mut state = self.state();
        state.queues.check()?;
        let stream = state.new_handle();
        state.queues.add_stream(stream);
        Ok(stream)
    }

    fn destroy_stream(&self, stream: Handle) {
        self.state().queues.remove_stream(stream);
    }

    fn synchronize(&self, stream: Handle) -> Result<()> {
        self.state().queues.finish(stream)
    }

    fn synchronize_all(&self) -> Result<()> {
        self.state().queues.finish_all()
    }

    fn create_event(&self) -> Result<Handle> {
        let mut state = self.state();
        state.queues.check()?;
        let event = state.new_handle();
        state.events.insert(event, None);
        Ok(event)
    }

    fn destroy_event(&self, event: Handle) {
        self.state().events.remove(&event);
    }

    fn record(&self, event: Handle, stream: Handle) -> Result<()> {
        let mark = Mark::default();
        let mut state = self.state();
        state
            .queues
            .push(stream, Operation::Record(Arc::clone(&mark)))?;
        state.events.insert(event, Some(mark));
        Ok(())
    }

    fn wait(&self, stream: Handle, event: Handle) -> Result<()> {
        let mut state = self.state();
        match state.mark(event) {
            Some(mark) => state.queues.push(stream, Operation::Wait(mark)),
            // As on a device, an event that was never recorded is not waited for.
            None => state.queues.check(),
        }
    }

    fn synchronize_event(&self, event: Handle) -> Result<()> {
        let mut state = self.state();
        match state.mark(event) {
            Some(mark) => state.queues.reach(&mark),
            None => state.queues.check(),
        }
    }

    fn elapsed(&self, start: Handle, end: Handle) -> Result<f32> {
        let state = self.state();
        let reached = |event| {
            let mark = state.mark(event);
            mark.and_then(|mark| mark.get().copied())
                .ok_or_else(|| Error::Driver {
                    call: "cuEventElapsedTime",
                    code: 600,
                    name: "CUDA_ERROR_NOT_READY".into(),
                    text: "an event was not recorded, or is not reached yet".into(),
                })
        };
        let (start, end) = (reached(start)?, reached(end)?);
        Ok(if end >= start {
            (end - start).as_secs_f32() * 1e3
        } else {
            (start - end).as_secs_f32() * -1e3
        })
    }

    fn alloc(&self, bytes: usize, stream: Handle) -> Result<Handle> {
        let mut state = self.state();
        state.queues.check()?;
        let number = state.allocations;
        state.allocations += 1;
        let does_not_fit =
            |state: &State| bytes as u64 > self.options.memory.saturating_sub(state.queues.used);
        if does_not_fit(&state) {
            // Memory that is to be freed may make room.
            state.queues.finish_all()?;
        }
        let memory = if self.options.fail_allocation == Some(number) || does_not_fit(&state) {
            None
        } else {
            state.queues.reserve(bytes)
        };
        let memory = memory.ok_or(Error::OutOfMemory {
            asked: bytes as u64,
            live: state.queues.used,
            budget: self.options.memory,
        })?;
        state.queues.used += bytes as u64;
        state.sizes.insert(memory, bytes);
        state.queues.push(stream, Operation::Allocate(memory))?;
        Ok(memory)
    }

    fn free(&self, address: Handle, stream: Handle) {
        let mut state = self.state();
        if let Some(bytes) = state.sizes.remove(&address) {
            let memory = address;
            // After a failure nothing is freed before the machine is.
            let _ = state.queues.push(stream, Operation::Free { memory, bytes });
        }
    }

    fn alloc_host(&self, bytes: usize) -> Result<*mut u8> {
        let none = Error::OutOfMemory {
            asked: bytes as u64,
            live: 0,
            budget: 0,
        };
        let layout = match Layout::from_size_align(bytes, PAGE) {
            Ok(layout) if bytes > 0 => layout,
            _ => return Err(none),
        };
        // SAFETY: the size is not zero.
        let memory = unsafe { alloc::alloc(layout) };
        if memory.is_null() {
            Err(none)
        } else {
            Ok(memory)
        }
    }

    unsafe fn free_host(&self, memory: *mut u8, bytes: usize) {
        let layout = Layout::from_size_align(bytes, PAGE).expect("as it was allocated");
        // SAFETY: it came from `alloc_host`, with this layout, by the caller's obligation.
        unsafe { alloc::dealloc(memory, layout) };
    }

    unsafe fn copy_to_device(
        &self,
        destination: Handle,
        source: *const u8,
        bytes: usize,
        stream: Handle,
    ) -> Result<()> {
        let (to, from) = (destination, Host(source));
        self.push(stream, Operation::Write { to, from, bytes })
    }

    unsafe fn copy_to_host(
        &self,
        destination: *mut u8,
        source: Handle,
        bytes: usize,
        stream: Handle,
    ) -> Result<()> {
        let (to, from) = (Host(destination), source);
        self.push(stream, Operation::Read { to, from, bytes })
    }

    unsafe fn copy_on_device(
        &self,
        destination: Handle,
        source: Handle,
        bytes: usize,
        stream: Handle,
    ) -> Result<()> {
        let (to, from) = (destination, source);
        self.push(stream, Operation::Copy { to, from, bytes })
    }

    unsafe fn fill(
        &self,
        destination: Handle,
        byte: u8,
        bytes: usize,
        stream: Handle,
    ) -> Result<()> {
        let to = destination;
        self.push(stream, Operation::Fill { to, byte, bytes })
    }

    unsafe fn launch(
        &self,
        kernel: &Kernel,
        extent: Extent,
        arguments: &mut [*mut c_void],
        stream: Handle,
    ) -> Result<()> {
        let pointer = core::ptr::with_exposed_provenance::<machine::Kernel>(kernel.handle as usize);
        // SAFETY: `Emulator::kernel` made the handle of a constant of the program.
        let kernel = unsafe { &*pointer };
        if let Some(reason) = machine::refusal(extent) {
            return Err(Error::Call {
                kernel: kernel.name().into(),
                reason,
            });
        }
        let mut launch = Launch {
            kernel,
            extent,
            arguments: Vec::new(),
            offsets: Vec::new(),
        };
        for (argument, &size) in arguments.iter().zip(kernel.parameter_sizes()) {
            let size = size as usize;
            let first = launch.arguments.len();
            launch.offsets.push(first);
            launch.arguments.resize(first + size.div_ceil(8), 0);
            let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut launch.arguments[first..]);
            let source = argument.cast::<u8>();
            // SAFETY: it points to a value of this size, by the caller's obligation.
            unsafe { core::ptr::copy_nonoverlapping(source, bytes.as_mut_ptr(), size) };
        }
        self.push(stream, Operation::Launch(launch))
    }
}
