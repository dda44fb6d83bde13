//! Two proofs of one statement.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use zkiln::field::{Fr, PrimeField};
use zkiln::groth16::{ProvingKey, R1cs, Witness};
use zkiln::spartan::{self, compact};
use zkiln_compare::child;
use zkiln_compare::family::{self, Common, Worker};
use zkiln_compare::harness::{self, Contender, Outcome};
use zkiln_compare::report::Row;

/// What a second proof of a circuit costs beside its Groth16 proof. All lanes verify a proof before they return it,
/// and must agree on the public signals.
///
/// Without --cold: key, circuit and witness are prepared once, then proofs are timed. With it: a process per proof,
/// from its start to its end, with its peak memory.
#[derive(Parser)]
struct Arguments {
    /// Circuits, each with a key and a witness: CIRCUIT.r1cs KEY.zkey WITNESS.wtns ...
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Time whole processes.
    #[arg(long)]
    cold: bool,

    #[command(flatten)]
    common: Common,

    /// Set in the processes of --cold: prove once in this lane, write the public signals to stdout.
    #[arg(long, hide = true)]
    lane: Option<Lane>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lane {
    Groth16,
    Spartan,
    SpartanCompact,
}

/// A lane that is ready to prove; what it returns are the public signals.
type Prover = Box<dyn Fn() -> Result<Vec<Fr>>>;

impl Lane {
    /// Groth16 first: the others are divided by it.
    const ALL: [Self; 3] = [Self::Groth16, Self::Spartan, Self::SpartanCompact];

    fn as_str(self) -> &'static str {
        match self {
            Self::Groth16 => "groth16",
            Self::Spartan => "spartan",
            Self::SpartanCompact => "spartan-compact",
        }
    }

    fn prepare(self, [r1cs, zkey, wtns]: [&Path; 3]) -> Result<Prover> {
        let witness = Witness::open(wtns)?;
        Ok(match self {
            Self::Groth16 => {
                let key = ProvingKey::open(zkey)?;
                Box::new(move || Ok(key.prove(&witness)?.1.to_vec()))
            }
            Self::Spartan => {
                let parameters = spartan::Parameters::default();
                let circuit = spartan::Circuit::new(&R1cs::open(r1cs)?, parameters)?;
                Box::new(move || Ok(circuit.prove(&witness)?.1))
            }
            Self::SpartanCompact => {
                let parameters = compact::Parameters::default();
                let circuit = compact::Circuit::new(&R1cs::open(r1cs)?, parameters)?;
                Box::new(move || Ok(circuit.prove(&witness)?.1))
            }
        })
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let (circuits, rest) = arguments.files.as_chunks::<3>();
    ensure!(
        rest.is_empty(),
        "a circuit, its key and its witness must come together"
    );
    let circuits: Vec<_> = circuits
        .iter()
        .map(|files| files.each_ref().map(PathBuf::as_path))
        .collect();

    if let Some(lane) = arguments.lane {
        return prove_once(lane, circuits[0]);
    }
    family::run(&arguments.common, |worker| {
        for &files in &circuits {
            let rows = if arguments.cold {
                cold(files, worker)
            } else {
                warm(files, worker)
            };
            for row in rows.with_context(|| files[0].display().to_string())? {
                worker.emit(&row)?;
            }
        }
        Ok(())
    })
}

fn title(what: &str, files: [&Path; 3]) -> String {
    let stem = files[0].file_stem().unwrap_or_default();
    format!("{what} {}", stem.to_string_lossy())
}

fn warm(files: [&Path; 3], worker: &Worker) -> Result<Vec<Row>> {
    let mut contenders = Vec::new();
    for lane in Lane::ALL {
        let (prover, prepared) = harness::measure(|| lane.prepare(files));
        let prover = prover?;
        contenders.push(Contender::prepared(lane.as_str(), prepared, move || {
            let (public, sample) = harness::measure(&prover);
            Ok((public?, sample))
        }));
    }
    let outcomes = harness::interleave(contenders, worker.reps, harness::agreement())?;
    let workload = title("lanes", files);
    let row = |outcome| Row::new(&workload, worker.threads, outcome);
    Ok(outcomes.iter().map(row).collect())
}

fn cold(files: [&Path; 3], worker: &Worker) -> Result<Vec<Row>> {
    let command = |lane| {
        let mut command = family::this_program()?;
        command.args(files).args(["--lane", lane]);
        Ok(command)
    };
    let names = Lane::ALL.map(Lane::as_str);
    let outcomes = child::interleave(&names, worker.reps, command, harness::agreement())?;
    let workload = title("lanes, processes", files);
    let row = |(outcome, peak): &(Outcome, u64)| Row {
        peak_mb: Some(*peak as f64 / 1e6),
        ..Row::new(&workload, worker.threads, outcome)
    };
    Ok(outcomes.iter().map(row).collect())
}

/// The whole life of a process of --cold.
fn prove_once(lane: Lane, files: [&Path; 3]) -> Result<()> {
    let public = lane.prepare(files)?()?;
    let mut out = std::io::stdout().lock();
    for signal in public {
        write!(out, "{:?} ", signal.to_canonical()).context("cannot hand on the signals")?;
    }
    Ok(())
}
