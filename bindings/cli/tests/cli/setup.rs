//! `zkiln setup`: keys that prove and that say of themselves that they are insecure.

use std::path::Path;

use tempfile::TempDir;

use crate::run::{CIRCUITS, Run, data, keys, listing, zkiln};

fn setup(r1cs: &Path, key: &Path, options: &[&str]) -> Run {
    let output = Path::new("-o");
    let args = [Path::new("setup"), r1cs, output, key].into_iter();
    zkiln(args.chain(options.iter().map(Path::new)))
}

#[test]
fn development_keys_prove_and_warn() {
    for circuit in CIRCUITS {
        let dir = TempDir::new().unwrap();
        let [key, vkey, out] = ["key", "vkey", "out"].map(|name| dir.path().join(name));
        let r1cs = data(circuit, "circuit.r1cs");
        let run = setup(&r1cs, &key, &["--insecure-development-key"]).done();
        assert!(run.stdout.contains("INSECURE"), "{run:?}");
        assert!(
            run.stderr.contains("warning: this is an INSECURE"),
            "{run:?}"
        );

        let witness = data(circuit, "witness.wtns");
        let output = Path::new("-o");
        let prove = [Path::new("prove"), &key, &witness, output, &out];
        let run = zkiln(prove.into_iter().chain([Path::new("--r1cs"), &r1cs])).done();
        assert!(run.stderr.contains("INSECURE"), "{run:?}");
        let export = [Path::new("export"), Path::new("vkey"), &key, output, &vkey];
        assert!(
            zkiln(export.into_iter().chain([Path::new("-q")]))
                .done()
                .stderr
                .contains("INSECURE")
        );
        let [public, proof] = ["public.json", "proof.json"].map(|name| out.join(name));
        zkiln([Path::new("verify"), &vkey, &public, &proof]).done();
        let trusted = data(circuit, "verification_key.json");
        assert_eq!(
            zkiln([Path::new("verify"), &trusted, &public, &proof]).code,
            1
        );
        assert!(
            zkiln([Path::new("info"), &key])
                .done()
                .stdout
                .contains("INSECURE: ")
        );
    }
}

#[test]
fn the_flag_is_needed() {
    let dir = TempDir::new().unwrap();
    let key = dir.path().join("key");
    let r1cs = data("multiplier", "circuit.r1cs");
    setup(&r1cs, &key, &[]).refused("--insecure-development-key");
    assert!(listing(dir.path()).is_empty());
}

#[test]
fn json_says_insecure() {
    let dir = TempDir::new().unwrap();
    let key = dir.path().join("key");
    let r1cs = data("range", "circuit.r1cs");
    let run = setup(&r1cs, &key, &["--insecure-development-key", "--json"]).done();
    let value = run.json();
    assert_eq!(
        keys(&value["result"]),
        [
            "constraints",
            "domain_size",
            "insecure",
            "output",
            "public_inputs",
            "warning",
            "wires"
        ]
    );
    assert_eq!(value["result"]["insecure"], true);
    assert_eq!(value["result"]["constraints"], 2642);
}

#[test]
fn what_is_no_circuit_is_refused() {
    let dir = TempDir::new().unwrap();
    let key = dir.path().join("key");
    for (circuit, file) in [("range", "circuit.zkey"), ("range", "proof.json")] {
        setup(&data(circuit, file), &key, &["--insecure-development-key"]).refused(file);
    }
    setup(dir.path(), &key, &["--insecure-development-key"]).refused("is a directory");
    let r1cs = data("range", "circuit.r1cs");
    setup(&r1cs, &r1cs, &["--insecure-development-key"]).refused("another file");
    assert!(listing(dir.path()).is_empty());
}
