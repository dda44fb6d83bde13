//! The Solidity verifier in an EVM: it says of every call what the library says of the proof.

mod common;

use common::node::{Folder, is_ready, oracle};
use common::{CIRCUITS, Trapdoor, fixture, g1, outside_the_subgroup, random};
use serde_json::Value;
use zkiln::Error;
use zkiln::curve::{G1Affine, G2Affine, Xyzz};
use zkiln::field::{Fq, Fq2, Fr, PrimeField};
use zkiln::groth16::Proof;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Valid { gas: u64 },
    Invalid,
    Reverted,
}

/// What a contract answers to each call, and the bytes of its code.
fn run(name: &str, contract: &str, calls: &[Vec<u8>]) -> (Vec<Answer>, u64) {
    let folder = Folder::new(name);
    let calls: Vec<String> = calls.iter().map(|call| hexadecimal(call)).collect();
    let calls = serde_json::to_string(&calls).unwrap();
    let files = [
        folder.file("Verifier.sol", contract),
        folder.file("calls.json", calls),
    ];
    let output = oracle("evm.mjs", &files);
    let mut lines = output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let deployed = lines.next().unwrap();
    assert_eq!(deployed["warnings"], Value::Array(vec![]), "{name}");
    let answers = lines.map(|line| answer(&line)).collect();
    (answers, deployed["deployed_bytes"].as_u64().unwrap())
}

fn answer(line: &Value) -> Answer {
    if line["success"] == Value::Bool(false) {
        return Answer::Reverted;
    }
    let word = line["return"].as_str().unwrap();
    if word == format!("0x{:064}", 1) {
        let gas = line["gas"].as_u64().unwrap();
        Answer::Valid { gas }
    } else {
        assert_eq!(word, format!("0x{:064}", 0));
        Answer::Invalid
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    format!("0x{}", digits.collect::<String>())
}

/// Adds a number to word `i` of a call, modulo 2^256.
fn add_to_word(call: &[u8], i: usize, value: [u64; 4]) -> Vec<u8> {
    let mut call = call.to_vec();
    let word = &mut call[4 + 32 * i..][..32];
    let mut carry = 0u16;
    for (k, byte) in word.iter_mut().rev().enumerate() {
        let sum = u16::from(*byte) + u16::from(value[k / 8].to_le_bytes()[k % 8]) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    call
}

/// Proofs that the library refuses.
fn wrong_proofs(proof: Proof) -> Vec<Proof> {
    let swapped = |e: Fq2| Fq2::new(e.c1, e.c0);
    let b = G2Affine {
        x: swapped(proof.b.x),
        y: swapped(proof.b.y),
    };
    vec![
        Proof { b, ..proof },
        Proof {
            b: outside_the_subgroup(),
            ..proof
        },
        Proof {
            b: G2Affine::INFINITY,
            ..proof
        },
        Proof {
            a: G1Affine::INFINITY,
            ..proof
        },
        Proof {
            c: G1Affine::INFINITY,
            ..proof
        },
        Proof {
            a: -proof.a,
            ..proof
        },
        Proof {
            a: proof.c,
            c: proof.a,
            ..proof
        },
    ]
}

#[test]
fn contracts_accept_valid_calls_and_nothing_else() {
    if !is_ready() {
        return;
    }
    for circuit in CIRCUITS {
        let (key, public, proof) = fixture(circuit);
        let good = proof.to_calldata(&public);
        let (selector, arguments) = good.split_at(4);

        let negated = Proof {
            a: -proof.a,
            b: -proof.b,
            c: proof.c,
        };
        let trailing = [&good[..], &[7; 5]].concat();
        let valid = [good.clone(), negated.to_calldata(&public), trailing];

        let mut invalid = vec![
            [selector, &vec![0; arguments.len()]].concat(),
            [selector, &vec![0xff; arguments.len()]].concat(),
        ];
        for i in 0..arguments.len() / 32 {
            invalid.push(add_to_word(&good, i, [1, 0, 0, 0]));
            invalid.push(add_to_word(&good, i, [0, 0, 0, 1 << 63]));
            // The aliases of the same numbers, and the wrong modulus.
            invalid.push(add_to_word(&good, i, Fq::MODULUS.0));
            invalid.push(add_to_word(&good, i, Fr::MODULUS.0));
        }
        for wrong in wrong_proofs(proof) {
            assert!(!key.verify(&public, &wrong).unwrap());
            invalid.push(wrong.to_calldata(&public));
        }

        let reverting = [
            vec![],
            selector.to_vec(),
            good[..good.len() - 1].to_vec(),
            [&[1, 2, 3, 4], arguments].concat(),
        ];

        let calls = [&valid[..], &invalid, &reverting].concat();
        let (answers, code) = run(circuit, &key.to_solidity().unwrap(), &calls);
        assert_eq!(answers.len(), calls.len());
        println!("{circuit}: {:?}, {code} bytes of code", answers[0]);
        let (accepted, answers) = answers.split_at(valid.len());
        let (refused, reverted) = answers.split_at(invalid.len());
        for answer in accepted {
            let budget = 182_600 + 6_650 * public.len() as u64;
            assert!(
                matches!(answer, Answer::Valid { gas } if *gas < budget),
                "{answer:?}"
            );
        }
        for (i, answer) in refused.iter().enumerate() {
            assert_eq!(*answer, Answer::Invalid, "{circuit}: call {i}");
        }
        assert_eq!(*reverted, [Answer::Reverted; 4], "{circuit}");
    }
}

/// No public inputs, for which Solidity has no array; edge values; and as many as fit.
#[test]
fn contracts_of_other_shapes() {
    if !is_ready() {
        return;
    }
    for n in [0, 3, 270] {
        let trapdoor = Trapdoor::random(n);
        let mut public: Vec<Fr> = (0..n).map(|_| random()).collect();
        for (value, edge) in public.iter_mut().zip([Fr::ZERO, Fr::ONE, -Fr::ONE]) {
            *value = edge;
        }
        let proof = trapdoor.simulate(&public);
        let wrong = Proof {
            c: g1(random()),
            ..proof
        };
        let calls = [&proof, &wrong].map(|proof| proof.to_calldata(&public));
        let contract = trapdoor.key().to_solidity().unwrap();
        let (answers, code) = run(&format!("inputs-{n}"), &contract, &calls);
        println!("{n} inputs: {:?}, {code} bytes of code", answers[0]);
        assert!(
            matches!(answers[..], [Answer::Valid { .. }, Answer::Invalid]),
            "{answers:?}"
        );
        assert!(code <= 24_576, "EIP-170: {code} bytes");
    }
}

/// The sum over the inputs is infinity, where the precompiles have special cases.
#[test]
fn sums_over_the_inputs_may_vanish() {
    if !is_ready() {
        return;
    }
    let mut trapdoor = Trapdoor::random(2);
    trapdoor.ic[1] = trapdoor.ic[0];
    let public = [-Fr::ONE, Fr::ZERO];
    let key = trapdoor.key();
    assert!((Xyzz::from(key.ic[0]) + key.ic[1] * public[0]).is_infinity());
    let proof = trapdoor.simulate(&public);
    assert!(key.verify(&public, &proof).unwrap());
    let calls = [proof.to_calldata(&public)];
    let (answers, _) = run("vanishing", &key.to_solidity().unwrap(), &calls);
    assert!(matches!(answers[..], [Answer::Valid { .. }]), "{answers:?}");
}

/// Too little gas may make a call revert, but never say that a valid proof is invalid.
#[test]
fn starved_calls_do_not_lie() {
    if !is_ready() {
        return;
    }
    let (key, public, proof) = fixture("multiplier");
    let inner = key
        .to_solidity()
        .unwrap()
        .replace("function verifyProof(", "function verify(");
    let contract = inner
        + "contract Starving {
            Groth16Verifier private immutable inner = new Groth16Verifier();

            function verifyProof(
                uint256[2] calldata a, uint256[2][2] calldata b, uint256[2] calldata c,
                uint256[1] calldata signals
            ) public view returns (bool) {
                uint256 valid = 0;
                for (uint256 given = 170000; given < 195000; given += 250) {
                    try inner.verify{gas: given}(a, b, c, signals) returns (bool answer) {
                        if (!answer) return false;
                        valid++;
                    } catch {}
                }
                return 0 < valid && valid < 100;
            }
        }";
    let (answers, _) = run("starved", &contract, &[proof.to_calldata(&public)]);
    assert!(matches!(answers[..], [Answer::Valid { .. }]), "{answers:?}");
}

/// On a chain without the pairing precompile the call of it succeeds and returns nothing.
#[test]
fn without_the_precompile_nothing_is_valid() {
    if !is_ready() {
        return;
    }
    let (key, public, proof) = fixture("multiplier");
    let contract = key.to_solidity().unwrap();
    let elsewhere = contract.replace("staticcall(gas(), 8,", "staticcall(gas(), 0x8888,");
    assert_ne!(contract, elsewhere);
    let (answers, _) = run("elsewhere", &elsewhere, &[proof.to_calldata(&public)]);
    assert_eq!(answers, [Answer::Invalid]);
}

#[test]
fn no_contract_is_made_for_a_weak_key() {
    let mut trapdoor = Trapdoor::random(1);
    trapdoor.gamma = trapdoor.delta;
    let refusal = trapdoor.key().to_solidity().unwrap_err();
    assert!(matches!(refusal, Error::WeakKey { .. }), "{refusal}");
}
