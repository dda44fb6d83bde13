//! The dialect `compact` before p3-whir: its verifier accepts the library's commitments, the library's its prover's.

#[path = "../common/mod.rs"]
mod common;
mod glue;
mod theirs;

use common::{CIRCUITS, data};
use theirs::{Theirs, their};
use zkiln::field::Fr;
use zkiln::groth16::{R1cs, Witness};
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
