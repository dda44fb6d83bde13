//! Files that are read.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::Path;

use zkiln::groth16::{MappedFile, VerifyingKey, Zkey};
use zkiln::{Error, Result};

/// Requires files to be there and to end: a directory gives a sentence instead of what the operating
/// system calls it when it is mapped, and no device is read for ever. Done for all inputs before any
/// work, so that a mistyped name costs nothing.
pub(crate) fn require_files(paths: &[&Path]) -> Result<()> {
    paths.iter().try_for_each(|path| {
        let kind = fs::metadata(path)
            .map_err(|e| io_error(path, e))?
            .file_type();
        if kind.is_dir() {
            Err(io_error(path, io::ErrorKind::IsADirectory.into()))
        } else if !kind.is_file() && !is_pipe(kind) {
            Err(io_error(path, io::Error::other("not a regular file")))
        } else {
            Ok(())
        }
    })
}

/// The verification key in a `verification_key.json` or a zkey file, whichever it is by its first
/// bytes. Refuses a key for which anyone can forge proofs.
pub(crate) fn secure_verifying_key(path: &Path) -> Result<VerifyingKey> {
    let key = if starts_as_zkey(path)? {
        let file = MappedFile::open(path)?;
        let zkey = Zkey::parse(&file, file.origin())?;
        zkey.check_secure()?;
        zkey.verifying_key()?
    } else {
        let key = VerifyingKey::open(path)?;
        key.check_secure(&path.display().to_string())?;
        key
    };
    Ok(key)
}

/// Whether a file is a zkey that says of itself that it is for development only.
pub(crate) fn is_development_key(path: &Path) -> Result<bool> {
    if !starts_as_zkey(path)? {
        return Ok(false);
    }
    let file = MappedFile::open(path)?;
    let zkey = Zkey::parse(&file, file.origin())?;
    zkey.is_insecure()
}

/// A pipe is not asked, for what is read from it is gone; a zkey from a pipe is not read anyway.
fn starts_as_zkey(path: &Path) -> Result<bool> {
    // Asked before it is opened: opening a pipe waits for a writer, and takes one from the reader to come.
    if !fs::metadata(path).map_err(|e| io_error(path, e))?.is_file() {
        return Ok(false);
    }
    let mut file = File::open(path).map_err(|e| io_error(path, e))?;
    let mut magic = [0; 4];
    Ok(file.read_exact(&mut magic).is_ok() && magic == *b"zkey")
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|e| io_error(path, e))
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}

pub(crate) fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Io {
        path: path.to_owned(),
        source,
    }
}
