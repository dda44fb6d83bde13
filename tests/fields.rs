//! The fields against arkworks and against their own laws. A new prime field is one line at the end.

use proptest::prelude::*;
use zkiln::field::{Field, Fq, Fq2, Fr, Int, PrimeField, batch_inverse, batch_inverse_serial};

/// Values that arithmetic gets wrong first: around 0, around p, and around powers of two.
fn edge_values<F: PrimeField>() -> Vec<F> {
    let two = F::from(2);
    let mut values = vec![
        F::ZERO,
        F::ONE,
        two,
        F::from(u64::MAX),
        F::GENERATOR,
        F::ROOT_OF_UNITY,
    ];
    values.extend([1u64, 63, 64, 127, 128, 192, 252, 253, 254, 255].map(|k| two.pow(&[k])));
    let negatives: Vec<F> = values.iter().map(|&v| -v).collect();
    values.extend(negatives);
    values
}

macro_rules! test_prime_field {
    ($name:ident, $F:ty, $Ark:ty) => {
        mod $name {
            use super::*;
            use ark_ff::{FftField, Field as _, PrimeField as _, UniformRand};

            fn check_pair(a: $F, b: $F) {
                let (x, y) = (<$Ark>::from(a), <$Ark>::from(b));
                assert_eq!(<$Ark>::from(a + b), x + y);
                assert_eq!(<$Ark>::from(a - b), x - y);
                assert_eq!(<$Ark>::from(a * b), x * y);
                assert_eq!(<$Ark>::from(-a), -x);
                assert_eq!(<$Ark>::from(a.double()), x + x);
                assert_eq!(<$Ark>::from(a.square()), x * x);
                assert_eq!(a.inverse().map(<$Ark>::from), x.inverse());
                match a.sqrt() {
                    Some(root) => assert_eq!(root.square(), a),
                    None => assert!(x.sqrt().is_none()),
                }
                assert_eq!(a.sqrt().is_some(), x.sqrt().is_some());
                assert_eq!(a.to_canonical().0, x.into_bigint().0);
                assert_eq!(a.to_string(), x.to_string());
                assert_eq!(<$F>::from_canonical(a.to_canonical()), Some(a));
                let mut bytes = vec![0; <$F as Field>::BYTES];
                a.write_canonical(&mut bytes);
                assert_eq!(<$F>::read_canonical(&bytes), Some(a));
                assert_eq!(<$F>::from_montgomery(a.to_montgomery()), Some(a));
                assert_eq!(Int::from_decimal(&a.to_string()), Some(a.to_canonical()));
                if !a.is_zero() {
                    assert_ne!(
                        a.is_lexicographically_largest(),
                        (-a).is_lexicographically_largest()
                    );
                }
            }

            #[test]
            fn powers_agree_with_arkworks() {
                let base = <$F>::GENERATOR;
                let words = [0, 1, 2, 0xff, 1 << 63, u64::MAX];
                for low in words {
                    for high in words {
                        for exponent in [&[][..], &[low], &[low, high], &[low, high, 0]] {
                            let expected = <$Ark>::from(base).pow(exponent);
                            assert_eq!(<$Ark>::from(base.pow(exponent)), expected);
                        }
                    }
                }
            }

            #[test]
            fn edges_agree_with_arkworks() {
                for &a in &edge_values::<$F>() {
                    for &b in &edge_values::<$F>() {
                        check_pair(a, b);
                    }
                }
            }

            #[test]
            fn random_values_agree_with_arkworks() {
                let mut rng = ark_std::test_rng();
                for _ in 0..2000 {
                    let (x, y) = (<$Ark>::rand(&mut rng), <$Ark>::rand(&mut rng));
                    check_pair(x.into(), y.into());
                }
            }

            #[test]
            fn constants_agree_with_arkworks() {
                assert_eq!(<$F>::MODULUS.0, <$Ark>::MODULUS.0);
                assert_eq!(<$F>::BITS, <$Ark>::MODULUS_BIT_SIZE);
                assert_eq!(<$F>::TWO_ADICITY, <$Ark>::TWO_ADICITY);
                assert_eq!(<$Ark>::from(<$F>::GENERATOR), <$Ark>::GENERATOR);
                assert_eq!(
                    <$Ark>::from(<$F>::ROOT_OF_UNITY),
                    <$Ark>::TWO_ADIC_ROOT_OF_UNITY
                );
                assert_eq!(<$F>::root_of_unity(<$F>::TWO_ADICITY + 1), None);
                assert_eq!(<$F>::root_of_unity(0), Some(<$F>::ONE));
                assert_eq!(<$F>::root_of_unity(1), Some(-<$F>::ONE));
            }

            #[test]
            fn values_from_the_modulus_on_are_refused() {
                let p = <$F>::MODULUS;
                assert_eq!(<$F>::from_canonical(p), None);
                assert_eq!(<$F>::from_montgomery(p.0), None);
                assert_eq!(<$F>::from_canonical(Int([u64::MAX; 4])), None);
                assert_eq!(<$F>::from(p), <$F>::ZERO);
                let mut bytes = vec![0; <$F as Field>::BYTES];
                p.write_le_bytes(&mut bytes);
                assert_eq!(<$F>::read_canonical(&bytes), None);
                assert_eq!(<$F>::read_canonical(&bytes[1..]), None);
            }

            #[test]
            fn batches_invert_as_single_elements_do() {
                for n in [0usize, 1, 2, 5, 4095, 4097] {
                    let mut rng = ark_std::test_rng();
                    let mut values: Vec<$F> = (0..n)
                        .map(|i| {
                            if i % 3 == 1 {
                                <$F>::ZERO
                            } else {
                                <$Ark>::rand(&mut rng).into()
                            }
                        })
                        .collect();
                    let expected: Vec<$F> = values
                        .iter()
                        .map(|v| v.inverse().unwrap_or(<$F>::ZERO))
                        .collect();
                    let mut serial = values.clone();
                    batch_inverse_serial(&mut serial, &mut vec![<$F>::ONE; n]);
                    batch_inverse(&mut values);
                    assert_eq!(values, expected);
                    assert_eq!(serial, expected);
                }
            }

            #[test]
            fn random_draws_are_reduced_and_differ() {
                let draws: Vec<$F> = (0..100).map(|_| <$F>::random().unwrap()).collect();
                assert!(draws.iter().all(|d| d.is_reduced()));
                assert!(draws.windows(2).all(|w| w[0] != w[1]));
                // A generator stuck in the low or high half would fail this with probability 2^-99.
                assert!(draws.iter().any(|d| d.is_lexicographically_largest()));
                assert!(draws.iter().any(|d| !d.is_lexicographically_largest()));
            }
        }
    };
}

test_prime_field!(bn254_fr, Fr, ark_bn254::Fr);
test_prime_field!(bn254_fq, Fq, ark_bn254::Fq);

#[test]
fn quadratic_extension_agrees_with_arkworks() {
    use ark_ff::Field as _;
    let edges = edge_values::<Fq>();
    for &c0 in &edges {
        for &c1 in &edges {
            let a = Fq2::new(c0, c1);
            let b = Fq2::new(c1 + Fq::ONE, c0.double());
            let (x, y) = (ark_bn254::Fq2::from(a), ark_bn254::Fq2::from(b));
            assert_eq!(ark_bn254::Fq2::from(a + b), x + y);
            assert_eq!(ark_bn254::Fq2::from(a - b), x - y);
            assert_eq!(ark_bn254::Fq2::from(a * b), x * y);
            assert_eq!(ark_bn254::Fq2::from(a.square()), x * x);
            assert_eq!(ark_bn254::Fq2::from(-a), -x);
            assert_eq!(a.inverse().map(ark_bn254::Fq2::from), x.inverse());
            assert_eq!(a.sqrt().is_some(), x.sqrt().is_some());
            if let Some(root) = a.sqrt() {
                assert_eq!(root.square(), a);
            }
            let mut bytes = [0; 64];
            a.write_canonical(&mut bytes);
            assert_eq!(Fq2::read_canonical(&bytes), Some(a));
        }
    }
}

#[test]
fn decimal_text_is_strict() {
    let parse = Int::<4>::from_decimal;
    for bad in [
        "", "00", "01", "-1", "+1", "0x1", "1 ", " 1", "1.0", "1e3", "\u{0661}",
    ] {
        assert_eq!(parse(bad), None, "{bad:?}");
    }
    let largest = Int([u64::MAX; 4]).to_string();
    assert_eq!(parse(&largest), Some(Int([u64::MAX; 4])));
    assert_eq!(parse(&"9".repeat(78)), None);
    assert_eq!(parse(&"9".repeat(1 << 20)), None);
    assert_eq!(parse("0"), Some(Int::ZERO));
}

proptest! {
    #[test]
    fn any_limbs_convert_modulo_p(limbs in any::<[u64; 4]>()) {
        let expected = <ark_bn254::Fr as ark_ff::PrimeField>::from_le_bytes_mod_order(
            bytemuck::bytes_of(&limbs),
        );
        prop_assert_eq!(ark_bn254::Fr::from(Fr::from(Int(limbs))), expected);
        prop_assert_eq!(Int::<4>::from_decimal(&Int(limbs).to_string()), Some(Int(limbs)));
    }

    #[test]
    fn inverses_are_inverses(limbs in any::<[u64; 4]>()) {
        let a = Fq::from(Int(limbs));
        prop_assume!(!a.is_zero());
        prop_assert_eq!(a * a.inverse().unwrap(), Fq::ONE);
    }
}

/// Limbs below, at and above the modulus, which only its lowest limb tells apart.
#[test]
fn one_that_is_not_reduced_is_found_among_many() {
    fn check<F: PrimeField<Canonical = Int<4>> + bytemuck::Pod>() {
        let limbs = |change: fn(u64) -> u64| {
            let mut limbs = F::MODULUS.0;
            limbs[0] = change(limbs[0]);
            bytemuck::cast::<[u64; 4], F>(limbs)
        };
        let (below, at, above) = (limbs(|x| x - 1), limbs(|x| x), limbs(|x| x + 1));
        let highest = |limb| bytemuck::cast::<[u64; 4], F>([0, 0, 0, limb]);
        let [huge, negative, all] = [1 << 62, 1 << 63, u64::MAX].map(highest);
        assert!(F::all_reduced(&[]));
        for n in [1, 7, 8, 100] {
            for one in [F::ONE, below, at, above, huge, negative, all] {
                for place in [0, n / 2, n - 1] {
                    let mut elements = vec![below; n];
                    elements[place] = one;
                    assert_eq!(F::all_reduced(&elements), one.is_reduced());
                }
            }
        }
        assert!(below.is_reduced() && !at.is_reduced() && !above.is_reduced());
    }
    check::<Fr>();
    check::<Fq>();
}
