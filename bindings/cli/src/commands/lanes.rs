//! `zkiln prove --lanes`: several proofs of one witness.

use std::path::Path;

use serde_json::json;
use tracing::info_span;
use zkiln::backend::Backend;
use zkiln::field::Fr;
use zkiln::groth16::{PublicInputs, R1cs, Witness};
use zkiln::spartan::{self, compact};
use zkiln::statement::{StatementV1, check_witness};
use zkiln::{Error, Result};

use crate::args::{ProofLane, Prove};
use crate::commands::prove;
use crate::input;
use crate::output::Outputs;
use crate::report::{DEVELOPMENT_KEY, Report, path_text};

/// What is said of a proof without zero knowledge, whenever one is made.
const TELLS: &str = "the proof spartan-compact.proof has NO ZERO KNOWLEDGE: it tells of the witness. Publish it only where \
     everybody may know the witness";
/// The same, of a witness that is proven with an insecure key, too.
const TELLS_AND_DEVELOPMENT_KEY: &str = "the proof spartan-compact.proof has NO ZERO KNOWLEDGE: it tells of the witness; and the key is \
     an INSECURE development key: whoever made it can forge proofs of anything";

/// `zkiln prove --lanes groth16,spartan,spartan-compact`, or some of them.
pub(crate) fn run(args: &Prove) -> Result<Report> {
    let refuse = |reason: &str| Err(Error::Argument(reason.into()));
    let times = |lane| args.lanes.iter().filter(|&&other| other == lane).count();
    let lanes = [
        ProofLane::Groth16,
        ProofLane::Spartan,
        ProofLane::SpartanCompact,
    ];
    let [with_groth16, with_spartan, with_compact] = lanes.map(|lane| times(lane) > 0);
    if lanes.into_iter().any(|lane| times(lane) > 1) {
        return refuse("--lanes: each lane once");
    }
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
    let [spartan_path, compact_path, proof_path, public_path] = [
        "spartan.proof",
        "spartan-compact.proof",
        "proof.json",
        "public.json",
    ]
    .map(|name| directory.join(name));
    let targets: Vec<&Path> = [
        (with_spartan, &spartan_path),
        (with_compact, &compact_path),
        (true, &public_path),
        (with_groth16, &proof_path),
    ]
    .into_iter()
    .filter_map(|(made, path)| made.then_some(path.as_path()))
    .collect();
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
    let mut fields = json!({ "public_inputs": r1cs.wires().public() });
    let mut made = Vec::new();
    if with_spartan {
        let circuit = spartan::Circuit::new(&r1cs, spartan::Parameters::default())?;
        let proof = circuit.prove(&witness)?.0.to_bytes();
        fields["spartan_bytes"] = proof.len().into();
        fields["spartan_bits"] = circuit.security_bits().into();
        made.push((&spartan_path, proof));
    }
    if with_compact {
        let circuit = compact::Circuit::new(&r1cs, compact::Parameters::default())?;
        let proof = circuit.prove(&witness)?.0.to_bytes();
        fields["spartan_compact_bytes"] = proof.len().into();
        fields["spartan_compact_bits"] = circuit.security_bits().into();
        fields["spartan_compact_zero_knowledge"] = false.into();
        made.push((&compact_path, proof));
    }
    let public = &witness.values()[1..=r1cs.wires().public()];
    let public = public.iter().map(|&value| Fr::from(value)).collect();

    let _span = info_span!("write").entered();
    let mut outputs = Outputs::default();
    outputs.create_directory(directory)?;
    for (path, proof) in made {
        outputs.stage(path, proof)?;
    }
    outputs.stage(&public_path, PublicInputs(public).to_json())?;
    if let Some(groth16) = &groth16 {
        outputs.stage(&proof_path, groth16.proof.to_json())?;
    }
    outputs.commit()?;

    let names: Vec<String> = targets.iter().map(|path| path_text(path)).collect();
    let summary = names
        .iter()
        .map(|name| format!("wrote {name}\n"))
        .collect::<String>();
    fields["files"] = names.into();
    let is_insecure = groth16.is_some_and(|made| made.key.is_insecure());
    let warning = match (with_compact, is_insecure) {
        (false, false) => None,
        (false, true) => Some(DEVELOPMENT_KEY),
        (true, false) => Some(TELLS),
        (true, true) => Some(TELLS_AND_DEVELOPMENT_KEY),
    };
    Ok(Report {
        warning,
        ..Report::new(fields, summary)
    })
}
