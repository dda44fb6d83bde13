//! Constraint systems.

use zkiln::field::{Fq, Fr, Int, PrimeField};
use zkiln::groth16::{R1cs, WireCounts, Witness};
use zkiln::{Error, Fault};

use crate::build::{self, limbs, words};
use crate::{ORIGIN, assert_argument, assert_refused};

const HEADER: &str = "section 1 (header)";
const CONSTRAINTS: &str = "section 2 (constraints)";
const LABELS: &str = "section 3 (labels)";

/// Offsets in the header.
const N_WIRES: usize = 36;
const N_OUTPUTS: usize = 40;
const N_PUBLIC: usize = 44;
const N_PRIVATE: usize = 48;
const N_LABELS: usize = 52;
const N_CONSTRAINTS: usize = 60;

#[track_caller]
fn refused(bytes: &[u8], fault: Fault, section: &str) -> String {
    assert_refused(R1cs::from_bytes(bytes, ORIGIN), fault, section)
}

fn witness(values: [u64; 4]) -> Witness {
    Witness::new(values.map(Int::from_u64).to_vec()).unwrap()
}

#[test]
fn a_system_is_what_its_bytes_say() {
    let bytes = build::r1cs().bytes();
    let r1cs = R1cs::from_bytes(&bytes, ORIGIN).unwrap();
    let wires = WireCounts {
        total: 4,
        outputs: 1,
        public_inputs: 0,
        private_inputs: 2,
    };
    assert_eq!(*r1cs.wires(), wires);
    assert_eq!(r1cs.n_constraints(), 2);
    assert_eq!(r1cs.labels(), [0, 1, 2, 3]);
    assert!(r1cs.a().row(0).eq([(2, Fr::ONE)]));
    assert!(r1cs.b().row(1).eq([(1, Fr::ONE)]));
    assert_eq!(r1cs.c().n_terms(), 2);
    assert_eq!(r1cs.to_bytes(), bytes);

    let one = |wire| vec![(wire, Fr::ONE)];
    let constraints = [[one(2), one(3), one(1)], [one(0), one(1), one(1)]];
    assert_eq!(R1cs::new(wires, constraints).unwrap(), r1cs);
}

#[test]
fn the_first_unsatisfied_constraint_is_found() {
    let r1cs = R1cs::from_bytes(&build::r1cs().bytes(), ORIGIN).unwrap();
    let first = |values| r1cs.first_unsatisfied(&witness(values)).unwrap();
    assert_eq!(first([1, 33, 3, 11]), None);
    assert_eq!(first([1, 33, 3, 12]), Some(0));

    // Many constraints x x = x, of which those of wire 2 fail when it is neither 0 nor 1.
    let square = |wire| [0, 1, 2].map(|_| vec![(wire, Fr::ONE)]);
    let wires = WireCounts {
        total: 4,
        outputs: 0,
        public_inputs: 0,
        private_inputs: 0,
    };
    let constraints = (0..5000).map(|i| square(if i >= 1234 { 2 } else { 1 }));
    let r1cs = R1cs::new(wires, constraints).unwrap();
    let first = |values| r1cs.first_unsatisfied(&witness(values)).unwrap();
    assert_eq!(first([1, 1, 0, 5]), None);
    assert_eq!(first([1, 1, 5, 5]), Some(1234));
    assert_eq!(first([1, 2, 5, 5]), Some(0));
}

#[test]
fn a_witness_of_another_length() {
    let r1cs = R1cs::from_bytes(&build::r1cs().bytes(), ORIGIN).unwrap();
    for length in [1, 3, 5] {
        let witness = Witness::new(vec![Int::from_u64(1); length]).unwrap();
        let error = r1cs.first_unsatisfied(&witness).unwrap_err();
        assert!(matches!(error, Error::WitnessMismatch(_)), "{error:?}");
        assert!(
            error
                .to_string()
                .contains(&format!("{length} values for 4"))
        );
    }
}

#[test]
fn another_field() {
    for (offset, bytes) in [
        (0, words(&[8])),
        (0, words(&[48])),
        (4, limbs(&Fq::MODULUS.0)),
        (4, vec![0; 32]),
    ] {
        refused(
            &build::r1cs().with(1, offset, bytes),
            Fault::WrongField,
            HEADER,
        );
    }
    for change in [-1, 1] {
        refused(
            &build::r1cs().resized(1, change),
            Fault::SectionLength,
            HEADER,
        );
    }
}

#[test]
fn counts_that_contradict_each_other() {
    for (offset, count) in [
        (N_WIRES, 0),
        (N_WIRES, 3),
        (N_OUTPUTS, 2),
        (N_OUTPUTS, u32::MAX),
        (N_PUBLIC, 1),
        (N_PUBLIC, u32::MAX),
        (N_PRIVATE, 3),
        (N_PRIVATE, u32::MAX),
    ] {
        let bytes = build::r1cs().with(1, offset, words(&[count]));
        refused(&bytes, Fault::Count, HEADER);
    }
    for count in [5, 1 << 31, u32::MAX] {
        let bytes = build::r1cs().with(1, N_WIRES, words(&[count]));
        refused(&bytes, Fault::SectionLength, LABELS);
    }
    for count in [0, 1, 3, 1 << 31, u32::MAX] {
        let bytes = build::r1cs().with(1, N_CONSTRAINTS, words(&[count]));
        refused(&bytes, Fault::SectionLength, CONSTRAINTS);
    }
}

#[test]
fn labels() {
    for change in [-1, 1, -8, 8] {
        refused(
            &build::r1cs().resized(3, change),
            Fault::SectionLength,
            LABELS,
        );
    }
    for label in [4, u64::MAX] {
        let bytes = build::r1cs().with(3, 24, limbs(&[label]));
        let message = refused(&bytes, Fault::Index, LABELS);
        assert!(message.contains("wire 3"), "{message}");
    }
    let bytes = build::r1cs().with(1, N_LABELS, limbs(&[3]));
    refused(&bytes, Fault::Index, LABELS);
}

#[test]
fn terms() {
    // A linear combination of one term is 40 bytes: length, wire, coefficient.
    for combination in 0..6 {
        let at = 40 * combination;
        for count in [7, 1 << 31, u32::MAX] {
            let bytes = build::r1cs().with(2, at, words(&[count]));
            refused(&bytes, Fault::SectionLength, CONSTRAINTS);
        }
        for wire in [4, u32::MAX] {
            let bytes = build::r1cs().with(2, at + 4, words(&[wire]));
            let message = refused(&bytes, Fault::Index, CONSTRAINTS);
            let constraint = format!("constraint {}: wire {wire} ", combination / 3);
            assert!(message.contains(&constraint), "{message}");
        }
        for coefficient in [limbs(&Fr::MODULUS.0), vec![0xff; 32]] {
            let bytes = build::r1cs().with(2, at + 8, coefficient);
            refused(&bytes, Fault::NotCanonical, CONSTRAINTS);
        }
    }
    for change in [-1, 1, -40, 40] {
        let bytes = build::r1cs().resized(2, change);
        refused(&bytes, Fault::SectionLength, CONSTRAINTS);
    }
}

#[test]
fn custom_gates() {
    for (id, section) in [
        (4, "section 4 (custom gates)"),
        (5, "section 5 (uses of custom gates)"),
    ] {
        let mut file = build::r1cs();
        file.sections.push((id, words(&[0])));
        refused(&file.bytes(), Fault::Version, section);
    }
}

#[test]
fn arguments() {
    let wires = WireCounts {
        total: 2,
        outputs: 0,
        public_inputs: 0,
        private_inputs: 0,
    };
    let constraint = || [vec![], vec![(2, Fr::ONE)], vec![]];
    assert_argument(R1cs::new(wires, [constraint()]), "wire 2 of 2");
    for outputs in [2, usize::MAX] {
        let wires = WireCounts {
            outputs,
            public_inputs: outputs,
            ..wires
        };
        assert_argument(R1cs::new(wires, []), "2 wires");
    }
}

#[test]
fn a_saved_system_is_read_again() {
    let path = std::env::temp_dir().join(format!("zkiln-{}.r1cs", std::process::id()));
    let r1cs = R1cs::from_bytes(&build::r1cs().bytes(), ORIGIN).unwrap();
    r1cs.save(&path).unwrap();
    let read = R1cs::open(&path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(read.unwrap(), r1cs);
    assert!(r1cs.save("does/not/exist").is_err());
}
