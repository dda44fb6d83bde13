//! `zkiln stark info`

use clap::ValueEnum;
use serde_json::{Map, Value, json};
use zkiln::Result;
use zkiln::stark::Instance;
use zkiln::stark::air::Program;
use zkiln::stark::config::StarkConfig;

use super::{Task, field_name, hash_name, parameters, preset_name, security_json, security_text};
use crate::args::{Preset, StarkInfo};
use crate::input;
use crate::report::{Lines, Report, hexadecimal, path_text};

pub(super) fn run(args: &StarkInfo) -> Result<Report> {
    input::require_files(&[&args.program])?;
    super::with_program(&args.program, args.hash, args)
}

impl Task for StarkInfo {
    fn run<C: StarkConfig>(&self, _: C, program: Program<C::Val>) -> Result<Report> {
        let shape = program.shape();
        let digest = hexadecimal(&program.digest());
        let periods: Vec<usize> = shape.periodic.iter().map(Vec::len).collect();
        let mut fields = json!({
            "path": path_text(&self.program),
            "digest": digest,
            "field": field_name::<C::Val>(),
            "columns": shape.width,
            "next_row": shape.next_row,
            "preprocessed_columns": shape.preprocessed_width,
            "preprocessed_next_row": shape.preprocessed_next_row,
            "periods": periods,
            "public_values": shape.public_values,
            "constraints": program.constraints(),
            "degree": program.degree(),
            "instructions": program.instructions().len(),
            "slots": program.slots(),
        });
        let next = |read: bool| if read { ", with the next row" } else { "" };
        let mut lines = Lines::default();
        lines.push("program", self.program.display());
        lines.push("digest", digest);
        lines.push("field", field_name::<C::Val>());
        lines.push(
            "columns",
            format!("{}{}", shape.width, next(shape.next_row)),
        );
        if shape.preprocessed_width > 0 {
            let next = next(shape.preprocessed_next_row);
            lines.push(
                "preprocessed",
                format!("{} columns{next}", shape.preprocessed_width),
            );
        }
        if !periods.is_empty() {
            lines.push("periodic", format!("{} columns", periods.len()));
        }
        lines.push("public values", shape.public_values);
        let (constraints, degree) = (program.constraints(), program.degree());
        lines.push(
            "constraints",
            format!("{constraints} of degree up to {degree}"),
        );
        let (instructions, slots) = (program.instructions().len(), program.slots());
        lines.push("instructions", format!("{instructions} on {slots} slots"));

        if let Some(log_height) = self.rows {
            let chunks = program.log_quotient_chunks(log_height);
            let mut presets = Map::new();
            for &preset in Preset::value_variants() {
                let (name, parameters) = (preset_name(preset), parameters(preset));
                // What is refused has no security.
                let (value, text) = match parameters.check::<C::Val>(log_height, chunks) {
                    Ok(()) => {
                        let instance = Instance::new::<C>(&program, log_height);
                        let security = instance.security(&parameters);
                        (security_json(&security), security_text(&security))
                    }
                    Err(error) => (
                        json!({"error": error.to_string()}),
                        format!("refused: {error}"),
                    ),
                };
                presets.insert(name.into(), value);
                lines.push(name, text);
            }
            fields["rows"] = (1u64 << log_height).into();
            fields["hash"] = hash_name(self.hash).into();
            fields["presets"] = Value::Object(presets);
        }
        Ok(Report::new(fields, lines.0))
    }
}
