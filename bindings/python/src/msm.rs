//! Multi-scalar multiplication.

use std::hint::black_box;
use std::time::Instant;

use pyo3::prelude::*;
use zkiln::Cancel;
use zkiln::backend::Backend;
use zkiln::curve::{G1, G2, Xyzz};
use zkiln::field::{Fr, Int};
use zkiln::msm::{AnyMsm, DeviceCurve, DeviceMsm, DeviceMsmOptions, Msm};

use crate::arrays::{Form, Input, tuple};
use crate::curves::{Group, points};
use crate::device;
use crate::errors::{Failure, Result};
use crate::machine;
use crate::process::{self, Handle};
use crate::work;

/// A multi-scalar multiplication over fixed bases, prepared: made once, called many times, by any number of
/// threads at once.
///
/// >>> from zkiln import Fr, G1, MSM
/// >>> bases = G1.array([G1.generator(), G1.generator() * 2])
/// >>> msm = MSM(bases)
/// >>> msm(Fr.array([3, 4])) == G1.generator() * 11
/// True
///
/// The bases are an array of shape (n, 2, 4) of points of G1, or (n, 2, 2, 4) of G2, and are copied to where they
/// are used: to the processor ("cpu"), a GPU ("cuda", "cuda:1"), or a GPU if there is one ("auto"). They are checked
/// for being in their group, unless check is False: other points give results without meaning.
#[pyclass(module = "zkiln", name = "MSM", frozen)]
pub(crate) struct PyMsm {
    plan: Handle<Plan>,
    len: usize,
    backend: Backend,
}

enum Plan {
    G1(AnyMsm<G1>),
    G2(AnyMsm<G2>),
}

#[pymethods]
impl PyMsm {
    #[new]
    #[pyo3(signature = (bases, *, form="canonical", device="auto", check=true))]
    fn new(
        py: Python<'_>,
        bases: &Bound<'_, PyAny>,
        form: &str,
        device: &str,
        check: bool,
    ) -> PyResult<Self> {
        let form = Form::named(form)?;
        let backend = machine::named(py, device)?;
        let input = Input::<u64>::new("bases", bases)?;
        let words = input.words()?;
        let len = input.shape().first().copied().unwrap_or(0);
        let plan = match input.shape() {
            [_, 2, 4] => work::run(py, || {
                let never = |_: &Msm<G1>| Ok(true);
                prepare(&backend, words, form, check, never).map(Plan::G1)
            }),
            [_, 2, 2, 4] => work::run(py, || {
                prepare(&backend, words, form, check, Msm::<G2>::bases_in_subgroup).map(Plan::G2)
            }),
            other => Err(Failure::argument(format!(
                "bases: an array of shape (n, 2, 4), of G1, or (n, 2, 2, 4), of G2, is needed, not {}",
                tuple(other)
            ))
            .into()),
        }?;
        Ok(Self {
            plan: Handle::new("this MSM", plan),
            len,
            backend,
        })
    }

    /// The sum of the scalars times the bases, for an array of shape (n, 4), one scalar for each base. For an
    /// array of shape (k, n, 4) the k sums, in a list. The array is not copied. On a device it may be there already: a
    /// DeviceArray, or an array of a library that speaks DLPack, as CuPy and PyTorch do.
    ///
    /// The time depends on the scalars: zeros, ones and small ones cost less.
    #[pyo3(signature = (scalars, *, form="canonical"))]
    fn __call__<'py>(
        &self,
        scalars: &Bound<'py, PyAny>,
        form: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let form = Form::named(form)?;
        let plan = self.plan.get()?;
        let py = scalars.py();
        if let Some(array) = device::Input::find("scalars", scalars, device::of(&self.backend))? {
            let vectors = self.vectors(array.shape())?;
            match &*plan {
                Plan::G1(AnyMsm::Device(msm)) => return call_there(py, msm, &array, vectors, form),
                Plan::G2(AnyMsm::Device(msm)) => return call_there(py, msm, &array, vectors, form),
                // There are no arrays on a device for the processor's plans.
                _ => {}
            }
        }
        let input = Input::<u64>::new("scalars", scalars)?;
        let vectors = self.vectors(input.shape())?;
        let words = input.elements::<Fr>()?;
        match &*plan {
            Plan::G1(msm) => call(py, msm, words, vectors, form),
            Plan::G2(msm) => call(py, msm, words, vectors, form),
        }
    }

    fn __len__(&self) -> usize {
        self.len
    }

    /// Where the sums are made, in words.
    #[getter]
    fn device(&self) -> String {
        self.backend.to_string()
    }

    /// Gives back the memory of the bases. Calls that have begun go on; later ones raise ClosedError.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.plan.close());
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, pyo3::types::PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("<MSM over {} bases on {}>", self.len, self.backend)
    }
}

impl PyMsm {
    /// The number of vectors of an array of scalars; none for a single one that is no element of a list.
    fn vectors(&self, shape: &[usize]) -> Result<Option<usize>> {
        match shape {
            [n, 4] if *n == self.len => Ok(None),
            [k, n, 4] if *n == self.len => Ok(Some(*k)),
            _ => Err(Failure::argument(format!(
                "scalars: over {n} bases an array of shape ({n}, 4) or (k, {n}, 4) is needed, not {}",
                tuple(shape),
                n = self.len
            ))),
        }
    }
}

/// Checks and prepares bases; `in_group` tells of points of the curve whether they are in the group.
fn prepare<C: Group + DeviceCurve>(
    backend: &Backend,
    words: &[u64],
    form: Form,
    is_checked: bool,
    in_group: impl FnOnce(&Msm<C>) -> zkiln::Result<bool>,
) -> Result<AnyMsm<C>> {
    let bases = points::<C>("bases", words, form, is_checked)?;
    let msm = Msm::new(&bases)?;
    drop(bases);
    if is_checked && !in_group(&msm)? {
        return Err(Failure::argument(
            "bases: a point is on the curve but outside the group of order r",
        ));
    }
    Ok(match backend {
        Backend::Device(device) => {
            let options = DeviceMsmOptions::default();
            AnyMsm::Device(DeviceMsm::from_plan(device, &msm, &options)?)
        }
        _ => AnyMsm::Cpu(msm),
    })
}

fn call<'py, C: Group + DeviceCurve>(
    py: Python<'py>,
    msm: &AnyMsm<C>,
    scalars: &[Fr],
    vectors: Option<usize>,
    form: Form,
) -> PyResult<Bound<'py, PyAny>> {
    match vectors {
        None => {
            let sum = work::run(py, || sum(msm, scalars, form))?;
            C::object(py, sum.to_affine())
        }
        Some(k) => {
            let sums = work::watch(py, None, |cancel| batch(msm, scalars, k, form, cancel))?;
            let sums: PyResult<Vec<_>> = sums
                .iter()
                .map(|sum| C::object(py, sum.to_affine()))
                .collect();
            Ok(pyo3::types::PyList::new(py, sums?)?.into_any())
        }
    }
}

/// [`call`] with scalars that are on the device.
fn call_there<'py, C: Group + DeviceCurve>(
    py: Python<'py>,
    msm: &DeviceMsm<C>,
    scalars: &device::Input,
    vectors: Option<usize>,
    form: Form,
) -> PyResult<Bound<'py, PyAny>> {
    let threads = process::threads()?;
    // The calling thread waits for the array. One of the others that held it could take up another call while it waits for
    // a part of its work, and wait there for the same array.
    let sums = work::alone(py, || {
        scalars.read(|scalars, stream| {
            threads.install(|| {
                let k = vectors.unwrap_or(1);
                let sums = match form {
                    Form::Montgomery => msm.run_batch_on(stream, scalars.cast::<Fr>(), k)?,
                    Form::Canonical => msm.run_batch_on(stream, scalars.cast::<Int<4>>(), k)?,
                };
                Ok(sums.wait()?)
            })
        })
    })?;
    let sums: PyResult<Vec<_>> = (sums.iter())
        .map(|sum| C::object(py, sum.to_affine()))
        .collect();
    let mut sums = sums?;
    match vectors {
        None => Ok(sums.remove(0)),
        Some(_) => Ok(pyo3::types::PyList::new(py, sums)?.into_any()),
    }
}

fn sum<C: Group + DeviceCurve>(msm: &AnyMsm<C>, scalars: &[Fr], form: Form) -> Result<Xyzz<C>> {
    form.check("scalars", scalars)?;
    Ok(match form {
        Form::Montgomery => msm.run(scalars)?,
        Form::Canonical => msm.run(bytemuck::cast_slice::<Fr, Int<4>>(scalars))?,
    })
}

fn batch<C: Group + DeviceCurve>(
    msm: &AnyMsm<C>,
    scalars: &[Fr],
    k: usize,
    form: Form,
    cancel: &Cancel,
) -> Result<Vec<Xyzz<C>>> {
    form.check("scalars", scalars)?;
    let n = msm.len();
    let vector = |i: usize| &scalars[i * n..(i + 1) * n];
    if let AnyMsm::Device(_) = msm {
        let vectors: Vec<&[Fr]> = (0..k).map(vector).collect();
        return Ok(match form {
            Form::Montgomery => msm.run_batch(&vectors)?,
            Form::Canonical => {
                let vectors: Vec<&[Int<4>]> =
                    vectors.into_iter().map(bytemuck::cast_slice).collect();
                msm.run_batch(&vectors)?
            }
        });
    }
    (0..k)
        .map(|i| {
            if cancel.is_cancelled() {
                return Err(zkiln::Error::Cancelled.into());
            }
            sum(msm, vector(i), form)
        })
        .collect()
}

/// The seconds of the library's own call, with canonical scalars that are known to be below r: what
/// `benches/overhead.py` compares a call through Python with.
#[pyfunction]
fn _msm_seconds(
    py: Python<'_>,
    msm: &Bound<'_, PyMsm>,
    scalars: &Bound<'_, PyAny>,
) -> PyResult<f64> {
    let plan = msm.get().plan.get()?;
    let input = Input::<u64>::new("scalars", scalars)?;
    let scalars: &[Int<4>] = bytemuck::cast_slice(input.elements::<Fr>()?);
    work::run(py, || {
        let started = Instant::now();
        match &*plan {
            Plan::G1(msm) => _ = black_box(msm.run(scalars)?),
            Plan::G2(msm) => _ = black_box(msm.run(scalars)?),
        }
        Ok::<_, Failure>(started.elapsed().as_secs_f64())
    })
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyMsm>()?;
    m.add_function(wrap_pyfunction!(_msm_seconds, m)?)
}
