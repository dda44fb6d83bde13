//! Two systems, one circuit, one witness.

use std::sync::{Arc, OnceLock};

use zkiln::Error;
use zkiln::field::Fr;
use zkiln::spartan::{Parameters, compact};
use zkiln::statement::{Lane, Part, Policy, Program, ProofBytes, Segment, SpartanLane};

use crate::certificates::flips;
use crate::counter::{circuit, example, genesis, hash, id, pairing, policy, witness};

/// The lane without zero knowledge.
fn compact_lane() -> &'static Arc<SpartanLane> {
    static LANE: OnceLock<Arc<SpartanLane>> = OnceLock::new();
    LANE.get_or_init(|| {
        let parameters = compact::Parameters::default();
        Arc::new(SpartanLane::compact(&circuit(true), parameters).unwrap())
    })
}

fn lane() -> &'static Arc<SpartanLane> {
    static LANE: OnceLock<Arc<SpartanLane>> = OnceLock::new();
    LANE.get_or_init(|| Arc::new(SpartanLane::new(&circuit(true), Parameters::default()).unwrap()))
}

fn program(policy: Policy) -> zkiln::Result<Program> {
    let lanes: Vec<Arc<dyn Lane>> = vec![pairing().lane.clone(), lane().clone()];
    Program::new(id(), policy, lanes)
}

#[test]
fn two_systems_prove_one_witness_and_share_its_circuit() {
    let statement = example();
    let witness = witness(&statement);
    let proof = lane().prove(&statement, &witness).unwrap();
    let program = program(policy(2)).unwrap();
    let segment = Segment {
        statement,
        proofs: vec![
            pairing().prove(&statement).unwrap(),
            ProofBytes(proof.clone()),
        ],
    };
    let ids = [pairing().id(), lane().info().id()];
    let certificate = program.certify(&ids, vec![segment]).unwrap();
    assert_eq!(
        program
            .verify(&certificate, &genesis())
            .unwrap()
            .counted
            .len(),
        2
    );
    assert_eq!(certificate.shared()[0].parts, [Part::Circuit]);
    assert!(lane().info().zero_knowledge);

    for (name, changed) in flips(&statement) {
        assert!(lane().verify(&changed, &proof).is_err(), "{name}");
    }
    for at in (0..proof.len()).step_by(997) {
        let mut changed = proof.clone();
        changed[at] ^= 1;
        assert!(lane().verify(&statement, &changed).is_err(), "byte {at}");
    }
}

#[test]
fn one_circuit_is_not_two_where_the_policy_says_so() {
    let strict = Policy {
        deny_shared: vec![Part::Circuit],
        ..policy(2)
    };
    assert!(matches!(program(strict), Err(Error::Argument(_))));
    // Both rest on hashes: they are one class.
    let shared = lane().info().shares(hash().lane.info());
    assert_eq!(shared, [Part::Assumption]);
}

#[test]
fn false_statements_have_no_proofs() {
    let mut wrong = example();
    wrong.post_root += Fr::ONE;
    let error = lane().prove(&wrong, &witness(&wrong)).unwrap_err();
    assert!(matches!(error, Error::Unsatisfied(_)), "{error}");
    let error = lane().prove(&wrong, &witness(&example())).unwrap_err();
    assert!(matches!(error, Error::PublicInputs(_)), "{error}");
}

#[test]
fn the_compact_lane_proves_the_same_and_is_another() {
    let statement = example();
    let proof = compact_lane()
        .prove(&statement, &witness(&statement))
        .unwrap();
    compact_lane().verify(&statement, &proof).unwrap();
    for (name, changed) in flips(&statement) {
        assert!(compact_lane().verify(&changed, &proof).is_err(), "{name}");
    }
    for at in (0..proof.len()).step_by(997) {
        let mut changed = proof.clone();
        changed[at] ^= 1;
        assert!(
            compact_lane().verify(&statement, &changed).is_err(),
            "byte {at}"
        );
    }
    // Neither is a proof of the other lane, and the two are one class.
    assert!(lane().verify(&statement, &proof).is_err());
    let info = compact_lane().info();
    assert_ne!(info.id(), lane().info().id());
    assert!(info.shares(lane().info()).contains(&Part::Assumption));
    let error = compact_lane().prove(
        &statement,
        &witness(&{
            let mut wrong = statement;
            wrong.post_root += Fr::ONE;
            wrong
        }),
    );
    assert!(matches!(error, Err(Error::PublicInputs(_))), "{error:?}");
}

/// One proof that tells of the witness undoes what the others hide.
#[test]
fn a_policy_of_zero_knowledge_refuses_the_compact_lane() {
    let with = |zero_knowledge, lane: &Arc<SpartanLane>| {
        let policy = Policy {
            zero_knowledge,
            ..policy(2)
        };
        let lanes: Vec<Arc<dyn Lane>> = vec![pairing().lane.clone(), lane.clone()];
        Program::new(id(), policy, lanes)
    };
    assert!(!compact_lane().info().zero_knowledge);
    assert!(with(false, compact_lane()).is_ok());
    assert!(with(true, lane()).is_ok());
    match with(true, compact_lane()) {
        Err(Error::Argument(reason)) => {
            assert!(reason.contains("spartan-compact-v1"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    // A lane that comes later: its certificates are refused.
    let mut program = with(true, lane()).unwrap();
    program.add(compact_lane().clone()).unwrap();
    let statement = example();
    let proof = compact_lane().prove(&statement, &witness(&statement));
    let segment = Segment {
        statement,
        proofs: vec![
            pairing().prove(&statement).unwrap(),
            ProofBytes(proof.unwrap()),
        ],
    };
    let ids = [pairing().id(), compact_lane().info().id()];
    let error = program.certify(&ids, vec![segment]).unwrap_err();
    assert!(matches!(&error, Error::Refused(reason) if reason.contains("zero knowledge")));
}
