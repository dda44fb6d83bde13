//! What holds for every container, tried on each kind of file.

use zkiln::Fault;
use zkiln::groth16::{R1cs, Witness};

use crate::build::{self, File};
use crate::{ORIGIN, assert_refused, zkey};

type Read = fn(&[u8]) -> zkiln::Result<()>;

fn read_wtns(bytes: &[u8]) -> zkiln::Result<()> {
    Witness::from_bytes(bytes, ORIGIN).map(drop)
}

fn read_r1cs(bytes: &[u8]) -> zkiln::Result<()> {
    R1cs::from_bytes(bytes, ORIGIN).map(drop)
}

/// A valid file of each kind and its reader.
pub(crate) fn kinds() -> [(File, Read); 3] {
    [
        (build::zkey(), zkey::read),
        (build::wtns(), read_wtns),
        (build::r1cs(), read_r1cs),
    ]
}

#[track_caller]
fn refused(read: Read, bytes: &[u8], fault: Fault) -> String {
    assert_refused(read(bytes), fault, "container")
}

#[test]
fn sections_come_in_any_order() {
    for (mut file, read) in kinds() {
        for _ in 0..file.sections.len() {
            read(&file.bytes()).unwrap();
            file.sections.rotate_left(1);
        }
        file.sections.reverse();
        read(&file.bytes()).unwrap();
    }
}

#[test]
fn sections_of_unknown_ids_are_skipped() {
    for (mut file, read) in kinds() {
        for id in [0, 11, 1000, u32::MAX, 1000] {
            file.sections.insert(1, (id, vec![7; 5]));
        }
        read(&file.bytes()).unwrap();
    }
}

#[test]
fn known_sections_come_once() {
    for (file, read) in kinds() {
        for section in &file.sections {
            let mut file = file.clone();
            file.sections.push(section.clone());
            refused(read, &file.bytes(), Fault::SectionRepeated);
        }
    }
}

#[test]
fn every_section_must_be_there() {
    for (file, read) in kinds() {
        for (id, _) in &file.sections {
            let error = read(&file.without(*id)).unwrap_err();
            assert_eq!(error.fault(), Some(Fault::SectionMissing));
            let start = format!("{ORIGIN}: section {id} (");
            assert!(error.to_string().starts_with(&start), "{error}");
        }
    }
}

#[test]
fn the_magic_number_tells_the_kinds_apart() {
    for (file, _) in kinds() {
        for (other, read) in kinds() {
            if other.magic != file.magic {
                refused(read, &file.bytes(), Fault::Magic);
            }
        }
    }
    let (_, read) = &kinds()[0];
    let message = refused(*read, b"\x1b[2J and so on", Fault::Magic);
    assert!(message.is_ascii() && !message.contains('\x1b'));
}

#[test]
fn other_versions_are_refused() {
    for (file, read) in kinds() {
        for version in [0, file.version + 1, u32::MAX] {
            let file = File {
                version,
                ..file.clone()
            };
            refused(read, &file.bytes(), Fault::Version);
        }
    }
}

#[test]
fn truncated_anywhere() {
    for (file, read) in kinds() {
        let bytes = file.bytes();
        for length in 0..bytes.len() {
            refused(read, &bytes[..length], Fault::Truncated);
        }
    }
}

#[test]
fn padded() {
    for (file, read) in kinds() {
        for padding in [1, 12, 1000] {
            let mut bytes = file.bytes();
            bytes.resize(bytes.len() + padding, 0);
            refused(read, &bytes, Fault::TrailingBytes);
        }
    }
}

#[test]
fn the_number_of_sections_is_not_believed() {
    for (file, read) in kinds() {
        let count = file.sections.len() as u32;
        for (wrong, fault) in [
            (0, Fault::TrailingBytes),
            (count - 1, Fault::TrailingBytes),
            (count + 1, Fault::Truncated),
            (1 << 31, Fault::Truncated),
            (u32::MAX, Fault::Truncated),
        ] {
            let mut bytes = file.bytes();
            bytes[8..12].copy_from_slice(&wrong.to_le_bytes());
            refused(read, &bytes, fault);
        }
    }
}

#[test]
fn lengths_that_pass_the_end_or_overflow() {
    for (file, read) in kinds() {
        // The length of the first section is at byte 16.
        let first = file.sections[0].1.len() as u64;
        let rest = file.bytes().len() as u64 - 24;
        for length in [rest + 1, 1 << 32 | first, 1 << 63, u64::MAX - 23, u64::MAX] {
            let mut bytes = file.bytes();
            bytes[16..24].copy_from_slice(&length.to_le_bytes());
            refused(read, &bytes, Fault::Truncated);
        }
    }
}

/// Many sections cost no more than their bytes.
#[test]
fn a_crowd_of_sections_is_skipped() {
    for (mut file, read) in kinds() {
        file.sections
            .extend((0..100_000).map(|i| (100 + i, Vec::new())));
        read(&file.bytes()).unwrap();
    }
}
