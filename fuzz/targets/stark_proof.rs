//! Any bytes as a STARK proof: read or refused, what is read has one spelling, and nothing but the proof that
//! is known is accepted.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use zkiln::field::small::{BabyBear, KoalaBear, SmallField};
use zkiln::stark::air::{Air, Builder, Fibonacci, Program, Shape};
use zkiln::stark::config::{KeccakConfig, Poseidon2Config24, StarkConfig};
use zkiln::stark::{Parameters, Proof, Verifier};

/// Everything that constraints can read: what is proven does not matter, for no proof of it is known.
struct Everything;

impl<F: SmallField> Air<F> for Everything {
    fn shape(&self) -> Shape<F> {
        Shape {
            width: 2,
            next_row: true,
            preprocessed_width: 2,
            preprocessed_next_row: true,
            periodic: vec![vec![F::from(5), F::from(7)]],
            public_values: 2,
            ..Shape::default()
        }
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let (x, y, next) = (builder.main(0), builder.main(1), builder.next(0));
        let (p, q) = (builder.preprocessed(0), builder.preprocessed_next(1));
        let (first, last) = (builder.public(0), builder.public(1));
        let step = x * x * x * y + p * builder.periodic(0) + q;
        builder.when(builder.is_first_row()).assert_eq(x, first);
        builder.when(builder.is_transition()).assert_eq(next, step);
        builder.when(builder.is_last_row()).assert_eq(x, last);
    }
}

/// The parameters of the proof that is known.
const PARAMETERS: Parameters = Parameters {
    log_blowup: 1,
    log_final_poly_len: 0,
    max_log_arity: 2,
    queries: 3,
    batch_grinding: 2,
    commit_grinding: 3,
    query_grinding: 4,
    ood_grinding: 5,
    ..Parameters::fast()
};

const KNOWN: &[u8] = include_bytes!("../../tests/data/stark/fibonacci_koalabear_poseidon2.bin");

static FIBONACCI: LazyLock<Verifier<Poseidon2Config24<KoalaBear>>> = LazyLock::new(|| {
    let program = Program::new(&Fibonacci).expect("an AIR");
    Verifier::new(Poseidon2Config24::standard(), PARAMETERS, program, 3, None).expect("sound")
});

static EVERYTHING: LazyLock<Verifier<KeccakConfig<BabyBear>>> = LazyLock::new(|| {
    // Those of `tests/data/stark/mixed_babybear_keccak.bin`.
    let parameters = Parameters {
        log_blowup: 2,
        log_final_poly_len: 1,
        max_log_arity: 3,
        queries: 2,
        batch_grinding: 0,
        query_grinding: 0,
        cap_height: 1,
        ..Parameters::fast()
    };
    let program = Program::new(&Everything).expect("an AIR");
    let cap = Some(vec![[1, 2, 3, 4]; 2]);
    Verifier::new(KeccakConfig::keccak(), parameters, program, 4, cap).expect("sound")
});

fn verify<C: StarkConfig>(verifier: &Verifier<C>, data: &[u8], public_values: &[C::Val]) -> bool {
    let Ok(proof) = Proof::<C>::from_bytes(data, "fuzz") else {
        return false;
    };
    assert_eq!(proof.to_bytes(), data);
    verifier.verify(&proof, public_values).is_ok()
}

fuzz_target!(|data: &[u8]| {
    let accepted = verify(&FIBONACCI, data, &[0, 1, 21].map(KoalaBear::from));
    assert_eq!(accepted, data == KNOWN);
    assert!(!verify(&EVERYTHING, data, &[3, 4].map(BabyBear::from)));
});
