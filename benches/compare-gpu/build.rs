//! Compiles sppark's kernels, and the C functions before them, with nvcc: `$NVCC`, or the one on the PATH.

use std::env;
use std::path::{Path, PathBuf};

/// What is compiled for: one chip, as sppark's own instructions advise.
const ARCH: &str = "ZKILN_COMPARE_ARCH";

fn main() {
    println!("cargo:rerun-if-changed=cuda");
    println!("cargo:rerun-if-env-changed={ARCH}");
    let arch = env::var(ARCH).unwrap_or_else(|_| "90".into());

    let mut nvcc = cc::Build::new();
    nvcc.cuda(true)
        .cudart("static")
        .std("c++17")
        .opt_level(3)
        .debug(false)
        .flag(format!("-arch=sm_{arch}"))
        .flag("-diag-suppress=177") // functions in its headers that are not used here
        .define("TAKE_RESPONSIBILITY_FOR_ERROR_MESSAGE", None)
        .define("FEATURE_BN254", None)
        .define("__ADX__", None) // as blst is built
        .include(source("DEP_SPPARK_ROOT"))
        .include(source("DEP_BLST_C_SRC"))
        .warnings(false);
    // Each by itself: together they would be compiled to be linked on the device, which costs them speed.
    for family in ["msm", "ntt"] {
        nvcc.clone()
            .file(format!("cuda/{family}.cu"))
            .compile(&format!("zkiln_sppark_{family}"));
    }

    // The runtime that cc asks the linker for, wherever this installation has it.
    if let Some(toolkit) = toolkit_of(nvcc.get_compiler().path()) {
        for folder in ["lib64", "lib", "targets/x86_64-linux/lib"] {
            let folder = toolkit.join(folder);
            if folder.join("libcudart_static.a").is_file() {
                println!("cargo:rustc-link-search=native={}", folder.display());
            }
        }
    }
}

/// Where a dependency says that its sources are.
fn source(variable: &str) -> PathBuf {
    PathBuf::from(env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set")))
}

/// The folder above `bin/nvcc`.
fn toolkit_of(compiler: &Path) -> Option<PathBuf> {
    let on_path = || {
        let folders = env::var_os("PATH")?;
        env::split_paths(&folders)
            .map(|folder| folder.join(compiler))
            .find(|path| path.is_file())
    };
    let compiler = if compiler.is_file() {
        compiler.to_path_buf()
    } else {
        on_path()?
    };
    Some(compiler.canonicalize().ok()?.parent()?.parent()?.into())
}
