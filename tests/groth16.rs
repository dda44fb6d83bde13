//! The prover, end to end: our proofs before other people's verifiers, and witnesses and keys that
//! must not get that far.

mod common;

use std::path::PathBuf;

use common::node::{Folder, is_ready, oracle};
use common::{CIRCUITS, ark_accepts, data, fixture, outside_the_subgroup};
use zkiln::curve::{Affine, Curve, G1, G1Affine};
use zkiln::field::{Field, Fr, Int};
use zkiln::groth16::{KeyOptions, ProveOptions, ProvingKey, R1cs, Witness, Zkey};
use zkiln::{Error, Fault};

fn open(circuit: &str) -> (ProvingKey, Witness) {
    let folder = data(circuit);
    (
        ProvingKey::open(folder.join("circuit.zkey")).unwrap(),
        Witness::open(folder.join("witness.wtns")).unwrap(),
    )
}

/// Options with every field but those of the call at its default.
fn key_options(change: impl FnOnce(&mut KeyOptions)) -> KeyOptions {
    let mut options = KeyOptions::default();
    change(&mut options);
    options
}

#[test]
fn arkworks_and_snarkjs_accept_our_proofs_of_every_fixture() {
    let node = is_ready();
    let folder = Folder::new("groth16");
    let mut paths: Vec<PathBuf> = Vec::new();
    for circuit in CIRCUITS {
        let (key, witness) = open(circuit);
        let (trusted, expected, _) = fixture(circuit);
        assert_eq!(*key.verifying_key(), trusted, "{circuit}");
        let (proof, public) = key.prove(&witness).unwrap();
        assert_eq!(public, expected, "{circuit}");
        assert!(ark_accepts(&trusted, &public, &proof), "{circuit}");
        paths.push(data(circuit).join("verification_key.json"));
        paths.push(folder.file(&format!("{circuit}.public.json"), public.to_json()));
        paths.push(folder.file(&format!("{circuit}.proof.json"), proof.to_json()));
    }
    if node {
        let answers = oracle("verify.mjs", &paths);
        assert_eq!(
            answers.lines().collect::<Vec<_>>(),
            vec![r#"{"ok":true}"#; CIRCUITS.len()]
        );
    }
}

#[test]
fn proofs_of_one_witness_differ() {
    let (key, witness) = open("hash_chain");
    let (first, public) = key.prove(&witness).unwrap();
    let (second, _) = key.prove(&witness).unwrap();
    assert!(first.a != second.a && first.b != second.b && first.c != second.c);
    let batch = [(public.clone(), first), (public, second)];
    assert!(key.verifier().verify_batch(&batch).unwrap());
}

#[test]
fn options_do_not_change_what_is_proven() {
    for circuit in CIRCUITS {
        let path = data(circuit).join("circuit.zkey");
        let (plain, witness) = open(circuit);
        let (_, expected) = plain.prove(&witness).unwrap();
        for options in [
            key_options(|o| o.constant_work = true),
            key_options(|o| o.check_points = false),
        ] {
            let key = ProvingKey::open_with(&path, options).unwrap();
            let (proof, public) = key.prove(&witness).unwrap();
            assert_eq!(public, expected);
            assert!(plain.verifier().verify(&public, &proof).unwrap());
        }
        let bytes = std::fs::read(&path).unwrap();
        let key = ProvingKey::from_bytes(&bytes, "memory").unwrap();
        assert!(key.prove(&witness).is_ok());
    }
}

#[test]
fn a_witness_that_breaks_a_constraint_is_told_so() {
    for circuit in CIRCUITS {
        let (key, witness) = open(circuit);
        let r1cs = R1cs::open(data(circuit).join("circuit.r1cs")).unwrap();
        let mut with_r1cs = ProveOptions::default();
        with_r1cs.r1cs = Some(&r1cs);
        let last = witness.values().len() - 1;
        for wire in [1, last / 2, last] {
            let mut values = witness.values().to_vec();
            values[wire] = Int::from_u64(123_456_789);
            let wrong = Witness::new(values).unwrap();
            let constraint = r1cs
                .first_unsatisfied(&wrong)
                .unwrap()
                .expect("a wire in use");
            let error = key.prove(&wrong).unwrap_err();
            assert!(
                matches!(error, Error::Unsatisfied(_)),
                "{circuit} {wire}: {error}"
            );
            let error = key.prove_with(&wrong, &with_r1cs).unwrap_err();
            assert!(
                matches!(error, Error::Unsatisfied(_)),
                "{circuit} {wire}: {error}"
            );
            assert!(
                error
                    .to_string()
                    .contains(&format!("constraint {constraint} ")),
                "{error}"
            );
            // Without verification the proof is handed out, and nobody accepts it.
            let mut unchecked = ProveOptions::default();
            unchecked.verify = false;
            let (proof, public) = key.prove_with(&wrong, &unchecked).unwrap();
            assert!(!key.verifier().verify(&public, &proof).unwrap());
        }
    }
}

#[test]
fn a_witness_of_another_circuit_is_refused() {
    let (key, witness) = open("merkle");
    let (_, other) = open("range");
    assert!(matches!(
        key.prove(&other).unwrap_err(),
        Error::WitnessMismatch(_)
    ));
    let longer = [witness.values(), &[Int::ZERO]].concat();
    let error = key.prove(&Witness::new(longer).unwrap()).unwrap_err();
    assert!(matches!(error, Error::WitnessMismatch(_)), "{error}");
}

#[test]
fn keys_without_contribution_are_refused() {
    let path = data("multiplier/no_contribution.zkey");
    let error = ProvingKey::open(&path).unwrap_err();
    assert!(matches!(error, Error::WeakKey { .. }), "{error}");
    assert!(
        error.to_string().contains("no_contribution.zkey"),
        "{error}"
    );
    let key = ProvingKey::open_with(&path, key_options(|o| o.allow_weak = true)).unwrap();
    let (_, witness) = open("multiplier");
    assert!(key.prove(&witness).is_ok());
}

#[test]
fn a_key_is_compared_with_a_trusted_verification_key() {
    let (key, _) = open("range");
    let (trusted, ..) = fixture("range");
    key.check_verifying_key(&trusted).unwrap();
    let (other, ..) = fixture("merkle");
    assert!(
        key.check_verifying_key(&other)
            .unwrap_err()
            .to_string()
            .contains("publishes 3")
    );
    let mut changed = trusted.clone();
    changed.ic[1] = -changed.ic[1];
    assert!(key.check_verifying_key(&changed).is_err());
    let mut changed = trusted;
    changed.delta_g2 = -changed.delta_g2;
    assert!(key.check_verifying_key(&changed).is_err());
}

/// The zkey of a circuit with point `index` of a section replaced.
fn with_point<C: Curve>(circuit: &str, section: u32, index: usize, point: Affine<C>) -> Vec<u8> {
    let mut bytes = std::fs::read(data(circuit).join("circuit.zkey")).unwrap();
    let mut at = 12;
    loop {
        let id = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let length = u64::from_le_bytes(bytes[at + 4..at + 12].try_into().unwrap()) as usize;
        at += 12;
        if id == section {
            let size = size_of::<Affine<C>>();
            bytes[at + index * size..][..size].copy_from_slice(bytemuck::bytes_of(&point));
            return bytes;
        }
        at += length;
    }
}

/// Every place where a hostile key could smuggle in points that make proofs leak their witness.
#[test]
fn keys_with_foreign_points_give_no_proof() {
    let (_, witness) = open("range");
    let outside = outside_the_subgroup();
    for index in [0, 7, 2000] {
        let bytes = with_point("range", 7, index, outside);
        let error = ProvingKey::from_bytes(&bytes, "hostile").unwrap_err();
        assert_eq!(error.fault(), Some(Fault::NotInSubgroup), "{error}");
    }
    let off_curve = G1Affine {
        x: 5.into(),
        y: 5.into(),
    };
    for section in [5, 6, 8, 9] {
        let bytes = with_point("range", section, 3, off_curve);
        let error = ProvingKey::from_bytes(&bytes, "hostile").unwrap_err();
        assert_eq!(error.fault(), Some(Fault::NotOnCurve), "{error}");
        assert!(error.to_string().contains("point 3"), "{error}");
    }
    // Points of the group, but not the right ones: the proof is withheld. Of A, B and C the base of
    // the constant wire is shifted, whose value is never 0.
    for (section, index) in [(5, 0), (6, 0), (9, 3)] {
        let bytes = with_point("range", section, index, G1::GENERATOR);
        let key = ProvingKey::from_bytes(&bytes, "hostile").unwrap();
        assert!(matches!(
            key.prove(&witness).unwrap_err(),
            Error::Unsatisfied(_)
        ));
    }
    let r1cs = R1cs::open(data("range/circuit.r1cs")).unwrap();
    let mut with_r1cs = ProveOptions::default();
    with_r1cs.r1cs = Some(&r1cs);
    let key = ProvingKey::from_bytes(&with_point("range", 9, 3, G1::GENERATOR), "hostile").unwrap();
    let error = key.prove_with(&witness, &with_r1cs).unwrap_err();
    assert!(matches!(error, Error::SelfCheck(_)), "{error}");
}

#[test]
fn eight_threads_share_a_key() {
    let (key, witness) = open("hash_chain");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..3 {
                    key.prove(&witness).unwrap();
                }
            });
        }
    });
}

#[test]
fn parsing_and_proving_agree_on_the_key() {
    for circuit in CIRCUITS {
        let bytes = std::fs::read(data(circuit).join("circuit.zkey")).unwrap();
        let zkey = Zkey::parse(&bytes, circuit).unwrap();
        let (key, witness) = open(circuit);
        assert_eq!(key.n_wires(), zkey.header().n_vars);
        assert_eq!(key.n_public(), zkey.header().n_public);
        assert_eq!(key.domain_size(), zkey.header().domain_size());
        assert_eq!(key.n_wires(), witness.values().len());
        assert!(key.verifying_key().ic[0] != G1Affine::INFINITY);
        let public = key.prove(&witness).unwrap().1;
        assert!(public.iter().all(|v| v.is_reduced()));
        assert_eq!(public.0.len(), zkey.header().n_public);
        assert_ne!(public.0.first(), Some(&Fr::ZERO));
    }
}
