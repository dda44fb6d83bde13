//! Matrices stored column by column.

use bytemuck::Pod;

use super::Buffer;
use crate::{Error, Result};

/// A matrix stored column by column: a slice of `width` columns of `height` elements each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns<F: Pod> {
    values: Buffer<F>,
    height: usize,
    width: usize,
}

impl<F: Pod> Columns<F> {
    /// The matrix of these columns, one after the other.
    ///
    /// # Errors
    /// [`Error::Argument`] if the height is zero or does not divide the number of values.
    pub fn new(values: Vec<F>, height: usize) -> Result<Self> {
        if height == 0 || !values.len().is_multiple_of(height) {
            return Err(Error::Argument(format!(
                "{} values are not columns of {height}",
                values.len()
            )));
        }
        let width = values.len() / height;
        Ok(Self {
            values: values.into(),
            height,
            width,
        })
    }

    /// A matrix of zeros, where it is large in memory that is cheap to write for the first time: see
    /// [`Buffer`].
    ///
    /// # Panics
    /// If the height is zero, or there is not so much memory.
    pub fn zeroed(height: usize, width: usize) -> Self {
        assert!(height > 0, "columns of no elements");
        let len = height.checked_mul(width).expect("less than all memory");
        Self {
            values: Buffer::zeroed(len),
            height,
            width,
        }
    }

    /// The matrix of these rows, one after the other: a transposition.
    ///
    /// # Errors
    /// [`Error::Argument`] if the width is zero or does not divide the number of values, or there are
    /// none.
    pub fn from_rows(rows: &[F], width: usize) -> Result<Self> {
        if width == 0 || rows.is_empty() || !rows.len().is_multiple_of(width) {
            return Err(Error::Argument(format!(
                "{} values are not rows of {width}",
                rows.len()
            )));
        }
        let height = rows.len() / width;
        let mut columns = Self::zeroed(height, width);
        // Blocks of rows, so that a cache line of a column is filled before it leaves the cache.
        const BLOCK: usize = 64;
        for (block, rows) in rows.chunks(BLOCK * width).enumerate() {
            for (i, column) in columns.values.chunks_exact_mut(height).enumerate() {
                let column = column[block * BLOCK..].iter_mut();
                for (value, row) in column.zip(rows.chunks_exact(width)) {
                    *value = row[i];
                }
            }
        }
        Ok(columns)
    }

    /// Columns of `height` values in a buffer that holds nothing else.
    pub(crate) fn from_buffer(values: Buffer<F>, height: usize) -> Self {
        debug_assert!(values.len().is_multiple_of(height));
        let width = values.len() / height;
        Self {
            values,
            height,
            width,
        }
    }

    /// The values, column by column.
    pub(crate) fn into_buffer(self) -> Buffer<F> {
        self.values
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All values, column by column.
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// All values, column by column.
    pub fn values_mut(&mut self) -> &mut [F] {
        &mut self.values
    }

    /// The columns.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &[F]> {
        self.values.chunks_exact(self.height)
    }

    /// One row, gathered.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, index: usize) -> Vec<F> {
        assert!(index < self.height, "row {index} of {}", self.height);
        self.columns().map(|column| column[index]).collect()
    }
}
