//! Points as Python objects, and arrays of them.

use std::borrow::Cow;

use bytemuck::Pod;
use pyo3::IntoPyObjectExt;
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use rayon::prelude::*;
use zkiln::curve::{Affine, Curve, G1, G2, Xyzz};
use zkiln::field::{Field, Fq, Fq2, Fr};
use zkiln::msm::FixedBase;

use crate::arrays::{Form, Input, Output, Stored};
use crate::errors::{Failure, Result};
use crate::fields::{Operand, PyFq};
use crate::work;

/// A group with its points as arrays and Python objects.
pub(crate) trait Group: Curve<Scalar = Fr> {
    /// The dimensions of one point in an array: its two coordinates, each of one or two elements of Fq.
    const DIMENSIONS: &'static [usize];
    /// The elements of Fq of a point.
    const COORDINATES: usize;

    /// The point as an object.
    fn object(py: Python<'_>, point: Affine<Self>) -> PyResult<Bound<'_, PyAny>>;
    /// The point of an object.
    fn point(object: &Bound<'_, PyAny>) -> Option<Affine<Self>>;
}

impl Group for G1 {
    const DIMENSIONS: &'static [usize] = &[2, 4];
    const COORDINATES: usize = 2;

    fn object(py: Python<'_>, point: Affine<Self>) -> PyResult<Bound<'_, PyAny>> {
        Ok(Bound::new(py, PyG1(point))?.into_any())
    }
    fn point(object: &Bound<'_, PyAny>) -> Option<Affine<Self>> {
        Some(object.cast::<PyG1>().ok()?.get().0)
    }
}

impl Group for G2 {
    const DIMENSIONS: &'static [usize] = &[2, 2, 4];
    const COORDINATES: usize = 4;

    fn object(py: Python<'_>, point: Affine<Self>) -> PyResult<Bound<'_, PyAny>> {
        Ok(Bound::new(py, PyG2(point))?.into_any())
    }
    fn point(object: &Bound<'_, PyAny>) -> Option<Affine<Self>> {
        Some(object.cast::<PyG2>().ok()?.get().0)
    }
}

/// The points of an array's words, which are checked for being on the curve if `is_checked`, and for nothing else.
/// Borrowed where they lie in the library's form. Parallel.
pub(crate) fn points<'a, C: Group>(
    name: &str,
    words: &'a [u64],
    form: Form,
    is_checked: bool,
) -> Result<Cow<'a, [Affine<C>]>> {
    let coordinates: &[Fq] = bytemuck::cast_slice(words);
    let points = match form {
        Form::Montgomery => Cow::Borrowed(bytemuck::cast_slice(words)),
        Form::Canonical => {
            if let Err(Failure::Argument(_)) = form.check(name, coordinates) {
                let is_canonical = |c: &[Fq]| c.iter().all(Fq::is_canonical);
                let points = coordinates.par_chunks_exact(C::COORDINATES);
                let i = points.position_first(|point| !is_canonical(point));
                return Err(fault(name, i.unwrap_or(0), NOT_REDUCED));
            }
            let mut points = bytemuck::cast_slice::<_, Affine<C>>(words).to_vec();
            form.decode(bytemuck::cast_slice_mut::<_, Fq>(&mut points));
            Cow::Owned(points)
        }
    };
    if is_checked {
        let found = points.par_iter().enumerate();
        let found = found.find_map_first(|(i, point)| {
            let fault = if !point.x.is_reduced() || !point.y.is_reduced() {
                NOT_REDUCED
            } else if !point.is_on_curve() {
                "is not on the curve"
            } else {
                return None;
            };
            Some((i, fault))
        });
        if let Some((i, reason)) = found {
            return Err(fault(name, i, reason));
        }
    }
    Ok(points)
}

const NOT_REDUCED: &str = "has a coordinate that is not below q";

fn fault(name: &str, i: usize, reason: &str) -> Failure {
    Failure::argument(format!("{name}: point {i} {reason}"))
}

/// The canonical coordinates of a point, little-endian.
fn to_bytes<C: Group>(point: &Affine<C>) -> Vec<u8>
where
    C::Base: Pod,
{
    let mut bytes = vec![0; 2 * C::Base::BYTES];
    let (x, y) = bytes.split_at_mut(C::Base::BYTES);
    point.x.write_canonical(x);
    point.y.write_canonical(y);
    bytes
}

fn from_bytes<C: Group>(data: &[u8]) -> PyResult<Affine<C>> {
    let half = C::Base::BYTES;
    let read = |bytes: &[u8]| C::Base::read_canonical(bytes);
    let coordinates = (data.len() == 2 * half)
        .then(|| Some((read(&data[..half])?, read(&data[half..])?)))
        .flatten();
    let Some((x, y)) = coordinates else {
        return Err(Failure::argument(format!(
            "data: {} bytes of two little-endian coordinates below q are needed",
            2 * half
        ))
        .into());
    };
    checked(x, y)
}

fn checked<C: Group>(x: C::Base, y: C::Base) -> PyResult<Affine<C>> {
    let point = Affine { x, y };
    if !point.is_on_curve() {
        return Err(
            Failure::argument(format!("the point is not on the curve of {}", C::NAME)).into(),
        );
    }
    if !point.is_valid() {
        return Err(Failure::argument(format!(
            "the point is on the curve of {} but outside the group of order r",
            C::NAME
        ))
        .into());
    }
    Ok(point)
}

fn add<C: Group>(p: Affine<C>, q: Affine<C>) -> Affine<C> {
    Xyzz::from(p).add_affine(&q).to_affine()
}

/// A new array of points.
pub(crate) fn array_of<'py, C: Group>(
    py: Python<'py>,
    points: &[Affine<C>],
    form: Form,
) -> PyResult<Bound<'py, PyAny>> {
    let shape = [&[points.len()], C::DIMENSIONS].concat();
    let mut out = Output::<u64>::zeros(py, &shape)?;
    let words = out.words();
    work::run(py, || {
        let coordinates: &mut [Fq] = bytemuck::cast_slice_mut(words);
        coordinates.copy_from_slice(bytemuck::cast_slice(points));
        form.encode(coordinates);
        Ok::<_, Failure>(())
    })?;
    Ok(out.into_array().into_any())
}

fn array_from_objects<'py, C: Group>(
    points: &Bound<'py, PyAny>,
    form: Form,
) -> PyResult<Bound<'py, PyAny>> {
    let mut found = Vec::new();
    for point in points.try_iter()? {
        let point = point?;
        found.push(C::point(&point).ok_or_else(|| {
            Failure::of_type(format!("points: a {} is needed, not {point}", C::NAME))
        })?);
    }
    array_of(points.py(), &found, form)
}

fn objects_from_array<'py, C: Group>(
    values: &Bound<'py, PyAny>,
    form: Form,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let py = values.py();
    let input = Input::<u64>::new("points", values)?;
    input.outer(C::DIMENSIONS)?;
    let words = input.words()?;
    let points = work::run(py, || {
        let points = points::<C>("points", words, form, true)?.into_owned();
        match points.par_iter().position_first(|p| !p.is_valid()) {
            None => Ok(points),
            Some(i) => Err(fault("points", i, "is outside the group of order r")),
        }
    })?;
    points.into_iter().map(|p| C::object(py, p)).collect()
}

fn multiples<'py, C: Group>(
    base: Affine<C>,
    scalars: &Bound<'py, PyAny>,
    form: Form,
) -> PyResult<Bound<'py, PyAny>> {
    let py = scalars.py();
    let input = Input::<u64>::new("scalars", scalars)?;
    let elements = input.elements::<Fr>()?;
    let points = work::run(py, || {
        form.check("scalars", elements)?;
        let mut elements = elements.to_vec();
        form.decode(&mut elements);
        Ok::<_, Failure>(FixedBase::new(base, elements.len()).multiply_all(&elements))
    })?;
    array_of(py, &points, form)
}

/// A coordinate of G2, given as a pair of integers or elements.
struct Pair(Fq2);

impl<'a, 'py> FromPyObject<'a, 'py> for Pair {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let (c0, c1): (Operand<Fq>, Operand<Fq>) = object.extract()?;
        Ok(Self(Fq2 { c0: c0.0, c1: c1.0 }))
    }
}

fn element(py: Python<'_>, value: Fq) -> PyResult<Bound<'_, PyAny>> {
    Ok(Bound::new(py, PyFq(value))?.into_any())
}

fn pair(py: Python<'_>, value: Fq2) -> PyResult<Bound<'_, PyAny>> {
    let pair = [element(py, value.c0)?, element(py, value.c1)?];
    Ok(PyTuple::new(py, pair)?.into_any())
}

macro_rules! group_class {
    (
        $(#[$doc:meta])*
        $Class:ident($C:ident) $name:literal, from $Coordinate:ty, to $object:ident
    ) => {
        $(#[$doc])*
        #[pyclass(name = $name, module = "zkiln", frozen)]
        #[derive(Clone, Copy)]
        pub(crate) struct $Class(pub(crate) Affine<$C>);

        #[pymethods]
        impl $Class {
            #[new]
            #[pyo3(signature = (x, y, /))]
            fn new(x: $Coordinate, y: $Coordinate) -> PyResult<Self> {
                Ok(Self(checked(x.0, y.0)?))
            }

            /// The standard generator.
            #[staticmethod]
            fn generator() -> Self {
                Self(<$C as Curve>::GENERATOR)
            }

            /// The neutral element, whose coordinates are zeros.
            #[staticmethod]
            fn infinity() -> Self {
                Self(Affine::INFINITY)
            }

            /// A new array of these points.
            #[staticmethod]
            #[pyo3(signature = (points, *, form="canonical"))]
            fn array<'py>(points: &Bound<'py, PyAny>, form: &str) -> PyResult<Bound<'py, PyAny>> {
                let form = Form::named(form)?;
                array_from_objects::<$C>(points, form)
            }

            /// The points of an array, in a list, each checked for being in the group.
            #[staticmethod]
            #[pyo3(signature = (points, *, form="canonical"))]
            fn to_points<'py>(
                points: &Bound<'py, PyAny>,
                form: &str,
            ) -> PyResult<Vec<Bound<'py, PyAny>>> {
                let form = Form::named(form)?;
                objects_from_array::<$C>(points, form)
            }

            /// The point of the bytes that bytes(point) gives: two canonical coordinates, little-endian.
            #[staticmethod]
            fn from_bytes(data: &[u8]) -> PyResult<Self> {
                Ok(Self(from_bytes(data)?))
            }

            /// The first coordinate.
            #[getter]
            fn x<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                $object(py, self.0.x)
            }

            /// The second coordinate.
            #[getter]
            fn y<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                $object(py, self.0.y)
            }

            /// Whether this is the neutral element.
            #[getter]
            fn is_infinity(&self) -> bool {
                self.0.is_infinity()
            }

            /// An array of multiples of this point, one for each of an array of scalars of the same form: much
            /// faster than as many multiplications.
            #[pyo3(signature = (scalars, *, form="canonical"))]
            fn multiples<'py>(
                &self,
                scalars: &Bound<'py, PyAny>,
                form: &str,
            ) -> PyResult<Bound<'py, PyAny>> {
                let form = Form::named(form)?;
                multiples(self.0, scalars, form)
            }

            fn __add__(&self, other: &Self) -> Self {
                Self(add(self.0, other.0))
            }
            fn __sub__(&self, other: &Self) -> Self {
                Self(add(self.0, -other.0))
            }
            fn __neg__(&self) -> Self {
                Self(-self.0)
            }
            fn __mul__(&self, scalar: Operand<Fr>) -> Self {
                Self((self.0 * scalar.0).to_affine())
            }
            fn __rmul__(&self, scalar: Operand<Fr>) -> Self {
                Self((self.0 * scalar.0).to_affine())
            }
            fn __bool__(&self) -> bool {
                !self.0.is_infinity()
            }
            fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
                PyBytes::new(py, &to_bytes(&self.0))
            }
            fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
                self.__bytes__(py).hash()
            }
            fn __richcmp__<'py>(
                &self,
                other: &Bound<'py, PyAny>,
                op: CompareOp,
            ) -> PyResult<Bound<'py, PyAny>> {
                let py = other.py();
                match (op, <$C as Group>::point(other)) {
                    (CompareOp::Eq, Some(other)) => (self.0 == other).into_bound_py_any(py),
                    (CompareOp::Ne, Some(other)) => (self.0 != other).into_bound_py_any(py),
                    _ => Ok(py.NotImplemented().into_bound(py)),
                }
            }
            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                if self.0.is_infinity() {
                    return Ok(concat!($name, ".infinity()").into());
                }
                Ok(format!("{}({}, {})", $name, text(self.x(py)?)?, text(self.y(py)?)?))
            }
            fn __reduce__<'py>(
                &self,
                py: Python<'py>,
            ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
                let from_bytes = py.get_type::<Self>().getattr("from_bytes")?;
                Ok((from_bytes, (self.__bytes__(py),)))
            }
        }
    };
}

/// A coordinate as integers.
fn text(coordinate: Bound<'_, PyAny>) -> PyResult<String> {
    match coordinate.cast::<PyTuple>() {
        Ok(pair) => {
            let (c0, c1) = (pair.get_item(0)?, pair.get_item(1)?);
            Ok(format!("({}, {})", text(c0)?, text(c1)?))
        }
        Err(_) => Ok(coordinate.call_method0("__int__")?.to_string()),
    }
}

group_class! {
    /// A point of BN254's group G1, on y^2 = x^3 + 3.
    ///
    /// >>> from zkiln import Fr, G1
    /// >>> G1.generator()
    /// G1(1, 2)
    /// >>> G1.generator() * 3 - G1.generator() == 2 * G1(1, 2)
    /// True
    /// >>> G1.generator() * Fr.MODULUS
    /// G1.infinity()
    ///
    /// Many points are an array of shape (n, 2, 4) of uint64: the limbs of x, then those of y; zeros are infinity.
    ///
    /// >>> G1.generator().multiples(Fr.array([1, 2, 3])).shape
    /// (3, 2, 4)
    PyG1(G1) "G1", from Operand<Fq>, to element
}

group_class! {
    /// A point of BN254's group G2, on y^2 = x^3 + 3 / (9 + u) over pairs (c0, c1), which stand for c0 + c1 u, where
    /// u^2 = -1.
    ///
    /// >>> from zkiln import G2
    /// >>> p = G2.generator()
    /// >>> p == G2(p.x, p.y) and p + p == p * 2
    /// True
    ///
    /// Many points are an array of shape (n, 2, 2, 4) of uint64.
    PyG2(G2) "G2", from Pair, to pair
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyG1>()?;
    m.add_class::<PyG2>()
}
