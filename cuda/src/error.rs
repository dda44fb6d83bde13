//! What can go wrong between the host and a device.

/// A result with this crate's [`Error`].
pub type Result<T> = core::result::Result<T, Error>;

/// Why a device cannot be used, or failed. Every sentence says what to do, where there is something.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// libcuda could not be loaded.
    #[error("no NVIDIA driver: {0}. Install the driver, or use the CPU")]
    NoDriver(String),

    /// A libcuda that is only there to link against.
    #[error("{0} is a stub, not a driver: let the system find the driver's own libcuda first")]
    Stub(String),

    /// A driver that lacks what is needed.
    #[error("the NVIDIA driver supports CUDA {}.{}, and {}.{} is needed: update the driver", found / 1000, found % 1000 / 10, needed / 1000, needed % 1000 / 10)]
    DriverTooOld {
        /// As `cuDriverGetVersion` says: 1000 times the major version, plus 10 times the minor one.
        found: u32,
        /// The least that will do.
        needed: u32,
    },

    /// A driver without a GPU.
    #[error("the NVIDIA driver finds no GPU: {0}")]
    NoDevice(String),

    /// There are fewer GPUs than that.
    #[error("no GPU number {ordinal}: there are {count}, counted from 0")]
    NoSuchDevice {
        /// The one that was asked for.
        ordinal: usize,
        /// How many there are.
        count: usize,
    },

    /// The kernels of this build are for other chips.
    #[error(
        "this build has no kernels for {chip}: it has them for {built}. Build with ZKILN_CUDA_ARCHS={arch}"
    )]
    NoKernels {
        /// The chip's name and compute capability.
        chip: String,
        /// What the build has kernels for.
        built: String,
        /// What `ZKILN_CUDA_ARCHS` should name.
        arch: u32,
    },

    /// What was asked for was left out of this build.
    #[error("{0}")]
    NotBuilt(&'static str),

    /// The budget, or the device's memory, does not suffice.
    #[error("out of device memory: {asked} bytes asked for, {live} of {budget} in use")]
    OutOfMemory {
        /// Bytes asked for.
        asked: u64,
        /// Bytes in use.
        live: u64,
        /// The most that may be in use.
        budget: u64,
    },

    /// No kernel of this name, or a call with other parameters than it has: a fault in the caller.
    #[error("kernel {kernel}: {reason}")]
    Call {
        /// Its name.
        kernel: String,
        /// What is wrong.
        reason: String,
    },

    /// A call of the driver failed.
    #[error("{call}: {text} ({name}, {code})")]
    Driver {
        /// The function.
        call: &'static str,
        /// The driver's number for the failure.
        code: u32,
        /// The driver's name for it.
        name: String,
        /// The driver's sentence.
        text: String,
    },

    /// A kernel did what it must not, as the emulator found. Nothing on that device works afterwards.
    #[error("{0}")]
    Fault(String),

    /// An argument that breaks a call's contract.
    #[error("{0}")]
    Argument(String),
}
