//! Every engine against the constraints at a point.

use super::*;
use crate::field::small::{BabyBear, Goldilocks, KoalaBear};
use crate::ntt::BitReversed;
use crate::ntt::columns::ColumnNtt;
use crate::stark::air::{Air, Builder, PointRow, Selectors, Shape};

/// Reads everything there is.
struct Everything(usize);

impl<F: SmallField> Air<F> for Everything {
    fn shape(&self) -> Shape<F> {
        let period = |len: u64| (0..len).map(|i| F::from(i * i + 7)).collect();
        Shape {
            width: 3,
            next_row: true,
            preprocessed_width: 2,
            preprocessed_next_row: true,
            periodic: vec![period(1), period(2), period(8)],
            public_values: 2,
            least_degree: self.0,
        }
    }

    fn eval<'a>(&self, b: &Builder<'a, F>) {
        let [x, y, z] = [0, 1, 2].map(|i| b.main(i));
        let [next_x, _, next_z] = [0, 1, 2].map(|i| b.next(i));
        let [fixed, next_fixed] = [b.preprocessed(0), b.preprocessed_next(1)];
        let half = F::ONE.halve();
        b.assert_zero(x * y - next_z);
        b.assert_zero((z + 5).cube() - next_x * half);
        b.assert_zero(x.cube() * F::from(11) + b.public(0) * b.public(1) - 3);
        b.assert_zero(b.constant(F::from(9)) * b.public(0));
        b.assert_zero(x);
        b.assert_zero(b.is_first_row() * (7 - y) * fixed);
        b.assert_zero(-(b.is_last_row() * next_fixed - b.preprocessed_next(0)));
        b.when(b.is_transition()).assert_bool(z * b.periodic(1));
        b.assert_zero(b.periodic(0) * b.periodic(2) * x * F::from(3) * -F::ONE);
        let square = y.square();
        b.assert_zero(square * y + square);
        // More than are collected at once.
        for i in 0..70 {
            b.assert_eq(x + i, y);
        }
    }
}

fn random<F: SmallField>(count: usize) -> Vec<F> {
    (0..count)
        .map(|_| F::random().expect("randomness"))
        .collect()
}

/// The value at a point of the polynomial with these coefficients.
fn evaluate<F: SmallField>(coefficients: &[F], x: F) -> F {
    coefficients
        .iter()
        .rev()
        .fold(F::ZERO, |sum, &c| sum * x + c)
}

fn check<E: ExtensionField>(log_height: u32, least_degree: usize) {
    let program = Program::<E::Base>::new(&Everything(least_degree)).expect("a program");
    let height = 1usize << log_height;
    let log_chunks = program.log_quotient_chunks(log_height);
    let log_blowup = log_chunks + 1;
    let interpolate = ColumnNtt::new(log_height).expect("a size");
    let extend = Extender::new(log_height, log_blowup, E::Base::GENERATOR).expect("a size");
    let matrix = |width: usize| {
        let values = random::<E::Base>(width * height);
        let mut extended = vec![E::Base::ZERO; values.len() << log_blowup];
        extend
            .extend::<BitReversed>(&values, &mut extended)
            .expect("lengths");
        let mut coefficients = values;
        interpolate
            .inverse::<Natural, Natural>(&mut coefficients)
            .expect("lengths");
        let extended = Columns::new(extended, height << log_blowup).expect("columns");
        (coefficients, extended)
    };
    let (main, main_lde) = matrix(3);
    let (fixed, fixed_lde) = matrix(2);
    let publics = random::<E::Base>(2);
    let alpha = E::from_coefficients(&random(E::DEGREE)).expect("a degree of them");
    let chunks: Vec<Columns<E::Base>> = Engine::supported()
        .into_iter()
        .map(|engine| {
            quotient_with(
                engine,
                &program,
                log_height,
                &main_lde,
                Some(&fixed_lde),
                &publics,
                alpha,
            )
            .expect("a quotient")
        })
        .collect();

    let root = E::Base::root_of_unity(log_height + log_chunks).expect("a size");
    let generator = E::Base::root_of_unity(log_height).expect("a size");
    let rows = [0, 1, height / 2, height - 2, height - 1];
    for (chunk, t) in (0..1usize << log_chunks).flat_map(|c| rows.map(|t| (c, t % height))) {
        let exponent = ((t << log_chunks) + chunk) as u64;
        let x = E::Base::GENERATOR * root.pow(&[exponent]);
        let at = |coefficients: &[E::Base], x: E::Base| -> Vec<E> {
            let columns = coefficients.chunks_exact(height);
            columns.map(|column| E::from(evaluate(column, x))).collect()
        };
        let selectors = Selectors::at(E::from(x), log_height).expect("outside of the domain");
        let row = PointRow {
            main: &at(&main, x),
            main_next: &at(&main, x * generator),
            preprocessed: &at(&fixed, x),
            preprocessed_next: &at(&fixed, x * generator),
            periodic: &program
                .periodic_at(log_height, E::from(x))
                .expect("periods"),
            public_values: &publics,
            selectors,
        };
        let folded = program.fold_at(&row, alpha).expect("values");
        let expected = folded * selectors.inverse_vanishing;
        for columns in &chunks {
            assert_eq!(columns.width(), E::DEGREE << log_chunks);
            let row = columns.row(t);
            let value = &row[chunk * E::DEGREE..][..E::DEGREE];
            assert_eq!(value, expected.coefficients(), "row {t} of chunk {chunk}");
        }
    }
}

#[test]
fn quotients_are_folds_over_the_vanishing_polynomial() {
    // Less than a block, one, and several; one chunk of degree 3 at least is 2 of them.
    for log_height in [3, 4, 5, 6, 7, 8, 10] {
        check::<<KoalaBear as SmallField>::Challenge>(log_height, 0);
        check::<<Goldilocks as SmallField>::Challenge>(log_height, 0);
    }
    check::<<BabyBear as SmallField>::Challenge>(8, 9);
    check::<<Goldilocks as SmallField>::Challenge>(9, 5);
}

#[test]
fn what_does_not_fit_is_refused() {
    type E = <KoalaBear as SmallField>::Challenge;
    let program = Program::<KoalaBear>::new(&Everything(0)).expect("a program");
    let columns = |width: usize, height: usize| {
        Columns::new(vec![KoalaBear::ONE; width * height], height).expect("columns")
    };
    let (main, fixed) = (columns(3, 64), columns(2, 64));
    let publics = [KoalaBear::ONE; 2];
    let of = |log_height, main: &Columns<_>, fixed: Option<&Columns<_>>, publics: &[KoalaBear]| {
        quotient(&program, log_height, main, fixed, publics, E::ONE)
    };
    assert!(of(4, &main, Some(&fixed), &publics).is_ok());
    assert!(of(4, &fixed, Some(&fixed), &publics).is_err());
    assert!(of(4, &main, None, &publics).is_err());
    assert!(of(4, &main, Some(&main), &publics).is_err());
    assert!(of(4, &main, Some(&fixed), &publics[1..]).is_err());
    assert!(of(5, &main, Some(&fixed), &publics).is_err());
    assert!(
        of(2, &main, Some(&fixed), &publics).is_err(),
        "a period is longer"
    );
    assert!(of(60, &main, Some(&fixed), &publics).is_err());
}
