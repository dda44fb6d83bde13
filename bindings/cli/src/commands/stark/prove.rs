//! `zkiln stark prove`

use std::path::Path;

use serde_json::json;
use tracing::info_span;
use zkiln::field::small::SmallField;
use zkiln::poly::Columns;
use zkiln::stark::Prover;
use zkiln::stark::air::Program;
use zkiln::stark::config::StarkConfig;
use zkiln::{Error, Result};

use super::statement::{elements_json, log_height, read_columns};
use super::{Task, field_name, hash_name, parameters, preset_name, security_json, security_text};
use crate::args::StarkProve;
use crate::input;
use crate::output::Outputs;
use crate::report::{Report, path_text};

pub(super) fn run(args: &StarkProve) -> Result<Report> {
    let files = [&args.program, &args.trace].map(|path| path.as_path());
    let inputs: Vec<&Path> = files.into_iter().chain(args.statement.files()).collect();
    input::require_files(&inputs)?;
    Outputs::plan(&[&args.output], &inputs)?;
    super::with_program(&args.program, args.statement.hash, args)
}

impl Task for StarkProve {
    fn run<C: StarkConfig>(&self, config: C, program: Program<C::Val>) -> Result<Report> {
        let statement = &self.statement;
        let public_values = statement.public_values(&program)?;
        let trace = {
            let _span = info_span!("read trace").entered();
            read_columns::<C::Val>(&self.trace)?
        };
        let log_height = log_height(&trace, &self.trace)?;
        let preprocessed = statement.preprocessed()?;
        let prover = {
            let _span = info_span!("prepare").entered();
            let parameters = parameters(statement.preset);
            Prover::new(config, parameters, program, log_height, preprocessed)?
        };
        let (rows, columns) = (trace.height(), trace.width());
        let proof = prover
            .prove(trace, &public_values)
            .map_err(|error| self.explain(error, prover.verifier().program(), &public_values))?;
        let _span = info_span!("write").entered();
        let bytes = proof.to_bytes();
        let mut outputs = Outputs::default();
        outputs.stage(&self.output, &bytes)?;
        outputs.commit()?;

        let security = prover.verifier().security();
        let field = field_name::<C::Val>();
        let fields = json!({
            "proof": path_text(&self.output),
            "bytes": bytes.len(),
            "field": field,
            "hash": hash_name(statement.hash),
            "preset": preset_name(statement.preset),
            "rows": rows,
            "columns": columns,
            "public_values": elements_json(&public_values),
            "security": security_json(&security),
        });
        let summary = format!(
            "wrote {}, {} bytes: {rows} rows of {columns} columns over {field}, {}\n",
            self.output.display(),
            bytes.len(),
            security_text(&security),
        );
        Ok(Report::new(fields, summary))
    }
}

impl StarkProve {
    /// The constraint and the row for which there is no proof, in place of an invalid proof of the whole. The trace,
    /// which the prover has used up, is read again, unless it came from a pipe.
    fn explain<F: SmallField>(
        &self,
        error: Error,
        program: &Program<F>,
        public_values: &[F],
    ) -> Error {
        let read_again = |path: &Path| path.is_file().then(|| read_columns(path).ok()).flatten();
        if !matches!(error, Error::Unsatisfied(_)) {
            return error;
        }
        let _span = info_span!("find the broken constraint").entered();
        let preprocessed: Option<Columns<F>> =
            (self.statement.preprocessed.as_deref()).and_then(read_again);
        match read_again(&self.trace) {
            None => error,
            Some(trace) => (program.check_trace(&trace, preprocessed.as_ref(), public_values))
                .err()
                .filter(|found| matches!(found, Error::Unsatisfied(_)))
                .unwrap_or(error),
        }
    }
}
