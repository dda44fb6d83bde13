//! The driver's caller, before a libcuda without a GPU.

mod fake;
mod memory;
mod opening;
mod work;
