//! A challenger on a permutation of field elements.

use rayon::prelude::*;

use super::{Challenger, ObserveDigests, check_bits, no_witness};
use crate::Result;
use crate::hash::{Poseidon2, Poseidon2Field};

/// A duplex sponge (Bertoni, Daemen, Peeters, Van Assche, 2011) of Poseidon2 in overwriting mode, with
/// `RATE` of `WIDTH` elements that are replaced and read. How many elements a block has is added to the
/// first element of the capacity.
#[derive(Clone, Debug)]
pub struct DuplexChallenger<F, const WIDTH: usize, const RATE: usize> {
    state: [F; WIDTH],
    input: Vec<F>,
    /// Read from the end.
    output: Vec<F>,
    permutation: Poseidon2<F, WIDTH>,
}

impl<F: Poseidon2Field<WIDTH>, const WIDTH: usize, const RATE: usize>
    DuplexChallenger<F, WIDTH, RATE>
{
    /// A challenger that has heard nothing.
    pub fn new(permutation: Poseidon2<F, WIDTH>) -> Self {
        const { assert!(0 < RATE && RATE < WIDTH) };
        Self {
            state: [F::ZERO; WIDTH],
            input: Vec::with_capacity(RATE),
            output: Vec::with_capacity(RATE),
            permutation,
        }
    }

    /// What is permuted once `input` is the next block.
    fn absorbed(&self, input: &[F]) -> [F; WIDTH] {
        let mut state = self.state;
        if !input.is_empty() {
            state[..RATE].fill(F::ZERO);
            state[..input.len()].copy_from_slice(input);
            state[RATE] += F::from(input.len() as u64);
        }
        state
    }

    fn duplex(&mut self) {
        self.state = self.absorbed(&self.input);
        self.permutation.permute(&mut self.state);
        self.input.clear();
        self.output.clear();
        self.output.extend_from_slice(&self.state[..RATE]);
    }
}

impl<F: Poseidon2Field<WIDTH>, const WIDTH: usize, const RATE: usize> Challenger<F>
    for DuplexChallenger<F, WIDTH, RATE>
{
    fn observe(&mut self, element: F) {
        // What was not read is no longer to be: it does not depend on this element.
        self.output.clear();
        self.input.push(element);
        if self.input.len() == RATE {
            self.duplex();
        }
    }

    fn sample(&mut self) -> F {
        if !self.input.is_empty() || self.output.is_empty() {
            self.duplex();
        }
        self.output.pop().expect("filled with the rate")
    }

    fn sample_bits(&mut self, bits: u32) -> usize {
        check_bits::<F>(bits);
        (self.sample().to_u64() & ((1 << bits) - 1)) as usize
    }

    fn check_witness(&mut self, bits: u32, witness: F) -> bool {
        check_bits::<F>(bits);
        if bits == 0 {
            return true;
        }
        self.observe(witness);
        self.sample_bits(bits) == 0
    }

    fn grind(&mut self, bits: u32) -> Result<F> {
        check_bits::<F>(bits);
        if bits == 0 {
            return Ok(F::ZERO);
        }
        // A witness completes the next block, whatever is in it, and the last of the rate is read.
        let place = self.input.len();
        let mut input = self.input.clone();
        input.push(F::ZERO);
        let base = self.absorbed(&input);
        const BATCH: u64 = 256;
        let witness = (0..F::MODULUS.div_ceil(BATCH))
            .into_par_iter()
            .find_map_first(|batch| {
                let candidates: Vec<F> = (batch * BATCH..)
                    .take(BATCH as usize)
                    .map_while(F::from_canonical)
                    .collect();
                let mut states = vec![base; candidates.len()];
                for (state, &candidate) in states.iter_mut().zip(&candidates) {
                    state[place] = candidate;
                }
                self.permutation.permute_all(&mut states);
                let works = |state: &[F; WIDTH]| state[RATE - 1].to_u64() & ((1 << bits) - 1) == 0;
                states.iter().position(works).map(|i| candidates[i])
            })
            .ok_or_else(|| no_witness(bits))?;
        assert!(self.check_witness(bits, witness), "found above");
        Ok(witness)
    }
}

impl<F, const WIDTH: usize, const RATE: usize, const OUT: usize> ObserveDigests<[F; OUT]>
    for DuplexChallenger<F, WIDTH, RATE>
where
    F: Poseidon2Field<WIDTH>,
{
    fn observe_cap(&mut self, cap: &[[F; OUT]]) {
        self.observe_slice(cap.as_flattened());
    }
}
