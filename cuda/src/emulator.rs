//! A device that is the host's processor.

use std::sync::Arc;

use crate::Result;
use crate::driver::Driver;

#[cfg(feature = "emulator")]
mod driver;
#[cfg(feature = "emulator")]
mod machine;
#[cfg(feature = "emulator")]
mod queue;
#[cfg(all(test, feature = "emulator"))]
mod tests;

/// How the emulator runs kernels.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EmulatorOptions {
    /// Watch every access to memory: for out-of-bounds accesses, races, and reads of what was never
    /// written. Many times slower.
    pub checked: bool,
    /// What the order of threads and of streams is drawn from.
    pub seed: u64,
    /// Bytes of memory.
    pub memory: u64,
    /// Let the allocation with this number, counted from 0, fail.
    pub fail_allocation: Option<u64>,
}

impl Default for EmulatorOptions {
    fn default() -> Self {
        Self {
            checked: false,
            seed: 0,
            memory: 4 << 30,
            fail_allocation: None,
        }
    }
}

#[cfg(feature = "emulator")]
pub(crate) fn open(options: &EmulatorOptions) -> Result<Arc<dyn Driver>> {
    Ok(Arc::new(driver::Emulator::new(options)?))
}

#[cfg(not(feature = "emulator"))]
pub(crate) fn open(_options: &EmulatorOptions) -> Result<Arc<dyn Driver>> {
    Err(crate::Error::NotBuilt(
        "this build has no emulator: build with the feature `emulator` and a C++ compiler",
    ))
}
