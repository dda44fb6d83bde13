//! Sparse matrices.

mod groups;
mod prepared;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;

use crate::field::PrimeField;
use crate::{Error, Result};
pub use prepared::PreparedMatrix;

/// Rows in one task of a product.
const ROWS_PER_TASK: usize = 256;

/// The places of 1 and -1 in every table of values.
const ONE: u32 = 0;
const MINUS_ONE: u32 = 1;

/// A sparse matrix in compressed rows, with its values in a table of distinct ones.
///
/// The coefficients of circuits are few: 1, -1, powers of two, the constants of a hash. So an entry is
/// a column and an index into the table, 8 bytes instead of 36, and entries of 1 and -1, the most
/// frequent by far, need no multiplication.
#[derive(Clone, Debug)]
pub struct SparseMatrix<F> {
    columns: usize,
    /// Row `i` has the entries `offsets[i] .. offsets[i + 1]`.
    pub(super) offsets: Vec<u32>,
    pub(super) entries: Vec<Entry>,
    pub(super) values: Vec<F>,
}

/// An entry of a row. The device's kernels take it as it is.
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Entry {
    column: u32,
    value: u32,
}

impl Entry {
    /// Whether it is one of 1 or -1.
    fn is_unit(&self) -> bool {
        self.value <= MINUS_ONE
    }

    /// The same entry, of a table of values that comes after `values` others. 1 and -1 stay where they are:
    /// every table begins with them.
    pub(super) fn moved(self, values: u32) -> Self {
        match self.value {
            ONE | MINUS_ONE => self,
            value => Self {
                value: value + values,
                ..self
            },
        }
    }
}

/// Where so many entries end.
fn offset(entries: usize) -> Result<u32> {
    match u32::try_from(entries) {
        Ok(offset) if offset < u32::MAX - 1 => Ok(offset),
        _ => Err(Error::Argument(
            "a sparse matrix of 2^32 entries or more".into(),
        )),
    }
}

/// That a product is as long as the matrix has rows, and a vector as it has columns.
fn check<F>(rows: usize, columns: usize, vector: &[F], product: &[F]) -> Result<()> {
    if (product.len(), vector.len()) == (rows, columns) {
        return Ok(());
    }
    Err(Error::Argument(format!(
        "a matrix of {rows} rows and {columns} columns times a vector of {} into one of {}",
        vector.len(),
        product.len()
    )))
}

impl<F: PrimeField> SparseMatrix<F> {
    /// A matrix of these (row, column, value) entries, in any order; entries for one place add up.
    /// Linear in the entries and rows.
    ///
    /// # Errors
    /// The first error among the entries; [`Error::Argument`] for an entry outside the matrix and for
    /// about 2^32 entries or more.
    pub fn from_entries(
        rows: usize,
        columns: usize,
        entries: impl Iterator<Item = Result<(u32, u32, F)>>,
    ) -> Result<Self> {
        let mut values = vec![F::ONE, -F::ONE];
        let mut places: HashMap<F, u32> = HashMap::new();
        places.insert(values[0], ONE);
        places.insert(values[1], MINUS_ONE);
        let mut unsorted = Vec::with_capacity(entries.size_hint().0);
        // One counter more than rows: shifted by one it becomes the table of offsets.
        let mut offsets = vec![0u32; rows + 1];
        for entry in entries {
            let (row, column, value) = entry?;
            if row as usize >= rows || column as usize >= columns {
                return Err(Error::Argument(format!(
                    "entry ({row}, {column}) of a matrix of {rows} rows and {columns} columns"
                )));
            }
            offset(unsorted.len() + 1)?;
            let value = *places.entry(value).or_insert_with(|| {
                values.push(value);
                (values.len() - 1) as u32
            });
            offsets[row as usize + 1] += 1;
            unsorted.push((row, Entry { column, value }));
        }
        for row in 0..rows {
            offsets[row + 1] += offsets[row];
        }
        let mut next = offsets.clone();
        let mut entries = vec![Entry::default(); unsorted.len()];
        for (row, entry) in unsorted {
            let place = &mut next[row as usize];
            entries[*place as usize] = entry;
            *place += 1;
        }
        Ok(Self {
            columns,
            offsets,
            entries,
            values,
        })
    }

    /// A matrix of these rows, each with its entries as columns and places in a table of values; entries for one
    /// place add up. Linear, and without a look-up for each entry.
    ///
    /// # Errors
    /// [`Error::Argument`] for an entry outside the matrix or the table, and for about 2^32 entries, values or
    /// rows or more.
    pub fn from_rows<R: IntoIterator<Item = (u32, u32)>>(
        columns: usize,
        table: &[F],
        rows: impl ExactSizeIterator<Item = R>,
    ) -> Result<Self> {
        offset(table.len() + 2)?;
        offset(rows.len())?; // for the transpose
        let mut values = vec![F::ONE, -F::ONE];
        let mut place = |&value: &F| match values[..2].iter().position(|known| *known == value) {
            Some(place) => place as u32,
            None => {
                values.push(value);
                (values.len() - 1) as u32
            }
        };
        let places: Vec<u32> = table.iter().map(&mut place).collect();
        let mut offsets = Vec::with_capacity(rows.len() + 1);
        offsets.push(0);
        let mut entries = Vec::new();
        for (row, terms) in rows.enumerate() {
            for (column, value) in terms {
                let (Some(&value), true) =
                    (places.get(value as usize), (column as usize) < columns)
                else {
                    return Err(Error::Argument(format!(
                        "entry ({row}, {column}) of a matrix of {columns} columns with value {value} of {}",
                        table.len()
                    )));
                };
                entries.push(Entry { column, value });
            }
            offsets.push(offset(entries.len())?);
        }
        entries.shrink_to_fit();
        Ok(Self {
            columns,
            offsets,
            entries,
            values,
        })
    }

    /// The transpose. Linear.
    pub fn transposed(&self) -> Self {
        // One counter more than rows: shifted by one it becomes the table of offsets.
        let mut offsets = vec![0u32; self.columns + 1];
        for entry in &self.entries {
            offsets[entry.column as usize + 1] += 1;
        }
        for row in 0..self.columns {
            offsets[row + 1] += offsets[row];
        }
        let mut next = offsets.clone();
        let mut entries = vec![Entry::default(); self.entries.len()];
        for (row, range) in self.offsets.windows(2).enumerate() {
            for entry in &self.entries[range[0] as usize..range[1] as usize] {
                let place = &mut next[entry.column as usize];
                entries[*place as usize] = Entry {
                    column: row as u32,
                    value: entry.value,
                };
                *place += 1;
            }
        }
        Self {
            columns: self.rows(),
            offsets,
            entries,
            values: self.values.clone(),
        }
    }

    /// The same matrix, prepared for many products.
    pub fn prepared(self) -> PreparedMatrix<F> {
        PreparedMatrix::new(self)
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Writes the product with `vector` to `product`; parallel over rows. One multiplication for each
    /// entry that is not 1 or -1. See [`SparseMatrix::prepared`].
    ///
    /// # Errors
    /// [`Error::Argument`] if the lengths are not those of the matrix.
    pub fn mul_vec(&self, vector: &[F], product: &mut [F]) -> Result<()> {
        check(self.rows(), self.columns, vector, product)?;
        product
            .par_chunks_mut(ROWS_PER_TASK)
            .enumerate()
            .for_each(|(task, products)| {
                for (row, product) in (task * ROWS_PER_TASK..).zip(products) {
                    *product = self.mul_row(row, vector);
                }
            });
        Ok(())
    }

    /// One row times a vector.
    ///
    /// # Panics
    /// If there is no such row, or the vector is shorter than the row.
    #[inline]
    pub fn mul_row(&self, row: usize, vector: &[F]) -> F {
        let entries = self.offsets[row] as usize..self.offsets[row + 1] as usize;
        let mut sum = F::ZERO;
        for entry in &self.entries[entries] {
            let factor = vector[entry.column as usize];
            match entry.value {
                ONE => sum += factor,
                MINUS_ONE => sum -= factor,
                value => sum += self.values[value as usize] * factor,
            }
        }
        sum
    }
}
