//! STARK proofs in C: of statements that Plonky3 has proven too, under the tools that find what C does wrong.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "the library's tests use all of it"
)]
#[path = "../../../tests/stark_verify/cases.rs"]
mod cases;
mod support;

use std::fs;
use std::path::Path;

use cases::Case;
use support::{Language, Library, Linkage, Tool, compile, folder, package, run};
use zkiln::field::small::{KoalaBear, SmallField};
use zkiln::stark::StarkConfig;
use zkiln::stark::air::{Fibonacci, Program};
use zkiln_c::stark::parameters::{ZKILN_STARK_HASH_KECCAK, ZKILN_STARK_HASH_POSEIDON2};

fn words<F: SmallField>(elements: &[F]) -> Vec<u8> {
    let words = elements
        .iter()
        .map(|element| element.to_u64().to_le_bytes());
    words.collect::<Vec<_>>().concat()
}

/// Writes what `tests/c/stark.c` reads.
fn write<C: StarkConfig>(folder: &Path, hash: u32, case: &Case<C>) {
    let p = &case.parameters;
    let parameters = [
        hash,
        case.log_height,
        p.log_blowup,
        p.log_final_poly_len,
        p.max_log_arity,
        p.queries,
        p.batch_grinding,
        p.commit_grinding,
        p.query_grinding,
        p.ood_grinding,
        p.cap_height,
    ];
    let preprocessed = case.preprocessed_columns.as_ref();
    for (name, bytes) in [
        ("program.zair", case.program.to_bytes()),
        ("parameters", parameters.map(u32::to_le_bytes).concat()),
        ("trace", words(case.trace.values())),
        (
            "preprocessed",
            preprocessed.map_or(Vec::new(), |columns| words(columns.values())),
        ),
        ("public", words(&case.public_values)),
        ("proof", case.bytes.to_vec()),
    ] {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

fn test<C: StarkConfig>(name: &str, hash: u32, case: &Case<C>) {
    let library = Library {
        name: "zkiln_c",
        include: package("include"),
    };
    for (language, tool) in [
        (Language::C99, Tool::Plain),
        (Language::Cxx17, Tool::Address),
        (Language::C99, Tool::Thread),
    ] {
        if !tool.is_there() {
            continue;
        }
        let folder = folder(&format!("stark-{name}-{tool:?}"));
        write(&folder, hash, case);
        let source = package("tests/c/stark.c");
        let program = compile(source, language, tool, &library, Linkage::Shared);
        run(&program, tool, [folder]);
    }
}

/// Every field and hash; with and without work, preprocessed columns, a next row, and more than one row.
#[test]
fn statements_of_plonky3() {
    let (poseidon2, keccak) = (ZKILN_STARK_HASH_POSEIDON2, ZKILN_STARK_HASH_KECCAK);
    test("fibonacci", poseidon2, &cases::fibonacci());
    test("mixed-babybear", keccak, &cases::mixed_babybear());
    test("mixed-goldilocks", poseidon2, &cases::mixed_goldilocks());
    test("product", poseidon2, &cases::product_koalabear());
    test("one-row", poseidon2, &cases::one_row());
}

/// The program that the example proves is the library's; `ZKILN_WRITE=1 cargo test -p zkiln-c --test stark` writes it.
#[test]
fn the_examples_program_is_fibonaccis() {
    let path = package("examples/fibonacci.zair");
    let program = Program::<KoalaBear>::new(&Fibonacci).unwrap().to_bytes();
    if std::env::var_os("ZKILN_WRITE").is_some() {
        fs::write(&path, &program).unwrap();
    }
    assert!(fs::read(path).unwrap() == program);
}
