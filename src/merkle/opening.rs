//! The verification of openings, which are hostile input.

use super::{Dimensions, check_cap, check_heights};
use crate::field::small::SmallField;
use crate::hash::TreeHash;
use crate::{Error, Fault, Result};

/// Checks that the rows with the index of a leaf, one of each matrix, are what `cap` commits to;
/// `path` is what [`MerkleTree::path`](super::MerkleTree::path) gives.
///
/// # Errors
/// [`Error::Malformed`] if they are not, or if a length is not what the dimensions say;
/// [`Error::Argument`] for dimensions of no tree and for an index beyond the leaves, which a verifier
/// knows without the proof.
pub fn verify<F, H>(
    hash: &H,
    cap: &[H::Digest],
    dimensions: &[Dimensions],
    index: usize,
    rows: &[Vec<F>],
    path: &[H::Digest],
) -> Result<()>
where
    F: SmallField,
    H: TreeHash<F>,
{
    // A path is the pruned paths of one leaf.
    verify_many(hash, cap, dimensions, &[index], &[rows], path)
}

/// Checks that the rows with the indices of several leaves, for each leaf one of each matrix, are what
/// `cap` commits to; `siblings` is what
/// [`MerkleTree::pruned_paths`](super::MerkleTree::pruned_paths) gives. Indices may repeat.
///
/// # Errors
/// As [`verify`].
pub fn verify_many<F, H, R>(
    hash: &H,
    cap: &[H::Digest],
    dimensions: &[Dimensions],
    indices: &[usize],
    rows: &[R],
    siblings: &[H::Digest],
) -> Result<()>
where
    F: SmallField,
    H: TreeHash<F>,
    R: AsRef<[Vec<F>]>,
{
    let log_height = check_heights(dimensions)?;
    if !cap.len().is_power_of_two() || cap.len() > 1 << log_height {
        return Err(malformed(
            Fault::Count,
            format!("a cap of {} nodes for 2^{log_height} leaves", cap.len()),
        ));
    }
    check_cap(dimensions, cap.len())?;
    if let Some(index) = indices.iter().find(|&&index| index >> log_height != 0) {
        return Err(Error::Argument(format!(
            "leaf {index} of 2^{log_height} in an opening"
        )));
    }
    check_rows(dimensions, indices, rows)?;

    // One query for each leaf; what is opened twice must be the same both times.
    let mut order: Vec<usize> = (0..indices.len()).collect();
    order.sort_by_key(|&query| indices[query]);
    let leaves = unique(
        &order,
        |query| indices[query],
        |a, b| rows[a].as_ref() == rows[b].as_ref(),
    )?;
    let mut nodes: Vec<usize> = leaves.iter().map(|&query| indices[query]).collect();
    let mut queries = leaves;
    let hash_height =
        |queries: &[usize], height: usize| hash_rows(hash, dimensions, rows, queries, height);
    let mut digests = hash_height(&queries, 1 << log_height);
    let mut siblings = siblings.iter();
    for level in 1..=log_height - cap.len().ilog2() as usize {
        let mut pairs = Vec::with_capacity(nodes.len());
        let mut at = 0;
        for family in nodes.chunk_by(|a, b| a >> 1 == b >> 1) {
            pairs.push(match family {
                [_, _] => [digests[at], digests[at + 1]],
                _ => {
                    let sibling = *siblings
                        .next()
                        .ok_or_else(|| malformed(Fault::Count, "too few siblings".into()))?;
                    if family[0] & 1 == 0 {
                        [digests[at], sibling]
                    } else {
                        [sibling, digests[at]]
                    }
                }
            });
            at += family.len();
        }
        digests = vec![H::Digest::default(); pairs.len()];
        hash.compress(&pairs, &mut digests);

        let height = 1 << (log_height - level);
        // Queries that meet here have the same rows from here up, of which one query's are hashed.
        let here = |query: usize| {
            let rows = dimensions.iter().zip(rows[query].as_ref());
            rows.filter(|(d, _)| d.height <= height).map(|(_, row)| row)
        };
        queries = unique(
            &queries,
            |query| indices[query] >> level,
            |a, b| here(a).eq(here(b)),
        )?;
        nodes = queries
            .iter()
            .map(|&query| indices[query] >> level)
            .collect();
        if dimensions.iter().any(|d| d.height == height) {
            let joining = hash_height(&queries, height);
            let pairs: Vec<[H::Digest; 2]> =
                digests.iter().zip(joining).map(|(&a, b)| [a, b]).collect();
            hash.compress(&pairs, &mut digests);
        }
    }
    if siblings.next().is_some() {
        return Err(malformed(Fault::Count, "too many siblings".into()));
    }
    if nodes
        .iter()
        .zip(&digests)
        .any(|(&node, digest)| cap[node] != *digest)
    {
        return Err(malformed(
            Fault::Value,
            "the rows are not those committed to".into(),
        ));
    }
    Ok(())
}

fn malformed(fault: Fault, reason: String) -> Error {
    Error::malformed("proof", "Merkle opening", fault, reason)
}

/// Every query has one row of every matrix, each as long as the matrix is wide.
fn check_rows<F, R: AsRef<[Vec<F>]>>(
    dimensions: &[Dimensions],
    indices: &[usize],
    rows: &[R],
) -> Result<()> {
    let fits = |query: &R| {
        let query = query.as_ref();
        let mut pairs = query.iter().zip(dimensions);
        query.len() == dimensions.len() && pairs.all(|(row, d)| row.len() == d.width)
    };
    if rows.len() != indices.len() || !rows.iter().all(fits) {
        return Err(malformed(
            Fault::Count,
            "not one row of every matrix for every index, each as long as the matrix is wide"
                .into(),
        ));
    }
    Ok(())
}

/// The first of every run of queries with the same node, if the others say the same.
fn unique(
    queries: &[usize],
    node: impl Fn(usize) -> usize,
    same: impl Fn(usize, usize) -> bool,
) -> Result<Vec<usize>> {
    let runs = queries.chunk_by(|&a, &b| node(a) == node(b));
    runs.map(|run| {
        if run[1..].iter().all(|&other| same(run[0], other)) {
            Ok(run[0])
        } else {
            Err(malformed(
                Fault::Value,
                "one row is opened to two values".into(),
            ))
        }
    })
    .collect()
}

/// The digests of the queries' rows of the matrices of one height.
fn hash_rows<F, H, R>(
    hash: &H,
    dimensions: &[Dimensions],
    rows: &[R],
    queries: &[usize],
    height: usize,
) -> Vec<H::Digest>
where
    F: SmallField,
    H: TreeHash<F>,
    R: AsRef<[Vec<F>]>,
{
    let mut columns: Vec<Vec<F>> = Vec::new();
    for (matrix, d) in dimensions.iter().enumerate() {
        if d.height == height {
            columns.extend((0..d.width).map(|i| {
                let value = |&query: &usize| rows[query].as_ref()[matrix][i];
                queries.iter().map(value).collect()
            }));
        }
    }
    let columns: Vec<&[F]> = columns.iter().map(Vec::as_slice).collect();
    let mut digests = vec![H::Digest::default(); queries.len()];
    hash.hash_rows(&columns, 0, &mut digests);
    digests
}
