//! Circuits, their witnesses, and keys for development.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zkiln::field::{Fr, Int};
use zkiln::groth16::{DevelopmentKey, R1cs, WireCounts, Witness};

use super::{Place, Source};
use crate::arrays::{Input, Output};
use crate::errors::Failure;
use crate::fields::Operand;
use crate::work;

/// The values of all wires of a circuit: the secret of a proof. It is wiped when it is no longer used.
///
/// A witness of an array of shape (n, 4) of canonical integers, of which the first is 1, is a copy of it.
#[pyclass(module = "zkiln.groth16", name = "Witness", frozen)]
pub(crate) struct PyWitness(Arc<Witness>);

#[pymethods]
impl PyWitness {
    #[new]
    #[pyo3(signature = (values, /))]
    fn new(values: &Bound<'_, PyAny>) -> PyResult<Self> {
        from_array(values).map(|witness| Self(Arc::new(witness)))
    }

    /// Reads a wtns file, by its path or its bytes.
    #[staticmethod]
    fn open(py: Python<'_>, source: Source<'_, '_>) -> PyResult<Self> {
        read(py, &source).map(|witness| Self(Arc::new(witness)))
    }

    /// A new array of shape (n, 4) of canonical integers. It is not wiped.
    fn to_array<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let values: &[u64] = bytemuck::cast_slice(self.0.values());
        let mut out = Output::<u64>::zeros(py, &[self.0.values().len(), 4])?;
        out.words().copy_from_slice(values);
        Ok(out.into_array().into_any())
    }

    /// The bytes of a wtns file. They are not wiped.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_bytes())
    }

    fn __len__(&self) -> usize {
        self.0.values().len()
    }

    fn __repr__(&self) -> String {
        format!("<Witness of {} values>", self.__len__())
    }
}

fn from_array(values: &Bound<'_, PyAny>) -> PyResult<Witness> {
    let input = Input::<u64>::new("witness", values)?;
    let [_] = *input.outer(&[4])? else {
        return Err(Failure::argument("witness: an array of shape (n, 4) is needed").into());
    };
    let words = input.words()?;
    work::run(values.py(), || {
        Witness::new(bytemuck::cast_slice::<u64, Int<4>>(words).to_vec())
    })
}

fn read(py: Python<'_>, source: &Source<'_, '_>) -> PyResult<Witness> {
    let place = source.get();
    work::run(py, || match place {
        Place::Path(path) => Witness::open(path),
        Place::Bytes(bytes) => Witness::from_bytes(bytes, "witness"),
    })
}

/// The witness of an argument: a Witness, an array, a path or bytes.
pub(crate) fn given_witness(py: Python<'_>, witness: &Bound<'_, PyAny>) -> PyResult<Arc<Witness>> {
    if let Ok(witness) = witness.cast::<PyWitness>() {
        return Ok(Arc::clone(&witness.get().0));
    }
    if witness.hasattr("dtype")? {
        return from_array(witness).map(Arc::new);
    }
    match witness.extract::<Source<'_, '_>>() {
        Ok(source) => read(py, &source).map(Arc::new),
        Err(_) => Err(Failure::of_type(format!(
            "witness: a Witness, an array, the path of a wtns file or its bytes are needed, not {}",
            witness.get_type().fully_qualified_name()?
        ))
        .into()),
    }
}

/// The terms of a linear combination: wires and coefficients.
type Terms = Vec<(u32, Operand<Fr>)>;

/// A circuit: constraints A w * B w = C w of the wires w. Wires are numbered in the order: the constant 1, outputs,
/// public inputs, private inputs, the rest.
///
/// A constraint is a triple of lists of terms (wire, coefficient).
///
/// >>> from zkiln.groth16 import R1cs
/// >>> product = ([(2, 1)], [(3, 1)], [(1, 1)])  # wire 2 times wire 3 is wire 1
/// >>> R1cs([product], n_wires=4, n_outputs=1, n_private_inputs=2)
/// <R1cs of 1 constraints on 4 wires, 1 public>
#[pyclass(module = "zkiln.groth16", name = "R1cs", frozen)]
pub(crate) struct PyR1cs(pub(crate) Arc<R1cs>);

#[pymethods]
impl PyR1cs {
    #[new]
    #[pyo3(signature = (constraints, *, n_wires, n_outputs=0, n_public_inputs=0, n_private_inputs=0))]
    fn new(
        constraints: Vec<(Terms, Terms, Terms)>,
        n_wires: usize,
        n_outputs: usize,
        n_public_inputs: usize,
        n_private_inputs: usize,
    ) -> PyResult<Self> {
        let wires = WireCounts {
            total: n_wires,
            outputs: n_outputs,
            public_inputs: n_public_inputs,
            private_inputs: n_private_inputs,
        };
        let terms = |terms: Terms| terms.into_iter().map(|(wire, c)| (wire, c.0)).collect();
        let constraints = constraints
            .into_iter()
            .map(|(a, b, c)| [terms(a), terms(b), terms(c)]);
        let r1cs = R1cs::new(wires, constraints).map_err(Failure::from)?;
        Ok(Self(Arc::new(r1cs)))
    }

    /// Reads an r1cs file, by its path or its bytes.
    #[staticmethod]
    fn open(py: Python<'_>, source: Source<'_, '_>) -> PyResult<Self> {
        let place = source.get();
        let r1cs = work::run(py, || match place {
            Place::Path(path) => R1cs::open(path),
            Place::Bytes(bytes) => R1cs::from_bytes(bytes, "r1cs"),
        })?;
        Ok(Self(Arc::new(r1cs)))
    }

    /// The number of constraints.
    #[getter]
    fn n_constraints(&self) -> usize {
        self.0.n_constraints()
    }

    /// The number of wires: the length of a witness.
    #[getter]
    fn n_wires(&self) -> usize {
        self.0.wires().total
    }

    /// The number of outputs and public inputs.
    #[getter]
    fn n_public(&self) -> usize {
        self.0.wires().public()
    }

    /// The number of the first constraint that a witness does not satisfy; None if it satisfies all.
    fn first_unsatisfied(
        &self,
        py: Python<'_>,
        witness: &Bound<'_, PyAny>,
    ) -> PyResult<Option<usize>> {
        let witness = given_witness(py, witness)?;
        work::run(py, || self.0.first_unsatisfied(&witness))
    }

    /// The bytes of an r1cs file.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = work::alone(py, || Ok::<_, Failure>(self.0.to_bytes()))?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn __repr__(&self) -> String {
        format!(
            "<R1cs of {} constraints on {} wires, {} public>",
            self.n_constraints(),
            self.n_wires(),
            self.n_public()
        )
    }
}

/// Makes a proving key for a circuit in seconds, for development only: this machine knows its secrets, and whoever
/// does can forge proofs. The key is written to the file path, or its bytes are returned if there is no path.
#[pyfunction]
#[pyo3(signature = (r1cs, path=None, *, progress=None))]
pub(super) fn insecure_development_key<'py>(
    py: Python<'py>,
    r1cs: &Bound<'py, PyR1cs>,
    path: Option<PathBuf>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let r1cs = Arc::clone(&r1cs.get().0);
    let bytes = work::watch(py, progress, |cancel| {
        let key = DevelopmentKey::generate(&r1cs)?;
        if cancel.is_cancelled() {
            return Err(zkiln::Error::Cancelled);
        }
        match &path {
            Some(path) => key.save(path).map(|()| None),
            None => key.parts().to_bytes().map(Some),
        }
    })?;
    Ok(bytes.map(|bytes| PyBytes::new(py, &bytes)))
}
