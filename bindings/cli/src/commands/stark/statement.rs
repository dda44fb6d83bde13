//! What prover and verifier are told alike.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info_span;
use zkiln::field::small::SmallField;
use zkiln::poly::Columns;
use zkiln::stark::air::Program;
use zkiln::{Error, Fault, Result};

use crate::args::Statement;
use crate::input;

/// The matrix in a NumPy file.
pub(super) fn read_columns<F: SmallField>(path: &Path) -> Result<Columns<F>> {
    Columns::from_npy(&input::read(path)?, &path.display().to_string())
}

/// The binary logarithm of the number of rows of a matrix.
pub(super) fn log_height<F: SmallField>(columns: &Columns<F>, path: &Path) -> Result<u32> {
    let height = columns.height();
    if !height.is_power_of_two() {
        return Err(Error::Malformed {
            origin: path.display().to_string(),
            section: "shape".into(),
            fault: Fault::Domain,
            reason: format!("{height} rows, which must be a power of two"),
        });
    }
    Ok(height.ilog2())
}

impl Statement {
    /// The files that are read.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.public_file, &self.preprocessed]
            .into_iter()
            .filter_map(|path| path.as_deref())
    }

    /// The preprocessed columns, if any are given.
    pub(super) fn preprocessed<F: SmallField>(&self) -> Result<Option<Columns<F>>> {
        let Some(path) = &self.preprocessed else {
            return Ok(None);
        };
        let _span = info_span!("read preprocessed columns").entered();
        read_columns(path).map(Some)
    }

    /// The public values, as many as the program reads.
    pub(super) fn public_values<F: SmallField>(&self, program: &Program<F>) -> Result<Vec<F>> {
        let (source, texts) = match (&self.public, &self.public_file) {
            (None, None) => (None, Vec::new()),
            (Some(list), _) if list.is_empty() => (None, Vec::new()),
            (Some(list), _) => (
                None,
                list.split(',').map(|text| text.trim().to_owned()).collect(),
            ),
            (None, Some(path)) => (Some(path), read_list(path)?),
        };
        let fail = |reason: String| match source {
            None => Error::PublicInputs(reason),
            Some(path) => Error::PublicInputs(format!("{}: {reason}", path.display())),
        };
        let expected = program.shape().public_values;
        if texts.len() != expected {
            let count = texts.len();
            return Err(fail(format!(
                "{count} values, where the program reads {expected}"
            )));
        }
        let parse = |(i, text): (usize, &String)| {
            element(text).ok_or_else(|| {
                let text: String = text.chars().take(40).collect();
                fail(format!(
                    "value {i}: {text:?} is no decimal below {}",
                    F::MODULUS
                ))
            })
        };
        texts.iter().enumerate().map(parse).collect()
    }
}

/// An element in decimals, with nothing around them and no zeros before them.
fn element<F: SmallField>(text: &str) -> Option<F> {
    let value: u64 = text.parse().ok()?;
    let same = value.to_string() == text;
    F::from_canonical(value).filter(|_| same)
}

/// A list of numbers, or of strings.
fn read_list(path: &Path) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Item {
        Number(u64),
        Text(String),
    }
    let items: Vec<Item> =
        serde_json::from_slice(&input::read(path)?).map_err(|error| Error::Malformed {
            origin: path.display().to_string(),
            section: "public values".into(),
            fault: Fault::Syntax,
            reason: error.to_string(),
        })?;
    let text = |item| match item {
        Item::Number(number) => number.to_string(),
        Item::Text(text) => text,
    };
    Ok(items.into_iter().map(text).collect())
}

/// Elements as programs read them in JSON: strings of decimals.
pub(super) fn elements_json<F: SmallField>(values: &[F]) -> Value {
    json!(values.iter().map(F::to_string).collect::<Vec<_>>())
}
