//! What was accepted, and the alarm.

use std::ffi::c_char;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytemuck::Zeroable;
use zkiln::statement::{Journal, NamedProgram, Program, Word};

use super::certificate::{zkiln_certificate, zkiln_certificate_info};
use super::program::{ZKILN_ANCHOR_AFTER, tell, zkiln_anchor, zkiln_program};
use crate::border::{self, Border};
use crate::context::Context;
use crate::groth16::proof::json;
use crate::handle::{self, Handle};
use crate::status::{Result, guard, zkiln_status};

/// The certificates of one program that were accepted, each once.
///
/// Contradictions freeze. Two valid proofs of the same start and batch with different results mean that a proof
/// system, a circuit or a verifier is broken: from then on every zkiln_journal_accept returns ZKILN_E_CONFLICT,
/// until people have looked at the two certificates. There is no way to go on but a new journal.
///
/// Used by any number of threads; calls wait for one another. It keeps no pointer to the program.
pub struct zkiln_journal {
    context: Arc<Context>,
    named: Arc<NamedProgram>,
    journal: Mutex<Journal>,
}

impl Handle for zkiln_journal {
    const NAME: &'static str = "the journal";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

impl zkiln_journal {
    /// The journal, for the thread of the call: one of the context's would take up another call while it waits for
    /// a part of its own, and that might wait for the same lock.
    fn lock(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// ==== Journals ====
///
/// Makes a journal in which nothing was accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_create(
    program: *const zkiln_program,
    out: *mut *mut zkiln_journal,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        unsafe { new_journal(program, out, |program| Ok(Journal::new(program))) }
    })
}

/// Reads the file of a journal by verifying and accepting its certificates again. A journal that was frozen is.
///
/// Errors: ZKILN_E_IO; ZKILN_E_MALFORMED for what is no journal of this program; those of zkiln_journal_accept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_open(
    program: *const zkiln_program,
    out: *mut *mut zkiln_journal,
    path: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        // SAFETY: as above.
        unsafe { new_journal(program, out, |program| Journal::open(path, program)) }
    })
}

/// Reads the size bytes of a journal: see zkiln_journal_open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_from_json(
    program: *const zkiln_program,
    out: *mut *mut zkiln_journal,
    text: *const c_char,
    size: usize,
) -> zkiln_status {
    guard(|| {
        const ORIGIN: &str = "journal";
        // SAFETY: the caller's word for its pointers.
        let text = unsafe { json(ORIGIN, text, size) }?;
        let read = |program: &Program| Journal::from_json(text, ORIGIN, program);
        // SAFETY: as above.
        unsafe { new_journal(program, out, read) }
    })
}

/// Writes the text of a journal with a zero byte at its end, which the sizes count.
///
/// Errors: ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_to_json(
    journal: *const zkiln_journal,
    text: *mut c_char,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let text = unsafe { Border::default().buffer("text", text, size) }?;
        // SAFETY: as above.
        let written = unsafe { handle::get(journal) }?.lock().to_json();
        text.fill_text(&written)
    })
}

/// Creates or replaces a file, which is there whole or not at all. To be called whenever zkiln_journal_accept has
/// returned, with ZKILN_E_CONFLICT above all: an alarm that was saved stays saved.
///
/// Errors: ZKILN_E_IO.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_save(
    journal: *const zkiln_journal,
    path: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        // SAFETY: as above.
        let journal = unsafe { handle::get(journal) }?;
        Ok(journal.lock().save(path)?)
    })
}

/// Verifies a certificate as zkiln_program_verify does, and accepts it if it is new and contradicts nothing.
///
/// Errors: ZKILN_E_REFUSED with the reason, also for what was accepted before. ZKILN_E_CONFLICT if two valid
/// proofs contradict each other, now or ever before: STOP, and let people look at the certificates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_accept(
    journal: *const zkiln_journal,
    info: *mut zkiln_certificate_info,
    certificate: *const zkiln_certificate,
    anchor: *const zkiln_anchor,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let handle = unsafe { handle::get(journal) }?;
        // SAFETY: as above.
        let certificate = unsafe { handle::get(certificate) }?;
        // SAFETY: as above.
        let anchor = unsafe { Border::default().input_one("anchor", anchor) }?.known()?;
        let accept = || {
            let mut journal = handle.lock();
            let journal = &mut *journal;
            let given = certificate.certificate.clone();
            let accept = || journal.accept(&handle.named.program, given, &anchor);
            handle.context.run(accept)
        };
        // SAFETY: as above.
        unsafe { tell(info, certificate, accept) }
    })
}

/// The number of certificates that were accepted; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_len(journal: *const zkiln_journal) -> usize {
    // SAFETY: the caller's word for its pointer.
    unsafe { handle::get(journal) }.map_or(0, |journal| journal.lock().accepted().count())
}

/// Stores where what follows the last certificate must begin; zeros, which are no anchor, if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_get_end(
    journal: *const zkiln_journal,
    out: *mut zkiln_anchor,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().output_one("out", out) }?;
        // SAFETY: as above.
        let journal = unsafe { handle::get(journal) }?.lock();
        let end = journal.accepted().last().map(|last| last.summary());
        out.write(end.map_or(zkiln_anchor::zeroed(), |summary| zkiln_anchor {
            kind: ZKILN_ANCHOR_AFTER,
            reserved: 0,
            seq: summary.last_seq,
            root: Word::from(summary.post_root).into(),
        }));
        Ok(())
    })
}

/// Makes handles of the two certificates that contradict each other: the one that was there first, and the other.
/// Stores NULL twice if none do.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_get_conflict(
    journal: *const zkiln_journal,
    first: *mut *mut zkiln_certificate,
    second: *mut *mut zkiln_certificate,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let first = unsafe { border.new_handle(first) }?;
        // SAFETY: as above.
        let second = unsafe { border.new_handle(second) }?;
        // SAFETY: as above.
        let handle = unsafe { handle::get(journal) }?;
        if let Some(conflict) = handle.lock().conflict().cloned() {
            first.set(zkiln_certificate::new(&handle.context, conflict.first));
            second.set(zkiln_certificate::new(&handle.context, conflict.second));
        }
        Ok(())
    })
}

/// Destroys a journal; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_journal_destroy(journal: *mut zkiln_journal) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(journal) }
}

/// # Safety
/// As [`handle::get`] and [`Border::new_handle`].
unsafe fn new_journal(
    program: *const zkiln_program,
    out: *mut *mut zkiln_journal,
    read: impl FnOnce(&Program) -> zkiln::Result<Journal> + Send,
) -> Result<()> {
    // SAFETY: passed on.
    let out = unsafe { Border::default().new_handle(out) }?;
    // SAFETY: passed on.
    let program = unsafe { handle::get(program) }?;
    let journal = program.context.run(|| read(&program.named.program))?;
    out.set(zkiln_journal {
        context: Arc::clone(&program.context),
        named: Arc::clone(&program.named),
        journal: Mutex::new(journal),
    });
    Ok(())
}
