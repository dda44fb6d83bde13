//! From the graph of an AIR to code: an order, and slots.

use std::collections::HashMap;

use super::expr::Node;
use super::{Instruction, Operand};
use crate::field::small::SmallField;

/// What a program is made of, beside its shape.
pub(super) struct Code<F> {
    pub(super) constants: Vec<F>,
    pub(super) instructions: Vec<Instruction>,
    pub(super) slots: usize,
}

/// The code of the constraints, in their order; what no constraint needs is left out.
///
/// Every constraint is computed when its turn comes, depth first, and a value keeps its slot up to its
/// last use. Slots are taken again last in, first out, so that they are still in the nearest cache.
pub(super) fn compile<F: SmallField>(nodes: &[Node<F>], constraints: &[u32]) -> Code<F> {
    let steps = schedule(nodes, constraints);

    // How often each value is still to be read.
    let mut readers = vec![0u32; nodes.len()];
    for step in &steps {
        for id in step.reads(nodes).into_iter().flatten() {
            readers[id as usize] += 1;
        }
    }

    let mut constants = Vec::new();
    let mut places = HashMap::new();
    let mut slot_of = vec![u32::MAX; nodes.len()];
    let mut free = Vec::new();
    let mut slots = 0u32;
    let mut instructions = Vec::with_capacity(steps.len());
    for step in &steps {
        let mut operand = |id: u32| match nodes[id as usize] {
            Node::Leaf(operand) => operand,
            Node::Constant(value) => Operand::Constant(*places.entry(value).or_insert_with(|| {
                constants.push(value);
                constants.len() as u32 - 1
            })),
            _ => Operand::Slot(slot_of[id as usize]),
        };
        let operands = step.reads(nodes).map(|id| id.map(&mut operand));
        for id in step.reads(nodes).into_iter().flatten() {
            let left = &mut readers[id as usize];
            *left -= 1;
            if *left == 0 && slot_of[id as usize] != u32::MAX {
                free.push(slot_of[id as usize]);
            }
        }
        instructions.push(match (*step, operands) {
            (Step::Assert(_), [Some(a), _]) => Instruction::Assert(a),
            (Step::Compute(id), [Some(a), b]) => {
                let slot = free.pop().unwrap_or_else(|| {
                    slots += 1;
                    slots - 1
                });
                slot_of[id as usize] = slot;
                match (nodes[id as usize], b) {
                    (Node::Add(..), Some(b)) => Instruction::Add(slot, a, b),
                    (Node::Sub(..), Some(b)) => Instruction::Sub(slot, a, b),
                    (Node::Mul(..), Some(b)) => Instruction::Mul(slot, a, b),
                    _ => Instruction::Neg(slot, a),
                }
            }
            _ => unreachable!("every step reads something"),
        });
    }
    Code {
        constants,
        instructions,
        slots: slots as usize,
    }
}

#[derive(Clone, Copy)]
enum Step {
    Compute(u32),
    Assert(u32),
}

impl Step {
    fn reads<F: SmallField>(self, nodes: &[Node<F>]) -> [Option<u32>; 2] {
        match self {
            Self::Assert(id) => [Some(id), None],
            Self::Compute(id) => children(nodes[id as usize]),
        }
    }
}

fn children<F>(node: Node<F>) -> [Option<u32>; 2] {
    match node {
        Node::Constant(_) | Node::Leaf(_) => [None, None],
        Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) => [Some(a), Some(b)],
        Node::Neg(a) => [Some(a), None],
    }
}

/// Depth first from each constraint in turn, without recursion: expressions may be deep.
fn schedule<F: SmallField>(nodes: &[Node<F>], constraints: &[u32]) -> Vec<Step> {
    let mut done = vec![false; nodes.len()];
    let mut steps = Vec::new();
    let mut stack = Vec::new();
    for &constraint in constraints {
        stack.push(constraint);
        while let Some(&id) = stack.last() {
            let before = stack.len();
            // The first operand is to be on top.
            let waiting = children(nodes[id as usize]).into_iter().rev().flatten();
            stack.extend(waiting.filter(|&child| !done[child as usize]));
            if stack.len() == before {
                stack.pop();
                let computed = !matches!(nodes[id as usize], Node::Constant(_) | Node::Leaf(_));
                if computed && !done[id as usize] {
                    steps.push(Step::Compute(id));
                }
                done[id as usize] = true;
            }
        }
        steps.push(Step::Assert(constraint));
    }
    steps
}
