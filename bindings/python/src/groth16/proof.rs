//! Proofs and public inputs.

use std::path::PathBuf;

use pyo3::IntoPyObjectExt;
use pyo3::basic::CompareOp;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyIterator, PyList};
use zkiln::field::{Fr, PrimeField};
use zkiln::groth16::{Encoding, Proof, PublicInputs};

use crate::arrays::{Form, Input, Output};
use crate::curves::{PyG1, PyG2};
use crate::errors::{Failure, Result};
use crate::fields::{PyFr, shape_of};
use crate::work;

/// A Groth16 proof. Anyone can turn a valid one into other valid proofs of the same statement, so its bytes must
/// never serve as a nullifier or a replay key.
#[pyclass(module = "zkiln.groth16", name = "Proof", frozen)]
pub(crate) struct PyProof(pub(crate) Proof);

#[pymethods]
impl PyProof {
    /// A proof of its points, which are checked by whoever verifies it.
    #[new]
    #[pyo3(signature = (a, b, c))]
    fn new(a: &Bound<'_, PyG1>, b: &Bound<'_, PyG2>, c: &Bound<'_, PyG1>) -> Self {
        Self(Proof {
            a: a.get().0,
            b: b.get().0,
            c: c.get().0,
        })
    }

    /// Reads the text of proof.json. Raises MalformedError, also for points that are not in their groups.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        Ok(Self(
            Proof::from_json(text, "proof").map_err(Failure::from)?,
        ))
    }

    /// Reads the file proof.json.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::alone(py, || Proof::open(path)).map(Self)
    }

    /// The text of proof.json, byte for byte as snarkjs writes it.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The proof of bytes in an encoding: see to_bytes. Reading is strict.
    #[staticmethod]
    #[pyo3(signature = (data, encoding="arkworks"))]
    fn from_bytes(data: &[u8], encoding: &str) -> PyResult<Self> {
        let proof = Proof::from_bytes(data, known(encoding)?, "proof");
        Ok(Self(proof.map_err(Failure::from)?))
    }

    /// The bytes of the proof: "arkworks" is arkworks' compressed encoding, of 128 bytes, and there are
    /// "arkworks-uncompressed", "gnark", "gnark-raw" and "evm", the words of EIP-197.
    #[pyo3(signature = (encoding="arkworks"))]
    fn to_bytes<'py>(&self, py: Python<'py>, encoding: &str) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.0.to_bytes(known(encoding)?)))
    }

    /// The data of a call of the Solidity contract: a selector, the proof, the public inputs.
    fn to_calldata<'py>(
        &self,
        py: Python<'py>,
        public: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(
            py,
            &self.0.to_calldata(&given_public(public)?),
        ))
    }

    /// The first point, pi_a in snarkjs.
    #[getter]
    fn a(&self) -> PyG1 {
        PyG1(self.0.a)
    }

    /// The second point, pi_b in snarkjs.
    #[getter]
    fn b(&self) -> PyG2 {
        PyG2(self.0.b)
    }

    /// The third point, pi_c in snarkjs.
    #[getter]
    fn c(&self) -> PyG1 {
        PyG1(self.0.c)
    }

    fn __richcmp__<'py>(
        &self,
        other: &Bound<'py, PyAny>,
        op: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        match (op, other.cast::<Self>()) {
            (CompareOp::Eq, Ok(other)) => (self.0 == other.get().0).into_bound_py_any(py),
            (CompareOp::Ne, Ok(other)) => (self.0 != other.get().0).into_bound_py_any(py),
            _ => Ok(py.NotImplemented().into_bound(py)),
        }
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        PyBytes::new(py, &self.0.to_bytes(Encoding::Evm)).hash()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let points = [
            Bound::new(py, self.a())?.into_any(),
            Bound::new(py, self.b())?.into_any(),
            Bound::new(py, self.c())?.into_any(),
        ];
        let points: PyResult<Vec<String>> = points
            .iter()
            .map(|point| Ok(point.repr()?.to_string()))
            .collect();
        Ok(format!("Proof({})", points?.join(", ")))
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (PyG1, PyG2, PyG1))> {
        let class = py.get_type::<Self>().into_any();
        Ok((class, (self.a(), self.b(), self.c())))
    }
}

fn known(encoding: &str) -> Result<Encoding> {
    Ok(match encoding {
        "arkworks" => Encoding::Arkworks,
        "arkworks-uncompressed" => Encoding::ArkworksUncompressed,
        "gnark" => Encoding::Gnark,
        "gnark-raw" => Encoding::GnarkRaw,
        "evm" => Encoding::Evm,
        other => {
            return Err(Failure::argument(format!(
                "encoding: {other:?} is none of arkworks, arkworks-uncompressed, gnark, gnark-raw, evm"
            )));
        }
    })
}

/// The public inputs of a proof, the circuit's outputs first: a sequence of Fr.
///
/// >>> from zkiln.groth16 import PublicInputs
/// >>> public = PublicInputs([33])
/// >>> public[0], len(public), public.to_json()
/// (Fr(33), 1, '[\n "33"\n]')
#[pyclass(module = "zkiln.groth16", name = "PublicInputs", frozen, sequence)]
pub(crate) struct PyPublicInputs(pub(crate) PublicInputs);

#[pymethods]
impl PyPublicInputs {
    /// Public inputs of these values: elements, integers below r, or an array of shape (n, 4).
    #[new]
    #[pyo3(signature = (values, /))]
    fn new(values: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(given_public(values)?.into()))
    }

    /// Reads the text of public.json.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        let public = PublicInputs::from_json(text, "public inputs");
        Ok(Self(public.map_err(Failure::from)?))
    }

    /// Reads the file public.json.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::alone(py, || PublicInputs::open(path)).map(Self)
    }

    /// The text of public.json, byte for byte as snarkjs writes it.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// A new array of shape (n, 4).
    #[pyo3(signature = (*, form="canonical"))]
    fn to_array<'py>(&self, py: Python<'py>, form: &str) -> PyResult<Bound<'py, PyAny>> {
        let form = Form::named(form)?;
        let mut out = Output::<u64>::zeros(py, &shape_of::<Fr>(&[self.0.len()]))?;
        let elements: &mut [Fr] = bytemuck::cast_slice_mut(out.words());
        elements.copy_from_slice(&self.0);
        form.encode(elements);
        Ok(out.into_array().into_any())
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __getitem__(&self, index: isize) -> PyResult<PyFr> {
        let at = if index < 0 {
            index.checked_add_unsigned(self.0.len())
        } else {
            Some(index)
        };
        let value = at.and_then(|at| self.0.get(usize::try_from(at).ok()?));
        value
            .map(|value| PyFr(*value))
            .ok_or_else(|| PyIndexError::new_err("there is no such public input"))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        let values: Vec<PyFr> = self.0.iter().map(|value| PyFr(*value)).collect();
        PyList::new(py, values)?.try_iter()
    }

    fn __richcmp__<'py>(
        &self,
        other: &Bound<'py, PyAny>,
        op: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        match (op, other.cast::<Self>()) {
            (CompareOp::Eq, Ok(other)) => (self.0 == other.get().0).into_bound_py_any(py),
            (CompareOp::Ne, Ok(other)) => (self.0 != other.get().0).into_bound_py_any(py),
            _ => Ok(py.NotImplemented().into_bound(py)),
        }
    }

    fn __repr__(&self) -> String {
        let values: Vec<String> = self.0.iter().map(Fr::to_string).collect();
        format!("PublicInputs([{}])", values.join(", "))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Vec<PyFr>,))> {
        let class = py.get_type::<Self>().into_any();
        Ok((class, (self.0.iter().map(|value| PyFr(*value)).collect(),)))
    }
}

/// Public inputs of any kind. Integers are not taken modulo r: two that differ would be the same input.
pub(crate) fn given_public(values: &Bound<'_, PyAny>) -> PyResult<Vec<Fr>> {
    if let Ok(public) = values.cast::<PyPublicInputs>() {
        return Ok(public.get().0.to_vec());
    }
    let not_below_r = |i: usize| {
        let reason = format!("value {i} is not an integer from 0 to r - 1");
        PyErr::from(Failure::from(zkiln::Error::PublicInputs(reason)))
    };
    if values.hasattr("dtype")? {
        let input = Input::<u64>::new("public", values)?;
        let mut elements = input.elements::<Fr>()?.to_vec();
        if Form::Canonical.check("public", &elements).is_err() {
            let is_canonical = <Fr as crate::arrays::Stored>::is_canonical;
            let i = elements.iter().position(|e| !is_canonical(e));
            return Err(not_below_r(i.unwrap_or(0)));
        }
        Form::Canonical.decode(&mut elements);
        return Ok(elements);
    }
    let mut elements = Vec::new();
    for (i, value) in values.try_iter()?.enumerate() {
        let value = value?;
        if let Ok(element) = value.cast::<PyFr>() {
            elements.push(element.get().0);
            continue;
        }
        let value = value
            .py()
            .import("operator")?
            .call_method1("index", (value,))?;
        let bytes = value.call_method1("to_bytes", (32, "little"));
        let limbs = bytes
            .ok()
            .and_then(|bytes| bytes.extract::<[u8; 32]>().ok());
        let element =
            limbs.and_then(|bytes| Fr::from_canonical(zkiln::field::Int::from_le_bytes(&bytes)));
        elements.push(element.ok_or_else(|| not_below_r(i))?);
    }
    Ok(elements)
}
