//! `zkiln stark verify`

use std::path::Path;

use serde_json::json;
use tracing::info_span;
use zkiln::stark::air::Program;
use zkiln::stark::config::StarkConfig;
use zkiln::stark::{Proof, Prover, Verifier};
use zkiln::{Error, Result};

use super::statement::elements_json;
use super::{Task, field_name, hash_name, parameters, preset_name, security_json, security_text};
use crate::args::StarkVerify;
use crate::input;
use crate::report::{Report, path_text};

pub(super) fn run(args: &StarkVerify) -> Result<Report> {
    let files = [&args.program, &args.proof].map(|path| path.as_path());
    let inputs: Vec<&Path> = files.into_iter().chain(args.statement.files()).collect();
    input::require_files(&inputs)?;
    super::with_program(&args.program, args.statement.hash, args)
}

impl Task for StarkVerify {
    fn run<C: StarkConfig>(&self, config: C, program: Program<C::Val>) -> Result<Report> {
        let statement = &self.statement;
        let public_values = statement.public_values(&program)?;
        let verifier = self.verifier(config, program)?;
        let proof = {
            let _span = info_span!("read proof").entered();
            let bytes = input::read(&self.proof)?;
            Proof::<C>::from_bytes(&bytes, &self.proof.display().to_string())?
        };
        let _span = info_span!("verify").entered();
        // What is no proof of this is not valid; what is wrong with the question is an error.
        let fault = match verifier.verify(&proof, &public_values) {
            Ok(()) => None,
            Err(Error::Malformed {
                section, reason, ..
            }) => Some(format!("{section}: {reason}")),
            Err(error) => return Err(error),
        };

        let security = verifier.security();
        let fields = json!({
            "valid": fault.is_none(),
            "reason": fault,
            "proof": path_text(&self.proof),
            "field": field_name::<C::Val>(),
            "hash": hash_name(statement.hash),
            "preset": preset_name(statement.preset),
            "rows": 1u64 << self.rows,
            "public_values": elements_json(&public_values),
            "security": security_json(&security),
        });
        let summary = match &fault {
            None => format!("valid: {}\n", security_text(&security)),
            Some(reason) => format!("NOT valid: {reason}\n"),
        };
        Ok(Report {
            invalid: fault.is_some(),
            ..Report::new(fields, summary)
        })
    }
}

impl StarkVerify {
    /// The verifier. Preprocessed columns are committed to, as a prover does.
    fn verifier<C: StarkConfig>(&self, config: C, program: Program<C::Val>) -> Result<Verifier<C>> {
        let parameters = parameters(self.statement.preset);
        let preprocessed = self.statement.preprocessed()?;
        let _span = info_span!("prepare").entered();
        match preprocessed {
            None if program.shape().preprocessed_width == 0 => {
                Verifier::new(config, parameters, program, self.rows, None)
            }
            preprocessed => {
                let prover = Prover::new(config, parameters, program, self.rows, preprocessed)?;
                Ok(prover.verifier().clone())
            }
        }
    }
}
