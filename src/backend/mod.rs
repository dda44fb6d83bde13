//! Which machine does the work: the processor, or a device.
//!
//! A device that is asked for by name is used or refused. [`Backend::auto`] takes a GPU where there is
//! one that can be used, and otherwise the processor, and says why.

use core::fmt;
use core::str::FromStr;

use crate::error::{Error, Result};
use crate::field::arch::Cpu;

pub use zkiln_cuda::{
    Buffer, Device, DeviceInfo, EmulatorOptions, KERNEL_ARCHS, KERNEL_HASH, Kind, MemoryUse, Slice,
    SliceMut, Stream,
};

/// Where kernels run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// This machine's processor.
    #[default]
    Cpu,
    /// A GPU, or the emulator of one.
    Device(Device),
}

/// What [`Backend::auto`] took.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Choice {
    /// The backend.
    pub backend: Backend,
    /// Why it is not a GPU, if it is not.
    pub reason: Option<String>,
}

impl Backend {
    /// The GPU with this number, counted from 0.
    ///
    /// # Errors
    /// [`Error::Device`]: why it cannot be used.
    pub fn cuda(ordinal: usize) -> Result<Self> {
        Ok(Self::Device(Device::nvidia(ordinal)?))
    }

    /// An emulator of a GPU: the GPU's kernels and launches on this machine's processor, many
    /// times slower than its own code. For tests, and to see what would run.
    ///
    /// # Errors
    /// [`Error::Device`] in a build without the feature `emulator`.
    pub fn emulator() -> Result<Self> {
        Ok(Self::Device(Device::emulator()?))
    }

    /// The first GPU, if it can be used, and the processor otherwise.
    pub fn auto() -> Choice {
        let choice = match Device::nvidia(0) {
            Ok(device) => Choice {
                backend: Self::Device(device),
                reason: None,
            },
            Err(error) => Choice {
                backend: Self::Cpu,
                reason: Some(error.to_string()),
            },
        };
        tracing::info!(backend = %choice.backend, reason = choice.reason, "backend chosen");
        choice
    }
}

/// What it is, in words: `cpu (AVX-512 IFMA)`, `cpu (generic 64-bit)`, `cuda:0 (NVIDIA H200, sm_90)`, `emulator`.
impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "cpu ({})", Cpu::get_or_generic().name()),
            Self::Device(device) => {
                let info = device.info();
                match info.kind {
                    Kind::Nvidia => {
                        let (major, minor) = info.capability;
                        write!(
                            f,
                            "cuda:{} ({}, sm_{major}{minor})",
                            info.ordinal, info.name
                        )
                    }
                    Kind::Emulator => f.write_str("emulator"),
                }
            }
        }
    }
}

/// `cpu`, `cuda` (the first GPU), `cuda:N`, `emulator`, or `auto`, which is [`Backend::auto`] without its
/// reason.
impl FromStr for Backend {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "auto" => Ok(Self::auto().backend),
            "cpu" => Ok(Self::Cpu),
            "emulator" => Self::emulator(),
            "cuda" => Self::cuda(0),
            _ => {
                let ordinal = name.strip_prefix("cuda:").and_then(|n| n.parse().ok());
                ordinal.map_or_else(
                    || {
                        Err(Error::Argument(format!(
                            "no backend is called {name:?}: there are auto, cpu, cuda, cuda:N and emulator"
                        )))
                    },
                    Self::cuda,
                )
            }
        }
    }
}
