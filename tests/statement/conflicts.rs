//! Two valid proofs that contradict each other.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use zkiln::Error;
use zkiln::field::Fr;
use zkiln::statement::{
    Anchor, Certificate, Journal, Lane, Part, Policy, Program, Segment, StatementV1,
};

use crate::certificates::replaced;
use crate::counter::{
    FIRST, Pairing, amounts, example, genesis, hash, id, pairing, policy, segment, single,
    statement,
};

/// A program with a sound lane and one whose circuit lacks a constraint.
struct Broken {
    lane: Pairing,
    program: Program,
}

impl Broken {
    fn new(policy: Policy) -> Self {
        let lane = Pairing::new(false);
        let lanes: Vec<Arc<dyn Lane>> = vec![
            pairing().lane.clone(),
            lane.lane.clone(),
            hash().lane.clone(),
        ];
        Self {
            program: Program::new(id(), policy, lanes).unwrap(),
            lane,
        }
    }

    /// The same start and batch with another result, proven by the broken lane.
    fn false_certificate(&self) -> Certificate {
        let mut statement = example();
        statement.post_root += Fr::ONE;
        let proof = self.lane.prove(&statement).unwrap();
        let segment = Segment {
            statement,
            proofs: vec![proof],
        };
        self.program
            .certify(&[self.lane.id()], vec![segment])
            .unwrap()
    }
}

#[test]
fn contradictions_freeze_the_program() {
    let broken = Broken::new(policy(1));
    let program = &broken.program;
    let honest = program
        .certify(&[pairing().id()], vec![segment(example())])
        .unwrap();
    let forged = broken.false_certificate();
    // Each for itself is accepted: that is what makes it an alarm.
    program.verify(&honest, &genesis()).unwrap();
    program.verify(&forged, &genesis()).unwrap();
    for [first, second] in [[&honest, &forged], [&forged, &honest]] {
        let mut journal = Journal::new(program);
        journal.accept(program, first.clone(), &genesis()).unwrap();
        let error = journal
            .accept(program, second.clone(), &genesis())
            .unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error}");
        assert!(error.to_string().contains("FROZEN"), "{error}");
        let conflict = journal.conflict().unwrap();
        assert_eq!((&conflict.first, &conflict.second), (first, second));

        // Nothing goes on, not even what is unrelated.
        let next = statement(FIRST + 15, 5, &amounts(3));
        let unrelated = program
            .certify(&[pairing().id()], vec![segment(next)])
            .unwrap();
        let error = journal
            .accept(program, unrelated, &Anchor::Unchecked)
            .unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error}");

        // And a restart changes nothing.
        let text = journal.to_json();
        let mut again = Journal::from_json(&text, "journal", program).unwrap();
        assert_eq!(again.to_json(), text);
        assert_eq!(again.conflict(), journal.conflict());
        let error = again
            .accept(program, first.clone(), &genesis())
            .unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error}");
    }
}

/// A valid proof of a certificate that is not accepted is enough for the alarm.
#[test]
fn a_single_false_proof_freezes_though_the_policy_asks_for_two() {
    let lenient = Broken::new(policy(1));
    let forged = lenient.false_certificate();
    let lanes: Vec<Arc<dyn Lane>> = vec![
        pairing().lane.clone(),
        lenient.lane.lane.clone(),
        hash().lane.clone(),
    ];
    let program = Program::new(id(), policy(2), lanes).unwrap();
    let statement = example();
    let proofs = vec![
        pairing().prove(&statement).unwrap(),
        hash().prove(&statement).unwrap(),
    ];
    let honest = program
        .certify(
            &[pairing().id(), hash().id()],
            vec![Segment { statement, proofs }],
        )
        .unwrap();
    let forged = replaced(&forged, "\"threshold\": 1", "\"threshold\": 2").unwrap();
    assert!(matches!(
        program.verify(&forged, &genesis()),
        Err(Error::Refused(_))
    ));

    let mut journal = Journal::new(&program);
    journal
        .accept(&program, honest.clone(), &genesis())
        .unwrap();
    let error = journal
        .accept(&program, forged.clone(), &genesis())
        .unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");

    // In the other order as well: what was refused is remembered.
    let mut journal = Journal::new(&program);
    let error = journal.accept(&program, forged, &genesis()).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    let error = journal.accept(&program, honest, &genesis()).unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
}

#[test]
fn what_is_not_valid_contradicts_nothing() {
    let program = single();
    let honest = program
        .certify(&[pairing().id()], vec![segment(example())])
        .unwrap();
    let mut wrong = example();
    wrong.post_root += Fr::ONE;
    let forged = crate::certificates::restated(&honest, &example(), &wrong).unwrap();
    let mut journal = Journal::new(&program);
    journal
        .accept(&program, honest.clone(), &genesis())
        .unwrap();
    let error = journal.accept(&program, forged, &genesis()).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert!(journal.conflict().is_none());
    // The same transition for another request is a proof of its own, and no contradiction.
    let other = StatementV1 {
        request: zkiln::statement::Word::keccak("another"),
        ..example()
    };
    let second = program
        .certify(&[pairing().id()], vec![segment(other)])
        .unwrap();
    journal.accept(&program, second, &genesis()).unwrap();
    assert_eq!(journal.accepted().count(), 2);
    let text = journal.to_json();
    let again = Journal::from_json(&text, "journal", &program).unwrap();
    assert_eq!(again.to_json(), text);
    let changed = text.replacen("zkiln/journal/v1", "zkiln/journal/v2", 1);
    assert!(Journal::from_json(&changed, "journal", &program).is_err());
    let error = journal.accept(&program, honest, &genesis()).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
}

#[test]
fn files_are_there_whole() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journals");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let broken = Broken::new(policy(1));
    let program = &broken.program;
    let honest = program
        .certify(&[pairing().id()], vec![segment(example())])
        .unwrap();
    honest.save(folder.join("certificate.json")).unwrap();
    let read = Certificate::open(folder.join("certificate.json")).unwrap();
    assert_eq!(read, honest);

    let path = folder.join("journal.json");
    let mut journal = Journal::new(program);
    journal.accept(program, honest, &genesis()).unwrap();
    journal.save(&path).unwrap();
    let mut journal = Journal::open(&path, program).unwrap();
    let forged = broken.false_certificate();
    journal.accept(program, forged, &genesis()).unwrap_err();
    // In the place of the other, with nothing left beside it.
    journal.save(&path).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    let journal = Journal::open(&path, program).unwrap();
    assert!(journal.conflict().is_some());
    // A link to a journal stays one.
    #[cfg(unix)]
    {
        let link = folder.join("link.json");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        Journal::new(program).save(&link).unwrap();
        assert!(link.is_symlink());
        let journal = Journal::open(&path, program).unwrap();
        assert!(journal.conflict().is_none());
    }
    for nowhere in [folder.join("missing").join("journal.json"), "/".into()] {
        let error = journal.save(&nowhere).unwrap_err();
        assert!(matches!(&error, Error::Io { path, .. } if *path == nowhere));
    }
}

/// A lane without a constraint is another circuit; the certificate shows what it shares.
#[test]
fn the_broken_lane_is_another_circuit() {
    let broken = Pairing::new(false);
    let shared = pairing().lane.info().shares(broken.lane.info());
    assert!(!shared.contains(&Part::Circuit), "{shared:?}");
}
