//! What an AIR states its constraints to.

use core::cell::RefCell;

use super::expr::{Graph, Node};
use super::{Expr, Operand, Shape};
use crate::field::small::SmallField;

/// Takes the constraints of an [`Air`](super::Air) and gives it the columns to write them with.
///
/// A column that the shape does not have, and whatever else is wrong, is told by
/// [`Program::new`](super::Program::new).
pub struct Builder<'a, F> {
    graph: &'a Graph<F>,
    shape: &'a Shape<F>,
    constraints: RefCell<Vec<u32>>,
}

impl<'a, F: SmallField> Builder<'a, F> {
    pub(super) fn new(graph: &'a Graph<F>, shape: &'a Shape<F>) -> Self {
        Self {
            graph,
            shape,
            constraints: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn finish(self) -> Vec<u32> {
        self.constraints.into_inner()
    }

    /// The shape of the AIR.
    pub fn shape(&self) -> &'a Shape<F> {
        self.shape
    }

    /// A constant: an element, or an integer as `u64`.
    pub fn constant(&self, value: impl Into<F>) -> Expr<'a, F> {
        self.graph.insert(Node::Constant(value.into()))
    }

    /// A column of the trace in this row.
    pub fn main(&self, column: usize) -> Expr<'a, F> {
        self.leaf("column", column, self.shape.width, Operand::Main)
    }

    /// A column of the trace in the next row; after the last row comes the first.
    pub fn next(&self, column: usize) -> Expr<'a, F> {
        let columns = if self.shape.next_row {
            self.shape.width
        } else {
            0
        };
        self.leaf("column in the next row", column, columns, Operand::MainNext)
    }

    /// A preprocessed column in this row.
    pub fn preprocessed(&self, column: usize) -> Expr<'a, F> {
        let columns = self.shape.preprocessed_width;
        self.leaf(
            "preprocessed column",
            column,
            columns,
            Operand::Preprocessed,
        )
    }

    /// A preprocessed column in the next row.
    pub fn preprocessed_next(&self, column: usize) -> Expr<'a, F> {
        let columns = match self.shape.preprocessed_next_row {
            true => self.shape.preprocessed_width,
            false => 0,
        };
        let what = "preprocessed column in the next row";
        self.leaf(what, column, columns, Operand::PreprocessedNext)
    }

    /// A periodic column in this row.
    pub fn periodic(&self, column: usize) -> Expr<'a, F> {
        let columns = self.shape.periodic.len();
        self.leaf("periodic column", column, columns, Operand::Periodic)
    }

    /// A public value.
    pub fn public(&self, index: usize) -> Expr<'a, F> {
        let values = self.shape.public_values;
        self.leaf("public value", index, values, Operand::Public)
    }

    /// Not zero in the first row only.
    pub fn is_first_row(&self) -> Expr<'a, F> {
        self.graph.insert(Node::Leaf(Operand::FirstRow))
    }

    /// Not zero in the last row only.
    pub fn is_last_row(&self) -> Expr<'a, F> {
        self.graph.insert(Node::Leaf(Operand::LastRow))
    }

    /// Zero in the last row only.
    pub fn is_transition(&self) -> Expr<'a, F> {
        self.graph.insert(Node::Leaf(Operand::Transition))
    }

    /// States that an expression is zero in every row.
    pub fn assert_zero(&self, expression: Expr<'a, F>) {
        self.constraints.borrow_mut().push(expression.id);
    }

    /// States that `left - right` is zero.
    pub fn assert_eq(&self, left: Expr<'a, F>, right: Expr<'a, F>) {
        self.assert_zero(left - right);
    }

    /// States that `x (x - 1)` is zero.
    pub fn assert_bool(&self, bit: Expr<'a, F>) {
        self.assert_zero(bit * (bit - 1));
    }

    /// States constraints times a condition: only where it is not zero they must hold.
    pub fn when(&self, condition: Expr<'a, F>) -> When<'_, 'a, F> {
        When {
            builder: self,
            condition,
        }
    }

    fn leaf(
        &self,
        what: &str,
        index: usize,
        len: usize,
        operand: impl Fn(u32) -> Operand,
    ) -> Expr<'a, F> {
        match u32::try_from(index) {
            Ok(place) if index < len => self.graph.insert(Node::Leaf(operand(place))),
            _ => self.graph.fail(format!("{what} {index} of {len} is read")),
        }
    }
}

/// States constraints that must hold only where a condition is not zero.
pub struct When<'b, 'a, F> {
    builder: &'b Builder<'a, F>,
    condition: Expr<'a, F>,
}

impl<'a, F: SmallField> When<'_, 'a, F> {
    /// As [`Builder::assert_zero`].
    pub fn assert_zero(&self, expression: Expr<'a, F>) -> &Self {
        self.builder.assert_zero(self.condition * expression);
        self
    }

    /// As [`Builder::assert_eq`].
    pub fn assert_eq(&self, left: Expr<'a, F>, right: Expr<'a, F>) -> &Self {
        self.assert_zero(left - right)
    }

    /// As [`Builder::assert_bool`].
    pub fn assert_bool(&self, bit: Expr<'a, F>) -> &Self {
        self.assert_zero(bit * (bit - 1))
    }

    /// With one more condition.
    pub fn when(&self, condition: Expr<'a, F>) -> When<'_, 'a, F> {
        When {
            condition: self.condition * condition,
            builder: self.builder,
        }
    }
}
