//! zkiln's Merkle trees behind Plonky3's trait.

use core::marker::PhantomData;

use p3_commit::{BatchOpening, BatchOpeningRef, Mmcs};
use p3_matrix::Matrix;
use p3_merkle_tree::{MerkleCap, PrunedMerklePaths};
use serde::{Deserialize, Serialize};
use zkiln::hash::TreeHash;
use zkiln::merkle::{Dimensions, MerkleTree, verify_many};
use zkiln::{Error, Fault, Result};

use crate::rows::to_columns;
use crate::{Plonky3, Plonky3Field};

/// [`Mmcs`] over zkiln's Merkle trees: commitments, openings and multi-openings are those of
/// `MerkleTreeMmcs` with arity 2 and the same hash, and each verifies the other's.
///
/// Heights must be powers of two, and no matrix shorter than the cap: Plonky3 would not commit to it.
///
/// ```
/// use p3_commit::Mmcs;
/// use p3_field::PrimeCharacteristicRing;
/// use p3_koala_bear::KoalaBear;
/// use p3_matrix::{Matrix, dense::RowMajorMatrix};
/// use zkiln::hash::KeccakHash;
/// use zkiln_plonky3::ColumnMmcs;
///
/// let mmcs = ColumnMmcs::<zkiln::field::small::KoalaBear, _>::new(KeccakHash, 0);
/// let matrix = RowMajorMatrix::new((0..16).map(KoalaBear::from_u32).collect(), 2);
/// let shape = [matrix.dimensions()];
/// let (commitment, tree) = mmcs.commit(vec![matrix]);
/// let opening = mmcs.open_batch(3, &tree);
/// mmcs.verify_batch(&commitment, &shape, 3, (&opening).into())?;
/// # Ok::<(), zkiln::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ColumnMmcs<F, H> {
    hash: H,
    log_cap: usize,
    field: PhantomData<F>,
}

impl<F, H> ColumnMmcs<F, H> {
    /// Trees of this hash with caps of `2^log_cap` nodes, or of as many as there are leaves if these
    /// are fewer.
    pub fn new(hash: H, log_cap: usize) -> Self {
        Self {
            hash,
            log_cap,
            field: PhantomData,
        }
    }
}

/// The matrices of a commitment and the tree over their rows.
pub struct Committed<D, M> {
    matrices: Vec<M>,
    tree: MerkleTree<D>,
}

impl<D: Copy + Default + Send + Sync, M> Committed<D, M> {
    /// The rows that the leaf `index` depends on, one of each matrix.
    fn rows<T: Clone + Send + Sync>(&self, index: usize) -> Vec<Vec<T>>
    where
        M: Matrix<T>,
    {
        let rows = self.matrices.iter().map(|matrix| {
            let above = self.tree.log_height() - matrix.height().ilog2() as usize;
            let row = matrix.row_slice(index >> above);
            row.expect("the tree has no such leaf").to_vec()
        });
        rows.collect()
    }
}

impl<F, H, W, const N: usize> Mmcs<F::P3Field> for ColumnMmcs<F, H>
where
    F: Plonky3Field,
    H: TreeHash<F, Digest: Plonky3<P3 = [W; N]>> + Clone,
    W: Clone,
    [W; N]: Serialize + for<'de> Deserialize<'de>,
{
    type ProverData<M> = Committed<H::Digest, M>;
    type Commitment = MerkleCap<F::P3Field, [W; N]>;
    type Proof = Vec<[W; N]>;
    type MultiProof = PrunedMerklePaths<W, N>;
    type Error = Error;

    /// # Panics
    /// As Plonky3's, for a batch of no tree: without matrices, or with heights that are no powers of
    /// two or below the cap.
    fn commit<M: Matrix<F::P3Field>>(
        &self,
        inputs: Vec<M>,
    ) -> (Self::Commitment, Self::ProverData<M>) {
        let columns: Vec<_> = inputs.iter().map(to_columns::<F, M>).collect();
        let columns: Vec<_> = columns.iter().collect();
        let tree = MerkleTree::new(&self.hash, &columns, self.log_cap)
            .unwrap_or_else(|error| panic!("{error}"));
        let cap = MerkleCap::new(tree.cap().to_vec().to_p3());
        let committed = Committed {
            matrices: inputs,
            tree,
        };
        (cap, committed)
    }

    /// # Panics
    /// If there is no such leaf.
    fn open_batch<M: Matrix<F::P3Field>>(
        &self,
        index: usize,
        prover_data: &Self::ProverData<M>,
    ) -> BatchOpening<F::P3Field, Self> {
        let path = prover_data.tree.path(index);
        let path = path.unwrap_or_else(|error| panic!("{error}"));
        BatchOpening::new(prover_data.rows(index), path.to_p3())
    }

    fn get_matrices<'a, M: Matrix<F::P3Field>>(
        &self,
        prover_data: &'a Self::ProverData<M>,
    ) -> Vec<&'a M> {
        prover_data.matrices.iter().collect()
    }

    fn verify_batch(
        &self,
        commit: &Self::Commitment,
        dimensions: &[p3_matrix::Dimensions],
        index: usize,
        batch_opening: BatchOpeningRef<'_, F::P3Field, Self>,
    ) -> Result<()> {
        let (rows, path) = batch_opening.unpack();
        self.verify(commit, dimensions, &[index], &[rows], path)
    }

    /// # Panics
    /// If there is no such leaf.
    fn open_multi_batch<M: Matrix<F::P3Field>>(
        &self,
        indices: &[usize],
        prover_data: &Self::ProverData<M>,
    ) -> (Vec<Vec<Vec<F::P3Field>>>, Self::MultiProof) {
        let siblings = prover_data.tree.pruned_paths(indices);
        let sibling_hashes = siblings.unwrap_or_else(|error| panic!("{error}")).to_p3();
        let rows = indices.iter().map(|&index| prover_data.rows(index));
        (rows.collect(), PrunedMerklePaths { sibling_hashes })
    }

    fn verify_multi_batch<R: AsRef<[F::P3Field]> + PartialEq>(
        &self,
        commit: &Self::Commitment,
        dimensions: &[p3_matrix::Dimensions],
        indices: &[usize],
        opened_values: &[Vec<R>],
        proof: &Self::MultiProof,
    ) -> Result<()> {
        let siblings = &proof.sibling_hashes;
        let rows: Vec<&[R]> = opened_values.iter().map(Vec::as_slice).collect();
        self.verify(commit, dimensions, indices, &rows, siblings)
    }
}

impl<F: Plonky3Field, H> ColumnMmcs<F, H> {
    /// Opened rows, for each index one of each matrix, against a cap.
    fn verify<W: Clone, R: AsRef<[F::P3Field]>, const N: usize>(
        &self,
        cap: &MerkleCap<F::P3Field, [W; N]>,
        dimensions: &[p3_matrix::Dimensions],
        indices: &[usize],
        rows: &[&[R]],
        siblings: &[[W; N]],
    ) -> Result<()>
    where
        H: TreeHash<F, Digest: Plonky3<P3 = [W; N]>>,
    {
        let dimensions: Vec<Dimensions> = dimensions
            .iter()
            .map(|d| Dimensions {
                height: d.height,
                width: d.width,
            })
            .collect();
        let leaves = dimensions.iter().map(|d| d.height).max().unwrap_or(0);
        // The verifier knows how many nodes the cap has, and does not learn it from the cap.
        if cap.num_roots() != leaves.min(1 << self.log_cap) {
            let nodes = leaves.min(1 << self.log_cap);
            return Err(Error::Malformed {
                origin: "proof".into(),
                section: "Merkle cap".into(),
                fault: Fault::Count,
                reason: format!("{} nodes instead of {nodes}", cap.num_roots()),
            });
        }
        let cap = Vec::<H::Digest>::from_p3(cap.roots().to_vec());
        let siblings = Vec::<H::Digest>::from_p3(siblings.to_vec());
        let row = |row: &R| Vec::<F>::from_p3(row.as_ref().to_vec());
        let rows: Vec<Vec<Vec<F>>> = rows
            .iter()
            .map(|rows| rows.iter().map(row).collect())
            .collect();
        verify_many(&self.hash, &cap, &dimensions, indices, &rows, &siblings)
    }
}
