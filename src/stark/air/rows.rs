//! Matrices of columns, filled by many threads a few rows each.

use rayon::prelude::*;

use crate::Result;
use crate::field::small::SmallField;
use crate::poly::Columns;

/// A matrix of `height` rows, `part` rows of it at a time: `fill` gets the number of the first and these
/// rows of every column. Parallel.
pub(super) fn filled<F: SmallField>(
    width: usize,
    height: usize,
    part: usize,
    fill: impl Fn(usize, Vec<&mut [F]>) + Sync,
) -> Result<Columns<F>> {
    let mut values = vec![F::ZERO; width * height];
    let mut parts: Vec<Vec<&mut [F]>> = Vec::new();
    parts.resize_with(height.div_ceil(part), || Vec::with_capacity(width));
    for column in values.chunks_exact_mut(height) {
        for (part, rows) in parts.iter_mut().zip(column.chunks_mut(part)) {
            part.push(rows);
        }
    }
    let parts = parts.into_par_iter().enumerate();
    parts.for_each(|(i, columns)| fill(i * part, columns));
    Columns::new(values, height)
}
