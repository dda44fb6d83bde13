//! Two systems, one circuit, one witness.

use std::sync::{Arc, OnceLock};

use zkiln::Error;
use zkiln::field::Fr;
use zkiln::spartan::Parameters;
use zkiln::statement::{Lane, Part, Policy, Program, ProofBytes, Segment, SpartanLane};

use crate::certificates::flips;
use crate::counter::{circuit, example, genesis, hash, id, pairing, policy, witness};

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
