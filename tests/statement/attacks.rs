//! The attacks that real systems fell to, one test each; those on ranges are in `ranges`.

use zkiln::curve::Curve;
use zkiln::curve::G2;
use zkiln::field::{Fr, Int, PrimeField};
use zkiln::groth16::{Encoding, Proof, R1cs, VerifyingKey, WireCounts};
use zkiln::statement::{
    Anchor, Certificate, Groth16Lane, Journal, Lane, StatementV1, Word, check_circuit,
};
use zkiln::{Error, Fault};

use crate::certificates::{replaced, restated};
use crate::common::{Trapdoor, fixture};
use crate::counter::{circuit, example, pairing, segment, single};

fn certificate() -> Certificate {
    single()
        .certify(&[pairing().id()], vec![segment(example())])
        .unwrap()
}

fn refused(certificate: &Certificate) -> String {
    let result = single().verify(certificate, &Anchor::Unchecked);
    match result {
        Err(Error::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

/// A key without a contribution: `(alpha, beta, -x)` is a proof of everything.
#[test]
fn keys_without_contribution_are_no_lanes() {
    let mut key = Trapdoor::random(7).key();
    assert!(Groth16Lane::new(&key).is_ok());
    key.delta_g2 = key.gamma_g2;
    assert!(matches!(Groth16Lane::new(&key), Err(Error::WeakKey { .. })));
    key.delta_g2 = G2::GENERATOR;
    assert!(matches!(Groth16Lane::new(&key), Err(Error::WeakKey { .. })));
    // A signal that no proof binds.
    let mut key = Trapdoor::random(7).key();
    key.ic[1] = zkiln::curve::Affine::INFINITY;
    assert!(matches!(Groth16Lane::new(&key), Err(Error::WeakKey { .. })));
}

#[test]
fn keys_of_other_circuits_are_no_lanes() {
    let (key, ..): (VerifyingKey, _, _) = fixture("multiplier");
    assert!(matches!(Groth16Lane::new(&key), Err(Error::Argument(_))));
    let r1cs = |constraints: Vec<[Vec<(u32, Fr)>; 3]>, public_inputs| {
        let wires = WireCounts {
            total: 10,
            outputs: 0,
            public_inputs,
            private_inputs: 0,
        };
        R1cs::new(wires, constraints).unwrap()
    };
    let square = |wire: u32| {
        [
            vec![(wire, Fr::ONE)],
            vec![(wire, Fr::ONE)],
            vec![(8, Fr::ONE)],
        ]
    };
    check_circuit(&circuit(true)).unwrap();
    check_circuit(&r1cs((1..=7).map(square).collect(), 7)).unwrap();
    assert!(check_circuit(&r1cs((1..=6).map(square).collect(), 6)).is_err());
    // The last signal occurs in no constraint, or with the coefficient zero.
    let error = check_circuit(&r1cs((1..=6).map(square).collect(), 7)).unwrap_err();
    assert!(error.to_string().contains("signal 6"), "{error}");
    let zero = [vec![(7, Fr::ZERO)], vec![(7, Fr::ZERO)], vec![]];
    let constraints = (1..=6).map(square).chain([zero]).collect();
    assert!(check_circuit(&r1cs(constraints, 7)).is_err());
}

/// Somebody else's proof with one's own name on it.
#[test]
fn payees_cannot_be_swapped() {
    let mut thief = example();
    thief.payee = Word::address([0xbb; 20]);
    refused(&restated(&certificate(), &example(), &thief).unwrap());
}

#[test]
fn proofs_are_not_replayed_elsewhere() {
    let statement = example();
    let elsewhere = [
        StatementV1 {
            chain_id: 10,
            ..statement
        },
        StatementV1 {
            context: Word::address([0xdd; 20]),
            ..statement
        },
        StatementV1 {
            request: Word::keccak("another"),
            ..statement
        },
        StatementV1 {
            parameters: Word::from(16),
            ..statement
        },
    ];
    for other in elsewhere {
        refused(&restated(&certificate(), &statement, &other).unwrap());
    }
    // Of another version of statements: the same fields under another tag are another digest.
    let mut words = statement.words();
    words[0] = Word::keccak("zkiln/statement/v2");
    assert_ne!(Word::hash(&words), statement.digest());
    assert!(StatementV1::from_words(&words, "words").is_err());
    let error = replaced(&certificate(), "certificate/v1", "certificate/v0").unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }));
}

/// `x + r` is the same element as `x`, so that a circuit cannot tell them apart.
#[test]
fn roots_have_no_aliases() {
    let statement = example();
    let alias = |value: Fr| {
        let (mut carry, mut sum) = (0u128, [0; 4]);
        let (value, modulus) = (value.to_canonical().0, Fr::MODULUS.0);
        for i in 0..4 {
            let total = u128::from(value[i]) + u128::from(modulus[i]) + carry;
            (sum[i], carry) = (total as u64, total >> 64);
        }
        assert_eq!(carry, 0);
        let mut bytes: Vec<u8> = sum.iter().flat_map(|limb| limb.to_le_bytes()).collect();
        bytes.reverse();
        Word(bytes.try_into().unwrap())
    };
    for (name, i, value) in [
        ("pre_root", 8, statement.pre_root),
        ("post_root", 9, statement.post_root),
        ("batch", 10, statement.batch),
    ] {
        let mut words = statement.words();
        assert_eq!(words[i], Word::from(value));
        words[i] = alias(value);
        assert_eq!(
            Fr::from(Int([words[i]].map(|w| {
                let mut limbs = [0; 4];
                for (limb, bytes) in limbs.iter_mut().rev().zip(w.0.as_chunks::<8>().0) {
                    *limb = u64::from_be_bytes(*bytes);
                }
                limbs
            })[0])),
            value,
            "the same element"
        );
        let error = StatementV1::from_words(&words, "words").unwrap_err();
        assert_eq!(error.fault(), Some(Fault::NotCanonical));
        let from = format!("\"{name}\": \"{}\"", Word::from(value));
        let to = format!("\"{name}\": \"{}\"", words[i]);
        let error = replaced(&certificate(), &from, &to).unwrap_err();
        assert!(error.to_string().contains("alias"), "{error}");
    }
}

/// `(-A, -B, C)` is another valid proof of the same statement: true, and not new.
#[test]
fn malleated_proofs_are_replays() {
    let first = certificate();
    let bytes = &first.segments()[0].proofs[0].0;
    let proof = Proof::from_bytes(bytes, Encoding::Evm, "proof").unwrap();
    let malleated = Proof {
        a: -proof.a,
        b: -proof.b,
        ..proof
    };
    let digits = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let second = replaced(
        &first,
        &digits(bytes),
        &digits(&malleated.to_bytes(Encoding::Evm)),
    );
    let second = second.unwrap();
    assert_ne!(first, second);
    let program = single();
    program.verify(&second, &Anchor::Unchecked).unwrap();

    let mut journal = Journal::new(&program);
    journal.accept(&program, first, &Anchor::Unchecked).unwrap();
    let error = journal
        .accept(&program, second, &Anchor::Unchecked)
        .unwrap_err();
    assert!(error.to_string().contains("before"), "{error}");
    assert_eq!(journal.accepted().count(), 1);
    assert!(journal.conflict().is_none());
}

/// The bytes of a proof, each changed.
#[test]
fn changed_proofs_are_refused() {
    let certificate = certificate();
    let statement = example();
    let bytes = certificate.segments()[0].proofs[0].0.clone();
    let lane = &pairing().lane;
    lane.verify(&statement, &bytes).unwrap();
    for i in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[i] ^= 1 << (i % 8);
        assert!(lane.verify(&statement, &changed).is_err(), "byte {i}");
    }
    assert!(lane.verify(&statement, &bytes[1..]).is_err());
    assert!(
        lane.verify(&statement, &[bytes.as_slice(), &[0]].concat())
            .is_err()
    );
    assert!(lane.verify(&statement, &[]).is_err());
}
