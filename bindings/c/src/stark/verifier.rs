//! Proofs verified.

use std::ffi::c_void;
use std::sync::Arc;

use super::erased::AnyVerifier;
use super::parameters::{self, zkiln_stark_parameters};
use super::program::zkiln_stark_program;
use crate::border::Border;
use crate::context::{Context, zkiln_context};
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{guard, zkiln_status};

/// What proofs of one program about traces of one height are verified with: used by any number of threads at once.
pub struct zkiln_stark_verifier {
    context: Arc<Context>,
    verifier: Box<dyn AnyVerifier>,
}

impl Handle for zkiln_stark_verifier {
    const NAME: &'static str = "the verifier";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

impl zkiln_stark_verifier {
    pub(super) fn new(context: &Arc<Context>, verifier: Box<dyn AnyVerifier>) -> Self {
        Self {
            context: Arc::clone(context),
            verifier,
        }
    }
}

/// What a proof that is accepted says, and how surely.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_stark_info {
    /// sizeof(zkiln_stark_info), set by the caller.
    pub struct_size: usize,
    /// Bits of security that are proven, for an ideal hash.
    pub proven_bits: u32,
    /// Bits of security by today's conjectures.
    pub conjectured_bits: u32,
    /// The trace has 2^log_height rows.
    pub log_height: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers, 24 bytes without padding, the size first.
unsafe impl Growable for zkiln_stark_info {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// ==== STARK: verifying ====
///
/// Prepares the verification of proofs about traces of 2^log_height rows. parameters may be NULL as for
/// zkiln_stark_prover_create, and must be those of the prover. commitment has the size bytes of
/// zkiln_stark_verifier_get_commitment, from a trusted source; NULL and 0 if there are no preprocessed columns.
///
/// Errors: ZKILN_E_ARGUMENT for parameters that are not sound, and for a commitment of another length, missing or
/// without columns; ZKILN_E_MALFORMED for bytes that are no commitment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_verifier_create(
    context: *const zkiln_context,
    out: *mut *mut zkiln_stark_verifier,
    program: *const zkiln_stark_program,
    parameters: *const zkiln_stark_parameters,
    log_height: u32,
    commitment: *const c_void,
    size: usize,
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
        let commitment = unsafe { border.input::<u8>("commitment", commitment.cast(), size) }?;
        let make = || program.verifier(hash, parameters, log_height, commitment);
        out.set(zkiln_stark_verifier::new(context, context.run(make)?));
        Ok(())
    })
}

/// Describes what a verifier accepts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_verifier_get_info(
    verifier: *const zkiln_stark_verifier,
    out: *mut zkiln_stark_info,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let verifier = &unsafe { handle::get(verifier) }?.verifier;
        let security = verifier.security();
        let info = zkiln_stark_info {
            struct_size: 0,
            proven_bits: security.proven_bits(),
            conjectured_bits: security.conjectured_bits(),
            log_height: verifier.log_height(),
            reserved: 0,
        };
        // SAFETY: as above.
        unsafe { options::write(out, &info) }
    })
}

/// Writes the commitment to the preprocessed columns: no bytes if there are none.
///
/// Errors: ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_verifier_get_commitment(
    verifier: *const zkiln_stark_verifier,
    bytes: *mut c_void,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let bytes = unsafe { Border::default().buffer::<u8>("bytes", bytes.cast(), size) }?;
        // SAFETY: as above.
        let verifier = &unsafe { handle::get(verifier) }?.verifier;
        bytes.fill(&verifier.commitment())
    })
}

/// Verifies the size bytes of a proof: ZKILN_OK if it is valid for these public values, and nothing else, means yes.
///
/// Errors: ZKILN_E_MALFORMED for bytes that are no proof, ZKILN_E_INVALID_PROOF; ZKILN_E_PUBLIC_INPUTS for too few or
/// too many, or one not below the modulus.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_verify(
    verifier: *const zkiln_stark_verifier,
    proof: *const c_void,
    size: usize,
    public_values: *const u64,
    n_public: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let verifier = unsafe { handle::get(verifier) }?;
        let mut border = Border::default();
        // SAFETY: as above.
        let proof = unsafe { border.input::<u8>("proof", proof.cast(), size) }?;
        // SAFETY: as above.
        let public = unsafe { border.input("public_values", public_values, n_public) }?;
        let verify = || verifier.verifier.verify(proof, public);
        verifier.context.run(verify)
    })
}

/// Destroys a verifier; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_verifier_destroy(verifier: *mut zkiln_stark_verifier) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(verifier) }
}
