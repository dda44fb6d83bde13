//! The dialect `compact` before p3-whir: its verifier accepts the library's commitments, the library's its prover's.

#[path = "../common/mod.rs"]
mod common;
mod glue;
mod theirs;
mod timing;

use common::CIRCUITS;
use common::spartan::{open, squares};
use theirs::{Theirs, their};
use zkiln::field::Fr;
use zkiln::groth16::{R1cs, Witness};
use zkiln::spartan::compact::{Circuit, Parameters, Proof};

/// Both ways for a witness.
fn both_ways(r1cs: &R1cs, witness: &Witness, parameters: Parameters) {
    let circuit = Circuit::new(r1cs, parameters).unwrap();
    let theirs = Theirs::new(r1cs, &circuit, &parameters);
    let (proof, public) = circuit.prove(witness).unwrap();
    let signals: Vec<_> = public.iter().map(|&signal| their(signal)).collect();
    theirs.verify(&signals, &proof.0).unwrap();

    let wires: Vec<_> = witness
        .values()
        .iter()
        .map(|&v| their(Fr::from(v)))
        .collect();
    let proof = Proof(theirs.prove(&wires));
    assert!(circuit.verify(&public, &proof).unwrap());
}

#[test]
fn every_fixture_goes_both_ways() {
    for name in CIRCUITS {
        let (r1cs, witness) = open(name);
        both_ways(&r1cs, &witness, Parameters::default());
    }
}

/// One to three foldings, with each remainder of variables.
#[test]
fn circuits_of_any_size_go_both_ways() {
    for constraints in [0, 1, 1025, 3000, 5000, 15_000, 20_000] {
        let (r1cs, witness) = squares(constraints);
        both_ways(&r1cs, &witness, Parameters::default());
    }
}

/// Other rates, foldings, bits; no work at all; all rows opened, where there are fewer than queries.
#[test]
fn other_parameters_go_both_ways() {
    let (r1cs, witness) = squares(5000);
    let (small, small_witness) = squares(100);
    for (security_bits, work_bits, log_inverse_rate, log_folding) in [
        (80, 0, 1, 2),
        (128, 10, 2, 3),
        (100, 5, 4, 5),
        (140, 12, 3, 6),
        (128, 0, 1, 6),
    ] {
        let mut parameters = Parameters::default();
        parameters.security_bits = security_bits;
        parameters.work_bits = work_bits;
        parameters.log_inverse_rate = log_inverse_rate;
        parameters.log_folding = log_folding;
        both_ways(&r1cs, &witness, parameters);
        both_ways(&small, &small_witness, parameters);
    }
}

/// Their verifier refuses what the library's does.
#[test]
fn neither_accepts_what_was_changed() {
    let (r1cs, witness) = squares(1500);
    let mut parameters = Parameters::default();
    parameters.work_bits = 8;
    let circuit = Circuit::new(&r1cs, parameters).unwrap();
    let theirs = Theirs::new(&r1cs, &circuit, &parameters);
    let (proof, public) = circuit.prove(&witness).unwrap();
    let signals = [their(public[0])];
    assert!(theirs.verify(&[their(Fr::ONE)], &proof.0).is_err());
    // The lowest bit of a word of 32 bytes, which stays below r; not where lengths are.
    let words = (0..200).chain(400..420);
    for word in words {
        let mut other = proof.clone();
        other.0[32 * word] ^= 1;
        assert!(!circuit.verify(&public, &other).unwrap_or(false), "{word}");
        assert!(theirs.verify(&signals, &other.0).is_err(), "{word}");
    }
}
