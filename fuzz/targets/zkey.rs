//! Any bytes as a proving key: no panic, no hang, no memory beyond the file's. A key that is read
//! completely is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkiln::Result;
use zkiln::groth16::{Zkey, ZkeyParts};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(zkey) = Zkey::parse(bytes, "fuzz") {
        let _ = zkey.check_secure();
        let _ = zkey.verifying_key();
        let _ = read(&zkey);
    }
});

/// Reads every section even if another is bad; the first error is the result.
fn read(zkey: &Zkey<'_>) -> Result<()> {
    let ic = zkey.ic().read_all();
    let a = zkey.a().read_all();
    let b1 = zkey.b1().read_all();
    let b2 = zkey.b2().read_all();
    let c = zkey.c().read_all();
    let h = zkey.h().read_all();
    let coefficients: Result<Vec<_>> = zkey.coefficients().iter().collect();
    let contributions = zkey.contributions();
    let parts = ZkeyParts {
        header: zkey.header(),
        ic: &ic?,
        coefficients: &coefficients?,
        a: &a?,
        b1: &b1?,
        b2: &b2?,
        c: &c?,
        h: &h?,
        contributions: &contributions?,
    };
    let written = parts.to_bytes().expect("what is read can be written");
    let again = Zkey::parse(&written, "written").expect("what is written can be read");
    assert_eq!(again.header(), zkey.header());
    assert_eq!(&again.contributions()?, parts.contributions);
    assert_eq!(again.c().read_all()?, parts.c);
    Ok(())
}
