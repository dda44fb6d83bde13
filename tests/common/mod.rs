//! What the tests of verification share: the fixtures of `tests/data`, and keys whose secrets are
//! known, for which proofs of anything can be made.
#![allow(dead_code, unreachable_pub)] // each test binary uses a part

pub mod node;
pub mod spartan;

use std::path::{Path, PathBuf};

use ark_groth16::{Groth16, prepare_verifying_key};
use zkiln::curve::{Curve, G1, G1Affine, G2, G2Affine};
use zkiln::field::{Field, Fq, Fq2, Fr, PrimeField};
use zkiln::groth16::{Proof, PublicInputs, VerifyingKey};

pub const CIRCUITS: [&str; 5] = ["multiplier", "full_domain", "hash_chain", "merkle", "range"];

/// A file of `tests/data`.
pub fn data(path: impl AsRef<Path>) -> PathBuf {
    // As it is when the test runs: tests may have been built on another machine.
    let root = std::env::var_os("CARGO_MANIFEST_DIR");
    let root = root.map_or(env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    root.join("tests/data").join(path)
}

/// The text of a file of `tests/data`.
pub fn text(path: impl AsRef<Path>) -> String {
    let path = data(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Key, public inputs and proof that snarkjs made for a circuit.
pub fn fixture(circuit: &str) -> (VerifyingKey, PublicInputs, Proof) {
    let file = |name: &str| data(circuit).join(name);
    (
        VerifyingKey::open(file("verification_key.json")).unwrap(),
        PublicInputs::open(file("public.json")).unwrap(),
        Proof::open(file("proof.json")).unwrap(),
    )
}

/// What ark-groth16 says of a proof.
pub fn ark_accepts(key: &VerifyingKey, public: &[Fr], proof: &Proof) -> bool {
    let key = ark_groth16::VerifyingKey::<ark_bn254::Bn254> {
        alpha_g1: key.alpha_g1.into(),
        beta_g2: key.beta_g2.into(),
        gamma_g2: key.gamma_g2.into(),
        delta_g2: key.delta_g2.into(),
        gamma_abc_g1: key.ic.iter().map(|&p| p.into()).collect(),
    };
    let proof = ark_groth16::Proof {
        a: proof.a.into(),
        b: proof.b.into(),
        c: proof.c.into(),
    };
    let public: Vec<ark_bn254::Fr> = public.iter().map(|&v| v.into()).collect();
    Groth16::<ark_bn254::Bn254>::verify_proof(&prepare_verifying_key(&key), &proof, &public)
        .unwrap()
}

pub fn g1(scalar: Fr) -> G1Affine {
    (G1::GENERATOR * scalar).to_affine()
}

pub fn g2(scalar: Fr) -> G2Affine {
    (G2::GENERATOR * scalar).to_affine()
}

/// A point of the twist outside the subgroup.
pub fn outside_the_subgroup() -> G2Affine {
    (1..)
        .filter_map(|i| G2Affine::from_x(Fq2::new(Fq::from(i), Fq::ZERO), false))
        .find(|point| !G2::is_in_subgroup(point))
        .unwrap()
}

pub fn random() -> Fr {
    Fr::random().unwrap()
}

/// The discrete logarithms of a verification key: a ceremony that nobody should trust.
#[derive(Clone)]
pub struct Trapdoor {
    pub alpha: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub delta: Fr,
    pub ic: Vec<Fr>,
}

impl Trapdoor {
    /// A ceremony for a circuit with `n` public inputs.
    pub fn random(n: usize) -> Self {
        Self {
            alpha: random(),
            beta: random(),
            gamma: random(),
            delta: random(),
            ic: (0..=n).map(|_| random()).collect(),
        }
    }

    pub fn key(&self) -> VerifyingKey {
        VerifyingKey {
            alpha_g1: g1(self.alpha),
            beta_g2: g2(self.beta),
            gamma_g2: g2(self.gamma),
            delta_g2: g2(self.delta),
            ic: self.ic.iter().copied().map(g1).collect(),
        }
    }

    /// The discrete logarithm of `sum public_i ic_i`.
    pub fn inputs(&self, public: &[Fr]) -> Fr {
        let terms = self.ic[1..]
            .iter()
            .zip(public)
            .map(|(&ic, &value)| ic * value);
        self.ic[0] + terms.sum()
    }

    /// A valid proof for any public inputs, distributed as an honest prover's.
    pub fn simulate(&self, public: &[Fr]) -> Proof {
        let (a, b) = (random(), random());
        let c = a * b - self.alpha * self.beta - self.inputs(public) * self.gamma;
        Proof {
            a: g1(a),
            b: g2(b),
            c: g1(c * self.delta.inverse().unwrap()),
        }
    }
}
