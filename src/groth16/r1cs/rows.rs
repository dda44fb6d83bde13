//! A sparse matrix by rows.

use std::collections::HashMap;

use crate::field::Fr;

/// A sparse matrix, compressed by rows: the terms of all rows one after the other, and where each row
/// ends. Terms of one row and wire add up.
///
/// The coefficients of circuits are few, 1 and -1 above all: a term has the place of its coefficient in a table,
/// 8 bytes instead of 36.
#[derive(Clone, PartialEq, Eq)]
pub struct Rows {
    /// One more than rows: row `i` is `offsets[i]..offsets[i + 1]` of the others.
    offsets: Vec<usize>,
    terms: Vec<Term>,
    /// Each once: 1, -1, and others in the order in which they were first met.
    coefficients: Vec<Fr>,
}

/// A term of a row: a wire, and the place of its coefficient in [`Rows::coefficients`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The number of the wire.
    pub wire: u32,
    /// The place in the table.
    pub coefficient: u32,
}

/// Rows that are being written.
pub(super) struct Builder {
    rows: Rows,
    /// Of coefficients other than 1 and -1.
    places: HashMap<Fr, u32>,
}

impl Builder {
    /// No rows yet.
    pub(super) fn new() -> Self {
        Self {
            rows: Rows {
                offsets: vec![0],
                terms: Vec::new(),
                coefficients: vec![Fr::ONE, -Fr::ONE],
            },
            places: HashMap::new(),
        }
    }

    /// Whether so many more terms can be counted.
    pub(super) fn has_room(&self, terms: usize) -> bool {
        // The table may have one for each, and two more.
        self.rows.terms.len() + terms <= u32::MAX as usize - 2
    }

    /// Appends a term, for which there is room, to the last row, which is open until [`Builder::end_row`].
    pub(super) fn push(&mut self, wire: u32, coefficient: Fr) {
        let table = &mut self.rows.coefficients;
        let place = if coefficient == table[0] {
            0
        } else if coefficient == table[1] {
            1
        } else {
            *self.places.entry(coefficient).or_insert_with(|| {
                table.push(coefficient);
                u32::try_from(table.len() - 1).expect("no more than terms, and there is room")
            })
        };
        self.rows.terms.push(Term {
            wire,
            coefficient: place,
        });
    }

    pub(super) fn end_row(&mut self) {
        self.rows.offsets.push(self.rows.terms.len());
    }

    pub(super) fn finish(mut self) -> Rows {
        self.rows.terms.shrink_to_fit();
        self.rows.offsets.shrink_to_fit();
        self.rows
    }
}

impl Rows {
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
        self.terms.len()
    }

    /// The terms of a row, wire and coefficient, in the order of the file.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, index: usize) -> impl ExactSizeIterator<Item = (usize, Fr)> + '_ {
        let terms = self.terms_of(index).iter();
        terms.map(|term| {
            let coefficient = self.coefficients[term.coefficient as usize];
            (term.wire as usize, coefficient)
        })
    }

    /// The terms of a row with the places of their coefficients.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn terms_of(&self, index: usize) -> &[Term] {
        &self.terms[self.offsets[index]..self.offsets[index + 1]]
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

    /// The terms of all rows.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The coefficients, each once: 1, -1 and those that terms have, in the order in which they come.
    pub fn coefficients(&self) -> &[Fr] {
        &self.coefficients
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rows of {} terms", self.len(), self.n_terms())
    }
}
