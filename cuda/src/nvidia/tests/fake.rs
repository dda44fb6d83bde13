//! A libcuda without a GPU, compiled from `tests/nvidia/fake_cuda.c`: each test has one of its own.

use core::ffi::{CStr, c_char, c_int};
use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use libloading::Library;

use super::super::kernels::{Family, Kernels};
use super::super::open_with;
use crate::{Device, Result};

/// What the fake takes for fat binaries; the second names a kernel that it does not have.
pub(super) const KERNELS: Kernels = Kernels {
    families: &[
        Family {
            kernels: &["increment", "scale"],
            image: b"FAKE:increment,scale\0",
        },
        Family {
            kernels: &["nothing", "missing"],
            image: b"FAKE:nothing\0",
        },
    ],
    archs: &["sm_90", "compute_100"],
    toolkit: 13_000,
};

pub(super) struct Fake {
    path: PathBuf,
    library: Library,
}

impl Fake {
    pub(super) fn new() -> Self {
        static COMPILED: OnceLock<Vec<u8>> = OnceLock::new();
        let compiled = COMPILED.get_or_init(|| {
            let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/nvidia/fake_cuda.c");
            let path = compile(Path::new(source));
            let library = fs::read(&path).unwrap();
            let _ = fs::remove_file(path);
            library
        });
        // A file of its own is a library of its own to the loader, with variables of its own.
        let path = fresh_path();
        fs::write(&path, compiled).unwrap();
        Self::at(path)
    }

    fn at(path: PathBuf) -> Self {
        // SAFETY: the library has no initialisers.
        let library = unsafe { Library::new(&path) }.unwrap();
        Self { path, library }
    }

    pub(super) fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// Changes how it behaves; the settings stand at the head of its source.
    pub(super) fn set(&self, name: &str, value: i32) -> &Self {
        let name = CString::new(name).unwrap();
        // SAFETY: the function has this type.
        let set = unsafe {
            self.library
                .get::<extern "C" fn(*const c_char, c_int)>("fake_set")
        };
        set.unwrap()(name.as_ptr(), value);
        self
    }

    /// What was asked of it.
    pub(super) fn log(&self) -> Vec<String> {
        // SAFETY: the function has this type.
        let log = unsafe {
            self.library
                .get::<extern "C" fn() -> *const c_char>("fake_log")
        };
        // SAFETY: it returns a string that stays where it is.
        let text = unsafe { CStr::from_ptr(log.unwrap()()) };
        text.to_str().unwrap().lines().map(str::to_owned).collect()
    }

    /// How many lines of the log begin so.
    pub(super) fn count(&self, beginning: &str) -> usize {
        let lines = self.log().into_iter();
        lines.filter(|line| line.starts_with(beginning)).count()
    }

    /// The line of the log that is this.
    pub(super) fn line(&self, wanted: &str) -> usize {
        let log = self.log();
        let line = log.iter().position(|line| line == wanted);
        line.unwrap_or_else(|| panic!("no {wanted:?} in {log:#?}"))
    }

    /// Whether page-locked memory (`host`) or the device's memory has this word, freed or not.
    pub(super) fn has(&self, place: &str, word: u64) -> bool {
        let name = format!("fake_{place}_has");
        // SAFETY: the function has this type.
        let has = unsafe { self.library.get::<extern "C" fn(u64) -> c_int>(name) };
        has.unwrap()(word) != 0
    }

    /// The address of its context that is current on this thread.
    pub(super) fn current(&self) -> usize {
        let mut context = 0;
        // SAFETY: the function has this type, but for what the pointer points to, which has its size.
        let get = unsafe {
            self.library
                .get::<extern "C" fn(*mut usize) -> c_int>("cuCtxGetCurrent")
        };
        assert_eq!(get.unwrap()(&mut context), 0);
        context
    }

    pub(super) fn set_current(&self, context: usize) {
        // SAFETY: the function has this type, but for the pointer, which has this size.
        let set = unsafe {
            self.library
                .get::<extern "C" fn(usize) -> c_int>("cuCtxSetCurrent")
        };
        assert_eq!(set.unwrap()(context), 0);
    }

    pub(super) fn open(&self, ordinal: usize) -> Result<Device> {
        open_with(self.path(), KERNELS, ordinal).map(Device::new)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// A library that has nothing of CUDA.
pub(super) fn empty_library() -> Fake {
    let source = fresh_path().with_extension("c");
    fs::write(&source, "int zkiln_test_nothing;\n").unwrap();
    let compiled = compile(&source);
    let _ = fs::remove_file(source);
    Fake::at(compiled)
}

fn compile(source: &Path) -> PathBuf {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
    let output = fresh_path();
    let status = Command::new(&compiler)
        .args([
            "-shared", "-fPIC", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-o",
        ])
        .args([&output, source])
        .status();
    assert!(
        status.as_ref().is_ok_and(|status| status.success()),
        "{compiler}: {status:?}"
    );
    output
}

fn fresh_path() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("zkiln-fake-cuda-{}-{count}.so", process::id());
    env::temp_dir().join(name)
}
