//! Merkle trees.

use bytemuck::Pod;
use numpy::Element;
use pyo3::prelude::*;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::hash::{KeccakHash, Poseidon2Field, Poseidon2Hash, TreeHash};
use zkiln::merkle::{Dimensions, MerkleTree, verify_many};
use zkiln::poly::Columns;

use crate::arrays::{Form, Input, Stored, array, tuple};
use crate::errors::{Failure, Result};
use crate::fields::{FieldName, Number};
use crate::work;

/// A Merkle tree over the rows of matrices of different heights, which are powers of two, with the caps and paths
/// of Plonky3.
///
/// >>> import numpy as np
/// >>> from zkiln import KoalaBear, MerkleTree
/// >>> matrix = KoalaBear.random(8 * 3, seed=1).reshape(8, 3)
/// >>> tree = MerkleTree([matrix], field=KoalaBear)
/// >>> rows, path = tree.open(5)
/// >>> np.array_equal(rows[0], matrix[5]), path.shape
/// (True, (3, 8))
/// >>> MerkleTree.verify(tree.cap, [(8, 3)], 5, rows, path, field=KoalaBear)
/// True
///
/// A matrix is an array of shape (height, width), stored by rows or by columns, of which the latter takes less time.
/// Hashes are "poseidon2" (one permutation, of width 16, for fields of 31 bits, and 8 for Goldilocks), "poseidon2-24" (rows
/// of 31 bits through the width 24) and "keccak". The cap, what commits to the matrices, has 2**log_cap digests: the
/// rows of an array, of 8 elements of fields of 31 bits, 4 of Goldilocks, or 4 words of uint64 of Keccak.
#[pyclass(module = "zkiln", name = "MerkleTree", frozen)]
pub(crate) struct PyMerkleTree(Box<dyn Tree>);

/// A hash by its name and the field that it is over.
trait Hash<F: Stored>: TreeHash<F> + Sized + 'static
where
    F: SmallField,
{
    /// The words of a digest in an array.
    type Word: Element + Pod;

    fn named() -> Self;
    fn encode(digests: &[Self::Digest]) -> Vec<Self::Word>;
    /// The digests of an argument, which are not more than words that are below the modulus, if they are elements.
    fn decode(name: &str, words: &[Self::Word]) -> Result<Vec<Self::Digest>>;
}

/// The words of a digest.
fn width<F: Number + SmallField, H: Hash<F>>() -> usize {
    size_of::<H::Digest>() / size_of::<H::Word>()
}

impl<F, const WIDTH: usize, const RATE: usize, const OUT: usize, const NODE: usize> Hash<F>
    for Poseidon2Hash<F, WIDTH, RATE, OUT, NODE>
where
    F: Number + Poseidon2Field<WIDTH> + Poseidon2Field<NODE>,
    [F; OUT]: Pod + Default,
{
    type Word = F::Word;

    fn named() -> Self {
        Self::standard()
    }
    fn encode(digests: &[[F; OUT]]) -> Vec<F::Word> {
        let mut elements = digests.as_flattened().to_vec();
        Form::Canonical.encode(&mut elements);
        bytemuck::cast_slice(&elements).to_vec()
    }
    fn decode(name: &str, words: &[F::Word]) -> Result<Vec<[F; OUT]>> {
        let mut elements = bytemuck::cast_slice::<_, F>(words).to_vec();
        Form::Canonical.check(name, &elements)?;
        Form::Canonical.decode(&mut elements);
        Ok(elements.as_chunks().0.to_vec())
    }
}

impl<F: Number + SmallField> Hash<F> for KeccakHash {
    type Word = u64;

    fn named() -> Self {
        Self
    }
    fn encode(digests: &[[u64; 4]]) -> Vec<u64> {
        digests.as_flattened().to_vec()
    }
    fn decode(_: &str, words: &[u64]) -> Result<Vec<[u64; 4]>> {
        Ok(words.as_chunks().0.to_vec())
    }
}

/// A tree over any field with any hash.
trait Tree: Send + Sync {
    fn cap<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;
    fn open<'py>(&self, py: Python<'py>, leaf: usize) -> PyResult<Opening<'py>>;
    fn log_height(&self) -> usize;
}

/// A row of each matrix, and the siblings.
type Opening<'py> = (Vec<Bound<'py, PyAny>>, Bound<'py, PyAny>);

struct Of<F: Pod, H: TreeHash<F>>
where
    F: SmallField,
{
    matrices: Vec<Columns<F>>,
    tree: MerkleTree<H::Digest>,
}

fn digests<'py, F, H>(py: Python<'py>, digests: &[H::Digest]) -> PyResult<Bound<'py, PyAny>>
where
    F: Number + SmallField,
    H: Hash<F>,
{
    let shape = [digests.len(), width::<F, H>()];
    Ok(array(py, H::encode(digests), &shape)?.into_any())
}

impl<F, H> Tree for Of<F, H>
where
    F: Number + SmallField,
    H: Hash<F>,
{
    fn cap<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        digests::<F, H>(py, self.tree.cap())
    }

    fn open<'py>(&self, py: Python<'py>, leaf: usize) -> PyResult<Opening<'py>> {
        let path = self.tree.path(leaf).map_err(Failure::from)?;
        let rows = self.matrices.iter().map(|matrix| {
            let index = leaf >> (self.tree.log_height() - matrix.height().ilog2() as usize);
            let mut row = matrix.row(index);
            Form::Canonical.encode(&mut row);
            let words: Vec<F::Word> = bytemuck::cast_slice(&row).to_vec();
            Ok(array(py, words, &[row.len()])?.into_any())
        });
        let rows: PyResult<Vec<_>> = rows.collect();
        Ok((rows?, digests::<F, H>(py, &path)?))
    }

    fn log_height(&self) -> usize {
        self.tree.log_height()
    }
}

/// Calls a generic function with the types of a field and a hash.
macro_rules! dispatch {
    ($field:expr, $hash:expr, $function:ident($($argument:expr),*)) => {
        match ($field, $hash) {
            (FieldName::KoalaBear, HashName::Poseidon2) =>
                $function::<KoalaBear, Poseidon2Hash<KoalaBear, 16, 8, 8, 16>>($($argument),*),
            (FieldName::KoalaBear, HashName::Poseidon2Wide) =>
                $function::<KoalaBear, Poseidon2Hash<KoalaBear, 24, 16, 8, 16>>($($argument),*),
            (FieldName::KoalaBear, HashName::Keccak) =>
                $function::<KoalaBear, KeccakHash>($($argument),*),
            (FieldName::BabyBear, HashName::Poseidon2) =>
                $function::<BabyBear, Poseidon2Hash<BabyBear, 16, 8, 8, 16>>($($argument),*),
            (FieldName::BabyBear, HashName::Poseidon2Wide) =>
                $function::<BabyBear, Poseidon2Hash<BabyBear, 24, 16, 8, 16>>($($argument),*),
            (FieldName::BabyBear, HashName::Keccak) =>
                $function::<BabyBear, KeccakHash>($($argument),*),
            (FieldName::Goldilocks, HashName::Poseidon2) =>
                $function::<Goldilocks, Poseidon2Hash<Goldilocks, 8, 4, 4, 8>>($($argument),*),
            (FieldName::Goldilocks, HashName::Keccak) =>
                $function::<Goldilocks, KeccakHash>($($argument),*),
            (FieldName::Goldilocks, HashName::Poseidon2Wide) => Err(Failure::argument(
                "hash: \"poseidon2-24\" is for fields of 31 bits"
            ).into()),
            (other, _) => Err(Failure::argument(format!(
                "field: trees are over KoalaBear, BabyBear and Goldilocks, not {other:?}"
            )).into()),
        }
    };
}

/// The argument `hash`.
#[derive(Clone, Copy)]
enum HashName {
    Poseidon2,
    Poseidon2Wide,
    Keccak,
}

impl HashName {
    fn named(name: &str) -> Result<Self> {
        match name {
            "poseidon2" => Ok(Self::Poseidon2),
            "poseidon2-24" => Ok(Self::Poseidon2Wide),
            "keccak" => Ok(Self::Keccak),
            _ => Err(Failure::argument(format!(
                "hash: \"poseidon2\", \"poseidon2-24\" or \"keccak\" is needed, not {name:?}"
            ))),
        }
    }
}

#[pymethods]
impl PyMerkleTree {
    #[new]
    #[pyo3(signature = (matrices, *, field, hash="poseidon2", log_cap=0))]
    fn new(
        py: Python<'_>,
        matrices: Vec<Bound<'_, PyAny>>,
        field: FieldName,
        hash: &str,
        log_cap: usize,
    ) -> PyResult<Self> {
        let hash = HashName::named(hash)?;
        dispatch!(field, hash, build(py, &matrices, log_cap)).map(Self)
    }

    /// What commits to all matrices: an array of 2**log_cap digests.
    #[getter]
    fn cap<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.cap(py)
    }

    /// The number of leaves: the height of the tallest matrix.
    fn __len__(&self) -> usize {
        1 << self.0.log_height()
    }

    /// The row of each matrix that a leaf belongs to, in a list, and the siblings on the way from the leaf to the cap,
    /// an array of digests.
    #[pyo3(signature = (leaf, /))]
    fn open<'py>(&self, py: Python<'py>, leaf: usize) -> PyResult<Opening<'py>> {
        self.0.open(py, leaf)
    }

    /// Whether rows are what a cap commits to at a leaf; shapes are those of the matrices.
    #[staticmethod]
    #[pyo3(signature = (cap, shapes, leaf, rows, path, *, field, hash="poseidon2"))]
    #[allow(clippy::too_many_arguments, reason = "they have names in Python")]
    fn verify(
        py: Python<'_>,
        cap: &Bound<'_, PyAny>,
        shapes: Vec<(usize, usize)>,
        leaf: usize,
        rows: Vec<Bound<'_, PyAny>>,
        path: &Bound<'_, PyAny>,
        field: FieldName,
        hash: &str,
    ) -> PyResult<bool> {
        let hash = HashName::named(hash)?;
        dispatch!(field, hash, check(py, cap, &shapes, leaf, &rows, path))
    }
}

fn build<F, H>(
    py: Python<'_>,
    matrices: &[Bound<'_, PyAny>],
    log_cap: usize,
) -> PyResult<Box<dyn Tree>>
where
    F: Number + SmallField,
    H: Hash<F>,
{
    let mut inputs = Vec::with_capacity(matrices.len());
    for matrix in matrices {
        let input = Input::<F::Word>::new("matrices", matrix)?;
        if !matches!(input.shape(), [height, width] if *height > 0 && *width > 0) {
            return Err(Failure::argument(format!(
                "matrices: arrays of shape (height, width) are needed, not {}",
                tuple(input.shape())
            ))
            .into());
        }
        inputs.push(input);
    }
    let mut stored = Vec::with_capacity(inputs.len());
    for input in &inputs {
        let (words, by_column) = match input.words_by_column() {
            Some(words) => (words, true),
            None => (input.words()?, false),
        };
        stored.push((words, by_column, input.shape()[0], input.shape()[1]));
    }
    let tree = work::run(py, || {
        let mut matrices = Vec::with_capacity(stored.len());
        for (words, by_column, height, width) in stored {
            let elements: &[F] = bytemuck::cast_slice(words);
            Form::Canonical.check("matrices", elements)?;
            let mut columns = match by_column {
                true => Columns::new(elements.to_vec(), height)?,
                false => Columns::from_rows(elements, width)?,
            };
            Form::Canonical.decode(columns.values_mut());
            matrices.push(columns);
        }
        let borrowed: Vec<&Columns<F>> = matrices.iter().collect();
        let tree = MerkleTree::new(&H::named(), &borrowed, log_cap)?;
        Ok::<_, Failure>(Of::<F, H> { matrices, tree })
    })?;
    Ok(Box::new(tree))
}

fn check<F, H>(
    py: Python<'_>,
    cap: &Bound<'_, PyAny>,
    shapes: &[(usize, usize)],
    leaf: usize,
    rows: &[Bound<'_, PyAny>],
    path: &Bound<'_, PyAny>,
) -> PyResult<bool>
where
    F: Number + SmallField,
    H: Hash<F>,
{
    let read = |name: &'static str, object: &Bound<'_, PyAny>| -> PyResult<Vec<H::Digest>> {
        let input = Input::<H::Word>::new(name, object)?;
        let width = width::<F, H>();
        if !matches!(input.shape(), [_, w] if *w == width) {
            return Err(Failure::argument(format!(
                "{name}: an array of shape (n, {width}) is needed, not {}",
                tuple(input.shape())
            ))
            .into());
        }
        Ok(H::decode(name, input.words()?)?)
    };
    let (cap, path) = (read("cap", cap)?, read("path", path)?);
    let mut opened = Vec::with_capacity(rows.len());
    for row in rows {
        let input = Input::<F::Word>::new("rows", row)?;
        let mut row = input.elements::<F>()?.to_vec();
        Form::Canonical.check("rows", &row)?;
        Form::Canonical.decode(&mut row);
        opened.push(row);
    }
    let dimensions: Vec<Dimensions> = (shapes.iter())
        .map(|&(height, width)| Dimensions { height, width })
        .collect();
    work::run(py, || {
        let opened = [opened];
        match verify_many(&H::named(), &cap, &dimensions, &[leaf], &opened, &path) {
            Ok(()) => Ok(true),
            Err(zkiln::Error::Malformed { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    })
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyMerkleTree>()
}
