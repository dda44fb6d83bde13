//! Writes large circuits with a witness, as input for setups and for `groth16`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use zkiln_compare::circuits::Kind;

/// Writes KIND and the size as DIR/KIND<log>.r1cs and DIR/KIND<log>.wtns.
#[derive(Parser)]
struct Arguments {
    /// The shape of the circuit.
    kind: Kind,

    /// Base-2 logarithms of the domains to fill.
    #[arg(long, value_delimiter = ',', default_value = "16,18,20", value_parser = clap::value_parser!(u32).range(8..=28))]
    log_size: Vec<u32>,

    /// The directory to write to.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let out = &arguments.out;
    std::fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    for log_size in arguments.log_size {
        let name = format!("{:?}{log_size}", arguments.kind).to_lowercase();
        let path = |extension| out.join(&name).with_extension(extension);
        let written = arguments
            .kind
            .write(log_size, &path("r1cs"), &path("wtns"))?;
        let percent = |shares: [f64; 2]| shares.map(|share| format!("{:.1} %", 100.0 * share));
        println!(
            "{name}: {} constraints, {} wires (0, 1: {}), {:.2} entries of A and B per row, \
             wires absent from A, B: {}",
            written.constraints,
            written.wires,
            percent(written.shares).join(", "),
            written.entries as f64 / f64::from(1 << log_size),
            percent(written.absent).join(", "),
        );
    }
    Ok(())
}
