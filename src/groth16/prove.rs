//! The prover.
//!
//! Groth16 (ePrint 2016/260) in the variant of snarkjs: the quotient's MSM is over the Lagrange basis
//! of the odd coset, so the values `h_i = (A B - C)(g^(2i+1))` are its scalars as they are, with no
//! division by the vanishing polynomial and no last transform. The sums are the work of an
//! [`Engine`](super::engine::Engine); this is what comes before and after.

use zeroize::Zeroize;

use super::engine::Sums;
use super::key::ProvingKey;
use super::proof::{Proof, PublicInputs};
use super::r1cs::R1cs;
use super::wtns::Witness;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::field::{Fr, PrimeField};

/// How a proof is made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ProveOptions<'a> {
    /// Verify the proof before it is handed out. Without this, a witness that does not satisfy the
    /// circuit and a fault of the machine give an invalid proof, and a hostile key can make a proof
    /// that leaks the witness: only for callers that verify it themselves.
    pub verify: bool,
    /// The circuit, to say which constraint a witness breaks.
    pub r1cs: Option<&'a R1cs>,
    /// What may stop the proof between its phases, the longest of which is one MSM.
    pub cancel: Option<&'a Cancel>,
}

impl Default for ProveOptions<'_> {
    /// With verification, without the circuit, not to be stopped.
    fn default() -> Self {
        Self {
            verify: true,
            r1cs: None,
            cancel: None,
        }
    }
}

/// `r` and `s`, which make a proof independent of its witness. Used for two witnesses, they leak both.
struct Blinding {
    r: Fr,
    s: Fr,
}

impl Drop for Blinding {
    fn drop(&mut self) {
        self.r.zeroize();
        self.s.zeroize();
    }
}

impl Blinding {
    fn random() -> Result<Self> {
        Ok(Self {
            r: Fr::random()?,
            s: Fr::random()?,
        })
    }
}

impl ProvingKey {
    /// Proves that `witness` satisfies the circuit, and verifies the proof.
    ///
    /// Two proofs of one witness differ: the blinding is drawn afresh from the operating system.
    ///
    /// # Errors
    /// [`Error::WitnessMismatch`] for a witness of another length, [`Error::Unsatisfied`] for one that
    /// breaks a constraint, [`Error::Entropy`].
    pub fn prove(&self, witness: &Witness) -> Result<(Proof, PublicInputs)> {
        self.prove_with(witness, &ProveOptions::default())
    }

    /// [`ProvingKey::prove`] with options.
    ///
    /// # Errors
    /// Those of [`ProvingKey::prove`], and [`Error::Cancelled`]; with the circuit at hand also
    /// [`Error::SelfCheck`] for a proof that is invalid although every constraint holds.
    pub fn prove_with(
        &self,
        witness: &Witness,
        options: &ProveOptions<'_>,
    ) -> Result<(Proof, PublicInputs)> {
        self.prove_blinded(witness, options, &Blinding::random()?)
    }

    fn prove_blinded(
        &self,
        witness: &Witness,
        options: &ProveOptions<'_>,
        blinding: &Blinding,
    ) -> Result<(Proof, PublicInputs)> {
        let _span = tracing::info_span!("prove").entered();
        let values = witness.values();
        if values.len() != self.n_wires() {
            return Err(Error::WitnessMismatch(format!(
                "it has {} values, the circuit has {} wires",
                values.len(),
                self.n_wires()
            )));
        }
        let public = PublicInputs(
            values[1..=self.n_public()]
                .iter()
                .map(|&v| v.into())
                .collect(),
        );
        let cancel = options.cancel.cloned().unwrap_or_default();
        cancel.check()?;
        let sums = self.engine.sums(values, &cancel)?;
        let proof = {
            let _span = tracing::info_span!("points").entered();
            self.assemble(&sums, blinding)
        };
        cancel.check()?;
        if options.verify {
            let _span = tracing::info_span!("verify").entered();
            if !self.verifier.verify(&public, &proof)? {
                return Err(self.diagnose(witness, options.r1cs));
            }
        }
        Ok((proof, public))
    }

    /// The proof's points:
    ///
    /// ```text
    /// A = alpha + sum w A + r delta
    /// B = beta  + sum w B + s delta
    /// C = sum w C + sum h H + s A + r B - r s delta
    /// ```
    ///
    /// The multiples by `r` and `s` take a time that depends on them, which are never used again.
    fn assemble(&self, sums: &Sums, Blinding { r, s }: &Blinding) -> Proof {
        let header = &self.header;
        let a = sums.a.add_affine(&header.alpha_g1) + header.delta_g1 * *r;
        let b_g1 = sums.b_g1.add_affine(&header.beta_g1) + header.delta_g1 * *s;
        let b_g2 = sums.b_g2.add_affine(&header.beta_g2) + header.delta_g2 * *s;
        let c = sums.c + sums.h + a * *s + b_g1 * *r - header.delta_g1 * (*r * *s);
        Proof {
            a: a.to_affine(),
            b: b_g2.to_affine(),
            c: c.to_affine(),
        }
    }

    /// Why a proof did not verify.
    fn diagnose(&self, witness: &Witness, r1cs: Option<&R1cs>) -> Error {
        let Some(r1cs) = r1cs else {
            return Error::Unsatisfied(
                "the proof made with it does not verify. Some constraint does not hold, or the key's \
                 parts contradict each other; the circuit's r1cs file would tell which"
                    .to_owned(),
            );
        };
        match r1cs.first_unsatisfied(witness) {
            Ok(Some(constraint)) => Error::Unsatisfied(format!(
                "constraint {constraint} of {} does not hold",
                r1cs.n_constraints()
            )),
            Ok(None) => Error::SelfCheck(
                "every constraint of the r1cs holds, so the key is of another circuit, its parts \
                 contradict each other, or this machine computed wrongly"
                    .to_owned(),
            ),
            Err(error) => error,
        }
    }
}

#[cfg(test)]
mod tests;
