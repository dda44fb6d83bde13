//! `zkiln setup`

use serde_json::json;
use tracing::info_span;
use zkiln::Result;
use zkiln::groth16::{DevelopmentKey, R1cs};

use crate::args::Setup;
use crate::input;
use crate::output::Outputs;
use crate::report::{DEVELOPMENT_KEY, Report, path_text};

/// The flag `--insecure-development-key` is not looked at: without it the command line is refused.
pub(crate) fn run(args: &Setup) -> Result<Report> {
    input::require_files(&[&args.r1cs])?;
    Outputs::plan(&[&args.output], &[&args.r1cs])?;
    let r1cs = {
        let _span = info_span!("read r1cs").entered();
        R1cs::open(&args.r1cs)?
    };
    let key = DevelopmentKey::generate(&r1cs)?;
    let _span = info_span!("write").entered();
    let mut outputs = Outputs::default();
    outputs.stage_with(&args.output, |path| key.parts().save(path))?;
    outputs.commit()?;

    let fields = json!({
        "output": path_text(&args.output),
        "insecure": true,
        "constraints": r1cs.n_constraints(),
        "wires": r1cs.wires().total,
        "public_inputs": r1cs.wires().public(),
        "domain_size": key.parts().header.domain_size(),
    });
    let summary = format!("wrote {}, INSECURE\n", args.output.display());
    Ok(Report {
        warning: Some(DEVELOPMENT_KEY),
        ..Report::new(fields, summary)
    })
}
