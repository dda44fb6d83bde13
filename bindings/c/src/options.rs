//! Structs that grow: they begin with the size that the caller's header knows.

use std::mem::MaybeUninit;
use std::ptr;

use crate::border::Border;
use crate::status::{Failure, Result};

/// A struct of options or of information that grows from version to version.
///
/// # Safety
/// It must be `repr(C)`, begin with a `usize` that holds its size, have no padding, be valid when it is all
/// zeros, and be valid for whatever a caller puts into its fields.
pub(crate) unsafe trait Growable: Copy {
    /// Its size in the first version.
    const FIRST_SIZE: usize;
}

/// No struct grows beyond this; a larger size is a variable that was never set.
const MAX_SIZE: usize = 4096;

/// The options at `pointer`: all zeros, which means the defaults, for NULL. What the caller's header does
/// not know is zero. What it knows and this library does not must be zero.
///
/// # Safety
/// If `pointer` is not null, it must point to a struct whose first field says how long it is.
pub(crate) unsafe fn read<T: Growable>(pointer: *const T) -> Result<T> {
    // SAFETY: passed on.
    unsafe { read_as("options", pointer) }
}

/// [`read`] of a struct that messages call `name`.
///
/// # Safety
/// As [`read`].
pub(crate) unsafe fn read_as<T: Growable>(name: &'static str, pointer: *const T) -> Result<T> {
    let mut options = MaybeUninit::<T>::zeroed();
    if !pointer.is_null() {
        // SAFETY: passed on.
        let bytes = unsafe { bytes_of(name, pointer) }?;
        let (known, unknown) = bytes.split_at(bytes.len().min(size_of::<T>()));
        if unknown.iter().any(|&byte| byte != 0) {
            return Err(Failure::argument(format!(
                "{name}: a field is set that this version of the library does not know"
            )));
        }
        // SAFETY: at most the size of the struct, between two different places.
        unsafe {
            ptr::copy_nonoverlapping(known.as_ptr(), options.as_mut_ptr().cast(), known.len());
        }
    }
    // SAFETY: zeros and whole fields of the caller's make a value, says `Growable`.
    Ok(unsafe { options.assume_init() })
}

/// Writes `info` to the caller's struct, of which as much as its header knows.
///
/// # Safety
/// If `pointer` is not null, it must point to a struct whose first field says how long it is, and that
/// nobody else touches.
pub(crate) unsafe fn write<T: Growable>(pointer: *mut T, info: &T) -> Result<()> {
    // SAFETY: passed on.
    let size = unsafe { bytes_of("info", pointer) }?.len();
    // SAFETY: that many bytes, as the caller vouches.
    let room = unsafe { Border::default().inout::<u8>("info", pointer.cast(), size) }?;
    room.fill(0);
    let known = size.min(size_of::<T>());
    // SAFETY: the first `known` bytes of a value without padding, between two different places.
    unsafe { ptr::copy_nonoverlapping(ptr::from_ref(info).cast(), room.as_mut_ptr(), known) };
    room[..size_of::<usize>()].copy_from_slice(&size.to_ne_bytes());
    Ok(())
}

/// Whether [`write`] could write there: for calls that do something before they tell of it.
///
/// # Safety
/// As [`write`].
pub(crate) unsafe fn check<T: Growable>(pointer: *mut T) -> Result<()> {
    // SAFETY: passed on.
    unsafe { bytes_of("info", pointer.cast_const()) }.map(drop)
}

/// Whether a field that is 0 or 1 is 0.
pub(crate) fn is_zero(name: &str, field: u32) -> Result<bool> {
    match field {
        0 => Ok(true),
        1 => Ok(false),
        _ => Err(Failure::argument(format!(
            "options: {name} is {field}, and must be 0 or 1"
        ))),
    }
}

/// Refuses a reserved field that is set: it may get a meaning.
pub(crate) fn require_zero(reserved: u32) -> Result<()> {
    if reserved != 0 {
        return Err(Failure::argument("options: reserved is not 0"));
    }
    Ok(())
}

/// The bytes of a growing struct.
///
/// # Safety
/// If `pointer` is not null, it must point to a struct whose first field says how long it is.
unsafe fn bytes_of<'a, T: Growable>(name: &'static str, pointer: *const T) -> Result<&'a [u8]> {
    let mut border = Border::default();
    // SAFETY: the struct's first field.
    let size = *unsafe { border.input_one::<usize>(name, pointer.cast()) }?;
    if size < T::FIRST_SIZE || size > MAX_SIZE || !size.is_multiple_of(align_of::<usize>()) {
        return Err(Failure::argument(format!(
            "{name}: struct_size is {size}; set it to the sizeof of the struct, {} here",
            size_of::<T>()
        )));
    }
    // SAFETY: that many bytes, as its first field says.
    unsafe { border.input(name, pointer.cast(), size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    struct Now {
        struct_size: usize,
        first: u64,
        second: u64,
    }

    // SAFETY: `repr(C)` of numbers without padding, the first of which is the size.
    unsafe impl Growable for Now {
        const FIRST_SIZE: usize = 16;
    }

    fn read_from(words: &[usize]) -> Result<(u64, u64)> {
        // SAFETY: the tests' arrays are as long as their first word says, if that is accepted.
        let now = unsafe { read::<Now>(words.as_ptr().cast()) }?;
        Ok((now.first, now.second))
    }

    #[test]
    fn older_and_newer_callers_are_understood() {
        // SAFETY: null is checked for.
        let default = unsafe { read::<Now>(ptr::null()) }.unwrap();
        assert_eq!((default.first, default.second), (0, 0));
        assert_eq!(read_from(&[16, 1, 9]).unwrap(), (1, 0));
        assert_eq!(read_from(&[24, 1, 2]).unwrap(), (1, 2));
        assert_eq!(read_from(&[32, 1, 2, 0]).unwrap(), (1, 2));
        assert!(read_from(&[32, 1, 2, 3]).is_err());
        for size in [0, 8, 15, 17, 25, MAX_SIZE + 8, usize::MAX] {
            assert!(read_from(&[size, 0, 0]).is_err(), "{size}");
        }
    }

    #[test]
    fn callers_are_told_what_they_know() {
        let info = Now {
            struct_size: 0,
            first: 1,
            second: 2,
        };
        for (size, expected) in [
            (16usize, [16, 1, 9, 9]),
            (24, [24, 1, 2, 9]),
            (32, [32, 1, 2, 0]),
        ] {
            let mut words = [size, 9, 9, 9];
            // SAFETY: the array is as long as its first word says.
            unsafe { write::<Now>(words.as_mut_ptr().cast(), &info) }.unwrap();
            assert_eq!(words, expected);
        }
        // SAFETY: null is checked for.
        assert!(unsafe { write::<Now>(ptr::null_mut(), &info) }.is_err());
    }
}
