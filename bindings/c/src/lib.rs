//! The C interface of zkiln. Its documentation is its header, `include/zkiln.h`, which cbindgen makes of
//! what follows, and `docs/c.md`.
//!
//! ```text
//! status    codes, and the sentence of the last error
//! border    the caller's pointers: null, misaligned, too long, overlapping
//! options   structs that grow
//! handle    what opaque pointers stand for
//! context   threads, backend, process
//! watch     the library's spans and events as callbacks
//! threads   a context's own
//! forks     noticing them
//! field     plain data: field elements, points
//! buffer    data that stays where the work is done
//! msm, ntt, groth16, spartan, stark, statement
//! ```
//!
//! Every exported function is a call of [`status::guard`], which turns errors and panics into a code, around
//! checks of the arguments and one call of the library.

#![allow(non_camel_case_types, reason = "these are the names in C")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the header's opening comment says what holds for every pointer"
)]

// In the order in which the header has them.
pub mod status;
// Where the work is done.
pub mod context;
pub mod watch;
// Kernels.
pub mod buffer;
pub mod field;
pub mod msm;
pub mod ntt;
// Proofs.
pub mod groth16;
pub mod spartan;
pub mod stark;
// Several proofs of one statement.
pub mod statement;

mod border;
mod forks;
mod handle;
mod options;
mod threads;

const _: () = assert!(
    size_of::<usize>() == 8,
    "structs of options are laid out for 64 bits"
);
