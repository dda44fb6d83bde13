//! Proofs that the command wrote, before Plonky3's own verifier.

#[allow(dead_code)] // not all of it is used here
#[path = "cli/run.rs"]
mod run;

use std::fs;

use p3_air::Air;
use p3_air::SymbolicAirBuilder;
use p3_uni_stark::VerifierConstraintFolder;
use tempfile::TempDir;
use zkiln::field::Field;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear};
use zkiln::stark::air::Program;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24};
use zkiln::stark::{Parameters, Proof};
use zkiln_plonky3::config::P3Val;
use zkiln_plonky3::{BytecodeAir, P3Config, Plonky3, Plonky3Config, proof_to_p3};

/// What Plonky3's verifier takes for constraints.
trait Verified<C: Plonky3Config>:
    Air<SymbolicAirBuilder<P3Val<C>>> + for<'a> Air<VerifierConstraintFolder<'a, P3Config<C>>>
{
}

impl<C: Plonky3Config, A> Verified<C> for A where
    A: Air<SymbolicAirBuilder<P3Val<C>>> + for<'a> Air<VerifierConstraintFolder<'a, P3Config<C>>>
{
}

/// Ready programs through `zkiln stark air` and `prove`.
fn accepted<C: Plonky3Config>(field: &str, hash: &str)
where
    BytecodeAir<C::Val>: Verified<C>,
{
    for (air, rows) in [
        ("fibonacci", "2^6"),
        ("poseidon2", "2^4"),
        ("keccak", "2^5"),
    ] {
        let dir = TempDir::new().unwrap();
        let file = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let out = dir.path().to_str().unwrap();
        run::zkiln([
            "stark", "air", air, "--field", field, "--rows", rows, "-o", out,
        ])
        .done();
        let [program, trace] = [file("program.zair"), file("trace.npy")];
        let [public, proof] = [file("public.json"), file("proof.bin")];
        let options = [
            "--public-file",
            &public,
            "--hash",
            hash,
            "--preset",
            "fast",
            "-o",
            &proof,
        ];
        let prove = ["stark", "prove", &program, &trace];
        run::zkiln(prove.into_iter().chain(options)).done();

        let program = Program::from_bytes(&fs::read(program).unwrap(), "program").unwrap();
        let air = BytecodeAir::<C::Val>::new(program, None).unwrap();
        let proof = Proof::<C>::from_bytes(&fs::read(proof).unwrap(), "proof").unwrap();
        let proof: p3_uni_stark::Proof<P3Config<C>> = proof_to_p3(proof).unwrap();
        let public: Vec<String> = serde_json::from_slice(&fs::read(public).unwrap()).unwrap();
        let value = |text: &String| C::Val::from(text.parse::<u64>().unwrap());
        let mut public: Vec<C::Val> = public.iter().map(value).collect();
        let config = C::p3(&Parameters::fast());
        let verdict = |public: &[C::Val]| {
            p3_uni_stark::verify(&config, &air, &proof, &public.to_vec().to_p3())
        };
        verdict(&public).unwrap();
        if let Some(value) = public.first_mut() {
            *value += C::Val::ONE;
            assert!(verdict(&public).is_err());
        }
    }
}

#[test]
fn koala_bear() {
    accepted::<Poseidon2Config24<KoalaBear>>("koalabear", "poseidon2");
    accepted::<KeccakConfig<KoalaBear>>("koalabear", "keccak");
}

#[test]
fn baby_bear() {
    accepted::<Poseidon2Config24<BabyBear>>("babybear", "poseidon2");
    accepted::<KeccakConfig<BabyBear>>("babybear", "keccak");
}

#[test]
fn goldilocks() {
    accepted::<Poseidon2Config8<Goldilocks>>("goldilocks", "poseidon2");
    accepted::<KeccakConfig<Goldilocks>>("goldilocks", "keccak");
}
