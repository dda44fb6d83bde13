//! What a verifier trusts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use zkiln::field::Fr;
use zkiln::statement::{
    Executor, Lane, NamedProgram, Program, ProofBytes, Segment, StatementV1, Status, Word,
    check_continuity,
};

use super::certificate::PyCertificate;
use super::lane::{PyLane, PyLaneInfo, given_info, given_proof};
use super::policy::PyPolicy;
use super::range::{PyAnchor, PyVerdict};
use super::v1::PyStatementV1;
use super::word::{bytes, element, word};
use crate::errors::{Failure, Result};
use crate::work;

/// A program with the lanes that prove it, by name, and the policy that says when that is enough: the verifier's side, made
/// of keys that it trusts and never of a certificate.
///
/// executor, a function of a statement, is the re-execution of its batch: it gives the state after it, as an Fr, an integer below r or
/// bytes. A certificate that it contradicts, or for which it raises an exception, is refused. It is called on a thread of
/// the library's.
///
/// Lanes are added and never removed or replaced; a lane's status only gets worse. Methods take lanes by their names, their
/// ids, or themselves.
#[pyclass(module = "zkiln.statement", name = "Program", frozen)]
pub(crate) struct PyProgram {
    /// Changes make another one: calls go on with what they began with.
    current: Mutex<Arc<NamedProgram>>,
}

impl PyProgram {
    fn with(mut named: NamedProgram, executor: Option<Bound<'_, PyAny>>) -> Self {
        if let Some(callable) = executor {
            let executor = PyExecutor(callable.unbind());
            named.program = named.program.with_executor(Arc::new(executor));
        }
        Self {
            current: Mutex::new(Arc::new(named)),
        }
    }

    /// The program as it is now.
    pub(super) fn current(&self) -> Arc<NamedProgram> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    fn change(&self, change: impl FnOnce(&mut NamedProgram) -> Result<()>) -> PyResult<()> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(change(Arc::make_mut(&mut current))?)
    }
}

#[pymethods]
impl PyProgram {
    #[new]
    #[pyo3(signature = (id, policy, lanes, *, executor=None))]
    fn new(
        id: &Bound<'_, PyAny>,
        policy: &Bound<'_, PyPolicy>,
        lanes: BTreeMap<String, Bound<'_, PyLane>>,
        executor: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let names = (lanes.iter())
            .map(|(name, lane)| (name.clone(), lane.get().0.info().id()))
            .collect();
        let lanes: Vec<Arc<dyn Lane>> = lanes.values().map(|lane| lane.get().0.clone()).collect();
        let program = Program::new(word("id", id)?, policy.get().0.clone(), lanes);
        let program = program.map_err(Failure::from)?;
        Ok(Self::with(NamedProgram { program, names }, executor))
    }

    /// Reads the file of a program, with the keys, circuits and constraints that it names: docs/multi-prover.md has the
    /// format.
    #[staticmethod]
    #[pyo3(signature = (path, *, executor=None))]
    fn open(py: Python<'_>, path: PathBuf, executor: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let named = work::run(py, || NamedProgram::open(path))?;
        Ok(Self::with(named, executor))
    }

    /// Reads the text of such a file, which names others relative to a folder.
    #[staticmethod]
    #[pyo3(signature = (text, folder, *, executor=None))]
    fn from_json(
        py: Python<'_>,
        text: &str,
        folder: PathBuf,
        executor: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let folder: &Path = &folder;
        let named = work::run(py, || NamedProgram::from_json(text, "program", folder))?;
        Ok(Self::with(named, executor))
    }

    /// What its statements name as their program.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.current().program.id())
    }

    /// The policy.
    #[getter]
    fn policy(&self) -> PyPolicy {
        PyPolicy(self.current().program.policy().clone())
    }

    /// What the lanes are, by their names.
    #[getter]
    fn lanes(&self) -> BTreeMap<String, PyLaneInfo> {
        let current = self.current();
        let info = |(name, id): (&String, &Word)| {
            let mut lanes = current.program.lanes();
            let (info, _) = lanes.find(|(info, _)| info.id() == *id)?;
            Some((name.clone(), PyLaneInfo(info.clone())))
        };
        current.names.iter().filter_map(info).collect()
    }

    /// What may be done with a lane: "active"; "deprecated", no new certificates are made with it; "revoked", its proofs
    /// are refused.
    fn status(&self, lane: &Bound<'_, PyAny>) -> PyResult<&'static str> {
        let current = self.current();
        let id = lane_id(&current, lane)?;
        let mut lanes = current.program.lanes();
        match lanes.find(|(info, _)| info.id() == id) {
            Some((_, Status::Active)) => Ok("active"),
            Some((_, Status::Deprecated)) => Ok("deprecated"),
            Some((_, Status::Revoked)) => Ok("revoked"),
            None => Err(no_lane(&current, &id.to_string()).into()),
        }
    }

    /// Adds a lane.
    fn add(&self, name: String, lane: &Bound<'_, PyLane>) -> PyResult<()> {
        let lane = lane.get().0.clone();
        self.change(|named| {
            if named.names.contains_key(&name) {
                return Err(Failure::argument(format!("there is a lane {name:?}")));
            }
            let id = lane.info().id();
            named.program.add(lane)?;
            named.names.insert(name, id);
            Ok(())
        })
    }

    /// Lets no new certificates be made with a lane. A revoked one stays revoked.
    fn deprecate(&self, lane: &Bound<'_, PyAny>) -> PyResult<()> {
        let id = lane_id(&self.current(), lane)?;
        self.change(|named| Ok(named.program.deprecate(id)?))
    }

    /// Refuses a lane's proofs from now on.
    fn revoke(&self, lane: &Bound<'_, PyAny>) -> PyResult<()> {
        let id = lane_id(&self.current(), lane)?;
        self.change(|named| Ok(named.program.revoke(id)?))
    }

    /// A certificate of a statement with its proofs by their lanes, verified before it is handed out. Proofs are bytes in the
    /// encoding of the lane's system, or Proofs of groth16 and spartan.
    fn certify(
        &self,
        py: Python<'_>,
        statement: &Bound<'_, PyStatementV1>,
        proofs: &Bound<'_, PyAny>,
    ) -> PyResult<PyCertificate> {
        self.certify_range(py, vec![(statement.clone(), proofs.clone())])
    }

    /// A certificate of statements that follow one another: a list of pairs of a statement and its proofs, of the same
    /// lanes each: see certify. zkiln.statement.prove_range makes them, in parallel.
    fn certify_range(
        &self,
        py: Python<'_>,
        segments: Vec<(Bound<'_, PyStatementV1>, Bound<'_, PyAny>)>,
    ) -> PyResult<PyCertificate> {
        if segments.is_empty() {
            return Err(Failure::argument("segments: there are none").into());
        }
        let current = self.current();
        let given: Vec<BTreeMap<Word, Vec<u8>>> = (segments.iter())
            .map(|(_, proofs)| given_proofs(&current, proofs))
            .collect::<PyResult<_>>()?;
        let lanes: Vec<Word> = given
            .first()
            .map_or(Vec::new(), |proofs| proofs.keys().copied().collect());
        let mut parts = Vec::with_capacity(given.len());
        for (i, ((statement, _), proofs)) in segments.iter().zip(given).enumerate() {
            if !proofs.keys().eq(&lanes) {
                return Err(Failure::argument(format!(
                    "segments: number {i} has proofs of other lanes than the first"
                ))
                .into());
            }
            parts.push(Segment {
                statement: statement.get().0,
                proofs: proofs.into_values().map(ProofBytes).collect(),
            });
        }
        // Said here in as many words; in a certificate it would be a fault of its form.
        let stated: Vec<&StatementV1> = parts.iter().map(|s| &s.statement).collect();
        let checked = check_continuity(&stated, current.program.policy().payees);
        checked.map_err(Failure::from)?;
        work::run(py, || current.program.certify(&lanes, parts)).map(PyCertificate::new)
    }

    /// What there is to see to before a range is proven: that the lanes may be used and satisfy the policy, that the
    /// statements follow one another.
    fn check_range(
        &self,
        lanes: Vec<Bound<'_, PyAny>>,
        statements: Vec<Bound<'_, PyStatementV1>>,
    ) -> PyResult<()> {
        let current = self.current();
        let mut infos = Vec::new();
        for lane in &lanes {
            let id = lane_id(&current, lane)?;
            let mut known = current.program.lanes();
            match known.find(|(info, _)| info.id() == id) {
                Some((info, Status::Active)) => infos.push(info),
                Some(_) => {
                    let reason = format!("the lane {id} is not active");
                    return Err(Failure::argument(reason).into());
                }
                None => return Err(no_lane(&current, &id.to_string()).into()),
            }
        }
        let policy = current.program.policy();
        policy.evaluate(&infos).map_err(Failure::from)?;
        let statements: Vec<&StatementV1> = statements.iter().map(|s| &s.get().0).collect();
        let checked = check_continuity(&statements, policy.payees);
        Ok(checked.map_err(Failure::from)?)
    }

    /// Verifies a certificate that begins at an anchor: the policy is the program's own, every lane is one of its lanes and
    /// not revoked, the lanes satisfy the policy, every proof is valid for the statement's own fields, and the executor
    /// agrees. Raises RefusedError saying why it is not accepted.
    ///
    /// That it is true does not make it new: a Journal refuses what was accepted before, and finds contradictions.
    fn verify(
        &self,
        py: Python<'_>,
        certificate: &Bound<'_, PyCertificate>,
        anchor: &Bound<'_, PyAnchor>,
    ) -> PyResult<PyVerdict> {
        let current = self.current();
        let (certificate, anchor) = (&certificate.get().0, &anchor.get().0);
        work::run(py, || current.program.verify(certificate, anchor)).map(PyVerdict)
    }

    fn __repr__(&self) -> String {
        let current = self.current();
        let names: Vec<&str> = current.names.keys().map(String::as_str).collect();
        let names = names.join(", ");
        format!("<Program {} with the lanes {names}>", current.program.id())
    }
}

/// The id of a lane: of its name, the lane itself, or a word.
fn lane_id(named: &NamedProgram, lane: &Bound<'_, PyAny>) -> PyResult<Word> {
    if let Ok(text) = lane.cast::<PyString>() {
        let text = text.to_cow()?;
        let id = named.names.get(&*text).copied();
        let id = id.or_else(|| Word::from_hex(&text));
        return Ok(id.ok_or_else(|| no_lane(named, &text))?);
    }
    match given_info(lane) {
        Ok(info) => Ok(info.id()),
        Err(_) => word("lane", lane),
    }
}

fn no_lane(named: &NamedProgram, name: &str) -> Failure {
    let names: Vec<&str> = named.names.keys().map(String::as_str).collect();
    Failure::argument(format!(
        "the program has no lane {name:?}, but {}",
        names.join(", ")
    ))
}

/// The proofs of one statement, by the ids of their lanes.
fn given_proofs(
    named: &NamedProgram,
    proofs: &Bound<'_, PyAny>,
) -> PyResult<BTreeMap<Word, Vec<u8>>> {
    let dictionary = proofs
        .cast::<PyDict>()
        .map_err(|_| Failure::of_type("proofs: a dictionary of proofs by their lanes is needed"))?;
    let mut given = BTreeMap::new();
    for (lane, proof) in dictionary {
        let id = lane_id(named, &lane)?;
        if given.insert(id, given_proof(&proof)?).is_some() {
            let reason = format!("proofs: there are two of the lane {id}");
            return Err(Failure::argument(reason).into());
        }
    }
    Ok(given)
}

/// A function of Python's that runs batches.
struct PyExecutor(Py<PyAny>);

impl Executor for PyExecutor {
    fn post_root(&self, statement: &StatementV1) -> zkiln::Result<Fr> {
        Python::attach(|py| {
            let root = self.0.call1(py, (PyStatementV1(*statement),))?;
            element("the executor's state", root.bind(py))
        })
        .map_err(|error| zkiln::Error::Refused(format!("the executor failed: {error}")))
    }
}
