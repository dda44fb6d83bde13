//! The contributions of keys.

use zkiln::Fault;
use zkiln::groth16::Zkey;

use crate::build::{self, points, words};
use crate::zkey::{owned, refused};
use crate::{ORIGIN, assert_argument};

#[test]
fn contributions() {
    let section = "section 10 (contributions)";
    // The first contribution begins at 68; its type is at 384 of it, its parameters at 392.
    let (kind, parameters) = (68 + 384, 68 + 392);
    let with = |offset, bytes: &[u8]| build::zkey().with(10, offset, bytes);
    for count in [0, 1, 3, 1 << 31, u32::MAX] {
        refused(&with(64, &words(&[count])), Fault::SectionLength, section);
    }
    for (offset, size) in [(68, 64), (132, 64), (196, 64), (260, 128)] {
        let message = refused(&with(offset, &vec![0; size]), Fault::Infinity, section);
        assert!(message.contains("contribution 0"), "{message}");
        refused(&with(offset, &[0xff; 32]), Fault::NotCanonical, section);
        refused(&with(offset, &build::number(1)), Fault::NotOnCurve, section);
    }
    let outside = points(&[build::outside_subgroup()]);
    refused(&with(260, &outside), Fault::NotInSubgroup, section);
    refused(&with(kind, &words(&[1])), Fault::Value, section);
    refused(&with(kind, &words(&[2])), Fault::Value, section);
    refused(
        &with(kind + 4, &words(&[u32::MAX])),
        Fault::SectionLength,
        section,
    );
    refused(&with(parameters, &[4]), Fault::Value, section);
    refused(&with(parameters, &[0]), Fault::Value, section);
    refused(&with(parameters + 1, &[200]), Fault::SectionLength, section);
    refused(&with(parameters + 2, b"\xff"), Fault::Syntax, section);
    // The second: 5 bytes of parameters later.
    let (kind, parameters) = (kind + 397, parameters + 397);
    refused(&with(kind, &words(&[0])), Fault::Value, section);
    for iterations in [0, 9, 64, 255] {
        refused(&with(parameters + 1, &[iterations]), Fault::Value, section);
    }
    refused(&with(parameters, b"\x03\x04aaaa"), Fault::Value, section);
    refused(
        &with(parameters, b"\x03\x00\x02\x0a\x01\x00"),
        Fault::Value,
        section,
    );
    refused(&with(parameters + 3, b"\x00"), Fault::Value, section);
    refused(
        &with(parameters + 3, b"\x03"),
        Fault::SectionLength,
        section,
    );
}

#[test]
fn names_of_contributions_have_a_limit() {
    // Two units of UTF-16 and four bytes each.
    let mut key = owned();
    key.contributions.entries[0].name = Some("\u{1f600}".repeat(32));
    let bytes = key.to_bytes().unwrap();
    let zkey = Zkey::parse(&bytes, ORIGIN).unwrap();
    assert_eq!(zkey.contributions().unwrap(), key.contributions);
    key.contributions.entries[0].name = Some("a".repeat(65));
    assert_argument(key.to_bytes(), "name");

    let mut file = build::zkey();
    let section = file.section(10);
    section[68 + 388] = 67;
    section.splice(
        68 + 392..68 + 397,
        [&[1, 65], [b'a'; 65].as_slice()].concat(),
    );
    refused(&file.bytes(), Fault::Syntax, "section 10 (contributions)");
}
