//! Between Plonky3's matrices, row by row, and columns: transpositions, a cache line of a row at a time.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;
use zkiln::field::Field;
use zkiln::poly::Columns;

use crate::Plonky3Field;

/// Rows that are moved at a time, so that a cache line of a column is full before it leaves the cache.
const TILE: usize = 64;

/// Columns that share a cache line of a row.
pub(crate) const fn line<F: Field>() -> usize {
    64 / F::BYTES
}

/// Copies `columns.len() / height` columns of a matrix, from `first` on. Parallel over columns.
///
/// # Panics
/// If the matrix has fewer columns or another height.
pub(crate) fn gather<F: Plonky3Field, M: Matrix<F::P3Field>>(
    matrix: &M,
    first: usize,
    columns: &mut [F],
) {
    let height = matrix.height();
    let width = columns.len() / height;
    // A line of columns for each task; fewer where threads would go without.
    let group = line::<F>().min(width.div_ceil(rayon::current_num_threads()));
    columns
        .par_chunks_mut(group.max(1) * height)
        .enumerate()
        .for_each(|(i, columns)| {
            let first = first + i * group;
            for start in (0..height).step_by(TILE) {
                for r in start..height.min(start + TILE) {
                    let row = matrix.row_slice(r).expect("below the height");
                    let row = &row[first..];
                    for (column, &value) in columns.chunks_exact_mut(height).zip(row) {
                        column[r] = F::from_p3(value);
                    }
                }
            }
        });
}

/// Writes columns of this height into rows of `width`, as their columns from `first` on. Parallel over
/// rows.
pub(crate) fn scatter<F: Plonky3Field>(
    columns: &[F],
    height: usize,
    first: usize,
    rows: &mut [F::P3Field],
    width: usize,
) {
    rows.par_chunks_mut(TILE * width)
        .enumerate()
        .for_each(|(tile, rows)| {
            for (i, group) in columns.chunks(line::<F>() * height).enumerate() {
                let first = first + i * line::<F>();
                for (r, row) in rows.chunks_exact_mut(width).enumerate() {
                    let values = group.chunks_exact(height);
                    for (target, column) in row[first..].iter_mut().zip(values) {
                        *target = column[tile * TILE + r].to_p3();
                    }
                }
            }
        });
}

/// A matrix as columns.
///
/// # Panics
/// If it has no values.
pub(crate) fn to_columns<F: Plonky3Field, M: Matrix<F::P3Field>>(matrix: &M) -> Columns<F> {
    let mut values = vec![F::ZERO; matrix.width() * matrix.height()];
    gather(matrix, 0, &mut values);
    Columns::new(values, matrix.height()).expect("a matrix with values")
}

/// Columns as a matrix.
pub(crate) fn from_columns<F: Plonky3Field>(columns: &Columns<F>) -> RowMajorMatrix<F::P3Field> {
    let mut values = F::P3Field::zero_vec(columns.values().len());
    scatter(
        columns.values(),
        columns.height(),
        0,
        &mut values,
        columns.width().max(1),
    );
    RowMajorMatrix::new(values, columns.width())
}
