//! Calls without the GIL.
//!
//! The work runs on this process' threads. The thread that made the call waits for it without the GIL, and
//! takes the GIL for a moment to look for signals such as Ctrl-C's, and to tell a progress callback of phases. A
//! phase does not begin before the callback has returned, so that whether an exception in it stops the call
//! does not depend on who is faster.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use zkiln::Cancel;

use crate::errors::Failure;
use crate::process;

/// How often signals are looked for.
const INTERVAL: Duration = Duration::from_millis(50);

/// Does `work` on the calling thread, without the GIL.
pub(crate) fn alone<R: Send, E: Into<Failure>>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<R, E> + Send,
) -> PyResult<R> {
    Ok(py.detach(|| caught(work))?)
}

/// Does `work` on this process' threads, without the GIL.
pub(crate) fn run<R: Send, E: Into<Failure>>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<R, E> + Send,
) -> PyResult<R> {
    let threads = process::threads()?;
    Ok(py.detach(|| threads.install(|| caught(work)))?)
}

/// [`run`] with what `lock` guards. The calling thread locks it: one of the pool's would take up another call while it
/// waits for a part of its own, and that might wait for the same lock.
pub(crate) fn run_locked<T: Send, R: Send, E: Into<Failure>>(
    py: Python<'_>,
    lock: &Mutex<T>,
    work: impl FnOnce(&mut T) -> Result<R, E> + Send,
) -> PyResult<R> {
    let threads = process::threads()?;
    Ok(py.detach(|| {
        let mut value = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let value = &mut *value;
        threads.install(|| caught(|| work(value)))
    })?)
}

/// [`run`] for what takes long and can be stopped: by a signal whose handler raises an exception, and by
/// `progress`, a callable that is called with the name of each phase, if it raises one.
pub(crate) fn watch<R: Send, E: Into<Failure>>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Cancel) -> Result<R, E> + Send,
) -> PyResult<R> {
    let threads = process::threads()?;
    if threads.current_thread_index().is_some() {
        // A callback of the library's, on one of these threads. It must not wait for the others, which may all do the
        // same; and no signals come here, nor are phases told of.
        return Ok(py.detach(|| caught(|| work(&Cancel::default())))?);
    }
    let progress = progress.map(|callable| callable.clone().unbind());
    let cancel = Cancel::default();
    let mut stopped = None;
    let mut stop_on = |result: PyResult<()>| {
        if let Err(error) = result {
            cancel.cancel();
            stopped.get_or_insert(error);
        }
    };
    let mut result = None;
    py.detach(|| {
        threads.in_place_scope(|scope| {
            let (sender, happened) = mpsc::channel();
            let has_progress = progress.is_some();
            let (result, cancel) = (&mut result, &cancel);
            scope.spawn(move |_| {
                let work = || work(cancel);
                *result = Some(if has_progress {
                    let watch = Watch(sender);
                    tracing::subscriber::with_default(watch, || caught(work))
                } else {
                    let _until_done = sender;
                    caught(work)
                });
            });
            loop {
                match happened.recv_timeout(INTERVAL) {
                    Ok(Phase { name, told }) => {
                        if let Some(progress) = &progress {
                            stop_on(Python::attach(|py| {
                                py.check_signals()?;
                                progress.call1(py, (name,)).map(drop)
                            }));
                        }
                        // Whoever waits for this has not gone away.
                        let _ = told.send(());
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        stop_on(Python::attach(|py| py.check_signals()));
                    }
                    // The work is done.
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        });
    });
    if let Some(error) = stopped {
        return Err(error);
    }
    Ok(result.expect("the scope waits for the work")?)
}

/// The result of `work`, and a panic as a failure.
fn caught<R, E: Into<Failure>>(work: impl FnOnce() -> Result<R, E>) -> Result<R, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(Into::into),
        Err(payload) => Err(Failure::bug(&*payload)),
    }
}

/// A phase, which begins when the channel says so.
struct Phase {
    name: String,
    told: SyncSender<()>,
}

/// Sends the phases of the work: the spans that the library opens on the thread that does it.
struct Watch(Sender<Phase>);

impl Subscriber for Watch {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let own = metadata.target().split("::").next();
        own == Some("zkiln") && metadata.is_span() && *metadata.level() <= Level::INFO
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut words = Words(attributes.metadata().name().to_owned());
        attributes.record(&mut words);
        let (told, is_told) = mpsc::sync_channel(1);
        // The receiver goes only after all senders have.
        let _ = self.0.send(Phase {
            name: words.0,
            told,
        });
        let _ = is_told.recv();
        // Nothing is remembered of a span, so they need not be told apart.
        Id::from_u64(1)
    }

    fn event(&self, _: &Event<'_>) {}
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A span's name, followed by the words among its fields: `msm` with `query = "a"` is `msm a`.
struct Words(String);

impl Visit for Words {
    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.push(' ');
        self.0.push_str(value);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
