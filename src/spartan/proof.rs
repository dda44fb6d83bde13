//! A proof, as bytes.

use crate::error::{Error, Fault, Result};

/// The first bytes of a file: a name, and the dialect.
const MAGIC: &[u8; 8] = b"zkspart1";

/// A proof in the dialect `ProveKitV1`: what the transcript absorbed, and what the verifier can check
/// against it.
///
/// The two parts are `narg_string` and `hints` of provekit's `WhirR1CSProof`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// What the prover said.
    pub messages: Vec<u8>,
    /// The rows that were opened, and their siblings in the trees.
    pub hints: Vec<u8>,
}

/// An error about a part of a proof.
pub(super) fn place(part: &str, fault: Fault, reason: impl Into<String>) -> Error {
    Error::malformed("spartan proof", part, fault, reason)
}

impl Proof {
    /// Eight bytes that name the format, the length of the messages in 64 bits, little-endian, the messages,
    /// the hints.
    pub fn to_bytes(&self) -> Vec<u8> {
        let length = self.messages.len() as u64;
        [
            &MAGIC[..],
            &length.to_le_bytes(),
            &self.messages,
            &self.hints,
        ]
        .concat()
    }

    /// Reads what [`Proof::to_bytes`] wrote. How long the parts must be, verification says.
    ///
    /// # Errors
    /// [`Error::Malformed`] for other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let header = |fault, reason: &str| Err(place("header", fault, reason));
        let Some((magic, rest)) = bytes.split_at_checked(MAGIC.len()) else {
            return header(Fault::Truncated, "not even the format's name is there");
        };
        if magic != MAGIC {
            return header(Fault::Magic, "not a proof of this format");
        }
        let Some((length, rest)) = rest.split_first_chunk() else {
            return header(Fault::Truncated, "it ends before the messages' length");
        };
        let length = u64::from_le_bytes(*length);
        let parts = usize::try_from(length).ok();
        let Some((messages, hints)) = parts.and_then(|length| rest.split_at_checked(length)) else {
            let reason = format!(
                "{length} bytes of messages, of which {} are left",
                rest.len()
            );
            return Err(place("messages", Fault::Truncated, reason));
        };
        Ok(Self {
            messages: messages.to_vec(),
            hints: hints.to_vec(),
        })
    }
}
