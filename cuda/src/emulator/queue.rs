//! Streams that do nothing before somebody waits for them.
//!
//! When somebody does, the streams that can go on take turns in an order drawn at random, as far as
//! needed and no farther. What is right only because streams mostly run at once, or one after another,
//! comes out wrong: an event not waited for, or memory of the host used again too early.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::machine::{Kernel, Machine, Outside};
use crate::driver::{Extent, Handle};
use crate::{Error, Result};

/// A point in a stream: when it was reached.
pub(super) type Mark = Arc<OnceLock<Instant>>;

/// What can stand in a stream.
#[derive(Debug)]
pub(super) enum Operation {
    Allocate(Handle),
    Free {
        memory: Handle,
        bytes: usize,
    },
    Write {
        to: Handle,
        from: Host<*const u8>,
        bytes: usize,
    },
    Read {
        to: Host<*mut u8>,
        from: Handle,
        bytes: usize,
    },
    Copy {
        to: Handle,
        from: Handle,
        bytes: usize,
    },
    Fill {
        to: Handle,
        byte: u8,
        bytes: usize,
    },
    Launch(Launch),
    Record(Mark),
    Wait(Mark),
}

/// A kernel and what it is to be given.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) kernel: &'static Kernel,
    pub(super) extent: Extent,
    /// Each argument begins at a word of its own, which `offsets` tells.
    pub(super) arguments: Vec<u64>,
    pub(super) offsets: Vec<usize>,
}

/// An address in the host's memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Host<P>(pub(super) P);

// SAFETY: whoever queues a copy promises that its memory can be used until the copy is done, by whom it
// may be.
unsafe impl<P> Send for Host<P> {}

/// The streams of a machine.
#[derive(Debug)]
pub(super) struct Queues {
    machine: Machine,
    streams: BTreeMap<Handle, VecDeque<Operation>>,
    /// Bytes of memory allocated, and not freed yet.
    pub(super) used: u64,
    random: u64,
    failure: Option<Error>,
}

impl Queues {
    pub(super) fn new(machine: Machine, seed: u64) -> Self {
        Self {
            machine,
            streams: BTreeMap::new(),
            used: 0,
            random: seed,
            failure: None,
        }
    }

    pub(super) fn add_stream(&mut self, stream: Handle) {
        self.streams.insert(stream, VecDeque::new());
    }

    pub(super) fn remove_stream(&mut self, stream: Handle) {
        self.streams.remove(&stream);
    }

    /// Fails once anything has failed.
    pub(super) fn check(&self) -> Result<()> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    pub(super) fn push(&mut self, stream: Handle, operation: Operation) -> Result<()> {
        self.check()?;
        self.streams.entry(stream).or_default().push_back(operation);
        Ok(())
    }

    /// See [`Machine::reserve`].
    pub(super) fn reserve(&mut self, bytes: usize) -> Option<Handle> {
        self.machine.reserve(bytes)
    }

    /// Works until all that was queued on the stream is done.
    pub(super) fn finish(&mut self, stream: Handle) -> Result<()> {
        while self
            .streams
            .get(&stream)
            .is_some_and(|queue| !queue.is_empty())
        {
            self.step()?;
        }
        self.check()
    }

    /// Works until all that was queued is done.
    pub(super) fn finish_all(&mut self) -> Result<()> {
        while self.streams.values().any(|queue| !queue.is_empty()) {
            self.step()?;
        }
        self.check()
    }

    /// Works until a mark is reached.
    pub(super) fn reach(&mut self, mark: &Mark) -> Result<()> {
        while mark.get().is_none() {
            self.step()?;
        }
        self.check()
    }

    /// Does what comes next in one of the streams that do not wait.
    fn step(&mut self) -> Result<()> {
        self.check()?;
        let ready: Vec<Handle> = self
            .streams
            .iter()
            .filter(|(_, queue)| match queue.front() {
                Some(Operation::Wait(mark)) => mark.get().is_some(),
                first => first.is_some(),
            })
            .map(|(&stream, _)| stream)
            .collect();
        let outcome = if ready.is_empty() {
            Err("every stream waits for an event that no stream will reach".to_owned())
        } else {
            let stream = ready[(self.draw() % ready.len() as u64) as usize];
            let operation = self.streams.get_mut(&stream).and_then(VecDeque::pop_front);
            operation.map_or(Ok(()), |operation| self.perform(operation))
        };
        outcome.map_err(|sentence| {
            let error = Error::Fault(sentence);
            self.failure = Some(error.clone());
            self.streams.values_mut().for_each(VecDeque::clear);
            error
        })
    }

    fn perform(&mut self, operation: Operation) -> core::result::Result<(), String> {
        let machine = &mut self.machine;
        let outcome = match operation {
            Operation::Allocate(memory) => machine.allocate(memory),
            Operation::Free { memory, bytes } => {
                self.used -= bytes as u64;
                machine.free(memory)
            }
            Operation::Write { to, from, bytes } => {
                // SAFETY: whoever queued it promised that the memory can be read until now.
                unsafe { machine.write(to, from.0, bytes) }
            }
            Operation::Read { to, from, bytes } => {
                // SAFETY: whoever queued it promised that the memory can be written until now.
                unsafe { machine.read(to.0, from, bytes) }
            }
            Operation::Copy { to, from, bytes } => machine.copy(to, from, bytes),
            Operation::Fill { to, byte, bytes } => machine.fill(to, byte, bytes),
            Operation::Launch(launch) => return self.launch(launch),
            Operation::Record(ref mark) => {
                // A mark stands in one place of one stream, so this is the first time.
                let _ = mark.set(Instant::now());
                Ok(())
            }
            Operation::Wait(_) => Ok(()),
        };
        outcome.map_err(|Outside| format!("not all in device memory: {operation:x?}"))
    }

    fn launch(&mut self, mut launch: Launch) -> core::result::Result<(), String> {
        let seed = self.draw();
        // SAFETY: kernel, extent and arguments were checked when they were queued; the rest is the
        // obligation of whoever queued it.
        unsafe {
            self.machine.launch(
                launch.kernel,
                launch.extent,
                seed,
                &mut launch.arguments,
                &launch.offsets,
            )
        }
    }

    /// The next number of Steele's SplitMix64.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
