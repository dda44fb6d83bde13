//! Constraints as straight-line code.

use core::ops::{Add, Mul, Neg, Sub};

use sha3::{Digest as _, Keccak256};

use super::builder::Builder;
use super::expr::Graph;
use super::{Air, Shape, check, compile};
use crate::field::small::SmallField;
use crate::{Error, Result};

/// The most instructions of a program, and so slots, constants and expressions of an AIR.
pub(super) const MAX_INSTRUCTIONS: usize = 1 << 26;
/// The most columns of a kind, and public values.
pub(super) const MAX_COLUMNS: usize = 1 << 20;
/// The largest degree of a value.
pub(super) const MAX_DEGREE: u32 = 1 << 10;

/// What an instruction reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A value computed before, in a slot.
    Slot(u32),
    /// A column of the trace in this row.
    Main(u32),
    /// A column of the trace in the next row.
    MainNext(u32),
    /// A preprocessed column in this row.
    Preprocessed(u32),
    /// A preprocessed column in the next row.
    PreprocessedNext(u32),
    /// A periodic column in this row.
    Periodic(u32),
    /// A public value.
    Public(u32),
    /// One of [`Program::constants`].
    Constant(u32),
    /// The selector of the first row.
    FirstRow,
    /// The selector of the last row.
    LastRow,
    /// The selector of all rows but the last.
    Transition,
}

/// One step. The slot that a result goes to may be one that the step reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// `slot = a + b`.
    Add(u32, Operand, Operand),
    /// `slot = a - b`.
    Sub(u32, Operand, Operand),
    /// `slot = a b`.
    Mul(u32, Operand, Operand),
    /// `slot = -a`.
    Neg(u32, Operand),
    /// The next constraint: the operand is zero.
    Assert(Operand),
}

/// The constraints of an AIR: steps from top to bottom, in few slots, without branches.
///
/// A program that exists is sound: every operand is within the shape, every slot is written before it is
/// read, and no degree exceeds 1024. Constraints are the operands of [`Instruction::Assert`], in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program<F> {
    pub(super) shape: Shape<F>,
    pub(super) constants: Vec<F>,
    pub(super) instructions: Vec<Instruction>,
    pub(super) slots: usize,
    pub(super) constraints: usize,
    pub(super) degree: usize,
}

impl<F: SmallField> Program<F> {
    /// The program of an AIR.
    ///
    /// # Errors
    /// [`Error::Argument`] if the AIR reads what its shape does not have, if a period is no power of two,
    /// or for a degree above 1024.
    pub fn new(air: &impl Air<F>) -> Result<Self> {
        let shape = air.shape();
        let graph = Graph::new();
        let builder = Builder::new(&graph, &shape);
        air.eval(&builder);
        let constraints = builder.finish();
        let (nodes, fault) = graph.finish();
        if let Some(fault) = fault {
            return Err(Error::Argument(format!("an AIR: {fault}")));
        }
        let code = compile::compile(&nodes, &constraints);
        check::checked(shape, code.constants, code.instructions, code.slots)
            .map_err(|(part, _, reason)| Error::Argument(format!("an AIR: {part}: {reason}")))
    }

    /// What the constraints read.
    pub fn shape(&self) -> &Shape<F> {
        &self.shape
    }

    /// The constants, without repetition.
    pub fn constants(&self) -> &[F] {
        &self.constants
    }

    /// The steps.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// The number of slots.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// The number of constraints.
    pub fn constraints(&self) -> usize {
        self.constraints
    }

    /// The largest degree of a constraint, or what the shape gives as least, where columns and the
    /// selectors of the first and the last row count one and that of transitions nothing.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// Keccak-256 of [`Program::to_bytes`].
    pub fn digest(&self) -> [u8; 32] {
        Keccak256::digest(self.to_bytes()).into()
    }

    /// Runs the program once over values of any kind: `read` gives what an operand is, never asked for a
    /// slot, and `assert` takes the constraints in order.
    ///
    /// This is how the constraints are brought to another prover's or verifier's expressions.
    pub fn run<T>(&self, mut read: impl FnMut(Operand) -> T, mut assert: impl FnMut(T))
    where
        T: Clone + Add<Output = T> + Sub<Output = T> + Mul<Output = T> + Neg<Output = T>,
    {
        let mut slots: Vec<Option<T>> = vec![None; self.slots];
        for &instruction in &self.instructions {
            let mut read = |operand| match operand {
                Operand::Slot(slot) => slots[slot as usize].clone().expect("written before"),
                operand => read(operand),
            };
            let (slot, value) = match instruction {
                Instruction::Add(slot, a, b) => (slot, read(a) + read(b)),
                Instruction::Sub(slot, a, b) => (slot, read(a) - read(b)),
                Instruction::Mul(slot, a, b) => (slot, read(a) * read(b)),
                Instruction::Neg(slot, a) => (slot, -read(a)),
                Instruction::Assert(a) => {
                    assert(read(a));
                    continue;
                }
            };
            slots[slot as usize] = Some(value);
        }
    }
}
