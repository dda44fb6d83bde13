//! NTT over the scalar field of BN254.

use anyhow::{Context, Result};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use clap::Parser;
use zkiln_compare::data;
use zkiln_compare::family::{self, Common};
use zkiln_compare::harness;
use zkiln_compare::peers::{Direction, ark, halo2, snarkrs, zkiln};
use zkiln_compare::report::Row;

/// Number-theoretic transform in place, natural order in and out.
#[derive(Parser)]
struct Arguments {
    /// Sizes, as base-2 logarithms.
    #[arg(long, value_delimiter = ',', default_value = "16,18,20,22")]
    log_sizes: Vec<u32>,

    /// Numbers of columns that are transformed at once.
    #[arg(long, value_delimiter = ',', default_value = "1,8")]
    columns: Vec<usize>,

    /// Directions.
    #[arg(long, value_delimiter = ',', default_value = "forward,inverse")]
    directions: Vec<Direction>,

    #[command(flatten)]
    common: Common,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    family::run(&arguments.common, |worker| {
        for &log_n in &arguments.log_sizes {
            let domain = Radix2EvaluationDomain::new(1 << log_n)
                .with_context(|| format!("the field has no domain of size 2^{log_n}"))?;
            for (&columns, &direction) in pairs(&arguments.columns, &arguments.directions) {
                let input = data::coefficients(columns, 1 << log_n);
                let contenders = vec![
                    zkiln::ntt(log_n, direction, &input)?,
                    ark::ntt(domain, direction, &input),
                    halo2::ntt(domain, direction, &input),
                    snarkrs::ntt(domain, direction, &input)?,
                ];
                let outcomes = harness::interleave(contenders, worker.reps, harness::agreement())?;
                let name = match direction {
                    Direction::Forward => "ntt",
                    Direction::Inverse => "inverse ntt",
                };
                let workload = match columns {
                    1 => format!("{name} 2^{log_n}"),
                    _ => format!("{name} 2^{log_n} x {columns}"),
                };
                for outcome in &outcomes {
                    worker.emit(&Row::new(&workload, worker.threads, outcome))?;
                }
            }
        }
        Ok(())
    })
}

/// All pairs.
fn pairs<'a, A, B>(a: &'a [A], b: &'a [B]) -> impl Iterator<Item = (&'a A, &'a B)> {
    a.iter().flat_map(move |a| b.iter().map(move |b| (a, b)))
}
