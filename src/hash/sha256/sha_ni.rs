//! Two messages at once by the SHA extensions ("Intel SHA Extensions", 2013, and the reference code there).
//!
//! `sha256rnds2` does two rounds and takes four cycles, but another can start after two: so the steps of two
//! messages alternate. What limits them then are the instructions of the schedule.

use core::arch::x86_64::*;

use super::{BLOCK, EqualLengths, INITIAL, ROUNDS};

/// Messages at once. Three and four took as long for each.
const LANES: usize = 2;

/// The proof that the processor has the SHA extensions, SSSE3 and SSE4.1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair(());

/// Words `a, b, e, f`, from the highest to the lowest, and `c, d, g, h`: the order of the instructions.
type State = [__m128i; 2];

impl Pair {
    pub(super) fn new() -> Option<Self> {
        let has = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("ssse3")
            && is_x86_feature_detected!("sse4.1");
        has.then_some(Self(()))
    }

    /// Hashes pairs of messages, and returns the number of messages hashed.
    pub(super) fn hash(
        self,
        of: &EqualLengths,
        messages: &[u8],
        digests: &mut [[u8; 32]],
    ) -> usize {
        // SAFETY: there is a value, so the processor has the instructions.
        unsafe { hash(of, messages, digests) }
    }
}

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn hash(of: &EqualLengths, messages: &[u8], digests: &mut [[u8; 32]]) -> usize {
    let [a, b, c, d, e, f, g, h] = INITIAL.map(|word| word as i32);
    let initial = [_mm_set_epi32(a, b, e, f), _mm_set_epi32(c, d, g, h)];
    let (groups, _) = digests.as_chunks_mut::<LANES>();
    let done = groups.len() * LANES;
    for (messages, digests) in messages.chunks_exact(LANES * of.len).zip(groups) {
        let mut states = [initial; LANES];
        for start in (0..of.len).step_by(BLOCK) {
            let mut blocks = [&[[0; 16]; 4]; LANES];
            for (lane, block) in blocks.iter_mut().enumerate() {
                let (words, _) = messages[lane * of.len + start..].as_chunks();
                *block = words.first_chunk().expect("a block");
            }
            compress(&mut states, blocks);
        }
        pad(&mut states, &of.padding);
        for (digest, state) in digests.iter_mut().zip(states) {
            store(digest, state);
        }
    }
    done
}

/// Four words, the first one the lowest.
#[inline]
#[target_feature(enable = "sse2")]
fn load(words: &[u32; 4]) -> __m128i {
    // SAFETY: 16 readable bytes.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

/// Between words in memory, which are big-endian, and in registers.
#[inline]
#[target_feature(enable = "ssse3")]
fn swap_bytes(words: __m128i) -> __m128i {
    let order = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    _mm_shuffle_epi8(words, order)
}

#[inline]
#[target_feature(enable = "ssse3")]
fn load_swapped(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 readable bytes.
    swap_bytes(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
}

/// Four rounds, given the words of the schedule with the rounds' constants added.
#[inline]
#[target_feature(enable = "sha,sse2")]
fn rounds(states: &mut [State; LANES], words: [__m128i; LANES]) {
    for (state, words) in states.iter_mut().zip(words) {
        state[1] = _mm_sha256rnds2_epu32(state[1], state[0], words);
    }
    for (state, words) in states.iter_mut().zip(words) {
        let upper = _mm_shuffle_epi32::<0b1110>(words);
        state[0] = _mm_sha256rnds2_epu32(state[0], state[1], upper);
    }
}

#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn compress(states: &mut [State; LANES], blocks: [&[[u8; 16]; 4]; LANES]) {
    let before = *states;
    let (constants, _) = ROUNDS.as_chunks();
    let mut schedules = [[_mm_setzero_si128(); 4]; LANES];
    for (i, constants) in constants.iter().enumerate() {
        let mut words = [_mm_setzero_si128(); LANES];
        for lane in 0..LANES {
            let schedule = &mut schedules[lane];
            schedule[i % 4] = if i < 4 {
                load_swapped(&blocks[lane][i])
            } else {
                let [w0, w1, w2, w3] = [0, 1, 2, 3].map(|j| schedule[(i + j) % 4]);
                let seven_before = _mm_alignr_epi8::<4>(w3, w2);
                let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), seven_before);
                _mm_sha256msg2_epu32(sum, w3)
            };
            words[lane] = _mm_add_epi32(schedule[i % 4], load(constants));
        }
        rounds(states, words);
    }
    add(states, before);
}

/// The block of padding, of which the schedule is known.
#[inline]
#[target_feature(enable = "sha,sse2")]
fn pad(states: &mut [State; LANES], schedule: &[u32; 64]) {
    let before = *states;
    for words in schedule.as_chunks().0 {
        rounds(states, [load(words); LANES]);
    }
    add(states, before);
}

#[inline]
#[target_feature(enable = "sse2")]
fn add(states: &mut [State; LANES], before: [State; LANES]) {
    for (state, before) in states.iter_mut().zip(before) {
        state[0] = _mm_add_epi32(state[0], before[0]);
        state[1] = _mm_add_epi32(state[1], before[1]);
    }
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn store(digest: &mut [u8; 32], [abef, cdgh]: State) {
    let feba = _mm_shuffle_epi32::<0b00_01_10_11>(abef);
    let dchg = _mm_shuffle_epi32::<0b10_11_00_01>(cdgh);
    let (halves, _) = digest.as_chunks_mut::<16>();
    let abcd = swap_bytes(_mm_blend_epi16::<0xf0>(feba, dchg));
    let efgh = swap_bytes(_mm_alignr_epi8::<8>(dchg, feba));
    // SAFETY: 16 writable bytes.
    unsafe { _mm_storeu_si128(halves[0].as_mut_ptr().cast(), abcd) };
    // SAFETY: 16 writable bytes.
    unsafe { _mm_storeu_si128(halves[1].as_mut_ptr().cast(), efgh) };
}
