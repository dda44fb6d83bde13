//! Verification keys, and what they say of proofs.

use std::ffi::c_char;
use std::sync::Arc;

use zkiln::field::Fr;
use zkiln::groth16::{PreparedVerifyingKey, Proof, VerifyingKey};

use super::proof::{json, public_inputs as to_field, zkiln_groth16_proof};
use crate::border::{self, Border};
use crate::context::{Context, zkiln_context};
use crate::field::zkiln_u256;
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Failure, Result, ZKILN_E_INVALID_PROOF, guard, zkiln_status};

/// A verification key, checked and prepared: used by any number of threads at once.
pub struct zkiln_groth16_vkey {
    context: Arc<Context>,
    prepared: PreparedVerifyingKey,
}

impl Handle for zkiln_groth16_vkey {
    const NAME: &'static str = "the verification key";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

impl zkiln_groth16_vkey {
    pub(crate) fn new(context: &Arc<Context>, prepared: PreparedVerifyingKey) -> Self {
        Self {
            context: Arc::clone(context),
            prepared,
        }
    }

    pub(crate) fn key(&self) -> &VerifyingKey {
        self.prepared.key()
    }
}

/// How a verification key is read. Zeros are the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_groth16_vkey_options {
    /// sizeof(zkiln_groth16_vkey_options).
    pub struct_size: usize,
    /// 1: take a key for which anyone can forge proofs. For tests of unfinished ceremonies.
    pub allow_weak: u32,
    /// Must be 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers, 16 bytes without padding, the size first.
unsafe impl Growable for zkiln_groth16_vkey_options {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// ==== Groth16: verifying ====
///
/// Reads verification_key.json, as snarkjs writes it. options may be NULL.
///
/// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED, ZKILN_E_WEAK_KEY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_vkey_open(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_vkey,
    path: *const c_char,
    options: *const zkiln_groth16_vkey_options,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        // SAFETY: as above.
        unsafe { new_vkey(context, out, options, || VerifyingKey::open(path)) }
    })
}

/// Reads the size bytes of verification_key.json: see zkiln_groth16_vkey_open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_vkey_from_json(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_vkey,
    text: *const c_char,
    size: usize,
    options: *const zkiln_groth16_vkey_options,
) -> zkiln_status {
    guard(|| {
        const ORIGIN: &str = "verification key";
        // SAFETY: the caller's word for its pointers.
        let text = unsafe { json(ORIGIN, text, size) }?;
        let read = || VerifyingKey::from_json(text, ORIGIN);
        // SAFETY: as above.
        unsafe { new_vkey(context, out, options, read) }
    })
}

/// Writes verification_key.json, byte for byte as snarkjs does, with a zero byte at its end. The sizes count
/// that byte.
///
/// Errors: ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_vkey_to_json(
    vkey: *const zkiln_groth16_vkey,
    text: *mut c_char,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let text = unsafe { Border::default().buffer("text", text, size) }?;
        // SAFETY: as above.
        let vkey = unsafe { handle::get(vkey) }?;
        text.fill_text(&vkey.context.run(|| vkey.key().to_json()))
    })
}

/// Writes a Solidity contract that verifies this key's proofs, with the interface of snarkjs' contract and a
/// zero byte at its end. The sizes count that byte.
///
/// Errors: ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_vkey_to_solidity(
    vkey: *const zkiln_groth16_vkey,
    text: *mut c_char,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let text = unsafe { Border::default().buffer("text", text, size) }?;
        // SAFETY: as above.
        let vkey = unsafe { handle::get(vkey) }?;
        text.fill_text(&vkey.context.run(|| vkey.key().to_solidity())?)
    })
}

/// The number of public inputs; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_vkey_n_public(vkey: *const zkiln_groth16_vkey) -> usize {
    // SAFETY: the caller's word for its pointer.
    unsafe { handle::get(vkey) }.map_or(0, |vkey| vkey.key().public_count())
}

/// Verifies a proof: ZKILN_OK if it is valid for these public inputs, and nothing else, means yes. Valid is
/// not fresh: anyone can turn a valid proof into others of the same statement.
///
/// Errors: ZKILN_E_INVALID_PROOF; ZKILN_E_PUBLIC_INPUTS for too few or too many, or one not below r.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_verify(
    vkey: *const zkiln_groth16_vkey,
    proof: *const zkiln_groth16_proof,
    public_inputs: *const zkiln_u256,
    n_public: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let vkey = unsafe { handle::get(vkey) }?;
        let mut border = Border::default();
        // SAFETY: as above.
        let proof = unsafe { border.input_one("proof", proof) }?;
        // SAFETY: as above.
        let public = unsafe { border.input("public_inputs", public_inputs, n_public) }?;
        let public = to_field(public)?;
        let proof = Proof::from(*proof);
        if !vkey.context.run(|| vkey.prepared.verify(&public, &proof))? {
            return Err(invalid("the proof is not valid for these public inputs"));
        }
        Ok(())
    })
}

/// Verifies n proofs, in less than half of the time: ZKILN_OK if all of them are valid. Each has n_public
/// public inputs, in the order of the proofs. If valid is not NULL, it gets a 1 for each valid proof and a 0
/// for each other; to tell them apart takes the time of as many verifications.
///
/// Errors: ZKILN_E_INVALID_PROOF if one is not; ZKILN_E_PUBLIC_INPUTS as for one proof; ZKILN_E_ENTROPY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_verify_batch(
    vkey: *const zkiln_groth16_vkey,
    valid: *mut u8,
    proofs: *const zkiln_groth16_proof,
    n: usize,
    public_inputs: *const zkiln_u256,
    n_public: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let vkey = unsafe { handle::get(vkey) }?;
        let mut border = Border::default();
        // SAFETY: as above.
        let proofs = unsafe { border.input("proofs", proofs, n) }?;
        let Some(all) = n.checked_mul(n_public) else {
            return Err(Failure::argument("n times n_public is no number"));
        };
        // SAFETY: as above.
        let public = unsafe { border.input("public_inputs", public_inputs, all) }?;
        let valid = if valid.is_null() {
            None
        } else {
            // SAFETY: as above.
            Some(unsafe { border.output("valid", valid, n) }?)
        };
        let public = to_field(public)?;
        let batch: Vec<(&[Fr], Proof)> = (proofs.iter().enumerate())
            .map(|(i, proof)| {
                let public = &public[i * n_public..(i + 1) * n_public];
                (public, Proof::from(*proof))
            })
            .collect();
        let are_valid = vkey.context.run(|| vkey.prepared.verify_batch(&batch))?;
        let mut answers = vec![1; n];
        let mut which = String::new();
        if !are_valid && valid.is_some() {
            let found = vkey.context.run(|| vkey.prepared.invalid_proofs(&batch))?;
            for &i in &found {
                answers[i] = 0;
            }
            if let Some(first) = found.first() {
                which = format!(", the first of them number {first}");
            }
        }
        if let Some(valid) = valid {
            border::write(valid, &answers);
        }
        if !are_valid {
            return Err(invalid(&format!("some proofs are not valid{which}")));
        }
        Ok(())
    })
}

/// Destroys a verification key; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_vkey_destroy(vkey: *mut zkiln_groth16_vkey) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(vkey) }
}

fn invalid(message: &str) -> Failure {
    Failure::new(ZKILN_E_INVALID_PROOF, message)
}

/// # Safety
/// As [`handle::get`], [`Border::new_handle`] and [`options::read`].
unsafe fn new_vkey(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_vkey,
    options: *const zkiln_groth16_vkey_options,
    read: impl FnOnce() -> zkiln::Result<VerifyingKey> + Send,
) -> Result<()> {
    // SAFETY: passed on.
    let out = unsafe { Border::default().new_handle(out) }?;
    // SAFETY: passed on.
    let context = unsafe { handle::get(context) }?.context();
    // SAFETY: passed on.
    let options = unsafe { options::read(options) }?;
    options::require_zero(options.reserved)?;
    let is_strict = options::is_zero("allow_weak", options.allow_weak)?;
    let prepared = context.run(|| {
        let key = read()?;
        if is_strict {
            PreparedVerifyingKey::new(&key)
        } else {
            PreparedVerifyingKey::allowing_weak(&key)
        }
    })?;
    out.set(zkiln_groth16_vkey::new(context, prepared));
    Ok(())
}
