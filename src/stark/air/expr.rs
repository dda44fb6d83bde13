//! Expressions: handles of the nodes of a graph in which nothing is written twice.

use core::cell::RefCell;
use core::ops::{Add, Mul, Neg, Sub};
use std::collections::HashMap;

use super::Operand;
use super::program::MAX_INSTRUCTIONS;
use crate::field::small::SmallField;

/// An expression of the columns of two rows: a handle, to be copied freely. It takes part in `+`, `-`
/// and `*` with expressions, elements of the field and integers.
///
/// What is said a second time is not computed a second time. Constants are folded, and zeros and ones
/// dropped, just where Plonky3's symbolic expressions do it, for the degree depends on that.
#[derive(Clone, Copy)]
pub struct Expr<'a, F> {
    pub(super) graph: &'a Graph<F>,
    pub(super) id: u32,
}

/// One node: a leaf, or an operation on nodes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node<F> {
    Constant(F),
    Leaf(Operand),
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    Neg(u32),
}

/// All nodes of an AIR.
pub(super) struct Graph<F> {
    nodes: RefCell<Nodes<F>>,
    fault: RefCell<Option<String>>,
}

struct Nodes<F> {
    all: Vec<Node<F>>,
    known: HashMap<Node<F>, u32>,
}

impl<F: SmallField> Graph<F> {
    /// A graph of the one node zero.
    pub(super) fn new() -> Self {
        let zero = Node::Constant(F::ZERO);
        Self {
            nodes: RefCell::new(Nodes {
                all: vec![zero],
                known: HashMap::from([(zero, 0)]),
            }),
            fault: RefCell::new(None),
        }
    }

    /// The node with this content.
    pub(super) fn insert(&self, node: Node<F>) -> Expr<'_, F> {
        let nodes = &mut *self.nodes.borrow_mut();
        if let Some(&id) = nodes.known.get(&node) {
            return Expr { graph: self, id };
        }
        if nodes.all.len() >= MAX_INSTRUCTIONS {
            return self.fail(format!("more than {MAX_INSTRUCTIONS} expressions"));
        }
        let id = nodes.all.len() as u32;
        nodes.all.push(node);
        nodes.known.insert(node, id);
        Expr { graph: self, id }
    }

    /// Remembers the first mistake, which is told when the program is made; goes on with zero.
    pub(super) fn fail(&self, reason: String) -> Expr<'_, F> {
        self.fault.borrow_mut().get_or_insert(reason);
        Expr { graph: self, id: 0 }
    }

    /// The nodes in the order in which they were written, and the first mistake.
    pub(super) fn finish(self) -> (Vec<Node<F>>, Option<String>) {
        (self.nodes.into_inner().all, self.fault.into_inner())
    }

    fn node(&self, id: u32) -> Node<F> {
        self.nodes.borrow().all[id as usize]
    }
}

impl<'a, F: SmallField> Expr<'a, F> {
    fn constant(&self) -> Option<F> {
        match self.graph.node(self.id) {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }

    fn is_zero(&self) -> bool {
        self.constant().is_some_and(|value| value.is_zero())
    }

    fn is_one(&self) -> bool {
        self.constant() == Some(F::ONE)
    }

    fn lift(&self, value: F) -> Self {
        self.graph.insert(Node::Constant(value))
    }

    /// `2 x`.
    pub fn double(self) -> Self {
        self + self
    }

    /// `x^2`.
    pub fn square(self) -> Self {
        self * self
    }

    /// `x^3`.
    pub fn cube(self) -> Self {
        self * self * self
    }

    /// `x + y - 2 x y`: the exclusive or of bits.
    pub fn xor(self, other: Self) -> Self {
        self + other - self * other.double()
    }

    /// `(1 - x) y`: whether of two bits only the second is set.
    pub fn andn(self, other: Self) -> Self {
        (1 - self) * other
    }
}

impl<'a, F: SmallField> Add for Expr<'a, F> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        match (self.constant(), other.constant()) {
            (Some(a), Some(b)) => self.lift(a + b),
            _ if self.is_zero() => other,
            _ if other.is_zero() => self,
            _ => {
                let (first, second) = (self.id.min(other.id), self.id.max(other.id));
                self.graph.insert(Node::Add(first, second))
            }
        }
    }
}

impl<'a, F: SmallField> Sub for Expr<'a, F> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        match (self.constant(), other.constant()) {
            (Some(a), Some(b)) => self.lift(a - b),
            _ if self.is_zero() => -other,
            _ if other.is_zero() => self,
            _ => self.graph.insert(Node::Sub(self.id, other.id)),
        }
    }
}

impl<'a, F: SmallField> Mul for Expr<'a, F> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        match (self.constant(), other.constant()) {
            (Some(a), Some(b)) => self.lift(a * b),
            _ if self.is_zero() || other.is_zero() => self.lift(F::ZERO),
            _ if self.is_one() => other,
            _ if other.is_one() => self,
            _ => {
                let (first, second) = (self.id.min(other.id), self.id.max(other.id));
                self.graph.insert(Node::Mul(first, second))
            }
        }
    }
}

impl<'a, F: SmallField> Neg for Expr<'a, F> {
    type Output = Self;
    fn neg(self) -> Self {
        match self.constant() {
            Some(value) => self.lift(-value),
            None => self.graph.insert(Node::Neg(self.id)),
        }
    }
}

/// An operation with an element of the field on the right, and with an integer on either side.
macro_rules! operations_with_constants {
    ($($Op:ident $op:ident),*) => {$(
        impl<'a, F: SmallField> $Op<F> for Expr<'a, F> {
            type Output = Self;
            fn $op(self, other: F) -> Self {
                $Op::$op(self, self.lift(other))
            }
        }
        impl<'a, F: SmallField> $Op<u64> for Expr<'a, F> {
            type Output = Self;
            fn $op(self, other: u64) -> Self {
                $Op::$op(self, self.lift(F::from(other)))
            }
        }
        impl<'a, F: SmallField> $Op<Expr<'a, F>> for u64 {
            type Output = Expr<'a, F>;
            fn $op(self, other: Expr<'a, F>) -> Expr<'a, F> {
                $Op::$op(other.lift(F::from(self)), other)
            }
        }
    )*};
}
operations_with_constants!(Add add, Sub sub, Mul mul);

impl<'a, F: SmallField> core::iter::Sum for Expr<'a, F> {
    /// The sum of at least one expression.
    ///
    /// # Panics
    /// If there is none, for a sum of nothing belongs to no graph.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.reduce(|a, b| a + b).expect("a sum of something")
    }
}

impl<F> core::fmt::Debug for Expr<'_, F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Expr({})", self.id)
    }
}
