//! Lets Plonky3's own verifier decide on a proof that zkiln made, for instance from Python.
//!
//! `cargo run -p zkiln-plonky3 --example judge -- DIR` reads from a directory
//!
//! - `statement.json`: the field, the hash, the number of rows, the parameters and the public values;
//! - `program.zair`: the constraints, as `docs/air.md` describes them;
//! - `proof.bin`: the proof;
//!
//! and says "accepted", or fails with the reason. The constraints have no preprocessed columns.
//! `bindings/python/examples/air_in_python.py` writes such a directory.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::stark::air::Program;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24};
use zkiln::stark::{Dialect, Parameters, Proof};
use zkiln_plonky3::config::P3Val;
use zkiln_plonky3::{BytecodeAir, Plonky3, Plonky3Config, proof_to_p3};

/// `statement.json`.
#[derive(Deserialize)]
struct Statement {
    field: String,
    hash: String,
    rows: usize,
    parameters: Numbers,
    public: Vec<u64>,
}

/// [`Parameters`], by the same names.
#[derive(Deserialize)]
struct Numbers {
    log_blowup: u32,
    log_final_poly_len: u32,
    max_log_arity: u32,
    queries: u32,
    batch_grinding: u32,
    commit_grinding: u32,
    query_grinding: u32,
    ood_grinding: u32,
    cap_height: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = env::args_os().nth(1).ok_or("judge DIR")?;
    let directory = Path::new(&directory);
    let statement = fs::read(directory.join("statement.json"))?;
    let statement: Statement = serde_json::from_slice(&statement)?;
    match (statement.field.as_str(), statement.hash.as_str()) {
        ("koalabear", "poseidon2") => judge::<Poseidon2Config24<KoalaBear>>(directory, &statement),
        ("koalabear", "keccak") => judge::<KeccakConfig<KoalaBear>>(directory, &statement),
        ("babybear", "poseidon2") => judge::<Poseidon2Config24<BabyBear>>(directory, &statement),
        ("babybear", "keccak") => judge::<KeccakConfig<BabyBear>>(directory, &statement),
        ("goldilocks", "poseidon2") => judge::<Poseidon2Config8<Goldilocks>>(directory, &statement),
        ("goldilocks", "keccak") => judge::<KeccakConfig<Goldilocks>>(directory, &statement),
        (field, hash) => Err(format!("no configuration has {field} and {hash}").into()),
    }?;
    println!("accepted");
    Ok(())
}

fn judge<C: Plonky3Config>(directory: &Path, statement: &Statement) -> Result<(), Box<dyn Error>>
where
    C::Val: Plonky3<P3 = P3Val<C>>,
{
    let program = fs::read(directory.join("program.zair"))?;
    let program = Program::<C::Val>::from_bytes(&program, "program.zair")?;
    let proof = fs::read(directory.join("proof.bin"))?;
    let proof = Proof::<C>::from_bytes(&proof, "proof.bin")?;
    // Plonky3's verifier takes the height from the proof.
    if 1u64.checked_shl(proof.degree_bits as u32) != Some(statement.rows as u64) {
        return Err(format!("a proof about other than {} rows", statement.rows).into());
    }
    let element = |&value| C::Val::from_canonical(value).ok_or("a public value beyond the field");
    let public: Vec<C::Val> = statement
        .public
        .iter()
        .map(element)
        .collect::<Result<_, _>>()?;
    let numbers = &statement.parameters;
    let config = C::p3(&Parameters {
        dialect: Dialect::P3v0_8,
        log_blowup: numbers.log_blowup,
        log_final_poly_len: numbers.log_final_poly_len,
        max_log_arity: numbers.max_log_arity,
        queries: numbers.queries,
        batch_grinding: numbers.batch_grinding,
        commit_grinding: numbers.commit_grinding,
        query_grinding: numbers.query_grinding,
        ood_grinding: numbers.ood_grinding,
        cap_height: numbers.cap_height,
    });
    let air = BytecodeAir::new(program, None)?;
    p3_uni_stark::verify(&config, &air, &proof_to_p3(proof)?, &public.to_p3())
        .map_err(|error| format!("Plonky3 refuses the proof: {error:?}").into())
}
