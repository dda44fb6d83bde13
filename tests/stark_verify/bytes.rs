//! Proofs as bytes.

use rayon::prelude::*;
use zkiln::Fault;
use zkiln::field::small::{KoalaBear, SmallField};
use zkiln::stark::Proof;
use zkiln::stark::config::StarkConfig;

use crate::cases::{self, Case};
use crate::for_each_case;

#[test]
fn proofs_of_plonky3_are_read_written_and_accepted() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        let proof = case.proof();
        assert_eq!(proof.to_bytes(), case.bytes);
        case.verifier().verify(&proof, &case.public_values).unwrap();
        assert_eq!(proof.clone(), proof);
    }
    for_each_case!(test);
}

/// Any other bytes are refused: on reading, or else they are another proof's, which is not valid.
fn is_refused<C: StarkConfig>(case: &Case<C>, bytes: &[u8], what: &str) {
    if let Ok(proof) = Proof::<C>::from_bytes(bytes, "test") {
        assert_eq!(
            proof.to_bytes(),
            bytes,
            "{what}: one proof has one encoding"
        );
        let verdict = case.verifier().verify(&proof, &case.public_values);
        assert!(verdict.is_err(), "{what} is accepted");
    }
}

#[test]
fn every_byte_counts() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        (0..case.bytes.len()).into_par_iter().for_each(|i| {
            let mut bytes = case.bytes.to_vec();
            bytes[i] ^= 1 << (5 * i % 8);
            is_refused(case, &bytes, &format!("byte {i} changed"));
            // The same number, one byte longer.
            if case.bytes[i] < 0x80 {
                let mut bytes = case.bytes.to_vec();
                bytes.splice(i..=i, [case.bytes[i] | 0x80, 0]);
                is_refused(case, &bytes, &format!("byte {i} stretched"));
            }
        });
    }
    for_each_case!(test);
}

#[test]
fn too_few_and_too_many_bytes_are_refused() {
    fn test<C: StarkConfig>(case: &Case<C>) {
        for len in 0..case.bytes.len() {
            let error = Proof::<C>::from_bytes(&case.bytes[..len], "test").unwrap_err();
            assert_eq!(
                error.fault(),
                Some(Fault::Truncated),
                "{len} bytes: {error}"
            );
        }
        let longer = [case.bytes, &[0]].concat();
        let error = Proof::<C>::from_bytes(&longer, "test").unwrap_err();
        assert_eq!(error.fault(), Some(Fault::TrailingBytes));
        let twice = [case.bytes, case.bytes].concat();
        assert!(Proof::<C>::from_bytes(&twice, "test").is_err());
    }
    for_each_case!(test);
}

/// What `from_bytes` says of the Fibonacci proof with these bytes from here on.
fn fault_with(at: usize, new: &[u8], instead_of: usize) -> Option<Fault> {
    let case = cases::fibonacci();
    let mut bytes = case.bytes.to_vec();
    bytes.splice(at..at + instead_of, new.iter().copied());
    let read = Proof::<zkiln::stark::config::Poseidon2Config24<KoalaBear>>::from_bytes(&bytes, "p");
    let error = read.expect_err("another encoding");
    assert!(error.to_string().starts_with("p: "), "{error}");
    error.fault()
}

#[test]
fn elements_are_reduced() {
    let bytes = cases::fibonacci().bytes;
    // The last word is the witness of the point outside, the first digest begins after the cap's length.
    for at in [bytes.len() - 4, 1] {
        let word = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let same = word + KoalaBear::MODULUS as u32;
        assert_eq!(
            fault_with(at, &same.to_le_bytes(), 4),
            Some(Fault::NotCanonical)
        );
    }
}

#[test]
fn numbers_are_short_and_fit() {
    let bytes = cases::fibonacci().bytes;
    let degree = bytes.len() - 5;
    assert_eq!((bytes[0], bytes[degree]), (1, 3));
    assert_eq!(fault_with(0, &[0x81, 0], 1), Some(Fault::NotCanonical));
    assert_eq!(fault_with(degree, &[0x83, 0], 1), Some(Fault::NotCanonical));
    // Beyond 64 bits, and beyond what anything has.
    let mut number = [0xff; 10];
    assert_eq!(fault_with(degree, &number, 1), Some(Fault::Value));
    number[9] = 2;
    assert_eq!(fault_with(degree, &number, 1), Some(Fault::Value));
    number[9] = 1;
    assert_eq!(fault_with(degree, &number, 1), Some(Fault::Domain));
    // A list of 2^64 - 1 digests, of which no memory is asked for.
    assert_eq!(fault_with(0, &number, 1), Some(Fault::Truncated));
    assert_eq!(
        fault_with(0, &[0xff, 0xff, 0xff, 0x7f], 1),
        Some(Fault::Truncated)
    );
}

#[test]
fn proofs_of_zero_knowledge_and_odd_options_are_refused() {
    let bytes = cases::fibonacci().bytes;
    // Two caps of one digest of 32 bytes, then the option of a third.
    let random = 2 * 33;
    assert_eq!(bytes[random], 0);
    assert_eq!(fault_with(random, &[1], 1), Some(Fault::Version));
    // A row of two elements of 16 bytes, then the option of the next row, and those preprocessed.
    let next = random + 1 + 33;
    assert_eq!(bytes[next], 1);
    assert_eq!(fault_with(next, &[2], 1), Some(Fault::Value));
    let preprocessed = next + 1 + 33;
    assert_eq!(bytes[preprocessed..preprocessed + 2], [0, 0]);
    assert_eq!(fault_with(preprocessed, &[0, 1, 0], 2), Some(Fault::Value));
}
