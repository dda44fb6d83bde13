//! The matrices A and B of the constraints. C is not stored: its product is that of the others.

use std::fmt;
use std::io::{self, Write};

use super::ZkeyHeader;
use crate::error::{Error, Fault, Result};
use crate::field::{Field, Fr, Int, PrimeField};
use crate::groth16::container::{Section, read_limbs, write_limbs};

/// The bytes of an entry: matrix, row, wire, value.
const SIZE: usize = 3 * 4 + Fr::BYTES;
/// The bytes of the number of entries, before them.
const COUNT: usize = 4;

/// Which matrix of `(A w) o (B w) = C w` an entry is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matrix {
    /// The left factor.
    A,
    /// The right factor.
    B,
}

/// An entry of a matrix. Entries for one place add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coefficient {
    /// The matrix.
    pub matrix: Matrix,
    /// The row, below the size of the domain.
    pub row: u32,
    /// The column, which is a wire.
    pub wire: u32,
    /// The value. In the file it is multiplied by `R^2`.
    pub value: Fr,
}

/// The section of coefficients: a view, from which entries are copied and checked.
#[derive(Clone, Copy)]
pub struct Coefficients<'a> {
    section: Section<'a>,
    rows: usize,
    wires: usize,
}

/// Requires the number of entries to be what fills the section.
pub(super) fn check_length(section: Section<'_>) -> Result<()> {
    let mut cursor = section.cursor();
    let count = cursor.u32("the number of coefficients")? as usize;
    let entries = Section {
        bytes: cursor.take(cursor.remaining(), "coefficients")?,
        ..section
    };
    entries.expect_items(count, SIZE, "the number of coefficients")
}

/// The length of the section with this many entries.
pub(super) fn section_length(count: usize) -> usize {
    COUNT + SIZE * count
}

impl<'a> Coefficients<'a> {
    /// For a section that has passed [`check_length`].
    pub(super) fn new(section: Section<'a>, header: &ZkeyHeader) -> Self {
        Self {
            section,
            rows: header.domain_size(),
            wires: header.n_vars,
        }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        (self.section.bytes.len() - COUNT) / SIZE
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One entry.
    ///
    /// # Errors
    /// [`Error::Argument`] beyond the end; [`Error::Malformed`] if matrix, row or wire do not exist or
    /// the value is not below `r`.
    pub fn get(&self, index: usize) -> Result<Coefficient> {
        if index >= self.len() {
            return Err(Error::Argument(format!(
                "coefficient {index} of a section of {}",
                self.len()
            )));
        }
        let bytes = &self.section.bytes[COUNT + index * SIZE..][..SIZE];
        let word = |i: usize| {
            let bytes = bytes[4 * i..][..4].try_into().expect("four bytes");
            u32::from_le_bytes(bytes)
        };
        let error = |fault, reason| {
            let reason = format!("coefficient {index}: {reason}");
            Err(self.section.place.error(fault, reason))
        };
        let (matrix, row, wire) = (word(0), word(1), word(2));
        let matrix = match matrix {
            0 => Matrix::A,
            1 => Matrix::B,
            _ => {
                return error(
                    Fault::Value,
                    format!("matrix {matrix} is neither A, 0, nor B, 1"),
                );
            }
        };
        if row as usize >= self.rows {
            return error(
                Fault::Index,
                format!("row {row} of a domain of {}", self.rows),
            );
        }
        if wire as usize >= self.wires {
            return error(Fault::Index, format!("wire {wire} of {}", self.wires));
        }
        let stored: Int<4> = read_limbs(&bytes[12..]);
        let Some(value) = from_stored(stored) else {
            return error(
                Fault::NotCanonical,
                format!("the value {stored:?} is not below r = {:?}", Fr::MODULUS),
            );
        };
        Ok(Coefficient {
            matrix,
            row,
            wire,
            value,
        })
    }

    /// The bytes of the section.
    pub(in crate::groth16) fn bytes(&self) -> &'a [u8] {
        self.section.bytes
    }

    /// The entries of one matrix, as [`Coefficients::iter`] gives them. Those of the other are not
    /// even decoded; those of neither are errors.
    pub fn of(self, matrix: Matrix) -> impl Iterator<Item = Result<Coefficient>> + 'a {
        let other: u32 = match matrix {
            Matrix::A => 1,
            Matrix::B => 0,
        };
        let other = other.to_le_bytes();
        (0..self.len())
            .filter(move |i| self.section.bytes[COUNT + i * SIZE..][..4] != other)
            .map(move |i| self.get(i))
            // What was decoded decides, should the bytes have changed in between.
            .filter(move |entry| !matches!(entry, Ok(entry) if entry.matrix != matrix))
    }

    /// All entries in the order of the file, each as [`Coefficients::get`] gives it.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Result<Coefficient>> + 'a {
        (0..self.len()).map(move |i| self.get(i))
    }
}

/// `v` from `v R^2 mod r`.
fn from_stored(stored: Int<4>) -> Option<Fr> {
    let v_times_r = Fr::from_montgomery(stored.0)?.to_canonical();
    Fr::from_montgomery(v_times_r.0)
}

/// `v R^2 mod r`, which a Montgomery multiplication by a plain number turns into a Montgomery form.
fn to_stored(value: Fr) -> [u64; 4] {
    let v_times_r = Int(value.to_montgomery());
    Fr::from(v_times_r).to_montgomery()
}

/// Writes the section.
pub(super) fn write(out: &mut impl Write, coefficients: &[Coefficient]) -> io::Result<()> {
    out.write_all(&(coefficients.len() as u32).to_le_bytes())?;
    for coefficient in coefficients {
        let matrix = match coefficient.matrix {
            Matrix::A => 0,
            Matrix::B => 1,
        };
        for word in [matrix, coefficient.row, coefficient.wire] {
            out.write_all(&word.to_le_bytes())?;
        }
        write_limbs(out, &[to_stored(coefficient.value)])?;
    }
    Ok(())
}

impl fmt::Debug for Coefficients<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} entries", self.section.place, self.len())
    }
}
