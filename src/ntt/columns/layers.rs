//! The layers of a transform, on vectors.
//!
//! The tree of blocks is that of `docs/ntt.md`: block `k` is split into `2k` and `2k + 1` with one root
//! for the whole block, entry `k` of a table. [`Split`] goes down, [`Join`] up; which roots the table
//! holds, or their inverses, is the caller's choice.

use crate::field::small::{Factors, Kernel, SmallField, Vector};

/// The direction in which layers are gone through.
pub(super) trait Walk: Send + Sync {
    /// Down the tree.
    const DOWN: bool;

    /// One butterfly.
    fn butterfly<V: Vector>(a: V, b: V, w: V::Multiplier) -> (V, V);
}

/// Down: `(a + w b, a - w b)`.
pub(super) enum Split {}

/// Up: `(a + b, w (a - b))`.
pub(super) enum Join {}

impl Walk for Split {
    const DOWN: bool = true;
    #[inline(always)]
    fn butterfly<V: Vector>(a: V, b: V, w: V::Multiplier) -> (V, V) {
        a.split(b, w)
    }
}

impl Walk for Join {
    const DOWN: bool = false;
    #[inline(always)]
    fn butterfly<V: Vector>(a: V, b: V, w: V::Multiplier) -> (V, V) {
        a.join(b, w)
    }
}

/// The top layers of block `node`, given as 2, 4, 8 or 16 rows.
pub(super) struct Rows<'a, 'b, F, W> {
    pub(super) rows: &'a mut [&'b mut [F]],
    pub(super) node: usize,
    pub(super) table: &'a Factors<F>,
    pub(super) walk: core::marker::PhantomData<W>,
}

impl<F: SmallField, W: Walk> Kernel<F> for Rows<'_, '_, F, W> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        match self.rows.len() {
            2 => rows::<V, W, 2>(self.rows, self.node, self.table),
            4 => rows::<V, W, 4>(self.rows, self.node, self.table),
            8 => rows::<V, W, 8>(self.rows, self.node, self.table),
            _ => rows::<V, W, 16>(self.rows, self.node, self.table),
        }
    }
}

/// All layers of block `node`, which should fit the nearest cache.
pub(super) struct Block<'a, F, W> {
    pub(super) data: &'a mut [F],
    pub(super) node: usize,
    pub(super) table: &'a Factors<F>,
    pub(super) walk: core::marker::PhantomData<W>,
}

impl<F: SmallField, W: Walk> Kernel<F> for Block<'_, F, W> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let log_n = self.data.len().ilog2();
        let last = 2 * V::LANES;
        if self.data.len() < last {
            few::<V, W>(self.data, self.node, self.table);
            return;
        }
        let upper = log_n - last.ilog2();
        if W::DOWN {
            upper_layers::<V, W>(self.data, self.node, self.table, upper);
            last_layers_down::<V, W>(self.data, self.node << upper, self.table);
        } else {
            last_layers_up::<V, W>(self.data, self.node << upper, self.table);
            upper_layers::<V, W>(self.data, self.node, self.table, upper);
        }
    }
}

/// The layers above the last ones, up to four at a time over the whole block.
#[inline(always)]
fn upper_layers<V: Vector, W: Walk>(
    data: &mut [V::Element],
    node: usize,
    table: &Factors<V::Element>,
    layers: u32,
) {
    // As many as go evenly: 5 layers as 3 and 2.
    let passes = layers.div_ceil(4);
    let size = |i: u32| (layers + i) / passes.max(1);
    let mut depth = if W::DOWN { 0 } else { layers };
    for i in 0..passes {
        let size = size(i);
        if !W::DOWN {
            depth -= size;
        }
        let len = data.len() >> depth;
        for (j, block) in data.chunks_exact_mut(len).enumerate() {
            let k = (node << depth) + j;
            match size {
                1 => block_rows::<V, W, 2>(block, k, table),
                2 => block_rows::<V, W, 4>(block, k, table),
                3 => block_rows::<V, W, 8>(block, k, table),
                _ => block_rows::<V, W, 16>(block, k, table),
            }
        }
        if W::DOWN {
            depth += size;
        }
    }
}

/// `log2 R` layers of block `node`, given as `R` rows, in one sweep.
#[inline(always)]
fn rows<V: Vector, W: Walk, const R: usize>(
    rows: &mut [&mut [V::Element]],
    node: usize,
    table: &Factors<V::Element>,
) {
    let w = factors::<V, R>(node, table);
    let len = rows[0].len() / V::LANES;
    if len.is_multiple_of(16 / R) {
        for i in (0..len).step_by(16 / R) {
            let mut x = [V::zeroed(); 16];
            for place in 0..16 {
                x[place] = V::load(&rows[place % R][(i + place / R) * V::LANES..]);
            }
            layers::<V, W, R, 16>(&mut x, &w);
            for place in 0..16 {
                x[place].store(&mut rows[place % R][(i + place / R) * V::LANES..]);
            }
        }
    } else {
        for i in 0..len {
            let mut x = [V::zeroed(); R];
            for r in 0..R {
                x[r] = V::load(&rows[r][i * V::LANES..]);
            }
            layers::<V, W, R, R>(&mut x, &w);
            for r in 0..R {
                x[r].store(&mut rows[r][i * V::LANES..]);
            }
        }
    }
}

/// [`rows`], of a block whose rows follow each other.
#[inline(always)]
fn block_rows<V: Vector, W: Walk, const R: usize>(
    block: &mut [V::Element],
    node: usize,
    table: &Factors<V::Element>,
) {
    let w = factors::<V, R>(node, table);
    let block = V::pack_mut(block).0;
    let len = block.len() / R;
    if len.is_multiple_of(16 / R) {
        for i in (0..len).step_by(16 / R) {
            let mut x = [V::zeroed(); 16];
            for place in 0..16 {
                x[place] = block[place % R * len + i + place / R];
            }
            layers::<V, W, R, 16>(&mut x, &w);
            for place in 0..16 {
                block[place % R * len + i + place / R] = x[place];
            }
        }
    } else {
        for i in 0..len {
            let mut x = [V::zeroed(); R];
            for r in 0..R {
                x[r] = block[r * len + i];
            }
            layers::<V, W, R, R>(&mut x, &w);
            for r in 0..R {
                block[r * len + i] = x[r];
            }
        }
    }
}

/// The roots of the top layers of block `node`, prepared: entry `2^l + i` is that of block `i` of layer
/// `l`.
#[inline(always)]
fn factors<V: Vector, const R: usize>(node: usize, table: &Factors<V::Element>) -> [V::Factor; R] {
    let mut factors = [V::factor(table[0]); R];
    let mut width = 1;
    while width < R {
        let roots = &table[node * width..][..width];
        for (factor, &root) in factors[width..].iter_mut().zip(roots) {
            *factor = V::factor(root);
        }
        width *= 2;
    }
    factors
}

/// `log2 R` layers of every `R` of `N` vectors. The layers one after the other, for the butterflies of
/// one do not wait for each other.
#[inline(always)]
fn layers<V: Vector, W: Walk, const R: usize, const N: usize>(x: &mut [V; N], w: &[V::Factor; R]) {
    if W::DOWN {
        if R == 16 {
            layer::<V, W, R, N>(x, w, 8);
        }
        if R >= 8 {
            layer::<V, W, R, N>(x, w, 4);
        }
        if R >= 4 {
            layer::<V, W, R, N>(x, w, 2);
        }
        layer::<V, W, R, N>(x, w, 1);
    } else {
        layer::<V, W, R, N>(x, w, 1);
        if R >= 4 {
            layer::<V, W, R, N>(x, w, 2);
        }
        if R >= 8 {
            layer::<V, W, R, N>(x, w, 4);
        }
        if R == 16 {
            layer::<V, W, R, N>(x, w, 8);
        }
    }
}

/// The layer whose butterflies are of vectors `half` apart. Without a loop, so that all vectors are in
/// registers.
#[inline(always)]
fn layer<V: Vector, W: Walk, const R: usize, const N: usize>(
    x: &mut [V; N],
    w: &[V::Factor; R],
    half: usize,
) {
    pair::<V, W, R, N>(x, w, half, 0);
    pair::<V, W, R, N>(x, w, half, 1);
    pair::<V, W, R, N>(x, w, half, 2);
    pair::<V, W, R, N>(x, w, half, 3);
    pair::<V, W, R, N>(x, w, half, 4);
    pair::<V, W, R, N>(x, w, half, 5);
    pair::<V, W, R, N>(x, w, half, 6);
    pair::<V, W, R, N>(x, w, half, 7);
}

/// Butterfly number `i` of a layer, if there are so many.
#[inline(always)]
fn pair<V: Vector, W: Walk, const R: usize, const N: usize>(
    x: &mut [V; N],
    w: &[V::Factor; R],
    half: usize,
    i: usize,
) {
    if i < N / 2 {
        let block = i / half;
        let blocks = R / (2 * half);
        let upper = 2 * half * block + i % half;
        let w = V::spread(w[blocks + block % blocks]);
        (x[upper], x[upper + half]) = W::butterfly(x[upper], x[upper + half], w);
    }
}

/// Pairs of vectors that the last layers are done on at once, for each layer of a pair waits for the one
/// before it.
const PAIRS: usize = 4;

/// Down from blocks of two vectors, the first of them number `node`, to single elements.
#[inline(always)]
fn last_layers_down<V: Vector, W: Walk>(
    data: &mut [V::Element],
    node: usize,
    table: &Factors<V::Element>,
) {
    let (vectors, _) = V::pack_mut(data);
    let mut k = node;
    let mut groups = vectors.chunks_exact_mut(2 * PAIRS);
    for group in &mut groups {
        pairs_down::<V, W, PAIRS>(group, k, table);
        k += PAIRS;
    }
    for pair in groups.into_remainder().chunks_exact_mut(2) {
        pairs_down::<V, W, 1>(pair, k, table);
        k += 1;
    }
}

#[inline(always)]
fn pairs_down<V: Vector, W: Walk, const N: usize>(
    vectors: &mut [V],
    k: usize,
    table: &Factors<V::Element>,
) {
    let (mut a, mut b) = ([V::zeroed(); N], [V::zeroed(); N]);
    for i in 0..N {
        let w = V::spread(V::factor(table[k + i]));
        (a[i], b[i]) = W::butterfly(vectors[2 * i], vectors[2 * i + 1], w);
    }
    // Without a loop, so that the lanes' places are constants.
    if V::LANES >= 16 {
        lanes_down::<V, W, N>(&mut a, &mut b, 8, k, table);
    }
    if V::LANES >= 8 {
        lanes_down::<V, W, N>(&mut a, &mut b, 4, k, table);
    }
    lanes_down::<V, W, N>(&mut a, &mut b, 2, k, table);
    lanes_down::<V, W, N>(&mut a, &mut b, 1, k, table);
    for i in 0..N {
        (vectors[2 * i], vectors[2 * i + 1]) = a[i].zip(b[i]);
    }
}

/// The layer of blocks of `2 half` lanes: first the left halves go to one vector, the right ones to the
/// other.
#[inline(always)]
fn lanes_down<V: Vector, W: Walk, const N: usize>(
    a: &mut [V; N],
    b: &mut [V; N],
    half: usize,
    k: usize,
    table: &Factors<V::Element>,
) {
    for i in 0..N {
        let (left, right) = a[i].interleave(b[i], half);
        (a[i], b[i]) = W::butterfly(left, right, roots::<V>(table, k + i, half));
    }
}

/// The reverse of [`last_layers_down`].
#[inline(always)]
fn last_layers_up<V: Vector, W: Walk>(
    data: &mut [V::Element],
    node: usize,
    table: &Factors<V::Element>,
) {
    let (vectors, _) = V::pack_mut(data);
    let mut k = node;
    let mut groups = vectors.chunks_exact_mut(2 * PAIRS);
    for group in &mut groups {
        pairs_up::<V, W, PAIRS>(group, k, table);
        k += PAIRS;
    }
    for pair in groups.into_remainder().chunks_exact_mut(2) {
        pairs_up::<V, W, 1>(pair, k, table);
        k += 1;
    }
}

#[inline(always)]
fn pairs_up<V: Vector, W: Walk, const N: usize>(
    vectors: &mut [V],
    k: usize,
    table: &Factors<V::Element>,
) {
    let (mut a, mut b) = ([V::zeroed(); N], [V::zeroed(); N]);
    for i in 0..N {
        (a[i], b[i]) = vectors[2 * i].unzip(vectors[2 * i + 1]);
    }
    lanes_up::<V, W, N>(&mut a, &mut b, 1, k, table);
    lanes_up::<V, W, N>(&mut a, &mut b, 2, k, table);
    if V::LANES >= 8 {
        lanes_up::<V, W, N>(&mut a, &mut b, 4, k, table);
    }
    if V::LANES >= 16 {
        lanes_up::<V, W, N>(&mut a, &mut b, 8, k, table);
    }
    for i in 0..N {
        let w = V::spread(V::factor(table[k + i]));
        (vectors[2 * i], vectors[2 * i + 1]) = W::butterfly(a[i], b[i], w);
    }
}

/// The reverse of [`lanes_down`].
#[inline(always)]
fn lanes_up<V: Vector, W: Walk, const N: usize>(
    a: &mut [V; N],
    b: &mut [V; N],
    half: usize,
    k: usize,
    table: &Factors<V::Element>,
) {
    for i in 0..N {
        let (left, right) = W::butterfly(a[i], b[i], roots::<V>(table, k + i, half));
        (a[i], b[i]) = left.interleave(right, half);
    }
}

/// The roots of the blocks of `2 half` elements below block `k` of two vectors, each for `half` lanes.
#[inline(always)]
fn roots<V: Vector>(table: &Factors<V::Element>, k: usize, half: usize) -> V::Multiplier {
    let blocks = V::LANES / half;
    V::repeated(table, k * blocks, half)
}

/// A transform of fewer elements than two vectors.
#[inline(always)]
fn few<V: Vector, W: Walk>(data: &mut [V::Element], node: usize, table: &Factors<V::Element>) {
    type One<F> = crate::field::small::Lanes<F, 1>;
    let layers = data.len().ilog2();
    for step in 0..layers {
        let layer = if W::DOWN { step } else { layers - 1 - step };
        let len = data.len() >> layer;
        for (i, block) in data.chunks_exact_mut(len).enumerate() {
            let w = One::factor(table[(node << layer) + i]);
            let (left, right) = block.split_at_mut(len / 2);
            for (a, b) in left.iter_mut().zip(right) {
                let (upper, lower) = W::butterfly(One { 0: [*a] }, One { 0: [*b] }, One::spread(w));
                (*a, *b) = (upper.0[0], lower.0[0]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use core::marker::PhantomData;

    use super::*;
    use crate::field::small::{BabyBear, Engine, Goldilocks, KoalaBear};

    /// All engines do the same, to blocks and to rows; what that is, the tests of the transforms say.
    fn engines_agree<F: SmallField>() {
        let mut state = F::GENERATOR;
        let elements: Vec<F> = (0..1 << 12)
            .map(|_| {
                state = state.square() + F::from(7);
                state
            })
            .collect();
        let (table, input) = elements.split_at(1 << 11);
        let table = &Factors::new(table.to_vec());
        for node in [0, 1] {
            for log_n in 1..=10 {
                let results = Engine::supported().into_iter().map(|engine| {
                    let mut data = input[..1 << log_n].to_vec();
                    block::<F, Split>(engine, &mut data, node, table);
                    let down = data.clone();
                    block::<F, Join>(engine, &mut data, node, table);
                    for rows in [2, 4, 8, 16] {
                        if data.len() >= 16 * rows {
                            let len = data.len() / rows;
                            let mut rows: Vec<&mut [F]> = data.chunks_exact_mut(len).collect();
                            engine.run(Rows::<F, Split> {
                                rows: &mut rows,
                                node,
                                table,
                                walk: PhantomData,
                            });
                        }
                    }
                    (down, data)
                });
                let results: Vec<_> = results.collect();
                assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
            }
        }
    }

    fn block<F: SmallField, W: Walk>(
        engine: Engine,
        data: &mut [F],
        node: usize,
        table: &Factors<F>,
    ) {
        engine.run(Block::<F, W> {
            data,
            node,
            table,
            walk: PhantomData,
        });
    }

    #[test]
    fn engines_agree_on_every_field() {
        engines_agree::<KoalaBear>();
        engines_agree::<BabyBear>();
        engines_agree::<Goldilocks>();
    }
}
