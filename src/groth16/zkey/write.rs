//! Writing a key.

use std::io::{self, Write};
use std::path::Path;

use super::header::log_domain;
use super::{
    Coefficient, Contributions, FORMAT, G1_BYTES, G2_BYTES, GROTH16, ZkeyHeader, coefficients, id,
};
use crate::curve::{G1Affine, G2Affine};
use crate::error::{Error, Result};
use crate::groth16::container::{Writer, save, write_limbs};

/// The parts of a key that is to be written, as a setup makes them. Lengths must agree with the
/// header; points are written as they are.
#[derive(Clone, Copy, Debug)]
pub struct ZkeyParts<'a> {
    /// Counts, domain, single points.
    pub header: &'a ZkeyHeader,
    /// By public input, the constant 1 first.
    pub ic: &'a [G1Affine],
    /// The entries of the matrices A and B, with those of the public wires' rows (`1` in A at row
    /// `n_constraints + wire` for the constant and each public wire).
    pub coefficients: &'a [Coefficient],
    /// By wire.
    pub a: &'a [G1Affine],
    /// By wire.
    pub b1: &'a [G1Affine],
    /// By wire.
    pub b2: &'a [G2Affine],
    /// By private wire.
    pub c: &'a [G1Affine],
    /// By row.
    pub h: &'a [G1Affine],
    /// The record of the ceremony.
    pub contributions: &'a Contributions,
}

impl ZkeyParts<'_> {
    /// Creates or replaces a zkey file.
    ///
    /// # Errors
    /// [`Error::Argument`] if the parts contradict each other, and nothing is written;
    /// [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.check()?;
        save(path.as_ref(), |out| self.write(out))
    }

    /// The bytes of a zkey file.
    ///
    /// # Errors
    /// [`Error::Argument`] if the parts contradict each other.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.check()?;
        let mut out = Vec::new();
        self.write(&mut out)
            .expect("writing to memory does not fail");
        Ok(out)
    }

    /// That the file will be one that [`Zkey::parse`](super::Zkey::parse) reads.
    fn check(&self) -> Result<()> {
        let header = self.header;
        let size = 1u32.checked_shl(header.log_domain_size).unwrap_or(0);
        if log_domain(size).is_none() {
            let log = header.log_domain_size;
            return Err(Error::Argument(format!("a domain of 2^{log}")));
        }
        let contradiction = header.contradiction();
        if let Some(reason) = contradiction.or_else(|| self.contributions.contradiction()) {
            return Err(Error::Argument(reason));
        }
        let fits = |n: usize| u32::try_from(n).is_ok();
        if !fits(header.n_vars) || !fits(self.coefficients.len()) {
            return Err(Error::Argument("the format counts in u32".into()));
        }
        let lengths = [
            ("IC", self.ic.len(), header.n_public + 1),
            ("A", self.a.len(), header.n_vars),
            ("B1", self.b1.len(), header.n_vars),
            ("B2", self.b2.len(), header.n_vars),
            ("C", self.c.len(), header.n_vars - header.n_public - 1),
            ("H", self.h.len(), header.domain_size()),
        ];
        for (name, seen, expected) in lengths {
            if seen != expected {
                return Err(Error::Argument(format!(
                    "{name} has {seen} points and the header implies {expected}"
                )));
            }
        }
        let outside = |c: &&Coefficient| {
            c.row as usize >= header.domain_size() || c.wire as usize >= header.n_vars
        };
        match self.coefficients.iter().find(outside) {
            None => Ok(()),
            Some(c) => Err(Error::Argument(format!(
                "a coefficient at row {} and wire {} of {} and {}",
                c.row,
                c.wire,
                header.domain_size(),
                header.n_vars
            ))),
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut file = Writer::new(out, &FORMAT, FORMAT.sections.len() as u32)?;
        file.section(id::PROTOCOL, 4, |out| out.write_all(&GROTH16.to_le_bytes()))?;
        file.section(id::HEADER, ZkeyHeader::BYTES, |out| self.header.write(out))?;
        file.section(id::IC, G1_BYTES * self.ic.len(), |out| {
            write_limbs(out, self.ic)
        })?;
        let length = coefficients::section_length(self.coefficients.len());
        file.section(id::COEFFICIENTS, length, |out| {
            coefficients::write(out, self.coefficients)
        })?;
        file.section(id::A, G1_BYTES * self.a.len(), |out| {
            write_limbs(out, self.a)
        })?;
        file.section(id::B1, G1_BYTES * self.b1.len(), |out| {
            write_limbs(out, self.b1)
        })?;
        file.section(id::B2, G2_BYTES * self.b2.len(), |out| {
            write_limbs(out, self.b2)
        })?;
        file.section(id::C, G1_BYTES * self.c.len(), |out| {
            write_limbs(out, self.c)
        })?;
        file.section(id::H, G1_BYTES * self.h.len(), |out| {
            write_limbs(out, self.h)
        })?;
        file.section(
            id::CONTRIBUTIONS,
            self.contributions.section_length(),
            |out| self.contributions.write(out),
        )
    }
}
