//! The container of snarkjs files (zkey, wtns, r1cs): numbered sections behind a magic.
//!
//! Reads keys that the operator of a benchmark names. It checks what keeps it from reading
//! nonsense, not what an attacker could do; that is the business of the provers under test.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ff::{BigInt, PrimeField, Zero};

/// Bytes of a field element.
pub const FIELD: usize = 32;
/// Bytes of a point of G1.
pub const G1: usize = 2 * FIELD;
/// Bytes of a point of G2.
pub const G2: usize = 4 * FIELD;

/// An open file and where its sections are.
pub struct Container {
    path: PathBuf,
    file: BufReader<File>,
    sections: BTreeMap<u32, (u64, u64)>,
}

impl Container {
    /// Opens `path`, which must begin with `magic`, and reads the table of sections.
    pub fn open(path: &Path, magic: &[u8; 4]) -> Result<Self> {
        let context = || format!("cannot read {}", path.display());
        let mut file = BufReader::new(File::open(path).with_context(context)?);
        let sections = sections(&mut file, magic).with_context(context)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            sections,
        })
    }

    /// The bytes of section `id`.
    pub fn read(&mut self, id: u32) -> Result<Vec<u8>> {
        let length = self.length(id)?;
        self.read_prefix(id, length)
    }

    /// The first `length` bytes of section `id`.
    pub fn read_prefix(&mut self, id: u32, length: usize) -> Result<Vec<u8>> {
        let start = self.section(id)?.0;
        let whole = self.length(id)?;
        ensure!(
            length <= whole,
            "{}: section {id} is too short",
            self.path.display()
        );
        let mut bytes = vec![0; length];
        self.file.seek(SeekFrom::Start(start))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn length(&self, id: u32) -> Result<usize> {
        Ok(usize::try_from(self.section(id)?.1)?)
    }

    fn section(&self, id: u32) -> Result<(u64, u64)> {
        let section = self.sections.get(&id).copied();
        section.with_context(|| format!("{} has no section {id}", self.path.display()))
    }
}

/// Start and length of every section.
fn sections(file: &mut BufReader<File>, magic: &[u8; 4]) -> Result<BTreeMap<u32, (u64, u64)>> {
    let end = file.get_ref().metadata()?.len();
    let mut head = [0; 12];
    file.read_exact(&mut head)?;
    ensure!(
        head[..4] == *magic,
        "it is no {} file",
        String::from_utf8_lossy(magic)
    );
    let mut sections = BTreeMap::new();
    let mut at = head.len() as u64;
    for _ in 0..u32_at(&head, 8) {
        let mut entry = [0; 12];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut entry)?;
        let length = u64::from(u32_at(&entry, 4)) | u64::from(u32_at(&entry, 8)) << 32;
        let start = at + entry.len() as u64;
        ensure!(
            length <= end - start,
            "a section passes the end of the file"
        );
        sections.insert(u32_at(&entry, 0), (start, length));
        at = start + length;
    }
    Ok(sections)
}

/// The little-endian integer at byte `at`; panics past the end.
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The four limbs of the first 32 bytes.
fn limbs(bytes: &[u8]) -> BigInt<4> {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = bytes
            .iter()
            .rev()
            .fold(0, |limb, &byte| limb << 8 | u64::from(byte));
    }
    BigInt(limbs)
}

/// A scalar stored as a plain integer.
pub fn plain_scalar(bytes: &[u8]) -> Result<Fr> {
    Fr::from_bigint(limbs(bytes)).context("a scalar is not below the modulus")
}

/// A coefficient of a key, stored as `v R^2`: as a Montgomery form it reads `v R`.
pub fn coefficient(bytes: &[u8]) -> Fr {
    let r_inverse = Fr::new_unchecked(BigInt([1, 0, 0, 0]));
    Fr::new_unchecked(limbs(bytes)) * r_inverse
}

fn coordinate(bytes: &[u8], index: usize) -> Fq {
    Fq::new_unchecked(limbs(&bytes[index * FIELD..]))
}

/// A point of G1 in Montgomery form, unchecked.
pub fn g1(bytes: &[u8]) -> G1Affine {
    let (x, y) = (coordinate(bytes, 0), coordinate(bytes, 1));
    if x.is_zero() && y.is_zero() {
        return G1Affine::identity();
    }
    G1Affine::new_unchecked(x, y)
}

/// A point of G2 in Montgomery form, unchecked.
pub fn g2(bytes: &[u8]) -> G2Affine {
    let x = Fq2::new(coordinate(bytes, 0), coordinate(bytes, 1));
    let y = Fq2::new(coordinate(bytes, 2), coordinate(bytes, 3));
    if x.is_zero() && y.is_zero() {
        return G2Affine::identity();
    }
    G2Affine::new_unchecked(x, y)
}

/// The header of a Groth16 key.
pub struct Header {
    /// Wires of the circuit.
    pub variables: usize,
    /// Public signals, without the constant one.
    pub public: usize,
    /// Size of the evaluation domain.
    pub domain: usize,
    /// alpha in G1.
    pub alpha_g1: G1Affine,
    /// beta in G1.
    pub beta_g1: G1Affine,
    /// beta in G2.
    pub beta_g2: G2Affine,
    /// gamma in G2.
    pub gamma_g2: G2Affine,
    /// delta in G1.
    pub delta_g1: G1Affine,
    /// delta in G2.
    pub delta_g2: G2Affine,
}

impl Header {
    /// Section 2 of a zkey.
    pub fn read(key: &mut Container) -> Result<Self> {
        const LENGTH: usize = 660;
        let s = key.read_prefix(2, LENGTH)?;
        Ok(Self {
            variables: u32_at(&s, 72) as usize,
            public: u32_at(&s, 76) as usize,
            domain: u32_at(&s, 80) as usize,
            alpha_g1: g1(&s[84..]),
            beta_g1: g1(&s[148..]),
            beta_g2: g2(&s[212..]),
            gamma_g2: g2(&s[340..]),
            delta_g1: g1(&s[468..]),
            delta_g2: g2(&s[532..]),
        })
    }
}

/// The first `count` values of a witness file.
pub fn witness_prefix(wtns: &Path, count: usize) -> Result<Vec<Fr>> {
    let bytes = Container::open(wtns, b"wtns")?.read_prefix(2, count * FIELD)?;
    bytes.chunks_exact(FIELD).map(plain_scalar).collect()
}
