//! Lanes of STARKs.

use super::lane::{Class, Lane, LaneInfo, Setup};
use super::v1::StatementV1;
use super::word::Word;
use crate::error::{Error, Result};
use crate::field::small::SmallField;
use crate::poly::Columns;
use crate::stark::air::Program;
use crate::stark::{Digest, Encode, Parameters, Proof, Prover, StarkConfig, Verifier};

/// The public values of constraints that carry a statement.
pub const STATEMENT_LIMBS: usize = 4 * WORD_LIMBS + 2 * SEQ_LIMBS;
/// The least proven security of a lane, in bits.
pub const LEAST_PROVEN_BITS: u32 = 100;
/// The name of the proof system: proofs as `postcard` encodes them for Plonky3.
const SYSTEM: &str = "stark-p3v0_8";
/// The name of the code that verifies.
const VERIFIER: &str = "zkiln/stark";
/// What is hashed to the first word of the key's hash.
const KEY_TAG: &str = "zkiln/stark-key/v1";
/// Limbs of 16 bits of a word, and of a number of 64 bits.
const WORD_LIMBS: usize = 16;
const SEQ_LIMBS: usize = 4;

/// Statements proven by STARKs for one set of constraints.
///
/// The constraints have [`STATEMENT_LIMBS`] public values: [`statement_limbs`]. A state of such a program must
/// be the very words that the program's other lanes have. A hash over the small field is not one over Fr: two
/// programs with different roots are different programs, and no policy can make one of them.
///
/// These proofs are not of zero knowledge: they may tell about the trace.
pub struct StarkLane<C: StarkConfig> {
    verifier: Verifier<C>,
    info: LaneInfo,
}

impl<C: StarkConfig> StarkLane<C> {
    /// The lane of constraints on traces of `2^log_height` rows, with the cap of the preprocessed columns if
    /// there are any. `name` is the configuration's, such as `keccak-goldilocks`; it becomes part of the
    /// key's hash, for two configurations must not have one key.
    ///
    /// # Errors
    /// Those of [`Verifier::new`]; [`Error::Argument`] for another number of public values, and for
    /// parameters of less than [`LEAST_PROVEN_BITS`] proven bits.
    pub fn new(
        config: C,
        name: &str,
        parameters: Parameters,
        program: Program<C::Val>,
        log_height: u32,
        preprocessed: Option<Vec<Digest<C>>>,
    ) -> Result<Self> {
        let values = program.shape().public_values;
        if values != STATEMENT_LIMBS {
            return Err(Error::Argument(format!(
                "constraints with {values} public values, where a statement has {STATEMENT_LIMBS} limbs"
            )));
        }
        let circuit = Word(program.digest());
        let mut cap = Vec::new();
        preprocessed.encode(&mut cap);
        let p = &parameters;
        let numbers = [
            p.log_blowup,
            p.log_final_poly_len,
            p.max_log_arity,
            p.queries,
            p.batch_grinding,
            p.commit_grinding,
            p.query_grinding,
            p.ood_grinding,
            p.cap_height,
            log_height,
        ];
        let dialect = format!("{:?}", p.dialect);
        let mut words = [KEY_TAG, name, &dialect].map(Word::keccak).to_vec();
        words.extend([circuit, Word::keccak(cap), C::Val::MODULUS.into()]);
        words.extend(numbers.map(|number| Word::from(u64::from(number))));

        let verifier = Verifier::new(config, parameters, program, log_height, preprocessed)?;
        let bits = verifier.security().proven_bits();
        if bits < LEAST_PROVEN_BITS {
            return Err(Error::Argument(format!(
                "parameters of {bits} proven bits, where a lane has {LEAST_PROVEN_BITS} at least"
            )));
        }
        let info = LaneInfo {
            system: SYSTEM.into(),
            key: Word::hash(&words),
            class: Class::Hash,
            circuit: Some(circuit),
            setup: Setup::Transparent {},
            verifier: VERIFIER.into(),
            zero_knowledge: false,
        };
        Ok(Self { verifier, info })
    }

    /// Proves a statement with a trace that satisfies the constraints, and verifies the proof in this lane.
    ///
    /// # Errors
    /// Those of [`Prover::prove`], and of [`Lane::verify`] for a prover of other constraints.
    pub fn prove(
        &self,
        prover: &Prover<C>,
        statement: &StatementV1,
        trace: Columns<C::Val>,
    ) -> Result<Vec<u8>> {
        let proof = prover.prove(trace, &statement_limbs(statement))?.to_bytes();
        self.verify(statement, &proof)?;
        Ok(proof)
    }
}

impl<C: StarkConfig> Lane for StarkLane<C> {
    fn info(&self) -> &LaneInfo {
        &self.info
    }

    fn verify(&self, statement: &StatementV1, proof: &[u8]) -> Result<()> {
        let proof = Proof::from_bytes(proof, "proof")?;
        self.verifier.verify(&proof, &statement_limbs(statement))
    }
}

/// The public values of constraints that carry a statement: its digest, `pre_root`, `post_root` and `batch` as
/// 16 limbs of 16 bits each and `first_seq` and `last_seq` as four, the lowest limb first. All limbs of a
/// number are below 2^16, so that no two numbers have the same.
pub fn statement_limbs<F: SmallField>(statement: &StatementV1) -> Vec<F> {
    let s = statement;
    let long = [
        s.digest(),
        s.pre_root.into(),
        s.post_root.into(),
        s.batch.into(),
    ]
    .map(|word| (word, WORD_LIMBS));
    let short = [s.first_seq, s.last_seq].map(|number| (Word::from(number), SEQ_LIMBS));
    long.iter()
        .chain(&short)
        .flat_map(|(word, count)| {
            let (limbs, _) = word.0.as_chunks::<2>();
            let lowest_first = limbs.iter().rev().take(*count);
            lowest_first.map(|&limb| F::from(u64::from(u16::from_be_bytes(limb))))
        })
        .collect()
}
