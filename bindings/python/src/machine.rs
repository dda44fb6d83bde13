//! Which machine does the work.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use zkiln::backend::{Backend, Device, KERNEL_ARCHS, KERNEL_HASH};

use crate::errors::{Failure, Result};
use crate::process;

/// The devices that were asked for, by name, and the process that opened them: an array on a device and a plan
/// there must mean the same one.
static OPEN: Mutex<Option<Open>> = Mutex::new(None);

struct Open {
    process: u32,
    devices: HashMap<String, Backend>,
}

/// The backend with the name that an argument `device` has: "auto", "cpu", "cuda", "cuda:N", "emulator".
pub(crate) fn named(py: Python<'_>, device: &str) -> PyResult<Backend> {
    if device == "cpu" {
        return Ok(Backend::Cpu);
    }
    Ok(py.detach(|| open(device))?)
}

fn open(device: &str) -> Result<Backend> {
    // "cuda" is the first of them.
    let device = if device == "cuda" { "cuda:0" } else { device };
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    let open = open.get_or_insert_with(|| Open {
        process,
        devices: HashMap::new(),
    });
    if open.process != process {
        let uses_cuda = open.devices.values().any(|b| *b != Backend::Cpu);
        if uses_cuda && device != "emulator" {
            return Err(Failure::Fork(format!(
                "process {} opened a device, and this is process {process}, which was forked off it: a device \
                 cannot be used after a fork; start processes with \
                 multiprocessing.get_context(\"spawn\")",
                open.process
            )));
        }
        std::mem::forget(std::mem::take(&mut open.devices));
        open.process = process;
    }
    if let Some(backend) = open.devices.get(device) {
        return Ok(backend.clone());
    }
    let backend = match device {
        "auto" => match Backend::auto().backend {
            Backend::Cpu => Backend::Cpu,
            first => open.devices.entry("cuda:0".into()).or_insert(first).clone(),
        },
        name => name.parse::<Backend>()?,
    };
    open.devices.insert(device.into(), backend.clone());
    Ok(backend)
}

/// What this package is and where it would work.
///
/// A dictionary: the version; the processor and the number of threads; the chips that there is machine code
/// for, empty in a package that was built without nvcc; the GPUs; what "auto" stands for and, if that is not a GPU,
/// why.
///
/// >>> import zkiln
/// >>> zkiln.info()["version"] == zkiln.__version__
/// True
#[pyfunction]
fn info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let (choice, gpus) = py.detach(|| {
        let gpus = match Device::nvidia_count() {
            Ok(count) => (0..count).map(gpu).collect(),
            Err(_) => Vec::new(),
        };
        let choice = open("auto").map(|backend| {
            let reason = match backend {
                Backend::Cpu => Device::nvidia(0).err().map(|error| error.to_string()),
                _ => None,
            };
            (backend, reason)
        });
        (choice, gpus)
    });
    let (backend, reason) = choice?;
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("cpu", Backend::Cpu.to_string())?;
    info.set_item("threads", process::threads()?.current_num_threads())?;
    info.set_item("kernels", KERNEL_ARCHS)?;
    info.set_item("kernel_hash", KERNEL_HASH)?;
    info.set_item("gpus", gpus)?;
    info.set_item("auto", backend.to_string())?;
    info.set_item("reason", reason)?;
    info.set_item("emulator", cfg!(feature = "emulator"))?;
    Ok(info)
}

fn gpu(ordinal: usize) -> String {
    match open(&format!("cuda:{ordinal}")) {
        Ok(backend) => backend.to_string(),
        Err(Failure::Library(error)) => format!("cuda:{ordinal}: {error}"),
        Err(_) => format!("cuda:{ordinal}"),
    }
}

/// Sets the number of threads of calls that begin from now on: 0 for one for each core, or as many as
/// `RAYON_NUM_THREADS` says, which is the default.
#[pyfunction]
#[pyo3(signature = (count=0))]
fn set_threads(py: Python<'_>, count: usize) -> PyResult<()> {
    Ok(py.detach(|| process::set_threads(count))?)
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(info, m)?)?;
    m.add_function(wrap_pyfunction!(set_threads, m)?)?;
    Ok(())
}
