//! Proofs made.

use std::ffi::c_void;
use std::sync::Arc;

use super::erased::AnyProver;
use super::matrix::{Matrix, zkiln_matrix};
use super::parameters::{self, zkiln_stark_parameters};
use super::program::zkiln_stark_program;
use super::verifier::zkiln_stark_verifier;
use crate::border::Border;
use crate::context::{Context, zkiln_context};
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Result, guard, zkiln_status};
use crate::watch::{Progress, zkiln_progress_fn};

/// What proofs of one program about traces of one height are made with: made once, used by any number of threads at
/// once. It keeps no pointer to the program.
pub struct zkiln_stark_prover {
    context: Arc<Context>,
    prover: Box<dyn AnyProver>,
}

/// A STARK proof.
pub struct zkiln_stark_proof {
    context: Arc<Context>,
    bytes: Vec<u8>,
}

impl Handle for zkiln_stark_prover {
    const NAME: &'static str = "the prover";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

impl Handle for zkiln_stark_proof {
    const NAME: &'static str = "the proof";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

/// How a STARK proof is made. Zeros are the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_stark_prove_options {
    /// sizeof(zkiln_stark_prove_options).
    pub struct_size: usize,
    /// Called with the phases of the proof; NULL for nobody.
    pub progress: zkiln_progress_fn,
    /// What progress is called with.
    pub progress_user: *mut c_void,
    /// 1: hand the proof out without verifying it. A trace that breaks a constraint gives an invalid proof then.
    pub skip_verify: u32,
    /// Must be 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers and pointers that may be null, 32 bytes without padding, the size first.
unsafe impl Growable for zkiln_stark_prove_options {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// ==== STARK: proving ====
///
/// Prepares proofs about traces of 2^log_height rows, on the processor. parameters may be NULL, for the preset
/// ZKILN_STARK_PRESET_PROVEN100. preprocessed has the program's preprocessed columns, and is NULL if it reads none.
///
/// Errors: ZKILN_E_ARGUMENT for parameters that are not sound for this program and height, and for preprocessed
/// columns of another shape; ZKILN_E_MALFORMED for values in them that are not canonical; ZKILN_E_DEVICE in a context
/// whose device was asked for by name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_prover_create(
    context: *const zkiln_context,
    out: *mut *mut zkiln_stark_prover,
    program: *const zkiln_stark_program,
    parameters: *const zkiln_stark_parameters,
    log_height: u32,
    preprocessed: *const zkiln_matrix,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { border.new_handle(out) }?;
        // SAFETY: as above.
        let context = unsafe { handle::get(context) }?.context();
        // SAFETY: as above.
        let program = &unsafe { handle::get(program) }?.program;
        // SAFETY: as above.
        let (hash, parameters) = unsafe { parameters::read(parameters) }?;
        // SAFETY: as above.
        let columns = unsafe { Matrix::read_optional(&mut border, "preprocessed", preprocessed) }?;
        context.require_processor("STARK prover")?;
        let make = || program.prover(hash, parameters, log_height, columns.as_ref());
        out.set(zkiln_stark_prover {
            prover: context.run(make)?,
            context: Arc::clone(context),
        });
        Ok(())
    })
}

/// Makes a handle that verifies this prover's proofs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_prover_get_verifier(
    prover: *const zkiln_stark_prover,
    out: *mut *mut zkiln_stark_verifier,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().new_handle(out) }?;
        // SAFETY: as above.
        let prover = unsafe { handle::get(prover) }?;
        let verifier = prover.prover.verifier();
        out.set(zkiln_stark_verifier::new(&prover.context, verifier));
        Ok(())
    })
}

/// Proves that a trace satisfies the constraints with these public values, and verifies the proof. options may be
/// NULL. The same input has the same proof; nothing in a proof hides the trace.
///
/// Errors: ZKILN_E_UNSATISFIED; ZKILN_E_ARGUMENT for a trace of another shape, ZKILN_E_MALFORMED for a value in it
/// that is not canonical; ZKILN_E_PUBLIC_INPUTS for too few or too many, or one not below the modulus;
/// ZKILN_E_CANCELLED, ZKILN_E_OUT_OF_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_prove(
    prover: *const zkiln_stark_prover,
    out: *mut *mut zkiln_stark_proof,
    trace: *const zkiln_matrix,
    public_values: *const u64,
    n_public: usize,
    options: *const zkiln_stark_prove_options,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { border.new_handle(out) }?;
        // SAFETY: as above.
        let prover = unsafe { handle::get(prover) }?;
        // SAFETY: as above.
        let trace = unsafe { Matrix::read(&mut border, "trace", trace) }?;
        // SAFETY: as above.
        let public = unsafe { border.input("public_values", public_values, n_public) }?;
        // SAFETY: as above.
        let options = unsafe { options::read(options) }?;
        options::require_zero(options.reserved)?;
        let is_verified = options::is_zero("skip_verify", options.skip_verify)?;
        let progress = Progress {
            call: options.progress,
            user: options.progress_user,
        };
        let bytes = prover.context.watch(progress, |cancel| -> Result<_> {
            prover.prover.prove(&trace, public, is_verified, cancel)
        })?;
        out.set(zkiln_stark_proof {
            context: Arc::clone(&prover.context),
            bytes,
        });
        Ok(())
    })
}

/// Writes the bytes of a proof, those of Plonky3's postcard encoding.
///
/// Errors: ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_proof_to_bytes(
    proof: *const zkiln_stark_proof,
    bytes: *mut c_void,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let bytes = unsafe { Border::default().buffer::<u8>("bytes", bytes.cast(), size) }?;
        // SAFETY: as above.
        let proof = unsafe { handle::get(proof) }?;
        bytes.fill(&proof.bytes)
    })
}

/// Destroys a proof; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_proof_destroy(proof: *mut zkiln_stark_proof) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(proof) }
}

/// Destroys a prover; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_prover_destroy(prover: *mut zkiln_stark_prover) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(prover) }
}
