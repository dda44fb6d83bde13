//! Codes, and the sentence of the last error.

use std::any::Any;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{self, AssertUnwindSafe};

/// The major version of the library.
pub const ZKILN_VERSION_MAJOR: u32 = 0;
/// The minor version of the library.
pub const ZKILN_VERSION_MINOR: u32 = 1;
/// The patch version of the library.
pub const ZKILN_VERSION_PATCH: u32 = 0;
/// The version of this interface. Within one, functions are added and option structs grow; whatever was
/// compiled against an older header keeps working.
pub const ZKILN_ABI_VERSION: u32 = 0;

/// What came of a call: ZKILN_OK or one of ZKILN_E_. Codes never change meaning; those below 100 are the
/// codes of the library's errors in every language.
pub type zkiln_status = i32;

/// Done; of a verification: the proof is valid.
pub const ZKILN_OK: i32 = 0;
/// The operating system refused to read or write a file.
pub const ZKILN_E_IO: i32 = 1;
/// A file, bytes, text or points from outside are not what they must be.
pub const ZKILN_E_MALFORMED: i32 = 2;
/// A key for which anyone can forge proofs, or that would leak the witness.
pub const ZKILN_E_WEAK_KEY: i32 = 3;
/// The witness is of another circuit than the key.
pub const ZKILN_E_WITNESS_MISMATCH: i32 = 4;
/// Some constraint does not hold for the witness, or for the trace.
pub const ZKILN_E_UNSATISFIED: i32 = 5;
/// A proof was made that does not verify although the witness is right; it is withheld.
pub const ZKILN_E_SELF_CHECK: i32 = 6;
/// Public inputs or values that are too few, too many, or not below the modulus.
pub const ZKILN_E_PUBLIC_INPUTS: i32 = 7;
/// An argument that breaks the call's contract.
pub const ZKILN_E_ARGUMENT: i32 = 8;
/// The operating system gave no randomness.
pub const ZKILN_E_ENTROPY: i32 = 9;
/// A device cannot be used, or failed.
pub const ZKILN_E_DEVICE: i32 = 10;
/// A device's memory, or the host's, does not suffice.
pub const ZKILN_E_OUT_OF_MEMORY: i32 = 11;
/// A progress callback stopped the call.
pub const ZKILN_E_CANCELLED: i32 = 12;
/// A certificate, or a proof of one, that is not accepted.
pub const ZKILN_E_REFUSED: i32 = 20;
/// TWO VALID PROOFS CONTRADICT EACH OTHER: a proof system, a circuit or a verifier is broken, and the journal is
/// frozen. Accept nothing before people have found out which.
pub const ZKILN_E_CONFLICT: i32 = 21;
/// The proof is not valid for these public inputs.
pub const ZKILN_E_INVALID_PROOF: i32 = 100;
/// The caller's buffer is too short. The size that is needed has been stored.
pub const ZKILN_E_SHORT_BUFFER: i32 = 101;
/// The handle was made before a fork: see zkiln_context.
pub const ZKILN_E_FORKED: i32 = 102;
/// A bug in the library. Its place is on stderr; handles of this call should only be destroyed.
pub const ZKILN_E_BUG: i32 = 255;

/// Every status with its name.
const NAMES: [(zkiln_status, &CStr); 19] = [
    (ZKILN_OK, c"ZKILN_OK"),
    (ZKILN_E_IO, c"ZKILN_E_IO"),
    (ZKILN_E_MALFORMED, c"ZKILN_E_MALFORMED"),
    (ZKILN_E_WEAK_KEY, c"ZKILN_E_WEAK_KEY"),
    (ZKILN_E_WITNESS_MISMATCH, c"ZKILN_E_WITNESS_MISMATCH"),
    (ZKILN_E_UNSATISFIED, c"ZKILN_E_UNSATISFIED"),
    (ZKILN_E_SELF_CHECK, c"ZKILN_E_SELF_CHECK"),
    (ZKILN_E_PUBLIC_INPUTS, c"ZKILN_E_PUBLIC_INPUTS"),
    (ZKILN_E_ARGUMENT, c"ZKILN_E_ARGUMENT"),
    (ZKILN_E_ENTROPY, c"ZKILN_E_ENTROPY"),
    (ZKILN_E_DEVICE, c"ZKILN_E_DEVICE"),
    (ZKILN_E_OUT_OF_MEMORY, c"ZKILN_E_OUT_OF_MEMORY"),
    (ZKILN_E_CANCELLED, c"ZKILN_E_CANCELLED"),
    (ZKILN_E_REFUSED, c"ZKILN_E_REFUSED"),
    (ZKILN_E_CONFLICT, c"ZKILN_E_CONFLICT"),
    (ZKILN_E_INVALID_PROOF, c"ZKILN_E_INVALID_PROOF"),
    (ZKILN_E_SHORT_BUFFER, c"ZKILN_E_SHORT_BUFFER"),
    (ZKILN_E_FORKED, c"ZKILN_E_FORKED"),
    (ZKILN_E_BUG, c"ZKILN_E_BUG"),
];

/// ==== Versions and errors ====
///
/// The version of the library that was loaded, such as "0.1.0".
#[unsafe(no_mangle)]
pub extern "C" fn zkiln_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The ZKILN_ABI_VERSION of the library that was loaded. A program that loads it by hand compares this with
/// the header's.
#[unsafe(no_mangle)]
pub extern "C" fn zkiln_abi_version() -> u32 {
    ZKILN_ABI_VERSION
}

/// The name of a status, such as "ZKILN_E_IO"; "unknown" for other numbers.
#[unsafe(no_mangle)]
pub extern "C" fn zkiln_status_name(status: zkiln_status) -> *const c_char {
    let name = NAMES.iter().find(|(code, _)| *code == status);
    name.map_or(c"unknown", |(_, name)| name).as_ptr()
}

/// What went wrong in this thread's last call that returns a status, as a full sentence in UTF-8; "" if it
/// returned ZKILN_OK. The text is good until the thread's next call of this library.
#[unsafe(no_mangle)]
pub extern "C" fn zkiln_last_error() -> *const c_char {
    // A thread that is ending has no message any more.
    let text = LAST.try_with(|last| last.borrow().as_ptr());
    text.unwrap_or(c"".as_ptr())
}

thread_local! {
    static LAST: RefCell<CString> = RefCell::default();
}

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    status: zkiln_status,
    message: String,
}

pub(crate) type Result<T> = core::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(status: zkiln_status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    /// An argument that breaks the call's contract.
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(ZKILN_E_ARGUMENT, message)
    }

    fn bug(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("a panic without words");
        Self::new(ZKILN_E_BUG, format!("this is a bug in zkiln: {text}"))
    }
}

impl From<zkiln::Error> for Failure {
    fn from(error: zkiln::Error) -> Self {
        Self::new(error.code() as zkiln_status, error.to_string())
    }
}

/// Runs the body of an exported function: its error becomes the code and the thread's message, and so does a
/// panic, which must not cross the border.
pub(crate) fn guard(body: impl FnOnce() -> Result<()>) -> zkiln_status {
    let outcome = panic::catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|payload| Err(Failure::bug(&*payload)));
    let (status, message) = match outcome {
        Ok(()) => (ZKILN_OK, String::new()),
        Err(Failure { status, message }) => (status, message),
    };
    // Nobody can ask a thread that is ending.
    let _ = LAST.try_with(|last| {
        let mut last = last.borrow_mut();
        if !message.is_empty() || !last.is_empty() {
            // Names of files may hold anything but a zero byte, and so may what quotes them.
            *last = CString::new(message.replace('\0', "\u{fffd}")).unwrap_or_default();
        }
    });
    status
}

/// Runs the body of an exported function that has no status to return.
pub(crate) fn never_panic(body: impl FnOnce()) {
    // A panic has said its words on stderr.
    let _ = panic::catch_unwind(AssertUnwindSafe(body));
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkiln::Error;

    /// The codes of the library's errors have the names that the header gives them.
    #[test]
    fn codes_are_those_of_the_library() {
        let text = String::new;
        let io = Error::Io {
            path: "x".into(),
            source: std::io::ErrorKind::NotFound.into(),
        };
        let weak = Error::WeakKey {
            origin: text(),
            reason: text(),
        };
        let memory = zkiln_cuda::Error::OutOfMemory {
            asked: 1,
            live: 0,
            budget: 0,
        };
        for (error, status) in [
            (io, ZKILN_E_IO),
            (weak, ZKILN_E_WEAK_KEY),
            (Error::WitnessMismatch(text()), ZKILN_E_WITNESS_MISMATCH),
            (Error::Unsatisfied(text()), ZKILN_E_UNSATISFIED),
            (Error::SelfCheck(text()), ZKILN_E_SELF_CHECK),
            (Error::PublicInputs(text()), ZKILN_E_PUBLIC_INPUTS),
            (Error::Argument(text()), ZKILN_E_ARGUMENT),
            (Error::Entropy(text()), ZKILN_E_ENTROPY),
            (
                zkiln::backend::Backend::cuda(usize::MAX).unwrap_err(),
                ZKILN_E_DEVICE,
            ),
            (memory.into(), ZKILN_E_OUT_OF_MEMORY),
            (Error::Cancelled, ZKILN_E_CANCELLED),
            (Error::Refused(text()), ZKILN_E_REFUSED),
            (Error::Conflict(text()), ZKILN_E_CONFLICT),
        ] {
            assert_eq!(Failure::from(error).status, status);
        }
        let malformed = zkiln::groth16::Proof::from_json("", "x").unwrap_err();
        assert_eq!(Failure::from(malformed).status, ZKILN_E_MALFORMED);
    }

    #[test]
    fn names_are_in_order_and_unique() {
        assert!(NAMES.is_sorted_by(|(a, _), (b, _)| a < b));
    }

    #[test]
    fn a_panic_is_a_bug_with_its_words() {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let status = guard(|| panic!("{} of {}", "two", "three"));
        panic::set_hook(hook);
        assert_eq!(status, ZKILN_E_BUG);
        // SAFETY: the text of this thread, which makes no other call meanwhile.
        let text = unsafe { CStr::from_ptr(zkiln_last_error()) };
        assert_eq!(text, c"this is a bug in zkiln: two of three");
        assert_eq!(guard(|| Ok(())), ZKILN_OK);
        // SAFETY: as above.
        let text = unsafe { CStr::from_ptr(zkiln_last_error()) };
        assert_eq!(text, c"");
    }

    #[test]
    fn a_message_with_a_zero_byte_is_kept() {
        guard(|| Err(Failure::argument("a\0b")));
        // SAFETY: the text of this thread, which makes no other call meanwhile.
        let text = unsafe { CStr::from_ptr(zkiln_last_error()) };
        assert_eq!(text.to_str(), Ok("a\u{fffd}b"));
    }

    #[test]
    fn the_version_is_the_packages() {
        let version = format!("{ZKILN_VERSION_MAJOR}.{ZKILN_VERSION_MINOR}.{ZKILN_VERSION_PATCH}");
        assert_eq!(version, env!("CARGO_PKG_VERSION"));
    }
}
