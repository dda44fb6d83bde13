//! Groth16.

mod circuit;
mod key;
mod proof;
mod vkey;

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::Failure;
pub(crate) use circuit::{PyR1cs, given_witness};
pub(crate) use key::PyProvingKey;
pub(crate) use proof::{PyProof, PyPublicInputs, given_public};
pub(crate) use vkey::PyVerifyingKey;

/// What a file is read from: its path, or its bytes.
pub(crate) enum Source<'a, 'py> {
    Path(PathBuf),
    Bytes(Borrowed<'a, 'py, PyBytes>),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Source<'a, 'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Self::Bytes(bytes));
        }
        match object.extract::<PathBuf>() {
            Ok(path) => Ok(Self::Path(path)),
            Err(_) => Err(Failure::of_type(format!(
                "source: the path of a file or its bytes are needed, not {}",
                object.get_type().fully_qualified_name()?
            ))
            .into()),
        }
    }
}

impl Source<'_, '_> {
    /// The same, without Python.
    fn get(&self) -> Place<'_> {
        match self {
            Self::Path(path) => Place::Path(path),
            Self::Bytes(bytes) => Place::Bytes(bytes.as_bytes()),
        }
    }
}

/// A [`Source`] for work without the GIL.
#[derive(Clone, Copy)]
enum Place<'a> {
    Path(&'a std::path::Path),
    Bytes(&'a [u8]),
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<key::PyProvingKey>()?;
    m.add_class::<vkey::PyVerifyingKey>()?;
    m.add_class::<proof::PyProof>()?;
    m.add_class::<proof::PyPublicInputs>()?;
    m.add_class::<circuit::PyWitness>()?;
    m.add_class::<circuit::PyR1cs>()?;
    m.add_function(wrap_pyfunction!(circuit::insecure_development_key, m)?)
}
