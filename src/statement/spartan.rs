//! Lanes of transparent proofs of an R1CS.

use super::groth16::{check_circuit, check_witness, circuit_hash};
use super::lane::{Class, Lane, LaneInfo, Setup};
use super::stark::LEAST_PROVEN_BITS;
use super::v1::StatementV1;
use super::word::Word;
use crate::error::{Error, Result};
use crate::groth16::{R1cs, Witness};
use crate::spartan::{self, ProveOptions, compact};

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

/// A circuit in a dialect.
#[derive(Debug)]
enum Circuit {
    ZeroKnowledge(Box<spartan::Circuit>),
    Compact(Box<compact::Circuit>),
}

impl SpartanLane {
    /// The lane of a circuit that carries statements, with proofs of zero knowledge:
    /// [`spartan::Proof::to_bytes`].
    ///
    /// # Errors
    /// Those of [`check_circuit`] and [`spartan::Circuit::new`]; [`Error::Argument`] for parameters of less than
    /// [`LEAST_PROVEN_BITS`] bits.
    pub fn new(r1cs: &R1cs, parameters: spartan::Parameters) -> Result<Self> {
        check_circuit(r1cs)?;
        let circuit = spartan::Circuit::new(r1cs, parameters)?;
        check_bits(circuit.security_bits())?;
        let info = info("spartan-provekit-v1", circuit.id(), r1cs, true);
        let circuit = Circuit::ZeroKnowledge(Box::new(circuit));
        Ok(Self { circuit, info })
    }

    /// The lane of a circuit whose proofs are smaller and have **no zero knowledge**:
    /// [`compact::Proof::to_bytes`]. A [`Policy`](super::Policy) that demands zero knowledge refuses it.
    ///
    /// # Errors
    /// Those of [`check_circuit`] and [`compact::Circuit::new`]; [`Error::Argument`] for parameters of less than
    /// [`LEAST_PROVEN_BITS`] bits.
    pub fn compact(r1cs: &R1cs, parameters: compact::Parameters) -> Result<Self> {
        check_circuit(r1cs)?;
        let circuit = compact::Circuit::new(r1cs, parameters)?;
        check_bits(circuit.security_bits())?;
        let info = info("spartan-compact-v1", circuit.id(), r1cs, false);
        let circuit = Circuit::Compact(Box::new(circuit));
        Ok(Self { circuit, info })
    }

    /// Proves a statement with a witness whose public signals carry it.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] for a witness of another statement, before any work is done; those of
    /// [`spartan::Circuit::prove`].
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
        Ok(match &self.circuit {
            Circuit::ZeroKnowledge(circuit) => circuit.prove_with(witness, options)?.0.to_bytes(),
            Circuit::Compact(circuit) => circuit.prove_with(witness, options)?.0.to_bytes(),
        })
    }
}

fn check_bits(bits: f64) -> Result<()> {
    if bits >= f64::from(LEAST_PROVEN_BITS) {
        return Ok(());
    }
    Err(Error::Argument(format!(
        "parameters of {bits:.1} bits, where a lane has {LEAST_PROVEN_BITS} at least"
    )))
}

fn info(system: &str, id: [u8; 32], r1cs: &R1cs, zero_knowledge: bool) -> LaneInfo {
    LaneInfo {
        system: system.into(),
        key: Word(id),
        class: Class::Hash,
        circuit: Some(circuit_hash(r1cs)),
        setup: Setup::Transparent {},
        verifier: VERIFIER.into(),
        zero_knowledge,
    }
}

impl Lane for SpartanLane {
    fn info(&self) -> &LaneInfo {
        &self.info
    }

    fn verify(&self, statement: &StatementV1, proof: &[u8]) -> Result<()> {
        let signals = statement.signals();
        let holds = match &self.circuit {
            Circuit::ZeroKnowledge(circuit) => {
                circuit.verify(&signals, &spartan::Proof::from_bytes(proof)?)?
            }
            Circuit::Compact(circuit) => {
                circuit.verify(&signals, &compact::Proof::from_bytes(proof)?)?
            }
        };
        match holds {
            true => Ok(()),
            false => Err(Error::Refused(
                "the Spartan proof does not hold for the statement".into(),
            )),
        }
    }
}
