//! Programs in C and C++ that use the library, under the tools that find what they do wrong.

mod support;

use std::fs::read_to_string;
use std::path::PathBuf;

use support::{Language, Library, Linkage, Tool, compile, folder, node, package, repository, run};

const CIRCUITS: [&str; 5] = ["multiplier", "full_domain", "hash_chain", "merkle", "range"];

fn zkiln() -> Library {
    Library {
        name: "zkiln_c",
        include: package("include"),
    }
}

fn circuit(name: &str) -> PathBuf {
    repository("tests/data").join(name)
}

/// Builds a test of `tests/c` in both languages and runs it under a tool.
fn test(name: &str, tool: Tool, args: &[PathBuf]) {
    if !tool.is_there() {
        return;
    }
    for language in [Language::C99, Language::Cxx17] {
        if tool == Tool::Valgrind && language == Language::Cxx17 {
            continue; // the same instructions again, slowly
        }
        let source = package("tests/c").join(name).with_extension("c");
        let program = compile(source, language, tool, &zkiln(), Linkage::Shared);
        run(&program, tool, args);
    }
}

macro_rules! tests {
    ($($tool:ident: $($name:ident)+;)+) => {
        $(
            #[allow(non_snake_case, reason = "the name of the tool")]
            mod $tool {
                use super::*;
                $(
                    #[test]
                    fn $name() {
                        test(stringify!($name), Tool::$tool, &[]);
                    }
                )+
            }
        )+
    };
}

// ThreadSanitizer gives up in a process that was forked off.
tests! {
    Plain: border kernels threads fork device;
    Address: border kernels threads fork device;
    Thread: kernels threads;
    Valgrind: border kernels fork;
}

/// All that there is of Groth16; snarkjs accepts the proofs.
#[test]
fn groth16() {
    let node = node::is_ready();
    let mut files = Vec::new();
    for name in CIRCUITS {
        let out = folder(&format!("groth16-{name}"));
        test("groth16", Tool::Plain, &[circuit(name), out.clone()]);
        files.push(circuit(name).join("verification_key.json"));
        files.push(out.join("public.json"));
        files.push(out.join("proof.json"));
    }
    if node {
        snarkjs_accepts(&files);
    }
}

fn snarkjs_accepts(files: &[PathBuf]) {
    let answers = node::oracle("verify.mjs", files);
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers, vec![r#"{"ok":true}"#; files.len() / 3]);
}

#[test]
fn groth16_under_tools() {
    for tool in [Tool::Address, Tool::Thread, Tool::Valgrind] {
        let out = folder(&format!("groth16-{tool:?}"));
        test("groth16", tool, &[circuit("multiplier"), out]);
    }
}

/// The examples do what they say, in the language that they are written in, under the sanitizers.
#[test]
fn examples() {
    let folder = folder("examples");
    let file = |name: &str| circuit("merkle").join(name);
    let made = ["proof.json", "public.json"].map(|name| folder.join(name));
    let key = [file("circuit.zkey"), file("witness.wtns")];
    let vkey = file("verification_key.json");
    let certificate = [circuit("ledger"), folder.clone()];
    let groth16 = [&key[0], &key[1], &vkey, &made[0], &made[1]].map(PathBuf::from);
    for tool in [Tool::Plain, Tool::Address, Tool::Thread] {
        if !tool.is_there() {
            continue;
        }
        let example = |name: &str, args: &[PathBuf]| {
            let source = package("examples").join(name);
            let language = match name.ends_with(".c") {
                true => Language::C99,
                false => Language::Cxx17,
            };
            run(
                &compile(source, language, tool, &zkiln(), Linkage::Shared),
                tool,
                args,
            )
        };
        assert_eq!(example("msm.c", &[]), "the sum is right\n");
        assert!(example("buffers.c", &[]).ends_with("the sum is right\n"));
        let program = [package("examples/fibonacci.zair")];
        assert!(example("stark.c", &program).starts_with("proven, with 1"));
        assert_eq!(
            example("certificate.c", &certificate),
            "items 100 to 101, by 2 independent lanes\n"
        );
        assert!(example("groth16.c", &groth16).contains("msm h\n"));
        assert_eq!(example("two_threads.c", &key), "6 proofs\n");
        assert_eq!(example("raii.cpp", &key), "proven, with 1 public inputs\n");
    }
    if node::is_ready() {
        snarkjs_accepts(&[vkey, made[1].clone(), made[0].clone()]);
    }
}

/// A newcomer's C++ compiler takes the examples in C as well.
#[test]
fn examples_in_c_are_cxx_too() {
    for name in [
        "msm.c",
        "buffers.c",
        "groth16.c",
        "stark.c",
        "certificate.c",
        "two_threads.c",
    ] {
        let source = package("examples").join(name);
        compile(
            source,
            Language::Cxx17,
            Tool::Plain,
            &zkiln(),
            Linkage::Shared,
        );
    }
}

#[test]
fn the_static_library_is_complete() {
    let program = compile(
        package("examples/msm.c"),
        Language::C99,
        Tool::Plain,
        &zkiln(),
        Linkage::Static,
    );
    assert_eq!(run(&program, Tool::Plain, [""; 0]), "the sum is right\n");
}

/// Nothing but what the header declares, and all of it.
#[cfg(target_os = "linux")]
#[test]
fn the_symbols_are_those_of_the_list_and_of_the_header() {
    let list = read_to_string(package("abi/zkiln.symbols")).unwrap();
    let exported = support::exported_symbols(&support::libraries().join("libzkiln_c.so"));
    assert_eq!(exported, list);

    let header = read_to_string(package("include/zkiln.h")).unwrap();
    let code = header.lines().filter(|line| !line.starts_with("//"));
    let mut declared: Vec<&str> = code
        .filter_map(|line| line.split_once('(')?.0.split([' ', '*']).next_back())
        .filter(|name| name.starts_with("zkiln_"))
        .collect();
    declared.sort_unstable();
    assert_eq!(declared, list.lines().collect::<Vec<_>>());
}

/// The programs in the documentation are parts of those above: a block of C begins with the name of the file
/// that it is from, as a comment of Markdown.
#[test]
fn the_documentation_shows_what_was_compiled() {
    for page in ["docs/c.md", "README.md"] {
        let text = read_to_string(repository(page)).unwrap();
        let mut blocks = 0;
        for (at, _) in text.match_indices("\n```c") {
            let (before, block) = text.split_at(at + 1);
            let (fence, code) = block.split_once('\n').unwrap();
            if fence != "```c" && fence != "```cpp" {
                continue;
            }
            let name = before.trim_end().lines().next_back().unwrap_or_default();
            let name = name
                .strip_prefix("<!-- ")
                .and_then(|n| n.strip_suffix(" -->"));
            let name = name.unwrap_or_else(|| panic!("{page}: a block of C without its file"));
            let source = read_to_string(repository(name)).unwrap();
            let (code, _) = code.split_once("\n```").unwrap();
            // Parts may leave lines out, which a line of dots stands for.
            for part in code.split("\n...\n") {
                assert!(source.contains(part), "{page}: not in {name}:\n{part}");
            }
            blocks += 1;
        }
        assert!(blocks > 0, "{page} shows no C");
    }
}
