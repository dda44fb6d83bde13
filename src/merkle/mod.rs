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
    /// The leaves first, the root last; each layer has half as many nodes as the one before it.
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

    /// The siblings on the way from a leaf to the cap, beginning with the leaf's.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such leaf.
    pub fn path(&self, leaf: usize) -> Result<Vec<D>> {
        self.check_leaf(leaf)?;
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
    /// [`Error::Argument`] if there is no such leaf.
    pub fn pruned_paths(&self, leaves: &[usize]) -> Result<Vec<D>> {
        leaves.iter().try_for_each(|&leaf| self.check_leaf(leaf))?;
        let mut nodes = leaves.to_vec();
        nodes.sort_unstable();
        nodes.dedup();
        let mut siblings = Vec::new();
        for layer in &self.layers[..self.layers.len() - 1 - self.log_cap] {
            for family in nodes.chunk_by(|a, b| a >> 1 == b >> 1) {
                if let [only] = family {
                    siblings.push(layer[only ^ 1]);
                }
            }
            nodes.iter_mut().for_each(|node| *node >>= 1);
            nodes.dedup();
        }
        Ok(siblings)
    }

    fn check_leaf(&self, leaf: usize) -> Result<()> {
        if leaf >= self.layers[0].len() {
            return Err(Error::Argument(format!(
                "leaf {leaf} of {}",
                self.layers[0].len()
            )));
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
