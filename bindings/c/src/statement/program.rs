//! What a verifier trusts.

use std::ffi::{CStr, c_char, c_void};
use std::sync::Arc;

use bytemuck::{AnyBitPattern, Pod, Zeroable};
use zkiln::statement::{
    Anchor, Class, LaneInfo, NamedProgram, ProofBytes, Segment, StatementV1, Status, Verdict, Word,
    check_continuity,
};

use super::certificate::{zkiln_certificate, zkiln_certificate_info};
use super::v1::{checked, zkiln_statement_v1, zkiln_word};
use crate::border::{self, Border};
use crate::context::{Context, zkiln_context};
use crate::groth16::proof::json;
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Failure, Result, guard, zkiln_status};

/// A program with the lanes that prove it, by name, and the policy that says when that is enough: the verifier's
/// side, made of keys that it trusts and never of a certificate. Used by any number of threads at once.
pub struct zkiln_program {
    pub(super) context: Arc<Context>,
    pub(super) named: Arc<NamedProgram>,
}

impl Handle for zkiln_program {
    const NAME: &'static str = "the program";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

/// The class of lanes that prove by pairings.
pub const ZKILN_LANE_PAIRING: u32 = 0;
/// The class of lanes that prove by hashes.
pub const ZKILN_LANE_HASH: u32 = 1;
/// The class of lanes that prove nothing, but have the word of a key.
pub const ZKILN_LANE_ATTESTATION: u32 = 2;

/// The status of a lane with which certificates are made and accepted.
pub const ZKILN_STATUS_ACTIVE: u32 = 0;
/// The status of a lane with which no new certificates are made.
pub const ZKILN_STATUS_DEPRECATED: u32 = 1;
/// The status of a lane whose proofs are refused.
pub const ZKILN_STATUS_REVOKED: u32 = 2;

/// What a lane is.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_lane_info {
    /// sizeof(zkiln_lane_info), set by the caller.
    pub struct_size: usize,
    /// What tells the lane from all others: a hash of its system's name and its key.
    pub id: zkiln_word,
    /// A hash of all that the verifier knows of the circuit.
    pub key: zkiln_word,
    /// A hash of the constraints; zeros if it is not known of which circuit the key is.
    pub circuit: zkiln_word,
    /// What its soundness rests on: ZKILN_LANE_PAIRING, ZKILN_LANE_HASH or ZKILN_LANE_ATTESTATION.
    pub lane_class: u32,
    /// ZKILN_STATUS_ACTIVE, ZKILN_STATUS_DEPRECATED or ZKILN_STATUS_REVOKED.
    pub status: u32,
    /// 1 if the key is said to have been made by one machine, which can forge proofs.
    pub is_development: u32,
    /// 1 if proofs say nothing about the witness.
    pub zero_knowledge: u32,
}

// SAFETY: `repr(C)` of numbers, 120 bytes without padding, the size first.
unsafe impl Growable for zkiln_lane_info {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// The proof of a statement in a lane.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_lane_proof {
    /// The lane's name in the program.
    pub lane: *const c_char,
    /// The proof in the encoding of the lane's system: ZKILN_ENCODING_EVM of a Groth16 proof, the bytes of a
    /// Spartan or a STARK proof.
    pub proof: *const c_void,
    /// Its size in bytes.
    pub size: usize,
}

// SAFETY: null pointers and zero are a value.
unsafe impl Zeroable for zkiln_lane_proof {}
// SAFETY: any bits are pointers and a size; what the pointers point to is looked at elsewhere.
unsafe impl AnyBitPattern for zkiln_lane_proof {}

/// At the beginning of all: with this state, and seq for the first item.
pub const ZKILN_ANCHOR_GENESIS: u32 = 1;
/// After a range that ended in this state, with seq for the last item.
pub const ZKILN_ANCHOR_AFTER: u32 = 2;
/// Anywhere: what is accepted then says nothing of where the first state came from.
pub const ZKILN_ANCHOR_UNCHECKED: u32 = 3;

/// Where a certificate must begin. Zeros are no anchor, and there is no default: a verifier who leaves the start
/// to the prover accepts any state.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_anchor {
    /// One of ZKILN_ANCHOR_.
    pub kind: u32,
    /// Must be 0.
    pub reserved: u32,
    /// The number of an item.
    pub seq: u64,
    /// The state.
    pub root: zkiln_word,
}

impl zkiln_anchor {
    pub(super) fn known(&self) -> Result<Anchor> {
        options::require_zero(self.reserved)?;
        let root = || {
            let root = Word::from(self.root).to_field();
            root.ok_or_else(|| Failure::argument("anchor: the root is not below r"))
        };
        Ok(match self.kind {
            ZKILN_ANCHOR_GENESIS => Anchor::Genesis {
                root: root()?,
                first_seq: self.seq,
            },
            ZKILN_ANCHOR_AFTER => Anchor::After {
                root: root()?,
                last_seq: self.seq,
            },
            ZKILN_ANCHOR_UNCHECKED => Anchor::Unchecked,
            kind => {
                return Err(Failure::argument(format!("anchor: {kind} is no kind")));
            }
        })
    }
}

/// ==== Programs ====
///
/// Reads the file of a program, program.json, with the keys, circuits and constraints that it names relative to
/// itself: docs/multi-prover.md has the format. All of this is trusted.
///
/// Errors: ZKILN_E_IO and ZKILN_E_MALFORMED of any of the files; ZKILN_E_WEAK_KEY; ZKILN_E_ARGUMENT for lanes that
/// are no lanes of statements, and a policy that not even all of them satisfy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_program_open(
    context: *const zkiln_context,
    out: *mut *mut zkiln_program,
    path: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let path = unsafe { border::path(path) }?;
        // SAFETY: as above.
        unsafe { new_program(context, out, || NamedProgram::open(path)) }
    })
}

/// Reads the size bytes of such a file, which names others relative to a folder: see zkiln_program_open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_program_from_json(
    context: *const zkiln_context,
    out: *mut *mut zkiln_program,
    text: *const c_char,
    size: usize,
    folder: *const c_char,
) -> zkiln_status {
    guard(|| {
        const ORIGIN: &str = "program";
        // SAFETY: the caller's word for its pointers.
        let text = unsafe { json(ORIGIN, text, size) }?;
        // SAFETY: as above.
        let folder = unsafe { border::path(folder) }?;
        let read = || NamedProgram::from_json(text, ORIGIN, &folder);
        // SAFETY: as above.
        unsafe { new_program(context, out, read) }
    })
}

/// Stores what statements name as their program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_program_get_id(
    program: *const zkiln_program,
    out: *mut zkiln_word,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().output_one("out", out) }?;
        // SAFETY: as above.
        let program = unsafe { handle::get(program) }?;
        out.write(program.named.program.id().into());
        Ok(())
    })
}

/// Describes the lane of a name.
///
/// Errors: ZKILN_E_ARGUMENT if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_program_get_lane(
    program: *const zkiln_program,
    out: *mut zkiln_lane_info,
    name: *const c_char,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let named = &unsafe { handle::get(program) }?.named;
        // SAFETY: as above.
        let id = lane_of(named, unsafe { border::text(name) })?;
        let mut lanes = named.program.lanes();
        let Some((info, status)) = lanes.find(|(info, _)| info.id() == id) else {
            return Err(Failure::argument(format!("the program has no lane {id}")));
        };
        // SAFETY: as above.
        unsafe { options::write(out, &described(info, status)) }
    })
}

/// Makes a certificate of n statements that follow one another, and verifies it before it is handed out. There
/// are n_proofs proofs: those of the first statement, then those of the next, of the same lanes in the same order.
/// The certificate has copies of the proofs.
///
/// Errors: ZKILN_E_REFUSED for lanes that do not satisfy the policy, a gap, an overlap, a proof that is not valid;
/// ZKILN_E_ARGUMENT for lanes that are not there, there twice or not active, and for n_proofs that is no multiple
/// of n; ZKILN_E_MALFORMED for what is no statement.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_program_certify(
    program: *const zkiln_program,
    out: *mut *mut zkiln_certificate,
    statements: *const zkiln_statement_v1,
    n: usize,
    proofs: *const zkiln_lane_proof,
    n_proofs: usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { border.new_handle(out) }?;
        // SAFETY: as above.
        let program = unsafe { handle::get(program) }?;
        // SAFETY: as above.
        let statements = unsafe { border.input("statements", statements, n) }?;
        // SAFETY: as above.
        let proofs = unsafe { border.input("proofs", proofs, n_proofs) }?;
        let Some(n_lanes) = n_proofs
            .checked_div(n)
            .filter(|lanes| lanes * n == n_proofs)
        else {
            return Err(Failure::argument(format!(
                "{n_proofs} proofs of {n} statements: not as many of each"
            )));
        };
        let mut lanes = Vec::with_capacity(n_lanes);
        let mut segments = Vec::with_capacity(n);
        for (i, statement) in statements.iter().enumerate() {
            let mut bytes = Vec::with_capacity(n_lanes);
            for (j, given) in proofs[i * n_lanes..][..n_lanes].iter().enumerate() {
                // SAFETY: as above.
                let lane = lane_of(&program.named, unsafe { border::text(given.lane) })?;
                if i == 0 {
                    lanes.push(lane);
                } else if lanes[j] != lane {
                    return Err(Failure::argument(format!(
                        "proof {j} of statement {i} is of another lane than that of the first"
                    )));
                }
                // SAFETY: as above.
                let proof = unsafe {
                    Border::default().input::<u8>("proof", given.proof.cast(), given.size)
                }?;
                bytes.push(ProofBytes(proof.to_vec()));
            }
            segments.push(Segment {
                statement: checked(statement)?,
                proofs: bytes,
            });
        }
        // Said here in as many words; in a certificate it would be a fault of its form.
        let stated: Vec<&StatementV1> = segments.iter().map(|s| &s.statement).collect();
        check_continuity(&stated, program.named.program.policy().payees)?;
        let certify = || program.named.program.certify(&lanes, segments);
        let certificate = program.context.run(certify)?;
        out.set(zkiln_certificate::new(&program.context, certificate));
        Ok(())
    })
}

/// Verifies a certificate that begins at an anchor: ZKILN_OK, and nothing else, means that the policy is the
/// program's own, every lane is one of its lanes and not revoked, the lanes satisfy the policy, and every proof is
/// valid for the statement's own fields. info, if it is not NULL, gets what the certificate states.
///
/// That it is true does not make it new: a zkiln_journal refuses what was accepted before, and finds
/// contradictions.
///
/// Errors: ZKILN_E_REFUSED with the reason.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_program_verify(
    program: *const zkiln_program,
    info: *mut zkiln_certificate_info,
    certificate: *const zkiln_certificate,
    anchor: *const zkiln_anchor,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let program = unsafe { handle::get(program) }?;
        // SAFETY: as above.
        let certificate = unsafe { handle::get(certificate) }?;
        // SAFETY: as above.
        let anchor = unsafe { Border::default().input_one("anchor", anchor) }?.known()?;
        let verify = || {
            let program = &program.named.program;
            program.verify(&certificate.certificate, &anchor)
        };
        // SAFETY: as above.
        unsafe { tell(info, certificate, || program.context.run(verify)) }
    })
}

/// Destroys a program; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_program_destroy(program: *mut zkiln_program) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(program) }
}

/// What is found of a certificate, for whoever wants to know. It is judged by `verdict`, but not before it is known
/// that it can be told.
///
/// # Safety
/// As [`options::write`], but `info` may be null.
pub(super) unsafe fn tell(
    info: *mut zkiln_certificate_info,
    certificate: &zkiln_certificate,
    verdict: impl FnOnce() -> zkiln::Result<Verdict>,
) -> Result<()> {
    if info.is_null() {
        verdict()?;
        return Ok(());
    }
    // SAFETY: passed on.
    unsafe { options::check(info) }?;
    let mut told = certificate.info();
    told.n_counted = verdict()?.counted.len() as u64;
    // SAFETY: passed on.
    unsafe { options::write(info, &told) }
}

/// The id of the lane of a name.
fn lane_of(named: &NamedProgram, name: Option<&CStr>) -> Result<Word> {
    let Some(name) = name else {
        return Err(Failure::argument("the lane's name is NULL"));
    };
    let id = name.to_str().ok().and_then(|name| named.names.get(name));
    id.copied().ok_or_else(|| {
        let names: Vec<&str> = named.names.keys().map(String::as_str).collect();
        Failure::argument(format!(
            "the program has no lane {name:?}, but {}",
            names.join(", ")
        ))
    })
}

fn described(info: &LaneInfo, status: Status) -> zkiln_lane_info {
    zkiln_lane_info {
        struct_size: 0,
        id: info.id().into(),
        key: info.key.into(),
        circuit: info.circuit.unwrap_or_default().into(),
        lane_class: match info.class {
            Class::Pairing => ZKILN_LANE_PAIRING,
            Class::Hash => ZKILN_LANE_HASH,
            Class::Attestation => ZKILN_LANE_ATTESTATION,
            _ => u32::MAX,
        },
        status: match status {
            Status::Active => ZKILN_STATUS_ACTIVE,
            Status::Deprecated => ZKILN_STATUS_DEPRECATED,
            Status::Revoked => ZKILN_STATUS_REVOKED,
        },
        is_development: info.is_development().into(),
        zero_knowledge: info.zero_knowledge.into(),
    }
}

/// # Safety
/// As [`handle::get`] and [`Border::new_handle`].
unsafe fn new_program(
    context: *const zkiln_context,
    out: *mut *mut zkiln_program,
    read: impl FnOnce() -> zkiln::Result<NamedProgram> + Send,
) -> Result<()> {
    // SAFETY: passed on.
    let out = unsafe { Border::default().new_handle(out) }?;
    // SAFETY: passed on.
    let context = unsafe { handle::get(context) }?.context();
    out.set(zkiln_program {
        named: Arc::new(context.run(read)?),
        context: Arc::clone(context),
    });
    Ok(())
}
