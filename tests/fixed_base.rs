//! Multiples of one point against the definition. A new group is one line at the end.

use zkiln::curve::{Affine, Curve, G1, G2};
use zkiln::field::{Field, Fr, PrimeField};
use zkiln::msm::FixedBase;

/// The ends of the range, powers of two and their neighbours, and numbers of every length.
fn edge_scalars() -> Vec<Fr> {
    let two = Fr::from_u64(2);
    let half = two.inverse().unwrap();
    let mut scalars = vec![Fr::ZERO, Fr::ONE, two, half, half - Fr::ONE, Fr::ZERO];
    for k in 0..254 {
        let power = two.pow(&[k]);
        scalars.extend([power, -power, power - Fr::ONE, Fr::ONE - power]);
    }
    scalars
}

fn random_scalars(n: usize) -> Vec<Fr> {
    (0..n).map(|_| Fr::random().unwrap()).collect()
}

macro_rules! test_fixed_base {
    ($name:ident, $C:ty) => {
        mod $name {
            use super::*;

            fn check(base: Affine<$C>, count: usize, scalars: &[Fr]) {
                let multiples = FixedBase::<$C>::new(base, count).multiply_all(scalars);
                assert_eq!(multiples.len(), scalars.len());
                for (multiple, &scalar) in multiples.iter().zip(scalars) {
                    assert_eq!(*multiple, (base * scalar).to_affine(), "{scalar}, {count}");
                }
            }

            #[test]
            fn edge_scalars_for_several_widths() {
                let base = (<$C>::GENERATOR * Fr::from_u64(1234)).to_affine();
                for count in [0, 1, 20, 200, 2000, 20_000, 200_000, usize::MAX] {
                    check(base, count, &edge_scalars());
                }
            }

            #[test]
            fn any_number_of_scalars() {
                for n in [0, 1, 2, 3, 255, 256, 257, 1001] {
                    check(<$C>::GENERATOR, n, &random_scalars(n));
                }
            }

            #[test]
            fn equal_scalars_and_only_zeros() {
                check(<$C>::GENERATOR, 3000, &vec![Fr::from_u64(77); 3000]);
                check(<$C>::GENERATOR, 3000, &vec![Fr::ZERO; 3000]);
            }

            #[test]
            fn multiples_of_infinity_are_infinity() {
                check(Affine::INFINITY, 100, &edge_scalars());
            }
        }
    };
}
test_fixed_base!(g1, G1);
test_fixed_base!(g2, G2);
