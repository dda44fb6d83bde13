//! Transforms of arrays that are on a device.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use zkiln::backend::{SliceMut, Stream};
use zkiln::field::Fr;
use zkiln::ntt::{BitReversed, DeviceNtt, Natural, Order};

use super::{Element, Input, PyDeviceArray, copied, device_failure};
use crate::arrays::tuple;
use crate::errors::{Failure, Result};
use crate::ntt::{Call, OrderName};
use crate::work;

/// The transform of `values`, whose shape was checked, as a new array, or in `out`, which may be `object`, the
/// argument that `values` is.
///
/// The elements are not checked for being below the modulus: others give results without meaning.
pub(crate) fn transform<'py>(
    plan: &DeviceNtt,
    object: &Bound<'py, PyAny>,
    values: &Input,
    out: Option<&Bound<'py, PyAny>>,
    call: &Call<Fr>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let Some(out) = out else {
        let buffer = work::alone(py, || {
            let mut buffer = values.read(copied)?;
            let stream = buffer.stream().clone();
            run(plan, buffer.as_mut_slice(), &stream, call)?;
            Ok::<_, Failure>(buffer)
        })?;
        let array = PyDeviceArray::of(buffer, values.shape().to_vec());
        return Ok(Bound::new(py, array)?.into_any());
    };
    if out.is(object) {
        work::alone(py, || {
            values.write(|data, stream| run(plan, data, stream, call))
        })?;
        return Ok(out.clone());
    }
    let target = Input::find("out", out, Some(plan.device()))?
        .filter(|target| target.shape() == values.shape())
        .ok_or_else(|| {
            Failure::argument(format!(
                "out: an array of shape {} on the device of values is needed",
                tuple(values.shape())
            ))
        })?;
    work::alone(py, || {
        // Of calls that want two arrays one at a time waits for them: two that want the same ones in turned roles would
        // wait for each other.
        static WAITING: Mutex<()> = Mutex::new(());
        let waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        target.write(|mut data, stream| {
            values.read(|source, _| {
                drop(waiting);
                let copying = stream.copy(data.reborrow(), source);
                copying
                    .and_then(|()| stream.synchronize())
                    .map_err(device_failure)
            })?;
            run(plan, data, stream, call)
        })
    })?;
    Ok(out.clone())
}

/// The transform of data in place, to its end.
fn run(
    plan: &DeviceNtt,
    data: SliceMut<'_, Element>,
    stream: &Stream,
    call: &Call<Fr>,
) -> Result<()> {
    use OrderName::{BitReversed as R, Natural as N};
    let data = data.cast::<Fr>();
    match (call.from, call.to) {
        (N, N) => queue::<Natural, Natural>(plan, data, stream, call),
        (N, R) => queue::<Natural, BitReversed>(plan, data, stream, call),
        (R, N) => queue::<BitReversed, Natural>(plan, data, stream, call),
        (R, R) => queue::<BitReversed, BitReversed>(plan, data, stream, call),
    }?;
    stream.synchronize().map_err(device_failure)
}

fn queue<I: Order, O: Order>(
    plan: &DeviceNtt,
    data: SliceMut<'_, Fr>,
    stream: &Stream,
    call: &Call<Fr>,
) -> zkiln::Result<()> {
    match (call.inverse, call.shift) {
        (false, None) => plan.forward_on::<I, O>(stream, data),
        (true, None) => plan.inverse_on::<I, O>(stream, data),
        (false, Some(shift)) => plan.coset_forward_on::<I, O>(stream, shift, data),
        (true, Some(shift)) => plan.coset_inverse_on::<I, O>(stream, shift, data),
    }
}
