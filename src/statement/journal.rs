//! What was accepted of one program, and the alarm when two proofs contradict each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::certificate::Certificate;
use super::program::{Program, Verdict};
use super::range::Anchor;
use super::v1::StatementV1;
use super::word::Word;
use crate::error::{Error, Fault, Result};
use crate::groth16::json;

/// The longest journal that is read, in bytes.
const TEXT_LIMIT: usize = 1 << 30;
/// The most transitions that are remembered of certificates that were not accepted.
const MAX_ORPHANS: usize = 256;

/// The certificates of one program that were accepted.
///
/// - **Nothing is accepted twice.** What is consumed is a lane's [digest](super::LaneInfo::digest) of a
///   statement, never the bytes of a proof.
/// - **Contradictions freeze.** Two valid proofs of the same start and batch with different results mean that a
///   proof system, a circuit or a verifier is broken. From then on every call ends with
///   [`Error::Conflict`], until people have looked at the two certificates, which are kept: there is no
///   way to go on but a new journal.
///
/// A single valid proof is enough for that, whether or not its certificate satisfies the policy: a lane that
/// is broken shows itself in the first thing that it should not have proven.
#[derive(Debug)]
pub struct Journal {
    program: Word,
    accepted: Vec<Arc<Certificate>>,
    /// How many segments they have.
    segments: usize,
    consumed: BTreeSet<Word>,
    seen: BTreeMap<Start, Seen>,
    conflict: Option<Conflict>,
}

/// Two certificates of which each has a valid proof that the other's contradicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// The one that was there first.
    pub first: Certificate,
    /// The one that contradicts it.
    pub second: Certificate,
}

/// What determines the result of a batch: program, parameters, state, first item and batch.
type Start = [Word; 5];

/// A result that was proven, and by what.
#[derive(Debug)]
struct Seen {
    last_seq: u64,
    post_root: Word,
    certificate: Arc<Certificate>,
}

/// Of what certificate a transition is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// One that may not be accepted.
    Orphan,
    /// One that is.
    Accepted,
}

/// A journal in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JournalFile {
    version: Version,
    program: Word,
    accepted: Vec<Certificate>,
    conflict: Option<Conflict>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "zkiln/journal/v1")]
    V1,
}

impl Journal {
    /// A journal in which nothing was accepted.
    pub fn new(program: &Program) -> Self {
        Self {
            program: program.id(),
            accepted: Vec::new(),
            segments: 0,
            consumed: BTreeSet::new(),
            seen: BTreeMap::new(),
            conflict: None,
        }
    }

    /// Verifies a certificate as [`Program::verify`] does, and accepts it if it is new and contradicts nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it contradicts what was proven before, and for every certificate after such a
    /// one; [`Error::Refused`] for what was accepted before; those of [`Program::verify`].
    pub fn accept(
        &mut self,
        program: &Program,
        certificate: Certificate,
        anchor: &Anchor,
    ) -> Result<Verdict> {
        self.require_sound()?;
        if program.id() != self.program {
            return Err(Error::Argument(format!(
                "the journal is of the program {}, not of {}",
                self.program,
                program.id()
            )));
        }
        let lanes = program.entries(&certificate)?;
        let keys = self.new_keys(&certificate)?;
        let verdicts = program.verify_proofs(&lanes, &certificate);

        let certificate = Arc::new(certificate);
        for (i, statement) in certificate.statements().enumerate() {
            let counts = |(info, verdicts): (_, &Vec<Result<()>>)| {
                program.policy().counts(info) && verdicts[i].is_ok()
            };
            if certificate.lanes().iter().zip(&verdicts).any(counts) {
                self.observe(statement, &certificate, Weight::Orphan)?;
            }
        }
        let verdict = program.judge(&certificate, anchor)?;
        program.require_valid(&certificate, verdicts)?;
        program.execute(&certificate)?;
        for statement in certificate.statements() {
            self.observe(statement, &certificate, Weight::Accepted)?;
        }
        self.consumed.extend(keys);
        self.segments += certificate.segments().len();
        self.accepted.push(certificate);
        Ok(verdict)
    }

    /// The digests that a certificate consumes, none of which was consumed before.
    fn new_keys(&self, certificate: &Certificate) -> Result<Vec<Word>> {
        let keys = certificate.statements().flat_map(|statement| {
            let lanes = certificate.lanes().iter();
            lanes.map(move |lane| lane.digest(statement))
        });
        let keys: Vec<Word> = keys.collect();
        match keys.iter().find(|key| self.consumed.contains(key)) {
            None => Ok(keys),
            Some(key) => Err(Error::Refused(format!(
                "a proof of this statement was accepted before in this lane (lane digest {key})"
            ))),
        }
    }

    /// Remembers a proven transition, or finds that it contradicts one.
    fn observe(
        &mut self,
        statement: &StatementV1,
        certificate: &Arc<Certificate>,
        weight: Weight,
    ) -> Result<()> {
        let s = statement;
        let start = [
            s.program,
            s.parameters,
            s.pre_root.into(),
            s.batch.into(),
            s.first_seq.into(),
        ];
        let post_root = Word::from(s.post_root);
        let orphans = self.seen.len().saturating_sub(self.segments);
        match self.seen.get(&start) {
            Some(seen) if (seen.last_seq, seen.post_root) == (s.last_seq, post_root) => {}
            Some(seen) => {
                self.conflict = Some(Conflict {
                    first: (*seen.certificate).clone(),
                    second: (**certificate).clone(),
                });
            }
            // What was seen of certificates that are not accepted may not grow without end.
            None if weight == Weight::Orphan && orphans >= MAX_ORPHANS => {}
            None => {
                let seen = Seen {
                    last_seq: s.last_seq,
                    post_root,
                    certificate: certificate.clone(),
                };
                self.seen.insert(start, seen);
            }
        }
        self.require_sound()
    }

    /// Nothing goes on after a conflict.
    fn require_sound(&self) -> Result<()> {
        let Some(conflict) = &self.conflict else {
            return Ok(());
        };
        let [first, second] = [&conflict.first, &conflict.second].map(|c| c.summary());
        Err(Error::Conflict(format!(
            "the program {} is FROZEN: two valid proofs of the same start and batch have different results, so a \
             proof system, circuit or verifier is broken. One certificate goes from item {} to the state {}, \
             the other from item {} to the state {}; accept nothing of this program before people have found \
             out which is false",
            self.program,
            first.first_seq,
            Word::from(first.post_root),
            second.first_seq,
            Word::from(second.post_root),
        )))
    }

    /// The certificates that were accepted, in order.
    pub fn accepted(&self) -> impl Iterator<Item = &Certificate> {
        self.accepted.iter().map(|certificate| &**certificate)
    }

    /// The two certificates that contradict each other, if the program is frozen.
    pub fn conflict(&self) -> Option<&Conflict> {
        self.conflict.as_ref()
    }

    /// The journal as JSON: what was accepted, and what contradicts.
    pub fn to_json(&self) -> String {
        json::write(&JournalFile {
            version: Version::V1,
            program: self.program,
            accepted: self.accepted().cloned().collect(),
            conflict: self.conflict.clone(),
        })
    }

    /// Reads a journal by accepting its certificates again. A journal that says that it is frozen is frozen,
    /// whatever else it says.
    ///
    /// # Errors
    /// [`Error::Malformed`] for text that is no journal of this program, and whatever
    /// [`Journal::accept`] says of the certificates, such as that a lane was revoked since.
    pub fn from_json(text: &str, origin: &str, program: &Program) -> Result<Self> {
        let file: JournalFile = json::parse_object(text, TEXT_LIMIT, origin)?;
        if file.program != program.id() {
            let reason = format!("{} instead of {}", file.program, program.id());
            return Err(Error::malformed(origin, "program", Fault::Value, reason));
        }
        let mut journal = Self::new(program);
        for certificate in file.accepted {
            journal.accept(program, certificate, &Anchor::Unchecked)?;
        }
        journal.conflict = file.conflict;
        Ok(journal)
    }

    /// Reads the file `path` with [`Journal::from_json`].
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`Journal::from_json`].
    pub fn open(path: impl AsRef<Path>, program: &Program) -> Result<Self> {
        let (text, origin) = json::read_text(path.as_ref(), TEXT_LIMIT)?;
        Self::from_json(&text, &origin, program)
    }

    /// Creates or replaces the file `path`, which is there whole or not at all: an alarm that was saved stays
    /// saved.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        json::save_text(path.as_ref(), &self.to_json())
    }
}
