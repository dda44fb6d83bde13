//! Files that are written: all of them appear, or none.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use zkiln::{Error, Result};

use crate::input::io_error;

/// The output files of one run.
///
/// [`Outputs::plan`] looks whether they can be written and touches nothing, so that an hour's work is
/// not lost to a mistyped path, and an interrupted run leaves nothing. When the results are there,
/// they are written to temporary files beside their targets; [`Outputs::commit`] makes sure that they
/// are on the disk and renames them. Dropped before that, everything is removed again.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    staged: Vec<(NamedTempFile, PathBuf)>,
    /// What to remove if the run fails.
    created_files: Vec<PathBuf>,
    created_directories: Vec<PathBuf>,
}

impl Outputs {
    /// Checks that `targets` can be written: none exists as anything but a file, none is one of the
    /// `inputs` or named twice, and their directories exist, or could be created, and take files.
    pub(crate) fn plan(targets: &[&Path], inputs: &[&Path]) -> Result<()> {
        let mut taken: Vec<PathBuf> = inputs.iter().map(|path| resolved(path)).collect();
        targets.iter().try_for_each(|&target| {
            if target.file_name().is_none() || target.is_dir() {
                return Err(io_error(target, io::ErrorKind::IsADirectory.into()));
            }
            if target.exists() && !target.is_file() {
                return Err(io_error(target, io::Error::other("not a regular file")));
            }
            if taken.contains(&resolved(target)) {
                let reason = "another file of this command has the same name";
                return Err(io_error(target, io::Error::other(reason)));
            }
            taken.push(resolved(target));
            let directory = parent(target);
            let mut existing = directory.ancestors().map(or_current);
            let existing = existing.find(|path| path.exists()).unwrap_or(directory);
            // Where the operating system can, this file has no name and is gone whatever happens.
            tempfile::tempfile_in(existing).map_err(|e| io_error(directory, e))?;
            Ok(())
        })
    }

    /// Creates a directory and those that it is in, unless it exists.
    pub(crate) fn create_directory(&mut self, directory: &Path) -> Result<()> {
        let missing = directory
            .ancestors()
            .take_while(|path| !or_current(path).exists());
        for path in missing.collect::<Vec<_>>().into_iter().rev() {
            fs::create_dir(path).map_err(|e| io_error(path, e))?;
            self.created_directories.push(path.to_owned());
        }
        Ok(())
    }

    /// A file with this content.
    pub(crate) fn stage(&mut self, target: &Path, content: impl AsRef<[u8]>) -> Result<()> {
        self.stage_with(target, |path| {
            fs::write(path, content).map_err(|e| io_error(path, e))
        })
    }

    /// A file whose content `write` puts into the file that it is given.
    pub(crate) fn stage_with(
        &mut self,
        target: &Path,
        write: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<()> {
        // A link stays a link: what it points to is replaced.
        let target = resolved(target);
        let file = temporary_beside(&target).map_err(|e| io_error(&target, e))?;
        write(file.path()).map_err(|error| match error {
            // The user knows nothing of a temporary file.
            Error::Io { source, .. } => io_error(&target, source),
            other => other,
        })?;
        self.staged.push((file, target));
        Ok(())
    }

    /// Puts all files in their places. If a rename fails, which [`Outputs::plan`] makes unlikely, the
    /// new files among those before it are removed; the older files that they replaced are lost.
    pub(crate) fn commit(mut self) -> Result<()> {
        for (file, target) in &self.staged {
            file.as_file().sync_all().map_err(|e| io_error(target, e))?;
        }
        let mut directories = Vec::new();
        for (file, target) in self.staged.drain(..) {
            let is_new = !target.exists();
            file.persist(&target)
                .map_err(|e| io_error(&target, e.error))?;
            directories.push(parent(&target).to_owned());
            if is_new {
                self.created_files.push(target);
            }
        }
        directories.dedup();
        directories.iter().for_each(|path| sync_directory(path));
        self.created_files.clear();
        self.created_directories.clear();
        Ok(())
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        self.staged.clear();
        for file in &self.created_files {
            let _ = fs::remove_file(file);
        }
        // Innermost first. One that somebody else has put something into stays.
        for directory in self.created_directories.iter().rev() {
            let _ = fs::remove_dir(directory);
        }
    }
}

/// The path without links and dots, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let within_parent = || Some(fs::canonicalize(parent(path)).ok()?.join(path.file_name()?));
    (fs::canonicalize(path).ok())
        .or_else(within_parent)
        .unwrap_or_else(|| path.to_owned())
}

fn parent(target: &Path) -> &Path {
    or_current(target.parent().unwrap_or(target))
}

/// The parent of a bare file name is the empty path, which means the current directory.
fn or_current(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

fn temporary_beside(target: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".zkiln-").suffix(".tmp");
    // Results are not secret: who may read them is the user's umask, not the habit of temporary files.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(parent(target))
}

/// Lets a rename outlast a crash of the machine, where the operating system has a way to ask for it.
fn sync_directory(directory: &Path) {
    if cfg!(unix)
        && let Ok(directory) = File::open(directory)
    {
        let _ = directory.sync_all();
    }
}
