//! Lanes of transparent proofs of an R1CS.

use super::groth16::{check_circuit, check_witness, circuit_hash};
use super::lane::{Class, Lane, LaneInfo, Setup};
use super::stark::LEAST_PROVEN_BITS;
use super::v1::StatementV1;
use super::word::Word;
use crate::error::{Error, Result};
use crate::groth16::{R1cs, Witness};
use crate::spartan::{Circuit, Parameters, Proof, ProveOptions};

/// The name of the proof system: proofs as [`Proof::to_bytes`] has them.
const SYSTEM: &str = "spartan-provekit-v1";
/// The name of the code that verifies.
const VERIFIER: &str = "zkiln/spartan";

/// Statements proven by Spartan for one circuit, from the witness that Groth16 takes, too.
///
/// The public signals are the statement's [signals](StatementV1::signals). A lane of Groth16 of the same
/// constraints shares the circuit with it, and nothing else.
#[derive(Debug)]
pub struct SpartanLane {
    circuit: Circuit,
    info: LaneInfo,
}

impl SpartanLane {
    /// The lane of a circuit that carries statements.
    ///
    /// # Errors
    /// Those of [`check_circuit`] and [`Circuit::new`]; [`Error::Argument`] for parameters of less than
    /// [`LEAST_PROVEN_BITS`] bits.
    pub fn new(r1cs: &R1cs, parameters: Parameters) -> Result<Self> {
        check_circuit(r1cs)?;
        let circuit = Circuit::new(r1cs, parameters)?;
        let bits = circuit.security_bits();
        if bits < f64::from(LEAST_PROVEN_BITS) {
            return Err(Error::Argument(format!(
                "parameters of {bits:.1} bits, where a lane has {LEAST_PROVEN_BITS} at least"
            )));
        }
        let info = LaneInfo {
            system: SYSTEM.into(),
            key: Word(circuit.id()),
            class: Class::Hash,
            circuit: Some(circuit_hash(r1cs)),
            setup: Setup::Transparent {},
            verifier: VERIFIER.into(),
            zero_knowledge: true,
        };
        Ok(Self { circuit, info })
    }

    /// Proves a statement with a witness whose public signals carry it.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] for a witness of another statement, before any work is done; those of
    /// [`Circuit::prove`].
    pub fn prove(&self, statement: &StatementV1, witness: &Witness) -> Result<Vec<u8>> {
        self.prove_with(statement, witness, &ProveOptions::default())
    }

    /// [`SpartanLane::prove`] with options.
    ///
    /// # Errors
    /// Those of [`SpartanLane::prove`]; [`Error::Cancelled`].
    pub fn prove_with(
        &self,
        statement: &StatementV1,
        witness: &Witness,
        options: &ProveOptions<'_>,
    ) -> Result<Vec<u8>> {
        check_witness(statement, witness)?;
        let (proof, _) = self.circuit.prove_with(witness, options)?;
        Ok(proof.to_bytes())
    }
}

impl Lane for SpartanLane {
    fn info(&self) -> &LaneInfo {
        &self.info
    }

    fn verify(&self, statement: &StatementV1, proof: &[u8]) -> Result<()> {
        let proof = Proof::from_bytes(proof)?;
        match self.circuit.verify(&statement.signals(), &proof)? {
            true => Ok(()),
            false => Err(Error::Refused(
                "the Spartan proof does not hold for the statement".into(),
            )),
        }
    }
}
