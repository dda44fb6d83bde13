//! Openings against their definition.

use super::reduce::WIDE;
use super::*;
use crate::field::small::{BabyBear4, Goldilocks2, KoalaBear, KoalaBear4};
use crate::ntt::columns::Extender;
use crate::ntt::{BitReversed, Natural, bit_reverse, columns::ColumnNtt};

/// Elements that look random, the same in every run.
fn elements<F: SmallField>(seed: u64, n: usize) -> Vec<F> {
    let mut state = F::from(seed);
    let mut next = || {
        state = state.square() + F::from(7);
        state
    };
    (0..n).map(|_| next()).collect()
}

fn challenge<E: ExtensionField>(seed: u64) -> E {
    E::from_coefficients(&elements(seed, E::DEGREE)).unwrap()
}

/// Columns of polynomials with their coefficients.
struct Committed<F: SmallField> {
    coefficients: Vec<Vec<F>>,
    columns: Columns<F>,
}

fn commit<F: SmallField>(seed: u64, width: usize, log_n: u32, log_blowup: u32) -> Committed<F> {
    let values: Vec<F> = elements(seed, width << log_n);
    let mut coefficients = values.clone();
    let plan = ColumnNtt::new(log_n).unwrap();
    plan.inverse::<Natural, Natural>(&mut coefficients).unwrap();
    let mut columns = Columns::zeroed(1 << (log_n + log_blowup), width);
    Extender::new(log_n, log_blowup, F::GENERATOR)
        .unwrap()
        .extend::<BitReversed>(&values, columns.values_mut())
        .unwrap();
    let coefficients = coefficients.chunks_exact(1 << log_n);
    Committed {
        coefficients: coefficients.map(<[F]>::to_vec).collect(),
        columns,
    }
}

/// Horner's rule.
fn value_at<E: ExtensionField>(coefficients: &[E::Base], point: E) -> E {
    let steps = coefficients.iter().rev();
    steps.fold(E::ZERO, |sum, &c| sum * point + E::from(c))
}

fn check<E: ExtensionField>(log_n: u32, log_blowup: u32, widths: [usize; 3]) {
    let points = [challenge::<E>(3), challenge(5)];
    let committed = [0, 1, 2].map(|i| commit(11 + i as u64, widths[i], log_n, log_blowup));
    // Two points, one, two.
    let counts = [2, 1, 2];
    let values = [0, 1, 2].map(|i| {
        let values = evaluate(&committed[i].columns, log_blowup, &points[..counts[i]]);
        for (values, &point) in values.iter().zip(&points) {
            for (&value, coefficients) in values.iter().zip(&committed[i].coefficients) {
                assert_eq!(value, value_at(coefficients, point));
            }
        }
        values
    });

    let log_height = log_n + log_blowup;
    let alpha = challenge::<E>(17);
    let root = E::Base::root_of_unity(log_height).unwrap();
    let mut domain: Vec<E> = (0..1u64 << log_height)
        .map(|i| E::from(E::Base::GENERATOR * root.pow(&[i])))
        .collect();
    bit_reverse(&mut domain).unwrap();
    let expected = domain.iter().enumerate().map(|(i, &x)| {
        let mut power = E::ONE;
        let mut sum = E::ZERO;
        for (committed, values) in committed.iter().zip(&values) {
            for (values, &point) in values.iter().zip(&points) {
                let inverse = (x - point).inverse().unwrap();
                for (column, &value) in committed.columns.columns().zip(values) {
                    sum += power * (E::from(column[i]) - value) * inverse;
                    power *= alpha;
                }
            }
        }
        sum
    });
    let expected: Vec<E> = expected.collect();
    let extender = Extender::new(log_n, log_blowup, E::Base::GENERATOR).unwrap();
    for log_arity in 0..=log_height.min(4) {
        let openings: Vec<Opening<'_, E>> = committed
            .iter()
            .zip(&values)
            .map(|(committed, values)| Opening {
                columns: &committed.columns,
                values,
            })
            .collect();
        let codeword = reduce(&openings, &points, alpha, log_arity, &extender);
        let found: Vec<E> = (0..1 << (log_height - log_arity))
            .flat_map(|row| codeword.row(row))
            .collect();
        assert_eq!(found, expected, "2^{log_height} in rows of 2^{log_arity}");
    }
}

fn check_all<E: ExtensionField>() {
    check::<E>(0, 1, [1, 2, 1]);
    check::<E>(2, 1, [3, 4, 0]);
    check::<E>(5, 2, [35, 1, 2]);
    check::<E>(11, 1, [2, 4, 1]);
    // Wide ones are combined before they are extended.
    check::<E>(0, 1, [WIDE, 1, 0]);
    check::<E>(3, 2, [WIDE, 1, WIDE + 1]);
    check::<E>(6, 1, [1, WIDE, 2]);
}

#[test]
fn openings_are_what_they_are_defined_as() {
    check_all::<KoalaBear4>();
    check_all::<BabyBear4>();
    check_all::<Goldilocks2>();
}

/// A point on the coset, which a challenge is with probability zero, gives no panic.
#[test]
fn a_point_on_the_coset_is_survived() {
    let committed = commit::<KoalaBear>(3, 2, 4, 1);
    let point = KoalaBear4::from(KoalaBear::GENERATOR);
    let values = evaluate(&committed.columns, 1, &[point]);
    let opening = Opening {
        columns: &committed.columns,
        values: &values,
    };
    let extender = Extender::new(4, 1, KoalaBear::GENERATOR).unwrap();
    let codeword = reduce(&[opening], &[point], point, 1, &extender);
    assert_eq!(codeword.columns().height(), 16);
}
