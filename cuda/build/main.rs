//! Compiles the kernels: with nvcc, where there is one, for GPUs, and with the host's compiler for the emulator.

mod host;
mod nvcc;

fn main() {
    println!("cargo:rerun-if-changed=kernels");
    nvcc::compile();
    if std::env::var_os("CARGO_FEATURE_EMULATOR").is_some() {
        host::compile();
    }
}
