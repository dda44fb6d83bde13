//! Child processes, and what they cost from outside.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::harness::{self, Contender, Outcome, Sample, busy_time};

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

/// Runs a process of each name in turn, as [`harness::interleave`] does, and returns with the times of each the largest
/// of its peaks in bytes. `accept` sees what each wrote.
pub fn interleave(
    names: &[&'static str],
    reps: usize,
    command: impl Fn(&'static str) -> Result<Command>,
    mut accept: impl FnMut(Vec<u8>) -> Result<()>,
) -> Result<Vec<(Outcome, u64)>> {
    let command = &command;
    let contender = |&name| {
        Contender::new(name, move || {
            let done = run_measured(&mut command(name)?)?;
            Ok(((done.stdout, done.peak_rss), done.sample))
        })
    };
    let mut peaks = Vec::new();
    let contenders = names.iter().map(contender).collect();
    let outcomes = harness::interleave(contenders, reps, |(stdout, peak)| {
        peaks.push(peak);
        accept(stdout)
    })?;
    // They took turns, so every so-manieth peak is of one name.
    let largest = |index| peaks.iter().skip(index).step_by(names.len()).max();
    let peaks: Vec<u64> = (0..names.len()).filter_map(largest).copied().collect();
    Ok(outcomes.into_iter().zip(peaks).collect())
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
    fn children_take_turns() {
        let mut seen = Vec::new();
        let echo = |name| {
            let mut command = Command::new("echo");
            command.arg(name);
            Ok(command)
        };
        let outcomes = interleave(&["a", "b"], 2, echo, |out| {
            seen.extend(out);
            Ok(())
        });
        assert!(
            outcomes
                .unwrap()
                .iter()
                .all(|(outcome, peak)| outcome.samples.len() == 2 && *peak > 0)
        );
        assert_eq!(seen, b"a\nb\na\nb\na\nb\n");
    }

    #[test]
    fn a_failing_child_is_an_error() {
        assert!(run_measured(&mut Command::new("false")).is_err());
    }
}
