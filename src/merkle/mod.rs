//! Merkle trees over the rows of matrices of different heights.
//!
//! The rows of the tallest matrices are the leaves: a leaf hashes a row of each, one after the other. A
//! shorter matrix joins where the tree is as high as it: the digest of a row is compressed into the node
//! above the leaves that the row belongs to. Row `i` of a matrix with a `2^k`-th of the leaves belongs to
//! leaves `i 2^k ..= i 2^k + 2^k - 1`. What is published is a **cap**, the nodes of one layer, of which
//! the root is the smallest.
//!
//! Roots, caps, paths and pruned openings are those of `MerkleTreeMmcs` of Plonky3 0.8 with arity 2, for
//! heights that are powers of two. The matrices stay with the caller, column by column; nothing is
//! transposed.
//!
//! ```
//! use zkiln::field::small::KoalaBear;
//! use zkiln::hash::KeccakHash;
//! use zkiln::merkle::{Dimensions, MerkleTree, verify};
//! use zkiln::poly::Columns;
//!
//! let matrix = Columns::new((0..16).map(KoalaBear::from_u64).collect(), 8)?;
//! let tree = MerkleTree::new(&KeccakHash, &[&matrix], 0)?;
//! let (row, path) = (matrix.row(5), tree.path(5)?);
//! let dimensions = [Dimensions::of(&matrix)];
//! verify(&KeccakHash, tree.cap(), &dimensions, 5, &[row], &path)?;
//! # Ok::<(), zkiln::Error>(())
//! ```

mod opening;

use rayon::prelude::*;

use crate::field::small::SmallField;
use crate::hash::TreeHash;
use crate::poly::Columns;
use crate::{Error, Result};
pub use opening::{verify, verify_many};

/// The shape of a committed matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimensions {
    /// The number of rows, a power of two.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
}

impl Dimensions {
    /// Those of a matrix.
    pub fn of<F: bytemuck::Pod>(matrix: &Columns<F>) -> Self {
        Self {
            height: matrix.height(),
            width: matrix.width(),
        }
    }
}

/// A Merkle tree: the digests of all its nodes.
#[derive(Clone, Debug)]
pub struct MerkleTree<D> {
    /// The leaves first, unless they are forgotten, the root last; each layer has half as many nodes as the
    /// one before it.
    layers: Vec<Vec<D>>,
    log_cap: usize,
}

/// Rows or nodes that are one task.
const TASK: usize = 256;

impl<D: Copy + Default + Send + Sync> MerkleTree<D> {
    /// The tree of these matrices, of which those of the same height are hashed in this order, with a
    /// cap of `2^log_cap` nodes, or of as many as there are leaves if these are fewer. Parallel.
    ///
    /// # Errors
    /// [`Error::Argument`] without matrices, for a height that is no power of two, and for a matrix with
    /// fewer rows than the cap has nodes: it would not be committed to.
    pub fn new<F, H>(hash: &H, matrices: &[&Columns<F>], log_cap: usize) -> Result<Self>
    where
        F: SmallField,
        H: TreeHash<F, Digest = D>,
    {
        let dimensions: Vec<Dimensions> = matrices.iter().map(|m| Dimensions::of(m)).collect();
        let log_height = check_heights(&dimensions)?;
        let log_cap = log_cap.min(log_height);
        check_cap(&dimensions, 1 << log_cap)?;

        let rows_of = |height: usize| -> Option<Vec<D>> {
            let same = matrices.iter().filter(|m| m.height() == height);
            let columns: Vec<&[F]> = same.clone().flat_map(|m| m.columns()).collect();
            same.count().gt(&0).then(|| {
                let mut digests = vec![D::default(); height];
                digests
                    .par_chunks_mut(TASK)
                    .enumerate()
                    .for_each(|(i, digests)| hash.hash_rows(&columns, i * TASK, digests));
                digests
            })
        };
        let mut layers = Vec::with_capacity(log_height + 1);
        let mut layer = rows_of(1 << log_height).expect("the height is that of a matrix");
        while layer.len() > 1 {
            let mut next = compress::<F, H, D>(hash, layer.as_chunks().0);
            if let Some(rows) = rows_of(next.len()) {
                let pairs: Vec<[D; 2]> = next.iter().zip(&rows).map(|(&a, &b)| [a, b]).collect();
                next = compress::<F, H, D>(hash, &pairs);
            }
            layers.push(core::mem::replace(&mut layer, next));
        }
        layers.push(layer);
        Ok(Self { layers, log_cap })
    }

    /// What commits to all matrices: the nodes of one layer.
    pub fn cap(&self) -> &[D] {
        &self.layers[self.layers.len() - 1 - self.log_cap]
    }

    /// The binary logarithm of the number of leaves.
    pub fn log_height(&self) -> usize {
        self.layers.len() - 1
    }

    /// Gives back the memory of the leaves' digests, half of the tree's. After that only
    /// [`MerkleTree::pruned_paths_of`] opens it. A tree that is all cap keeps them.
    pub fn forget_leaves(&mut self) {
        if self.log_cap < self.log_height() {
            self.layers[0] = Vec::new();
        }
    }

    /// The siblings on the way from a leaf to the cap, beginning with the leaf's.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such leaf, or the leaves are forgotten.
    pub fn path(&self, leaf: usize) -> Result<Vec<D>> {
        self.check_leaf(leaf)?;
        self.leaves()?;
        let below_cap = &self.layers[..self.layers.len() - 1 - self.log_cap];
        let siblings = below_cap.iter().enumerate();
        Ok(siblings
            .map(|(level, layer)| layer[(leaf >> level) ^ 1])
            .collect())
    }

    /// What [`verify_many`] takes to know the leaves of several indices: the siblings that do not follow
    /// from the leaves, layer by layer from the leaves up, from left to right.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such leaf, or the leaves are forgotten.
    pub fn pruned_paths(&self, leaves: &[usize]) -> Result<Vec<D>> {
        self.pruned_paths_with(leaves, |siblings| {
            let digests = self.leaves()?;
            Ok(siblings.iter().map(|&leaf| digests[leaf]).collect())
        })
    }

    /// [`MerkleTree::pruned_paths`], with the digests of leaves from the rows of the matrices that the tree
    /// was made of.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such leaf.
    pub fn pruned_paths_of<F, H>(
        &self,
        hash: &H,
        matrices: &[&Columns<F>],
        leaves: &[usize],
    ) -> Result<Vec<D>>
    where
        F: SmallField,
        H: TreeHash<F, Digest = D>,
    {
        self.pruned_paths_with(leaves, |siblings| {
            let tallest = |m: &&&Columns<F>| m.height() == 1 << self.log_height();
            let columns: Vec<&[F]> = matrices
                .iter()
                .filter(tallest)
                .flat_map(|m| m.columns())
                .collect();
            let rows: Vec<Vec<F>> = columns
                .par_iter()
                .map(|column| siblings.iter().map(|&leaf| column[leaf]).collect())
                .collect();
            let rows: Vec<&[F]> = rows.iter().map(Vec::as_slice).collect();
            let mut digests = vec![D::default(); siblings.len()];
            hash.hash_rows(&rows, 0, &mut digests);
            Ok(digests)
        })
    }

    fn pruned_paths_with(
        &self,
        leaves: &[usize],
        leaf_digests: impl FnOnce(&[usize]) -> Result<Vec<D>>,
    ) -> Result<Vec<D>> {
        leaves.iter().try_for_each(|&leaf| self.check_leaf(leaf))?;
        let mut nodes = leaves.to_vec();
        nodes.sort_unstable();
        nodes.dedup();
        // The siblings to be known of this layer's nodes; those of the next are left.
        let mut missing = || {
            let families = nodes.chunk_by(|a, b| a >> 1 == b >> 1);
            let siblings = families.filter_map(|family| match family {
                [only] => Some(only ^ 1),
                _ => None,
            });
            let siblings: Vec<usize> = siblings.collect();
            nodes.iter_mut().for_each(|node| *node >>= 1);
            nodes.dedup();
            siblings
        };
        let below_cap = self.layers.len() - 1 - self.log_cap;
        if below_cap == 0 {
            return Ok(Vec::new());
        }
        let mut siblings = leaf_digests(&missing())?;
        for layer in &self.layers[1..below_cap] {
            siblings.extend(missing().iter().map(|&node| layer[node]));
        }
        Ok(siblings)
    }

    /// The digests of the leaves.
    fn leaves(&self) -> Result<&[D]> {
        match self.layers[0].is_empty() {
            true => Err(Error::Argument("the leaves of a tree are forgotten".into())),
            false => Ok(&self.layers[0]),
        }
    }

    fn check_leaf(&self, leaf: usize) -> Result<()> {
        let count = 1 << self.log_height();
        if leaf >= count {
            return Err(Error::Argument(format!("leaf {leaf} of {count}")));
        }
        Ok(())
    }
}

/// The binary logarithm of the largest height.
fn check_heights(dimensions: &[Dimensions]) -> Result<usize> {
    let heights = || dimensions.iter().map(|d| d.height);
    if let Some(height) = heights().find(|height| !height.is_power_of_two()) {
        return Err(Error::Argument(format!(
            "a matrix of {height} rows, which is no power of two, in a Merkle tree"
        )));
    }
    match heights().max() {
        Some(height) => Ok(height.ilog2() as usize),
        None => Err(Error::Argument("a Merkle tree of no matrices".into())),
    }
}

fn check_cap(dimensions: &[Dimensions], cap: usize) -> Result<()> {
    match dimensions.iter().find(|d| d.height < cap) {
        Some(short) => Err(Error::Argument(format!(
            "a matrix of {} rows is above a cap of {cap} nodes, which would not commit to it",
            short.height
        ))),
        None => Ok(()),
    }
}

fn compress<F, H, D>(hash: &H, pairs: &[[D; 2]]) -> Vec<D>
where
    F: SmallField,
    H: TreeHash<F, Digest = D>,
    D: Copy + Default + Send + Sync,
{
    let mut parents = vec![D::default(); pairs.len()];
    parents
        .par_chunks_mut(TASK)
        .zip(pairs.par_chunks(TASK))
        .for_each(|(parents, pairs)| hash.compress(pairs, parents));
    parents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::small::KoalaBear;
    use crate::hash::KeccakHash;

    #[test]
    fn forgotten_leaves_are_hashed_again() {
        let columns = |height: usize, width: usize| {
            let values = (0..height * width).map(|i| KoalaBear::from_u64(i as u64 * 7 + 1));
            Columns::new(values.collect(), height).unwrap()
        };
        let matrices = [&columns(32, 3), &columns(8, 2), &columns(32, 1)];
        for log_cap in [0, 2, 3] {
            let whole = MerkleTree::new(&KeccakHash, &matrices, log_cap).unwrap();
            let mut tree = whole.clone();
            tree.forget_leaves();
            assert_eq!(tree.cap(), whole.cap());
            assert_eq!(tree.log_height(), 5);
            for leaves in [&[3usize][..], &[3, 2, 17, 17, 30], &[]] {
                let expected = whole.pruned_paths(leaves).unwrap();
                let found = tree.pruned_paths_of(&KeccakHash, &matrices, leaves);
                assert_eq!(found.unwrap(), expected);
            }
            assert!(tree.pruned_paths_of(&KeccakHash, &matrices, &[32]).is_err());
            assert!(tree.pruned_paths(&[3]).is_err() && tree.path(3).is_err());
        }
        let low = columns(4, 1);
        let mut all_cap = MerkleTree::new(&KeccakHash, &[&low], 2).unwrap();
        all_cap.forget_leaves();
        assert_eq!(all_cap.cap().len(), 4);
        assert!(all_cap.path(1).unwrap().is_empty());
    }
}
