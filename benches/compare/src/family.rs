//! What the programs of all families do alike: a worker process per thread count, then the table.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::report::{self, Row};

/// The arguments of every family.
#[derive(clap::Args)]
pub struct Common {
    /// Thread counts, each measured in a process of its own.
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    pub threads: Vec<usize>,

    /// Timed repetitions, after one to warm up.
    #[arg(long, default_value_t = 5)]
    pub reps: usize,

    /// Also write the rows to this file.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Set in the processes this program starts: measure at this many threads, print rows.
    #[arg(long, hide = true)]
    worker: Option<usize>,
}

/// Where a workload's rows go: the measuring side of a family's program.
pub struct Worker {
    /// The number of threads of this process.
    pub threads: usize,
    /// Timed repetitions.
    pub reps: usize,
}

impl Worker {
    /// Hands a row to the process that prints the table.
    pub fn emit(&self, row: &Row) -> Result<()> {
        let mut line = serde_json::to_vec(row)?;
        line.push(b'\n');
        std::io::stdout()
            .write_all(&line)
            .context("cannot hand on a row")
    }
}

/// Runs a family: `measure` in worker processes, the table in the first one.
///
/// rayon's global pool takes its size from the environment when it is first used, and two of the
/// peers know no other pool. A process per thread count is the honest way to vary it.
pub fn run(common: &Common, measure: impl FnOnce(&Worker) -> Result<()>) -> Result<()> {
    if let Some(threads) = common.worker {
        // This thread is one of the pool's. Outside of it, it would hand each parallel step to a thread that
        // has to wake up and finds its caches cold, while contenders that do not ask the pool stay here.
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .use_current_thread()
            .build_global()?;
        let pool = rayon::current_num_threads();
        ensure!(
            pool == threads,
            "the thread pool has {pool} threads instead of {threads}"
        );
        return measure(&Worker {
            threads,
            reps: common.reps,
        });
    }

    let mut rows = Vec::new();
    for &threads in &common.threads {
        ensure!(threads > 0, "a thread count must be positive");
        rows.extend(rows_of_worker(threads)?);
    }
    println!("{}\n\n{}", report::environment(), report::markdown(&rows));
    if let Some(path) = &common.json {
        let text = serde_json::to_string_pretty(&rows)?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Starts this program again with the same arguments, as a worker, and collects its rows.
fn rows_of_worker(threads: usize) -> Result<Vec<Row>> {
    let mut child = this_program()?
        .args(std::env::args_os().skip(1))
        .args(["--worker", &threads.to_string()])
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start a worker")?;
    let mut rows = Vec::new();
    if let Some(pipe) = child.stdout.take() {
        for line in BufReader::new(pipe).lines() {
            let row: Row = serde_json::from_str(&line?).context("a worker printed no row")?;
            eprintln!(
                "{}, {threads} threads, {}: {:.1} ms",
                row.workload, row.contender, row.wall_ms.median
            );
            rows.push(row);
        }
    }
    let status = child.wait()?;
    ensure!(
        status.success(),
        "the worker with {threads} threads ended with {status}"
    );
    Ok(rows)
}

/// A command that starts this very program.
pub fn this_program() -> Result<Command> {
    Ok(Command::new(
        std::env::current_exe().context("cannot find this program")?,
    ))
}
