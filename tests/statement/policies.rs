//! Which sets of lanes are enough, and what they share.

use std::sync::Arc;

use ed25519_dalek::{Signer, SigningKey};
use zkiln::Error;
use zkiln::statement::{
    AttestationLane, Certificate, Class, Lane, LaneInfo, Part, Policy, Program, ProofBytes,
    Segment, Setup, StatementV1, Word,
};

use crate::counter::{Pairing, example, hash, id, pairing, policy, program, segment, single};

fn lane(name: &str, class: Class) -> LaneInfo {
    let setup = match class {
        Class::Pairing => Setup::Ceremony {
            phase1: Word::keccak(format!("{name} 1")),
            phase2: Word::keccak(format!("{name} 2")),
            development: false,
        },
        Class::Attestation => Setup::Vouched {
            root: Word::keccak(name),
        },
        _ => Setup::Transparent {},
    };
    LaneInfo {
        system: name.into(),
        key: Word::keccak(format!("{name} key")),
        class,
        circuit: Some(Word::keccak(format!("{name} circuit"))),
        setup,
        verifier: format!("{name} verifier"),
        zero_knowledge: true,
    }
}

fn refused(result: zkiln::Result<Vec<Word>>) -> String {
    match result {
        Err(Error::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn classes_count_and_not_proofs() {
    let [a, b] = ["a", "b"].map(|name| lane(name, Class::Pairing));
    let h = lane("h", Class::Hash);
    let two = Policy::threshold(2);
    refused(two.evaluate(&[&a, &b]));
    refused(two.evaluate(&[&a]));
    refused(Policy::threshold(1).evaluate(&[]));
    assert_eq!(two.evaluate(&[&a, &b, &h]).unwrap().len(), 2);
    assert_eq!(two.evaluate(&[&h, &b]).unwrap(), [h.id(), b.id()]);
    refused(Policy::threshold(3).evaluate(&[&a, &b, &h]));
}

/// The incident of two verifiers with one root of trust: both are attestations that one maker vouches for.
#[test]
fn attestations_are_never_enough() {
    let [mut x, y] = ["x", "y"].map(|name| lane(name, Class::Attestation));
    let proof = lane("p", Class::Pairing);
    let weighed = |threshold| Policy {
        count_attestations: true,
        ..Policy::threshold(threshold)
    };
    refused(Policy::threshold(1).evaluate(&[&x, &y]));
    refused(weighed(1).evaluate(&[&x, &y]));
    refused(weighed(2).evaluate(&[&x, &y]));
    // One root of trust or two: they count once, and beside a proof only.
    refused(weighed(3).evaluate(&[&x, &y, &proof]));
    refused(Policy::threshold(2).evaluate(&[&x, &proof]));
    assert_eq!(weighed(2).evaluate(&[&x, &proof]).unwrap().len(), 2);
    x.setup = y.setup.clone();
    assert!(x.shares(&y).contains(&Part::Setup));
}

#[test]
fn what_is_shared_counts_once_where_the_policy_says_so() {
    let p = lane("p", Class::Pairing);
    let mut h = lane("h", Class::Hash);
    let apart = |part| Policy {
        deny_shared: vec![part],
        ..Policy::threshold(2)
    };
    assert_eq!(p.shares(&h), []);
    assert!(apart(Part::Circuit).evaluate(&[&p, &h]).is_ok());
    h.circuit = p.circuit;
    assert_eq!(p.shares(&h), [Part::Circuit]);
    refused(apart(Part::Circuit).evaluate(&[&p, &h]));
    assert!(apart(Part::Verifier).evaluate(&[&p, &h]).is_ok());
    assert!(Policy::threshold(2).evaluate(&[&p, &h]).is_ok());
    // Of which circuit a key is, is not known: it may be the same.
    h.circuit = None;
    assert_eq!(p.shares(&h), [Part::Circuit]);
    refused(apart(Part::Circuit).evaluate(&[&p, &h]));
}

#[test]
fn lanes_that_tell_of_the_witness_are_refused_where_the_policy_says_so() {
    let p = lane("p", Class::Pairing);
    let mut h = lane("h", Class::Hash);
    let hidden = Policy {
        zero_knowledge: true,
        ..Policy::threshold(1)
    };
    assert!(hidden.evaluate(&[&p, &h]).is_ok());
    h.zero_knowledge = false;
    // Not even beside one that is enough.
    assert!(refused(hidden.evaluate(&[&p, &h])).contains("zero knowledge"));
    assert!(Policy::threshold(2).evaluate(&[&p, &h]).is_ok());
    // Policies from before keep their spelling, and so their hash.
    let json = |policy: &Policy| serde_json::to_string(policy).unwrap();
    assert!(!json(&Policy::threshold(1)).contains("zero_knowledge"));
    let again: Policy = serde_json::from_str(&json(&hidden)).unwrap();
    assert_eq!(again, hidden);
    assert_ne!(hidden.hash(), Policy::threshold(1).hash());
}

#[test]
fn required_lanes_and_denied_pairs() {
    let [p, q] = ["p", "q"].map(|name| lane(name, Class::Pairing));
    let h = lane("h", Class::Hash);
    let required = Policy {
        required: vec![q.id()],
        ..Policy::threshold(2)
    };
    assert!(refused(required.evaluate(&[&p, &h])).contains(&q.id().to_string()));
    assert!(required.evaluate(&[&p, &q, &h]).is_ok());
    let mut pair = [p.id(), h.id()];
    pair.sort();
    let denied = Policy {
        denied: vec![pair],
        ..Policy::threshold(2)
    };
    refused(denied.evaluate(&[&p, &h]));
    assert_eq!(denied.evaluate(&[&p, &q, &h]).unwrap(), [q.id(), h.id()]);
}

#[test]
fn policies_have_one_spelling() {
    let mut ids = ["p", "q"].map(|name| lane(name, Class::Pairing).id());
    ids.sort_by(|a, b| b.cmp(a));
    let base = Policy::threshold(1);
    assert!(base.check().is_ok());
    for policy in [
        Policy::threshold(0),
        Policy {
            required: ids.to_vec(),
            ..base.clone()
        },
        Policy {
            required: vec![ids[0]; 2],
            ..base.clone()
        },
        Policy {
            denied: vec![ids],
            ..base.clone()
        },
        Policy {
            denied: vec![[ids[0]; 2]],
            ..base.clone()
        },
        Policy {
            deny_shared: vec![Part::Verifier, Part::Circuit],
            ..base.clone()
        },
    ] {
        let error = policy.check().unwrap_err();
        assert!(matches!(error, Error::Argument(_)), "{error}");
    }
}

#[test]
fn programs_refuse_lanes_that_are_there_twice_and_policies_that_nothing_satisfies() {
    let lane = || -> Arc<dyn Lane> { pairing().lane.clone() };
    for (policy, lanes) in [
        (policy(1), vec![lane(), lane()]),
        (policy(2), vec![lane()]),
        (Policy::threshold(1), vec![lane()]), // a key for development
        (policy(1), vec![]),
        (
            Policy {
                required: vec![Word::keccak("another")],
                ..policy(1)
            },
            vec![lane()],
        ),
    ] {
        let error = Program::new(id(), policy, lanes).unwrap_err();
        assert!(matches!(error, Error::Argument(_)), "{error}");
    }
}

/// Two keys of one circuit: what they share is told, and they count once.
#[test]
fn two_keys_of_one_circuit_are_one_lane() {
    let (a, b) = (pairing(), Pairing::new(true));
    let shared = a.lane.info().shares(b.lane.info());
    assert_eq!(shared, [Part::Assumption, Part::Circuit, Part::Verifier]);
    let lanes: Vec<Arc<dyn Lane>> = vec![a.lane.clone(), b.lane.clone()];
    assert!(Program::new(id(), policy(2), lanes.clone()).is_err());
    let program = Program::new(id(), policy(1), lanes).unwrap();
    let statement = example();
    let segment = Segment {
        statement,
        proofs: vec![a.prove(&statement).unwrap(), b.prove(&statement).unwrap()],
    };
    let certificate = program
        .certify(&[a.id(), b.id()], vec![segment.clone()])
        .unwrap();
    assert_eq!(certificate.shared()[0].parts, shared);
    // Neither proof is one for the other key.
    let swapped = program.certify(&[b.id(), a.id()], vec![segment]);
    assert!(matches!(swapped, Err(Error::Refused(_))));
}

#[test]
fn a_circuit_and_a_trace_share_nothing() {
    let shared = pairing().lane.info().shares(hash().lane.info());
    assert_eq!(shared, []);
    assert!(!hash().lane.info().zero_knowledge && pairing().lane.info().zero_knowledge);
}

#[test]
fn revoked_lanes_are_refused_and_deprecated_ones_make_no_certificates() {
    let mut program = program(policy(1));
    let lanes = [pairing().id()];
    let segments = vec![segment(example())];
    let certificate = program.certify(&lanes, segments.clone()).unwrap();
    program.deprecate(lanes[0]).unwrap();
    let error = program.certify(&lanes, segments.clone()).unwrap_err();
    assert!(matches!(error, Error::Argument(_)), "{error}");
    let verify = |program: &Program, certificate: &Certificate| {
        program.verify(certificate, &zkiln::statement::Anchor::Unchecked)
    };
    assert!(verify(&program, &certificate).is_ok());
    program.revoke(lanes[0]).unwrap();
    // There is no way back.
    program.deprecate(lanes[0]).unwrap();
    let error = verify(&program, &certificate).unwrap_err();
    assert!(error.to_string().contains("revoked"), "{error}");
    assert!(program.revoke(Word::ZERO).is_err());
}

// Attestations.

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn attestation() -> AttestationLane {
    let public = signing_key().verifying_key().to_bytes();
    AttestationLane::new(&public, Word::keccak("enclave"), Word::keccak("maker")).unwrap()
}

fn attest(lane: &AttestationLane, statement: &StatementV1, flags: u8) -> Vec<u8> {
    let signature = signing_key().sign(&lane.message(statement, flags).0);
    [&[flags], signature.to_bytes().as_slice()].concat()
}

#[test]
fn attestations_are_of_one_statement_key_and_enclave() {
    let lane = attestation();
    let statement = example();
    let proof = attest(&lane, &statement, 0);
    lane.verify(&statement, &proof).unwrap();
    let mut other = statement;
    other.chain_id += 1;
    assert!(lane.verify(&other, &proof).is_err());
    let public = signing_key().verifying_key().to_bytes();
    for (measurement, root) in [("another", "maker"), ("enclave", "another")] {
        let lane =
            AttestationLane::new(&public, Word::keccak(measurement), Word::keccak(root)).unwrap();
        assert!(lane.verify(&statement, &proof).is_err());
    }
    for i in 0..proof.len() {
        for bit in 0..8 {
            let mut changed = proof.clone();
            changed[i] ^= 1 << bit;
            assert!(
                lane.verify(&statement, &changed).is_err(),
                "bit {bit} of byte {i}"
            );
        }
    }
    assert!(lane.verify(&statement, &proof[..64]).is_err());
    assert!(
        lane.verify(&statement, &[proof.as_slice(), &[0]].concat())
            .is_err()
    );
}

#[test]
fn debugged_enclaves_are_refused() {
    let lane = attestation();
    let error = lane
        .verify(&example(), &attest(&lane, &example(), 1))
        .unwrap_err();
    assert!(error.to_string().contains("debugger"), "{error}");
    let error = lane
        .verify(&example(), &attest(&lane, &example(), 2))
        .unwrap_err();
    assert!(error.to_string().contains("flags"), "{error}");
}

#[test]
fn weak_keys_do_not_attest() {
    // The neutral element, and an encoding that is no point.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let lane = |key: &[u8; 32]| AttestationLane::new(key, Word::ZERO, Word::ZERO);
    assert!(matches!(lane(&neutral), Err(Error::WeakKey { .. })));
    let mut none = [0; 32];
    none[0] = 2;
    assert!(matches!(lane(&none), Err(Error::Malformed { .. })));
}

/// A certificate may carry an attestation beside a proof; the weight is the policy's to give.
#[test]
fn an_attestation_beside_a_proof() {
    let attested = Arc::new(attestation());
    let lanes: Vec<Arc<dyn Lane>> = vec![pairing().lane.clone(), attested.clone()];
    let statement = example();
    let segment = Segment {
        statement,
        proofs: vec![
            pairing().prove(&statement).unwrap(),
            ProofBytes(attest(&attested, &statement, 0)),
        ],
    };
    let ids = [pairing().id(), attested.info().id()];
    let counted = |count_attestations| {
        let policy = Policy {
            count_attestations,
            ..policy(1)
        };
        let program = Program::new(id(), policy, lanes.clone()).unwrap();
        let certificate = program.certify(&ids, vec![segment.clone()]).unwrap();
        let anchor = zkiln::statement::Anchor::Unchecked;
        program.verify(&certificate, &anchor).unwrap().counted.len()
    };
    assert_eq!((counted(false), counted(true)), (1, 2));
    // The proof alone is the certificate of another set of lanes.
    assert!(single().certify(&ids, vec![segment]).is_err());
}
