//! Sixteen messages at once by AVX-512, one in each lane of 32 bits (FIPS 180-4, section 6.2.2, word by word).
//!
//! A rotation is one instruction here, and so is any function of three words, bit by bit: 17 for a round and 11
//! for a word of the schedule, 101 a message and block, of which two are done in a cycle.

use core::arch::x86_64::*;

use super::{BLOCK, EqualLengths, INITIAL, ROUNDS};

/// Messages at once.
const LANES: usize = 16;

/// The same word of all messages.
type Words = __m512i;

/// The proof that the processor has AVX-512 F and BW.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sixteen(());

impl Sixteen {
    pub(super) fn new() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        has.then_some(Self(()))
    }

    /// Hashes groups of sixteen messages, and returns the number of messages hashed.
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

#[target_feature(enable = "avx512f,avx512bw")]
fn hash(of: &EqualLengths, messages: &[u8], digests: &mut [[u8; 32]]) -> usize {
    let (groups, _) = digests.as_chunks_mut::<LANES>();
    let done = groups.len() * LANES;
    for (messages, digests) in messages.chunks_exact(LANES * of.len).zip(groups) {
        let mut state = [_mm512_setzero_si512(); 8];
        for (word, initial) in state.iter_mut().zip(INITIAL) {
            *word = splat(initial);
        }
        for start in (0..of.len).step_by(BLOCK) {
            let mut rows = [_mm512_setzero_si512(); LANES];
            for (lane, row) in rows.iter_mut().enumerate() {
                let block = messages[lane * of.len + start..].first_chunk();
                *row = load_swapped(block.expect("a block"));
            }
            compress(&mut state, transpose(rows));
        }
        pad(&mut state, &of.padding);
        let mut rows = [_mm512_setzero_si512(); LANES];
        rows[..8].copy_from_slice(&state);
        for (digest, row) in digests.iter_mut().zip(transpose(rows)) {
            let row = _mm512_castsi512_si256(swap_bytes(row));
            // SAFETY: 32 writable bytes.
            unsafe { _mm256_storeu_si256(digest.as_mut_ptr().cast(), row) };
        }
    }
    done
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u32) -> Words {
    _mm512_set1_epi32(word as i32)
}

/// Between words in memory, which are big-endian, and in registers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn swap_bytes(words: Words) -> Words {
    let order = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(order))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn load_swapped(block: &[u8; BLOCK]) -> Words {
    // SAFETY: 64 readable bytes.
    swap_bytes(unsafe { _mm512_loadu_si512(block.as_ptr().cast()) })
}

/// Word `i` of row `j` in place `j` of row `i`.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose(rows: [Words; LANES]) -> [Words; LANES] {
    // In each quarter of a register: squares of two rows, then of four.
    let mut pairs = rows;
    for i in (0..LANES).step_by(2) {
        pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    let mut fours = pairs;
    for i in (0..LANES).step_by(4) {
        for half in 0..2 {
            let (upper, lower) = (pairs[i + half], pairs[i + half + 2]);
            fours[i + 2 * half] = _mm512_unpacklo_epi64(upper, lower);
            fours[i + 2 * half + 1] = _mm512_unpackhi_epi64(upper, lower);
        }
    }
    // Quarter `q` of `fours[4 r + c]` is a part of column `4 q + c`: the quarters are transposed.
    let mut columns = fours;
    for c in 0..4 {
        let [r0, r1, r2, r3] = [0, 4, 8, 12].map(|r| fours[r + c]);
        let even = |x, y| _mm512_shuffle_i32x4::<0b10_00_10_00>(x, y);
        let odd = |x, y| _mm512_shuffle_i32x4::<0b11_01_11_01>(x, y);
        let (upper, lower) = (even(r0, r1), even(r2, r3));
        columns[c] = even(upper, lower);
        columns[c + 8] = odd(upper, lower);
        let (upper, lower) = (odd(r0, r1), odd(r2, r3));
        columns[c + 4] = even(upper, lower);
        columns[c + 12] = odd(upper, lower);
    }
    columns
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(a: Words, b: Words) -> Words {
    _mm512_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn xor(a: Words, b: Words, c: Words) -> Words {
    // Bit i of the table is the value for inputs i.
    _mm512_ternarylogic_epi32::<0x96>(a, b, c)
}

/// The rotations to the right by these numbers, added bit by bit.
#[inline]
#[target_feature(enable = "avx512f")]
fn rotations<const A: i32, const B: i32, const C: i32>(x: Words) -> Words {
    xor(
        _mm512_ror_epi32::<A>(x),
        _mm512_ror_epi32::<B>(x),
        _mm512_ror_epi32::<C>(x),
    )
}

/// The same with a shift for the last rotation.
#[inline]
#[target_feature(enable = "avx512f")]
fn rotations_and_shift<const A: i32, const B: i32, const C: u32>(x: Words) -> Words {
    xor(
        _mm512_ror_epi32::<A>(x),
        _mm512_ror_epi32::<B>(x),
        _mm512_srli_epi32::<C>(x),
    )
}

/// A round, given the word of the schedule with the round's constant added.
#[inline]
#[target_feature(enable = "avx512f")]
fn round(state: &mut [Words; 8], word: Words) {
    let [a, b, c, d, e, f, g, h] = *state;
    let choice = _mm512_ternarylogic_epi32::<0xca>(e, f, g);
    let majority = _mm512_ternarylogic_epi32::<0xe8>(a, b, c);
    let first = add(add(add(h, word), choice), rotations::<6, 11, 25>(e));
    let second = add(rotations::<2, 13, 22>(a), majority);
    *state = [add(first, second), a, b, c, add(d, first), e, f, g];
}

#[inline]
#[target_feature(enable = "avx512f")]
fn compress(state: &mut [Words; 8], block: [Words; 16]) {
    let before = *state;
    let mut words = block;
    let (first, rest) = ROUNDS.split_at(16);
    for (&word, &constant) in words.iter().zip(first) {
        round(state, add(word, splat(constant)));
    }
    for constants in rest.as_chunks::<16>().0 {
        for (i, &constant) in constants.iter().enumerate() {
            let low = rotations_and_shift::<7, 18, 3>(words[(i + 1) % 16]);
            let high = rotations_and_shift::<17, 19, 10>(words[(i + 14) % 16]);
            let sum = add(add(words[(i + 9) % 16], low), words[i]);
            words[i] = add(sum, high);
            round(state, add(words[i], splat(constant)));
        }
    }
    add_all(state, before);
}

/// The block of padding, of which the schedule is known.
#[inline]
#[target_feature(enable = "avx512f")]
fn pad(state: &mut [Words; 8], schedule: &[u32; 64]) {
    let before = *state;
    for words in schedule.as_chunks::<8>().0 {
        for &word in words {
            round(state, splat(word));
        }
    }
    add_all(state, before);
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add_all(state: &mut [Words; 8], before: [Words; 8]) {
    for (word, before) in state.iter_mut().zip(before) {
        *word = add(*word, before);
    }
}
