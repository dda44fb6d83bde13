//! The command line of `zkiln stark`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// STARKs: prove that a table of numbers satisfies constraints, in the dialect of Plonky3 0.8
///
/// Constraints are a program, a file that `zkiln stark air` or the library makes; the table, the trace, is
/// a NumPy file. Proofs are those of p3-uni-stark, and are not of zero knowledge: they may tell about the trace.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example:
  zkiln stark air fibonacci --rows 2^10 -o fib
  zkiln stark prove fib/program.zair fib/trace.npy --public-file fib/public.json -o fib/proof.bin
  zkiln stark verify fib/program.zair fib/proof.bin --public-file fib/public.json --rows 2^10")]
pub(crate) enum Stark {
    Prove(StarkProve),
    Verify(StarkVerify),
    Air(StarkAir),
    Info(StarkInfo),
}

impl Stark {
    /// What the user calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Prove(_) => "stark prove",
            Self::Verify(_) => "stark verify",
            Self::Air(_) => "stark air",
            Self::Info(_) => "stark info",
        }
    }
}

/// Prove that a trace satisfies the constraints of a program
///
/// The proof is verified before it is written. If the trace breaks a constraint, the error names the
/// constraint and the row.
#[derive(Args, Debug)]
pub(crate) struct StarkProve {
    /// The constraints
    #[arg(value_name = "PROGRAM.zair")]
    pub(crate) program: PathBuf,
    /// The trace: a NumPy file of (rows, columns), uint32 or uint64, of values below the field's modulus. The
    /// number of rows is a power of two
    #[arg(value_name = "TRACE.npy")]
    pub(crate) trace: PathBuf,
    #[command(flatten)]
    pub(crate) statement: Statement,
    /// Where the proof goes
    #[arg(short, long, value_name = "PROOF.bin")]
    pub(crate) output: PathBuf,
}

/// Verify a proof that some trace satisfies the constraints of a program
///
/// What the proof is to prove is said here and is never taken from the proof: the constraints, the number of rows,
/// the public values, the hash and the preset.
#[derive(Args, Debug)]
pub(crate) struct StarkVerify {
    /// The constraints
    #[arg(value_name = "PROGRAM.zair")]
    pub(crate) program: PathBuf,
    /// The proof
    #[arg(value_name = "PROOF.bin")]
    pub(crate) proof: PathBuf,
    /// How many rows the trace has: a power of two, as 1024 or 2^10
    #[arg(long, value_name = "N", value_parser = log_rows)]
    pub(crate) rows: u32,
    #[command(flatten)]
    pub(crate) statement: Statement,
}

/// What prover and verifier must agree on beside the program and the number of rows.
#[derive(Args, Debug)]
pub(crate) struct Statement {
    /// The public values, decimal, in the program's order
    #[arg(
        long,
        value_name = "VALUE,...",
        conflicts_with = "public_file",
        allow_hyphen_values = true
    )]
    pub(crate) public: Option<String>,
    /// A JSON list of the public values: numbers, or strings of decimals
    #[arg(long, value_name = "PUBLIC.json")]
    pub(crate) public_file: Option<PathBuf>,
    /// The columns that are fixed before the proof, for programs that read such: a NumPy file as the trace is.
    /// A verifier commits to them anew, and takes nobody's word for them
    #[arg(long, value_name = "COLUMNS.npy")]
    pub(crate) preprocessed: Option<PathBuf>,
    /// The hash of trees and challenges
    #[arg(long, value_enum, default_value_t = Hash::Keccak)]
    pub(crate) hash: Hash,
    /// How much a proof proves
    #[arg(long, value_enum, default_value_t = Preset::Proven100)]
    pub(crate) preset: Preset,
}

/// The hash of trees and challenges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Hash {
    /// Keccak-f, with challenges by Keccak-256
    Keccak,
    /// Poseidon2: of widths 24 and 16, or for Goldilocks 8
    Poseidon2,
}

/// Parameters by what they prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Preset {
    /// At least 100 proven bits for traces of 2^4 to 2^20 rows and up to 2600 columns, for degrees up to 5
    Proven100,
    /// Plonky3's benchmark: 65 proven bits and about 100 conjectured ones, for degrees up to 3
    Fast,
}

/// Write a ready program, and a trace to try it with
///
/// Writes DIR/program.zair, and with --rows a trace of that many rows, DIR/trace.npy, and its public values,
/// DIR/public.json.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  zkiln stark air fibonacci --field goldilocks --rows 2^10 -o fib
  zkiln stark air poseidon2 --per-row 8 --rows 2^12 -o permutations")]
pub(crate) struct StarkAir {
    /// What the program states
    #[arg(value_enum)]
    pub(crate) air: Ready,
    /// The field
    #[arg(long, value_enum, default_value_t = Field::KoalaBear)]
    pub(crate) field: Field,
    /// How many permutations of Poseidon2 a row has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) per_row: Option<u16>,
    /// How many rows the trace has: a power of two, as 1024 or 2^10. No trace unless given
    #[arg(long, value_name = "N", value_parser = log_rows)]
    pub(crate) rows: Option<u32>,
    /// The directory; created if it does not exist
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
}

/// A ready program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ready {
    /// Fibonacci's numbers: public are the first two, and the last
    Fibonacci,
    /// Permutations of Poseidon2, of width 16, or for Goldilocks 8
    Poseidon2,
    /// Permutations of Keccak-f[1600], 24 rows each
    Keccak,
}

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Field {
    /// 2^31 - 2^24 + 1
    #[value(name = "koalabear")]
    KoalaBear,
    /// 2^31 - 2^27 + 1
    #[value(name = "babybear")]
    BabyBear,
    /// 2^64 - 2^32 + 1
    #[value(name = "goldilocks")]
    Goldilocks,
}

/// Describe a program, and how surely proofs of it prove
#[derive(Args, Debug)]
pub(crate) struct StarkInfo {
    /// The constraints
    #[arg(value_name = "PROGRAM.zair")]
    pub(crate) program: PathBuf,
    /// How many rows the trace has: a power of two, as 1024 or 2^10. With it, the bits of security of each preset
    #[arg(long, value_name = "N", value_parser = log_rows)]
    pub(crate) rows: Option<u32>,
    /// The hash of trees and challenges
    #[arg(long, value_enum, default_value_t = Hash::Keccak)]
    pub(crate) hash: Hash,
}

/// The binary logarithm of a number of rows.
fn log_rows(text: &str) -> Result<u32, String> {
    const MOST: u32 = 32;
    let log = match text.strip_prefix("2^") {
        Some(log) => log.parse().ok(),
        None => (text.parse::<u64>().ok())
            .filter(|rows| rows.is_power_of_two())
            .map(u64::ilog2),
    };
    log.filter(|&log| log <= MOST)
        .ok_or_else(|| format!("not a power of two up to 2^{MOST}, as 1024 or 2^10"))
}
