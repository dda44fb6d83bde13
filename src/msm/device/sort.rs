//! From scalars to buckets, on the device: the launches of `kernels/msm_sort.cu`.

use bytemuck::Pod;
use zkiln_cuda::{Buffer, ByValue, Slice, SliceMut, Stream};

use super::recoding::{Form, Recoding};
use super::shape::{CLASSES, Indices, Shape, TILE};
use crate::Result;

/// Threads of a block that takes a tile.
const TILE_THREADS: u32 = 512;
/// Threads of the other blocks.
const THREADS: u32 = 256;
/// Buckets that a block of the schedule takes.
const SCHEDULED: usize = 2048;

/// Shared memory of a prefix sum over a block, and of a search for a tile.
const SCAN_BYTES: usize = 32 * 8;
const SCRATCH_BYTES: usize = SCAN_BYTES + 16;

/// The scalars of a pass and what belongs to them.
pub(super) struct Scalars<'a, S> {
    /// `vector_stride` for each vector, from the chunk's first scalar on.
    pub(super) values: Slice<'a, S>,
    pub(super) form: Form,
    /// For each scalar of the chunk the index of its base.
    pub(super) slots: Option<Slice<'a, u32>>,
}

/// Sorts the entries of a pass by bucket, and puts the segments that buckets are cut into in order.
///
/// Of `indices`, which is laid out as `parts` says, `digits` holds the sorted entries afterwards, `counts` and
/// `ends` how many each bucket has and where they end, and `order`, `extras`, `heads` and `totals` the schedule.
/// `faults` has a word for each vector, which keeps the least index `i` of a scalar that is not below the order,
/// as `!i`.
pub(super) fn sort<S: Pod>(
    stream: &Stream,
    shape: &Shape,
    recoding: &Recoding,
    scalars: &Scalars<'_, S>,
    indices: &mut Buffer<u32>,
    parts: &Indices,
    faults: SliceMut<'_, u32>,
) -> Result<()> {
    let vectors = (shape.sets / shape.count) as usize;
    let sets = shape.sets as usize;
    let multiprocessors = stream.device().info().multiprocessors as usize;
    debug_assert!(
        scalars.values.len()
            >= (vectors - 1) * shape.vector_stride as usize + shape.scalars as usize
    );
    debug_assert!(
        scalars
            .slots
            .is_none_or(|slots| slots.len() >= shape.scalars as usize)
    );
    debug_assert!(faults.len() == vectors && indices.len() >= parts.len);

    stream.zero(indices.slice_mut(parts.counters.clone()))?;

    let blocks = (shape.scalars as usize).div_ceil(THREADS as usize);
    let call = stream
        .call("msm_digits")
        .blocks(blocks.min(8 * multiprocessors))
        .rows(vectors)
        .threads(THREADS)
        .shared(4 * ((shape.count as usize) << shape.high_bits))
        .arg(scalars.values)
        .arg(scalars.slots)
        .arg(indices.slice_mut(parts.digits.clone()))
        .arg(indices.slice_mut(parts.bins.clone()))
        .arg(faults)
        .arg(u32::from(scalars.form == Form::Montgomery))
        .arg(ByValue(*shape))
        .arg(ByValue(*recoding));
    // SAFETY: `vector_stride` scalars of 32 bytes lie between vectors, of which `scalars` are read; `capacity`
    // digits and 2^high_bits bins a set, and a word a vector, are what the layout has room for.
    unsafe { call.launch()? };

    let partition = |bits: u32| 8 * (TILE as usize + (1 << bits)) + SCRATCH_BYTES;
    let tiles = (shape.scalars as usize).div_ceil(TILE as usize);
    let call = stream
        .call("msm_split")
        .blocks(tiles * shape.windows.div_ceil(shape.stride) as usize)
        .rows(sets)
        .threads(TILE_THREADS)
        .shared(partition(shape.high_bits))
        .arg(indices.slice(parts.digits.clone()))
        .arg(scalars.slots)
        .arg(indices.slice(parts.bins.clone()))
        .arg(indices.slice_mut(parts.bin_cursors.clone()))
        .arg(indices.slice_mut(parts.entries.clone()))
        .arg(indices.slice_mut(parts.lows.clone()))
        .arg(ByValue(*shape));
    // SAFETY: digits, entries and half words for the low bits have `capacity` places a set, and a set has no more
    // digits than that; bins and cursors 2^high_bits each.
    unsafe { call.launch()? };

    // Full tiles, and a shorter one at the end of each bin.
    let bin_tiles = (shape.capacity / TILE) as usize + (1 << shape.high_bits);
    let call = stream
        .call("msm_count")
        .blocks(bin_tiles)
        .rows(sets)
        .threads(TILE_THREADS)
        .shared((4 << shape.low_bits) + SCRATCH_BYTES)
        .arg(indices.slice(parts.bins.clone()))
        .arg(indices.slice(parts.lows.clone()))
        .arg(indices.slice_mut(parts.counts.clone()))
        .arg(ByValue(*shape));
    // SAFETY: the bins say how many low bits there are, below 2^low_bits; every bucket has a counter.
    unsafe { call.launch()? };

    let call = stream
        .call("msm_cut")
        .blocks(1 << shape.high_bits)
        .rows(sets)
        .threads(THREADS)
        .shared(SCAN_BYTES + 4 * (CLASSES as usize + 1))
        .arg(indices.slice(parts.bins.clone()))
        .arg(indices.slice(parts.counts.clone()))
        .arg(indices.slice_mut(parts.ends.clone()))
        .arg(indices.slice_mut(parts.extras.clone()))
        .arg(indices.slice_mut(parts.classes.clone()))
        .arg(indices.slice_mut(parts.totals.clone()))
        .arg(ByValue(*shape));
    // SAFETY: a word for each bucket, one for each class, and two totals.
    unsafe { call.launch()? };

    let call = stream
        .call("msm_sort")
        .blocks(bin_tiles)
        .rows(sets)
        .threads(TILE_THREADS)
        .shared(partition(shape.low_bits))
        .arg(indices.slice(parts.bins.clone()))
        .arg(indices.slice(parts.entries.clone()))
        .arg(indices.slice(parts.lows.clone()))
        .arg(indices.slice_mut(parts.ends.clone()))
        .arg(indices.slice_mut(parts.digits.clone()))
        .arg(ByValue(*shape));
    // SAFETY: the entries fill the bins, and the places from where buckets begin to where they end are theirs.
    // The digits that lay there are not needed any more.
    unsafe { call.launch()? };

    let call = stream
        .call("msm_schedule")
        .blocks(shape.buckets().div_ceil(SCHEDULED))
        .threads(THREADS)
        .shared(SCAN_BYTES + 4 * CLASSES as usize)
        .arg(indices.slice(parts.counts.clone()))
        .arg(indices.slice(parts.extras.clone()))
        .arg(indices.slice(parts.classes.clone()))
        .arg(indices.slice_mut(parts.class_cursors.clone()))
        .arg(indices.slice_mut(parts.order.clone()))
        .arg(indices.slice_mut(parts.heads.clone()))
        .arg(indices.slice_mut(parts.totals.clone()))
        .arg(ByValue(*shape));
    // SAFETY: there are no more segments beyond the first of their bucket, nor heads of them, than the layout has
    // room for, and one first segment for each bucket.
    unsafe { call.launch()? };
    Ok(())
}
