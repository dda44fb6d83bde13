//! Transparent proofs of circuits.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zkiln::spartan::{Circuit, Parameters, Proof, ProveOptions};

use crate::errors::Failure;
use crate::groth16::{PyPublicInputs, PyR1cs, given_public, given_witness};
use crate::process::Handle;
use crate::work;

/// The class `zkiln.spartan.Parameters`.
#[derive(FromPyObject)]
pub(crate) struct PyParameters {
    security_bits: Option<u32>,
    work_bits: Option<u32>,
    log_inverse_rate: Option<u32>,
    log_folding: Option<u32>,
}

/// The parameters that an argument has, and the default ones where it does not say.
pub(crate) fn given(parameters: Option<PyParameters>) -> Parameters {
    let mut given = Parameters::default();
    let Some(said) = parameters else { return given };
    for (field, value) in [
        (&mut given.security_bits, said.security_bits),
        (&mut given.work_bits, said.work_bits),
        (&mut given.log_inverse_rate, said.log_inverse_rate),
        (&mut given.log_folding, said.log_folding),
    ] {
        *field = value.unwrap_or(*field);
    }
    given
}

/// A circuit, prepared for proofs and their verification: made once, used any number of times, by any number of threads
/// at once. Whoever verifies makes it of the same constraints and parameters; there are no keys.
///
/// >>> from zkiln import groth16, spartan
/// >>> product = ([(2, 1)], [(3, 1)], [(1, 1)])  # wire 2 times wire 3 is wire 1
/// >>> circuit = spartan.Circuit(groth16.R1cs([product], n_wires=4, n_outputs=1, n_private_inputs=2))
/// >>> circuit.n_public, len(circuit.id), circuit.security_bits > 127
/// (1, 32, True)
#[pyclass(module = "zkiln.spartan", name = "Circuit", frozen)]
pub(crate) struct PyCircuit {
    circuit: Handle<Circuit>,
    id: [u8; 32],
    #[pyo3(get)]
    /// The number of wires: the length of a witness.
    n_wires: usize,
    #[pyo3(get)]
    /// The number of public signals, the circuit's outputs among them.
    n_public: usize,
    #[pyo3(get)]
    /// The binary logarithm of the length of the vector that is committed to.
    log_vector_len: usize,
    #[pyo3(get)]
    /// Bits of security: the least of the error terms of a proof's parts.
    security_bits: f64,
}

#[pymethods]
impl PyCircuit {
    #[new]
    #[pyo3(signature = (r1cs, *, parameters=None))]
    fn new(
        py: Python<'_>,
        r1cs: &Bound<'_, PyR1cs>,
        parameters: Option<PyParameters>,
    ) -> PyResult<Self> {
        let r1cs = &r1cs.get().0;
        let circuit = work::run(py, || Circuit::new(r1cs, given(parameters)))?;
        Ok(Self {
            id: circuit.id(),
            n_wires: r1cs.wires().total,
            n_public: circuit.n_public(),
            log_vector_len: circuit.log_vector_len(),
            security_bits: circuit.security_bits(),
            circuit: Handle::new("this Circuit", circuit),
        })
    }

    /// Proves that a witness satisfies the circuit, verifies the proof, and gives it with the public signals. Two proofs of
    /// one witness differ: what hides it comes from the operating system.
    ///
    /// The witness is the path of a wtns file, its bytes, a Witness, or an array of shape (n_wires, 4) of canonical
    /// integers. Raises UnsatisfiedError with the first constraint that it breaks. verify=False hands the proof out
    /// without verifying it, for whoever does so.
    ///
    /// progress is called with the name of each phase; if it raises an exception, or a signal such as Ctrl-C does,
    /// the proof ends before its next phase.
    #[pyo3(signature = (witness, *, verify=true, progress=None))]
    fn prove(
        &self,
        py: Python<'_>,
        witness: &Bound<'_, PyAny>,
        verify: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(PyProof, PyPublicInputs)> {
        let circuit = self.circuit.get()?;
        let witness = given_witness(py, witness)?;
        let (proof, public) = work::watch(py, progress, |cancel| {
            let mut options = ProveOptions::default();
            options.verify = verify;
            options.cancel = Some(cancel);
            circuit.prove_with(&witness, &options)
        })?;
        Ok((PyProof(proof), PyPublicInputs(public.into())))
    }

    /// Whether a proof is valid for these public signals: PublicInputs, a sequence of Fr or integers below r, or an array of
    /// shape (n, 4).
    ///
    /// Raises PublicInputsError for too few or too many, or one that is not below r; MalformedError for a proof of another
    /// shape.
    fn verify(
        &self,
        py: Python<'_>,
        proof: &Bound<'_, PyProof>,
        public: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let circuit = self.circuit.get()?;
        let public = given_public(public)?;
        let proof = &proof.get().0;
        work::run(py, || circuit.verify(&public, proof))
    }

    /// A digest of all that a proof depends on beside the witness and the public signals: constraints, layout,
    /// parameters, dialect.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.id)
    }

    /// Gives back the circuit's memory. Proofs that have begun go on; later calls raise ClosedError.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.circuit.close());
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
            "<Circuit of {} wires, {} public, with {:.1} bits of security>",
            self.n_wires, self.n_public, self.security_bits
        )
    }
}

/// A transparent proof, as bytes in two parts. A proof's bytes are not its only ones, so they must never serve as a nullifier
/// or a replay key.
#[pyclass(module = "zkiln.spartan", name = "Proof", frozen, eq)]
#[derive(PartialEq, Eq)]
pub(crate) struct PyProof(pub(crate) Proof);

#[pymethods]
impl PyProof {
    /// A proof of its parts: what the prover said, and what the verifier checks against it. They are narg_string and
    /// hints of provekit's WhirR1CSProof.
    #[new]
    fn new(messages: &[u8], hints: &[u8]) -> Self {
        Self(Proof {
            messages: messages.to_vec(),
            hints: hints.to_vec(),
        })
    }

    /// Reads what to_bytes wrote. Raises MalformedError for other bytes; how long the parts must be, verification says.
    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(data: &[u8]) -> PyResult<Self> {
        Ok(Self(Proof::from_bytes(data).map_err(Failure::from)?))
    }

    /// Reads a file of these bytes.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::alone(py, || {
            let bytes = std::fs::read(&path).map_err(|source| zkiln::Error::Io { path, source })?;
            Proof::from_bytes(&bytes)
        })
        .map(Self)
    }

    /// The bytes of the proof: the name of the format, the length of the messages, messages, hints.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_bytes())
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.to_bytes(py)
    }

    /// What the prover said.
    #[getter]
    fn messages<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.messages)
    }

    /// The rows that were opened, and their siblings in the trees.
    #[getter]
    fn hints<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.hints)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.to_bytes(py).hash()
    }

    /// Pickles as its bytes.
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let read = slf.get_type().getattr("from_bytes")?;
        Ok((read, (slf.get().to_bytes(slf.py()),)))
    }

    fn __repr__(&self) -> String {
        format!("<Proof of {} bytes>", self.0.to_bytes().len())
    }
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyCircuit>()?;
    // Groth16's has the name already.
    m.add("SpartanProof", m.py().get_type::<PyProof>())
}
