//! Statements as plain data.

use std::ffi::{c_char, c_void};

use bytemuck::{Pod, Zeroable};
use zkiln::field::PrimeField;
use zkiln::statement::{STATEMENT_SIGNALS, STATEMENT_WORDS, StatementV1, Word, check_witness};

use crate::border::{self, Border};
use crate::field::zkiln_u256;
use crate::groth16::proof::json;
use crate::groth16::witness::zkiln_groth16_witness;
use crate::handle;
use crate::status::{Failure, Result, guard, zkiln_status};

/// 32 bytes, the most significant first: an integer, a digest or an address, as an EVM has them.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_word {
    /// The bytes.
    pub bytes: [u8; 32],
}

impl From<Word> for zkiln_word {
    fn from(word: Word) -> Self {
        Self { bytes: word.0 }
    }
}

impl From<zkiln_word> for Word {
    fn from(word: zkiln_word) -> Self {
        Self(word.bytes)
    }
}

/// A statement: this program takes the state pre_root by the batch to post_root, proven for this request on this
/// chain, to be paid to this payee. docs/multi-prover.md says what each word is.
///
/// States and the batch must be below r, and the last item not before the first: other statements are
/// refused with ZKILN_E_MALFORMED.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_statement_v1 {
    /// The program that makes the transition.
    pub program: zkiln_word,
    /// Its parameters, as the program says.
    pub parameters: zkiln_word,
    /// The contract that settles, or what else tells two uses on a chain apart.
    pub context: zkiln_word,
    /// The request that is answered.
    pub request: zkiln_word,
    /// The state before.
    pub pre_root: zkiln_word,
    /// The state after.
    pub post_root: zkiln_word,
    /// A commitment to the batch.
    pub batch: zkiln_word,
    /// Who is to be paid for the proof.
    pub payee: zkiln_word,
    /// The chain.
    pub chain_id: u64,
    /// The number of the batch's first item.
    pub first_seq: u64,
    /// The number of the batch's last item.
    pub last_seq: u64,
}

/// The number of public signals of a circuit that carries a statement.
pub const ZKILN_STATEMENT_SIGNALS: usize = 7;
const _: () = assert!(ZKILN_STATEMENT_SIGNALS == STATEMENT_SIGNALS);

impl From<StatementV1> for zkiln_statement_v1 {
    fn from(s: StatementV1) -> Self {
        let word = |root| Word::from(root).into();
        Self {
            program: s.program.into(),
            parameters: s.parameters.into(),
            context: s.context.into(),
            request: s.request.into(),
            pre_root: word(s.pre_root),
            post_root: word(s.post_root),
            batch: word(s.batch),
            payee: s.payee.into(),
            chain_id: s.chain_id,
            first_seq: s.first_seq,
            last_seq: s.last_seq,
        }
    }
}

/// The statement as the library has it, if it is one.
pub(super) fn checked(s: &zkiln_statement_v1) -> Result<StatementV1> {
    let words: [Word; STATEMENT_WORDS] = [
        // The tag of this version.
        Word::keccak("zkiln/statement/v1"),
        s.program.into(),
        s.parameters.into(),
        s.chain_id.into(),
        s.context.into(),
        s.request.into(),
        s.first_seq.into(),
        s.last_seq.into(),
        s.pre_root.into(),
        s.post_root.into(),
        s.batch.into(),
        s.payee.into(),
    ];
    Ok(StatementV1::from_words(&words, "statement")?)
}

/// ==== Statements ====
///
/// Stores Keccak-256 of size bytes, the hash of Ethereum: what requests and programs are named by.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_keccak256(
    out: *mut zkiln_word,
    bytes: *const c_void,
    size: usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { border.output_one("out", out) }?;
        // SAFETY: as above.
        let bytes = unsafe { border.input::<u8>("bytes", bytes.cast(), size) }?;
        out.write(Word::keccak(bytes).into());
        Ok(())
    })
}

/// Reads a file with a JSON object of the fields: words as 0x and 64 digits, numbers as decimal strings. There is
/// no other spelling.
///
/// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_statement_v1_open(
    out: *mut zkiln_statement_v1,
    path: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().output_one("out", out) }?;
        // SAFETY: as above.
        let path = unsafe { border::path(path) }?;
        out.write(StatementV1::open(path)?.into());
        Ok(())
    })
}

/// Reads the size bytes of such a file. A zero byte at the end is no part of it.
///
/// Errors: ZKILN_E_MALFORMED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_statement_v1_from_json(
    out: *mut zkiln_statement_v1,
    text: *const c_char,
    size: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().output_one("out", out) }?;
        // SAFETY: as above.
        let text = unsafe { json("statement", text, size) }?;
        out.write(StatementV1::from_json(text, "statement")?.into());
        Ok(())
    })
}

/// Writes the JSON object of the fields with a zero byte at its end, which the sizes count.
///
/// Errors: ZKILN_E_SHORT_BUFFER; ZKILN_E_MALFORMED for what is no statement.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_statement_v1_to_json(
    statement: *const zkiln_statement_v1,
    text: *mut c_char,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let statement = unsafe { border.input_one("statement", statement) }?;
        // SAFETY: as above.
        let text = unsafe { border.buffer("text", text, size) }?;
        text.fill_text(&checked(statement)?.to_json())
    })
}

/// Stores the digest of a statement: Keccak-256 of its twelve words.
///
/// Errors: ZKILN_E_MALFORMED for what is no statement.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_statement_v1_digest(
    statement: *const zkiln_statement_v1,
    out: *mut zkiln_word,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let statement = unsafe { border.input_one("statement", statement) }?;
        // SAFETY: as above.
        let out = unsafe { border.output_one("out", out) }?;
        out.write(checked(statement)?.digest().into());
        Ok(())
    })
}

/// Stores the public signals of a circuit that carries the statement, n of them, which is
/// ZKILN_STATEMENT_SIGNALS: the halves of the digest, pre_root, post_root, batch, first_seq, last_seq.
///
/// Errors: ZKILN_E_MALFORMED for what is no statement.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_statement_v1_signals(
    statement: *const zkiln_statement_v1,
    out: *mut zkiln_u256,
    n: usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let statement = unsafe { border.input_one("statement", statement) }?;
        // SAFETY: as above.
        let out = unsafe { border.output("out", out, n) }?;
        if n != STATEMENT_SIGNALS {
            return Err(Failure::argument(format!(
                "room for {n} signals, and a statement has {STATEMENT_SIGNALS}"
            )));
        }
        let signals = checked(statement)?.signals();
        border::write(out, &signals.map(|x| bytemuck::cast(x.to_canonical())));
        Ok(())
    })
}

/// Requires the public signals of a witness to carry a statement: what a prover sees to before it proves.
///
/// Errors: ZKILN_E_PUBLIC_INPUTS with the first that does not, ZKILN_E_WITNESS_MISMATCH for a witness without
/// them, ZKILN_E_MALFORMED for what is no statement.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_statement_v1_check_witness(
    statement: *const zkiln_statement_v1,
    witness: *const zkiln_groth16_witness,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let statement = unsafe { Border::default().input_one("statement", statement) }?;
        // SAFETY: as above.
        let witness = &unsafe { handle::get(witness) }?.witness;
        Ok(check_witness(&checked(statement)?, witness)?)
    })
}
