//! Certificates of one statement, made, read and mistreated.

use std::sync::Arc;

use zkiln::field::Fr;
use zkiln::statement::{
    Anchor, Certificate, Executor, Groth16Lane, Lane, Part, Policy, Program, Segment, StatementV1,
    Word,
};
use zkiln::{Error, Fault};

use crate::counter::{
    Pairing, amounts, example, genesis, hash, id, pairing, policy, program, segment, single,
    statement, witness,
};

/// A certificate of one statement in both lanes.
pub(crate) fn certificate() -> &'static Certificate {
    static CERTIFICATE: std::sync::OnceLock<Certificate> = std::sync::OnceLock::new();
    CERTIFICATE.get_or_init(|| {
        let statement = example();
        let proofs = vec![
            hash().prove(&statement).unwrap(),
            pairing().prove(&statement).unwrap(),
        ];
        let segment = Segment { statement, proofs };
        program(policy(2))
            .certify(&[hash().id(), pairing().id()], vec![segment])
            .unwrap()
    })
}

/// The certificate with one text for another.
pub(crate) fn replaced(
    certificate: &Certificate,
    from: &str,
    to: &str,
) -> zkiln::Result<Certificate> {
    let text = certificate.to_json();
    assert!(text.contains(from), "{from}");
    Certificate::from_json(&text.replacen(from, to, 1), "changed")
}

/// The certificate with another statement in place of one of its own.
pub(crate) fn restated(
    certificate: &Certificate,
    old: &StatementV1,
    new: &StatementV1,
) -> zkiln::Result<Certificate> {
    let indented = |s: &StatementV1| s.to_json().replace('\n', "\n   ");
    replaced(certificate, &indented(old), &indented(new))
}

/// One for each field, with that field changed, and its name.
pub(crate) fn flips(statement: &StatementV1) -> Vec<(&'static str, StatementV1)> {
    let s = *statement;
    let other = Word::keccak("another");
    vec![
        (
            "program",
            StatementV1 {
                program: other,
                ..s
            },
        ),
        (
            "parameters",
            StatementV1 {
                parameters: other,
                ..s
            },
        ),
        (
            "chain",
            StatementV1 {
                chain_id: s.chain_id ^ 1,
                ..s
            },
        ),
        (
            "context",
            StatementV1 {
                context: other,
                ..s
            },
        ),
        (
            "request",
            StatementV1 {
                request: other,
                ..s
            },
        ),
        (
            "first",
            StatementV1 {
                first_seq: s.first_seq ^ 1,
                ..s
            },
        ),
        (
            "last",
            StatementV1 {
                last_seq: s.last_seq ^ 1,
                ..s
            },
        ),
        (
            "pre",
            StatementV1 {
                pre_root: s.pre_root + Fr::ONE,
                ..s
            },
        ),
        (
            "post",
            StatementV1 {
                post_root: s.post_root + Fr::ONE,
                ..s
            },
        ),
        (
            "batch",
            StatementV1 {
                batch: s.batch + Fr::ONE,
                ..s
            },
        ),
        ("payee", StatementV1 { payee: other, ..s }),
    ]
}

#[test]
fn two_independent_proofs_of_one_statement() {
    let certificate = certificate();
    let program = program(policy(2));
    let verdict = program.verify(certificate, &genesis()).unwrap();
    assert_eq!(verdict.counted.len(), 2);
    assert_eq!(verdict.summary.post_root, example().post_root);
    assert_eq!(certificate.shared().len(), 1);
    assert_eq!(certificate.shared()[0].parts, []);
    let strict = Policy {
        deny_shared: vec![Part::Circuit, Part::Verifier],
        ..policy(2)
    };
    assert!(
        Program::new(
            id(),
            strict,
            vec![pairing().lane.clone(), hash().lane.clone()]
        )
        .is_ok()
    );
    let text = certificate.to_json();
    assert_eq!(
        Certificate::from_json(&text, "again").unwrap(),
        *certificate
    );
}

#[test]
fn each_word_of_a_statement_is_bound_in_each_lane() {
    let certificate = certificate();
    let segment = &certificate.segments()[0];
    for (name, changed) in flips(&segment.statement) {
        for (info, proof) in certificate.lanes().iter().zip(&segment.proofs) {
            let lane: &dyn Lane = match info.id() == pairing().id() {
                true => &*pairing().lane,
                false => &*hash().lane,
            };
            lane.verify(&segment.statement, &proof.0).unwrap();
            assert!(
                lane.verify(&changed, &proof.0).is_err(),
                "{name} in {}",
                info.system
            );
        }
        let forged = restated(certificate, &segment.statement, &changed).unwrap();
        let error = program(policy(2))
            .verify(&forged, &Anchor::Unchecked)
            .unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{name}: {error}");
    }
}

/// A circuit that carries the digest also computes with the words: a false statement has no proof.
#[test]
fn false_statements_have_no_proofs() {
    let mut wrong = example();
    wrong.post_root += Fr::ONE;
    let error = pairing().prove(&wrong).unwrap_err();
    assert!(matches!(error, Error::Unsatisfied(_)), "{error}");
    let error = hash().prove(&wrong).unwrap_err();
    assert!(matches!(error, Error::Unsatisfied(_)), "{error}");
    let mut longer = example();
    longer.last_seq += 1;
    assert!(pairing().prove(&longer).is_err() && hash().prove(&longer).is_err());
}

#[test]
fn a_witness_of_another_statement_is_refused_before_it_is_proven() {
    let other = statement(7, 1, &amounts(2));
    let options = zkiln::groth16::ProveOptions::default();
    let result = pairing()
        .lane
        .prove(&pairing().key, &example(), &witness(&other), &options);
    assert!(matches!(result, Err(Error::PublicInputs(_))));
    let foreign = Pairing::new(true);
    let result = pairing()
        .lane
        .prove(&foreign.key, &example(), &witness(&example()), &options);
    assert!(matches!(result, Err(Error::Argument(_))));
}

#[test]
fn certificates_have_one_text() {
    let certificate = single()
        .certify(&[pairing().id()], vec![segment(example())])
        .unwrap();
    let text = certificate.to_json();
    let refuse = |from: &str, to: &str| {
        let error = replaced(&certificate, from, to).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{from}: {error}");
        error
    };
    refuse("zkiln/certificate/v1", "zkiln/certificate/v2");
    refuse("{\n", "{\n \"digest\": \"0x00\",\n");
    refuse("\"threshold\": 1", "\"threshold\": 0");
    refuse("\"threshold\": 1", "\"threshold\": 1.0");
    refuse("\"zero_knowledge\": true", "\"zero_knowledge\": 1");
    refuse("\"class\": \"pairing\"", "\"class\": \"best\"");
    refuse("\"shared\": []", "\"shared\": [[]]");
    refuse("\"proofs\": [\n", "\"proofs\": [\n    \"0x\",\n");
    let spaced = refuse(": ", ":  ");
    assert_eq!(spaced.fault(), Some(Fault::NotCanonical));
    for changed in [
        format!("{text}\n"),
        format!(" {text}"),
        text.to_uppercase(),
        String::new(),
        "[]".into(),
    ] {
        assert!(Certificate::from_json(&changed, "changed").is_err());
    }
    // Whatever bytes are lost or changed: never a panic, and never the same certificate.
    for at in (0..text.len()).step_by(7) {
        assert!(Certificate::from_json(&text[..at], "cut").is_err());
        let mut bytes = text.clone().into_bytes();
        bytes[at] = bytes[at].wrapping_add(1) & 0x7f;
        let changed = String::from_utf8(bytes).unwrap();
        if let Ok(other) = Certificate::from_json(&changed, "changed") {
            assert!(
                single().verify(&other, &Anchor::Unchecked).is_err(),
                "byte {at}"
            );
        }
    }
}

#[test]
fn lanes_are_ascending_and_each_there_once() {
    let certificate = certificate();
    let text = certificate.to_json();
    let lanes: Vec<String> = certificate
        .lanes()
        .iter()
        .map(|lane| serde_json::to_string(lane).unwrap())
        .collect();
    let compact = serde_json::to_string(certificate).unwrap();
    // In another layout the text is refused for that, after all else was looked at.
    let fault = |text: &str| {
        Certificate::from_json(text, "changed")
            .unwrap_err()
            .to_string()
    };
    assert!(fault(&compact).contains("spelling"), "{}", fault(&compact));
    let both = format!("{},{}", lanes[0], lanes[1]);
    let swapped = compact.replacen(&both, &format!("{},{}", lanes[1], lanes[0]), 1);
    assert!(fault(&swapped).contains("ascending"), "{}", fault(&swapped));
    let twice = compact.replacen(&both, &format!("{},{}", lanes[0], lanes[0]), 1);
    assert!(fault(&twice).contains("ascending"), "{}", fault(&twice));
    assert!(Certificate::from_json(&text, "same").is_ok());
}

/// What a certificate says of its lanes and policy is compared with what the verifier knows.
#[test]
fn nothing_that_a_certificate_says_of_itself_is_believed() {
    let certificate = single()
        .certify(&[pairing().id()], vec![segment(example())])
        .unwrap();
    for (from, to) in [
        ("\"development\": true", "\"development\": false"),
        ("\"class\": \"pairing\"", "\"class\": \"hash\""),
        ("(pairings: ark-bn254)", "of somebody else"),
        ("\"zero_knowledge\": true", "\"zero_knowledge\": false"),
        (
            "\"count_attestations\": false",
            "\"count_attestations\": true",
        ),
        (
            "\"system\": \"groth16-bn254\"",
            "\"system\": \"groth16-bn255\"",
        ),
    ] {
        let forged = replaced(&certificate, from, to).unwrap();
        let error = single().verify(&forged, &Anchor::Unchecked).unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{to}: {error}");
    }
    // A program with a stricter policy refuses it, too.
    let error = program(policy(2))
        .verify(&certificate, &Anchor::Unchecked)
        .unwrap_err();
    assert!(error.to_string().contains("policy"), "{error}");
}

/// What was a certificate of this version stays one. `ZKILN_BLESS=1` makes the files again, for the next run.
#[test]
fn old_certificates_stay_valid() {
    let [key_file, file] = ["verification_key.json", "certificate.json"]
        .map(|name| crate::common::data("statement").join(name));
    if std::env::var_os("ZKILN_BLESS").is_some_and(|v| v == "1") {
        let prove = |_, s: &StatementV1| Ok(vec![pairing().prove(s)?]);
        let statements = crate::counter::chain(2);
        let made = single().prove_range(&[pairing().id()], &statements, prove);
        std::fs::write(&key_file, pairing().key.verifying_key().to_json()).unwrap();
        std::fs::write(&file, made.unwrap().to_json()).unwrap();
        return;
    }
    let key = zkiln::groth16::VerifyingKey::open(key_file).unwrap();
    let lane = Groth16Lane::new(&key).unwrap();
    let lane = lane.with_circuit(&crate::counter::circuit(true)).unwrap();
    let lanes: Vec<Arc<dyn Lane>> = vec![Arc::new(lane.for_development())];
    let program = Program::new(id(), policy(1), lanes).unwrap();
    let certificate = Certificate::open(file).unwrap();
    assert_eq!(certificate.segments().len(), 2);
    program.verify(&certificate, &genesis()).unwrap();
    // And it is of that key only.
    assert!(single().verify(&certificate, &genesis()).is_err());
}

struct Reexecution(Fr);

impl Executor for Reexecution {
    fn post_root(&self, _: &StatementV1) -> zkiln::Result<Fr> {
        Ok(self.0)
    }
}

struct NoBatch;

impl Executor for NoBatch {
    fn post_root(&self, _: &StatementV1) -> zkiln::Result<Fr> {
        Err(Error::Argument("the batch is not at hand".into()))
    }
}

#[test]
fn re_execution_can_veto_and_not_approve() {
    let certificate = single()
        .certify(&[pairing().id()], vec![segment(example())])
        .unwrap();
    let with = |executor: Arc<dyn Executor>| single().with_executor(executor);
    let right = example().post_root;
    let verify = |program: &Program, certificate| program.verify(certificate, &Anchor::Unchecked);
    assert!(verify(&with(Arc::new(Reexecution(right))), &certificate).is_ok());
    let error = verify(&with(Arc::new(Reexecution(right + Fr::ONE))), &certificate).unwrap_err();
    assert!(error.to_string().contains("re-execution"), "{error}");
    assert!(matches!(
        verify(&with(Arc::new(NoBatch)), &certificate),
        Err(Error::Argument(_))
    ));
    // Agreement makes no proof valid.
    let statement = example();
    let mut payee = statement;
    payee.payee = Word::ZERO;
    let forged = restated(&certificate, &statement, &payee).unwrap();
    assert!(verify(&with(Arc::new(Reexecution(right))), &forged).is_err());
}
