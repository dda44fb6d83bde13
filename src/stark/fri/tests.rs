//! Codewords in columns against codewords as they are, and against polynomials.

use super::{Codeword, fold};
use crate::field::Field;
use crate::field::small::{BabyBear4, ExtensionField, Goldilocks2, KoalaBear4, SmallField};
use crate::ntt::bit_reverse;
use crate::poly::Columns;

/// Elements that look random, the same in every run.
fn elements<E: ExtensionField>(n: usize) -> Vec<E> {
    let mut state = E::Base::from(3);
    let mut next = || {
        state = state.square() + E::Base::from(7);
        state
    };
    let mut element = || {
        let coefficients: Vec<E::Base> = (0..E::DEGREE).map(|_| next()).collect();
        E::from_coefficients(&coefficients).unwrap()
    };
    (0..n).map(|_| element()).collect()
}

fn codeword<E: ExtensionField>(values: &[E], log_arity: u32) -> Codeword<E> {
    let rows: Vec<E::Base> = values
        .iter()
        .flat_map(|v| v.coefficients().to_vec())
        .collect();
    Codeword::new(
        Columns::from_rows(&rows, E::DEGREE << log_arity).unwrap(),
        log_arity,
    )
}

fn values<E: ExtensionField>(codeword: &Codeword<E>) -> Vec<E> {
    let rows = 0..codeword.columns().height();
    rows.flat_map(|row| codeword.row(row)).collect()
}

fn value_at<E: ExtensionField>(coefficients: &[E], point: E) -> E {
    let steps = coefficients.iter().rev();
    steps.fold(E::ZERO, |sum, &c| sum * point + c)
}

/// Whatever the arities of a round and of the next, the fold is that of single values.
fn fold_is_the_same<E: ExtensionField>() {
    for log_n in [1, 3, 6, 9, 12] {
        let plain: Vec<E> = elements(1 << log_n);
        let beta = plain[1];
        for log_arity in 0..=4u32.min(log_n) {
            let expected = fold(&plain, log_arity, beta).unwrap();
            for log_next in 0..=3u32.min(log_n - log_arity) {
                let folded = codeword(&plain, log_arity).fold(beta, log_next);
                assert_eq!(
                    values(&folded),
                    expected,
                    "2^{log_n}, {log_arity}, {log_next}"
                );
            }
        }
    }
}

/// Folds of a polynomial's codeword are codewords of the polynomial's folds, down to coefficients.
fn folds_are_those_of_polynomials<E: ExtensionField>() {
    let (log_len, log_blowup) = (7, 1);
    let mut polynomial: Vec<E> = elements(1 << log_len);
    let root = E::Base::root_of_unity(log_len + log_blowup).unwrap();
    let mut plain: Vec<E> = (0..2u64 << log_len)
        .map(|i| value_at(&polynomial, E::from(root.pow(&[i]))))
        .collect();
    bit_reverse(&mut plain).unwrap();
    let arities = [3, 1, 2, 0];
    let mut current = codeword(&plain, arities[0]);
    for round in arities.windows(2) {
        let beta = polynomial[1];
        current = current.fold(beta, round[1]);
        polynomial = polynomial
            .chunks_exact(1 << round[0])
            .map(|coefficients| value_at(coefficients, beta))
            .collect();
    }
    assert_eq!(current.coefficients(1).unwrap(), polynomial);
    assert!(current.coefficients(3).is_err(), "longer than the codeword");
}

#[test]
fn codewords_fold() {
    fold_is_the_same::<KoalaBear4>();
    fold_is_the_same::<BabyBear4>();
    fold_is_the_same::<Goldilocks2>();
}

#[test]
fn folds_of_codewords_are_folds_of_polynomials() {
    folds_are_those_of_polynomials::<KoalaBear4>();
    folds_are_those_of_polynomials::<BabyBear4>();
    folds_are_those_of_polynomials::<Goldilocks2>();
}
