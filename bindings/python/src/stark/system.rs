//! Provers and verifiers of every field and hash, behind one interface.

use pyo3::prelude::*;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::stark::air::Program;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24, StarkConfig};
use zkiln::stark::{Digest, Encode, Parameters, Proof, ProveOptions, Prover, Security, Verifier};
use zkiln::{Error, Result};

use super::trace::Matrix;
use crate::arrays::Stored;
use crate::errors::Failure;
use crate::fields::FieldName;
use crate::work;

/// A program over any of the fields.
#[derive(Clone)]
pub(super) enum AnyProgram {
    KoalaBear(Program<KoalaBear>),
    BabyBear(Program<BabyBear>),
    Goldilocks(Program<Goldilocks>),
}

/// Evaluates an expression with the program of an [`AnyProgram`].
macro_rules! on_program {
    ($any:expr, $program:ident => $body:expr) => {
        match $any {
            $crate::stark::system::AnyProgram::KoalaBear($program) => $body,
            $crate::stark::system::AnyProgram::BabyBear($program) => $body,
            $crate::stark::system::AnyProgram::Goldilocks($program) => $body,
        }
    };
}
pub(super) use on_program;

/// Evaluates an expression with `F` the field of a name, as an [`AnyProgram`].
macro_rules! program_over {
    ($field:expr, $F:ident => $body:expr) => {
        match $field {
            $crate::fields::FieldName::KoalaBear => {
                type $F = zkiln::field::small::KoalaBear;
                Ok($crate::stark::system::AnyProgram::KoalaBear($body))
            }
            $crate::fields::FieldName::BabyBear => {
                type $F = zkiln::field::small::BabyBear;
                Ok($crate::stark::system::AnyProgram::BabyBear($body))
            }
            $crate::fields::FieldName::Goldilocks => {
                type $F = zkiln::field::small::Goldilocks;
                Ok($crate::stark::system::AnyProgram::Goldilocks($body))
            }
            other => Err($crate::stark::system::no_field(other)),
        }
    };
}
pub(super) use program_over;

pub(super) fn no_field(name: FieldName) -> Failure {
    Failure::argument(format!(
        "field: STARKs are over KoalaBear, BabyBear and Goldilocks, not {name:?}"
    ))
}

/// The argument `hash`: of commitments and challenges.
#[derive(Clone, Copy)]
pub(super) enum Hash {
    Poseidon2,
    Keccak,
}

impl Hash {
    pub(super) fn named(name: &str) -> core::result::Result<Self, Failure> {
        match name {
            "poseidon2" => Ok(Self::Poseidon2),
            "keccak" => Ok(Self::Keccak),
            _ => Err(Failure::argument(format!(
                "hash: \"poseidon2\" or \"keccak\" is needed, not {name:?}"
            ))),
        }
    }
}

/// A [`Prover`] of some configuration.
pub(super) trait AnyProver: Send + Sync {
    fn prove(
        &self,
        trace: &Bound<'_, PyAny>,
        public: Option<&Bound<'_, PyAny>>,
        verify: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<u8>>;
    fn verifier(&self) -> Box<dyn AnyVerifier>;
}

/// A [`Verifier`] of some configuration.
pub(super) trait AnyVerifier: Send + Sync {
    fn verify(
        &self,
        py: Python<'_>,
        proof: &[u8],
        public: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Result<()>>;
    fn security(&self) -> Security;
    fn preprocessed(&self) -> Option<Vec<u8>>;
}

impl<C: StarkConfig<Val: Stored>> AnyProver for Prover<C> {
    fn prove(
        &self,
        trace: &Bound<'_, PyAny>,
        public: Option<&Bound<'_, PyAny>>,
        verify: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<u8>> {
        let public = elements(public)?;
        let matrix = Matrix::<C::Val>::new("trace", trace)?;
        let words = matrix.words()?;
        work::watch(trace.py(), progress, |cancel| {
            let mut options = ProveOptions::default();
            options.verify = verify;
            options.cancel = Some(cancel);
            let proof = self.prove_with(words.columns()?, &public, &options)?;
            Ok::<_, Failure>(proof.to_bytes())
        })
    }

    fn verifier(&self) -> Box<dyn AnyVerifier> {
        Box::new(self.verifier().clone())
    }
}

impl<C: StarkConfig<Val: Stored>> AnyVerifier for Verifier<C> {
    fn verify(
        &self,
        py: Python<'_>,
        proof: &[u8],
        public: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Result<()>> {
        let public = elements(public)?;
        work::run(py, || {
            let result =
                Proof::from_bytes(proof, "proof").and_then(|proof| self.verify(&proof, &public));
            Ok::<_, Failure>(result)
        })
    }

    fn security(&self) -> Security {
        self.security()
    }

    fn preprocessed(&self) -> Option<Vec<u8>> {
        self.preprocessed().map(|cap| cap.to_vec().encoding())
    }
}

/// Public values: integers below the modulus, or elements; none are none.
pub(super) fn elements<F: Stored + SmallField>(
    values: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<F>> {
    let mut elements = Vec::new();
    let Some(values) = values else {
        return Ok(elements);
    };
    for (i, value) in values.try_iter()?.enumerate() {
        let value = value?;
        let number = match value.extract::<u64>() {
            Ok(number) => Some(number),
            Err(_) => value.call_method0("__int__")?.extract().ok(),
        };
        let element = number.and_then(F::from_canonical).ok_or_else(|| {
            Failure::from(Error::PublicInputs(format!(
                "value {i}, {value}, is not below the modulus {} of {}",
                F::MODULUS,
                F::NAME
            )))
        })?;
        elements.push(element);
    }
    Ok(elements)
}

/// What is done with a field's configurations.
trait Task {
    type Output;
    fn run<C>(self, config: C, program: &Program<C::Val>) -> PyResult<Self::Output>
    where
        C: StarkConfig<Val: Stored>;
}

/// Runs a task with the configuration of a hash over a program's field.
fn dispatch<T: Task>(program: &AnyProgram, hash: Hash, task: T) -> PyResult<T::Output> {
    use AnyProgram::{BabyBear as B, Goldilocks as G, KoalaBear as K};
    match (program, hash) {
        (K(p), Hash::Poseidon2) => task.run(Poseidon2Config24::<KoalaBear>::standard(), p),
        (B(p), Hash::Poseidon2) => task.run(Poseidon2Config24::<BabyBear>::standard(), p),
        (G(p), Hash::Poseidon2) => task.run(Poseidon2Config8::<Goldilocks>::standard(), p),
        (K(p), Hash::Keccak) => task.run(KeccakConfig::<KoalaBear>::keccak(), p),
        (B(p), Hash::Keccak) => task.run(KeccakConfig::<BabyBear>::keccak(), p),
        (G(p), Hash::Keccak) => task.run(KeccakConfig::<Goldilocks>::keccak(), p),
    }
}

/// A prover for traces of `2^log_rows` rows.
pub(super) fn prover(
    py: Python<'_>,
    program: &AnyProgram,
    hash: Hash,
    parameters: Parameters,
    log_rows: u32,
    preprocessed: Option<&Bound<'_, PyAny>>,
) -> PyResult<Box<dyn AnyProver>> {
    struct Make<'a, 'py>(Python<'py>, Parameters, u32, Option<&'a Bound<'py, PyAny>>);
    impl Task for Make<'_, '_> {
        type Output = Box<dyn AnyProver>;
        fn run<C>(self, config: C, program: &Program<C::Val>) -> PyResult<Self::Output>
        where
            C: StarkConfig<Val: Stored>,
        {
            let Self(py, parameters, log_rows, preprocessed) = self;
            let matrix = preprocessed
                .map(|array| Matrix::<C::Val>::new("preprocessed", array))
                .transpose()?;
            let words = matrix.as_ref().map(Matrix::words).transpose()?;
            let prover = work::run(py, || {
                let columns = words.map(|words| words.columns()).transpose()?;
                let program = program.clone();
                Ok::<_, Failure>(Prover::new(config, parameters, program, log_rows, columns)?)
            })?;
            Ok(Box::new(prover))
        }
    }
    dispatch(program, hash, Make(py, parameters, log_rows, preprocessed))
}

/// A verifier for traces of `2^log_rows` rows, with the commitment to the preprocessed columns, if there are some.
pub(super) fn verifier(
    program: &AnyProgram,
    hash: Hash,
    parameters: Parameters,
    log_rows: u32,
    preprocessed: Option<&[u8]>,
) -> PyResult<Box<dyn AnyVerifier>> {
    struct Make<'a>(Parameters, u32, Option<&'a [u8]>);
    impl Task for Make<'_> {
        type Output = Box<dyn AnyVerifier>;
        fn run<C>(self, config: C, program: &Program<C::Val>) -> PyResult<Self::Output>
        where
            C: StarkConfig<Val: Stored>,
        {
            let Self(parameters, log_rows, preprocessed) = self;
            let read = |bytes| Vec::<Digest<C>>::from_encoding(bytes, "preprocessed");
            let make = || {
                let cap = preprocessed.map(read).transpose()?;
                Verifier::new(config, parameters, program.clone(), log_rows, cap)
            };
            Ok(Box::new(make().map_err(Failure::from)?))
        }
    }
    dispatch(program, hash, Make(parameters, log_rows, preprocessed))
}

/// The bits of proofs about `2^log_rows` rows.
pub(super) fn security(
    program: &AnyProgram,
    hash: Hash,
    parameters: Parameters,
    log_rows: u32,
) -> PyResult<Security> {
    struct Ask(Parameters, u32);
    impl Task for Ask {
        type Output = Security;
        fn run<C>(self, config: C, program: &Program<C::Val>) -> PyResult<Security>
        where
            C: StarkConfig<Val: Stored>,
        {
            let Self(parameters, log_rows) = self;
            let ask = || {
                parameters.check::<C::Val>(log_rows, 0)?;
                // They depend neither on what the preprocessed columns are nor on caps.
                let parameters = Parameters {
                    cap_height: 0,
                    ..parameters
                };
                let has_some = program.shape().preprocessed_width > 0;
                let cap = has_some.then(|| vec![Default::default()]);
                let verifier = Verifier::new(config, parameters, program.clone(), log_rows, cap)?;
                Ok::<_, Error>(verifier.security())
            };
            Ok(ask().map_err(Failure::from)?)
        }
    }
    dispatch(program, hash, Ask(parameters, log_rows))
}
