//! Kernels for GPUs.

/// Compiles `kernels/*.cu` to fatbins, if nvcc is found.
pub(crate) fn compile() {}
