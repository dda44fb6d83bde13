//! `zkiln stark`
//!
//! Fields and hashes are types to the library and words to the user: [`Task`] is what a command does with whichever
//! they are.

mod air;
mod info;
mod prove;
mod statement;
mod verify;

use std::path::Path;

use serde_json::{Value, json};
use tracing::info_span;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::stark::air::{Program, modulus_of_program};
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24, StarkConfig};
use zkiln::stark::{Parameters, Security};
use zkiln::{Error, Fault, Result};

use crate::args::{Hash, Preset, Stark};
use crate::input;
use crate::report::Report;

pub(super) fn run(args: &Stark) -> Result<Report> {
    match args {
        Stark::Prove(args) => prove::run(args),
        Stark::Verify(args) => verify::run(args),
        Stark::Air(args) => air::run(args),
        Stark::Info(args) => info::run(args),
    }
}

/// What is done with a program, over its field.
trait Task {
    fn run<C: StarkConfig>(&self, config: C, program: Program<C::Val>) -> Result<Report>;
}

/// Does it with the program of a file, whose field the file names.
fn with_program(path: &Path, hash: Hash, task: &impl Task) -> Result<Report> {
    let span = info_span!("read program").entered();
    let origin = path.display().to_string();
    let bytes = input::read(path)?;
    macro_rules! over {
        ($F:ty, $Poseidon2:ty) => {{
            let program = Program::<$F>::from_bytes(&bytes, &origin)?;
            drop((span, bytes));
            match hash {
                Hash::Keccak => task.run(KeccakConfig::<$F>::keccak(), program),
                Hash::Poseidon2 => task.run(<$Poseidon2>::standard(), program),
            }
        }};
    }
    match modulus_of_program(&bytes, &origin)? {
        KoalaBear::MODULUS => over!(KoalaBear, Poseidon2Config24<KoalaBear>),
        BabyBear::MODULUS => over!(BabyBear, Poseidon2Config24<BabyBear>),
        Goldilocks::MODULUS => over!(Goldilocks, Poseidon2Config8<Goldilocks>),
        other => Err(Error::Malformed {
            origin,
            section: "header".into(),
            fault: Fault::WrongField,
            reason: format!(
                "a field of {other} elements, which is none of koalabear, babybear and goldilocks"
            ),
        }),
    }
}

/// What the user calls a field.
fn field_name<F: SmallField>() -> &'static str {
    match F::MODULUS {
        KoalaBear::MODULUS => "koalabear",
        BabyBear::MODULUS => "babybear",
        _ => "goldilocks",
    }
}

fn hash_name(hash: Hash) -> &'static str {
    match hash {
        Hash::Keccak => "keccak",
        Hash::Poseidon2 => "poseidon2",
    }
}

fn preset_name(preset: Preset) -> &'static str {
    match preset {
        Preset::Proven100 => "proven100",
        Preset::Fast => "fast",
    }
}

fn parameters(preset: Preset) -> Parameters {
    match preset {
        Preset::Proven100 => Parameters::proven100(),
        Preset::Fast => Parameters::fast(),
    }
}

fn security_json(security: &Security) -> Value {
    json!({
        "proven_bits": security.proven_bits(),
        "unique_decoding_bits": security.unique_decoding as u32,
        "johnson_bits": security.johnson as u32,
        "conjectured_bits": security.conjectured_bits(),
    })
}

fn security_text(security: &Security) -> String {
    format!(
        "{} bits proven, {} conjectured",
        security.proven_bits(),
        security.conjectured_bits()
    )
}
