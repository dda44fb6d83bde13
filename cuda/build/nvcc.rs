//! Kernels for GPUs: finds nvcc, makes a fat binary of each file, and writes the table of them that
//! `src/nvidia/kernels.rs` includes.
//!
//! | variable | what it says |
//! |---|---|
//! | `NVCC` | the compiler; `off` leaves the kernels out |
//! | `CUDA_HOME`, `CUDA_PATH` | where CUDA is installed |
//! | `ZKILN_CUDA_ARCHS` | chips to compile for, such as `80,90,compute_90`: a number is machine code, `compute_` PTX |

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use sha2::{Digest, Sha256};

/// The first version that knows the newest chips named below, and `-compress-mode`.
const LEAST_VERSION: u32 = 12_080;
/// Machine code for what is in use, and PTX for chips between and after: a release is built once.
const RELEASE_ARCHS: &str = "80,86,89,90,100,120,compute_80,compute_120";
/// One chip: whoever works on the library compiles often.
const DEBUG_ARCHS: &str = "90";
const FLAGS: [&str; 5] = [
    "-fatbin",
    "-O3",
    "-std=c++17",
    "-compress-mode=size",
    "-lineinfo",
];

/// Compiles `kernels/*.cu` to fat binaries, if nvcc is found, and writes the table.
pub(crate) fn compile() {
    let sources = Sources::read(&Path::new(&required("CARGO_MANIFEST_DIR")).join("kernels"));
    let out = PathBuf::from(required("OUT_DIR"));
    let families = sources.families();
    let mut table = format!("pub(super) const HASH: &str = {:?};\n", sources.hash());
    match find() {
        Some(nvcc) if !families.is_empty() => {
            let archs = Archs::wanted();
            compile_all(&nvcc, &archs, &sources, &families, &out);
            write_table(&mut table, nvcc.version, &archs, &families);
        }
        _ => write_table(&mut table, 0, &Archs(Vec::new()), &[]),
    }
    fs::write(out.join("nvidia.rs"), table).expect("OUT_DIR can be written");
}

fn required(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|error| fail(&format!("{variable}: {error}")))
}

/// A variable that the build depends on, if it is set and not empty.
fn watched(variable: &str) -> Option<String> {
    println!("cargo:rerun-if-env-changed={variable}");
    env::var(variable).ok().filter(|value| !value.is_empty())
}

fn fail(message: &str) -> ! {
    eprintln!("{message}");
    exit(1);
}

/// The text of `kernels/*.cu` and `*.cuh`, by name.
struct Sources {
    folder: PathBuf,
    files: BTreeMap<String, String>,
}

/// A `.cu` file, and the kernels it lists.
struct Family {
    name: String,
    kernels: Vec<String>,
}

impl Sources {
    fn read(folder: &Path) -> Self {
        let entries = fs::read_dir(folder)
            .unwrap_or_else(|error| fail(&format!("{}: {error}", folder.display())));
        let mut files = BTreeMap::new();
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(".cu") || name.ends_with(".cuh") {
                let text = fs::read_to_string(&path)
                    .unwrap_or_else(|error| fail(&format!("{}: {error}", path.display())));
                files.insert(name.into_owned(), text);
            }
        }
        Self {
            folder: folder.into(),
            files,
        }
    }

    /// What `sha256sum *.cu *.cuh | sort -k2 | sha256sum` says in the folder.
    fn hash(&self) -> String {
        let mut list = String::new();
        for (name, text) in &self.files {
            writeln!(list, "{}  {name}", sha256([text])).expect("a string grows");
        }
        sha256([list])
    }

    /// The families, which name their kernels in a line `KERNELS(family, kernel, ...)`.
    fn families(&self) -> Vec<Family> {
        let mut families = Vec::new();
        let mut known = BTreeSet::new();
        for (file, text) in &self.files {
            let Some(name) = file.strip_suffix(".cu") else {
                continue;
            };
            let list = text
                .rsplit_once("KERNELS(")
                .and_then(|(_, rest)| Some(rest.split_once(')')?.0))
                .unwrap_or_else(|| fail(&format!("{file} lists no KERNELS")));
            let mut words = list.split(',').map(|word| word.trim().to_owned());
            if words.next().as_deref() != Some(name) {
                fail(&format!("{file}: the first name in KERNELS must be {name}"));
            }
            let kernels: Vec<String> = words.collect();
            for kernel in &kernels {
                if !known.insert(kernel.clone()) {
                    fail(&format!("{file}: a second kernel {kernel}"));
                }
            }
            families.push(Family {
                name: name.into(),
                kernels,
            });
        }
        families
    }

    /// The names of `file` and of all that it includes from the folder.
    fn reached_from<'a>(&'a self, file: &'a str, reached: &mut BTreeSet<&'a str>) {
        let Some(text) = self.files.get(file) else {
            return;
        };
        if !reached.insert(file) {
            return;
        }
        for line in text.lines() {
            let included = line
                .trim_start()
                .strip_prefix("#include \"")
                .and_then(|rest| rest.split('"').next());
            if let Some(included) = included {
                self.reached_from(included, reached);
            }
        }
    }
}

fn sha256<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let mut hex = String::new();
    for byte in hasher.finalize() {
        write!(hex, "{byte:02x}").expect("a string grows");
    }
    hex
}

struct Nvcc {
    path: PathBuf,
    /// 1000 times the major version plus 10 times the minor one, as the driver counts.
    version: u32,
    /// All that it says of its version.
    text: String,
}

/// The compiler, if there is one that will do; says so where there is none.
fn find() -> Option<Nvcc> {
    match watched("NVCC").as_deref() {
        Some("off") => return None,
        // Asked for by name, it is used or refused.
        Some(path) => match Nvcc::at(path.into()) {
            Ok(nvcc) => return Some(nvcc),
            Err(reason) => fail(&format!("NVCC={path}: {reason}")),
        },
        None => {}
    }
    let mut refused = String::new();
    for place in PLACES {
        for path in place() {
            match Nvcc::at(path) {
                Ok(nvcc) => return Some(nvcc),
                Err(reason) => write!(refused, " ({reason})").expect("a string grows"),
            }
        }
    }
    println!(
        "cargo:warning=no nvcc{refused}: this build has no kernels for GPUs and runs on the CPU alone. \
         For GPUs install CUDA {}.{} or newer, or `pip install \"nvidia-cuda-nvcc~=13.0\"`, or name the \
         compiler in NVCC; NVCC=off says that there should be none",
        LEAST_VERSION / 1000,
        LEAST_VERSION % 1000 / 10
    );
    None
}

/// Where nvcc may be, best first; each is looked at only if those before it have none.
const PLACES: [fn() -> Vec<PathBuf>; 5] = [
    || installed_in(watched("CUDA_HOME")),
    || installed_in(watched("CUDA_PATH")),
    || {
        let path = watched("PATH").unwrap_or_default();
        let folders = env::split_paths(&path);
        existing(folders.map(|folder| folder.join(nvcc_name())))
    },
    || installed_in(Some("/usr/local/cuda".into())),
    || installed_in(python_package()),
];

fn installed_in(folder: Option<String>) -> Vec<PathBuf> {
    existing(folder.map(|folder| Path::new(&folder).join("bin").join(nvcc_name())))
}

fn existing(paths: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    paths.into_iter().filter(|path| path.is_file()).collect()
}

fn nvcc_name() -> &'static str {
    if cfg!(windows) { "nvcc.exe" } else { "nvcc" }
}

/// The folder of the Python packages `nvidia-cuda-*`, which is no package itself, but several share it.
fn python_package() -> Option<String> {
    watched("PYTHONPATH");
    let output = Command::new("python3")
        .args([
            "-c",
            "import nvidia.cu13 as cuda; print(list(cuda.__path__)[0])",
        ])
        .output()
        .ok()?;
    let folder = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!folder.is_empty()).then_some(folder)
}

impl Nvcc {
    fn at(path: PathBuf) -> Result<Self, String> {
        let text = Command::new(&path)
            .arg("--version")
            .output()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let version = text
            .split_once("release ")
            .and_then(|(_, rest)| rest.split_once(','))
            .and_then(|(number, _)| number.split_once('.'))
            .and_then(|(major, minor)| {
                Some(1000 * major.parse::<u32>().ok()? + 10 * minor.parse::<u32>().ok()?)
            })
            .ok_or_else(|| format!("{} does not tell its version", path.display()))?;
        if version < LEAST_VERSION {
            return Err(format!(
                "{} is of CUDA {}.{}",
                path.display(),
                version / 1000,
                version % 1000 / 10
            ));
        }
        // The one that is asked for by a mere name is found by the system.
        if path.is_file() {
            println!("cargo:rerun-if-changed={}", path.display());
        }
        Ok(Self {
            path,
            version,
            text,
        })
    }
}

/// `sm_90` or `compute_90`, each.
struct Archs(Vec<String>);

impl Archs {
    fn wanted() -> Self {
        let default = match required("PROFILE").as_str() {
            "release" => RELEASE_ARCHS,
            _ => DEBUG_ARCHS,
        };
        let list = watched("ZKILN_CUDA_ARCHS").unwrap_or_else(|| default.into());
        let archs = list.split(',').map(|word| {
            let word = word.trim();
            let (kind, number) = match word.split_once('_') {
                Some((kind @ ("sm" | "compute"), number)) => (kind, number),
                _ => ("sm", word),
            };
            if number.len() < 2 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                fail(&format!(
                    "ZKILN_CUDA_ARCHS={list}: {word:?} is neither a number like 90, which is machine \
                     code, nor like compute_90, which is PTX"
                ));
            }
            format!("{kind}_{number}")
        });
        Self(archs.collect())
    }

    fn flags(&self) -> impl Iterator<Item = String> {
        self.0.iter().flat_map(|arch| {
            let number = arch.split('_').next_back().unwrap_or_default();
            [
                "-gencode".into(),
                format!("arch=compute_{number},code={arch}"),
            ]
        })
    }
}

/// Compiles the families, several at a time, except those of which nothing has changed.
fn compile_all(nvcc: &Nvcc, archs: &Archs, sources: &Sources, families: &[Family], out: &Path) {
    // nvcc reads flags from these too.
    let extra = ["NVCC_PREPEND_FLAGS", "NVCC_APPEND_FLAGS", "NVCC_CCBIN"]
        .map(|variable| watched(variable).unwrap_or_default());
    let stale: Vec<(&Family, String)> = families
        .iter()
        .map(|family| {
            let file = format!("{}.cu", family.name);
            let mut reached = BTreeSet::new();
            sources.reached_from(&file, &mut reached);
            let texts = reached
                .iter()
                .flat_map(|&file| [file, &sources.files[file]]);
            let flags = FLAGS.iter().map(|&flag| flag.to_owned());
            let parts = [nvcc.text.clone()]
                .into_iter()
                .chain(extra.clone())
                .chain(flags)
                .chain(archs.flags())
                .chain(texts.map(str::to_owned));
            // A part's length goes before it, so that no two lists read the same.
            (
                family,
                sha256(parts.map(|part| format!("{}:{part}", part.len()))),
            )
        })
        .filter(|(family, key)| {
            let kept = fs::read_to_string(key_path(out, family));
            kept.ok().as_ref() != Some(key) || !fatbin_path(out, family).is_file()
        })
        .collect();

    let jobs = env::var("NUM_JOBS").ok().and_then(|jobs| jobs.parse().ok());
    let jobs: usize = jobs.unwrap_or(1);
    let workers = jobs.min(stale.len());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((family, key)) = stale.get(next.fetch_add(1, Ordering::Relaxed)) {
                    compile_one(nvcc, archs, sources, family, jobs / workers, out);
                    fs::write(key_path(out, family), key).expect("OUT_DIR can be written");
                }
            });
        }
    });
}

fn compile_one(
    nvcc: &Nvcc,
    archs: &Archs,
    sources: &Sources,
    family: &Family,
    threads: usize,
    out: &Path,
) {
    // A build that is stopped must not leave an old key beside a new file.
    let _ = fs::remove_file(key_path(out, family));
    let mut command = Command::new(&nvcc.path);
    command
        .current_dir(&sources.folder)
        .args(FLAGS)
        .args(archs.flags())
        .arg(format!("--threads={threads}"))
        .arg(format!("{}.cu", family.name))
        .arg("-o")
        .arg(fatbin_path(out, family));
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => fail(&format!(
            "{command:?}: {}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )),
        Err(error) => fail(&format!("{command:?}: {error}")),
    }
}

fn fatbin_path(out: &Path, family: &Family) -> PathBuf {
    out.join(format!("{}.fatbin", family.name))
}

fn key_path(out: &Path, family: &Family) -> PathBuf {
    out.join(format!("{}.key", family.name))
}

/// Writes Rust: the constants of `src/nvidia/kernels.rs`.
fn write_table(table: &mut String, version: u32, archs: &Archs, families: &[Family]) {
    let mut line = |text: String| writeln!(table, "{text}").expect("a string grows");
    line(format!("pub(super) const ARCHS: &[&str] = &{:?};", archs.0));
    line(format!("pub(super) const TOOLKIT: u32 = {version};"));
    if !families.is_empty() {
        // The driver reads words of the binaries.
        line("#[repr(C, align(64))]".into());
        line("struct Aligned<const N: usize>([u8; N]);".into());
    }
    for (i, family) in families.iter().enumerate() {
        let file = format!(
            "include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{}.fatbin\"))",
            family.name
        );
        line(format!(
            "static IMAGE_{i}: Aligned<{{ {file}.len() }}> = Aligned(*{file});"
        ));
    }
    line("pub(super) const FAMILIES: &[Family] = &[".into());
    for (i, family) in families.iter().enumerate() {
        line(format!(
            "    Family {{ kernels: &{:?}, image: &IMAGE_{i}.0 }},",
            family.kernels
        ));
    }
    line("];".into());
}
