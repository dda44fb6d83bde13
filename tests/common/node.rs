//! The Node programs of `tests/oracle`, run as subprocesses.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// `tests/oracle` of the repository, whichever of its packages this is compiled in.
fn folder() -> PathBuf {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut folders = folders.map(|folder| folder.join("tests/oracle"));
    folders.find(|folder| folder.is_dir()).unwrap()
}

/// Whether the oracles can run; installs what they need the first time. Where they cannot, the
/// reason is printed and the caller should return: the test is skipped. With `ZKILN_REQUIRE_NODE=1`
/// in the environment the test fails instead.
pub fn is_ready() -> bool {
    static READY: OnceLock<Result<(), String>> = OnceLock::new();
    match READY.get_or_init(install) {
        Ok(()) => true,
        Err(reason) if std::env::var_os("ZKILN_REQUIRE_NODE").is_some_and(|v| v == "1") => {
            panic!("the oracles cannot run: {reason}")
        }
        Err(reason) => {
            eprintln!("skipped, as the oracles cannot run: {reason}");
            false
        }
    }
}

fn install() -> Result<(), String> {
    let folder = folder();
    let version = run(Command::new("node").arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next();
    let major: u32 = major.and_then(|m| m.parse().ok()).unwrap_or(0);
    if major < 20 {
        return Err(format!("node {} is older than 20", version.trim()));
    }
    // Test binaries and their threads run side by side: one installs, the others wait.
    let lock = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle.lock");
    let lock = File::create(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
    lock.lock()
        .map_err(|e| format!("waiting for the install: {e}"))?;
    // npm writes this file last.
    if !folder.join("node_modules/.package-lock.json").exists() {
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder))?;
    }
    Ok(())
}

/// Runs an oracle and gives what it printed.
pub fn oracle<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> String {
    let program = folder().join(program);
    run(Command::new("node").arg(program).args(args)).unwrap_or_else(|e| panic!("{e}"))
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|e| format!("{command:?}: {e}"))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|e| e.to_string())
    } else {
        let stderr = String::from_utf8_lossy(&output.stderr);
        Err(format!("{command:?}: {}: {}", output.status, stderr.trim()))
    }
}

/// A folder for the files of a test, removed with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let name = format!("{name}-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The path of something in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
