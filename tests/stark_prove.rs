//! The prover: proofs that are accepted, that are Plonky3's, and what is refused.

use zkiln::field::Field;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::poly::Columns;
use zkiln::stark::air::{Air, Builder, Fibonacci, Program, Shape};
use zkiln::stark::config::{
    KeccakConfig, Poseidon2Config8, Poseidon2Config16, Poseidon2Config24, StarkConfig,
};
use zkiln::stark::{Dialect, Digest, Encode, Parameters, ProveOptions, Prover, Verifier};
use zkiln::{Cancel, Error};

/// Blow-up, final polynomial, arity, queries; work of batching, rounds, queries, the point outside; cap.
fn parameters(p: [u32; 9]) -> Parameters {
    Parameters {
        dialect: Dialect::P3v0_8,
        log_blowup: p[0],
        log_final_poly_len: p[1],
        max_log_arity: p[2],
        queries: p[3],
        batch_grinding: p[4],
        commit_grinding: p[5],
        query_grinding: p[6],
        ood_grinding: p[7],
        cap_height: p[8],
    }
}

/// From `x = 3`, `x' = x^3 y + p r + q'` with `y = i + 1`, and preprocessed `p = y^2` and `q = i`, and `r`
/// five and seven in turn; public are the first and the last `x`. Four chunks of a quotient.
struct Mixed;

impl<F: SmallField> Air<F> for Mixed {
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
        builder.assert_eq(y * y, p);
    }
}

impl Mixed {
    /// Trace, preprocessed columns and public values.
    fn trace<F: SmallField>(&self, log_height: u32) -> (Columns<F>, Columns<F>, Vec<F>) {
        let height = 1u64 << log_height;
        let mut x = F::from(3);
        let mut rows = vec![x];
        for i in 1..height {
            let (y, r) = (F::from(i), F::from([7, 5][(i % 2) as usize]));
            x = x * x * x * y + y * y * r + F::from(i);
            rows.push(x);
        }
        rows.extend((1..=height).map(F::from));
        let squares = (1..=height).map(|i| F::from(i * i));
        let preprocessed = squares.chain((0..height).map(F::from)).collect();
        let columns = |values| Columns::new(values, height as usize).unwrap();
        (columns(rows), columns(preprocessed), vec![F::from(3), x])
    }
}

/// `x^2 y = z` in every row, with a public value that no constraint reads.
struct Product;

impl<F: SmallField> Air<F> for Product {
    fn shape(&self) -> Shape<F> {
        Shape {
            width: 3,
            public_values: 1,
            ..Shape::default()
        }
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let [x, y, z] = [0, 1, 2].map(|i| builder.main(i));
        builder.assert_eq(x * x * y, z);
    }
}

impl Product {
    fn trace<F: SmallField>(&self, log_height: u32) -> Columns<F> {
        let rows = (0..1u64 << log_height).map(|i| {
            let (x, y) = (F::from(i + 2), F::from(i * i + 1));
            [x, y, x * x * y]
        });
        Columns::from_rows(rows.collect::<Vec<_>>().as_flattened(), 3).unwrap()
    }
}

/// Every AIR at several heights, with these parameters, where they allow it.
fn all_airs<C: StarkConfig>(config: &C, p: Parameters) {
    for log_height in [0, 1, 2, 5, 7] {
        if p.log_final_poly_len > 0 && log_height <= p.log_final_poly_len {
            continue;
        }
        let program = Program::<C::Val>::new(&Fibonacci).unwrap();
        let one = C::Val::ONE;
        let (trace, publics) = Fibonacci.trace(one, one, log_height).unwrap();
        let prover = Prover::new(config.clone(), p, program, log_height, None).unwrap();
        prover.prove(trace, &publics).unwrap();

        let program = Program::new(&Product).unwrap();
        let prover = Prover::new(config.clone(), p, program, log_height, None).unwrap();
        prover.prove(Product.trace(log_height), &[one]).unwrap();

        if p.log_blowup >= 2 && log_height >= 1 {
            let program = Program::new(&Mixed).unwrap();
            let (trace, preprocessed, publics) = Mixed.trace(log_height);
            let (config, preprocessed) = (config.clone(), Some(preprocessed));
            let prover = Prover::new(config, p, program, log_height, preprocessed).unwrap();
            prover.prove(trace, &publics).unwrap();
        }
    }
}

fn all_parameters<C: StarkConfig>(config: &C) {
    all_airs(config, parameters([1, 0, 1, 5, 0, 0, 0, 0, 0]));
    all_airs(config, parameters([2, 0, 2, 4, 2, 1, 3, 2, 1]));
    all_airs(config, parameters([3, 1, 3, 3, 0, 0, 0, 0, 2]));
    all_airs(config, parameters([2, 2, 8, 3, 0, 0, 0, 0, 4]));
}

#[test]
fn proofs_of_koala_bear_are_accepted() {
    all_parameters(&Poseidon2Config24::<KoalaBear>::standard());
    all_parameters(&Poseidon2Config16::<KoalaBear>::standard());
    all_parameters(&KeccakConfig::<KoalaBear>::keccak());
}

#[test]
fn proofs_of_baby_bear_are_accepted() {
    all_parameters(&Poseidon2Config24::<BabyBear>::standard());
    all_parameters(&KeccakConfig::<BabyBear>::keccak());
}

#[test]
fn proofs_of_goldilocks_are_accepted() {
    all_parameters(&Poseidon2Config8::<Goldilocks>::standard());
    all_parameters(&KeccakConfig::<Goldilocks>::keccak());
}

/// Longer than a task of any phase.
#[test]
fn long_traces_are_proven() {
    let p = parameters([1, 0, 3, 20, 0, 0, 0, 0, 0]);
    let (trace, publics) = Fibonacci.trace(KoalaBear::ONE, KoalaBear::ONE, 13).unwrap();
    let program = Program::new(&Fibonacci).unwrap();
    let prover = Prover::new(KeccakConfig::<KoalaBear>::keccak(), p, program, 13, None).unwrap();
    prover.prove(trace, &publics).unwrap();
}

/// Without work, a proof is Plonky3's of the same trace, byte by byte.
#[test]
fn a_proof_is_that_of_plonky3() {
    let p = parameters([2, 1, 3, 2, 0, 0, 0, 0, 1]);
    let program = Program::new(&Mixed).unwrap();
    let (trace, preprocessed, publics) = Mixed.trace::<BabyBear>(4);
    let config = KeccakConfig::keccak();
    let prover = Prover::new(config, p, program, 4, Some(preprocessed)).unwrap();
    let proof = prover.prove(trace, &publics).unwrap();
    let theirs = include_bytes!("data/stark/mixed_babybear_keccak.bin");
    assert_eq!(proof.to_bytes(), theirs);
}

/// A verifier in another process needs the commitment to the preprocessed columns, not the columns.
#[test]
fn a_commitment_travels_as_bytes() {
    type C = Poseidon2Config24<KoalaBear>;
    let p = parameters([2, 1, 3, 2, 0, 0, 0, 0, 1]);
    let program = Program::new(&Mixed).unwrap();
    let (trace, preprocessed, publics) = Mixed.trace::<KoalaBear>(4);
    let config = C::standard();
    let prover = Prover::new(config.clone(), p, program.clone(), 4, Some(preprocessed)).unwrap();
    let cap = prover.verifier().preprocessed().unwrap();
    let bytes = cap.to_vec().encoding();
    let decode = |bytes: &[u8]| Vec::<Digest<C>>::from_encoding(bytes, "cap");
    let read = decode(&bytes).unwrap();
    assert_eq!(read, cap);
    let verifier = Verifier::new(config, p, program, 4, Some(read)).unwrap();
    let proof = prover.prove(trace, &publics).unwrap();
    verifier.verify(&proof, &publics).unwrap();

    let refused = |bytes: &[u8]| matches!(decode(bytes), Err(Error::Malformed { .. }));
    assert!((0..bytes.len()).all(|end| refused(&bytes[..end])));
    assert!(refused(&[bytes.as_slice(), &[0]].concat()));
    let mut beyond = bytes.clone();
    beyond[1..5].fill(0xff);
    assert!(refused(&beyond), "a word that is not below the modulus");
}

#[test]
fn proofs_are_reproducible() {
    let p = parameters([1, 0, 3, 5, 6, 3, 6, 4, 0]);
    let (trace, publics) = Fibonacci.trace(KoalaBear::ONE, KoalaBear::ONE, 6).unwrap();
    let program = Program::new(&Fibonacci).unwrap();
    let config = Poseidon2Config24::<KoalaBear>::standard();
    let prover = Prover::new(config, p, program, 6, None).unwrap();
    let prove = || prover.prove(trace.clone(), &publics).unwrap();
    assert_eq!(prove(), prove());
}

#[test]
fn what_does_not_fit_is_refused() {
    let p = parameters([2, 0, 2, 4, 0, 0, 0, 0, 0]);
    let config = KeccakConfig::<KoalaBear>::keccak;
    let program = || Program::<KoalaBear>::new(&Mixed).unwrap();
    let (trace, preprocessed, publics) = Mixed.trace::<KoalaBear>(4);
    let new = |p, log_height, preprocessed| {
        Prover::new(config(), p, program(), log_height, preprocessed).map(|_| ())
    };
    let argument = |result| matches!(result, Err(Error::Argument(_)));
    assert!(argument(new(p, 4, None)), "no preprocessed columns");
    assert!(argument(new(p, 5, Some(preprocessed.clone()))), "too low");
    let wide = Columns::new(vec![KoalaBear::ONE; 48], 16).unwrap();
    assert!(argument(new(p, 4, Some(wide))), "too many");
    let low = parameters([1, 0, 2, 4, 0, 0, 0, 0, 0]);
    assert!(
        argument(new(low, 4, Some(preprocessed.clone()))),
        "four chunks"
    );
    assert!(argument(new(p, 60, None)), "no such domain");
    assert!(argument(new(
        p,
        0,
        Some(Columns::new(vec![KoalaBear::ONE; 2], 1).unwrap())
    )));

    let prover = Prover::new(config(), p, program(), 4, Some(preprocessed)).unwrap();
    let wide = Columns::new(vec![KoalaBear::ONE; 48], 16).unwrap();
    assert!(matches!(
        prover.prove(wide, &publics),
        Err(Error::Argument(_))
    ));
    let high = Columns::new(vec![KoalaBear::ONE; 64], 32).unwrap();
    assert!(matches!(
        prover.prove(high, &publics),
        Err(Error::Argument(_))
    ));
    let result = prover.prove(trace.clone(), &publics[..1]);
    assert!(matches!(result, Err(Error::PublicInputs(_))));

    // A trace that breaks a constraint, and one that another public value belongs to.
    let mut broken = trace.clone();
    broken.values_mut()[7] += KoalaBear::ONE;
    let result = prover.prove(broken.clone(), &publics);
    assert!(matches!(result, Err(Error::Unsatisfied(_))));
    let result = prover.prove(trace.clone(), &[publics[0], publics[0]]);
    assert!(matches!(result, Err(Error::Unsatisfied(_))));
    // Whoever does not ask gets the proof, which nobody accepts.
    let mut options = ProveOptions::default();
    options.verify = false;
    let proof = prover.prove_with(broken, &publics, &options).unwrap();
    assert!(prover.verifier().verify(&proof, &publics).is_err());

    let cancel = Cancel::default();
    cancel.cancel();
    options.cancel = Some(&cancel);
    let result = prover.prove_with(trace, &publics, &options);
    assert!(matches!(result, Err(Error::Cancelled)));
}
