//! Transparent proofs of circuits.

use std::ffi::c_void;
use std::sync::Arc;

use zkiln::field::Fr;
use zkiln::field::PrimeField;
use zkiln::groth16::{R1cs, Witness};
use zkiln::spartan::{self, ProveOptions, compact};

use crate::border::Border;
use crate::context::{Context, zkiln_context};
use crate::field::zkiln_u256;
use crate::groth16::proof::public_inputs as to_field;
use crate::groth16::witness::{zkiln_groth16_r1cs, zkiln_groth16_witness};
use crate::handle::{self, Handle};
use crate::options::{self, Growable};
use crate::status::{Failure, Result, ZKILN_E_INVALID_PROOF, guard, zkiln_status};
use crate::watch::{Progress, zkiln_progress_fn};

/// The dialect of provekit 1.0.3, with zero knowledge.
pub const ZKILN_SPARTAN_DIALECT_PROVEKIT_V1: u32 = 0;
/// The compact dialect: proofs of half the size, which TELL OF THE WITNESS.
pub const ZKILN_SPARTAN_DIALECT_COMPACT_V1: u32 = 1;
/// Instead of bits of work: none.
pub const ZKILN_SPARTAN_NO_WORK: u32 = 0xffff_ffff;

/// A circuit, prepared for transparent proofs and their verification: made once, used by any number of threads
/// at once. It keeps no pointer to the r1cs.
pub struct zkiln_spartan_circuit {
    context: Arc<Context>,
    circuit: Circuit,
    n_wires: usize,
}

/// A transparent proof.
pub struct zkiln_spartan_proof {
    context: Arc<Context>,
    bytes: Vec<u8>,
}

/// A circuit in a dialect.
enum Circuit {
    ProveKit(Box<spartan::Circuit>),
    Compact(Box<compact::Circuit>),
}

/// Evaluates an expression for the circuit of either dialect.
macro_rules! of_circuit {
    ($any:expr, $circuit:ident => $body:expr) => {
        match $any {
            Circuit::ProveKit($circuit) => $body,
            Circuit::Compact($circuit) => $body,
        }
    };
}

impl Circuit {
    fn new(r1cs: &R1cs, options: &zkiln_spartan_options) -> zkiln::Result<Self> {
        Ok(match options.dialect {
            ZKILN_SPARTAN_DIALECT_COMPACT_V1 => {
                let mut parameters = compact::Parameters::default();
                let p = &mut parameters;
                options.put(
                    &mut p.security_bits,
                    &mut p.work_bits,
                    &mut p.log_inverse_rate,
                    &mut p.log_folding,
                );
                Self::Compact(Box::new(compact::Circuit::new(r1cs, parameters)?))
            }
            _ => {
                let mut parameters = spartan::Parameters::default();
                let p = &mut parameters;
                options.put(
                    &mut p.security_bits,
                    &mut p.work_bits,
                    &mut p.log_inverse_rate,
                    &mut p.log_folding,
                );
                Self::ProveKit(Box::new(spartan::Circuit::new(r1cs, parameters)?))
            }
        })
    }

    /// The proof's bytes, and the public signals.
    fn prove(
        &self,
        witness: &Witness,
        options: &ProveOptions<'_>,
    ) -> zkiln::Result<(Vec<u8>, Vec<Fr>)> {
        of_circuit!(self, circuit => {
            let (proof, public) = circuit.prove_with(witness, options)?;
            Ok((proof.to_bytes(), public))
        })
    }

    fn verify(&self, public: &[Fr], proof: &[u8]) -> zkiln::Result<bool> {
        match self {
            Self::ProveKit(circuit) => circuit.verify(public, &spartan::Proof::from_bytes(proof)?),
            Self::Compact(circuit) => circuit.verify(public, &compact::Proof::from_bytes(proof)?),
        }
    }

    fn n_public(&self) -> usize {
        of_circuit!(self, circuit => circuit.n_public())
    }
}

impl Handle for zkiln_spartan_circuit {
    const NAME: &'static str = "the circuit";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

impl Handle for zkiln_spartan_proof {
    const NAME: &'static str = "the proof";

    fn context(&self) -> &Arc<Context> {
        &self.context
    }
}

/// What proofs must withstand, and what they may cost. Zeros are the defaults; whoever verifies needs the
/// prover's.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_spartan_options {
    /// sizeof(zkiln_spartan_options).
    pub struct_size: usize,
    /// ZKILN_SPARTAN_DIALECT_PROVEKIT_V1 or ZKILN_SPARTAN_DIALECT_COMPACT_V1.
    pub dialect: u32,
    /// Bits of security; 0 for 128.
    pub security_bits: u32,
    /// Bits of it that proof of work may stand in for; 0 for the dialect's, ZKILN_SPARTAN_NO_WORK for none.
    pub work_bits: u32,
    /// The inverse of the first code's rate, as a power of two; 0 for the dialect's.
    pub log_inverse_rate: u32,
    /// How many variables a round folds; 0 for the dialect's.
    pub log_folding: u32,
    /// Must be 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers, 32 bytes without padding, the size first.
unsafe impl Growable for zkiln_spartan_options {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// What a circuit is.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_spartan_info {
    /// sizeof(zkiln_spartan_info), set by the caller.
    pub struct_size: usize,
    /// The number of wires: the length of a witness.
    pub n_wires: u64,
    /// The number of public signals, the circuit's outputs among them.
    pub n_public: u64,
    /// The vector that is committed to has 2^log_vector_len elements.
    pub log_vector_len: u32,
    /// Whole bits of security: the least of the error terms of a proof's parts.
    pub security_bits: u32,
    /// 1 if proofs say nothing about the witness.
    pub zero_knowledge: u32,
    /// 0.
    pub reserved: u32,
    /// A digest of all that a proof depends on beside the witness and the public signals.
    pub id: [u8; 32],
}

// SAFETY: `repr(C)` of numbers, 72 bytes without padding, the size first.
unsafe impl Growable for zkiln_spartan_info {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// How a transparent proof is made. Zeros are the defaults.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_spartan_prove_options {
    /// sizeof(zkiln_spartan_prove_options).
    pub struct_size: usize,
    /// Called with the phases of the proof; NULL for nobody.
    pub progress: zkiln_progress_fn,
    /// What progress is called with.
    pub progress_user: *mut c_void,
    /// 1: hand the proof out without verifying it: only for callers that verify it themselves.
    pub skip_verify: u32,
    /// Must be 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers and pointers that may be null, 32 bytes without padding, the size first.
unsafe impl Growable for zkiln_spartan_prove_options {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// ==== Spartan: transparent proofs of circuits ====
///
/// Prepares a circuit, on the processor. There are no keys: whoever verifies makes it of the same constraints
/// and options, which may be NULL.
///
/// Errors: ZKILN_E_ARGUMENT for options that make no sense or ask for more than there is; ZKILN_E_DEVICE in a
/// context whose device was asked for by name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_spartan_circuit_create(
    context: *const zkiln_context,
    out: *mut *mut zkiln_spartan_circuit,
    r1cs: *const zkiln_groth16_r1cs,
    options: *const zkiln_spartan_options,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().new_handle(out) }?;
        // SAFETY: as above.
        let context = unsafe { handle::get(context) }?.context();
        // SAFETY: as above.
        let r1cs = &unsafe { handle::get(r1cs) }?.r1cs;
        // SAFETY: as above.
        let options = unsafe { options::read(options) }?;
        options.check()?;
        context.require_processor("Spartan prover")?;
        out.set(zkiln_spartan_circuit {
            circuit: context.run(|| Circuit::new(r1cs, &options))?,
            n_wires: r1cs.wires().total,
            context: Arc::clone(context),
        });
        Ok(())
    })
}

/// Describes a circuit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_spartan_circuit_get_info(
    circuit: *const zkiln_spartan_circuit,
    out: *mut zkiln_spartan_info,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let handle = unsafe { handle::get(circuit) }?;
        let info = of_circuit!(&handle.circuit, circuit => zkiln_spartan_info {
            struct_size: 0,
            n_wires: handle.n_wires as u64,
            n_public: circuit.n_public() as u64,
            log_vector_len: circuit.log_vector_len() as u32,
            security_bits: circuit.security_bits() as u32,
            zero_knowledge: matches!(handle.circuit, Circuit::ProveKit(_)).into(),
            reserved: 0,
            id: circuit.id(),
        });
        // SAFETY: as above.
        unsafe { options::write(out, &info) }
    })
}

/// Proves that a witness satisfies the circuit, verifies the proof, and stores it with its public signals.
/// n_public is that of zkiln_spartan_info. options may be NULL.
///
/// Two proofs of one witness differ: what hides it is drawn afresh from the operating system. In the compact
/// dialect nothing hides it, and the same witness has the same proof.
///
/// Errors: ZKILN_E_WITNESS_MISMATCH, ZKILN_E_UNSATISFIED, ZKILN_E_SELF_CHECK, ZKILN_E_ENTROPY,
/// ZKILN_E_CANCELLED; ZKILN_E_ARGUMENT for another n_public, before any work. No signals are stored then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_spartan_prove(
    circuit: *const zkiln_spartan_circuit,
    out: *mut *mut zkiln_spartan_proof,
    public_signals: *mut zkiln_u256,
    n_public: usize,
    witness: *const zkiln_groth16_witness,
    options: *const zkiln_spartan_prove_options,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { border.new_handle(out) }?;
        // SAFETY: as above.
        let handle = unsafe { handle::get(circuit) }?;
        // SAFETY: as above.
        let signals = unsafe { border.output("public_signals", public_signals, n_public) }?;
        // SAFETY: as above.
        let witness = &unsafe { handle::get(witness) }?.witness;
        // SAFETY: as above.
        let options = unsafe { options::read(options) }?;
        options::require_zero(options.reserved)?;
        let is_verified = options::is_zero("skip_verify", options.skip_verify)?;
        let circuit = &handle.circuit;
        if n_public != circuit.n_public() {
            return Err(Failure::argument(format!(
                "room for {n_public} public signals, and the circuit has {}",
                circuit.n_public()
            )));
        }
        let progress = Progress {
            call: options.progress,
            user: options.progress_user,
        };
        let (bytes, public) = handle.context.watch(progress, |cancel| {
            let mut options = ProveOptions::default();
            options.verify = is_verified;
            options.cancel = Some(cancel);
            circuit.prove(witness, &options)
        })?;
        for (place, value) in signals.iter_mut().zip(&public) {
            place.write(bytemuck::cast(value.to_canonical()));
        }
        out.set(zkiln_spartan_proof {
            context: Arc::clone(&handle.context),
            bytes,
        });
        Ok(())
    })
}

/// Writes the bytes of a proof, the first eight of which name the dialect.
///
/// Errors: ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_spartan_proof_to_bytes(
    proof: *const zkiln_spartan_proof,
    bytes: *mut c_void,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let bytes = unsafe { Border::default().buffer::<u8>("bytes", bytes.cast(), size) }?;
        // SAFETY: as above.
        let proof = unsafe { handle::get(proof) }?;
        bytes.fill(&proof.bytes)
    })
}

/// Verifies the size bytes of a proof: ZKILN_OK if it is valid for these public signals, and nothing else, means
/// yes. Valid is not fresh: the bytes of a proof must never serve as a nullifier or a replay key.
///
/// Errors: ZKILN_E_MALFORMED for bytes that are no proof, ZKILN_E_INVALID_PROOF; ZKILN_E_PUBLIC_INPUTS for too
/// few or too many, or one not below r.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_spartan_verify(
    circuit: *const zkiln_spartan_circuit,
    proof: *const c_void,
    size: usize,
    public_signals: *const zkiln_u256,
    n_public: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let handle = unsafe { handle::get(circuit) }?;
        let mut border = Border::default();
        // SAFETY: as above.
        let bytes = unsafe { border.input::<u8>("proof", proof.cast(), size) }?;
        // SAFETY: as above.
        let public = unsafe { border.input("public_signals", public_signals, n_public) }?;
        let public = to_field(public)?;
        let verify = || handle.circuit.verify(&public, bytes);
        if !handle.context.run(verify)? {
            return Err(Failure::new(
                ZKILN_E_INVALID_PROOF,
                "the proof is not valid for these public signals",
            ));
        }
        Ok(())
    })
}

/// Destroys a proof; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_spartan_proof_destroy(proof: *mut zkiln_spartan_proof) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(proof) }
}

/// Destroys a circuit; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_spartan_circuit_destroy(circuit: *mut zkiln_spartan_circuit) {
    // SAFETY: the caller's word that it is a handle and not used again.
    unsafe { handle::destroy(circuit) }
}

impl zkiln_spartan_options {
    fn check(&self) -> Result<()> {
        options::require_zero(self.reserved)?;
        if self.dialect > ZKILN_SPARTAN_DIALECT_COMPACT_V1 {
            return Err(Failure::argument(format!(
                "options: {} is no dialect of transparent proofs",
                self.dialect
            )));
        }
        Ok(())
    }

    /// Puts what is said in the place of defaults.
    fn put(&self, security: &mut u32, work: &mut u32, rate: &mut u32, folding: &mut u32) {
        for (field, given) in [
            (security, self.security_bits),
            (work, self.work_bits),
            (rate, self.log_inverse_rate),
            (folding, self.log_folding),
        ] {
            match given {
                0 => {}
                ZKILN_SPARTAN_NO_WORK => *field = 0,
                _ => *field = given,
            }
        }
    }
}
