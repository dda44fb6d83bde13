//! The caller's pointers, as slices and references.
//!
//! [`Border`] takes the arguments of one call. Each is checked by itself, for being null, misaligned or longer
//! than memory can be, and what is written is checked against everything else, for overlapping it. What
//! cannot be checked is the caller's word, which the header's opening comment asks for: that a pointer that
//! is not null points to as many values as it says, and that nobody else writes them during the call.

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::path::PathBuf;
use std::slice;

use crate::status::{Failure, Result, ZKILN_E_OUT_OF_MEMORY, ZKILN_E_SHORT_BUFFER};

/// The arguments of one call.
#[derive(Default)]
pub(crate) struct Border {
    /// Those so far. Not a vector, which the smallest calls would wait for.
    entered: [Option<Region>; MOST],
}

/// More pointers than any function has.
const MOST: usize = 8;

/// Memory of the caller's.
#[derive(Clone, Copy)]
struct Region {
    name: &'static str,
    start: usize,
    end: usize,
    is_written: bool,
}

impl Region {
    fn new<T>(name: &'static str, pointer: *const T, len: usize) -> Result<Self> {
        let start = pointer.addr();
        let end = len
            .checked_mul(size_of::<T>())
            .filter(|&bytes| isize::try_from(bytes).is_ok())
            .and_then(|bytes| start.checked_add(bytes));
        let Some(end) = end else {
            return Err(Failure::argument(format!(
                "{name}: {len} values are more than memory can hold"
            )));
        };
        if pointer.is_null() && len > 0 {
            return Err(Failure::argument(format!("{name} is NULL")));
        }
        if !pointer.is_aligned() {
            return Err(Failure::argument(format!(
                "{name} is misaligned: its address must be a multiple of {}",
                align_of::<T>()
            )));
        }
        Ok(Self {
            name,
            start,
            end,
            is_written: false,
        })
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

impl Border {
    /// Enters `region` as one that is read.
    fn reads(&mut self, region: Region) -> Result<()> {
        self.enter(region)
    }

    /// Enters `region` as one that is written.
    fn writes(&mut self, region: Region) -> Result<()> {
        self.enter(Region {
            is_written: true,
            ..region
        })
    }

    fn enter(&mut self, region: Region) -> Result<()> {
        for place in &mut self.entered {
            match place {
                Some(other) if other.overlaps(&region) => {
                    if other.is_written || region.is_written {
                        return Err(Failure::argument(format!(
                            "{} and {} overlap",
                            other.name, region.name
                        )));
                    }
                }
                Some(_) => {}
                None => {
                    *place = Some(region);
                    return Ok(());
                }
            }
        }
        unreachable!("more than {MOST} pointers in one call")
    }

    /// `len` values that are read.
    ///
    /// # Safety
    /// If `pointer` is not null, it must point to `len` values of `T` that nobody writes for `'a`.
    pub(crate) unsafe fn input<'a, T: bytemuck::AnyBitPattern>(
        &mut self,
        name: &'static str,
        pointer: *const T,
        len: usize,
    ) -> Result<&'a [T]> {
        self.reads(Region::new(name, pointer, len)?)?;
        if len == 0 {
            return Ok(&[]);
        }
        // SAFETY: not null, aligned and of a possible length, as was checked; `len` values that nobody
        // writes, as the caller vouches; any bytes are a value.
        Ok(unsafe { slice::from_raw_parts(pointer, len) })
    }

    /// One value that is read.
    ///
    /// # Safety
    /// As [`Border::input`], for one value.
    pub(crate) unsafe fn input_one<'a, T: bytemuck::Pod>(
        &mut self,
        name: &'static str,
        pointer: *const T,
    ) -> Result<&'a T> {
        // SAFETY: passed on.
        let values = unsafe { self.input(name, pointer, 1) }?;
        Ok(&values[0])
    }

    /// `len` values that are read and written.
    ///
    /// # Safety
    /// If `pointer` is not null, it must point to `len` values of `T` that nobody else touches for `'a`.
    pub(crate) unsafe fn inout<'a, T: bytemuck::Pod>(
        &mut self,
        name: &'static str,
        pointer: *mut T,
        len: usize,
    ) -> Result<&'a mut [T]> {
        self.writes(Region::new(name, pointer, len)?)?;
        if len == 0 {
            return Ok(&mut []);
        }
        // SAFETY: not null, aligned, of a possible length and apart from all other arguments, as was
        // checked; `len` values that nobody else touches, as the caller vouches; any bytes are a `Pod`.
        Ok(unsafe { slice::from_raw_parts_mut(pointer, len) })
    }

    /// Room for `len` values that are written.
    ///
    /// # Safety
    /// As [`Border::inout`], but the room need not hold values yet.
    pub(crate) unsafe fn output<'a, T: Copy>(
        &mut self,
        name: &'static str,
        pointer: *mut T,
        len: usize,
    ) -> Result<&'a mut [MaybeUninit<T>]> {
        self.writes(Region::new(name, pointer, len)?)?;
        if len == 0 {
            return Ok(&mut []);
        }
        // SAFETY: as in `inout`; `MaybeUninit` asks nothing of the bytes.
        Ok(unsafe { slice::from_raw_parts_mut(pointer.cast(), len) })
    }

    /// Room for one value that is written.
    ///
    /// # Safety
    /// As [`Border::output`], for one value.
    pub(crate) unsafe fn output_one<'a, T: Copy>(
        &mut self,
        name: &'static str,
        pointer: *mut T,
    ) -> Result<&'a mut MaybeUninit<T>> {
        // SAFETY: passed on.
        let room = unsafe { self.output(name, pointer, 1) }?;
        Ok(&mut room[0])
    }

    /// Room for a handle, which holds NULL until [`NewHandle::set`].
    ///
    /// # Safety
    /// As [`Border::output_one`].
    pub(crate) unsafe fn new_handle<'a, T>(
        &mut self,
        pointer: *mut *mut T,
    ) -> Result<NewHandle<'a, T>> {
        // SAFETY: passed on.
        let room = unsafe { self.output_one("out", pointer) }?;
        Ok(NewHandle(room.write(std::ptr::null_mut())))
    }

    /// A buffer of the caller's choice of length: `*size` bytes at `pointer`, or none if that is NULL.
    ///
    /// # Safety
    /// `size` as for [`Border::inout`], `pointer` as for [`Border::output`].
    pub(crate) unsafe fn buffer<'a, T: Copy>(
        &mut self,
        name: &'static str,
        pointer: *mut T,
        size: *mut usize,
    ) -> Result<Buffer<'a, T>> {
        // SAFETY: passed on.
        let size = unsafe { self.inout("the size", size, 1) }?;
        let room = if pointer.is_null() {
            None
        } else {
            // SAFETY: passed on.
            Some(unsafe { self.output(name, pointer, size[0]) }?)
        };
        Ok(Buffer {
            name,
            room,
            size: &mut size[0],
        })
    }
}

/// Where a new handle goes.
pub(crate) struct NewHandle<'a, T>(&'a mut *mut T);

impl<T> NewHandle<'_, T> {
    /// Gives the caller what the handle stands for.
    pub(crate) fn set(self, value: T) {
        *self.0 = Box::into_raw(Box::new(value));
    }
}

/// A buffer that may be absent or too short.
pub(crate) struct Buffer<'a, T> {
    name: &'static str,
    room: Option<&'a mut [MaybeUninit<T>]>,
    size: &'a mut usize,
}

impl<T: Copy> Buffer<'_, T> {
    /// Stores the size of `content` and, if there is a buffer, `content`.
    pub(crate) fn fill(self, content: &[T]) -> Result<()> {
        let given = std::mem::replace(self.size, content.len());
        match self.room {
            None => Ok(()),
            Some(room) if room.len() < content.len() => Err(Failure::new(
                ZKILN_E_SHORT_BUFFER,
                format!(
                    "{} has room for {given}, and {} are needed",
                    self.name,
                    content.len()
                ),
            )),
            Some(room) => {
                write(&mut room[..content.len()], content);
                Ok(())
            }
        }
    }
}

impl Buffer<'_, c_char> {
    /// [`Buffer::fill`] with a text and the zero byte at its end.
    pub(crate) fn fill_text(self, text: &str) -> Result<()> {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend(text.bytes().map(|byte| byte as c_char));
        bytes.push(0);
        self.fill(&bytes)
    }
}

/// Writes all of `room`, which is as long as `values`.
pub(crate) fn write<T: Copy>(room: &mut [MaybeUninit<T>], values: &[T]) {
    for (place, value) in room.iter_mut().zip(values) {
        place.write(*value);
    }
}

/// Refuses what this process cannot allocate, where the library would end the process.
pub(crate) fn require_room(bytes: usize) -> Result<()> {
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| {
        Failure::new(
            ZKILN_E_OUT_OF_MEMORY,
            format!("this process cannot have {bytes} bytes more"),
        )
    })
}

/// A text that ends with a zero byte; `None` for NULL.
///
/// # Safety
/// If `pointer` is not null, a zero byte must follow, and nobody may write the text for `'a`.
pub(crate) unsafe fn text<'a>(pointer: *const c_char) -> Option<&'a CStr> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not null, as was checked; the rest is the caller's word.
    Some(unsafe { CStr::from_ptr(pointer) })
}

/// The name of a file: on Unix any bytes, elsewhere UTF-8.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn path(pointer: *const c_char) -> Result<PathBuf> {
    // SAFETY: passed on.
    let Some(text) = (unsafe { text(pointer) }) else {
        return Err(Failure::argument("the path is NULL"));
    };
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(std::ffi::OsStr::from_bytes(text.to_bytes()).into())
    }
    #[cfg(not(unix))]
    {
        let text = text.to_str();
        let text = text.map_err(|_| Failure::argument("the path is not UTF-8"))?;
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T>(result: Result<T>) -> String {
        match result {
            Ok(_) => panic!("it was accepted"),
            Err(failure) => format!("{failure:?}"),
        }
    }

    #[test]
    fn null_is_for_empty_slices_only() {
        let mut border = Border::default();
        // SAFETY: null pointers are checked for.
        let empty = unsafe { border.input::<u64>("a", std::ptr::null(), 0) };
        assert!(empty.unwrap().is_empty());
        // SAFETY: as above.
        let refusal = refused(unsafe { border.input::<u64>("a", std::ptr::null(), 1) });
        assert!(refusal.contains("a is NULL"), "{refusal}");
    }

    #[test]
    fn misaligned_and_endless_arrays_are_refused() {
        let values = [0u64; 2];
        let mut border = Border::default();
        let odd = values.as_ptr().wrapping_byte_add(1);
        // SAFETY: refused before anything is read.
        let refusal = refused(unsafe { border.input("a", odd, 1) });
        assert!(refusal.contains("misaligned"), "{refusal}");
        for len in [usize::MAX, usize::MAX / 8, isize::MAX as usize / 8 + 1] {
            // SAFETY: as above.
            let refusal = refused(unsafe { border.input("a", values.as_ptr(), len) });
            assert!(refusal.contains("more than memory"), "{refusal}");
        }
    }

    #[test]
    fn what_is_written_overlaps_nothing() {
        let mut values = [0u64; 4];
        let start = values.as_mut_ptr();
        let mut border = Border::default();
        // SAFETY: within the array, and the slices made of it are not used together.
        unsafe { border.input("a", start, 2) }.unwrap();
        // SAFETY: as above. Two inputs may be the same.
        unsafe { border.input("b", start, 2) }.unwrap();
        // SAFETY: as above.
        let refusal = refused(unsafe { border.output("c", start.wrapping_add(1), 2) });
        assert!(refusal.contains("a and c overlap"), "{refusal}");
        // SAFETY: as above.
        unsafe { border.output("d", start.wrapping_add(2), 2) }.unwrap();
        // SAFETY: as above.
        let refusal = refused(unsafe { border.input("e", start.wrapping_add(3), 1) });
        assert!(refusal.contains("d and e overlap"), "{refusal}");
        // SAFETY: as above.
        let refusal = refused(unsafe { border.inout("f", start, 1) });
        assert!(refusal.contains("overlap"), "{refusal}");
    }

    #[test]
    fn buffers_tell_their_size() {
        let fill = |room: &mut [u8], with_buffer: bool| {
            let mut size = room.len();
            let pointer = if with_buffer {
                room.as_mut_ptr()
            } else {
                std::ptr::null_mut()
            };
            // SAFETY: a local size, and a buffer of that length or none.
            let buffer = unsafe { Border::default().buffer("b", pointer, &mut size) };
            let outcome = buffer.unwrap().fill(&[1, 2, 3]);
            (outcome.is_ok(), size)
        };
        let mut room = [0; 4];
        assert_eq!(fill(&mut room, false), (true, 3));
        assert_eq!(fill(&mut room[..2], true), (false, 3));
        assert_eq!(room, [0; 4]);
        assert_eq!(fill(&mut room, true), (true, 3));
        assert_eq!(room, [1, 2, 3, 0]);
    }
}
