//! The command `zkiln`: Groth16 proofs from the files of circom and snarkjs, and STARK proofs.
//!
//! ```text
//! args      what the user asks for
//! input     files that are read        output   files that appear together or not at all
//! commands  one module for each        phases   what the library is doing, and for how long
//! report    how results and errors reach stdout, stderr and the exit code
//! ```
//!
//! Whatever goes wrong is a [`zkiln::Error`], the program's own troubles included: one vocabulary of
//! codes for the library, its bindings and this command.

mod args;
mod commands;
mod input;
mod machine;
mod output;
mod phases;
mod report;

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use zkiln::{Error, Result};

use args::{Cli, Global};
use phases::Phases;
use report::{Failure, Report};

fn main() -> ExitCode {
    let started = Instant::now();
    panic::set_hook(Box::new(report::panicked));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return report::usage(&error),
    };
    let phases = Phases::watch(&cli.global, started);
    let outcome =
        panic::catch_unwind(AssertUnwindSafe(|| run(&cli))).unwrap_or(Err(Failure::Panic));
    phases.clear();
    let timings = cli.global.timings.then(|| phases.timings());
    report::print(&cli, outcome, timings)
}

fn run(cli: &Cli) -> core::result::Result<Report, Failure> {
    start_threads(&cli.global)?;
    Ok(commands::run(&cli.command)?)
}

/// Starts the threads of the library here, where it can fail with a sentence.
fn start_threads(global: &Global) -> Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(global.threads.map_or(0, usize::from)) // 0: as many as there are cores
        .build_global()
        .map_err(|e| Error::Argument(format!("the threads cannot be started: {e}")))
}
