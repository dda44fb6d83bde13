//! Lanes of Groth16, and circuits that carry statements.

use super::lane::{Class, Lane, LaneInfo, Setup};
use super::v1::{STATEMENT_SIGNALS, StatementV1};
use super::word::Word;
use crate::curve::{Affine, Curve};
use crate::error::{Error, Result};
use crate::field::Field;
use crate::groth16::{
    Encoding, PreparedVerifyingKey, Proof, ProveOptions, ProvingKey, R1cs, VerifyingKey, Witness,
};

/// The name of the proof system: proofs are the eight words of EIP-197.
const SYSTEM: &str = "groth16-bn254";
/// The name of the code that verifies.
const VERIFIER: &str = "zkiln/groth16 (pairings: ark-bn254)";

/// Statements proven by Groth16 with one key.
///
/// Proofs are 256 bytes: [`Encoding::Evm`]. The public inputs are the statement's
/// [signals](StatementV1::signals).
#[derive(Clone, Debug)]
pub struct Groth16Lane {
    key: PreparedVerifyingKey,
    info: LaneInfo,
}

impl Groth16Lane {
    /// The lane of a verification key, of a circuit that is not known: until [`Groth16Lane::with_circuit`] is
    /// called, the lane shares its circuit with every other one.
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::WeakKey`]: a key without contribution proves nothing.
    /// [`Error::Argument`] for a circuit of another number of public signals than a statement has.
    pub fn new(key: &VerifyingKey) -> Result<Self> {
        let prepared = PreparedVerifyingKey::new(key)?;
        if key.public_count() != STATEMENT_SIGNALS {
            return Err(Error::Argument(format!(
                "a verification key for {} public inputs, where a statement has {STATEMENT_SIGNALS} signals",
                key.public_count()
            )));
        }
        let phase1 = words_of(&[key.alpha_g1], &[key.beta_g2]);
        let phase2 = words_of(&[], &[key.delta_g2]);
        let info = LaneInfo {
            system: SYSTEM.into(),
            key: key_hash(key),
            class: Class::Pairing,
            circuit: None,
            setup: Setup::Ceremony {
                phase1: Word::hash(&phase1),
                phase2: Word::hash(&phase2),
                development: false,
            },
            verifier: VERIFIER.into(),
            zero_knowledge: true,
        };
        Ok(Self {
            key: prepared,
            info,
        })
    }

    /// The same lane, of this circuit. That the key was made of it is for whoever says so to know: `snarkjs
    /// zkey verify` tells from the whole proving key.
    ///
    /// # Errors
    /// Those of [`check_circuit`].
    pub fn with_circuit(mut self, r1cs: &R1cs) -> Result<Self> {
        check_circuit(r1cs)?;
        self.info.circuit = Some(circuit_hash(r1cs));
        Ok(self)
    }

    /// The same lane, of the circuit with this [hash](circuit_hash).
    pub fn with_circuit_hash(mut self, hash: Word) -> Self {
        self.info.circuit = Some(hash);
        self
    }

    /// The same lane, marked as one whose key was made by one machine: policies refuse it unless they say
    /// otherwise. A verification key does not tell; [`ProvingKey::is_insecure`] does.
    pub fn for_development(mut self) -> Self {
        if let Setup::Ceremony { development, .. } = &mut self.info.setup {
            *development = true;
        }
        self
    }

    /// Proves a statement with a witness whose public signals carry it.
    ///
    /// # Errors
    /// [`Error::Argument`] for a proving key of another lane; [`Error::PublicInputs`] for a witness of
    /// another statement, before any work is done; those of [`ProvingKey::prove_with`].
    pub fn prove(
        &self,
        key: &ProvingKey,
        statement: &StatementV1,
        witness: &Witness,
        options: &ProveOptions<'_>,
    ) -> Result<Vec<u8>> {
        key.check_verifying_key(self.key.key())?;
        check_witness(statement, witness)?;
        let (proof, _) = key.prove_with(witness, options)?;
        Ok(proof.to_bytes(Encoding::Evm))
    }
}

impl Lane for Groth16Lane {
    fn info(&self) -> &LaneInfo {
        &self.info
    }

    fn verify(&self, statement: &StatementV1, proof: &[u8]) -> Result<()> {
        let proof = Proof::from_bytes(proof, Encoding::Evm, "proof")?;
        match self.key.verify(&statement.signals(), &proof)? {
            true => Ok(()),
            false => Err(Error::Refused(
                "the pairings of the Groth16 proof do not hold for the statement".into(),
            )),
        }
    }

    /// Three Miller loops and one for each proof, in place of four for each.
    fn verify_all(&self, proofs: &[(&StatementV1, &[u8])]) -> Vec<Result<()>> {
        let read = |(statement, proof): &(&StatementV1, &[u8])| {
            let proof = Proof::from_bytes(proof, Encoding::Evm, "proof")?;
            Ok((statement.signals(), proof))
        };
        let batch: Result<Vec<_>> = proofs.iter().map(read).collect();
        if proofs.len() > 1
            && let Ok(batch) = batch
            && matches!(self.key.verify_batch(&batch), Ok(true))
        {
            return proofs.iter().map(|_| Ok(())).collect();
        }
        // Not all are valid, or the system has no randomness: each by itself.
        proofs
            .iter()
            .map(|(s, proof)| self.verify(s, proof))
            .collect()
    }
}

/// Keccak-256 of the words of a verification key: alpha, beta, gamma, delta and the points of the public
/// inputs, with the coordinates in G2 in the order of EIP-197, the coefficient of `u` first.
pub fn key_hash(key: &VerifyingKey) -> Word {
    let mut words = words_of(&[key.alpha_g1], &[key.beta_g2, key.gamma_g2, key.delta_g2]);
    words.extend(words_of(&key.ic, &[]));
    Word::hash(&words)
}

/// The coordinates of points of G1 and of G2.
fn words_of(g1: &[crate::curve::G1Affine], g2: &[crate::curve::G2Affine]) -> Vec<Word> {
    let mut words: Vec<Word> = g1.iter().flat_map(coordinates).collect();
    words.extend(g2.iter().flat_map(coordinates));
    words
}

/// The coordinates of a point, each of their coefficients from the highest as a word.
fn coordinates<C: Curve>(point: &Affine<C>) -> Vec<Word> {
    let word = |bytes: &[u8; 32]| {
        let mut word = *bytes;
        word.reverse();
        Word(word)
    };
    [point.x, point.y]
        .iter()
        .flat_map(|coordinate| {
            let mut bytes = vec![0; C::Base::BYTES];
            coordinate.write_canonical(&mut bytes);
            let (limbs, _) = bytes.as_chunks::<32>();
            limbs.iter().rev().map(word).collect::<Vec<_>>()
        })
        .collect()
}

/// Keccak-256 of the constraints: the counts of wires, and of each row of A, B and C the number of its terms
/// and the terms. Names and labels do not count, for two circuits that differ in these alone have the same
/// faults.
pub fn circuit_hash(r1cs: &R1cs) -> Word {
    let wires = r1cs.wires();
    let counts = [wires.total, wires.public(), r1cs.n_constraints()];
    let mut words: Vec<Word> = counts.map(|count| Word::from(count as u64)).to_vec();
    for rows in [r1cs.a(), r1cs.b(), r1cs.c()] {
        let mut bytes = Vec::new();
        for row in 0..rows.len() {
            let terms = rows.row(row);
            bytes.extend((terms.len() as u64).to_be_bytes());
            for (wire, coefficient) in terms {
                bytes.extend((wire as u64).to_be_bytes());
                bytes.extend(Word::from(coefficient).0);
            }
        }
        words.push(Word::keccak(bytes));
    }
    Word::hash(&words)
}

/// Requires a circuit to carry statements: as many public signals, each of which some constraint uses. That
/// the constraints compute the transition is for the circuit's author to see to.
///
/// # Errors
/// [`Error::Argument`].
pub fn check_circuit(r1cs: &R1cs) -> Result<()> {
    let public = r1cs.wires().public();
    if public != STATEMENT_SIGNALS {
        return Err(Error::Argument(format!(
            "a circuit of {public} public signals, where a statement has {STATEMENT_SIGNALS}"
        )));
    }
    let mut is_used = [false; STATEMENT_SIGNALS];
    for rows in [r1cs.a(), r1cs.b(), r1cs.c()] {
        for term in rows.terms() {
            let wire = term.wire as usize;
            let coefficient = rows.coefficients()[term.coefficient as usize];
            if (1..=STATEMENT_SIGNALS).contains(&wire) && !coefficient.is_zero() {
                is_used[wire - 1] = true;
            }
        }
    }
    match is_used.iter().position(|used| !used) {
        None => Ok(()),
        Some(i) => Err(Error::Argument(format!(
            "no constraint of the circuit uses public signal {i}, so that a proof need not bind it"
        ))),
    }
}

/// Requires the public signals of a witness to carry a statement.
///
/// # Errors
/// [`Error::PublicInputs`] naming the signal; [`Error::WitnessMismatch`] for a witness without them.
pub fn check_witness(statement: &StatementV1, witness: &Witness) -> Result<()> {
    let Some(values) = witness.values().get(1..=STATEMENT_SIGNALS) else {
        return Err(Error::WitnessMismatch(format!(
            "{} values, and a statement has {STATEMENT_SIGNALS} public signals",
            witness.values().len()
        )));
    };
    let values: Vec<_> = values.iter().map(|&value| value.into()).collect();
    statement.check_signals(&values)
}
