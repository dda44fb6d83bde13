//! `zkiln prove --lanes`: several proofs of one witness.

use std::path::Path;

use serde_json::json;
use tracing::info_span;
use zkiln::backend::Backend;
use zkiln::groth16::{PublicInputs, R1cs, Witness};
use zkiln::spartan::{Circuit, Parameters};
use zkiln::statement::{StatementV1, check_witness};
use zkiln::{Error, Result};

use crate::args::{ProofLane, Prove};
use crate::commands::prove;
use crate::input;
use crate::output::Outputs;
use crate::report::{DEVELOPMENT_KEY, Report, path_text};

/// `zkiln prove --lanes groth16,spartan`, or one of them.
pub(crate) fn run(args: &Prove) -> Result<Report> {
    let refuse = |reason: &str| Err(Error::Argument(reason.into()));
    if args
        .lanes
        .iter()
        .filter(|&&lane| lane == ProofLane::Spartan)
        .count()
        != 1
        || args.lanes.len() > 2
    {
        return refuse("--lanes: each lane once");
    }
    let with_groth16 = args.lanes.contains(&ProofLane::Groth16);
    let Some(directory) = args.output.as_deref() else {
        return refuse("several files are made: --output names their directory");
    };
    let circuit: &Path = match (&args.r1cs, with_groth16) {
        (Some(circuit), true) => circuit,
        (None, false) => &args.key,
        (None, true) => return refuse("spartan proves from the constraints: --r1cs names them"),
        (Some(_), false) => {
            return refuse("without groth16 the circuit stands in the place of the key");
        }
    };
    let [spartan_path, proof_path, public_path] =
        ["spartan.proof", "proof.json", "public.json"].map(|name| directory.join(name));
    let mut targets: Vec<&Path> = vec![&spartan_path, &public_path];
    if with_groth16 {
        targets.push(&proof_path);
    }
    let inputs = prove::inputs(args);
    input::require_files(&inputs)?;
    Outputs::plan(&targets, &inputs)?;

    // First, for a GPU that cannot be used is better refused before anything is read.
    let backend = with_groth16
        .then(|| args.backend.parse::<Backend>())
        .transpose()?;
    let (witness, r1cs) = {
        let _span = info_span!("read witness").entered();
        (Witness::open(&args.witness)?, R1cs::open(circuit)?)
    };
    if let Some(path) = &args.statement {
        check_witness(&StatementV1::open(path)?, &witness)?;
    }
    let groth16 = backend
        .map(|backend| prove::make(args, backend, &witness, Some(&r1cs)))
        .transpose()?;
    let circuit = Circuit::new(&r1cs, Parameters::default())?;
    let (proof, public) = circuit.prove(&witness)?;

    let _span = info_span!("write").entered();
    let mut outputs = Outputs::default();
    outputs.create_directory(directory)?;
    outputs.stage(&spartan_path, proof.to_bytes())?;
    outputs.stage(&public_path, PublicInputs(public).to_json())?;
    if let Some(groth16) = &groth16 {
        outputs.stage(&proof_path, groth16.proof.to_json())?;
    }
    outputs.commit()?;

    let names: Vec<String> = targets.iter().map(|path| path_text(path)).collect();
    let fields = json!({
        "files": names,
        "spartan_bytes": proof.to_bytes().len(),
        "spartan_bits": circuit.security_bits(),
        "public_inputs": circuit.n_public(),
    });
    let summary = names
        .iter()
        .map(|name| format!("wrote {name}\n"))
        .collect::<String>();
    let is_insecure = groth16.is_some_and(|made| made.key.is_insecure());
    Ok(Report {
        warning: is_insecure.then_some(DEVELOPMENT_KEY),
        ..Report::new(fields, summary)
    })
}
