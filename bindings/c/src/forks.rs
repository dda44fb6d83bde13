//! Noticing that this process was forked off.

use crate::status::Result;

#[cfg(unix)]
mod handler {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use crate::status::{Failure, Result, ZKILN_E_OUT_OF_MEMORY};

    /// How many forks led here from the process that loaded the library.
    static FORKS: AtomicU32 = AtomicU32::new(0);

    extern "C" fn count_one() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts forks from now on.
    pub(crate) fn watch() -> Result<()> {
        static FAULT: OnceLock<i32> = OnceLock::new();
        // SAFETY: the function does nothing that is not allowed after a fork, and stays: the library is linked so that
        // it is never unloaded.
        let fault =
            FAULT.get_or_init(|| unsafe { libc::pthread_atfork(None, None, Some(count_one)) });
        match fault {
            0 => Ok(()),
            code => Err(Failure::new(
                ZKILN_E_OUT_OF_MEMORY,
                format!("pthread_atfork failed with code {code}"),
            )),
        }
    }

    pub(crate) fn count() -> u32 {
        FORKS.load(Ordering::Relaxed)
    }
}

/// Begins to count, and tells how many there were. To ask for the process' number instead would be a call of the system
/// in each call of the library, which is a hundredth of a small transform.
pub(crate) fn watched() -> Result<u32> {
    #[cfg(unix)]
    handler::watch()?;
    Ok(count())
}

/// How many forks there were since the first call of [`watched`].
pub(crate) fn count() -> u32 {
    #[cfg(unix)]
    return handler::count();
    #[cfg(not(unix))]
    return 0;
}
