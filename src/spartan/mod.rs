//! Transparent proofs of circom circuits: Spartan's sumcheck over the matrices of an `r1cs` file, and a
//! zero-knowledge WHIR commitment to the witness, over BN254's scalar field.
//!
//! A second proof of what [`groth16`](crate::groth16) proves that shares with it the circuit, and neither
//! setup nor assumption nor verifier: it rests on hash functions alone. The format is that of provekit 1.0.3
//! (`ProveKitV1`), whose verifier accepts these proofs; the verifier here accepts provekit's. `docs/spartan.md`
//! tells the protocol, its security and what is hidden how.
//!
//! ```
//! use zkiln::field::Int;
//! use zkiln::groth16::{R1cs, Witness, WireCounts};
//! use zkiln::spartan::{Circuit, Parameters, Proof};
//! # use zkiln::field::Fr;
//!
//! // c = a b, for a public c.
//! let wires = WireCounts { total: 4, outputs: 1, public_inputs: 0, private_inputs: 2 };
//! let product = [2, 3, 1].map(|wire| vec![(wire, Fr::ONE)]);
//! let r1cs = R1cs::new(wires, [product])?;
//! let witness = Witness::new([1, 33, 3, 11].map(Int::from_u64).to_vec())?;
//!
//! let circuit = Circuit::new(&r1cs, Parameters::default())?;
//! let (proof, public) = circuit.prove(&witness)?;
//! assert_eq!(public, [Fr::from_u64(33)]);
//! let proof = Proof::from_bytes(&proof.to_bytes())?;
//! assert!(circuit.verify(&public, &proof)?);
//! assert!(!circuit.verify(&[Fr::from_u64(34)], &proof)?);
//! # Ok::<(), zkiln::Error>(())
//! ```

mod circuit;
pub mod compact;
mod digest;
mod eliminate;
#[cfg(test)]
mod hiding;
mod identity;
mod kernels;
mod layout;
mod masks;
mod multilinear;
mod parameters;
mod paths;
mod proof;
mod prove;
mod sumcheck;
mod transcript;
mod vector;
mod verify;

pub use circuit::Circuit;
pub use parameters::Parameters;
pub use proof::Proof;
pub use prove::ProveOptions;
