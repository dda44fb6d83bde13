//! The binary files: what real tools wrote is read and written again, and every way of breaking a file
//! ends in an error that names the file, the section and the class of the fault.

mod build;
mod container;
mod fixtures;
mod limit;
mod mutation;
mod owned;
mod r1cs;
mod wtns;
mod zkey;
mod zkey_contributions;
mod zkey_write;

use zkiln::{Error, Fault, Result};

/// What the tests call their bytes.
const ORIGIN: &str = "the/test.file";

/// Requires the error of malformed input with this fault, at this place, that names the file.
#[track_caller]
fn assert_refused<T>(result: Result<T>, fault: Fault, section: &str) -> String {
    let error = result.map(drop).expect_err("it should have been refused");
    assert_eq!(error.fault(), Some(fault), "{error}");
    let message = error.to_string();
    let start = format!("{ORIGIN}: {section}: ");
    assert!(
        message.starts_with(&start),
        "{message:?} does not start with {start:?}"
    );
    message
}

/// Requires the error of a broken argument, with this in its message.
#[track_caller]
fn assert_argument<T>(result: Result<T>, text: &str) {
    let error = result.map(drop).expect_err("it should have been refused");
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    assert!(error.to_string().contains(text), "{error}");
}
