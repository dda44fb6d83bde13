//! Merkle trees against Plonky3's: the same caps and paths, and each verifies the other's openings.

use p3_commit::{BatchOpeningRef, Mmcs};
use p3_field::PrimeCharacteristicRing;
use p3_keccak::{KeccakF, VECTOR_LEN};
use p3_matrix::Dimensions as P3Dimensions;
use p3_matrix::dense::RowMajorMatrix;
use p3_merkle_tree::{MerkleTreeMmcs, PrunedMerklePaths};
use p3_symmetric::{
    CompressionFunctionFromHasher, PaddingFreeSponge, SerializingHasher, TruncatedPermutation,
};
use zkiln::field::small::{Goldilocks, KoalaBear, SmallField};
use zkiln::field::{Field, small};
use zkiln::hash::{KeccakHash, Poseidon2Hash, TreeHash};
use zkiln::merkle::{Dimensions, MerkleTree, verify, verify_many};
use zkiln::poly::Columns;

type Kb = p3_koala_bear::KoalaBear;
type Gl = p3_goldilocks::Goldilocks;

type KbPacking = <Kb as p3_field::Field>::Packing;
type KbP24 = p3_koala_bear::Poseidon2KoalaBear<24>;
type KbP16 = p3_koala_bear::Poseidon2KoalaBear<16>;
type KbMmcs = MerkleTreeMmcs<
    KbPacking,
    KbPacking,
    PaddingFreeSponge<KbP24, 24, 16, 8>,
    TruncatedPermutation<KbP16, 2, 8, 16>,
    2,
    8,
>;
type KbHash = Poseidon2Hash<KoalaBear, 24, 16, 8, 16>;

type U64Sponge = PaddingFreeSponge<KeccakF, 25, 17, 4>;
type KeccakMmcs<P3> = MerkleTreeMmcs<
    [P3; VECTOR_LEN],
    [u64; VECTOR_LEN],
    SerializingHasher<U64Sponge>,
    CompressionFunctionFromHasher<U64Sponge, 2, 4>,
    2,
    4,
>;

fn kb_mmcs(log_cap: usize) -> KbMmcs {
    KbMmcs::new(
        PaddingFreeSponge::new(p3_koala_bear::default_koalabear_poseidon2_24()),
        TruncatedPermutation::new(p3_koala_bear::default_koalabear_poseidon2_16()),
        log_cap,
    )
}

fn keccak_mmcs<P3: p3_field::Field>(log_cap: usize) -> KeccakMmcs<P3> {
    let sponge = U64Sponge::new(KeccakF);
    KeccakMmcs::new(
        SerializingHasher::new(sponge),
        CompressionFunctionFromHasher::new(sponge),
        log_cap,
    )
}

fn matrix<F: SmallField>(height: usize, width: usize) -> Columns<F> {
    let mut state = F::from((height * 1000 + width) as u64);
    let mut next = || {
        state = state.square() + F::from(7);
        state
    };
    Columns::new((0..height * width).map(|_| next()).collect(), height).unwrap()
}

/// The shapes of the tests: one matrix, several of one height, all heights, gaps, either order.
fn shapes() -> Vec<Vec<(usize, usize)>> {
    vec![
        vec![(1, 3)],
        vec![(2, 1)],
        vec![(8, 17)],
        vec![(64, 5), (64, 30)],
        vec![(512, 3)],
        vec![(8, 2), (64, 5), (32, 1), (64, 1), (8, 40)],
        vec![(16, 4), (8, 4), (4, 4), (2, 4), (1, 4)],
        vec![(1, 2), (1024, 2)],
    ]
}

macro_rules! test_merkle {
    ($name:ident, $F:ty, $P3:ty, $Hash:ty, $hash:expr, $mmcs:expr, $digest:expr) => {
        mod $name {
            use super::*;

            type Digest = <$Hash as TreeHash<$F>>::Digest;

            fn p3(values: &[$F]) -> Vec<$P3> {
                values.iter().map(|v| <$P3>::from_u64(v.to_u64())).collect()
            }

            #[test]
            fn plonky3_has_the_same_caps_and_takes_our_openings() {
                for (shape, log_cap) in shapes().into_iter().flat_map(|s| [(s.clone(), 0), (s, 2)])
                {
                    let matrices: Vec<Columns<$F>> =
                        shape.iter().map(|&(h, w)| matrix(h, w)).collect();
                    let dimensions: Vec<Dimensions> = matrices.iter().map(Dimensions::of).collect();
                    let borrowed: Vec<&Columns<$F>> = matrices.iter().collect();
                    let leaves = dimensions.iter().map(|d| d.height).max().unwrap();
                    let tree = MerkleTree::new::<$F, $Hash>(&$hash, &borrowed, log_cap);
                    if dimensions
                        .iter()
                        .any(|d| d.height < leaves.min(1 << log_cap))
                    {
                        assert!(tree.is_err(), "not committed to: {shape:?}");
                        continue;
                    }
                    let tree = tree.unwrap();
                    let mmcs = $mmcs(log_cap);
                    let judge: Vec<RowMajorMatrix<$P3>> = matrices
                        .iter()
                        .map(|m| {
                            let rows: Vec<$F> = (0..m.height()).flat_map(|i| m.row(i)).collect();
                            RowMajorMatrix::new(p3(&rows), m.width())
                        })
                        .collect();
                    let p3_dimensions: Vec<P3Dimensions> = dimensions
                        .iter()
                        .map(|d| P3Dimensions {
                            height: d.height,
                            width: d.width,
                        })
                        .collect();
                    let (cap, data) = mmcs.commit(judge);
                    let ours: Vec<_> = tree.cap().iter().map($digest).collect();
                    assert_eq!(cap.roots(), ours, "{shape:?}");
                    let rows_at = |index: usize| -> Vec<Vec<$F>> {
                        let row = |m: &Columns<$F>| m.row(index * m.height() / leaves);
                        matrices.iter().map(row).collect()
                    };

                    for index in [0, 1, leaves / 2, leaves - 1].map(|i| i % leaves) {
                        let (rows, path) = (rows_at(index), tree.path(index).unwrap());
                        let p3_rows: Vec<Vec<$P3>> = rows.iter().map(|r| p3(r)).collect();
                        let p3_path: Vec<_> = path.iter().map($digest).collect();
                        let theirs = mmcs.open_batch(index, &data);
                        assert_eq!(theirs.opened_values, p3_rows);
                        assert_eq!(theirs.opening_proof, p3_path);
                        mmcs.verify_batch(
                            &cap,
                            &p3_dimensions,
                            index,
                            BatchOpeningRef::new(&p3_rows, &p3_path),
                        )
                        .unwrap();
                        verify(&$hash, tree.cap(), &dimensions, index, &rows, &path).unwrap();
                    }

                    let indices: Vec<usize> = [5, 0, 5, 3, 2, 77, 1000, 4, 76]
                        .map(|i| i % leaves)
                        .to_vec();
                    let rows: Vec<Vec<Vec<$F>>> = indices.iter().map(|&i| rows_at(i)).collect();
                    let siblings = tree.pruned_paths(&indices).unwrap();
                    let (their_rows, their_proof) = mmcs.open_multi_batch(&indices, &data);
                    let p3_siblings: Vec<_> = siblings.iter().map($digest).collect();
                    assert_eq!(their_proof.sibling_hashes, p3_siblings, "{shape:?}");
                    let proof = PrunedMerklePaths {
                        sibling_hashes: p3_siblings,
                    };
                    mmcs.verify_multi_batch(&cap, &p3_dimensions, &indices, &their_rows, &proof)
                        .unwrap();
                    let check = |cap: &[Digest],
                                 indices: &[usize],
                                 rows: &[Vec<Vec<$F>>],
                                 siblings: &[Digest]| {
                        verify_many(&$hash, cap, &dimensions, indices, rows, siblings)
                    };
                    check(tree.cap(), &indices, &rows, &siblings).unwrap();
                    let empty: (&[usize], &[Vec<Vec<$F>>]) = (&[], &[]);
                    check(tree.cap(), empty.0, empty.1, &[]).unwrap();

                    // Everything changed, left out or added is refused.
                    for query in 0..rows.len() {
                        for matrix in 0..shape.len() {
                            for column in [0, shape[matrix].1 - 1] {
                                let mut wrong = rows.clone();
                                wrong[query][matrix][column] += <$F>::ONE;
                                assert!(check(tree.cap(), &indices, &wrong, &siblings).is_err());
                            }
                            let mut wrong = rows.clone();
                            wrong[query][matrix].push(<$F>::ZERO);
                            assert!(check(tree.cap(), &indices, &wrong, &siblings).is_err());
                            wrong[query].remove(matrix);
                            assert!(check(tree.cap(), &indices, &wrong, &siblings).is_err());
                        }
                    }
                    for i in 0..siblings.len() {
                        let mut wrong = siblings.clone();
                        wrong[i] = Digest::default();
                        assert!(check(tree.cap(), &indices, &rows, &wrong).is_err());
                        wrong.remove(i);
                        assert!(check(tree.cap(), &indices, &rows, &wrong).is_err());
                    }
                    let mut longer = siblings.clone();
                    longer.push(Digest::default());
                    assert!(check(tree.cap(), &indices, &rows, &longer).is_err());
                    assert!(check(tree.cap(), &indices, &rows[1..], &siblings).is_err());
                    assert!(check(tree.cap(), &[leaves], &rows[..1], &siblings).is_err());
                    assert!(check(&[], &indices, &rows, &siblings).is_err());
                    let mut cap = tree.cap().to_vec();
                    let node = indices[0] * cap.len() / leaves;
                    cap[node] = Digest::default();
                    assert!(check(&cap, &indices, &rows, &siblings).is_err());
                    assert!(tree.path(leaves).is_err());
                    assert!(tree.pruned_paths(&[0, leaves]).is_err());
                }
            }
        }
    };
}

test_merkle!(
    koala_bear_poseidon2,
    KoalaBear,
    Kb,
    KbHash,
    KbHash::standard(),
    kb_mmcs,
    |d: &[KoalaBear; 8]| d.map(|x| Kb::from_u64(x.to_u64()))
);
test_merkle!(
    koala_bear_keccak,
    KoalaBear,
    Kb,
    KeccakHash,
    KeccakHash,
    keccak_mmcs::<Kb>,
    |d: &[u64; 4]| *d
);
test_merkle!(
    goldilocks_keccak,
    Goldilocks,
    Gl,
    KeccakHash,
    KeccakHash,
    keccak_mmcs::<Gl>,
    |d: &[u64; 4]| *d
);

#[test]
fn trees_of_other_shapes_are_refused() {
    let tree = |matrices: &[&Columns<small::BabyBear>]| MerkleTree::new(&KeccakHash, matrices, 0);
    assert!(tree(&[]).is_err());
    assert!(tree(&[&matrix(6, 2)]).is_err());
    assert!(tree(&[&matrix(8, 2), &matrix(3, 2)]).is_err());
    assert!(tree(&[&matrix(8, 2), &matrix(2, 2)]).is_ok());
}

#[test]
fn columns_are_the_transpose_of_rows() {
    for (height, width) in [(1, 1), (3, 5), (64, 2), (65, 3), (200, 7)] {
        let columns = matrix::<Goldilocks>(height, width);
        let rows: Vec<Goldilocks> = (0..height).flat_map(|i| columns.row(i)).collect();
        assert_eq!(Columns::from_rows(&rows, width).unwrap(), columns);
    }
    assert!(Columns::from_rows(&[Goldilocks::ONE; 6], 4).is_err());
    assert!(Columns::from_rows(&[Goldilocks::ONE; 6], 0).is_err());
    assert!(Columns::<Goldilocks>::from_rows(&[], 2).is_err());
    assert!(Columns::new(vec![Goldilocks::ONE; 6], 4).is_err());
    assert!(Columns::new(vec![Goldilocks::ONE; 6], 0).is_err());
}
