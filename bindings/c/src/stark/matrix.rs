//! Tables of the caller's.

use std::ffi::c_void;

use rayon::prelude::*;
use zkiln::field::small::SmallField;
use zkiln::poly::Columns;

use crate::border::{Border, require_room};
use crate::options::{self, Growable};
use crate::status::{Failure, Result, ZKILN_E_MALFORMED, ZKILN_E_PUBLIC_INPUTS};

/// The layout of a matrix in which one column follows the other.
pub const ZKILN_COLUMN_MAJOR: u32 = 0;
/// The layout of a matrix in which one row follows the other.
pub const ZKILN_ROW_MAJOR: u32 = 1;

/// A table of canonical integers below a field's modulus, such as a trace. The library reads it once, to make
/// field elements in columns of it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_matrix {
    /// sizeof(zkiln_matrix).
    pub struct_size: usize,
    /// Values of type uint32_t or uint64_t.
    pub values: *const c_void,
    /// The number of values: width times height.
    pub n: usize,
    /// The size of a value: 4 or 8.
    pub value_size: u32,
    /// ZKILN_COLUMN_MAJOR or ZKILN_ROW_MAJOR.
    pub layout: u32,
}

// SAFETY: `repr(C)` of numbers and a pointer that may be null, 32 bytes without padding, the size first.
unsafe impl Growable for zkiln_matrix {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// A [`zkiln_matrix`] behind the border.
pub(super) struct Matrix<'a> {
    name: &'static str,
    values: Values<'a>,
    is_row_major: bool,
}

enum Values<'a> {
    U32(&'a [u32]),
    U64(&'a [u64]),
}

impl<'a> Matrix<'a> {
    /// # Safety
    /// As [`options::read`] for the struct, and [`Border::input`] for its values.
    pub(super) unsafe fn read(
        border: &mut Border,
        name: &'static str,
        pointer: *const zkiln_matrix,
    ) -> Result<Self> {
        if pointer.is_null() {
            return Err(Failure::argument(format!("{name} is NULL")));
        }
        // SAFETY: passed on.
        let given = unsafe { options::read_as(name, pointer) }?;
        let values = match given.value_size {
            // SAFETY: passed on.
            4 => Values::U32(unsafe { border.input(name, given.values.cast(), given.n) }?),
            // SAFETY: passed on.
            8 => Values::U64(unsafe { border.input(name, given.values.cast(), given.n) }?),
            other => {
                return Err(Failure::argument(format!(
                    "{name}: values of {other} bytes; they have 4 or 8"
                )));
            }
        };
        let is_row_major = match given.layout {
            ZKILN_COLUMN_MAJOR => false,
            ZKILN_ROW_MAJOR => true,
            other => {
                return Err(Failure::argument(format!("{name}: {other} is no layout")));
            }
        };
        Ok(Self {
            name,
            values,
            is_row_major,
        })
    }

    /// [`Matrix::read`], or nothing for NULL.
    ///
    /// # Safety
    /// As [`Matrix::read`].
    pub(super) unsafe fn read_optional(
        border: &mut Border,
        name: &'static str,
        pointer: *const zkiln_matrix,
    ) -> Result<Option<Self>> {
        if pointer.is_null() {
            return Ok(None);
        }
        // SAFETY: passed on.
        unsafe { Self::read(border, name, pointer) }.map(Some)
    }

    pub(super) fn len(&self) -> usize {
        match self.values {
            Values::U32(values) => values.len(),
            Values::U64(values) => values.len(),
        }
    }

    /// The field's elements in columns, of which there must be `width` with `height` elements each. Parallel.
    pub(super) fn columns<F: SmallField>(&self, width: usize, height: usize) -> Result<Columns<F>> {
        if width.checked_mul(height) != Some(self.len()) || height == 0 {
            return Err(Failure::argument(format!(
                "{}: {} values, and not {width} columns of {height} rows",
                self.name,
                self.len()
            )));
        }
        require_room(self.len() * size_of::<F>())?;
        let mut columns = Columns::zeroed(height, width);
        let bad = match self.values {
            Values::U32(values) => self.fill(&mut columns, values),
            Values::U64(values) => self.fill(&mut columns, values),
        };
        match bad {
            None => Ok(columns),
            Some(i) => {
                let (column, row) = match self.is_row_major {
                    true => (i % width, i / width),
                    false => (i / height, i % height),
                };
                Err(Failure::new(
                    ZKILN_E_MALFORMED,
                    format!(
                        "{}: the value in column {column} of row {row} is not below the modulus {}",
                        self.name,
                        F::MODULUS
                    ),
                ))
            }
        }
    }

    /// The place of a value that is not below the modulus, if there is one.
    fn fill<F: SmallField, W: Copy + Into<u64> + Sync>(
        &self,
        columns: &mut Columns<F>,
        values: &[W],
    ) -> Option<usize> {
        let (width, height) = (columns.width(), columns.height());
        if values.is_empty() {
            return None;
        }
        let are_canonical = if self.is_row_major {
            let groups = columns.values_mut().par_chunks_mut(GROUP * height);
            let groups = groups.enumerate();
            groups
                .map(|(group, columns)| gather(columns, height, values, width, group * GROUP))
                .reduce(|| true, |a, b| a & b)
        } else {
            let parts = columns.values_mut().par_chunks_mut(PART);
            let parts = parts.zip(values.par_chunks(PART));
            parts
                .map(|(elements, values)| convert(elements, values.iter()))
                .reduce(|| true, |a, b| a & b)
        };
        if are_canonical {
            return None;
        }
        let values = values.par_iter();
        values.position_first(|&value| value.into() >= F::MODULUS)
    }
}

/// The values that a thread takes at once.
const PART: usize = 1 << 14;
/// The columns that a thread takes at once: of rows of 4 bytes a cache line.
const GROUP: usize = 16;
/// The rows of which [`GROUP`] columns are read and written in the cache that is fastest.
const BLOCK: usize = 64;

/// Puts columns from `first` on of a matrix of rows one after the other. Whether all are canonical.
fn gather<F: SmallField, W: Copy + Into<u64>>(
    columns: &mut [F],
    height: usize,
    rows: &[W],
    width: usize,
    first: usize,
) -> bool {
    let mut are_canonical = true;
    for start in (0..height).step_by(BLOCK) {
        let end = height.min(start + BLOCK);
        for (i, column) in columns.chunks_exact_mut(height).enumerate() {
            let values = rows[start * width + first + i..].iter().step_by(width);
            are_canonical &= convert(&mut column[start..end], values);
        }
    }
    are_canonical
}

/// As many elements as there is room for, zero for what is not canonical. Whether all are.
fn convert<'a, F: SmallField, W: Copy + Into<u64> + 'a>(
    elements: &mut [F],
    values: impl Iterator<Item = &'a W>,
) -> bool {
    let mut are_canonical = true;
    for (element, &value) in elements.iter_mut().zip(values) {
        let read = F::from_canonical(value.into());
        are_canonical &= read.is_some();
        *element = read.unwrap_or(F::ZERO);
    }
    are_canonical
}

/// Public values as elements.
pub(super) fn public_elements<F: SmallField>(values: &[u64]) -> Result<Vec<F>> {
    let elements = values.iter().enumerate().map(|(i, &value)| {
        F::from_canonical(value).ok_or_else(|| {
            Failure::new(
                ZKILN_E_PUBLIC_INPUTS,
                format!(
                    "public value {i} is {value}, which is not below the modulus {}",
                    F::MODULUS
                ),
            )
        })
    });
    elements.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkiln::field::small::{Goldilocks, KoalaBear};

    fn matrix<F: SmallField, W: Copy + Into<u64> + bytemuck::Pod>(
        values: &[W],
        layout: u32,
        width: usize,
    ) -> Result<Columns<F>> {
        let given = zkiln_matrix {
            struct_size: size_of::<zkiln_matrix>(),
            values: values.as_ptr().cast(),
            n: values.len(),
            value_size: size_of::<W>() as u32,
            layout,
        };
        // SAFETY: a local struct of a slice.
        let matrix = unsafe { Matrix::read(&mut Border::default(), "trace", &given) }?;
        matrix.columns(width, values.len() / width)
    }

    /// Both layouts and widths give the same columns, also where there are many blocks of each.
    #[test]
    fn all_layouts_are_the_same_columns() {
        for (width, height) in [(1, 1), (1, 8), (3, 1), (17, 256), (33, 130), (2, 40_000)] {
            let value = |column: usize, row: usize| (column * 1_000_003 + row * 17) as u32;
            let rows: Vec<u32> = (0..width * height)
                .map(|i| value(i % width, i / width))
                .collect();
            let columns: Vec<u32> = (0..width * height)
                .map(|i| value(i / height, i % height))
                .collect();
            let wide: Vec<u64> = rows.iter().map(|&value| value.into()).collect();
            let expected: Vec<KoalaBear> = columns
                .iter()
                .map(|&v| KoalaBear::from(u64::from(v)))
                .collect();
            let by_rows = matrix::<KoalaBear, _>(&rows, ZKILN_ROW_MAJOR, width).unwrap();
            let by_columns = matrix::<KoalaBear, _>(&columns, ZKILN_COLUMN_MAJOR, width).unwrap();
            assert_eq!(by_rows.values(), expected);
            assert_eq!(by_columns.values(), expected);
            let wide = matrix::<Goldilocks, _>(&wide, ZKILN_ROW_MAJOR, width).unwrap();
            assert!(
                wide.values()
                    .iter()
                    .zip(&columns)
                    .all(|(a, &b)| a.to_u64() == u64::from(b))
            );
        }
    }

    #[test]
    fn what_is_not_canonical_is_named() {
        let mut values = [0u32; 12];
        values[7] = KoalaBear::MODULUS as u32;
        let by_rows = matrix::<KoalaBear, _>(&values, ZKILN_ROW_MAJOR, 3).unwrap_err();
        assert!(format!("{by_rows:?}").contains("trace: the value in column 1 of row 2"));
        let by_columns = matrix::<KoalaBear, _>(&values, ZKILN_COLUMN_MAJOR, 3).unwrap_err();
        assert!(format!("{by_columns:?}").contains("trace: the value in column 1 of row 3"));
        assert!(matrix::<Goldilocks, _>(&values, ZKILN_ROW_MAJOR, 3).is_ok());
        assert!(public_elements::<KoalaBear>(&[1, KoalaBear::MODULUS]).is_err());
    }
}
