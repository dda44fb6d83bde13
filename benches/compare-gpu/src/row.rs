//! Times of the two, side by side, as a Markdown table and as JSON.

use serde::Serialize;

/// One workload.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// What was computed.
    pub(crate) workload: String,
    /// What the times are of.
    pub(crate) clock: &'static str,
    /// zkiln's times.
    pub(crate) zkiln: Times,
    /// sppark's.
    pub(crate) sppark: Times,
    /// sppark's best time over zkiln's: more than 1 says that zkiln is faster.
    pub(crate) ratio: f64,
}

/// Milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Times {
    /// The least.
    pub(crate) best_ms: f64,
    /// The one in the middle.
    pub(crate) median_ms: f64,
}

impl Times {
    /// Of some runs.
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self {
            best_ms: times[0],
            median_ms: times[times.len() / 2],
        }
    }
}

/// A contender's run: its result, and the milliseconds it counts.
type Run<'a, T> = Box<dyn FnMut() -> anyhow::Result<(T, f64)> + 'a>;

/// Runs the two in turn, once to warm up and then `reps` times, and compares their results every time.
///
/// # Errors
/// A run's; two different results.
pub(crate) fn compare<T: PartialEq>(
    workload: String,
    clock: &'static str,
    reps: usize,
    mut zkiln: Run<'_, T>,
    mut sppark: Run<'_, T>,
) -> anyhow::Result<Row> {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..=reps.max(1) {
        let (ours, our_time) = zkiln()?;
        let (theirs, their_time) = sppark()?;
        anyhow::ensure!(ours == theirs, "{workload}: the results differ");
        if round > 0 {
            times[0].push(our_time);
            times[1].push(their_time);
        }
    }
    let [zkiln, sppark] = times.map(Times::of);
    Ok(Row {
        workload,
        clock,
        zkiln,
        sppark,
        ratio: sppark.best_ms / zkiln.best_ms,
    })
}

/// The head of the table of [`line`]s.
pub(crate) const HEAD: &str = "\
| workload | clock | zkiln, ms | median | sppark, ms | median | sppark / zkiln |
|---|---|--:|--:|--:|--:|--:|";

/// A row of the table.
pub(crate) fn line(row: &Row) -> String {
    let Row {
        workload,
        clock,
        zkiln,
        sppark,
        ratio,
    } = row;
    format!(
        "| {workload} | {clock} | {:.3} | {:.3} | {:.3} | {:.3} | {ratio:.2} |",
        zkiln.best_ms, zkiln.median_ms, sppark.best_ms, sppark.median_ms
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(times: [f64; 4], result: u32) -> Run<'static, u32> {
        let mut times = times.into_iter();
        Box::new(move || Ok((result, times.next().unwrap())))
    }

    #[test]
    fn the_warm_up_does_not_count() {
        let zkiln = runs([9.0, 3.0, 2.0, 4.0], 7);
        let sppark = runs([1.0, 8.0, 6.0, 4.0], 7);
        let row = compare("w".into(), "c", 3, zkiln, sppark).unwrap();
        assert_eq!((row.zkiln.best_ms, row.zkiln.median_ms), (2.0, 3.0));
        assert_eq!((row.sppark.best_ms, row.sppark.median_ms), (4.0, 6.0));
        assert_eq!(
            line(&row),
            "| w | c | 2.000 | 3.000 | 4.000 | 6.000 | 2.00 |"
        );
    }

    #[test]
    fn different_results_end_it() {
        let error = compare("w".into(), "c", 1, runs([1.0; 4], 1), runs([1.0; 4], 2));
        assert_eq!(error.unwrap_err().to_string(), "w: the results differ");
    }
}
