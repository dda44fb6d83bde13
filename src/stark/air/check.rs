//! What every program is checked for, wherever it comes from; and degrees.

use core::ops::{Add, Mul, Neg, Sub};

use super::program::{MAX_COLUMNS, MAX_DEGREE, MAX_INSTRUCTIONS};
use super::{Instruction, Operand, Program, Shape};
use crate::error::Fault;
use crate::field::small::SmallField;

/// The part of a program that is wrong, the class of the fault, and the fault in words.
pub(super) type Objection = (String, Fault, String);

/// A program of these parts, if it is one.
pub(super) fn checked<F: SmallField>(
    shape: Shape<F>,
    constants: Vec<F>,
    instructions: Vec<Instruction>,
    slots: usize,
) -> Result<Program<F>, Objection> {
    check_shape(&shape)?;
    for (what, len) in [
        ("constants", constants.len()),
        ("instructions", instructions.len()),
    ] {
        if len > MAX_INSTRUCTIONS {
            let reason = format!("{len}, and at most {MAX_INSTRUCTIONS} are allowed");
            return Err((what.into(), Fault::Count, reason));
        }
    }
    if slots > instructions.len() {
        let reason = format!("{slots} for {} instructions", instructions.len());
        return Err(("slots".into(), Fault::Count, reason));
    }
    let mut walk = Walk {
        shape: &shape,
        constants: constants.len(),
        degrees: vec![None; slots],
    };
    let (mut degree, mut constraints) = (0, 0);
    for (i, &instruction) in instructions.iter().enumerate() {
        let asserted = walk
            .step(instruction)
            .map_err(|(fault, reason)| (format!("instruction {i}"), fault, reason))?;
        if let Some(asserted) = asserted {
            degree = degree.max(asserted);
            constraints += 1;
        }
    }
    Ok(Program {
        degree: shape.least_degree.max(degree as usize),
        shape,
        constants,
        instructions,
        slots,
        constraints,
    })
}

fn check_shape<F: SmallField>(shape: &Shape<F>) -> Result<(), Objection> {
    let counts = [
        ("columns", shape.width),
        ("preprocessed columns", shape.preprocessed_width),
        ("periodic columns", shape.periodic.len()),
        ("public values", shape.public_values),
    ];
    for (what, count) in counts {
        if count > MAX_COLUMNS {
            let reason = format!("{count} {what}, and at most {MAX_COLUMNS} are allowed");
            return Err(("shape".into(), Fault::Count, reason));
        }
    }
    if shape.width == 0 {
        return Err(("shape".into(), Fault::Count, "a trace of no columns".into()));
    }
    if shape.least_degree > MAX_DEGREE as usize {
        let reason = format!(
            "the least degree {} exceeds {MAX_DEGREE}",
            shape.least_degree
        );
        return Err(("shape".into(), Fault::Count, reason));
    }
    for (i, period) in shape.periodic.iter().enumerate() {
        if !period.len().is_power_of_two() || period.len().ilog2() > F::TWO_ADICITY {
            let reason = format!(
                "periodic column {i} has a period of {}, which is no power of two up to 2^{}",
                period.len(),
                F::TWO_ADICITY
            );
            return Err(("shape".into(), Fault::Domain, reason));
        }
    }
    Ok(())
}

/// The state in the middle of a program: what is in the slots, by degree.
struct Walk<'a, F> {
    shape: &'a Shape<F>,
    constants: usize,
    degrees: Vec<Option<u32>>,
}

impl<F: SmallField> Walk<'_, F> {
    /// The degree of a constraint, for that of an assertion.
    fn step(&mut self, instruction: Instruction) -> Result<Option<u32>, (Fault, String)> {
        let (slot, degree) = match instruction {
            Instruction::Add(slot, a, b) | Instruction::Sub(slot, a, b) => {
                (slot, self.degree(a)?.max(self.degree(b)?))
            }
            Instruction::Mul(slot, a, b) => (slot, self.degree(a)? + self.degree(b)?),
            Instruction::Neg(slot, a) => (slot, self.degree(a)?),
            Instruction::Assert(a) => return Ok(Some(self.degree(a)?)),
        };
        if degree > MAX_DEGREE {
            let reason = format!("the degree {degree} exceeds {MAX_DEGREE}");
            return Err((Fault::Value, reason));
        }
        let slots = self.degrees.len();
        match self.degrees.get_mut(slot as usize) {
            Some(place) => *place = Some(degree),
            None => return Err((Fault::Index, format!("slot {slot} of {slots} is written"))),
        }
        Ok(None)
    }

    fn degree(&self, operand: Operand) -> Result<u32, (Fault, String)> {
        let shape = self.shape;
        let (what, index, len, degree) = match operand {
            Operand::Slot(slot) => match self.degrees.get(slot as usize) {
                Some(&Some(degree)) => return Ok(degree),
                _ => {
                    let reason = format!("slot {slot} is read before it is written");
                    return Err((Fault::Index, reason));
                }
            },
            Operand::Main(i) => ("column", i, shape.width, 1),
            Operand::MainNext(i) => {
                let len = if shape.next_row { shape.width } else { 0 };
                ("column in the next row", i, len, 1)
            }
            Operand::Preprocessed(i) => ("preprocessed column", i, shape.preprocessed_width, 1),
            Operand::PreprocessedNext(i) => {
                let next = shape.preprocessed_next_row;
                let len = if next { shape.preprocessed_width } else { 0 };
                ("preprocessed column in the next row", i, len, 1)
            }
            Operand::Periodic(i) => ("periodic column", i, shape.periodic.len(), 1),
            Operand::Public(i) => ("public value", i, shape.public_values, 0),
            Operand::Constant(i) => ("constant", i, self.constants, 0),
            Operand::FirstRow | Operand::LastRow => return Ok(1),
            Operand::Transition => return Ok(0),
        };
        if index as usize >= len {
            return Err((Fault::Index, format!("{what} {index} of {len} is read")));
        }
        Ok(degree)
    }
}

impl<F: SmallField> Program<F> {
    /// `log2` of the number of polynomials that the quotient is split into for a trace of `2^log_height`
    /// rows: of the power of two not below the degree less one, where a periodic column counts as much
    /// less than one as its period is shorter than the trace. The rule of Plonky3 0.8.
    pub fn log_quotient_chunks(&self, log_height: u32) -> u32 {
        let degree = match self.shape.periodic.is_empty() {
            true => self.degree as u64,
            false => self.degree_at(log_height),
        };
        (degree.clamp(2, 1 << 32) - 1).next_power_of_two().ilog2()
    }

    /// The degree of the constraints as polynomials, in multiples of that of a column.
    fn degree_at(&self, log_height: u32) -> u64 {
        let height = 1u64 << log_height.min(40);
        let mut degree = 0;
        self.run(
            |operand| {
                Degree(match operand {
                    Operand::Public(_) | Operand::Constant(_) => 0,
                    Operand::Transition => 1,
                    Operand::Periodic(i) => {
                        let period = self.shape.periodic[i as usize].len() as u64;
                        height - height / period.min(height)
                    }
                    _ => height - 1,
                })
            },
            |constraint| degree = degree.max(constraint.0),
        );
        // The selector of transitions, of degree one, is not counted.
        let multiple = degree.saturating_sub(1).div_ceil((height - 1).max(1));
        multiple.max(self.shape.least_degree as u64)
    }
}

/// The degree of a polynomial in one variable. Operations take it to the degree of their result.
#[derive(Clone, Copy)]
struct Degree(u64);

impl Add for Degree {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}
impl Sub for Degree {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}
impl Mul for Degree {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Neg for Degree {
    type Output = Self;
    fn neg(self) -> Self {
        self
    }
}
