//! The caller's buffer for a message.

use std::ffi::{c_char, c_ulonglong};
use std::marker::PhantomData;

/// A buffer that may be absent.
pub(crate) struct Message<'a> {
    buffer: *mut c_char,
    size: usize,
    borrowed: PhantomData<&'a mut c_char>,
}

impl Message<'_> {
    /// # Safety
    /// If `buffer` is not null, it must have room for `size` bytes that nobody else touches for the lifetime.
    pub(crate) unsafe fn new(buffer: *mut c_char, size: c_ulonglong) -> Self {
        let size = if buffer.is_null() { 0 } else { size };
        Self {
            buffer,
            size: usize::try_from(size).unwrap_or(usize::MAX),
            borrowed: PhantomData,
        }
    }

    /// Writes as much of `words` as there is room for, and a zero byte in any case.
    pub(crate) fn write(self, words: &str) {
        let Some(room) = self.size.checked_sub(1) else {
            return;
        };
        let end = words.find('\0').unwrap_or(words.len()).min(room);
        let end = (0..=end)
            .rev()
            .find(|&end| words.is_char_boundary(end))
            .unwrap_or(0);
        // SAFETY: room for `end` and one more bytes, as `new` was promised.
        unsafe { crate::write(self.buffer, &words[..end]) };
    }
}
