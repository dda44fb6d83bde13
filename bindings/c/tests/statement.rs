//! Statements, transparent proofs, certificates and journals in C, under the tools that find what C does wrong.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "the library's tests use all of it"
)]
#[path = "../../../tests/statement/counter.rs"]
mod counter;
mod support;

use std::fs;
use std::path::Path;

use counter::{Pairing, example, segment};
use support::{Language, Library, Linkage, Tool, compile, folder, package, repository, run};
use zkiln::field::Fr;
use zkiln::statement::{NamedProgram, Segment, Word};

/// Writes a program of a sound lane and one whose circuit lacks a constraint, and a certificate of each that
/// contradicts the other.
fn write_conflict(folder: &Path) {
    let broken = Pairing::new(false);
    let lane = |name: &str, lane: &Pairing| {
        let [key, r1cs] = ["json", "r1cs"].map(|ending| format!("{name}.{ending}"));
        let text = lane.key.verifying_key().to_json();
        fs::write(folder.join(&key), text).unwrap();
        counter::circuit(name == "sound")
            .save(folder.join(&r1cs))
            .unwrap();
        format!(
            r#"{{"name": "{name}", "status": "active", "key": null, "system": {{"groth16-bn254": {{
             "verification_key": "{key}", "circuit": "{r1cs}", "development": true}}}}}}"#
        )
    };
    let lanes = [lane("sound", counter::pairing()), lane("broken", &broken)].join(", ");
    let program = folder.join("program.json");
    let text = format!(
        r#"{{"version": "zkiln/program/v1", "program": "{}", "policy": {{"threshold": 1, "required": [],
         "denied": [], "deny_shared": [], "count_attestations": false, "count_development": true,
         "payees": "one"}}, "lanes": [{lanes}]}}"#,
        Word::keccak("counter")
    );
    fs::write(&program, text).unwrap();
    let program = NamedProgram::open(program).unwrap().program;

    let honest = program.certify(&[counter::pairing().id()], vec![segment(example())]);
    honest.unwrap().save(folder.join("honest.json")).unwrap();
    let mut statement = example();
    statement.post_root += Fr::ONE;
    let proofs = vec![broken.prove(&statement).unwrap()];
    let forged = program.certify(&[broken.id()], vec![Segment { statement, proofs }]);
    forged.unwrap().save(folder.join("forged.json")).unwrap();
}

fn test(language: Language, tool: Tool) {
    if !tool.is_there() {
        return;
    }
    let out = folder(&format!("statement-{tool:?}"));
    let conflict = folder(&format!("conflict-{tool:?}"));
    write_conflict(&conflict);
    let library = Library {
        name: "zkiln_c",
        include: package("include"),
    };
    let source = package("tests/c/statement.c");
    let program = compile(source, language, tool, &library, Linkage::Shared);
    run(
        &program,
        tool,
        [repository("tests/data/ledger"), conflict, out],
    );
}

#[test]
fn in_c() {
    test(Language::C99, Tool::Plain);
}

#[test]
fn in_cxx_under_address_sanitizer() {
    test(Language::Cxx17, Tool::Address);
}

#[test]
fn under_thread_sanitizer() {
    test(Language::C99, Tool::Thread);
}
