//! What a verifier trusts: the lanes of a program and its policy.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Deserialize;

use super::certificate::{Certificate, ProofBytes, Segment};
use super::lane::{Lane, LaneInfo};
use super::policy::{MAX_LANES, Policy};
use super::range::{self, Anchor, Summary};
use super::v1::StatementV1;
use super::word::Word;
use crate::error::{Error, Result};
use crate::field::Fr;

/// A program with the lanes that prove it, and the policy that says when that is enough: the verifier's side,
/// made from keys that it trusts and never from a certificate.
///
/// Lanes are added and never removed or replaced; what is wrong with one is said by its [`Status`], which only
/// gets worse. Clones share the lanes, and what is said of one afterwards is not said of the other.
#[derive(Clone)]
pub struct Program {
    id: Word,
    policy: Policy,
    lanes: BTreeMap<Word, Entry>,
    executor: Option<Arc<dyn Executor>>,
}

#[derive(Clone)]
struct Entry {
    lane: Arc<dyn Lane>,
    status: Status,
}

/// What may be done with a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Proofs are made and accepted.
    Active,
    /// Proofs are accepted, and no new certificates made with them.
    Deprecated,
    /// Proofs are refused: the lane's system, key or circuit is broken.
    Revoked,
}

/// Runs the program itself on the batch of a statement. It can veto what lanes have proven and never stands in
/// for a proof.
pub trait Executor: Send + Sync {
    /// The state after the batch.
    ///
    /// # Errors
    /// Whatever keeps it from running, such as a batch that it does not have: the certificate is refused
    /// then, too.
    fn post_root(&self, statement: &StatementV1) -> Result<Fr>;
}

/// What was found of a certificate that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What the certificate states.
    pub summary: Summary,
    /// The ids of a largest set of independent lanes among those of the certificate.
    pub counted: Vec<Word>,
}

impl Program {
    /// A program of these lanes under this policy.
    ///
    /// # Errors
    /// [`Error::Argument`] for a lane that is there twice, more than [`MAX_LANES`], and a policy that has
    /// [other spellings](Policy::check) or that not even all lanes together satisfy.
    pub fn new(id: Word, policy: Policy, lanes: Vec<Arc<dyn Lane>>) -> Result<Self> {
        policy.check()?;
        let mut program = Self {
            id,
            policy,
            lanes: BTreeMap::new(),
            executor: None,
        };
        lanes.into_iter().try_for_each(|lane| program.add(lane))?;
        let infos: Vec<&LaneInfo> = program.lanes().map(|(info, _)| info).collect();
        if let Err(Error::Refused(reason)) = program.policy.evaluate(&infos) {
            return Err(Error::Argument(format!(
                "not even all lanes of the program are enough: {reason}"
            )));
        }
        Ok(program)
    }

    /// The same with a re-execution of every batch, which must lead to the state that was proven.
    pub fn with_executor(mut self, executor: Arc<dyn Executor>) -> Self {
        self.executor = Some(executor);
        self
    }

    /// Adds a lane.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is one with its id, or if there are [`MAX_LANES`].
    pub fn add(&mut self, lane: Arc<dyn Lane>) -> Result<()> {
        let id = lane.info().id();
        if self.lanes.len() == MAX_LANES {
            return Err(Error::Argument(format!("more than {MAX_LANES} lanes")));
        }
        if self.lanes.contains_key(&id) {
            return Err(Error::Argument(format!("the lane {id} is there twice")));
        }
        let status = Status::Active;
        self.lanes.insert(id, Entry { lane, status });
        Ok(())
    }

    /// Lets no new certificates be made with a lane. A revoked one stays revoked.
    ///
    /// # Errors
    /// [`Error::Argument`] for a lane that is not there.
    pub fn deprecate(&mut self, lane: Word) -> Result<()> {
        self.worsen(lane, Status::Deprecated)
    }

    /// Refuses a lane's proofs from now on.
    ///
    /// # Errors
    /// [`Error::Argument`] for a lane that is not there.
    pub fn revoke(&mut self, lane: Word) -> Result<()> {
        self.worsen(lane, Status::Revoked)
    }

    fn worsen(&mut self, lane: Word, status: Status) -> Result<()> {
        let entry = self.lanes.get_mut(&lane).ok_or_else(|| unknown(lane))?;
        entry.status = entry.status.max(status);
        Ok(())
    }

    /// What its statements name as their program.
    pub fn id(&self) -> Word {
        self.id
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The lanes, in ascending order of their ids.
    pub fn lanes(&self) -> impl Iterator<Item = (&LaneInfo, Status)> {
        let entries = self.lanes.values();
        entries.map(|entry| (entry.lane.info(), entry.status))
    }

    /// Verifies a certificate that begins at `anchor`: the policy is the program's own, every lane is one of
    /// its lanes and not revoked, the lanes satisfy the policy, **every** proof is valid for the statement's
    /// own fields, and re-execution, if there is one, agrees.
    ///
    /// That it is true does not make it new: [`Journal`](super::Journal) refuses what was accepted before, and
    /// finds contradictions.
    ///
    /// # Errors
    /// [`Error::Refused`] saying why it is not accepted; what an [`Executor`] could not do.
    pub fn verify(&self, certificate: &Certificate, anchor: &Anchor) -> Result<Verdict> {
        let entries = self.entries(certificate)?;
        let verdict = self.judge(certificate, anchor)?;
        self.require_valid(certificate, self.verify_proofs(&entries, certificate))?;
        self.execute(certificate)?;
        Ok(verdict)
    }

    /// The lanes of a certificate that is about this program.
    pub(super) fn entries(&self, certificate: &Certificate) -> Result<Vec<&dyn Lane>> {
        let named = certificate.summary().program;
        if named != self.id {
            return Err(Error::Refused(format!(
                "the certificate is of the program {named}, not of {}",
                self.id
            )));
        }
        if *certificate.policy() != self.policy {
            return Err(Error::Refused(format!(
                "the certificate has a policy of its own, {}, where the program has {}",
                certificate.policy().hash(),
                self.policy.hash()
            )));
        }
        let own = |info: &LaneInfo| {
            let id = info.id();
            let entry = self.lanes.get(&id).ok_or_else(|| unknown(id))?;
            if entry.status == Status::Revoked {
                return Err(Error::Refused(format!("the lane {id} is revoked")));
            }
            if entry.lane.info() != info {
                return Err(Error::Refused(format!(
                    "the certificate says of the lane {id} what the program does not"
                )));
            }
            Ok(&*entry.lane)
        };
        certificate.lanes().iter().map(own).collect()
    }

    /// What there is to say before any proof is looked at.
    pub(super) fn judge(&self, certificate: &Certificate, anchor: &Anchor) -> Result<Verdict> {
        anchor.check(&certificate.segments()[0].statement)?;
        let lanes: Vec<&LaneInfo> = certificate.lanes().iter().collect();
        if let Some(lane) = lanes
            .iter()
            .find(|lane| lane.is_development() && !self.policy.count_development)
        {
            return Err(Error::Refused(format!(
                "the key of the lane {} is for development: whoever made it can forge proofs",
                lane.id()
            )));
        }
        Ok(Verdict {
            counted: self.policy.evaluate(&lanes)?,
            summary: certificate.summary(),
        })
    }

    /// What became of each proof: by lane, by segment.
    pub(super) fn verify_proofs(
        &self,
        lanes: &[&dyn Lane],
        certificate: &Certificate,
    ) -> Vec<Vec<Result<()>>> {
        let of_lane = |(i, lane): (usize, &&dyn Lane)| {
            let segments = certificate.segments().iter();
            let proofs: Vec<(&StatementV1, &[u8])> = segments
                .map(|segment| (&segment.statement, segment.proofs[i].0.as_slice()))
                .collect();
            lane.verify_all(&proofs)
        };
        lanes.par_iter().enumerate().map(of_lane).collect()
    }

    /// The first proof that is not valid is an error.
    pub(super) fn require_valid(
        &self,
        certificate: &Certificate,
        verdicts: Vec<Vec<Result<()>>>,
    ) -> Result<()> {
        for (info, verdicts) in certificate.lanes().iter().zip(verdicts) {
            for (i, verdict) in verdicts.into_iter().enumerate() {
                verdict.map_err(|error| {
                    Error::Refused(format!(
                        "segment {i}, lane {} ({}): {error}",
                        info.id(),
                        info.system
                    ))
                })?;
            }
        }
        Ok(())
    }

    /// Lets the program itself have a say.
    pub(super) fn execute(&self, certificate: &Certificate) -> Result<()> {
        let Some(executor) = &self.executor else {
            return Ok(());
        };
        for (i, statement) in certificate.statements().enumerate() {
            let post_root = executor.post_root(statement)?;
            if post_root != statement.post_root {
                return Err(Error::Refused(format!(
                    "segment {i}: re-execution ends in the state {}, and {} was proven: a lane is broken, or \
                     the executor is",
                    Word::from(post_root),
                    Word::from(statement.post_root)
                )));
            }
        }
        Ok(())
    }

    /// A certificate of segments, each with its proofs in the order of `lanes`; verified before it is handed
    /// out.
    ///
    /// # Errors
    /// [`Error::Argument`] for lanes that are not the program's, not active or there twice, and for segments
    /// with another number of proofs; those of [`Program::verify`].
    pub fn certify(&self, lanes: &[Word], segments: Vec<Segment>) -> Result<Certificate> {
        let certificate =
            Certificate::assemble(self.policy.clone(), &self.active(lanes)?, segments)?;
        self.verify(&certificate, &Anchor::Unchecked)?;
        Ok(certificate)
    }

    /// Proves the statements of a range in parallel and certifies them. `prove` gives the proofs of one, in
    /// the order of `lanes`.
    ///
    /// That the statements follow one another and the lanes satisfy the policy is seen to before any is
    /// proven. Memory is that of as many proofs at a time as there are threads.
    ///
    /// # Errors
    /// Those of `prove`, of the first segment that has one, and of [`Program::certify`].
    pub fn prove_range(
        &self,
        lanes: &[Word],
        statements: &[StatementV1],
        prove: impl Fn(usize, &StatementV1) -> Result<Vec<ProofBytes>> + Sync,
    ) -> Result<Certificate> {
        self.policy.evaluate(&self.active(lanes)?)?;
        let references: Vec<&StatementV1> = statements.iter().collect();
        range::check_continuity(&references, self.policy.payees)?;
        let proven: Vec<Result<Segment>> = statements
            .par_iter()
            .enumerate()
            .map(|(i, &statement)| {
                let proofs = prove(i, &statement)?;
                Ok(Segment { statement, proofs })
            })
            .collect();
        self.certify(lanes, proven.into_iter().collect::<Result<_>>()?)
    }

    /// Lanes that certificates are made with.
    fn active(&self, lanes: &[Word]) -> Result<Vec<&LaneInfo>> {
        let info = |id: &Word| match self.lanes.get(id) {
            None => Err(unknown(*id)),
            Some(entry) if entry.status != Status::Active => {
                Err(Error::Argument(format!("the lane {id} is not active")))
            }
            Some(entry) => Ok(entry.lane.info()),
        };
        lanes.iter().map(info).collect()
    }
}

fn unknown(lane: Word) -> Error {
    Error::Refused(format!("the program has no lane {lane}"))
}

/// The lanes by what they are.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("id", &self.id)
            .field("policy", &self.policy)
            .field("lanes", &self.lanes().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
