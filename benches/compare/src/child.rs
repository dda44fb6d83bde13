//! Child processes, and what they cost from outside.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::harness::{Sample, busy_time};

/// What a whole process did.
pub struct Finished {
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// From before it was started until it was reaped; CPU time of it and its children.
    pub sample: Sample,
    /// The largest resident set it had, in bytes.
    pub peak_rss: u64,
}

/// Runs `command` to its end.
///
/// Linux counts the parent's resident set at the time of the fork into the child's peak, so a
/// caller that wants the peak must itself be small.
pub fn run_measured(command: &mut Command) -> Result<Finished> {
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start a child")?;
    let mut stdout = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_end(&mut stdout)
            .context("cannot read from the child")?;
    }
    let (status, usage) = wait(child.id())?;
    let wall = start.elapsed();
    ensure!(status.success(), "the child ended with {status}");
    Ok(Finished {
        stdout,
        sample: Sample {
            wall,
            cpu: busy_time(&usage),
        },
        // In KiB on Linux.
        peak_rss: usage.ru_maxrss as u64 * 1024,
    })
}

/// Reaps the child `pid`. `std` can wait for a child, but not tell what it used.
fn wait(pid: u32) -> Result<(ExitStatus, libc::rusage)> {
    let mut status = 0;
    // SAFETY: rusage consists of integers, for which all-zero bytes are a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live values of the types the call expects.
        let reaped = unsafe { libc::wait4(pid as libc::pid_t, &mut status, 0, &mut usage) };
        if reaped == pid as libc::pid_t {
            return Ok((ExitStatus::from_raw(status), usage));
        }
        let error = std::io::Error::last_os_error();
        if error.kind() != std::io::ErrorKind::Interrupted {
            bail!("cannot wait for the child: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_reaped_with_its_output_and_its_cost() {
        let done = run_measured(Command::new("echo").arg("hello")).unwrap();
        assert_eq!(done.stdout, b"hello\n");
        assert!(done.peak_rss > 0);
    }

    #[test]
    fn a_failing_child_is_an_error() {
        assert!(run_measured(&mut Command::new("false")).is_err());
    }
}
