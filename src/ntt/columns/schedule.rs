//! What is done in which cache, by which thread.
//!
//! Beyond the nearest cache a block is 2 to 16 rows. Up to four layers act on the elements of the same
//! place in all rows, in one sweep over memory; each row is a block of its own then. So the layers of
//! `2^24` elements take three sweeps over memory before what is left fits the second-level cache, each
//! of which reads and writes whole cache lines in order.

use core::marker::PhantomData;

use rayon::prelude::*;

use super::layers::{Block, Rows, Walk};
use crate::field::small::{Engine, Factors, SmallField};
use crate::ntt::tile::tiles_mut;

/// Bytes up to which a block is done layer by layer: two thirds of a first-level cache.
const BLOCK_BYTES: usize = 1 << 15;
/// Elements up to which a transform (tens of microseconds) is not worth handing to other threads.
const SERIAL: usize = 1 << 14;
/// Bytes of a row that are one task of a parallel sweep.
const TASK_BYTES: usize = 1 << 13;

/// All layers of block `node`, of which there is at least one.
pub(super) fn run<F: SmallField, W: Walk>(
    data: &mut [F],
    node: usize,
    table: &Factors<F>,
    parallel: bool,
) {
    let parallel = parallel && data.len() > SERIAL;
    let excess = (size_of_val(data) / BLOCK_BYTES).checked_ilog2();
    let layers = match excess {
        None | Some(0) => {
            return Engine::best().run(Block::<F, W> {
                data,
                node,
                table,
                walk: PhantomData,
            });
        }
        // In as many sweeps as with four layers each, but evenly.
        Some(excess) => excess.div_ceil(excess.div_ceil(4)),
    };
    if W::DOWN {
        sweep::<F, W>(data, node, table, layers, parallel);
    }
    let row_len = data.len() >> layers;
    let row = |(i, row): (usize, &mut [F])| {
        run::<F, W>(row, (node << layers) + i, table, parallel);
    };
    if parallel {
        data.par_chunks_exact_mut(row_len).enumerate().for_each(row);
    } else {
        data.chunks_exact_mut(row_len).enumerate().for_each(row);
    }
    if !W::DOWN {
        sweep::<F, W>(data, node, table, layers, parallel);
    }
}

/// The top layers of block `node`.
fn sweep<F: SmallField, W: Walk>(
    data: &mut [F],
    node: usize,
    table: &Factors<F>,
    layers: u32,
    parallel: bool,
) {
    let on_rows = |rows: &mut [&mut [F]]| {
        Engine::best().run(Rows::<F, W> {
            rows,
            node,
            table,
            walk: PhantomData,
        });
    };
    let width = TASK_BYTES / size_of::<F>();
    if parallel {
        tiles_mut(data, layers, width)
            .par_iter_mut()
            .for_each(|tile| on_rows(&mut tile.rows));
    } else {
        let row_len = data.len() >> layers;
        let mut rows: Vec<&mut [F]> = data.chunks_exact_mut(row_len).collect();
        on_rows(&mut rows);
    }
}
