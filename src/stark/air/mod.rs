//! Constraints: the language they are written in, the program they become, and some ready ones.
//!
//! An [`Air`] says of two neighbouring rows of a trace what must be zero, in expressions of its columns.
//! A [`Program`] is that as straight-line code, which verifiers run at a point, provers over vectors and
//! other programs from bytes. The language and the bytes are described in `docs/air.md`.

mod builder;
mod bytes;
mod check;
mod compile;
mod expr;
mod fibonacci;
mod keccak;
mod point;
mod poseidon2;
mod program;
mod rows;
mod trace;

use crate::field::small::SmallField;

pub use builder::{Builder, When};
pub use bytes::modulus_of_program;
pub use expr::Expr;
pub use fibonacci::Fibonacci;
pub use keccak::KeccakAir;
pub use point::{PointRow, Selectors};
pub use poseidon2::Poseidon2Air;
pub use program::{Instruction, Operand, Program};

/// An algebraic intermediate representation: constraints on the rows of a trace.
pub trait Air<F: SmallField> {
    /// What the constraints read.
    fn shape(&self) -> Shape<F>;
    /// States the constraints. Their order is part of the protocol.
    fn eval<'a>(&self, builder: &Builder<'a, F>);
}

/// What constraints read, and so what is committed to and opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape<F> {
    /// The number of columns of the trace.
    pub width: usize,
    /// Whether constraints may read the trace's next row, which is then opened.
    pub next_row: bool,
    /// The number of preprocessed columns, which are fixed before the proof.
    pub preprocessed_width: usize,
    /// Whether constraints may read the preprocessed columns' next row, which is then opened.
    pub preprocessed_next_row: bool,
    /// The columns that repeat: a period each, of a power of two of values. Nobody commits to them.
    pub periodic: Vec<Vec<F>>,
    /// The number of public values.
    pub public_values: usize,
    /// A degree that constraints are taken to have at least: a hint as Plonky3's
    /// `max_constraint_degree`, zero for none.
    pub least_degree: usize,
}

#[cfg(test)]
mod tests;
