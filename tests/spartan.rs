//! Transparent proofs: of every fixture, one by provekit, and everything that must be refused.
//!
//! That provekit's verifier accepts these proofs is for `tests/provekit`, a crate of its own.

mod common;

use common::spartan::{add_r, fault_of, mutate, open, refused, squares, wires, witness};
use common::{CIRCUITS, data};
use zkiln::field::{Field, Fr, PrimeField};
use zkiln::groth16::{R1cs, Witness};
use zkiln::spartan::{Circuit, Parameters, Proof};
use zkiln::{Error, Fault};

fn circuit(r1cs: &R1cs) -> Circuit {
    Circuit::new(r1cs, Parameters::default()).unwrap()
}

/// The multiplier with a proof.
fn multiplier() -> (Circuit, Vec<Fr>, Proof) {
    let (r1cs, witness) = open("multiplier");
    let circuit = circuit(&r1cs);
    let (proof, public) = circuit.prove(&witness).unwrap();
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
        let circuit = circuit(&r1cs);
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
        assert!(circuit.security_bits() >= 128.0);
    }
    ids.dedup();
    assert_eq!(ids.len(), CIRCUITS.len());
}

/// `tests/data/multiplier/provekit.proof` was made by provekit-prover 1.0.3: see `tests/provekit`.
#[test]
fn a_proof_by_provekit_is_accepted() {
    let (r1cs, witness) = open("multiplier");
    let circuit = circuit(&r1cs);
    let proof = std::fs::read(data("multiplier/provekit.proof")).unwrap();
    let proof = Proof::from_bytes(&proof).unwrap();
    let public = [Fr::from(witness.values()[1])];
    assert!(circuit.verify(&public, &proof).unwrap());
    assert!(!circuit.verify(&[Fr::ONE], &proof).unwrap());
    // The same circuit with other parameters is another statement.
    let mut parameters = Parameters::default();
    parameters.work_bits = 11;
    let other = Circuit::new(&r1cs, parameters).unwrap();
    assert_ne!(other.id(), circuit.id());
    assert!(refuses(&other, &public, &proof));
}

#[test]
fn proofs_of_one_witness_differ_from_the_first_message_on() {
    let (r1cs, witness) = open("multiplier");
    let circuit = circuit(&r1cs);
    let [first, second] = [(); 2].map(|()| circuit.prove(&witness).unwrap().0);
    assert_ne!(first.messages[..32], second.messages[..32]);
    // Of all words one is the same: what a proof tells of the witness is hidden.
    let words =
        |proof: &Proof| -> Vec<Vec<u8>> { proof.messages.chunks(32).map(<[u8]>::to_vec).collect() };
    let same = words(&first)
        .iter()
        .zip(words(&second))
        .filter(|(a, b)| **a == *b)
        .count();
    // The public signals' digest.
    assert_eq!(same, 1);
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

/// Without a public signal the format does not bind the constant 1: see `docs/spartan.md`.
#[test]
fn a_circuit_without_public_signals_gets_one() {
    let one = || vec![(0, Fr::ONE)];
    // 1 * 1 = 0, which the wires 0, 0 would satisfy.
    let r1cs = R1cs::new(wires(2, 0), [[one(), one(), vec![]]]).unwrap();
    let proven = Circuit::proven(&r1cs, Parameters::default()).unwrap();
    assert_eq!(proven.wires().public(), 1);
    let impossible = circuit(&r1cs);
    assert_eq!(impossible.n_public(), 0);
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
    // The last does not fit the smallest vector.
    for constraints in [0, 1, 2, 3000, 14_000, 14_200] {
        let (r1cs, witness) = squares(constraints);
        let circuit = circuit(&r1cs);
        let (proof, public) = circuit.prove(&witness).unwrap();
        assert_eq!(public, [Fr::from_u64(3)]);
        assert!(circuit.verify(&public, &proof).unwrap(), "{constraints}");
        assert_eq!(
            circuit.log_vector_len(),
            if constraints == 14_200 { 15 } else { 14 }
        );
    }
}

/// Of a few wires too many for a vector those are left out that linear constraints determine; the witness has
/// them nevertheless, and they must be right.
#[test]
fn wires_that_others_determine_are_left_out() {
    // x, y = x^2, z = 2 y + 3, the next x = z + 5, and so on: every second is a sum.
    const STEPS: usize = 4_750;
    let [one, two, three, five] = [1, 2, 3, 5].map(Fr::from_u64);
    let rows = (0..STEPS as u32).flat_map(|i| {
        let [x, y, z, next] = [0, 1, 2, 3].map(|j| 1 + 3 * i + j);
        [
            [vec![(x, one)], vec![(x, one)], vec![(y, one)]],
            [vec![], vec![], vec![(y, two), (0, three), (z, -one)]],
            [vec![(z, one), (0, five)], vec![(0, one)], vec![(next, one)]],
        ]
    });
    let r1cs = R1cs::new(wires(3 * STEPS + 2, 1), rows).unwrap();
    let mut values = vec![one, two];
    for _ in 0..STEPS {
        let y = values.last().unwrap().square();
        let z = two * y + three;
        values.extend([y, z, z + five]);
    }
    let circuit = circuit(&r1cs);
    assert_eq!(circuit.log_vector_len(), 14);
    let proven = Circuit::proven(&r1cs, Parameters::default()).unwrap();
    // Three hide, and some two hundred are gone.
    assert!(proven.n_constraints() < r1cs.n_constraints() - 100);
    let of = |values: &[Fr]| Witness::new(values.iter().map(|x| x.to_canonical()).collect());
    let (proof, public) = circuit.prove(&of(&values).unwrap()).unwrap();
    assert!(circuit.verify(&public, &proof).unwrap());
    assert!(!circuit.verify(&[three], &proof).unwrap());
    assert_eq!(r1cs.first_unsatisfied(&of(&values).unwrap()).unwrap(), None);
    for place in (2..values.len()).step_by(97) {
        let mut other = values.clone();
        other[place] += one;
        let error = circuit.prove(&of(&other).unwrap()).unwrap_err();
        // A wire stands in two constraints at most next to each other, or three.
        let Error::Unsatisfied(reason) = error else {
            panic!("{error}")
        };
        let named = (place - 2..=place).any(|i| {
            let all = r1cs.n_constraints();
            reason == format!("constraint {i} of {all} does not hold")
        });
        assert!(named, "wire {place}: {reason}");
    }
}

#[test]
fn cut_and_longer_proofs_are_refused() {
    let (circuit, public, proof) = multiplier();
    for cut in [1, 31, 32, 33, 1000, proof.messages.len()] {
        let mut other = proof.clone();
        other.messages.truncate(proof.messages.len() - cut);
        assert_eq!(fault(&circuit, &public, &other), Some(Fault::Truncated));
    }
    for cut in [1, 31, 32, 33, 1000, proof.hints.len()] {
        let mut other = proof.clone();
        other.hints.truncate(proof.hints.len() - cut);
        assert_eq!(fault(&circuit, &public, &other), Some(Fault::Truncated));
    }
    for extra in [1, 32] {
        let mut other = proof.clone();
        other.messages.extend(vec![0; extra]);
        assert_eq!(fault(&circuit, &public, &other), Some(Fault::TrailingBytes));
        let mut other = proof.clone();
        other.hints.extend(vec![0; extra]);
        assert_eq!(fault(&circuit, &public, &other), Some(Fault::TrailingBytes));
    }
    // The rows' number is the first of the hints.
    for count in [0, 1, u64::MAX] {
        let mut other = proof.clone();
        other.hints[..8].copy_from_slice(&count.to_le_bytes());
        assert_eq!(fault(&circuit, &public, &other), Some(Fault::Count));
    }
}

#[test]
fn elements_that_are_not_below_r_are_refused() {
    let (circuit, public, proof) = multiplier();
    // The answer after the first root, and the first row's first element.
    let mut other = proof.clone();
    add_r(&mut other.messages[32..64]);
    assert_eq!(fault(&circuit, &public, &other), Some(Fault::NotCanonical));
    let mut other = proof.clone();
    add_r(&mut other.hints[8..40]);
    assert_eq!(fault(&circuit, &public, &other), Some(Fault::NotCanonical));
}

/// Both parts are changed at every `step`th byte.
fn mutate_both(step: usize) {
    let (circuit, public, proof) = multiplier();
    mutate("messages", &proof.messages, step, |messages| {
        let hints = proof.hints.clone();
        circuit.verify(&public, &Proof { messages, hints })
    });
    mutate("hints", &proof.hints, step, |hints| {
        let messages = proof.messages.clone();
        circuit.verify(&public, &Proof { messages, hints })
    });
}

#[test]
fn mutated_proofs_are_refused() {
    mutate_both(32 * 47 + 5);
}

#[test]
#[ignore = "every byte of a proof: seven minutes of two cores"]
fn proofs_mutated_everywhere_are_refused() {
    mutate_both(1);
}

#[test]
fn bytes_that_are_no_proof_are_refused() {
    let (_, _, proof) = multiplier();
    let bytes = proof.to_bytes();
    assert_eq!(Proof::from_bytes(&bytes).unwrap(), proof);
    let fault = |bytes: &[u8]| Proof::from_bytes(bytes).unwrap_err().fault().unwrap();
    assert_eq!(fault(&[]), Fault::Truncated);
    assert_eq!(fault(&bytes[..12]), Fault::Truncated);
    assert_eq!(fault(&bytes[1..]), Fault::Magic);
    let mut long = bytes.clone();
    long[8..16].fill(0xff);
    assert_eq!(fault(&long), Fault::Truncated);
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    let (r1cs, _) = open("multiplier");
    let changes: [fn(&mut Parameters); 7] = [
        |p| p.security_bits = 0,
        |p| p.security_bits = 300,
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

/// Other parameters than the default ones.
#[test]
fn other_parameters_are_proven() {
    let (r1cs, witness) = open("multiplier");
    for (security_bits, work_bits, log_inverse_rate, log_folding) in
        [(100, 0, 2, 3), (128, 16, 3, 2), (90, 10, 4, 4)]
    {
        let mut parameters = Parameters::default();
        parameters.security_bits = security_bits;
        parameters.work_bits = work_bits;
        parameters.log_inverse_rate = log_inverse_rate;
        parameters.log_folding = log_folding;
        let circuit = Circuit::new(&r1cs, parameters).unwrap();
        let (proof, public) = circuit.prove(&witness).unwrap();
        assert!(circuit.verify(&public, &proof).unwrap());
        assert!(circuit.security_bits() >= f64::from(security_bits));
    }
}
