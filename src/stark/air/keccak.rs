//! Keccak-f\[1600\], a round a row.

use super::rows::filled;
use super::{Air, Builder, Expr, Shape};
use crate::Result;
use crate::field::small::SmallField;
use crate::hash::keccak::{ROTATIONS, ROUNDS};
use crate::poly::Columns;

/// Permutations of Keccak-f\[1600\], 24 rows each. Words are of four limbs of 16 bits where they are only
/// passed on and of 64 bits where they are computed with; the field must have more than `2^16` elements.
///
/// The columns and constraints are those of `KeccakAir` of Plonky3 0.8.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeccakAir;

// The columns, group by group; words are in the order `x + 5 y`.
const LIMBS: usize = 4;
const BITS: usize = 64;
const FLAGS: usize = 0;
/// Whether the permutation is to be seen from outside.
const EXPORT: usize = FLAGS + 24;
const INPUT: usize = EXPORT + 1;
/// The state before the round.
const STATE: usize = INPUT + 25 * LIMBS;
/// The parities of its columns, and these after theta.
const PARITY: usize = STATE + 25 * LIMBS;
const PARITY_AFTER: usize = PARITY + 5 * BITS;
/// The state after theta, and after chi.
const THETA: usize = PARITY_AFTER + 5 * BITS;
const CHI: usize = THETA + 25 * BITS;
/// Word 0 after chi, and after iota.
const CHI_BITS: usize = CHI + 25 * LIMBS;
const IOTA: usize = CHI_BITS + BITS;
const WIDTH: usize = IOTA + LIMBS;

/// Rows that are made at a time.
const PART: usize = 48;

/// What a row is about.
#[derive(Clone, Copy)]
struct Round {
    number: usize,
    input: [u64; 25],
    state: [u64; 25],
    parity: [u64; 5],
    parity_after: [u64; 5],
    theta: [u64; 25],
    chi: [u64; 25],
}

impl Round {
    /// The round of this number on a state.
    fn new(number: usize, input: &[u64; 25], state: &[u64; 25]) -> Self {
        let parity: [u64; 5] =
            core::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ state[x + 5 * y]));
        let parity_after = core::array::from_fn(|x| {
            parity[x] ^ parity[(x + 4) % 5] ^ parity[(x + 1) % 5].rotate_left(1)
        });
        let theta = core::array::from_fn(|i| state[i] ^ parity[i % 5] ^ parity_after[i % 5]);
        let rotated = |x: usize, y: usize| {
            let from = source(x % 5, y);
            theta[from].rotate_left(ROTATIONS[from] as u32)
        };
        let chi = core::array::from_fn(|i| {
            let (x, y) = (i % 5, i / 5);
            rotated(x, y) ^ (!rotated(x + 1, y) & rotated(x + 2, y))
        });
        Self {
            number,
            input: *input,
            state: *state,
            parity,
            parity_after,
            theta,
            chi,
        }
    }

    fn after(&self) -> [u64; 25] {
        let mut after = self.chi;
        after[0] ^= ROUNDS[self.number];
        after
    }
}

/// The word that rho and pi take to column `x` and row `y`.
fn source(x: usize, y: usize) -> usize {
    (x + 3 * y) % 5 + 5 * x
}

impl KeccakAir {
    /// The trace of these inputs, word `x + 5 y` of each for the lane of column `x` and row `y`. The rows
    /// up to a power of two are for inputs of zeros. Parallel.
    ///
    /// # Errors
    /// None but for lack of rows, of which there is one at least.
    pub fn trace<F: SmallField>(&self, inputs: &[[u64; 25]]) -> Result<Columns<F>> {
        let height = (24 * inputs.len()).next_power_of_two();
        filled(WIDTH, height, PART, |first, mut columns| {
            let mut rounds = Vec::with_capacity(PART);
            let rows = first..first + columns[0].len();
            for start in rows.clone().step_by(24) {
                // Parts begin with a permutation.
                let input = *inputs.get(start / 24).unwrap_or(&[0; 25]);
                let mut state = input;
                for number in 0..24.min(rows.end - start) {
                    let round = Round::new(number, &input, &state);
                    state = round.after();
                    rounds.push(round);
                }
            }
            fill(&rounds, &mut columns);
        })
    }
}

/// Column by column, so that each is written in runs.
fn fill<F: SmallField>(rounds: &[Round], columns: &mut [&mut [F]]) {
    let mut write = |column: usize, value: &dyn Fn(&Round) -> F| {
        for (cell, round) in columns[column].iter_mut().zip(rounds) {
            *cell = value(round);
        }
    };
    let bit = |word: u64, z: usize| if word >> z & 1 == 1 { F::ONE } else { F::ZERO };
    let limb = |word: u64, i: usize| F::from(word >> (16 * i) & 0xffff);
    for flag in 0..24 {
        write(FLAGS + flag, &|round| bit(1 << round.number, flag));
    }
    for word in 0..25 {
        for i in 0..LIMBS {
            let place = LIMBS * word + i;
            write(INPUT + place, &|round| limb(round.input[word], i));
            write(STATE + place, &|round| limb(round.state[word], i));
            write(CHI + place, &|round| limb(round.chi[word], i));
        }
        for z in 0..BITS {
            write(THETA + BITS * word + z, &|round| bit(round.theta[word], z));
        }
    }
    for x in 0..5 {
        for z in 0..BITS {
            let place = BITS * x + z;
            write(PARITY + place, &|round| bit(round.parity[x], z));
            write(PARITY_AFTER + place, &|round| bit(round.parity_after[x], z));
        }
    }
    for z in 0..BITS {
        write(CHI_BITS + z, &|round| bit(round.chi[0], z));
    }
    for i in 0..LIMBS {
        write(IOTA + i, &|round| limb(round.after()[0], i));
    }
}

impl<F: SmallField> Air<F> for KeccakAir {
    fn shape(&self) -> Shape<F> {
        Shape {
            width: WIDTH,
            next_row: true,
            ..Shape::default()
        }
    }

    fn eval<'a>(&self, b: &Builder<'a, F>) {
        let word = |group: usize, word: usize, i: usize| b.main(group + LIMBS * word + i);
        let bit = |group: usize, word: usize, z: usize| b.main(group + BITS * word + z % BITS);
        let flag = |round: usize| b.main(FLAGS + round);
        let export = b.main(EXPORT);

        round_flags(b);
        let not_final = 1 - flag(23);
        let goes_on = b.is_transition() * not_final;

        // In the first round the state is the input, which stays the same up to the last.
        for place in 0..25 * LIMBS {
            let (input, state) = (b.main(INPUT + place), b.main(STATE + place));
            b.when(flag(0)).assert_eq(input, state);
        }
        for place in 0..25 * LIMBS {
            let (input, next) = (b.main(INPUT + place), b.next(INPUT + place));
            b.when(goes_on).assert_eq(input, next);
        }

        // Only a last round is exported.
        b.assert_bool(export);
        b.when(not_final).assert_zero(export);

        // Of bits the arithmetic exclusive or gives bits.
        for x in 0..5 {
            for z in 0..BITS {
                b.assert_bool(bit(PARITY, x, z));
            }
            for z in 0..BITS {
                let left = bit(PARITY, (x + 4) % 5, z);
                let right = bit(PARITY, (x + 1) % 5, z + 63);
                let xor = bit(PARITY, x, z).xor(left).xor(right);
                b.assert_eq(bit(PARITY_AFTER, x, z), xor);
            }
        }

        // The state before theta, from the bits after it: this bounds the limbs too.
        for x in 0..5 {
            let change = |z: usize| bit(PARITY, x, z).xor(bit(PARITY_AFTER, x, z));
            for y in 0..5 {
                for z in 0..BITS {
                    b.assert_bool(bit(THETA, x + 5 * y, z));
                }
                for i in 0..LIMBS {
                    let before = |z: usize| bit(THETA, x + 5 * y, z).xor(change(z));
                    b.assert_eq(limb(i, before), word(STATE, x + 5 * y, i));
                }
            }
        }

        // The parity after theta differs from the sum of its column by 0, 2 or 4.
        for x in 0..5 {
            for z in 0..BITS {
                let sum: Expr<'a, F> = (0..5).map(|y| bit(THETA, x + 5 * y, z)).sum();
                let rest = sum - bit(PARITY_AFTER, x, z);
                b.assert_zero(rest * (rest - 2) * (rest - 4));
            }
        }

        // Chi of rho and pi.
        for y in 0..5 {
            for x in 0..5 {
                let rotated = |x: usize, z: usize| {
                    let from = source(x % 5, y);
                    bit(THETA, from, z + BITS - ROTATIONS[from] as usize)
                };
                let chi = |z| rotated(x + 1, z).andn(rotated(x + 2, z)).xor(rotated(x, z));
                for i in 0..LIMBS {
                    b.assert_eq(limb(i, chi), word(CHI, x + 5 * y, i));
                }
            }
        }

        // Iota, on the bits of word 0.
        for z in 0..BITS {
            b.assert_bool(bit(CHI_BITS, 0, z));
        }
        for i in 0..LIMBS {
            b.assert_eq(limb(i, |z| bit(CHI_BITS, 0, z)), word(CHI, 0, i));
        }
        let iota = |z: usize| {
            let rounds = (0..24).filter(|&round| ROUNDS[round] >> z & 1 == 1);
            let constant = rounds.fold(b.constant(F::ZERO), |sum, round| sum + flag(round));
            constant.xor(bit(CHI_BITS, 0, z))
        };
        for i in 0..LIMBS {
            b.assert_eq(limb(i, iota), word(IOTA, 0, i));
        }

        // The state after a round that is not the last is the next one's.
        for x in 0..5 {
            for y in 0..5 {
                for i in 0..LIMBS {
                    let after = match x + 5 * y {
                        0 => word(IOTA, 0, i),
                        place => word(CHI, place, i),
                    };
                    let next = b.next(STATE + LIMBS * (x + 5 * y) + i);
                    b.when(goes_on).assert_eq(after, next);
                }
            }
        }
    }
}

/// The flags begin with the first round's, and move by one in every row.
fn round_flags<F: SmallField>(b: &Builder<'_, F>) {
    let first = b.when(b.is_first_row());
    first.assert_eq(b.main(FLAGS), b.constant(F::ONE));
    for round in 1..24 {
        first.assert_zero(b.main(FLAGS + round));
    }
    for round in 0..24 {
        let next = b.next(FLAGS + (round + 1) % 24);
        b.when(b.is_transition())
            .assert_eq(b.main(FLAGS + round), next);
    }
}

/// A limb of 16 bits, the highest first.
fn limb<'a, F: SmallField>(i: usize, bit: impl Fn(usize) -> Expr<'a, F>) -> Expr<'a, F> {
    let lower = (16 * i..16 * i + 15).rev();
    lower.fold(bit(16 * i + 15), |sum, z| sum.double() + bit(z))
}
