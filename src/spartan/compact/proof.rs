//! A proof, as bytes.

use crate::error::{Fault, Result};
use crate::spartan::proof::place;

/// The first bytes of a file: no zero knowledge, Spartan, the dialect's version.
const MAGIC: &[u8; 8] = b"nozkspc1";

/// A proof in the dialect `compact`. It has **no zero knowledge**: it tells of the witness.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof(
    /// What the prover said, in the order of the protocol; without lengths, which the circuit fixes.
    pub Vec<u8>,
);

impl Proof {
    /// Eight bytes that name the format, and the proof.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&MAGIC[..], &self.0].concat()
    }

    /// Reads what [`Proof::to_bytes`] wrote. How long it must be, verification says.
    ///
    /// # Errors
    /// [`Error::Malformed`](crate::Error::Malformed) for other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let header = |fault, reason: &str| Err(place("header", fault, reason));
        match bytes.split_at_checked(MAGIC.len()) {
            None => header(Fault::Truncated, "not even the format's name is there"),
            Some((magic, _)) if magic != MAGIC => {
                header(Fault::Magic, "not a proof of this format")
            }
            Some((_, proof)) => Ok(Self(proof.to_vec())),
        }
    }
}
