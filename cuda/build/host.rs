//! Kernels for the emulator.

use std::path::{Path, PathBuf};
use std::{env, fs, thread};

/// How the two variants of a kernel are told apart: see `emulator/README.md`.
const CHECKED: &[&str] = &[
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
        fail("it is for Linux");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let sanitizers = env::var("ZKILN_EMULATOR_SANITIZE").unwrap_or_default();
    let sanitizers: Vec<&str> = sanitizers
        .split(',')
        .filter(|name| !name.is_empty())
        .collect();
    let kernels = [files("kernels", "cu"), files("tests/kernels", "cu")].concat();

    // The compiler's own sanitizers see to all kernels.
    let variants: &[(&str, &[&str])] = if sanitizers.is_empty() {
        &[("plain", &[]), ("checked", CHECKED)]
    } else {
        &[("plain", &[])]
    };
    let mut archive = base(&sanitizers);
    archive.opt_level(2).warnings(true).extra_warnings(true);
    thread::scope(|scope| {
        let compiling: Vec<_> = variants
            .iter()
            .map(|&(name, flags)| {
                let (out, kernels, sanitizers) = (out.join(name), &kernels, &sanitizers);
                scope.spawn(move || compile_kernels(name, kernels, sanitizers, flags, &out))
            })
            .collect();
        for objects in compiling {
            archive.objects(objects.join().expect("it does not panic"));
        }
    });
    for file in files("emulator", "cpp") {
        archive.file(file);
    }
    let table = out.join("families.cpp");
    let names: Vec<&str> = variants.iter().map(|&(name, _)| name).collect();
    fs::write(&table, families(&kernels, &names)).expect("OUT_DIR can be written");
    archive.file(table);
    if !sanitizers.is_empty() {
        // Named below: the sanitizers' runtimes must come before it.
        archive.cpp_link_stdlib(None);
    }
    if let Err(error) = archive.try_compile("zkiln_emulator") {
        fail(&error.to_string());
    }
    if !sanitizers.is_empty() {
        link_sanitizers(&sanitizers);
    }
}

fn link_sanitizers(sanitizers: &[&str]) {
    println!("cargo:rustc-cfg=zkiln_sanitized");
    for &name in sanitizers {
        let library = match name {
            "address" => "asan",
            "undefined" => "ubsan",
            _ => fail("ZKILN_EMULATOR_SANITIZE is `address`, `undefined` or `address,undefined`"),
        };
        println!("cargo:rustc-link-lib=dylib={library}");
    }
    println!("cargo:rustc-link-lib=dylib=stdc++");
}

/// Compiles all kernels to objects in the folder `out`.
fn compile_kernels(
    variant: &str,
    kernels: &[PathBuf],
    sanitizers: &[&str],
    flags: &[&str],
    out: &Path,
) -> Vec<PathBuf> {
    let mut objects = Vec::new();
    for kernel in kernels {
        // Families may have functions of the same name, and so have the variants of one: each gets a
        // namespace of its own.
        let namespace = format!("zkiln_{variant}_{}", family(kernel));
        let mut build = base(sanitizers);
        build
            .out_dir(out)
            .opt_level(3)
            .warnings(false)
            .define("zkiln", &*namespace)
            .flag("-xc++")
            .flag("-include")
            .flag("emulator/emulator.h")
            .flag("-Wno-unknown-pragmas")
            // A kernel that its file does not list.
            .flag("-Werror=unused-function")
            .flags(flags)
            .file(kernel);
        match build.try_compile_intermediates() {
            Ok(compiled) => objects.extend(compiled),
            Err(error) => fail(&error.to_string()),
        }
    }
    objects
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

/// The name of a kernel file, as it stands in its list of kernels.
fn family(kernel: &Path) -> &str {
    kernel
        .file_stem()
        .and_then(|name| name.to_str())
        .unwrap_or_else(|| fail("a kernel file has a name that is not UTF-8"))
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
fn families(kernels: &[PathBuf], variants: &[&str]) -> String {
    let mut declarations = String::new();
    let mut entries = String::new();
    for kernel in kernels {
        for variant in variants {
            let table = format!("zkiln_emulator_{variant}_{}", family(kernel));
            declarations += &format!("extern const zkiln_emulator_family {table};\n");
            entries += &format!("&{table}, ");
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
