//! Openings of several leaves of a binary tree: the siblings that no two of them give each other.

use crate::error::Result;

/// Visits, level by level from the leaves and in ascending order, each node that a verifier needs beside the
/// leaves at `places`, which ascend. Nodes are numbered from the root, 1: below node `i` are `2 i` and `2 i + 1`.
pub(super) fn siblings(places: &[usize], leaves: usize, mut visit: impl FnMut(usize)) {
    let mut known: Vec<usize> = places.iter().map(|place| leaves + place).collect();
    while known.first().is_some_and(|&node| node > 1) {
        let mut parents = Vec::with_capacity(known.len());
        let mut nodes = known.into_iter().peekable();
        while let Some(node) = nodes.next() {
            if nodes.next_if_eq(&(node ^ 1)).is_none() {
                visit(node ^ 1);
            }
            parents.push(node / 2);
        }
        known = parents;
    }
}

/// The root above leaves at their places, which ascend and are below `2^height`; siblings that are not among
/// them are asked for in the order of [`siblings`]. `None` without any leaf.
pub(super) fn root<D: Copy>(
    leaves: Vec<(usize, D)>,
    height: u32,
    pair: impl Fn(&D, &D) -> D,
    mut sibling: impl FnMut() -> Result<D>,
) -> Result<Option<D>> {
    let mut nodes = leaves;
    for _ in 0..height {
        let mut parents = Vec::with_capacity(nodes.len());
        let mut level = nodes.iter().peekable();
        while let Some((place, digest)) = level.next() {
            let parent = if let Some((_, right)) = level.next_if(|next| next.0 == place ^ 1) {
                pair(digest, right)
            } else {
                let other = sibling()?;
                match place & 1 {
                    0 => pair(digest, &other),
                    _ => pair(&other, digest),
                }
            };
            parents.push((place >> 1, parent));
        }
        nodes = parents;
    }
    Ok(nodes.first().map(|node| node.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any leaves of a tree, with the siblings that are visited, give its root; with one fewer they do not.
    #[test]
    fn opened_leaves_give_the_root() {
        let pair = |left: &u64, right: &u64| left.wrapping_mul(31).wrapping_add(*right) ^ 7;
        let height = 5;
        let leaves = 1usize << height;
        let mut nodes = vec![0; 2 * leaves];
        for node in (1..2 * leaves).rev() {
            nodes[node] = match node >= leaves {
                true => node as u64 * 977,
                false => pair(&nodes[2 * node], &nodes[2 * node + 1]),
            };
        }
        let sets = [
            vec![0],
            vec![31],
            vec![0, 1],
            vec![3, 4, 17],
            (0..32).collect(),
        ];
        for places in sets {
            let mut needed = Vec::new();
            siblings(&places, leaves, |node| needed.push(nodes[node]));
            let opened: Vec<_> = places.iter().map(|&i| (i, nodes[leaves + i])).collect();
            let mut next = needed.iter();
            let found = root(opened, height, pair, || Ok(*next.next().unwrap())).unwrap();
            assert_eq!(found, Some(nodes[1]));
            assert_eq!(next.len(), 0);
        }
        let none = root(vec![], height, pair, || Ok(0)).unwrap();
        assert_eq!(none, None);
    }
}
