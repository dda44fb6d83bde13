//! Proofs and public inputs as plain data, and their encodings.

use std::ffi::{c_char, c_void};

use bytemuck::{Pod, Zeroable};
use zkiln::field::{Fr, Int, PrimeField};
use zkiln::groth16::{Encoding, Proof, PublicInputs};

use crate::border::Border;
use crate::field::{zkiln_bn254_g1, zkiln_bn254_g2, zkiln_u256};
use crate::status::{
    Failure, Result, ZKILN_E_MALFORMED, ZKILN_E_PUBLIC_INPUTS, guard, zkiln_status,
};

/// A Groth16 proof, 256 bytes. Anyone can turn a valid (A, B, C) into (-A, -B, C) and other valid proofs of
/// the same statement, so its bytes must never serve as a nullifier or a replay key.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct zkiln_groth16_proof {
    /// A, pi_a in snarkjs.
    pub a: zkiln_bn254_g1,
    /// B, pi_b in snarkjs.
    pub b: zkiln_bn254_g2,
    /// C, pi_c in snarkjs.
    pub c: zkiln_bn254_g1,
}

/// How a proof is laid out in bytes.
pub type zkiln_encoding = u32;
/// serialize_compressed of ark_groth16::Proof: 128 bytes.
pub const ZKILN_ENCODING_ARKWORKS: u32 = 0;
/// serialize_uncompressed of ark_groth16::Proof: 256 bytes.
pub const ZKILN_ENCODING_ARKWORKS_UNCOMPRESSED: u32 = 1;
/// WriteTo of gnark's groth16.Proof, without commitments: 164 bytes.
pub const ZKILN_ENCODING_GNARK: u32 = 2;
/// WriteRawTo of gnark's groth16.Proof, without commitments: 324 bytes.
pub const ZKILN_ENCODING_GNARK_RAW: u32 = 3;
/// The eight words of EIP-197, as a contract takes them: 256 bytes.
pub const ZKILN_ENCODING_EVM: u32 = 4;

impl From<Proof> for zkiln_groth16_proof {
    fn from(Proof { a, b, c }: Proof) -> Self {
        Self {
            a: bytemuck::cast(a),
            b: bytemuck::cast(b),
            c: bytemuck::cast(c),
        }
    }
}

/// Points that are none stay what they are: the library's verifier finds them, and calls the proof invalid.
impl From<zkiln_groth16_proof> for Proof {
    fn from(zkiln_groth16_proof { a, b, c }: zkiln_groth16_proof) -> Self {
        Self {
            a: bytemuck::cast(a),
            b: bytemuck::cast(b),
            c: bytemuck::cast(c),
        }
    }
}

/// ==== Groth16: encodings ====
///
/// Writes proof.json, byte for byte as snarkjs does, with a zero byte at its end. The sizes count that byte.
///
/// Errors: ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_proof_to_json(
    proof: *const zkiln_groth16_proof,
    text: *mut c_char,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let proof = unsafe { border.input_one("proof", proof) }?;
        // SAFETY: as above.
        let text = unsafe { border.buffer("text", text, size) }?;
        text.fill_text(&Proof::from(*proof).to_json())
    })
}

/// Reads the size bytes of proof.json. A zero byte at the end is no part of it.
///
/// Errors: ZKILN_E_MALFORMED, also for points that are not in their groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_proof_from_json(
    out: *mut zkiln_groth16_proof,
    text: *const c_char,
    size: usize,
) -> zkiln_status {
    guard(|| {
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { Border::default().output_one("out", out) }?;
        // SAFETY: as above.
        let text = unsafe { json("proof", text, size) }?;
        out.write(Proof::from_json(text, "proof")?.into());
        Ok(())
    })
}

/// Writes a proof in a binary encoding, the length of which depends on nothing else.
///
/// Errors: ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_proof_to_bytes(
    proof: *const zkiln_groth16_proof,
    encoding: zkiln_encoding,
    bytes: *mut c_void,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let proof = unsafe { border.input_one("proof", proof) }?;
        // SAFETY: as above.
        let bytes = unsafe { border.buffer::<u8>("bytes", bytes.cast(), size) }?;
        bytes.fill(&Proof::from(*proof).to_bytes(known(encoding)?))
    })
}

/// Reads what zkiln_groth16_proof_to_bytes writes, and nothing else.
///
/// Errors: ZKILN_E_MALFORMED, also for points that are not in their groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_proof_from_bytes(
    out: *mut zkiln_groth16_proof,
    encoding: zkiln_encoding,
    bytes: *const c_void,
    size: usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { border.output_one("out", out) }?;
        // SAFETY: as above.
        let bytes = unsafe { border.input::<u8>("bytes", bytes.cast(), size) }?;
        out.write(Proof::from_bytes(bytes, known(encoding)?, "proof")?.into());
        Ok(())
    })
}

/// Writes the data of a call of the Solidity contract: a selector, the proof, the public inputs.
///
/// Errors: ZKILN_E_SHORT_BUFFER; ZKILN_E_PUBLIC_INPUTS for one that is not below r.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_proof_to_calldata(
    proof: *const zkiln_groth16_proof,
    public_inputs: *const zkiln_u256,
    n_public: usize,
    bytes: *mut c_void,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let proof = unsafe { border.input_one("proof", proof) }?;
        // SAFETY: as above.
        let public = unsafe { border.input("public_inputs", public_inputs, n_public) }?;
        // SAFETY: as above.
        let bytes = unsafe { border.buffer::<u8>("bytes", bytes.cast(), size) }?;
        let public = self::public_inputs(public)?;
        bytes.fill(&Proof::from(*proof).to_calldata(&public))
    })
}

/// Writes public.json, byte for byte as snarkjs does, with a zero byte at its end. The sizes count that byte.
///
/// Errors: ZKILN_E_SHORT_BUFFER; ZKILN_E_PUBLIC_INPUTS for one that is not below r.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_public_to_json(
    public_inputs: *const zkiln_u256,
    n_public: usize,
    text: *mut c_char,
    size: *mut usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let public = unsafe { border.input("public_inputs", public_inputs, n_public) }?;
        // SAFETY: as above.
        let text = unsafe { border.buffer("text", text, size) }?;
        text.fill_text(&self::public_inputs(public)?.to_json())
    })
}

/// Reads the size bytes of public.json. n_public is room in public_inputs when called and the number of
/// values when it returns; public_inputs may be NULL to learn that.
///
/// Errors: ZKILN_E_MALFORMED, ZKILN_E_SHORT_BUFFER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zkiln_groth16_public_from_json(
    public_inputs: *mut zkiln_u256,
    n_public: *mut usize,
    text: *const c_char,
    size: usize,
) -> zkiln_status {
    guard(|| {
        let mut border = Border::default();
        // SAFETY: the caller's word for its pointers.
        let out = unsafe { border.buffer("public_inputs", public_inputs, n_public) }?;
        // SAFETY: as above.
        let text = unsafe { json("public inputs", text, size) }?;
        let public = PublicInputs::from_json(text, "public inputs")?;
        let public: Vec<zkiln_u256> = public
            .iter()
            .map(|value| bytemuck::cast(value.to_canonical()))
            .collect();
        out.fill(&public)
    })
}

/// Public inputs as the library has them.
pub(crate) fn public_inputs(values: &[zkiln_u256]) -> Result<PublicInputs> {
    let values: &[Int<4>] = bytemuck::cast_slice(values);
    let element = |(i, &value): (usize, &Int<4>)| {
        Fr::from_canonical(value).ok_or_else(|| {
            Failure::new(
                ZKILN_E_PUBLIC_INPUTS,
                format!("public inputs: value {i} is not below the group's order r"),
            )
        })
    };
    let elements: Result<Vec<Fr>> = values.iter().enumerate().map(element).collect();
    Ok(elements?.into())
}

/// A text from outside.
///
/// # Safety
/// As [`Border::input`].
pub(crate) unsafe fn json<'a>(
    name: &'static str,
    text: *const c_char,
    size: usize,
) -> Result<&'a str> {
    // SAFETY: passed on.
    let bytes: &'a [u8] = unsafe { Border::default().input("text", text.cast(), size) }?;
    std::str::from_utf8(bytes).map_err(|_| {
        Failure::new(
            ZKILN_E_MALFORMED,
            format!("{name}: document: the text is not UTF-8"),
        )
    })
}

fn known(encoding: zkiln_encoding) -> Result<Encoding> {
    Ok(match encoding {
        ZKILN_ENCODING_ARKWORKS => Encoding::Arkworks,
        ZKILN_ENCODING_ARKWORKS_UNCOMPRESSED => Encoding::ArkworksUncompressed,
        ZKILN_ENCODING_GNARK => Encoding::Gnark,
        ZKILN_ENCODING_GNARK_RAW => Encoding::GnarkRaw,
        ZKILN_ENCODING_EVM => Encoding::Evm,
        _ => {
            return Err(Failure::argument(format!(
                "{encoding} is no encoding of proofs"
            )));
        }
    })
}
