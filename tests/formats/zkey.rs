//! Keys.

use zkiln::curve::{G1, G2};
use zkiln::field::{Fq, Fr, PrimeField};
use zkiln::groth16::{Coefficient, ContributionKind, Matrix, Zkey};
use zkiln::{Error, Fault, Result};

use crate::build::{self, File, g1, g2, limbs, multiple, points, words};
use crate::owned::Owned;
use crate::{ORIGIN, assert_argument, assert_refused};

/// Offsets in the header.
const Q: usize = 4;
const R: usize = 40;
const N_VARS: usize = 72;
const N_PUBLIC: usize = 76;
const DOMAIN: usize = 80;
const ALPHA1: usize = 84;
const BETA1: usize = 148;
const BETA2: usize = 212;
const GAMMA2: usize = 340;
const DELTA1: usize = 468;
const DELTA2: usize = 532;

/// Reads everything that a key holds.
pub(crate) fn read(bytes: &[u8]) -> Result<()> {
    Owned::read(&Zkey::parse(bytes, ORIGIN)?).map(drop)
}

/// The valid key with all its parts.
pub(crate) fn owned() -> Owned {
    Owned::read(&Zkey::parse(&build::zkey().bytes(), ORIGIN).unwrap()).unwrap()
}

#[track_caller]
pub(crate) fn refused(bytes: &[u8], fault: Fault, section: &str) -> String {
    assert_refused(read(bytes), fault, section)
}

#[test]
fn a_key_is_what_its_bytes_say() {
    let bytes = build::zkey().bytes();
    let zkey = Zkey::parse(&bytes, ORIGIN).unwrap();
    let header = zkey.header();
    assert_eq!(
        (header.n_vars, header.n_public, header.domain_size()),
        (4, 1, 4)
    );
    assert_eq!(header.alpha_g1, multiple(2));
    assert_eq!((header.beta_g1, header.beta_g2), (multiple(3), multiple(3)));
    assert_eq!(header.gamma_g2, multiple(1));
    assert_eq!(
        (header.delta_g1, header.delta_g2),
        (multiple(5), multiple(5))
    );
    let multiples = |k: &[u64]| k.iter().map(|&k| multiple::<G1>(k)).collect::<Vec<_>>();
    assert_eq!(zkey.ic().read_all().unwrap(), multiples(&[10, 11]));
    assert_eq!(zkey.a().read_all().unwrap(), multiples(&[17, 0, 18, 19]));
    assert_eq!(zkey.b1().read_all().unwrap(), multiples(&[0, 20, 21, 0]));
    assert_eq!(zkey.b2().get(2).unwrap(), multiple(21));
    assert_eq!(zkey.c().read_all().unwrap(), multiples(&[16, 0]));
    assert_eq!(zkey.h().read(1..3).unwrap(), multiples(&[13, 14]));
    assert_eq!(
        zkey.coefficients().get(0).unwrap(),
        Coefficient {
            matrix: Matrix::A,
            row: 0,
            wire: 2,
            value: Fr::from(7)
        }
    );
    let contributions = zkey.contributions().unwrap();
    assert_eq!(contributions.circuit_hash, [1; 64]);
    assert_eq!(contributions.entries[0].name.as_deref(), Some("Eve"));
    assert_eq!(
        contributions.entries[1].kind,
        ContributionKind::Beacon {
            log_iterations: 10,
            value: vec![0xbe, 0xac]
        }
    );
    zkey.check_secure().unwrap();
}

#[test]
fn ranges_beyond_the_end_are_arguments() {
    let bytes = build::zkey().bytes();
    let zkey = Zkey::parse(&bytes, ORIGIN).unwrap();
    assert_argument(zkey.a().get(4), "section of 4");
    assert_argument(zkey.a().get(usize::MAX), "section of 4");
    assert_argument(zkey.a().read(3..5), "3..5");
    #[expect(clippy::reversed_empty_ranges)]
    let reversed = 3..2;
    assert_argument(zkey.a().read(reversed), "3..2");
    assert_argument(zkey.coefficients().get(2), "section of 2");
    assert!(zkey.a().read(4..4).unwrap().is_empty());
}

#[test]
fn other_protocols_are_named() {
    for (protocol, name) in [
        (0, "0"),
        (2, "PLONK"),
        (10, "FFLONK"),
        (u32::MAX, "4294967295"),
    ] {
        let bytes = build::zkey().with(1, 0, words(&[protocol]));
        let message = refused(&bytes, Fault::Version, "section 1 (protocol)");
        assert!(message.contains(name), "{message}");
    }
    // A key of PLONK has another header and other sections: it is the protocol that is named.
    let plonk = File {
        sections: vec![(1, words(&[2])), (2, vec![0; 8])],
        ..build::zkey()
    };
    refused(&plonk.bytes(), Fault::Version, "section 1 (protocol)");
    for change in [-1, 1] {
        let bytes = build::zkey().resized(1, change);
        refused(&bytes, Fault::SectionLength, "section 1 (protocol)");
    }
}

#[test]
fn another_field_or_curve() {
    for (offset, modulus) in [(Q, Fq::MODULUS), (R, Fr::MODULUS)] {
        let header = |at, bytes: Vec<u8>| {
            refused(
                &build::zkey().with(2, at, bytes),
                Fault::WrongField,
                "section 2 (header)",
            )
        };
        header(offset - 4, words(&[48]));
        header(offset - 4, words(&[u32::MAX]));
        let mut limbs = modulus.0;
        limbs[0] += 2;
        header(offset, build::limbs(&limbs));
    }
    // The primes the wrong way round.
    let bytes = build::zkey().with(2, Q, limbs(&Fr::MODULUS.0));
    refused(&bytes, Fault::WrongField, "section 2 (header)");
}

#[test]
fn sections_are_as_long_as_the_header_says() {
    let names = [
        (2, "header"),
        (3, "IC"),
        (4, "coefficients"),
        (5, "A"),
        (6, "B1"),
        (7, "B2"),
        (8, "C"),
        (9, "H"),
        (10, "contributions"),
    ];
    for (id, name) in names {
        for change in [-1, 1, -64, 64] {
            let bytes = build::zkey().resized(id, change);
            let section = format!("section {id} ({name})");
            refused(&bytes, Fault::SectionLength, &section);
        }
    }
    // Ends where a field of the section would begin.
    for (id, length, name) in [(4, 3, "coefficients"), (10, 67, "contributions")] {
        let mut file = build::zkey();
        file.section(id).truncate(length);
        let section = format!("section {id} ({name})");
        refused(&file.bytes(), Fault::SectionLength, &section);
    }
}

#[test]
fn counts_that_contradict_the_sections() {
    for (n_vars, section) in [
        (3, "section 5 (A)"),
        (5, "section 5 (A)"),
        (1 << 31, "section 5 (A)"),
        (u32::MAX, "section 5 (A)"),
    ] {
        let bytes = build::zkey().with(2, N_VARS, words(&[n_vars]));
        refused(&bytes, Fault::SectionLength, section);
    }
    for n_vars in [0, 1] {
        let bytes = build::zkey().with(2, N_VARS, words(&[n_vars]));
        refused(&bytes, Fault::Count, "section 2 (header)");
    }
}

/// With a larger public count a prover would publish private wires.
#[test]
fn a_public_count_that_would_publish_the_witness() {
    let with_public = |n: u32| build::zkey().with(2, N_PUBLIC, words(&[n]));
    for n in [0, 2, 3] {
        refused(&with_public(n), Fault::SectionLength, "section 3 (IC)");
    }
    for n in [4, 1 << 31, u32::MAX] {
        refused(&with_public(n), Fault::Count, "section 2 (header)");
    }
    // A lie that IC goes along with is found by C.
    let mut file = build::zkey();
    file.section(2)[N_PUBLIC] = 2;
    *file.section(3) = g1(&[10, 11, 12]);
    refused(&file.bytes(), Fault::SectionLength, "section 8 (C)");
    // More public wires than rows for them, in a key that is otherwise consistent.
    let mut file = build::zkey();
    file.section(2)[DOMAIN] = 2;
    file.section(2)[N_PUBLIC] = 2;
    *file.section(3) = g1(&[10, 11, 12]);
    *file.section(8) = g1(&[16]);
    *file.section(9) = g1(&[12, 13]);
    refused(&file.bytes(), Fault::Count, "section 2 (header)");
}

#[test]
fn domains_that_cannot_be() {
    for size in [0, 1, 3, 5, 1 << 29, 1 << 31, u32::MAX] {
        let bytes = build::zkey().with(2, DOMAIN, words(&[size]));
        refused(&bytes, Fault::Domain, "section 2 (header)");
    }
    // Powers of two that the section of H is too small or too large for.
    for size in [2, 8, 1 << 28] {
        let bytes = build::zkey().with(2, DOMAIN, words(&[size]));
        refused(&bytes, Fault::SectionLength, "section 9 (H)");
    }
}

/// The header's points with their names and whether they are in G2.
const HEADER_POINTS: [(usize, &str, bool); 6] = [
    (ALPHA1, "alpha1", false),
    (BETA1, "beta1", false),
    (BETA2, "beta2", true),
    (GAMMA2, "gamma2", true),
    (DELTA1, "delta1", false),
    (DELTA2, "delta2", true),
];

#[test]
fn points_of_the_header() {
    let file = build::zkey();
    for (offset, name, in_g2) in HEADER_POINTS {
        let size = if in_g2 { 128 } else { 64 };
        let header = |at, bytes: Vec<u8>, fault| {
            let message = refused(&file.with(2, at, bytes), fault, "section 2 (header)");
            assert!(message.contains(name), "{message}");
        };
        header(offset, vec![0; size], Fault::Infinity);
        for coordinate in (0..size).step_by(32) {
            header(offset + coordinate, vec![0xff; 32], Fault::NotCanonical);
            let q = limbs(&Fq::MODULUS.0);
            header(offset + coordinate, q, Fault::NotCanonical);
            header(offset + coordinate, build::number(1), Fault::NotOnCurve);
        }
        if in_g2 {
            let outside = points(&[build::outside_subgroup()]);
            header(offset, outside, Fault::NotInSubgroup);
        }
    }
}

#[test]
fn points_of_the_sections() {
    for (id, name, index, in_g2) in [
        (3, "IC", 1, false),
        (5, "A", 2, false),
        (6, "B1", 3, false),
        (7, "B2", 1, true),
        (8, "C", 0, false),
        (9, "H", 3, false),
    ] {
        let size = if in_g2 { 128 } else { 64 };
        let section = format!("section {id} ({name})");
        for coordinate in (0..size).step_by(32) {
            let offset = index * size + coordinate;
            for (bytes, fault) in [
                (vec![0xff; 32], Fault::NotCanonical),
                (limbs(&Fq::MODULUS.0), Fault::NotCanonical),
                (build::number(1), Fault::NotOnCurve),
            ] {
                let message = refused(&build::zkey().with(id, offset, bytes), fault, &section);
                assert!(message.contains(&format!("point {index} ")), "{message}");
            }
        }
    }
}

/// Where a wire can be absent, so can its point; public inputs and H always have one.
#[test]
fn infinity_in_the_sections() {
    for id in [5, 6, 7, 8] {
        let size = if id == 7 { 128 } else { 64 };
        read(&build::zkey().with(id, 0, vec![0; size])).unwrap();
    }
    for (id, section) in [(3, "section 3 (IC)"), (9, "section 9 (H)")] {
        let bytes = build::zkey().with(id, 64, [0; 64]);
        refused(&bytes, Fault::Infinity, section);
    }
}

#[test]
fn the_first_bad_point_is_named() {
    let mut file = build::zkey();
    file.section(9)[64..].fill(0xff);
    let message = refused(&file.bytes(), Fault::NotCanonical, "section 9 (H)");
    assert!(message.contains("point 1 "), "{message}");
    let bytes = file.bytes();
    let zkey = Zkey::parse(&bytes, ORIGIN).unwrap();
    let error = zkey.h().read(2..4).unwrap_err();
    assert!(error.to_string().contains("point 2 "), "{error}");
}

#[test]
fn coefficients() {
    let section = "section 4 (coefficients)";
    let entry = |index: usize, field: usize| 4 + 44 * index + field;
    for count in [0, 1, 3, 1 << 31, u32::MAX] {
        let bytes = build::zkey().with(4, 0, words(&[count]));
        refused(&bytes, Fault::SectionLength, section);
    }
    for (field, value, fault) in [
        (0, 2, Fault::Value),
        (0, u32::MAX, Fault::Value),
        (4, 4, Fault::Index),
        (4, u32::MAX, Fault::Index),
        (8, 4, Fault::Index),
        (8, u32::MAX, Fault::Index),
    ] {
        let bytes = build::zkey().with(4, entry(1, field), words(&[value]));
        let message = refused(&bytes, fault, section);
        assert!(message.contains("coefficient 1"), "{message}");
        assert!(message.contains(&value.to_string()), "{message}");
    }
    for value in [limbs(&Fr::MODULUS.0), vec![0xff; 32]] {
        let bytes = build::zkey().with(4, entry(0, 12), value);
        refused(&bytes, Fault::NotCanonical, section);
    }
    // None at all is a key of an empty circuit.
    let mut file = build::zkey();
    *file.section(4) = words(&[0]);
    read(&file.bytes()).unwrap();
}

#[test]
fn insecure_keys_can_be_read_and_are_refused_for_use() {
    let file = build::zkey();
    let negative = points(&[-multiple::<G2>(1)]);
    for bytes in [
        file.with(2, GAMMA2, g2(&[5])),
        file.with(2, GAMMA2, points(&[-multiple::<G2>(5)])),
        file.with(2, DELTA2, g2(&[1])),
        file.with(2, DELTA2, negative),
        file.with(2, DELTA1, g1(&[1])),
    ] {
        let zkey = Zkey::parse(&bytes, ORIGIN).unwrap();
        let error = zkey.check_secure().unwrap_err();
        assert!(matches!(error, Error::WeakKey { .. }), "{error:?}");
        assert!(error.to_string().starts_with(ORIGIN));
    }
}
