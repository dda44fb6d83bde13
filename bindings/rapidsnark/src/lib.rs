//! zkiln behind the C interface of rapidsnark, so that an application changes provers by changing a shared
//! library. Its documentation is rapidsnark's `prover.h` and `verifier.h`, and `docs/c.md` for what differs.
//!
//! Kept are the functions, the codes, the sizes and the shape of the JSON. Three things are not:
//!
//! - A prover keeps nothing of the buffer or the file that it was made of, which may go at once.
//! - Buffers are measured before the proof is made, not after. The size that is asked for suffices for every
//!   proof, for two proofs of one witness may differ in length.
//! - What proves nothing is refused: public inputs that are not below r, keys for which anyone can forge
//!   proofs, and witnesses that do not satisfy the circuit.

#![allow(
    clippy::missing_safety_doc,
    reason = "rapidsnark's headers say what its pointers must be"
)]

mod json;
mod message;
mod threads;

use std::ffi::{CStr, c_char, c_int, c_ulong, c_ulonglong, c_void};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::slice;

use zkiln::backend::Backend;
use zkiln::groth16::{
    KeyOptions, MappedFile, Proof, ProvingKey, PublicInputs, VerifyingKey, Witness, Zkey,
};
use zkiln::{Error, Fault};

use message::Message;

/// `PROVER_OK`.
const OK: c_int = 0;
/// `PROVER_ERROR`.
const ERROR: c_int = 1;
/// `PROVER_ERROR_SHORT_BUFFER`.
const SHORT_BUFFER: c_int = 2;
/// `PROVER_INVALID_WITNESS_LENGTH`.
const INVALID_WITNESS_LENGTH: c_int = 3;

/// `VERIFIER_VALID_PROOF`.
const VALID_PROOF: c_int = 0;
/// `VERIFIER_INVALID_PROOF`.
const INVALID_PROOF: c_int = 1;
/// `VERIFIER_ERROR`.
const VERIFIER_ERROR: c_int = 2;

/// What `groth16_proof_size` gives.
const PROOF_SIZE: c_ulonglong = 810;

/// Where keys are opened: a name of [`Backend`], "auto" unless set.
const BACKEND: &str = "ZKILN_BACKEND";

/// Why a call failed: its code and its words.
struct Failure(c_int, String);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::WitnessMismatch(_) => INVALID_WITNESS_LENGTH,
            _ => ERROR,
        };
        Self(code, error.to_string())
    }
}

fn null(what: &str) -> Failure {
    Failure(ERROR, format!("Null {what}"))
}

type Result<T> = core::result::Result<T, Failure>;

/// Runs a function's body. No panic leaves it.
fn guard(message: Message<'_>, code_of_bugs: c_int, body: impl FnOnce() -> Result<c_int>) -> c_int {
    let outcome = panic::catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(Failure(code_of_bugs, "this is a bug in zkiln".into())));
    outcome.unwrap_or_else(|Failure(code, words)| {
        message.write(&words);
        code
    })
}

/// The size of a buffer that holds the public inputs of any proof for the zkey in a buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_public_size_for_zkey_buf(
    zkey_buffer: *const c_void,
    zkey_size: c_ulonglong,
    public_size: *mut c_ulonglong,
    error_msg: *mut c_char,
    error_msg_maxsize: c_ulonglong,
) -> c_int {
    // SAFETY: the caller's word for its buffer.
    let message = unsafe { Message::new(error_msg, error_msg_maxsize) };
    guard(message, ERROR, || {
        // SAFETY: as above.
        let zkey = unsafe { bytes(zkey_buffer, zkey_size, "zkey buffer") }?;
        // SAFETY: as above.
        let size = unsafe { reference(public_size, "public size") }?;
        *size = public_size_of(&Zkey::parse(zkey, "zkey")?);
        Ok(OK)
    })
}

/// The size of a buffer that holds the public inputs of any proof for a zkey file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_public_size_for_zkey_file(
    zkey_fname: *const c_char,
    public_size: *mut c_ulonglong,
    error_msg: *mut c_char,
    error_msg_maxsize: c_ulonglong,
) -> c_int {
    // SAFETY: the caller's word for its buffer.
    let message = unsafe { Message::new(error_msg, error_msg_maxsize) };
    guard(message, ERROR, || {
        // SAFETY: as above.
        let path = unsafe { path(zkey_fname) }?;
        // SAFETY: as above.
        let size = unsafe { reference(public_size, "public size") }?;
        let file = MappedFile::open(path)?;
        *size = public_size_of(&Zkey::parse(&file, file.origin())?);
        Ok(OK)
    })
}

/// The size of a buffer that holds any proof.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_proof_size(proof_size: *mut c_ulonglong) {
    if let Ok(size) =
        // SAFETY: the caller's word for its pointer.
        unsafe { reference(proof_size, "proof size") }
    {
        *size = PROOF_SIZE;
    }
}

/// Makes a prover of the zkey in a buffer, which is not needed afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_prover_create(
    prover_object: *mut *mut c_void,
    zkey_buffer: *const c_void,
    zkey_size: c_ulonglong,
    error_msg: *mut c_char,
    error_msg_maxsize: c_ulonglong,
) -> c_int {
    // SAFETY: the caller's word for its buffer.
    let message = unsafe { Message::new(error_msg, error_msg_maxsize) };
    guard(message, ERROR, || {
        // SAFETY: as above.
        let prover = unsafe { reference(prover_object, "prover object") }?;
        // SAFETY: as above.
        let zkey = unsafe { bytes(zkey_buffer, zkey_size, "zkey buffer") }?;
        let key = open(|options| ProvingKey::from_bytes_with(zkey, "zkey", options))?;
        *prover = Box::into_raw(Box::new(key)).cast();
        Ok(OK)
    })
}

/// Makes a prover of a zkey file, which is not needed afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_prover_create_zkey_file(
    prover_object: *mut *mut c_void,
    zkey_file_path: *const c_char,
    error_msg: *mut c_char,
    error_msg_maxsize: c_ulonglong,
) -> c_int {
    // SAFETY: the caller's word for its buffer.
    let message = unsafe { Message::new(error_msg, error_msg_maxsize) };
    guard(message, ERROR, || {
        // SAFETY: as above.
        let prover = unsafe { reference(prover_object, "prover object") }?;
        // SAFETY: as above.
        let path = unsafe { path(zkey_file_path) }?;
        let key = open(|options| ProvingKey::open_with(path, options))?;
        *prover = Box::into_raw(Box::new(key)).cast();
        Ok(OK)
    })
}

/// Proves, and writes the proof and its public inputs as JSON with a zero byte at the end. The sizes are
/// those of the buffers when called, and those of the texts without that byte when it returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_prover_prove(
    prover_object: *mut c_void,
    wtns_buffer: *const c_void,
    wtns_size: c_ulonglong,
    proof_buffer: *mut c_char,
    proof_size: *mut c_ulonglong,
    public_buffer: *mut c_char,
    public_size: *mut c_ulonglong,
    error_msg: *mut c_char,
    error_msg_maxsize: c_ulonglong,
) -> c_int {
    // SAFETY: the caller's word for its buffer.
    let message = unsafe { Message::new(error_msg, error_msg_maxsize) };
    guard(message, ERROR, || {
        // SAFETY: the caller's word that it is a prover, of which the functions above made it.
        let key: &ProvingKey = unsafe { shared(prover_object.cast(), "prover object") }?;
        // SAFETY: as above.
        let witness = unsafe { bytes(wtns_buffer, wtns_size, "witness buffer") }?;
        // SAFETY: as above.
        let outputs =
            unsafe { Outputs::new(proof_buffer, proof_size, public_buffer, public_size) }?;
        outputs.prove(key, witness)
    })
}

/// Destroys a prover; null is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_prover_destroy(prover_object: *mut c_void) {
    if !prover_object.is_null() {
        // SAFETY: the caller's word that it is a prover and not used again; `Box::into_raw` made it.
        let key = unsafe { Box::from_raw(prover_object.cast::<ProvingKey>()) };
        // A panic has said its words on stderr.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(key)));
    }
}

/// Proves with the zkey in a buffer: see [`groth16_prover_prove`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_prover(
    zkey_buffer: *const c_void,
    zkey_size: c_ulonglong,
    wtns_buffer: *const c_void,
    wtns_size: c_ulonglong,
    proof_buffer: *mut c_char,
    proof_size: *mut c_ulonglong,
    public_buffer: *mut c_char,
    public_size: *mut c_ulonglong,
    error_msg: *mut c_char,
    error_msg_maxsize: c_ulonglong,
) -> c_int {
    // SAFETY: the caller's word for its buffer.
    let message = unsafe { Message::new(error_msg, error_msg_maxsize) };
    guard(message, ERROR, || {
        // SAFETY: as above.
        let zkey = unsafe { bytes(zkey_buffer, zkey_size, "zkey buffer") }?;
        // SAFETY: as above.
        let witness = unsafe { bytes(wtns_buffer, wtns_size, "witness buffer") }?;
        // SAFETY: as above.
        let outputs =
            unsafe { Outputs::new(proof_buffer, proof_size, public_buffer, public_size) }?;
        let key = open(|options| ProvingKey::from_bytes_with(zkey, "zkey", options))?;
        outputs.prove(&key, witness)
    })
}

/// Proves with a zkey file: see [`groth16_prover_prove`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_prover_zkey_file(
    zkey_file_path: *const c_char,
    wtns_buffer: *const c_void,
    wtns_size: c_ulonglong,
    proof_buffer: *mut c_char,
    proof_size: *mut c_ulonglong,
    public_buffer: *mut c_char,
    public_size: *mut c_ulonglong,
    error_msg: *mut c_char,
    error_msg_maxsize: c_ulonglong,
) -> c_int {
    // SAFETY: the caller's word for its buffer.
    let message = unsafe { Message::new(error_msg, error_msg_maxsize) };
    guard(message, ERROR, || {
        // SAFETY: as above.
        let path = unsafe { path(zkey_file_path) }?;
        // SAFETY: as above.
        let witness = unsafe { bytes(wtns_buffer, wtns_size, "witness buffer") }?;
        // SAFETY: as above.
        let outputs =
            unsafe { Outputs::new(proof_buffer, proof_size, public_buffer, public_size) }?;
        let key = open(|options| ProvingKey::open_with(path, options))?;
        outputs.prove(&key, witness)
    })
}

/// Verifies a proof: three texts of JSON that end with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn groth16_verify(
    proof: *const c_char,
    inputs: *const c_char,
    verification_key: *const c_char,
    error_msg: *mut c_char,
    error_msg_maxsize: c_ulong,
) -> c_int {
    #[allow(clippy::useless_conversion)] // `unsigned long` has 32 bits on Windows
    let size = error_msg_maxsize.into();
    // SAFETY: the caller's word for its buffer.
    let message = unsafe { Message::new(error_msg, size) };
    guard(message, VERIFIER_ERROR, || {
        // SAFETY: the caller's word for its texts.
        let proof = unsafe { text(proof, "proof") };
        // SAFETY: as above.
        let inputs = unsafe { text(inputs, "inputs") };
        // SAFETY: as above.
        let key = unsafe { text(verification_key, "verification key") };
        let verdict = verify(proof, inputs, key);
        // Other codes are the prover's.
        verdict.map_err(|Failure(_, words)| Failure(VERIFIER_ERROR, words))
    })
}

fn verify(proof: Result<&str>, inputs: Result<&str>, key: Result<&str>) -> Result<c_int> {
    let proof = Proof::from_json(proof?, "proof");
    let inputs = PublicInputs::from_json(inputs?, "inputs")?;
    let key = VerifyingKey::from_json(key?, "verification key")?;
    let is_valid = match proof {
        Err(error) if is_no_point(&error) => false,
        proof => {
            let proof = proof?;
            threads::run(|| key.verify(&inputs, &proof))??
        }
    };
    Ok(if is_valid { VALID_PROOF } else { INVALID_PROOF })
}

/// Whether a proof is none because a point of it is not in its group, and nothing else is wrong with it.
fn is_no_point(error: &Error) -> bool {
    matches!(
        error.fault(),
        Some(Fault::NotOnCurve | Fault::NotInSubgroup | Fault::Infinity)
    )
}

/// The smallest buffer that rapidsnark promises to suffice.
fn public_size_of(zkey: &Zkey<'_>) -> c_ulonglong {
    82 * zkey.header().n_public as c_ulonglong + 4
}

/// Opens a key on the backend that the environment names.
fn open(read: impl FnOnce(KeyOptions) -> zkiln::Result<ProvingKey> + Send) -> Result<ProvingKey> {
    let backend: Backend = match std::env::var_os(BACKEND) {
        None => Backend::auto().backend,
        Some(name) => name.to_string_lossy().parse()?,
    };
    let mut options = KeyOptions::default();
    options.backend = backend;
    Ok(threads::run(|| read(options))??)
}

/// Where a proof and its public inputs go.
struct Outputs<'a> {
    proof: *mut c_char,
    proof_size: &'a mut c_ulonglong,
    public: *mut c_char,
    public_size: &'a mut c_ulonglong,
}

impl<'a> Outputs<'a> {
    /// # Safety
    /// Pointers that are not null must point to sizes, and to buffers of as many bytes.
    unsafe fn new(
        proof: *mut c_char,
        proof_size: *mut c_ulonglong,
        public: *mut c_char,
        public_size: *mut c_ulonglong,
    ) -> Result<Self> {
        if proof.is_null() {
            return Err(null("proof buffer"));
        }
        // SAFETY: passed on.
        let proof_size: &'a mut _ = unsafe { reference(proof_size, "proof size") }?;
        if public.is_null() {
            return Err(null("public buffer"));
        }
        if std::ptr::eq(public_size, proof_size) {
            return Err(Failure(ERROR, "proof size and public size are one".into()));
        }
        // SAFETY: passed on.
        let public_size: &'a mut _ = unsafe { reference(public_size, "public size") }?;
        Ok(Self {
            proof,
            proof_size,
            public,
            public_size,
        })
    }

    fn prove(self, key: &ProvingKey, witness: &[u8]) -> Result<c_int> {
        let (witness, public) = threads::run(|| {
            let witness = Witness::from_bytes(witness, "witness")?;
            let public = json::public(key, &witness)?;
            Ok::<_, Error>((witness, public))
        })??;
        let needed = [json::PROOF_LIMIT + 1, public.len() + 1].map(|size| size as c_ulonglong);
        let given = [*self.proof_size, *self.public_size];
        if given[0] < needed[0] || given[1] < needed[1] {
            [*self.proof_size, *self.public_size] = needed;
            return Err(Failure(
                SHORT_BUFFER,
                format!(
                    "the proof needs a buffer of {} bytes and got {}, the public inputs one of {} and got {}",
                    needed[0], given[0], needed[1], given[1]
                ),
            ));
        }
        let (proof, _) = threads::run(|| key.prove(&witness))??;
        let proof = json::proof(&proof);
        // SAFETY: the buffer is as long as its size says, and the text with its zero byte is not longer.
        unsafe { write(self.proof, &proof) };
        // SAFETY: as above.
        unsafe { write(self.public, &public) };
        *self.proof_size = proof.len() as c_ulonglong;
        *self.public_size = public.len() as c_ulonglong;
        Ok(OK)
    }
}

/// # Safety
/// `buffer` must have room for `text` and a zero byte.
unsafe fn write(buffer: *mut c_char, text: &str) {
    // SAFETY: room for that many bytes, as the caller vouches, in memory that is not the text's.
    unsafe { buffer.copy_from_nonoverlapping(text.as_ptr().cast(), text.len()) };
    // SAFETY: room for one byte more.
    let end = unsafe { buffer.add(text.len()) };
    // SAFETY: as above.
    unsafe { end.write(0) };
}

/// # Safety
/// If `pointer` is not null, it must point to a `T` that nobody writes for `'a`.
unsafe fn shared<'a, T>(pointer: *const T, name: &str) -> Result<&'a T> {
    check(pointer, name)?;
    // SAFETY: not null and aligned; the rest is the caller's word.
    Ok(unsafe { &*pointer })
}

/// # Safety
/// If `pointer` is not null, it must point to a `T` that nobody else touches for `'a`.
unsafe fn reference<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T> {
    check(pointer, name)?;
    // SAFETY: not null and aligned; the rest is the caller's word.
    Ok(unsafe { &mut *pointer })
}

fn check<T>(pointer: *const T, name: &str) -> Result<()> {
    if pointer.is_null() {
        return Err(null(name));
    }
    if !pointer.is_aligned() {
        return Err(Failure(ERROR, format!("Misaligned {name}")));
    }
    Ok(())
}

/// # Safety
/// If `pointer` is not null, it must point to `size` bytes that nobody writes for `'a`.
unsafe fn bytes<'a>(pointer: *const c_void, size: c_ulonglong, name: &str) -> Result<&'a [u8]> {
    if pointer.is_null() {
        return Err(null(name));
    }
    match isize::try_from(size) {
        // SAFETY: not null, of a possible length; the rest is the caller's word.
        Ok(size) => Ok(unsafe { slice::from_raw_parts(pointer.cast(), size as usize) }),
        Err(_) => Err(Failure(ERROR, format!("{name}: no memory is that long"))),
    }
}

/// # Safety
/// If `pointer` is not null, a zero byte must follow, and nobody may write the text for `'a`.
unsafe fn text<'a>(pointer: *const c_char, name: &str) -> Result<&'a str> {
    if pointer.is_null() {
        return Err(null(name));
    }
    // SAFETY: not null; the rest is the caller's word.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str()
        .map_err(|_| Failure(ERROR, format!("{name}: the text is not UTF-8")))
}

/// # Safety
/// As [`text`].
unsafe fn path(pointer: *const c_char) -> Result<PathBuf> {
    if pointer.is_null() {
        return Err(null("zkey file path"));
    }
    // SAFETY: not null; the rest is the caller's word.
    let text = unsafe { CStr::from_ptr(pointer) };
    #[cfg(unix)]
    {
        let bytes: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(text.to_bytes());
        Ok(bytes.into())
    }
    #[cfg(not(unix))]
    Ok(text.to_string_lossy().into_owned().into())
}
