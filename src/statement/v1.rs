//! What is proven.

use serde::{Deserialize, Serialize};

use super::word::{Word, decimal, element, half};
use crate::error::{Error, Fault, Result};
use crate::field::{Field, Fr};
use crate::groth16::json;

/// The words of a statement.
pub const STATEMENT_WORDS: usize = 12;
/// The public signals of a circuit that carries a statement.
pub const STATEMENT_SIGNALS: usize = 7;
/// What is hashed to the first word of every statement.
const TAG: &str = "zkiln/statement/v1";
/// The longest statement in JSON that is read, in bytes.
const TEXT_LIMIT: usize = 64 << 10;

/// The names of the words, in order.
const NAMES: [&str; STATEMENT_WORDS] = [
    "tag",
    "program",
    "parameters",
    "chain_id",
    "context",
    "request",
    "first_seq",
    "last_seq",
    "pre_root",
    "post_root",
    "batch",
    "payee",
];

/// The names of the public signals, in order.
const SIGNALS: [&str; STATEMENT_SIGNALS] = [
    "digest_high",
    "digest_low",
    "pre_root",
    "post_root",
    "batch",
    "first_seq",
    "last_seq",
];

/// A statement: this program takes the state `pre_root` by the batch to `post_root`, proven for this request
/// on this chain, to be paid to this payee.
///
/// Its [words](StatementV1::words) have a fixed width and order and no other spelling, so that the
/// [digest](StatementV1::digest) is `keccak256(abi.encode(...))` of them in Solidity and the same everywhere.
/// The digest is always computed of these fields; none is ever taken from outside.
///
/// **What proofs bind.** A circuit has seven public signals, [`StatementV1::signals`]: the halves of the
/// digest, which bind every word, and the five words that the transition is about, which the circuit
/// computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementV1 {
    /// The program that makes the transition.
    pub program: Word,
    /// Its parameters, such as the depth of its tree and the length of a batch; the program says how.
    pub parameters: Word,
    /// The chain.
    #[serde(with = "decimal")]
    pub chain_id: u64,
    /// The address of the contract that settles, or what else tells two uses on one chain apart.
    pub context: Word,
    /// The request that is answered.
    pub request: Word,
    /// The number of the batch's first item.
    #[serde(with = "decimal")]
    pub first_seq: u64,
    /// The number of the batch's last item, not below the first.
    #[serde(with = "decimal")]
    pub last_seq: u64,
    /// The state before.
    #[serde(with = "element")]
    pub pre_root: Fr,
    /// The state after.
    #[serde(with = "element")]
    pub post_root: Fr,
    /// A commitment to the batch.
    #[serde(with = "element")]
    pub batch: Fr,
    /// Who is to be paid for the proof.
    pub payee: Word,
}

impl StatementV1 {
    /// The words: the tag, and the fields in the order of their declaration.
    pub fn words(&self) -> [Word; STATEMENT_WORDS] {
        [
            Word::keccak(TAG),
            self.program,
            self.parameters,
            self.chain_id.into(),
            self.context,
            self.request,
            self.first_seq.into(),
            self.last_seq.into(),
            self.pre_root.into(),
            self.post_root.into(),
            self.batch.into(),
            self.payee,
        ]
    }

    /// The statement of its words.
    ///
    /// # Errors
    /// [`Error::Malformed`] naming the word: another tag, a number that is not below 2^64, a root or a
    /// commitment that is not below `r`, a last item before the first.
    pub fn from_words(words: &[Word; STATEMENT_WORDS], origin: &str) -> Result<Self> {
        let refusal = |i: usize, fault, reason| Error::malformed(origin, NAMES[i], fault, reason);
        let number = |i: usize| {
            let number = words[i].to_u64();
            number.ok_or_else(|| refusal(i, Fault::NotCanonical, "not below 2^64"))
        };
        let element = |i: usize| {
            let element = words[i].to_field();
            element.ok_or_else(|| refusal(i, Fault::NotCanonical, "not below r: an alias"))
        };
        if words[0] != Word::keccak(TAG) {
            return Err(refusal(0, Fault::Version, "not the tag of this version"));
        }
        let statement = Self {
            program: words[1],
            parameters: words[2],
            chain_id: number(3)?,
            context: words[4],
            request: words[5],
            first_seq: number(6)?,
            last_seq: number(7)?,
            pre_root: element(8)?,
            post_root: element(9)?,
            batch: element(10)?,
            payee: words[11],
        };
        statement.check(origin)?;
        Ok(statement)
    }

    /// Reads a JSON object of the fields: words as `0x` and 64 digits, numbers as decimal strings.
    ///
    /// # Errors
    /// [`Error::Malformed`] naming the field.
    pub fn from_json(text: &str, origin: &str) -> Result<Self> {
        let statement: Self = json::parse_object(text, TEXT_LIMIT, origin)?;
        statement.check(origin)?;
        Ok(statement)
    }

    /// Reads the file `path` with [`StatementV1::from_json`].
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`StatementV1::from_json`].
    pub fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let (text, origin) = json::read_text(path.as_ref(), TEXT_LIMIT)?;
        Self::from_json(&text, &origin)
    }

    /// The JSON object of the fields.
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// What the types do not say: the last item is not before the first, and elements are reduced.
    pub(super) fn check(&self, origin: &str) -> Result<()> {
        if self.last_seq < self.first_seq {
            let (first, last) = (self.first_seq, self.last_seq);
            let reason = format!("a batch from item {first} to item {last}");
            return Err(Error::malformed(origin, "last_seq", Fault::Value, reason));
        }
        for (name, value) in [
            ("pre_root", self.pre_root),
            ("post_root", self.post_root),
            ("batch", self.batch),
        ] {
            if !value.is_reduced() {
                return Err(Error::malformed(
                    origin,
                    name,
                    Fault::NotCanonical,
                    "not below r",
                ));
            }
        }
        Ok(())
    }

    /// Keccak-256 of the words.
    pub fn digest(&self) -> Word {
        Word::hash(&self.words())
    }

    /// The public signals of a circuit that carries the statement, in order: the high and the low 128 bits of
    /// the digest, which may exceed `r`, as two integers; `pre_root`, `post_root`, `batch`, `first_seq`,
    /// `last_seq`.
    pub fn signals(&self) -> [Fr; STATEMENT_SIGNALS] {
        let [high, low] = self.digest().halves();
        [
            half(high),
            half(low),
            self.pre_root,
            self.post_root,
            self.batch,
            self.first_seq.into(),
            self.last_seq.into(),
        ]
    }

    /// Requires values to be the statement's signals.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] naming the first signal that is not.
    pub fn check_signals(&self, values: &[Fr]) -> Result<()> {
        if values.len() != STATEMENT_SIGNALS {
            return Err(Error::PublicInputs(format!(
                "{} public signals, where a statement has {STATEMENT_SIGNALS}",
                values.len()
            )));
        }
        let own = self.signals();
        match (0..STATEMENT_SIGNALS).find(|&i| own[i] != values[i]) {
            None => Ok(()),
            Some(i) => Err(Error::PublicInputs(format!(
                "signal {i} ({}) is {}, and {} in the statement",
                SIGNALS[i], values[i], own[i]
            ))),
        }
    }
}
