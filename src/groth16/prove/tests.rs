//! Known answers: with fixed blinding a proof is a function of key and witness. It is computed here a
//! second time with nothing but arkworks, straight from the definition, and both must equal the proof
//! that is kept with the fixtures.
//!
//! After the fixtures were made anew, `ZKILN_BLESS=1 cargo test known_answers` writes the kept proofs,
//! from the arkworks computation.

use std::path::PathBuf;
use std::process::Command;

use ark_bn254::{Fr as ArkFr, G1Projective, G2Projective};
use ark_ec::{CurveGroup, VariableBaseMSM};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

use super::*;
use crate::backend::{Backend, Device, EmulatorOptions};
use crate::curve::{Affine, Curve};
use crate::field::arch::Cpu;
use crate::groth16::{KeyOptions, Matrix, Zkey};

fn data(circuit: &str) -> PathBuf {
    // As it is when the test runs: tests may have been built on another machine.
    let root = std::env::var_os("CARGO_MANIFEST_DIR");
    let root = root.map_or(env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    root.join("tests/data").join(circuit)
}

/// Numbers without structure; any will do.
fn blinding() -> Blinding {
    let number = |text| Fr::from(crate::field::Int::from_decimal(text).unwrap());
    Blinding {
        r: number("9264087123089214687126498712649812764981276498127649812764981276498172643"),
        s: number("13571239817239817239871293871298371298379128739182739182739817239817239"),
    }
}

fn msm<G: VariableBaseMSM<ScalarField = ArkFr>, C: Curve>(
    points: Vec<Affine<C>>,
    scalars: &[ArkFr],
) -> G
where
    G::MulBase: From<Affine<C>>,
{
    let points: Vec<G::MulBase> = points.into_iter().map(Into::into).collect();
    G::msm(&points, scalars).expect("as many scalars as points")
}

/// The proof by arkworks, in the natural order and with coefficients in between.
fn reference(zkey: &Zkey<'_>, witness: &Witness, blinding: &Blinding) -> Proof {
    let header = zkey.header();
    let n = header.domain_size();
    let w: Vec<ArkFr> = witness
        .values()
        .iter()
        .map(|&v| Fr::from(v).into())
        .collect();
    let mut a = vec![ArkFr::default(); n];
    let mut b = a.clone();
    for entry in zkey.coefficients().iter().map(Result::unwrap) {
        let row = match entry.matrix {
            Matrix::A => &mut a[entry.row as usize],
            Matrix::B => &mut b[entry.row as usize],
        };
        *row += ArkFr::from(entry.value) * w[entry.wire as usize];
    }
    let c: Vec<ArkFr> = a.iter().zip(&b).map(|(a, b)| a * b).collect();
    let domain = Radix2EvaluationDomain::<ArkFr>::new(n).unwrap();
    let shift = Radix2EvaluationDomain::<ArkFr>::new(2 * n)
        .unwrap()
        .group_gen;
    let coset = domain.get_coset(shift).unwrap();
    let [a, b, c] = [a, b, c].map(|values| coset.fft(&domain.ifft(&values)));
    let h: Vec<ArkFr> = (0..n).map(|i| a[i] * b[i] - c[i]).collect();

    let (r, s) = (ArkFr::from(blinding.r), ArkFr::from(blinding.s));
    let alpha = G1Projective::from(ark_bn254::G1Affine::from(header.alpha_g1));
    let beta_g1 = G1Projective::from(ark_bn254::G1Affine::from(header.beta_g1));
    let beta_g2 = G2Projective::from(ark_bn254::G2Affine::from(header.beta_g2));
    let delta_g1 = G1Projective::from(ark_bn254::G1Affine::from(header.delta_g1));
    let delta_g2 = G2Projective::from(ark_bn254::G2Affine::from(header.delta_g2));
    let a = alpha + msm::<G1Projective, _>(zkey.a().read_all().unwrap(), &w) + delta_g1 * r;
    let b_g1 = beta_g1 + msm::<G1Projective, _>(zkey.b1().read_all().unwrap(), &w) + delta_g1 * s;
    let b_g2 = beta_g2 + msm::<G2Projective, _>(zkey.b2().read_all().unwrap(), &w) + delta_g2 * s;
    let c = msm::<G1Projective, _>(zkey.c().read_all().unwrap(), &w[header.n_public + 1..])
        + msm::<G1Projective, _>(zkey.h().read_all().unwrap(), &h)
        + a * s
        + b_g1 * r
        - delta_g1 * (r * s);
    Proof {
        a: a.into_affine().into(),
        b: b_g2.into_affine().into(),
        c: c.into_affine().into(),
    }
}

#[test]
fn known_answers() {
    for circuit in ["multiplier", "full_domain", "hash_chain", "merkle", "range"] {
        let bytes = std::fs::read(data(circuit).join("circuit.zkey")).unwrap();
        let witness = Witness::open(data(circuit).join("witness.wtns")).unwrap();
        let zkey = Zkey::parse(&bytes, circuit).unwrap();
        let expected = reference(&zkey, &witness, &blinding());
        let kept = data(circuit).join("known_answer.json");
        if std::env::var_os("ZKILN_BLESS").is_some() {
            std::fs::write(&kept, expected.to_json()).unwrap();
        }
        assert_eq!(Proof::open(&kept).unwrap(), expected, "{circuit}: arkworks");
        for constant_work in [false, true] {
            let options = KeyOptions {
                constant_work,
                ..KeyOptions::default()
            };
            let key = ProvingKey::from_bytes_with(&bytes, circuit, options).unwrap();
            for threads in [1, 2, 5] {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .unwrap();
                let prove = || key.prove_blinded(&witness, &ProveOptions::default(), &blinding());
                let (proof, _) = pool.install(prove).unwrap();
                assert_eq!(proof, expected, "{circuit}: {threads} threads");
            }
        }
    }
}

/// [`known_answers`] with portable code, if it was not what they ran with. An instruction set is chosen once
/// for a process, so in one of its own.
#[test]
fn known_answers_of_portable_code() {
    if matches!(Cpu::get(), Ok(Cpu::Generic(_))) {
        return;
    }
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["groth16::prove::tests::known_answers", "--exact"])
        .env("ZKILN_CPU", "generic")
        .env_remove("ZKILN_BLESS")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

/// A device proves what the processor proves: byte for byte, for the same blinding. On the emulator, or on
/// what `ZKILN_TEST_DEVICE` names.
#[test]
fn known_answers_on_a_device() {
    let name = std::env::var("ZKILN_TEST_DEVICE").unwrap_or("emulator".into());
    let backend: Backend = name.parse().unwrap();
    for circuit in ["multiplier", "full_domain", "hash_chain", "merkle", "range"] {
        // The masks' sums are as long as the proof's own.
        let is_small = circuit == "multiplier";
        for constant_work in [false, true].into_iter().take(1 + usize::from(is_small)) {
            prove_known_answer(circuit, &backend, constant_work);
        }
    }
}

/// Every access to memory of a whole proof, watched; and streams and threads in several orders.
#[test]
fn a_proof_passes_the_checks_of_the_emulator() {
    for seed in 0..4 {
        let mut options = EmulatorOptions::default();
        options.checked = true;
        options.seed = seed;
        let device = Device::emulator_with(&options).unwrap();
        prove_known_answer("multiplier", &Backend::Device(device), seed % 2 == 1);
    }
}

/// With less memory than the key takes, points are copied for each proof and sums follow each other; with
/// less than that, an error says so before any work.
#[test]
fn a_device_with_little_memory_proves_or_refuses() {
    let (mut proved, mut refused) = (0, 0);
    for log_memory in 16..24 {
        let mut options = EmulatorOptions::default();
        options.memory = 1 << log_memory;
        let device = Device::emulator_with(&options).unwrap();
        let options = KeyOptions {
            backend: Backend::Device(device.clone()),
            ..KeyOptions::default()
        };
        let circuit = data("full_domain");
        let witness = Witness::open(circuit.join("witness.wtns")).unwrap();
        let expected = Proof::open(circuit.join("known_answer.json")).unwrap();
        let outcome =
            ProvingKey::open_with(circuit.join("circuit.zkey"), options).and_then(|key| {
                let proof = key.prove_blinded(&witness, &ProveOptions::default(), &blinding());
                Ok((proof?.0, device.memory().peak))
            });
        match outcome {
            Ok((proof, peak)) => {
                assert_eq!(proof, expected, "2^{log_memory} bytes");
                assert!(peak <= 1 << log_memory);
                proved += 1;
            }
            Err(error) => {
                assert_eq!(error.code(), 11, "2^{log_memory} bytes: {error}");
                assert_eq!(proved, 0, "more memory, and an error: {error}");
                refused += 1;
            }
        }
    }
    assert!(
        proved > 1 && refused > 1,
        "{proved} proved, {refused} refused"
    );
}

fn prove_known_answer(circuit: &str, backend: &Backend, constant_work: bool) {
    let options = KeyOptions {
        constant_work,
        backend: backend.clone(),
        ..KeyOptions::default()
    };
    let key = ProvingKey::open_with(data(circuit).join("circuit.zkey"), options).unwrap();
    let witness = Witness::open(data(circuit).join("witness.wtns")).unwrap();
    let expected = Proof::open(data(circuit).join("known_answer.json")).unwrap();
    for _ in 0..2 {
        let proof = key.prove_blinded(&witness, &ProveOptions::default(), &blinding());
        assert_eq!(proof.unwrap().0, expected, "{circuit} on {backend}");
    }
}
