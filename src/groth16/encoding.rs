//! Binary encodings of proofs: arkworks, gnark and the EVM.
//!
//! All of them are `A | B | C`, and all coordinates are fixed-length integers; they differ in three
//! things. arkworks is little-endian with the low coefficient of a coordinate in G2 first, the others
//! are the same bytes of each coordinate reversed. A compressed point is `x` and two flag bits, in the
//! top bits of the most significant byte of the last coordinate that is written. gnark adds the
//! Pedersen commitments of its own circuits, of which a circom circuit has none.
//!
//! Reading is strict: coordinates below `q`, no flags but the ones that writing sets, points of the
//! groups, not infinity, no bytes after the proof. So there is one encoding of a proof in each format.

use super::proof::{Proof, point_fault, point_fault_reason};
use crate::curve::{Affine, Curve, G1Affine};
use crate::error::{Error, Fault, Result};
use crate::field::Field;

/// How a proof is laid out in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// `serialize_compressed` of `ark_groth16::Proof`: 128 bytes.
    Arkworks,
    /// `serialize_uncompressed` of `ark_groth16::Proof`: 256 bytes.
    ArkworksUncompressed,
    /// `WriteTo` of gnark's `groth16.Proof`, without commitments: 164 bytes.
    Gnark,
    /// `WriteRawTo` of gnark's `groth16.Proof`, without commitments: 324 bytes.
    GnarkRaw,
    /// The eight words of EIP-197, as in the calldata of a contract and in gnark's
    /// `MarshalSolidity`: 256 bytes.
    Evm,
}

/// What tells the formats apart.
struct Layout {
    big_endian: bool,
    compressed: bool,
    flags: Option<Flags>,
    commitments: bool,
}

/// The two top bits of a point.
#[derive(Clone, Copy)]
struct Flags {
    smaller_y: u8,
    larger_y: u8,
    infinity: u8,
}

const FLAG_MASK: u8 = 0xc0;
const ARKWORKS: Flags = Flags {
    smaller_y: 0x00,
    larger_y: 0x80,
    infinity: 0x40,
};
const GNARK: Flags = Flags {
    smaller_y: 0x80,
    larger_y: 0xc0,
    infinity: 0x40,
};

/// The length of gnark's count of commitments, in bytes.
const COUNT_BYTES: usize = 4;

impl Encoding {
    /// The length of a proof in bytes.
    pub const fn proof_bytes(self) -> usize {
        match self {
            Self::Arkworks => 128,
            Self::ArkworksUncompressed | Self::Evm => 256,
            Self::Gnark => 128 + COUNT_BYTES + 32,
            Self::GnarkRaw => 256 + COUNT_BYTES + 64,
        }
    }

    const fn layout(self) -> Layout {
        match self {
            Self::Arkworks | Self::ArkworksUncompressed => Layout {
                big_endian: false,
                compressed: matches!(self, Self::Arkworks),
                flags: Some(ARKWORKS),
                commitments: false,
            },
            Self::Gnark => Layout {
                big_endian: true,
                compressed: true,
                flags: Some(GNARK),
                commitments: true,
            },
            Self::GnarkRaw | Self::Evm => Layout {
                big_endian: true,
                compressed: false,
                flags: None,
                commitments: matches!(self, Self::GnarkRaw),
            },
        }
    }
}

impl Proof {
    /// The bytes of the proof.
    pub fn to_bytes(&self, encoding: Encoding) -> Vec<u8> {
        let layout = encoding.layout();
        let mut out = Vec::with_capacity(encoding.proof_bytes());
        layout.write(&self.a, &mut out);
        layout.write(&self.b, &mut out);
        layout.write(&self.c, &mut out);
        if layout.commitments {
            out.extend([0; COUNT_BYTES]);
            layout.write(&NO_COMMITMENT_PROOF, &mut out);
        }
        out
    }

    /// Reads what [`Proof::to_bytes`] writes, and nothing else. Errors call the bytes `origin`.
    ///
    /// # Errors
    /// [`Error::Malformed`], whose section is `pi_a`, `pi_b`, `pi_c` or `commitments`. A proof of
    /// gnark's with commitments is refused as an unsupported version: it needs another verifier.
    pub fn from_bytes(bytes: &[u8], encoding: Encoding, origin: &str) -> Result<Self> {
        let layout = encoding.layout();
        let length = encoding.proof_bytes();
        let refuse = |section: &str, (fault, reason): (Fault, String)| {
            Error::malformed(origin, section, fault, reason)
        };
        let wrong_length = |fault| {
            let reason = format!("{} bytes instead of {length}", bytes.len());
            refuse("proof", (fault, reason))
        };
        if bytes.len() < length {
            return Err(wrong_length(Fault::Truncated));
        }
        let mut rest = bytes;
        let proof = Self {
            a: layout.read(&mut rest).map_err(|e| refuse("pi_a", e))?,
            b: layout.read(&mut rest).map_err(|e| refuse("pi_b", e))?,
            c: layout.read(&mut rest).map_err(|e| refuse("pi_c", e))?,
        };
        if layout.commitments {
            let mut expected = Vec::new();
            layout.write(&NO_COMMITMENT_PROOF, &mut expected);
            let (count, tail) = rest.split_at(COUNT_BYTES);
            if count != [0; COUNT_BYTES] {
                let reason = "a proof with commitments is another protocol".into();
                return Err(refuse("commitments", (Fault::Version, reason)));
            }
            if !tail.starts_with(&expected) {
                let reason = "a proof of knowledge without commitments is infinity".into();
                return Err(refuse("commitments", (Fault::Value, reason)));
            }
        }
        if bytes.len() > length {
            return Err(wrong_length(Fault::TrailingBytes));
        }
        Ok(proof)
    }
}

/// gnark's proof of knowledge of no commitments.
const NO_COMMITMENT_PROOF: G1Affine = Affine::INFINITY;

impl Layout {
    const fn coordinates(&self) -> usize {
        if self.compressed { 1 } else { 2 }
    }

    /// The flag bits of a point.
    fn flags<C: Curve>(&self, point: &Affine<C>) -> u8 {
        match self.flags {
            None => 0,
            Some(flags) if point.is_infinity() => flags.infinity,
            Some(flags) if point.y.is_lexicographically_largest() => flags.larger_y,
            Some(flags) => flags.smaller_y,
        }
    }

    fn write<C: Curve>(&self, point: &Affine<C>, out: &mut Vec<u8>) {
        let start = out.len();
        let size = C::Base::BYTES;
        out.resize(start + self.coordinates() * size, 0);
        let bytes = &mut out[start..];
        for (coordinate, bytes) in [point.x, point.y].iter().zip(bytes.chunks_exact_mut(size)) {
            coordinate.write_canonical(bytes);
        }
        // The modulus leaves the two top bits of a coordinate free.
        *bytes.last_mut().expect("a coordinate") |= self.flags(point);
        if self.big_endian {
            bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
    }

    /// Takes a point off the front of `bytes`, which must be long enough.
    fn read<C: Curve>(
        &self,
        bytes: &mut &[u8],
    ) -> core::result::Result<Affine<C>, (Fault, String)> {
        let size = C::Base::BYTES;
        let (mut own, rest) = {
            let (own, rest) = bytes.split_at(self.coordinates() * size);
            (own.to_vec(), rest)
        };
        *bytes = rest;
        if self.big_endian {
            own.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        let mut found = 0;
        if let (Some(flags), Some(top)) = (self.flags, own.last_mut()) {
            found = *top & FLAG_MASK;
            *top &= !FLAG_MASK;
            if found == flags.infinity {
                return Err(refusal(Fault::Infinity));
            }
        }
        let mut coordinates = own.chunks_exact(size).map(C::Base::read_canonical);
        let mut coordinate = || {
            coordinates
                .next()
                .flatten()
                .ok_or(refusal(Fault::NotCanonical))
        };
        let x = coordinate()?;
        let point = if self.compressed {
            let largest = self.flags.is_some_and(|flags| found == flags.larger_y);
            Affine::from_x(x, largest).ok_or(refusal(Fault::NotOnCurve))?
        } else {
            Affine {
                x,
                y: coordinate()?,
            }
        };
        if let Some(fault) = point_fault(&point) {
            return Err(refusal(fault));
        }
        if found != self.flags(&point) {
            let reason = format!("the flags {found:#04x} do not belong to this point");
            return Err((Fault::Value, reason));
        }
        Ok(point)
    }
}

fn refusal(fault: Fault) -> (Fault, String) {
    (fault, point_fault_reason(fault).into())
}
