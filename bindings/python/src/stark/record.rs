//! Constraints as Python recorded them: steps, which are replayed into the library's own language.
//!
//! So there is one language: folding of constants, degrees and the order of the program are the library's.

use zkiln::field::small::SmallField;
use zkiln::stark::air::{Air, Builder, Expr, Program, Shape};
use zkiln::{Error, Result};

/// A step: what it is, and what it takes. A value is called by the number of its step.
pub(super) type Step = (u8, u64, u64);

// The same numbers are in `stark.py`.
const CONSTANT: u8 = 0;
const MAIN: u8 = 1;
const NEXT: u8 = 2;
const PREPROCESSED: u8 = 3;
const PREPROCESSED_NEXT: u8 = 4;
const PERIODIC: u8 = 5;
const PUBLIC: u8 = 6;
const FIRST_ROW: u8 = 7;
const LAST_ROW: u8 = 8;
const TRANSITION: u8 = 9;
const ADD: u8 = 10;
const SUB: u8 = 11;
const MUL: u8 = 12;
const NEG: u8 = 13;
const ASSERT: u8 = 14;

/// An AIR that was recorded.
struct Record<F> {
    shape: Shape<F>,
    steps: Vec<Step>,
}

/// The program of recorded steps.
///
/// # Errors
/// [`Error::Argument`] for steps that are none, and those of [`Program::new`].
pub(super) fn program<F: SmallField>(shape: Shape<F>, steps: Vec<Step>) -> Result<Program<F>> {
    for (number, &(kind, left, right)) in steps.iter().enumerate() {
        let before = |value: u64| value < number as u64;
        let is_step = match kind {
            CONSTANT => left < F::MODULUS,
            MAIN..=TRANSITION => true,
            ADD | SUB | MUL => before(left) && before(right),
            NEG | ASSERT => before(left),
            _ => false,
        };
        if !is_step {
            return Err(Error::Argument(format!(
                "an AIR: step {number} of the record, ({kind}, {left}, {right}), is none"
            )));
        }
    }
    Program::new(&Record { shape, steps })
}

impl<F: SmallField> Air<F> for Record<F> {
    fn shape(&self) -> Shape<F> {
        self.shape.clone()
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let mut values: Vec<Expr<'a, F>> = Vec::with_capacity(self.steps.len());
        for &(kind, left, right) in &self.steps {
            let (l, r) = (left as usize, right as usize);
            values.push(match kind {
                MAIN => builder.main(l),
                NEXT => builder.next(l),
                PREPROCESSED => builder.preprocessed(l),
                PREPROCESSED_NEXT => builder.preprocessed_next(l),
                PERIODIC => builder.periodic(l),
                PUBLIC => builder.public(l),
                FIRST_ROW => builder.is_first_row(),
                LAST_ROW => builder.is_last_row(),
                TRANSITION => builder.is_transition(),
                ADD => values[l] + values[r],
                SUB => values[l] - values[r],
                MUL => values[l] * values[r],
                NEG => -values[l],
                ASSERT => {
                    builder.assert_zero(values[l]);
                    values[l] // has the step's number, and no meaning
                }
                // Steps were checked: what is left is CONSTANT.
                _ => builder.constant(left),
            });
        }
    }
}
