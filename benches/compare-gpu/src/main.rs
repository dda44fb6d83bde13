//! zkiln beside sppark on a GPU: the same inputs, in turn, every result compared.

mod msm;
mod ntt;
mod row;
mod sppark;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use serde_json::json;
use zkiln::backend::Device;

#[derive(Parser)]
#[command(about = "zkiln beside sppark on a GPU: the same inputs, in turn, every result compared")]
struct Arguments {
    /// What to compare.
    #[arg(long, value_delimiter = ',', default_value = "msm,ntt")]
    families: Vec<Family>,

    /// Sizes, as base-2 logarithms.
    #[arg(long, value_delimiter = ',', default_value = "16,18,20,22,24,26")]
    log_sizes: Vec<u32>,

    /// Timed repetitions, after one to warm up.
    #[arg(long, default_value_t = 5)]
    reps: usize,

    /// Also write the rows to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Family {
    Msm,
    Ntt,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let device = Device::nvidia(0)?;
    println!("{}\n\n{}", device.info().name, row::HEAD);
    let mut rows = Vec::new();
    let mut emit = |row: row::Row| {
        println!("{}", row::line(&row));
        rows.push(row);
    };
    let mut measure = || {
        for &family in &arguments.families {
            match family {
                Family::Msm => {
                    msm::measure(&device, &arguments.log_sizes, arguments.reps, &mut emit)?
                }
                Family::Ntt => {
                    ntt::measure(&device, &arguments.log_sizes, arguments.reps, &mut emit)?
                }
            }
        }
        Ok(())
    };
    let outcome: Result<()> = measure();
    if let Some(path) = &arguments.json {
        // What was measured before a failure is kept.
        let all = json!({
            "device": device.info().name,
            "driver_cuda": device.info().driver_version,
            "kernel_hash": zkiln::backend::KERNEL_HASH,
            "peer": "sppark 0.1.15",
            "rows": rows,
        });
        std::fs::write(path, format!("{all:#}\n"))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    outcome
}
