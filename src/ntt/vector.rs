//! The butterflies on vectors, eight elements at a time.
//!
//! A piece is taken into a buffer of vectors once, and put back once. Within it values are sums that are
//! neither reduced nor carried. A layer of splitting adds at most 2 to their bound, so up to 14 layers fit
//! one buffer; what is multiplied by a root is carried first, and in joining what was summed up is
//! reduced every other layer. Two layers are done at a time.
//!
//! The last three layers of a whole block act inside vectors of neighbours. For them each 64 elements
//! are transposed, so that a lane has eight neighbours, and its own roots.

mod layers;

use super::butterfly::{Butterflies, Finish, Piece};
use super::twiddles::{Direction, Forward, Inverse};
use crate::field::arch::{Isa, Kernel, LANES, PrimeVector, Sum, Vector};
use crate::field::{Lazy, PrimeField};
use layers::Layers;

/// Elements in the smallest piece.
pub(super) const MIN_LEN: usize = LANES * LANES;

/// The butterflies of an instruction set.
#[derive(Clone, Copy)]
pub(super) struct OnVectors<I>(pub(super) I);

/// Eight elements.
type Elements<F, I> = <I as Isa>::Prime<F>;
/// Eight values between the layers.
type Values<F, I> = <Elements<F, I> as Vector>::Sum;

impl<F: PrimeField, I: Isa> Butterflies<F> for OnVectors<I> {
    type Scratch = Buffer<F, I>;

    fn scratch(&self) -> Self::Scratch {
        Buffer {
            isa: self.0,
            values: Vec::new(),
        }
    }

    fn split<D: Direction>(
        &self,
        scratch: &mut Self::Scratch,
        piece: Piece<'_, '_, F>,
        table: &[F],
        finish: Finish<F>,
    ) {
        self.0.run(Split::<F, I, D> {
            layers: Layers::new(self.0, table),
            buffer: &mut scratch.values,
            piece,
            finish,
        });
    }

    fn join<D: Direction>(
        &self,
        scratch: &mut Self::Scratch,
        piece: Piece<'_, '_, F>,
        table: &[F],
        finish: Finish<F>,
    ) {
        self.0.run(Join::<F, I, D> {
            layers: Layers::new(self.0, table),
            buffer: &mut scratch.values,
            piece,
            finish,
        });
    }

    fn turn(
        &self,
        scratch: &mut Self::Scratch,
        tile: Piece<'_, '_, F>,
        table: &[F],
        finish: Finish<F>,
    ) {
        self.0.run(Turn {
            up: Layers::new(self.0, table),
            down: Layers::new(self.0, table),
            buffer: &mut scratch.values,
            tile,
            finish,
        });
    }
}

/// The vectors of a piece.
pub(super) struct Buffer<F: PrimeField, I: Isa> {
    isa: I,
    values: Vec<Values<F, I>>,
}

impl<F: PrimeField, I: Isa> Drop for Buffer<F, I> {
    fn drop(&mut self) {
        let zero = Elements::<F, I>::splat_factor(self.isa, F::ZERO).sum();
        for value in &mut self.values {
            // SAFETY: a reference can be written to. The compiler must not leave it out.
            unsafe { core::ptr::write_volatile(value, zero) };
        }
    }
}

/// [`Butterflies::split`].
struct Split<'a, 'd, F: PrimeField, I: Isa, D> {
    layers: Layers<'a, F, I, D>,
    buffer: &'a mut Vec<Values<F, I>>,
    piece: Piece<'a, 'd, F>,
    finish: Finish<F>,
}

/// [`Butterflies::join`].
struct Join<'a, 'd, F: PrimeField, I: Isa, D> {
    layers: Layers<'a, F, I, D>,
    buffer: &'a mut Vec<Values<F, I>>,
    piece: Piece<'a, 'd, F>,
    finish: Finish<F>,
}

/// [`Butterflies::turn`].
struct Turn<'a, 'd, F: PrimeField, I: Isa> {
    up: Layers<'a, F, I, Inverse>,
    down: Layers<'a, F, I, Forward>,
    buffer: &'a mut Vec<Values<F, I>>,
    tile: Piece<'a, 'd, F>,
    finish: Finish<F>,
}

impl<F: PrimeField, I: Isa, D: Direction> Kernel<I> for Split<'_, '_, F, I, D> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let Piece { runs, node, layers } = self.piece;
        load(isa, runs, self.buffer);
        let Some(data) = whole_block(runs, layers) else {
            self.layers.split(self.buffer, node, layers);
            store(isa, runs, self.buffer, self.finish);
            return;
        };
        self.layers.split(self.buffer, node, layers - 3);
        let blocks = node << (layers - 3);
        let (squares, _) = data.as_chunks_mut::<MIN_LEN>();
        let (vectors, _) = self.buffer.as_chunks::<LANES>();
        for (i, (square, vectors)) in squares.iter_mut().zip(vectors).enumerate() {
            let mut values = Values::<F, I>::transpose(*vectors);
            self.layers.split_lanes(&mut values, blocks + LANES * i);
            store_lanes(isa, square, &values, self.finish);
        }
    }
}

impl<F: PrimeField, I: Isa, D: Direction> Kernel<I> for Join<'_, '_, F, I, D> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let Piece { runs, node, layers } = self.piece;
        let Some(data) = whole_block(runs, layers) else {
            load(isa, runs, self.buffer);
            self.layers.join(self.buffer, node, layers);
            store(isa, runs, self.buffer, self.finish);
            return;
        };
        let blocks = node << (layers - 3);
        let (squares, _) = data.as_chunks::<MIN_LEN>();
        self.buffer.clear();
        for (i, square) in squares.iter().enumerate() {
            let mut values = load_lanes::<F, I>(isa, square);
            self.layers.join_lanes(&mut values, blocks + LANES * i);
            self.buffer
                .extend_from_slice(&Values::<F, I>::transpose(values));
        }
        self.layers.join(self.buffer, node, layers - 3);
        store(isa, runs, self.buffer, self.finish);
    }
}

impl<F: PrimeField, I: Isa> Kernel<I> for Turn<'_, '_, F, I> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let Piece { runs, layers, .. } = self.tile;
        let [up, down] = [0, 1];
        load(isa, runs, self.buffer);
        self.up.join(self.buffer, up, layers);
        self.down.split(self.buffer, down, layers);
        store(isa, runs, self.buffer, self.finish);
    }
}

/// The run of a piece that is a block with all its layers.
#[inline(always)]
fn whole_block<'a, F>(runs: &'a mut [&mut [Lazy<F>]], layers: u32) -> Option<&'a mut [Lazy<F>]> {
    match runs {
        [run] if run.len() >> layers == 1 => Some(run),
        _ => None,
    }
}

/// Vectors of neighbours, below 2.
#[inline(always)]
fn load<F: PrimeField, I: Isa>(isa: I, runs: &[&mut [Lazy<F>]], buffer: &mut Vec<Values<F, I>>) {
    buffer.clear();
    // All of it at once: a vector that grows would leave copies behind.
    buffer.reserve_exact(runs.len() * runs[0].len() / LANES);
    for run in runs {
        let (vectors, _) = run.as_chunks::<LANES>();
        for vector in vectors {
            buffer.push(Elements::<F, I>::load_lazy(isa, vector.each_ref()).sum());
        }
    }
}

/// The reverse of [`load`], of values below 40.
#[inline(always)]
fn store<F: PrimeField, I: Isa>(
    isa: I,
    runs: &mut [&mut [Lazy<F>]],
    buffer: &[Values<F, I>],
    finish: Finish<F>,
) {
    let per_run = buffer.len() / runs.len();
    for (run, buffer) in runs.iter_mut().zip(buffer.chunks_exact(per_run)) {
        let (vectors, _) = run.as_chunks_mut::<LANES>();
        for (vector, &values) in vectors.iter_mut().zip(buffer) {
            *vector = finished::<F, I>(isa, values, finish);
        }
    }
}

/// Elements `8 v + j` of 64 in lane `v` of vector `j`, below 2.
#[inline(always)]
fn load_lanes<F: PrimeField, I: Isa>(isa: I, square: &[Lazy<F>; MIN_LEN]) -> [Values<F, I>; LANES] {
    let first = Elements::<F, I>::load_lazy(isa, core::array::from_fn(|v| &square[LANES * v]));
    let mut values = [first.sum(); LANES];
    for j in 1..LANES {
        let rows = core::array::from_fn(|v| &square[LANES * v + j]);
        values[j] = Elements::<F, I>::load_lazy(isa, rows).sum();
    }
    values
}

/// The reverse of [`load_lanes`], of values below 40.
#[inline(always)]
fn store_lanes<F: PrimeField, I: Isa>(
    isa: I,
    square: &mut [Lazy<F>; MIN_LEN],
    values: &[Values<F, I>; LANES],
    finish: Finish<F>,
) {
    for j in 0..LANES {
        let rows = finished::<F, I>(isa, values[j], finish);
        for v in 0..LANES {
            square[LANES * v + j] = rows[v];
        }
    }
}

#[inline(always)]
fn finished<F: PrimeField, I: Isa>(
    isa: I,
    values: Values<F, I>,
    finish: Finish<F>,
) -> [Lazy<F>; LANES] {
    match finish {
        Finish::Lazy => values.reduce().store_lazy(),
        Finish::Reduce => values.reduce().store_reduced(),
        Finish::Scale(factor) => {
            let factor = Elements::<F, I>::splat_factor(isa, factor);
            factor.mul(values.tight()).store_reduced()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::butterfly::Words;
    use super::super::cpu::Schedule;
    use super::super::twiddles::twiddles;
    use super::*;
    use crate::field::Fr;
    use crate::field::arch::{Cpu, on_cpu};

    /// What a plan does with an input, by some butterflies whose factors are `scale` times as large.
    fn outputs<B: Butterflies<Fr>>(butterflies: B, scale: Fr, input: &[Fr]) -> [Vec<Fr>; 4] {
        let table = &twiddles(input.len(), scale)[..];
        let schedule = Schedule { butterflies, table };
        let mut outputs = [(); 4].map(|()| input.to_vec());
        let [forward, inverse, scaled, extended] = outputs.each_mut();
        schedule.split_all::<Forward>(Lazy::slice_mut(forward), 0, Finish::Reduce);
        schedule.join_all::<Inverse>(Lazy::slice_mut(inverse), 0, Finish::Reduce);
        let factor = Finish::Scale(scale * Fr::from_u64(77));
        schedule.split_all::<Inverse>(Lazy::slice_mut(scaled), 0, factor);
        schedule.join_all::<Forward>(Lazy::slice_mut(scaled), 0, factor);
        schedule.extend(Lazy::slice_mut(extended));
        outputs
    }

    fn check<I: Isa>(isa: I) {
        for log_n in [6, 7, 8, 9, 11, 14] {
            let n = 1 << log_n;
            let random = (0..n).map(|_| Fr::random().unwrap()).collect();
            for input in [random, vec![-Fr::ONE; n], vec![Fr::ZERO; n]] {
                let scale = Elements::<Fr, I>::factor(Fr::ONE);
                let vectors = outputs(OnVectors(isa), scale, &input);
                assert!(vectors == outputs(Words, Fr::ONE, &input), "2^{log_n}");
            }
        }
    }

    #[test]
    fn every_instruction_set_agrees_with_words() {
        for cpu in Cpu::all() {
            on_cpu!(cpu, isa => check(isa));
        }
    }
}
