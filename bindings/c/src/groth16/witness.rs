//! Witnesses, and the circuits that they are of.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use zkiln::groth16::{R1cs, Witness};

use crate::border::{self, Border};
use crate::context::{Context, zkiln_context};
use crate::field::zkiln_u256;
use crate::handle::{self, Handle};
use crate::status::{Result, guard, zkiln_status};

/// The values of all wires of a circuit: the secret of a proof. Wiped when it is destroyed.
pub struct zkiln_groth16_witness {
    context: Arc<Context>,
    pub(crate) witness: Witness,
}

/// A circuit's constraints, to say which of them a witness breaks.
pub struct zkiln_groth16_r1cs {
    context: Arc<Context>,
    pub(crate) r1cs: R1cs,
}

impl Handle for zkiln_groth16_witness {
    const NAME: &'static str = "the witness";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

impl Handle for zkiln_groth16_r1cs {
    const NAME: &'static str = "the r1cs";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

/// ==== Groth16: witnesses and circuits ====
///
/// Reads a wtns file, as circom's witness calculators write it.
///
/// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_witness_open(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_witness,
    path: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        // SAFETY: as above.
        unsafe { new_witness(context, out, || Witness::open(path)) }
    })
}

/// Reads the size bytes of a wtns file.
///
/// Errors: ZKILN_E_MALFORMED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_witness_from_bytes(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_witness,
    bytes: *const c_void,
    size: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let bytes = unsafe { Border::default().input::<u8>("bytes", bytes.cast(), size) }?;
        // SAFETY: as above.
        unsafe { new_witness(context, out, || Witness::from_bytes(bytes, "witness")) }
    })
}

/// A witness of n values, one for each wire. The first is the constant 1.
///
/// Errors: ZKILN_E_MALFORMED if it is not, or if a value is not below r.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_witness_from_values(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_witness,
    values: *const zkiln_u256,
    n: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let values = unsafe { Border::default().input("values", values, n) }?;
        border::require_room(size_of_val(values))?;
        let copy = || Witness::new(bytemuck::cast_slice(values).to_vec());
        // SAFETY: as above.
        unsafe { new_witness(context, out, copy) }
    })
}

/// Wipes and destroys a witness; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_witness_destroy(witness: *mut zkiln_groth16_witness) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(witness) }
}

/// Reads an r1cs file, as circom writes it.
///
/// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_r1cs_open(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_r1cs,
    path: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        // SAFETY: as above.
        unsafe { new_r1cs(context, out, || R1cs::open(path)) }
    })
}

/// Reads the size bytes of an r1cs file.
///
/// Errors: ZKILN_E_MALFORMED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_r1cs_from_bytes(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_r1cs,
    bytes: *const c_void,
    size: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let bytes = unsafe { Border::default().input::<u8>("bytes", bytes.cast(), size) }?;
        // SAFETY: as above.
        unsafe { new_r1cs(context, out, || R1cs::from_bytes(bytes, "r1cs")) }
    })
}

/// Destroys a circuit; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_r1cs_destroy(r1cs: *mut zkiln_groth16_r1cs) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(r1cs) }
}

/// # Safety
/// As [`handle::get`] and [`Border::new_handle`].
unsafe fn new_witness(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_witness,
    read: impl FnOnce() -> zkiln::Result<Witness> + Send,
) -> Result<()> {
    // SAFETY: passed on.
    let out = unsafe { Border::default().new_handle(out) }?;
    // SAFETY: passed on.
    let context = unsafe { handle::get(context) }?.context();
    out.set(zkiln_groth16_witness {
        witness: context.run(read)?,
        context: Arc::clone(context),
    });
    Ok(())
}

/// # Safety
/// As [`handle::get`] and [`Border::new_handle`].
unsafe fn new_r1cs(
    context: *const zkiln_context,
    out: *mut *mut zkiln_groth16_r1cs,
    read: impl FnOnce() -> zkiln::Result<R1cs> + Send,
) -> Result<()> {
    // SAFETY: passed on.
    let out = unsafe { Border::default().new_handle(out) }?;
    // SAFETY: passed on.
    let context = unsafe { handle::get(context) }?.context();
    out.set(zkiln_groth16_r1cs {
        r1cs: context.run(read)?,
        context: Arc::clone(context),
    });
    Ok(())
}
