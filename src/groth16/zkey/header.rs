//! The header: counts, domain and single points.

use std::fmt::Display;
use std::io::{self, Write};

use super::points::{self, Infinity};
use super::{G1_BYTES, G2_BYTES};
use crate::curve::{Affine, Curve, G1Affine, G2Affine};
use crate::error::{Fault, Result};
use crate::field::{Field, Fq, Fr, PrimeField};
use crate::groth16::container::{Cursor, Place, Section, read_limbs, write_limbs};

/// The sizes of a key's circuit and the points that stand alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZkeyHeader {
    /// The number of wires, with the constant 1: the length of the witness.
    pub n_vars: usize,
    /// The number of public inputs (of circom's outputs and public inputs together); the public wires
    /// are 1 to `n_public`.
    pub n_public: usize,
    /// Log2 of the number of rows, which is that of constraints and of public wires rounded up.
    pub log_domain_size: u32,
    /// `alpha` in G1.
    pub alpha_g1: G1Affine,
    /// `beta` in G1.
    pub beta_g1: G1Affine,
    /// `beta` in G2.
    pub beta_g2: G2Affine,
    /// `gamma` in G2: the generator, in keys of snarkjs.
    pub gamma_g2: G2Affine,
    /// `delta` in G1.
    pub delta_g1: G1Affine,
    /// `delta` in G2.
    pub delta_g2: G2Affine,
}

impl ZkeyHeader {
    /// The length of the section in bytes.
    pub(super) const BYTES: usize =
        (4 + Fq::BYTES) + (4 + Fr::BYTES) + 3 * 4 + 3 * G1_BYTES + 3 * G2_BYTES;

    /// The number of rows.
    pub fn domain_size(&self) -> usize {
        1 << self.log_domain_size
    }

    pub(super) fn parse(section: Section<'_>) -> Result<Self> {
        let place = section.place;
        let mut cursor = section.cursor();
        cursor.prime::<Fq>("q")?;
        cursor.prime::<Fr>("r")?;
        let n_vars = cursor.u32("nVars")? as usize;
        let n_public = cursor.u32("nPublic")? as usize;
        let domain_size = cursor.u32("domainSize")?;
        let header = Self {
            n_vars,
            n_public,
            log_domain_size: log_domain(domain_size)
                .ok_or_else(|| place.error(Fault::Domain, domain_reason(domain_size)))?,
            alpha_g1: point(&mut cursor, place, "alpha1")?,
            beta_g1: point(&mut cursor, place, "beta1")?,
            beta_g2: point(&mut cursor, place, "beta2")?,
            gamma_g2: point(&mut cursor, place, "gamma2")?,
            delta_g1: point(&mut cursor, place, "delta1")?,
            delta_g2: point(&mut cursor, place, "delta2")?,
        };
        cursor.finish()?;
        match header.contradiction() {
            None => Ok(header),
            Some(reason) => Err(place.error(Fault::Count, reason)),
        }
    }

    /// What is impossible about the counts.
    pub(super) fn contradiction(&self) -> Option<String> {
        let Self {
            n_vars, n_public, ..
        } = self;
        if n_public >= n_vars {
            return Some(format!(
                "{n_public} public inputs and the constant 1 cannot be among {n_vars} wires"
            ));
        }
        // Each public wire and the constant has a row of its own, for input consistency.
        let rows = self.domain_size();
        (*n_public >= rows).then(|| {
            format!("{n_public} public inputs and the constant 1 need more rows than {rows}")
        })
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&(Fq::BYTES as u32).to_le_bytes())?;
        write_limbs(out, &[Fq::MODULUS])?;
        out.write_all(&(Fr::BYTES as u32).to_le_bytes())?;
        write_limbs(out, &[Fr::MODULUS])?;
        for count in [self.n_vars, self.n_public, self.domain_size()] {
            out.write_all(&(count as u32).to_le_bytes())?;
        }
        write_limbs(out, &[self.alpha_g1, self.beta_g1])?;
        write_limbs(out, &[self.beta_g2, self.gamma_g2])?;
        write_limbs(out, &[self.delta_g1])?;
        write_limbs(out, &[self.delta_g2])
    }
}

/// Log2 of a size that a domain can have.
pub(super) fn log_domain(size: u32) -> Option<u32> {
    let log = size.checked_ilog2()?;
    (size.is_power_of_two() && (1..=Fr::TWO_ADICITY).contains(&log)).then_some(log)
}

fn domain_reason(size: u32) -> String {
    format!(
        "domainSize = {size} is no power of two from 2 to 2^{}",
        Fr::TWO_ADICITY
    )
}

/// A single point, which must be a member of its group and not infinity.
pub(super) fn point<C: Curve>(
    cursor: &mut Cursor<'_>,
    place: Place<'_>,
    name: impl Display + Copy,
) -> Result<Affine<C>> {
    let point: Affine<C> = read_limbs(cursor.take(size_of::<Affine<C>>(), name)?);
    if let Some((fault, reason)) = points::defect(&point, Infinity::Refused) {
        return Err(place.error(fault, format!("{name} {reason}")));
    }
    if !C::is_in_subgroup(&point) {
        return Err(place.error(
            Fault::NotInSubgroup,
            format!(
                "{name} is outside the group {} of prime order: {point:?}",
                C::NAME
            ),
        ));
    }
    Ok(point)
}
