//! Proving keys, and proofs made with them.

use std::sync::Arc;

use pyo3::prelude::*;
use zkiln::backend::Backend;
use zkiln::groth16::{KeyOptions, ProveOptions, ProvingKey};

use super::circuit::{PyR1cs, given_witness};
use super::proof::{PyProof, PyPublicInputs};
use super::vkey::PyVerifyingKey;
use super::{Place, Source};
use crate::errors::Result;
use crate::machine;
use crate::process::Handle;
use crate::work;

/// A proving key, checked and prepared: opened once, then used for any number of proofs, by any number of threads
/// at once. It keeps neither the file nor the bytes that it was made of.
#[pyclass(module = "zkiln.groth16", name = "ProvingKey", frozen)]
pub(crate) struct PyProvingKey {
    key: Handle<ProvingKey>,
    backend: Backend,
    #[pyo3(get)]
    /// The number of wires: the length of a witness.
    n_wires: usize,
    #[pyo3(get)]
    /// The number of public inputs, the circuit's outputs among them.
    n_public: usize,
    #[pyo3(get)]
    /// The size of the evaluation domain: constraints and public inputs, rounded up to a power of two.
    domain_size: usize,
    #[pyo3(get)]
    /// Whether the key says of itself that it is a development key, whose maker can forge proofs.
    is_insecure: bool,
}

impl PyProvingKey {
    pub(crate) fn get(&self) -> Result<Arc<ProvingKey>> {
        self.key.get()
    }
}

#[pymethods]
impl PyProvingKey {
    /// Opens a zkey file, by its path or its bytes, with all checks.
    ///
    /// device says where proofs are made: "cpu", "cuda", "cuda:1", or "auto", a GPU if there is one. progress is called with
    /// the name of each phase. check_points=False is only for keys that this very machine checked before: a key with
    /// other points leaks the witness. allow_weak takes a key for which anyone can forge proofs. constant_work lets the
    /// work of a proof not depend on the witness, and takes several times as long for witnesses of bits.
    ///
    /// While this lasts no other process may shorten the file, which is mapped; bytes have no such condition.
    #[staticmethod]
    #[pyo3(signature = (
        source, *, device="auto", check_points=true, allow_weak=false, constant_work=false, progress=None
    ))]
    fn open(
        py: Python<'_>,
        source: Source<'_, '_>,
        device: &str,
        check_points: bool,
        allow_weak: bool,
        constant_work: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let backend = machine::named(py, device)?;
        let mut options = KeyOptions::default();
        options.check_points = check_points;
        options.allow_weak = allow_weak;
        options.constant_work = constant_work;
        options.backend = backend.clone();
        let place = source.get();
        let key = work::watch(py, progress, |cancel| {
            options.cancel = Some(cancel.clone());
            match place {
                Place::Path(path) => ProvingKey::open_with(path, options),
                Place::Bytes(bytes) => ProvingKey::from_bytes_with(bytes, "zkey", options),
            }
        })?;
        Ok(Self {
            n_wires: key.n_wires(),
            n_public: key.n_public(),
            domain_size: key.domain_size(),
            is_insecure: key.is_insecure(),
            key: Handle::new("this ProvingKey", key),
            backend,
        })
    }

    /// Proves that a witness satisfies the circuit, verifies the proof, and gives it with its public inputs.
    ///
    /// The witness is the path of a wtns file, its bytes, a Witness, or an array of shape (n_wires, 4) of canonical
    /// integers. With r1cs a wrong witness' first broken constraint is named. verify=False hands the proof out without
    /// verifying it: a wrong witness gives an invalid proof then, and a hostile key one that leaks the witness.
    ///
    /// progress is called with the name of each phase; if it raises an exception, or a signal such as Ctrl-C does,
    /// the proof ends before its next phase.
    #[pyo3(signature = (witness, *, r1cs=None, verify=true, progress=None))]
    fn prove(
        &self,
        py: Python<'_>,
        witness: &Bound<'_, PyAny>,
        r1cs: Option<&Bound<'_, PyR1cs>>,
        verify: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(PyProof, PyPublicInputs)> {
        let key = self.key.get()?;
        let witness = given_witness(py, witness)?;
        let r1cs = r1cs.map(|r1cs| r1cs.get().0.clone());
        let (proof, public) = work::watch(py, progress, |cancel| {
            let mut options = ProveOptions::default();
            options.verify = verify;
            options.r1cs = r1cs.as_deref();
            options.cancel = Some(cancel);
            key.prove_with(&witness, &options)
        })?;
        Ok((PyProof(proof), PyPublicInputs(public)))
    }

    /// The key that verifies this key's proofs.
    #[getter]
    fn vk(&self) -> PyResult<PyVerifyingKey> {
        Ok(PyVerifyingKey::new(self.key.get()?.verifier().clone()))
    }

    /// Requires this key to belong to a verification key from a trusted source, and raises ArgumentError with the
    /// first difference. A key that calls more wires public than the circuit does makes a prover publish its witness.
    fn check_verifying_key(&self, trusted: &Bound<'_, PyVerifyingKey>) -> PyResult<()> {
        let key = self.key.get()?;
        key.check_verifying_key(trusted.get().key())
            .map_err(|error| crate::errors::Failure::from(error).into())
    }

    /// Where proofs are made, in words.
    #[getter]
    fn device(&self) -> String {
        self.backend.to_string()
    }

    /// Gives back the key's memory. Proofs that have begun go on; later calls raise ClosedError.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.key.close());
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, pyo3::types::PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!(
            "<ProvingKey of {} wires, {} public, on {}>",
            self.n_wires, self.n_public, self.backend
        )
    }
}
