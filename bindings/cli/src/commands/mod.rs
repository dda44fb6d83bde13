//! The commands. Each takes its arguments and gives a report.

mod certificates;
mod export;
mod info;
mod prove;
mod setup;
mod verify;

use zkiln::Result;

use crate::args::Command;
use crate::report::Report;

/// Does what the user asked for.
pub(crate) fn run(command: &Command) -> Result<Report> {
    match command {
        Command::Prove(args) => prove::run(args),
        Command::Verify(args) => match &args.certificates.program {
            Some(program) => certificates::verify(args, program),
            None => verify::run(args),
        },
        Command::Certify(args) => certificates::certify(args),
        Command::Info(args) => info::run(args),
        Command::Setup(args) => setup::run(args),
        Command::Export(args) => export::run(args),
    }
}
