//! `zkiln export`

use std::path::Path;

use serde_json::json;
use zkiln::Result;
use zkiln::groth16::{Proof, PublicInputs, VerifyingKey};

use crate::args::{Export, ExportCalldata, ExportKey};
use crate::input;
use crate::output::Outputs;
use crate::report::{DEVELOPMENT_KEY, Report, path_text};

pub(crate) fn run(args: &Export) -> Result<Report> {
    match args {
        Export::Solidity(args) => key(args, |key| key.to_solidity()),
        Export::Vkey(args) => key(args, |key| Ok(key.to_json())),
        Export::Calldata(args) => calldata(args),
    }
}

fn key(args: &ExportKey, text: impl FnOnce(&VerifyingKey) -> Result<String>) -> Result<Report> {
    let mut warning = None;
    // The warning is found before anything is written, so that nothing is if it cannot be.
    let export = || {
        let key = input::secure_verifying_key(&args.key)?;
        warning = input::is_development_key(&args.key)?.then_some(DEVELOPMENT_KEY);
        text(&key)
    };
    let report = write(args.output.as_deref(), &[&args.key], export)?;
    Ok(Report { warning, ..report })
}

fn calldata(args: &ExportCalldata) -> Result<Report> {
    let export = || {
        let public = PublicInputs::open(&args.public)?;
        Ok(Proof::open(&args.proof)?.to_calldata_text(&public) + "\n")
    };
    write(args.output.as_deref(), &[&args.public, &args.proof], export)
}

/// Writes what `export` makes of the `inputs` to a file, or to stdout if none is named.
fn write(
    output: Option<&Path>,
    inputs: &[&Path],
    export: impl FnOnce() -> Result<String>,
) -> Result<Report> {
    input::require_files(inputs)?;
    let Some(path) = output else {
        return Ok(Report {
            content: Some(export()?),
            ..Report::default()
        });
    };
    Outputs::plan(&[path], inputs)?;
    let mut outputs = Outputs::default();
    outputs.stage(path, &export()?)?;
    outputs.commit()?;
    let summary = format!("wrote {}\n", path.display());
    Ok(Report::new(json!({"output": path_text(path)}), summary))
}
