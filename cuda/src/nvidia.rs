//! A device that is an NVIDIA GPU.

use std::sync::Arc;

use crate::driver::Driver;
use crate::{Error, Result};

pub(crate) fn open(_ordinal: usize) -> Result<Arc<dyn Driver>> {
    Err(Error::NotBuilt("this build has no kernels for GPUs"))
}

pub(crate) fn count() -> Result<usize> {
    Err(Error::NotBuilt("this build has no kernels for GPUs"))
}
