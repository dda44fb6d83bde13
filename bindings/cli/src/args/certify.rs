//! What the user asks for with certificates.

use std::path::PathBuf;

use clap::Args;

/// Make a certificate: proofs of one statement, or of a range, in lanes that a program trusts
///
/// Every proof is verified, and the program's policy must be satisfied. Proofs come as NAME=FILE after the
/// statement that they prove, NAME being a lane of the program: a Groth16 proof as proof.json or as the 256
/// bytes of EIP-197, others as their bytes. Several statements, each with its proofs, make a range and must
/// follow one another.
#[derive(Args, Debug)]
#[command(
    override_usage = "zkiln certify [OPTIONS] <PROGRAM.json> <STATEMENT.json> <LANE=PROOF>... -o <CERTIFICATE.json>",
    after_help = "\
Examples:
  zkiln certify program.json statement.json groth16=proof.json stark=proof.bin -o certificate.json
  zkiln certify program.json a.json groth16=a.proof b.json groth16=b.proof -o range.json"
)]
pub(crate) struct Certify {
    /// What is trusted: the program's lanes with their keys, and its policy
    #[arg(value_name = "PROGRAM.json")]
    pub(crate) program: PathBuf,
    /// Statements, each followed by its proofs
    #[arg(value_name = "STATEMENT.json LANE=PROOF", required = true, num_args = 2..)]
    pub(crate) parts: Vec<PathBuf>,
    /// Where the certificate goes
    #[arg(short, long, value_name = "CERTIFICATE.json")]
    pub(crate) output: PathBuf,
}

/// Options of `zkiln verify` for certificates.
#[derive(Args, Debug)]
pub(crate) struct VerifyCertificates {
    /// Verify certificates: this program's file says which lanes and which policy are trusted
    #[arg(long, value_name = "PROGRAM.json", help_heading = "Certificates")]
    pub(crate) program: Option<PathBuf>,
    /// The first certificate must begin with this state and item, as 0x..:N
    #[arg(
        long,
        value_name = "ROOT:SEQ",
        requires = "program",
        conflicts_with = "after",
        help_heading = "Certificates"
    )]
    pub(crate) genesis: Option<String>,
    /// The first certificate must follow what this state and last item end, as 0x..:N
    #[arg(
        long,
        value_name = "ROOT:SEQ",
        requires = "program",
        help_heading = "Certificates"
    )]
    pub(crate) after: Option<String>,
    /// A file that remembers what was accepted: nothing is accepted twice, and a contradiction freezes the
    /// program
    #[arg(
        long,
        value_name = "JOURNAL.json",
        requires = "program",
        help_heading = "Certificates"
    )]
    pub(crate) journal: Option<PathBuf>,
}
