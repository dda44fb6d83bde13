//! The verifier: proofs of snarkjs, of simulators, of forgers.

mod common;

use ark_ec::AffineRepr;
use common::{
    CIRCUITS, Trapdoor, ark_accepts, data, fixture, g1, g2, outside_the_subgroup, random,
};
use zkiln::curve::{G1Affine, G2Affine, Xyzz};
use zkiln::field::{Fq, Fq2, Fr, PrimeField};
use zkiln::groth16::{PreparedVerifyingKey, Proof, VerifyingKey};
use zkiln::{Error, Fault};

#[test]
fn the_proofs_of_snarkjs_verify() {
    for circuit in CIRCUITS {
        let (key, public, proof) = fixture(circuit);
        let prepared = PreparedVerifyingKey::new(&key).unwrap();
        assert!(prepared.verify(&public, &proof).unwrap(), "{circuit}");
        assert!(key.verify(&public, &proof).unwrap(), "{circuit}");
        assert!(ark_accepts(&key, &public, &proof), "{circuit}");
        for i in 0..public.len() {
            let mut other = public.0.clone();
            other[i] += Fr::ONE;
            assert!(!prepared.verify(&other, &proof).unwrap(), "{circuit} {i}");
        }
    }
}

#[test]
fn simulated_proofs_verify() {
    for n in [0, 1, 2, 7, 8, 9, 40] {
        let trapdoor = Trapdoor::random(n);
        let public: Vec<Fr> = (0..n).map(|_| random()).collect();
        let (key, proof) = (trapdoor.key(), trapdoor.simulate(&public));
        assert!(key.verify(&public, &proof).unwrap(), "{n}");
        assert!(ark_accepts(&key, &public, &proof), "{n}");
        for wrong in [
            Proof {
                a: g1(random()),
                ..proof
            },
            Proof {
                b: g2(random()),
                ..proof
            },
            Proof {
                c: g1(random()),
                ..proof
            },
            Proof {
                a: -proof.a,
                ..proof
            },
        ] {
            assert!(!key.verify(&public, &wrong).unwrap(), "{n}");
        }
    }
}

/// Inherent in Groth16, and why a proof must not serve as a nullifier.
#[test]
fn malleated_proofs_verify() {
    let (key, public, proof) = fixture("merkle");
    let negated = Proof {
        a: -proof.a,
        b: -proof.b,
        c: proof.c,
    };
    assert!(key.verify(&public, &negated).unwrap());
    let (s, inverse) = (
        Fr::from(3),
        zkiln::field::Field::inverse(&Fr::from(3)).unwrap(),
    );
    let scaled = Proof {
        a: (proof.a * s).to_affine(),
        b: (proof.b * inverse).to_affine(),
        c: proof.c,
    };
    assert!(key.verify(&public, &scaled).unwrap());
}

#[test]
fn public_inputs_are_counted_and_reduced() {
    let (key, public, proof) = fixture("full_domain");
    let prepared = PreparedVerifyingKey::new(&key).unwrap();
    let refused = |public: &[Fr]| {
        let single = prepared.verify(public, &proof);
        let batch = prepared.verify_batch(&[(public, proof)]);
        let search = prepared.invalid_proofs(&[(public, proof)]);
        matches!(single, Err(Error::PublicInputs(_)))
            && matches!(batch, Err(Error::PublicInputs(_)))
            && matches!(search, Err(Error::PublicInputs(_)))
    };
    assert!(refused(&[]));
    assert!(refused(&public[1..]));
    assert!(refused(&[&public[..], &[Fr::ZERO]].concat()));
    for i in 0..public.len() {
        // The same residue in limbs that are not reduced, which only casts of bytes can make.
        let mut limbs = public[i].to_montgomery();
        let mut carry = 0;
        for (limb, r) in limbs.iter_mut().zip(Fr::MODULUS.0) {
            let sum = u128::from(*limb) + u128::from(r) + carry;
            *limb = sum as u64;
            carry = sum >> 64;
        }
        let mut alias = public.0.clone();
        alias[i] = bytemuck::cast(limbs);
        assert!(refused(&alias), "{i}");
    }
}

/// Points that are none, by the name of their fault.
fn bad_g1(p: G1Affine) -> Vec<(Fault, G1Affine)> {
    vec![
        (Fault::NotOnCurve, G1Affine { x: p.y, y: p.x }),
        (
            Fault::NotCanonical,
            G1Affine {
                x: bytemuck::cast(Fq::MODULUS.0),
                y: p.y,
            },
        ),
        (
            Fault::NotCanonical,
            G1Affine {
                x: p.x,
                y: bytemuck::cast([u64::MAX; 4]),
            },
        ),
    ]
}

fn bad_g2(p: G2Affine) -> Vec<(Fault, G2Affine)> {
    let swapped = |e: Fq2| Fq2::new(e.c1, e.c0);
    vec![
        (
            Fault::NotOnCurve,
            G2Affine {
                x: swapped(p.x),
                y: swapped(p.y),
            },
        ),
        (
            Fault::NotCanonical,
            G2Affine {
                x: bytemuck::cast([u64::MAX; 8]),
                y: p.y,
            },
        ),
        (Fault::NotInSubgroup, outside_the_subgroup()),
        (
            Fault::NotInSubgroup,
            (Xyzz::from(p) + Xyzz::from(outside_the_subgroup())).to_affine(),
        ),
    ]
}

#[test]
fn proofs_of_bad_points_are_invalid() {
    let (key, public, proof) = fixture("merkle");
    let prepared = PreparedVerifyingKey::new(&key).unwrap();
    let mut bad = vec![
        Proof {
            a: G1Affine::INFINITY,
            ..proof
        },
        Proof {
            b: G2Affine::INFINITY,
            ..proof
        },
        Proof {
            c: G1Affine::INFINITY,
            ..proof
        },
    ];
    bad.extend(
        bad_g1(proof.a)
            .into_iter()
            .map(|(_, a)| Proof { a, ..proof }),
    );
    bad.extend(
        bad_g2(proof.b)
            .into_iter()
            .map(|(_, b)| Proof { b, ..proof }),
    );
    bad.extend(
        bad_g1(proof.c)
            .into_iter()
            .map(|(_, c)| Proof { c, ..proof }),
    );
    for bad in bad {
        assert!(!bad.is_well_formed(), "{bad:?}");
        assert!(!prepared.verify(&public, &bad).unwrap(), "{bad:?}");
        let batch = [(&public, proof), (&public, bad)];
        assert!(!prepared.verify_batch(&batch).unwrap(), "{bad:?}");
        assert_eq!(prepared.invalid_proofs(&batch).unwrap(), [1], "{bad:?}");
        // Nothing that only writes minds what it is given.
        bad.to_json();
        bad.to_calldata(&public);
    }
}

#[test]
fn keys_of_bad_points_are_refused() {
    let (key, ..) = fixture("merkle");
    let refused = |key: VerifyingKey, section: &str, expected: Fault| {
        key.to_json();
        for result in [
            PreparedVerifyingKey::new(&key).map(drop),
            PreparedVerifyingKey::allowing_weak(&key).map(drop),
            key.to_solidity().map(drop),
        ] {
            match result {
                Err(Error::Malformed {
                    section: s, fault, ..
                }) => {
                    assert_eq!((s.as_str(), fault), (section, expected));
                }
                other => panic!("{section}, {expected:?}: {other:?}"),
            }
        }
    };
    for (fault, alpha_g1) in bad_g1(key.alpha_g1) {
        refused(
            VerifyingKey {
                alpha_g1,
                ..key.clone()
            },
            "vk_alpha_1",
            fault,
        );
    }
    for (fault, beta_g2) in bad_g2(key.beta_g2) {
        refused(
            VerifyingKey {
                beta_g2,
                ..key.clone()
            },
            "vk_beta_2",
            fault,
        );
    }
    for (fault, gamma_g2) in bad_g2(key.gamma_g2) {
        refused(
            VerifyingKey {
                gamma_g2,
                ..key.clone()
            },
            "vk_gamma_2",
            fault,
        );
    }
    for (fault, delta_g2) in bad_g2(key.delta_g2) {
        refused(
            VerifyingKey {
                delta_g2,
                ..key.clone()
            },
            "vk_delta_2",
            fault,
        );
    }
    for (fault, point) in bad_g1(key.ic[1]) {
        let ic = vec![key.ic[0], point];
        refused(VerifyingKey { ic, ..key.clone() }, "IC[1]", fault);
    }
    refused(
        VerifyingKey {
            ic: vec![],
            ..key.clone()
        },
        "IC",
        Fault::Count,
    );
}

/// Each weakness is refused, and each that allows forgeries is shown by one that is accepted as soon
/// as the check is switched off.
#[test]
fn keys_for_which_anyone_can_forge_are_refused() {
    let honest = Trapdoor::random(2);
    let public = [random(), random()];
    let refused = |key: &VerifyingKey| {
        matches!(PreparedVerifyingKey::new(key), Err(Error::WeakKey { .. }))
            && matches!(
                key.verify(&public, &honest.simulate(&public)),
                Err(Error::WeakKey { .. })
            )
            && matches!(key.to_solidity(), Err(Error::WeakKey { .. }))
    };
    // The forger knows the key and nothing else.
    let inputs = |key: &VerifyingKey| {
        let terms = key.ic[1..].iter().zip(public).map(|(&p, value)| p * value);
        Xyzz::from(key.ic[0]) + terms.sum()
    };
    let forged = |key: &VerifyingKey, proof: Proof| {
        let key = PreparedVerifyingKey::allowing_weak(key).unwrap();
        key.verify(&public, &proof).unwrap() && key.verify_batch(&[(public, proof)]).unwrap()
    };
    for sign in [Fr::ONE, -Fr::ONE] {
        let x = |key: &VerifyingKey| (inputs(key) * sign).to_affine();

        let key = Trapdoor {
            gamma: honest.delta * sign,
            ..honest.clone()
        }
        .key();
        let proof = Proof {
            a: key.alpha_g1,
            b: key.beta_g2,
            c: -x(&key),
        };
        assert!(refused(&key) && forged(&key, proof));

        let key = Trapdoor {
            beta: honest.delta * sign,
            ..honest.clone()
        }
        .key();
        let c = (-key.alpha_g1 * sign).to_affine();
        let proof = Proof {
            a: inputs(&key).to_affine(),
            b: key.gamma_g2,
            c,
        };
        assert!(refused(&key) && forged(&key, proof));

        let key = Trapdoor {
            beta: honest.gamma * sign,
            ..honest.clone()
        }
        .key();
        let a = (key.alpha_g1 * sign + inputs(&key)).to_affine();
        let b = (Xyzz::from(key.gamma_g2) + Xyzz::from(key.delta_g2)).to_affine();
        assert!(refused(&key) && forged(&key, Proof { a, b, c: a }));

        assert!(refused(
            &Trapdoor {
                delta: sign,
                ..honest.clone()
            }
            .key()
        ));
    }
    let key = honest.key();
    assert!(!refused(&key) && key.weakness().is_none());
    let (o1, o2) = (G1Affine::INFINITY, G2Affine::INFINITY);
    assert!(refused(&VerifyingKey {
        alpha_g1: o1,
        ..key.clone()
    }));
    assert!(refused(&VerifyingKey {
        beta_g2: o2,
        ..key.clone()
    }));
    assert!(refused(&VerifyingKey {
        gamma_g2: o2,
        ..key.clone()
    }));
    assert!(refused(&VerifyingKey {
        delta_g2: o2,
        ..key.clone()
    }));
    for i in 0..key.ic.len() {
        let mut key = key.clone();
        key.ic[i] = o1;
        assert!(refused(&key));
    }
}

/// The same on a real file: snarkjs exports this key without a word, and accepts the forgery.
#[test]
fn a_key_without_contribution_is_refused() {
    let key = VerifyingKey::open(data("multiplier/no_contribution_vkey.json")).unwrap();
    let error = PreparedVerifyingKey::new(&key).unwrap_err();
    assert!(matches!(error, Error::WeakKey { .. }), "{error}");
    let public = [Fr::from(1_000_003)];
    let x = key.ic[0];
    let c = -(Xyzz::from(x) + key.ic[1] * public[0]).to_affine();
    let forgery = Proof {
        a: key.alpha_g1,
        b: key.beta_g2,
        c,
    };
    assert!(ark_accepts(&key, &public, &forgery));
    let prepared = PreparedVerifyingKey::allowing_weak(&key).unwrap();
    assert!(prepared.verify(&public, &forgery).unwrap());
}

#[test]
fn a_prepared_key_is_shared_between_threads() {
    let (key, public, proof) = fixture("range");
    let prepared = PreparedVerifyingKey::new(&key).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(prepared.verify(&public, &proof).unwrap()));
        }
    });
    assert_eq!(*prepared.key(), key);
    assert_eq!(
        G2Affine::from(ark_bn254::G2Affine::generator()),
        key.gamma_g2
    );
}
