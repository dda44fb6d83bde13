//! `zkiln verify`: 0 for valid, 1 for not valid, 2 for what is none.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::run::{CIRCUITS, Run, data, keys, zkiln};

fn verify(key: &Path, public: &Path, proof: &Path) -> Run {
    zkiln([Path::new("verify"), key, public, proof])
}

fn fixture(circuit: &str) -> [PathBuf; 3] {
    ["verification_key.json", "public.json", "proof.json"].map(|file| data(circuit, file))
}

/// The public inputs of `circuit` with the last one replaced by 7.
fn other_public(circuit: &str, dir: &Path) -> PathBuf {
    let text = fs::read_to_string(data(circuit, "public.json")).unwrap();
    let mut values: Vec<String> = serde_json::from_str(&text).unwrap();
    *values.last_mut().unwrap() = "7".into();
    let path = dir.join("other_public.json");
    fs::write(&path, json!(values).to_string()).unwrap();
    path
}

#[test]
fn snarkjs_proofs_are_valid() {
    for circuit in CIRCUITS {
        let [key, public, proof] = fixture(circuit);
        assert_eq!(verify(&key, &public, &proof).done().stdout, "valid\n");
        verify(&data(circuit, "circuit.zkey"), &public, &proof).done();
    }
}

#[test]
fn other_public_inputs_and_proofs_are_not_valid() {
    let dir = TempDir::new().unwrap();
    for circuit in CIRCUITS {
        let [key, public, proof] = fixture(circuit);
        let run = verify(&key, &other_public(circuit, dir.path()), &proof);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (1, "NOT valid\n"),
            "{run:?}"
        );
        let other_circuit = if circuit == "range" {
            "merkle"
        } else {
            "range"
        };
        let run = verify(&key, &public, &data(other_circuit, "proof.json"));
        assert_eq!(run.code, 1, "{run:?}");
    }
}

#[test]
fn what_is_no_proof_is_refused() {
    let dir = TempDir::new().unwrap();
    let [key, public, proof] = fixture("range");
    verify(&key, &data("merkle", "public.json"), &proof).refused("public.json: 1 values");
    verify(&data("merkle", "verification_key.json"), &public, &proof).refused("3 values");
    verify(&key, &proof, &public).refused("proof.json");
    verify(&public, &public, &proof).refused("public.json");
    verify(&key, &public, &dir.path().join("missing.json")).refused("missing.json");
    verify(&key, dir.path(), &proof).refused("is a directory");
    let weak = data("multiplier", "no_contribution_vkey.json");
    let run = verify(
        &weak,
        &data("multiplier", "public.json"),
        &data("multiplier", "proof.json"),
    );
    run.refused("no_contribution_vkey.json: insecure key");

    let broken = dir.path().join("broken.json");
    for (from, to) in [
        ("\"groth16\"", "\"plonk\""),
        ("\"1\"", "\"2\""),
        ("pi_c", "pi_x"),
    ] {
        let text = fs::read_to_string(&proof).unwrap().replacen(from, to, 1);
        fs::write(&broken, text).unwrap();
        verify(&key, &public, &broken).refused("broken.json");
    }
    for garbage in [&b""[..], b"null", b"[", b"\xff\xfe", b"zkey", b"[[[[[[[["] {
        fs::write(&broken, garbage).unwrap();
        verify(&broken, &public, &proof).refused("broken.json");
        verify(&key, &broken, &proof).refused("broken.json");
        verify(&key, &public, &broken).refused("broken.json");
    }
}

#[test]
fn several_proofs_are_verified_at_once() {
    let dir = TempDir::new().unwrap();
    let [key, public, proof] = fixture("hash_chain");
    let wrong = other_public("hash_chain", dir.path());
    let all_of = |publics: &[&PathBuf]| {
        let mut args = vec![PathBuf::from("verify"), key.clone()];
        args.extend(
            publics
                .iter()
                .flat_map(|public| [(*public).clone(), proof.clone()]),
        );
        args.push("--json".into());
        zkiln(args)
    };
    let run = all_of(&[&public; 20]).done();
    assert_eq!(run.json()["result"]["valid"], true);

    let run = all_of(&[&public, &wrong, &public, &wrong]);
    assert_eq!(run.code, 1);
    let value = run.json();
    assert_eq!(keys(&value), ["command", "result"]);
    assert_eq!(keys(&value["result"]), ["proofs", "valid"]);
    assert_eq!(value["result"]["valid"], false);
    let proofs = value["result"]["proofs"].as_array().unwrap();
    assert!(
        proofs
            .iter()
            .all(|entry| keys(entry) == ["proof", "public", "valid"])
    );
    let verdicts: Vec<bool> = proofs
        .iter()
        .map(|p| p["valid"].as_bool().unwrap())
        .collect();
    assert_eq!(verdicts, [true, false, true, false]);

    zkiln([Path::new("verify"), &key, &public, &proof, &public]).refused("in pairs");
}

#[test]
fn quiet_says_nothing_but_errors() {
    let dir = TempDir::new().unwrap();
    let [key, public, proof] = fixture("multiplier");
    let wrong = other_public("multiplier", dir.path());
    let quiet = Path::new("-q");
    let run = zkiln([Path::new("verify"), quiet, &key, &public, &proof]).done();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = zkiln([Path::new("verify"), quiet, &key, &wrong, &proof]);
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (1, "", "")
    );
    zkiln([Path::new("verify"), quiet, &key, &proof, &proof]).refused("proof.json");
}
