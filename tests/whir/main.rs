//! The dialect `compact` before p3-whir: its verifier accepts the library's commitments, the library's its prover's.

#[path = "../common/mod.rs"]
mod common;
mod glue;
mod theirs;
mod timing;

use common::{CIRCUITS, data};
use theirs::{Theirs, their};
use zkiln::field::{Field, Fr, Int, PrimeField};
use zkiln::groth16::{R1cs, WireCounts, Witness};
use zkiln::spartan::compact::{Circuit, Parameters, Proof};

fn open(circuit: &str) -> (R1cs, Witness) {
    let folder = data(circuit);
    (
        R1cs::open(folder.join("circuit.r1cs")).unwrap(),
        Witness::open(folder.join("witness.wtns")).unwrap(),
    )
}

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

/// `x -> x^2`, so many times, from a public 3; with its wires.
fn squares(constraints: usize) -> (R1cs, Witness) {
    let counts = WireCounts {
        total: constraints + 2,
        outputs: 1,
        public_inputs: 0,
        private_inputs: 0,
    };
    let wire = |i: usize| vec![(i as u32, Fr::ONE)];
    let rows = (1..=constraints).map(|i| [wire(i), wire(i), wire(i + 1)]);
    let squares = std::iter::successors(Some(Fr::from_u64(3)), |x| Some(x.square()));
    let squares = squares.take(constraints + 1).map(|x| x.to_canonical());
    let values = std::iter::once(Int::from_u64(1)).chain(squares);
    (
        R1cs::new(counts, rows).unwrap(),
        Witness::new(values.collect()).unwrap(),
    )
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
