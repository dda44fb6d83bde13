//! `zkiln export`: what snarkjs exports, byte for byte.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::run::{CIRCUITS, data, keys, listing, zkiln};

fn export<'a>(what: &'a str, files: &[&'a Path]) -> Vec<&'a Path> {
    [Path::new("export"), Path::new(what)]
        .iter()
        .chain(files)
        .copied()
        .collect()
}

#[test]
fn verification_keys_are_those_of_snarkjs() {
    for circuit in CIRCUITS {
        let dir = TempDir::new().unwrap();
        let out = dir.path().join("vkey.json");
        let key = data(circuit, "circuit.zkey");
        let expected = fs::read_to_string(data(circuit, "verification_key.json")).unwrap();
        zkiln(export("vkey", &[&key, Path::new("-o"), &out])).done();
        assert_eq!(fs::read_to_string(&out).unwrap(), expected);
        assert_eq!(zkiln(export("vkey", &[&key])).done().stdout, expected);
    }
}

#[test]
fn contracts_are_the_same_from_either_key() {
    let key = data("range", "circuit.zkey");
    let vkey = data("range", "verification_key.json");
    let contract = zkiln(export("solidity", &[&key])).done().stdout;
    assert!(contract.contains("uint256[3] calldata _pubSignals"));
    assert_eq!(
        zkiln(export("solidity", &[&vkey, Path::new("-q")]))
            .done()
            .stdout,
        contract
    );
}

#[test]
fn no_contract_for_a_weak_key() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("Verifier.sol");
    for file in ["no_contribution.zkey", "no_contribution_vkey.json"] {
        let key = data("multiplier", file);
        zkiln(export("solidity", &[&key, Path::new("-o"), &out])).refused("insecure key");
        zkiln(export("vkey", &[&key, Path::new("-o"), &out])).refused("insecure key");
    }
    assert!(listing(dir.path()).is_empty());
}

#[test]
fn calldata_goes_to_stdout_or_into_json() {
    let [public, proof] = ["public.json", "proof.json"].map(|file| data("range", file));
    let text = zkiln(export("calldata", &[&public, &proof])).done().stdout;
    assert_eq!(text.lines().count(), 1);
    assert_eq!(text.matches("\"0x").count(), 8 + 3);
    let run = zkiln(export("calldata", &[&public, &proof, Path::new("--json")])).done();
    let value = run.json();
    assert_eq!(value["command"], "export calldata");
    assert_eq!(keys(&value["result"]), ["content"]);
    assert_eq!(value["result"]["content"], text);
    zkiln(export("calldata", &[&proof, &public])).refused("proof.json");
}

/// A key from a pipe, which can be read once only, whose writer is gone after that.
#[cfg(unix)]
#[test]
fn keys_are_read_from_pipes() {
    let dir = TempDir::new().unwrap();
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let expected = fs::read_to_string(data("range", "verification_key.json")).unwrap();
    let [public, proof] = ["public.json", "proof.json"].map(|file| data("range", file));
    let verify = vec![Path::new("verify"), &pipe, &public, &proof];
    for (args, stdout) in [
        (export("vkey", &[&pipe]), expected.as_str()),
        (verify, "valid\n"),
    ] {
        std::thread::scope(|scope| {
            // Opening the pipe waits for its reader.
            scope.spawn(|| fs::write(&pipe, &expected).unwrap());
            assert_eq!(zkiln(args).done().stdout, stdout);
        });
    }
}
