//! A sparse matrix by rows.

use crate::field::Fr;

/// A sparse matrix, compressed by rows: the terms of all rows one after the other, and where each row
/// ends. Terms of one row and wire add up.
#[derive(Clone, PartialEq, Eq)]
pub struct Rows {
    /// One more than rows: row `i` is `offsets[i]..offsets[i + 1]` of the others.
    offsets: Vec<usize>,
    wires: Vec<u32>,
    coefficients: Vec<Fr>,
}

impl Rows {
    /// No rows yet.
    pub(super) fn new() -> Self {
        Self {
            offsets: vec![0],
            wires: Vec::new(),
            coefficients: Vec::new(),
        }
    }

    /// Appends a term to the last row, which is open until [`Rows::end_row`].
    pub(super) fn push(&mut self, wire: u32, coefficient: Fr) {
        self.wires.push(wire);
        self.coefficients.push(coefficient);
    }

    pub(super) fn end_row(&mut self) {
        self.offsets.push(self.wires.len());
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of terms of all rows.
    pub fn n_terms(&self) -> usize {
        self.wires.len()
    }

    /// The terms of a row, wire and coefficient, in the order of the file.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, index: usize) -> impl ExactSizeIterator<Item = (usize, Fr)> + '_ {
        let range = self.offsets[index]..self.offsets[index + 1];
        let wires = self.wires[range.clone()].iter();
        let coefficients = self.coefficients[range].iter();
        wires
            .zip(coefficients)
            .map(|(wire, coefficient)| (*wire as usize, *coefficient))
    }

    /// The product of a row and a vector.
    ///
    /// # Panics
    /// If there is no such row, or the vector is shorter than the row's wires demand.
    pub fn dot(&self, index: usize, vector: &[Fr]) -> Fr {
        self.row(index)
            .map(|(wire, coefficient)| coefficient * vector[wire])
            .sum()
    }

    /// Where each row begins among the terms, and where the last ends.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// The wire of each term.
    pub fn wires(&self) -> &[u32] {
        &self.wires
    }

    /// The coefficient of each term.
    pub fn coefficients(&self) -> &[Fr] {
        &self.coefficients
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rows of {} terms", self.len(), self.n_terms())
    }
}
