//! Traces between NumPy's arrays and the library's columns.

use pyo3::prelude::*;
use rayon::prelude::*;
use zkiln::field::small::SmallField;
use zkiln::poly::Columns;

use crate::arrays::{Form, Input, Stored, array, tuple};
use crate::errors::{Failure, Result};

/// An array of rows and columns, of canonical integers, that is read.
pub(super) struct Matrix<'py, F: Stored> {
    input: Input<'py, F::Word>,
    name: &'static str,
}

/// Its words, which need no GIL.
pub(super) struct Words<'a, F: Stored> {
    words: &'a [F::Word],
    by_columns: bool,
    rows: usize,
    width: usize,
    name: &'static str,
}

impl<'py, F: Stored + SmallField> Matrix<'py, F> {
    /// The argument `name`.
    pub(super) fn new(name: &'static str, object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let input = Input::new(name, object)?;
        match input.shape() {
            [rows, width] if *rows > 0 && *width > 0 => Ok(Self { input, name }),
            shape => Err(Failure::argument(format!(
                "{name}: an array of shape (rows, columns) is needed, not {}",
                tuple(shape)
            ))
            .into()),
        }
    }

    pub(super) fn words(&self) -> Result<Words<'_, F>> {
        let (words, by_columns) = match self.input.words_by_column() {
            Some(words) => (words, true),
            None => (self.input.words()?, false),
        };
        let shape = self.input.shape();
        Ok(Words {
            words,
            by_columns,
            rows: shape[0],
            width: shape[1],
            name: self.name,
        })
    }
}

/// Columns that are gathered from rows together: at least a cache line of the rows.
const STRIPE: usize = 16;
/// Rows of a stripe that are read before the next column is written: they stay in the first-level cache.
const BLOCK: usize = 256;
/// Elements that are converted as one task.
const TASK: usize = 1 << 14;

impl<F: Stored + SmallField> Words<'_, F> {
    /// The columns as elements. Parallel.
    ///
    /// # Errors
    /// [`Failure::Argument`] for a value that is not below the modulus.
    pub(super) fn columns(&self) -> Result<Columns<F>> {
        let (rows, width, words) = (self.rows, self.width, self.words);
        let mut columns = Columns::<F>::zeroed(rows, width);
        let values = columns.values_mut();
        if self.by_columns {
            let tasks = values.par_chunks_mut(TASK).zip(words.par_chunks(TASK));
            tasks
                .enumerate()
                .try_for_each(|(task, (elements, words))| {
                    for (i, (element, word)) in elements.iter_mut().zip(words).enumerate() {
                        let place = task * TASK + i;
                        *element = self.element(*word, place % rows, place / rows)?;
                    }
                    Ok::<_, Failure>(())
                })?;
        } else {
            let stripes = values.par_chunks_mut(STRIPE * rows).enumerate();
            stripes.try_for_each(|(stripe, columns)| {
                for first in (0..rows).step_by(BLOCK) {
                    for (i, column) in columns.chunks_exact_mut(rows).enumerate() {
                        let number = stripe * STRIPE + i;
                        for (row, element) in (first..).zip(&mut column[first..]).take(BLOCK) {
                            *element = self.element(words[row * width + number], row, number)?;
                        }
                    }
                }
                Ok::<_, Failure>(())
            })?;
        }
        Ok(columns)
    }

    #[inline(always)]
    fn element(&self, word: F::Word, row: usize, column: usize) -> Result<F> {
        let words = bytemuck::cast(word);
        if F::is_canonical(&words) {
            return Ok(F::from_words(words));
        }
        Err(Failure::argument(format!(
            "{}: the value in row {row} and column {column} is not below the modulus {} of {}",
            self.name,
            F::MODULUS,
            F::NAME
        )))
    }
}

/// Columns as an array of rows and columns, which lies column by column.
pub(super) fn array_of<F: Stored + SmallField>(
    py: Python<'_>,
    mut columns: Columns<F>,
) -> PyResult<Bound<'_, PyAny>> {
    let shape = [columns.width(), columns.height()];
    let words = py.detach(|| {
        Form::Canonical.encode(columns.values_mut());
        bytemuck::cast_slice::<F, F::Word>(columns.values()).to_vec()
    });
    array(py, words, &shape)?.getattr("T")
}
