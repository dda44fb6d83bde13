//! The container of circom's binary files (r1cs, wtns, zkey): sections behind a magic number.
//!
//! ```text
//! magic[4] | u32 version | u32 count | count x { u32 id, u64 length, payload[length] }
//! ```
//!
//! All integers are little-endian. Sections come in any order (circom writes r1cs as 2, 1, 3, snarkjs a
//! new zkey as 1, 2, 4, 3, 9, 8, 5, 6, 7, 10) and nothing is aligned. Sections of unknown ids are
//! skipped, which the specification of r1cs demands; a known id must come once; the last section must
//! end where the file ends.
//!
//! Reading borrows: a [`Container`] is a table of slices, and costs time and memory in proportion to
//! the number of sections that the file really has.

mod cursor;
mod limbs;
mod write;

use std::fmt;
use std::path::Path;

use crate::error::{Error, Fault, Result};

pub(super) use cursor::Cursor;
pub(super) use limbs::{read_limbs, write_limbs};
pub(super) use write::{Writer, save};

/// The bytes of a section's header: its id and its length.
const SECTION_HEADER: usize = 4 + 8;

/// A kind of file.
pub(super) struct Format {
    /// The first four bytes.
    pub(super) magic: &'static [u8; 4],
    /// The one version that is read and written.
    pub(super) version: u32,
    /// What sections 1, 2, ... hold, for messages. Ids beyond are unknown.
    pub(super) sections: &'static [&'static str],
}

/// The known sections of a file.
pub(super) struct Container<'a> {
    origin: &'a str,
    format: &'static Format,
    /// By id - 1.
    sections: Vec<Option<&'a [u8]>>,
}

/// A part of a file and its place, for messages.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) place: Place<'a>,
}

/// Where in which file: what every error names.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The file's path, or what the caller called the bytes.
    origin: &'a str,
    /// The section's id; none for the container itself.
    id: Option<u32>,
    name: &'static str,
}

impl<'a> Container<'a> {
    /// Finds the sections of a file of this format.
    pub(super) fn parse(bytes: &'a [u8], origin: &'a str, format: &'static Format) -> Result<Self> {
        let place = Place {
            origin,
            id: None,
            name: "container",
        };
        let mut cursor = Cursor::of_file(bytes, place);
        let magic = cursor.array::<4>("the magic number")?;
        if magic != *format.magic {
            return Err(place.error(
                Fault::Magic,
                format!(
                    "the file begins with \"{}\", not with \"{}\"",
                    magic.escape_ascii(),
                    format.magic.escape_ascii()
                ),
            ));
        }
        let version = cursor.u32("the version")?;
        if version != format.version {
            return Err(place.error(
                Fault::Version,
                format!("version {version}; only {} is supported", format.version),
            ));
        }
        let count = cursor.u32("the number of sections")?;
        let possible = cursor.remaining() / SECTION_HEADER;
        if possible < count as usize {
            return Err(place.error(
                Fault::Truncated,
                format!("{count} sections announced, but the file has room for {possible} at most"),
            ));
        }
        let mut sections = vec![None; format.sections.len()];
        for _ in 0..count {
            let id = cursor.u32("a section's id")?;
            let length = cursor.u64("a section's length")?;
            let payload = cursor.take_u64(length, format_args!("section {id}"))?;
            let slot = (id as usize)
                .checked_sub(1)
                .and_then(|i| sections.get_mut(i));
            if let Some(slot) = slot
                && slot.replace(payload).is_some()
            {
                return Err(place.error(
                    Fault::SectionRepeated,
                    format!("section {id} is there more than once"),
                ));
            }
        }
        cursor.finish()?;
        Ok(Self {
            origin,
            format,
            sections,
        })
    }

    /// A section that must be there.
    ///
    /// # Panics
    /// If the format has no such section.
    pub(super) fn section(&self, id: u32) -> Result<Section<'a>> {
        let index = id as usize - 1;
        let place = Place {
            origin: self.origin,
            id: Some(id),
            name: self.format.sections[index],
        };
        match self.sections[index] {
            Some(bytes) => Ok(Section { bytes, place }),
            None => Err(place.error(Fault::SectionMissing, "the section is missing")),
        }
    }

    /// A section that may be missing.
    pub(super) fn optional_section(&self, id: u32) -> Option<Section<'a>> {
        self.section(id).ok()
    }
}

impl<'a> Section<'a> {
    /// Reads the section from its beginning.
    pub(super) fn cursor(&self) -> Cursor<'a> {
        Cursor::of_section(self.bytes, self.place)
    }

    /// Requires `count` items of `size` bytes and nothing else; `what` says where the count is from.
    pub(super) fn expect_items(&self, count: usize, size: usize, what: &str) -> Result<()> {
        // In u128 the product of any two lengths fits.
        let expected = count as u128 * size as u128;
        if self.bytes.len() as u128 == expected {
            return Ok(());
        }
        Err(self.place.error(
            Fault::SectionLength,
            format!(
                "the section has {} bytes, but {what} = {count} needs {expected}",
                self.bytes.len()
            ),
        ))
    }
}

impl Place<'_> {
    /// An [`Error::Malformed`] at this place.
    pub(super) fn error(&self, fault: Fault, reason: impl Into<String>) -> Error {
        Error::malformed(self.origin, self.to_string(), fault, reason)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "section {id} ({})", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// What errors call a file.
pub(super) fn origin_of(path: &Path) -> String {
    path.display().to_string()
}

/// An [`Error::Io`].
pub(super) fn io_error(path: &Path, source: std::io::Error) -> Error {
    Error::Io {
        path: path.to_owned(),
        source,
    }
}
