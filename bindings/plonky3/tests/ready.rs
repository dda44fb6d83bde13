//! zkiln's ready AIRs and Plonky3's own of the same names, over every field with every hash: the same traces, the
//! same proofs, and both verifiers accept them.

mod common;

use common::bytes;
use common::judge::{Judge, p3_accepts, p3_proof};
use p3_air::{Air, AirBuilder, BaseAir};
use p3_matrix::dense::RowMajorMatrix;
use p3_poseidon2_air::{RoundConstants, VectorizedPoseidon2Air, generate_vectorized_trace_rows};
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear};
use zkiln::poly::Columns;
use zkiln::stark::Prover;
use zkiln::stark::air::{Fibonacci, KeccakAir, Poseidon2Air, Program};
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24};
use zkiln_plonky3::config::P3Val;
use zkiln_plonky3::{Plonky3, Plonky3Config, proof_from_p3, proof_to_p3};

/// Permutations of Poseidon2 in a row.
const PER_ROW: usize = 2;

/// Plonky3's AIRs over a field: a single type, for every type takes a prover and a verifier of its own to compile.
enum Native<P> {
    Fibonacci,
    Poseidon2(P),
    Keccak,
}

impl<F, P: BaseAir<F>> BaseAir<F> for Native<P> {
    fn width(&self) -> usize {
        match self {
            Self::Fibonacci => BaseAir::<F>::width(&common::Fibonacci),
            Self::Poseidon2(air) => air.width(),
            Self::Keccak => BaseAir::<F>::width(&p3_keccak_air::KeccakAir {}),
        }
    }
    fn main_next_row_columns(&self) -> Vec<usize> {
        match self {
            Self::Fibonacci => BaseAir::<F>::main_next_row_columns(&common::Fibonacci),
            Self::Poseidon2(air) => air.main_next_row_columns(),
            Self::Keccak => BaseAir::<F>::main_next_row_columns(&p3_keccak_air::KeccakAir {}),
        }
    }
    fn max_constraint_degree(&self) -> Option<usize> {
        match self {
            Self::Poseidon2(air) => air.max_constraint_degree(),
            _ => None,
        }
    }
    fn num_public_values(&self) -> usize {
        match self {
            Self::Fibonacci => BaseAir::<F>::num_public_values(&common::Fibonacci),
            _ => 0,
        }
    }
}

impl<AB: AirBuilder, P: Air<AB>> Air<AB> for Native<P> {
    fn eval(&self, builder: &mut AB) {
        match self {
            Self::Fibonacci => common::Fibonacci.eval(builder),
            Self::Poseidon2(air) => air.eval(builder),
            Self::Keccak => p3_keccak_air::KeccakAir {}.eval(builder),
        }
    }
}

/// One proof of the trace, whoever makes it and from whichever AIR, and nobody refuses it.
fn judge<C, P>(
    native: &Native<P>,
    program: Program<C::Val>,
    trace: Columns<C::Val>,
    judges_trace: RowMajorMatrix<P3Val<C>>,
    publics: &[C::Val],
) where
    C: Plonky3Config,
    Native<P>: Judge<C>,
{
    assert_eq!(trace.clone().to_p3(), judges_trace);
    // No work, for Plonky3 takes any witness of it.
    let parameters = common::parameters()[0];
    let log_height = trace.height().ilog2();
    let prover = Prover::<C>::new(C::standard(), parameters, program, log_height, None).unwrap();
    let proof = prover.prove(trace, publics).unwrap();

    let config = C::p3(&parameters);
    let judges_publics = publics.to_vec().to_p3();
    let judges_trace = (judges_trace, judges_publics);
    let judges = p3_proof::<C, _, _, _>(&config, native, &judges_trace);
    assert_eq!(proof.to_bytes(), bytes(&judges));

    let verifier = prover.verifier();
    verifier
        .verify(&proof_from_p3(judges).unwrap(), publics)
        .unwrap();
    let proof = proof_to_p3(proof).unwrap();
    assert!(p3_accepts::<C, _, _, _>(
        &config,
        native,
        None,
        &proof,
        &judges_trace.1
    ));
}

/// Something to permute.
fn inputs<T, const N: usize>(count: usize, number: impl Fn(u64) -> T) -> Vec<[T; N]> {
    let input = |i: usize| core::array::from_fn(|j| number(0x9e37_79b9 * (N * i + j + 1) as u64));
    (0..count).map(input).collect()
}

macro_rules! field {
    ($name:ident, $F:ident, $p3:ident, $width:literal, $degree:literal, $registers:literal,
     $partial:literal, $Layers:ident, [$($constants:ident),*], $Poseidon2:ty) => {
        mod $name {
            use super::*;

            type Constants = RoundConstants<$p3::$F, $width, 4, $partial>;
            type Poseidon2 = VectorizedPoseidon2Air<
                $p3::$F, $p3::$Layers, $width, $degree, $registers, 4, $partial, PER_ROW,
            >;

            fn constants() -> Constants {
                Constants::new($($p3::$constants),*)
            }

            fn judges_trace(inputs: Vec<[$p3::$F; $width]>) -> RowMajorMatrix<$p3::$F> {
                generate_vectorized_trace_rows::<
                    _, $p3::$Layers, $width, $degree, $registers, 4, $partial, PER_ROW,
                >(inputs, &constants(), 0)
            }

            field!(@all with_poseidon2, $Poseidon2, $F, $width);
            field!(@all with_keccak, KeccakConfig<$F>, $F, $width);
        }
    };
    (@all $name:ident, $Config:ty, $F:ident, $width:literal) => {
        #[test]
        fn $name() {
            type C = $Config;
            let program = Program::new(&Fibonacci).unwrap();
            let (trace, publics) = Fibonacci.trace($F::from(3), $F::from(5), 5).unwrap();
            let judges = common::Fibonacci::trace(5).0;
            judge::<C, Poseidon2>(&Native::Fibonacci, program, trace, judges, &publics);

            let air = Poseidon2Air::<$F, $width>::standard(PER_ROW).unwrap();
            let states: Vec<[$F; $width]> = inputs(8 * PER_ROW, $F::from);
            let (program, trace) = (Program::new(&air).unwrap(), air.trace(&states).unwrap());
            let native = Native::Poseidon2(Poseidon2::new(constants()));
            judge::<C, _>(&native, program, trace, judges_trace(states.to_p3()), &[]);

            let program = Program::new(&KeccakAir).unwrap();
            let states: Vec<[u64; 25]> = inputs(1, |number| number.wrapping_mul(number));
            let trace = KeccakAir.trace(&states).unwrap();
            let judges = p3_keccak_air::generate_trace_rows(states, 0);
            judge::<C, Poseidon2>(&Native::Keccak, program, trace, judges, &[]);
        }
    };
}

field!(
    koala_bear,
    KoalaBear,
    p3_koala_bear,
    16,
    3,
    0,
    20,
    GenericPoseidon2LinearLayersKoalaBear,
    [
        KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL,
        KOALABEAR_POSEIDON2_RC_16_INTERNAL,
        KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL
    ],
    Poseidon2Config24<KoalaBear>
);
field!(
    baby_bear,
    BabyBear,
    p3_baby_bear,
    16,
    7,
    1,
    13,
    GenericPoseidon2LinearLayersBabyBear,
    [
        BABYBEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL,
        BABYBEAR_POSEIDON2_RC_16_INTERNAL,
        BABYBEAR_POSEIDON2_RC_16_EXTERNAL_FINAL
    ],
    Poseidon2Config24<BabyBear>
);
field!(
    goldilocks,
    Goldilocks,
    p3_goldilocks,
    8,
    7,
    1,
    22,
    GenericPoseidon2LinearLayersGoldilocks,
    [
        GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_INITIAL,
        GOLDILOCKS_POSEIDON2_RC_8_INTERNAL,
        GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_FINAL
    ],
    Poseidon2Config8<Goldilocks>
);
