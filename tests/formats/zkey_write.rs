//! Writing keys.

use zkiln::groth16::ContributionKind;

use crate::assert_argument;
use crate::build;
use crate::owned::Owned;
use crate::zkey::owned;

#[test]
fn a_written_key_has_the_bytes_of_the_description() {
    let mut file = build::zkey();
    file.sections.sort_by_key(|section| section.0);
    assert_eq!(owned().to_bytes().unwrap(), file.bytes());
}

#[test]
fn parts_that_contradict_each_other_are_not_written() {
    let key = owned();
    let refused = |change: fn(&mut Owned), text| assert_argument(key.changed(change), text);
    refused(|key| key.ic.truncate(1), "IC has 1 points");
    refused(|key| key.a.truncate(1), "A has 1 points");
    refused(|key| key.b1.truncate(1), "B1 has 1 points");
    refused(|key| key.b2.truncate(1), "B2 has 1 points");
    refused(|key| key.c.truncate(1), "C has 1 points");
    refused(|key| key.h.truncate(1), "H has 1 points");
    refused(|key| key.coefficients[0].wire = 4, "wire 4");
    refused(|key| key.coefficients[0].row = 4, "row 4");
    for log_domain_size in [0, 3, 29, 32, 64, u32::MAX] {
        assert_argument(
            key.changed(|key| key.header.log_domain_size = log_domain_size),
            "",
        );
    }
    for (n_vars, n_public) in [(4, 4), (usize::MAX, 1), (4, usize::MAX), (5, 1)] {
        let result = key.changed(|key| {
            key.header.n_vars = n_vars;
            key.header.n_public = n_public;
        });
        assert_argument(result, "");
    }
    fn beacon(key: &mut Owned, log_iterations: u8, length: usize) {
        key.contributions.entries[0].kind = ContributionKind::Beacon {
            log_iterations,
            value: vec![0; length],
        };
    }
    assert!(key.changed(|key| beacon(key, 63, 255)).is_ok());
    refused(|key| beacon(key, 64, 1), "2^64 iterations");
    refused(|key| beacon(key, 10, 0), "0 bytes");
    refused(|key| beacon(key, 10, 256), "256 bytes");
}
