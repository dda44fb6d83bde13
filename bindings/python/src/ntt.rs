//! Number-theoretic transforms.
//!
//! Transforms are linear: the words of canonical integers, taken for Montgomery limbs, are the elements over R,
//! and those of the result are the result over R, whose limbs are its canonical integers. So arrays of both
//! forms are transformed as they are, and nothing is converted.

use pyo3::prelude::*;
use rayon::prelude::*;
use zkiln::backend::Backend;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::field::{Field, Fr};
use zkiln::ntt::columns::ColumnNtt;
use zkiln::ntt::{AnyNtt, BitReversed, Natural, Order, bit_reverse};

use crate::arrays::{Form, Input, Output, Stored, require_room, tuple};
use crate::device;
use crate::errors::{Failure, Result};
use crate::fields::{FieldName, Number, Operand};
use crate::machine;
use crate::process::Handle;
use crate::work;

/// Transforms of 2**log_n elements of a field, prepared: made once, called many times, by any number of threads
/// at once.
///
/// >>> from zkiln import Fr, NTT
/// >>> ntt = NTT(2)
/// >>> values = ntt(Fr.array([1, 2, 3, 4]))
/// >>> Fr.to_ints(ntt(values, inverse=True))
/// [1, 2, 3, 4]
///
/// Fields are Fr, KoalaBear, BabyBear and Goldilocks; on a device ("cuda", "cuda:1", "auto") there is Fr alone.
#[pyclass(module = "zkiln", name = "NTT", frozen)]
pub(crate) struct PyNtt {
    plan: Handle<Plan>,
    log_n: u32,
    field: FieldName,
    backend: Backend,
}

enum Plan {
    Fr(AnyNtt),
    KoalaBear(ColumnNtt<KoalaBear>),
    BabyBear(ColumnNtt<BabyBear>),
    Goldilocks(ColumnNtt<Goldilocks>),
}

/// A transform's direction, orders and coset.
pub(crate) struct Call<F> {
    pub(crate) inverse: bool,
    pub(crate) from: OrderName,
    pub(crate) to: OrderName,
    pub(crate) shift: Option<F>,
}

impl<F: Field> Call<F> {
    fn check(&self) -> Result<()> {
        match self.shift {
            Some(shift) if shift.is_zero() => {
                Err(Failure::argument("coset: a coset's shift must not be zero"))
            }
            _ => Ok(()),
        }
    }
}

/// The order of values: an argument that is "natural" or "bit_reversed".
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderName {
    Natural,
    BitReversed,
}

impl OrderName {
    fn named(argument: &str, name: &str) -> Result<Self> {
        match name {
            "natural" => Ok(Self::Natural),
            "bit_reversed" => Ok(Self::BitReversed),
            _ => Err(Failure::argument(format!(
                "{argument}: \"natural\" or \"bit_reversed\" is needed, not {name:?}"
            ))),
        }
    }
}

#[pymethods]
impl PyNtt {
    #[new]
    #[pyo3(signature = (log_n, *, field=FieldName::Fr, device="cpu"))]
    fn new(py: Python<'_>, log_n: u32, field: FieldName, device: &str) -> PyResult<Self> {
        let backend = machine::named(py, device)?;
        let backend = match (&backend, field, device) {
            (Backend::Device(_), field, _) if field != FieldName::Fr => match device {
                "auto" => Backend::Cpu,
                _ => {
                    return Err(Failure::argument(format!(
                        "device: there are no transforms over {field:?} on {backend}"
                    ))
                    .into());
                }
            },
            _ => backend,
        };
        let (words, limit) = match field {
            FieldName::Fr | FieldName::Fq => (4, <Fr as Number>::ADICITY),
            _ => (1, <Goldilocks as Number>::ADICITY),
        };
        require_room::<u64>(&[words << log_n.min(limit)])?;
        let plan = work::run(py, || {
            Ok(match field {
                FieldName::Fr => Plan::Fr(AnyNtt::on(&backend, log_n)?),
                FieldName::KoalaBear => Plan::KoalaBear(ColumnNtt::new(log_n)?),
                FieldName::BabyBear => Plan::BabyBear(ColumnNtt::new(log_n)?),
                FieldName::Goldilocks => Plan::Goldilocks(ColumnNtt::new(log_n)?),
                FieldName::Fq => {
                    return Err(Failure::argument(
                        "field: Fq has no roots of unity to transform with",
                    ));
                }
            })
        })?;
        Ok(Self {
            plan: Handle::new("this NTT", plan),
            log_n,
            field,
            backend,
        })
    }

    /// The transform of each polynomial of an array of shape (2**log_n, 4), or (k, 2**log_n, 4) for k of them; of fields
    /// of one word (2**log_n,) or (k, 2**log_n). It evaluates at the powers of the root of unity, times coset if that
    /// is given, from coefficients to values; inverse is the way back. The elements may be canonical or in Montgomery
    /// form: the result is in the same.
    ///
    /// The result is a new array, or out, which may be values itself. A plan on a device takes arrays on it, too:
    /// DeviceArray, and those of libraries that speak DLPack. The result is a DeviceArray then; that elements are below the
    /// modulus is not checked there.
    #[pyo3(signature = (
        values, *, inverse=false, coset=None, input_order="natural",
        output_order="natural", out=None
    ))]
    #[allow(clippy::too_many_arguments, reason = "they have names in Python")]
    fn __call__<'py>(
        &self,
        values: &Bound<'py, PyAny>,
        inverse: bool,
        coset: Option<&Bound<'py, PyAny>>,
        input_order: &str,
        output_order: &str,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let input_order = OrderName::named("input_order", input_order)?;
        let output_order = OrderName::named("output_order", output_order)?;
        macro_rules! call {
            ($F:ty) => {{
                let shift = coset.map(|c| c.extract::<Operand<$F>>()).transpose()?;
                let call = Call::<$F> {
                    inverse,
                    from: input_order,
                    to: output_order,
                    shift: shift.map(|c| c.0),
                };
                call.check()?;
                call
            }};
        }
        let plan = self.plan.get()?;
        if let Some(array) = device::Input::find("values", values, device::of(&self.backend))? {
            check_shape::<Fr>("values", self.log_n, array.shape())?;
            if let Plan::Fr(AnyNtt::Device(plan)) = &*plan {
                return device::transform(plan, values, &array, out, &call!(Fr));
            }
        }
        match &*plan {
            Plan::Fr(plan) => transform(self.log_n, values, out, call!(Fr), plan),
            Plan::KoalaBear(plan) => transform(self.log_n, values, out, call!(KoalaBear), plan),
            Plan::BabyBear(plan) => transform(self.log_n, values, out, call!(BabyBear), plan),
            Plan::Goldilocks(plan) => transform(self.log_n, values, out, call!(Goldilocks), plan),
        }
    }

    /// The binary logarithm of the number of elements.
    #[getter]
    fn log_n(&self) -> u32 {
        self.log_n
    }

    /// Where transforms are made, in words.
    #[getter]
    fn device(&self) -> String {
        self.backend.to_string()
    }

    /// Gives back the memory of the roots of unity. Later calls raise ClosedError.
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
        format!(
            "<NTT of 2**{} elements of {:?} on {}>",
            self.log_n, self.field, self.backend
        )
    }
}

/// Transforms of elements in place.
trait Transform<F>: Sync {
    fn run<I: Order, O: Order>(&self, data: &mut [F], call: &Call<F>) -> zkiln::Result<()>;
}

impl Transform<Fr> for AnyNtt {
    fn run<I: Order, O: Order>(&self, data: &mut [Fr], call: &Call<Fr>) -> zkiln::Result<()> {
        match (call.inverse, call.shift) {
            (false, None) => self.forward::<I, O>(data),
            (true, None) => self.inverse::<I, O>(data),
            (false, Some(shift)) => self.coset_forward::<I, O>(shift, data),
            (true, Some(shift)) => self.coset_inverse::<I, O>(shift, data),
        }
    }
}

impl<F: SmallField + Number> Transform<F> for ColumnNtt<F> {
    fn run<I: Order, O: Order>(&self, data: &mut [F], call: &Call<F>) -> zkiln::Result<()> {
        if !call.inverse {
            if let Some(shift) = call.shift {
                scale::<F, I>(data, self.len(), shift);
            }
            return self.forward::<I, O>(data);
        }
        self.inverse::<I, O>(data)?;
        if let Some(shift) = call.shift {
            let inverse = shift.inverse();
            scale::<F, O>(
                data,
                self.len(),
                inverse.expect("a shift was checked for zero"),
            );
        }
        Ok(())
    }
}

/// Multiplies coefficient i of each column by `base^i`; the coefficients are in order `O`.
fn scale<F: SmallField, O: Order>(data: &mut [F], len: usize, base: F) {
    let mut power = F::ONE;
    let mut powers: Vec<F> = Vec::new();
    powers.resize_with(len, || {
        let this = power;
        power *= base;
        this
    });
    if O::BIT_REVERSED {
        bit_reverse(&mut powers).expect("a power of two");
    }
    data.par_chunks_exact_mut(len).for_each(|column| {
        for (value, power) in column.iter_mut().zip(&powers) {
            *value *= *power;
        }
    });
}

/// Elements that are copied as one task.
const TASK: usize = 1 << 14;

fn transform<'py, F: Number>(
    log_n: u32,
    values: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    call: Call<F>,
    plan: &impl Transform<F>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = values.py();
    let run = |data: &mut [F]| -> Result<()> {
        use OrderName::{BitReversed as R, Natural as N};
        match (call.from, call.to) {
            (N, N) => plan.run::<Natural, Natural>(data, &call)?,
            (N, R) => plan.run::<Natural, BitReversed>(data, &call)?,
            (R, N) => plan.run::<BitReversed, Natural>(data, &call)?,
            (R, R) => plan.run::<BitReversed, BitReversed>(data, &call)?,
        }
        Ok(())
    };
    if let Some(out) = out
        && out.is(values)
    {
        let mut array = Output::<F::Word>::new("values", out)?;
        check_shape::<F>("values", log_n, array.shape())?;
        let data: &mut [F] = bytemuck::cast_slice_mut(array.words());
        work::run(py, || {
            Form::Canonical.check("values", data)?;
            run(data)
        })?;
        return Ok(out.clone());
    }
    let input = Input::<F::Word>::new("values", values)?;
    check_shape::<F>("values", log_n, input.shape())?;
    let elements: &[F] = input.elements()?;
    let mut array = match out {
        None => Output::<F::Word>::zeros(py, input.shape())?,
        Some(out) => Output::new("out", out)?,
    };
    if array.shape() != input.shape() {
        return Err(Failure::argument(format!(
            "out: an array of the shape of values, {}, is needed, not {}",
            tuple(input.shape()),
            tuple(array.shape())
        ))
        .into());
    }
    let data: &mut [F] = bytemuck::cast_slice_mut(array.words());
    work::run(py, || {
        Form::Canonical.check("values", elements)?;
        let pieces = data.par_chunks_mut(TASK).zip(elements.par_chunks(TASK));
        pieces.for_each(|(data, elements)| data.copy_from_slice(elements));
        run(data)
    })?;
    Ok(array.into_array().into_any())
}

/// One polynomial, or one dimension of them.
fn check_shape<F: Stored>(name: &str, log_n: u32, shape: &[usize]) -> Result<()> {
    let n = 1usize << log_n;
    let outer = shape
        .strip_suffix(F::DIMENSIONS)
        .filter(|outer| matches!(outer, [len] | [_, len] if *len == n));
    if outer.is_some() {
        return Ok(());
    }
    let inner = match F::DIMENSIONS {
        [] => [format!("({n},)"), format!("(k, {n})")],
        _ => [format!("({n}, 4)"), format!("(k, {n}, 4)")],
    };
    Err(Failure::argument(format!(
        "{name}: an array of shape {} or {} is needed, not {}",
        inner[0],
        inner[1],
        tuple(shape)
    )))
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyNtt>()
}
