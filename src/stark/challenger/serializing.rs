//! A challenger on a hash of bytes.

use core::marker::PhantomData;

use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use super::{Challenger, ObserveDigests, check_bits, no_witness};
use crate::Result;
use crate::field::small::SmallField;

/// A challenger on Keccak-256: what it is told is collected as bytes and hashed when it is asked; the
/// digest is what is read, from its end, and what the next hash begins with. Elements go in as their
/// words in memory, little-endian.
///
/// This is `SerializingChallenger32` and `SerializingChallenger64` of Plonky3, by the size of `F`, on
/// `HashChallenger<u8, Keccak256Hash, 32>`.
#[derive(Clone, Debug)]
pub struct SerializingChallenger<F> {
    input: Vec<u8>,
    /// Read from the end.
    output: Vec<u8>,
    field: PhantomData<F>,
}

impl<F: SmallField> SerializingChallenger<F> {
    /// A challenger that has heard some bytes.
    pub fn new(heard: Vec<u8>) -> Self {
        Self {
            input: heard,
            output: Vec::new(),
            field: PhantomData,
        }
    }

    /// Takes bytes in.
    pub fn observe_bytes(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.output.clear();
            self.input.extend_from_slice(bytes);
        }
    }

    fn sample_byte(&mut self) -> u8 {
        if self.output.is_empty() {
            let digest = Keccak256::digest(&self.input);
            self.input.clear();
            self.input.extend_from_slice(&digest);
            self.output.extend_from_slice(&digest);
        }
        self.output.pop().expect("filled with a digest")
    }

    /// As many bytes as an element has, the first the lowest.
    fn sample_word(&mut self) -> u64 {
        (0..F::BYTES).fold(0, |word, i| word | u64::from(self.sample_byte()) << (8 * i))
    }

    /// [`Challenger::check_witness`] after the byte that is drawn and dropped before it.
    fn works(&mut self, bits: u32, witness: F) -> bool {
        self.observe(witness);
        self.sample_bits(bits) == 0
    }
}

impl<F: SmallField> Challenger<F> for SerializingChallenger<F> {
    fn observe(&mut self, element: F) {
        match F::BYTES {
            4 => self.observe_bytes(&bytemuck::cast::<F, u32>(element).to_le_bytes()),
            _ => self.observe_bytes(&bytemuck::cast::<F, u64>(element).to_le_bytes()),
        }
    }

    fn sample(&mut self) -> F {
        loop {
            let word = self.sample_word() & (u64::MAX >> (64 - F::BITS));
            if let Some(element) = F::from_canonical(word) {
                return element;
            }
        }
    }

    fn sample_bits(&mut self, bits: u32) -> usize {
        check_bits::<F>(bits);
        (self.sample_word() & ((1 << bits) - 1)) as usize
    }

    fn check_witness(&mut self, bits: u32, witness: F) -> bool {
        check_bits::<F>(bits);
        if bits == 0 {
            return true;
        }
        self.sample_byte();
        self.works(bits, witness)
    }

    fn grind(&mut self, bits: u32) -> Result<F> {
        check_bits::<F>(bits);
        if bits == 0 {
            return Ok(F::ZERO);
        }
        self.sample_byte();
        let witness = (0..F::MODULUS)
            .into_par_iter()
            .map(F::from)
            .find_first(|&candidate| self.clone().works(bits, candidate))
            .ok_or_else(|| no_witness(bits))?;
        assert!(self.works(bits, witness), "found above");
        Ok(witness)
    }
}

impl<F: SmallField> ObserveDigests<[u64; 4]> for SerializingChallenger<F> {
    fn observe_cap(&mut self, cap: &[[u64; 4]]) {
        for word in cap.as_flattened() {
            self.observe_bytes(&word.to_le_bytes());
        }
    }
}
