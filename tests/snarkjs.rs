//! snarkjs 0.7.6 says of our files what we say, and prints the same calls.

mod common;

use std::path::PathBuf;

use common::node::{Folder, is_ready, oracle};
use common::{CIRCUITS, Trapdoor, data, fixture, random, text};
use serde_json::Value;
use zkiln::field::Fr;
use zkiln::groth16::{Encoding, Proof, PublicInputs, VerifyingKey};

/// What snarkjs answers for each key, public inputs and proof.
fn snarkjs_accepts(triples: &[(VerifyingKey, PublicInputs, Proof)]) -> Vec<bool> {
    let folder = Folder::new("snarkjs");
    let mut paths: Vec<PathBuf> = Vec::new();
    for (i, (key, public, proof)) in triples.iter().enumerate() {
        paths.push(folder.file(&format!("{i}.key.json"), key.to_json()));
        paths.push(folder.file(&format!("{i}.public.json"), public.to_json()));
        paths.push(folder.file(&format!("{i}.proof.json"), proof.to_json()));
    }
    let answers = oracle("verify.mjs", &paths);
    let answer = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["ok"]
            .as_bool()
            .unwrap()
    };
    answers.lines().map(answer).collect()
}

#[test]
fn verdicts_agree() {
    if !is_ready() {
        return;
    }
    let mut triples = Vec::new();
    for circuit in CIRCUITS {
        let (key, public, proof) = fixture(circuit);
        let mut other = public.clone();
        other.0[0] += Fr::ONE;
        let negated = Proof {
            a: -proof.a,
            b: -proof.b,
            c: proof.c,
        };
        let wrong = Proof {
            a: -proof.a,
            ..proof
        };
        // Through every encoding and back.
        let through =
            |encoding| Proof::from_bytes(&proof.to_bytes(encoding), encoding, "test").unwrap();
        triples.push((key.clone(), public.clone(), through(Encoding::Arkworks)));
        triples.push((key.clone(), public.clone(), through(Encoding::Gnark)));
        triples.push((key.clone(), public.clone(), negated));
        triples.push((key.clone(), public, wrong));
        triples.push((key, other, proof));
    }
    for n in [1, 5] {
        let trapdoor = Trapdoor::random(n);
        let public: Vec<Fr> = (0..n).map(|_| random()).collect();
        let proof = trapdoor.simulate(&public);
        triples.push((trapdoor.key(), public.into(), proof));
    }
    let theirs = snarkjs_accepts(&triples);
    let ours: Vec<bool> = triples
        .iter()
        .map(|(key, public, proof)| key.verify(public, proof).unwrap())
        .collect();
    assert_eq!(ours, theirs);
    assert_eq!(
        ours.iter().filter(|&&valid| valid).count(),
        3 * CIRCUITS.len() + 2
    );
}

#[test]
fn calldata_is_that_of_snarkjs() {
    if !is_ready() {
        return;
    }
    for circuit in CIRCUITS {
        let (_, public, proof) = fixture(circuit);
        let files = ["proof.json", "public.json"].map(|name| data(circuit).join(name));
        let printed = oracle("calldata.mjs", &files);
        assert_eq!(
            proof.to_calldata_text(&public),
            printed.trim_end(),
            "{circuit}"
        );
        let printed = oracle(
            "calldata.mjs",
            [&PathBuf::from("--hex"), &files[0], &files[1]],
        );
        let call = proof.to_calldata(&public);
        let call: String = call.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(format!("0x{call}"), printed.trim_end(), "{circuit}");
    }
}

/// A key that we wrote is the one that snarkjs exports from the zkey.
#[test]
fn exported_keys_are_those_of_snarkjs() {
    if !is_ready() {
        return;
    }
    for circuit in CIRCUITS {
        let printed = oracle("zkey.mjs", [data(circuit).join("circuit.zkey")]);
        let key = VerifyingKey::from_json(&printed, "snarkjs").unwrap();
        assert_eq!(
            key.to_json(),
            text(format!("{circuit}/verification_key.json"))
        );
    }
}
