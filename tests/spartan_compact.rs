//! Transparent proofs without zero knowledge: of every fixture, and everything that must be refused.
//!
//! That p3-whir judges their commitments is for `tests/whir`.

mod common;

use common::CIRCUITS;
use common::spartan::{add_r, fault_of, mutate, open, refused, squares, wires, witness};
use zkiln::field::Fr;
use zkiln::groth16::R1cs;
use zkiln::spartan;
use zkiln::spartan::compact::{Circuit, Parameters, Proof};
use zkiln::{Error, Fault};

/// With little work to do.
fn parameters() -> Parameters {
    let mut parameters = Parameters::default();
    parameters.work_bits = 8;
    parameters
}

fn circuit(r1cs: &R1cs) -> Circuit {
    Circuit::new(r1cs, parameters()).unwrap()
}

/// A circuit whose vector is folded twice, with a proof.
fn chain() -> (Circuit, Vec<Fr>, Proof) {
    let (r1cs, witness) = squares(1500);
    let circuit = circuit(&r1cs);
    let (proof, public) = circuit.prove(&witness).unwrap();
    assert_eq!(circuit.log_vector_len(), 11);
    (circuit, public, proof)
}

/// Whether a proof is refused, for whatever reason.
fn refuses(circuit: &Circuit, public: &[Fr], proof: &Proof) -> bool {
    refused(circuit.verify(public, proof))
}

/// Why a proof is malformed, if it is.
fn fault(circuit: &Circuit, public: &[Fr], proof: &Proof) -> Option<Fault> {
    fault_of(circuit.verify(public, proof))
}

#[test]
fn every_fixture_is_proven() {
    let mut ids = Vec::new();
    for name in CIRCUITS {
        let (r1cs, witness) = open(name);
        let circuit = Circuit::new(&r1cs, Parameters::default()).unwrap();
        assert!(circuit.security_bits() >= 128.0);
        ids.push(circuit.id());
        let (proof, public) = circuit.prove(&witness).unwrap();
        let signals = &witness.values()[1..=r1cs.wires().public()];
        assert_eq!(
            public,
            signals.iter().map(|&v| Fr::from(v)).collect::<Vec<_>>()
        );
        let proof = Proof::from_bytes(&proof.to_bytes()).unwrap();
        assert!(circuit.verify(&public, &proof).unwrap(), "{name}");
        for i in 0..public.len() {
            let mut other = public.clone();
            other[i] += Fr::ONE;
            assert!(!circuit.verify(&other, &proof).unwrap(), "{name}");
        }
        let mut longer = public.clone();
        longer.push(Fr::ZERO);
        for other in [&longer[..], &public[1..]] {
            let error = circuit.verify(other, &proof).unwrap_err();
            assert!(matches!(error, Error::PublicInputs(_)), "{error}");
        }
        // There is nothing random in it.
        assert_eq!(circuit.prove(&witness).unwrap().0, proof);
    }
    ids.dedup();
    assert_eq!(ids.len(), CIRCUITS.len());
}

#[test]
fn other_witnesses_are_not_proven() {
    let (r1cs, _) = open("multiplier");
    let circuit = circuit(&r1cs);
    let error = circuit.prove(&witness(&[1, 34, 3, 11])).unwrap_err();
    assert!(matches!(&error, Error::Unsatisfied(reason) if reason.contains("constraint 0 of 1")));
    let error = circuit.prove(&witness(&[1, 33, 3])).unwrap_err();
    assert!(matches!(error, Error::WitnessMismatch(_)), "{error}");
}

/// The constant is the verifier's own, whether there are public signals or not.
#[test]
fn circuits_without_public_signals_are_proven() {
    let one = || vec![(0, Fr::ONE)];
    // 1 * 1 = 0, which the wires 0, 0 would satisfy.
    let r1cs = R1cs::new(wires(2, 0), [[one(), one(), vec![]]]).unwrap();
    let impossible = circuit(&r1cs);
    let error = impossible.prove(&witness(&[1, 0])).unwrap_err();
    assert!(matches!(error, Error::Unsatisfied(_)), "{error}");

    // w w = w + 2, without public signals.
    let w = || vec![(1, Fr::ONE)];
    let sum = vec![(1, Fr::ONE), (0, Fr::from_u64(2))];
    let r1cs = R1cs::new(wires(2, 0), [[w(), w(), sum]]).unwrap();
    let possible = circuit(&r1cs);
    let (proof, public) = possible.prove(&witness(&[1, 2])).unwrap();
    assert!(public.is_empty() && possible.verify(&[], &proof).unwrap());
    assert!(refuses(&impossible, &[], &proof));
}

#[test]
fn circuits_of_any_size_are_proven() {
    // There are as many wires that are not public as constraints.
    for (constraints, variables) in [
        (0, 10),
        (1, 10),
        (2, 10),
        (1023, 10),
        (1024, 10),
        (1025, 11),
        (5000, 13),
    ] {
        let (r1cs, witness) = squares(constraints);
        let circuit = circuit(&r1cs);
        let (proof, public) = circuit.prove(&witness).unwrap();
        assert_eq!(public, [Fr::from_u64(3)]);
        assert!(circuit.verify(&public, &proof).unwrap(), "{constraints}");
        assert_eq!(circuit.log_vector_len(), variables);
    }
    // Nothing but public wires: x x = x.
    let x = || vec![(1, Fr::ONE)];
    let r1cs = R1cs::new(wires(2, 1), [[x(), x(), x()]]).unwrap();
    let circuit = circuit(&r1cs);
    let (proof, public) = circuit.prove(&witness(&[1, 1])).unwrap();
    assert!(circuit.verify(&public, &proof).unwrap());
    assert!(!circuit.verify(&[Fr::from_u64(2)], &proof).unwrap());
}

#[test]
fn cut_and_longer_proofs_are_refused() {
    let (circuit, public, proof) = chain();
    for left in (0..proof.0.len()).step_by(311) {
        let cut = Proof(proof.0[..left].to_vec());
        assert_eq!(fault(&circuit, &public, &cut), Some(Fault::Truncated));
    }
    for extra in [1, 8, 32] {
        let mut longer = proof.clone();
        longer.0.extend(vec![0; extra]);
        assert_eq!(
            fault(&circuit, &public, &longer),
            Some(Fault::TrailingBytes)
        );
    }
}

#[test]
fn elements_that_are_not_below_r_are_refused() {
    let (circuit, public, proof) = chain();
    // Each of the first sumcheck, after the root.
    for word in 1..20 {
        let mut other = proof.clone();
        add_r(&mut other.0[32 * word..][..32]);
        assert_eq!(fault(&circuit, &public, &other), Some(Fault::NotCanonical));
    }
}

/// A proof is changed at every `step`th byte.
fn mutate_all(step: usize) {
    let (circuit, public, proof) = chain();
    mutate("proof", &proof.0, step, |bytes| {
        circuit.verify(&public, &Proof(bytes))
    });
}

#[test]
fn mutated_proofs_are_refused() {
    mutate_all(32 * 5 + 3);
}

#[test]
#[ignore = "every byte of a proof: two minutes of two cores"]
fn proofs_mutated_everywhere_are_refused() {
    mutate_all(1);
}

#[test]
fn bytes_that_are_no_proof_are_refused() {
    let (_, _, proof) = chain();
    let bytes = proof.to_bytes();
    assert_eq!(Proof::from_bytes(&bytes).unwrap(), proof);
    let fault = |bytes: &[u8]| Proof::from_bytes(bytes).unwrap_err().fault().unwrap();
    assert_eq!(fault(&[]), Fault::Truncated);
    assert_eq!(fault(&bytes[..7]), Fault::Truncated);
    assert_eq!(fault(&bytes[1..]), Fault::Magic);
    // A proof says of which dialect it is.
    let error = spartan::Proof::from_bytes(&bytes).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::Magic));
    let other = spartan::Proof::default().to_bytes();
    assert_eq!(fault(&other), Fault::Magic);
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    let (r1cs, _) = open("multiplier");
    let changes: [fn(&mut Parameters); 7] = [
        |p| p.security_bits = 0,
        |p| p.security_bits = 141,
        |p| p.work_bits = 31,
        |p| p.log_inverse_rate = 0,
        |p| p.log_inverse_rate = 9,
        |p| p.log_folding = 1,
        |p| p.log_folding = 7,
    ];
    for change in changes {
        let mut parameters = Parameters::default();
        change(&mut parameters);
        let error = Circuit::new(&r1cs, parameters).unwrap_err();
        assert!(matches!(error, Error::Argument(_)), "{error}");
    }
}

/// Proofs hold for their parameters only.
#[test]
fn parameters_are_part_of_the_statement() {
    let (r1cs, witness) = open("multiplier");
    let circuit = circuit(&r1cs);
    let (proof, public) = circuit.prove(&witness).unwrap();
    let mut parameters = parameters();
    parameters.security_bits = 127;
    let other = Circuit::new(&r1cs, parameters).unwrap();
    assert_ne!(other.id(), circuit.id());
    assert!(refuses(&other, &public, &proof));
}
