//! Witnesses.

use zkiln::Fault;
use zkiln::field::{Fq, Fr, Int, PrimeField};
use zkiln::groth16::Witness;

use crate::build::{self, limbs, number, words};
use crate::{ORIGIN, assert_refused};

#[track_caller]
fn refused(bytes: &[u8], fault: Fault, section: &str) -> String {
    assert_refused(Witness::from_bytes(bytes, ORIGIN), fault, section)
}

#[test]
fn a_witness_is_what_its_bytes_say() {
    let bytes = build::wtns().bytes();
    let witness = Witness::from_bytes(&bytes, ORIGIN).unwrap();
    let values = [1, 33, 3, 11].map(Int::from_u64);
    assert_eq!(witness.values(), values);
    assert_eq!(*witness.to_bytes(), bytes);
    assert_eq!(Witness::new(values.to_vec()).unwrap(), witness);
}

#[test]
fn debug_does_not_show_values() {
    let witness = Witness::new(vec![Int::from_u64(1), Int::from_u64(1234)]).unwrap();
    let text = format!("{witness:?} {witness:#?}");
    assert!(text.contains("len: 2") && !text.contains("4d2") && !text.contains("1234"));
}

#[test]
fn another_field() {
    let section = "section 1 (header)";
    for (offset, bytes) in [
        (0, words(&[8])),
        (0, words(&[48])),
        (4, limbs(&Fq::MODULUS.0)),
        (4, vec![0; 32]),
    ] {
        refused(
            &build::wtns().with(1, offset, bytes),
            Fault::WrongField,
            section,
        );
    }
    for change in [-1, 1] {
        refused(
            &build::wtns().resized(1, change),
            Fault::SectionLength,
            section,
        );
    }
}

#[test]
fn counts_that_contradict_the_values() {
    for count in [0, 3, 5, 1 << 27, 1 << 31, u32::MAX] {
        let bytes = build::wtns().with(1, 36, words(&[count]));
        refused(&bytes, Fault::SectionLength, "section 2 (values)");
    }
    for change in [-1, 1, -32, 32] {
        let bytes = build::wtns().resized(2, change);
        refused(&bytes, Fault::SectionLength, "section 2 (values)");
    }
    let mut empty = build::wtns();
    empty.section(1)[36] = 0;
    empty.section(2).clear();
    refused(&empty.bytes(), Fault::Count, "section 2 (values)");
}

#[test]
fn values_that_are_not_reduced() {
    let mut above = Fr::MODULUS.0;
    above[0] += 1;
    for value in [limbs(&Fr::MODULUS.0), limbs(&above), vec![0xff; 32]] {
        let bytes = build::wtns().with(2, 96, value);
        let message = refused(&bytes, Fault::NotCanonical, "section 2 (values)");
        assert!(message.contains("value 3 "), "{message}");
    }
    let mut largest = Fr::MODULUS.0;
    largest[0] -= 1;
    let bytes = build::wtns().with(2, 96, limbs(&largest));
    Witness::from_bytes(&bytes, ORIGIN).unwrap();
    let error = Witness::new(vec![Int::from_u64(1), Fr::MODULUS]).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::NotCanonical));
}

#[test]
fn the_first_value_is_the_constant_one() {
    for first in [0, 2] {
        let bytes = build::wtns().with(2, 0, number(first));
        refused(&bytes, Fault::Value, "section 2 (values)");
        let error = Witness::new(vec![Int::from_u64(first)]).unwrap_err();
        assert_eq!(error.fault(), Some(Fault::Value));
    }
    let error = Witness::new(Vec::new()).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::Count));
}

#[test]
fn a_saved_witness_is_read_again() {
    let path = std::env::temp_dir().join(format!("zkiln-{}.wtns", std::process::id()));
    let witness = Witness::from_bytes(&build::wtns().bytes(), ORIGIN).unwrap();
    witness.save(&path).unwrap();
    let read = Witness::open(&path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(read.unwrap(), witness);
    assert!(witness.save("does/not/exist").is_err());
}
