//! `zkiln prove`

use std::path::{Path, PathBuf};

use serde_json::json;
use tracing::info_span;
use zkiln::backend::Backend;
use zkiln::groth16::{
    KeyOptions, Proof, ProveOptions, ProvingKey, PublicInputs, R1cs, VerifyingKey, Witness,
};
use zkiln::statement::{StatementV1, check_witness};
use zkiln::{Error, Result};

use crate::args::Prove;
use crate::input;
use crate::output::Outputs;
use crate::report::{DEVELOPMENT_KEY, Report, path_text};

pub(crate) fn run(args: &Prove) -> Result<Report> {
    let (proof_path, public_path) = targets(args)?;
    let inputs = inputs(args);
    input::require_files(&inputs)?;
    Outputs::plan(&[&proof_path, &public_path], &inputs)?;

    // First, for a GPU that cannot be used is better refused before a key is read.
    let backend: Backend = args.backend.parse()?;
    let backend_name = backend.to_string();
    let (witness, r1cs) = {
        let _span = info_span!("read witness").entered();
        (
            Witness::open(&args.witness)?,
            args.r1cs.as_ref().map(R1cs::open).transpose()?,
        )
    };
    if let Some(path) = &args.statement {
        check_witness(&StatementV1::open(path)?, &witness)?;
    }
    let Made { key, proof, public } = make(args, backend, &witness, r1cs.as_ref())?;
    let _span = info_span!("write").entered();
    save(
        args.output.as_deref(),
        (&proof_path, &proof),
        (&public_path, &public),
    )?;

    let fields = json!({
        "proof": path_text(&proof_path),
        "public": path_text(&public_path),
        "backend": backend_name,
        "public_inputs": public.len(),
        "wires": key.n_wires(),
        "domain_size": key.domain_size(),
    });
    let summary = format!(
        "wrote {}\nwrote {}\n",
        proof_path.display(),
        public_path.display()
    );
    Ok(Report {
        warning: key.is_insecure().then_some(DEVELOPMENT_KEY),
        ..Report::new(fields, summary)
    })
}

/// The files that are read.
pub(super) fn inputs(args: &Prove) -> Vec<&Path> {
    let inputs = [
        Some(&args.key),
        Some(&args.witness),
        args.r1cs.as_ref(),
        args.vkey.as_ref(),
        args.statement.as_ref(),
    ];
    inputs.into_iter().flatten().map(PathBuf::as_path).collect()
}

/// What a key makes of a witness.
pub(super) struct Made {
    pub(super) key: ProvingKey,
    pub(super) proof: Proof,
    pub(super) public: PublicInputs,
}

/// Opens the key and proves.
pub(super) fn make(
    args: &Prove,
    backend: Backend,
    witness: &Witness,
    r1cs: Option<&R1cs>,
) -> Result<Made> {
    let vkey = args.vkey.as_ref().map(VerifyingKey::open).transpose()?;
    let mut options = KeyOptions::default();
    options.constant_work = args.constant_work;
    options.backend = backend;
    let key = ProvingKey::open_with(&args.key, options)?;
    if let Some(vkey) = &vkey {
        key.check_verifying_key(vkey)?;
    }
    let mut options = ProveOptions::default();
    options.r1cs = r1cs;
    let (proof, public) = key.prove_with(witness, &options)?;
    Ok(Made { key, proof, public })
}

/// Where the proof and the public inputs go.
fn targets(args: &Prove) -> Result<(PathBuf, PathBuf)> {
    match (&args.output, &args.proof, &args.public) {
        (Some(directory), ..) => Ok((directory.join("proof.json"), directory.join("public.json"))),
        (None, Some(proof), Some(public)) => Ok((proof.clone(), public.clone())),
        _ => Err(Error::Argument(
            "the proof and the public inputs go to two files, or to the directory of --output"
                .into(),
        )),
    }
}

fn save(
    directory: Option<&Path>,
    (proof_path, proof): (&Path, &Proof),
    (public_path, public): (&Path, &PublicInputs),
) -> Result<()> {
    let mut outputs = Outputs::default();
    if let Some(directory) = directory {
        outputs.create_directory(directory)?;
    }
    outputs.stage(proof_path, proof.to_json())?;
    outputs.stage(public_path, public.to_json())?;
    outputs.commit()
}
