//! `zkiln stark`.

mod hostile;
mod refused;
mod statements;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::run::{Run, keys, listing, zkiln};

/// The files of a ready program and its trace.
pub(crate) struct Ready {
    dir: TempDir,
}

impl Ready {
    /// Written by `zkiln stark air` with these arguments.
    pub(crate) fn new(args: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        let made = dir.path().join("made");
        stark(
            "air",
            &[],
            &[args, &["-o", made.to_str().unwrap()]].concat(),
        )
        .done();
        Self { dir }
    }

    /// Fibonacci's numbers over KoalaBear.
    fn fibonacci(rows: &str) -> Self {
        Self::new(&["fibonacci", "--rows", rows])
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("made").join(name)
    }

    pub(crate) fn prove(&self, options: &[&str]) -> Run {
        self.prove_with(&self.file("program.zair"), &self.file("trace.npy"), options)
    }

    /// With another program or trace.
    fn prove_with(&self, program: &Path, trace: &Path, options: &[&str]) -> Run {
        let (public, proof) = (self.file("public.json"), self.file("proof.bin"));
        let [list, output] = [Path::new("--public-file"), Path::new("-o")];
        let files = [program, trace, list, &public, output, &proof];
        stark("prove", &files, options)
    }

    fn verify(&self, options: &[&str]) -> Run {
        self.verify_with(&self.file("program.zair"), &self.file("proof.bin"), options)
    }

    /// With another program or proof.
    fn verify_with(&self, program: &Path, proof: &Path, options: &[&str]) -> Run {
        let public = self.file("public.json");
        stark(
            "verify",
            &[program, proof, Path::new("--public-file"), &public],
            options,
        )
    }
}

/// Runs `zkiln stark`.
fn stark(command: &str, files: &[&Path], options: &[&str]) -> Run {
    let words = ["stark", command].into_iter().map(OsString::from);
    let files = files.iter().map(|path| path.as_os_str().to_owned());
    zkiln(words.chain(files).chain(options.iter().map(OsString::from)))
}

#[track_caller]
fn not_valid(run: &Run, reason: &str) {
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stdout.starts_with("NOT valid: ") && run.stdout.contains(reason),
        "{run:?}"
    );
}

/// Three commands, for every ready program, field and hash.
#[test]
fn ready_programs_are_proven_and_verified() {
    for (air, rows) in [("fibonacci", "2^5"), ("poseidon2", "8"), ("keccak", "32")] {
        for field in ["koalabear", "babybear", "goldilocks"] {
            let ready = Ready::new(&[air, "--field", field, "--rows", rows]);
            for hash in ["poseidon2", "keccak"] {
                let options = ["--hash", hash, "--preset", "fast"];
                let run = ready.prove(&options).done();
                assert!(run.stdout.contains(field), "{run:?}");
                let run = ready
                    .verify(&[&options[..], &["--rows", rows]].concat())
                    .done();
                assert!(run.stdout.starts_with("valid: "), "{run:?}");
            }
        }
    }
}

#[test]
fn a_hundred_bits_are_proven_unless_less_is_asked_for() {
    let ready = Ready::fibonacci("64");
    ready.prove(&[]).done();
    let run = ready.verify(&["--rows", "64", "--json"]).done();
    let value = run.json();
    assert_eq!(keys(&value), ["command", "result"]);
    assert_eq!(value["command"], "stark verify");
    let result = &value["result"];
    assert_eq!(
        keys(result),
        [
            "field",
            "hash",
            "preset",
            "proof",
            "public_values",
            "reason",
            "rows",
            "security",
            "valid"
        ]
    );
    assert_eq!(result["preset"], "proven100");
    assert_eq!(result["hash"], "keccak");
    assert_eq!(result["rows"], 64);
    assert!(result["reason"].is_null());
    assert!(
        result["security"]["proven_bits"].as_u64().unwrap() >= 100,
        "{result}"
    );
}

#[test]
fn programs_are_described() {
    let ready = Ready::new(&["poseidon2", "--per-row", "8"]);
    assert_eq!(listing(&ready.dir.path().join("made")), ["program.zair"]);
    let program = ready.file("program.zair");
    let result = &stark("info", &[&program], &["--json", "--rows", "2^16"])
        .done()
        .json()["result"];
    assert_eq!(result["columns"], 1312);
    assert_eq!(result["constraints"], 1184);
    assert_eq!(result["degree"], 3);
    assert_eq!(result["field"], "koalabear");
    assert_eq!(result["next_row"], false);
    // The table of docs/stark.md, but for the next row, which is not read here.
    assert!(
        result["presets"]["fast"]["proven_bits"].as_u64().unwrap() >= 65,
        "{result}"
    );
    assert!(
        result["presets"]["proven100"]["proven_bits"]
            .as_u64()
            .unwrap()
            >= 104,
        "{result}"
    );
    let run = stark("info", &[&program], &[]).done();
    assert!(run.stdout.contains("1184 of degree up to 3"), "{run:?}");
    assert!(!run.stdout.contains("proven100"), "{run:?}");
    // No domain of the field is as long.
    let run = stark("info", &[&program], &["--rows", "2^24"]).done();
    assert!(
        run.stdout
            .contains("refused: STARK parameters: a codeword of"),
        "{run:?}"
    );
}

#[test]
fn results_are_for_programs_too() {
    let ready = Ready::fibonacci("16");
    let run = ready.prove(&["--preset", "fast", "--json", "--timings", "--threads", "1"]);
    let value = run.done().json();
    assert_eq!(keys(&value), ["command", "result", "timings"]);
    let result = &value["result"];
    assert_eq!(
        keys(result),
        [
            "bytes",
            "columns",
            "field",
            "hash",
            "preset",
            "proof",
            "public_values",
            "rows",
            "security"
        ]
    );
    let length = fs::metadata(ready.file("proof.bin")).unwrap().len();
    assert_eq!(result["bytes"], length);
    assert_eq!(
        result["public_values"],
        serde_json::json!(["0", "1", "987"])
    );
    let phases = value["timings"]["phases"].as_array().unwrap();
    let phases: Vec<_> = phases
        .iter()
        .map(|row| row["phase"].as_str().unwrap())
        .collect();
    for phase in [
        "read program",
        "read trace",
        "prepare",
        "prove",
        "prove/quotient",
        "write",
    ] {
        assert!(phases.contains(&phase), "{phases:?}");
    }
    let run = ready
        .verify(&["--rows", "16", "--preset", "fast", "-q"])
        .done();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

/// The same input has the same proof, however many threads look for work.
#[test]
fn proofs_are_reproducible() {
    let ready = Ready::fibonacci("2^6");
    let proofs = ["1", "2", "3"].map(|threads| {
        ready
            .prove(&["--preset", "fast", "--threads", threads])
            .done();
        fs::read(ready.file("proof.bin")).unwrap()
    });
    assert!(proofs.iter().all(|proof| *proof == proofs[0]));
}

/// NumPy's own files, one in each order, with the committed programs.
#[test]
fn traces_of_numpy_are_proven() {
    let data = |name: &str| crate::run::data("stark", name);
    let ready = Ready::fibonacci("8");
    for (program, trace) in [
        ("fibonacci_koalabear.zair", "fibonacci_rows_u32.npy"),
        ("fibonacci_koalabear.zair", "fibonacci_columns_u64.npy"),
        ("fibonacci_goldilocks.zair", "fibonacci_columns_u64.npy"),
        ("fibonacci_goldilocks.zair", "fibonacci_rows_u32.npy"),
    ] {
        let (program, trace) = (data(program), data(trace));
        ready
            .prove_with(&program, &trace, &["--preset", "fast"])
            .done();
        let options = ["--preset", "fast", "--rows", "8"];
        ready
            .verify_with(&program, &ready.file("proof.bin"), &options)
            .done();
    }
    // A program has one encoding, which does not change with the version of this command.
    for field in ["koalabear", "goldilocks"] {
        let ready = Ready::new(&["fibonacci", "--field", field]);
        let committed = fs::read(data(&format!("fibonacci_{field}.zair"))).unwrap();
        assert_eq!(fs::read(ready.file("program.zair")).unwrap(), committed);
    }
}
