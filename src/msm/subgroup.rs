//! Membership of all bases in the subgroup of prime order.

use super::Msm;
use crate::curve::{Curve, G2};
use crate::field::Int;
use crate::{Error, Result};

/// Bits of a random coefficient. The smallest order of a point outside G2 is 10069, the smallest factor
/// of the cofactor, so coefficients of more bits would not make a round catch more.
const BITS: u32 = 13;
/// Rounds: each misses a set with a point outside with a probability below 2^-13.
const ROUNDS: usize = 3;

impl Msm<G2> {
    /// Whether all bases, which must be on the curve, lie in the group of prime order.
    ///
    /// A random linear combination of the bases is checked instead of each: with coefficients below
    /// 2^13 it is in the group by chance with a probability of at most 2^-13, so three rounds miss bad
    /// bases with a probability of 2^-39, whoever chose them; each try draws new coefficients. A round
    /// costs one addition a base, where a check of its own takes 127 doublings.
    ///
    /// # Errors
    /// [`Error::Entropy`] if the system has no randomness.
    pub fn bases_in_subgroup(&self) -> Result<bool> {
        for _ in 0..ROUNDS {
            let mut random = vec![0u16; self.len()];
            getrandom::fill(bytemuck::cast_slice_mut(&mut random))
                .map_err(|e| Error::Entropy(e.to_string()))?;
            let coefficients: Vec<Int<4>> = random
                .iter()
                .map(|&r| Int::from_u64(u64::from(r >> (16 - BITS))))
                .collect();
            if !G2::is_in_subgroup(&self.run(&coefficients)?.to_affine()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
