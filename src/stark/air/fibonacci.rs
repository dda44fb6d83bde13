//! The smallest AIR that uses everything.

use super::{Air, Builder, Shape};
use crate::field::small::SmallField;
use crate::poly::Columns;
use crate::{Error, Result};

/// Fibonacci's numbers: two columns `(x, y)`, the next row `(y, x + y)`; public are `x` and `y` of the
/// first row and `y` of the last. The AIR of Plonky3's `fib_air` test.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fibonacci;

impl Fibonacci {
    /// The trace of `2^log_height` rows from `(first, second)`, and the public values.
    ///
    /// # Errors
    /// [`Error::Argument`] for a height beyond the field's subgroups.
    pub fn trace<F: SmallField>(
        &self,
        first: F,
        second: F,
        log_height: u32,
    ) -> Result<(Columns<F>, [F; 3])> {
        if log_height > F::TWO_ADICITY {
            return Err(Error::Argument(format!(
                "the field has no subgroup of 2^{log_height} elements"
            )));
        }
        let height = 1usize << log_height;
        let mut values = vec![F::ZERO; 2 * height];
        let (mut x, mut y) = (first, second);
        let mut last = second;
        for row in 0..height {
            (values[row], values[height + row]) = (x, y);
            last = y;
            (x, y) = (y, x + y);
        }
        Ok((Columns::new(values, height)?, [first, second, last]))
    }
}

impl<F: SmallField> Air<F> for Fibonacci {
    fn shape(&self) -> Shape<F> {
        Shape {
            width: 2,
            next_row: true,
            public_values: 3,
            ..Shape::default()
        }
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let (x, y) = (builder.main(0), builder.main(1));
        let (next_x, next_y) = (builder.next(0), builder.next(1));
        let [first, second, last] = [0, 1, 2].map(|i| builder.public(i));
        builder
            .when(builder.is_first_row())
            .assert_eq(x, first)
            .assert_eq(y, second);
        builder
            .when(builder.is_transition())
            .assert_eq(y, next_x)
            .assert_eq(x + y, next_y);
        builder.when(builder.is_last_row()).assert_eq(y, last);
    }
}
