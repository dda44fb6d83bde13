//! Proofs of zkiln and of Plonky3 about the same traces: equal, and accepted by the other's verifier.
//!
//! Plonky3 takes the constraints as bytecode, so that its prover and verifier are compiled once for each
//! configuration; `airs.rs` shows that this is the same as the AIR itself.

mod common;

use common::judge::{Judge, p3_accepts, p3_proof};
use common::{Small, Trace, bytes};
use p3_air::BaseAir;
use p3_uni_stark::setup_preprocessed;
use zkiln::field::Field;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear};
use zkiln::poly::Columns;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24};
use zkiln::stark::{Parameters, Proof, Prover, Verifier};
use zkiln_plonky3::config::P3Val;
use zkiln_plonky3::{
    BytecodeAir, P3Config, Plonky3, Plonky3Config, cap_from_p3, program, proof_from_p3, proof_to_p3,
};

/// Everything that is to be equal and accepted, about one trace, and what is to be refused if `tamper`.
fn cross<C>(air: &Small<P3Val<C>>, trace: &Trace<P3Val<C>>, parameters: &Parameters, tamper: bool)
where
    C: Plonky3Config,
    BytecodeAir<C::Val>: Judge<C>,
{
    let config = C::p3(parameters);
    let program = program::<C::Val, _>(air).unwrap();
    let preprocessed = air.preprocessed_trace().map(Columns::from_p3);
    let bytecode = BytecodeAir::new(program.clone(), preprocessed.clone()).unwrap();
    let judge = p3_proof::<C, _, _, _>(&config, &bytecode, trace);
    let judge_bytes = bytes(&judge);

    // Plonky3's proof in zkiln's types, as bytes, and back.
    let judge = proof_from_p3::<C, _, _>(judge).unwrap();
    assert_eq!(judge.to_bytes(), judge_bytes);
    assert_eq!(Proof::<C>::from_bytes(&judge_bytes, "test").unwrap(), judge);
    let back: p3_uni_stark::Proof<P3Config<C>> = proof_to_p3(judge.clone()).unwrap();
    assert_eq!(bytes(&back), judge_bytes);

    // zkiln's proof: without work there is only one.
    let log_height = (trace.0.values.len() / trace.0.width).ilog2();
    let publics: Vec<C::Val> = Plonky3::from_p3(trace.1.clone());
    let prover = Prover::new(
        C::standard(),
        *parameters,
        program.clone(),
        log_height,
        preprocessed,
    );
    let proof = prover
        .unwrap()
        .prove(Columns::from_p3(trace.0.clone()), &publics);
    let proof = proof.unwrap();
    if parameters.batch_grinding == 0 {
        assert_eq!(proof.to_bytes(), judge_bytes);
    }

    // Both verifiers about both proofs.
    let keys = setup_preprocessed(&config, &bytecode, log_height as usize).unwrap();
    let key = keys.map(|(_, key)| key);
    let cap = key.clone().map(|key| cap_from_p3::<C>(key.commitment));
    let verifier = Verifier::new(C::standard(), *parameters, program, log_height, cap).unwrap();
    let judged = |proof: Proof<C>, publics: &[C::Val]| {
        let publics = publics.to_vec().to_p3();
        proof_to_p3::<C, _, _>(proof).is_ok_and(|proof| {
            p3_accepts::<C, _, _, _>(&config, &bytecode, key.as_ref(), &proof, &publics)
        })
    };
    for proof in [&judge, &proof] {
        verifier.verify(proof, &publics).unwrap();
        assert!(judged(proof.clone(), &publics));
    }
    if tamper {
        for i in 0..publics.len() {
            let mut wrong = publics.clone();
            wrong[i] += C::Val::ONE;
            assert!(verifier.verify(&proof, &wrong).is_err());
            assert!(!judged(proof.clone(), &wrong));
        }
        for (what, wrong) in tampered(&proof) {
            assert!(verifier.verify(&wrong, &publics).is_err(), "zkiln: {what}");
            assert!(!judged(wrong, &publics), "Plonky3: {what}");
        }
    }
}

/// The proof with one part changed, for every kind of part.
fn tampered<C: Plonky3Config>(proof: &Proof<C>) -> Vec<(&'static str, Proof<C>)> {
    type Change<C> = (&'static str, fn(&mut Proof<C>));
    let changes: [Change<C>; 23] = [
        ("trace", |p| p.opened.trace.local[0] += C::Challenge::ONE),
        ("next row", |p| match &mut p.opened.trace.next {
            Some(row) => row[0] += C::Challenge::ONE,
            None => p.opened.trace.next = Some(p.opened.trace.local.clone()),
        }),
        ("no next row", |p| {
            p.opened.trace.next = match p.opened.trace.next {
                Some(_) => None,
                None => Some(vec![]),
            }
        }),
        ("width", |p| p.opened.trace.local.push(C::Challenge::ZERO)),
        ("preprocessed", |p| match &mut p.opened.preprocessed {
            Some(rows) => rows.local[0] += C::Challenge::ONE,
            None => p.opened.preprocessed = Some(p.opened.trace.clone()),
        }),
        ("quotient", |p| p.opened.quotient[0][0] += C::Challenge::ONE),
        ("a chunk less", |p| drop(p.opened.quotient.pop())),
        ("commitment", |p| {
            p.commitments.trace[0] = p.commitments.quotient[0]
        }),
        ("cap", |p| {
            let cap = p.commitments.quotient.clone();
            p.commitments.quotient.extend(cap)
        }),
        ("no cap", |p| p.commitments.quotient.clear()),
        ("round", |p| {
            p.fri.commit_caps[0][0] = p.commitments.trace[0]
        }),
        ("a round less", |p| drop(p.fri.commit_caps.pop())),
        ("final polynomial", |p| {
            p.fri.final_poly[0] += C::Challenge::ONE
        }),
        ("longer final polynomial", |p| {
            p.fri.final_poly.push(C::Challenge::ZERO)
        }),
        ("row", |p| {
            p.fri.input_openings[0].rows[0][0][0] += C::Val::ONE
        }),
        ("a query less", |p| {
            p.fri.input_openings[0].rows.pop();
        }),
        ("a matrix less", |p| {
            p.fri.input_openings[1].rows[0].pop();
        }),
        ("folded row", |p| {
            p.fri.folding_openings[0].values[0][0] += C::Challenge::ONE
        }),
        ("a sibling more", |p| {
            let digest = p.commitments.trace[0];
            p.fri.input_openings[0].siblings.push(digest)
        }),
        ("batch witness", |p| p.fri.batch_witness += C::Val::ONE),
        ("round's witness", |p| {
            p.fri.commit_witnesses[0] += C::Val::ONE
        }),
        ("query witness", |p| p.fri.query_witness += C::Val::ONE),
        ("degree", |p| p.degree_bits += 1),
    ];
    let changed = changes.into_iter().map(|(what, change)| {
        let mut proof = proof.clone();
        change(&mut proof);
        (what, proof)
    });
    changed.collect()
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
                // Refusals are the same whatever the parameters are.
                let tamper = *parameters == all[1];
                cross::<C>(&air, &air.trace(log_height), parameters, tamper);
            }
        }
    }
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
