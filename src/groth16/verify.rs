//! The verifier.

use ark_bn254::{Bn254, Fq12, G1Affine as ArkG1, G2Affine as ArkG2};
use ark_ec::bn::G2Prepared;
use ark_ec::pairing::{MillerLoopOutput, Pairing};
use ark_ff::{One, Zero};
use rayon::prelude::*;

use super::proof::{Proof, VerifyingKey};
use crate::curve::{Affine, Curve, G1, G1Affine, G2Affine, Xyzz};
use crate::error::{Error, Result};
use crate::field::{Field, Fr, Int, PrimeField};

/// Terms that one task of [`sum_of_multiples`] takes: the doublings, which all its terms share, weigh
/// less than two of them then.
const SUM_CHUNK: usize = 16;
/// Proofs of a batch that one task takes through the Miller loop. Each needs 17 KiB of line
/// coefficients while its task runs.
const BATCH_CHUNK: usize = 16;

/// A verification key made ready: checked, with the pairing of alpha and beta and the line
/// coefficients of gamma and delta. One is used from many threads at once.
///
/// ```no_run
/// use zkiln::groth16::{PreparedVerifyingKey, Proof, PublicInputs, VerifyingKey};
///
/// let key = PreparedVerifyingKey::new(&VerifyingKey::open("verification_key.json")?)?;
/// let proof = Proof::open("proof.json")?;
/// let public = PublicInputs::open("public.json")?;
/// assert!(key.verify(&public, &proof)?);
/// # Ok::<(), zkiln::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PreparedVerifyingKey {
    key: VerifyingKey,
    /// `e(alpha, beta)`.
    alpha_beta: Fq12,
    gamma: G2Prepared<ark_bn254::Config>,
    delta: G2Prepared<ark_bn254::Config>,
}

impl PreparedVerifyingKey {
    /// Checks and prepares a key.
    ///
    /// # Errors
    /// [`Error::Malformed`] for points that are none, [`Error::WeakKey`] for a key that proves
    /// nothing: see [`VerifyingKey::weakness`].
    pub fn new(key: &VerifyingKey) -> Result<Self> {
        key.check_secure("verification key")?;
        Ok(Self::prepare(key))
    }

    /// [`PreparedVerifyingKey::new`] without the search for weaknesses: for keys of unfinished
    /// ceremonies, in tests and development. **Whoever accepts proofs for a weak key accepts
    /// anything.**
    ///
    /// # Errors
    /// [`Error::Malformed`] for points that are none.
    pub fn allowing_weak(key: &VerifyingKey) -> Result<Self> {
        key.check("verification key")?;
        Ok(Self::prepare(key))
    }

    fn prepare(key: &VerifyingKey) -> Self {
        Self {
            key: key.clone(),
            alpha_beta: pairing(&key.alpha_g1, &key.beta_g2),
            gamma: ArkG2::from(key.gamma_g2).into(),
            delta: ArkG2::from(key.delta_g2).into(),
        }
    }

    /// The key that was prepared.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Whether `proof` is a valid one for these public inputs: three Miller loops and one final
    /// exponentiation, about a millisecond, and some 30 us for each public input.
    ///
    /// A proof that is not [well formed](Proof::is_well_formed) is invalid. That a proof is valid does
    /// not make it fresh: see [`Proof`].
    ///
    /// # Errors
    /// [`Error::PublicInputs`] for too few, too many, and for values that are not reduced.
    pub fn verify(&self, public: &[Fr], proof: &Proof) -> Result<bool> {
        self.check_public(public)?;
        if !proof.is_well_formed() {
            return Ok(false);
        }
        let ic = &self.key.ic;
        let inputs = sum_of_multiples(&ic[1..], public).add_affine(&ic[0]);
        let loops = self.miller_loop([(proof.a, proof.b)], inputs, proof.c.into());
        Ok(exponentiate(loops) == self.alpha_beta)
    }

    /// Whether **all** proofs of a batch are valid, each for its public inputs, in less than
    /// half the time that [`PreparedVerifyingKey::verify`] takes for each. An empty batch is valid.
    ///
    /// The equations are added up with random coefficients of 128 bits, so a batch with an invalid
    /// proof passes with a probability of 2^-128.
    /// [`PreparedVerifyingKey::invalid_proofs`] tells which ones they are.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] as for a single proof, [`Error::Entropy`] when the system has no
    /// randomness.
    pub fn verify_batch<P: AsRef<[Fr]> + Sync>(&self, batch: &[(P, Proof)]) -> Result<bool> {
        for (i, (public, _)) in batch.iter().enumerate() {
            self.check_public(public.as_ref())
                .map_err(|e| within_batch(e, i))?;
        }
        if !batch.par_iter().all(|(_, proof)| proof.is_well_formed()) {
            return Ok(false);
        }
        let mut coefficients = vec![[0u64; 2]; batch.len()];
        getrandom::fill(bytemuck::cast_slice_mut(&mut coefficients))
            .map_err(|e| Error::Entropy(e.to_string()))?;

        // prod e(c_j A_j, B_j) = e(alpha, beta)^(sum c_j) e(sum c_j x_j, gamma) e(sum c_j C_j, delta)
        let mut scalars = vec![Fr::ZERO; self.key.ic.len()];
        for ((public, _), &[low, high]) in batch.iter().zip(&coefficients) {
            let c = Fr::from(Int([low, high, 0, 0]));
            scalars[0] += c;
            for (scalar, &value) in scalars[1..].iter_mut().zip(public.as_ref()) {
                *scalar += c * value;
            }
        }
        let inputs = sum_of_multiples(&self.key.ic, &scalars);
        let (loops, c) = batch
            .par_chunks(BATCH_CHUNK)
            .zip(coefficients.par_chunks(BATCH_CHUNK))
            .map(|(chunk, coefficients)| {
                let terms = chunk.iter().zip(coefficients);
                let c = terms
                    .clone()
                    .map(|((_, p), c)| Xyzz::from(p.c).mul_limbs(c))
                    .sum();
                let a = terms.map(|((_, p), c)| ark(Xyzz::from(p.a).mul_limbs(c)));
                let b = chunk.iter().map(|(_, p)| ArkG2::from(p.b));
                (Bn254::multi_miller_loop(a, b).0, c)
            })
            .reduce(
                || (Fq12::one(), Xyzz::<G1>::INFINITY),
                |(f, c), (g, d)| (f * g, c + d),
            );
        let alpha = -(self.key.alpha_g1 * scalars[0]).to_affine();
        let shared = self.miller_loop([(alpha, self.key.beta_g2)], inputs, c);
        Ok(exponentiate(loops * shared) == Fq12::one())
    }

    /// The indices of the invalid proofs of a batch, in order, each verified by itself.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] as for a single proof.
    pub fn invalid_proofs<P: AsRef<[Fr]> + Sync>(
        &self,
        batch: &[(P, Proof)],
    ) -> Result<Vec<usize>> {
        let valid: Vec<bool> = (batch.par_iter().enumerate())
            .map(|(i, (public, proof))| {
                self.verify(public.as_ref(), proof)
                    .map_err(|e| within_batch(e, i))
            })
            .collect::<Result<_>>()?;
        Ok((0..valid.len()).filter(|&i| !valid[i]).collect())
    }

    fn check_public(&self, public: &[Fr]) -> Result<()> {
        let expected = self.key.public_count();
        if public.len() != expected {
            let reason = format!("{} values for a circuit with {expected}", public.len());
            return Err(Error::PublicInputs(reason));
        }
        match public.iter().position(|value| !value.is_reduced()) {
            Some(i) => {
                let reason = format!("value {i} is not below the group's order r");
                Err(Error::PublicInputs(reason))
            }
            None => Ok(()),
        }
    }

    /// The Miller loops of the pairs, of `(-inputs, gamma)` and of `(-c, delta)`, multiplied.
    fn miller_loop<const N: usize>(
        &self,
        pairs: [(G1Affine, G2Affine); N],
        inputs: Xyzz<G1>,
        c: Xyzz<G1>,
    ) -> Fq12 {
        let (g1, g2): (Vec<_>, Vec<_>) = pairs
            .iter()
            .map(|(p, q)| (ArkG1::from(*p), G2Prepared::from(ArkG2::from(*q))))
            .unzip();
        let g1 = g1.into_iter().chain([ark(-inputs), ark(-c)]);
        let g2 = g2
            .into_iter()
            .chain([self.gamma.clone(), self.delta.clone()]);
        Bn254::multi_miller_loop(g1, g2).0
    }
}

impl VerifyingKey {
    /// Prepares the key and verifies one proof: see [`PreparedVerifyingKey::verify`].
    ///
    /// # Errors
    /// Those of [`PreparedVerifyingKey::new`] and [`PreparedVerifyingKey::verify`].
    pub fn verify(&self, public: &[Fr], proof: &Proof) -> Result<bool> {
        PreparedVerifyingKey::new(self)?.verify(public, proof)
    }
}

/// `e(p, q)` for members of the groups.
pub(super) fn pairing(p: &G1Affine, q: &G2Affine) -> Fq12 {
    exponentiate(Bn254::miller_loop(ArkG1::from(*p), ArkG2::from(*q)).0)
}

/// The final exponentiation. Zero, which no Miller loop of group members gives, stays zero.
fn exponentiate(f: Fq12) -> Fq12 {
    Bn254::final_exponentiation(MillerLoopOutput(f)).map_or(Fq12::zero(), |e| e.0)
}

fn ark(p: Xyzz<G1>) -> ArkG1 {
    p.to_affine().into()
}

/// `sum scalar_i point_i`, by double and add from the top bit, with the doublings shared.
fn sum_of_multiples<C: Curve>(points: &[Affine<C>], scalars: &[C::Scalar]) -> Xyzz<C> {
    let sum = |(points, scalars): (&[Affine<C>], &[C::Scalar])| {
        let scalars: Vec<_> = scalars.iter().map(PrimeField::to_canonical).collect();
        (0..C::Scalar::BITS as usize)
            .rev()
            .fold(Xyzz::INFINITY, |acc, bit| {
                let terms = points.iter().zip(&scalars);
                terms
                    .filter(|(_, scalar)| (scalar.as_ref()[bit / 64] >> (bit % 64)) & 1 == 1)
                    .fold(acc.double(), |acc, (point, _)| acc.add_affine(point))
            })
    };
    let chunks = points
        .par_chunks(SUM_CHUNK)
        .zip(scalars.par_chunks(SUM_CHUNK));
    chunks.map(sum).reduce(Xyzz::default, |a, b| a + b)
}

fn within_batch(error: Error, i: usize) -> Error {
    match error {
        Error::PublicInputs(reason) => Error::PublicInputs(format!("proof {i}: {reason}")),
        other => other,
    }
}
