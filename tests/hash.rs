//! Permutations and the hashing of rows and nodes against Plonky3's.

use p3_field::PrimeField64;
use p3_symmetric::{
    CompressionFunctionFromHasher, CryptographicHasher, PaddingFreeSponge, Permutation,
    PseudoCompressionFunction, SerializingHasher, TruncatedPermutation,
};
use zkiln::field::Field;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::hash::keccak::keccak_f;
use zkiln::hash::{KeccakHash, Poseidon2, Poseidon2Field, Poseidon2Hash, TreeHash};

/// Elements that look random, the same in every run; some are extreme.
fn elements<F: SmallField>(n: usize) -> Vec<F> {
    let mut state = F::GENERATOR;
    (0..n)
        .map(|i| {
            state = state.square() + F::from(7);
            match i % 11 {
                3 => F::ZERO,
                5 => -F::ONE,
                // The largest word.
                7 => F::from(F::MODULUS - 1) * F::from(1 << 32).inverse().unwrap(),
                _ => state,
            }
        })
        .collect()
}

fn p3<F: SmallField, P: PrimeField64>(values: &[F]) -> Vec<P> {
    values.iter().map(|v| P::from_u64(v.to_u64())).collect()
}

macro_rules! test_poseidon2 {
    ($name:ident, $F:ty, $P3:ty, $p3_module:ident, [$narrow:literal $default_narrow:ident], [$wide:literal $default_wide:ident $wide_rate:literal], $out:literal) => {
        mod $name {
            use super::*;

            #[test]
            fn permutations_agree_with_plonky3() {
                permutation::<$narrow>(&$p3_module::$default_narrow());
                permutation::<$wide>(&$p3_module::$default_wide());
            }

            fn permutation<const WIDTH: usize>(judge: &impl Permutation<[$P3; WIDTH]>)
            where
                $F: Poseidon2Field<WIDTH>,
            {
                let permutation = <$F as Poseidon2Field<WIDTH>>::standard();
                let data = elements::<$F>(WIDTH * 40);
                let mut states: Vec<[$F; WIDTH]> = data.as_chunks::<WIDTH>().0.to_vec();
                states.extend([[<$F>::ZERO; WIDTH], [-<$F>::ONE; WIDTH]]);
                let mut all = states.clone();
                permutation.permute_all(&mut all);
                for (mut state, permuted) in states.into_iter().zip(all) {
                    let judged = judge.permute(p3::<$F, $P3>(&state).try_into().unwrap());
                    permutation.permute(&mut state);
                    assert_eq!(p3::<$F, $P3>(&state), judged);
                    assert_eq!(state, permuted);
                }
            }

            #[test]
            fn rows_and_nodes_agree_with_plonky3() {
                let narrow = $p3_module::$default_narrow();
                let wide = $p3_module::$default_wide();
                check(
                    &Poseidon2Hash::<$F, $wide, $wide_rate, $out, $narrow>::standard(),
                    &PaddingFreeSponge::<_, $wide, $wide_rate, $out>::new(wide),
                    &TruncatedPermutation::<_, 2, $out, $narrow>::new(narrow.clone()),
                );
                check(
                    &Poseidon2Hash::<$F, $narrow, { $narrow / 2 }, $out, $narrow>::standard(),
                    &PaddingFreeSponge::<_, $narrow, { $narrow / 2 }, $out>::new(narrow.clone()),
                    &TruncatedPermutation::<_, 2, $out, $narrow>::new(narrow),
                );
            }

            fn check(
                hash: &impl TreeHash<$F, Digest = [$F; $out]>,
                sponge: &impl CryptographicHasher<$P3, [$P3; $out]>,
                compression: &impl PseudoCompressionFunction<[$P3; $out], 2>,
            ) {
                for width in [0, 1, 7, 8, 9, 16, 17, 33] {
                    let height = 37;
                    let data = elements::<$F>(height * width + 1);
                    let columns: Vec<&[$F]> =
                        (0..width).map(|i| &data[i * height..][..height]).collect();
                    for (first, rows) in [(0, 37), (3, 1), (5, 16), (1, 20)] {
                        let mut digests = vec![[<$F>::ZERO; $out]; rows];
                        hash.hash_rows(&columns, first, &mut digests);
                        for (i, digest) in digests.iter().enumerate() {
                            let row: Vec<$F> = columns.iter().map(|c| c[first + i]).collect();
                            let judged = sponge.hash_iter(p3::<$F, $P3>(&row));
                            assert_eq!(p3::<$F, $P3>(digest), judged, "{width}");
                            assert_eq!(hash.hash_row(&row), *digest);
                        }
                    }
                }
                let data = elements::<$F>(2 * $out * 37);
                let digests = data.as_chunks::<$out>().0;
                let pairs = digests.as_chunks::<2>().0;
                let mut parents = vec![[<$F>::ZERO; $out]; pairs.len()];
                hash.compress(pairs, &mut parents);
                for (pair, parent) in pairs.iter().zip(&parents) {
                    let judged =
                        compression.compress(pair.map(|d| p3::<$F, $P3>(&d).try_into().unwrap()));
                    assert_eq!(p3::<$F, $P3>(parent), judged);
                }
            }

            #[test]
            fn keccak_rows_agree_with_plonky3() {
                type Sponge = PaddingFreeSponge<p3_keccak::KeccakF, 25, 17, 4>;
                let sponge = SerializingHasher::new(Sponge::new(p3_keccak::KeccakF));
                for width in [0, 1, 2, 16, 17, 18, 33, 34, 35, 70] {
                    let height = 29;
                    let data = elements::<$F>(height * width + 1);
                    let columns: Vec<&[$F]> =
                        (0..width).map(|i| &data[i * height..][..height]).collect();
                    for (first, rows) in [(0, 29), (3, 1), (5, 8)] {
                        let mut digests = vec![[0; 4]; rows];
                        KeccakHash.hash_rows(&columns, first, &mut digests);
                        for (i, digest) in digests.iter().enumerate() {
                            let row: Vec<$F> = columns.iter().map(|c| c[first + i]).collect();
                            let judged: [u64; 4] = sponge.hash_iter(p3::<$F, $P3>(&row));
                            assert_eq!(*digest, judged, "{width}");
                        }
                    }
                }
            }
        }
    };
}

test_poseidon2!(
    koala_bear,
    KoalaBear,
    p3_koala_bear::KoalaBear,
    p3_koala_bear,
    [16 default_koalabear_poseidon2_16],
    [24 default_koalabear_poseidon2_24 16],
    8
);
test_poseidon2!(
    baby_bear,
    BabyBear,
    p3_baby_bear::BabyBear,
    p3_baby_bear,
    [16 default_babybear_poseidon2_16],
    [24 default_babybear_poseidon2_24 16],
    8
);
test_poseidon2!(
    goldilocks,
    Goldilocks,
    p3_goldilocks::Goldilocks,
    p3_goldilocks,
    [8 default_goldilocks_poseidon2_8],
    [12 default_goldilocks_poseidon2_12 8],
    4
);

#[test]
fn keccak_permutation_and_nodes_agree_with_plonky3() {
    let mut state: [u64; 25] = core::array::from_fn(|i| i as u64);
    for _ in 0..10 {
        let judged = p3_keccak::KeccakF.permute(state);
        keccak_f(&mut state);
        assert_eq!(state, judged);
    }
    let sponge = PaddingFreeSponge::<_, 25, 17, 4>::new(p3_keccak::KeccakF);
    let compression = CompressionFunctionFromHasher::<_, 2, 4>::new(sponge);
    let pairs: Vec<[[u64; 4]; 2]> = (0..21)
        .map(|i| core::array::from_fn(|j| core::array::from_fn(|k| state[(i + 7 * j + k) % 25])))
        .collect();
    let mut parents = vec![[0; 4]; pairs.len()];
    TreeHash::<KoalaBear>::compress(&KeccakHash, &pairs, &mut parents);
    for (pair, parent) in pairs.iter().zip(parents) {
        assert_eq!(parent, compression.compress(*pair));
    }
}

#[test]
fn too_few_or_uneven_rounds_are_refused() {
    let rounds = |n| vec![[KoalaBear::from_u64(1); 16]; n];
    let partial = vec![KoalaBear::from_u64(2); 20];
    assert!(Poseidon2::new(rounds(4), partial.clone(), rounds(4)).is_ok());
    assert!(Poseidon2::new(rounds(4), partial.clone(), rounds(3)).is_err());
    assert!(Poseidon2::new(rounds(2), partial, rounds(2)).is_err());
}
