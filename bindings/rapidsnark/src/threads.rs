//! The threads of this library.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::{ERROR, Failure, Result};

/// The pool, with the process that it belongs to.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// Runs `work` on threads of this process. In a process that was forked off there are none of the old ones,
/// and new ones are started: rapidsnark, which starts threads for each proof, works there too.
pub(crate) fn run<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R> {
    Ok(pool()?.install(work))
}

fn pool() -> Result<Arc<ThreadPool>> {
    let process = std::process::id();
    let mut slot = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((owner, pool)) = slot.take() {
        if owner == process {
            *slot = Some((owner, Arc::clone(&pool)));
            return Ok(pool);
        }
        // Its threads are not there to be told to end.
        std::mem::forget(pool);
    }
    let pool = ThreadPoolBuilder::new()
        .thread_name(|i| format!("zkiln-{i}"))
        .build()
        .map_err(|e| Failure(ERROR, format!("the threads cannot be started: {e}")))?;
    let pool = Arc::new(pool);
    *slot = Some((process, Arc::clone(&pool)));
    Ok(pool)
}
