//! Certificates: statements with their proofs, and the policy that they satisfy.

use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::lane::{LaneInfo, Shared, shared_parts};
use super::policy::{MAX_LANES, Policy};
use super::range;
use super::v1::StatementV1;
use super::word::{Word, hex, read_hex};
use crate::error::{Error, Fault, Result};
use crate::groth16::json;

/// The longest certificate that is read, in bytes.
const TEXT_LIMIT: usize = 256 << 20;

/// A claim that statements are proven: one, or those of a range, each by the same lanes.
///
/// It carries everything that it is verified from, and nothing that a verifier would have to believe: no
/// digest, and of lanes and policy only what the verifier's [`Program`](super::Program) says as well. That it
/// could be read says that it is well formed; [`Program::verify`](super::Program::verify) says that it is true.
///
/// A certificate has exactly one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Certificate {
    version: Version,
    policy: Policy,
    lanes: Vec<LaneInfo>,
    shared: Vec<Shared>,
    segments: Vec<Segment>,
}

/// A certificate as it is read, before it is known to be well formed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    version: Version,
    policy: Policy,
    lanes: Vec<LaneInfo>,
    shared: Vec<Shared>,
    segments: Vec<Segment>,
}

impl TryFrom<Unchecked> for Certificate {
    type Error = Error;

    fn try_from(parts: Unchecked) -> Result<Self> {
        parts.check("certificate")
    }
}

/// The versions of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "zkiln/certificate/v1")]
    V1,
}

/// A statement and its proofs, one for each lane of the certificate, in the lanes' order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The statement.
    pub statement: StatementV1,
    /// Its proofs.
    pub proofs: Vec<ProofBytes>,
}

/// The bytes of a proof, in the encoding of its lane's system.
#[derive(Clone, PartialEq, Eq)]
pub struct ProofBytes(pub Vec<u8>);

impl Unchecked {
    /// What makes a certificate well formed, beside its types.
    fn check(self, origin: &str) -> Result<Certificate> {
        let refuse = |section: &str, fault, reason: String| {
            Err(Error::malformed(origin, section, fault, reason))
        };
        if self.lanes.is_empty() || self.lanes.len() > MAX_LANES {
            let reason = format!(
                "{} of them, and 1 to {MAX_LANES} are possible",
                self.lanes.len()
            );
            return refuse("lanes", Fault::Count, reason);
        }
        let ids: Vec<Word> = self.lanes.iter().map(LaneInfo::id).collect();
        if !ids.is_sorted_by(|a, b| a < b) {
            let reason = "not in ascending order of their ids, each once".into();
            return refuse("lanes", Fault::Value, reason);
        }
        if let Err(error) = self.policy.check() {
            return refuse("policy", Fault::Value, error.to_string());
        }
        if self.shared != shared_parts(&self.lanes.iter().collect::<Vec<_>>()) {
            let reason = "not what the lanes share".into();
            return refuse("shared", Fault::Value, reason);
        }
        for (i, segment) in self.segments.iter().enumerate() {
            if segment.proofs.len() != self.lanes.len() {
                let counts = (segment.proofs.len(), self.lanes.len());
                let reason = format!("{} proofs for {} lanes", counts.0, counts.1);
                return refuse(&format!("segments[{i}].proofs"), Fault::Count, reason);
            }
            segment.statement.check(origin)?;
        }
        let statements: Vec<&StatementV1> = self.segments.iter().map(|s| &s.statement).collect();
        range::check_continuity(&statements, self.policy.payees).map_err(|error| {
            Error::malformed(origin, "segments", Fault::Value, error.to_string())
        })?;
        Ok(Certificate {
            version: self.version,
            policy: self.policy,
            lanes: self.lanes,
            shared: self.shared,
            segments: self.segments,
        })
    }
}

impl Certificate {
    /// A certificate of these parts, which is well formed and not verified: lanes need not be in order, and
    /// each segment has its proofs in the order of the lanes given.
    pub(super) fn assemble(
        policy: Policy,
        lanes: &[&LaneInfo],
        mut segments: Vec<Segment>,
    ) -> Result<Self> {
        let mut order: Vec<usize> = (0..lanes.len()).collect();
        order.sort_by_key(|&i| lanes[i].id());
        for (i, segment) in segments.iter_mut().enumerate() {
            if segment.proofs.len() != lanes.len() {
                return Err(Error::Argument(format!(
                    "{} proofs of segment {i} for {} lanes",
                    segment.proofs.len(),
                    lanes.len()
                )));
            }
            segment.proofs = order.iter().map(|&i| segment.proofs[i].clone()).collect();
        }
        let lanes: Vec<&LaneInfo> = order.iter().map(|&i| lanes[i]).collect();
        let parts = Unchecked {
            version: Version::V1,
            policy,
            shared: shared_parts(&lanes),
            lanes: lanes.into_iter().cloned().collect(),
            segments,
        };
        parts.try_into()
    }

    /// Reads the text of a certificate, and no other spelling of it.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but what [`Certificate::to_json`] writes: unknown or missing fields,
    /// another order or layout, lanes that are not ascending or there twice, proofs of another number, shared
    /// parts that are not what the lanes share, segments that do not follow one another.
    pub fn from_json(text: &str, origin: &str) -> Result<Self> {
        let parts: Unchecked = json::parse_object(text, TEXT_LIMIT, origin)?;
        let certificate = parts.check(origin)?;
        if certificate.to_json() != text {
            let reason = "another spelling than the one that this library writes";
            return Err(Error::malformed(
                origin,
                "document",
                Fault::NotCanonical,
                reason,
            ));
        }
        Ok(certificate)
    }

    /// Reads the file `path` with [`Certificate::from_json`].
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`Certificate::from_json`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let (text, origin) = json::read_text(path.as_ref(), TEXT_LIMIT)?;
        Self::from_json(&text, &origin)
    }

    /// The text.
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// Creates or replaces the file `path`, which is there whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        json::save_text(path.as_ref(), &self.to_json())
    }

    /// The policy that the maker says to satisfy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The lanes of every segment, in ascending order of their ids.
    pub fn lanes(&self) -> &[LaneInfo] {
        &self.lanes
    }

    /// What each two lanes have in common.
    pub fn shared(&self) -> &[Shared] {
        &self.shared
    }

    /// The segments, one after the other; at least one.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The statements of the segments.
    pub fn statements(&self) -> impl Iterator<Item = &StatementV1> {
        self.segments.iter().map(|segment| &segment.statement)
    }

    /// What the segments together state.
    pub fn summary(&self) -> range::Summary {
        let (first, last) = (
            &self.segments[0].statement,
            &self.segments[self.segments.len() - 1].statement,
        );
        range::Summary {
            program: first.program,
            first_seq: first.first_seq,
            last_seq: last.last_seq,
            pre_root: first.pre_root,
            post_root: last.post_root,
        }
    }
}

impl core::fmt::Debug for ProofBytes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for ProofBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for ProofBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        read_hex(text).map(Self).ok_or_else(|| {
            serde::de::Error::custom("not 0x and pairs of lower-case hexadecimal digits")
        })
    }
}
