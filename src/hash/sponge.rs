//! Rows and nodes hashed with Poseidon2.

use bytemuck::Pod;

use super::{Poseidon2, Poseidon2Field, TreeHash};
use crate::field::small::{Engine, Kernel, SmallField, Vector};
use crate::memory::prefetch;

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
        let (many, few) = split_groups::<F, WIDTH, _>(self.digests, 4 * V::LANES);
        for digests in many.chunks_exact_mut(4 * V::LANES) {
            hash_groups::<V, F, WIDTH, RATE, OUT, 4>(self.permutation, self.columns, row, digests);
            row += digests.len();
        }
        for digests in few.chunks_mut(V::LANES) {
            hash_groups::<V, F, WIDTH, RATE, OUT, 1>(self.permutation, self.columns, row, digests);
            row += digests.len();
        }
    }
}

/// Hashes the rows from `first` on, as many as there are digests: at most `N` vectors.
#[inline(always)]
fn hash_groups<V, F, const WIDTH: usize, const RATE: usize, const OUT: usize, const N: usize>(
    permutation: &Poseidon2<F, WIDTH>,
    columns: &[&[F]],
    first: usize,
    digests: &mut [[F; OUT]],
) where
    F: Poseidon2Field<WIDTH>,
    V: Vector<Element = F>,
{
    let mut groups = [[V::zeroed(); WIDTH]; N];
    for (number, block) in columns.chunks(RATE).enumerate() {
        let next = columns.iter().skip((number + 1) * RATE).take(RATE);
        for column in next {
            prefetch(&column[first..first + digests.len()]);
        }
        for i in 0..block.len() {
            let rows = &block[i][first..first + digests.len()];
            for group in 0..N {
                groups[group][i] = load_rows(rows, group * V::LANES);
            }
        }
        permutation.permute_lanes(&mut groups);
    }
    for (state, digests) in groups.iter().zip(digests.chunks_mut(V::LANES)) {
        store_digests(state, digests);
    }
}

/// The largest part that is to be hashed `group` at a time, and the rest.
#[inline(always)]
fn split_groups<F: Poseidon2Field<WIDTH>, const WIDTH: usize, T>(
    items: &mut [T],
    group: usize,
) -> (&mut [T], &mut [T]) {
    let many = if F::SLOW_SBOX {
        items.len() / group * group
    } else {
        0
    };
    items.split_at_mut(many)
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
        let (many, few) = split_groups::<F, NODE, _>(self.parents, 4 * V::LANES);
        let (many_pairs, few_pairs) = self.pairs.split_at(many.len());
        let groups = many_pairs.chunks_exact(4 * V::LANES);
        for (pairs, parents) in groups.zip(many.chunks_exact_mut(4 * V::LANES)) {
            compress_groups::<V, F, OUT, NODE, 4>(self.permutation, pairs, parents);
        }
        let groups = few_pairs.chunks(V::LANES);
        for (pairs, parents) in groups.zip(few.chunks_mut(V::LANES)) {
            compress_groups::<V, F, OUT, NODE, 1>(self.permutation, pairs, parents);
        }
    }
}

/// Hashes pairs to as many parents: at most `N` vectors.
#[inline(always)]
fn compress_groups<V, F, const OUT: usize, const NODE: usize, const N: usize>(
    permutation: &Poseidon2<F, NODE>,
    pairs: &[[[F; OUT]; 2]],
    parents: &mut [[F; OUT]],
) where
    F: Poseidon2Field<NODE>,
    V: Vector<Element = F>,
{
    let mut groups = [[V::zeroed(); NODE]; N];
    for (state, pairs) in groups.iter_mut().zip(pairs.chunks(V::LANES)) {
        if NODE == V::LANES && 2 * OUT == NODE && pairs.len() == V::LANES {
            // A pair is as long as a vector.
            let values = pairs.as_flattened().as_flattened();
            for (lane, x) in state.iter_mut().enumerate() {
                *x = V::load(&values[lane * NODE..]);
            }
            V::transpose(state);
            continue;
        }
        for (lane, pair) in pairs.iter().enumerate() {
            for (x, &value) in state.iter_mut().zip(pair.as_flattened()) {
                x.elements_mut()[lane] = value;
            }
        }
    }
    permutation.permute_lanes(&mut groups);
    for (state, parents) in groups.iter().zip(parents.chunks_mut(V::LANES)) {
        store_digests(state, parents);
    }
}

/// The elements from `first` on, as many as there are lanes; zeros where there are none.
#[inline(always)]
fn load_rows<V: Vector>(elements: &[V::Element], first: usize) -> V {
    match elements.get(first..first + V::LANES) {
        Some(elements) => V::load(elements),
        None => {
            let mut vector = V::zeroed();
            let rest = elements.get(first..).unwrap_or_default();
            vector.elements_mut()[..rest.len()].copy_from_slice(rest);
            vector
        }
    }
}

/// The first elements of the lanes' states.
#[inline(always)]
fn store_digests<F: SmallField, V: Vector<Element = F>, const OUT: usize>(
    state: &[V],
    digests: &mut [[F; OUT]],
) {
    if OUT <= V::LANES && V::LANES <= MAX_LANES && digests.len() == V::LANES {
        let mut square = [V::zeroed(); MAX_LANES];
        square[..OUT].copy_from_slice(&state[..OUT]);
        V::transpose(&mut square);
        for (digest, x) in digests.iter_mut().zip(&square) {
            digest.copy_from_slice(&x.elements()[..OUT]);
        }
        return;
    }
    for (lane, digest) in digests.iter_mut().enumerate() {
        for (x, value) in state.iter().zip(digest) {
            *value = x.elements()[lane];
        }
    }
}

/// The most lanes of vectors that are transposed as a square.
const MAX_LANES: usize = 16;
