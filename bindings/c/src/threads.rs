//! A context's own threads.

use std::thread::{self, JoinHandle};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::status::{Failure, Result};

/// A pool whose threads have ended when it has been dropped, so that a program may look for leaks then.
///
/// rayon's global pool would not do: it belongs to the process for good, and a process that was forked off
/// has the pool without the threads and would wait for them forever.
pub(crate) struct Threads {
    /// Dropped first, for that is what tells the threads to end.
    pool: Option<ThreadPool>,
    handles: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Starts as many threads, or one for each core if `count` is 0.
    pub(crate) fn start(count: u32) -> Result<Self> {
        let mut handles = Vec::new();
        let pool = ThreadPoolBuilder::new()
            .num_threads(count as usize)
            .thread_name(|i| format!("zkiln-{i}"))
            .spawn_handler(|thread| {
                let mut builder = thread::Builder::new();
                if let Some(name) = thread.name() {
                    builder = builder.name(name.to_owned());
                }
                handles.push(builder.spawn(|| thread.run())?);
                Ok(())
            })
            .build()
            .map_err(|e| Failure::argument(format!("the threads cannot be started: {e}")))?;
        Ok(Self {
            pool: Some(pool),
            handles,
        })
    }

    pub(crate) fn pool(&self) -> &ThreadPool {
        self.pool.as_ref().expect("only a drop takes the pool")
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.pool = None;
        for handle in self.handles.drain(..) {
            // A thread that panicked has said so, and a drop has nobody to tell.
            let _ = handle.join();
        }
    }
}
