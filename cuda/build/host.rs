//! Kernels for the emulator.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// How the two variants of a kernel are told apart: see `emulator/README.md`.
const CHECKED: &[&str] = &[
    // Other names for the same functions.
    "-Dzkiln=zkiln_checked",
    "-DZKILN_EMULATOR_CHECKED",
    // Every access to memory and every undefined operation calls a function of `emulator/sanitizer.cpp`.
    // The compiler's runtimes are not linked.
    "-fsanitize=thread",
    "-fsanitize=signed-integer-overflow,shift,integer-divide-by-zero,bounds",
    "-fsanitize=unreachable,return,bool,enum,builtin",
    "-fno-sanitize-recover=all",
    // The compiler makes no access that the source does not make, and none that no function is told of.
    "-fno-tree-vectorize",
    "-fno-tree-slp-vectorize",
    "-fno-tree-loop-distribute-patterns",
    "-fno-tree-partial-pre",
    "-fno-predictive-commoning",
    "-fno-hoist-adjacent-loads",
    // For addr2line.
    "-g1",
];

/// Compiles `kernels/*.cu` and the tests' own with the host's compiler, and the machine that runs them.
pub(crate) fn compile() {
    println!("cargo:rerun-if-changed=emulator");
    println!("cargo:rerun-if-changed=tests/kernels");
    println!("cargo:rerun-if-env-changed=ZKILN_EMULATOR_SANITIZE");
    println!("cargo:rustc-check-cfg=cfg(zkiln_sanitized)");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        fail("the feature `emulator` of zkiln-cuda is for Linux");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let sanitizers = env::var("ZKILN_EMULATOR_SANITIZE").unwrap_or_default();
    let sanitizers: Vec<&str> = sanitizers
        .split(',')
        .filter(|name| !name.is_empty())
        .collect();
    let kernels = kernel_files();

    let mut archive = base(&sanitizers);
    archive.warnings(true).opt_level(2);
    for file in files("emulator", "cpp") {
        archive.file(file);
    }
    let table = out.join("families.cpp");
    fs::write(&table, families(&kernels, sanitizers.is_empty())).expect("OUT_DIR can be written");
    archive.file(table);

    let mut variants = vec![("plain", &[][..])];
    if sanitizers.is_empty() {
        variants.push(("checked", CHECKED));
    }
    for (name, flags) in variants {
        let mut build = base(&sanitizers);
        build
            .warnings(false)
            .opt_level(3)
            .out_dir(out.join(name))
            .flag("-xc++")
            .flag("-include")
            .flag("emulator/emulator.h")
            .flag("-Wno-unknown-pragmas")
            // A kernel that its file does not list.
            .flag("-Werror=unused-function");
        for flag in flags {
            build.flag(flag);
        }
        for kernel in &kernels {
            build.file(kernel);
        }
        match build.try_compile_intermediates() {
            Ok(objects) => archive.objects(objects),
            Err(error) => fail(&error.to_string()),
        };
    }
    if let Err(error) = archive.try_compile("zkiln_emulator") {
        fail(&error.to_string());
    }
    if !sanitizers.is_empty() {
        println!("cargo:rustc-cfg=zkiln_sanitized");
    }
    for name in sanitizers {
        let library = if name == "undefined" { "ubsan" } else { "asan" };
        println!("cargo:rustc-link-lib=dylib={library}");
    }
}

/// What everything is compiled with.
fn base(sanitizers: &[&str]) -> cc::Build {
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++17")
        .include("emulator")
        .include("kernels")
        .debug(false)
        .flag("-fno-exceptions")
        .flag("-fno-rtti")
        // Kernels read memory as whatever they need, as they may on a GPU.
        .flag("-fno-strict-aliasing");
    if !sanitizers.is_empty() {
        build
            .define("ZKILN_EMULATOR_SANITIZED", None)
            .flag(format!("-fsanitize={}", sanitizers.join(",")))
            .flag("-fno-sanitize-recover=all")
            .flag("-fno-omit-frame-pointer")
            .flag("-g1");
    }
    build
}

fn kernel_files() -> Vec<PathBuf> {
    let mut kernels = files("kernels", "cu");
    kernels.extend(files("tests/kernels", "cu"));
    kernels
}

/// The files in a folder with this extension, sorted; none where there is no such folder.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// The definition of `zkiln_emulator_families`.
fn families(kernels: &[PathBuf], is_checked: bool) -> String {
    let mut declarations = String::new();
    let mut entries = String::new();
    for family in kernels
        .iter()
        .filter_map(|path| Path::file_stem(path)?.to_str())
    {
        for variant in ["plain", if is_checked { "checked" } else { "plain" }] {
            let table = format!("zkiln_emulator_{variant}_{family}");
            writeln!(declarations, "extern const zkiln_emulator_family {table};")
                .expect("a string");
            write!(entries, "&{table}, ").expect("a string");
        }
    }
    format!(
        "#include \"abi.h\"\nextern \"C\" {{\n{declarations}\
         const zkiln_emulator_family* const zkiln_emulator_families[] = {{{entries}nullptr}};\n}}\n"
    )
}

fn fail(reason: &str) -> ! {
    eprintln!("the emulator cannot be built: {reason}");
    std::process::exit(1)
}
