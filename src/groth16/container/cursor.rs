//! Checked reading of little-endian values.

use std::fmt::Display;

use super::Place;
use crate::error::{Fault, Result};
use crate::field::{Int, PrimeField};

/// The unread rest of a file or section. Every method that takes `what` names it in the error when
/// fewer bytes are left than it needs.
pub(in crate::groth16) struct Cursor<'a> {
    rest: &'a [u8],
    length: usize,
    place: Place<'a>,
    /// The fault of bytes that are missing or left over: they mean different things for a file and for
    /// a section of one.
    too_short: Fault,
    too_long: Fault,
}

impl<'a> Cursor<'a> {
    pub(super) fn of_file(bytes: &'a [u8], place: Place<'a>) -> Self {
        Self {
            rest: bytes,
            length: bytes.len(),
            place,
            too_short: Fault::Truncated,
            too_long: Fault::TrailingBytes,
        }
    }

    pub(super) fn of_section(bytes: &'a [u8], place: Place<'a>) -> Self {
        Self {
            too_short: Fault::SectionLength,
            too_long: Fault::SectionLength,
            ..Self::of_file(bytes, place)
        }
    }

    /// How many bytes are unread.
    pub(in crate::groth16) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next `length` bytes.
    pub(in crate::groth16) fn take(
        &mut self,
        length: usize,
        what: impl Display,
    ) -> Result<&'a [u8]> {
        self.take_u64(length as u64, what)
    }

    /// The next `length` bytes, for a length from the file.
    pub(in crate::groth16) fn take_u64(
        &mut self,
        length: u64,
        what: impl Display,
    ) -> Result<&'a [u8]> {
        let split = usize::try_from(length)
            .ok()
            .and_then(|length| self.rest.split_at_checked(length));
        let Some((head, tail)) = split else {
            return Err(self.place.error(
                self.too_short,
                format!(
                    "{what} needs {length} bytes at byte {}, but only {} of {} are left",
                    self.length - self.rest.len(),
                    self.rest.len(),
                    self.length
                ),
            ));
        };
        self.rest = tail;
        Ok(head)
    }

    /// The next `N` bytes.
    pub(in crate::groth16) fn array<const N: usize>(
        &mut self,
        what: impl Display,
    ) -> Result<[u8; N]> {
        let bytes = self.take(N, what)?;
        Ok(bytes.try_into().expect("take gives what was asked for"))
    }

    /// The next byte.
    pub(in crate::groth16) fn u8(&mut self, what: impl Display) -> Result<u8> {
        Ok(self.array::<1>(what)?[0])
    }

    /// The next four bytes as an integer.
    pub(in crate::groth16) fn u32(&mut self, what: impl Display) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }

    /// The next eight bytes as an integer.
    pub(in crate::groth16) fn u64(&mut self, what: impl Display) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array(what)?))
    }

    /// Requires the description of a prime field, `u32 size, prime[size]`, to be that of `F`, whose
    /// prime is called `name`.
    pub(in crate::groth16) fn prime<F>(&mut self, name: &str) -> Result<()>
    where
        F: PrimeField<Canonical = Int<4>>,
    {
        let size = self.u32("the size of the field")?;
        if size as usize != F::BYTES {
            return Err(self.place.error(
                Fault::WrongField,
                format!("numbers of {size} bytes, not the {} of BN254", F::BYTES),
            ));
        }
        let prime = Int::<4>::from_le_bytes(self.take(F::BYTES, "the prime")?);
        if prime != F::MODULUS {
            return Err(self.place.error(
                Fault::WrongField,
                format!(
                    "the prime is {prime}, not the {name} of BN254, {}",
                    F::MODULUS
                ),
            ));
        }
        Ok(())
    }

    /// Requires that nothing is left.
    pub(in crate::groth16) fn finish(self) -> Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.place.error(
            self.too_long,
            format!(
                "{} bytes too many after byte {}",
                self.rest.len(),
                self.length - self.rest.len()
            ),
        ))
    }
}
