//! Proofs with something missing, added, exchanged or changed. Plonky3 walked lists of other lengths as far
//! as they went (commit 367f761, March 2025), and did not look at witnesses of no work.

use zkiln::Fault;
use zkiln::field::Field;
use zkiln::stark::Proof;
use zkiln::stark::config::{Digest, StarkConfig};
use zkiln::stark::proof::{FoldingOpening, InputOpening, OpenedRows};

use crate::cases::Case;
use crate::for_each_case;

/// Refused, and so is what it is written as and read from.
fn is_refused<C: StarkConfig>(case: &Case<C>, proof: &Proof<C>, what: &str) -> Option<Fault> {
    let error = match case.verifier().verify(proof, &case.public_values) {
        Ok(()) => panic!("{what} is accepted"),
        Err(error) => error,
    };
    if let Ok(read) = Proof::<C>::from_bytes(&proof.to_bytes(), "test") {
        assert_eq!(read, *proof, "{what}");
    }
    error.fault()
}

/// Does to the list that `at` finds whatever can be done to a list.
fn mistreat<C: StarkConfig, T: Clone + PartialEq>(
    case: &Case<C>,
    what: &str,
    at: impl Fn(&mut Proof<C>) -> &mut Vec<T>,
    other: impl Fn(&T) -> T,
) {
    let honest = at(&mut case.proof()).clone();
    let try_list = |list: Vec<T>, how: &str| {
        if list == honest {
            return;
        }
        let same_len = list.len() == honest.len();
        let mut proof = case.proof();
        *at(&mut proof) = list;
        let fault = is_refused(case, &proof, &format!("{what} {how}"));
        if !same_len {
            assert_eq!(fault, Some(Fault::Count), "{what} {how}");
        }
    };
    let shorter = honest.len().saturating_sub(1);
    try_list(honest[..shorter].to_vec(), "without the last");
    try_list(
        honest.iter().skip(1).cloned().collect(),
        "without the first",
    );
    try_list(Vec::new(), "empty");
    if let Some(last) = honest.last() {
        try_list(
            [&honest[..], std::slice::from_ref(last)].concat(),
            "with the last twice",
        );
        try_list([&honest[..], &[other(last)]].concat(), "with one more");
        try_list([&honest[..], &honest[..]].concat(), "twice");
    }
    let mut reversed = honest.clone();
    reversed.reverse();
    try_list(reversed, "backwards");
    let mut rotated = honest.clone();
    rotated.rotate_left(honest.len().min(1));
    try_list(rotated, "rotated");
    for i in 0..honest.len() {
        let mut changed = honest.clone();
        changed[i] = other(&changed[i]);
        try_list(changed, &format!("with {i} changed"));
        if i > 0 {
            let mut doubled = honest.clone();
            doubled[i] = honest[i - 1].clone();
            try_list(doubled, &format!("with {i} the one before"));
        }
    }
}

#[allow(clippy::ptr_arg)] // of lists of lists
fn with_one_more<T: Clone>(list: &Vec<T>) -> Vec<T> {
    let mut longer = list.clone();
    longer.extend(list.last().cloned());
    longer
}

fn other_field<F: Field>(x: &F) -> F {
    *x + F::ONE
}

/// A digest with one bit of the first byte flipped, which leaves elements reduced or the digest as it is
/// hashed nowhere.
fn other_digest<C: StarkConfig>(digest: &Digest<C>) -> Digest<C> {
    let mut other = *digest;
    bytemuck::bytes_of_mut(&mut other)[0] ^= 1;
    other
}

#[test]
fn every_commitment_and_opened_value_is_as_it_must_be() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let digest = other_digest::<C>;
        mistreat(case, "trace cap", |p| &mut p.commitments.trace, digest);
        mistreat(
            case,
            "quotient cap",
            |p| &mut p.commitments.quotient,
            digest,
        );
        mistreat(case, "row", |p| &mut p.opened.trace.local, other_field);
        let honest = case.proof().opened;
        if honest.trace.next.is_some() {
            mistreat(
                case,
                "next row",
                |p| p.opened.trace.next.as_mut().unwrap(),
                other_field,
            );
        }
        if let Some(rows) = honest.preprocessed {
            mistreat(
                case,
                "preprocessed row",
                |p| &mut p.opened.preprocessed.as_mut().unwrap().local,
                other_field,
            );
            if rows.next.is_some() {
                mistreat(
                    case,
                    "next preprocessed row",
                    |p| {
                        let rows = p.opened.preprocessed.as_mut().unwrap();
                        rows.next.as_mut().unwrap()
                    },
                    other_field,
                );
            }
        }
        mistreat(case, "chunks", |p| &mut p.opened.quotient, with_one_more);
        for i in 0..honest.quotient.len() {
            mistreat(case, "chunk", |p| &mut p.opened.quotient[i], other_field);
        }
    }
    for_each_case!(test);
}

#[test]
fn every_opening_is_as_it_must_be() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let honest = case.proof().fri;
        mistreat(
            case,
            "openings of inputs",
            |p| &mut p.fri.input_openings,
            |opening| InputOpening {
                rows: opening.rows.clone(),
                siblings: with_one_more(&opening.siblings),
            },
        );
        for (i, opening) in honest.input_openings.iter().enumerate() {
            mistreat(
                case,
                "siblings of an input",
                |p| &mut p.fri.input_openings[i].siblings,
                other_digest::<C>,
            );
            mistreat(
                case,
                "queries of an input",
                |p| &mut p.fri.input_openings[i].rows,
                with_one_more,
            );
            for (q, rows) in opening.rows.iter().enumerate() {
                mistreat(
                    case,
                    "matrices of an input",
                    |p| &mut p.fri.input_openings[i].rows[q],
                    with_one_more,
                );
                for m in 0..rows.len() {
                    mistreat(
                        case,
                        "row of an input",
                        |p| &mut p.fri.input_openings[i].rows[q][m],
                        other_field,
                    );
                }
            }
        }
    }
    for_each_case!(test);
}

#[test]
fn every_round_is_as_it_must_be() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let honest = case.proof().fri;
        mistreat(case, "caps", |p| &mut p.fri.commit_caps, with_one_more);
        mistreat(
            case,
            "witnesses",
            |p| &mut p.fri.commit_witnesses,
            other_field,
        );
        mistreat(
            case,
            "rounds",
            |p| &mut p.fri.folding_openings,
            |opening| FoldingOpening {
                values: opening.values.clone(),
                siblings: with_one_more(&opening.siblings),
            },
        );
        mistreat(
            case,
            "final polynomial",
            |p| &mut p.fri.final_poly,
            other_field,
        );
        for (i, opening) in honest.folding_openings.iter().enumerate() {
            mistreat(
                case,
                "cap of a round",
                |p| &mut p.fri.commit_caps[i],
                other_digest::<C>,
            );
            mistreat(
                case,
                "siblings of a round",
                |p| &mut p.fri.folding_openings[i].siblings,
                other_digest::<C>,
            );
            mistreat(
                case,
                "queries of a round",
                |p| &mut p.fri.folding_openings[i].values,
                with_one_more,
            );
            for q in 0..opening.values.len() {
                mistreat(
                    case,
                    "row of a round",
                    |p| &mut p.fri.folding_openings[i].values[q],
                    other_field,
                );
            }
        }
    }
    for_each_case!(test);
}

#[test]
fn every_single_value_is_as_it_must_be() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        type Change<C> = fn(&mut Proof<C>);
        let changes: [(&str, Change<C>); 5] = [
            ("witness of batching", |p| {
                p.fri.batch_witness += C::Val::ONE
            }),
            ("witness of the queries", |p| {
                p.fri.query_witness += C::Val::ONE
            }),
            ("witness of the point", |p| p.ood_witness += C::Val::ONE),
            ("degree", |p| p.degree_bits += 1),
            ("huge degree", |p| p.degree_bits = u32::MAX),
        ];
        for (what, change) in changes {
            let mut proof = case.proof();
            change(&mut proof);
            is_refused(case, &proof, what);
        }
    }
    for_each_case!(test);
}

#[test]
fn optional_rows_are_there_if_they_are_read_and_only_then() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let honest = case.proof();
        let try_opened = |change: &dyn Fn(&mut Proof<C>), what: &str| {
            let mut proof = honest.clone();
            change(&mut proof);
            assert_ne!(proof, honest, "{what}");
            assert_eq!(is_refused(case, &proof, what), Some(Fault::Count), "{what}");
        };
        let row = honest.opened.trace.local.clone();
        match honest.opened.trace.next {
            Some(_) => try_opened(&|p| p.opened.trace.next = None, "no next row"),
            None => {
                try_opened(&|p| p.opened.trace.next = Some(vec![]), "an empty next row");
                try_opened(&|p| p.opened.trace.next = Some(row.clone()), "a next row");
            }
        }
        match honest.opened.preprocessed {
            Some(_) => {
                try_opened(&|p| p.opened.preprocessed = None, "no preprocessed row");
                try_opened(
                    &|p| p.opened.preprocessed.as_mut().unwrap().next = None,
                    "no next preprocessed row",
                );
            }
            None => {
                for local in [vec![], row.clone()] {
                    let rows = OpenedRows { local, next: None };
                    try_opened(
                        &|p| p.opened.preprocessed = Some(rows.clone()),
                        "a preprocessed row",
                    );
                }
            }
        }
    }
    for_each_case!(test);
}
