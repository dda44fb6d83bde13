//! Writing a container, section after section, to anything that takes bytes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{Format, io_error};
use crate::error::Result;

/// A container that is being written. Lengths are announced before the payload, so the output need not
/// be seekable and nothing is held in memory.
pub(in crate::groth16) struct Writer<W> {
    out: W,
}

impl<W: Write> Writer<W> {
    /// Writes the beginning of a file of `count` sections.
    pub(in crate::groth16) fn new(mut out: W, format: &Format, count: u32) -> io::Result<Self> {
        out.write_all(format.magic)?;
        out.write_all(&format.version.to_le_bytes())?;
        out.write_all(&count.to_le_bytes())?;
        Ok(Self { out })
    }

    /// Writes a section whose payload, `length` bytes, is what `payload` writes.
    ///
    /// # Panics
    /// If it writes more or less.
    pub(in crate::groth16) fn section(
        &mut self,
        id: u32,
        length: usize,
        payload: impl FnOnce(&mut Counted<'_, W>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.out.write_all(&id.to_le_bytes())?;
        self.out.write_all(&(length as u64).to_le_bytes())?;
        let mut counted = Counted {
            out: &mut self.out,
            written: 0,
        };
        payload(&mut counted)?;
        assert_eq!(counted.written, length, "the length of section {id}");
        Ok(())
    }
}

/// Counts the bytes of a payload.
pub(in crate::groth16) struct Counted<'a, W> {
    out: &'a mut W,
    written: usize,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.written += written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Creates or replaces a file with what `content` writes.
pub(in crate::groth16) fn save(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<()> {
    let write = || {
        let mut out = BufWriter::new(File::create(path)?);
        content(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(())
    };
    write().map_err(|source| io_error(path, source))
}
