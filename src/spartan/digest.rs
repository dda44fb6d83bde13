//! SHA-256 of rows, of pairs of digests and of proofs of work.

use sha2::{Digest, Sha256};

use crate::hash::sha256::EqualLengths;

/// 32 bytes.
pub(super) type Digest32 = [u8; 32];

pub(super) fn sha256(bytes: &[u8]) -> Digest32 {
    Sha256::digest(bytes).into()
}

/// A node of a tree.
pub(super) fn pair(left: &Digest32, right: &Digest32) -> Digest32 {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(left);
    bytes[32..].copy_from_slice(right);
    sha256(&bytes)
}

/// The nodes above pairs of digests.
pub(super) fn pairs(below: &[Digest32], above: &mut [Digest32]) {
    const NODES: EqualLengths = EqualLengths::new(64);
    NODES.hash(below.as_flattened(), above);
}
