//! The ready AIRs, and their traces.

use pyo3::prelude::*;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::hash::Poseidon2Field;
use zkiln::stark::air::{Fibonacci, KeccakAir, Poseidon2Air, Program};

use super::system::{AnyProgram, no_field, program_over};
use super::trace::array_of;
use super::{PyProgram, log_of};
use crate::arrays::{Form, Input, Stored, tuple};
use crate::errors::{Failure, Result};
use crate::fields::{FieldName, Operand};
use crate::work;

/// The constraints of [`Fibonacci`].
#[pyfunction]
fn _stark_fibonacci(py: Python<'_>, field: FieldName) -> PyResult<PyProgram> {
    let program = work::alone(
        py,
        || program_over!(field, F => Program::<F>::new(&Fibonacci)?),
    )?;
    Ok(PyProgram(program))
}

/// A trace of [`Fibonacci`], and its public values.
#[pyfunction]
fn _stark_fibonacci_trace<'py>(
    field: FieldName,
    first: &Bound<'py, PyAny>,
    second: &Bound<'py, PyAny>,
    rows: usize,
) -> PyResult<(Bound<'py, PyAny>, Vec<u64>)> {
    fn trace<'py, F: Stored + SmallField>(
        first: &Bound<'py, PyAny>,
        second: &Bound<'py, PyAny>,
        log_rows: u32,
    ) -> PyResult<(Bound<'py, PyAny>, Vec<u64>)>
    where
        Operand<F>: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
    {
        let py = first.py();
        let (first, second) = (
            first.extract::<Operand<F>>()?.0,
            second.extract::<Operand<F>>()?.0,
        );
        let (columns, public) = work::run(py, || Fibonacci.trace(first, second, log_rows))?;
        Ok((
            array_of(py, columns)?,
            public.map(|value| value.to_u64()).to_vec(),
        ))
    }
    let log_rows = log_of(rows)?;
    match field {
        FieldName::KoalaBear => trace::<KoalaBear>(first, second, log_rows),
        FieldName::BabyBear => trace::<BabyBear>(first, second, log_rows),
        FieldName::Goldilocks => trace::<Goldilocks>(first, second, log_rows),
        other => Err(no_field(other).into()),
    }
}

/// The constraints of [`Poseidon2Air`].
#[pyfunction]
fn _stark_poseidon2(py: Python<'_>, field: FieldName, per_row: usize) -> PyResult<PyProgram> {
    let program = work::alone(py, || {
        Ok::<_, Failure>(match field {
            FieldName::KoalaBear => AnyProgram::KoalaBear(poseidon2::<_, 16>(per_row)?),
            FieldName::BabyBear => AnyProgram::BabyBear(poseidon2::<_, 16>(per_row)?),
            FieldName::Goldilocks => AnyProgram::Goldilocks(poseidon2::<_, 8>(per_row)?),
            other => return Err(no_field(other)),
        })
    })?;
    Ok(PyProgram(program))
}

fn poseidon2<F: Poseidon2Field<WIDTH>, const WIDTH: usize>(per_row: usize) -> Result<Program<F>> {
    // The program refuses more columns than a trace can have; before that they are all made.
    const MOST: usize = 1 << 12;
    if per_row > MOST {
        return Err(Failure::argument(format!(
            "per_row: at most {MOST} permutations, not {per_row}"
        )));
    }
    Ok(Program::new(&Poseidon2Air::<F, WIDTH>::standard(per_row)?)?)
}

/// A trace of [`Poseidon2Air`].
#[pyfunction]
fn _stark_poseidon2_trace<'py>(
    field: FieldName,
    per_row: usize,
    inputs: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    fn trace<'py, F: Stored + Poseidon2Field<WIDTH>, const WIDTH: usize>(
        per_row: usize,
        inputs: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = inputs.py();
        let input = states::<F::Word>(inputs, WIDTH)?;
        let elements: &[F] = bytemuck::cast_slice(input.words()?);
        let columns = work::run(py, || {
            Form::Canonical.check("inputs", elements)?;
            let mut elements = elements.to_vec();
            Form::Canonical.decode(&mut elements);
            let air = Poseidon2Air::<F, WIDTH>::standard(per_row)?;
            Ok::<_, Failure>(air.trace(elements.as_chunks().0)?)
        })?;
        array_of(py, columns)
    }
    match field {
        FieldName::KoalaBear => trace::<KoalaBear, 16>(per_row, inputs),
        FieldName::BabyBear => trace::<BabyBear, 16>(per_row, inputs),
        FieldName::Goldilocks => trace::<Goldilocks, 8>(per_row, inputs),
        other => Err(no_field(other).into()),
    }
}

/// The constraints of [`KeccakAir`].
#[pyfunction]
fn _stark_keccak(py: Python<'_>, field: FieldName) -> PyResult<PyProgram> {
    let program = work::alone(
        py,
        || program_over!(field, F => Program::<F>::new(&KeccakAir)?),
    )?;
    Ok(PyProgram(program))
}

/// A trace of [`KeccakAir`].
#[pyfunction]
fn _stark_keccak_trace<'py>(
    field: FieldName,
    inputs: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    fn trace<'py, F: Stored + SmallField>(
        inputs: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = inputs.py();
        let input = states::<u64>(inputs, 25)?;
        let states = input.words()?.as_chunks().0;
        let columns = work::run(py, || KeccakAir.trace::<F>(states))?;
        array_of(py, columns)
    }
    match field {
        FieldName::KoalaBear => trace::<KoalaBear>(inputs),
        FieldName::BabyBear => trace::<BabyBear>(inputs),
        FieldName::Goldilocks => trace::<Goldilocks>(inputs),
        other => Err(no_field(other).into()),
    }
}

/// An array of states of so many words.
fn states<'py, W: numpy::Element>(
    inputs: &Bound<'py, PyAny>,
    width: usize,
) -> PyResult<Input<'py, W>> {
    let input = Input::<W>::new("inputs", inputs)?;
    match input.shape() {
        [_, w] if *w == width => Ok(input),
        shape => Err(Failure::argument(format!(
            "inputs: an array of shape (n, {width}) is needed, not {}",
            tuple(shape)
        ))
        .into()),
    }
}

/// Adds what is here to the module.
pub(super) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(_stark_fibonacci, m)?)?;
    m.add_function(wrap_pyfunction!(_stark_fibonacci_trace, m)?)?;
    m.add_function(wrap_pyfunction!(_stark_poseidon2, m)?)?;
    m.add_function(wrap_pyfunction!(_stark_poseidon2_trace, m)?)?;
    m.add_function(wrap_pyfunction!(_stark_keccak, m)?)?;
    m.add_function(wrap_pyfunction!(_stark_keccak_trace, m)?)
}
