//! The record of the ceremony: who changed delta, and the proofs that they did.

use std::io::{self, Write};

use super::header::point;
use super::{G1_BYTES, G2_BYTES};
use crate::curve::{G1Affine, G2Affine};
use crate::error::{Fault, Result};
use crate::groth16::container::{Cursor, Place, Section, write_limbs};

/// The bytes of a hash (Blake2b-512).
const HASH: usize = 64;
/// The shortest contribution: points, transcript, type, length of the parameters.
const MIN_CONTRIBUTION: usize = 3 * G1_BYTES + G2_BYTES + HASH + 4 + 4;
/// The longest name that snarkjs writes, in units of UTF-16. In UTF-8 its length fits a byte.
const MAX_NAME: usize = 64;
/// The iterations of a beacon's hash that snarkjs allows, as powers of two. 2^63 would take forever.
const BEACON_LOG_ITERATIONS: std::ops::RangeInclusive<u8> = 10..=63;

/// The name of the one contribution of a key that [`DevelopmentKey`](crate::groth16::DevelopmentKey)
/// made.
pub const INSECURE_NAME: &str = "INSECURE development key: secrets known to one machine";

/// The tags of the parameters. They come in rising order.
mod tag {
    pub(super) const NAME: u8 = 1;
    pub(super) const LOG_ITERATIONS: u8 = 2;
    pub(super) const BEACON: u8 = 3;
}

/// The record of the second phase of a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributions {
    /// The hash of the circuit's key before any contribution.
    pub circuit_hash: [u8; HASH],
    /// The contributions, oldest first.
    pub entries: Vec<Contribution>,
}

/// One step of a ceremony: a new delta, and the proof of knowing the factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Delta after this contribution.
    pub delta_after: G1Affine,
    /// A point of the contributor's choice, `s`.
    pub g1_s: G1Affine,
    /// `s` times the contributor's factor.
    pub g1_sx: G1Affine,
    /// A point derived from the transcript, times the same factor.
    pub g2_spx: G2Affine,
    /// The hash of everything before.
    pub transcript: [u8; HASH],
    /// What the contributor called the contribution. The text of a stranger: escape it (`{:?}`)
    /// before it is shown on a terminal.
    pub name: Option<String>,
    /// Where the randomness came from.
    pub kind: ContributionKind,
}

/// Where the randomness of a contribution came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContributionKind {
    /// A participant's secret.
    Participant,
    /// A public value that nobody could know before, hashed many times.
    Beacon {
        /// Log2 of the number of iterations, from 10 to 63.
        log_iterations: u8,
        /// The value.
        value: Vec<u8>,
    },
}

/// Requires room for the number of contributions.
pub(super) fn check_length(section: Section<'_>) -> Result<()> {
    let mut cursor = section.cursor();
    cursor.take(HASH, "the circuit's hash")?;
    count(&mut cursor, section.place)?;
    Ok(())
}

fn count(cursor: &mut Cursor<'_>, place: Place<'_>) -> Result<usize> {
    let count = cursor.u32("the number of contributions")? as usize;
    let possible = cursor.remaining() / MIN_CONTRIBUTION;
    if count > possible {
        return Err(place.error(
            Fault::SectionLength,
            format!("{count} contributions announced, but there is room for {possible} at most"),
        ));
    }
    Ok(count)
}

impl Contributions {
    pub(super) fn parse(section: Section<'_>) -> Result<Self> {
        let place = section.place;
        let mut cursor = section.cursor();
        let circuit_hash = cursor.array("the circuit's hash")?;
        let count = count(&mut cursor, place)?;
        let mut entries = Vec::with_capacity(count);
        for index in 0..count {
            entries.push(Contribution::parse(&mut cursor, place, index)?);
        }
        cursor.finish()?;
        Ok(Self {
            circuit_hash,
            entries,
        })
    }

    /// Whether the record says of itself that it is not one of a ceremony: a contribution is called
    /// [`INSECURE_NAME`]. Later contributions do not help, since the secrets of the first phase are
    /// known. That a record does not say so proves nothing.
    pub fn is_insecure(&self) -> bool {
        let mut names = self.entries.iter().map(|entry| entry.name.as_deref());
        names.any(|name| name == Some(INSECURE_NAME))
    }

    /// The length of the section.
    pub(super) fn section_length(&self) -> usize {
        let entry = |c: &Contribution| MIN_CONTRIBUTION + c.parameters().len();
        HASH + 4 + self.entries.iter().map(entry).sum::<usize>()
    }

    /// What cannot be written.
    pub(super) fn contradiction(&self) -> Option<String> {
        if u32::try_from(self.entries.len()).is_err() {
            return Some(format!("{} contributions", self.entries.len()));
        }
        self.entries.iter().find_map(Contribution::contradiction)
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.circuit_hash)?;
        out.write_all(&(self.entries.len() as u32).to_le_bytes())?;
        self.entries.iter().try_for_each(|entry| entry.write(out))
    }
}

/// Whether some contribution is called [`INSECURE_NAME`], by the names alone: the points, which take a
/// while to check, are passed over.
pub(super) fn is_insecure(section: Section<'_>) -> Result<bool> {
    let mut cursor = section.cursor();
    cursor.take(HASH, "the circuit's hash")?;
    for _ in 0..count(&mut cursor, section.place)? {
        cursor.take(MIN_CONTRIBUTION - 4, "a contribution")?;
        let length = cursor.u32("the length of parameters")?;
        let bytes = cursor.take_u64(length.into(), "parameters")?;
        let parameters = Parameters::parse(Section {
            bytes,
            place: section.place,
        })?;
        if parameters.name.as_deref() == Some(INSECURE_NAME) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Contribution {
    fn parse(cursor: &mut Cursor<'_>, place: Place<'_>, index: usize) -> Result<Self> {
        let delta_after = point(cursor, place, format_args!("contribution {index}: delta"))?;
        let g1_s = point(cursor, place, format_args!("contribution {index}: g1_s"))?;
        let g1_sx = point(cursor, place, format_args!("contribution {index}: g1_sx"))?;
        let g2_spx = point(cursor, place, format_args!("contribution {index}: g2_spx"))?;
        let transcript = cursor.array("a transcript")?;
        let type_id = cursor.u32("a contribution's type")?;
        let length = cursor.u32("the length of parameters")?;
        let bytes = cursor.take_u64(length.into(), "parameters")?;
        let parameters = Parameters::parse(Section { bytes, place })?;
        let kind = match (type_id, parameters.log_iterations, parameters.beacon) {
            (0, None, None) => ContributionKind::Participant,
            (1, Some(log_iterations), Some(value)) => ContributionKind::Beacon {
                log_iterations,
                value,
            },
            (0, ..) => {
                let reason = "a participant's contribution with the parameters of a beacon";
                return Err(place.error(Fault::Value, reason));
            }
            (1, ..) => {
                let reason = "a beacon without its value or its number of iterations";
                return Err(place.error(Fault::Value, reason));
            }
            _ => {
                let reason = format!("contribution type {type_id} is neither 0 nor 1");
                return Err(place.error(Fault::Value, reason));
            }
        };
        Ok(Self {
            delta_after,
            g1_s,
            g1_sx,
            g2_spx,
            transcript,
            name: parameters.name,
            kind,
        })
    }

    fn contradiction(&self) -> Option<String> {
        if let Some(name) = &self.name
            && name.encode_utf16().count() > MAX_NAME
        {
            return Some(format!(
                "a contribution's name of more than {MAX_NAME} characters"
            ));
        }
        match &self.kind {
            ContributionKind::Participant => None,
            ContributionKind::Beacon {
                log_iterations,
                value,
            } => beacon_defect(*log_iterations, value.len()),
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write_limbs(out, &[self.delta_after, self.g1_s, self.g1_sx])?;
        write_limbs(out, &[self.g2_spx])?;
        out.write_all(&self.transcript)?;
        let type_id: u32 = match self.kind {
            ContributionKind::Participant => 0,
            ContributionKind::Beacon { .. } => 1,
        };
        out.write_all(&type_id.to_le_bytes())?;
        let parameters = self.parameters();
        out.write_all(&(parameters.len() as u32).to_le_bytes())?;
        out.write_all(&parameters)
    }

    /// The parameters as they are stored. `contradiction` sees to lengths that fit bytes.
    fn parameters(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(name) = &self.name {
            bytes.extend([tag::NAME, name.len() as u8]);
            bytes.extend(name.as_bytes());
        }
        if let ContributionKind::Beacon {
            log_iterations,
            value,
        } = &self.kind
        {
            bytes.extend([tag::LOG_ITERATIONS, *log_iterations]);
            bytes.extend([tag::BEACON, value.len() as u8]);
            bytes.extend(value);
        }
        bytes
    }
}

/// What is impossible about a beacon.
fn beacon_defect(log_iterations: u8, length: usize) -> Option<String> {
    if !BEACON_LOG_ITERATIONS.contains(&log_iterations) {
        return Some(format!(
            "a beacon of 2^{log_iterations} iterations, not 2^10 to 2^63"
        ));
    }
    (length == 0 || length > usize::from(u8::MAX))
        .then(|| format!("a beacon's value of {length} bytes, not 1 to 255"))
}

/// The tagged parameters of a contribution.
#[derive(Default)]
struct Parameters {
    name: Option<String>,
    log_iterations: Option<u8>,
    beacon: Option<Vec<u8>>,
}

impl Parameters {
    fn parse(section: Section<'_>) -> Result<Self> {
        let place = section.place;
        let mut cursor = section.cursor();
        let mut parameters = Self::default();
        let mut last = 0;
        while cursor.remaining() > 0 {
            let tag = cursor.u8("a parameter's tag")?;
            if tag <= last {
                let reason = format!("parameter {tag} after parameter {last}");
                return Err(place.error(Fault::Value, reason));
            }
            last = tag;
            match tag {
                tag::NAME => {
                    let length = cursor.u8("the length of a name")?;
                    parameters.name = Some(name(cursor.take(length.into(), "a name")?, place)?);
                }
                tag::LOG_ITERATIONS => {
                    parameters.log_iterations = Some(cursor.u8("a beacon's iterations")?);
                }
                tag::BEACON => {
                    let length = cursor.u8("the length of a beacon")?;
                    parameters.beacon = Some(cursor.take(length.into(), "a beacon")?.to_vec());
                }
                _ => {
                    let reason = format!("unknown parameter {tag}");
                    return Err(place.error(Fault::Value, reason));
                }
            }
        }
        if let (Some(log_iterations), Some(beacon)) =
            (parameters.log_iterations, &parameters.beacon)
            && let Some(reason) = beacon_defect(log_iterations, beacon.len())
        {
            return Err(place.error(Fault::Value, reason));
        }
        Ok(parameters)
    }
}

fn name(bytes: &[u8], place: Place<'_>) -> Result<String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| place.error(Fault::Syntax, format!("a contribution's name: {e}")))?;
    let length = text.encode_utf16().count();
    if length > MAX_NAME {
        let reason = format!("a contribution's name of {length} characters, more than {MAX_NAME}");
        return Err(place.error(Fault::Syntax, reason));
    }
    Ok(text.to_owned())
}
