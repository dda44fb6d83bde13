//! Ranges: statements that follow one another.

use super::policy::PayeeRule;
use super::v1::StatementV1;
use super::word::Word;
use crate::error::{Error, Result};
use crate::field::Fr;

/// Where a range must begin. There is no default: a verifier who leaves the start to the prover accepts any
/// state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At the beginning of all: with this state and item.
    Genesis {
        /// The state of the genesis.
        root: Fr,
        /// The number of the first item.
        first_seq: u64,
    },
    /// After a range that was accepted before.
    After {
        /// The state that it led to.
        root: Fr,
        /// Its last item.
        last_seq: u64,
    },
    /// Anywhere: what is accepted then says nothing of where the first state came from.
    Unchecked,
}

impl Anchor {
    /// After what this summary says.
    pub fn after(previous: &Summary) -> Self {
        Self::After {
            root: previous.post_root,
            last_seq: previous.last_seq,
        }
    }

    /// Requires a statement to begin here.
    pub(super) fn check(&self, first: &StatementV1) -> Result<()> {
        let (root, seq) = match *self {
            Self::Unchecked => return Ok(()),
            Self::Genesis { root, first_seq } => (root, Some(first_seq)),
            Self::After { root, last_seq } => (root, last_seq.checked_add(1)),
        };
        if seq != Some(first.first_seq) {
            let seq = seq.map_or("nothing: the last number is used".into(), |seq| {
                seq.to_string()
            });
            return Err(Error::Refused(format!(
                "the range begins with item {}, and after its anchor comes {seq}",
                first.first_seq
            )));
        }
        if root != first.pre_root {
            return Err(Error::Refused(format!(
                "the range begins in the state {}, and its anchor is {}",
                Word::from(first.pre_root),
                Word::from(root)
            )));
        }
        Ok(())
    }
}

/// What a range states as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The program.
    pub program: Word,
    /// The number of the first item.
    pub first_seq: u64,
    /// The number of the last item.
    pub last_seq: u64,
    /// The state before the first item.
    pub pre_root: Fr,
    /// The state after the last item.
    pub post_root: Fr,
}

/// Requires statements to follow one another: one at least, of one program with one set of parameters on one
/// chain and context, paid by the rule, each beginning with the item after the last one and in the state
/// that it left. No gap, no overlap.
///
/// # Errors
/// [`Error::Refused`] naming the segment.
pub fn check_continuity(statements: &[&StatementV1], payees: PayeeRule) -> Result<()> {
    let Some(first) = statements.first() else {
        return Err(Error::Refused("a range without segments".into()));
    };
    for (i, pair) in statements.windows(2).enumerate() {
        let (previous, next) = (pair[0], pair[1]);
        let refuse = |reason: String| Err(Error::Refused(format!("segment {}: {reason}", i + 1)));
        for (what, of_next, of_first) in [
            ("program", next.program, first.program),
            ("parameters", next.parameters, first.parameters),
            ("chain", next.chain_id.into(), first.chain_id.into()),
            ("context", next.context, first.context),
        ] {
            if of_next != of_first {
                return refuse(format!("{what} {of_next}, and {of_first} before"));
            }
        }
        if payees == PayeeRule::One && next.payee != first.payee {
            return refuse(format!("payee {}, and {} before", next.payee, first.payee));
        }
        if previous.last_seq.checked_add(1) != Some(next.first_seq) {
            let kind = match next.first_seq > previous.last_seq {
                true => "a gap",
                false => "an overlap",
            };
            return refuse(format!(
                "it begins with item {} after item {}: {kind}",
                next.first_seq, previous.last_seq
            ));
        }
        if next.pre_root != previous.post_root {
            return refuse(format!(
                "it begins in the state {}, and the one before ended in {}",
                Word::from(next.pre_root),
                Word::from(previous.post_root)
            ));
        }
    }
    Ok(())
}
