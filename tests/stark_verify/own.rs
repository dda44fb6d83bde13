//! Own proofs of the same statements.

use zkiln::Error;
use zkiln::field::Field;
use zkiln::poly::Columns;
use zkiln::stark::config::StarkConfig;
use zkiln::stark::{Proof, ProveOptions, Prover};

use crate::cases::{self, Case};
use crate::for_each_case;

fn prover<C: StarkConfig>(case: &Case<C>) -> Prover<C> {
    let (config, program) = (case.config.clone(), case.program.clone());
    let columns = case.preprocessed_columns.clone();
    Prover::new(config, case.parameters, program, case.log_height, columns).unwrap()
}

#[test]
fn own_proofs_are_accepted() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let proof = prover(case)
            .prove(case.trace.clone(), &case.public_values)
            .unwrap();
        let read = Proof::<C>::from_bytes(&proof.to_bytes(), "test").unwrap();
        assert_eq!(read, proof);
        case.verifier().verify(&read, &case.public_values).unwrap();
    }
    for_each_case!(test);
}

/// With work Plonky3 takes any witness that does.
#[test]
fn own_proofs_without_work_are_those_of_plonky3() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let proof = prover(case).prove(case.trace.clone(), &case.public_values);
        assert_eq!(proof.unwrap().to_bytes(), case.bytes);
    }
    test(&cases::mixed_babybear());
    test(&cases::one_row());
}

/// A prover that does not check itself makes a proof of a trace with one wrong value; it is not valid.
#[test]
fn proofs_of_what_is_not_so_are_refused() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let prover = prover(case);
        let height = case.trace.height();
        let values: Vec<C::Val> = case.trace.columns().flatten().copied().collect();
        for place in [0, values.len() / 2, values.len() - 1] {
            let mut values = values.clone();
            values[place] += C::Val::ONE;
            let trace = Columns::new(values, height).unwrap();
            let mut unchecked = ProveOptions::default();
            unchecked.verify = false;
            let proof = prover.prove_with(trace.clone(), &case.public_values, &unchecked);
            let verdict = case.verifier().verify(&proof.unwrap(), &case.public_values);
            assert!(verdict.is_err(), "value {place}");
            let error = prover.prove(trace, &case.public_values).unwrap_err();
            assert!(matches!(error, Error::Unsatisfied(_)), "{error}");
        }
    }
    for_each_case!(test);
}
