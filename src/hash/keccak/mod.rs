//! Keccak-f\[1600\] and a hash of rows made of it.
//!
//! On a processor with AVX-512 eight states are permuted at once, one in each lane.

mod permutation;

use super::TreeHash;
use crate::field::small::SmallField;
pub use permutation::keccak_f;
use permutation::{KeccakKernel, MAX_LANES, Word, run};
pub(crate) use permutation::{ROTATIONS, ROUNDS};

/// Words replaced before each permutation; the other eight are the capacity, 512 bits.
const RATE: usize = 17;

/// Keccak for trees: the words in memory of a row's elements, put together to words of 64 bits, through
/// the padding-free overwriting sponge of 25 words with rate 17; nodes likewise. Digests have 4 words.
///
/// This is `SerializingHasher<PaddingFreeSponge<KeccakF, 25, 17, 4>>` of Plonky3, and
/// `CompressionFunctionFromHasher` of the same sponge.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeccakHash;

impl<F: SmallField> TreeHash<F> for KeccakHash {
    type Digest = [u64; 4];

    fn hash_rows(&self, columns: &[&[F]], first: usize, digests: &mut [[u64; 4]]) {
        match size_of::<F>() {
            4 => {
                let halves: Vec<&[u32]> = columns.iter().map(|c| bytemuck::cast_slice(c)).collect();
                let pairs = halves.chunks(2);
                run(HashRows {
                    words: pairs.collect(),
                    first,
                    digests,
                    load: |pair: &&[&[u32]], row, words: &mut [u64]| {
                        let rows = row..row + words.len();
                        match pair {
                            [low, high] => {
                                let both = low[rows.clone()].iter().zip(&high[rows]);
                                for (word, (&low, &high)) in words.iter_mut().zip(both) {
                                    *word = u64::from(low) | u64::from(high) << 32;
                                }
                            }
                            _ => {
                                for (word, &low) in words.iter_mut().zip(&pair[0][rows]) {
                                    *word = u64::from(low);
                                }
                            }
                        }
                    },
                });
            }
            _ => run(HashRows {
                words: columns.iter().map(|c| bytemuck::cast_slice(c)).collect(),
                first,
                digests,
                load: |column: &&[u64], row, words: &mut [u64]| {
                    words.copy_from_slice(&column[row..row + words.len()]);
                },
            }),
        }
    }

    fn compress(&self, pairs: &[[[u64; 4]; 2]], parents: &mut [[u64; 4]]) {
        assert_eq!(pairs.len(), parents.len(), "a pair for each parent");
        run(Compress { pairs, parents });
    }
}

/// Rows of `words`; `load` gives one word of as many rows as it is lent places.
struct HashRows<'a, C, L> {
    words: Vec<C>,
    first: usize,
    digests: &'a mut [[u64; 4]],
    load: L,
}

impl<C, L: Fn(&C, usize, &mut [u64])> KeccakKernel for HashRows<'_, C, L> {
    #[inline(always)]
    fn run<W: Word>(self) {
        let mut row = self.first;
        for digests in self.digests.chunks_mut(W::LANES) {
            let mut state = [W::zero(); 25];
            for block in self.words.chunks(RATE) {
                for (word, column) in state.iter_mut().zip(block) {
                    let mut words = [0; MAX_LANES];
                    // The length is a constant wherever it can be.
                    if digests.len() == W::LANES {
                        (self.load)(column, row, &mut words[..W::LANES]);
                    } else {
                        (self.load)(column, row, &mut words[..digests.len()]);
                    }
                    *word = W::from_fn(|lane| words[lane]);
                }
                W::permute(&mut state);
            }
            store_digests(&state, digests);
            row += digests.len();
        }
    }
}

struct Compress<'a> {
    pairs: &'a [[[u64; 4]; 2]],
    parents: &'a mut [[u64; 4]],
}

impl KeccakKernel for Compress<'_> {
    #[inline(always)]
    fn run<W: Word>(self) {
        let groups = self.pairs.chunks(W::LANES);
        for (pairs, parents) in groups.zip(self.parents.chunks_mut(W::LANES)) {
            let mut state = [W::zero(); 25];
            for (i, word) in state[..8].iter_mut().enumerate() {
                *word = W::from_fn(|lane| pairs[lane.min(pairs.len() - 1)][i / 4][i % 4]);
            }
            W::permute(&mut state);
            store_digests(&state, parents);
        }
    }
}

/// The first words of the lanes' states.
#[inline(always)]
fn store_digests<W: Word>(state: &[W; 25], digests: &mut [[u64; 4]]) {
    for (lane, digest) in digests.iter_mut().enumerate() {
        for (word, value) in state.iter().zip(digest) {
            *value = word.lane(lane);
        }
    }
}
