//! The Python module `zkiln._zkiln`, which the package in `python/zkiln` shows to the world.
//!
//! ```text
//! errors    the library's errors as exceptions
//! process   this process' threads, and what a fork leaves of them
//! work      calls without the GIL: callbacks, signals, cancellation
//! arrays    NumPy arrays as slices
//! machine   which device does the work
//! fields, curves, msm, ntt, hashes, merkle, groth16, spartan, stark, statement, device
//! ```
//!
//! A function checks its arguments while it holds the GIL, and does everything that takes longer than about
//! ten microseconds without it, by way of [`work`].

mod arrays;
mod bench;
mod curves;
mod device;
mod errors;
mod fields;
mod groth16;
mod hashes;
mod machine;
mod merkle;
mod msm;
mod ntt;
mod process;
mod spartan;
mod stark;
mod statement;
mod work;

use pyo3::prelude::*;

/// The module.
#[pymodule(gil_used = false)]
fn _zkiln(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    machine::register(m)?;
    fields::register(m)?;
    curves::register(m)?;
    msm::register(m)?;
    ntt::register(m)?;
    hashes::register(m)?;
    merkle::register(m)?;
    groth16::register(m)?;
    device::register(m)?;
    bench::register(m)?;
    stark::register(m)?;
    spartan::register(m)?;
    statement::register(m)?;
    Ok(())
}
