//! AIRs of Plonky3 as they are written, with one configuration each.

mod common;

use common::judge::{Judge, p3_accepts, p3_proof};
use common::{Trace, bytes};
use p3_air::BaseAir;
use p3_keccak_air::KeccakAir;
use p3_koala_bear::{
    GenericPoseidon2LinearLayersKoalaBear, KOALABEAR_POSEIDON2_HALF_FULL_ROUNDS,
    KOALABEAR_POSEIDON2_PARTIAL_ROUNDS_16, KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
    KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL, KOALABEAR_POSEIDON2_RC_16_INTERNAL,
    KOALABEAR_S_BOX_DEGREE,
};
use p3_poseidon2_air::{RoundConstants, VectorizedPoseidon2Air};
use p3_uni_stark::setup_preprocessed;
use zkiln::field::small::KoalaBear;
use zkiln::poly::Columns;
use zkiln::stark::Prover;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config24};
use zkiln_plonky3::config::P3Val;
use zkiln_plonky3::{BytecodeAir, Plonky3, Plonky3Config, program, proof_to_p3};

/// The bytes of zkiln's proof, which Plonky3 accepts.
fn prove<C, A>(air: &A, trace: &Trace<P3Val<C>>) -> Vec<u8>
where
    C: Plonky3Config,
    A: Judge<C>,
{
    let parameters = common::parameters()[0];
    let log_height = (trace.0.values.len() / trace.0.width).ilog2();
    let program = program(air).unwrap();
    let prover = Prover::<C>::new(C::standard(), parameters, program, log_height, None).unwrap();
    let proof = prover.prove(Columns::from_p3(trace.0.clone()), &[]);
    let proof = proof.unwrap();
    let bytes = proof.to_bytes();
    let proof = proof_to_p3(proof).unwrap();
    let config = C::p3(&parameters);
    assert!(p3_accepts::<C, _, _, _>(
        &config, air, None, &proof, &trace.1
    ));
    bytes
}

/// The bytes of Plonky3's proof.
fn judge<C: Plonky3Config, A: Judge<C>>(air: &A, trace: &Trace<P3Val<C>>) -> Vec<u8> {
    bytes(&p3_proof::<C, _, _, _>(
        &C::p3(&common::parameters()[0]),
        air,
        trace,
    ))
}

/// All kinds of columns and selectors: what the AIR states is what its program does.
#[test]
fn programs_are_the_airs_that_they_come_from() {
    type C = KeccakConfig<KoalaBear>;
    let parameters = common::parameters()[1];
    let config = C::p3(&parameters);
    for air in common::small(5) {
        let trace = air.trace(5);
        let program = program::<KoalaBear, _>(&air).unwrap();
        let preprocessed = air.preprocessed_trace().map(Columns::from_p3);
        let bytecode = BytecodeAir::new(program.clone(), preprocessed).unwrap();
        // The factors of a product may change their places.
        let again = zkiln_plonky3::program::<KoalaBear, _>(&bytecode).unwrap();
        assert_eq!(again.shape(), program.shape());
        assert_eq!(again.constraints(), program.constraints());
        assert_eq!(again.degree(), program.degree());
        let native = p3_proof::<C, _, _, _>(&config, &air, &trace);
        let replayed = p3_proof::<C, _, _, _>(&config, &bytecode, &trace);
        assert_eq!(bytes(&native), bytes(&replayed));
        let keys = setup_preprocessed(&config, &air, 5).unwrap();
        let key = keys.as_ref().map(|(_, key)| key);
        assert!(p3_accepts::<C, _, _, _>(
            &config, &air, key, &replayed, &trace.1
        ));
        assert!(p3_accepts::<C, _, _, _>(
            &config, &bytecode, key, &native, &trace.1
        ));
    }
}

type Poseidon2 = VectorizedPoseidon2Air<
    p3_koala_bear::KoalaBear,
    GenericPoseidon2LinearLayersKoalaBear,
    16,
    KOALABEAR_S_BOX_DEGREE,
    0,
    KOALABEAR_POSEIDON2_HALF_FULL_ROUNDS,
    KOALABEAR_POSEIDON2_PARTIAL_ROUNDS_16,
    8,
>;

#[test]
fn permutations_of_poseidon2() {
    let air = Poseidon2::new(RoundConstants::new(
        KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL,
        KOALABEAR_POSEIDON2_RC_16_INTERNAL,
        KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
    ));
    let trace = (air.generate_vectorized_trace_rows(64, 0), vec![]);
    type C = Poseidon2Config24<KoalaBear>;
    assert_eq!(prove::<C, _>(&air, &trace), judge::<C, _>(&air, &trace));
}

#[test]
fn permutations_of_keccak() {
    let trace = ((KeccakAir {}).generate_random_trace_rows(1, 0), vec![]);
    type C = KeccakConfig<KoalaBear>;
    assert_eq!(
        prove::<C, _>(&KeccakAir {}, &trace),
        judge::<C, _>(&KeccakAir {}, &trace)
    );
}
