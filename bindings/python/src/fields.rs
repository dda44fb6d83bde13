//! Field elements as Python objects, and arrays of them.

use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyTypeError, PyZeroDivisionError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyTuple, PyType};
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::field::{Field, Fq, Fr, PrimeField};

use crate::arrays::{Form, Input, Output, Stored, array};
use crate::errors::Failure;
use crate::work;

/// What the class of a field needs of it.
pub(crate) trait Number: Stored + From<u64> {
    const ADICITY: u32;
    fn generator() -> Self;
    fn root(log_n: u32) -> Option<Self>;
    fn draw() -> zkiln::Result<Self>;
    /// A uniform element, or `None` for a draw to be thrown away.
    fn from_draws(next: &mut impl FnMut() -> u64) -> Option<Self>;
}

macro_rules! number_in_limbs {
    ($($F:ty)+) => {
        $(impl Number for $F {
            const ADICITY: u32 = <$F as PrimeField>::TWO_ADICITY;
            fn generator() -> Self {
                <$F as PrimeField>::GENERATOR
            }
            fn root(log_n: u32) -> Option<Self> {
                <$F as PrimeField>::root_of_unity(log_n)
            }
            fn draw() -> zkiln::Result<Self> {
                <$F as PrimeField>::random()
            }
            fn from_draws(next: &mut impl FnMut() -> u64) -> Option<Self> {
                let mut limbs = [next(), next(), next(), next()];
                limbs[3] &= u64::MAX >> (256 - <$F as PrimeField>::BITS);
                Self::from_canonical(zkiln::field::Int(limbs))
            }
        })+
    };
}

number_in_limbs!(Fr Fq);

macro_rules! number_in_word {
    ($($F:ty)+) => {
        $(impl Number for $F {
            const ADICITY: u32 = <$F as SmallField>::TWO_ADICITY;
            fn generator() -> Self {
                <$F as SmallField>::GENERATOR
            }
            fn root(log_n: u32) -> Option<Self> {
                <$F as SmallField>::root_of_unity(log_n)
            }
            fn draw() -> zkiln::Result<Self> {
                <$F as SmallField>::random()
            }
            fn from_draws(next: &mut impl FnMut() -> u64) -> Option<Self> {
                Self::from_canonical(next() >> (64 - <$F as SmallField>::BITS))
            }
        })+
    };
}

number_in_word!(KoalaBear BabyBear Goldilocks);

/// The canonical integer of an element.
pub(crate) fn to_int<'py, F: Field>(py: Python<'py>, element: F) -> PyResult<Bound<'py, PyAny>> {
    let bytes = PyBytes::new(py, &to_bytes(element));
    py.get_type::<PyInt>()
        .call_method1("from_bytes", (bytes, "little"))
}

fn to_bytes<F: Field>(element: F) -> Vec<u8> {
    let mut bytes = vec![0; F::BYTES];
    element.write_canonical(&mut bytes);
    bytes
}

/// The modulus of a field.
fn modulus<F: Number>(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    to_int(py, -F::ONE)?.add(1)
}

/// The element of any integer, which is taken modulo the modulus.
fn from_int<F: Number>(value: &Bound<'_, PyAny>) -> PyResult<F> {
    if let Ok(small) = value.extract::<u64>() {
        return Ok(F::from(small));
    }
    let py = value.py();
    let value = py.import("operator")?.call_method1("index", (value,))?;
    let bytes = value
        .rem(modulus::<F>(py)?)?
        .call_method1("to_bytes", (F::BYTES, "little"))?;
    let element = F::read_canonical(bytes.cast::<PyBytes>()?.as_bytes());
    Ok(element.expect("a remainder is below the modulus"))
}

/// `base^exponent` for any integer.
fn power<F: Number>(base: F, exponent: &Bound<'_, PyAny>) -> PyResult<F> {
    let py = exponent.py();
    if base.is_zero() {
        return if exponent.lt(0)? {
            Err(division_by_zero())
        } else {
            Ok(F::from(u64::from(exponent.eq(0)?)))
        };
    }
    // The order of the multiplicative group.
    let order = modulus::<F>(py)?.sub(1)?;
    let bytes = exponent
        .rem(order)?
        .call_method1("to_bytes", (32, "little"))?;
    let bytes = bytes.cast::<PyBytes>()?.as_bytes();
    let limbs: Vec<u64> = (bytes.as_chunks().0.iter())
        .map(|limb| u64::from_le_bytes(*limb))
        .collect();
    Ok(base.pow(&limbs))
}

fn division_by_zero() -> PyErr {
    PyZeroDivisionError::new_err("zero has no inverse")
}

/// SplitMix64 (Steele, Lea, Flood, 2014): the same numbers everywhere, and no secrets.
fn split_mix(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A new array of `n` random elements.
fn random_array<F: Number>(
    py: Python<'_>,
    n: usize,
    seed: Option<u64>,
    form: Form,
) -> PyResult<Bound<'_, PyAny>> {
    let mut out = Output::<F::Word>::zeros(py, &shape_of::<F>(&[n]))?;
    let elements: &mut [F] = bytemuck::cast_slice_mut(out.words());
    work::run(py, || {
        match seed {
            None => {
                for element in &mut *elements {
                    *element = F::draw()?;
                }
            }
            Some(seed) => {
                let mut next = split_mix(seed);
                for element in &mut *elements {
                    *element = loop {
                        if let Some(drawn) = F::from_draws(&mut next) {
                            break drawn;
                        }
                    };
                }
            }
        }
        form.encode(elements);
        Ok::<_, Failure>(())
    })?;
    Ok(out.into_array().into_any())
}

/// A shape with the dimensions of an element.
pub(crate) fn shape_of<F: Stored>(outer: &[usize]) -> Vec<usize> {
    [outer, F::DIMENSIONS].concat()
}

/// A copy of an array in another form.
fn converted<'py, F: Number>(
    values: &Bound<'py, PyAny>,
    from: Form,
    to: Form,
) -> PyResult<Bound<'py, PyAny>> {
    let py = values.py();
    let input = Input::<F::Word>::new("values", values)?;
    let elements: &[F] = input.elements()?;
    let mut out = Output::<F::Word>::zeros(py, input.shape())?;
    let converted: &mut [F] = bytemuck::cast_slice_mut(out.words());
    work::run(py, || {
        from.check("values", elements)?;
        converted.copy_from_slice(elements);
        from.decode(converted);
        to.encode(converted);
        Ok::<_, Failure>(())
    })?;
    Ok(out.into_array().into_any())
}

/// An element, given as one or as an integer.
pub(crate) struct Operand<F>(pub(crate) F);

macro_rules! field_class {
    ($(#[$doc:meta])* $Class:ident($F:ident) $name:literal) => {
        $(#[$doc])*
        #[pyclass(name = $name, module = "zkiln", frozen)]
        #[derive(Clone, Copy)]
        pub(crate) struct $Class(pub(crate) $F);

        impl<'a, 'py> FromPyObject<'a, 'py> for Operand<$F> {
            type Error = PyErr;

            fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                match object.cast::<$Class>() {
                    Ok(element) => Ok(Self(element.get().0)),
                    Err(_) => Ok(Self(from_int(&object)?)),
                }
            }
        }

        #[pymethods]
        impl $Class {
            #[new]
            #[pyo3(signature = (value, /))]
            fn new(value: Operand<$F>) -> Self {
                Self(value.0)
            }

            /// The modulus.
            #[classattr]
            #[pyo3(name = "MODULUS")]
            fn modulus(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
                modulus::<$F>(py)
            }

            /// The largest k such that 2**k divides the modulus less 1.
            #[classattr]
            #[pyo3(name = "TWO_ADICITY")]
            fn two_adicity() -> u32 {
                <$F as Number>::ADICITY
            }

            /// A generator of the multiplicative group.
            #[staticmethod]
            fn generator() -> Self {
                Self(<$F as Number>::generator())
            }

            /// The primitive root of unity of order 2**log_n whose powers the transforms use.
            #[staticmethod]
            fn root_of_unity(log_n: u32) -> PyResult<Self> {
                match <$F as Number>::root(log_n) {
                    Some(root) => Ok(Self(root)),
                    None => Err(Failure::argument(format!(
                        "log_n: {} has roots of unity up to the order 2**{}, not 2**{log_n}",
                        $name,
                        <$F as Number>::ADICITY
                    )).into()),
                }
            }

            /// A random element from the operating system, or an array of n of them. With a seed the array is
            /// always the same, and no secret.
            #[staticmethod]
            #[pyo3(signature = (n=None, *, seed=None, form="canonical"))]
            fn random<'py>(
                py: Python<'py>,
                n: Option<usize>,
                seed: Option<u64>,
                form: &str,
            ) -> PyResult<Bound<'py, PyAny>> {
                let form = Form::named(form)?;
                match n {
                    Some(n) => random_array::<$F>(py, n, seed, form),
                    None => {
                        let element = match seed {
                            None => <$F as Number>::draw().map_err(Failure::from)?,
                            Some(seed) => {
                                let mut next = split_mix(seed);
                                loop {
                                    if let Some(drawn) = <$F as Number>::from_draws(&mut next) {
                                        break drawn;
                                    }
                                }
                            }
                        };
                        Ok(Bound::new(py, Self(element))?.into_any())
                    }
                }
            }

            /// A new array of these integers, which are taken modulo the modulus, or elements.
            #[staticmethod]
            #[pyo3(signature = (values, *, form="canonical"))]
            fn array<'py>(values: &Bound<'py, PyAny>, form: &str) -> PyResult<Bound<'py, PyAny>> {
                let form = Form::named(form)?;
                let mut elements = Vec::new();
                for value in values.try_iter()? {
                    elements.push(value?.extract::<Operand<$F>>()?.0);
                }
                form.encode::<$F>(&mut elements);
                let shape = shape_of::<$F>(&[elements.len()]);
                let words = bytemuck::cast_slice::<$F, <$F as Stored>::Word>(&elements);
                Ok(array(values.py(), words.to_vec(), &shape)?.into_any())
            }

            /// The integers of an array, in one list, whatever the array's shape.
            #[staticmethod]
            #[pyo3(signature = (values, *, form="canonical"))]
            fn to_ints<'py>(
                values: &Bound<'py, PyAny>,
                form: &str,
            ) -> PyResult<Vec<Bound<'py, PyAny>>> {
                let form = Form::named(form)?;
                let input = Input::<<$F as Stored>::Word>::new("values", values)?;
                let mut elements = input.elements::<$F>()?.to_vec();
                form.check("values", &elements)?;
                form.decode(&mut elements);
                elements.iter().map(|&e| to_int(values.py(), e)).collect()
            }

            /// A copy of an array of canonical integers in Montgomery form.
            #[staticmethod]
            fn to_montgomery<'py>(values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
                converted::<$F>(values, Form::Canonical, Form::Montgomery)
            }

            /// A copy of an array in Montgomery form as canonical integers.
            #[staticmethod]
            fn from_montgomery<'py>(values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
                converted::<$F>(values, Form::Montgomery, Form::Canonical)
            }

            /// The element of the bytes that bytes(element) gives: the canonical integer, little-endian.
            #[staticmethod]
            fn from_bytes(data: &[u8]) -> PyResult<Self> {
                match <$F as Field>::read_canonical(data) {
                    Some(element) => Ok(Self(element)),
                    None => Err(Failure::argument(format!(
                        "data: {} bytes of a little-endian integer below the modulus of {} are needed",
                        <$F as Field>::BYTES,
                        $name
                    )).into()),
                }
            }

            /// The multiplicative inverse. Raises ZeroDivisionError for zero.
            fn inverse(&self) -> PyResult<Self> {
                self.0.inverse().map(Self).ok_or_else(division_by_zero)
            }

            /// A square root, or None if there is none.
            fn sqrt(&self) -> Option<Self> {
                self.0.sqrt().map(Self)
            }

            fn __add__(&self, other: Operand<$F>) -> Self {
                Self(self.0 + other.0)
            }
            fn __radd__(&self, other: Operand<$F>) -> Self {
                Self(self.0 + other.0)
            }
            fn __sub__(&self, other: Operand<$F>) -> Self {
                Self(self.0 - other.0)
            }
            fn __rsub__(&self, other: Operand<$F>) -> Self {
                Self(other.0 - self.0)
            }
            fn __mul__(&self, other: Operand<$F>) -> Self {
                Self(self.0 * other.0)
            }
            fn __rmul__(&self, other: Operand<$F>) -> Self {
                Self(self.0 * other.0)
            }
            fn __truediv__(&self, other: Operand<$F>) -> PyResult<Self> {
                let inverse = other.0.inverse().ok_or_else(division_by_zero)?;
                Ok(Self(self.0 * inverse))
            }
            fn __rtruediv__(&self, other: Operand<$F>) -> PyResult<Self> {
                Ok(Self(other.0 * self.inverse()?.0))
            }
            fn __pow__(
                &self,
                exponent: &Bound<'_, PyInt>,
                modulo: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Self> {
                if modulo.is_some() {
                    return Err(PyTypeError::new_err("elements of a field have their own modulus"));
                }
                Ok(Self(power(self.0, exponent.as_any())?))
            }
            fn __neg__(&self) -> Self {
                Self(-self.0)
            }
            fn __bool__(&self) -> bool {
                !self.0.is_zero()
            }
            fn __int__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                to_int(py, self.0)
            }
            fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
                PyBytes::new(py, &to_bytes(self.0))
            }
            fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
                to_int(py, self.0)?.hash()
            }
            fn __richcmp__<'py>(
                &self,
                other: &Bound<'py, PyAny>,
                op: CompareOp,
            ) -> PyResult<Bound<'py, PyAny>> {
                let py = other.py();
                let are_equal = if let Ok(element) = other.cast::<$Class>() {
                    element.get().0 == self.0
                } else if other.is_instance_of::<PyInt>() {
                    to_int(py, self.0)?.eq(other)?
                } else {
                    return Ok(py.NotImplemented().into_bound(py));
                };
                match op {
                    CompareOp::Eq => are_equal.into_bound_py_any(py),
                    CompareOp::Ne => (!are_equal).into_bound_py_any(py),
                    _ => Ok(py.NotImplemented().into_bound(py)),
                }
            }
            fn __repr__(&self) -> String {
                format!("{}({})", $name, self.0)
            }
            fn __reduce__<'py>(
                &self,
                py: Python<'py>,
            ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
                Ok((py.get_type::<Self>(), PyTuple::new(py, [to_int(py, self.0)?])?))
            }
        }
    };
}

use pyo3::IntoPyObjectExt;

field_class! {
    /// An element of BN254's scalar field, the integers modulo r.
    ///
    /// It computes with others and with integers, which are taken modulo r, and equals the integer from 0 to
    /// r - 1 that it stands for.
    ///
    /// >>> from zkiln import Fr
    /// >>> Fr(5) / 3 * 3
    /// Fr(5)
    /// >>> Fr(2) ** -1 + Fr(2) ** -1 == 1
    /// True
    /// >>> int(Fr(-1)) == Fr.MODULUS - 1
    /// True
    ///
    /// Many elements are an array of shape (n, 4) of uint64: canonical integers, the lowest limb first.
    ///
    /// >>> Fr.array([1, 2**64]).tolist()
    /// [[1, 0, 0, 0], [0, 1, 0, 0]]
    /// >>> Fr.to_ints(Fr.random(1000, seed=1))[0] < Fr.MODULUS
    /// True
    PyFr(Fr) "Fr"
}

field_class! {
    /// An element of BN254's base field, the integers modulo q: the coordinates of points.
    ///
    /// >>> from zkiln import Fq
    /// >>> Fq(4).sqrt() ** 2
    /// Fq(4)
    PyFq(Fq) "Fq"
}

field_class! {
    /// An element of the field of 2**31 - 2**24 + 1 elements. Many are an array of uint32.
    ///
    /// >>> from zkiln import KoalaBear
    /// >>> KoalaBear.array([-1]).tolist()
    /// [2130706432]
    PyKoalaBear(KoalaBear) "KoalaBear"
}

field_class! {
    /// An element of the field of 2**31 - 2**27 + 1 elements. Many are an array of uint32.
    PyBabyBear(BabyBear) "BabyBear"
}

field_class! {
    /// An element of the field of 2**64 - 2**32 + 1 elements. Many are an array of uint64.
    PyGoldilocks(Goldilocks) "Goldilocks"
}

/// A field that is the argument `field`, a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldName {
    Fr,
    Fq,
    KoalaBear,
    BabyBear,
    Goldilocks,
}

impl<'a, 'py> FromPyObject<'a, 'py> for FieldName {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        for (name, class) in [
            (Self::Fr, py.get_type::<PyFr>()),
            (Self::Fq, py.get_type::<PyFq>()),
            (Self::KoalaBear, py.get_type::<PyKoalaBear>()),
            (Self::BabyBear, py.get_type::<PyBabyBear>()),
            (Self::Goldilocks, py.get_type::<PyGoldilocks>()),
        ] {
            if object.is(&class) {
                return Ok(name);
            }
        }
        Err(Failure::of_type(format!(
            "field: a class of a field, such as zkiln.Fr or zkiln.KoalaBear, is needed, not {}",
            object.repr()?
        ))
        .into())
    }
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyFr>()?;
    m.add_class::<PyFq>()?;
    m.add_class::<PyKoalaBear>()?;
    m.add_class::<PyBabyBear>()?;
    m.add_class::<PyGoldilocks>()
}
