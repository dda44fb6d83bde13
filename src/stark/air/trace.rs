//! Whether a trace satisfies its constraints, row by row.

use rayon::prelude::*;

use super::{Operand, Program};
use crate::field::small::SmallField;
use crate::poly::Columns;
use crate::{Error, Result};

impl<F: SmallField> Program<F> {
    /// Checks every constraint in every row of a trace. Parallel.
    ///
    /// # Errors
    /// [`Error::Unsatisfied`] names a row and the first constraint that does not hold there;
    /// [`Error::Argument`] for columns, rows or public values of other numbers than the shape's.
    pub fn check_trace(
        &self,
        trace: &Columns<F>,
        preprocessed: Option<&Columns<F>>,
        public_values: &[F],
    ) -> Result<()> {
        let height = trace.height();
        self.check_lengths(trace, preprocessed, public_values, height)?;
        let failed = (0..height).into_par_iter().find_map_any(|row| {
            let next = (row + 1) % height;
            let at = |columns: &Columns<F>, column: u32, row: usize| {
                columns.values()[column as usize * columns.height() + row]
            };
            let fixed = |column, row| preprocessed.map_or(F::ZERO, |p| at(p, column, row));
            let flag = |set: bool| if set { F::ONE } else { F::ZERO };
            let (mut count, mut failed) = (0, None);
            self.run(
                |operand| match operand {
                    Operand::Slot(_) => unreachable!("slots are the program's own"),
                    Operand::Main(i) => at(trace, i, row),
                    Operand::MainNext(i) => at(trace, i, next),
                    Operand::Preprocessed(i) => fixed(i, row),
                    Operand::PreprocessedNext(i) => fixed(i, next),
                    Operand::Periodic(i) => {
                        let period = &self.shape.periodic[i as usize];
                        period[row % period.len()]
                    }
                    Operand::Public(i) => public_values[i as usize],
                    Operand::Constant(i) => self.constants[i as usize],
                    Operand::FirstRow => flag(row == 0),
                    Operand::LastRow => flag(row + 1 == height),
                    Operand::Transition => flag(row + 1 != height),
                },
                |constraint| {
                    if !constraint.is_zero() {
                        failed.get_or_insert(count);
                    }
                    count += 1;
                },
            );
            failed.map(|constraint| (row, constraint))
        });
        match failed {
            None => Ok(()),
            Some((row, constraint)) => Err(Error::Unsatisfied(format!(
                "constraint {constraint} does not hold in row {row}"
            ))),
        }
    }

    /// That the matrices and values are what the shape says, and of `height` rows, a power of two not
    /// shorter than any period.
    pub(in crate::stark) fn check_lengths(
        &self,
        main: &Columns<F>,
        preprocessed: Option<&Columns<F>>,
        public_values: &[F],
        height: usize,
    ) -> Result<()> {
        let shape = &self.shape;
        let longest = shape.periodic.iter().map(Vec::len).max().unwrap_or(1);
        if !height.is_power_of_two() || height < longest {
            return Err(Error::Argument(format!(
                "a trace of {height} rows, which must be a power of two and {longest} at least"
            )));
        }
        let matrices = [
            ("the trace", Some(main), shape.width),
            (
                "the preprocessed columns",
                preprocessed,
                shape.preprocessed_width,
            ),
        ];
        for (what, matrix, width) in matrices {
            let (columns, rows) = matrix.map_or((0, main.height()), |m| (m.width(), m.height()));
            if columns != width || rows != main.height() {
                return Err(Error::Argument(format!(
                    "{what}: {columns} columns of {rows} rows, not {width} of {}",
                    main.height()
                )));
            }
        }
        if public_values.len() != shape.public_values {
            return Err(Error::PublicInputs(format!(
                "{} public values, not {}",
                public_values.len(),
                shape.public_values
            )));
        }
        Ok(())
    }
}
