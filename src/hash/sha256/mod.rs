//! SHA-256 (FIPS 180-4) of many messages of equal length at once: rows and nodes of trees.
//!
//! A message's rounds wait for each other, so one message at a time leaves most of a processor idle. With
//! AVX-512 sixteen messages are hashed at once, one in each lane; with the SHA extensions alone two, step by
//! step in turn. What a group leaves, and all on other processors, goes through the crate sha2.
//!
//! Where whole blocks are hashed, the last block of a message is padding that is known beforehand, and so is
//! its schedule: its rounds are all that it costs.

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod sha_ni;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

#[cfg(target_arch = "x86_64")]
use crate::field::arch::Cpu;

/// The bytes of a block.
const BLOCK: usize = 64;

/// The first 64 primes.
const PRIMES: [u32; 64] = primes();

/// The constants of the rounds (FIPS 180-4, 4.2.2): the first 32 bits of the fractions of the primes' cube
/// roots.
const ROUNDS: [u32; 64] = round_constants();

/// The state before a message (FIPS 180-4, 5.3.3): the same of the first eight primes' square roots.
const INITIAL: [u32; 8] = initial_state();

const fn primes() -> [u32; 64] {
    let mut primes = [0; 64];
    let mut count = 0;
    let mut candidate = 2;
    while count < 64 {
        let mut i = 0;
        while i < count && candidate % primes[i] != 0 {
            i += 1;
        }
        if i == count {
            primes[count] = candidate;
            count += 1;
        }
        candidate += 1;
    }
    primes
}

const fn round_constants() -> [u32; 64] {
    let mut constants = [0; 64];
    let mut i = 0;
    while i < 64 {
        // The root times 2^32, bit by bit; that of 311 is below 2^35.
        let cube = (PRIMES[i] as u128) << 96;
        let mut root = 0u128;
        let mut bit = 35;
        while bit > 0 {
            bit -= 1;
            let next = root | 1 << bit;
            if next * next * next <= cube {
                root = next;
            }
        }
        constants[i] = root as u32;
        i += 1;
    }
    constants
}

const fn initial_state() -> [u32; 8] {
    let mut state = [0; 8];
    let mut i = 0;
    while i < 8 {
        state[i] = ((PRIMES[i] as u128) << 64).isqrt() as u32;
        i += 1;
    }
    state
}

/// The schedule of the block that pads a message of `len` bytes, a multiple of [`BLOCK`], with the rounds'
/// constants added (FIPS 180-4, 5.1.1 and 6.2.2).
const fn padding(len: usize) -> [u32; 64] {
    let bits = 8 * len as u64;
    let mut words = [0u32; 64];
    words[0] = 1 << 31;
    words[14] = (bits >> 32) as u32;
    words[15] = bits as u32;
    let mut t = 16;
    while t < 64 {
        let (x, y) = (words[t - 15], words[t - 2]);
        let low = x.rotate_right(7) ^ x.rotate_right(18) ^ x >> 3;
        let high = y.rotate_right(17) ^ y.rotate_right(19) ^ y >> 10;
        let sum = words[t - 16].wrapping_add(words[t - 7]);
        words[t] = sum.wrapping_add(low).wrapping_add(high);
        t += 1;
    }
    t = 0;
    while t < 64 {
        words[t] = words[t].wrapping_add(ROUNDS[t]);
        t += 1;
    }
    words
}

/// SHA-256 of messages that have all the same length.
pub(crate) struct EqualLengths {
    len: usize,
    padding: [u32; 64],
}

impl EqualLengths {
    /// Of messages of `len` bytes.
    ///
    /// # Panics
    /// If `len` is not a positive multiple of 64.
    pub(crate) const fn new(len: usize) -> Self {
        assert!(len > 0 && len.is_multiple_of(BLOCK), "whole blocks");
        let padding = padding(len);
        Self { len, padding }
    }

    /// Hashes messages, which are one after the other. Not parallel.
    ///
    /// # Panics
    /// If there are not as many messages as digests.
    pub(crate) fn hash(&self, messages: &[u8], digests: &mut [[u8; 32]]) {
        self.hash_with(Units::get(), messages, digests);
    }

    fn hash_with(&self, units: Units, messages: &[u8], digests: &mut [[u8; 32]]) {
        let len = digests.len() * self.len;
        assert_eq!(messages.len(), len, "a message for each digest");
        #[cfg(target_arch = "x86_64")]
        let (messages, digests) = {
            let done = units.sixteen.map(|u| u.hash(self, messages, digests));
            let done = done.unwrap_or(0);
            let (messages, digests) = (&messages[done * self.len..], &mut digests[done..]);
            let done = units.pair.map(|u| u.hash(self, messages, digests));
            let done = done.unwrap_or(0);
            (&messages[done * self.len..], &mut digests[done..])
        };
        #[cfg(not(target_arch = "x86_64"))]
        let Units {} = units;
        for (message, digest) in messages.chunks_exact(self.len).zip(digests) {
            *digest = Sha256::digest(message).into();
        }
    }
}

/// What hashes several messages at once on this processor: a value is the proof that it has the instructions.
#[derive(Clone, Copy, Debug)]
struct Units {
    #[cfg(target_arch = "x86_64")]
    sixteen: Option<avx512::Sixteen>,
    #[cfg(target_arch = "x86_64")]
    pair: Option<sha_ni::Pair>,
}

impl Units {
    /// All that the processor has, or none if `ZKILN_CPU` forces portable code; looked up once.
    fn get() -> Self {
        static UNITS: OnceLock<Units> = OnceLock::new();
        *UNITS.get_or_init(|| {
            #[cfg(target_arch = "x86_64")]
            if !Cpu::is_forced_generic() {
                return Self {
                    sixteen: avx512::Sixteen::new(),
                    pair: sha_ni::Pair::new(),
                };
            }
            Self::none()
        })
    }

    fn none() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            sixteen: None,
            #[cfg(target_arch = "x86_64")]
            pair: None,
        }
    }
}
