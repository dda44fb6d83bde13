//! Transforms and extensions of columns against their definition and against Plonky3's.

use p3_dft::{Radix2Dit, TwoAdicSubgroupDft};
use p3_field::{PrimeCharacteristicRing, PrimeField64, TwoAdicField};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use zkiln::field::Field;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::ntt::columns::{ColumnNtt, Extender};
use zkiln::ntt::{BitReversed, Natural, Order};

/// Elements that look random, the same in every run; some are extreme.
fn elements<F: SmallField>(n: usize) -> Vec<F> {
    let largest = F::from(F::MODULUS - 1) * F::from(1 << 32).inverse().unwrap();
    let mut state = F::GENERATOR;
    (0..n)
        .map(|i| {
            state = state.square() + F::from(7);
            match i % 13 {
                3 => F::ZERO,
                5 => -F::ONE,
                7 | 8 => largest,
                _ => state,
            }
        })
        .collect()
}

fn reversed<T: Copy>(data: &[T]) -> Vec<T> {
    let bits = data.len().ilog2();
    let reverse = |i: usize| match bits {
        0 => 0,
        bits => i.reverse_bits() >> (usize::BITS - bits),
    };
    (0..data.len()).map(|i| data[reverse(i)]).collect()
}

fn ordered<O: Order, F: Copy>(natural: &[F]) -> Vec<F> {
    if O::BIT_REVERSED {
        reversed(natural)
    } else {
        natural.to_vec()
    }
}

fn evaluate<F: SmallField>(coefficients: &[F], x: F) -> F {
    coefficients
        .iter()
        .rev()
        .fold(F::ZERO, |sum, &c| sum * x + c)
}

/// Both directions, from one order to the other, of one and of three columns.
fn check_orders<F: SmallField, I: Order, O: Order>(
    plan: &ColumnNtt<F>,
    coefficients: &[F],
    values: &[F],
) {
    let n = plan.len();
    for width in [1, 3] {
        let columns = |one: Vec<F>| one.repeat(width);
        let mut data = columns(ordered::<I, F>(coefficients));
        plan.forward::<I, O>(&mut data).unwrap();
        assert!(data == columns(ordered::<O, F>(values)), "forward of {n}");
        let mut data = columns(ordered::<I, F>(values));
        plan.inverse::<I, O>(&mut data).unwrap();
        assert!(
            data == columns(ordered::<O, F>(coefficients)),
            "inverse of {n}"
        );
    }
}

fn check_all_orders<F: SmallField>(log_n: u32, coefficients: &[F], values: &[F]) {
    let plan = ColumnNtt::<F>::new(log_n).unwrap();
    check_orders::<F, Natural, Natural>(&plan, coefficients, values);
    check_orders::<F, Natural, BitReversed>(&plan, coefficients, values);
    check_orders::<F, BitReversed, Natural>(&plan, coefficients, values);
    check_orders::<F, BitReversed, BitReversed>(&plan, coefficients, values);
}

macro_rules! test_columns {
    ($name:ident, $F:ty, $P3:ty) => {
        mod $name {
            use super::*;

            fn p3(values: &[$F]) -> Vec<$P3> {
                values.iter().map(|v| <$P3>::from_u64(v.to_u64())).collect()
            }
            fn ours(values: Vec<$P3>) -> Vec<$F> {
                let convert = |v: $P3| <$F>::from(v.as_canonical_u64());
                values.into_iter().map(convert).collect()
            }

            #[test]
            fn small_transforms_agree_with_evaluation() {
                for log_n in 0..=7 {
                    let coefficients = elements::<$F>(1 << log_n);
                    let w = <$F>::root_of_unity(log_n).unwrap();
                    let values: Vec<$F> = (0..1 << log_n)
                        .map(|i| evaluate(&coefficients, w.pow(&[i])))
                        .collect();
                    check_all_orders(log_n, &coefficients, &values);
                }
            }

            #[test]
            fn transforms_agree_with_plonky3() {
                for log_n in [8, 9, 10, 11, 12, 13, 14, 15, 16, 17] {
                    let coefficients = elements::<$F>(1 << log_n);
                    let values = Radix2Dit::<$P3>::default().dft(p3(&coefficients));
                    check_all_orders(log_n, &coefficients, &ours(values));
                }
            }

            #[test]
            fn extensions_agree_with_plonky3() {
                let sizes = [
                    (0, 0),
                    (0, 2),
                    (1, 1),
                    (4, 1),
                    (5, 3),
                    (8, 1),
                    (9, 2),
                    (12, 1),
                    (15, 1),
                ];
                for (log_n, log_blowup) in sizes {
                    for width in [1, 3, 20] {
                        if width << log_n > 1 << 16 {
                            continue;
                        }
                        check_extension(log_n, log_blowup, width);
                    }
                }
            }

            fn check_extension(log_n: u32, log_blowup: u32, width: usize) {
                let n = 1usize << log_n;
                let columns = elements::<$F>(n * width);
                let rows: Vec<$F> = (0..n * width)
                    .map(|i| columns[i % width * n + i / width])
                    .collect();
                let judged = Radix2Dit::<$P3>::default()
                    .coset_lde_batch(
                        RowMajorMatrix::new(p3(&rows), width),
                        log_blowup as usize,
                        <$P3 as p3_field::Field>::GENERATOR,
                    )
                    .bit_reverse_rows()
                    .to_row_major_matrix();
                let judged = ours(judged.transpose().values);
                let plan = Extender::new(log_n, log_blowup, <$F>::GENERATOR).unwrap();
                let mut extended = vec![<$F>::ZERO; columns.len() << log_blowup];
                plan.extend::<BitReversed>(&columns, &mut extended).unwrap();
                assert!(extended == judged, "{log_n} {log_blowup} {width}");
                plan.extend::<Natural>(&columns, &mut extended).unwrap();
                let natural: Vec<$F> = judged
                    .chunks_exact(plan.extended_len())
                    .flat_map(reversed)
                    .collect();
                assert!(extended == natural, "{log_n} {log_blowup} {width}");
                let mut in_place = columns.clone();
                in_place.resize(extended.len(), <$F>::GENERATOR);
                plan.extend_in_place::<BitReversed>(&mut in_place).unwrap();
                assert!(in_place == judged, "{log_n} {log_blowup} {width}");
            }

            #[test]
            fn wrong_lengths_and_sizes_are_refused() {
                let plan = ColumnNtt::<$F>::new(3).unwrap();
                assert!(plan.forward::<Natural, Natural>(&mut elements(12)).is_err());
                assert!(plan.inverse::<Natural, Natural>(&mut elements(7)).is_err());
                assert!(plan.forward::<Natural, Natural>(&mut []).is_ok());
                assert!(ColumnNtt::<$F>::new(<$F>::TWO_ADICITY + 1).is_err());
                assert!(ColumnNtt::<$F>::new(u32::MAX).is_err());
                assert!(Extender::new(<$F>::TWO_ADICITY, 1, <$F>::GENERATOR).is_err());
                assert!(Extender::new(u32::MAX, u32::MAX, <$F>::GENERATOR).is_err());
                assert!(Extender::new(3, 1, <$F>::ZERO).is_err());
                let plan = Extender::new(3, 1, <$F>::GENERATOR).unwrap();
                let (columns, mut extended) = (elements(16), elements(32));
                assert!(plan.extend::<Natural>(&columns, &mut extended).is_ok());
                assert!(
                    plan.extend::<Natural>(&columns[1..], &mut extended)
                        .is_err()
                );
                assert!(
                    plan.extend::<Natural>(&columns, &mut extended[1..])
                        .is_err()
                );
                assert!(
                    plan.extend::<Natural>(&columns[8..], &mut extended)
                        .is_err()
                );
                assert!(plan.extend_in_place::<Natural>(&mut extended[8..]).is_err());
            }

            #[test]
            fn roots_are_those_of_plonky3() {
                let root = <$P3>::two_adic_generator(5).as_canonical_u64();
                assert_eq!(<$F>::root_of_unity(5).unwrap().to_u64(), root);
            }
        }
    };
}

test_columns!(koala_bear, KoalaBear, p3_koala_bear::KoalaBear);
test_columns!(baby_bear, BabyBear, p3_baby_bear::BabyBear);
test_columns!(goldilocks, Goldilocks, p3_goldilocks::Goldilocks);
