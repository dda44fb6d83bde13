//! Runs contenders in turn and keeps their times.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Elapsed time.
    pub wall: Duration,
    /// User and system time of all threads of this process.
    pub cpu: Duration,
}

/// Runs `work` and takes its time.
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Sample) {
    let cpu = cpu_time();
    let start = Instant::now();
    let value = work();
    let wall = start.elapsed();
    (
        value,
        Sample {
            wall,
            cpu: cpu_time() - cpu,
        },
    )
}

/// The time of all threads of this process so far.
fn cpu_time() -> Duration {
    // SAFETY: rusage consists of integers, for which all-zero bytes are a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live rusage, and the call writes nothing else.
    let status = unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    assert_eq!(status, 0, "getrusage(RUSAGE_SELF) has no way to fail");
    busy_time(&usage)
}

/// User and system time of a resource report.
pub(crate) fn busy_time(usage: &libc::rusage) -> Duration {
    let duration = |t: libc::timeval| {
        Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64)
    };
    duration(usage.ru_utime) + duration(usage.ru_stime)
}

/// One implementation, ready to run a workload again and again.
///
/// The closure takes its own time, so that copying an input or converting a result stays outside.
pub struct Contender<'a, T> {
    name: &'static str,
    prepared: Option<Sample>,
    run: Box<dyn FnMut() -> Result<(T, Sample)> + 'a>,
}

impl<'a, T> Contender<'a, T> {
    /// A contender that takes the raw input at every run.
    pub fn new(name: &'static str, run: impl FnMut() -> Result<(T, Sample)> + 'a) -> Self {
        Self {
            name,
            prepared: None,
            run: Box::new(run),
        }
    }

    /// A contender that did work once, ahead of its runs: a plan made or a key loaded.
    pub fn prepared(
        name: &'static str,
        prepared: Sample,
        run: impl FnMut() -> Result<(T, Sample)> + 'a,
    ) -> Self {
        Self {
            name,
            prepared: Some(prepared),
            run: Box::new(run),
        }
    }

    /// A single run, with nothing before it.
    pub fn run_once(&mut self) -> Result<(T, Sample)> {
        (self.run)()
    }
}

/// The times of one contender.
pub struct Outcome {
    /// Its name.
    pub name: &'static str,
    /// What it did once, ahead of the runs.
    pub prepared: Option<Sample>,
    /// One sample per round; the warm-up is not among them.
    pub samples: Vec<Sample>,
}

/// Runs all contenders `1 + reps` times in turn. The first round warms up and is not kept.
///
/// `accept` sees every result, the warm-up's before anything is timed, and ends the comparison by
/// an error.
pub fn interleave<T>(
    mut contenders: Vec<Contender<'_, T>>,
    reps: usize,
    mut accept: impl FnMut(T) -> Result<()>,
) -> Result<Vec<Outcome>> {
    ensure!(reps > 0, "at least one repetition is needed");
    let mut outcomes: Vec<_> = contenders
        .iter()
        .map(|c| Outcome {
            name: c.name,
            prepared: c.prepared,
            samples: Vec::with_capacity(reps),
        })
        .collect();
    for round in 0..=reps {
        for (contender, outcome) in contenders.iter_mut().zip(&mut outcomes) {
            let (value, sample) = (contender.run)().map_err(|e| e.context(contender.name))?;
            accept(value).map_err(|e| e.context(contender.name))?;
            if round > 0 {
                outcome.samples.push(sample);
            }
        }
    }
    Ok(outcomes)
}

/// Accepts results that equal the first one seen.
pub fn agreement<T: PartialEq>() -> impl FnMut(T) -> Result<()> {
    let mut first: Option<T> = None;
    move |value| {
        match &first {
            Some(expected) => ensure!(value == *expected, "the result differs from the first one"),
            None => first = Some(value),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constant(name: &'static str, value: u32) -> Contender<'static, u32> {
        Contender::new(name, move || Ok(measure(|| value)))
    }

    #[test]
    fn rounds_are_interleaved_and_the_warm_up_is_dropped() {
        let order = std::cell::RefCell::new(String::new());
        let note = |name| {
            let order = &order;
            Contender::new(name, move || {
                order.borrow_mut().push_str(name);
                Ok(measure(|| ()))
            })
        };
        let outcomes = interleave(vec![note("a"), note("b")], 2, |()| Ok(())).unwrap();
        assert_eq!(*order.borrow(), "ababab");
        assert!(outcomes.iter().all(|o| o.samples.len() == 2));
    }

    #[test]
    fn a_contender_that_disagrees_is_named() {
        let error = interleave(vec![constant("a", 1), constant("b", 2)], 1, agreement()).err();
        assert_eq!(error.map(|e| e.to_string()).as_deref(), Some("b"));
    }

    #[test]
    fn idling_takes_wall_time() {
        let ((), sample) = measure(|| std::thread::sleep(Duration::from_millis(20)));
        assert!(sample.wall >= Duration::from_millis(20));
    }
}
