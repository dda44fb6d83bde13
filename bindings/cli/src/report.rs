//! How results and errors reach stdout, stderr and the exit code.

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use zkiln::{Error, Fault};

use crate::args::Cli;
use crate::phases::Timings;

/// The exit code for a proof that is not valid.
const INVALID: u8 = 1;
/// The exit code for what cannot be read or is refused, and for every other failure.
const FAILED: u8 = 2;
/// The error code of a bug in this program, in JSON. Those of [`Error::code`] are small.
const BUG: u32 = 255;

/// What a command has to say.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The result for programs. Names and meanings of the fields do not change.
    pub(crate) fields: Map<String, Value>,
    /// The result for people, in lines; not shown with `--quiet`.
    pub(crate) summary: String,
    /// What the user wants on stdout, whatever the options: an export without a file.
    pub(crate) content: Option<String>,
    /// What nobody should miss, not even with `--quiet`.
    pub(crate) warning: Option<&'static str>,
    /// A proof was seen that is not valid.
    pub(crate) invalid: bool,
}

impl Report {
    /// A report of a JSON object and the lines for people.
    pub(crate) fn new(fields: Value, summary: impl Into<String>) -> Self {
        let Value::Object(fields) = fields else {
            unreachable!("reports are objects")
        };
        Self {
            fields,
            summary: summary.into(),
            ..Self::default()
        }
    }
}

/// What is said of a development key, whenever one is made or given to others.
pub(crate) const DEVELOPMENT_KEY: &str = "this is an INSECURE development key: whoever made it can forge proofs of anything. Hold a \
     ceremony before anyone relies on it";

/// A path in JSON, which has no bytes that are not Unicode.
pub(crate) fn path_text(path: &Path) -> String {
    path.display().to_string()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Lines of a label and a value.
#[derive(Default)]
pub(crate) struct Lines(pub(crate) String);

impl Lines {
    pub(crate) fn push(&mut self, label: &str, value: impl Display) {
        let _ = writeln!(self.0, "{label:<15}{value}");
    }
}

/// Why there is no report.
pub(crate) enum Failure {
    /// The library or this program refused, with a sentence.
    Error(Error),
    /// A bug. [`panicked`] has said so.
    Panic,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    fn to_json(&self) -> Value {
        match self {
            Self::Error(error) => {
                let mut object = json!({
                    "code": error.code(),
                    "kind": kind(error),
                    "message": error.to_string(),
                });
                if let Some(fault) = error.fault() {
                    object["fault"] = fault_name(fault).into();
                }
                object
            }
            Self::Panic => json!({
                "code": BUG,
                "kind": "bug",
                "message": "a bug of zkiln, described on stderr; please report it",
            }),
        }
    }
}

/// The name of an error for programs, one for each [`Error::code`].
fn kind(error: &Error) -> &'static str {
    match error {
        Error::Io { .. } => "io",
        Error::Malformed { .. } => "malformed",
        Error::WeakKey { .. } => "weak_key",
        Error::WitnessMismatch(_) => "witness_mismatch",
        Error::Unsatisfied(_) => "unsatisfied",
        Error::SelfCheck(_) => "self_check",
        Error::PublicInputs(_) => "public_inputs",
        Error::Argument(_) => "argument",
        Error::Entropy(_) => "entropy",
        Error::Refused(_) => "refused",
        Error::Conflict(_) => "conflict",
        _ => "other",
    }
}

/// `NotOnCurve` as `not_on_curve`.
fn fault_name(fault: Fault) -> String {
    let mut name = String::new();
    for c in format!("{fault:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// Prints what came of the command, and gives the exit code.
pub(crate) fn print(
    cli: &Cli,
    outcome: Result<Report, Failure>,
    timings: Option<Timings>,
) -> ExitCode {
    let code = match &outcome {
        Ok(report) if report.invalid => INVALID,
        Ok(_) => 0,
        Err(_) => FAILED,
    };
    if cli.global.json {
        return print_json(Some(cli.command.name()), outcome, timings, code);
    }
    let written = match outcome {
        Ok(report) => {
            if let Some(warning) = report.warning {
                complain(&format!("warning: {warning}"));
            }
            let summary = if cli.global.quiet {
                ""
            } else {
                &report.summary
            };
            to_stdout(&[report.content.as_deref().unwrap_or(""), summary])
        }
        Err(Failure::Error(error)) => {
            complain(&error.to_string());
            Ok(())
        }
        Err(Failure::Panic) => Ok(()),
    };
    if let Some(timings) = timings {
        let _ = io::stderr().write_all(timings.to_table().as_bytes());
    }
    exit(written, code)
}

/// Reports what is wrong with the command line, or prints the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|arg| arg == "--json") {
        let text = error.render().to_string();
        let reason = text.trim_end().trim_start_matches("error: ");
        let failure = Failure::Error(Error::Argument(reason.to_owned()));
        return print_json(None, Err(failure), None, FAILED);
    }
    match error.print() {
        _ if error.use_stderr() => ExitCode::from(FAILED),
        printed => exit(printed, 0),
    }
}

/// Prints, in a line, `{"command", "result"}` or `{"command", "error"}`, with `"timings"` if there are any.
fn print_json(
    command: Option<&str>,
    outcome: Result<Report, Failure>,
    timings: Option<Timings>,
    code: u8,
) -> ExitCode {
    let mut object = Map::new();
    object.insert("command".into(), command.into());
    match outcome {
        Ok(mut report) => {
            if let Some(content) = report.content {
                report.fields.insert("content".into(), content.into());
            }
            if let Some(warning) = report.warning {
                report.fields.insert("warning".into(), warning.into());
            }
            object.insert("result".into(), report.fields.into());
        }
        Err(failure) => {
            object.insert("error".into(), failure.to_json());
        }
    }
    if let Some(timings) = timings {
        object.insert("timings".into(), timings.to_json());
    }
    exit(to_stdout(&[&format!("{}\n", Value::from(object))]), code)
}

fn to_stdout(parts: &[&str]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    parts
        .iter()
        .try_for_each(|part| out.write_all(part.as_bytes()))?;
    out.flush()
}

/// The exit code, given how writing to stdout went. A reader that has seen enough and closed the pipe
/// changes nothing.
fn exit(written: io::Result<()>, code: u8) -> ExitCode {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("standard output: {error}"));
            ExitCode::from(FAILED)
        }
        _ => ExitCode::from(code),
    }
}

fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "zkiln: {sentence}");
}

/// The hook for panics: one sentence in place of a backtrace.
pub(crate) fn panicked(info: &PanicHookInfo<'_>) {
    let place = info
        .location()
        .map_or(String::new(), |place| format!(" at {place}"));
    let payload = info.payload();
    let reason = (payload.downcast_ref::<&str>().copied())
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given");
    complain(&format!(
        "this is a bug{place}: {reason}. Please report it, with this line, the command and the version \
         ({})",
        env!("CARGO_PKG_VERSION")
    ));
}
