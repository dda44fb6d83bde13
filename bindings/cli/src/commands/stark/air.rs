//! `zkiln stark air`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use serde_json::json;
use tracing::info_span;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::hash::Poseidon2Field;
use zkiln::poly::Columns;
use zkiln::stark::air::{Fibonacci, KeccakAir, Poseidon2Air, Program};
use zkiln::{Error, Result};

use super::field_name;
use super::statement::elements_json;
use crate::args::{Field, Ready, StarkAir};
use crate::input::io_error;
use crate::output::Outputs;
use crate::report::{Report, path_text};

pub(super) fn run(args: &StarkAir) -> Result<Report> {
    if args.per_row.is_some() && args.air != Ready::Poseidon2 {
        return Err(Error::Argument(
            "--per-row is for poseidon2: the others have one thing a row".into(),
        ));
    }
    match args.field {
        Field::KoalaBear => write::<KoalaBear, 16>(args),
        Field::BabyBear => write::<BabyBear, 16>(args),
        Field::Goldilocks => write::<Goldilocks, 8>(args),
    }
}

/// A trace and its public values.
type Trace<F> = (Columns<F>, Vec<F>);

fn write<F: Poseidon2Field<WIDTH>, const WIDTH: usize>(args: &StarkAir) -> Result<Report> {
    let file = |name: &str| args.output.join(name);
    let (program_path, trace_path) = (file("program.zair"), file("trace.npy"));
    let public_path = file("public.json");
    let mut targets = vec![&program_path];
    if args.rows.is_some() {
        targets.extend([&trace_path, &public_path]);
    }
    let targets: Vec<_> = targets.into_iter().map(PathBuf::as_path).collect();
    Outputs::plan(&targets, &[])?;

    let (program, trace) = make::<F, WIDTH>(args)?;
    let _span = info_span!("write").entered();
    let mut outputs = Outputs::default();
    outputs.create_directory(&args.output)?;
    outputs.stage(&program_path, program.to_bytes())?;
    if let Some((trace, public_values)) = &trace {
        outputs.stage_with(&trace_path, |path| {
            let save = || {
                let mut out = BufWriter::new(File::create(path)?);
                trace.write_npy(&mut out)?;
                out.flush()
            };
            save().map_err(|error| io_error(path, error))
        })?;
        outputs.stage(&public_path, format!("{}\n", elements_json(public_values)))?;
    }
    outputs.commit()?;

    let mut fields = json!({
        "program": path_text(&program_path),
        "field": field_name::<F>(),
        "columns": program.shape().width,
        "constraints": program.constraints(),
    });
    if let Some((trace, public_values)) = &trace {
        fields["trace"] = path_text(&trace_path).into();
        fields["public"] = path_text(&public_path).into();
        fields["rows"] = trace.height().into();
        fields["public_values"] = elements_json(public_values);
    }
    let wrote = |path: &&std::path::Path| format!("wrote {}\n", path.display());
    Ok(Report::new(
        fields,
        targets.iter().map(wrote).collect::<String>(),
    ))
}

fn make<F: Poseidon2Field<WIDTH>, const WIDTH: usize>(
    args: &StarkAir,
) -> Result<(Program<F>, Option<Trace<F>>)> {
    match args.air {
        Ready::Fibonacci => {
            let trace = |log_rows| {
                let (trace, public_values) = Fibonacci.trace(F::ZERO, F::ONE, log_rows)?;
                Ok((trace, public_values.to_vec()))
            };
            with_trace(Program::new(&Fibonacci)?, args.rows, trace)
        }
        Ready::Poseidon2 => {
            let per_row = usize::from(args.per_row.unwrap_or(1));
            let air = Poseidon2Air::<F, WIDTH>::standard(per_row)?;
            let trace = |log_rows| Ok((air.trace(&counted(per_row << log_rows, F::from))?, vec![]));
            with_trace(Program::new(&air)?, args.rows, trace)
        }
        Ready::Keccak => {
            let trace = |log_rows| {
                let permutations = (1usize << log_rows) / 24;
                if permutations == 0 {
                    return Err(Error::Argument(
                        "a permutation of Keccak-f has 24 rows: --rows 32 is the least".into(),
                    ));
                }
                let inputs = counted(permutations, |number| number);
                Ok((KeccakAir.trace(&inputs)?, vec![]))
            };
            with_trace(Program::new(&KeccakAir)?, args.rows, trace)
        }
    }
}

/// The program, with a trace of so many rows if that is wanted and there is the memory for it.
fn with_trace<F: SmallField>(
    program: Program<F>,
    log_rows: Option<u32>,
    trace: impl FnOnce(u32) -> Result<Trace<F>>,
) -> Result<(Program<F>, Option<Trace<F>>)> {
    let Some(log_rows) = log_rows else {
        return Ok((program, None));
    };
    let _span = info_span!("make trace").entered();
    let width = program.shape().width;
    let mut cells: Vec<F> = Vec::new();
    let affordable = log_rows < F::TWO_ADICITY
        && (1usize.checked_shl(log_rows))
            .and_then(|rows| rows.checked_mul(width))
            .is_some_and(|len| cells.try_reserve_exact(len).is_ok());
    drop(cells);
    if !affordable {
        return Err(Error::Argument(format!(
            "a trace of 2^{log_rows} rows of {width} columns is more than this machine or the field has \
             room for"
        )));
    }
    Ok((program, Some(trace(log_rows)?)))
}

/// States of the numbers from zero on: something to permute that everyone can compute again.
fn counted<T, const N: usize>(count: usize, number: impl Fn(u64) -> T) -> Vec<[T; N]> {
    let state = |i: usize| core::array::from_fn(|j| number((N * i + j) as u64));
    (0..count).map(state).collect()
}
