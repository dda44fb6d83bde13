//! Where ranges begin and end.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zkiln::statement::{Anchor, Summary, Verdict};

use super::word::{bytes, element, number};
use crate::fields::PyFr;

/// Where a certificate must begin. There is no default: a verifier who leaves the start to the prover accepts any state.
///
/// >>> from zkiln.statement import Anchor
/// >>> Anchor.genesis(1000, first_seq=100)
/// Anchor.genesis(1000, first_seq=100)
#[pyclass(module = "zkiln.statement", name = "Anchor", frozen, eq)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PyAnchor(pub(super) Anchor);

#[pymethods]
impl PyAnchor {
    /// Anywhere: what is accepted then says nothing of where the first state came from.
    #[classattr]
    #[pyo3(name = "UNCHECKED")]
    fn unchecked() -> Self {
        Self(Anchor::Unchecked)
    }

    /// At the beginning of all: with this state and item.
    #[staticmethod]
    fn genesis(root: &Bound<'_, PyAny>, first_seq: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (root, first_seq) = (element("root", root)?, number("first_seq", first_seq)?);
        Ok(Self(Anchor::Genesis { root, first_seq }))
    }

    /// After a range that ended in this state with this item: see Summary.end.
    #[staticmethod]
    fn after(root: &Bound<'_, PyAny>, last_seq: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (root, last_seq) = (element("root", root)?, number("last_seq", last_seq)?);
        Ok(Self(Anchor::After { root, last_seq }))
    }

    fn __repr__(&self) -> String {
        match self.0 {
            Anchor::Unchecked => "Anchor.UNCHECKED".into(),
            Anchor::Genesis { root, first_seq } => {
                format!("Anchor.genesis({root}, first_seq={first_seq})")
            }
            Anchor::After { root, last_seq } => {
                format!("Anchor.after({root}, last_seq={last_seq})")
            }
        }
    }
}

/// What a certificate states as a whole.
#[pyclass(module = "zkiln.statement", name = "Summary", frozen, eq)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PySummary(pub(super) Summary);

#[pymethods]
impl PySummary {
    /// The program.
    #[getter]
    fn program<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.program)
    }

    /// The number of the first item.
    #[getter]
    fn first_seq(&self) -> u64 {
        self.0.first_seq
    }

    /// The number of the last item.
    #[getter]
    fn last_seq(&self) -> u64 {
        self.0.last_seq
    }

    /// The state before the first item.
    #[getter]
    fn pre_root(&self) -> PyFr {
        PyFr(self.0.pre_root)
    }

    /// The state after the last item.
    #[getter]
    fn post_root(&self) -> PyFr {
        PyFr(self.0.post_root)
    }

    /// Where what follows must begin.
    #[getter]
    fn end(&self) -> PyAnchor {
        PyAnchor(Anchor::after(&self.0))
    }

    fn __repr__(&self) -> String {
        format!(
            "<Summary of items {} to {}, from the state {} to {}>",
            self.0.first_seq, self.0.last_seq, self.0.pre_root, self.0.post_root
        )
    }
}

/// What was found of a certificate that is accepted.
#[pyclass(module = "zkiln.statement", name = "Verdict", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyVerdict(pub(super) Verdict);

#[pymethods]
impl PyVerdict {
    /// What the certificate states.
    #[getter]
    fn summary(&self) -> PySummary {
        PySummary(self.0.summary)
    }

    /// The ids of a largest set of independent lanes among those of the certificate.
    #[getter]
    fn counted<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        self.0.counted.iter().map(|id| bytes(py, id)).collect()
    }

    fn __repr__(&self) -> String {
        format!(
            "<Verdict: items {} to {}, {} independent lanes>",
            self.0.summary.first_seq,
            self.0.summary.last_seq,
            self.0.counted.len()
        )
    }
}
