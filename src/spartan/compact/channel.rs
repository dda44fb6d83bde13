//! The transcript: Keccak-256 as Plonky3's `HashChallenger` has it, and what is said through it.
//!
//! What is absorbed is kept. When bytes are drawn, all of it is hashed, the digest takes its place, and the
//! digest's bytes are given out from the last on; when there are none left, the digest is hashed.

use rayon::prelude::*;
use sha3::{Digest as _, Keccak256};

use super::tree::{Digest, from_bytes, rows_of_words, to_bytes};
use crate::error::{Fault, Result};
use crate::field::{Field, Fr, Int, PrimeField};
use crate::spartan::proof::place;
use crate::spartan::transcript::{element, take};

/// Bytes of a digest.
const DIGEST: usize = 32;
/// Bytes of a chunk of a seed, which an element holds whatever they are.
const CHUNK: usize = 31;

/// The sponge.
#[derive(Clone, Default)]
pub(super) struct Challenger {
    input: Vec<u8>,
    output: [u8; DIGEST],
    left: usize,
}

impl Challenger {
    fn observe(&mut self, bytes: &[u8]) {
        self.left = 0;
        self.input.extend_from_slice(bytes);
    }

    /// An element: 32 bytes, canonical, little-endian.
    pub(super) fn observe_element(&mut self, element: Fr) {
        self.observe(&bytes_of(element));
    }

    /// A seed, as elements: its length, then 31 bytes each, little-endian.
    pub(super) fn observe_seed(&mut self, seed: &[u8]) {
        let mut word = [0; DIGEST];
        word[..8].copy_from_slice(&(seed.len() as u64).to_le_bytes());
        self.observe(&word);
        for chunk in seed.chunks(CHUNK) {
            let mut word = [0; DIGEST];
            word[..chunk.len()].copy_from_slice(chunk);
            self.observe(&word);
        }
    }

    fn byte(&mut self) -> u8 {
        if self.left == 0 {
            self.output = Keccak256::digest(&self.input).into();
            self.input.clear();
            self.input.extend_from_slice(&self.output);
            self.left = DIGEST;
        }
        self.left -= 1;
        self.output[self.left]
    }

    /// A uniform element: 254 bits, again until they are below r.
    pub(super) fn challenge(&mut self) -> Fr {
        loop {
            let mut bytes: [u8; DIGEST] = std::array::from_fn(|_| self.byte());
            bytes[DIGEST - 1] &= 0xff >> (256 - Fr::BITS);
            if let Some(element) = Fr::from_canonical(Int::from_le_bytes(&bytes)) {
                return element;
            }
        }
    }

    pub(super) fn challenges(&mut self, count: usize) -> Vec<Fr> {
        (0..count).map(|_| self.challenge()).collect()
    }

    /// A number of so many bits, fewer than 64.
    fn bits(&mut self, bits: usize) -> usize {
        let bytes: [u8; 8] = std::array::from_fn(|_| self.byte());
        (u64::from_le_bytes(bytes) & ((1 << bits) - 1)) as usize
    }

    /// The places of rows among `2^log_rows`, `draws` of them, with repetitions; all, if none are drawn.
    pub(super) fn places(&mut self, draws: usize, log_rows: usize) -> Vec<usize> {
        if draws == 0 {
            return (0..1 << log_rows).collect();
        }
        (0..draws).map(|_| self.bits(log_rows)).collect()
    }

    /// Whether a nonce is an answer: after it so many bits are drawn as zeros.
    fn accepts(&mut self, work: usize, nonce: u64) -> bool {
        self.byte();
        self.observe_element(Fr::from_u64(nonce));
        self.bits(work) == 0
    }

    /// The least nonce that is accepted, which is absorbed.
    ///
    /// A candidate's hash is one permutation, of the digest, the nonce and the padding: a row of the tree's
    /// hash, of which many are computed at once.
    fn find_nonce(&mut self, work: usize) -> u64 {
        const ROWS: usize = 1 << 9;
        const TASKS: u64 = 32;
        const NONCE: usize = 4;
        let mut squeezed = self.clone();
        squeezed.byte();
        let mut block = [0; 17];
        block[..4].copy_from_slice(&from_bytes(&squeezed.output));
        block[8] = 1;
        block[16] = 1 << 63;
        let search = |columns: &mut Vec<[u64; ROWS]>, task: u64| {
            let first = task * ROWS as u64;
            columns.resize(block.len(), [0; ROWS]);
            for (column, &word) in columns.iter_mut().zip(&block) {
                column.fill(word);
            }
            for (nonce, i) in columns[NONCE].iter_mut().zip(0..) {
                *nonce = first + i;
            }
            let columns: Vec<&[u64]> = columns.iter().map(|column| &column[..]).collect();
            let mut digests = [Digest::default(); ROWS];
            rows_of_words(&columns, &mut digests);
            // The bytes that are drawn first are the last word's, from the highest on.
            let mask = (1 << work) - 1;
            let found = digests.iter().position(|d| d[3].swap_bytes() & mask == 0);
            found.map(|i| first + i as u64)
        };
        let nonce = (0..)
            .find_map(|batch| {
                (batch * TASKS..(batch + 1) * TASKS)
                    .into_par_iter()
                    .map_init(Vec::new, search)
                    .find_map_first(|found| found)
            })
            .expect("one of 2^64: the hash would have to be broken");
        let accepted = self.accepts(work, nonce);
        debug_assert!(accepted, "the search hashes what the transcript does");
        nonce
    }
}

/// An element's encoding.
fn bytes_of(element: Fr) -> [u8; Fr::BYTES] {
    let mut bytes = [0; Fr::BYTES];
    element.write_canonical(&mut bytes);
    bytes
}

/// The prover's side: what is said goes into the transcript and the proof.
pub(super) struct Speaker {
    pub(super) challenger: Challenger,
    proof: Vec<u8>,
}

impl Speaker {
    pub(super) fn new(challenger: Challenger) -> Self {
        Self {
            challenger,
            proof: Vec::new(),
        }
    }

    pub(super) fn say(&mut self, element: Fr) {
        let bytes = bytes_of(element);
        self.challenger.observe(&bytes);
        self.proof.extend_from_slice(&bytes);
    }

    pub(super) fn say_all(&mut self, elements: &[Fr]) {
        elements.iter().for_each(|&element| self.say(element));
    }

    pub(super) fn say_digest(&mut self, digest: &Digest) {
        let bytes = to_bytes(digest);
        self.challenger.observe(&bytes);
        self.proof.extend_from_slice(&bytes);
    }

    /// What a verifier can check against what was said: not absorbed.
    pub(super) fn hint(&mut self, element: Fr) {
        self.proof.extend_from_slice(&bytes_of(element));
    }

    /// Digests, their number in 64 bits before them.
    pub(super) fn hint_digests(&mut self, digests: &[Digest]) {
        let count = digests.len() as u64;
        self.proof.extend_from_slice(&count.to_le_bytes());
        for digest in digests {
            self.proof.extend_from_slice(&to_bytes(digest));
        }
    }

    /// A nonce, if work is asked for.
    pub(super) fn grind(&mut self, work: usize) {
        if work > 0 {
            let nonce = self.challenger.find_nonce(work);
            self.proof.extend_from_slice(&nonce.to_le_bytes());
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.proof
    }
}

/// The verifier's side: what is heard comes from the proof and goes into the transcript.
pub(super) struct Listener<'a> {
    pub(super) challenger: Challenger,
    proof: &'a [u8],
}

impl<'a> Listener<'a> {
    pub(super) fn new(challenger: Challenger, proof: &'a [u8]) -> Self {
        Self { challenger, proof }
    }

    fn bytes(&mut self, count: usize, part: &str) -> Result<&'a [u8]> {
        take(&mut self.proof, count, part)
    }

    pub(super) fn hear(&mut self, part: &str) -> Result<Fr> {
        let bytes = self.bytes(Fr::BYTES, part)?;
        self.challenger.observe(bytes);
        element(bytes, part)
    }

    pub(super) fn hear_all(&mut self, count: usize, part: &str) -> Result<Vec<Fr>> {
        (0..count).map(|_| self.hear(part)).collect()
    }

    pub(super) fn hear_digest(&mut self, part: &str) -> Result<Digest> {
        let bytes = self.bytes(DIGEST, part)?;
        self.challenger.observe(bytes);
        Ok(from_bytes(bytes.try_into().expect("32 bytes")))
    }

    /// Whether the prover did the work.
    pub(super) fn check_work(&mut self, work: usize) -> Result<bool> {
        if work == 0 {
            return Ok(true);
        }
        let nonce = self.bytes(8, "nonce")?.try_into().expect("eight bytes");
        Ok(self.challenger.accepts(work, u64::from_le_bytes(nonce)))
    }

    pub(super) fn hinted(&mut self, count: usize, part: &str) -> Result<Vec<Fr>> {
        // Taken at once, so that nothing is allocated that the proof does not have.
        let bytes = self.bytes(count * Fr::BYTES, part)?;
        let words = bytes.chunks_exact(Fr::BYTES);
        words.map(|bytes| element(bytes, part)).collect()
    }

    /// Digests, of which the proof must say that there are so many.
    pub(super) fn hinted_digests(&mut self, count: usize, part: &str) -> Result<Vec<Digest>> {
        let told = self.bytes(8, part)?.try_into().expect("eight bytes");
        let told = u64::from_le_bytes(told);
        if told != count as u64 {
            let reason = format!("{told} digests where {count} are due");
            return Err(place(part, Fault::Count, reason));
        }
        let bytes = self.bytes(count * DIGEST, part)?;
        let (digests, _) = bytes.as_chunks::<DIGEST>();
        Ok(digests.iter().map(from_bytes).collect())
    }

    /// What is left.
    pub(super) fn rest(&self) -> usize {
        self.proof.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_what_the_transcript_accepts() {
        let mut challenger = Challenger::default();
        challenger.observe_seed(b"a seed of more bytes than an element holds");
        for work in [1, 5, 12] {
            let mut verifier = challenger.clone();
            let nonce = challenger.find_nonce(work);
            let least = (0..).find(|&nonce| verifier.clone().accepts(work, nonce));
            assert_eq!(least, Some(nonce));
            assert!(verifier.accepts(work, nonce));
            assert_eq!(verifier.challenge(), challenger.challenge());
        }
    }

    #[test]
    fn places_are_in_range_and_all_where_all_are_opened() {
        let mut challenger = Challenger::default();
        for log_rows in [1, 7, 8, 9, 17] {
            let places = challenger.places(50, log_rows);
            assert_eq!(places.len(), 50);
            assert!(places.iter().all(|place| place >> log_rows == 0));
        }
        assert_eq!(challenger.places(0, 3), (0..8).collect::<Vec<_>>());
    }
}
