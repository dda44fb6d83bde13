//! What `zkiln stark` does not do, and what it leaves behind: nothing.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{Ready, stark};
use crate::run::listing;

const MADE: [&str; 3] = ["program.zair", "public.json", "trace.npy"];

/// The trace, with the element in this place of the file replaced.
fn with_value(ready: &Ready, place: usize, value: u32) {
    let path = ready.file("trace.npy");
    let mut bytes = fs::read(&path).unwrap();
    bytes[128 + 4 * place..][..4].copy_from_slice(&value.to_le_bytes());
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_broken_constraint_is_named_with_its_row() {
    let ready = Ready::fibonacci("16");
    fs::write(ready.file("proof.bin"), "old proof").unwrap();
    // The last number of 16 is public, and follows from those before.
    with_value(&ready, 31, 5);
    let run = ready.prove(&["--preset", "fast"]);
    run.refused("does not hold in row 1");
    assert_eq!(fs::read(ready.file("proof.bin")).unwrap(), b"old proof");
    fs::remove_file(ready.file("proof.bin")).unwrap();

    let ready = Ready::fibonacci("16");
    with_value(&ready, 0, 1);
    let run = ready.prove(&["--preset", "fast", "--json"]);
    assert_eq!(run.code, 2, "{run:?}");
    let error = &run.json()["error"];
    assert_eq!(
        (&error["kind"], &error["code"]),
        (&"unsatisfied".into(), &5.into())
    );
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .ends_with("constraint 0 does not hold in row 0")
    );
    assert_eq!(listing(ready.file("").as_path()), MADE);
}

#[test]
fn traces_of_another_shape_are_refused() {
    let ready = Ready::fibonacci("16");
    let wide = Ready::new(&["poseidon2", "--rows", "16"]);
    let program = ready.file("program.zair");
    let run = ready.prove_with(&program, &wide.file("trace.npy"), &["--preset", "fast"]);
    run.refused("a trace of 164 columns and 16 rows, not of 2");

    let trace = ready.file("trace.npy");
    let header = |rows: &str, values: usize| {
        let dictionary =
            format!("{{'descr': '<u4', 'fortran_order': True, 'shape': ({rows}, 2), }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((dictionary.len() as u16).to_le_bytes());
        bytes.extend(dictionary.as_bytes());
        bytes.resize(bytes.len() + values, 0);
        fs::write(&trace, bytes).unwrap();
        ready.prove(&["--preset", "fast"])
    };
    header("3", 24).refused("trace.npy: shape: 3 rows, which must be a power of two");
    header("0", 0).refused("trace.npy: shape: 0 rows of 2 columns");
    // Terabytes that nobody sent.
    header("1099511627776", 64).refused("trace.npy: values: 64 bytes for 1099511627776 rows");
    header("9223372036854775808", 64).refused("trace.npy: values: 64 bytes");
    assert_eq!(listing(ready.file("").as_path()), MADE);
}

#[test]
fn more_rows_than_a_field_has_room_for() {
    let ready = Ready::new(&["fibonacci"]);
    let program = ready.file("program.zair");
    let proof = ready.file("none.bin");
    fs::write(&proof, "").unwrap();
    for rows in ["2^24", "2^32"] {
        let options = ["--rows", rows, "--public", "0,1,2"];
        stark("verify", &[&program, &proof], &options)
            .refused("the field's domains have 2^24 at most");
    }
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let out = out.to_str().unwrap();
    for (air, field, rows) in [
        ("fibonacci", "koalabear", "2^24"),
        ("fibonacci", "goldilocks", "2^32"),
        ("keccak", "koalabear", "2^32"),
        ("poseidon2", "goldilocks", "2^32"),
    ] {
        let options = [air, "--field", field, "--rows", rows, "-o", out];
        stark("air", &[], &options).refused("has room for");
    }
    let options = ["keccak", "--rows", "16", "-o", out];
    stark("air", &[], &options).refused("--rows 32 is the least");
    let options = ["fibonacci", "--per-row", "2", "-o", out];
    stark("air", &[], &options).refused("--per-row is for poseidon2");
    assert!(listing(dir.path()).is_empty());
}

#[test]
fn command_lines_that_make_no_sense() {
    let ready = Ready::fibonacci("16");
    for rows in [
        "0",
        "3",
        "2^33",
        "2^-1",
        "2^",
        "-16",
        "1e3",
        "18446744073709551616",
    ] {
        ready.verify(&["--rows", rows]).refused("rows");
    }
    ready.verify(&[]).refused("--rows");
    ready.prove(&["--hash", "md5"]).refused("md5");
    ready.prove(&["--preset", "slow"]).refused("slow");
    for per_row in ["0", "1025"] {
        stark("air", &[], &["poseidon2", "--per-row", per_row, "-o", "x"]).refused(per_row);
    }
    stark("air", &[], &["sha256", "-o", "x"]).refused("sha256");
    // The proof would take the place of what it is made from.
    let program = ready.file("program.zair");
    let files = [
        &program,
        &ready.file("trace.npy"),
        Path::new("-o"),
        &program,
    ];
    stark("prove", &files, &["--public", "0,1,987"]).refused("another file of this command");
    let files = [
        &program,
        &ready.file("trace.npy"),
        Path::new("-o"),
        &ready.file(""),
    ];
    stark("prove", &files, &["--public", "0,1,987"]).refused("is a directory");
    let missing = ready.file("missing");
    ready
        .prove_with(&missing, &ready.file("trace.npy"), &[])
        .refused("missing");
    ready.prove_with(&program, &missing, &[]).refused("missing");
    assert_eq!(listing(ready.file("").as_path()), MADE);
}
