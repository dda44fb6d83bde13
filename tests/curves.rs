//! The groups against arkworks. A new group is one line at the end.

use zkiln::curve::{Affine, Curve, G1, G2, Xyzz, batch_to_affine};
use zkiln::field::{Field, Fr, PrimeField};

macro_rules! test_group {
    ($name:ident, $C:ty, $ArkAffine:ty, $ArkProjective:ty) => {
        mod $name {
            use super::*;
            use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
            use ark_ff::UniformRand;

            type Point = Affine<$C>;

            fn points() -> Vec<$ArkProjective> {
                let mut rng = ark_std::test_rng();
                let g = <$ArkProjective>::generator();
                let p = <$ArkProjective>::rand(&mut rng);
                vec![
                    <$ArkProjective>::default(),
                    g,
                    -g,
                    g + g,
                    p,
                    -p,
                    p + p,
                    p + g,
                ]
            }

            fn ours(p: $ArkProjective) -> Point {
                p.into_affine().into()
            }

            #[test]
            fn sums_agree_with_arkworks() {
                for p in points() {
                    for q in points() {
                        let expected = ours(p + q);
                        let (a, b) = (Xyzz::from(ours(p)), Xyzz::from(ours(q)));
                        assert_eq!((a + b).to_affine(), expected);
                        assert_eq!(a.add_affine(&ours(q)).to_affine(), expected);
                        assert_eq!((a - b).to_affine(), ours(p - q));
                        // The same through points with zz != 1.
                        let (a2, b2) = (a.double(), b.double());
                        assert_eq!((a2 + b2).to_affine(), ours(p + q + p + q));
                        assert_eq!(a2.add_affine(&ours(q)).to_affine(), ours(p + p + q));
                        assert_eq!(a2 == b2, p == q);
                    }
                    assert_eq!(Xyzz::from(ours(p)).double().to_affine(), ours(p + p));
                    assert_eq!(
                        Xyzz::from(ours(p)).double().double().to_affine(),
                        ours(p + p + p + p)
                    );
                    assert_eq!(<$ArkAffine>::from(ours(p)), p.into_affine());
                }
            }

            #[test]
            fn multiples_agree_with_arkworks() {
                let mut rng = ark_std::test_rng();
                let p = points()[4];
                for _ in 0..20 {
                    let k = ark_bn254::Fr::rand(&mut rng);
                    assert_eq!((ours(p) * Fr::from(k)).to_affine(), ours(p * k));
                }
                assert_eq!((ours(p) * -Fr::ONE).to_affine(), -ours(p));
                assert!((ours(p) * Fr::ZERO).is_infinity());
                assert!(Xyzz::from(ours(p)).mul_limbs(&Fr::MODULUS.0).is_infinity());
            }

            #[test]
            fn constants_agree_with_arkworks() {
                assert_eq!(<$C>::GENERATOR, Point::from(<$ArkAffine>::generator()));
                assert!(<$C>::GENERATOR.is_valid());
                assert!(Point::INFINITY.is_valid());
            }

            #[test]
            fn membership_is_checked() {
                for p in points() {
                    let p = ours(p);
                    assert!(p.is_valid());
                    if !p.is_infinity() {
                        let off = Point {
                            x: p.x,
                            y: p.y + <$C as Curve>::Base::ONE,
                        };
                        assert!(!off.is_on_curve() && !off.is_valid());
                    }
                }
            }

            #[test]
            fn roots_recover_points() {
                for p in points().into_iter().map(ours).filter(|p| !p.is_infinity()) {
                    let largest = p.y.is_lexicographically_largest();
                    assert_eq!(Point::from_x(p.x, largest), Some(p));
                    assert_eq!(Point::from_x(p.x, !largest), Some(-p));
                }
            }

            #[test]
            fn batches_become_affine() {
                for n in [0usize, 1, 2, 9, 5000] {
                    let all = points();
                    let batch: Vec<Xyzz<$C>> = (0..n)
                        .map(|i| Xyzz::from(ours(all[i % all.len()])).double())
                        .collect();
                    let expected: Vec<Point> = batch.iter().map(Xyzz::to_affine).collect();
                    assert_eq!(batch_to_affine(&batch), expected);
                }
            }
        }
    };
}

test_group!(bn254_g1, G1, ark_bn254::G1Affine, ark_bn254::G1Projective);
test_group!(bn254_g2, G2, ark_bn254::G2Affine, ark_bn254::G2Projective);

/// Points of the twist outside the subgroup are found out, as arkworks finds them.
#[test]
fn twist_points_outside_the_subgroup_are_refused() {
    let mut outside = 0;
    for i in 0..50u64 {
        let x = zkiln::field::Fq2::new(i.into(), 7.into());
        if let Some(p) = Affine::<G2>::from_x(x, false) {
            assert!(p.is_on_curve());
            let reference = ark_bn254::G2Affine::from(p).is_in_correct_subgroup_assuming_on_curve();
            assert_eq!(G2::is_in_subgroup(&p), reference);
            assert_eq!(p.is_valid(), reference);
            // Times the order of the group such a point is not infinity.
            assert_eq!(
                Xyzz::from(p).mul_limbs(&Fr::MODULUS.0).is_infinity(),
                reference
            );
            outside += usize::from(!reference);
        }
    }
    assert!(
        outside > 10,
        "the sample must hold points outside the subgroup"
    );
}
