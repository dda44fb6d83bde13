//! Transparent proofs without zero knowledge: of every fixture, and everything that must be refused.
//!
//! That p3-whir judges their commitments is for `tests/whir`.

mod common;

use common::{CIRCUITS, data};
use rayon::prelude::*;
use zkiln::field::{Field, Fr, Int, PrimeField};
use zkiln::groth16::{R1cs, WireCounts, Witness};
use zkiln::spartan;
use zkiln::spartan::compact::{Circuit, Parameters, Proof};
use zkiln::{Error, Fault};

fn open(circuit: &str) -> (R1cs, Witness) {
    let folder = data(circuit);
    (
        R1cs::open(folder.join("circuit.r1cs")).unwrap(),
        Witness::open(folder.join("witness.wtns")).unwrap(),
    )
}

/// With little work to do.
fn parameters() -> Parameters {
    let mut parameters = Parameters::default();
    parameters.work_bits = 8;
    parameters
}

fn circuit(r1cs: &R1cs) -> Circuit {
    Circuit::new(r1cs, parameters()).unwrap()
}

/// `x -> x^2`, so many times, from a public 3; with its wires.
fn squares(constraints: usize) -> (R1cs, Witness) {
    let wire = |i: usize| vec![(i as u32, Fr::ONE)];
    let rows = (1..=constraints).map(|i| [wire(i), wire(i), wire(i + 1)]);
    let r1cs = R1cs::new(wires(constraints + 2, 1), rows).unwrap();
    let squares = std::iter::successors(Some(Fr::from_u64(3)), |x| Some(x.square()));
    let squares = squares.take(constraints + 1).map(|x| x.to_canonical());
    let values = std::iter::once(Int::from_u64(1)).chain(squares);
    (r1cs, Witness::new(values.collect()).unwrap())
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
    !circuit.verify(public, proof).unwrap_or(false)
}

/// Why a proof is malformed, if it is.
fn fault(circuit: &Circuit, public: &[Fr], proof: &Proof) -> Option<Fault> {
    let error = circuit.verify(public, proof).err()?;
    assert!(error.to_string().starts_with("spartan proof: "), "{error}");
    error.fault()
}

fn wires(total: usize, outputs: usize) -> WireCounts {
    WireCounts {
        total,
        outputs,
        public_inputs: 0,
        private_inputs: 0,
    }
}

fn witness(values: &[u64]) -> Witness {
    Witness::new(values.iter().map(|&value| Int::from_u64(value)).collect()).unwrap()
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
        let bytes = &mut other.0[32 * word..][..32];
        let element = Fr::read_canonical(bytes).expect("an element");
        let mut carry = 0;
        let limbs = element.to_canonical().0;
        for ((chunk, limb), r) in bytes.chunks_mut(8).zip(limbs).zip(Fr::MODULUS.0) {
            let sum = u128::from(limb) + u128::from(r) + carry;
            chunk.copy_from_slice(&(sum as u64).to_le_bytes());
            carry = sum >> 64;
        }
        assert_eq!(fault(&circuit, &public, &other), Some(Fault::NotCanonical));
    }
}

/// A bit of every `step`th byte is flipped, neighbouring words change places, and words are left out and doubled.
fn mutate(step: usize) {
    let (circuit, public, proof) = chain();
    let places: Vec<usize> = (0..proof.0.len()).step_by(step).collect();
    places.into_par_iter().for_each(|i| {
        let check = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut other = proof.clone();
            change(&mut other.0);
            assert!(
                other == proof || refuses(&circuit, &public, &other),
                "byte {i}"
            );
        };
        check(&|bytes| bytes[i] ^= 1 << (i % 8));
        if i + 64 <= proof.0.len() {
            check(&|bytes| bytes[i..i + 64].rotate_left(32));
            check(&|bytes| drop(bytes.drain(i..i + 32)));
            check(&|bytes| bytes.extend_from_within(i..i + 32));
            check(&|bytes| {
                let word = bytes[i..i + 32].to_vec();
                bytes.splice(i..i, word);
            });
        }
    });
}

#[test]
fn mutated_proofs_are_refused() {
    mutate(32 * 5 + 3);
}

/// Minutes.
#[test]
#[ignore = "minutes: every byte"]
fn proofs_mutated_everywhere_are_refused() {
    mutate(1);
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
