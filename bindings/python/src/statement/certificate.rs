//! Certificates.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use zkiln::statement::{Certificate, Word};

use super::lane::{PyLaneInfo, names};
use super::policy::PyPolicy;
use super::range::PySummary;
use super::v1::PyStatementV1;
use super::word::bytes;
use crate::errors::Failure;
use crate::work;

/// A claim that statements are proven: one, or those of a range, each by the same lanes. Program.certify makes it. That it
/// could be read says that it is well formed; Program.verify says that it is true.
///
/// A certificate has exactly one text.
#[pyclass(module = "zkiln.statement", name = "Certificate", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyCertificate(pub(super) Arc<Certificate>);

impl PyCertificate {
    pub(super) fn new(certificate: Certificate) -> Self {
        Self(Arc::new(certificate))
    }
}

/// A statement and its proofs by the ids of their lanes.
type Segment<'py> = (PyStatementV1, Bound<'py, PyDict>);
/// Two lanes and what they share.
type Shared<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>, Vec<String>);

#[pymethods]
impl PyCertificate {
    /// Reads the text of a certificate, and no other spelling of it. Raises MalformedError.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let read = || Certificate::from_json(text, "certificate");
        work::alone(py, read).map(Self::new)
    }

    /// Reads the file of a certificate.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::alone(py, || Certificate::open(path)).map(Self::new)
    }

    /// The text.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        work::alone(py, || Ok::<_, Failure>(self.0.to_json()))
    }

    /// Creates or replaces a file, which is there whole or not at all.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        work::alone(py, || self.0.save(path))
    }

    /// The policy that the maker says to satisfy.
    #[getter]
    fn policy(&self) -> PyPolicy {
        PyPolicy(self.0.policy().clone())
    }

    /// The lanes of every segment, in ascending order of their ids.
    #[getter]
    fn lanes(&self) -> Vec<PyLaneInfo> {
        self.0.lanes().iter().cloned().map(PyLaneInfo).collect()
    }

    /// What each two lanes have in common: their ids, and the names of the parts.
    #[getter]
    fn shared<'py>(&self, py: Python<'py>) -> Vec<Shared<'py>> {
        let pairs = self.0.shared().iter();
        pairs
            .map(|shared| {
                let [a, b] = shared.lanes;
                (bytes(py, &a), bytes(py, &b), names(&shared.parts))
            })
            .collect()
    }

    /// The statements, one after the other.
    #[getter]
    fn statements(&self) -> Vec<PyStatementV1> {
        self.0.statements().copied().map(PyStatementV1).collect()
    }

    /// The statements with their proofs, which are bytes by the ids of their lanes.
    #[getter]
    fn segments<'py>(&self, py: Python<'py>) -> PyResult<Vec<Segment<'py>>> {
        let ids: Vec<Word> = self.0.lanes().iter().map(|lane| lane.id()).collect();
        let segments = self.0.segments().iter();
        segments
            .map(|segment| {
                let proofs = PyDict::new(py);
                for (id, proof) in ids.iter().zip(&segment.proofs) {
                    proofs.set_item(bytes(py, id), PyBytes::new(py, &proof.0))?;
                }
                Ok((PyStatementV1(segment.statement), proofs))
            })
            .collect()
    }

    /// What the segments together state.
    #[getter]
    fn summary(&self) -> PySummary {
        PySummary(self.0.summary())
    }

    /// The number of segments.
    fn __len__(&self) -> usize {
        self.0.segments().len()
    }

    fn __hash__(&self) -> u64 {
        let hash = Word::keccak(self.0.to_json());
        u64::from_le_bytes(*hash.0.first_chunk().expect("32 bytes"))
    }

    /// Pickles as its text.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let read = slf.get_type().getattr("from_json")?;
        Ok((read, (slf.get().0.to_json(),)))
    }

    fn __repr__(&self) -> String {
        let summary = self.0.summary();
        format!(
            "<Certificate of items {} to {} by {} lanes>",
            summary.first_seq,
            summary.last_seq,
            self.0.lanes().len()
        )
    }
}
