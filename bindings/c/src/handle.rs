//! What opaque pointers stand for.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::context::Context;
use crate::status::{Failure, Result, never_panic};

/// What a caller holds by an opaque pointer. Only [`NewHandle::set`](crate::border::NewHandle::set) makes
/// these pointers, and they are only ever shared until they are destroyed.
pub(crate) trait Handle: Sync {
    /// What messages call it.
    const NAME: &'static str;

    /// Where it was made.
    fn context(&self) -> &Arc<Context>;
}

/// What a handle stands for, in the process that made it.
///
/// # Safety
/// If `pointer` is not null, it must be a handle that is not destroyed for `'a`.
pub(crate) unsafe fn get<'a, T: Handle>(pointer: *const T) -> Result<&'a T> {
    if pointer.is_null() {
        return Err(Failure::argument(format!("{} is NULL", T::NAME)));
    }
    if !pointer.is_aligned() {
        return Err(Failure::argument(format!("{} is no handle", T::NAME)));
    }
    // SAFETY: not null and aligned, as was checked; a live handle, as the caller vouches.
    let handle = unsafe { &*pointer };
    handle.context().check_process()?;
    Ok(handle)
}

/// Destroys a handle; null is nothing to destroy. In a process that was forked off nothing is given back:
/// the threads that would have to end are not there.
///
/// # Safety
/// As [`get`], and the handle must not be used again.
pub(crate) unsafe fn destroy<T: Handle>(pointer: *mut T) {
    if pointer.is_null() {
        return;
    }
    never_panic(|| {
        // SAFETY: `NewHandle::set` made it by `Box::into_raw`, and it is taken back once, as the caller
        // vouches.
        let handle = ManuallyDrop::new(unsafe { Box::from_raw(pointer) });
        if handle.context().check_process().is_ok() {
            drop(ManuallyDrop::into_inner(handle));
        }
    });
}
