//! Certificates.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use zkiln::statement::{Certificate, Segment, Word};

use super::v1::{zkiln_statement_v1, zkiln_word};
use crate::border::{self, Border};
use crate::context::{Context, zkiln_context};
use crate::groth16::proof::json;
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Failure, Result, guard, zkiln_status};

/// A claim that statements are proven: one, or those of a range, each by the same lanes. That it could be read
/// says that it is well formed; zkiln_program_verify says that it is true.
pub struct zkiln_certificate {
    context: Arc<Context>,
    pub(super) certificate: Certificate,
}

impl Handle for zkiln_certificate {
    const NAME: &'static str = "the certificate";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

/// What a certificate states as a whole.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_certificate_info {
    /// sizeof(zkiln_certificate_info), set by the caller.
    pub struct_size: usize,
    /// The program.
    pub program: zkiln_word,
    /// The state before the first item.
    pub pre_root: zkiln_word,
    /// The state after the last item.
    pub post_root: zkiln_word,
    /// The number of the first item.
    pub first_seq: u64,
    /// The number of the last item.
    pub last_seq: u64,
    /// The number of statements.
    pub n_segments: u64,
    /// The number of lanes, in each of which every statement has a proof.
    pub n_lanes: u64,
    /// How many of them are independent; 0 of a certificate that was not verified.
    pub n_counted: u64,
}

// SAFETY: `repr(C)` of numbers, 144 bytes without padding, the size first.
unsafe impl Growable for zkiln_certificate_info {
    const FIRST_SIZE: usize = size_of::<Self>();
}

impl zkiln_certificate {
    pub(super) fn new(context: &Arc<Context>, certificate: Certificate) -> Self {
        Self {
            context: Arc::clone(context),
            certificate,
        }
    }

    pub(super) fn info(&self) -> zkiln_certificate_info {
        let summary = self.certificate.summary();
        zkiln_certificate_info {
            struct_size: 0,
            program: summary.program.into(),
            pre_root: Word::from(summary.pre_root).into(),
            post_root: Word::from(summary.post_root).into(),
            first_seq: summary.first_seq,
            last_seq: summary.last_seq,
            n_segments: self.certificate.segments().len() as u64,
            n_lanes: self.certificate.lanes().len() as u64,
            n_counted: 0,
        }
    }

    fn segment(&self, i: usize) -> Result<&Segment> {
        let segments = self.certificate.segments();
        segments.get(i).ok_or_else(|| {
            let count = segments.len();
            Failure::argument(format!("segment {i} of {count}"))
        })
    }
}

/// ==== Certificates ====
///
/// Reads the file of a certificate, which has exactly one text.
///
/// Errors: ZKILN_E_IO; ZKILN_E_MALFORMED for any other text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_certificate_open(
    context: *const zkiln_context,
    out: *mut *mut zkiln_certificate,
    path: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        // SAFETY: as above.
        unsafe { new_certificate(context, out, || Certificate::open(path)) }
    })
}

/// Reads the size bytes of a certificate: see zkiln_certificate_open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_certificate_from_json(
    context: *const zkiln_context,
    out: *mut *mut zkiln_certificate,
    text: *const c_char,
    size: usize,
) -> zkiln_status {
    guard(|| {
        const ORIGIN: &str = "certificate";
        // SAFETY: the caller's word for its pointers.
        let text = unsafe { json(ORIGIN, text, size) }?;
        let read = || Certificate::from_json(text, ORIGIN);
        // SAFETY: as above.
        unsafe { new_certificate(context, out, read) }
    })
}

/// Writes the text of a certificate with a zero byte at its end, which the sizes count.
///
/// Errors: ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_certificate_to_json(
    certificate: *const zkiln_certificate,
    text: *mut c_char,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let text = unsafe { Border::default().buffer("text", text, size) }?;
        // SAFETY: as above.
        let handle = unsafe { handle::get(certificate) }?;
        text.fill_text(&handle.context.run(|| handle.certificate.to_json()))
    })
}

/// Creates or replaces a file, which is there whole or not at all.
///
/// Errors: ZKILN_E_IO.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_certificate_save(
    certificate: *const zkiln_certificate,
    path: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        // SAFETY: as above.
        let handle = unsafe { handle::get(certificate) }?;
        Ok(handle.context.run(|| handle.certificate.save(path))?)
    })
}

/// Describes a certificate, which need not be true.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_certificate_get_info(
    certificate: *const zkiln_certificate,
    out: *mut zkiln_certificate_info,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let certificate = unsafe { handle::get(certificate) }?;
        // SAFETY: as above.
        unsafe { options::write(out, &certificate.info()) }
    })
}

/// Stores the statement of a segment, counted from 0.
///
/// Errors: ZKILN_E_ARGUMENT if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_certificate_get_statement(
    certificate: *const zkiln_certificate,
    out: *mut zkiln_statement_v1,
    segment: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().output_one("out", out) }?;
        // SAFETY: as above.
        let certificate = unsafe { handle::get(certificate) }?;
        out.write(certificate.segment(segment)?.statement.into());
        Ok(())
    })
}

/// Writes the proof of a segment in the lane with this id, in the encoding of the lane's system.
///
/// Errors: ZKILN_E_SHORT_BUFFER; ZKILN_E_ARGUMENT if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_certificate_get_proof(
    certificate: *const zkiln_certificate,
    proof: *mut c_void,
    size: *mut usize,
    segment: usize,
    lane: *const zkiln_word,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let proof = unsafe { border.buffer::<u8>("proof", proof.cast(), size) }?;
        // SAFETY: as above.
        let id = Word::from(*unsafe { border.input_one("lane", lane) }?);
        // SAFETY: as above.
        let certificate = unsafe { handle::get(certificate) }?;
        let segment = certificate.segment(segment)?;
        let mut lanes = certificate.certificate.lanes().iter();
        let Some(i) = lanes.position(|lane| lane.id() == id) else {
            return Err(Failure::argument(format!(
                "the certificate has no lane {id}"
            )));
        };
        proof.fill(&segment.proofs[i].0)
    })
}

/// Destroys a certificate; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_certificate_destroy(certificate: *mut zkiln_certificate) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(certificate) }
}

/// # Safety
/// As [`handle::get`] and [`Border::new_handle`].
unsafe fn new_certificate(
    context: *const zkiln_context,
    out: *mut *mut zkiln_certificate,
    read: impl FnOnce() -> zkiln::Result<Certificate> + Send,
) -> Result<()> {
    // SAFETY: passed on.
    let out = unsafe { Border::default().new_handle(out) }?;
    // SAFETY: passed on.
    let context = unsafe { handle::get(context) }?.context();
    out.set(zkiln_certificate::new(context, context.run(read)?));
    Ok(())
}
