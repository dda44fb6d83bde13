//! Commitments as a verifier has them, and rows that a prover opens.

use super::{Checked, check};
use crate::error::Result;
use crate::field::{Field, Fr};
use crate::hash::sha256::EqualLengths;
use crate::spartan::digest::{Digest32, pair};
use crate::spartan::parameters::Code;
use crate::spartan::paths;
use crate::spartan::transcript::{Challenges, Listener};

/// A commitment to the vectors of a code.
pub(super) struct Commitment {
    root: Digest32,
    /// Points out of the domain.
    pub(super) points: Vec<Fr>,
    /// Each vector's value as a polynomial at each point, vector after vector.
    pub(super) answers: Vec<Fr>,
}

impl Commitment {
    pub(super) fn hear(listener: &mut Listener<'_>, code: &Code) -> Result<Self> {
        let root = listener.hear_digest()?;
        let points = listener.challenges(code.out_of_domain);
        let answers = listener.hear_all(code.out_of_domain * code.vectors)?;
        Ok(Self {
            root,
            points,
            answers,
        })
    }

    /// The opened rows at indices, which may repeat.
    pub(super) fn open(
        &self,
        listener: &mut Listener<'_>,
        code: &Code,
        indices: Vec<usize>,
    ) -> Checked<Opening> {
        let row_len = code.row_len();
        let (elements, bytes) = listener.hinted_elements(indices.len() * row_len)?;
        let mut leaves = vec![[0; 32]; indices.len()];
        EqualLengths::new(row_len * Fr::BYTES).hash(bytes, &mut leaves);
        let mut known: Vec<(usize, Digest32)> = indices.iter().copied().zip(leaves).collect();
        known.sort_unstable();
        known.dedup();
        let distinct = known.windows(2).all(|pair| pair[0].0 != pair[1].0);
        check(distinct, "two openings of one row")?;
        let height = code.codeword_len.ilog2();
        let above = paths::root(known, height, pair, || listener.hinted_digest())?;
        check(above == Some(self.root), "a path to the root")?;
        let root = code.root();
        let points = indices
            .iter()
            .map(|&index| root.pow(&[index as u64]))
            .collect();
        Ok(Opening {
            indices,
            points,
            elements,
            row_len,
        })
    }
}

/// Rows at places of the codewords.
pub(super) struct Opening {
    pub(super) indices: Vec<usize>,
    /// The places as elements.
    pub(super) points: Vec<Fr>,
    elements: Vec<Fr>,
    row_len: usize,
}

impl Opening {
    pub(super) fn rows(&self) -> impl Iterator<Item = &[Fr]> {
        self.elements.chunks_exact(self.row_len)
    }
}
