//! The command line.

mod certify;
mod stark;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use certify::{Certify, VerifyCertificates};
pub(crate) use stark::{
    Field, Hash, Preset, Ready, Stark, StarkAir, StarkInfo, StarkProve, StarkVerify, Statement,
};

/// Groth16 proofs over BN254 from the files of circom and snarkjs, and STARK proofs in the dialect of Plonky3.
#[derive(Debug, Parser)]
#[command(
    name = "zkiln",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 done, or the proof is valid; 1 the proof is not valid; 2 something cannot be read or is \
refused. Whatever fails leaves no output files behind.

Examples:
  zkiln prove circuit.zkey witness.wtns -o proof
  zkiln verify verification_key.json proof/public.json proof/proof.json
  zkiln export solidity circuit.zkey -o Verifier.sol
  zkiln stark prove program.zair trace.npy --public 0,1,89 -o proof.bin"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Print one JSON object on stdout: the result, or the error with its code, kind and message
    ///
    /// {"command", "result": {...}} or {"command", "error": {"code", "kind", "message"}}, in one line.
    /// Codes are those of the library and its bindings; malformed input has a "fault" too.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
    /// Show when each phase ran, how long, and on how many cores: a table on stderr, or a part of the JSON
    /// object
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) timings: bool,
    /// The number of threads; one for each core unless given
    #[arg(
        long,
        global = true,
        value_name = "N",
        help_heading = "Global options",
        value_parser = clap::value_parser!(u16).range(1..=1024)
    )]
    pub(crate) threads: Option<u16>,
    /// Show errors only: no progress, no summary
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Prove(Prove),
    Verify(Verify),
    Certify(Certify),
    Info(Info),
    Setup(Setup),
    #[command(subcommand)]
    Export(Export),
    #[command(subcommand)]
    Stark(Stark),
}

impl Command {
    /// What the user calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Prove(_) => "prove",
            Self::Verify(_) => "verify",
            Self::Certify(_) => "certify",
            Self::Info(_) => "info",
            Self::Setup(_) => "setup",
            Self::Export(Export::Solidity(_)) => "export solidity",
            Self::Export(Export::Vkey(_)) => "export vkey",
            Self::Export(Export::Calldata(_)) => "export calldata",
            Self::Stark(args) => args.name(),
        }
    }
}

/// Prove that a witness satisfies a circuit
///
/// The key and the witness are checked, and the proof is verified before it is written. A key without
/// a contribution to its ceremony's second phase is refused: anyone can forge proofs for it.
#[derive(Args, Debug)]
#[command(
    override_usage = "zkiln prove [OPTIONS] <KEY.zkey> <WITNESS.wtns> -o <DIR>
       zkiln prove [OPTIONS] <KEY.zkey> <WITNESS.wtns> <PROOF.json> <PUBLIC.json>",
    after_help = "\
Examples:
  zkiln prove circuit.zkey witness.wtns -o proof    writes proof/proof.json and proof/public.json
  zkiln prove circuit.zkey witness.wtns proof.json public.json
  zkiln prove --lanes groth16,spartan circuit.zkey witness.wtns --r1cs circuit.r1cs -o proof"
)]
pub(crate) struct Prove {
    /// The proving key, a zkey file
    #[arg(value_name = "KEY.zkey")]
    pub(crate) key: PathBuf,
    /// The values of all wires, a wtns file
    #[arg(value_name = "WITNESS.wtns")]
    pub(crate) witness: PathBuf,
    /// Where the proof goes, instead of DIR/proof.json
    #[arg(
        value_name = "PROOF.json",
        required_unless_present = "output",
        conflicts_with = "output",
        requires = "public"
    )]
    pub(crate) proof: Option<PathBuf>,
    /// Where the public inputs go, instead of DIR/public.json
    #[arg(value_name = "PUBLIC.json")]
    pub(crate) public: Option<PathBuf>,
    /// The directory for proof.json and public.json; created if it does not exist
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// The circuit: lets an error name the first constraint that the witness breaks
    #[arg(long, value_name = "CIRCUIT.r1cs")]
    pub(crate) r1cs: Option<PathBuf>,
    /// A verification key from a source you trust: the proving key must belong to it. A key that
    /// calls more wires public than the circuit does would publish the witness
    #[arg(long, value_name = "VKEY.json")]
    pub(crate) vkey: Option<PathBuf>,
    /// Which proofs to make of the witness: `groth16`; `spartan`, transparent and from hashes alone, of the
    /// circuit in --r1cs, as spartan.proof in the directory of --output; `spartan-compact`, the same at half the
    /// size and WITHOUT zero knowledge, as spartan-compact.proof: it tells of the witness; or several. Without
    /// `groth16` the circuit, an r1cs file, stands in the place of the key
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "groth16",
        value_name = "LANE,..."
    )]
    pub(crate) lanes: Vec<ProofLane>,
    /// A statement that the witness must carry in its public signals; see `zkiln certify`
    #[arg(long, value_name = "STATEMENT.json")]
    pub(crate) statement: Option<PathBuf>,
    /// Where to prove: `cpu`, `cuda` (the first GPU), `cuda:N`, `emulator` (the GPU's kernels on this
    /// processor, for small circuits), or `auto`, a GPU if one can be used and else the processor
    #[arg(long, value_name = "BACKEND", default_value = "auto")]
    pub(crate) backend: String,
    /// Let the amount of work not depend on the witness, for when an attacker can measure it. Several
    /// times slower where most of the witness is bits
    #[arg(long)]
    pub(crate) constant_work: bool,
}

/// A proof system that proves a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProofLane {
    /// With a proving key.
    Groth16,
    /// Of the circuit alone.
    Spartan,
    /// Of the circuit alone, and telling of the witness.
    SpartanCompact,
}

/// Verify a proof, or several for one key, or certificates
///
/// Several proofs are checked together, in less than half of the time for each. Valid does not mean
/// fresh: anyone can turn a valid proof into other valid proofs of the same public inputs.
#[derive(Args, Debug)]
#[command(
    override_usage = "zkiln verify [OPTIONS] <KEY> <PUBLIC.json> <PROOF.json> [PUBLIC.json PROOF.json]...
       zkiln verify [OPTIONS] --program <PROGRAM.json> <CERTIFICATE.json>...",
    after_help = "\
Examples:
  zkiln verify verification_key.json public.json proof.json
  zkiln verify circuit.zkey a/public.json a/proof.json b/public.json b/proof.json
  zkiln verify certificate.json --program program.json"
)]
pub(crate) struct Verify {
    /// The verification key, verification_key.json or a zkey file; with --program, a certificate
    #[arg(value_name = "KEY")]
    pub(crate) key: PathBuf,
    /// Pairs of public inputs and the proof for them; with --program, certificates that follow the first
    #[arg(value_name = "PUBLIC.json PROOF.json", required_unless_present = "program", num_args = 1..)]
    pub(crate) pairs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) certificates: VerifyCertificates,
}

/// Describe this machine, or a proving key
///
/// Without a key: version, processor, threads, GPUs, and the backend that would prove. With one: its
/// dimensions, how many of its points are infinity (they cost nothing), who contributed to it, and
/// whether it shows a known weakness.
#[derive(Args, Debug)]
pub(crate) struct Info {
    /// The proving key, a zkey file
    #[arg(value_name = "KEY.zkey")]
    pub(crate) key: Option<PathBuf>,
}

/// Make an INSECURE proving key for development, without a ceremony
///
/// Whoever runs this can forge proofs for the key, for its secrets exist on this machine. It is for
/// development, tests and benchmarks; for anything else hold a ceremony, with snarkjs for example.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  zkiln setup --insecure-development-key circuit.r1cs -o circuit.zkey")]
pub(crate) struct Setup {
    /// The circuit, an r1cs file
    #[arg(value_name = "CIRCUIT.r1cs")]
    pub(crate) r1cs: PathBuf,
    /// Where the key goes
    #[arg(short, long, value_name = "CIRCUIT.zkey")]
    pub(crate) output: PathBuf,
    /// Says that you know that the key is insecure; there is no setup without it
    #[arg(long, required = true)]
    pub(crate) insecure_development_key: bool,
}

/// Make what verifiers need: a contract, a verification key, the data of a call
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    Solidity(ExportKey),
    #[command(
        about = "The verification key, verification_key.json as snarkjs writes it",
        long_about = None
    )]
    Vkey(ExportKey),
    Calldata(ExportCalldata),
}

/// A Solidity contract that verifies proofs, with the interface of snarkjs' contract
#[derive(Args, Debug)]
pub(crate) struct ExportKey {
    /// The key, a zkey file or verification_key.json
    #[arg(value_name = "KEY")]
    pub(crate) key: PathBuf,
    /// Where the result goes; to stdout unless given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The arguments of a call of the contract, as text for Remix, cast and the like
///
/// The proof is not verified here: the contract does that.
#[derive(Args, Debug)]
pub(crate) struct ExportCalldata {
    /// The public inputs
    #[arg(value_name = "PUBLIC.json")]
    pub(crate) public: PathBuf,
    /// The proof
    #[arg(value_name = "PROOF.json")]
    pub(crate) proof: PathBuf,
    /// Where the result goes; to stdout unless given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
