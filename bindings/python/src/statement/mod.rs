//! Several proofs of one statement: `python/zkiln/statement.py` has what is said to users.

mod certificate;
mod journal;
mod lane;
mod policy;
mod program;
mod range;
mod v1;
mod word;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zkiln::statement::{Class, LaneInfo, Setup, Word};

use crate::errors::Failure;
use crate::groth16::{PyR1cs, PyVerifyingKey};
use crate::work;
use v1::PyStatementV1;
use word::{bytes, word};

/// Keccak-256 of bytes, the hash of Ethereum: a word.
///
/// >>> from zkiln.statement import keccak
/// >>> keccak(b"").hex()[:16]
/// 'c5d2460186f7233c'
#[pyfunction]
#[pyo3(signature = (data, /))]
fn keccak<'py>(py: Python<'py>, data: &[u8]) -> Bound<'py, PyBytes> {
    bytes(py, &Word::keccak(data))
}

/// The hash of a Groth16 verification key, which is the key of its lane.
#[pyfunction]
fn key_hash<'py>(
    py: Python<'py>,
    vk: &Bound<'py, PyVerifyingKey>,
) -> PyResult<Bound<'py, PyBytes>> {
    let vk = vk.get();
    let hash = work::alone(py, || {
        Ok::<_, Failure>(zkiln::statement::key_hash(vk.key()))
    })?;
    Ok(bytes(py, &hash))
}

/// The hash of a circuit's constraints; names and labels do not count.
#[pyfunction]
fn circuit_hash<'py>(py: Python<'py>, r1cs: &Bound<'py, PyR1cs>) -> PyResult<Bound<'py, PyBytes>> {
    let r1cs = &r1cs.get().0;
    let hash = work::alone(py, || {
        Ok::<_, Failure>(zkiln::statement::circuit_hash(r1cs))
    })?;
    Ok(bytes(py, &hash))
}

/// Requires a circuit to carry statements: seven public signals, each of which some constraint uses. Raises ArgumentError.
/// That the constraints compute the transition is for the circuit's author to see to.
#[pyfunction]
fn check_circuit(py: Python<'_>, r1cs: &Bound<'_, PyR1cs>) -> PyResult<()> {
    let r1cs = &r1cs.get().0;
    work::alone(py, || zkiln::statement::check_circuit(r1cs))
}

/// The id of the lane of a system, such as "groth16-bn254", with this key.
#[pyfunction]
fn lane_id<'py>(
    py: Python<'py>,
    system: String,
    key: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    Ok(bytes(py, &described(system, key)?.id()))
}

/// The digest of a statement in the lane of a system with this key: what is consumed when a proof of it is accepted. The bytes of
/// a proof are never a key for anything, for anyone can make other ones for the same statement.
#[pyfunction]
fn lane_digest<'py>(
    py: Python<'py>,
    system: String,
    key: &Bound<'py, PyAny>,
    statement: &Bound<'py, PyStatementV1>,
) -> PyResult<Bound<'py, PyBytes>> {
    let lane = described(system, key)?;
    Ok(bytes(py, &lane.digest(&statement.get().0)))
}

/// A lane of which nothing else is known: ids and digests depend on nothing else.
fn described(system: String, key: &Bound<'_, PyAny>) -> PyResult<LaneInfo> {
    Ok(LaneInfo {
        system,
        key: word("key", key)?,
        class: Class::Attestation,
        circuit: None,
        setup: Setup::Transparent {},
        verifier: String::new(),
        zero_knowledge: false,
    })
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyStatementV1>()?;
    m.add_class::<lane::PyLaneInfo>()?;
    m.add_class::<lane::PyLane>()?;
    m.add_class::<lane::PyGroth16Lane>()?;
    m.add_class::<lane::PySpartanLane>()?;
    m.add_class::<lane::PyAttestationLane>()?;
    m.add_class::<policy::PyPolicy>()?;
    m.add_class::<range::PyAnchor>()?;
    m.add_class::<range::PySummary>()?;
    m.add_class::<range::PyVerdict>()?;
    m.add_class::<certificate::PyCertificate>()?;
    m.add_class::<journal::PyJournal>()?;
    // The name is that of a STARK's constraints already.
    m.add("StatementProgram", m.py().get_type::<program::PyProgram>())?;
    m.add_function(wrap_pyfunction!(keccak, m)?)?;
    m.add_function(wrap_pyfunction!(key_hash, m)?)?;
    m.add_function(wrap_pyfunction!(circuit_hash, m)?)?;
    m.add_function(wrap_pyfunction!(check_circuit, m)?)?;
    m.add_function(wrap_pyfunction!(lane_id, m)?)?;
    m.add_function(wrap_pyfunction!(lane_digest, m)?)
}
