//! Every byte of small valid files changed: whatever comes out, it is a value or an error that names
//! the file, and never a panic.

use proptest::prelude::*;

use crate::ORIGIN;
use crate::container::kinds;

#[track_caller]
fn survive(result: zkiln::Result<()>) {
    if let Err(error) = result {
        assert!(error.to_string().starts_with(ORIGIN), "{error}");
        assert!(error.fault().is_some(), "{error:?}");
    }
}

#[test]
fn every_byte() {
    for (file, read) in kinds() {
        let original = file.bytes();
        let mut bytes = original.clone();
        for at in 0..bytes.len() {
            for mask in [0x01, 0x80, 0xff] {
                bytes[at] ^= mask;
                survive(read(&bytes));
                bytes[at] = original[at];
            }
        }
    }
}

/// Every aligned word of the file as a count or index that is absurd.
#[test]
fn every_word() {
    for (file, read) in kinds() {
        let original = file.bytes();
        let mut bytes = original.clone();
        for at in (0..bytes.len() - 4).step_by(4) {
            for word in [0u32, 1 << 20, 1 << 28, 1 << 31, u32::MAX] {
                bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
                survive(read(&bytes));
            }
            bytes[at..at + 4].copy_from_slice(&original[at..at + 4]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn several_bytes(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        for (file, read) in kinds() {
            let mut bytes = file.bytes();
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            survive(read(&bytes));
        }
    }

    #[test]
    fn any_bytes_after_a_good_beginning(tail in prop::collection::vec(any::<u8>(), 0..200)) {
        for (file, read) in kinds() {
            let mut bytes = file.bytes()[..12].to_vec();
            bytes.extend(&tail);
            survive(read(&bytes));
        }
    }
}
