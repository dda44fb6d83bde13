//! `zkiln certify` and `zkiln verify --program`: two proofs of one statement, ranges, and the alarm.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use zkiln::groth16::DevelopmentKey;
use zkiln::statement::{StatementV1, Word};

use crate::counter::{self, Counter, chain, example, hash};
use crate::run::{Run, zkiln};

/// A folder with the program of the counter: keys, constraints, program file.
struct Site {
    dir: TempDir,
}

impl Site {
    fn new(threshold: u32) -> Self {
        let site = Self {
            dir: TempDir::new().unwrap(),
        };
        for (name, sound) in [("sound", true), ("broken", false)] {
            let r1cs = counter::circuit(sound);
            r1cs.save(site.path(&format!("{name}.r1cs"))).unwrap();
            let key = DevelopmentKey::generate(&r1cs).unwrap();
            key.save(site.path(&format!("{name}.zkey"))).unwrap();
            let vkey = site.path(&format!("{name}.json"));
            let zkey = site.path(&format!("{name}.zkey"));
            let args = ["export".as_ref(), "vkey".as_ref(), zkey.as_path()];
            zkiln(args.into_iter().chain(["-o".as_ref(), vkey.as_path()])).done();
        }
        let constraints = zkiln::stark::air::Program::new(&Counter).unwrap();
        fs::write(site.path("counter.air"), constraints.to_bytes()).unwrap();
        let groth16 = |name: &str| {
            json!({"name": name, "status": "active", "key": null, "system": {"groth16-bn254": {
                "verification_key": format!("{name}.json"), "circuit": format!("{name}.r1cs"),
                "development": true,
            }}})
        };
        let program = json!({
            "version": "zkiln/program/v1",
            "program": Word::keccak("counter"),
            "policy": {
                "threshold": threshold, "required": [], "denied": [], "deny_shared": ["circuit"],
                "count_attestations": false, "count_development": true, "payees": "one",
            },
            "lanes": [groth16("sound"), groth16("broken"), {
                "name": "stark", "status": "active", "key": null, "system": {"stark-p3v0_8": {
                    "configuration": "keccak-goldilocks", "constraints": "counter.air",
                    "log_height": 4, "parameters": {"custom": {
                        "log_blowup": 2, "log_final_poly_len": 0, "max_log_arity": 3, "queries": 160,
                        "batch_grinding": 0, "commit_grinding": 0, "query_grinding": 0,
                        "ood_grinding": 0, "cap_height": 0,
                    }},
                }},
            }],
        });
        fs::write(site.path("program.json"), program.to_string()).unwrap();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a statement and proves it with the command; gives what `zkiln certify` takes for it.
    fn groth16(&self, statement: &StatementV1, name: &str, lane: &str) -> [String; 2] {
        let file = self.path(&format!("{name}.statement"));
        fs::write(&file, statement.to_json()).unwrap();
        let witness = self.path(&format!("{name}.wtns"));
        counter::witness(statement).save(&witness).unwrap();
        let [key, out] = [self.path(&format!("{lane}.zkey")), self.path(name)];
        let args = [
            "prove".as_ref(),
            key.as_path(),
            &witness,
            "-o".as_ref(),
            &out,
        ];
        zkiln(args).done();
        let proof = out.join("proof.json");
        [
            file.display().to_string(),
            format!("{lane}={}", proof.display()),
        ]
    }

    fn stark(&self, statement: &StatementV1, name: &str) -> String {
        let file = self.path(&format!("{name}.stark"));
        fs::write(&file, hash().prove(statement).unwrap().0).unwrap();
        format!("stark={}", file.display())
    }

    fn certify(&self, parts: &[String], output: &str) -> Run {
        let [program, output] = ["program.json", output].map(|name| self.path(name));
        let mut args = vec!["certify".into(), program.display().to_string()];
        args.extend_from_slice(parts);
        args.extend(["-o".into(), output.display().to_string()]);
        zkiln(args)
    }

    fn verify(&self, certificates: &[&str], options: &[&str]) -> Run {
        let mut args = vec!["verify".to_owned()];
        args.extend(
            certificates
                .iter()
                .map(|name| self.path(name).display().to_string()),
        );
        args.extend([
            "--program".into(),
            self.path("program.json").display().to_string(),
        ]);
        args.extend(options.iter().map(|option| (*option).to_owned()));
        zkiln(args)
    }
}

fn genesis() -> String {
    format!("{}:{}", Word::from(1000), counter::FIRST)
}

#[test]
fn two_proofs_of_one_statement() {
    let site = Site::new(2);
    let [statement, proof] = site.groth16(&example(), "one", "sound");
    let stark = site.stark(&example(), "one");
    let run = site.certify(
        &[statement.clone(), proof.clone(), stark.clone()],
        "certificate.json",
    );
    assert!(run.done().stdout.contains("share nothing that is known"));
    let run = site
        .verify(&["certificate.json"], &["--genesis", &genesis()])
        .done();
    assert!(run.stdout.contains("2 independent lanes"), "{run:?}");
    assert!(run.stdout.contains("INSECURE development key"), "{run:?}");
    assert!(run.stdout.contains("may tell about the witness"), "{run:?}");
    let run = site.verify(&["certificate.json"], &[]).done();
    assert!(run.stdout.contains("start was not checked"), "{run:?}");
    let result = site
        .verify(&["certificate.json"], &["--json"])
        .done()
        .json()["result"]
        .clone();
    assert_eq!(result["valid"], true);
    assert_eq!(result["start_checked"], false);
    assert_eq!(
        result["certificates"][0]["lanes"].as_array().unwrap().len(),
        2
    );

    // One of them is not enough, two of one class are not two, and a lane must be one of the program's.
    site.certify(&[statement.clone(), proof.clone()], "x")
        .refused("policy asks for 2");
    let [_, broken] = site.groth16(&example(), "two", "broken");
    site.certify(&[statement.clone(), proof.clone(), broken], "x")
        .refused("policy asks for 2");
    let other = proof.replace("sound=", "other=");
    site.certify(&[statement.clone(), other, stark.clone()], "x")
        .refused("no lane \"other\"");
    let swapped = proof.replace("sound=", "broken=");
    site.certify(&[statement.clone(), swapped, stark.clone()], "x")
        .refused("pairings");
    site.certify(&[proof, statement, stark], "x")
        .refused("before any statement");
    assert!(!site.path("x").exists());
}

/// Both proofs of one witness, which share its circuit: enough unless the policy says that they are not.
#[test]
fn two_systems_on_one_witness() {
    let site = Site::new(2);
    let program = fs::read_to_string(site.path("program.json")).unwrap();
    let lane = r#"{"name":"spartan","status":"active","key":null,"system":{"spartan-provekit-v1":{"circuit":"sound.r1cs"}}},"#;
    let program = program.replacen("\"lanes\":[", &format!("\"lanes\":[{lane}"), 1);
    fs::write(site.path("program.json"), &program).unwrap();

    let [statement, _] = site.groth16(&example(), "one", "sound");
    let [key, witness, r1cs, out] =
        ["sound.zkey", "one.wtns", "sound.r1cs", "both"].map(|name| site.path(name));
    let args = [
        "prove".as_ref(),
        key.as_path(),
        &witness,
        "-o".as_ref(),
        &out,
    ];
    let lanes = [
        "--lanes".as_ref(),
        "groth16,spartan".as_ref(),
        "--r1cs".as_ref(),
        r1cs.as_path(),
    ];
    zkiln(args.into_iter().chain(lanes)).done();
    zkiln(args.into_iter().chain(lanes).take(7)).refused("--r1cs");
    let proof = |lane: &str, file: &str| format!("{lane}={}", out.join(file).display());
    let parts = [
        statement,
        proof("sound", "proof.json"),
        proof("spartan", "spartan.proof"),
    ];
    site.certify(&parts, "x").refused("policy asks for 2");
    let lenient = program.replacen("[\"circuit\"]", "[]", 1);
    fs::write(site.path("program.json"), lenient).unwrap();
    let run = site.certify(&parts, "certificate.json").done();
    assert!(run.stdout.contains("share: circuit\n"), "{run:?}");
    let run = site
        .verify(&["certificate.json"], &["--genesis", &genesis()])
        .done();
    assert!(run.stdout.contains("2 independent lanes"), "{run:?}");

    // The second proof alone, from the circuit.
    let alone = site.path("alone");
    let args = [
        "prove".as_ref(),
        r1cs.as_path(),
        &witness,
        "-o".as_ref(),
        &alone,
    ];
    zkiln(
        args.into_iter()
            .chain(["--lanes".as_ref(), Path::new("spartan")]),
    )
    .done();
    let parts = [
        parts[0].clone(),
        parts[1].clone(),
        format!("spartan={}", alone.join("spartan.proof").display()),
    ];
    site.certify(&parts, "again.json").done();
}

#[test]
fn changed_certificates_are_not_valid() {
    let site = Site::new(1);
    let parts = site.groth16(&example(), "one", "sound");
    site.certify(&parts, "certificate.json").done();
    let text = fs::read_to_string(site.path("certificate.json")).unwrap();
    let change = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        fs::write(site.path("changed.json"), changed).unwrap();
        site.verify(&["changed.json"], &[])
    };
    let run = change("\"chain_id\": \"1\"", "\"chain_id\": \"2\"");
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.starts_with("NOT valid"), "{run:?}");
    assert_eq!(change("\"threshold\": 1", "\"threshold\": 2").code, 1);
    change("\"threshold\": 1", "\"threshold\":  1").refused("spelling");
    change("{", "").refused("changed.json");
    let run = site.verify(
        &["certificate.json"],
        &["--genesis", &format!("{}:1", Word::from(1000))],
    );
    assert_eq!(run.code, 1, "{run:?}");
    site.verify(&["certificate.json"], &["--genesis", "1000:100"])
        .refused("0x and 64 digits");
    site.verify(
        &["certificate.json"],
        &["--genesis", &genesis(), "--after", &genesis()],
    )
    .refused("cannot be used");
}

#[test]
fn a_witness_of_another_statement_is_not_proven() {
    let site = Site::new(1);
    let statements = chain(2);
    site.groth16(&statements[0], "a", "sound");
    site.groth16(&statements[1], "b", "sound");
    let [key, witness, statement, out] =
        ["sound.zkey", "a.wtns", "b.statement", "c"].map(|name| site.path(name));
    let args = [
        "prove".as_ref(),
        key.as_path(),
        &witness,
        "-o".as_ref(),
        &out,
    ];
    let run = zkiln(
        args.into_iter()
            .chain(["--statement".as_ref(), statement.as_path()]),
    );
    run.refused("signal 0 (digest_high)");
    assert!(!out.exists());
}

#[test]
fn ranges() {
    let site = Site::new(1);
    let statements = chain(2);
    let a = site.groth16(&statements[0], "a", "sound");
    let b = site.groth16(&statements[1], "b", "sound");
    site.certify(&[a.as_slice(), &b].concat(), "range.json")
        .done();
    site.verify(&["range.json"], &["--genesis", &genesis()])
        .done();
    site.certify(&[b.as_slice(), &a].concat(), "x")
        .refused("overlap");
    // The same as two certificates, one after the other.
    site.certify(&a, "a.json").done();
    site.certify(&b, "b.json").done();
    site.verify(&["a.json", "b.json"], &["--genesis", &genesis()])
        .done();
    assert_eq!(site.verify(&["b.json", "a.json"], &[]).code, 1);
}

#[test]
fn journals_refuse_replays_and_freeze() {
    let site = Site::new(1);
    let statements = chain(2);
    site.certify(&site.groth16(&statements[0], "a", "sound"), "a.json")
        .done();
    site.certify(&site.groth16(&statements[1], "b", "sound"), "b.json")
        .done();
    let journal = site.path("journal.json").display().to_string();
    let options = ["--journal", &journal];
    site.verify(&["a.json"], &options)
        .refused("--genesis or --after");
    site.verify(
        &["a.json"],
        &["--journal", &journal, "--genesis", &genesis()],
    )
    .done();
    let run = site.verify(&["a.json"], &options);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("accepted before"), "{run:?}");
    site.verify(&["b.json"], &options).done();

    let mut wrong = statements[1];
    wrong.post_root = zkiln::field::Fr::from(5);
    site.certify(&site.groth16(&wrong, "c", "broken"), "c.json")
        .done();
    site.verify(&["c.json"], &options).refused("FROZEN");
    // Whatever comes next.
    site.verify(&["a.json"], &options).refused("FROZEN");
    let text = fs::read_to_string(&journal).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    assert!(kept["conflict"]["first"].is_object() && kept["conflict"]["second"].is_object());
    let run = site.verify(&["b.json", "c.json"], &[]).refused("FROZEN");
    assert_eq!(run.code, 2);
}

#[test]
fn program_files_are_read_strictly() {
    let site = Site::new(1);
    let parts = site.groth16(&example(), "one", "sound");
    site.certify(&parts, "certificate.json").done();
    let text = fs::read_to_string(site.path("program.json")).unwrap();
    let change = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        fs::write(site.path("program.json"), changed).unwrap();
        site.verify(&["certificate.json"], &[])
    };
    change("program/v1", "program/v2").refused("program.json");
    change("\"key\":null", "\"key\":null,\"more\":1").refused("more");
    change("\"name\":\"broken\"", "\"name\":\"sound\"").refused("twice");
    change("sound.json", "missing.json").refused("missing.json");
    change("\"key\":null", &format!("\"key\":\"{}\"", Word::ZERO)).refused("hash is");
    change("\"threshold\":1", "\"threshold\":5").refused("not even all lanes");
    change("\"log_height\":4", "\"log_height\":99").refused("2^");
    change("\"queries\":160", "\"queries\":20").refused("proven bits");
    change("sound.r1cs", "sound.zkey").refused("sound.zkey");
    let run = change("\"status\":\"active\"", "\"status\":\"revoked\"");
    assert_eq!(
        (run.code, run.stdout.contains("revoked")),
        (1, true),
        "{run:?}"
    );
    assert!(Path::new(&parts[0]).exists());
}

/// The proof without zero knowledge: said so, by the command and by certificates, and refused by a policy.
#[test]
fn the_compact_lane_says_that_it_tells() {
    let site = Site::new(2);
    let program = fs::read_to_string(site.path("program.json")).unwrap();
    let lane = r#"{"name":"compact","status":"active","key":null,"system":{"spartan-compact-v1":{"circuit":"sound.r1cs"}}},"#;
    let program = program
        .replacen("\"lanes\":[", &format!("\"lanes\":[{lane}"), 1)
        .replacen("[\"circuit\"]", "[]", 1);
    fs::write(site.path("program.json"), &program).unwrap();

    let [statement, _] = site.groth16(&example(), "one", "sound");
    let [key, witness, r1cs, out] =
        ["sound.zkey", "one.wtns", "sound.r1cs", "both"].map(|name| site.path(name));
    let args = [
        "prove".as_ref(),
        key.as_path(),
        &witness,
        "-o".as_ref(),
        &out,
        "--lanes".as_ref(),
        "groth16,spartan-compact".as_ref(),
        "--r1cs".as_ref(),
        &r1cs,
    ];
    let run = zkiln(args).done();
    assert!(run.stderr.contains("NO ZERO KNOWLEDGE"), "{run:?}");
    assert!(!out.join("spartan.proof").exists());
    let proof = |lane: &str, file: &str| format!("{lane}={}", out.join(file).display());
    let parts = [
        statement,
        proof("sound", "proof.json"),
        proof("compact", "spartan-compact.proof"),
    ];
    let run = site.certify(&parts, "certificate.json").done();
    assert!(run.stdout.contains("may tell about the witness"), "{run:?}");
    site.verify(&["certificate.json"], &["--genesis", &genesis()])
        .done();

    let hidden = program.replacen("\"payees\":", "\"zero_knowledge\":true,\"payees\":", 1);
    fs::write(site.path("program.json"), hidden).unwrap();
    let run = site.certify(&parts, "x");
    run.refused("demands zero knowledge");
}
