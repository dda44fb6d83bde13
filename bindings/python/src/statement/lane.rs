//! Lanes: the ways in which a statement is proven.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zkiln::Error;
use zkiln::groth16::{Encoding, ProveOptions};
use zkiln::spartan;
use zkiln::statement::{
    AttestationLane, Class, Groth16Lane, Lane, LaneInfo, Part, Setup, SpartanLane,
};

use super::v1::PyStatementV1;
use super::word::{bytes, word};
use crate::errors::{Failure, Result};
use crate::groth16::{PyProof, PyProvingKey, PyR1cs, PyVerifyingKey, given_witness};
use crate::spartan::{Dialect, PyParameters, PyProof as PySpartanProof};
use crate::work;

/// What a lane is: certificates carry it, and verifiers compare it with their own.
#[pyclass(module = "zkiln.statement", name = "LaneInfo", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyLaneInfo(pub(super) LaneInfo);

#[pymethods]
impl PyLaneInfo {
    /// The proof system and its encoding, such as "groth16-bn254".
    #[getter]
    fn system(&self) -> &str {
        &self.0.system
    }

    /// A hash of all that the verifier knows of the circuit.
    #[getter]
    fn key<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.key)
    }

    /// What tells this lane from all others: a hash of the system's name and the key.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.id())
    }

    /// What its soundness rests on: "pairing", "hash" or "attestation". Lanes of one class are never two independent ones.
    #[getter]
    fn class_(&self) -> &'static str {
        match self.0.class {
            Class::Pairing => "pairing",
            Class::Hash => "hash",
            Class::Attestation => "attestation",
            _ => "another",
        }
    }

    /// A hash of the constraints; None if it is not known of which circuit the key is.
    #[getter]
    fn circuit<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.circuit.map(|hash| bytes(py, &hash))
    }

    /// Who must have been honest before the first proof: nobody ("transparent"), one participant of each phase of a
    /// "ceremony", or whoever "vouched" for the keys.
    #[getter]
    fn setup(&self) -> &'static str {
        match self.0.setup {
            Setup::Transparent {} => "transparent",
            Setup::Ceremony { .. } => "ceremony",
            Setup::Vouched { .. } => "vouched",
            _ => "another",
        }
    }

    /// Whether the key is said to have been made by one machine, which can forge proofs.
    #[getter]
    fn is_development(&self) -> bool {
        self.0.is_development()
    }

    /// The code that verifies.
    #[getter]
    fn verifier(&self) -> &str {
        &self.0.verifier
    }

    /// Whether proofs say nothing about the witness.
    #[getter]
    fn zero_knowledge(&self) -> bool {
        self.0.zero_knowledge
    }

    /// What this lane and another have in common, of "assumption", "setup", "key", "circuit" and "verifier". What is not
    /// known is taken for common.
    fn shares(&self, other: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
        Ok(names(&self.0.shares(&given_info(other)?)))
    }

    /// The lane's digest of a statement: what is consumed when a proof of it is accepted.
    fn digest<'py>(
        &self,
        py: Python<'py>,
        statement: &Bound<'py, PyStatementV1>,
    ) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.digest(&statement.get().0))
    }

    fn __hash__(&self) -> u64 {
        u64::from_le_bytes(*self.0.id().0.first_chunk().expect("32 bytes"))
    }

    fn __repr__(&self) -> String {
        format!(
            "<LaneInfo of {} with the key {}>",
            self.0.system, self.0.key
        )
    }
}

/// The names of parts.
pub(super) fn names(parts: &[Part]) -> Vec<String> {
    parts.iter().map(Part::to_string).collect()
}

/// What a lane is, of the lane or of what it says of itself.
pub(super) fn given_info(lane: &Bound<'_, PyAny>) -> Result<LaneInfo> {
    if let Ok(info) = lane.cast::<PyLaneInfo>() {
        return Ok(info.get().0.clone());
    }
    match lane.cast::<PyLane>() {
        Ok(lane) => Ok(lane.get().0.info().clone()),
        Err(_) => Err(Failure::of_type("a Lane or a LaneInfo is needed")),
    }
}

/// The bytes of a proof in its lane's encoding: bytes, a Groth16 proof or a Spartan proof.
pub(super) fn given_proof(proof: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = proof.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    if let Ok(proof) = proof.cast::<PyProof>() {
        return Ok(proof.get().0.to_bytes(Encoding::Evm));
    }
    if let Ok(proof) = proof.cast::<PySpartanProof>() {
        return Ok(proof.get().0.to_bytes());
    }
    Err(Failure::of_type(format!(
        "proof: bytes, a groth16.Proof or a spartan.Proof is needed, not {}",
        proof.get_type().fully_qualified_name()?
    ))
    .into())
}

/// One way to prove statements: a proof system with a key, and so a circuit, a setup and a verifier.
#[pyclass(module = "zkiln.statement", name = "Lane", subclass, frozen)]
pub(crate) struct PyLane(pub(super) Arc<dyn Lane>);

#[pymethods]
impl PyLane {
    /// What it is.
    #[getter]
    fn info(&self) -> PyLaneInfo {
        PyLaneInfo(self.0.info().clone())
    }

    /// Raises what says why, unless the proof proves the statement in this lane. The proof is bytes in the encoding of the
    /// lane's system, or a Proof of groth16 or spartan.
    fn check(
        &self,
        py: Python<'_>,
        statement: &Bound<'_, PyStatementV1>,
        proof: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let (statement, proof) = (statement.get().0, given_proof(proof)?);
        work::run(py, || self.0.verify(&statement, &proof))
    }

    /// Whether the proof proves the statement in this lane.
    fn verify(
        &self,
        py: Python<'_>,
        statement: &Bound<'_, PyStatementV1>,
        proof: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let (statement, proof) = (statement.get().0, given_proof(proof)?);
        work::run(py, || match self.0.verify(&statement, &proof) {
            Ok(()) => Ok(true),
            Err(Error::Refused(_) | Error::Malformed { .. }) => Ok(false),
            Err(other) => Err(other),
        })
    }

    fn __repr__(&self) -> String {
        let info = self.0.info();
        format!("<Lane of {} with the key {}>", info.system, info.key)
    }
}

/// Statements proven by Groth16 with one key. The public inputs are the statement's signals.
///
/// circuit, an R1cs or the hash of one, says of which constraints the key is, and without it the lane shares its circuit with
/// every other one; that it is true is for whoever says so to know. development=True declares a key that one machine made:
/// a verification key does not tell.
#[pyclass(module = "zkiln.statement", name = "Groth16Lane", extends = PyLane, frozen)]
pub(crate) struct PyGroth16Lane(Arc<Groth16Lane>);

#[pymethods]
impl PyGroth16Lane {
    #[new]
    #[pyo3(signature = (vk, *, circuit=None, development=false))]
    fn new(
        py: Python<'_>,
        vk: &Bound<'_, PyVerifyingKey>,
        circuit: Option<&Bound<'_, PyAny>>,
        development: bool,
    ) -> PyResult<PyClassInitializer<Self>> {
        let (vk, development) = (vk.get(), development);
        let mut lane = work::run(py, || Groth16Lane::new(vk.key()))?;
        if let Some(circuit) = circuit {
            lane = match circuit.cast::<PyR1cs>() {
                Ok(r1cs) => {
                    let r1cs = &r1cs.get().0;
                    work::run(py, || lane.with_circuit(r1cs))?
                }
                Err(_) => lane.with_circuit_hash(word("circuit", circuit)?),
            };
        }
        if development {
            lane = lane.for_development();
        }
        let lane = Arc::new(lane);
        Ok(PyClassInitializer::from(PyLane(lane.clone())).add_subclass(Self(lane)))
    }

    /// Proves a statement with a witness whose public signals carry it, and gives the proof's bytes. key is the proving key
    /// of the lane's verification key. Raises PublicInputsError for a witness of another statement, before any work.
    #[pyo3(signature = (key, statement, witness, *, progress=None))]
    fn prove<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'py, PyProvingKey>,
        statement: &Bound<'py, PyStatementV1>,
        witness: &Bound<'py, PyAny>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let key = key.get().get()?;
        let witness = given_witness(py, witness)?;
        let statement = statement.get().0;
        let proof = work::watch(py, progress, |cancel| {
            let mut options = ProveOptions::default();
            options.cancel = Some(cancel);
            self.0.prove(&key, &statement, &witness, &options)
        })?;
        Ok(PyBytes::new(py, &proof))
    }
}

/// Statements proven by Spartan for one circuit, from the witness that Groth16 takes, too. A lane of Groth16 of the same
/// constraints shares the circuit with it, and nothing else. With the dialect "compact-v1" proofs are smaller and **tell of
/// the witness**.
#[pyclass(module = "zkiln.statement", name = "SpartanLane", extends = PyLane, frozen)]
pub(crate) struct PySpartanLane(Arc<SpartanLane>);

#[pymethods]
impl PySpartanLane {
    #[new]
    #[pyo3(signature = (r1cs, *, parameters=None, dialect="provekit-v1"))]
    fn new(
        py: Python<'_>,
        r1cs: &Bound<'_, PyR1cs>,
        parameters: Option<PyParameters>,
        dialect: &str,
    ) -> PyResult<PyClassInitializer<Self>> {
        let r1cs = &r1cs.get().0;
        let dialect = Dialect::named(dialect, parameters)?;
        let lane = Arc::new(work::run(py, || match dialect {
            Dialect::ProveKit(parameters) => SpartanLane::new(r1cs, parameters),
            Dialect::Compact(parameters) => SpartanLane::compact(r1cs, parameters),
        })?);
        Ok(PyClassInitializer::from(PyLane(lane.clone())).add_subclass(Self(lane)))
    }

    /// Proves a statement with a witness whose public signals carry it, and gives the proof's bytes. Raises
    /// PublicInputsError for a witness of another statement, before any work.
    #[pyo3(signature = (statement, witness, *, progress=None))]
    fn prove<'py>(
        &self,
        py: Python<'py>,
        statement: &Bound<'py, PyStatementV1>,
        witness: &Bound<'py, PyAny>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let witness = given_witness(py, witness)?;
        let statement = statement.get().0;
        let proof = work::watch(py, progress, |cancel| {
            let mut options = spartan::ProveOptions::default();
            options.cancel = Some(cancel);
            self.0.prove_with(&statement, &witness, &options)
        })?;
        Ok(PyBytes::new(py, &proof))
    }
}

/// Statements attested to by an Ed25519 key, in some enclave or with some operator. **An attestation proves nothing**:
/// whoever has the key can sign anything. Policies give it no weight unless they say so.
///
/// measurement is a hash of what the enclave runs, and root names who vouches for the key. An attestation is a byte of
/// flags, which must be 0, and a signature of message.
#[pyclass(module = "zkiln.statement", name = "AttestationLane", extends = PyLane, frozen)]
pub(crate) struct PyAttestationLane(Arc<AttestationLane>);

#[pymethods]
impl PyAttestationLane {
    #[new]
    #[pyo3(signature = (public_key, measurement, root))]
    fn new(
        public_key: &Bound<'_, PyAny>,
        measurement: &Bound<'_, PyAny>,
        root: &Bound<'_, PyAny>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let lane = AttestationLane::new(
            &word("public_key", public_key)?.0,
            word("measurement", measurement)?,
            word("root", root)?,
        );
        let lane = Arc::new(lane.map_err(Failure::from)?);
        Ok(PyClassInitializer::from(PyLane(lane.clone())).add_subclass(Self(lane)))
    }

    /// The 32 bytes that are signed.
    #[pyo3(signature = (statement, flags=0))]
    fn message<'py>(
        &self,
        py: Python<'py>,
        statement: &Bound<'py, PyStatementV1>,
        flags: u8,
    ) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.message(&statement.get().0, flags))
    }
}
