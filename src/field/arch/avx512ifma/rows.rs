//! Between elements in memory, four words each, and words of eight lanes.

use super::words::Words;

/// Where words `0, 1` and `4, 5` of two registers meet, 128 bits at a time, ...
const EVEN: [u64; 8] = [0, 1, 8, 9, 4, 5, 12, 13];
/// ... and words `2, 3` and `6, 7`.
const ODD: [u64; 8] = [2, 3, 10, 11, 6, 7, 14, 15];

/// The left halves of two registers, ...
const LEFT: [u64; 8] = [0, 1, 2, 3, 8, 9, 10, 11];
/// ... and the right halves.
const RIGHT: [u64; 8] = [4, 5, 6, 7, 12, 13, 14, 15];

/// Word `j` of all rows in register `j`.
#[inline(always)]
pub(super) fn transpose(rows: [&[u64; 4]; 8]) -> [Words; 4] {
    let pair = |i: usize| Words::load_halves(rows[i], rows[i + 4]);
    let (r04, r15, r26, r37) = (pair(0), pair(1), pair(2), pair(3));
    let (even, odd) = (Words::load(&EVEN), Words::load(&ODD));
    let (low01, low23) = (Words::unpack_low(r04, r15), Words::unpack_low(r26, r37));
    let (high01, high23) = (Words::unpack_high(r04, r15), Words::unpack_high(r26, r37));
    [
        Words::permute2(low01, even, low23),
        Words::permute2(high01, even, high23),
        Words::permute2(low01, odd, low23),
        Words::permute2(high01, odd, high23),
    ]
}

/// The reverse of [`transpose`].
#[inline(always)]
pub(super) fn transpose_back([w0, w1, w2, w3]: [Words; 4]) -> [[u64; 4]; 8] {
    let (even, odd) = (Words::load(&EVEN), Words::load(&ODD));
    let (low01, low23) = (Words::permute2(w0, even, w2), Words::permute2(w0, odd, w2));
    let (high01, high23) = (Words::permute2(w1, even, w3), Words::permute2(w1, odd, w3));
    let mut rows = [[0; 4]; 8];
    let (low, high) = rows.split_at_mut(4);
    Words::unpack_low(low01, high01).store_halves(&mut low[0], &mut high[0]);
    Words::unpack_high(low01, high01).store_halves(&mut low[1], &mut high[1]);
    Words::unpack_low(low23, high23).store_halves(&mut low[2], &mut high[2]);
    Words::unpack_high(low23, high23).store_halves(&mut low[3], &mut high[3]);
    rows
}

/// Word `i` of register `j` in place `j` of register `i`.
#[inline(always)]
pub(super) fn transpose_square(r: [Words; 8]) -> [Words; 8] {
    let (even, odd) = (Words::load(&EVEN), Words::load(&ODD));
    let (left, right) = (Words::load(&LEFT), Words::load(&RIGHT));
    let mut columns = r;
    for parity in 0..2 {
        // Rows 2 i and 2 i + 1, then four rows, then all.
        let mut pairs = [r[0]; 4];
        for (i, pair) in pairs.iter_mut().enumerate() {
            *pair = if parity == 0 {
                Words::unpack_low(r[2 * i], r[2 * i + 1])
            } else {
                Words::unpack_high(r[2 * i], r[2 * i + 1])
            };
        }
        for (half, index) in [even, odd].into_iter().enumerate() {
            let upper = Words::permute2(pairs[0], index, pairs[1]);
            let lower = Words::permute2(pairs[2], index, pairs[3]);
            columns[2 * half + parity] = Words::permute2(upper, left, lower);
            columns[2 * half + parity + 4] = Words::permute2(upper, right, lower);
        }
    }
    columns
}

/// Five limbs of 52 bits of four words, times `2^shift`.
#[inline(always)]
pub(super) fn split(words: [Words; 4], shift: u64) -> [Words; 5] {
    let mask = Words::splat(super::MASK);
    let limb = |low: Words, right: u64, high: Words, left: u64| {
        Words::and(Words::or(low.shr(right), high.shl(left)), mask)
    };
    let [w0, w1, w2, w3] = words;
    [
        Words::and(w0.shl(shift), mask),
        limb(w0, 52 - shift, w1, 12 + shift),
        limb(w1, 40 - shift, w2, 24 + shift),
        limb(w2, 28 - shift, w3, 36 + shift),
        w3.shr(16 - shift),
    ]
}

/// Four words of five limbs of 52 bits, divided by `2^shift`.
#[inline(always)]
pub(super) fn join(limbs: [Words; 5], shift: u64) -> [Words; 4] {
    let [l0, l1, l2, l3, l4] = limbs;
    let word =
        |low: Words, right: u64, high: Words, left: u64| Words::or(low.shr(right), high.shl(left));
    [
        word(l0, shift, l1, 52 - shift),
        word(l1, 12 + shift, l2, 40 - shift),
        word(l2, 24 + shift, l3, 28 - shift),
        word(l3, 36 + shift, l4, 16 - shift),
    ]
}
