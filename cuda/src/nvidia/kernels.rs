//! The kernels of this build, as nvcc made them.

use crate::{Error, Result};

/// What the build script wrote.
mod built {
    use super::Family;

    include!(concat!(env!("OUT_DIR"), "/nvidia.rs"));
}

/// SHA-256 of the kernels' sources, `kernels/*.cu` and `*.cuh`, in hexadecimal: what was measured or
/// tested on one GPU holds for every build with the same.
///
/// It is that of a list with a line `<SHA-256 of the file>  <its name>` for each, by name:
/// `cd kernels && LC_ALL=C sha256sum *.cu *.cuh | LC_ALL=C sort -k2 | sha256sum`.
pub const KERNEL_HASH: &str = built::HASH;

/// What the kernels were compiled for: machine code (`sm_90`) and PTX (`compute_90`), which newer chips
/// compile for themselves. Empty in a build without nvcc.
pub const KERNEL_ARCHS: &[&str] = built::ARCHS;

/// The kernels of one file of `kernels/`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// The names of its kernels.
    pub(super) kernels: &'static [&'static str],
    /// A fat binary: machine code for several chips, and PTX.
    pub(super) image: &'static [u8],
}

/// A set of families, compiled together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kernels {
    pub(super) families: &'static [Family],
    /// What they were compiled for, as [`KERNEL_ARCHS`].
    pub(super) archs: &'static [&'static str],
    /// The version of the compiler, as in [`Error::DriverTooOld`]; 0 if there was none.
    pub(super) toolkit: u32,
}

/// Those of this build.
pub(super) const BUILT: Kernels = Kernels {
    families: built::FAMILIES,
    archs: KERNEL_ARCHS,
    toolkit: built::TOOLKIT,
};

/// The first CUDA version with all the functions that [`super::library`] looks for.
const LEAST_DRIVER: u32 = 12_040;

impl Kernels {
    /// The CUDA version that a driver must support to run them.
    ///
    /// Machine code from a compiler of CUDA 13 has a form that drivers of CUDA 12 cannot read; within a
    /// major version old drivers run what new compilers make. So CUDA 13 means 13.0, which is driver 580.
    pub(super) fn driver_needed(&self) -> u32 {
        LEAST_DRIVER.max(self.toolkit / 1000 * 1000)
    }

    /// Whether a chip of this compute capability, with a driver of this version, can run them.
    pub(super) fn check(&self, name: &str, capability: (u32, u32), driver: u32) -> Result<()> {
        if self.archs.is_empty() {
            return Err(Error::NotBuilt(
                "this build has no kernels for GPUs: build with nvcc of CUDA 12.8 or newer on the PATH, \
                 or in the Python package nvidia-cuda-nvcc",
            ));
        }
        if self.archs.iter().any(|arch| is_code_for(arch, capability)) {
            return Ok(());
        }
        if !self.archs.iter().any(|arch| is_ptx_for(arch, capability)) {
            return Err(self.no_kernels(name, capability));
        }
        // PTX is compiled by the driver, which must know the version of the language.
        if driver < self.toolkit {
            return Err(Error::DriverTooOld {
                found: driver,
                needed: self.toolkit,
            });
        }
        Ok(())
    }

    /// The error of a chip that they cannot run on.
    pub(super) fn no_kernels(&self, name: &str, (major, minor): (u32, u32)) -> Error {
        Error::NoKernels {
            chip: format!("{name} (compute capability {major}.{minor})"),
            built: self.archs.join(", "),
            arch: 10 * major + minor,
        }
    }
}

/// Whether `arch` is machine code for such a chip: of the same major version, and no newer.
fn is_code_for(arch: &str, (major, minor): (u32, u32)) -> bool {
    number(arch, "sm_").is_some_and(|arch| arch / 10 == major && arch % 10 <= minor)
}

/// Whether `arch` is PTX that can be compiled for such a chip: any that is no newer.
fn is_ptx_for(arch: &str, (major, minor): (u32, u32)) -> bool {
    number(arch, "compute_").is_some_and(|arch| arch <= 10 * major + minor)
}

fn number(arch: &str, prefix: &str) -> Option<u32> {
    arch.strip_prefix(prefix)?.parse().ok()
}
