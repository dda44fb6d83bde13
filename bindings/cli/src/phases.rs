//! What the library is doing, and for how long: its tracing spans, as progress on the terminal and as
//! a table of times.

use std::fmt::{self, Write};
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

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// The phases seen so far, in a tree: the nesting of the spans.
#[derive(Clone)]
pub(crate) struct Phases {
    seen: Arc<Mutex<Vec<Phase>>>,
    /// On stderr, if that is a terminal and the user wants to see it.
    progress: Option<ProgressBar>,
}

/// All spans of one name within one parent.
struct Phase {
    name: String,
    parent: Option<usize>,
    runs: usize,
    running: usize,
    elapsed: Duration,
}

/// What a span remembers of itself.
struct Running {
    phase: usize,
    since: Instant,
}

impl Phases {
    /// Starts to watch, if anyone wants to know.
    pub(crate) fn watch(global: &Global) -> Self {
        let progress = (!global.quiet).then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})")
                .expect("the template is a constant");
            ProgressBar::new_spinner().with_style(style)
        });
        let phases = Self {
            seen: Arc::default(),
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

    /// The times of all phases; `total` is that of the program.
    pub(crate) fn timings(&self, total: Duration) -> Timings {
        let seen = self.lock();
        let mut rows = Vec::new();
        push_children(&seen, None, 0, "", &mut rows);
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
                elapsed: Duration::ZERO,
            });
            seen.len() - 1
        });
        seen[phase].runs += 1;
        seen[phase].running += 1;
        self.show_latest(&seen);
        span.extensions_mut().insert(Running {
            phase,
            since: Instant::now(),
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(running) = span.extensions_mut().remove::<Running>() else {
            return;
        };
        let mut seen = self.lock();
        let phase = &mut seen[running.phase];
        phase.running -= 1;
        phase.elapsed += running.since.elapsed();
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

/// How long everything took.
pub(crate) struct Timings {
    rows: Vec<Row>,
    total: Duration,
}

struct Row {
    /// The names from the outermost phase to this one.
    path: String,
    /// How many of them there are before the last.
    depth: usize,
    runs: usize,
    elapsed: Duration,
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
            elapsed: phase.elapsed,
        });
        push_children(phases, Some(i), depth + 1, &(path + "/"), rows);
    }
}

impl Timings {
    /// A line for each phase, indented by its depth.
    pub(crate) fn to_table(&self) -> String {
        let mut table = String::new();
        for row in &self.rows {
            let name = row.path.rsplit('/').next().unwrap_or_default();
            let indent = 2 * row.depth;
            let times = if row.runs > 1 {
                format!(" ({} times)", row.runs)
            } else {
                String::new()
            };
            let label = format!("{:indent$}{name}{times}", "");
            let _ = writeln!(table, "{label:<32}{:>12.3} ms", milliseconds(row.elapsed));
        }
        let total = milliseconds(self.total);
        let _ = writeln!(table, "{:<32}{total:>12.3} ms", "total");
        table
    }

    /// `{"total_ms", "phases": [{"phase", "runs", "ms"}]}`, where a phase within another is called
    /// `outer/inner`.
    pub(crate) fn to_json(&self) -> Value {
        let row = |row: &Row| {
            let ms = milliseconds(row.elapsed);
            json!({"phase": row.path, "runs": row.runs, "ms": ms})
        };
        let phases: Vec<Value> = self.rows.iter().map(row).collect();
        json!({"total_ms": milliseconds(self.total), "phases": phases})
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
