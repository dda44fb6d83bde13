//! Small AIRs of all kinds, as Plonky3 writes them, with traces.
#![allow(dead_code)] // not every test uses all

pub(crate) mod judge;
pub(crate) mod mutations;

use std::borrow::Cow;

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::{PrimeCharacteristicRing, PrimeField64};
use p3_matrix::dense::RowMajorMatrix;
use zkiln::stark::{Dialect, Parameters};

/// A trace and its public values.
pub(crate) type Trace<F> = (RowMajorMatrix<F>, Vec<F>);

/// Fibonacci's sequence, two numbers a row; the first two and the last are public.
pub(crate) struct Fibonacci;

impl<F> BaseAir<F> for Fibonacci {
    fn width(&self) -> usize {
        2
    }
    fn num_public_values(&self) -> usize {
        3
    }
}

impl<AB: AirBuilder> Air<AB> for Fibonacci {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let publics = builder.public_values();
        let (a, b, last) = (publics[0], publics[1], publics[2]);
        let (left, right) = (main.current(0).unwrap(), main.current(1).unwrap());
        builder.when_first_row().assert_eq(left, a.into());
        builder.when_first_row().assert_eq(right, b.into());
        let mut transition = builder.when_transition();
        transition.assert_eq(right, main.next(0).unwrap());
        transition.assert_eq(left + right, main.next(1).unwrap());
        builder.when_last_row().assert_eq(right, last.into());
    }
}

impl Fibonacci {
    pub(crate) fn trace<F: PrimeField64>(log_height: usize) -> Trace<F> {
        let (mut a, mut b) = (F::from_u64(3), F::from_u64(5));
        let mut values = vec![];
        for _ in 0..1 << log_height {
            values.extend([a, b]);
            (a, b) = (b, a + b);
        }
        let last = values[values.len() - 1];
        let publics = vec![values[0], values[1], last];
        (RowMajorMatrix::new(values, 2), publics)
    }
}

/// The second column is the square of the first: no constraint reads a next row.
pub(crate) struct Square;

impl<F> BaseAir<F> for Square {
    fn width(&self) -> usize {
        2
    }
    fn main_next_row_columns(&self) -> Vec<usize> {
        vec![]
    }
}

impl<AB: AirBuilder> Air<AB> for Square {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let (a, b) = (main.current(0).unwrap(), main.current(1).unwrap());
        builder.assert_eq(a * a, b);
    }
}

impl Square {
    pub(crate) fn trace<F: PrimeField64>(log_height: usize) -> Trace<F> {
        let row = |i: u64| [F::from_u64(i), F::from_u64(i * i)];
        let values = (1..=1 << log_height).flat_map(row).collect();
        (RowMajorMatrix::new(values, 2), vec![])
    }
}

/// `x` becomes `x^d + x + 1` from row to row: the quotient has the power of two from `d - 1` on as chunks.
pub(crate) struct Power(pub(crate) u64);

impl<F> BaseAir<F> for Power {
    fn width(&self) -> usize {
        1
    }
    fn num_public_values(&self) -> usize {
        1
    }
}

impl<AB: AirBuilder> Air<AB> for Power {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let first = builder.public_values()[0];
        let x: AB::Expr = main.current(0).unwrap().into();
        builder.when_first_row().assert_eq(x.clone(), first.into());
        builder
            .when_transition()
            .assert_eq(x.exp_u64(self.0) + x + AB::Expr::ONE, main.next(0).unwrap());
    }
}

impl Power {
    pub(crate) fn trace<F: PrimeField64>(&self, log_height: usize) -> Trace<F> {
        let mut x = F::from_u64(9);
        let mut next = || {
            let now = x;
            x = x.exp_u64(self.0) + x + F::ONE;
            now
        };
        let values: Vec<F> = (0..1 << log_height).map(|_| next()).collect();
        let publics = vec![values[0]];
        (RowMajorMatrix::new(values, 1), publics)
    }
}

/// Preprocessed and periodic columns, public values and all selectors. The next preprocessed row is read
/// if asked for.
pub(crate) struct Mixed<F> {
    log_height: usize,
    next: bool,
    periodic: Vec<Vec<F>>,
}

impl<F: PrimeField64> Mixed<F> {
    pub(crate) fn new(log_height: usize, next: bool) -> Self {
        let column = |period: u64| (0..period).map(|i| F::from_u64(i * i + 3)).collect();
        Self {
            log_height,
            next,
            periodic: vec![column(4), column(1), column(8)],
        }
    }

    /// `[i^3, 2 i + 1]`.
    fn preprocessed(&self, row: u64) -> [F; 2] {
        [F::from_u64(row).exp_u64(3), F::from_u64(2 * row + 1)]
    }

    pub(crate) fn trace(&self) -> Trace<F> {
        let height = 1u64 << self.log_height;
        let publics = vec![F::from_u64(17), F::from_u64(19)];
        let (mut a, mut c) = (publics[0], F::TWO);
        let mut values = vec![];
        for row in 0..height {
            let [cube, odd] = self.preprocessed(row);
            let periodic = |i: usize| self.periodic[i][row as usize % self.periodic[i].len()];
            let last = if row + 1 == height {
                publics[1]
            } else {
                F::ZERO
            };
            let b = a * periodic(0) + odd + last;
            values.extend([a, b, c]);
            a = a + cube * periodic(2) - periodic(1);
            c = match self.next {
                true => c + self.preprocessed((row + 1) % height)[0],
                false => c + cube,
            };
        }
        (RowMajorMatrix::new(values, 3), publics)
    }
}

impl<F: PrimeField64> BaseAir<F> for Mixed<F> {
    fn width(&self) -> usize {
        3
    }
    fn preprocessed_width(&self) -> usize {
        2
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        let rows = (0..1 << self.log_height).flat_map(|row| self.preprocessed(row));
        Some(RowMajorMatrix::new(rows.collect(), 2))
    }
    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        (0..1).filter(|_| self.next).collect()
    }
    fn num_periodic_columns(&self) -> usize {
        self.periodic.len()
    }
    fn periodic_columns(&self) -> Cow<'_, [Vec<F>]> {
        Cow::Borrowed(&self.periodic)
    }
    fn num_public_values(&self) -> usize {
        2
    }
}

impl<AB: AirBuilder<F: PrimeField64>> Air<AB> for Mixed<AB::F> {
    fn eval(&self, builder: &mut AB) {
        let (main, preprocessed) = (builder.main(), builder.preprocessed().clone());
        let first: AB::Expr = builder.public_values()[0].into();
        let last: AB::Expr = builder.public_values()[1].into();
        let periodic: Vec<AB::Expr> = builder
            .periodic_values()
            .iter()
            .map(|&p| p.into())
            .collect();
        let [a, b, c] = [0, 1, 2].map(|i| -> AB::Expr { main.current(i).unwrap().into() });
        let [cube, odd] = [0, 1].map(|i| -> AB::Expr { preprocessed.current(i).unwrap().into() });
        builder.when_first_row().assert_eq(a.clone(), first);
        let b_less = b - a.clone() * periodic[0].clone() - odd;
        builder.when_last_row().assert_eq(b_less.clone(), last);
        builder.when_transition().assert_zero(b_less);
        let mut transition = builder.when_transition();
        transition.assert_eq(
            a + cube.clone() * periodic[2].clone() - periodic[1].clone(),
            main.next(0).unwrap(),
        );
        let step = match self.next {
            true => preprocessed.next(0).unwrap().into(),
            false => cube,
        };
        transition.assert_eq(c + step, main.next(2).unwrap());
    }
}

/// One of the above: a single type, for every type takes a prover and a verifier of its own to compile.
pub(crate) enum Small<F> {
    Fibonacci,
    Square,
    Power(Power),
    Mixed(Mixed<F>),
}

/// All small AIRs for traces of a height.
pub(crate) fn small<F: PrimeField64>(log_height: usize) -> Vec<Small<F>> {
    vec![
        Small::Fibonacci,
        Small::Square,
        Small::Power(Power(2)),
        Small::Power(Power(3)),
        Small::Power(Power(5)),
        Small::Mixed(Mixed::new(log_height, false)),
        Small::Mixed(Mixed::new(log_height, true)),
    ]
}

impl<F: PrimeField64> Small<F> {
    pub(crate) fn trace(&self, log_height: usize) -> Trace<F> {
        match self {
            Self::Fibonacci => Fibonacci::trace(log_height),
            Self::Square => Square::trace(log_height),
            Self::Power(air) => air.trace(log_height),
            Self::Mixed(air) => air.trace(),
        }
    }

    /// The binary logarithm of the number of chunks of the quotient.
    pub(crate) fn log_chunks(&self) -> u32 {
        match self {
            Self::Power(Power(5)) => 2,
            Self::Power(Power(3)) => 1,
            _ => 0,
        }
    }

    fn air(&self) -> &dyn BaseAir<F> {
        match self {
            Self::Fibonacci => &Fibonacci,
            Self::Square => &Square,
            Self::Power(air) => air,
            Self::Mixed(air) => air,
        }
    }
}

impl<F: PrimeField64> BaseAir<F> for Small<F> {
    fn width(&self) -> usize {
        self.air().width()
    }
    fn preprocessed_width(&self) -> usize {
        self.air().preprocessed_width()
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.air().preprocessed_trace()
    }
    fn main_next_row_columns(&self) -> Vec<usize> {
        self.air().main_next_row_columns()
    }
    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        self.air().preprocessed_next_row_columns()
    }
    fn num_periodic_columns(&self) -> usize {
        self.air().num_periodic_columns()
    }
    fn periodic_columns(&self) -> Cow<'_, [Vec<F>]> {
        self.air().periodic_columns()
    }
    fn num_public_values(&self) -> usize {
        self.air().num_public_values()
    }
}

impl<AB: AirBuilder<F: PrimeField64>> Air<AB> for Small<AB::F> {
    fn eval(&self, builder: &mut AB) {
        match self {
            Self::Fibonacci => Fibonacci.eval(builder),
            Self::Square => Square.eval(builder),
            Self::Power(air) => air.eval(builder),
            Self::Mixed(air) => air.eval(builder),
        }
    }
}

/// The bytes of Plonky3's proofs.
pub(crate) fn bytes<T: serde::Serialize>(proof: &T) -> Vec<u8> {
    postcard::to_allocvec(proof).unwrap()
}

/// Parameters without work, of all kinds.
pub(crate) fn parameters() -> Vec<Parameters> {
    let with = |log_blowup, log_final_poly_len, max_log_arity, queries, cap_height| Parameters {
        dialect: Dialect::P3v0_8,
        log_blowup,
        log_final_poly_len,
        max_log_arity,
        queries,
        batch_grinding: 0,
        commit_grinding: 0,
        query_grinding: 0,
        ood_grinding: 0,
        cap_height,
    };
    vec![
        with(1, 0, 1, 5, 0),
        with(2, 0, 2, 7, 1),
        with(3, 1, 3, 4, 2),
        with(2, 2, 3, 6, 3),
    ]
}

/// Parameters with work everywhere.
pub(crate) fn grinding() -> Parameters {
    Parameters {
        batch_grinding: 3,
        commit_grinding: 2,
        query_grinding: 5,
        ood_grinding: 4,
        ..parameters()[1]
    }
}
