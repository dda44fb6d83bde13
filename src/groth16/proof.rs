//! A proof, its public inputs and the key that verifies it.

use crate::curve::{Affine, Curve, G1Affine, G2, G2Affine};
use crate::error::{Error, Fault, Result};
use crate::field::{Field, Fr};

/// A Groth16 proof. Anyone can turn a valid `(A, B, C)` into `(-A, -B, C)` and other valid proofs of
/// the same statement, so its bytes must never serve as a nullifier or a replay key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// `A`, `pi_a` in snarkjs.
    pub a: G1Affine,
    /// `B`, `pi_b` in snarkjs.
    pub b: G2Affine,
    /// `C`, `pi_c` in snarkjs.
    pub c: G1Affine,
}

impl Proof {
    /// Whether all three points are members of their groups and none is infinity, as an honest
    /// prover's are. A proof that was read has passed this; one made of its parts may not.
    pub fn is_well_formed(&self) -> bool {
        point_fault(&self.a).is_none()
            && point_fault(&self.c).is_none()
            && point_fault(&self.b).is_none()
    }
}

/// The public inputs of a proof (outputs first), as `public.json` holds them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicInputs(pub Vec<Fr>);

impl core::ops::Deref for PublicInputs {
    type Target = [Fr];
    fn deref(&self) -> &[Fr] {
        &self.0
    }
}

impl AsRef<[Fr]> for PublicInputs {
    fn as_ref(&self) -> &[Fr] {
        &self.0
    }
}

impl From<Vec<Fr>> for PublicInputs {
    fn from(values: Vec<Fr>) -> Self {
        Self(values)
    }
}

/// What a verifier needs: `e(A, B) = e(alpha, beta) e(sum public_i ic_i, gamma) e(C, delta)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    /// `alpha` in G1.
    pub alpha_g1: G1Affine,
    /// `beta` in G2.
    pub beta_g2: G2Affine,
    /// `gamma` in G2.
    pub gamma_g2: G2Affine,
    /// `delta` in G2.
    pub delta_g2: G2Affine,
    /// One point for the constant 1 and one for each public input.
    pub ic: Vec<G1Affine>,
}

impl VerifyingKey {
    /// The number of public inputs of the circuit.
    pub fn public_count(&self) -> usize {
        self.ic.len().saturating_sub(1)
    }

    /// Checks that every point is a member of its group and that there is one for the constant.
    /// Infinity passes; [`VerifyingKey::weakness`] is what objects to it. Errors call the key
    /// `origin`.
    ///
    /// # Errors
    /// [`Error::Malformed`], whose section is the name of the field in `verification_key.json`.
    pub fn check(&self, origin: &str) -> Result<()> {
        let refuse = |section: String, fault| {
            let reason = point_fault_reason(fault);
            Err(Error::malformed(origin, section, fault, reason))
        };
        for (name, fault) in [
            ("vk_alpha_1", point_fault(&self.alpha_g1)),
            ("vk_beta_2", point_fault(&self.beta_g2)),
            ("vk_gamma_2", point_fault(&self.gamma_g2)),
            ("vk_delta_2", point_fault(&self.delta_g2)),
        ] {
            match fault {
                None | Some(Fault::Infinity) => {}
                Some(fault) => return refuse(name.into(), fault),
            }
        }
        for (i, point) in self.ic.iter().enumerate() {
            match point_fault(point) {
                None | Some(Fault::Infinity) => {}
                Some(fault) => return refuse(format!("IC[{i}]"), fault),
            }
        }
        if self.ic.is_empty() {
            let reason = "there is no point for the constant";
            return Err(Error::malformed(origin, "IC", Fault::Count, reason));
        }
        Ok(())
    }

    /// Why proofs for this key prove nothing, if that can be told from the key: someone forgot the
    /// ceremony's second phase, or worse.
    ///
    /// - `delta` is the generator: nobody has contributed to the second phase.
    /// - Two of `beta`, `gamma` and `delta` are equal up to their sign. Anyone forges proofs of any
    ///   statement then, without a trapdoor: with `x = sum public_i ic_i`, for `gamma = delta` the
    ///   proof `(alpha, beta, -x)`; for `beta = delta` the proof `(x, gamma, -alpha)`; for
    ///   `beta = gamma` the proof `(alpha + x, gamma + delta, alpha + x)`.
    /// - A point is infinity: a public input whose point is infinity is bound by no proof.
    ///
    /// `None` is no guarantee: who ran the ceremony alone can forge whatever the key looks like.
    pub fn weakness(&self) -> Option<&'static str> {
        let same = |p: &G2Affine, q: &G2Affine| p == q || *p == -*q;
        if self.alpha_g1.is_infinity()
            || [self.beta_g2, self.gamma_g2, self.delta_g2]
                .iter()
                .any(Affine::is_infinity)
            || self.ic.iter().any(Affine::is_infinity)
        {
            Some("a point of the verification key is infinity")
        } else if same(&self.gamma_g2, &self.delta_g2) {
            Some(
                "gamma and delta are equal up to their sign: the ceremony's second phase has no \
                 contribution, and anyone can forge proofs",
            )
        } else if same(&self.beta_g2, &self.delta_g2) || same(&self.beta_g2, &self.gamma_g2) {
            Some("beta equals gamma or delta up to its sign: anyone can forge proofs")
        } else if same(&self.delta_g2, &G2::GENERATOR) {
            Some("delta is the generator: the ceremony's second phase has no contribution")
        } else {
            None
        }
    }

    /// [`VerifyingKey::check`], and that there is no [`VerifyingKey::weakness`].
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::WeakKey`].
    pub fn check_secure(&self, origin: &str) -> Result<()> {
        self.check(origin)?;
        self.weakness().map_or(Ok(()), |reason| {
            Err(Error::WeakKey {
                origin: origin.into(),
                reason: reason.into(),
            })
        })
    }
}

/// What is wrong with a point, if it is not one that an honest proof has.
pub(super) fn point_fault<C: Curve>(point: &Affine<C>) -> Option<Fault> {
    if !point.x.is_reduced() || !point.y.is_reduced() {
        Some(Fault::NotCanonical)
    } else if point.is_infinity() {
        Some(Fault::Infinity)
    } else if !point.is_on_curve() {
        Some(Fault::NotOnCurve)
    } else if !C::is_in_subgroup(point) {
        Some(Fault::NotInSubgroup)
    } else {
        None
    }
}

/// A fault of [`point_fault`] in words.
pub(super) fn point_fault_reason(fault: Fault) -> &'static str {
    match fault {
        Fault::NotCanonical => "a coordinate is not below the modulus q",
        Fault::Infinity => "the point is infinity",
        Fault::NotOnCurve => "the point is not on the curve",
        _ => "the point is on the curve but outside the subgroup of order r",
    }
}
