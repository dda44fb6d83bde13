//! The constraint system as circom writes it: an `r1cs` file, version 1.
//!
//! | section | content |
//! |---|---|
//! | 1 | the field, the counts of wires by their role, of labels and of constraints |
//! | 2 | the constraints, each three linear combinations of wires |
//! | 3 | the label of each wire |
//! | 4, 5 | custom gates, which are PLONK's: refused |

mod read;
mod rows;
mod write;

use std::fmt;
use std::path::Path;

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::container::{Format, io_error, origin_of, save};
use super::wtns::Witness;
use crate::error::{Error, Result};
use crate::field::{Fr, Int};

use rows::Builder;
pub use rows::{Rows, Term};

const FORMAT: Format = Format {
    magic: b"r1cs",
    version: 1,
    sections: &[
        "header",
        "constraints",
        "labels",
        "custom gates",
        "uses of custom gates",
    ],
};

/// The ids of the sections.
mod id {
    pub(super) const HEADER: u32 = 1;
    pub(super) const CONSTRAINTS: u32 = 2;
    pub(super) const LABELS: u32 = 3;
    pub(super) const CUSTOM_GATES: [u32; 2] = [4, 5];
}

/// How many wires a circuit has of which role. Wires are numbered in this order: the constant 1,
/// outputs, public inputs, private inputs, the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireCounts {
    /// All of them, with the constant 1.
    pub total: usize,
    /// Public outputs.
    pub outputs: usize,
    /// Public inputs.
    pub public_inputs: usize,
    /// Private inputs.
    pub private_inputs: usize,
}

/// A rank-1 constraint system: `(A w) o (B w) = C w` for sparse matrices with a row for each constraint
/// and a column for each wire.
#[derive(Clone, PartialEq, Eq)]
pub struct R1cs {
    wires: WireCounts,
    a: Rows,
    b: Rows,
    c: Rows,
    /// By wire.
    labels: Vec<u64>,
    n_labels: u64,
}

impl R1cs {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, and those of [`R1cs::from_bytes`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| io_error(path, e))?;
        Self::from_bytes(&bytes, &origin_of(path))
    }

    /// Reads the bytes of a file, which errors call `origin`.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but a constraint system over the scalar field of BN254 with
    /// wires, coefficients and labels in their ranges and without custom gates.
    pub fn from_bytes(bytes: &[u8], origin: &str) -> Result<Self> {
        read::read(bytes, origin)
    }

    /// A constraint system of these constraints: A, B and C of each, as terms of wire and coefficient.
    /// Wires are labelled by their own numbers.
    ///
    /// # Errors
    /// [`Error::Argument`] if the counts contradict each other or a term names a wire that does not
    /// exist.
    pub fn new(
        wires: WireCounts,
        constraints: impl IntoIterator<Item = [Vec<(u32, Fr)>; 3]>,
    ) -> Result<Self> {
        if let Some(reason) = wires.contradiction() {
            return Err(Error::Argument(reason));
        }
        let mut matrices = [(); 3].map(|()| Builder::new());
        for (i, constraint) in constraints.into_iter().enumerate() {
            if let Some((wire, _)) = constraint
                .iter()
                .flatten()
                .find(|(wire, _)| *wire as usize >= wires.total)
            {
                return Err(Error::Argument(format!(
                    "constraint {i} uses wire {wire} of {}",
                    wires.total
                )));
            }
            for (matrix, row) in matrices.iter_mut().zip(constraint) {
                if !matrix.has_room(row.len()) {
                    return Err(Error::Argument("2^32 terms or more in a matrix".into()));
                }
                row.into_iter()
                    .for_each(|(wire, value)| matrix.push(wire, value));
                matrix.end_row();
            }
        }
        let [a, b, c] = matrices.map(Builder::finish);
        if u32::try_from(a.len()).is_err() {
            return Err(Error::Argument("the format counts in u32".into()));
        }
        Ok(Self {
            wires,
            a,
            b,
            c,
            labels: (0..wires.total as u64).collect(),
            n_labels: wires.total as u64,
        })
    }

    /// How many wires there are of which role.
    pub fn wires(&self) -> &WireCounts {
        &self.wires
    }

    /// The number of constraints.
    pub fn n_constraints(&self) -> usize {
        self.a.len()
    }

    /// The left factors.
    pub fn a(&self) -> &Rows {
        &self.a
    }

    /// The right factors.
    pub fn b(&self) -> &Rows {
        &self.b
    }

    /// The products.
    pub fn c(&self) -> &Rows {
        &self.c
    }

    /// For each wire the number of its signal in the compiler's symbol file.
    pub fn labels(&self) -> &[u64] {
        &self.labels
    }

    /// The first constraint that a witness does not satisfy; parallel.
    ///
    /// # Errors
    /// [`Error::WitnessMismatch`] if the witness is of another circuit, by its length.
    pub fn first_unsatisfied(&self, witness: &Witness) -> Result<Option<usize>> {
        const MIN_TASK: usize = 256;
        let values = witness.values();
        if values.len() != self.wires.total {
            return Err(Error::WitnessMismatch(format!(
                "{} values for {} wires of the constraint system",
                values.len(),
                self.wires.total
            )));
        }
        let mut wires = Zeroizing::new(vec![Fr::ZERO; values.len()]);
        wires
            .par_iter_mut()
            .zip(values)
            .for_each(|(wire, value): (&mut Fr, &Int<4>)| *wire = Fr::from(*value));
        let holds =
            |i: usize| self.a.dot(i, &wires) * self.b.dot(i, &wires) == self.c.dot(i, &wires);
        Ok((0..self.n_constraints())
            .into_par_iter()
            .with_min_len(MIN_TASK)
            .find_first(|&i| !holds(i)))
    }

    /// The bytes of a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write::write(self, &mut out).expect("writing to memory does not fail");
        out
    }

    /// Creates or replaces a file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        save(path.as_ref(), |out| write::write(self, out))
    }
}

impl WireCounts {
    /// Outputs and public inputs: what a verifier is told, wires 1 to this.
    pub fn public(&self) -> usize {
        self.outputs + self.public_inputs
    }

    /// What is impossible about the counts. They need not come from `u32`s.
    fn contradiction(&self) -> Option<String> {
        let Self {
            total,
            outputs,
            public_inputs,
            private_inputs,
        } = *self;
        let named = 1 + outputs as u128 + public_inputs as u128 + private_inputs as u128;
        if named > total as u128 {
            return Some(format!(
                "the constant 1, {outputs} outputs, {public_inputs} public and {private_inputs} \
                 private inputs cannot be among {total} wires"
            ));
        }
        u32::try_from(total)
            .is_err()
            .then(|| format!("{total} wires; the format counts in u32"))
    }
}

impl fmt::Debug for R1cs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("R1cs")
            .field("wires", &self.wires)
            .field("a", &self.a)
            .field("b", &self.b)
            .field("c", &self.c)
            .finish_non_exhaustive()
    }
}
