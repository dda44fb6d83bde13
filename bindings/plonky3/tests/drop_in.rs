//! zkiln's transforms and trees behind Plonky3's traits, beside Plonky3's own.

use p3_commit::{BatchOpeningRef, Mmcs};
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use p3_matrix::{Dimensions, Matrix};
use p3_merkle_tree::PrunedMerklePaths;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::hash::{KeccakHash, Poseidon2Hash};
use zkiln::poly::Columns;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24};
use zkiln_plonky3::{ColumnDft, ColumnMmcs, Plonky3, Plonky3Config, Plonky3Field};

fn matrix<F: Plonky3Field>(height: usize, width: usize, seed: u64) -> RowMajorMatrix<F::P3Field> {
    let mut state = F::from(seed);
    let values = (0..height * width).map(|_| {
        state = state.square() + F::from(5);
        state.to_p3()
    });
    RowMajorMatrix::new(values.collect(), width)
}

/// Heights and widths around the sizes of blocks, narrow and wide.
const SHAPES: [(usize, usize); 8] = [
    (1, 3),
    (2, 1),
    (8, 17),
    (64, 40),
    (128, 2),
    (256, 1),
    (512, 33),
    (1024, 5),
];

fn conversions<F: Plonky3Field>() {
    for (height, width) in SHAPES {
        let rows = matrix::<F>(height, width, 3);
        let columns = Columns::<F>::from_p3(rows.clone());
        assert_eq!((columns.height(), columns.width()), (height, width));
        for r in 0..height {
            let row = rows.row_slice(r).unwrap().to_vec();
            assert_eq!(columns.row(r).to_p3(), row);
        }
        assert_eq!(columns.to_p3(), rows);
    }
    for value in [F::ZERO, F::ONE, F::GENERATOR, -F::ONE, F::from(u64::MAX)] {
        assert_eq!(value.to_p3(), F::P3Field::from_u64(value.to_u64()));
        assert_eq!(F::from_p3(value.to_p3()), value);
    }
    // Extensions agree with their multiplication, and so with their basis and its relation.
    let coefficients: Vec<F> = (2..10).map(F::from).collect();
    let degree = <F::Challenge as zkiln::field::small::ExtensionField>::DEGREE;
    let element = |at: usize| {
        let slice = &coefficients[at..at + degree];
        <F::Challenge as zkiln::field::small::ExtensionField>::from_coefficients(slice).unwrap()
    };
    let (a, b) = (element(0), element(3));
    assert_eq!((a * b).to_p3(), a.to_p3() * b.to_p3());
    assert_eq!(F::Challenge::from_p3(a.to_p3().square()), a * a);
    assert_eq!(F::GENERATOR.to_p3(), F::P3Field::GENERATOR);
}

#[test]
fn values_are_the_same_in_both() {
    conversions::<KoalaBear>();
    conversions::<BabyBear>();
    conversions::<Goldilocks>();
    // Plonky3's word for zero that is no zero of zkiln's.
    let zero = p3_goldilocks::Goldilocks::new(Goldilocks::MODULUS);
    assert_eq!(Goldilocks::from_p3(zero), Goldilocks::from(0));
}

fn transforms<F: Plonky3Field>() {
    let ours = ColumnDft::<F>::default();
    let judge = Radix2DitParallel::<F::P3Field>::default();
    let shift = F::from(7).to_p3();
    for (height, width) in SHAPES {
        let input = matrix::<F>(height, width, 11);
        // Twice, for the second time takes the tables of the first.
        for _ in 0..2 {
            assert_eq!(
                ours.dft_batch(input.clone()).to_row_major_matrix(),
                judge.dft_batch(input.clone()).to_row_major_matrix()
            );
        }
        assert_eq!(
            ours.idft_batch(input.clone()),
            judge.idft_batch(input.clone())
        );
        assert_eq!(
            ours.coset_dft_batch(input.clone(), shift)
                .to_row_major_matrix(),
            judge
                .coset_dft_batch(input.clone(), shift)
                .to_row_major_matrix()
        );
        assert_eq!(
            ours.coset_idft_batch(input.clone(), shift),
            judge.coset_idft_batch(input.clone(), shift)
        );
        for bits in 0..3 {
            for shift in [shift, F::P3Field::ONE] {
                assert_eq!(
                    ours.coset_lde_batch(input.clone(), bits, shift)
                        .to_row_major_matrix(),
                    judge
                        .coset_lde_batch(input.clone(), bits, shift)
                        .to_row_major_matrix()
                );
            }
        }
    }
}

#[test]
fn transforms_agree_with_plonky3() {
    transforms::<KoalaBear>();
    transforms::<BabyBear>();
    transforms::<Goldilocks>();
}

/// Tables of more lengths and cosets than are kept.
#[test]
fn tables_that_are_dropped_are_made_again() {
    let ours = ColumnDft::<KoalaBear>::default();
    let judge = Radix2DitParallel::default();
    let input = matrix::<KoalaBear>(16, 3, 1);
    for shift in (1..40).chain(1..4) {
        let shift = KoalaBear::from(shift).to_p3();
        assert_eq!(
            ours.coset_lde_batch(input.clone(), 1, shift)
                .to_row_major_matrix(),
            judge
                .coset_lde_batch(input.clone(), 1, shift)
                .to_row_major_matrix()
        );
    }
}

/// Commitments and openings of both are equal, each takes the other's, and neither takes a wrong one.
macro_rules! trees {
    ($name:ident, $F:ty, $hash:expr, $Config:ty) => {
        #[test]
        fn $name() {
            let shapes: [&[(usize, usize)]; 4] = [
                &[(1, 3)],
                &[(64, 5), (64, 30)],
                &[(8, 2), (64, 5), (32, 1), (64, 1), (8, 40)],
                &[(512, 3)],
            ];
            for (shape, log_cap) in shapes.into_iter().zip([0, 0, 1, 3]) {
                let ours = ColumnMmcs::<$F, _>::new($hash, log_cap);
                let judge = <$Config>::p3_mmcs(log_cap);
                let matrices: Vec<_> = shape
                    .iter()
                    .map(|&(height, width)| matrix::<$F>(height, width, 9))
                    .collect();
                let dimensions: Vec<Dimensions> = matrices.iter().map(Matrix::dimensions).collect();
                let (cap, tree) = ours.commit(matrices.clone());
                let (judge_cap, judge_tree) = judge.commit(matrices.clone());
                assert_eq!(cap, judge_cap);
                assert_eq!(ours.get_matrices(&tree).len(), matrices.len());

                let leaves = dimensions.iter().map(|d| d.height).max().unwrap();
                let index = leaves * 2 / 3;
                let (rows, path) = ours.open_batch(index, &tree).unpack();
                let (judge_rows, judge_path) = judge.open_batch(index, &judge_tree).unpack();
                assert_eq!((&rows, &path), (&judge_rows, &judge_path));
                let opening = BatchOpeningRef::new(&rows, &path);
                ours.verify_batch(&cap, &dimensions, index, opening)
                    .unwrap();
                let opening = BatchOpeningRef::new(&rows, &path);
                judge
                    .verify_batch(&cap, &dimensions, index, opening)
                    .unwrap();

                let indices = [index, 0, leaves - 1, index, leaves / 2];
                let (rows, siblings) = ours.open_multi_batch(&indices, &tree);
                let (judge_rows, judge_siblings) = judge.open_multi_batch(&indices, &judge_tree);
                assert_eq!(rows, judge_rows);
                assert_eq!(siblings.sibling_hashes, judge_siblings.sibling_hashes);
                let ours_takes = |rows: &[Vec<Vec<_>>], siblings: &PrunedMerklePaths<_, _>| {
                    ours.verify_multi_batch(&cap, &dimensions, &indices, rows, siblings)
                        .is_ok()
                };
                let judge_takes = |rows: &[Vec<Vec<_>>], siblings: &PrunedMerklePaths<_, _>| {
                    judge
                        .verify_multi_batch(&cap, &dimensions, &indices, rows, siblings)
                        .is_ok()
                };
                assert!(ours_takes(&rows, &siblings) && judge_takes(&rows, &siblings));

                let mut wrong = rows.clone();
                wrong[1][0][0] += <$F as Plonky3>::P3::ONE;
                assert!(!ours_takes(&wrong, &siblings) && !judge_takes(&wrong, &siblings));
                let mut wrong = rows.clone();
                wrong[0][0].push(<$F as Plonky3>::P3::ZERO);
                assert!(!ours_takes(&wrong, &siblings) && !judge_takes(&wrong, &siblings));
                let mut wrong = siblings.clone();
                wrong.sibling_hashes.push(Default::default());
                assert!(!ours_takes(&rows, &wrong) && !judge_takes(&rows, &wrong));
                // A cap of another height than the verifier knows.
                let other = ColumnMmcs::<$F, _>::new($hash, log_cap + 1);
                let refused =
                    other.verify_multi_batch(&cap, &dimensions, &indices, &rows, &siblings);
                assert!(leaves == 1 || refused.is_err());
            }
        }
    };
}

trees!(
    trees_of_poseidon2_over_koala_bear,
    KoalaBear,
    Poseidon2Hash::<KoalaBear, 24, 16, 8, 16>::standard(),
    Poseidon2Config24<KoalaBear>
);
trees!(
    trees_of_poseidon2_over_goldilocks,
    Goldilocks,
    Poseidon2Hash::<Goldilocks, 8, 4, 4, 8>::standard(),
    Poseidon2Config8<Goldilocks>
);
trees!(
    trees_of_keccak_over_baby_bear,
    BabyBear,
    KeccakHash,
    KeccakConfig<BabyBear>
);
trees!(
    trees_of_keccak_over_goldilocks,
    Goldilocks,
    KeccakHash,
    KeccakConfig<Goldilocks>
);
