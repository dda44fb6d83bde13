//! One digest in Rust, Python, JavaScript and Solidity.

use std::process::Command;

use serde_json::Value;
use zkiln::field::PrimeField;
use zkiln::statement::{Class, LaneInfo, Setup, StatementV1, Word};
use zkiln::{Error, Fault};

use crate::common::node::{Folder, is_ready, oracle};
use crate::common::{data, text};

const FILE: &str = "statement/vectors.json";

fn vectors() -> Value {
    serde_json::from_str(&text(FILE)).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn word(value: &Value) -> Word {
    Word::from_hex(value.as_str().unwrap()).unwrap()
}

fn words(value: &Value) -> [Word; 12] {
    let words: Vec<Word> = list(value).iter().map(word).collect();
    words.try_into().unwrap()
}

fn info(system: &str, key: Word) -> LaneInfo {
    LaneInfo {
        system: system.into(),
        key,
        class: Class::Hash,
        circuit: None,
        setup: Setup::Transparent {},
        verifier: "none".into(),
        zero_knowledge: false,
    }
}

#[test]
fn the_library_agrees() {
    let vectors = vectors();
    let accepted = list(&vectors["accepted"]);
    assert!(accepted.len() >= 4);
    for vector in accepted {
        let statement = StatementV1::from_json(&vector["statement"].to_string(), "vector").unwrap();
        let words = words(&vector["words"]);
        assert_eq!(statement.words(), words);
        assert_eq!(
            StatementV1::from_words(&words, "vector").unwrap(),
            statement
        );
        assert_eq!(statement.digest(), word(&vector["digest"]));
        let signals = statement.signals().map(|signal| signal.to_string());
        assert_eq!(Value::from(signals.to_vec()), vector["signals"]);
        for lane in list(&vector["lanes"]) {
            let info = info(lane["system"].as_str().unwrap(), word(&lane["key"]));
            assert_eq!(info.id(), word(&lane["id"]));
            assert_eq!(info.digest(&statement), word(&lane["digest"]));
        }
    }
    for vector in list(&vectors["refused"]) {
        let error = StatementV1::from_words(&words(&vector["words"]), "vector").unwrap_err();
        let Error::Malformed { section, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(section.as_str(), vector["word"], "{error}");
    }
}

#[test]
fn texts_have_one_spelling() {
    let vectors = vectors();
    let statement =
        StatementV1::from_json(&vectors["accepted"][0]["statement"].to_string(), "s").unwrap();
    let text = statement.to_json();
    assert_eq!(StatementV1::from_json(&text, "s").unwrap(), statement);
    let alias = zkiln::field::Fr::MODULUS.0;
    let alias: String = alias
        .iter()
        .rev()
        .map(|limb| format!("{limb:016x}"))
        .collect();
    let root = Word::from(statement.pre_root).to_string();
    for (from, to) in [
        (r#""chain_id": "1""#, r#""chain_id": 1"#.to_owned()),
        (r#""chain_id": "1""#, r#""chain_id": "01""#.to_owned()),
        (r#""chain_id": "1""#, r#""chain_id": "+1""#.to_owned()),
        (
            r#""chain_id": "1""#,
            r#""chain_id": "18446744073709551616""#.to_owned(),
        ),
        (r#""first_seq": "17""#, r#""first_seq": "33""#.to_owned()),
        (&root, root.to_uppercase()),
        (&root, root[2..].to_owned()),
        (&root, format!("{root}00")),
        (&root, format!("0x{alias}")),
        ("{", r#"{"extra": "0", "#.to_owned()),
        ("{", r#"{"chain_id": "1", "#.to_owned()),
        (r#""payee""#, r#""payer""#.to_owned()),
    ] {
        let changed = text.replacen(from, &to, 1);
        assert_ne!(changed, text, "{from}");
        let error = StatementV1::from_json(&changed, "s").unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{to}: {error}");
    }
    let truncated = StatementV1::from_json(&text[..text.len() / 2], "s").unwrap_err();
    assert_eq!(truncated.fault(), Some(Fault::Truncated));
}

/// Python's own Keccak, which it checks against hashlib's SHA-3.
#[test]
fn python_agrees() {
    let Ok(output) = Command::new("python3")
        .arg(data("statement/vectors.py"))
        .arg("check")
        .output()
    else {
        eprintln!("skipped: there is no python3");
        return;
    };
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert_eq!(output.stdout, b"ok\n");
}

#[test]
fn javascript_agrees() {
    if !is_ready() {
        return;
    }
    let printed: Value = serde_json::from_str(&oracle("statement.mjs", [data(FILE)])).unwrap();
    assert_eq!(printed["statements"], list(&vectors()["accepted"]).len());
}

/// The contract's functions, with arguments as calldata: a statement is eleven words.
const PROBE: &str = "
contract Probe {
    // By this name the oracle tells the contract from the library.
    function verifyProof() external pure {}
    function digest(StatementV1 calldata s) external pure returns (bytes32) {
        return Statements.digest(s);
    }
    function signals(StatementV1 calldata s) external pure returns (uint256[7] memory) {
        return Statements.signals(s);
    }
    function lane(bytes32 key, StatementV1 calldata s) external pure returns (bytes32) {
        return Statements.laneDigest(\"groth16-bn254\", key, s);
    }
}";
const STRUCT: &str =
    "(bytes32,bytes32,uint64,bytes32,bytes32,uint64,uint64,uint256,uint256,uint256,bytes32)";

#[test]
fn solidity_agrees() {
    if !is_ready() {
        return;
    }
    let root = data("../../bindings/solidity/StatementV1.sol");
    let contract = std::fs::read_to_string(root).unwrap() + PROBE;
    let call = |signature: String, words: &[Word]| {
        let selector = Word::keccak(signature).0;
        let bytes = selector[..4]
            .iter()
            .chain(words.iter().flat_map(|word| &word.0));
        let digits: String = bytes.map(|byte| format!("{byte:02x}")).collect();
        format!("0x{digits}")
    };
    let vectors = vectors();
    let (mut calls, mut expected) = (Vec::new(), Vec::new());
    for vector in list(&vectors["accepted"]) {
        let words = words(&vector["words"]);
        calls.push(call(format!("digest({STRUCT})"), &words[1..]));
        expected.push(Some(vector["digest"].as_str().unwrap().to_owned()));

        calls.push(call(format!("signals({STRUCT})"), &words[1..]));
        let statement = StatementV1::from_words(&words, "vector").unwrap();
        let signals = statement
            .signals()
            .map(|signal| Word::from(signal).to_string()[2..].to_owned());
        expected.push(Some(format!("0x{}", signals.concat())));

        let lane = &vector["lanes"][0];
        let with_key = [&[word(&lane["key"])], &words[1..]].concat();
        calls.push(call(format!("lane(bytes32,{STRUCT})"), &with_key));
        expected.push(Some(lane["digest"].as_str().unwrap().to_owned()));
    }
    for vector in list(&vectors["refused"]) {
        // The contract's tag is its own.
        if vector["word"] != "tag" {
            calls.push(call(
                format!("digest({STRUCT})"),
                &words(&vector["words"])[1..],
            ));
            expected.push(None);
        }
    }
    let folder = Folder::new("statement");
    let files = [
        folder.file("Statement.sol", contract),
        folder.file("calls.json", serde_json::to_string(&calls).unwrap()),
    ];
    let output = oracle("evm.mjs", &files);
    let lines: Vec<Value> = output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["warnings"], Value::Array(vec![]));
    assert_eq!(lines.len() - 1, expected.len());
    for (line, expected) in lines[1..].iter().zip(expected) {
        match expected {
            Some(value) => assert_eq!(line["return"].as_str().unwrap(), value, "{line}"),
            None => assert_eq!(line["success"], false, "{line}"),
        }
    }
}
