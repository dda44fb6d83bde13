//! The bytes of proofs: arkworks' own, and gnark's as its documentation has them.

mod common;

use ark_bn254::Bn254;
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField as _, Zero};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use common::{CIRCUITS, fixture, g1, g2, outside_the_subgroup, random};
use zkiln::Fault;
use zkiln::curve::{G1Affine, G2Affine};
use zkiln::field::{Fq, PrimeField};
use zkiln::groth16::{Encoding, Proof};

type ArkProof = ark_groth16::Proof<Bn254>;

const ALL: [Encoding; 5] = [
    Encoding::Arkworks,
    Encoding::ArkworksUncompressed,
    Encoding::Gnark,
    Encoding::GnarkRaw,
    Encoding::Evm,
];

fn ark(proof: &Proof) -> ArkProof {
    ArkProof {
        a: proof.a.into(),
        b: proof.b.into(),
        c: proof.c.into(),
    }
}

/// Proofs with every combination of signs, and those of snarkjs.
fn proofs() -> Vec<Proof> {
    let p = Proof {
        a: g1(random()),
        b: g2(random()),
        c: g1(random()),
    };
    let signs = (0..8).map(|bits| Proof {
        a: if bits & 1 == 0 { p.a } else { -p.a },
        b: if bits & 2 == 0 { p.b } else { -p.b },
        c: if bits & 4 == 0 { p.c } else { -p.c },
    });
    signs
        .chain(CIRCUITS.map(|circuit| fixture(circuit).2))
        .collect()
}

#[test]
fn arkworks_reads_and_writes_the_same_bytes() {
    for proof in proofs() {
        let (mut compressed, mut uncompressed) = (Vec::new(), Vec::new());
        ark(&proof).serialize_compressed(&mut compressed).unwrap();
        ark(&proof)
            .serialize_uncompressed(&mut uncompressed)
            .unwrap();
        assert_eq!(proof.to_bytes(Encoding::Arkworks), compressed);
        assert_eq!(proof.to_bytes(Encoding::ArkworksUncompressed), uncompressed);
        assert_eq!(
            ArkProof::deserialize_compressed(&compressed[..]).unwrap(),
            ark(&proof)
        );
    }
}

/// gnark's bytes from its documentation, by arkworks' integers: big-endian, A1 before A0.
fn gnark(proof: &Proof, raw: bool) -> Vec<u8> {
    let proof = ark(proof);
    let integer = |x: ark_bn254::Fq| x.into_bigint().to_bytes_be();
    let fq2 = |x: ark_bn254::Fq2| [integer(x.c1), integer(x.c0)].concat();
    let g1 = |p: ark_bn254::G1Affine| {
        let (x, y) = p.xy().unwrap();
        if raw {
            return [integer(x), integer(y)].concat();
        }
        let mut bytes = integer(x);
        bytes[0] |= if y.into_bigint() > (-y).into_bigint() {
            0xc0
        } else {
            0x80
        };
        bytes
    };
    let g2 = |p: ark_bn254::G2Affine| {
        let (x, y) = p.xy().unwrap();
        if raw {
            return [fq2(x), fq2(y)].concat();
        }
        let mut bytes = fq2(x);
        let (high, low) = if y.c1.is_zero() {
            (y.c0, y.c0)
        } else {
            (y.c1, y.c1)
        };
        bytes[0] |= if high.into_bigint() > (-low).into_bigint() {
            0xc0
        } else {
            0x80
        };
        bytes
    };
    let no_commitments = if raw {
        vec![0; 4 + 64]
    } else {
        [&[0, 0, 0, 0, 0x40][..], &[0; 31]].concat()
    };
    [g1(proof.a), g2(proof.b), g1(proof.c), no_commitments].concat()
}

#[test]
fn gnark_has_its_own_order_and_flags() {
    for proof in proofs() {
        assert_eq!(proof.to_bytes(Encoding::GnarkRaw), gnark(&proof, true));
        assert_eq!(proof.to_bytes(Encoding::Gnark), gnark(&proof, false));
        assert_eq!(proof.to_bytes(Encoding::Evm), gnark(&proof, true)[..256]);
    }
}

#[test]
fn every_encoding_is_read_back() {
    for proof in proofs() {
        for encoding in ALL {
            let bytes = proof.to_bytes(encoding);
            assert_eq!(bytes.len(), encoding.proof_bytes());
            assert_eq!(Proof::from_bytes(&bytes, encoding, "test").unwrap(), proof);
        }
    }
}

fn refusal(bytes: &[u8], encoding: Encoding) -> (Fault, String) {
    match Proof::from_bytes(bytes, encoding, "test") {
        Err(zkiln::Error::Malformed {
            origin,
            section,
            fault,
            ..
        }) => {
            assert_eq!(origin, "test");
            (fault, section)
        }
        other => panic!("{encoding:?}: {other:?}"),
    }
}

#[test]
fn other_lengths_are_refused() {
    let proof = fixture("merkle").2;
    for encoding in ALL {
        let bytes = proof.to_bytes(encoding);
        for n in 0..bytes.len() {
            assert_eq!(refusal(&bytes[..n], encoding).0, Fault::Truncated);
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(refusal(&longer, encoding).0, Fault::TrailingBytes);
    }
}

/// Reading is a bijection: bytes that differ are another proof or none.
#[test]
fn no_proof_has_two_spellings() {
    let proof = fixture("range").2;
    for encoding in ALL {
        let bytes = proof.to_bytes(encoding);
        for i in 0..bytes.len() {
            for bit in 0..8 {
                let mut other = bytes.clone();
                other[i] ^= 1 << bit;
                if let Ok(read) = Proof::from_bytes(&other, encoding, "test") {
                    assert_ne!(read, proof);
                    assert!(read.is_well_formed());
                    assert_eq!(read.to_bytes(encoding), other);
                }
            }
        }
    }
}

#[test]
fn infinity_is_refused() {
    let proof = fixture("range").2;
    for encoding in ALL {
        for (section, proof) in [
            (
                "pi_a",
                Proof {
                    a: G1Affine::INFINITY,
                    ..proof
                },
            ),
            (
                "pi_b",
                Proof {
                    b: G2Affine::INFINITY,
                    ..proof
                },
            ),
            (
                "pi_c",
                Proof {
                    c: G1Affine::INFINITY,
                    ..proof
                },
            ),
        ] {
            let bytes = proof.to_bytes(encoding);
            assert_eq!(refusal(&bytes, encoding), (Fault::Infinity, section.into()));
        }
    }
    let infinity = Proof {
        a: G1Affine::INFINITY,
        b: G2Affine::INFINITY,
        c: G1Affine::INFINITY,
    };
    for (encoding, compress) in [
        (Encoding::Arkworks, ark_serialize::Compress::Yes),
        (Encoding::ArkworksUncompressed, ark_serialize::Compress::No),
    ] {
        let mut bytes = Vec::new();
        ark(&infinity)
            .serialize_with_mode(&mut bytes, compress)
            .unwrap();
        assert_eq!(infinity.to_bytes(encoding), bytes);
    }
}

/// Where `x` of `A` begins and the byte that holds its top bits; both ends of the formats.
fn top_byte(encoding: Encoding) -> usize {
    match encoding {
        Encoding::Arkworks | Encoding::ArkworksUncompressed => 31,
        _ => 0,
    }
}

#[test]
fn coordinates_are_below_the_modulus() {
    let proof = fixture("range").2;
    let mut q = [0; 32];
    for (bytes, limb) in q.chunks_exact_mut(8).zip(Fq::MODULUS.0) {
        bytes.copy_from_slice(&limb.to_le_bytes());
    }
    for encoding in ALL {
        let mut bytes = proof.to_bytes(encoding);
        let top = top_byte(encoding);
        let flags = bytes[top] & 0xc0;
        bytes[..32].copy_from_slice(&q);
        if top == 0 {
            bytes[..32].reverse();
        }
        bytes[top] |= flags;
        assert_eq!(
            refusal(&bytes, encoding),
            (Fault::NotCanonical, "pi_a".into())
        );
    }
}

#[test]
fn points_are_of_the_group() {
    let proof = fixture("range").2;
    let off_curve = Proof {
        a: G1Affine {
            x: proof.a.x,
            y: proof.a.x,
        },
        ..proof
    };
    let outside = Proof {
        b: outside_the_subgroup(),
        ..proof
    };
    let no_root = (1u64..)
        .map(Fq::from)
        .find(|&x| G1Affine::from_x(x, false).is_none())
        .unwrap();
    let no_root = Proof {
        a: G1Affine {
            x: no_root,
            y: Fq::ONE,
        },
        ..proof
    };
    for encoding in ALL {
        let compressed = matches!(encoding, Encoding::Arkworks | Encoding::Gnark);
        if !compressed {
            let bytes = off_curve.to_bytes(encoding);
            assert_eq!(
                refusal(&bytes, encoding),
                (Fault::NotOnCurve, "pi_a".into())
            );
        }
        let bytes = no_root.to_bytes(encoding);
        assert_eq!(
            refusal(&bytes, encoding),
            (Fault::NotOnCurve, "pi_a".into())
        );
        let bytes = outside.to_bytes(encoding);
        assert_eq!(
            refusal(&bytes, encoding),
            (Fault::NotInSubgroup, "pi_b".into())
        );
    }
}

#[test]
fn flags_are_the_ones_of_the_point() {
    let proof = fixture("range").2;
    // arkworks itself ignores the sign where y is written out.
    let mut bytes = proof.to_bytes(Encoding::ArkworksUncompressed);
    bytes[63] ^= 0x80;
    assert_eq!(
        refusal(&bytes, Encoding::ArkworksUncompressed),
        (Fault::Value, "pi_a".into())
    );
    // Both flags of arkworks; gnark's mark of an uncompressed point in a compressed proof.
    let mut bytes = proof.to_bytes(Encoding::Arkworks);
    bytes[31] |= 0xc0;
    assert_eq!(
        refusal(&bytes, Encoding::Arkworks),
        (Fault::Value, "pi_a".into())
    );
    let mut bytes = proof.to_bytes(Encoding::Gnark);
    bytes[0] &= 0x3f;
    assert_eq!(
        refusal(&bytes, Encoding::Gnark),
        (Fault::Value, "pi_a".into())
    );
}

#[test]
fn commitments_of_gnark_are_refused() {
    let proof = fixture("range").2;
    for (encoding, at) in [(Encoding::Gnark, 128), (Encoding::GnarkRaw, 256)] {
        let bytes = proof.to_bytes(encoding);
        let mut other = bytes.clone();
        other[at + 3] = 1;
        assert_eq!(
            refusal(&other, encoding),
            (Fault::Version, "commitments".into())
        );
        let mut other = bytes;
        *other.last_mut().unwrap() = 1;
        assert_eq!(
            refusal(&other, encoding),
            (Fault::Value, "commitments".into())
        );
    }
}
