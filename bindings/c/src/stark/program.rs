//! Constraints.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use super::erased::{AnyProgram, of_program};
use super::matrix::{Matrix, zkiln_matrix};
use crate::border::{self, Border};
use crate::context::{Context, zkiln_context};
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Result, guard, zkiln_status};

/// The field of 2^31 - 2^24 + 1 elements.
pub const ZKILN_FIELD_KOALA_BEAR: u32 = 0;
/// The field of 2^31 - 2^27 + 1 elements.
pub const ZKILN_FIELD_BABY_BEAR: u32 = 1;
/// The field of 2^64 - 2^32 + 1 elements.
pub const ZKILN_FIELD_GOLDILOCKS: u32 = 2;

/// Constraints on the rows of a trace, over one of the fields: a program of docs/air.md, checked.
pub struct zkiln_stark_program {
    pub(super) context: Arc<Context>,
    pub(super) program: AnyProgram,
}

impl Handle for zkiln_stark_program {
    const NAME: &'static str = "the program";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

/// What a program's constraints read.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_stark_program_info {
    /// sizeof(zkiln_stark_program_info), set by the caller.
    pub struct_size: usize,
    /// ZKILN_FIELD_KOALA_BEAR, ZKILN_FIELD_BABY_BEAR or ZKILN_FIELD_GOLDILOCKS.
    pub field: u32,
    /// The largest degree of a constraint.
    pub degree: u32,
    /// The number of constraints.
    pub n_constraints: u64,
    /// The number of columns of a trace.
    pub width: u64,
    /// The number of preprocessed columns.
    pub preprocessed_width: u64,
    /// The number of public values.
    pub n_public: u64,
}

// SAFETY: `repr(C)` of numbers, 48 bytes without padding, the size first.
unsafe impl Growable for zkiln_stark_program_info {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// Reads a file with a program, which says itself over which field it is.
///
/// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_program_open(
    context: *const zkiln_context,
    out: *mut *mut zkiln_stark_program,
    path: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        let read = || {
            let bytes = std::fs::read(&path).map_err(|source| zkiln::Error::Io {
                path: path.clone(),
                source,
            })?;
            AnyProgram::from_bytes(&bytes)
        };
        // SAFETY: as above.
        unsafe { new_program(context, out, read) }
    })
}

/// Reads the size bytes of a program: see zkiln_stark_program_open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_program_from_bytes(
    context: *const zkiln_context,
    out: *mut *mut zkiln_stark_program,
    bytes: *const c_void,
    size: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let bytes = unsafe { Border::default().input::<u8>("bytes", bytes.cast(), size) }?;
        // SAFETY: as above.
        unsafe { new_program(context, out, || AnyProgram::from_bytes(bytes)) }
    })
}

/// Describes a program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_program_get_info(
    program: *const zkiln_stark_program,
    out: *mut zkiln_stark_program_info,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let program = &unsafe { handle::get(program) }?.program;
        let field = match program {
            AnyProgram::KoalaBear(_) => ZKILN_FIELD_KOALA_BEAR,
            AnyProgram::BabyBear(_) => ZKILN_FIELD_BABY_BEAR,
            AnyProgram::Goldilocks(_) => ZKILN_FIELD_GOLDILOCKS,
        };
        let info = of_program!(program, program => zkiln_stark_program_info {
            struct_size: 0,
            field,
            degree: program.degree() as u32,
            n_constraints: program.constraints() as u64,
            width: program.shape().width as u64,
            preprocessed_width: program.shape().preprocessed_width as u64,
            n_public: program.shape().public_values as u64,
        });
        // SAFETY: as above.
        unsafe { options::write(out, &info) }
    })
}

/// Checks every constraint in every row of a trace, without a proof: for whoever writes constraints. preprocessed is
/// NULL for constraints that read no such columns.
///
/// Errors: ZKILN_E_UNSATISFIED names a row and a constraint; ZKILN_E_ARGUMENT, ZKILN_E_MALFORMED and
/// ZKILN_E_PUBLIC_INPUTS as zkiln_stark_prove.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_program_check(
    program: *const zkiln_stark_program,
    trace: *const zkiln_matrix,
    preprocessed: *const zkiln_matrix,
    public_values: *const u64,
    n_public: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let program = unsafe { handle::get(program) }?;
        let mut border = Border::default();
        // SAFETY: as above.
        let trace = unsafe { Matrix::read(&mut border, "trace", trace) }?;
        // SAFETY: as above.
        let preprocessed =
            unsafe { Matrix::read_optional(&mut border, "preprocessed", preprocessed) }?;
        // SAFETY: as above.
        let public = unsafe { border.input("public_values", public_values, n_public) }?;
        let check = || program.program.check(&trace, preprocessed.as_ref(), public);
        program.context.run(check)
    })
}

/// Destroys a program; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_program_destroy(program: *mut zkiln_stark_program) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(program) }
}

/// # Safety
/// As [`handle::get`] and [`Border::new_handle`].
unsafe fn new_program(
    context: *const zkiln_context,
    out: *mut *mut zkiln_stark_program,
    read: impl FnOnce() -> Result<AnyProgram> + Send,
) -> Result<()> {
    // SAFETY: passed on.
    let out = unsafe { Border::default().new_handle(out) }?;
    // SAFETY: passed on.
    let context = unsafe { handle::get(context) }?.context();
    out.set(zkiln_stark_program {
        program: context.run(read)?,
        context: Arc::clone(context),
    });
    Ok(())
}
