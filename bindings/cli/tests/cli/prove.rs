//! `zkiln prove`: proofs that verify, and witnesses and keys that are refused.

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::run::{CIRCUITS, data, keys, listing, zkiln};

/// The arguments of a proof into `dir`.
fn prove(circuit: &str, dir: &Path) -> Vec<String> {
    let key = data(circuit, "circuit.zkey");
    let witness = data(circuit, "witness.wtns");
    let paths = [key.as_path(), &witness, Path::new("-o"), dir];
    let mut args = vec!["prove".to_owned()];
    args.extend(paths.map(|path| path.display().to_string()));
    args
}

fn with(mut args: Vec<String>, option: &str, file: &Path) -> Vec<String> {
    args.extend([option.to_owned(), file.display().to_string()]);
    args
}

#[test]
fn every_fixture_proves_and_verifies() {
    for circuit in CIRCUITS {
        for option in ["--quiet", "--constant-work", "--threads=3"] {
            let dir = TempDir::new().unwrap();
            let mut args = prove(circuit, dir.path());
            args.push(option.to_owned());
            zkiln(args).done();
            assert_eq!(listing(dir.path()), ["proof.json", "public.json"]);
            let [public, proof] = ["public.json", "proof.json"].map(|name| dir.path().join(name));
            assert_eq!(
                fs::read(&public).unwrap(),
                fs::read(data(circuit, "public.json")).unwrap()
            );
            let vkey = data(circuit, "verification_key.json");
            let run = zkiln([Path::new("verify"), &vkey, &public, &proof]).done();
            assert_eq!(run.stdout, "valid\n");
        }
    }
}

/// The GPU's kernels and launches, and a proof that others accept.
#[test]
fn the_emulator_proves() {
    for circuit in ["multiplier", "range"] {
        let dir = TempDir::new().unwrap();
        let mut args = prove(circuit, dir.path());
        args.extend(["--backend", "emulator", "--json"].map(str::to_owned));
        let result = &zkiln(args).done().json()["result"];
        assert_eq!(result["backend"], "emulator");
        let [public, proof] = ["public.json", "proof.json"].map(|name| dir.path().join(name));
        let vkey = data(circuit, "verification_key.json");
        zkiln([Path::new("verify"), &vkey, &public, &proof]).done();
    }
}

#[test]
fn a_backend_is_used_or_refused() {
    let dir = TempDir::new().unwrap();
    let with_backend = |backend: &str| {
        let mut args = prove("multiplier", dir.path());
        args.extend(["--backend".to_owned(), backend.to_owned()]);
        zkiln(args)
    };
    with_backend("fpga").refused("no backend is called \"fpga\"");
    // The device is opened before the key, and nothing falls back.
    with_backend("cuda:4096").refused("no ");
    assert_eq!(listing(dir.path()), [""; 0]);
    with_backend("cpu").done();
}

#[test]
fn two_files_may_be_named_instead_of_a_directory() {
    let dir = TempDir::new().unwrap();
    let [a, b] = ["a", "b"].map(|name| dir.path().join(name));
    let key = data("multiplier", "circuit.zkey");
    let witness = data("multiplier", "witness.wtns");
    let prove =
        |proof: &Path, public: &Path| zkiln([Path::new("prove"), &key, &witness, proof, public]);
    prove(&a, &b).done();
    zkiln([Path::new("verify"), &key, &b, &a]).done();

    prove(&a, &a).refused("another file of this command");
    prove(&dir.path().join("x"), &dir.path().join("./x")).refused("another file");
    let copy = dir.path().join("w.wtns");
    fs::copy(&witness, &copy).unwrap();
    zkiln([Path::new("prove"), &key, &copy, &copy, &b]).refused("another file");
    assert_eq!(fs::read(&copy).unwrap(), fs::read(&witness).unwrap());
}

#[test]
fn json_names_the_results() {
    let dir = TempDir::new().unwrap();
    let mut args = prove("range", dir.path());
    // The phases below are the processor's.
    args.extend(["--json", "--timings", "--backend", "cpu"].map(str::to_owned));
    let run = zkiln(args).done();
    assert_eq!(run.stderr, "");
    let value = run.json();
    assert_eq!(keys(&value), ["command", "result", "timings"]);
    assert_eq!(value["command"], "prove");
    let result = &value["result"];
    assert_eq!(
        keys(result),
        [
            "backend",
            "domain_size",
            "proof",
            "public",
            "public_inputs",
            "wires"
        ]
    );
    assert_eq!(result["wires"], 2624);
    assert_eq!(result["domain_size"], 4096);
    assert_eq!(result["public_inputs"], 3);
    assert_eq!(result["proof"], json!(dir.path().join("proof.json")));

    let timings = &value["timings"];
    assert_eq!(keys(timings), ["cpu_ms", "phases", "total_ms"]);
    let phases = timings["phases"].as_array().unwrap();
    let total = timings["total_ms"].as_f64().unwrap();
    for phase in phases {
        assert_eq!(
            keys(phase),
            [
                "cores", "cpu_ms", "end_ms", "ms", "phase", "runs", "start_ms"
            ]
        );
        // Each runs once, so its wall time is that between start and end; all are rounded.
        let [start, end, wall] =
            ["start_ms", "end_ms", "ms"].map(|key| phase[key].as_f64().unwrap());
        assert_eq!(phase["runs"], 1, "{phase}");
        assert!(0.0 <= start && start <= end && end <= total, "{phase}");
        assert!((end - start - wall).abs() < 0.01, "{phase}");
        if cfg!(unix) {
            let [cpu, cores] = ["cpu_ms", "cores"].map(|key| phase[key].as_f64().unwrap());
            assert!(cpu <= timings["cpu_ms"].as_f64().unwrap(), "{phase}");
            assert!((cores * wall - cpu).abs() < 0.01 + 0.001 * wall, "{phase}");
        }
    }
    let names: Vec<&str> = phases
        .iter()
        .map(|p| p["phase"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "read witness",
            "load key",
            "prove",
            "prove/matrices",
            "prove/ntt",
            "prove/quotient",
            "prove/recode h",
            "prove/msm h",
            "prove/recode wires",
            "prove/msm a",
            "prove/msm b1",
            "prove/msm c",
            "prove/msm b2",
            "prove/points",
            "prove/verify",
            "write",
        ]
    );
    // In the order of time: a phase begins where those before it have ended, or within one.
    let mut last = [0.0; 2];
    for phase in phases {
        let [start, end] = ["start_ms", "end_ms"].map(|key| phase[key].as_f64().unwrap());
        let depth = phase["phase"].as_str().unwrap().matches('/').count();
        assert!(start + 0.002 >= last[depth], "{phase}");
        last[depth] = end;
    }
    let sum: f64 = (phases.iter())
        .filter(|phase| !phase["phase"].as_str().unwrap().contains('/'))
        .map(|phase| phase["ms"].as_f64().unwrap())
        .sum();
    assert!(sum <= total);
}

#[test]
fn timings_are_a_table_on_stderr() {
    let dir = TempDir::new().unwrap();
    let mut args = prove("multiplier", dir.path());
    args.push("--timings".to_owned());
    let run = zkiln(args).done();
    let words =
        |line: &str| -> Vec<String> { line.split_whitespace().map(str::to_owned).collect() };
    let header = run.stderr.lines().find(|line| line.starts_with("phase"));
    assert_eq!(
        words(header.unwrap()),
        ["phase", "[ms]", "start", "end", "wall", "CPU", "cores"]
    );
    let load = run
        .stderr
        .lines()
        .find(|line| line.starts_with("load key "));
    assert_eq!(words(load.unwrap()).len(), 2 + 5, "{run:?}");
    assert!(
        run.stderr.lines().any(|line| line.starts_with("  msm a ")),
        "{run:?}"
    );
    assert!(
        run.stderr.lines().last().unwrap().starts_with("total "),
        "{run:?}"
    );
    assert_eq!(run.stdout.lines().count(), 2);
}

#[test]
fn a_key_without_contribution_is_refused() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let key = data("multiplier", "no_contribution.zkey");
    let witness = data("multiplier", "witness.wtns");
    let args = [
        Path::new("prove"),
        &key,
        &witness,
        Path::new("-o"),
        &out,
        Path::new("--json"),
    ];
    let run = zkiln(args);
    assert_eq!(run.code, 2);
    let value = run.json();
    assert_eq!(keys(&value), ["command", "error"]);
    assert_eq!(keys(&value["error"]), ["code", "kind", "message"]);
    assert_eq!(value["error"]["code"], 3);
    assert_eq!(value["error"]["kind"], "weak_key");
    assert!(!out.exists());
}

#[test]
fn the_witness_of_another_circuit_is_refused() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let key = data("range", "circuit.zkey");
    let witness = data("merkle", "witness.wtns");
    zkiln([Path::new("prove"), &key, &witness, Path::new("-o"), &out])
        .refused("the witness does not fit the key: ");
    assert!(!out.exists());
}

/// One constraint, a * b = c: whichever wire is changed, it is constraint 0 that breaks. In the
/// others the constraint is the first that the library finds too.
#[test]
fn a_changed_witness_is_refused_and_the_constraint_is_named() {
    for circuit in CIRCUITS {
        let dir = TempDir::new().unwrap();
        let r1cs = data(circuit, "circuit.r1cs");
        let circuit_r1cs = zkiln::groth16::R1cs::open(&r1cs).unwrap();
        let mut bytes = fs::read(data(circuit, "witness.wtns")).unwrap();
        let values = bytes.len() - 32 * circuit_r1cs.wires().total;
        for wire in [1, 2, 3] {
            bytes[values + 32 * wire] ^= 1;
            let changed = dir.path().join("changed.wtns");
            fs::write(&changed, &bytes).unwrap();
            let witness = zkiln::groth16::Witness::open(&changed).unwrap();
            let Some(constraint) = circuit_r1cs.first_unsatisfied(&witness).unwrap() else {
                panic!("wire {wire} of {circuit} is not constrained");
            };
            let out = dir.path().join("out");
            let args = prove(circuit, &out);
            let swap = |arg: String| {
                if arg.ends_with("witness.wtns") {
                    changed.display().to_string()
                } else {
                    arg
                }
            };
            let args: Vec<String> = args.into_iter().map(swap).collect();
            zkiln(&args).refused("the witness does not satisfy the circuit: ");
            zkiln(with(args, "--r1cs", &r1cs)).refused(&format!("constraint {constraint} of"));
            assert_eq!(listing(dir.path()), ["changed.wtns"]);
            bytes[values + 32 * wire] ^= 1;
        }
    }
}

#[test]
fn the_key_must_belong_to_a_trusted_verification_key() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let own = data("merkle", "verification_key.json");
    zkiln(with(prove("merkle", &out), "--vkey", &own)).done();
    fs::remove_dir_all(&out).unwrap();
    for circuit in ["range", "multiplier"] {
        let other = data(circuit, "verification_key.json");
        zkiln(with(prove("merkle", &out), "--vkey", &other)).refused("does not belong to");
        assert!(!out.exists());
    }
}

#[test]
fn the_r1cs_must_be_one() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let args = with(
        prove("range", &out),
        "--r1cs",
        &data("range", "circuit.zkey"),
    );
    zkiln(args).refused("circuit.zkey");
    assert!(!out.exists());
}
