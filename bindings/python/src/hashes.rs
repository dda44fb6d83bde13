//! Permutations: many states at a time.

use pyo3::prelude::*;
use rayon::prelude::*;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear};
use zkiln::hash::Poseidon2Field;
use zkiln::hash::keccak::keccak_f as permute;

use crate::arrays::{Form, Input, Output, tuple};
use crate::errors::Failure;
use crate::fields::{FieldName, Number};
use crate::work;

/// States that are one task.
const TASK: usize = 256;

/// The Poseidon2 permutation of each row of an array of shape (n, width): width 16 or 24 for KoalaBear and
/// BabyBear, 8 or 12 for Goldilocks, with the standard constants of Plonky3.
///
/// >>> from zkiln import KoalaBear, poseidon2
/// >>> poseidon2(KoalaBear.array(range(16)).reshape(1, 16), field=KoalaBear).shape
/// (1, 16)
#[pyfunction]
#[pyo3(signature = (states, *, field))]
fn poseidon2<'py>(states: &Bound<'py, PyAny>, field: FieldName) -> PyResult<Bound<'py, PyAny>> {
    match field {
        FieldName::KoalaBear => over::<KoalaBear, 16, 24>(states),
        FieldName::BabyBear => over::<BabyBear, 16, 24>(states),
        FieldName::Goldilocks => over::<Goldilocks, 8, 12>(states),
        other => Err(Failure::argument(format!(
            "field: there is no Poseidon2 over {other:?} here, only over KoalaBear, BabyBear and Goldilocks"
        ))
        .into()),
    }
}

fn over<'py, F, const A: usize, const B: usize>(
    states: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>>
where
    F: Number + Poseidon2Field<A> + Poseidon2Field<B>,
{
    let input = Input::<F::Word>::new("states", states)?;
    match *input.shape() {
        [_, width] if width == A => poseidon2_rows::<F, A>(states.py(), &input),
        [_, width] if width == B => poseidon2_rows::<F, B>(states.py(), &input),
        _ => Err(Failure::argument(format!(
            "states: an array of shape (n, {A}) or (n, {B}) is needed, not {}",
            tuple(input.shape())
        ))
        .into()),
    }
}

fn poseidon2_rows<'py, F, const WIDTH: usize>(
    py: Python<'py>,
    input: &Input<'py, F::Word>,
) -> PyResult<Bound<'py, PyAny>>
where
    F: Number + Poseidon2Field<WIDTH>,
{
    let elements: &[F] = input.elements()?;
    let mut out = Output::<F::Word>::zeros(py, input.shape())?;
    let states: &mut [F] = bytemuck::cast_slice_mut(out.words());
    work::run(py, || {
        Form::Canonical.check("states", elements)?;
        states.copy_from_slice(elements);
        Form::Canonical.decode(states);
        let permutation = <F as Poseidon2Field<WIDTH>>::standard();
        let rows = states.as_chunks_mut::<WIDTH>().0;
        rows.par_chunks_mut(TASK)
            .for_each(|rows| permutation.permute_all(rows));
        Form::Canonical.encode(states);
        Ok::<_, Failure>(())
    })?;
    Ok(out.into_array().into_any())
}

/// The Keccak-f[1600] permutation of each row of an array of shape (n, 25) of uint64, the lanes of a state.
///
/// >>> import numpy as np
/// >>> from zkiln import keccak_f
/// >>> hex(keccak_f(np.zeros((1, 25), np.uint64))[0, 0])
/// '0xf1258f7940e1dde7'
#[pyfunction]
#[pyo3(signature = (states))]
fn keccak_f<'py>(states: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = states.py();
    let input = Input::<u64>::new("states", states)?;
    if !matches!(input.shape(), [_, 25]) {
        return Err(Failure::argument(format!(
            "states: an array of shape (n, 25) is needed, not {}",
            tuple(input.shape())
        ))
        .into());
    }
    let words = input.words()?;
    let mut out = Output::<u64>::zeros(py, input.shape())?;
    let rows = out.words();
    work::run(py, || {
        rows.copy_from_slice(words);
        let rows = rows.as_chunks_mut::<25>().0;
        rows.par_chunks_mut(TASK)
            .for_each(|rows| rows.iter_mut().for_each(permute));
        Ok::<_, Failure>(())
    })?;
    Ok(out.into_array().into_any())
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(poseidon2, m)?)?;
    m.add_function(wrap_pyfunction!(keccak_f, m)?)
}
