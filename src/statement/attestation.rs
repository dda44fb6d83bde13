//! Lanes of attestations: the word of a registered key.

use ed25519_dalek::{Signature, VerifyingKey};

use super::lane::{Class, Lane, LaneInfo, Setup};
use super::v1::StatementV1;
use super::word::Word;
use crate::error::{Error, Fault, Result};

/// The name of the system.
const SYSTEM: &str = "attestation-ed25519";
/// The name of the code that verifies.
const VERIFIER: &str = "ed25519-dalek";
/// What is hashed to the first word that is signed.
const MESSAGE_TAG: &str = "zkiln/attestation/v1";
/// What is hashed to the first word of the key's hash.
const KEY_TAG: &str = "zkiln/attestation-key/v1";
/// The bytes of an attestation: flags, signature.
const BYTES: usize = 1 + 64;
/// The flag of an enclave whose memory its host can read.
const DEBUG: u8 = 1;

/// Statements attested to by an Ed25519 key that lives in some enclave or with some operator.
///
/// **An attestation proves nothing**: whoever has the key can sign anything. Policies give it no weight unless
/// they say so, and never let attestations alone be enough.
///
/// An attestation is a byte of flags, of which bit 0 says that the enclave is open to its host's debugger and
/// the others are zero, and 64 bytes of a signature of [`AttestationLane::message`]. Those of a debugged
/// enclave are refused.
#[derive(Clone, Debug)]
pub struct AttestationLane {
    key: VerifyingKey,
    info: LaneInfo,
}

impl AttestationLane {
    /// The lane of a key. `measurement` is a hash of the program that the enclave runs and stands for the
    /// circuit; `root` names who vouches for the key, such as the maker of the processor, and is what all
    /// lanes of that maker share.
    ///
    /// # Errors
    /// [`Error::Malformed`] for bytes that are no key; [`Error::WeakKey`] for a key of small order, for which
    /// anyone can sign.
    pub fn new(public_key: &[u8; 32], measurement: Word, root: Word) -> Result<Self> {
        let key = VerifyingKey::from_bytes(public_key).map_err(|error| {
            let reason = error.to_string();
            Error::malformed("attestation key", "public key", Fault::NotOnCurve, reason)
        })?;
        if key.is_weak() {
            return Err(Error::WeakKey {
                origin: "attestation key".into(),
                reason: "it has a small order: anyone can sign for it".into(),
            });
        }
        let words = [Word::keccak(KEY_TAG), Word(*public_key), measurement, root];
        let info = LaneInfo {
            system: SYSTEM.into(),
            key: Word::hash(&words),
            class: Class::Attestation,
            circuit: Some(measurement),
            setup: Setup::Vouched { root },
            verifier: VERIFIER.into(),
            zero_knowledge: true,
        };
        Ok(Self { key, info })
    }

    /// The 32 bytes that are signed: Keccak-256 of a tag, the lane's [digest](LaneInfo::digest) of the
    /// statement, which binds key, measurement and root, and the flags as a word.
    pub fn message(&self, statement: &StatementV1, flags: u8) -> Word {
        Word::hash(&[
            Word::keccak(MESSAGE_TAG),
            self.info.digest(statement),
            u64::from(flags).into(),
        ])
    }
}

impl Lane for AttestationLane {
    fn info(&self) -> &LaneInfo {
        &self.info
    }

    fn verify(&self, statement: &StatementV1, proof: &[u8]) -> Result<()> {
        let refuse =
            |fault, reason: String| Err(Error::malformed("attestation", "bytes", fault, reason));
        let Ok(&[flags, ref signature @ ..]) = <&[u8; BYTES]>::try_from(proof) else {
            return refuse(Fault::Count, format!("{} instead of {BYTES}", proof.len()));
        };
        if flags & !DEBUG != 0 {
            return refuse(
                Fault::Value,
                format!("flags {flags:#04x}, of which only bit 0 is known"),
            );
        }
        if flags & DEBUG != 0 {
            return Err(Error::Refused(
                "the enclave is open to a debugger, and its key to whoever runs it".into(),
            ));
        }
        let message = self.message(statement, flags);
        // Strict: one signature cannot be turned into another, and no key of small order signs.
        self.key
            .verify_strict(&message.0, &Signature::from_bytes(signature))
            .map_err(|_| Error::Refused("the signature is not of this statement and key".into()))
    }
}
