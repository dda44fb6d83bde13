//! The layers of a transform, on vectors.
//!
//! The tree of blocks is that of `docs/ntt.md`: block `k` is split into `2k` and `2k + 1` with one root
//! for the whole block, entry `k` of a table. [`Split`] goes down, [`Join`] up; which roots the table
//! holds, or their inverses, is the caller's choice.

use crate::field::small::{Kernel, SmallField, Vector};

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
    pub(super) table: &'a [F],
    pub(super) walk: core::marker::PhantomData<W>,
}

impl<F: SmallField, W: Walk> Kernel<F> for Rows<'_, '_, F, W> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let (node, table) = (self.node, self.table);
        match self.rows {
            [a, b] => pass::<V, W, 2>([a, b], node, table),
            [a, b, c, d] => pass::<V, W, 4>([a, b, c, d], node, table),
            [a, b, c, d, e, f, g, h] => {
                pass::<V, W, 8>([a, b, c, d, e, f, g, h], node, table);
            }
            rows => {
                let rows: &mut [&mut [F]; 16] = rows.try_into().expect("at most 16 rows");
                let rows = rows.each_mut().map(|row| &mut **row);
                pass::<V, W, 16>(rows, node, table);
            }
        }
    }
}

/// All layers of block `node`, which should fit the nearest cache.
pub(super) struct Block<'a, F, W> {
    pub(super) data: &'a mut [F],
    pub(super) node: usize,
    pub(super) table: &'a [F],
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
    table: &[V::Element],
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
                1 => pass::<V, W, 2>(rows(block), k, table),
                2 => pass::<V, W, 4>(rows(block), k, table),
                3 => pass::<V, W, 8>(rows(block), k, table),
                _ => pass::<V, W, 16>(rows(block), k, table),
            }
        }
        if W::DOWN {
            depth += size;
        }
    }
}

/// A block as rows of equal length.
#[inline(always)]
fn rows<T, const R: usize>(block: &mut [T]) -> [&mut [T]; R] {
    let mut rows = block.chunks_exact_mut(block.len() / R);
    core::array::from_fn(|_| rows.next().expect("as many rows as chunks"))
}

/// `log2 R` layers of block `node`, given as `R` rows, in one sweep.
#[inline(always)]
fn pass<V: Vector, W: Walk, const R: usize>(
    rows: [&mut [V::Element]; R],
    node: usize,
    table: &[V::Element],
) {
    // Entry 2^l + i is the root of block i of layer l.
    let mut factors = [V::factor(table[0]); R];
    let mut width = 1;
    while width < R {
        let roots = &table[node * width..][..width];
        for (factor, &root) in factors[width..].iter_mut().zip(roots) {
            *factor = V::factor(root);
        }
        width *= 2;
    }
    let mut rows = rows.map(|row| V::pack_mut(row).0);
    let len = rows[0].len();
    let rows = rows.each_mut().map(|row| &mut row[..len]);
    for i in 0..len {
        let mut x: [V; R] = core::array::from_fn(|r| rows[r][i]);
        let mut layer = 0;
        while 1 << layer < R {
            let width = if W::DOWN {
                1 << layer
            } else {
                R >> (layer + 1)
            };
            let half = R / 2 / width;
            for block in 0..width {
                let w = V::spread(factors[width + block]);
                for j in 0..half {
                    let (upper, lower) = (2 * half * block + j, 2 * half * block + half + j);
                    (x[upper], x[lower]) = W::butterfly(x[upper], x[lower], w);
                }
            }
            layer += 1;
        }
        for r in 0..R {
            rows[r][i] = x[r];
        }
    }
}

/// Down from blocks of two vectors, the first of them number `node`, to single elements.
#[inline(always)]
fn last_layers_down<V: Vector, W: Walk>(
    data: &mut [V::Element],
    node: usize,
    table: &[V::Element],
) {
    let (vectors, _) = V::pack_mut(data);
    for (i, pair) in vectors.chunks_exact_mut(2).enumerate() {
        let k = node + i;
        let (mut a, mut b) = W::butterfly(pair[0], pair[1], V::spread(V::factor(table[k])));
        // Blocks of `2 half` lanes: first the left halves go to one vector, the right ones to the other.
        let mut half = V::LANES / 2;
        while half > 0 {
            (a, b) = a.interleave(b, half);
            (a, b) = W::butterfly(a, b, roots::<V>(table, k, half));
            half /= 2;
        }
        (pair[0], pair[1]) = a.zip(b);
    }
}

/// The reverse of [`last_layers_down`].
#[inline(always)]
fn last_layers_up<V: Vector, W: Walk>(data: &mut [V::Element], node: usize, table: &[V::Element]) {
    let (vectors, _) = V::pack_mut(data);
    for (i, pair) in vectors.chunks_exact_mut(2).enumerate() {
        let k = node + i;
        let (mut a, mut b) = pair[0].unzip(pair[1]);
        let mut half = 1;
        while half < V::LANES {
            (a, b) = W::butterfly(a, b, roots::<V>(table, k, half));
            (a, b) = a.interleave(b, half);
            half *= 2;
        }
        (pair[0], pair[1]) = W::butterfly(a, b, V::spread(V::factor(table[k])));
    }
}

/// The roots of the blocks of `2 half` elements below block `k` of two vectors, each for `half` lanes.
#[inline(always)]
fn roots<V: Vector>(table: &[V::Element], k: usize, half: usize) -> V::Multiplier {
    let blocks = V::LANES / half;
    V::repeated(&table[k * blocks..][..blocks], half).multiplier()
}

/// A transform of fewer elements than two vectors.
#[inline(always)]
fn few<V: Vector, W: Walk>(data: &mut [V::Element], node: usize, table: &[V::Element]) {
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

    fn block<F: SmallField, W: Walk>(engine: Engine, data: &mut [F], node: usize, table: &[F]) {
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
