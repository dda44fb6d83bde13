//! Verification keys.

use std::path::PathBuf;

use pyo3::IntoPyObjectExt;
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use zkiln::field::Fr;
use zkiln::groth16::{PreparedVerifyingKey, Proof, VerifyingKey};

use super::proof::{PyProof, given_public};
use crate::errors::Failure;
use crate::work;

/// A verification key, checked and prepared: used by any number of threads at once.
#[pyclass(module = "zkiln.groth16", name = "VerifyingKey", frozen)]
pub(crate) struct PyVerifyingKey {
    prepared: PreparedVerifyingKey,
}

impl PyVerifyingKey {
    pub(super) fn new(prepared: PreparedVerifyingKey) -> Self {
        Self { prepared }
    }

    pub(crate) fn key(&self) -> &VerifyingKey {
        self.prepared.key()
    }

    fn read(
        py: Python<'_>,
        allow_weak: bool,
        read: impl FnOnce() -> zkiln::Result<VerifyingKey> + Send,
    ) -> PyResult<Self> {
        let prepared = work::run(py, || match allow_weak {
            false => PreparedVerifyingKey::new(&read()?),
            true => PreparedVerifyingKey::allowing_weak(&read()?),
        })?;
        Ok(Self { prepared })
    }
}

#[pymethods]
impl PyVerifyingKey {
    /// Reads the file verification_key.json. Raises WeakKeyError for a key for which anyone can forge proofs, unless
    /// allow_weak is true.
    #[staticmethod]
    #[pyo3(signature = (path, *, allow_weak=false))]
    fn open(py: Python<'_>, path: PathBuf, allow_weak: bool) -> PyResult<Self> {
        Self::read(py, allow_weak, || VerifyingKey::open(path))
    }

    /// Reads the text of verification_key.json: see open.
    #[staticmethod]
    #[pyo3(signature = (text, *, allow_weak=false))]
    fn from_json(py: Python<'_>, text: &str, allow_weak: bool) -> PyResult<Self> {
        Self::read(py, allow_weak, || {
            VerifyingKey::from_json(text, "verification key")
        })
    }

    /// The text of verification_key.json, byte for byte as snarkjs writes it.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        work::alone(py, || Ok::<_, Failure>(self.key().to_json()))
    }

    /// A Solidity contract that verifies this key's proofs, with the interface of snarkjs' contract.
    fn to_solidity(&self, py: Python<'_>) -> PyResult<String> {
        work::alone(py, || self.key().to_solidity())
    }

    /// The number of public inputs.
    #[getter]
    fn n_public(&self) -> usize {
        self.key().public_count()
    }

    /// Whether a proof is valid for these public inputs: PublicInputs, a sequence of Fr or integers below r, or an array
    /// of shape (n, 4). Valid is not fresh: anyone can turn a valid proof into others of the same statement.
    ///
    /// Raises PublicInputsError for too few or too many, or one that is not below r.
    fn verify(
        &self,
        py: Python<'_>,
        proof: &Bound<'_, PyProof>,
        public: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let public = given_public(public)?;
        let proof = proof.get().0;
        work::run(py, || self.prepared.verify(&public, &proof))
    }

    /// Whether all proofs of a list of pairs (proof, public) are valid, in less than half the time that verify takes
    /// for each.
    fn verify_batch(
        &self,
        py: Python<'_>,
        batch: Vec<(Bound<'_, PyProof>, Bound<'_, PyAny>)>,
    ) -> PyResult<bool> {
        let batch = owned(&batch)?;
        work::run(py, || self.prepared.verify_batch(&batch))
    }

    /// The indices of the invalid proofs of a list of pairs (proof, public), each verified by itself.
    fn invalid_proofs(
        &self,
        py: Python<'_>,
        batch: Vec<(Bound<'_, PyProof>, Bound<'_, PyAny>)>,
    ) -> PyResult<Vec<usize>> {
        let batch = owned(&batch)?;
        work::run(py, || self.prepared.invalid_proofs(&batch))
    }

    fn __richcmp__<'py>(
        &self,
        other: &Bound<'py, PyAny>,
        op: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        match (op, other.cast::<Self>()) {
            (CompareOp::Eq, Ok(other)) => (self.key() == other.get().key()).into_bound_py_any(py),
            (CompareOp::Ne, Ok(other)) => (self.key() != other.get().key()).into_bound_py_any(py),
            _ => Ok(py.NotImplemented().into_bound(py)),
        }
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.to_json(py)?.into_bound_py_any(py)?.hash()
    }

    fn __repr__(&self) -> String {
        format!("<VerifyingKey with {} public inputs>", self.n_public())
    }
}

type Batch = Vec<(Vec<Fr>, Proof)>;

fn owned(batch: &[(Bound<'_, PyProof>, Bound<'_, PyAny>)]) -> PyResult<Batch> {
    (batch.iter())
        .map(|(proof, public)| Ok((given_public(public)?, proof.get().0)))
        .collect()
}
