//! A program made ready for vectors.
//!
//! Public values are known by now, so what depends on constants alone is computed here, and what is left
//! of it is scalars in steps. Columns are loaded when they are first read, into slots; and a few
//! patterns for which vectors have something better are replaced.

use std::collections::HashMap;

use super::super::air::{Instruction, Operand, Program};
use crate::field::small::SmallField;

/// The constraints that are collected before they are folded, in the first slots.
pub(super) const COLLECTED: usize = 32;

/// Where the values of a load come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Main { column: usize, next: bool },
    Preprocessed { column: usize, next: bool },
    Periodic(usize),
    FirstRow,
    LastRow,
    Transition,
}

impl Source {
    fn main(column: u32, next: bool) -> Self {
        let column = column as usize;
        Self::Main { column, next }
    }

    fn preprocessed(column: u32, next: bool) -> Self {
        let column = column as usize;
        Self::Preprocessed { column, next }
    }
}

/// One step on slots: `(to, operands)`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<F> {
    Load(u32, Source),
    Fill(u32, F),
    Copy(u32, u32),
    Add(u32, u32, u32),
    Sub(u32, u32, u32),
    Mul(u32, u32, u32),
    Neg(u32, u32),
    /// `a + c`.
    AddScalar(u32, u32, F),
    /// `c - a`.
    FromScalar(u32, u32, F),
    /// `c a`.
    MulScalar(u32, u32, F),
    /// `a / 2^k`.
    Halve(u32, u32, u32),
    /// `(a + c)^3`.
    Cube(u32, u32, F),
    /// Folds the collected constraints: the number of the first, and how many.
    Fold(usize, usize),
}

/// The steps for some public values.
pub(super) struct Tape<F> {
    pub(super) steps: Vec<Step<F>>,
    /// The sources of the loads, in order.
    pub(super) loads: Vec<Source>,
    pub(super) slots: usize,
    /// Whether the selectors of the first or the last row are read.
    pub(super) boundaries: bool,
}

impl<F: SmallField> Tape<F> {
    /// The tape of a program with as many public values as it takes.
    pub(super) fn new(program: &Program<F>, public_values: &[F]) -> Self {
        let mut values = Values::new(program, public_values);
        values.replace_cubes();
        values.drop_unread();
        values.allocate()
    }
}

/// What a step computes, by the numbers of the values it reads. An assertion has a number too.
#[derive(Clone, Copy)]
enum Value<F> {
    Load(Source),
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    Neg(u32),
    AddScalar(u32, F),
    FromScalar(u32, F),
    MulScalar(u32, F),
    Halve(u32, u32),
    Cube(u32, F),
    Assert(u32),
    AssertScalar(F),
    /// Replaced by another.
    Nothing,
}

impl<F> Value<F> {
    fn reads(&self) -> [Option<u32>; 2] {
        match *self {
            Self::Add(a, b) | Self::Sub(a, b) | Self::Mul(a, b) => [Some(a), Some(b)],
            Self::Neg(a)
            | Self::AddScalar(a, _)
            | Self::FromScalar(a, _)
            | Self::MulScalar(a, _)
            | Self::Halve(a, _)
            | Self::Cube(a, _)
            | Self::Assert(a) => [Some(a), None],
            Self::Load(_) | Self::AssertScalar(_) | Self::Nothing => [None, None],
        }
    }
}

/// Either a number known now, or a value of every row.
#[derive(Clone, Copy)]
enum Known<F> {
    Scalar(F),
    Vector(u32),
}
use Known::{Scalar, Vector};

struct Values<F> {
    all: Vec<Value<F>>,
    /// `2^-k` and `k`.
    halvings: HashMap<F, u32>,
}

impl<F: SmallField> Values<F> {
    fn new(program: &Program<F>, public_values: &[F]) -> Self {
        let shape = program.shape();
        // What was loaded before, by kind and index.
        let width = shape
            .width
            .max(shape.preprocessed_width)
            .max(shape.periodic.len())
            .max(3);
        let mut loaded: Vec<Option<Known<F>>> = vec![None; 6 * width];
        let halvings = (1..=F::TWO_ADICITY)
            .map(|k| (F::ONE.div_2exp(k), k))
            .collect();
        let mut slots = vec![Scalar(F::ZERO); program.slots()];
        let mut this = Self {
            all: Vec::new(),
            halvings,
        };
        for &instruction in program.instructions() {
            let mut read = |this: &mut Self, operand| {
                let (kind, index, source) = match operand {
                    Operand::Slot(slot) => return slots[slot as usize],
                    Operand::Public(i) => return Scalar(public_values[i as usize]),
                    Operand::Constant(i) => return Scalar(program.constants()[i as usize]),
                    Operand::Main(i) => (0, i as usize, Source::main(i, false)),
                    Operand::MainNext(i) => (1, i as usize, Source::main(i, true)),
                    Operand::Preprocessed(i) => (2, i as usize, Source::preprocessed(i, false)),
                    Operand::PreprocessedNext(i) => (3, i as usize, Source::preprocessed(i, true)),
                    Operand::Periodic(i) => (4, i as usize, Source::Periodic(i as usize)),
                    Operand::FirstRow => (5, 0, Source::FirstRow),
                    Operand::LastRow => (5, 1, Source::LastRow),
                    Operand::Transition => (5, 2, Source::Transition),
                };
                *loaded[kind * width + index].get_or_insert_with(|| this.push(Value::Load(source)))
            };
            let (slot, known) = match instruction {
                Instruction::Add(slot, a, b) => {
                    let (a, b) = (read(&mut this, a), read(&mut this, b));
                    (slot, this.add(a, b))
                }
                Instruction::Sub(slot, a, b) => {
                    let (a, b) = (read(&mut this, a), read(&mut this, b));
                    (slot, this.sub(a, b))
                }
                Instruction::Mul(slot, a, b) => {
                    let (a, b) = (read(&mut this, a), read(&mut this, b));
                    (slot, this.mul(a, b))
                }
                Instruction::Neg(slot, a) => {
                    let a = read(&mut this, a);
                    (slot, this.sub(Scalar(F::ZERO), a))
                }
                Instruction::Assert(a) => {
                    match read(&mut this, a) {
                        Scalar(value) => this.push(Value::AssertScalar(value)),
                        Vector(a) => this.push(Value::Assert(a)),
                    };
                    continue;
                }
            };
            slots[slot as usize] = known;
        }
        this
    }

    fn push(&mut self, value: Value<F>) -> Known<F> {
        self.all.push(value);
        Vector(self.all.len() as u32 - 1)
    }

    fn add(&mut self, a: Known<F>, b: Known<F>) -> Known<F> {
        match (a, b) {
            (Scalar(a), Scalar(b)) => Scalar(a + b),
            (Vector(a), Scalar(c)) | (Scalar(c), Vector(a)) => self.push(Value::AddScalar(a, c)),
            (Vector(a), Vector(b)) => self.push(Value::Add(a, b)),
        }
    }

    fn sub(&mut self, a: Known<F>, b: Known<F>) -> Known<F> {
        match (a, b) {
            (Scalar(a), Scalar(b)) => Scalar(a - b),
            (Vector(a), Scalar(c)) => self.push(Value::AddScalar(a, -c)),
            (Scalar(c), Vector(a)) if c.is_zero() => self.push(Value::Neg(a)),
            (Scalar(c), Vector(a)) => self.push(Value::FromScalar(a, c)),
            (Vector(a), Vector(b)) => self.push(Value::Sub(a, b)),
        }
    }

    fn mul(&mut self, a: Known<F>, b: Known<F>) -> Known<F> {
        let (a, c) = match (a, b) {
            (Scalar(a), Scalar(b)) => return Scalar(a * b),
            (Vector(a), Vector(b)) => return self.push(Value::Mul(a, b)),
            (Vector(a), Scalar(c)) | (Scalar(c), Vector(a)) => (a, c),
        };
        self.push(match self.halvings.get(&c) {
            _ if c == F::ONE.double() => Value::Add(a, a),
            _ if c == -F::ONE => Value::Neg(a),
            Some(&k) => Value::Halve(a, k),
            None => Value::MulScalar(a, c),
        })
    }

    fn readers(&self) -> Vec<u32> {
        let mut readers = vec![0; self.all.len()];
        for value in &self.all {
            for id in value.reads().into_iter().flatten() {
                readers[id as usize] += 1;
            }
        }
        readers
    }

    /// `x x x` becomes a cube where nothing else reads the square, and `x = y + c` its argument where
    /// nothing else reads that.
    fn replace_cubes(&mut self) {
        let readers = self.readers();
        for i in 0..self.all.len() {
            let Value::Mul(a, b) = self.all[i] else {
                continue;
            };
            let is_square_of = |square: u32, x: u32| {
                matches!(self.all[square as usize], Value::Mul(p, q) if p == x && q == x)
                    && readers[square as usize] == 1
            };
            let (square, x) = match () {
                _ if is_square_of(a, b) => (a, b),
                _ if is_square_of(b, a) => (b, a),
                _ => continue,
            };
            self.all[square as usize] = Value::Nothing;
            self.all[i] = match self.all[x as usize] {
                Value::AddScalar(y, c) if readers[x as usize] == 3 => {
                    self.all[x as usize] = Value::Nothing;
                    Value::Cube(y, c)
                }
                _ => Value::Cube(x, F::ZERO),
            };
        }
    }

    /// Drops what no constraint needs: a program may have that.
    fn drop_unread(&mut self) {
        let mut readers = self.readers();
        for i in (0..self.all.len()).rev() {
            let asserted = matches!(self.all[i], Value::Assert(_) | Value::AssertScalar(_));
            if readers[i] == 0 && !asserted {
                for id in self.all[i].reads().into_iter().flatten() {
                    readers[id as usize] -= 1;
                }
                self.all[i] = Value::Nothing;
            }
        }
    }

    /// Gives every value a slot from its computation to its last reader.
    fn allocate(&self) -> Tape<F> {
        let mut readers = self.readers();
        let mut slot_of = vec![u32::MAX; self.all.len()];
        let mut free = Vec::new();
        let mut slots = COLLECTED as u32;
        let mut steps: Vec<Step<F>> = Vec::with_capacity(self.all.len());
        let mut asserted = 0;
        for (i, value) in self.all.iter().enumerate() {
            let mut read = |id: u32| {
                let left = &mut readers[id as usize];
                *left -= 1;
                if *left == 0 {
                    free.push(slot_of[id as usize]);
                }
                slot_of[id as usize]
            };
            let [a, b] = value.reads().map(|id| id.map_or(0, &mut read));
            match *value {
                Value::Nothing => continue,
                Value::Assert(id) => {
                    let to = (asserted % COLLECTED) as u32;
                    // What was just computed for this only goes to its place right away.
                    let fresh = id as usize + 1 == i && readers[id as usize] == 0;
                    match steps.last_mut() {
                        Some(step) if fresh => step.retarget(to),
                        _ => steps.push(Step::Copy(to, a)),
                    }
                }
                Value::AssertScalar(c) => {
                    steps.push(Step::Fill((asserted % COLLECTED) as u32, c));
                }
                _ => {
                    let to = free.pop().unwrap_or_else(|| {
                        slots += 1;
                        slots - 1
                    });
                    slot_of[i] = to;
                    steps.push(match *value {
                        Value::Load(source) => Step::Load(to, source),
                        Value::Add(..) => Step::Add(to, a, b),
                        Value::Sub(..) => Step::Sub(to, a, b),
                        Value::Mul(..) => Step::Mul(to, a, b),
                        Value::Neg(_) => Step::Neg(to, a),
                        Value::AddScalar(_, c) => Step::AddScalar(to, a, c),
                        Value::FromScalar(_, c) => Step::FromScalar(to, a, c),
                        Value::MulScalar(_, c) => Step::MulScalar(to, a, c),
                        Value::Halve(_, k) => Step::Halve(to, a, k),
                        Value::Cube(_, c) => Step::Cube(to, a, c),
                        Value::Assert(_) | Value::AssertScalar(_) | Value::Nothing => {
                            unreachable!("handled above")
                        }
                    });
                    continue;
                }
            }
            asserted += 1;
            if asserted % COLLECTED == 0 {
                steps.push(Step::Fold(asserted - COLLECTED, COLLECTED));
            }
        }
        let rest = asserted % COLLECTED;
        if rest > 0 {
            steps.push(Step::Fold(asserted - rest, rest));
        }
        let loads = steps.iter().filter_map(|step| match step {
            Step::Load(_, source) => Some(*source),
            _ => None,
        });
        let loads: Vec<Source> = loads.collect();
        let boundary = |source: &Source| matches!(source, Source::FirstRow | Source::LastRow);
        Tape {
            boundaries: loads.iter().any(boundary),
            loads,
            steps,
            slots: slots as usize,
        }
    }
}

impl<F> Step<F> {
    fn retarget(&mut self, slot: u32) {
        match self {
            Self::Load(to, _)
            | Self::Fill(to, _)
            | Self::Copy(to, _)
            | Self::Add(to, ..)
            | Self::Sub(to, ..)
            | Self::Mul(to, ..)
            | Self::Neg(to, _)
            | Self::AddScalar(to, ..)
            | Self::FromScalar(to, ..)
            | Self::MulScalar(to, ..)
            | Self::Halve(to, ..)
            | Self::Cube(to, ..) => *to = slot,
            Self::Fold(..) => unreachable!("a fold computes no value"),
        }
    }
}
