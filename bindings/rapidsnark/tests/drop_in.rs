//! Applications that know rapidsnark's interface only.

#[path = "../../c/tests/support/mod.rs"]
mod support;

use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{
    Language, Library, Linkage, Tool, compile, folder, libraries, node, package, repository, run,
    succeed,
};

const CIRCUITS: [&str; 5] = ["multiplier", "full_domain", "hash_chain", "merkle", "range"];

fn drop_in() -> Library {
    Library {
        name: "zkiln_rapidsnark",
        include: package("tests/c"),
    }
}

fn circuit(name: &str) -> PathBuf {
    repository("tests/data").join(name)
}

fn contract(language: Language, tool: Tool, circuits: &[&str]) {
    if !tool.is_there() {
        return;
    }
    let source = package("tests/c/contract.c");
    let program = compile(source, language, tool, &drop_in(), Linkage::Shared);
    for name in circuits {
        run(&program, tool, [circuit(name)]);
    }
}

#[test]
fn the_contract_is_kept() {
    contract(Language::C99, Tool::Plain, &CIRCUITS);
}

#[test]
fn the_contract_is_kept_under_tools() {
    contract(Language::Cxx17, Tool::Address, &["multiplier", "merkle"]);
    contract(Language::C99, Tool::Valgrind, &["multiplier"]);
}

#[test]
fn the_static_library_is_complete() {
    let source = package("tests/c/contract.c");
    let program = compile(
        source,
        Language::C99,
        Tool::Plain,
        &drop_in(),
        Linkage::Static,
    );
    run(&program, Tool::Plain, [circuit("multiplier")]);
}

/// An application is linked with a `librapidsnark.so`. Another file takes that one's place, and the same
/// application proves; snarkjs accepts.
#[cfg(target_os = "linux")]
#[test]
fn a_library_takes_the_others_place() {
    let folder = folder("swap");
    let library = folder.join("librapidsnark.so");
    let application = folder.join("application");
    let cc = || {
        let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
        cc.args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]);
        cc
    };
    let source = |name: &str| package("tests/c").join(name);
    let mut stub = cc();
    let stub = stub.args(["-shared", "-fPIC"]).arg(source("stub.c"));
    succeed(stub.arg("-o").arg(&library));
    let mut app = cc();
    let app = app.arg(source("application.c")).arg("-o").arg(&application);
    let app = app.arg("-L").arg(&folder).arg("-lrapidsnark");
    succeed(app.arg(format!("-Wl,-rpath,{}", folder.display())));

    let made = |name: &str| {
        ["proof.json", "public.json"].map(|file| folder.join(format!("{name}.{file}")))
    };
    let prove = |name: &str| {
        let files = ["circuit.zkey", "witness.wtns", "verification_key.json"];
        let mut command = Command::new(&application);
        command.args(files.map(|file| circuit(name).join(file)));
        command.args(made(name)).output().unwrap()
    };
    let refused = prove("multiplier");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the stub proves nothing"));

    std::fs::remove_file(&library).unwrap();
    std::fs::copy(libraries().join("libzkiln_rapidsnark.so"), &library).unwrap();
    let mut files = Vec::new();
    for name in CIRCUITS {
        let proven = prove(name);
        let words = String::from_utf8_lossy(&proven.stderr);
        assert!(proven.status.success(), "{name}: {words}");
        let [proof, public] = made(name);
        let values = |path: &Path| -> Vec<String> {
            let text = read_to_string(path).unwrap();
            let values = text.split('"').skip(1).step_by(2);
            values.map(str::to_owned).collect()
        };
        assert_eq!(values(&public), values(&circuit(name).join("public.json")));
        files.push(circuit(name).join("verification_key.json"));
        files.extend([public, proof]);
    }
    if node::is_ready() {
        let answers = node::oracle("verify.mjs", &files);
        let answers: Vec<&str> = answers.lines().collect();
        assert_eq!(answers, [r#"{"ok":true}"#; CIRCUITS.len()]);
    }
}

/// rapidsnark's symbols, and nothing else.
#[cfg(target_os = "linux")]
#[test]
fn the_symbols_are_rapidsnarks() {
    let list = read_to_string(package("abi/zkiln_rapidsnark.symbols")).unwrap();
    let library = libraries().join("libzkiln_rapidsnark.so");
    assert_eq!(support::exported_symbols(&library), list);
    assert_eq!(list.lines().count(), 10);
}
