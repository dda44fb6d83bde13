//! Compiling and running C and C++ programs against a library of this workspace.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "two packages use this, each some of it"
)]

#[path = "../../../../tests/common/node.rs"]
pub mod node;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// No program takes longer, on any machine, under any tool.
const LIMIT: Duration = Duration::from_secs(300);

/// What a program is compiled as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Language {
    C99,
    Cxx17,
}

/// What watches a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tool {
    /// Nothing.
    Plain,
    /// AddressSanitizer and UndefinedBehaviorSanitizer.
    Address,
    /// ThreadSanitizer.
    Thread,
    /// valgrind, where there is one: it watches the library too. Leaks are AddressSanitizer's.
    Valgrind,
}

/// How the library is linked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Linkage {
    Shared,
    Static,
}

/// A library with its header.
pub struct Library {
    /// As the linker calls it.
    pub name: &'static str,
    /// Where its header lies.
    pub include: PathBuf,
}

/// A folder or file of this repository.
pub fn repository(path: impl AsRef<Path>) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.unwrap().join(path)
}

/// A file of this package.
pub fn package(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folder that cargo built the package's libraries in: that of this test.
pub fn libraries() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().to_owned()
}

impl Language {
    /// The compiler, which the environment may name as usual.
    fn compiler(self) -> OsString {
        let (variable, name) = match self {
            Self::C99 => ("CC", "cc"),
            Self::Cxx17 => ("CXX", "c++"),
        };
        std::env::var_os(variable).unwrap_or_else(|| name.into())
    }

    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::C99 => &["-std=c99", "-xc"],
            Self::Cxx17 => &["-std=c++17", "-xc++"],
        }
    }
}

impl Tool {
    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Plain | Self::Valgrind => &[],
            Self::Address => &[
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-fno-omit-frame-pointer",
            ],
            Self::Thread => &["-fsanitize=thread"],
        }
    }

    /// Whether this machine has it. Where it has not, says so, and the caller should return.
    pub fn is_there(self) -> bool {
        static FOUND: [OnceLock<bool>; 4] = [const { OnceLock::new() }; 4];
        *FOUND[self as usize].get_or_init(|| {
            let found = match self {
                Self::Plain => true,
                Self::Valgrind => works(Command::new("valgrind").arg("--version")),
                Self::Address | Self::Thread => {
                    let source = scratch().join(format!("probe-{self:?}.c"));
                    std::fs::write(&source, "int main(void) { return 0; }\n").unwrap();
                    let program = source.with_extension("");
                    let mut compiler = Command::new(Language::C99.compiler());
                    works(
                        compiler
                            .args(self.flags())
                            .arg(source)
                            .arg("-o")
                            .arg(&program),
                    ) && works(&mut self.command(&program))
                }
            };
            if !found {
                eprintln!("left out, as this machine does not have it: {self:?}");
            }
            found
        })
    }

    /// Starts a program under the tool.
    fn command(self, program: &Path) -> Command {
        let mut command = match self {
            Self::Plain | Self::Address => Command::new(program),
            // ThreadSanitizer needs memory where Linux put it before it randomised more of it.
            Self::Thread if works(Command::new("setarch").args(["-R", "true"])) => {
                let mut command = Command::new("setarch");
                command.arg("-R").arg(program);
                command
            }
            Self::Thread => Command::new(program),
            Self::Valgrind => {
                let mut command = Command::new("valgrind");
                command.args(["-q", "--error-exitcode=99"]);
                command.arg(program);
                command
            }
        };
        // As without sanitizers: what asks for more memory than there is gets none.
        command.env("ASAN_OPTIONS", "allocator_may_return_null=1");
        // The library is not compiled for ThreadSanitizer, which sees what it does through the functions of
        // the C library only, and nothing of its locks.
        let suppressions = package("tests/support/tsan.txt");
        if suppressions.exists() {
            let suppressions = suppressions.display();
            let options = format!("allocator_may_return_null=1:suppressions={suppressions}");
            command.env("TSAN_OPTIONS", options);
        }
        command
    }
}

fn works(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null());
    let status = command.stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Where programs go.
pub fn scratch() -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c");
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A new folder for what a program writes.
pub fn folder(name: &str) -> PathBuf {
    let path = scratch().join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Compiles a program with every warning an error, and links it.
pub fn compile(
    source: impl AsRef<Path>,
    language: Language,
    tool: Tool,
    library: &Library,
    linkage: Linkage,
) -> PathBuf {
    let source = source.as_ref();
    let stem = source.file_stem().unwrap().to_str().unwrap();
    let parent = source.parent().unwrap().file_name().unwrap();
    let parent = parent.to_str().unwrap();
    let program = scratch().join(format!(
        "{}-{parent}-{stem}-{language:?}-{tool:?}-{linkage:?}",
        library.name
    ));
    let folder = libraries();
    let mut command = Command::new(language.compiler());
    command
        .args(language.flags())
        .args(["-Wall", "-Wextra", "-pedantic", "-Werror", "-g", "-O1"])
        .args(tool.flags())
        .arg("-I")
        .arg(&library.include)
        .arg(source)
        .args(["-xnone", "-o"])
        .arg(&program);
    match linkage {
        Linkage::Shared => {
            command
                .arg("-L")
                .arg(&folder)
                .arg(format!("-l{}", library.name))
                .arg(format!("-Wl,-rpath,{}", folder.display()));
        }
        Linkage::Static => {
            command
                .arg(folder.join(format!("lib{}.a", library.name)))
                // The kernels for the emulator are C++.
                .args(["-lstdc++", "-lm", "-ldl"]);
        }
    }
    command.arg("-pthread");
    succeed(&mut command);
    program
}

/// Runs a program, and fails the test if it does not end well.
pub fn run<A: AsRef<OsStr>>(
    program: &Path,
    tool: Tool,
    args: impl IntoIterator<Item = A>,
) -> String {
    let output = succeed(tool.command(program).args(args));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command, and fails the test if it fails, or hangs.
pub fn succeed(command: &mut Command) -> Output {
    let output = finish(command);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs a command, and fails the test if it hangs.
fn finish(command: &mut Command) -> Output {
    let command = command.stdin(Stdio::null());
    // Their output is short: it does not fill a pipe while nobody reads.
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > LIMIT {
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8_lossy(&output.stderr);
            panic!("{command:?} hangs\n{text}");
        }
        sleep(Duration::from_millis(2));
    }
    child.wait_with_output().unwrap()
}

/// The symbols that a shared library exports, one in a line, in order.
pub fn exported_symbols(library: &Path) -> String {
    let mut command = Command::new("nm");
    command.args(["-D", "--defined-only"]).arg(library);
    let output = String::from_utf8(succeed(&mut command).stdout).unwrap();
    let mut symbols: Vec<&str> = output
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .collect();
    symbols.sort_unstable();
    symbols.iter().map(|symbol| format!("{symbol}\n")).collect()
}
