//! The Solidity verifier.

use core::fmt::Write;

use super::proof::VerifyingKey;
use crate::curve::{G1Affine, G2Affine};
use crate::error::Result;
use crate::field::{Fq, Fr, PrimeField};

const TEMPLATE: &str = include_str!("verifier.sol");

impl VerifyingKey {
    /// A Solidity contract that verifies proofs for this key, with snarkjs' signature
    /// `verifyProof(uint[2], uint[2][2], uint[2], uint[n]) view returns (bool)`, for Solidity 0.8.13
    /// and later; [`Proof::to_calldata`](super::Proof::to_calldata) makes the call.
    ///
    /// It returns false for every proof and public input that is not valid, whatever is wrong with it:
    /// among others for values that are not below their modulus. It reverts only when the calldata is
    /// too short or the gas does not suffice. Points that are none take all but 1/64 of the call's gas,
    /// as the pairing precompile does with them. It needs about 182 500 gas and 6 600 for each public
    /// input, in 1.2 kB of code and 85 bytes for each: beyond 270 public inputs a contract exceeds
    /// the limit of EIP-170, and a circuit should hash them into one.
    ///
    /// # Errors
    /// [`Error::Malformed`](crate::Error::Malformed) for points that are none, and
    /// [`Error::WeakKey`](crate::Error::WeakKey): no contract is made for a key with which anyone can
    /// forge.
    pub fn to_solidity(&self) -> Result<String> {
        self.check_secure("verification key")?;
        let mut constants = String::new();
        g1(&mut constants, "NEG_ALPHA", &-self.alpha_g1);
        g2(&mut constants, "BETA", &self.beta_g2);
        g2(&mut constants, "NEG_GAMMA", &-self.gamma_g2);
        g2(&mut constants, "NEG_DELTA", &-self.delta_g2);
        for (i, point) in self.ic.iter().enumerate() {
            g1(&mut constants, &format!("IC{i}"), point);
        }
        let mut sums = String::new();
        for i in 1..self.ic.len() {
            let offset = 32 * (i - 1);
            let _ = writeln!(
                sums,
                "                valid := and(addInput(inputs, add(_pubSignals, {offset:#x}), \
                 IC{i}_X, IC{i}_Y), valid)"
            );
        }
        let (doc, parameter) = match self.public_count() {
            0 => (String::new(), String::new()),
            n => (
                "    /// @param _pubSignals The public inputs, outputs first\n".into(),
                format!(",\n        uint256[{n}] calldata _pubSignals"),
            ),
        };
        Ok(TEMPLATE
            .replace("{{Q}}", &Fq::MODULUS.to_string())
            .replace("{{R}}", &Fr::MODULUS.to_string())
            .replace("{{KEY}}\n", &constants)
            .replace("{{PUBLIC_DOC}}", &doc)
            .replace("{{PUBLIC_PARAMETER}}", &parameter)
            .replace("{{ADD_INPUTS}}\n", &sums))
    }
}

fn constant(out: &mut String, name: &str, value: Fq) {
    let _ = writeln!(out, "    uint256 private constant {name} = {value};");
}

fn g1(out: &mut String, name: &str, point: &G1Affine) {
    constant(out, &format!("{name}_X"), point.x);
    constant(out, &format!("{name}_Y"), point.y);
}

fn g2(out: &mut String, name: &str, point: &G2Affine) {
    constant(out, &format!("{name}_X1"), point.x.c1);
    constant(out, &format!("{name}_X0"), point.x.c0);
    constant(out, &format!("{name}_Y1"), point.y.c1);
    constant(out, &format!("{name}_Y0"), point.y.c0);
}
