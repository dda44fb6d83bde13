//! Data that stays where the work is done.

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use zeroize::Zeroizing;
use zkiln::backend::{self, Backend};
use zkiln::field::Fr;

use crate::border::{Border, require_room};
use crate::context::{Context, zkiln_context};
use crate::field::{check_reduced, zkiln_bn254_fr};
use crate::handle::{self, Handle};
use crate::status::{Failure, Result, guard, zkiln_status};

/// Elements of the scalar field in the memory of a context's backend: a device's, or this machine's if the backend
/// is its processor. Sums and transforms take them and leave them there, so that a chain of calls copies nothing in
/// between. Wiped when it is destroyed.
///
/// A call that changes a buffer has it for itself, and others with the same buffer wait. What a device was given to
/// do may still be going on when a call returns; the next call that needs the result waits for it, and returns what
/// failed.
pub struct zkiln_bn254_fr_buffer {
    context: Arc<Context>,
    len: usize,
    memory: RwLock<Memory>,
}

/// Where the elements are. They are reduced.
pub(crate) enum Memory {
    Host(Zeroizing<Vec<Fr>>),
    Device(backend::Buffer<Fr>),
}

impl Handle for zkiln_bn254_fr_buffer {
    const NAME: &'static str = "the buffer";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

/// ==== Buffers ====
///
/// Makes a buffer of n zeros.
///
/// Errors: ZKILN_E_OUT_OF_MEMORY, ZKILN_E_DEVICE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fr_buffer_create(
    context: *const zkiln_context,
    out: *mut *mut zkiln_bn254_fr_buffer,
    n: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().new_handle(out) }?;
        // SAFETY: as above.
        let context = unsafe { handle::get(context) }?.context();
        let memory = context.run(|| match context.backend() {
            Backend::Device(device) => {
                let zeros = device.stream().and_then(|stream| stream.zeros(n));
                Ok(Memory::Device(zeros.map_err(zkiln::Error::from)?.secret()))
            }
            _ => {
                require_room(n.saturating_mul(size_of::<Fr>()))?;
                Ok::<_, Failure>(Memory::Host(Zeroizing::new(vec![Fr::ZERO; n])))
            }
        })?;
        out.set(zkiln_bn254_fr_buffer {
            context: Arc::clone(context),
            len: n,
            memory: RwLock::new(memory),
        });
        Ok(())
    })
}

/// The number of elements; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fr_buffer_len(buffer: *const zkiln_bn254_fr_buffer) -> usize {
    // SAFETY: the caller's word for its pointer.
    unsafe { handle::get(buffer) }.map_or(0, |buffer| buffer.len)
}

/// Copies n elements into a buffer, from its element first on.
///
/// Errors: ZKILN_E_ARGUMENT for more than there is room for, ZKILN_E_MALFORMED for elements that are not below r; the
/// buffer is left alone then. ZKILN_E_DEVICE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fr_buffer_write(
    buffer: *const zkiln_bn254_fr_buffer,
    first: usize,
    elements: *const zkiln_bn254_fr,
    n: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let buffer = unsafe { handle::get(buffer) }?;
        // SAFETY: as above.
        let elements = unsafe { Border::default().input("elements", elements, n) }?;
        let elements: &[Fr] = bytemuck::cast_slice(elements);
        let range = buffer.range(first, n)?;
        let memory = &mut *buffer.write();
        buffer.context.run(|| {
            check_reduced("elements", elements)?;
            match memory {
                Memory::Host(memory) => memory[range].copy_from_slice(elements),
                Memory::Device(memory) => {
                    let stream = memory.stream().clone();
                    let written = stream.write(memory.slice_mut(range), elements);
                    written.map_err(zkiln::Error::from)?;
                }
            }
            Ok(())
        })
    })
}

/// Copies n elements out of a buffer, from its element first on.
///
/// Errors: ZKILN_E_ARGUMENT for more than there are, ZKILN_E_DEVICE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fr_buffer_read(
    buffer: *const zkiln_bn254_fr_buffer,
    out: *mut zkiln_bn254_fr,
    n: usize,
    first: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let buffer = unsafe { handle::get(buffer) }?;
        // SAFETY: as above.
        let out: &mut [zkiln_bn254_fr] = unsafe { Border::default().inout("out", out, n) }?;
        let out: &mut [Fr] = bytemuck::cast_slice_mut(out);
        let range = buffer.range(first, n)?;
        let memory = &*buffer.read();
        buffer.context.run(|| {
            match memory {
                Memory::Host(memory) => out.copy_from_slice(&memory[range]),
                Memory::Device(memory) => {
                    let read = memory.stream().read(memory.slice(range), out);
                    read.map_err(zkiln::Error::from)?;
                }
            }
            Ok(())
        })
    })
}

/// Wipes and destroys a buffer; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_bn254_fr_buffer_destroy(buffer: *mut zkiln_bn254_fr_buffer) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(buffer) }
}

impl zkiln_bn254_fr_buffer {
    /// The places of `n` elements, all of which are there.
    pub(crate) fn range(&self, first: usize, n: usize) -> Result<Range<usize>> {
        match first.checked_add(n) {
            Some(end) if end <= self.len => Ok(first..end),
            _ => Err(Failure::argument(format!(
                "{n} elements from element {first} on, of a buffer of {}",
                self.len
            ))),
        }
    }

    /// Refuses a buffer of another context than a plan's, whose memory may be another device's.
    pub(crate) fn require_context(&self, plan: &Arc<Context>) -> Result<()> {
        if !Arc::ptr_eq(&self.context, plan) {
            return Err(Failure::argument(
                "the buffer was made in another context than the plan",
            ));
        }
        Ok(())
    }

    /// Its elements, to be read. A call that failed in the middle leaves whatever it had done.
    ///
    /// Here and in [`Self::write`] the caller's own thread waits, before the call goes to the context's threads: one of
    /// those that holds the buffer may take up another call while it waits for a part of its work, and if that wanted
    /// the buffer too, both would stand still.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Memory> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its elements, to be changed.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }
}
