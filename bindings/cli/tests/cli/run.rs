//! Running the program.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// The circuits of which there are fixtures.
pub(crate) const CIRCUITS: [&str; 5] =
    ["multiplier", "full_domain", "hash_chain", "merkle", "range"];

/// No run takes longer, on any machine and beside whatever else: most take milliseconds, a proof with all the work of
/// a hundred bits some seconds.
const LIMIT: Duration = Duration::from_secs(300);

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `zkiln` with these arguments. Fails the test if a signal ends it, if it hangs, and if it
/// reports a bug.
pub(crate) fn zkiln<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zkiln"));
    command.args(args);
    run(&mut command)
}

/// Runs a command that is, or calls, `zkiln`.
pub(crate) fn run(command: &mut Command) -> Run {
    // Files, which cannot fill up as pipes do while nobody reads.
    let dir = TempDir::new().unwrap();
    let [out, err] = ["out", "err"].map(|name| dir.path().join(name));
    command.stdin(Stdio::null());
    command.stdout(File::create(&out).unwrap());
    command.stderr(File::create(&err).unwrap());
    let mut child = command.spawn().unwrap();
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > LIMIT {
            child.kill().unwrap();
            panic!("{command:?} hangs");
        }
        sleep(Duration::from_millis(2));
    };
    let [stdout, stderr] = [out, err].map(|path| fs::read_to_string(path).unwrap());
    let code = (status.code()).unwrap_or_else(|| panic!("{command:?}: {status}: {stderr}"));
    assert!(!stderr.contains("this is a bug"), "{command:?}: {stderr}");
    Run {
        code,
        stdout,
        stderr,
    }
}

impl Run {
    /// Requires success.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Requires exit code 2 and a sentence on stderr that contains `reason`, with nothing on stdout.
    #[track_caller]
    pub(crate) fn refused(self, reason: &str) -> Self {
        assert_eq!(self.code, 2, "{self:?}");
        assert!(self.stderr.contains(reason), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        self
    }

    /// The one JSON object on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("not one JSON value: {e}: {self:?}"));
        assert!(value.is_object());
        value
    }
}

/// A file of the fixtures.
pub(crate) fn data(circuit: &str, file: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data");
    let path = root.join(circuit).join(file);
    assert!(path.exists(), "{}", path.display());
    path
}

/// The names of an object's fields, sorted.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// What is in a directory.
pub(crate) fn listing(dir: &Path) -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| name(entry.unwrap()))
        .collect();
    names.sort();
    names
}
