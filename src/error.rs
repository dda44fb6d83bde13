//! The one error type of the library.

use std::path::PathBuf;

/// A result with this library's [`Error`].
pub type Result<T> = core::result::Result<T, Error>;

/// Everything that can go wrong. Each variant has a stable [`code`](Error::code), the same from every
/// language, and a sentence that names what, where and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write a file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// A file, or the same bytes from memory, is not what it must be.
    #[error("{origin}: {section}: {reason}")]
    Malformed {
        /// The file's path, or what the caller called the bytes.
        origin: String,
        /// The part of it: a section with its number, or a field.
        section: String,
        /// The class of the fault, for programs.
        fault: Fault,
        /// The fault in words, with the values seen and expected.
        reason: String,
    },

    /// A key for which anyone can forge proofs, or that would leak the witness.
    #[error("{origin}: insecure key: {reason}")]
    WeakKey {
        /// The file's path, or what the caller called the bytes.
        origin: String,
        /// Why.
        reason: String,
    },

    /// A witness that does not fit the key it is to be proven with.
    #[error("the witness does not fit the key: {0}")]
    WitnessMismatch(String),

    /// A witness for which some constraint does not hold.
    #[error("the witness does not satisfy the circuit: {0}")]
    Unsatisfied(String),

    /// A proof that was made and is not valid although the witness satisfies the circuit: a key whose
    /// parts contradict each other, or a fault of the machine. The proof is withheld.
    #[error("the proof made does not verify and is withheld: {0}")]
    SelfCheck(String),

    /// Public inputs that are too few, too many, or not below `r`.
    #[error("public inputs: {0}")]
    PublicInputs(String),

    /// An argument of a call that breaks its contract, such as slices of different lengths.
    #[error("{0}")]
    Argument(String),

    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {0}")]
    Entropy(String),

    /// A device cannot be used, or failed.
    #[error(transparent)]
    Device(#[from] zkiln_cuda::Error),

    /// A certificate, or a proof of one, that is not accepted.
    #[error("refused: {0}")]
    Refused(String),

    /// Two valid proofs that contradict each other: a proof system, a circuit or a verifier is broken.
    #[error("CONFLICT: {0}")]
    Conflict(String),

    /// The caller stopped the call: see [`Cancel`](crate::Cancel).
    #[error("cancelled by the caller")]
    Cancelled,
}

/// What is wrong with malformed input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Not this kind of file at all.
    Magic,
    /// A version or protocol that is not supported.
    Version,
    /// It ends too early.
    Truncated,
    /// There is more than there should be.
    TrailingBytes,
    /// A section that must be there is not.
    SectionMissing,
    /// A section that is there more than once.
    SectionRepeated,
    /// A section's length contradicts its content or the header.
    SectionLength,
    /// Made for another field or curve.
    WrongField,
    /// Counts that contradict each other or exceed what is possible.
    Count,
    /// A domain that is no power of two, too small or too large.
    Domain,
    /// An index beyond what it points into.
    Index,
    /// A number that is not below its modulus.
    NotCanonical,
    /// A point off its curve.
    NotOnCurve,
    /// A point outside the subgroup of prime order.
    NotInSubgroup,
    /// Infinity where no honest input has it.
    Infinity,
    /// Text of another shape: JSON, numbers, names.
    Syntax,
    /// A value that the format fixes and that is another.
    Value,
}

impl Error {
    /// A [`Error::Malformed`] of these parts.
    pub(crate) fn malformed(
        origin: impl Into<String>,
        section: impl Into<String>,
        fault: Fault,
        reason: impl Into<String>,
    ) -> Self {
        Self::Malformed {
            origin: origin.into(),
            section: section.into(),
            fault,
            reason: reason.into(),
        }
    }

    /// A number for the kind of error, which never changes meaning: the exit and status codes of the
    /// C and Python bindings.
    pub fn code(&self) -> u32 {
        match self {
            Self::Io { .. } => 1,
            Self::Malformed { .. } => 2,
            Self::WeakKey { .. } => 3,
            Self::WitnessMismatch(_) => 4,
            Self::Unsatisfied(_) => 5,
            Self::SelfCheck(_) => 6,
            Self::PublicInputs(_) => 7,
            Self::Argument(_) => 8,
            Self::Entropy(_) => 9,
            Self::Device(zkiln_cuda::Error::OutOfMemory { .. }) => 11,
            Self::Device(_) => 10,
            Self::Cancelled => 12,
            Self::Refused(_) => 20,
            Self::Conflict(_) => 21,
        }
    }

    /// The class of fault of a [`Error::Malformed`].
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::Malformed { fault, .. } => Some(*fault),
            _ => None,
        }
    }
}
