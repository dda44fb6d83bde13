//! What was accepted, and the alarm.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use zkiln::Error;
use zkiln::statement::{Anchor, Conflict, Journal};

use super::certificate::PyCertificate;
use super::program::PyProgram;
use super::range::{PyAnchor, PyVerdict};
use crate::errors::Failure;
use crate::process::Handle;
use crate::work;

/// The certificates of one program that were accepted, each once.
///
/// **Contradictions freeze.** Two valid proofs of the same start and batch with different results mean that a proof system, a
/// circuit or a verifier is broken. From then on every call of accept raises ConflictError, until people have looked at the two
/// certificates: there is no way to go on but a new journal. Save a journal whenever accept has returned or raised.
#[pyclass(module = "zkiln.statement", name = "Journal", frozen)]
pub(crate) struct PyJournal {
    program: Py<PyProgram>,
    /// Locked without the GIL, which an executor needs.
    journal: Handle<Mutex<Journal>>,
}

impl PyJournal {
    fn of(
        py: Python<'_>,
        program: &Bound<'_, PyProgram>,
        read: impl FnOnce(&zkiln::statement::Program) -> zkiln::Result<Journal> + Send,
    ) -> PyResult<Self> {
        let current = program.get().current();
        let journal = work::run(py, || read(&current.program))?;
        Ok(Self {
            program: program.clone().unbind(),
            journal: Handle::new("this Journal", Mutex::new(journal)),
        })
    }

    /// Looks at the journal.
    fn read<R: Send>(
        &self,
        py: Python<'_>,
        look: impl FnOnce(&Journal) -> R + Send,
    ) -> PyResult<R> {
        let journal = self.journal.get()?;
        Ok(py.detach(|| look(&journal.lock().unwrap_or_else(PoisonError::into_inner))))
    }

    /// The two certificates that contradict each other.
    fn contradiction(&self, py: Python<'_>) -> PyResult<Option<(PyCertificate, PyCertificate)>> {
        let conflict = self.read(py, |journal| journal.conflict().cloned())?;
        Ok(conflict.map(|conflict| {
            let Conflict { first, second } = conflict;
            (PyCertificate::new(first), PyCertificate::new(second))
        }))
    }
}

#[pymethods]
impl PyJournal {
    #[new]
    fn new(py: Python<'_>, program: &Bound<'_, PyProgram>) -> PyResult<Self> {
        Self::of(py, program, |program| Ok(Journal::new(program)))
    }

    /// Reads the file of a journal by verifying and accepting its certificates again.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf, program: &Bound<'_, PyProgram>) -> PyResult<Self> {
        Self::of(py, program, |program| Journal::open(path, program))
    }

    /// Reads the text of a journal: see open.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str, program: &Bound<'_, PyProgram>) -> PyResult<Self> {
        Self::of(py, program, |program| {
            Journal::from_json(text, "journal", program)
        })
    }

    /// The text: what was accepted, and what contradicts.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.read(py, Journal::to_json)
    }

    /// Creates or replaces a file, which is there whole or not at all.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let saved = self.read(py, |journal| journal.save(path))?;
        Ok(saved.map_err(Failure::from)?)
    }

    /// Verifies a certificate as Program.verify does, and accepts it if it is new and contradicts nothing.
    ///
    /// Raises RefusedError saying why it is not accepted, and **ConflictError** if it contradicts what was proven before, or
    /// anything did: its attributes first and second are the two certificates.
    fn accept(
        &self,
        py: Python<'_>,
        certificate: &Bound<'_, PyCertificate>,
        anchor: &Bound<'_, PyAnchor>,
    ) -> PyResult<PyVerdict> {
        let current = self.program.get().current();
        let (certificate, anchor) = (&certificate.get().0, &anchor.get().0);
        let journal = self.journal.get()?;
        let outcome = work::run_locked(py, &journal, |journal| {
            let certificate = (**certificate).clone();
            // What is wrong is told apart below.
            Ok::<_, Failure>(journal.accept(&current.program, certificate, anchor))
        })?;
        match outcome {
            Ok(verdict) => Ok(PyVerdict(verdict)),
            Err(error) => {
                let is_conflict = matches!(error, Error::Conflict(_));
                let raised = PyErr::from(Failure::from(error));
                if is_conflict && let Some((first, second)) = self.contradiction(py)? {
                    raised.value(py).setattr("first", first)?;
                    raised.value(py).setattr("second", second)?;
                }
                Err(raised)
            }
        }
    }

    /// Whether two proofs contradict each other, and nothing is accepted any more.
    #[getter]
    fn is_frozen(&self, py: Python<'_>) -> PyResult<bool> {
        self.read(py, |journal| journal.conflict().is_some())
    }

    /// The two certificates that contradict each other, or None.
    #[getter]
    fn conflict(&self, py: Python<'_>) -> PyResult<Option<(PyCertificate, PyCertificate)>> {
        self.contradiction(py)
    }

    /// Copies of the certificates that were accepted, in order.
    #[getter]
    fn accepted(&self, py: Python<'_>) -> PyResult<Vec<PyCertificate>> {
        self.read(py, |journal| {
            let accepted = journal.accepted().cloned();
            accepted.map(PyCertificate::new).collect()
        })
    }

    /// Where what follows the last certificate must begin; None if there is none.
    #[getter]
    fn end(&self, py: Python<'_>) -> PyResult<Option<PyAnchor>> {
        self.read(py, |journal| {
            let last = journal.accepted().last()?;
            Some(PyAnchor(Anchor::after(&last.summary())))
        })
    }

    /// The program.
    #[getter]
    fn program(&self, py: Python<'_>) -> Py<PyProgram> {
        self.program.clone_ref(py)
    }

    /// The number of certificates that were accepted.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, |journal| journal.accepted().count())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let frozen = if self.is_frozen(py)? { ", FROZEN" } else { "" };
        let count = self.__len__(py)?;
        Ok(format!("<Journal of {count} certificates{frozen}>"))
    }
}
