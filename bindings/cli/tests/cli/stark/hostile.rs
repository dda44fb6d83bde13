//! Programs, traces and proofs from strangers: cut off anywhere, or with any byte changed, they end in a sentence.

use std::fs;
use std::path::Path;

use super::{Ready, stark};
use crate::run::{Run, listing};

const FAST: [&str; 2] = ["--preset", "fast"];
const EIGHT: [&str; 4] = ["--preset", "fast", "--rows", "8"];

/// `bytes` with each of these places cut and changed, and with a byte more.
fn broken(bytes: &[u8], places: impl Iterator<Item = usize>) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![("with a byte more".into(), [bytes, b"x"].concat())];
    for place in places {
        all.push((format!("cut at {place}"), bytes[..place].to_vec()));
        for mask in [0x01, 0x80, 0xff] {
            let mut changed = bytes.to_vec();
            changed[place] ^= mask;
            all.push((format!("^ {mask:#x} at {place}"), changed));
        }
    }
    all
}

/// The beginning closely, then evenly, then the end.
fn places(len: usize) -> impl Iterator<Item = usize> {
    (0..24)
        .map(|i| 3 * i)
        .chain((0..24).map(move |i| i * len / 24))
        .chain([len - 1])
}

/// A sentence in one line, and exit code 2.
fn is_refused(run: &Run, what: &str) {
    assert_eq!(run.code, 2, "{what}: {run:?}");
    assert!(run.stderr.starts_with("zkiln: "), "{what}: {run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{what}: {run:?}");
    assert_eq!(run.stdout, "", "{what}: {run:?}");
}

/// A changed program that still is one says something else, of which the trace has a proof or has not. The proof of the
/// one is none of the other, unless they say the same.
#[test]
fn broken_programs() {
    let ready = Ready::fibonacci("8");
    ready.prove(&FAST).done();
    let honest = ready.file("honest.bin");
    fs::rename(ready.file("proof.bin"), &honest).unwrap();
    let program = fs::read(ready.file("program.zair")).unwrap();
    let path = ready.file("broken.zair");
    let mut proven = 0;
    for (what, bytes) in broken(&program, places(program.len())) {
        fs::write(&path, bytes).unwrap();
        let run = ready.prove_with(&path, &ready.file("trace.npy"), &FAST);
        if run.code == 0 {
            ready
                .verify_with(&path, &ready.file("proof.bin"), &EIGHT)
                .done();
            fs::remove_file(ready.file("proof.bin")).unwrap();
            proven += 1;
        } else {
            is_refused(&run, &what);
            let run = ready.verify_with(&path, &honest, &EIGHT);
            assert_ne!(run.code, 0, "{what}: {run:?}");
        }
        let run = stark("info", &[&path], &["--rows", "8"]);
        assert!([0, 2].contains(&run.code), "{what}: {run:?}");
    }
    assert!(proven < 10, "{proven} changed programs hold");
    let left = [
        "broken.zair",
        "honest.bin",
        "program.zair",
        "public.json",
        "trace.npy",
    ];
    assert_eq!(listing(ready.file("").as_path()), left);
}

#[test]
fn broken_traces() {
    let ready = Ready::fibonacci("8");
    let trace = fs::read(ready.file("trace.npy")).unwrap();
    let path = ready.file("broken.npy");
    for (what, bytes) in broken(&trace, places(trace.len())) {
        fs::write(&path, bytes).unwrap();
        let run = ready.prove_with(&ready.file("program.zair"), &path, &FAST);
        is_refused(&run, &what);
    }
    let left = ["broken.npy", "program.zair", "public.json", "trace.npy"];
    assert_eq!(listing(ready.file("").as_path()), left);
}

#[test]
fn broken_proofs() {
    for hash in ["keccak", "poseidon2"] {
        let ready = Ready::fibonacci("8");
        let options = ["--preset", "fast", "--hash", hash];
        ready.prove(&options).done();
        let proof = fs::read(ready.file("proof.bin")).unwrap();
        let path = ready.file("broken.bin");
        let options = [&options[..], &["--rows", "8"]].concat();
        for (what, bytes) in broken(&proof, places(proof.len())) {
            fs::write(&path, bytes).unwrap();
            let run = ready.verify_with(&ready.file("program.zair"), &path, &options);
            match run.code {
                1 => assert!(run.stdout.starts_with("NOT valid: "), "{what}: {run:?}"),
                _ => is_refused(&run, &what),
            }
        }
    }
}

#[test]
fn files_of_another_kind() {
    let ready = Ready::fibonacci("8");
    ready.prove(&FAST).done();
    let file = |name: &str| ready.file(name);
    let (program, trace, proof) = (file("program.zair"), file("trace.npy"), file("proof.bin"));
    let (garbage, empty) = (file("garbage"), file("empty"));
    fs::write(&garbage, [0xa5; 5000]).unwrap();
    fs::write(&empty, "").unwrap();
    let text = |path: &Path| path.display().to_string();
    for wrong in [
        &garbage,
        &empty,
        &file("public.json"),
        &file(""),
        &file("missing"),
    ] {
        let name = text(wrong);
        ready.prove_with(wrong, &trace, &FAST).refused(&name);
        ready.prove_with(&program, wrong, &FAST).refused(&name);
        ready.verify_with(wrong, &proof, &EIGHT).refused(&name);
        ready.verify_with(&program, wrong, &EIGHT).refused(&name);
        stark("info", &[wrong], &[]).refused(&name);
    }
    ready
        .prove_with(&trace, &program, &FAST)
        .refused(&text(&trace));
    ready
        .prove_with(&program, &proof, &FAST)
        .refused(&text(&proof));
    ready
        .verify_with(&program, &trace, &EIGHT)
        .refused(&text(&trace));
    // A field that nobody knows.
    let mut bytes = fs::read(&program).unwrap();
    bytes[8..16].copy_from_slice(&((1u64 << 31) - 1).to_le_bytes());
    fs::write(&garbage, bytes).unwrap();
    stark("info", &[&garbage], &[]).refused("a field of 2147483647 elements");
}
