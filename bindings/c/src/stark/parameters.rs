//! What prover and verifier agree on.

use zkiln::stark::{Dialect, Parameters};

use crate::options::{self, Growable};
use crate::status::{Failure, Result, guard, zkiln_status};

/// The dialect of Plonky3 0.8: p3-uni-stark on TwoAdicFriPcs, without zero knowledge.
pub const ZKILN_STARK_DIALECT_P3_0_8: u32 = 0;

/// Poseidon2 for rows and challenges (width 24; 8 for Goldilocks) and for nodes (width 16; 8).
pub const ZKILN_STARK_HASH_POSEIDON2: u32 = 0;
/// Keccak for all of them.
pub const ZKILN_STARK_HASH_KECCAK: u32 = 1;

/// At least 100 proven bits of security for constraints of degree three, 2^4 to 2^20 rows and up to 2600 columns.
pub const ZKILN_STARK_PRESET_PROVEN100: u32 = 0;
/// Plonky3's parameters for benchmarks: 65 proven bits for 2^10 rows and more.
pub const ZKILN_STARK_PRESET_FAST: u32 = 1;

/// What prover and verifier agree on beside the constraints. Begin with zkiln_stark_parameters_preset. How many
/// bits of security parameters give is in zkiln_stark_info.
///
/// Work is the number of leading zero bits of a hash that a prover must find before a challenge.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct zkiln_stark_parameters {
    /// sizeof(zkiln_stark_parameters).
    pub struct_size: usize,
    /// Whose transcripts and proofs: ZKILN_STARK_DIALECT_P3_0_8.
    pub dialect: u32,
    /// The hash: ZKILN_STARK_HASH_POSEIDON2 or ZKILN_STARK_HASH_KECCAK.
    pub hash: u32,
    /// Committed codewords are 2^log_blowup times as long as what they encode.
    pub log_blowup: u32,
    /// Folding ends at a polynomial of 2^log_final_poly_len coefficients.
    pub log_final_poly_len: u32,
    /// A round folds at most 2^max_log_arity values into one.
    pub max_log_arity: u32,
    /// How many rows are opened.
    pub queries: u32,
    /// Work before the challenge that batches the opened values.
    pub batch_grinding: u32,
    /// Work before the challenge of each round.
    pub commit_grinding: u32,
    /// Work before the queries.
    pub query_grinding: u32,
    /// Work before the point outside of the domain.
    pub ood_grinding: u32,
    /// Trees are committed to by the 2^cap_height nodes of a layer.
    pub cap_height: u32,
    /// Must be 0.
    pub reserved: u32,
}

// SAFETY: `repr(C)` of numbers, 56 bytes without padding, the size first.
unsafe impl Growable for zkiln_stark_parameters {
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// ==== STARK: constraints and parameters ====
///
/// Fills in a preset, with Poseidon2. The struct_size must have been set.
///
/// Errors: ZKILN_E_ARGUMENT for a preset that there is not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_stark_parameters_preset(
    out: *mut zkiln_stark_parameters,
    preset: u32,
) -> zkiln_status {
    guard(|| {
        let parameters = match preset {
            ZKILN_STARK_PRESET_PROVEN100 => Parameters::proven100(),
            ZKILN_STARK_PRESET_FAST => Parameters::fast(),
            other => return Err(Failure::argument(format!("{other} is no preset"))),
        };
        // SAFETY: the caller's word for its pointer.
        unsafe { options::write(out, &of(&parameters)) }
    })
}

fn of(parameters: &Parameters) -> zkiln_stark_parameters {
    zkiln_stark_parameters {
        struct_size: 0,
        dialect: ZKILN_STARK_DIALECT_P3_0_8,
        hash: ZKILN_STARK_HASH_POSEIDON2,
        log_blowup: parameters.log_blowup,
        log_final_poly_len: parameters.log_final_poly_len,
        max_log_arity: parameters.max_log_arity,
        queries: parameters.queries,
        batch_grinding: parameters.batch_grinding,
        commit_grinding: parameters.commit_grinding,
        query_grinding: parameters.query_grinding,
        ood_grinding: parameters.ood_grinding,
        cap_height: parameters.cap_height,
        reserved: 0,
    }
}

/// The hash of commitments and challenges.
#[derive(Clone, Copy)]
pub(super) enum Hash {
    Poseidon2,
    Keccak,
}

/// The parameters at `pointer`; a preset for NULL.
///
/// # Safety
/// As [`options::read`].
pub(super) unsafe fn read(pointer: *const zkiln_stark_parameters) -> Result<(Hash, Parameters)> {
    let given = if pointer.is_null() {
        of(&Parameters::proven100())
    } else {
        // SAFETY: passed on.
        unsafe { options::read_as("parameters", pointer) }?
    };
    options::require_zero(given.reserved)?;
    let hash = match given.hash {
        ZKILN_STARK_HASH_POSEIDON2 => Hash::Poseidon2,
        ZKILN_STARK_HASH_KECCAK => Hash::Keccak,
        other => return Err(Failure::argument(format!("parameters: {other} is no hash"))),
    };
    let dialect = match given.dialect {
        ZKILN_STARK_DIALECT_P3_0_8 => Dialect::P3v0_8,
        other => {
            return Err(Failure::argument(format!(
                "parameters: {other} is no dialect"
            )));
        }
    };
    let parameters = Parameters {
        dialect,
        log_blowup: given.log_blowup,
        log_final_poly_len: given.log_final_poly_len,
        max_log_arity: given.max_log_arity,
        queries: given.queries,
        batch_grinding: given.batch_grinding,
        commit_grinding: given.commit_grinding,
        query_grinding: given.query_grinding,
        ood_grinding: given.ood_grinding,
        cap_height: given.cap_height,
    };
    Ok((hash, parameters))
}
