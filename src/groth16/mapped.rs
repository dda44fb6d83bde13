//! Files in memory without copying them.

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

use super::container::{io_error, origin_of};
use crate::error::Result;

/// A file mapped into memory, read-only: the way to open keys of gigabytes, of which a prover takes
/// each part once.
///
/// # Files that change
///
/// No operating system can freeze a mapped file. If another process shortens it, reading the lost part
/// kills this process by SIGBUS; if another process rewrites it, the bytes change under the reader. Map
/// only files that nobody else writes to; for others, [`std::fs::read`] gives bytes that cannot change
/// and that every parser here takes alike. The parsers of this library copy each value to memory of
/// their own before they check it, so a value that passed its check stays what it was.
#[derive(Debug)]
pub struct MappedFile {
    map: Mmap,
    origin: String,
}

impl MappedFile {
    /// Maps a file.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if it cannot be opened or mapped.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|e| io_error(path, e))?;
        // SAFETY: the mapping is private to this value and only read. That no other process changes
        // the file cannot be had from any operating system; it is the documented duty of the caller.
        let map = unsafe { Mmap::map(&file) }.map_err(|e| io_error(path, e))?;
        Ok(Self {
            map,
            origin: origin_of(path),
        })
    }

    /// Tells the operating system that a part of the mapping was used for the last time, so that its
    /// pages no longer count as this process' memory. Read again, they come from the file again.
    ///
    /// `part` must be a part of this mapping; others are left alone.
    pub fn release(&self, part: &[u8]) {
        let offset = (part.as_ptr() as usize).wrapping_sub(self.map.as_ptr() as usize);
        if offset > self.map.len() || part.len() > self.map.len() - offset {
            return;
        }
        #[cfg(unix)]
        {
            // SAFETY: the mapping is read-only and backed by the file, so dropped pages are read again
            // from the file; nothing is lost. A refusal of the advice changes nothing.
            let _ = unsafe {
                self.map.unchecked_advise_range(
                    memmap2::UncheckedAdvice::DontNeed,
                    offset,
                    part.len(),
                )
            };
        }
    }

    /// The path, as errors name the file.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}
