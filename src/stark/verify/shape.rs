//! Every length in a proof.

use super::Verifier;
use crate::field::small::ExtensionField;
use crate::stark::config::StarkConfig;
use crate::stark::proof::{OpenedRows, Proof};
use crate::{Error, Fault, Result};

impl<C: StarkConfig> Verifier<C> {
    /// That all lengths are those that the constraints and parameters imply, but the numbers of siblings
    /// of openings, which depend on the queries.
    pub(super) fn check_shape(&self, proof: &Proof<C>) -> Result<()> {
        let shape = self.program.shape();
        let cap = 1 << self.parameters.cap_height;
        let queries = self.parameters.queries as usize;
        let chunks = self.quotient_chunks();
        let degree = C::Challenge::DEGREE;

        if proof.degree_bits != self.log_height {
            return Err(Error::malformed(
                "proof",
                "degree",
                Fault::Domain,
                format!("2^{} rows, not 2^{}", proof.degree_bits, self.log_height),
            ));
        }
        count("trace commitment", proof.commitments.trace.len(), cap)?;
        count("quotient commitment", proof.commitments.quotient.len(), cap)?;

        let opened = &proof.opened;
        check_rows("opened trace", &opened.trace, shape.width, shape.next_row)?;
        match (&opened.preprocessed, shape.preprocessed_width) {
            (None, 0) => {}
            (Some(rows), width @ 1..) => {
                let next_row = shape.preprocessed_next_row;
                check_rows("opened preprocessed columns", rows, width, next_row)?;
            }
            (rows, width) => {
                let rows = usize::from(rows.is_some());
                return Err(wrong_count(
                    "opened preprocessed columns",
                    rows,
                    width.min(1),
                ));
            }
        }
        count("opened quotient", opened.quotient.len(), chunks)?;
        for chunk in &opened.quotient {
            count("opened chunk of the quotient", chunk.len(), degree)?;
        }

        let fri = &proof.fri;
        let mut widths = vec![vec![shape.width], vec![degree; chunks]];
        if shape.preprocessed_width > 0 {
            widths.push(vec![shape.preprocessed_width]);
        }
        count("openings of inputs", fri.input_openings.len(), widths.len())?;
        for (opening, widths) in fri.input_openings.iter().zip(&widths) {
            count("queries of an input", opening.rows.len(), queries)?;
            for rows in &opening.rows {
                count("matrices of an input", rows.len(), widths.len())?;
                for (row, &width) in rows.iter().zip(widths) {
                    count("row of an input", row.len(), width)?;
                }
            }
        }

        let rounds = self.schedule.len();
        count("commitments of rounds", fri.commit_caps.len(), rounds)?;
        count("witnesses of rounds", fri.commit_witnesses.len(), rounds)?;
        count("openings of rounds", fri.folding_openings.len(), rounds)?;
        for commitment in &fri.commit_caps {
            count("commitment of a round", commitment.len(), cap)?;
        }
        for (opening, &log_arity) in fri.folding_openings.iter().zip(&self.schedule) {
            count("queries of a round", opening.values.len(), queries)?;
            for values in &opening.values {
                count("row of a round", values.len(), (1 << log_arity) - 1)?;
            }
        }
        let final_len = 1 << self.parameters.log_final_poly_len;
        count("final polynomial", fri.final_poly.len(), final_len)
    }
}

/// A row, and a next row where one is read and only there.
fn check_rows<E>(section: &str, rows: &OpenedRows<E>, width: usize, next_row: bool) -> Result<()> {
    count(section, rows.local.len(), width)?;
    match &rows.next {
        Some(next) if next_row => count(section, next.len(), width),
        None if !next_row => Ok(()),
        next => Err(wrong_count(
            section,
            1 + usize::from(next.is_some()),
            1 + usize::from(next_row),
        )),
    }
}

fn count(section: &str, len: usize, expected: usize) -> Result<()> {
    if len == expected {
        return Ok(());
    }
    Err(wrong_count(section, len, expected))
}

fn wrong_count(section: &str, len: usize, expected: usize) -> Error {
    let reason = format!("{len} where there must be {expected}");
    Error::malformed("proof", section, Fault::Count, reason)
}
