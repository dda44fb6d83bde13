//! The commands. Each takes its arguments and gives a report.

mod certificates;
mod export;
mod info;
mod lanes;
mod prove;
mod setup;
mod stark;
mod verify;

use zkiln::Result;

use crate::args::{Command, ProofLane};
use crate::report::Report;

/// Does what the user asked for.
pub(crate) fn run(command: &Command) -> Result<Report> {
    match command {
        Command::Prove(args) if args.lanes == [ProofLane::Groth16] => prove::run(args),
        Command::Prove(args) => lanes::run(args),
        Command::Verify(args) => match &args.certificates.program {
            Some(program) => certificates::verify(args, program),
            None => verify::run(args),
        },
        Command::Certify(args) => certificates::certify(args),
        Command::Info(args) => info::run(args),
        Command::Setup(args) => setup::run(args),
        Command::Export(args) => export::run(args),
        Command::Stark(args) => stark::run(args),
    }
}
