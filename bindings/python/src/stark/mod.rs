//! STARKs: `python/zkiln/stark.py` has the language in which constraints are written, and what is said to users.

mod ready;
mod record;
mod system;
mod trace;

use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::stark::air::{Program, Shape};
use zkiln::stark::{Dialect, Parameters, Security};

use crate::errors::{Failure, Result};
use crate::fields::{FieldName, PyBabyBear, PyGoldilocks, PyKoalaBear};
use crate::process::Handle;
use crate::work;
use record::Step;
use system::{AnyProgram, AnyProver, AnyVerifier, Hash, on_program, program_over};
use trace::Matrix;

/// Constraints as the library's bytecode, checked: made by `Air.program`, or read from bytes.
///
/// Programs are equal if their bytes are.
#[pyclass(module = "zkiln.stark", name = "Program", frozen)]
#[derive(Clone)]
pub(crate) struct PyProgram(AnyProgram);

#[pymethods]
impl PyProgram {
    /// The program of recorded steps: see `Air.program`.
    #[staticmethod]
    #[pyo3(signature = (
        field, steps, *, width, preprocessed_width, periodic, public_values, least_degree, next_row,
        preprocessed_next_row
    ))]
    #[allow(clippy::too_many_arguments, reason = "they have names in Python")]
    fn _from_record(
        py: Python<'_>,
        field: FieldName,
        steps: Vec<Step>,
        width: usize,
        preprocessed_width: usize,
        periodic: Vec<Vec<u64>>,
        public_values: usize,
        least_degree: usize,
        next_row: bool,
        preprocessed_next_row: bool,
    ) -> PyResult<Self> {
        let program = work::alone(py, || {
            program_over!(field, F => record::program::<F>(Shape {
                width,
                next_row,
                preprocessed_width,
                preprocessed_next_row,
                periodic: periodic.into_iter().map(elements).collect(),
                public_values,
                least_degree,
            }, steps)?)
        })?;
        Ok(Self(program))
    }

    /// Reads the bytes of a program, which say over which field it is. Raises MalformedError for any others.
    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        const ORIGIN: &str = "program";
        // The modulus follows a word of letters and one of the version.
        let modulus = data.get(8..16).and_then(|bytes| bytes.try_into().ok());
        let program = work::alone(py, || match modulus.map(u64::from_le_bytes) {
            Some(BabyBear::MODULUS) => Program::from_bytes(data, ORIGIN).map(AnyProgram::BabyBear),
            Some(Goldilocks::MODULUS) => {
                Program::from_bytes(data, ORIGIN).map(AnyProgram::Goldilocks)
            }
            _ => Program::<KoalaBear>::from_bytes(data, ORIGIN).map(AnyProgram::KoalaBear),
        })?;
        Ok(Self(program))
    }

    /// The bytes of the program, in the format of docs/air.md.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &on_program!(&self.0, program => program.to_bytes()))
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.to_bytes(py)
    }

    /// Keccak-256 of the bytes.
    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &on_program!(&self.0, program => program.digest()))
    }

    /// The class of the field: zkiln.KoalaBear, zkiln.BabyBear or zkiln.Goldilocks.
    #[getter]
    fn field<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        match &self.0 {
            AnyProgram::KoalaBear(_) => py.get_type::<PyKoalaBear>(),
            AnyProgram::BabyBear(_) => py.get_type::<PyBabyBear>(),
            AnyProgram::Goldilocks(_) => py.get_type::<PyGoldilocks>(),
        }
        .into_any()
    }

    /// The number of columns of the trace.
    #[getter]
    fn columns(&self) -> usize {
        on_program!(&self.0, program => program.shape().width)
    }

    /// The number of preprocessed columns.
    #[getter]
    fn preprocessed_columns(&self) -> usize {
        on_program!(&self.0, program => program.shape().preprocessed_width)
    }

    /// The number of columns that repeat.
    #[getter]
    fn periodic_columns(&self) -> usize {
        on_program!(&self.0, program => program.shape().periodic.len())
    }

    /// The number of public values.
    #[getter]
    fn public_values(&self) -> usize {
        on_program!(&self.0, program => program.shape().public_values)
    }

    /// The number of constraints.
    #[getter]
    fn constraints(&self) -> usize {
        on_program!(&self.0, program => program.constraints())
    }

    /// The largest degree of a constraint. A blow-up of 2**k is enough for a degree of 2**k + 1.
    #[getter]
    fn degree(&self) -> usize {
        on_program!(&self.0, program => program.degree())
    }

    /// Checks every constraint in every row of a trace, and raises UnsatisfiedError with a row and the first
    /// constraint that does not hold there, counted from 0.
    #[pyo3(signature = (trace, public=None, *, preprocessed=None))]
    fn check_trace(
        &self,
        py: Python<'_>,
        trace: &Bound<'_, PyAny>,
        public: Option<&Bound<'_, PyAny>>,
        preprocessed: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        on_program!(&self.0, program => {
            let public = system::elements(public)?;
            let trace = Matrix::new("trace", trace)?;
            let preprocessed = preprocessed
                .map(|array| Matrix::new("preprocessed", array))
                .transpose()?;
            let (trace, fixed) = (
                trace.words()?,
                preprocessed.as_ref().map(Matrix::words).transpose()?,
            );
            work::run(py, || {
                let fixed = fixed.map(|words| words.columns()).transpose()?;
                Ok::<_, Failure>(program.check_trace(&trace.columns()?, fixed.as_ref(), &public)?)
            })
        })
    }

    fn __richcmp__(&self, other: &Self, op: CompareOp) -> Option<bool> {
        let equal = match (&self.0, &other.0) {
            (AnyProgram::KoalaBear(a), AnyProgram::KoalaBear(b)) => a == b,
            (AnyProgram::BabyBear(a), AnyProgram::BabyBear(b)) => a == b,
            (AnyProgram::Goldilocks(a), AnyProgram::Goldilocks(b)) => a == b,
            _ => false,
        };
        match op {
            CompareOp::Eq => Some(equal),
            CompareOp::Ne => Some(!equal),
            _ => None,
        }
    }

    fn __hash__(&self) -> u64 {
        let digest = on_program!(&self.0, program => program.digest());
        u64::from_le_bytes(*digest.first_chunk().expect("32 bytes"))
    }

    /// Pickles as its bytes.
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let read = slf.get_type().getattr("from_bytes")?;
        Ok((read, (slf.get().to_bytes(slf.py()),)))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "<Program of {} constraints of degree {} on {} columns over {}>",
            self.constraints(),
            self.degree(),
            self.columns(),
            self.field(py).getattr("__name__")?
        ))
    }
}

/// Canonical words as elements.
fn elements<F: SmallField>(words: Vec<u64>) -> Vec<F> {
    words.into_iter().map(F::from).collect()
}

/// The class `zkiln.stark.Parameters`.
#[derive(FromPyObject)]
struct PyParameters {
    log_blowup: u32,
    log_final_poly_len: u32,
    max_log_arity: u32,
    queries: u32,
    batch_grinding: u32,
    commit_grinding: u32,
    query_grinding: u32,
    ood_grinding: u32,
    cap_height: u32,
}

/// The parameters that an argument has, or those of `proven100`.
fn given(parameters: Option<PyParameters>) -> Parameters {
    parameters.map_or(Parameters::proven100(), |p| Parameters {
        dialect: Dialect::P3v0_8,
        log_blowup: p.log_blowup,
        log_final_poly_len: p.log_final_poly_len,
        max_log_arity: p.max_log_arity,
        queries: p.queries,
        batch_grinding: p.batch_grinding,
        commit_grinding: p.commit_grinding,
        query_grinding: p.query_grinding,
        ood_grinding: p.ood_grinding,
        cap_height: p.cap_height,
    })
}

/// The fields of a preset of [`Parameters`].
#[pyfunction]
fn _stark_preset<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyDict>> {
    let p = match name {
        "fast" => Parameters::fast(),
        "proven100" => Parameters::proven100(),
        _ => return Err(Failure::argument(format!("no preset is called {name:?}")).into()),
    };
    let fields = PyDict::new(py);
    fields.set_item("log_blowup", p.log_blowup)?;
    fields.set_item("log_final_poly_len", p.log_final_poly_len)?;
    fields.set_item("max_log_arity", p.max_log_arity)?;
    fields.set_item("queries", p.queries)?;
    fields.set_item("batch_grinding", p.batch_grinding)?;
    fields.set_item("commit_grinding", p.commit_grinding)?;
    fields.set_item("query_grinding", p.query_grinding)?;
    fields.set_item("ood_grinding", p.ood_grinding)?;
    fields.set_item("cap_height", p.cap_height)?;
    Ok(fields)
}

/// Bits of security: the binary logarithm of the work of a prover of something false.
#[pyclass(module = "zkiln.stark", name = "Security", frozen)]
pub(crate) struct PySecurity(Security);

#[pymethods]
impl PySecurity {
    /// The proven bits, whole ones: the better of the two bounds.
    #[getter]
    fn proven(&self) -> u32 {
        self.0.proven_bits()
    }

    /// The conjectured bits, whole ones: if committed words are no closer to codewords than random ones.
    #[getter]
    fn conjectured(&self) -> u32 {
        self.0.conjectured_bits()
    }

    /// Proven bits, from unique decoding.
    #[getter]
    fn unique_decoding(&self) -> f64 {
        self.0.unique_decoding
    }

    /// Proven bits, up to the Johnson bound; zero for traces too short for it.
    #[getter]
    fn johnson(&self) -> f64 {
        self.0.johnson
    }

    fn __repr__(&self) -> String {
        format!(
            "<Security: {} bits proven, {} conjectured>",
            self.proven(),
            self.conjectured()
        )
    }
}

/// The bits that parameters give: see `Parameters.security`.
#[pyfunction]
fn _stark_security(
    program: &Bound<'_, PyProgram>,
    rows: usize,
    hash: &str,
    parameters: PyParameters,
) -> PyResult<PySecurity> {
    let hash = Hash::named(hash)?;
    let parameters = given(Some(parameters));
    system::security(&program.get().0, hash, parameters, log_of(rows)?).map(PySecurity)
}

/// Makes proofs about traces of one height: prepared once, used any number of times, by any number of threads at
/// once.
///
/// hash is "poseidon2" or "keccak"; parameters are those of `Parameters.proven100`, if none are given. preprocessed is an
/// array of the preprocessed columns, if the constraints read any.
#[pyclass(module = "zkiln.stark", name = "Prover", frozen)]
pub(crate) struct PyProver {
    prover: Handle<Box<dyn AnyProver>>,
    rows: usize,
}

#[pymethods]
impl PyProver {
    #[new]
    #[pyo3(signature = (program, rows, *, hash="poseidon2", parameters=None, preprocessed=None))]
    fn new(
        py: Python<'_>,
        program: &Bound<'_, PyProgram>,
        rows: usize,
        hash: &str,
        parameters: Option<PyParameters>,
        preprocessed: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let hash = Hash::named(hash)?;
        let program = &program.get().0;
        let parameters = given(parameters);
        let prover = system::prover(py, program, hash, parameters, log_of(rows)?, preprocessed)?;
        Ok(Self {
            prover: Handle::new("this Prover", prover),
            rows,
        })
    }

    /// Proves that a trace satisfies the constraints with these public values, verifies the proof, and gives its
    /// bytes: those of Plonky3's proof. The same input has the same proof.
    ///
    /// The trace is an array of shape (rows, columns) of canonical integers, uint32 or for Goldilocks uint64, which may lie
    /// by rows or, for which nothing is transposed, by columns (`order="F"`). Raises UnsatisfiedError for a trace that
    /// breaks a constraint; verify=False hands an invalid proof out then.
    ///
    /// progress is called with the name of each phase; if it raises an exception, or a signal such as Ctrl-C does,
    /// the proof ends before its next phase.
    #[pyo3(signature = (trace, public=None, *, verify=true, progress=None))]
    fn prove<'py>(
        &self,
        trace: &Bound<'py, PyAny>,
        public: Option<&Bound<'py, PyAny>>,
        verify: bool,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let proof = self.prover.get()?.prove(trace, public, verify, progress)?;
        Ok(PyBytes::new(trace.py(), &proof))
    }

    /// What verifies these proofs.
    #[getter]
    fn verifier(&self) -> PyResult<PyVerifier> {
        Ok(PyVerifier {
            verifier: self.prover.get()?.verifier(),
            rows: self.rows,
        })
    }

    /// The number of rows of a trace.
    #[getter]
    fn rows(&self) -> usize {
        self.rows
    }

    /// Gives back the memory of the tables. Proofs that have begun go on; later ones raise ClosedError.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.prover.close());
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, pyo3::types::PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("<Prover about {} rows>", self.rows)
    }
}

/// What proofs of one statement are verified against: the constraints, the number of rows, the hash, the parameters
/// and, if the constraints read preprocessed columns, the commitment to these (`Verifier.preprocessed` of the prover's).
/// All must be the prover's.
#[pyclass(module = "zkiln.stark", name = "Verifier", frozen)]
pub(crate) struct PyVerifier {
    verifier: Box<dyn AnyVerifier>,
    rows: usize,
}

#[pymethods]
impl PyVerifier {
    #[new]
    #[pyo3(signature = (program, rows, *, hash="poseidon2", parameters=None, preprocessed=None))]
    fn new(
        program: &Bound<'_, PyProgram>,
        rows: usize,
        hash: &str,
        parameters: Option<PyParameters>,
        preprocessed: Option<&[u8]>,
    ) -> PyResult<Self> {
        let hash = Hash::named(hash)?;
        let parameters = given(parameters);
        let log_rows = log_of(rows)?;
        let verifier =
            system::verifier(&program.get().0, hash, parameters, log_rows, preprocessed)?;
        Ok(Self { verifier, rows })
    }

    /// Whether the bytes are a valid proof for these public values.
    ///
    /// Raises PublicInputsError for too few or too many, or one that is not below the modulus.
    #[pyo3(signature = (proof, public=None))]
    fn verify(
        &self,
        py: Python<'_>,
        proof: &[u8],
        public: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        match self.verifier.verify(py, proof, public)? {
            Ok(()) => Ok(true),
            Err(zkiln::Error::Malformed { .. }) => Ok(false),
            Err(other) => Err(Failure::from(other).into()),
        }
    }

    /// Raises MalformedError, which says what is wrong and where, unless the bytes are a valid proof for these public
    /// values; and PublicInputsError as verify does.
    #[pyo3(signature = (proof, public=None))]
    fn check(
        &self,
        py: Python<'_>,
        proof: &[u8],
        public: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let result = self.verifier.verify(py, proof, public)?;
        Ok(result.map_err(Failure::from)?)
    }

    /// How many bits of security a proof has that is accepted.
    #[getter]
    fn security(&self) -> PySecurity {
        PySecurity(self.verifier.security())
    }

    /// The commitment to the preprocessed columns, as bytes, or None.
    #[getter]
    fn preprocessed<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let bytes = self.verifier.preprocessed()?;
        Some(PyBytes::new(py, &bytes))
    }

    /// The number of rows of a trace.
    #[getter]
    fn rows(&self) -> usize {
        self.rows
    }

    fn __repr__(&self) -> String {
        format!("<Verifier of proofs about {} rows>", self.rows)
    }
}

/// The binary logarithm of a number of rows.
fn log_of(rows: usize) -> Result<u32> {
    if rows.is_power_of_two() {
        return Ok(rows.ilog2());
    }
    Err(Failure::argument(format!(
        "rows: a trace has a power of two of rows, not {rows}"
    )))
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyProgram>()?;
    m.add_class::<PySecurity>()?;
    m.add_class::<PyProver>()?;
    m.add_class::<PyVerifier>()?;
    m.add_function(wrap_pyfunction!(_stark_preset, m)?)?;
    m.add_function(wrap_pyfunction!(_stark_security, m)?)?;
    ready::register(m)
}
