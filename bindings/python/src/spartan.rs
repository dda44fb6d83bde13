//! Transparent proofs of circuits.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zkiln::field::Fr;
use zkiln::groth16::{R1cs, Witness};
use zkiln::spartan::{self, ProveOptions, compact};

use crate::errors::{Failure, Result};
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

/// A dialect with its parameters: those that an argument has, and the default ones where it does not say.
#[derive(Clone, Copy)]
pub(crate) enum Dialect {
    ProveKit(spartan::Parameters),
    Compact(compact::Parameters),
}

impl Dialect {
    pub(crate) fn named(name: &str, parameters: Option<PyParameters>) -> Result<Self> {
        let put = |security: &mut u32, work: &mut u32, rate: &mut u32, folding: &mut u32| {
            let Some(said) = parameters else { return };
            for (field, value) in [
                (security, said.security_bits),
                (work, said.work_bits),
                (rate, said.log_inverse_rate),
                (folding, said.log_folding),
            ] {
                *field = value.unwrap_or(*field);
            }
        };
        match name {
            "provekit-v1" => {
                let mut p = spartan::Parameters::default();
                put(
                    &mut p.security_bits,
                    &mut p.work_bits,
                    &mut p.log_inverse_rate,
                    &mut p.log_folding,
                );
                Ok(Self::ProveKit(p))
            }
            "compact-v1" => {
                let mut p = compact::Parameters::default();
                put(
                    &mut p.security_bits,
                    &mut p.work_bits,
                    &mut p.log_inverse_rate,
                    &mut p.log_folding,
                );
                Ok(Self::Compact(p))
            }
            _ => Err(Failure::argument(format!(
                "dialect: {name:?} is none of provekit-v1, compact-v1"
            ))),
        }
    }
}

/// A circuit in a dialect.
enum Circuit {
    ProveKit(Box<spartan::Circuit>),
    Compact(Box<compact::Circuit>),
}

/// A proof in a dialect.
#[derive(PartialEq, Eq)]
pub(crate) enum Proof {
    ProveKit(spartan::Proof),
    Compact(compact::Proof),
}

impl Proof {
    /// Reads the bytes of either: the first eight say of which.
    fn from_bytes(bytes: &[u8]) -> zkiln::Result<Self> {
        match compact::Proof::from_bytes(bytes) {
            Ok(proof) => Ok(Self::Compact(proof)),
            Err(_) => spartan::Proof::from_bytes(bytes).map(Self::ProveKit),
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::ProveKit(proof) => proof.to_bytes(),
            Self::Compact(proof) => proof.to_bytes(),
        }
    }
}

impl Circuit {
    fn new(r1cs: &R1cs, dialect: Dialect) -> zkiln::Result<Self> {
        Ok(match dialect {
            Dialect::ProveKit(parameters) => {
                Self::ProveKit(Box::new(spartan::Circuit::new(r1cs, parameters)?))
            }
            Dialect::Compact(parameters) => {
                Self::Compact(Box::new(compact::Circuit::new(r1cs, parameters)?))
            }
        })
    }

    fn prove(
        &self,
        witness: &Witness,
        options: &ProveOptions<'_>,
    ) -> zkiln::Result<(Proof, Vec<Fr>)> {
        Ok(match self {
            Self::ProveKit(circuit) => {
                let (proof, public) = circuit.prove_with(witness, options)?;
                (Proof::ProveKit(proof), public)
            }
            Self::Compact(circuit) => {
                let (proof, public) = circuit.prove_with(witness, options)?;
                (Proof::Compact(proof), public)
            }
        })
    }

    /// A proof of the other dialect is read, and refused, as its bytes are.
    fn verify(&self, public: &[Fr], proof: &Proof) -> zkiln::Result<bool> {
        match (self, proof) {
            (Self::ProveKit(circuit), Proof::ProveKit(proof)) => circuit.verify(public, proof),
            (Self::Compact(circuit), Proof::Compact(proof)) => circuit.verify(public, proof),
            (Self::ProveKit(circuit), other) => {
                circuit.verify(public, &spartan::Proof::from_bytes(&other.to_bytes())?)
            }
            (Self::Compact(circuit), other) => {
                circuit.verify(public, &compact::Proof::from_bytes(&other.to_bytes())?)
            }
        }
    }
}

/// Evaluates an expression for the circuit of either dialect.
macro_rules! of_circuit {
    ($any:expr, $circuit:ident => $body:expr) => {
        match $any {
            Circuit::ProveKit($circuit) => $body,
            Circuit::Compact($circuit) => $body,
        }
    };
}

/// A circuit, prepared for proofs and their verification: made once, used any number of times, by any number of threads
/// at once. Whoever verifies makes it of the same constraints, parameters and dialect; there are no keys.
///
/// dialect is "provekit-v1", or "compact-v1": half the size, verified in milliseconds, and **the proofs tell of the
/// witness**.
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
    /// Bits of security.
    security_bits: f64,
    #[pyo3(get)]
    /// Whether proofs say nothing about the witness.
    zero_knowledge: bool,
}

#[pymethods]
impl PyCircuit {
    #[new]
    #[pyo3(signature = (r1cs, *, parameters=None, dialect="provekit-v1"))]
    fn new(
        py: Python<'_>,
        r1cs: &Bound<'_, PyR1cs>,
        parameters: Option<PyParameters>,
        dialect: &str,
    ) -> PyResult<Self> {
        let r1cs = &r1cs.get().0;
        let dialect = Dialect::named(dialect, parameters)?;
        let any = work::run(py, || Circuit::new(r1cs, dialect))?;
        let (id, n_public, log_vector_len, security_bits) = of_circuit!(&any, circuit => (
            circuit.id(), circuit.n_public(), circuit.log_vector_len(), circuit.security_bits(),
        ));
        Ok(Self {
            id,
            n_wires: r1cs.wires().total,
            n_public,
            log_vector_len,
            security_bits,
            zero_knowledge: matches!(any, Circuit::ProveKit(_)),
            circuit: Handle::new("this Circuit", any),
        })
    }

    /// Proves that a witness satisfies the circuit, verifies the proof, and gives it with the public signals. Two proofs of
    /// one witness differ, for what hides it comes from the operating system; but in the compact dialect nothing hides it.
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
            circuit.prove(&witness, &options)
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
            "<Circuit of {} wires, {} public, with {:.1} bits of security{}>",
            self.n_wires,
            self.n_public,
            self.security_bits,
            if self.zero_knowledge {
                ""
            } else {
                ", without zero knowledge"
            }
        )
    }
}

/// A transparent proof. A proof's bytes are not its only ones, so they must never serve as a nullifier or a replay key.
#[pyclass(module = "zkiln.spartan", name = "Proof", frozen, eq)]
#[derive(PartialEq, Eq)]
pub(crate) struct PyProof(pub(crate) Proof);

#[pymethods]
impl PyProof {
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

    /// The bytes of the proof, the first eight of which name the dialect.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_bytes())
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.to_bytes(py)
    }

    /// Whether the proof says nothing about the witness.
    #[getter]
    fn zero_knowledge(&self) -> bool {
        matches!(self.0, Proof::ProveKit(_))
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
        let size = self.0.to_bytes().len();
        match self.0 {
            Proof::ProveKit(_) => format!("<Proof of {size} bytes>"),
            Proof::Compact(_) => format!("<Proof of {size} bytes, without zero knowledge>"),
        }
    }
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyCircuit>()?;
    // Groth16's has the name already.
    m.add("SpartanProof", m.py().get_type::<PyProof>())
}
