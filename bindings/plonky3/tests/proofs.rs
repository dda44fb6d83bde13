//! Proofs of zkiln and of Plonky3 about the same traces: equal, and accepted by the other's verifier.
//!
//! Plonky3 takes the constraints as bytecode, so that its prover and verifier are compiled once for each
//! configuration; `airs.rs` shows that this is the same as the AIR itself.

mod common;

use common::judge::{Judge, p3_accepts, p3_proof};
use common::mutations::mutations;
use common::{Mixed, Small, Trace, bytes};
use p3_air::BaseAir;
use p3_uni_stark::{PreprocessedVerifierKey, setup_preprocessed};
use zkiln::field::Field;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear};
use zkiln::poly::Columns;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24};
use zkiln::stark::{Parameters, Proof, Prover, Verifier};
use zkiln_plonky3::config::P3Val;
use zkiln_plonky3::{
    BytecodeAir, P3Config, Plonky3, Plonky3Config, cap_from_p3, program, proof_from_p3, proof_to_p3,
};

/// Both verifiers of one statement, but for the public values.
struct Verifiers<C: Plonky3Config> {
    config: P3Config<C>,
    bytecode: BytecodeAir<C::Val>,
    key: Option<PreprocessedVerifierKey<P3Config<C>>>,
    own: Verifier<C>,
}

impl<C> Verifiers<C>
where
    C: Plonky3Config,
    BytecodeAir<C::Val>: Judge<C>,
{
    fn new(air: &Small<P3Val<C>>, parameters: &Parameters, log_height: u32) -> Self {
        let config = C::p3(parameters);
        let program = program::<C::Val, _>(air).unwrap();
        let preprocessed = air.preprocessed_trace().map(Columns::from_p3);
        let bytecode = BytecodeAir::new(program.clone(), preprocessed).unwrap();
        let keys = setup_preprocessed(&config, &bytecode, log_height as usize).unwrap();
        let key = keys.map(|(_, key)| key);
        let cap = key.clone().map(|key| cap_from_p3::<C>(key.commitment));
        let own = Verifier::new(C::standard(), *parameters, program, log_height, cap);
        Self {
            config,
            bytecode,
            key,
            own: own.unwrap(),
        }
    }

    /// What Plonky3 says.
    fn judged(&self, proof: &p3_uni_stark::Proof<P3Config<C>>, publics: &[C::Val]) -> bool {
        let publics = publics.to_vec().to_p3();
        p3_accepts::<C, _, _, _>(
            &self.config,
            &self.bytecode,
            self.key.as_ref(),
            proof,
            &publics,
        )
    }

    fn accept(&self, proof: &Proof<C>, publics: &[C::Val]) {
        self.own.verify(proof, publics).unwrap();
        assert!(self.judged(&proof_to_p3(proof.clone()).unwrap(), publics));
    }

    fn refuse(&self, proof: &Proof<C>, publics: &[C::Val], what: &str) {
        assert!(self.own.verify(proof, publics).is_err(), "zkiln: {what}");
        if let Ok(proof) = proof_to_p3(proof.clone()) {
            assert!(!self.judged(&proof, publics), "Plonky3: {what}");
        }
    }
}

/// Everything that is to be equal and accepted, about one trace.
fn cross<C>(air: &Small<P3Val<C>>, trace: &Trace<P3Val<C>>, parameters: &Parameters)
where
    C: Plonky3Config,
    BytecodeAir<C::Val>: Judge<C>,
{
    let log_height = (trace.0.values.len() / trace.0.width).ilog2();
    let verifiers = Verifiers::<C>::new(air, parameters, log_height);
    let judge = p3_proof::<C, _, _, _>(&verifiers.config, &verifiers.bytecode, trace);
    let judge_bytes = bytes(&judge);

    // Plonky3's proof in zkiln's types, as bytes, and back.
    let judge = proof_from_p3::<C, _, _>(judge).unwrap();
    assert_eq!(judge.to_bytes(), judge_bytes);
    assert_eq!(Proof::<C>::from_bytes(&judge_bytes, "test").unwrap(), judge);
    let back: p3_uni_stark::Proof<P3Config<C>> = proof_to_p3(judge.clone()).unwrap();
    assert_eq!(bytes(&back), judge_bytes);

    // zkiln's proof: without work there is only one.
    let (proof, publics) = prove::<C>(air, trace, parameters);
    if parameters.batch_grinding == 0 {
        assert_eq!(proof.to_bytes(), judge_bytes);
    }
    for proof in [&judge, &proof] {
        verifiers.accept(proof, &publics);
    }
}

/// zkiln's proof, and the public values.
fn prove<C: Plonky3Config>(
    air: &Small<P3Val<C>>,
    trace: &Trace<P3Val<C>>,
    parameters: &Parameters,
) -> (Proof<C>, Vec<C::Val>) {
    let log_height = (trace.0.values.len() / trace.0.width).ilog2();
    let publics: Vec<C::Val> = Plonky3::from_p3(trace.1.clone());
    let program = program::<C::Val, _>(air).unwrap();
    let preprocessed = air.preprocessed_trace().map(Columns::from_p3);
    let prover = Prover::new(
        C::standard(),
        *parameters,
        program,
        log_height,
        preprocessed,
    );
    let trace = Columns::from_p3(trace.0.clone());
    (prover.unwrap().prove(trace, &publics).unwrap(), publics)
}

/// Both verifiers refuse a proof with any list or value in it changed, and any other public values.
fn everything_counts<C>()
where
    C: Plonky3Config,
    BytecodeAir<C::Val>: Judge<C>,
{
    for air in [Small::Mixed(Mixed::new(3, true)), Small::Square] {
        let (verifiers, proof, publics) = small_proof::<C>(&air);
        for i in 0..publics.len() {
            let mut wrong = publics.clone();
            wrong[i] += C::Val::ONE;
            verifiers.refuse(&proof, &wrong, "public value");
        }
        let all = mutations(&proof);
        assert!(all.len() >= 150, "{}", all.len());
        for (what, wrong) in all {
            verifiers.refuse(&wrong, &publics, &what);
        }
    }
}

/// Both refuse the bytes of a proof with any one of them changed or left out: as bytes, or as a proof.
fn every_byte_counts<C>()
where
    C: Plonky3Config,
    BytecodeAir<C::Val>: Judge<C>,
{
    let (verifiers, proof, publics) = small_proof::<C>(&Small::Fibonacci);
    let good = proof.to_bytes();
    type Judges<C> = p3_uni_stark::Proof<P3Config<C>>;
    let judged = |bytes: &[u8]| match postcard::take_from_bytes::<Judges<C>>(bytes) {
        Ok((proof, [])) => verifiers.judged(&proof, &publics),
        _ => false,
    };
    assert!(judged(&good));
    for i in 0..good.len() {
        let mut changed = good.clone();
        changed[i] ^= 1 << (5 * i % 8);
        let shorter = [&good[..i], &good[i + 1..]].concat();
        for bytes in [changed, shorter, good[..i].to_vec()] {
            let read = Proof::<C>::from_bytes(&bytes, "test");
            let own = read.is_ok_and(|proof| verifiers.own.verify(&proof, &publics).is_ok());
            assert!(!own && !judged(&bytes), "byte {i}");
        }
    }
}

/// A short proof with work everywhere.
fn small_proof<C>(air: &Small<P3Val<C>>) -> (Verifiers<C>, Proof<C>, Vec<C::Val>)
where
    C: Plonky3Config,
    BytecodeAir<C::Val>: Judge<C>,
{
    let parameters = Parameters {
        queries: 2,
        ..common::grinding()
    };
    let (proof, publics) = prove::<C>(air, &air.trace(3), &parameters);
    let verifiers = Verifiers::<C>::new(air, &parameters, 3);
    verifiers.accept(&proof, &publics);
    (verifiers, proof, publics)
}

/// All small AIRs with all parameters.
fn cross_all<C>()
where
    C: Plonky3Config,
    BytecodeAir<C::Val>: Judge<C>,
{
    let mut all = common::parameters();
    all.push(common::grinding());
    for (parameters, log_height) in all.iter().zip([3, 5, 4, 6, 5]) {
        for air in common::small(log_height) {
            if air.log_chunks() <= parameters.log_blowup {
                cross::<C>(&air, &air.trace(log_height), parameters);
            }
        }
    }
    everything_counts::<C>();
}

#[test]
fn koala_bear_with_poseidon2() {
    cross_all::<Poseidon2Config24<KoalaBear>>();
}
#[test]
fn koala_bear_with_keccak() {
    cross_all::<KeccakConfig<KoalaBear>>();
}
#[test]
fn baby_bear_with_poseidon2() {
    cross_all::<Poseidon2Config24<BabyBear>>();
}
#[test]
fn baby_bear_with_keccak() {
    cross_all::<KeccakConfig<BabyBear>>();
}
#[test]
fn goldilocks_with_poseidon2() {
    cross_all::<Poseidon2Config8<Goldilocks>>();
}
#[test]
fn goldilocks_with_keccak() {
    cross_all::<KeccakConfig<Goldilocks>>();
}
#[test]
fn every_byte_of_a_proof_counts() {
    every_byte_counts::<Poseidon2Config24<KoalaBear>>();
    every_byte_counts::<KeccakConfig<BabyBear>>();
}
