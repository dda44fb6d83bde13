//! Ranges of statements, and what is wrong with them.

use zkiln::Error;
use zkiln::field::Fr;
use zkiln::statement::{
    Anchor, Certificate, PayeeRule, Policy, Program, StatementV1, Word, check_continuity,
};

use crate::certificates::restated;
use crate::counter::{ITEMS, chain, genesis, hash, id, pairing, policy, program, single};

fn range() -> &'static Certificate {
    static RANGE: std::sync::OnceLock<Certificate> = std::sync::OnceLock::new();
    RANGE.get_or_init(|| {
        let prove = |_, statement: &StatementV1| Ok(vec![pairing().prove(statement)?]);
        single()
            .prove_range(&[pairing().id()], &chain(4), prove)
            .unwrap()
    })
}

fn refusal<T: core::fmt::Debug>(result: zkiln::Result<T>) -> String {
    match result {
        Err(error @ (Error::Refused(_) | Error::Malformed { .. })) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn segments_are_proven_in_parallel_and_verified_together() {
    let statements = chain(4);
    let verdict = single().verify(range(), &genesis()).unwrap();
    assert_eq!(verdict.summary.first_seq, statements[0].first_seq);
    assert_eq!(verdict.summary.last_seq, statements[3].last_seq);
    assert_eq!(verdict.summary.post_root, statements[3].post_root);
    let text = range().to_json();
    assert_eq!(Certificate::from_json(&text, "range").unwrap(), *range());
}

#[test]
fn ranges_in_both_lanes() {
    let program = program(policy(2));
    let lanes = [pairing().id(), hash().id()];
    let prove = |_, s: &StatementV1| Ok(vec![pairing().prove(s)?, hash().prove(s)?]);
    let certificate = program.prove_range(&lanes, &chain(2), prove).unwrap();
    assert_eq!(
        program
            .verify(&certificate, &genesis())
            .unwrap()
            .counted
            .len(),
        2
    );
}

#[test]
fn what_does_not_follow_is_refused() {
    let statements = chain(3);
    let check = |statements: &[StatementV1]| {
        let references: Vec<&StatementV1> = statements.iter().collect();
        check_continuity(&references, PayeeRule::One)
    };
    let [a, b, c] = [statements[0], statements[1], statements[2]];
    check(&[a, b, c]).unwrap();
    check(&[a]).unwrap();
    refusal(check(&[]));
    assert!(refusal(check(&[a, c])).contains("gap"));
    assert!(refusal(check(&[a, a])).contains("overlap"));
    assert!(refusal(check(&[b, a, c])).contains("overlap"));
    assert!(refusal(check(&[a, c, b])).contains("gap"));
    let items = ITEMS as u64;
    let shifted = |by: i64| StatementV1 {
        first_seq: b.first_seq.wrapping_add_signed(by),
        last_seq: b.last_seq.wrapping_add_signed(by),
        ..b
    };
    assert!(refusal(check(&[a, shifted(1)])).contains("gap"));
    assert!(refusal(check(&[a, shifted(-1)])).contains("overlap"));
    assert!(refusal(check(&[a, shifted(-(items as i64))])).contains("overlap"));
    let root = StatementV1 {
        pre_root: b.pre_root + Fr::ONE,
        ..b
    };
    assert!(refusal(check(&[a, root])).contains("state"));
    let end = StatementV1 {
        last_seq: u64::MAX,
        ..a
    };
    refusal(check(&[end, StatementV1 { first_seq: 0, ..b }]));
    let other = Word::keccak("another");
    for (what, mixed) in [
        (
            "program",
            StatementV1 {
                program: other,
                ..b
            },
        ),
        (
            "parameters",
            StatementV1 {
                parameters: other,
                ..b
            },
        ),
        ("chain", StatementV1 { chain_id: 2, ..b }),
        (
            "context",
            StatementV1 {
                context: other,
                ..b
            },
        ),
        ("payee", StatementV1 { payee: other, ..b }),
    ] {
        assert!(refusal(check(&[a, mixed])).contains(what));
    }
    let payee = StatementV1 { payee: other, ..b };
    check_continuity(&[&a, &payee], PayeeRule::Each).unwrap();
    // Requests may differ.
    check(&[
        a,
        StatementV1 {
            request: other,
            ..b
        },
    ])
    .unwrap();
}

/// Nothing is proven before it is known that the range is one.
#[test]
fn ranges_with_a_gap_are_not_proven() {
    let statements = chain(3);
    let prove = |_, _: &StatementV1| panic!("proven");
    let lanes = [pairing().id()];
    refusal(single().prove_range(&lanes, &[statements[0], statements[2]], prove));
    refusal(single().prove_range(&lanes, &[], prove));
    refusal(program(policy(2)).prove_range(&lanes, &statements, prove));
}

#[test]
fn certificates_of_ranges_with_faults_are_not_read() {
    let statements = chain(4);
    for (name, changed) in [
        (
            "gap",
            StatementV1 {
                first_seq: statements[1].first_seq + 1,
                ..statements[1]
            },
        ),
        (
            "overlap",
            StatementV1 {
                first_seq: statements[1].first_seq - 1,
                ..statements[1]
            },
        ),
        (
            "state",
            StatementV1 {
                pre_root: Fr::ZERO,
                ..statements[1]
            },
        ),
        (
            "program",
            StatementV1 {
                program: Word::ZERO,
                ..statements[1]
            },
        ),
    ] {
        let message = refusal(restated(range(), &statements[1], &changed));
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn ranges_begin_where_the_verifier_says() {
    let verify = |anchor| single().verify(range(), &anchor);
    let first = chain(1)[0];
    verify(genesis()).unwrap();
    verify(Anchor::Unchecked).unwrap();
    let before = |root, last_seq| Anchor::After { root, last_seq };
    verify(before(first.pre_root, first.first_seq - 1)).unwrap();
    let seq = first.first_seq;
    refusal(verify(before(first.pre_root, seq)));
    refusal(verify(before(first.pre_root, seq - 2)));
    refusal(verify(before(first.pre_root, u64::MAX)));
    refusal(verify(before(first.pre_root + Fr::ONE, seq - 1)));
    refusal(verify(Anchor::Genesis {
        root: first.pre_root,
        first_seq: 0,
    }));
    refusal(verify(Anchor::Genesis {
        root: Fr::ZERO,
        first_seq: seq,
    }));
    // The next range begins after this one.
    let next = Anchor::after(&range().summary());
    let last = chain(4)[3];
    assert_eq!(next, before(last.post_root, last.last_seq));
    refusal(verify(next));
}

/// In a batch of valid proofs one that is not is found and named.
#[test]
fn the_invalid_one_of_a_batch_is_named() {
    let text = range().to_json();
    let proofs: Vec<String> = range()
        .segments()
        .iter()
        .map(|segment| {
            segment.proofs[0]
                .0
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect()
        })
        .collect();
    let swapped = text.replacen(&proofs[2], &proofs[1], 1);
    let swapped = Certificate::from_json(&swapped, "swapped").unwrap();
    let message = refusal(single().verify(&swapped, &genesis()));
    assert!(message.contains("segment 2"), "{message}");
}

#[test]
fn payees_by_the_policys_rule() {
    let mut statements = chain(2);
    statements[1].payee = Word::address([0xbb; 20]);
    let prove = |_, s: &StatementV1| Ok(vec![pairing().prove(s)?]);
    let lanes = [pairing().id()];
    assert!(refusal(single().prove_range(&lanes, &statements, prove)).contains("payee"));
    let each = Policy {
        payees: PayeeRule::Each,
        ..policy(1)
    };
    let program = Program::new(id(), each, vec![pairing().lane.clone()]).unwrap();
    let certificate = program.prove_range(&lanes, &statements, prove).unwrap();
    program.verify(&certificate, &genesis()).unwrap();
    // The rule is the verifier's.
    assert!(refusal(single().verify(&certificate, &genesis())).contains("policy"));
}
