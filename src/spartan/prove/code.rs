//! Commitments: codewords, their tree, and rows that are opened.

use rayon::prelude::*;

use crate::error::Result;
use crate::field::arch::Modulus;
use crate::field::{Field, Fr, Int};
use crate::hash::sha256::EqualLengths;
use crate::memory::{Buffer, Secret};
use crate::ntt::{BitReversed, Natural, Ntt, bit_reverse, reverse_bits};
use crate::spartan::digest::{Digest32, pair, pairs, sha256};
use crate::spartan::kernels;
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
    /// The [`upper`] nodes. Node `i` is above nodes `2 i` and `2 i + 1`; the root is node 1.
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
            upper(&tree(&codewords, len))
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
        paths::siblings(&places, len, |node| speaker.hint(&self.node(len, node)));
        rows
    }

    /// A node of the tree over `len` rows, made again if it was not kept.
    fn node(&self, len: usize, node: usize) -> Digest32 {
        if let Some(kept) = self.nodes.get(node) {
            return *kept;
        }
        if node < len {
            return pair(&self.node(len, 2 * node), &self.node(len, 2 * node + 1));
        }
        let place = reverse_bits(node - len, len.ilog2());
        let codewords = self.codewords.chunks_exact(len);
        let mut row = Secret::<u8>::zeros(codewords.len() * Fr::BYTES);
        for (bytes, codeword) in row.chunks_exact_mut(Fr::BYTES).zip(codewords) {
            codeword[place].write_canonical(bytes);
        }
        sha256(&row)
    }
}

/// The nodes of a tree without its leaves and the next two levels, which are seven eighths of it: a proof needs
/// some hundreds of them, and they are soon made again.
fn upper(nodes: &[Digest32]) -> Vec<Digest32> {
    nodes[..(nodes.len() / 8).max(2)].to_vec()
}

/// The tree over the rows of codewords in bit-reversed order; its leaves are in natural order.
fn tree(codewords: &[Fr], len: usize) -> Buffer<Digest32> {
    /// A few groups of messages that are hashed at once.
    const TASK: usize = 64;
    let row_bytes = codewords.len() / len * Fr::BYTES;
    let hash = EqualLengths::new(row_bytes);
    let mut nodes = Buffer::zeroed(2 * len);
    let leaves = &mut nodes[len..];
    leaves.par_chunks_mut(TASK).enumerate().for_each_init(
        || Secret::<u8>::zeros(TASK * row_bytes),
        |rows, (task, digests)| {
            let rows = &mut rows[..digests.len() * row_bytes];
            for (column, codeword) in codewords.chunks_exact(len).enumerate() {
                let run = &codeword[task * TASK..][..digests.len()];
                let places = rows[column * Fr::BYTES..].chunks_mut(row_bytes);
                write_canonical(run, places);
            }
            hash.hash(rows, digests);
        },
    );
    bit_reverse(leaves).expect("a power of two of leaves");
    let mut width = len / 2;
    while width > 0 {
        let (above, below) = nodes[..4 * width].split_at_mut(2 * width);
        above[width..]
            .par_chunks_mut(TASK)
            .zip(below.par_chunks(2 * TASK))
            .for_each(|(above, below)| pairs(below, above));
        width /= 2;
    }
    nodes
}

/// Writes the canonical bytes of each element to the beginning of its place.
fn write_canonical<'a>(elements: &[Fr], places: impl Iterator<Item = &'a mut [u8]>) {
    const GROUP: usize = 64;
    // An element `a` is `a R` in memory, for `R = 2^256`, so `a / R` is `a`.
    let inverse = Fr::from_limbs([1, 0, 0, 0]);
    let mut places = places;
    let mut quotients = [Fr::ZERO; GROUP];
    for elements in elements.chunks(GROUP) {
        let quotients = &mut quotients[..elements.len()];
        quotients.copy_from_slice(elements);
        kernels::scale(quotients, inverse);
        for (quotient, place) in quotients.iter().zip(&mut places) {
            Int(*quotient.limbs()).write_le_bytes(&mut place[..Fr::BYTES]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::PrimeField;

    #[test]
    fn nodes_are_hashes_of_rows_and_of_nodes() {
        for (len, row_len) in [(1, 2), (2, 4), (8, 8), (32, 10), (512, 8), (4096, 2)] {
            let random = |_| Fr::random().unwrap();
            let mut codewords: Vec<Fr> = (0..len * row_len).map(random).collect();
            codewords[0] = Fr::ZERO;
            codewords[len] = -Fr::ONE;
            let nodes = tree(&codewords, len);
            let mut secret = Secret::zeros(codewords.len());
            secret.copy_from_slice(&codewords);
            let committed = Committed {
                codewords: secret,
                nodes: upper(&nodes),
                points: Vec::new(),
                answers: Vec::new(),
            };
            assert!((1..2 * len).all(|node| committed.node(len, node) == nodes[node]));
            assert_eq!(nodes.len(), 2 * len);
            for index in 0..len {
                let place = reverse_bits(index, len.ilog2());
                let mut row = vec![0; row_len * Fr::BYTES];
                let bytes = row.chunks_exact_mut(Fr::BYTES);
                for (codeword, bytes) in codewords.chunks_exact(len).zip(bytes) {
                    codeword[place].write_canonical(bytes);
                }
                assert_eq!(nodes[len + index], sha256(&row), "row {index} of {len}");
            }
            for node in 1..len {
                let above = pair(&nodes[2 * node], &nodes[2 * node + 1]);
                assert_eq!(nodes[node], above, "node {node} of {len}");
            }
        }
    }
}
