//! Rows of measurements, as an aligned Markdown table and as JSON.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::harness::{Outcome, Sample};

/// The library's name among its peers.
pub const BASELINE: &str = "zkiln";

/// Milliseconds over the repetitions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The median: of an even count the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

impl Spread {
    /// Of at least one duration.
    fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut ms: Vec<f64> = times.map(milliseconds).collect();
        ms.sort_by(f64::total_cmp);
        let (low, high) = (ms[(ms.len() - 1) / 2], ms[ms.len() / 2]);
        Self {
            median: (low + high) / 2.0,
            min: ms[0],
            max: ms[ms.len() - 1],
        }
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// One contender at one workload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// What was computed.
    pub workload: String,
    /// The size of the thread pool.
    pub threads: usize,
    /// Who computed it.
    pub contender: String,
    /// Elapsed time.
    pub wall_ms: Spread,
    /// CPU time of all threads.
    pub cpu_ms: Spread,
    /// Repetitions behind the spreads.
    pub reps: usize,
    /// Wall time of what was done once, ahead of the repetitions: a plan, a loaded key.
    pub prepare_ms: Option<f64>,
    /// What a run includes that not every contender does.
    pub includes: Option<String>,
    /// The largest resident set, in MB (10^6 bytes), where whole processes were measured.
    pub peak_mb: Option<f64>,
}

impl Row {
    /// The row of an outcome.
    pub fn new(workload: &str, threads: usize, outcome: &Outcome) -> Self {
        let spread = |time: fn(&Sample) -> Duration| Spread::of(outcome.samples.iter().map(time));
        Self {
            workload: workload.to_owned(),
            threads,
            contender: outcome.name.to_owned(),
            wall_ms: spread(|s| s.wall),
            cpu_ms: spread(|s| s.cpu),
            reps: outcome.samples.len(),
            prepare_ms: outcome.prepared.map(|s| milliseconds(s.wall)),
            includes: None,
            peak_mb: None,
        }
    }
}

/// A Markdown table of all rows, with the ratio of every contender to the first one, which is zkiln where it has
/// peers.
///
/// A ratio of 2 says that the first one took half the time.
pub fn markdown(rows: &[Row]) -> String {
    let baseline = rows.first().map_or(BASELINE, |row| &row.contender);
    let per_baseline = ["wall", "CPU"].map(|what| format!("{what} / {baseline}"));
    let prepares = rows.iter().any(|r| r.prepare_ms.is_some());
    let peaks = rows.iter().any(|r| r.peak_mb.is_some());
    let includes = rows.iter().any(|r| r.includes.is_some());

    let mut titles = vec!["workload", "threads", "contender"];
    titles.extend([
        "wall ms",
        "min - max",
        "CPU ms",
        "min - max",
        &per_baseline[0],
        &per_baseline[1],
    ]);
    titles.extend(prepares.then_some("prepare ms"));
    titles.extend(peaks.then_some("peak MB"));
    titles.extend(includes.then_some("includes"));

    let cells = rows.iter().map(|row| {
        let base = rows.iter().find(|r| {
            r.contender == baseline && r.workload == row.workload && r.threads == row.threads
        });
        let ratio = |of: fn(&Row) -> Spread| {
            base.map_or("-".into(), |b| {
                format!("{:.2}", of(row).median / of(b).median)
            })
        };
        let range = |s: Spread| format!("{} - {}", number(s.min), number(s.max));
        let optional = |value: Option<f64>| value.map_or("-".into(), number);

        let mut cells = vec![
            row.workload.clone(),
            row.threads.to_string(),
            row.contender.clone(),
        ];
        cells.extend([number(row.wall_ms.median), range(row.wall_ms)]);
        cells.extend([number(row.cpu_ms.median), range(row.cpu_ms)]);
        cells.extend([ratio(|r| r.wall_ms), ratio(|r| r.cpu_ms)]);
        cells.extend(prepares.then(|| optional(row.prepare_ms)));
        cells.extend(peaks.then(|| optional(row.peak_mb)));
        cells.extend(includes.then(|| row.includes.clone().unwrap_or_default()));
        cells
    });
    aligned(&titles, &cells.collect::<Vec<_>>())
}

/// Three significant digits, or all digits of a larger whole number.
fn number(value: f64) -> String {
    let decimals = match value {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// Text to the left, everything that is measured to the right.
fn aligned(titles: &[&str], rows: &[Vec<String>]) -> String {
    let is_text = |column: usize| matches!(titles[column], "workload" | "contender" | "includes");
    let width = |column: usize| {
        let widest = rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        widest.max(titles[column].len())
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();

    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| {
                if is_text(column) {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.iter().enumerate().map(|(column, &width)| {
        if is_text(column) {
            "-".repeat(width)
        } else {
            "-".repeat(width - 1) + ":"
        }
    });

    let mut table = line(&mut titles.iter().copied());
    table += &format!("| {} |\n", rule.collect::<Vec<_>>().join(" | "));
    for row in rows {
        table += &line(&mut row.iter().map(String::as_str));
    }
    table
}

/// The machine and the build, without which no figure says anything.
pub fn environment() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':'))
            .map_or("", |(_, value)| value.trim())
    };
    let model = field("model name");
    let flags: BTreeSet<&str> = field("flags").split(' ').collect();
    let has = |name: &str| if flags.contains(name) { "yes" } else { "no" };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let build = if cfg!(target_feature = "adx") {
        "for adx and bmi2"
    } else {
        "x86-64 baseline"
    };
    format!(
        "{model}, {cores} cores, adx: {}, avx512ifma: {}; built {build}",
        has("adx"),
        has("avx512ifma"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(contender: &str, ms: [u64; 2]) -> Row {
        let sample = |ms| Sample {
            wall: Duration::from_millis(ms),
            cpu: Duration::from_millis(2 * ms),
        };
        let name = if contender == BASELINE {
            BASELINE
        } else {
            "peer"
        };
        let outcome = Outcome {
            name,
            prepared: None,
            samples: ms.map(sample).to_vec(),
        };
        Row::new("work", 2, &outcome)
    }

    #[test]
    fn medians_and_extremes() {
        let of = |ms: &[u64]| Spread::of(ms.iter().map(|&ms| Duration::from_millis(ms)));
        assert_eq!(
            of(&[3, 1, 2]),
            Spread {
                median: 2.0,
                min: 1.0,
                max: 3.0
            }
        );
        assert_eq!(
            of(&[4, 1, 2, 9]),
            Spread {
                median: 3.0,
                min: 1.0,
                max: 9.0
            }
        );
    }

    #[test]
    fn the_table_is_aligned_and_divides_by_the_baseline() {
        let table = markdown(&[row("zkiln", [10, 10]), row("peer", [15, 35])]);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(
            lines.iter().all(|line| line.len() == lines[0].len()),
            "{table}"
        );
        assert!(lines[3].contains("2.50"), "{table}");
    }
}
