//! This process' threads, and what a fork leaves of them.
//!
//! Threads do not survive a fork. rayon's global pool would be there in the new process, without its threads,
//! and wait for them forever. So the pool is one of ours, which knows whose it is: a process that was forked off
//! starts another. What was made before the fork is refused: another thread may have been in the middle of
//! using it.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors::{Failure, Result};

/// The threads, and the process that they belong to.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// The threads of this process, which are started by whoever first asks.
pub(crate) fn threads() -> Result<Arc<ThreadPool>> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    match &*pool {
        Some((process, threads)) if *process == std::process::id() => Ok(Arc::clone(threads)),
        _ => start(&mut pool, 0),
    }
}

/// Replaces the threads by as many; 0 for one for each core, or `RAYON_NUM_THREADS`. Calls that run go on
/// with those that they began with.
pub(crate) fn set_threads(count: usize) -> Result<()> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    start(&mut pool, count).map(drop)
}

fn start(pool: &mut Option<(u32, Arc<ThreadPool>)>, count: usize) -> Result<Arc<ThreadPool>> {
    let threads = ThreadPoolBuilder::new()
        .num_threads(count)
        .thread_name(|i| format!("zkiln-{i}"))
        .build()
        .map_err(|e| Failure::argument(format!("the threads cannot be started: {e}")))?;
    let threads = Arc::new(threads);
    let before = pool.replace((std::process::id(), Arc::clone(&threads)));
    if let Some((process, others)) = before
        && process != std::process::id()
    {
        mem::forget(others); // there is nobody to tell to end
    }
    Ok(threads)
}

/// What a Python object holds until it is closed.
pub(crate) struct Handle<T> {
    name: &'static str,
    process: u32,
    value: Mutex<Option<Arc<T>>>,
}

impl<T> Handle<T> {
    /// Holds `value`, which messages call `name`, such as "this MSM".
    pub(crate) fn new(name: &'static str, value: T) -> Self {
        Self {
            name,
            process: std::process::id(),
            value: Mutex::new(Some(Arc::new(value))),
        }
    }

    /// The value, in the process that made it, unless it is closed.
    pub(crate) fn get(&self) -> Result<Arc<T>> {
        let process = std::process::id();
        if process != self.process {
            return Err(Failure::Fork(format!(
                "{} was made by process {}, and this is process {process}, which was forked off it without its \
                 threads: make it after the fork, or start processes with \
                 multiprocessing.get_context(\"spawn\")",
                self.name, self.process
            )));
        }
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        (value.clone()).ok_or_else(|| Failure::Closed(format!("{} is closed", self.name)))
    }

    /// Lets the value go, as soon as the last call that uses it has ended.
    pub(crate) fn close(&self) {
        if std::process::id() == self.process {
            self.take();
        }
    }

    fn take(&self) -> Option<Arc<T>> {
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        value.take()
    }
}

/// In a process that was forked off nothing is given back: a device cannot be reached any more.
impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        if std::process::id() != self.process {
            mem::forget(self.take());
        }
    }
}
