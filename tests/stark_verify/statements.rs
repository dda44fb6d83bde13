//! Proofs of something else.

use zkiln::field::Field;
use zkiln::field::small::{KoalaBear, SmallField};
use zkiln::stark::air::{Air, Builder, Program, Shape};
use zkiln::stark::config::{Poseidon2Config24, StarkConfig};
use zkiln::stark::{Parameters, Verifier};
use zkiln::{Error, Fault};

use crate::cases::{self, Case};
use crate::for_each_case;

/// The check that fails, with these constraints instead.
fn section<C: StarkConfig>(case: &Case<C>, verifier: &Verifier<C>) -> String {
    match verifier.verify(&case.proof(), &case.public_values) {
        Ok(()) => panic!("accepted"),
        Err(Error::Malformed { section, .. }) => section,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn public_values_are_those_proven() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let verifier = case.verifier();
        // Also one that no constraint reads is bound. The columns of a single row are constants, whose
        // opening at one point is that at any other: such a proof is good for other challenges.
        for i in 0..case.public_values.len() * usize::from(case.log_height > 0) {
            let mut values = case.public_values.clone();
            values[i] += C::Val::ONE;
            let error = verifier.verify(&case.proof(), &values).unwrap_err();
            assert!(matches!(error, Error::Malformed { .. }), "{error}");
        }
        for values in [
            &case.public_values[1..],
            &[&case.public_values[..], &[C::Val::ZERO]].concat(),
            &[],
        ] {
            let error = verifier.verify(&case.proof(), values).unwrap_err();
            assert!(matches!(error, Error::PublicInputs(_)), "{error}");
        }
    }
    for_each_case!(test);
}

/// Fibonacci's shape with other constraints.
struct Other(u64);

impl<F: SmallField> Air<F> for Other {
    fn shape(&self) -> Shape<F> {
        zkiln::stark::air::Fibonacci.shape()
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let (x, y) = (builder.main(0), builder.main(1));
        let (next_x, next_y) = (builder.next(0), builder.next(1));
        let [first, second, last] = [0, 1, 2].map(|i| builder.public(i));
        let more = builder.constant(self.0);
        builder
            .when(builder.is_first_row())
            .assert_eq(x, first)
            .assert_eq(y, second);
        builder
            .when(builder.is_transition())
            .assert_eq(y, next_x)
            .assert_eq(x + y + more, next_y);
        builder.when(builder.is_last_row()).assert_eq(y, last);
    }
}

#[test]
fn constraints_of_the_same_shape_are_told_apart() {
    let case = cases::fibonacci();
    let verifier = |program: Program<KoalaBear>| {
        let config = Poseidon2Config24::standard();
        Verifier::new(config, case.parameters, program, 3, None).unwrap()
    };
    // The same constraints in other words are the same.
    let same = verifier(Program::new(&Other(0)).unwrap());
    same.verify(&case.proof(), &case.public_values).unwrap();
    let other = verifier(Program::new(&Other(1)).unwrap());
    assert_eq!(section(&case, &other), "constraints");
}

#[test]
fn heights_are_those_proven() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        for log_height in 0..case.log_height + 3 {
            if log_height == case.log_height {
                continue;
            }
            let Ok(verifier) = case.verifier_with(case.parameters, log_height) else {
                continue;
            };
            let mut proof = case.proof();
            let error = verifier.verify(&proof, &case.public_values).unwrap_err();
            assert_eq!(error.fault(), Some(Fault::Domain), "{error}");
            proof.degree_bits = log_height;
            let error = verifier.verify(&proof, &case.public_values).unwrap_err();
            assert!(matches!(error, Error::Malformed { .. }), "{error}");
        }
    }
    for_each_case!(test);
}

#[test]
fn parameters_are_those_proven_with() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let changes: [fn(&mut Parameters); 9] = [
            |p| p.log_blowup += 1,
            |p| p.log_final_poly_len += 1,
            |p| p.max_log_arity += 1,
            |p| p.queries += 1,
            |p| p.queries = p.queries.saturating_sub(1).max(1) + 2 * u32::from(p.queries == 1),
            |p| p.batch_grinding += 1,
            |p| p.commit_grinding += 1,
            |p| p.query_grinding += 1,
            |p| p.ood_grinding += 1,
        ];
        let mut tried = 0;
        for change in changes {
            let mut parameters = case.parameters;
            change(&mut parameters);
            if let Ok(verifier) = case.verifier_with(parameters, case.log_height) {
                section(case, &verifier);
                tried += 1;
            }
        }
        assert!(tried >= 7);
    }
    // Not the single row, whose proof is good for other challenges.
    test(&cases::fibonacci());
    test(&cases::mixed_babybear());
    test(&cases::mixed_goldilocks());
    test(&cases::product_koalabear());
}

#[test]
fn preprocessed_columns_are_those_proven_with() {
    fn test<C: StarkConfig>(mut case: Case<C>) {
        let honest = case.preprocessed.clone().unwrap();
        for i in 0..honest.len() {
            let mut cap = honest.clone();
            bytemuck::bytes_of_mut(&mut cap[i])[0] ^= 1;
            case.preprocessed = Some(cap);
            section(&case, &case.verifier());
        }
        for cap in [None, Some(vec![]), Some([&honest[..], &honest].concat())] {
            case.preprocessed = cap;
            let verifier = case.verifier_with(case.parameters, case.log_height);
            assert!(matches!(verifier, Err(Error::Argument(_))));
        }
    }
    test(cases::mixed_babybear());
    test(cases::mixed_goldilocks());
    // And none where there are no columns.
    let mut case = cases::fibonacci();
    case.preprocessed = Some(vec![[KoalaBear::ZERO; 8]]);
    assert!(case.verifier_with(case.parameters, 3).is_err());
}

#[test]
fn nonsense_is_no_parameters() {
    let mut case = cases::mixed_goldilocks();
    case.parameters.cap_height = 0;
    let refused = |change: fn(&mut Parameters), log_height: u32, because: &str| {
        let mut parameters = case.parameters;
        change(&mut parameters);
        match case.verifier_with(parameters, log_height) {
            Err(Error::Argument(reason)) => assert!(reason.contains(because), "{reason}"),
            _ => panic!("{because} is accepted"),
        }
    };
    refused(|p| p.queries = 0, 3, "without queries");
    refused(|p| p.log_blowup = 0, 3, "without blow-up");
    // Four chunks need a blow-up of four.
    refused(|p| p.log_blowup = 1, 3, "below the quotient's");
    refused(|p| p.max_log_arity = 0, 3, "fold nothing");
    refused(|p| p.log_final_poly_len = 3, 3, "final polynomial");
    refused(|p| p.log_final_poly_len = u32::MAX, 3, "final polynomial");
    refused(|p| p.cap_height = 3, 3, "a cap of height 3");
    refused(|p| p.cap_height = u32::MAX, 3, "a cap of height");
    // Two to the 32nd elements are all there are.
    refused(|_| {}, 31, "the field's domains");
    refused(|_| {}, u32::MAX, "the field's domains");
    refused(|p| p.log_blowup = u32::MAX, 3, "the field's domains");
    // A period of two rows.
    refused(|_| {}, 0, "a period of 2");
    // What shifts a word by its width or more must not pass for no work (Plonky3 pull request 1738, 2026).
    for bits in [64, 65, 128, u32::MAX] {
        for change in [
            (|p, bits| p.batch_grinding = bits) as fn(&mut Parameters, u32),
            |p, bits| p.commit_grinding = bits,
            |p, bits| p.query_grinding = bits,
            |p, bits| p.ood_grinding = bits,
        ] {
            let mut parameters = case.parameters;
            change(&mut parameters, bits);
            assert!(
                case.verifier_with(parameters, 3).is_err(),
                "work of {bits} bits"
            );
        }
    }
    assert!(
        Parameters {
            query_grinding: 31,
            ..Parameters::fast()
        }
        .check::<KoalaBear>(3, 0)
        .is_err()
    );
    assert!(
        Parameters {
            query_grinding: 30,
            ..Parameters::fast()
        }
        .check::<KoalaBear>(3, 0)
        .is_ok()
    );
}
