//! Commitments: codewords, their tree, and rows that are opened.

use rayon::prelude::*;

use crate::error::Result;
use crate::field::{Field, Fr, PrimeField};
use crate::memory::Secret;
use crate::ntt::{BitReversed, Natural, Ntt, reverse_bits};
use crate::spartan::digest::{Digest32, pair, sha256};
use crate::spartan::parameters::{Code, Whir, ZkWhir};
use crate::spartan::paths;
use crate::spartan::transcript::{Challenges, Speaker};
use crate::spartan::vector::evaluate;

/// Transforms for all lengths of codewords.
pub(super) struct Plans(Vec<Ntt<Fr>>);

impl Plans {
    pub(super) fn new(config: &ZkWhir) -> Result<Self> {
        let codes = |whir: &Whir| -> Vec<u32> {
            let rounds = whir.rounds.iter().map(|round| &round.code);
            let codes = rounds.chain([&whir.code]);
            codes.map(|code| code.codeword_len.ilog2()).collect()
        };
        let mut lengths = [codes(&config.main), codes(&config.masks)].concat();
        lengths.sort_unstable();
        lengths.dedup();
        let longest = Ntt::new(lengths[lengths.len() - 1])?;
        let plans = lengths.iter().map(|&length| longest.shorter(length));
        Ok(Self(plans.collect::<Result<_>>()?))
    }

    fn of(&self, code: &Code) -> &Ntt<Fr> {
        let len = code.codeword_len;
        let plan = self.0.iter().find(|plan| plan.len() == len);
        plan.expect("a plan for each code")
    }

    /// Adds to `vector[j]` the sum of `factor z^j` over places `z` of a code, given by their indices.
    ///
    /// That is a transform of the factors, whose places may be scattered in any order.
    pub(super) fn add_powers(
        &self,
        code: &Code,
        indices: &[usize],
        factors: &[Fr],
        vector: &mut [Fr],
    ) -> Result<()> {
        let log_len = code.codeword_len.ilog2();
        let mut sums = vec![Fr::ZERO; code.codeword_len];
        for (&index, &factor) in indices.iter().zip(factors) {
            sums[reverse_bits(index, log_len)] += factor;
        }
        self.of(code).forward::<BitReversed, Natural>(&mut sums)?;
        for (sum, &value) in vector.iter_mut().zip(&sums) {
            *sum += value;
        }
        Ok(())
    }
}

/// A commitment to vectors, which can be opened.
pub(super) struct Committed {
    /// The codewords one after the other, each in bit-reversed order: as transforms leave them.
    codewords: Secret<Fr>,
    /// Node `i` is above nodes `2 i` and `2 i + 1`; the root is node 1.
    nodes: Vec<Digest32>,
    pub(super) points: Vec<Fr>,
    pub(super) answers: Vec<Fr>,
}

impl Committed {
    /// Commits to vectors and answers for them at random points.
    pub(super) fn new(
        speaker: &mut Speaker,
        code: &Code,
        plans: &Plans,
        vectors: &[&[Fr]],
    ) -> Result<Self> {
        let message = code.message_len();
        let len = code.codeword_len;
        let mut codewords = Secret::<Fr>::zeros(code.row_len() * len);
        {
            let _span = tracing::info_span!("codewords").entered();
            let messages = vectors
                .iter()
                .flat_map(|vector| vector.chunks_exact(message));
            for (codeword, coefficients) in codewords.chunks_exact_mut(len).zip(messages) {
                codeword[..message].copy_from_slice(coefficients);
            }
            plans
                .of(code)
                .forward::<Natural, BitReversed>(&mut codewords)?;
        }
        let nodes = {
            let _span = tracing::info_span!("tree").entered();
            tree(&codewords, len)
        };
        speaker.say_bytes(&nodes[1]);
        let points = speaker.challenges(code.out_of_domain);
        let mut answers = Vec::with_capacity(points.len() * vectors.len());
        for &z in &points {
            answers.extend(vectors.iter().map(|vector| evaluate(vector, z)));
        }
        speaker.say_all(&answers);
        Ok(Self {
            codewords,
            nodes,
            points,
            answers,
        })
    }

    /// Opens rows, and returns them.
    pub(super) fn open(&self, speaker: &mut Speaker, code: &Code, indices: &[usize]) -> Vec<Fr> {
        let len = code.codeword_len;
        let log_len = len.ilog2();
        let row = |&index: &usize| {
            let place = reverse_bits(index, log_len);
            let codewords = self.codewords.chunks_exact(len);
            codewords.map(move |codeword| codeword[place])
        };
        let rows: Vec<Fr> = indices.iter().flat_map(row).collect();
        speaker.hint(&(rows.len() as u64).to_le_bytes());
        for element in &rows {
            let mut bytes = [0; Fr::BYTES];
            element.write_canonical(&mut bytes);
            speaker.hint(&bytes);
        }
        let mut places = indices.to_vec();
        places.sort_unstable();
        places.dedup();
        paths::siblings(&places, len, |node| speaker.hint(&self.nodes[node]));
        rows
    }
}

/// The tree over the rows of codewords in bit-reversed order; its leaves are in natural order.
fn tree(codewords: &[Fr], len: usize) -> Vec<Digest32> {
    const TASK: usize = 64;
    let row_len = codewords.len() / len;
    let log_len = len.ilog2();
    let mut digests = vec![[0; 32]; len];
    digests.par_chunks_mut(TASK).enumerate().for_each_init(
        || vec![0; row_len * Fr::BYTES],
        |row, (task, digests)| {
            for (digest, place) in digests.iter_mut().zip(task * TASK..) {
                let elements = codewords[place..].iter().step_by(len);
                for (bytes, element) in row.chunks_exact_mut(Fr::BYTES).zip(elements) {
                    element.to_canonical().write_le_bytes(bytes);
                }
                *digest = sha256(row);
            }
        },
    );
    let mut nodes = vec![[0; 32]; 2 * len];
    for (place, digest) in digests.into_iter().enumerate() {
        nodes[len + reverse_bits(place, log_len)] = digest;
    }
    let mut width = len / 2;
    while width > 0 {
        let (above, below) = nodes.split_at_mut(2 * width);
        above[width..]
            .par_iter_mut()
            .zip(below.par_chunks_exact(2))
            .with_min_len(TASK)
            .for_each(|(node, children)| *node = pair(&children[0], &children[1]));
        width /= 2;
    }
    nodes
}
