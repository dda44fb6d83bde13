//! The library's errors as exceptions. The classes are in `python/zkiln/errors.py`.

use std::any::Any;
use std::path::PathBuf;

use pyo3::call::PyCallArgs;
use pyo3::prelude::*;

/// Why a call failed, until there is a GIL to make an exception of it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library's error.
    Library(zkiln::Error),
    /// An argument with a value that breaks the call's contract: `ArgumentError`.
    Argument(String),
    /// An argument of another type: `ArgumentTypeError`.
    Type(String),
    /// An object that was closed: `ClosedError`.
    Closed(String),
    /// An object or threads of the process that this one was forked off: `ForkError`.
    Fork(String),
    /// Memory that this process cannot have: `OutOfMemoryError`.
    Memory(String),
    /// A panic: `BugError`.
    Bug(String),
}

pub(crate) type Result<T> = core::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::Argument(message.into())
    }

    pub(crate) fn of_type(message: impl Into<String>) -> Self {
        Self::Type(message.into())
    }

    /// What a caught panic said.
    pub(crate) fn bug(payload: &(dyn Any + Send)) -> Self {
        let text = (payload.downcast_ref::<&str>().copied())
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self::Bug(format!(
            "a bug in zkiln: {}; objects of this call should not be used again",
            text.unwrap_or("a panic without a message")
        ))
    }
}

impl From<zkiln::Error> for Failure {
    fn from(error: zkiln::Error) -> Self {
        Self::Library(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| exception(py, failure).unwrap_or_else(|error| error))
    }
}

fn exception(py: Python<'_>, failure: Failure) -> PyResult<PyErr> {
    let (class, message) = match failure {
        Failure::Library(error) => return library(py, error),
        Failure::Argument(message) => ("ArgumentError", message),
        Failure::Type(message) => ("ArgumentTypeError", message),
        Failure::Closed(message) => ("ClosedError", message),
        Failure::Fork(message) => ("ForkError", message),
        Failure::Memory(message) => ("OutOfMemoryError", message),
        Failure::Bug(message) => ("BugError", message),
    };
    raise(py, class, (message,))
}

/// The class with the code of the error, with what it tells beside its sentence as attributes.
fn library(py: Python<'_>, error: zkiln::Error) -> PyResult<PyErr> {
    use zkiln::Error;

    let message = error.to_string();
    match error {
        Error::Io { path, source } => io(py, path, &source),
        Error::Malformed {
            origin,
            section,
            fault,
            reason,
        } => {
            let raised = raise(py, "MalformedError", (message,))?;
            let value = raised.value(py);
            value.setattr("origin", origin)?;
            value.setattr("section", section)?;
            value.setattr("fault", format!("{fault:?}"))?;
            value.setattr("reason", reason)?;
            Ok(raised)
        }
        other => {
            let class = match other.code() {
                3 => "WeakKeyError",
                4 => "WitnessMismatchError",
                5 => "UnsatisfiedError",
                6 => "SelfCheckError",
                7 => "PublicInputsError",
                8 => "ArgumentError",
                9 => "EntropyError",
                10 => "DeviceError",
                11 => "OutOfMemoryError",
                12 => "CancelledError",
                20 => "RefusedError",
                21 => "ConflictError",
                _ => "Error",
            };
            raise(py, class, (message,))
        }
    }
}

/// As `open` of Python would say it: with a number, its sentence and the name of the file.
fn io(py: Python<'_>, path: PathBuf, source: &std::io::Error) -> PyResult<PyErr> {
    let is_missing = source.kind() == std::io::ErrorKind::NotFound;
    let class = if is_missing {
        "MissingFileError"
    } else {
        "IoError"
    };
    match source.raw_os_error() {
        Some(number) => {
            let sentence = py.import("os")?.call_method1("strerror", (number,))?;
            raise(py, class, (number, sentence, path.into_os_string()))
        }
        None => raise(py, class, (format!("{}: {source}", path.display()),)),
    }
}

fn raise<'py>(py: Python<'py>, class: &str, arguments: impl PyCallArgs<'py>) -> PyResult<PyErr> {
    let class = py.import("zkiln.errors")?.getattr(class)?;
    Ok(PyErr::from_value(class.call1(arguments)?))
}
