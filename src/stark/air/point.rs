//! Constraints at one point outside the domain: the verifier's use of a program.

use super::{Operand, Program};
use crate::field::Field;
use crate::field::small::{ExtensionField, SmallField};
use crate::ntt::Natural;
use crate::ntt::columns::ColumnNtt;
use crate::{Error, Result};

/// The values at a point of what constraints read.
#[derive(Clone, Copy, Debug)]
pub struct PointRow<'a, E: ExtensionField> {
    /// The columns of the trace.
    pub main: &'a [E],
    /// The columns of the trace in the next row; nothing if the shape does not have it.
    pub main_next: &'a [E],
    /// The preprocessed columns.
    pub preprocessed: &'a [E],
    /// The preprocessed columns in the next row; nothing if the shape does not have it.
    pub preprocessed_next: &'a [E],
    /// The periodic columns: see [`Program::periodic_at`].
    pub periodic: &'a [E],
    /// The public values.
    pub public_values: &'a [E::Base],
    /// The selectors.
    pub selectors: Selectors<E>,
}

/// The selectors at a point `x`, for a trace of `n` rows on the subgroup that `h` generates. They are
/// not normalised, just as Plonky3's are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selectors<E> {
    /// `(x^n - 1) / (x - 1)`.
    pub is_first_row: E,
    /// `(x^n - 1) / (x - 1 / h)`.
    pub is_last_row: E,
    /// `x - 1 / h`.
    pub is_transition: E,
    /// `1 / (x^n - 1)`.
    pub inverse_vanishing: E,
}

impl<E: ExtensionField> Selectors<E> {
    /// The selectors at `point` for a trace of `2^log_height` rows. `None` if the point is in the
    /// trace's domain, or the field has no such domain.
    pub fn at(point: E, log_height: u32) -> Option<Self> {
        let last = E::from(E::Base::root_of_unity(log_height)?.inverse()?);
        let vanishing = (0..log_height).fold(point, |x, _| x.square()) - E::ONE;
        Some(Self {
            is_first_row: vanishing * (point - E::ONE).inverse()?,
            is_last_row: vanishing * (point - last).inverse()?,
            is_transition: point - last,
            inverse_vanishing: vanishing.inverse()?,
        })
    }
}

impl<F: SmallField> Program<F> {
    /// All constraints at a point as one: `sum alpha^(k - 1 - i) c_i` for the `k` constraints `c_i` in
    /// order, by Horner's rule. As many multiplications in the extension as the program has, and one
    /// for each constraint.
    ///
    /// # Errors
    /// [`Error::Argument`] for another number of values than the shape's.
    pub fn fold_at<E: ExtensionField<Base = F>>(
        &self,
        row: &PointRow<'_, E>,
        alpha: E,
    ) -> Result<E> {
        let shape = self.shape();
        let optional = |there: bool, width: usize| if there { width } else { 0 };
        let lengths = [
            ("columns", row.main.len(), shape.width),
            (
                "columns in the next row",
                row.main_next.len(),
                optional(shape.next_row, shape.width),
            ),
            (
                "preprocessed columns",
                row.preprocessed.len(),
                shape.preprocessed_width,
            ),
            (
                "preprocessed columns in the next row",
                row.preprocessed_next.len(),
                optional(shape.preprocessed_next_row, shape.preprocessed_width),
            ),
            ("periodic columns", row.periodic.len(), shape.periodic.len()),
            (
                "public values",
                row.public_values.len(),
                shape.public_values,
            ),
        ];
        for (what, len, expected) in lengths {
            if len != expected {
                return Err(Error::Argument(format!(
                    "values of {len} {what} at a point, not of {expected}"
                )));
            }
        }
        let mut sum = E::ZERO;
        self.run(
            |operand| match operand {
                Operand::Slot(_) => unreachable!("slots are the program's own"),
                Operand::Main(i) => row.main[i as usize],
                Operand::MainNext(i) => row.main_next[i as usize],
                Operand::Preprocessed(i) => row.preprocessed[i as usize],
                Operand::PreprocessedNext(i) => row.preprocessed_next[i as usize],
                Operand::Periodic(i) => row.periodic[i as usize],
                Operand::Public(i) => E::from(row.public_values[i as usize]),
                Operand::Constant(i) => E::from(self.constants[i as usize]),
                Operand::FirstRow => row.selectors.is_first_row,
                Operand::LastRow => row.selectors.is_last_row,
                Operand::Transition => row.selectors.is_transition,
            },
            |constraint| sum = sum * alpha + constraint,
        );
        Ok(sum)
    }

    /// The periodic columns at a point, for a trace of `2^log_height` rows: the polynomial of a period
    /// `p` at `point^(n / p)`. `p log p` operations in the field and `p` in the extension for each.
    ///
    /// # Errors
    /// [`Error::Argument`] if a period is longer than the trace.
    pub fn periodic_at<E: ExtensionField<Base = F>>(
        &self,
        log_height: u32,
        point: E,
    ) -> Result<Vec<E>> {
        let evaluate = |period: &Vec<F>| {
            let log_period = period.len().ilog2();
            let Some(squarings) = log_height.checked_sub(log_period) else {
                return Err(Error::Argument(format!(
                    "a period of 2^{log_period} in a trace of 2^{log_height} rows"
                )));
            };
            let mut coefficients = period.clone();
            ColumnNtt::new(log_period)?.inverse::<Natural, Natural>(&mut coefficients)?;
            let x = (0..squarings).fold(point, |x, _| x.square());
            let horner = |sum: E, &c: &F| sum * x + E::from(c);
            Ok(coefficients.iter().rev().fold(E::ZERO, horner))
        };
        self.shape().periodic.iter().map(evaluate).collect()
    }
}
