//! The quotient of all constraints by the polynomial that vanishes on the trace's domain.
//!
//! The quotient's domain is the coset of `g = GENERATOR` of a subgroup that has `2^q` times as many
//! elements as the trace has rows, and it is the beginning of the trace's low-degree extension, whose
//! rows are bit-reversed. There row `t` of coset `c` of the trace's domain has the place
//! `rev(c) n + rev(t)`: the cosets, which are the chunks that the quotient is split into, lie one after
//! the other, and of neighbouring places the next rows are neighbours too (see `kernel.rs`). So nothing
//! of the extension is copied but what a block of rows needs, when it needs it.
//!
//! Each constraint costs as many multiplications as a challenge has coefficients, beside its own. They
//! are collected and folded together, and on AVX-512 below `2^31` reduced once for 32 of them.

mod kernel;
mod tape;

#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::air::Program;
use crate::field::Field;
use crate::field::small::{Engine, ExtensionField, SmallField};
use crate::ntt::columns::Extender;
use crate::ntt::{Natural, bit_reverse, reverse_bits};
use crate::poly::Columns;
use crate::{Error, Result};
use kernel::{Blocks, Chunk, Job, block_rows};
use tape::Tape;

/// Blocks that one task computes with the same slots.
const BLOCKS: usize = 16;

/// The values of the quotient of a trace of `2^log_height` rows, from the low-degree extensions of its
/// columns and of the preprocessed ones: on the coset of [`SmallField::GENERATOR`], rows bit-reversed.
/// The constraints' sum is that of [`Program::fold_at`], so is the number of chunks that of
/// [`Program::log_quotient_chunks`].
///
/// Gives the chunks' coefficients as columns of `2^log_height` values in natural order, those of chunk 0
/// first. Value `t` of chunk `c` is that at `g v^c h^t`, where `v` generates the quotient's domain and `h`
/// the trace's. Parallel.
///
/// # Errors
/// [`Error::Argument`] for matrices of other shapes than the program's, or an extension shorter than the
/// quotient's domain; [`Error::PublicInputs`] for another number of public values.
pub fn quotient<E: ExtensionField>(
    program: &Program<E::Base>,
    log_height: u32,
    main: &Columns<E::Base>,
    preprocessed: Option<&Columns<E::Base>>,
    public_values: &[E::Base],
    alpha: E,
) -> Result<Columns<E::Base>> {
    let engine = Engine::best();
    quotient_with(
        engine,
        program,
        log_height,
        main,
        preprocessed,
        public_values,
        alpha,
    )
}

fn quotient_with<E: ExtensionField>(
    engine: Engine,
    program: &Program<E::Base>,
    log_height: u32,
    main: &Columns<E::Base>,
    preprocessed: Option<&Columns<E::Base>>,
    public_values: &[E::Base],
    alpha: E,
) -> Result<Columns<E::Base>> {
    if !matches!(E::DEGREE, 2 | 4) {
        return Err(Error::Argument(format!(
            "challenges of degree {}",
            E::DEGREE
        )));
    }
    let log_chunks = program.log_quotient_chunks(log_height);
    let log_domain = log_height.saturating_add(log_chunks);
    let (Some(root), Some(generator)) = (
        E::Base::root_of_unity(log_domain),
        E::Base::root_of_unity(log_height),
    ) else {
        return Err(Error::Argument(format!(
            "the field has no subgroup of 2^{log_domain} elements for the quotient"
        )));
    };
    let height = 1usize << log_height;
    program.check_lengths(main, preprocessed, public_values, height)?;
    if !main.height().is_power_of_two() || main.height() < height << log_chunks {
        return Err(Error::Argument(format!(
            "the quotient of 2^{log_height} rows takes an extension to 2^{log_domain}, not to {}",
            main.height()
        )));
    }

    let tape = Tape::new(program, public_values);
    let filled = block_rows::<E::Base>().min(height);
    let log_blocks = log_height - filled.ilog2();
    let rows: Vec<usize> = (0..filled)
        .map(|r| reverse_bits(r, filled.ilog2()) << log_blocks)
        .collect();
    let mut points: Vec<E::Base> = rows.iter().map(|&t| generator.pow(&[t as u64])).collect();
    points.resize(block_rows::<E::Base>(), E::Base::ZERO);
    let job = Job {
        tape: &tape,
        main,
        preprocessed,
        log_height,
        degree: E::DEGREE,
        chunks: chunks(program, log_height, log_chunks, root, alpha)?,
        last: generator.inverse().expect("a root of unity is not zero"),
        rows,
        points,
    };

    let blocks = 1usize << log_blocks;
    let together = blocks.min(BLOCKS);
    let block_len = E::DEGREE * block_rows::<E::Base>();
    let mut values = vec![E::Base::ZERO; (blocks << log_chunks) * block_len];
    values
        .par_chunks_mut(together * block_len)
        .enumerate()
        .for_each(|(task, values)| {
            engine.run(Blocks {
                job: &job,
                chunk: task * together / blocks,
                first: task * together % blocks,
                values,
            });
        });

    // The chunks lie in bit-reversed order, and so do their values.
    let mut columns = vec![E::Base::ZERO; (E::DEGREE << log_chunks) * height];
    columns
        .par_chunks_exact_mut(height)
        .enumerate()
        .for_each(|(i, column)| {
            let (chunk, coefficient) = (i / E::DEGREE, i % E::DEGREE);
            let start = reverse_bits(chunk, log_chunks) * blocks * block_len;
            let blocks = values[start..].chunks_exact(block_len);
            for (rows, block) in column.chunks_exact_mut(filled).zip(blocks) {
                let start = coefficient * block_rows::<E::Base>();
                rows.copy_from_slice(&block[start..start + filled]);
            }
            bit_reverse(column).expect("a power of two of values");
        });
    Columns::new(columns, height)
}

/// The cosets in the order in which they lie.
fn chunks<E: ExtensionField>(
    program: &Program<E::Base>,
    log_height: u32,
    log_chunks: u32,
    root: E::Base,
    alpha: E,
) -> Result<Vec<Chunk<E::Base>>> {
    let constraints = program.constraints();
    let mut powers = vec![E::ONE; constraints];
    for i in (1..constraints).rev() {
        powers[i - 1] = powers[i] * alpha;
    }
    let mut periodic = Vec::new();
    for period in &program.shape().periodic {
        let log_period = period.len().ilog2();
        let shift = (log_period..log_height).fold(E::Base::GENERATOR, |x, _| x.square());
        let mut extended = vec![E::Base::ZERO; period.len() << log_chunks];
        Extender::new(log_period, log_chunks, shift)?.extend::<Natural>(period, &mut extended)?;
        periodic.push(extended);
    }
    let chunk = |place: usize| {
        let coset = reverse_bits(place, log_chunks);
        let shift = E::Base::GENERATOR * root.pow(&[coset as u64]);
        let vanishing = (0..log_height).fold(shift, |x, _| x.square()) - E::Base::ONE;
        let inverse = vanishing
            .inverse()
            .expect("the coset is not the trace's domain");
        let scaled = powers.iter().map(|&power| power * inverse);
        let weights = scaled
            .flat_map(|weight| weight.coefficients().to_vec())
            .collect();
        let every = |values: &Vec<E::Base>| {
            values
                .iter()
                .skip(coset)
                .step_by(1 << log_chunks)
                .copied()
                .collect()
        };
        Chunk {
            shift,
            vanishing,
            weights,
            periodic: periodic.iter().map(every).collect(),
        }
    };
    Ok((0..1 << log_chunks).map(chunk).collect())
}
