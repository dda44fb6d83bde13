//! Keccak-f[1600] (FIPS 202, section 3), on one state or on as many as a vector has lanes.

/// The constants of the rounds.
pub(crate) const ROUNDS: [u64; 24] = round_constants();

/// By how much the lane of column `x` and row `y` is rotated, at place `x + 5 y`.
pub(crate) const ROTATIONS: [i32; 25] = rotations();

/// FIPS 202, algorithm 5: a feedback register of 8 bits gives the bits at places `2^j - 1`.
const fn round_constants() -> [u64; 24] {
    let mut constants = [0; 24];
    let mut register = 1u32;
    let mut round = 0;
    while round < 24 {
        let mut j = 0;
        while j < 7 {
            if register & 1 == 1 {
                constants[round] |= 1 << ((1 << j) - 1);
            }
            register <<= 1;
            if register & 0x100 != 0 {
                register ^= 0x171;
            }
            j += 1;
        }
        round += 1;
    }
    constants
}

/// FIPS 202, algorithm 2: the lanes in the order of the walk `(x, y) -> (y, 2 x + 3 y)`.
const fn rotations() -> [i32; 25] {
    let mut rotations = [0; 25];
    let (mut x, mut y) = (1, 0);
    let mut t = 0;
    while t < 24 {
        rotations[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
        (x, y) = (y, (2 * x + 3 * y) % 5);
        t += 1;
    }
    rotations
}

/// The body once for each of these numbers, which is a constant in it: no loop is left, so that the state
/// can stay in registers.
macro_rules! unroll {
    ($number:ident in [$($value:literal)*] $body:block) => {
        $({
            const $number: usize = $value;
            $body
        })*
    };
}

/// The most lanes that a [`Word`] has.
pub(super) const MAX_LANES: usize = 8;

/// A word of as many states as it has lanes.
pub(super) trait Word: Copy {
    /// The number of states.
    const LANES: usize;

    fn zero() -> Self;
    /// A word for each lane; words beyond the lanes are not used.
    fn from_words(words: &[u64; MAX_LANES]) -> Self;
    /// The first words, one for each lane.
    fn load(words: &[u64]) -> Self;
    fn lane(&self, lane: usize) -> u64;
    fn splat(value: u64) -> Self;
    fn xor(self, other: Self) -> Self;
    /// `self ^ b ^ c`.
    fn xor3(self, b: Self, c: Self) -> Self;
    /// `self ^ (!b & c)`.
    fn chi(self, b: Self, c: Self) -> Self;
    /// Rotates to the left.
    fn rotate<const BITS: i32>(self) -> Self;

    /// Keccak-f[1600] on the lanes' states: word `x + 5 y` is the lane of column `x` and row `y`.
    #[inline(always)]
    fn permute(state: &mut [Self; 25]) {
        for constant in ROUNDS {
            // Theta: what is added to each column.
            let mut parity = [Self::zero(); 5];
            for x in 0..5 {
                let upper = state[x].xor3(state[x + 5], state[x + 10]);
                parity[x] = upper.xor3(state[x + 15], state[x + 20]);
            }
            // One word for each column, not two: with the state these fit the registers.
            let mut spread = [Self::zero(); 5];
            for x in 0..5 {
                spread[x] = parity[(x + 1) % 5].rotate::<1>().xor(parity[(x + 4) % 5]);
            }
            // Row by row, so that what is read of the old state goes as the new one comes: with both of them
            // whole, most of the time went into moving words to memory and back.
            let mut next = [Self::zero(); 25];
            unroll!(Y in [0 1 2 3 4] {
                // Rho and pi: the lane at (x, y) goes to (y, 2 x + 3 y).
                let mut row = [Self::zero(); 5];
                unroll!(X in [0 1 2 3 4] {
                    const COLUMN: usize = (X + 3 * Y) % 5;
                    const FROM: usize = COLUMN + 5 * X;
                    row[X] = state[FROM].xor(spread[COLUMN]).rotate::<{ ROTATIONS[FROM] }>();
                });
                // Chi.
                unroll!(X in [0 1 2 3 4] {
                    next[X + 5 * Y] = row[X].chi(row[(X + 1) % 5], row[(X + 2) % 5]);
                });
            });
            *state = next;
            // Iota.
            state[0] = state[0].xor(Self::splat(constant));
        }
    }
}

impl Word for u64 {
    const LANES: usize = 1;

    #[inline(always)]
    fn zero() -> Self {
        0
    }
    #[inline(always)]
    fn from_words(words: &[u64; MAX_LANES]) -> Self {
        words[0]
    }
    #[inline(always)]
    fn load(words: &[u64]) -> Self {
        words[0]
    }
    #[inline(always)]
    fn lane(&self, _: usize) -> u64 {
        *self
    }
    #[inline(always)]
    fn splat(value: u64) -> Self {
        value
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }
    #[inline(always)]
    fn xor3(self, b: Self, c: Self) -> Self {
        self ^ b ^ c
    }
    #[inline(always)]
    fn chi(self, b: Self, c: Self) -> Self {
        self ^ (!b & c)
    }
    #[inline(always)]
    fn rotate<const BITS: i32>(self) -> Self {
        self.rotate_left(BITS as u32)
    }
}

/// Keccak-f\[1600\] on one state: word `x + 5 y` is the lane of column `x` and row `y`.
pub fn keccak_f(state: &mut [u64; 25]) {
    Word::permute(state);
}

/// Work on words with any number of lanes.
pub(super) trait KeccakKernel {
    /// Runs it. Must be `#[inline(always)]`.
    fn run<W: Word>(self);
}

/// Runs a kernel with the widest words of this processor.
pub(super) fn run(kernel: impl KeccakKernel) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has AVX-512 F.
        unsafe { avx512::run(kernel) };
        return;
    }
    kernel.run::<u64>();
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use core::arch::x86_64::*;

    use super::{KeccakKernel, MAX_LANES, Word};

    #[target_feature(enable = "avx512f")]
    pub(super) fn run(kernel: impl KeccakKernel) {
        kernel.run::<Eight>();
    }

    /// A word of eight states; made only by [`run`], so on processors with AVX-512.
    #[derive(Clone, Copy)]
    struct Eight(__m512i);

    impl Word for Eight {
        const LANES: usize = 8;

        #[inline(always)]
        fn zero() -> Self {
            Self::splat(0)
        }
        #[inline(always)]
        fn from_words(words: &[u64; MAX_LANES]) -> Self {
            // SAFETY: both are 64 bytes of plain data.
            Self(unsafe { core::mem::transmute::<[u64; 8], __m512i>(*words) })
        }
        #[inline(always)]
        fn load(words: &[u64]) -> Self {
            Self::from_words(words.first_chunk().expect("a word for each lane"))
        }
        #[inline(always)]
        fn lane(&self, lane: usize) -> u64 {
            // SAFETY: both are 64 bytes of plain data.
            let words = unsafe { core::mem::transmute::<__m512i, [u64; 8]>(self.0) };
            words[lane]
        }
        #[inline(always)]
        fn splat(value: u64) -> Self {
            Self::from_words(&[value; MAX_LANES])
        }
        #[inline(always)]
        fn xor(self, other: Self) -> Self {
            // SAFETY: see `Eight`.
            Self(unsafe { _mm512_xor_si512(self.0, other.0) })
        }
        #[inline(always)]
        fn xor3(self, b: Self, c: Self) -> Self {
            // SAFETY: see `Eight`. Bit i of the table is the value for inputs i: a ^ b ^ c.
            Self(unsafe { _mm512_ternarylogic_epi64::<0x96>(self.0, b.0, c.0) })
        }
        #[inline(always)]
        fn chi(self, b: Self, c: Self) -> Self {
            // SAFETY: see `Eight`. Bit i of the table is the value for inputs i: a ^ (!b & c).
            Self(unsafe { _mm512_ternarylogic_epi64::<0xd2>(self.0, b.0, c.0) })
        }
        #[inline(always)]
        fn rotate<const BITS: i32>(self) -> Self {
            // SAFETY: see `Eight`.
            Self(unsafe { _mm512_rol_epi64::<BITS>(self.0) })
        }
    }
}
