//! What the library is doing, when, and on how many cores: its tracing spans, as progress on the terminal
//! and as a timeline.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::args::Global;
use crate::machine;

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// The phases seen so far, in a tree: the nesting of the spans.
#[derive(Clone)]
pub(crate) struct Phases {
    seen: Arc<Mutex<Vec<Phase>>>,
    /// When the program started.
    origin: Instant,
    /// On stderr, if that is a terminal and the user wants to see it.
    progress: Option<ProgressBar>,
}

/// All spans of one name within one parent.
struct Phase {
    name: String,
    parent: Option<usize>,
    runs: usize,
    running: usize,
    /// From the start of the program to that of the first run.
    start: Duration,
    /// From the start of the program to the end of the last run.
    end: Duration,
    spent: Spent,
}

/// The time of one or several runs.
#[derive(Clone, Copy)]
struct Spent {
    wall: Duration,
    /// That of all threads of the program, which one phase has to itself as long as none runs beside it.
    /// `None` where the operating system does not tell.
    cpu: Option<Duration>,
}

impl Spent {
    const NOTHING: Self = Self {
        wall: Duration::ZERO,
        cpu: Some(Duration::ZERO),
    };

    /// The sum of both.
    fn and(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            cpu: self.cpu.zip(other.cpu).map(|(a, b)| a + b),
        }
    }

    /// How many cores were busy, on average.
    fn cores(self) -> Option<f64> {
        let cpu = self.cpu?;
        (!self.wall.is_zero()).then(|| cpu.as_secs_f64() / self.wall.as_secs_f64())
    }
}

/// What a span remembers of itself.
struct Running {
    phase: usize,
    since: Instant,
    cpu: Option<Duration>,
}

impl Phases {
    /// Starts to watch, if anyone wants to know, a program that started at `origin`.
    pub(crate) fn watch(global: &Global, origin: Instant) -> Self {
        let progress = (!global.quiet).then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})")
                .expect("the template is a constant");
            ProgressBar::new_spinner().with_style(style)
        });
        let phases = Self {
            seen: Arc::default(),
            origin,
            progress: progress.filter(|bar| !bar.is_hidden()),
        };
        if global.timings || phases.progress.is_some() {
            let subscriber = tracing_subscriber::registry().with(phases.clone());
            // Fails only if there is a subscriber, and this is the only place that sets one.
            let _ = tracing::subscriber::set_global_default(subscriber);
        }
        phases
    }

    /// Ends the progress.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.progress {
            bar.finish_and_clear();
        }
    }

    /// The times of all phases, and of the program until now.
    pub(crate) fn timings(&self) -> Timings {
        let total = Spent {
            wall: self.origin.elapsed(),
            cpu: machine::cpu_time(),
        };
        let mut rows = Vec::new();
        push_children(&self.lock(), None, 0, "", &mut rows);
        Timings { rows, total }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Phase>> {
        // A panic elsewhere leaves nothing half done in here.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show_latest(&self, seen: &[Phase]) {
        if let Some(bar) = &self.progress {
            let latest = seen.iter().rev().find(|phase| phase.running > 0);
            bar.set_message(latest.map_or(String::new(), |phase| phase.name.clone()));
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Phases {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_phase(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_phase(metadata)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let parent = span
            .parent()
            .and_then(|parent| Some(parent.extensions().get::<Running>()?.phase));
        let mut name = Name(attributes.metadata().name().to_owned());
        attributes.record(&mut name);
        let since = Instant::now();
        let mut seen = self.lock();
        if let Some(bar) = &self.progress
            && seen.is_empty()
        {
            bar.enable_steady_tick(TICK);
        }
        let same = |phase: &Phase| phase.parent == parent && phase.name == name.0;
        let phase = seen.iter().position(same).unwrap_or_else(|| {
            seen.push(Phase {
                name: name.0.clone(),
                parent,
                runs: 0,
                running: 0,
                start: since - self.origin,
                end: Duration::ZERO,
                spent: Spent::NOTHING,
            });
            seen.len() - 1
        });
        seen[phase].runs += 1;
        seen[phase].running += 1;
        self.show_latest(&seen);
        span.extensions_mut().insert(Running {
            phase,
            since,
            cpu: machine::cpu_time(),
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(running) = span.extensions_mut().remove::<Running>() else {
            return;
        };
        let (now, cpu) = (Instant::now(), machine::cpu_time());
        let run = Spent {
            wall: now - running.since,
            cpu: cpu.zip(running.cpu).map(|(end, start)| end - start),
        };
        let mut seen = self.lock();
        let phase = &mut seen[running.phase];
        phase.running -= 1;
        phase.end = phase.end.max(now - self.origin);
        phase.spent = phase.spent.and(run);
        self.show_latest(&seen);
    }
}

/// The spans of the library and of this program, at the level of phases.
fn is_phase(metadata: &Metadata<'_>) -> bool {
    metadata.is_span()
        && *metadata.level() <= Level::INFO
        && metadata.target().split("::").next() == Some("zkiln")
}

/// A span's name, followed by the words among its fields: `msm` with `query = "a"` is `msm a`.
struct Name(String);

impl Visit for Name {
    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.push(' ');
        self.0.push_str(value);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// When everything was done, and how long it took.
pub(crate) struct Timings {
    rows: Vec<Row>,
    total: Spent,
}

struct Row {
    /// The names from the outermost phase to this one.
    path: String,
    /// How many of them there are before the last.
    depth: usize,
    runs: usize,
    start: Duration,
    end: Duration,
    spent: Spent,
}

fn push_children(
    phases: &[Phase],
    parent: Option<usize>,
    depth: usize,
    path: &str,
    rows: &mut Vec<Row>,
) {
    let children = phases.iter().enumerate();
    for (i, phase) in children.filter(|(_, phase)| phase.parent == parent) {
        let path = format!("{path}{}", phase.name);
        rows.push(Row {
            path: path.clone(),
            depth,
            runs: phase.runs,
            start: phase.start,
            end: phase.end,
            spent: phase.spent,
        });
        push_children(phases, Some(i), depth + 1, &(path + "/"), rows);
    }
}

impl Timings {
    /// A line for each phase, indented by its depth, with times in milliseconds.
    pub(crate) fn to_table(&self) -> String {
        let mut table = line("phase [ms]", ["start", "end", "wall", "CPU", "cores"]);
        for row in &self.rows {
            let name = row.path.rsplit('/').next().unwrap_or_default();
            let indent = 2 * row.depth;
            let times = if row.runs > 1 {
                format!(" ({} times)", row.runs)
            } else {
                String::new()
            };
            let label = format!("{:indent$}{name}{times}", "");
            table += &line(&label, columns(row.start, row.end, row.spent));
        }
        let total = columns(Duration::ZERO, self.total.wall, self.total);
        table + &line("total", total)
    }

    /// `{"total_ms", "cpu_ms", "phases": [{"phase", "runs", "start_ms", "end_ms", "ms", "cpu_ms", "cores"}]}`,
    /// where a phase within another is called `outer/inner`. From the start of the program to that of the
    /// first run and to the end of the last; `ms` is the time of the runs, `cpu_ms` that of all threads, and
    /// `cores` the ratio of the two. What the operating system does not tell is null.
    pub(crate) fn to_json(&self) -> Value {
        let row = |row: &Row| {
            json!({
                "phase": row.path,
                "runs": row.runs,
                "start_ms": milliseconds(row.start),
                "end_ms": milliseconds(row.end),
                "ms": milliseconds(row.spent.wall),
                "cpu_ms": row.spent.cpu.map(milliseconds),
                "cores": row.spent.cores().map(|cores| (cores * 1e3).round() / 1e3),
            })
        };
        let phases: Vec<Value> = self.rows.iter().map(row).collect();
        json!({
            "total_ms": milliseconds(self.total.wall),
            "cpu_ms": self.total.cpu.map(milliseconds),
            "phases": phases,
        })
    }
}

fn columns(start: Duration, end: Duration, spent: Spent) -> [String; 5] {
    let time = |duration| format!("{:.3}", milliseconds(duration));
    let unknown = || "-".to_owned();
    [
        time(start),
        time(end),
        time(spent.wall),
        spent.cpu.map_or_else(unknown, time),
        (spent.cores()).map_or_else(unknown, |cores| format!("{cores:.2}")),
    ]
}

fn line(label: &str, columns: [impl fmt::Display; 5]) -> String {
    let [start, end, wall, cpu, cores] = columns;
    format!("{label:<24}{start:>11}{end:>11}{wall:>11}{cpu:>11}{cores:>7}\n")
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
