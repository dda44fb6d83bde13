//! The witness as circom's calculators write it: a `wtns` file, version 2.
//!
//! Section 1 is the field and the number of values, section 2 the values: plain little-endian integers
//! below `r`, the first of them 1.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::container::{Container, Format, Writer, io_error, origin_of, read_limbs, write_limbs};
use crate::error::{Error, Fault, Result};
use crate::field::{Field, Fr, Int, PrimeField};
use crate::memory::wipe;

const FORMAT: Format = Format {
    magic: b"wtns",
    version: 2,
    sections: &["header", "values"],
};
const HEADER: u32 = 1;
const VALUES: u32 = 2;

/// The values of all wires of a circuit: the secret that a proof proves to know. They are wiped from
/// memory on drop, and [`Debug`](fmt::Debug) does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct Witness {
    /// Canonical; the first is 1.
    values: Vec<Int<4>>,
}

impl Witness {
    /// Reads a file. The bytes read are wiped as well.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read, and those of [`Witness::from_bytes`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut bytes = std::fs::read(path).map_err(|e| io_error(path, e))?;
        let witness = Self::from_bytes(&bytes, &origin_of(path));
        wipe(&mut bytes);
        witness
    }

    /// Reads the bytes of a file, which errors call `origin`.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but a witness over the scalar field of BN254 that begins with 1.
    pub fn from_bytes(bytes: &[u8], origin: &str) -> Result<Self> {
        let container = Container::parse(bytes, origin, &FORMAT)?;
        let mut header = container.section(HEADER)?.cursor();
        header.prime::<Fr>("r")?;
        let count = header.u32("the number of values")? as usize;
        header.finish()?;
        let section = container.section(VALUES)?;
        section.expect_items(count, Fr::BYTES, "the header's number of values")?;
        let values = section
            .bytes
            .par_chunks_exact(Fr::BYTES)
            .map(read_limbs)
            .collect();
        let witness = Self { values };
        match witness.defect() {
            None => Ok(witness),
            Some((fault, reason)) => Err(section.place.error(fault, reason)),
        }
    }

    /// A witness of these values, the first of which must be 1.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is not, or if a value is not below `r`.
    pub fn new(values: Vec<Int<4>>) -> Result<Self> {
        let witness = Self { values };
        match witness.defect() {
            None => Ok(witness),
            Some((fault, reason)) => Err(Error::malformed("witness", "values", fault, reason)),
        }
    }

    /// How the values break what the type promises. The words do not show values, which are secret.
    fn defect(&self) -> Option<(Fault, String)> {
        let count = self.values.len();
        if u32::try_from(count).is_err() {
            return Some((Fault::Count, format!("{count} values do not fit a u32")));
        }
        let not_reduced = |value: &Int<4>| *value >= Fr::MODULUS;
        if let Some(i) = self.values.par_iter().position_first(not_reduced) {
            let reason = format!("value {i} is not below r = {}", Fr::MODULUS);
            return Some((Fault::NotCanonical, reason));
        }
        match self.values.first() {
            None => Some((Fault::Count, "no values, not even the constant 1".into())),
            Some(first) if *first != Int::from_u64(1) => {
                Some((Fault::Value, "value 0 is not the constant 1".into()))
            }
            Some(_) => None,
        }
    }

    /// The values by wire: the constant 1, the public outputs, the public inputs, the rest.
    pub fn values(&self) -> &[Int<4>] {
        &self.values
    }

    /// The bytes of a file, which are wiped on drop too.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // All of it at once: a buffer that grows would leave copies behind.
        let mut out = Zeroizing::new(Vec::with_capacity(128 + Fr::BYTES * self.values.len()));
        self.write(&mut *out)
            .expect("writing to memory does not fail");
        out
    }

    /// Creates or replaces a file. It holds the witness in the clear.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        std::fs::write(path, &*self.to_bytes()).map_err(|e| io_error(path, e))
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let count = self.values.len() as u32; // `defect` has seen that it fits
        let mut file = Writer::new(out, &FORMAT, 2)?;
        file.section(HEADER, 4 + Fr::BYTES + 4, |out| {
            out.write_all(&(Fr::BYTES as u32).to_le_bytes())?;
            write_limbs(out, &[Fr::MODULUS])?;
            out.write_all(&count.to_le_bytes())
        })?;
        file.section(VALUES, Fr::BYTES * self.values.len(), |out| {
            write_limbs(out, &self.values)
        })
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        wipe(&mut self.values);
    }
}

/// The number of values, and nothing of what they are.
impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness")
            .field("len", &self.values.len())
            .finish_non_exhaustive()
    }
}
