//! Spartan over a commitment **without zero knowledge**: proofs of half the size, verified in milliseconds, that
//! tell of the witness. For statements whose witness may be known, such as that a batch of transactions is valid.
//!
//! The sumchecks are over the same matrices as those of the [other dialect](super), the commitment is WHIR in
//! the format of p3-whir 0.8.0, with Keccak: its verifier accepts the commitment's openings, and the verifier
//! here its prover's. `docs/spartan.md` has the protocol and the format.
//!
//! ```
//! use zkiln::field::{Fr, Int};
//! use zkiln::groth16::{R1cs, Witness, WireCounts};
//! use zkiln::spartan::compact::{Circuit, Parameters, Proof};
//!
//! // c = a b, for a public c.
//! let wires = WireCounts { total: 4, outputs: 1, public_inputs: 0, private_inputs: 2 };
//! let product = [2, 3, 1].map(|wire| vec![(wire, Fr::from(1))]);
//! let r1cs = R1cs::new(wires, [product])?;
//! let witness = Witness::new([1, 33, 3, 11].map(Int::from_u64).to_vec())?;
//!
//! let circuit = Circuit::new(&r1cs, Parameters::default())?;
//! let (proof, public) = circuit.prove(&witness)?;
//! let proof = Proof::from_bytes(&proof.to_bytes())?;
//! assert!(circuit.verify(&public, &proof)?);
//! assert!(!circuit.verify(&[Fr::from(34)], &proof)?);
//! # Ok::<(), zkiln::Error>(())
//! ```

mod channel;
mod circuit;
mod parameters;
mod pattern;
mod proof;
mod prove;
mod tree;
mod verify;
mod whir;

pub use circuit::Circuit;
pub use parameters::Parameters;
pub use proof::Proof;
