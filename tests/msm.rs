//! MSM against the definition and against arkworks. A new group is one line at the end.

use ark_ec::{CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::UniformRand;
use zkiln::curve::{Affine, Curve, G1, G2, Xyzz};
use zkiln::field::{Field, Fr, Int, PrimeField};
use zkiln::msm::{FixedBase, Mask, Msm, Scalars};

/// `sum scalars[i] bases[i]` by double and add.
fn naive<C: Curve<Scalar = Fr>>(bases: &[Affine<C>], scalars: &[Fr]) -> Affine<C> {
    bases
        .iter()
        .zip(scalars)
        .map(|(&b, &s)| b * s)
        .sum::<Xyzz<C>>()
        .to_affine()
}

fn random_scalars(n: usize) -> Vec<Fr> {
    let mut rng = ark_std::test_rng();
    (0..n)
        .map(|_| ark_bn254::Fr::rand(&mut rng).into())
        .collect()
}

/// Scalars as a witness of bits has them: most 0 or 1, some short, few of full size.
fn witness_like(n: usize) -> Vec<Fr> {
    let random = random_scalars(n);
    random
        .iter()
        .enumerate()
        .map(|(i, &full)| match i % 100 {
            0..58 => Fr::ZERO,
            58..94 => Fr::ONE,
            94 => -Fr::ONE,
            95..98 => Fr::from(full.to_canonical().0[0]),
            98 => -Fr::from(full.to_canonical().0[0] >> 30),
            _ => full,
        })
        .collect()
}

macro_rules! test_msm {
    ($name:ident, $C:ty, $Ark:ty) => {
        mod $name {
            use super::*;

            /// Points in arithmetic progression: equal partial sums meet all the time.
            fn progression(n: usize) -> Vec<Affine<$C>> {
                let step = <$Ark>::generator() + <$Ark>::generator();
                let mut point = <$Ark>::generator();
                let points: Vec<$Ark> = (0..n)
                    .map(|_| {
                        point += step;
                        point
                    })
                    .collect();
                <$Ark>::normalize_batch(&points)
                    .into_iter()
                    .map(Into::into)
                    .collect()
            }

            /// Points without a relation known to anyone.
            fn random_points(n: usize) -> Vec<Affine<$C>> {
                let mut rng = ark_std::test_rng();
                let g = <$Ark>::generator();
                let points: Vec<$Ark> = (0..n).map(|_| g * ark_bn254::Fr::rand(&mut rng)).collect();
                <$Ark>::normalize_batch(&points)
                    .into_iter()
                    .map(Into::into)
                    .collect()
            }

            fn ark_msm(bases: &[Affine<$C>], scalars: &[Fr]) -> Affine<$C> {
                let bases: Vec<_> = bases.iter().map(|&b| b.into()).collect();
                let scalars: Vec<_> = scalars.iter().map(|&s| s.into()).collect();
                <$Ark>::msm(&bases, &scalars).unwrap().into_affine().into()
            }

            fn check(bases: &[Affine<$C>], scalars: &[Fr]) {
                let expected = if bases.len() <= 64 {
                    naive(bases, scalars)
                } else {
                    ark_msm(bases, scalars)
                };
                let msm = Msm::new(bases.to_vec()).unwrap();
                assert_eq!(msm.run(scalars).unwrap().to_affine(), expected);
                let canonical: Vec<Int<4>> = scalars.iter().map(|s| s.to_canonical()).collect();
                assert_eq!(msm.run(&canonical).unwrap().to_affine(), expected);
            }

            #[test]
            fn sizes_around_powers_of_two() {
                let bases = random_points(1025);
                let scalars = random_scalars(1025);
                for n in [
                    0usize, 1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 64, 127, 255, 257, 1023, 1025,
                ] {
                    check(&bases[..n], &scalars[..n]);
                }
            }

            #[test]
            fn every_scalar_alike() {
                for n in [1usize, 2, 63, 1000] {
                    for bases in [random_points(n), progression(n)] {
                        let full = random_scalars(1)[0];
                        for scalar in [
                            Fr::ZERO,
                            Fr::ONE,
                            -Fr::ONE,
                            Fr::from(2),
                            -Fr::from(2),
                            full,
                            -full,
                        ] {
                            check(&bases, &vec![scalar; n]);
                        }
                    }
                }
            }

            #[test]
            fn edge_scalars() {
                let two = Fr::from(2);
                let half = two.inverse().unwrap();
                let mut scalars = vec![
                    Fr::ZERO,
                    Fr::ONE,
                    -Fr::ONE,
                    half,
                    half - Fr::ONE,
                    -half,
                    -two,
                ];
                for k in [1u64, 15, 16, 31, 63, 64, 65, 128, 252, 253] {
                    let power = two.pow(&[k]);
                    scalars.extend([power, -power, power - Fr::ONE, power + Fr::ONE]);
                }
                check(&random_points(scalars.len()), &scalars);
                check(&progression(scalars.len()), &scalars);
            }

            #[test]
            fn equal_opposite_and_infinite_points() {
                let p = random_points(1)[0];
                let n = 300;
                let equal = vec![p; n];
                let alternating: Vec<_> = (0..n).map(|i| if i % 2 == 0 { p } else { -p }).collect();
                let with_infinity: Vec<_> = progression(n)
                    .iter()
                    .enumerate()
                    .map(|(i, &q)| if i % 3 == 0 { Affine::INFINITY } else { q })
                    .collect();
                let infinite = vec![Affine::INFINITY; n];
                for bases in [equal, alternating, with_infinity, infinite] {
                    check(&bases, &random_scalars(n));
                    check(&bases, &vec![Fr::ONE; n]);
                    check(&bases, &vec![Fr::from(77); n]);
                    check(&bases, &witness_like(n));
                }
            }

            /// Larger than one tree, so that buckets are grouped and cut.
            #[test]
            fn many_points() {
                let n = (1 << 14) + 1;
                let bases = progression(n);
                check(&bases, &random_scalars(n));
                check(&bases, &witness_like(n));
                check(&bases, &vec![Fr::ONE; n]);
                let short: Vec<Fr> = random_scalars(n)
                    .iter()
                    .map(|s| s.to_canonical().0[0].into())
                    .collect();
                check(&bases, &short);
                // All in one bucket of one window, and in the same bucket of every window.
                check(&bases, &vec![Fr::from(1 << 20); n]);
                check(&bases, &vec![random_scalars(1)[0]; n]);
            }

            #[test]
            fn scalars_are_shared_and_masked() {
                let n = 2000;
                let scalars = witness_like(n);
                let recoded = Scalars::new(&scalars).unwrap();
                let mask = Mask::random(n).unwrap();
                let masked = mask.apply(&scalars).unwrap();
                for bases in [progression(n), random_points(n)] {
                    let expected = ark_msm(&bases, &scalars);
                    let msm = Msm::new(bases).unwrap();
                    assert_eq!(msm.run_recoded(&recoded).unwrap().to_affine(), expected);
                    let correction = msm.run_recoded(&mask.scalars().unwrap()).unwrap();
                    let sum = msm.run_recoded(&masked).unwrap();
                    assert_eq!((sum - correction).to_affine(), expected);
                }
            }

            #[test]
            fn contracts_are_checked() {
                let msm = Msm::new(random_points(3)).unwrap();
                assert!(msm.run(&[Fr::ONE; 2]).is_err());
                assert!(msm.run(&[Fr::ONE; 4]).is_err());
                assert!(
                    msm.run(&[Int::from_u64(1), Fr::MODULUS, Int::ZERO])
                        .is_err()
                );
                assert!(Mask::<Fr>::random(3).unwrap().apply(&[Fr::ONE; 2]).is_err());
            }

            #[test]
            fn threads_do_not_matter() {
                let n = 3000;
                let (bases, scalars) = (progression(n), witness_like(n));
                let expected = ark_msm(&bases, &scalars);
                let msm = Msm::new(bases).unwrap();
                for threads in [1, 2, 7] {
                    let pool = rayon::ThreadPoolBuilder::new()
                        .num_threads(threads)
                        .build()
                        .unwrap();
                    let sum = pool.install(|| msm.run(&scalars)).unwrap();
                    assert_eq!(sum.to_affine(), expected);
                }
            }
        }
    };
}

test_msm!(bn254_g1, G1, ark_bn254::G1Projective);
test_msm!(bn254_g2, G2, ark_bn254::G2Projective);

/// Enough scalars for digits of 16 bits, the widest, and of 14 bits for short ones. The bases are known
/// multiples of the generator, so the sum is known without another MSM.
#[test]
fn the_widest_digits() {
    let n = (1 << 19) + 1;
    let multiples: Vec<Fr> = (0..n as u64).map(|i| Fr::from(3 * i + 5)).collect();
    let bases = FixedBase::<G1>::new(G1::GENERATOR, n).multiply_all(&multiples);
    let msm = Msm::new(bases).unwrap();
    let two = Fr::from(2);
    let mut full: Vec<Fr> = (0..n as u64)
        .map(|i| two.pow(&[i % 254]) - Fr::from(i))
        .collect();
    // Digits of 2^15 and -2^15 in every window.
    full[7] = (0..16).fold(Fr::ZERO, |acc, _| {
        acc * Fr::from(1 << 16) + Fr::from(1 << 15)
    });
    full[8] = -full[7];
    let short: Vec<Fr> = full
        .iter()
        .map(|s| Fr::from(s.to_canonical().0[0]))
        .collect();
    for scalars in [full, short] {
        let expected: Fr = scalars.iter().zip(&multiples).map(|(&s, &m)| s * m).sum();
        assert_eq!(msm.run(&scalars).unwrap(), G1::GENERATOR * expected);
    }
}
