//! Words, elements and numbers, of the values that a Python program has for them.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use zkiln::field::Fr;
use zkiln::statement::Word;

use crate::errors::Failure;
use crate::fields::PyFr;

/// A word: 32 bytes, `0x` and 64 lower-case digits, an integer below 2^256 or an `Fr`. Each has one word, and each
/// word one integer.
pub(super) fn word(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Word> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        let bytes = bytes.as_bytes();
        let word = bytes.try_into().map_err(|_| {
            let count = bytes.len();
            Failure::argument(format!("{name}: {count} bytes, where a word has 32"))
        });
        return Ok(Word(word?));
    }
    if let Ok(text) = value.cast::<PyString>() {
        let text = text.to_cow()?;
        return Ok(Word::from_hex(&text).ok_or_else(|| {
            Failure::argument(format!(
                "{name}: {text:?} is not 0x and 64 lower-case hexadecimal digits"
            ))
        })?);
    }
    if let Ok(element) = value.cast::<PyFr>() {
        return Ok(element.get().0.into());
    }
    let bytes = integer(name, value)?.call_method1("to_bytes", (32, "big"));
    let bytes = bytes.and_then(|bytes| bytes.extract::<[u8; 32]>());
    Ok(Word(bytes.map_err(|_| {
        Failure::argument(format!("{name}: not an integer from 0 to 2**256 - 1"))
    })?))
}

/// An element of the scalar field, of a word below `r`. Nothing is taken modulo `r`: two words would be one element.
pub(super) fn element(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Fr> {
    let element = word(name, value)?.to_field();
    Ok(element.ok_or_else(|| {
        Failure::argument(format!("{name}: not below r: an alias of another element"))
    })?)
}

/// A number below 2^64.
pub(super) fn number(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u64> {
    let number = integer(name, value)?.extract::<u64>();
    Ok(number
        .map_err(|_| Failure::argument(format!("{name}: not an integer from 0 to 2**64 - 1")))?)
}

fn integer<'py>(name: &str, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let index = value.py().import("operator")?.getattr("index")?;
    index.call1((value,)).or_else(|_| {
        Err(Failure::of_type(format!(
            "{name}: bytes, hexadecimal digits or an integer are needed, not {}",
            value.get_type().fully_qualified_name()?
        ))
        .into())
    })
}

/// A word as Python has it.
pub(super) fn bytes<'py>(py: Python<'py>, word: &Word) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &word.0)
}
