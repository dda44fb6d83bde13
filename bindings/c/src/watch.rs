//! The library's spans and events as callbacks.
//!
//! The work runs on a context's threads; a callback is called on the thread that made the call, which
//! waits meanwhile. What happens is sent from the former to the latter, and a phase does not begin before
//! the callback has been told of it, so that whether it stops the call does not depend on who is faster.

use std::ffi::{CString, c_char, c_void};
use std::fmt::{self, Write};
use std::sync::mpsc::{self, Sender, SyncSender};

use rayon::ThreadPool;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use zkiln::Cancel;

/// Something failed, and the call went on.
pub const ZKILN_LOG_WARNING: i32 = 2;
/// What is good to know, such as which backend was chosen.
pub const ZKILN_LOG_INFO: i32 = 3;
/// For the developers of the library.
pub const ZKILN_LOG_DEBUG: i32 = 4;

/// Called with one line of UTF-8 of a ZKILN_LOG_ level. It is called on the thread whose call of the library
/// is being executed, before that call returns; by several threads at once if they share a context. It must
/// not throw, and must not call functions of the same context.
pub type zkiln_log_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, level: i32, message: *const c_char)>;

/// Called when a phase of a long call begins, with the name of the phase. It is called on the thread that
/// made the call. If it returns anything but 0, the call ends before its next phase with ZKILN_E_CANCELLED.
/// It must not throw, and must not call functions of the same context: the call waits for the answer.
pub type zkiln_progress_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, phase: *const c_char) -> i32>;

/// A log callback with what it is called with.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    pub(crate) call: zkiln_log_fn,
    pub(crate) user: *mut c_void,
}

// SAFETY: the pointer is only handed to the callback, which the header asks to be callable by every thread
// that uses the context.
unsafe impl Send for Log {}
// SAFETY: as above.
unsafe impl Sync for Log {}

/// A progress callback with what it is called with.
#[derive(Clone, Copy)]
pub(crate) struct Progress {
    pub(crate) call: zkiln_progress_fn,
    pub(crate) user: *mut c_void,
}

impl Progress {
    pub(crate) const NONE: Self = Self {
        call: None,
        user: std::ptr::null_mut(),
    };
}

/// Runs `work` on the threads of `pool`, and the callbacks on this one.
pub(crate) fn run<R: Send>(
    pool: &ThreadPool,
    log: &Log,
    progress: Progress,
    work: impl FnOnce(&Cancel) -> R + Send,
) -> R {
    let cancel = Cancel::default();
    if log.call.is_none() && progress.call.is_none() {
        return pool.install(|| work(&cancel));
    }
    let phases = progress.call.is_some();
    let mut result = None;
    pool.in_place_scope(|scope| {
        let (sender, happened) = mpsc::channel();
        scope.spawn(|_| {
            let watch = Watch { sender, phases };
            result = Some(tracing::subscriber::with_default(watch, || work(&cancel)));
        });
        // Ends when the work is done: the subscriber is gone then, and the channel with it.
        for what in happened {
            match what {
                Happened::Phase(name, told) => {
                    if let Some(call) = progress.call {
                        // SAFETY: the caller's function, with what the caller wants it to be called with,
                        // and a text that lives until it returns.
                        let answer = unsafe { call(progress.user, name.as_ptr()) };
                        if answer != 0 {
                            cancel.cancel();
                        }
                    }
                    // Whoever waits for this has not gone away.
                    let _ = told.send(());
                }
                Happened::Line(level, line) => {
                    if let Some(call) = log.call {
                        // SAFETY: as above.
                        unsafe { call(log.user, level, line.as_ptr()) };
                    }
                }
            }
        }
    });
    result.expect("the scope waits for the work, and panics if that does")
}

/// What there is to call back for.
enum Happened {
    /// A phase that begins when the channel says so.
    Phase(CString, SyncSender<()>),
    Line(i32, CString),
}

/// Sends what happens on the threads that work for one call.
struct Watch {
    sender: Sender<Happened>,
    /// Whether anyone wants to know of phases.
    phases: bool,
}

impl Subscriber for Watch {
    /// The library's own, of which phases have the level of information.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let own = metadata.target().split("::").next();
        let is_own = own.is_some_and(|name| name.starts_with("zkiln"));
        is_own && (metadata.is_event() || (self.phases && *metadata.level() <= Level::INFO))
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut words = Words(attributes.metadata().name().to_owned());
        attributes.record(&mut words);
        let (told, is_told) = mpsc::sync_channel(1);
        self.send(Happened::Phase(words.into_c(), told));
        let _ = is_told.recv();
        // Nothing is remembered of a span, so they need not be told apart.
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let level = match *event.metadata().level() {
            Level::ERROR | Level::WARN => ZKILN_LOG_WARNING,
            Level::INFO => ZKILN_LOG_INFO,
            _ => ZKILN_LOG_DEBUG,
        };
        self.send(Happened::Line(level, Words(line.0).into_c()));
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Watch {
    fn send(&self, what: Happened) {
        // The receiver goes only after all senders have.
        let _ = self.sender.send(what);
    }
}

/// A span's name, followed by the words among its fields: `msm` with `query = "a"` is `msm a`.
struct Words(String);

impl Words {
    fn into_c(self) -> CString {
        CString::new(self.0.replace('\0', "\u{fffd}")).unwrap_or_default()
    }
}

impl Visit for Words {
    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.push(' ');
        self.0.push_str(value);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// An event in one line: its message, then its other fields as `name=value`.
#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string does not fail.
        let _ = if field.name() == "message" {
            let rest = std::mem::take(&mut self.0);
            write!(self.0, "{value:?}{rest}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}
