//! STARK proofs of the same traces, by zkiln and by Plonky3.

use std::collections::HashMap;

use anyhow::{Context, Result};
use clap::Parser;
use p3_air::{Air, SymbolicAirBuilder};
use p3_dft::{Radix2DFTSmallBatch, Radix2DitParallel, TwoAdicSubgroupDft};
use p3_keccak_air::KeccakAir;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_monty_31::dft::RecursiveDft;
use p3_uni_stark::{ProverConstraintFolder, VerifierConstraintFolder};
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear};
use zkiln::poly::Columns;
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24};
use zkiln::stark::{Parameters, ProveOptions, Prover};
use zkiln_compare_stark::airs::{self, Fibonacci};
use zkiln_compare_stark::child::run_measured;
use zkiln_compare_stark::family::{self, Common, Worker};
use zkiln_compare_stark::harness::{self, Contender, measure};
use zkiln_compare_stark::report::Row;
use zkiln_plonky3::config::P3Val;
use zkiln_plonky3::{P3Config, Plonky3, Plonky3Config, proof_to_p3};

/// Proofs with Plonky3's parameters for benchmarks: blow-up 2, 100 queries, arity 8, work of 26 bits.
/// Every proof is verified by p3_uni_stark::verify before its time counts.
#[derive(Parser)]
struct Arguments {
    /// Only the workloads whose names contain one of these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,

    /// Only the contenders whose names contain one of these.
    #[arg(long, value_delimiter = ',')]
    contenders: Vec<String>,

    /// Does not measure memory, which takes a process and a proof for each contender.
    #[arg(long)]
    no_memory: bool,

    /// The nodes of the caps, as a base-2 logarithm.
    #[arg(long, default_value_t = 0)]
    cap_height: u32,

    #[command(flatten)]
    common: Common,

    /// Set in the processes whose memory is measured: this contender proves this workload.
    #[arg(long, hide = true, value_names = ["WORKLOAD", "CONTENDER"], num_args = 2)]
    once: Option<Vec<String>>,
}

/// What is done with each workload.
enum Mode<'a> {
    /// It and its contenders are noted.
    List(&'a mut Vec<(String, &'static str)>),
    /// One contender proves it.
    Once(&'a str),
    /// All contenders take turns.
    Measure(&'a Worker, &'a HashMap<(String, &'static str), f64>),
}

type Trace<C> = (RowMajorMatrix<P3Val<C>>, Vec<P3Val<C>>);

/// Bytes of a proof that its verifier accepted.
struct Accepted;

type Prepared = Contender<'static, Accepted>;

/// A contender before it has a trace, which it keeps to prove a copy of it in each round, or proves once
/// and has no other.
struct Entry<C: Plonky3Config> {
    name: &'static str,
    make: Box<dyn Fn(Trace<C>, Rounds) -> Result<Prepared>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Rounds {
    One,
    Many,
}

impl Rounds {
    /// The trace of the next round.
    fn next<T>(self, trace: &mut Option<T>, copy: impl Fn(&T) -> T) -> Result<T> {
        match self {
            Rounds::One => trace.take(),
            Rounds::Many => trace.as_ref().map(copy),
        }
        .context("a round too many")
    }
}

/// Both provers of an AIR, Plonky3's with one of its transforms.
fn contenders<C, A, Dft>(parameters: Parameters, air: fn() -> A) -> Vec<Entry<C>>
where
    C: Plonky3Config,
    Dft: TwoAdicSubgroupDft<P3Val<C>> + 'static,
    A: Air<SymbolicAirBuilder<P3Val<C>>>
        + for<'a> Air<ProverConstraintFolder<'a, P3Config<C, Dft>>>
        + for<'a> Air<VerifierConstraintFolder<'a, P3Config<C, Dft>>>
        + 'static,
{
    let config = move || {
        let trees = C::p3_mmcs(parameters.cap_height as usize);
        C::p3_with(&parameters, Dft::default(), trees)
    };
    let verify = move |config: &P3Config<C, Dft>, proof: &_, publics: &[P3Val<C>]| {
        p3_uni_stark::verify(config, &air(), proof, publics)
            .map_err(|error| anyhow::anyhow!("{error:?}"))
    };
    let zkiln = move |(trace, publics): Trace<C>, rounds: Rounds| -> Result<Prepared> {
        let log_height = trace.height().ilog2();
        let mut columns = Some(Columns::<C::Val>::from_p3(trace));
        let (prover, prepared) = measure(|| -> zkiln::Result<_> {
            let program = zkiln_plonky3::program(&air())?;
            Prover::new(C::standard(), parameters, program, log_height, None)
        });
        let (prover, config) = (prover?, config());
        // As Plonky3, which does not verify its own proofs.
        let mut options = ProveOptions::default();
        options.verify = false;
        Ok(Contender::prepared("zkiln", prepared, move || {
            let trace = rounds.next(&mut columns, Columns::clone)?;
            let values = Vec::from_p3(publics.clone());
            let (proof, sample) = measure(|| prover.prove_with(trace, &values, &options));
            verify(&config, &proof_to_p3(proof?)?, &publics)?;
            Ok((Accepted, sample))
        }))
    };
    let plonky3 = move |(trace, publics): Trace<C>, rounds: Rounds| -> Result<Prepared> {
        let config = config();
        // With room for the extension, which Plonky3 can then make in place.
        let copy = move |trace: &RowMajorMatrix<P3Val<C>>| {
            let mut values = Vec::with_capacity(trace.values.len() << parameters.log_blowup);
            values.extend_from_slice(&trace.values);
            RowMajorMatrix::new(values, trace.width())
        };
        let mut trace = Some(trace);
        Ok(Contender::new("plonky3", move || {
            let trace = rounds.next(&mut trace, copy)?;
            let (proof, sample) = measure(|| p3_uni_stark::prove(&config, &air(), trace, &publics));
            let proof = proof.map_err(|error| anyhow::anyhow!("{error:?}"))?;
            verify(&config, &proof, &publics)?;
            Ok((Accepted, sample))
        }))
    };
    vec![
        Entry {
            name: "zkiln",
            make: Box::new(zkiln),
        },
        Entry {
            name: "plonky3",
            make: Box::new(plonky3),
        },
    ]
}

impl Mode<'_> {
    fn workload<C: Plonky3Config>(
        &mut self,
        arguments: &Arguments,
        name: &str,
        entries: Vec<Entry<C>>,
        trace: impl Fn(usize) -> Trace<C>,
    ) -> Result<()> {
        let chosen = |names: &[String], name: &str| {
            names.is_empty() || names.iter().any(|part| name.contains(part))
        };
        if let Some(once) = &arguments.once {
            if once[0] != name {
                return Ok(());
            }
        } else if !chosen(&arguments.only, name) {
            return Ok(());
        }
        let entries = entries
            .into_iter()
            .filter(|entry| chosen(&arguments.contenders, entry.name));
        match self {
            Mode::List(names) => {
                names.extend(entries.map(|entry| (name.to_owned(), entry.name)));
            }
            Mode::Once(contender) => {
                let mut entries = entries.into_iter();
                let entry = entries.find(|entry| entry.name == *contender);
                let make = entry.context("no such contender")?.make;
                // Plonky3's has room for the extension from the beginning, zkiln's is transposed.
                let room =
                    usize::from(*contender != "zkiln") * Parameters::fast().log_blowup as usize;
                make(trace(room), Rounds::One)?.run_once()?;
            }
            Mode::Measure(worker, peaks) => {
                let trace = trace(0);
                let contenders: Result<Vec<_>> = entries
                    .map(|entry| (entry.make)(trace.clone(), Rounds::Many))
                    .collect();
                drop(trace);
                let outcomes = harness::interleave(contenders?, worker.reps, |Accepted| Ok(()))?;
                for outcome in &outcomes {
                    let mut row = Row::new(name, worker.threads, outcome);
                    row.peak_mb = peaks.get(&(name.to_owned(), outcome.name)).copied();
                    worker.emit(&row)?;
                }
            }
        }
        Ok(())
    }
}

/// Workloads whose proofs have these hashes; the transform is the fastest of Plonky3 for the shape.
macro_rules! with_hashes {
    ($mode:ident, $arguments:ident, $name:expr, [$($hash:literal: $Config:ty),*],
     $Dft:ty, $air:expr, $trace:expr) => {$(
        let parameters = Parameters {
            cap_height: $arguments.cap_height,
            ..Parameters::fast()
        };
        let entries = contenders::<$Config, _, $Dft>(parameters, $air);
        let name = format!("{} + {}", $name, $hash);
        $mode.workload($arguments, &name, entries, $trace)?;
    )*};
}

fn workloads(mode: &mut Mode<'_>, arguments: &Arguments) -> Result<()> {
    type Kb = p3_koala_bear::KoalaBear;
    type Bb = p3_baby_bear::BabyBear;
    type Gl = p3_goldilocks::Goldilocks;
    for log in [16, 19] {
        with_hashes!(
            mode,
            arguments,
            format!("koalabear poseidon2-air 2^{log}"),
            ["poseidon2": Poseidon2Config24<KoalaBear>, "keccak": KeccakConfig<KoalaBear>],
            Radix2DitParallel<Kb>,
            airs::poseidon2_koala_bear,
            |room| {
                let air = airs::poseidon2_koala_bear();
                (
                    air.generate_vectorized_trace_rows(1 << log, room),
                    vec![],
                )
            }
        );
        with_hashes!(
            mode,
            arguments,
            format!("babybear poseidon2-air 2^{log}"),
            ["poseidon2": Poseidon2Config24<BabyBear>, "keccak": KeccakConfig<BabyBear>],
            Radix2DitParallel<Bb>,
            airs::poseidon2_baby_bear,
            |room| {
                let air = airs::poseidon2_baby_bear();
                (
                    air.generate_vectorized_trace_rows(1 << log, room),
                    vec![],
                )
            }
        );
    }
    with_hashes!(
        mode,
        arguments,
        "koalabear keccak-air 2^15",
        ["poseidon2": Poseidon2Config24<KoalaBear>, "keccak": KeccakConfig<KoalaBear>],
        Radix2DitParallel<Kb>,
        || KeccakAir {},
        |room| (
            (KeccakAir {}).generate_random_trace_rows(1365, room),
            vec![]
        )
    );
    with_hashes!(
        mode,
        arguments,
        "koalabear fibonacci 2^20",
        ["poseidon2": Poseidon2Config24<KoalaBear>, "keccak": KeccakConfig<KoalaBear>],
        RecursiveDft<Kb>,
        || Fibonacci,
        |room| airs::fibonacci(20, room)
    );
    with_hashes!(
        mode,
        arguments,
        "goldilocks fibonacci 2^20",
        ["poseidon2": Poseidon2Config8<Goldilocks>, "keccak": KeccakConfig<Goldilocks>],
        Radix2DFTSmallBatch<Gl>,
        || Fibonacci,
        |room| airs::fibonacci(20, room)
    );
    Ok(())
}

/// The peaks of all contenders, in MB, each in a process of its own.
///
/// A child's peak begins with its parent's memory, so this is done while the parent is still small.
fn peaks(arguments: &Arguments) -> Result<HashMap<(String, &'static str), f64>> {
    let mut names = Vec::new();
    workloads(&mut Mode::List(&mut names), arguments)?;
    let mut peaks = HashMap::new();
    for (workload, contender) in names {
        let mut command = family::this_program()?;
        command.args(["--cap-height", &arguments.cap_height.to_string()]);
        command.args(["--once", &workload, contender]);
        let peak = run_measured(&mut command)?.peak_rss as f64 / 1e6;
        peaks.insert((workload, contender), peak);
    }
    Ok(peaks)
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(once) = &arguments.once {
        return workloads(&mut Mode::Once(&once[1]), &arguments);
    }
    family::run(&arguments.common, |worker| {
        let peaks = match arguments.no_memory {
            true => HashMap::new(),
            false => peaks(&arguments)?,
        };
        workloads(&mut Mode::Measure(worker, &peaks), &arguments)
    })
}
