//! Hashes of field elements, for commitments: [`Poseidon2`] and Keccak, many rows at a time.
//!
//! A [`TreeHash`] is all that a Merkle tree knows of its hash: how rows of columns become digests, and
//! how two digests become one.

pub mod keccak;
pub mod poseidon2;
pub(crate) mod sha256;
mod sponge;

use bytemuck::Pod;

use crate::field::small::SmallField;

pub use keccak::KeccakHash;
pub use poseidon2::{Poseidon2, Poseidon2Field};
pub use sponge::Poseidon2Hash;

/// A hash for Merkle trees over rows of elements.
///
/// The number of elements of a row must be fixed by the protocol: rows of different lengths can have
/// the same digest.
pub trait TreeHash<F: SmallField>: Send + Sync {
    /// What a row and a node are hashed to. All zeros stands where a tree has no node.
    type Digest: Pod + Eq + core::hash::Hash + Default + core::fmt::Debug + Send + Sync;

    /// Hashes the rows `first, first + 1, ...` of the matrix with these columns, one for each digest.
    /// Not parallel, but vectorised.
    ///
    /// # Panics
    /// If a column has no such row.
    fn hash_rows(&self, columns: &[&[F]], first: usize, digests: &mut [Self::Digest]);

    /// Hashes pairs of digests, one for each parent. Not parallel, but vectorised.
    ///
    /// # Panics
    /// If there are not as many pairs as parents.
    fn compress(&self, pairs: &[[Self::Digest; 2]], parents: &mut [Self::Digest]);

    /// Hashes one row.
    fn hash_row(&self, row: &[F]) -> Self::Digest {
        let columns: Vec<&[F]> = row.iter().map(core::slice::from_ref).collect();
        let mut digest = [Self::Digest::default()];
        self.hash_rows(&columns, 0, &mut digest);
        digest[0]
    }
}
