//! Keccak-f\[1600\] and a hash of rows made of it.
//!
//! On a processor with AVX-512 eight states are permuted at once, one in each lane.

mod permutation;
mod stage;

use super::TreeHash;
use crate::field::small::SmallField;
use crate::memory::prefetch;
pub use permutation::keccak_f;
use permutation::{KeccakKernel, MAX_LANES, Word, run};
pub(crate) use permutation::{ROTATIONS, ROUNDS};
use stage::{ROWS, Source, Stage};

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
                let words = halves.chunks(2).map(|pair| Halves {
                    low: pair[0],
                    high: pair.get(1).copied(),
                });
                run(HashRows {
                    words: words.collect(),
                    first,
                    digests,
                });
            }
            _ => run(HashRows {
                words: columns
                    .iter()
                    .map(|c| bytemuck::cast_slice(c))
                    .collect::<Vec<&[u64]>>(),
                first,
                digests,
            }),
        }
    }

    fn compress(&self, pairs: &[[[u64; 4]; 2]], parents: &mut [[u64; 4]]) {
        assert_eq!(pairs.len(), parents.len(), "a pair for each parent");
        run(Compress { pairs, parents });
    }
}

/// Words of two columns, or of the last one and zeros.
#[derive(Clone, Copy)]
struct Halves<'a> {
    low: &'a [u32],
    high: Option<&'a [u32]>,
}

impl Source<u64> for Halves<'_> {
    #[inline(always)]
    fn read(self, first: usize, words: &mut [u64]) {
        let rows = first..first + words.len();
        for (word, &low) in words.iter_mut().zip(&self.low[rows.clone()]) {
            *word = u64::from(low);
        }
        if let Some(high) = self.high {
            for (word, &high) in words.iter_mut().zip(&high[rows]) {
                *word |= u64::from(high) << 32;
            }
        }
    }
    #[inline(always)]
    fn prefetch(self, first: usize, rows: usize) {
        prefetch(&self.low[first..first + rows]);
        if let Some(high) = self.high {
            prefetch(&high[first..first + rows]);
        }
    }
}

/// Rows of `words`.
struct HashRows<'a, C> {
    words: Vec<C>,
    first: usize,
    digests: &'a mut [[u64; 4]],
}

impl<C: Source<u64>> KeccakKernel for HashRows<'_, C> {
    #[inline(always)]
    fn run<W: Word>(self) {
        let mut stage = Stage::<C, u64, RATE>::new(&self.words);
        let mut states = vec![[W::zero(); 25]; ROWS / W::LANES];
        let mut row = self.first;
        for digests in self.digests.chunks_mut(ROWS) {
            let groups = digests.len().div_ceil(W::LANES);
            let states = &mut states[..groups];
            states.fill([W::zero(); 25]);
            stage.begin(row, digests.len());
            for number in 0..stage.len() {
                for (group, place) in states.iter_mut().enumerate() {
                    // A part of the next block is on its way while a state is permuted.
                    stage.prefetch(number + 1, group, groups);
                    // A copy that nothing refers to can stay in registers.
                    let mut state = *place;
                    for (word, values) in state.iter_mut().zip(stage.block(number)) {
                        *word = W::load(&values[group * W::LANES..]);
                    }
                    W::permute(&mut state);
                    *place = state;
                    stage.read(number + 1, group, groups);
                }
            }
            for (state, digests) in states.iter().zip(digests.chunks_mut(W::LANES)) {
                store_digests(state, digests);
            }
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
                let mut words = [0; MAX_LANES];
                for (lane, pair) in words.iter_mut().zip(pairs) {
                    *lane = pair[i / 4][i % 4];
                }
                *word = W::from_words(&words);
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
