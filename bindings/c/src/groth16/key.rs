//! Proving keys, and proofs made with them.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use zkiln::Cancel;
use zkiln::field::PrimeField;
use zkiln::groth16::{KeyOptions, ProveOptions, ProvingKey};

use super::proof::zkiln_groth16_proof;
use super::vkey::zkiln_groth16_vkey;
use super::witness::{zkiln_groth16_r1cs, zkiln_groth16_witness};
use crate::border::{self, Border};
use crate::context::{Context, zkiln_context};
use crate::field::zkiln_u256;
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Failure, Result, guard, zkiln_status};
use crate::watch::{Progress, zkiln_progress_fn};

/// A proving key, checked and prepared: opened once, then used for any number of proofs, by any number of
/// threads at once. It keeps neither the file nor the bytes that it was made of.
pub struct zkiln_groth16_key {
    context: Arc<Context>,
    key: ProvingKey,
}

impl Handle for zkiln_groth16_key {
    const NAME: &'static str = "the proving key";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

/// How a proving key is opened. Zeros are the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_groth16_key_options {
    /// sizeof(zkiln_groth16_key_options).
    pub struct_size: usize,
    /// Called with the phases of the opening; NULL for nobody.
    pub progress: zkiln_progress_fn,
    /// What progress is called with.
    pub progress_user: *mut c_void,
    /// 1: do not check that the points are in their groups. Only for keys that this very machine checked
    /// before: a key with other points leaks the witness through the proofs made with it.
    pub trust_points: u32,
    /// 1: take a key for which anyone can forge proofs. For tests of unfinished ceremonies.
    pub allow_weak: u32,
    /// 1: let the work of a proof not depend on the witness. Several times slower for witnesses of bits.
    pub constant_work: u32,
    /// Must be 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers and pointers that may be null, 40 bytes without padding, the size first.
unsafe impl Growable for zkiln_groth16_key_options {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// What a proving key is.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_groth16_key_info {
    /// sizeof(zkiln_groth16_key_info), set by the caller.
    pub struct_size: usize,
    /// The number of wires: the length of a witness.
    pub n_wires: u64,
    /// The number of public inputs, the circuit's outputs among them.
    pub n_public: u64,
    /// The size of the evaluation domain: constraints and public inputs, rounded up to a power of two.
    pub domain_size: u64,
    /// 1 if the key says of itself that it is a development key, whose maker can forge proofs.
    pub is_insecure: u64,
}

// SAFETY: `repr(C)` of numbers, 40 bytes without padding, the size first.
unsafe impl Growable for zkiln_groth16_key_info {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// How a proof is made. Zeros are the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_groth16_prove_options {
    /// sizeof(zkiln_groth16_prove_options).
    pub struct_size: usize,
    /// Called with the phases of the proof; NULL for nobody.
    pub progress: zkiln_progress_fn,
    /// What progress is called with.
    pub progress_user: *mut c_void,
    /// The circuit, so that ZKILN_E_UNSATISFIED names the constraint that does not hold; or NULL.
    pub r1cs: *const zkiln_groth16_r1cs,
    /// 1: hand the proof out without verifying it. A wrong witness gives an invalid proof then, and a
    /// hostile key one that leaks the witness: only for callers that verify it themselves.
    pub skip_verify: u32,
    /// Must be 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers and pointers that may be null, 40 bytes without padding, the size first.
unsafe impl Growable for zkiln_groth16_prove_options {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// ==== Groth16: proving ====
///
/// Opens a zkey file, with all checks. options may be NULL. While this call lasts no other process may
/// shorten the file, which is mapped; bytes that were read have no such condition.
///
/// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED, ZKILN_E_WEAK_KEY, ZKILN_E_CANCELLED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_key_open(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_key,
    path: *const c_char,
    options: *const zkiln_groth16_key_options,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        let open = |options| ProvingKey::open_with(path, options);
        // SAFETY: as above.
        unsafe { new_key(context, out, options, open) }
    })
}

/// Opens the size bytes of a zkey file: see zkiln_groth16_key_open. They are not needed afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_key_from_bytes(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_key,
    bytes: *const c_void,
    size: usize,
    options: *const zkiln_groth16_key_options,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let bytes = unsafe { Border::default().input::<u8>("bytes", bytes.cast(), size) }?;
        let open = |options| ProvingKey::from_bytes_with(bytes, "zkey", options);
        // SAFETY: as above.
        unsafe { new_key(context, out, options, open) }
    })
}

/// Describes a proving key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_key_get_info(
    key: *const zkiln_groth16_key,
    out: *mut zkiln_groth16_key_info,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let key = &unsafe { handle::get(key) }?.key;
        let info = zkiln_groth16_key_info {
            struct_size: 0,
            n_wires: key.n_wires() as u64,
            n_public: key.n_public() as u64,
            domain_size: key.domain_size() as u64,
            is_insecure: key.is_insecure().into(),
        };
        // SAFETY: as above.
        unsafe { options::write(out, &info) }
    })
}

/// Makes a handle of the key that verifies this key's proofs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_key_get_vkey(
    key: *const zkiln_groth16_key,
    out: *mut *mut zkiln_groth16_vkey,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().new_handle(out) }?;
        // SAFETY: as above.
        let key = unsafe { handle::get(key) }?;
        let prepared = key.key.verifier().clone();
        out.set(zkiln_groth16_vkey::new(&key.context, prepared));
        Ok(())
    })
}

/// Requires a proving key to belong to a verification key from a trusted source. A proving key that calls
/// more wires public than the circuit does makes a prover publish its witness.
///
/// Errors: ZKILN_E_ARGUMENT, with the first difference.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_key_check_vkey(
    key: *const zkiln_groth16_key,
    trusted: *const zkiln_groth16_vkey,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let key = &unsafe { handle::get(key) }?.key;
        // SAFETY: as above.
        let trusted = unsafe { handle::get(trusted) }?;
        Ok(key.check_verifying_key(trusted.key())?)
    })
}

/// Proves that a witness satisfies the key's circuit, verifies the proof, and stores it with its public inputs.
/// n_public is that of zkiln_groth16_key_info. options may be NULL.
///
/// Two proofs of one witness differ: the blinding is drawn afresh from the operating system.
///
/// Errors: ZKILN_E_WITNESS_MISMATCH, ZKILN_E_UNSATISFIED, ZKILN_E_SELF_CHECK, ZKILN_E_ENTROPY,
/// ZKILN_E_CANCELLED; ZKILN_E_ARGUMENT for another n_public, before any work. Nothing is stored then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_prove(
    key: *const zkiln_groth16_key,
    proof: *mut zkiln_groth16_proof,
    public_inputs: *mut zkiln_u256,
    n_public: usize,
    witness: *const zkiln_groth16_witness,
    options: *const zkiln_groth16_prove_options,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let key = unsafe { handle::get(key) }?;
        let mut border = Border::default();
        // SAFETY: as above.
        let proof = unsafe { border.output_one("proof", proof) }?;
        // SAFETY: as above.
        let public_inputs = unsafe { border.output("public_inputs", public_inputs, n_public) }?;
        // SAFETY: as above.
        let witness = &unsafe { handle::get(witness) }?.witness;
        // SAFETY: as above.
        let options = unsafe { options::read(options) }?;
        let r1cs = if options.r1cs.is_null() {
            None
        } else {
            // SAFETY: as above.
            Some(&unsafe { handle::get(options.r1cs) }?.r1cs)
        };
        options::require_zero(options.reserved)?;
        let is_verified = options::is_zero("skip_verify", options.skip_verify)?;
        if n_public != key.key.n_public() {
            return Err(Failure::argument(format!(
                "room for {n_public} public inputs, and the key has {}",
                key.key.n_public()
            )));
        }
        let progress = Progress {
            call: options.progress,
            user: options.progress_user,
        };
        let (made, public) = key.context.watch(progress, |cancel| {
            let mut options = ProveOptions::default();
            options.verify = is_verified;
            options.r1cs = r1cs;
            options.cancel = Some(cancel);
            key.key.prove_with(witness, &options)
        })?;
        for (place, value) in public_inputs.iter_mut().zip(public.iter()) {
            place.write(bytemuck::cast(value.to_canonical()));
        }
        proof.write(made.into());
        Ok(())
    })
}

/// Destroys a proving key; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_key_destroy(key: *mut zkiln_groth16_key) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(key) }
}

/// # Safety
/// As [`handle::get`], [`Border::new_handle`] and [`options::read`].
unsafe fn new_key(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_key,
    options: *const zkiln_groth16_key_options,
    open: impl FnOnce(KeyOptions) -> zkiln::Result<ProvingKey> + Send,
) -> Result<()> {
    // SAFETY: passed on.
    let out = unsafe { Border::default().new_handle(out) }?;
    // SAFETY: passed on.
    let context = unsafe { handle::get(context) }?.context();
    // SAFETY: passed on.
    let given = unsafe { options::read(options) }?;
    options::require_zero(given.reserved)?;
    let mut options = KeyOptions::default();
    options.check_points = options::is_zero("trust_points", given.trust_points)?;
    options.allow_weak = !options::is_zero("allow_weak", given.allow_weak)?;
    options.constant_work = !options::is_zero("constant_work", given.constant_work)?;
    options.backend = context.backend().clone();
    let progress = Progress {
        call: given.progress,
        user: given.progress_user,
    };
    let key = context.watch(progress, |cancel: &Cancel| {
        options.cancel = Some(cancel.clone());
        open(options)
    })?;
    out.set(zkiln_groth16_key {
        context: Arc::clone(context),
        key,
    });
    Ok(())
}
