//! The proving key as snarkjs writes it: a `zkey` file, version 1, protocol Groth16.
//!
//! | section | content |
//! |---|---|
//! | 1, 2 | protocol; header: counts, domain, the points of the verifying key |
//! | 3 | IC: a point for the constant 1 and for each public input |
//! | 4 | the coefficients of the matrices A and B |
//! | 5, 6, 7 | A, B1 (G1) and B2 (G2): a point for every wire |
//! | 8 | C: a point for every private wire |
//! | 9 | H: a point for every row of the domain |
//! | 10 | the ceremony's transcript |
//!
//! [`Zkey::parse`] borrows the bytes and checks everything that can be checked without looking at
//! every item: all lengths and counts against each other, and the header with its points. The items
//! are checked where they are read: [`Points`], [`Coefficients`], [`Zkey::contributions`].

mod coefficients;
mod contributions;
mod header;
mod points;
mod write;

use std::fmt;

use super::container::{Container, Format, Section};
use super::proof::VerifyingKey;
use crate::curve::{Curve, G1, G1Affine, G2, G2Affine};
use crate::error::{Error, Fault, Result};

pub use coefficients::{Coefficient, Coefficients, Matrix};
pub use contributions::{Contribution, ContributionKind, Contributions, INSECURE_NAME};
pub use header::ZkeyHeader;
pub use points::Points;
pub use write::ZkeyParts;

use points::Infinity;

const FORMAT: Format = Format {
    magic: b"zkey",
    version: 1,
    sections: &[
        "protocol",
        "header",
        "IC",
        "coefficients",
        "A",
        "B1",
        "B2",
        "C",
        "H",
        "contributions",
    ],
};

/// The ids of the sections.
mod id {
    pub(super) const PROTOCOL: u32 = 1;
    pub(super) const HEADER: u32 = 2;
    pub(super) const IC: u32 = 3;
    pub(super) const COEFFICIENTS: u32 = 4;
    pub(super) const A: u32 = 5;
    pub(super) const B1: u32 = 6;
    pub(super) const B2: u32 = 7;
    pub(super) const C: u32 = 8;
    pub(super) const H: u32 = 9;
    pub(super) const CONTRIBUTIONS: u32 = 10;
}

const GROTH16: u32 = 1;
/// The bytes of a point as it is stored.
const G1_BYTES: usize = size_of::<G1Affine>();
const G2_BYTES: usize = size_of::<G2Affine>();

/// A proving key: a view of the bytes of a zkey file.
///
/// # Examples
/// ```no_run
/// use zkiln::groth16::{MappedFile, Zkey};
///
/// let file = MappedFile::open("circuit.zkey")?;
/// let zkey = Zkey::parse(&file, file.origin())?;
/// zkey.check_secure()?;
/// let bases = zkey.a().read_all()?;
/// assert_eq!(bases.len(), zkey.header().n_vars);
/// # Ok::<(), zkiln::Error>(())
/// ```
#[derive(Clone)]
pub struct Zkey<'a> {
    origin: &'a str,
    header: ZkeyHeader,
    ic: Section<'a>,
    coefficients: Section<'a>,
    a: Section<'a>,
    b1: Section<'a>,
    b2: Section<'a>,
    c: Section<'a>,
    h: Section<'a>,
    contributions: Section<'a>,
}

impl<'a> Zkey<'a> {
    /// Parses the bytes of a file, which errors call `origin`. Time does not depend on the sizes of the
    /// sections.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but a Groth16 key over BN254 whose header is sound and whose
    /// sections have the lengths that the header implies. A key that is merely insecure is parsed: see
    /// [`Zkey::check_secure`].
    pub fn parse(bytes: &'a [u8], origin: &'a str) -> Result<Self> {
        let container = Container::parse(bytes, origin, &FORMAT)?;
        // The keys of other protocols have other sections: nothing else is looked at before this.
        check_protocol(container.section(id::PROTOCOL)?)?;
        let header = ZkeyHeader::parse(container.section(id::HEADER)?)?;

        let points = |id, count, size, what| -> Result<Section<'a>> {
            let section = container.section(id)?;
            section.expect_items(count, size, what)?;
            Ok(section)
        };
        let (wires, public) = (header.n_vars, header.n_public);
        let private = wires - public - 1;
        let zkey = Self {
            origin,
            ic: points(id::IC, public + 1, G1_BYTES, "nPublic + 1")?,
            coefficients: container.section(id::COEFFICIENTS)?,
            a: points(id::A, wires, G1_BYTES, "nVars")?,
            b1: points(id::B1, wires, G1_BYTES, "nVars")?,
            b2: points(id::B2, wires, G2_BYTES, "nVars")?,
            c: points(id::C, private, G1_BYTES, "nVars - nPublic - 1")?,
            h: points(id::H, header.domain_size(), G1_BYTES, "domainSize")?,
            contributions: container.section(id::CONTRIBUTIONS)?,
            header,
        };
        coefficients::check_length(zkey.coefficients)?;
        contributions::check_length(zkey.contributions)?;
        Ok(zkey)
    }

    /// Counts, domain and the points that are not in a section of their own.
    pub fn header(&self) -> &ZkeyHeader {
        &self.header
    }

    /// What errors call the key.
    pub fn origin(&self) -> &'a str {
        self.origin
    }

    /// The points of the public inputs, the constant 1 first. None is infinity: the rows that snarkjs
    /// adds for input consistency see to that, and an input at infinity would be bound to nothing.
    pub fn ic(&self) -> Points<'a, G1> {
        Points::new(self.ic, Infinity::Refused)
    }

    /// The bases of A by wire; most keys have many at infinity.
    pub fn a(&self) -> Points<'a, G1> {
        Points::new(self.a, Infinity::Legal)
    }

    /// The bases of B in G1 by wire; most are at infinity, the same ones as of [`Zkey::b2`].
    pub fn b1(&self) -> Points<'a, G1> {
        Points::new(self.b1, Infinity::Legal)
    }

    /// The bases of B in G2 by wire. [`Points::read_all`] sees to the curve and not to the subgroup.
    pub fn b2(&self) -> Points<'a, G2> {
        Points::new(self.b2, Infinity::Legal)
    }

    /// The bases of C by private wire: the first belongs to wire `n_public + 1`. A wire in no
    /// constraint has infinity.
    pub fn c(&self) -> Points<'a, G1> {
        Points::new(self.c, Infinity::Legal)
    }

    /// The bases of H by row of the domain. None is infinity: that would take a setup whose secret is
    /// a root of unity.
    pub fn h(&self) -> Points<'a, G1> {
        Points::new(self.h, Infinity::Refused)
    }

    /// The entries of the matrices A and B.
    pub fn coefficients(&self) -> Coefficients<'a> {
        Coefficients::new(self.coefficients, &self.header)
    }

    /// The key that verifies this key's proofs.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a bad point in section 3.
    pub fn verifying_key(&self) -> Result<VerifyingKey> {
        Ok(VerifyingKey {
            alpha_g1: self.header.alpha_g1,
            beta_g2: self.header.beta_g2,
            gamma_g2: self.header.gamma_g2,
            delta_g2: self.header.delta_g2,
            ic: self.ic().read_all()?,
        })
    }

    /// The record of the ceremony.
    ///
    /// # Errors
    /// [`Error::Malformed`] if section 10 is not well-formed or holds a bad point. Whether the
    /// contributions prove what they claim is not checked: `snarkjs zkey verify` does that.
    pub fn contributions(&self) -> Result<Contributions> {
        Contributions::parse(self.contributions)
    }

    /// [`Contributions::is_insecure`] by the names alone, without checking any point: whether this is
    /// a development key.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a record that is cut short or whose parameters are none.
    pub fn is_insecure(&self) -> Result<bool> {
        contributions::is_insecure(self.contributions)
    }

    /// Refuses a key for which anyone can forge proofs: see [`VerifyingKey::weakness`].
    ///
    /// # Errors
    /// [`Error::WeakKey`], and [`Error::Malformed`] if the points of the public inputs are none.
    pub fn check_secure(&self) -> Result<()> {
        // A point with the generator's x is the generator or its opposite, and either is as bad.
        if self.header.delta_g1.x == G1::GENERATOR.x {
            return Err(Error::WeakKey {
                origin: self.origin.to_owned(),
                reason:
                    "delta is the generator, it has no contribution of phase 2: anyone can forge \
                         proofs for it"
                        .to_owned(),
            });
        }
        self.verifying_key()?.check_secure(self.origin)
    }
}

fn check_protocol(section: Section<'_>) -> Result<()> {
    let mut cursor = section.cursor();
    let protocol = cursor.u32("the protocol")?;
    if protocol != GROTH16 {
        let name = match protocol {
            2 => " (PLONK)",
            10 => " (FFLONK)",
            _ => "",
        };
        return Err(section.place.error(
            Fault::Version,
            format!("a key for protocol {protocol}{name}; only {GROTH16} (Groth16) is supported"),
        ));
    }
    cursor.finish()
}

impl fmt::Debug for Zkey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zkey")
            .field("origin", &self.origin)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
