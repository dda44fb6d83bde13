//! Rows and nodes hashed with Poseidon2.

use bytemuck::Pod;

use super::{Poseidon2, Poseidon2Field, TreeHash};
use crate::field::small::{Engine, Kernel, SmallField, Vector};

/// Poseidon2 for trees: rows through the padding-free overwriting sponge of `WIDTH` elements, of which
/// `RATE` are replaced by the next of the row before each permutation; nodes through a permutation of
/// `NODE` elements, truncated. Digests have `OUT` elements.
///
/// These are `PaddingFreeSponge<_, WIDTH, RATE, OUT>` and `TruncatedPermutation<_, 2, OUT, NODE>` of
/// Plonky3.
#[derive(Clone, Debug)]
pub struct Poseidon2Hash<
    F,
    const WIDTH: usize,
    const RATE: usize,
    const OUT: usize,
    const NODE: usize,
> {
    rows: Poseidon2<F, WIDTH>,
    nodes: Poseidon2<F, NODE>,
}

impl<F, const WIDTH: usize, const RATE: usize, const OUT: usize, const NODE: usize>
    Poseidon2Hash<F, WIDTH, RATE, OUT, NODE>
{
    const SHAPE: () = assert!(0 < OUT && OUT <= RATE && RATE < WIDTH && 2 * OUT <= NODE);

    /// The hash with these permutations.
    pub fn new(rows: Poseidon2<F, WIDTH>, nodes: Poseidon2<F, NODE>) -> Self {
        let () = Self::SHAPE;
        Self { rows, nodes }
    }
}

impl<F, const WIDTH: usize, const RATE: usize, const OUT: usize, const NODE: usize>
    Poseidon2Hash<F, WIDTH, RATE, OUT, NODE>
where
    F: Poseidon2Field<WIDTH> + Poseidon2Field<NODE>,
{
    /// The hash with the standard permutations.
    pub fn standard() -> Self {
        Self::new(
            <F as Poseidon2Field<WIDTH>>::standard().clone(),
            <F as Poseidon2Field<NODE>>::standard().clone(),
        )
    }
}

impl<F, const WIDTH: usize, const RATE: usize, const OUT: usize, const NODE: usize> TreeHash<F>
    for Poseidon2Hash<F, WIDTH, RATE, OUT, NODE>
where
    F: Poseidon2Field<WIDTH> + Poseidon2Field<NODE>,
    [F; OUT]: Pod + Default,
{
    type Digest = [F; OUT];

    fn hash_rows(&self, columns: &[&[F]], first: usize, digests: &mut [[F; OUT]]) {
        Engine::best().run(HashRows::<F, WIDTH, RATE, OUT> {
            permutation: &self.rows,
            columns,
            first,
            digests,
        });
    }

    fn compress(&self, pairs: &[[[F; OUT]; 2]], parents: &mut [[F; OUT]]) {
        assert_eq!(pairs.len(), parents.len(), "a pair for each parent");
        Engine::best().run(Compress {
            permutation: &self.nodes,
            pairs,
            parents,
        });
    }
}

struct HashRows<'a, F, const WIDTH: usize, const RATE: usize, const OUT: usize> {
    permutation: &'a Poseidon2<F, WIDTH>,
    columns: &'a [&'a [F]],
    first: usize,
    digests: &'a mut [[F; OUT]],
}

impl<F, const WIDTH: usize, const RATE: usize, const OUT: usize> Kernel<F>
    for HashRows<'_, F, WIDTH, RATE, OUT>
where
    F: Poseidon2Field<WIDTH>,
{
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let mut row = self.first;
        let (pairs, rest) = split_groups(self.digests, 2 * V::LANES);
        for digests in pairs.chunks_exact_mut(2 * V::LANES) {
            let mut groups = [[V::splat(F::ZERO); WIDTH]; 2];
            for block in self.columns.chunks(RATE) {
                for (i, column) in block.iter().enumerate() {
                    groups[0][i] = V::load(&column[row..]);
                    groups[1][i] = V::load(&column[row + V::LANES..]);
                }
                self.permutation.permute_lanes(&mut groups);
            }
            let (left, right) = digests.split_at_mut(V::LANES);
            store_digests(&groups[0], left);
            store_digests(&groups[1], right);
            row += digests.len();
        }
        for digests in rest.chunks_mut(V::LANES) {
            let mut state = [[V::splat(F::ZERO); WIDTH]];
            for block in self.columns.chunks(RATE) {
                for (x, column) in state[0].iter_mut().zip(block) {
                    *x = load_rows(&column[row..row + digests.len()]);
                }
                self.permutation.permute_lanes(&mut state);
            }
            store_digests(&state[0], digests);
            row += digests.len();
        }
    }
}

struct Compress<'a, F, const OUT: usize, const NODE: usize> {
    permutation: &'a Poseidon2<F, NODE>,
    pairs: &'a [[[F; OUT]; 2]],
    parents: &'a mut [[F; OUT]],
}

impl<F: Poseidon2Field<NODE>, const OUT: usize, const NODE: usize> Kernel<F>
    for Compress<'_, F, OUT, NODE>
{
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let groups = self.pairs.chunks(V::LANES);
        for (pairs, parents) in groups.zip(self.parents.chunks_mut(V::LANES)) {
            let mut state = [[V::splat(F::ZERO); NODE]];
            for (lane, pair) in pairs.iter().enumerate() {
                for (x, &value) in state[0].iter_mut().zip(pair.as_flattened()) {
                    x.elements_mut()[lane] = value;
                }
            }
            self.permutation.permute_lanes(&mut state);
            store_digests(&state[0], parents);
        }
    }
}

/// The largest part that is a multiple of `group` long, and the rest.
#[inline(always)]
fn split_groups<T>(items: &mut [T], group: usize) -> (&mut [T], &mut [T]) {
    items.split_at_mut(items.len() / group * group)
}

/// As many lanes as there are elements; zeros in the others.
#[inline(always)]
fn load_rows<V: Vector>(elements: &[V::Element]) -> V {
    if elements.len() == V::LANES {
        V::load(elements)
    } else {
        let mut vector = V::zeroed();
        vector.elements_mut()[..elements.len()].copy_from_slice(elements);
        vector
    }
}

/// The first elements of the lanes' states.
#[inline(always)]
fn store_digests<F: SmallField, V: Vector<Element = F>, const OUT: usize>(
    state: &[V],
    digests: &mut [[F; OUT]],
) {
    for (lane, digest) in digests.iter_mut().enumerate() {
        for (x, value) in state.iter().zip(digest) {
            *value = x.elements()[lane];
        }
    }
}
