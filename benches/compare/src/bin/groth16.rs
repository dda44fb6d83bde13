//! Groth16 proofs from snarkjs' files.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use clap::{Parser, ValueEnum};
use zkiln_compare::child;
use zkiln_compare::family::{self, Common, Worker};
use zkiln_compare::harness::{self, Contender, Outcome};
use zkiln_compare::peers::{Proof, Prover, ark_groth16, snarkrs, zkiln};
use zkiln_compare::report::Row;
use zkiln_compare::verifier::Verifier;

/// Groth16 proofs from snarkjs' files, all checked by ark-groth16's verifier.
///
/// Without --cold: key and witness are loaded once ("prepare"), then proofs are timed. With it: a
/// process per proof, from its start to its end, with its peak memory.
///
/// zkiln and snarkrs verify a proof before they return it and check the key when they load it, and are
/// timed with both; arkworks does neither.
#[derive(Parser)]
struct Arguments {
    /// Pairs of files: KEY.zkey WITNESS.wtns ...
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Time whole processes, with the load of the key.
    #[arg(long)]
    cold: bool,

    #[command(flatten)]
    common: Common,

    /// Set in the processes of --cold: prove once, write the proof to stdout.
    #[arg(long, hide = true)]
    contender: Option<Name>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    Zkiln,
    Arkworks,
    Snarkrs,
}

impl Name {
    const ALL: [Self; 3] = [Self::Zkiln, Self::Arkworks, Self::Snarkrs];

    fn as_str(self) -> &'static str {
        match self {
            Self::Zkiln => "zkiln",
            Self::Arkworks => "arkworks",
            Self::Snarkrs => "snarkrs",
        }
    }

    /// What it does beside loading and proving.
    fn includes(self) -> &'static str {
        match self {
            Self::Zkiln => "key check at load with G2's subgroup, self-verify",
            Self::Arkworks => "-",
            Self::Snarkrs => "key check at load, self-verify",
        }
    }

    fn load(self, zkey: &Path, wtns: &Path) -> Result<Box<dyn Prover>> {
        match self {
            Self::Zkiln => zkiln::groth16(zkey, wtns),
            Self::Arkworks => ark_groth16::groth16(zkey, wtns),
            Self::Snarkrs => snarkrs::groth16(zkey, wtns),
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let pairs = arguments.files.chunks_exact(2);
    ensure!(
        pairs.remainder().is_empty(),
        "keys and witnesses must come in pairs"
    );

    if let Some(name) = arguments.contender {
        return prove_once(name, &arguments.files[0], &arguments.files[1]);
    }
    family::run(&arguments.common, |worker| {
        for pair in pairs {
            let (zkey, wtns) = (&pair[0], &pair[1]);
            let rows = if arguments.cold {
                cold(zkey, wtns, worker)
            } else {
                warm(zkey, wtns, worker)
            };
            for row in rows.with_context(|| zkey.display().to_string())? {
                worker.emit(&row)?;
            }
        }
        Ok(())
    })
}

/// What the file is about: its stem, or its directory's name where the stem says nothing.
fn title(zkey: &Path) -> String {
    let text = |part: Option<&std::ffi::OsStr>| part.map(|p| p.to_string_lossy().into_owned());
    match text(zkey.file_stem()) {
        Some(stem) if stem != "circuit" => stem,
        _ => text(zkey.parent().and_then(Path::file_name)).unwrap_or_default(),
    }
}

fn warm(zkey: &Path, wtns: &Path, worker: &Worker) -> Result<Vec<Row>> {
    let verifier = Verifier::open(zkey, wtns)?;
    let mut contenders = Vec::new();
    for name in Name::ALL {
        let (prover, load) = harness::measure(|| name.load(zkey, wtns));
        let mut prover = prover?;
        contenders.push(Contender::prepared(name.as_str(), load, move || {
            let (proof, sample) = harness::measure(|| prover.prove());
            Ok((proof?, sample))
        }));
    }
    let outcomes = harness::interleave(contenders, worker.reps, |p| verifier.check(&p))?;
    Ok(rows("prove", zkey, worker, &outcomes))
}

fn cold(zkey: &Path, wtns: &Path, worker: &Worker) -> Result<Vec<Row>> {
    let verifier = Verifier::open(zkey, wtns)?;
    let command = |name| {
        let mut command = family::this_program()?;
        command.args([zkey, wtns]).args(["--contender", name]);
        Ok(command)
    };
    let names = Name::ALL.map(Name::as_str);
    let outcomes = child::interleave(&names, worker.reps, command, |stdout| {
        let proof = Proof::deserialize_uncompressed(&stdout[..]);
        verifier.check(&proof.context("the child wrote no proof")?)
    })?;
    let (outcomes, peaks): (Vec<_>, Vec<_>) = outcomes.into_iter().unzip();
    let mut rows = rows("process", zkey, worker, &outcomes);
    for (row, peak) in rows.iter_mut().zip(peaks) {
        row.peak_mb = Some(peak as f64 / 1e6);
    }
    Ok(rows)
}

/// A row for each of [`Name::ALL`].
fn rows(what: &str, zkey: &Path, worker: &Worker, outcomes: &[Outcome]) -> Vec<Row> {
    let workload = format!("{what} {}", title(zkey));
    let row = |(outcome, name): (&Outcome, Name)| {
        let mut row = Row::new(&workload, worker.threads, outcome);
        row.includes = Some(name.includes().to_owned());
        row
    };
    outcomes.iter().zip(Name::ALL).map(row).collect()
}

/// The whole life of a process of --cold.
fn prove_once(name: Name, zkey: &Path, wtns: &Path) -> Result<()> {
    let proof = name.load(zkey, wtns)?.prove()?;
    let mut bytes = Vec::new();
    proof.serialize_uncompressed(&mut bytes)?;
    std::io::stdout()
        .write_all(&bytes)
        .context("cannot hand on the proof")
}
