//! The tree over the rows of codewords: Keccak-f as Plonky3's sponge of 25 words with 17 absorbed at a time and
//! no padding, for rows and for nodes; their lengths are fixed by the protocol.
//!
//! A row's words are those of its elements in memory, in Montgomery form, as p3-bn254 serialises them.

use rayon::prelude::*;

use super::parameters::Code;
use crate::field::Fr;
use crate::field::small::Goldilocks;
use crate::hash::{KeccakHash, TreeHash};
use crate::ntt::reverse_bits;
use crate::spartan::paths;

/// Four words.
pub(super) type Digest = [u64; 4];

pub(super) fn to_bytes(digest: &Digest) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(digest) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

pub(super) fn from_bytes(bytes: &[u8; 32]) -> Digest {
    std::array::from_fn(|i| {
        let word = bytes[8 * i..].first_chunk();
        u64::from_le_bytes(*word.expect("four words"))
    })
}

/// Words for the hash, which reads elements of a field as the words that they are in memory.
fn words(words: &[u64]) -> &[Goldilocks] {
    bytemuck::cast_slice(words)
}

/// The digests of rows of words, given by columns.
pub(super) fn rows_of_words(columns: &[&[u64]], digests: &mut [Digest]) {
    let columns: Vec<&[Goldilocks]> = columns.iter().map(|column| words(column)).collect();
    KeccakHash.hash_rows(&columns, 0, digests);
}

pub(super) fn row(elements: &[Fr]) -> Digest {
    KeccakHash.hash_row(words(bytemuck::cast_slice(elements)))
}

pub(super) fn pair(left: &Digest, right: &Digest) -> Digest {
    let mut parent = [Digest::default()];
    compress(&[[*left, *right]], &mut parent);
    parent[0]
}

fn compress(pairs: &[[Digest; 2]], parents: &mut [Digest]) {
    <KeccakHash as TreeHash<Goldilocks>>::compress(&KeccakHash, pairs, parents);
}

/// A tree.
pub(super) struct Tree {
    /// Node `i` is above nodes `2 i` and `2 i + 1`; the root is node 1.
    nodes: Vec<Digest>,
}

impl Tree {
    /// Over the rows of codewords, one after the other, their places in natural order. The elements of a row
    /// are in the order of the codewords' numbers backwards.
    pub(super) fn new(code: &Code, codewords: &[Fr]) -> Self {
        const TASK: usize = 64;
        let rows = code.rows();
        let mut nodes = vec![Digest::default(); 2 * rows];
        nodes[rows..]
            .par_chunks_mut(TASK)
            .enumerate()
            .for_each_init(
                || vec![[0; TASK]; 4 * code.columns()],
                |columns, (task, digests)| {
                    for (column, words) in columns.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                        let codeword = reverse_bits(column, code.log_columns as u32);
                        let run = &codewords[codeword * rows + task * TASK..][..digests.len()];
                        for (i, element) in
                            bytemuck::cast_slice::<Fr, [u64; 4]>(run).iter().enumerate()
                        {
                            for (words, &word) in words.iter_mut().zip(element) {
                                words[i] = word;
                            }
                        }
                    }
                    let columns: Vec<&[u64]> = columns.iter().map(|column| &column[..]).collect();
                    rows_of_words(&columns, digests);
                },
            );
        let mut width = rows / 2;
        while width > 0 {
            let (above, below) = nodes.split_at_mut(2 * width);
            let (pairs, _) = below[..2 * width].as_chunks::<2>();
            above[width..]
                .par_chunks_mut(TASK)
                .zip(pairs.par_chunks(TASK))
                .for_each(|(parents, pairs)| compress(pairs, parents));
            width /= 2;
        }
        Self { nodes }
    }

    pub(super) fn root(&self) -> &Digest {
        &self.nodes[1]
    }

    /// The siblings that open the rows at places, which ascend.
    pub(super) fn siblings(&self, places: &[usize]) -> Vec<Digest> {
        let mut siblings = Vec::new();
        let leaves = self.nodes.len() / 2;
        paths::siblings(places, leaves, |node| siblings.push(self.nodes[node]));
        siblings
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameters::{Parameters, Whir};
    use super::*;
    use crate::field::PrimeField;

    #[test]
    fn rows_lead_to_the_root() {
        let whir = Whir::new(&Parameters::default(), 1 << 10, 1).unwrap();
        let code = &whir.codes[0];
        let rows = code.rows();
        let codewords: Vec<Fr> = (0..rows * code.columns())
            .map(|_| Fr::random().unwrap())
            .collect();
        let tree = Tree::new(code, &codewords);
        let places = [0, 5, rows / 2, rows - 1];
        let leaves = places.iter().map(|&place| {
            let element = |column| {
                let codeword = reverse_bits(column, code.log_columns as u32);
                codewords[codeword * rows + place]
            };
            let elements: Vec<Fr> = (0..code.columns()).map(element).collect();
            (place, row(&elements))
        });
        let mut siblings = tree.siblings(&places).into_iter();
        let height = code.log_rows() as u32;
        let root = paths::root(leaves.collect(), height, pair, || {
            Ok(siblings.next().unwrap())
        });
        assert_eq!(root.unwrap(), Some(*tree.root()));
        let digest = row(&codewords[..3]);
        assert_eq!(from_bytes(&to_bytes(&digest)), digest);
    }
}
