//! Programs, provers and verifiers of any field and hash.

use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::stark::air::Program;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24};
use zkiln::stark::{
    Digest, Encode, Parameters, Proof, ProveOptions, Prover, Security, StarkConfig, Verifier,
};
use zkiln::{Cancel, Error, Fault};

use super::matrix::{Matrix, public_elements};
use super::parameters::Hash;
use crate::border::require_room;
use crate::status::{Failure, Result, ZKILN_E_INVALID_PROOF, ZKILN_E_MALFORMED};

/// A program over one of the fields.
pub(super) enum AnyProgram {
    KoalaBear(Program<KoalaBear>),
    BabyBear(Program<BabyBear>),
    Goldilocks(Program<Goldilocks>),
}

/// An expression of the program, whatever its field is.
macro_rules! of_program {
    ($any:expr, $program:ident => $expression:expr) => {
        match $any {
            AnyProgram::KoalaBear($program) => $expression,
            AnyProgram::BabyBear($program) => $expression,
            AnyProgram::Goldilocks($program) => $expression,
        }
    };
}
pub(super) use of_program;

impl AnyProgram {
    /// The program of these bytes, which say themselves over which field it is.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        const ORIGIN: &str = "program";
        // After the magic and the version: see docs/air.md.
        let modulus = bytes.get(8..).and_then(|rest| rest.first_chunk());
        let modulus = modulus.map_or(0, |word| u64::from_le_bytes(*word));
        if modulus == Goldilocks::MODULUS {
            return Ok(Self::Goldilocks(Program::from_bytes(bytes, ORIGIN)?));
        }
        if modulus == BabyBear::MODULUS {
            return Ok(Self::BabyBear(Program::from_bytes(bytes, ORIGIN)?));
        }
        match Program::from_bytes(bytes, ORIGIN) {
            Ok(program) => Ok(Self::KoalaBear(program)),
            Err(error) if error.fault() == Some(Fault::WrongField) => Err(Failure::new(
                ZKILN_E_MALFORMED,
                format!(
                    "program: header: a field of {modulus} elements, which is none of KoalaBear, BabyBear and \
                     Goldilocks"
                ),
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// Checks every constraint in every row.
    pub(super) fn check(
        &self,
        trace: &Matrix<'_>,
        preprocessed: Option<&Matrix<'_>>,
        public_values: &[u64],
    ) -> Result<()> {
        of_program!(self, program => {
            let shape = program.shape();
            let height = trace.len() / shape.width;
            let trace = trace.columns(shape.width, height)?;
            let preprocessed = preprocessed
                .map(|columns| columns.columns(shape.preprocessed_width, height))
                .transpose()?;
            let public_values = public_elements(public_values)?;
            Ok(program.check_trace(&trace, preprocessed.as_ref(), &public_values)?)
        })
    }

    pub(super) fn prover(
        &self,
        hash: Hash,
        parameters: Parameters,
        log_height: u32,
        preprocessed: Option<&Matrix<'_>>,
    ) -> Result<Box<dyn AnyProver>> {
        of_program!(self, program => {
            new_prover(program, hash, parameters, log_height, preprocessed)
        })
    }

    pub(super) fn verifier(
        &self,
        hash: Hash,
        parameters: Parameters,
        log_height: u32,
        commitment: &[u8],
    ) -> Result<Box<dyn AnyVerifier>> {
        of_program!(self, program => {
            new_verifier(program, hash, parameters, log_height, commitment)
        })
    }
}

/// A field with its configurations.
trait StarkField: SmallField {
    type Poseidon2: StarkConfig<Val = Self>;
    type Keccak: StarkConfig<Val = Self>;

    fn poseidon2() -> Self::Poseidon2;
    fn keccak() -> Self::Keccak;
}

macro_rules! stark_field {
    ($F:ty, $Poseidon2:ty) => {
        impl StarkField for $F {
            type Poseidon2 = $Poseidon2;
            type Keccak = KeccakConfig<$F>;

            fn poseidon2() -> Self::Poseidon2 {
                <$Poseidon2>::standard()
            }
            fn keccak() -> Self::Keccak {
                KeccakConfig::keccak()
            }
        }
    };
}

stark_field!(KoalaBear, Poseidon2Config24<KoalaBear>);
stark_field!(BabyBear, Poseidon2Config24<BabyBear>);
stark_field!(Goldilocks, Poseidon2Config8<Goldilocks>);

fn new_prover<F: StarkField>(
    program: &Program<F>,
    hash: Hash,
    parameters: Parameters,
    log_height: u32,
    preprocessed: Option<&Matrix<'_>>,
) -> Result<Box<dyn AnyProver>> {
    // Before the height is the number of a shift.
    parameters.check::<F>(log_height, 0)?;
    let width = program.shape().preprocessed_width;
    // Preprocessed columns, and the roots of unity of the transforms.
    require_codewords::<F>(&parameters, log_height, width + 1)?;
    let preprocessed = preprocessed
        .map(|columns| columns.columns(width, 1 << log_height))
        .transpose()?;
    let program = program.clone();
    Ok(match hash {
        Hash::Poseidon2 => Box::new(Prover::new(
            F::poseidon2(),
            parameters,
            program,
            log_height,
            preprocessed,
        )?),
        Hash::Keccak => Box::new(Prover::new(
            F::keccak(),
            parameters,
            program,
            log_height,
            preprocessed,
        )?),
    })
}

fn new_verifier<F: StarkField>(
    program: &Program<F>,
    hash: Hash,
    parameters: Parameters,
    log_height: u32,
    commitment: &[u8],
) -> Result<Box<dyn AnyVerifier>> {
    fn with<C: StarkConfig>(
        config: C,
        parameters: Parameters,
        program: Program<C::Val>,
        log_height: u32,
        commitment: &[u8],
    ) -> Result<Box<dyn AnyVerifier>> {
        let cap = match commitment {
            [] => None,
            bytes => Some(Vec::<Digest<C>>::from_encoding(bytes, "commitment")?),
        };
        Ok(Box::new(Verifier::new(
            config, parameters, program, log_height, cap,
        )?))
    }
    let program = program.clone();
    match hash {
        Hash::Poseidon2 => with(F::poseidon2(), parameters, program, log_height, commitment),
        Hash::Keccak => with(F::keccak(), parameters, program, log_height, commitment),
    }
}

/// Refuses what this process cannot allocate for so many columns.
fn require_codewords<F>(parameters: &Parameters, log_height: u32, width: usize) -> Result<()> {
    let log_codeword = u64::from(log_height) + u64::from(parameters.log_blowup);
    let bytes = u32::try_from(log_codeword)
        .ok()
        .and_then(|log| 1usize.checked_shl(log))
        .and_then(|values| values.checked_mul(width))
        .and_then(|values| values.checked_mul(size_of::<F>()));
    require_room(bytes.unwrap_or(usize::MAX))
}

/// [`Prover`] of any configuration.
pub(super) trait AnyProver: Send + Sync {
    /// A proof's bytes.
    fn prove(
        &self,
        trace: &Matrix<'_>,
        public_values: &[u64],
        is_verified: bool,
        cancel: &Cancel,
    ) -> Result<Vec<u8>>;

    fn verifier(&self) -> Box<dyn AnyVerifier>;
}

impl<C: StarkConfig> AnyProver for Prover<C> {
    fn prove(
        &self,
        trace: &Matrix<'_>,
        public_values: &[u64],
        is_verified: bool,
        cancel: &Cancel,
    ) -> Result<Vec<u8>> {
        let verifier = Prover::verifier(self);
        let width = verifier.program().shape().width;
        let public_values = public_elements(public_values)?;
        require_codewords::<C::Val>(verifier.parameters(), verifier.log_height(), width)?;
        let trace = trace.columns(width, 1 << verifier.log_height())?;
        let mut options = ProveOptions::default();
        options.verify = is_verified;
        options.cancel = Some(cancel);
        Ok(self.prove_with(trace, &public_values, &options)?.to_bytes())
    }

    fn verifier(&self) -> Box<dyn AnyVerifier> {
        Box::new(Prover::verifier(self).clone())
    }
}

/// [`Verifier`] of any configuration.
pub(super) trait AnyVerifier: Send + Sync {
    /// Whether the bytes are a proof, and the proof is valid.
    fn verify(&self, proof: &[u8], public_values: &[u64]) -> Result<()>;

    /// The commitment to the preprocessed columns; empty without such.
    fn commitment(&self) -> Vec<u8>;

    fn log_height(&self) -> u32;
    fn security(&self) -> Security;
}

impl<C: StarkConfig> AnyVerifier for Verifier<C> {
    fn verify(&self, proof: &[u8], public_values: &[u64]) -> Result<()> {
        let public_values = public_elements(public_values)?;
        let proof = Proof::<C>::from_bytes(proof, "proof")?;
        Verifier::verify(self, &proof, &public_values).map_err(|error| match error {
            Error::Malformed { .. } => Failure::new(
                ZKILN_E_INVALID_PROOF,
                format!("the proof is not valid for these public values: {error}"),
            ),
            error => error.into(),
        })
    }

    fn commitment(&self) -> Vec<u8> {
        self.preprocessed()
            .map_or(Vec::new(), |cap| cap.to_vec().encoding())
    }

    fn log_height(&self) -> u32 {
        Verifier::log_height(self)
    }

    fn security(&self) -> Security {
        Verifier::security(self)
    }
}
