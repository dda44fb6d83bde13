//! The steps of a tape on blocks of rows.

use super::tape::{COLLECTED, Source, Step, Tape};
use crate::field::Field;
use crate::field::small::{Kernel, SmallField, Vector};
use crate::memory;
use crate::ntt::reverse_bits;
use crate::poly::Columns;
use bytemuck::Pod;

/// The bytes of a slot: as many vectors as are worth the choice of a step, and few enough that the
/// slots of most programs stay in the nearest cache.
const SLOT_BYTES: usize = 512;

/// The loads between the wish for a column and its load.
const AHEAD: usize = 4;

/// The rows of a block: what a slot holds.
pub(super) const fn block_rows<F>() -> usize {
    SLOT_BYTES / size_of::<F>()
}

/// What all blocks of a quotient have in common.
pub(super) struct Job<'a, F: Pod> {
    pub(super) tape: &'a Tape<F>,
    pub(super) main: &'a Columns<F>,
    pub(super) preprocessed: Option<&'a Columns<F>>,
    pub(super) log_height: u32,
    /// The number of coefficients of a challenge: 2 or 4.
    pub(super) degree: usize,
    pub(super) chunks: Vec<Chunk<F>>,
    /// The inverse of the generator `h` of the trace's domain.
    pub(super) last: F,
    /// By row of a block: the row's number, where block 0 begins, and `h` to that power.
    pub(super) rows: Vec<usize>,
    pub(super) points: Vec<F>,
}

/// A coset of the trace's domain.
pub(super) struct Chunk<F> {
    /// The coset's factor.
    pub(super) shift: F,
    /// `x^n - 1`, the same everywhere on the coset.
    pub(super) vanishing: F,
    /// The coefficients of each constraint's weight, already over `x^n - 1`.
    pub(super) weights: Vec<F>,
    /// The periodic columns' values, one period each.
    pub(super) periodic: Vec<Vec<F>>,
}

/// Neighbouring blocks of a chunk, and where their values go: a block's coefficients one after the other.
pub(super) struct Blocks<'a, F: Pod> {
    pub(super) job: &'a Job<'a, F>,
    pub(super) chunk: usize,
    pub(super) first: usize,
    pub(super) values: &'a mut [F],
}

/// Where a block stands.
struct Place {
    /// The block's first place in a column, and the next rows' first place.
    here: usize,
    next: usize,
    /// Whether the next rows are those of block 0, in another order.
    wraps: bool,
    /// What to add to [`Job::rows`].
    row: usize,
}

impl<F: SmallField> Job<'_, F> {
    /// The rows of a block that there are.
    fn filled(&self) -> usize {
        block_rows::<F>().min(1 << self.log_height)
    }

    /// In bit-reversed order the place of row `t` in its chunk is `rev(t)`: the place's high bits, the
    /// block, are the low bits of `t`. So the rows after those of a block are another block, in the same
    /// order, unless the low bits are all ones.
    fn place(&self, chunk: usize, block: usize) -> Place {
        let log_blocks = self.log_height - self.filled().ilog2();
        let row = reverse_bits(block, log_blocks);
        let wraps = row + 1 == 1 << log_blocks;
        let next_block = if wraps {
            0
        } else {
            reverse_bits(row + 1, log_blocks)
        };
        let start = chunk << self.log_height;
        Place {
            here: start + block * self.filled(),
            next: start + next_block * self.filled(),
            wraps,
            row,
        }
    }

    /// Where in block 0 the row after row `r` of the last block stands.
    fn successor(&self, r: usize) -> usize {
        let log_rows = self.filled().ilog2();
        let next = (reverse_bits(r, log_rows) + 1) & (self.filled() - 1);
        reverse_bits(next, log_rows)
    }
}

impl<F: SmallField> Kernel<F> for Blocks<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let job = self.job;
        let n = const { SLOT_BYTES / size_of::<V>() };
        let chunk = &job.chunks[self.chunk];
        let slots = job.tape.slots;
        let mut memory = Memory::<F>::new(slots + job.degree + 3);
        let memory: &mut [V] = memory.vectors();
        let (file, memory) = memory.split_at_mut(slots * n);
        let (sums, selectors) = memory.split_at_mut(job.degree * n);

        let blocks = self.values.chunks_exact_mut(job.degree * block_rows::<F>());
        for (block, values) in (self.first..).zip(blocks) {
            let place = job.place(self.chunk, block);
            select(job, chunk, &place, selectors);
            sums.fill(V::splat(F::ZERO));
            let mut loaded = 0;
            for step in &job.tape.steps {
                match *step {
                    Step::Load(to, source) => {
                        loaded += 1;
                        if let Some(&source) = job.tape.loads.get(loaded + AHEAD) {
                            prefetch(job, source, &place);
                        }
                        let to = &mut file[to as usize * n..][..n];
                        match source {
                            Source::Main { column, next } => {
                                copy(job, job.main, column, next, &place, to);
                            }
                            Source::Preprocessed { column, next } => {
                                if let Some(columns) = job.preprocessed {
                                    copy(job, columns, column, next, &place, to);
                                }
                            }
                            Source::Periodic(i) => {
                                let period = &chunk.periodic[i];
                                let to: &mut [F] = bytemuck::cast_slice_mut(to);
                                for (to, row) in to.iter_mut().zip(&job.rows) {
                                    *to = period[(place.row + row) & (period.len() - 1)];
                                }
                            }
                            Source::FirstRow => to.copy_from_slice(&selectors[..n]),
                            Source::LastRow => to.copy_from_slice(&selectors[n..2 * n]),
                            Source::Transition => to.copy_from_slice(&selectors[2 * n..]),
                        }
                    }
                    Step::Fill(to, c) => {
                        file[to as usize * n..][..n].fill(V::splat(c));
                    }
                    Step::Copy(to, a) => unary(file, to, a, |x| x),
                    Step::Add(to, a, b) => binary(file, to, a, b, |x, y| x + y),
                    Step::Sub(to, a, b) => binary(file, to, a, b, |x, y| x - y),
                    Step::Mul(to, a, b) => binary(file, to, a, b, |x, y| x * y),
                    Step::Neg(to, a) => unary(file, to, a, |x| -x),
                    Step::AddScalar(to, a, c) => {
                        let c = V::splat(c);
                        unary(file, to, a, |x| x + c);
                    }
                    Step::FromScalar(to, a, c) => {
                        let c = V::splat(c);
                        unary(file, to, a, |x| c - x);
                    }
                    Step::MulScalar(to, a, c) => {
                        let c = V::spread(V::factor(c));
                        unary(file, to, a, |x| x.times(c));
                    }
                    Step::Halve(to, a, k) => unary(file, to, a, |x| x.div_2exp(k)),
                    Step::Cube(to, a, c) => unary(file, to, a, |x| x.sbox::<3>(c)),
                    Step::Fold(first, count) => {
                        let collected = &file[..COLLECTED * n];
                        match job.degree {
                            2 => fold::<V, 2>(collected, &chunk.weights, first, count, sums),
                            _ => fold::<V, 4>(collected, &chunk.weights, first, count, sums),
                        }
                    }
                }
            }
            values.copy_from_slice(bytemuck::cast_slice(sums));
        }
    }
}

/// Tells the processor that a column's rows will be loaded soon.
#[inline(always)]
fn prefetch<F: SmallField>(job: &Job<'_, F>, source: Source, place: &Place) {
    let (columns, column, next) = match source {
        Source::Main { column, next } => (Some(job.main), column, next),
        Source::Preprocessed { column, next } => (job.preprocessed, column, next),
        _ => return,
    };
    let Some(columns) = columns else { return };
    let start = column * columns.height() + if next { place.next } else { place.here };
    let from = &columns.values()[start..start + job.filled()];
    memory::prefetch(from);
}

#[inline(always)]
fn unary<V: Vector>(file: &mut [V], to: u32, a: u32, f: impl Fn(V) -> V) {
    let n = const { SLOT_BYTES / size_of::<V>() };
    let (to, a) = (to as usize * n, a as usize * n);
    assert!(to.max(a) + n <= file.len(), "within the slots");
    for i in 0..n {
        file[to + i] = f(file[a + i]);
    }
}

#[inline(always)]
fn binary<V: Vector>(file: &mut [V], to: u32, a: u32, b: u32, f: impl Fn(V, V) -> V) {
    let n = const { SLOT_BYTES / size_of::<V>() };
    let (to, a, b) = (to as usize * n, a as usize * n, b as usize * n);
    assert!(to.max(a).max(b) + n <= file.len(), "within the slots");
    for i in 0..n {
        file[to + i] = f(file[a + i], file[b + i]);
    }
}

/// Adds the collected constraints times their weights to the sums, coefficient by coefficient.
#[inline(always)]
fn fold<V: Vector, const D: usize>(
    collected: &[V],
    weights: &[V::Element],
    first: usize,
    count: usize,
    sums: &mut [V],
) {
    let n = const { SLOT_BYTES / size_of::<V>() };
    let weights = &weights.as_chunks::<D>().0[first..first + count];
    for i in 0..n {
        let folded = V::dot(|j| collected[j * n + i], weights);
        for (d, folded) in folded.into_iter().enumerate() {
            sums[d * n + i] = sums[d * n + i] + folded;
        }
    }
}

/// Loads a column's rows, or the rows after them. Rows that there are not stay what they are.
#[inline(always)]
fn copy<F: SmallField, V: Vector<Element = F>>(
    job: &Job<'_, F>,
    columns: &Columns<F>,
    column: usize,
    next: bool,
    place: &Place,
    to: &mut [V],
) {
    let filled = job.filled();
    let start = column * columns.height() + if next { place.next } else { place.here };
    let from = &columns.values()[start..start + filled];
    if next && place.wraps {
        let to: &mut [F] = bytemuck::cast_slice_mut(to);
        for (r, to) in to[..filled].iter_mut().enumerate() {
            *to = from[job.successor(r)];
        }
    } else if filled == to.len() * V::LANES {
        for (to, from) in to.iter_mut().zip(from.chunks_exact(V::LANES)) {
            *to = V::load(from);
        }
    } else {
        bytemuck::cast_slice_mut(to)[..filled].copy_from_slice(from);
    }
}

/// The selectors of a block: of the first row and the last, if they are read, and of transitions.
#[inline(always)]
fn select<F: SmallField, V: Vector<Element = F>>(
    job: &Job<'_, F>,
    chunk: &Chunk<F>,
    place: &Place,
    selectors: &mut [V],
) {
    let n = const { SLOT_BYTES / size_of::<V>() };
    let generator = job.last.inverse().expect("a root of unity is not zero");
    let base = V::splat(chunk.shift * generator.pow(&[place.row as u64]));
    let (one, last) = (V::splat(F::ONE), V::splat(job.last));
    for i in 0..n {
        let x = V::load(&job.points[i * V::LANES..]) * base;
        selectors[i] = x - one;
        selectors[n + i] = x - last;
        selectors[2 * n + i] = x - last;
    }
    if job.tape.boundaries {
        let boundaries = &mut selectors[..2 * n];
        invert(boundaries);
        let vanishing = V::splat(chunk.vanishing);
        for selector in boundaries {
            *selector = *selector * vanishing;
        }
    }
}

/// Replaces all vectors by their inverses, of which no lane is zero: one inversion, by Fermat, and three
/// multiplications for each.
#[inline(always)]
fn invert<V: Vector>(vectors: &mut [V]) {
    let one = V::splat(V::Element::ONE);
    let mut products = [one; 2 * SLOT_BYTES / 16];
    let mut all = one;
    for (product, &vector) in products.iter_mut().zip(vectors.iter()) {
        *product = all;
        all = all * vector;
    }
    let exponent = V::Element::MODULUS - 2;
    let mut inverse = one;
    for bit in (0..V::Element::BITS).rev() {
        inverse = inverse * inverse;
        if exponent >> bit & 1 == 1 {
            inverse = inverse * all;
        }
    }
    for (&product, vector) in products[..vectors.len()].iter().zip(vectors).rev() {
        (*vector, inverse) = (inverse * product, inverse * *vector);
    }
}

/// Slots that begin with a cache line.
struct Memory<F>(Vec<F>);

impl<F: SmallField> Memory<F> {
    const LINE: usize = 64;

    fn new(slots: usize) -> Self {
        let slack = Self::LINE / size_of::<F>();
        Self(vec![F::ZERO; slots * block_rows::<F>() + slack])
    }

    fn vectors<V: Vector<Element = F>>(&mut self) -> &mut [V] {
        let start = self.0.as_ptr().align_offset(Self::LINE);
        let len = self.0.len() - Self::LINE / size_of::<F>();
        bytemuck::cast_slice_mut(&mut self.0[start..start + len])
    }
}
