//! Sums of points on the device: the launches of `kernels/msm_points.cuh`.

use bytemuck::Pod;
use zkiln_cuda::{Buffer, ByValue, Slice, SliceMut, Stream};

use super::plan::{Job, Plan};
use super::shape::{FAN_IN, Indices, Shape};
use crate::Result;
use crate::curve::{Curve, G1, G2};

/// Threads of a block.
const THREADS: usize = 128;
/// Workers that add up the segments of a bucket together.
const COMBINING: usize = 8;
/// Blocks that fit a multiprocessor at once.
const RESIDENT_BLOCKS: usize = 4;

/// A group that there are kernels for: [`G1`] and [`G2`].
pub trait DeviceCurve: Curve + sealed::Sealed {
    /// Lanes of a warp that hold a point together.
    #[doc(hidden)]
    const LANES: usize;
    /// The names of the kernels.
    #[doc(hidden)]
    const KERNELS: Kernels;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::curve::G1 {}
    impl Sealed for crate::curve::G2 {}
}

/// The names of a group's kernels.
#[derive(Debug)]
pub struct Kernels {
    accumulate: &'static str,
    combine: &'static str,
    fold: &'static str,
    bits: &'static str,
    double: &'static str,
    to_affine: &'static str,
}

impl DeviceCurve for G1 {
    const LANES: usize = 1;
    const KERNELS: Kernels = Kernels {
        accumulate: "msm_accumulate_g1",
        combine: "msm_combine_g1",
        fold: "msm_fold_g1",
        bits: "msm_bits_g1",
        double: "msm_double_g1",
        to_affine: "msm_to_affine_g1",
    };
}

impl DeviceCurve for G2 {
    const LANES: usize = 2;
    const KERNELS: Kernels = Kernels {
        accumulate: "msm_accumulate_g2",
        combine: "msm_combine_g2",
        fold: "msm_fold_g2",
        bits: "msm_bits_g2",
        double: "msm_double_g2",
        to_affine: "msm_to_affine_g2",
    };
}

/// Blocks for so many workers.
fn blocks<C: DeviceCurve>(workers: usize) -> usize {
    (workers * C::LANES).div_ceil(THREADS)
}

/// Sums the sorted entries of a pass into its buckets, `buckets`, which are added to if `is_continued`.
///
/// `bases` holds the points of the pass's shape: all parts of the table, or the bases of the chunk. `indices` are as
/// [`sort`](super::sort::sort) leaves them; `partials` has room for a point for each of [`Shape::extras`].
#[allow(clippy::too_many_arguments)]
pub(super) fn sum_entries<C: DeviceCurve, T: Pod>(
    stream: &Stream,
    shape: &Shape,
    bases: Slice<'_, T>,
    indices: &Buffer<u32>,
    parts: &Indices,
    mut buckets: SliceMut<'_, u32>,
    partials: &mut Buffer<u32>,
    is_continued: bool,
) -> Result<()> {
    let words = 32 * C::LANES;
    debug_assert!(buckets.len() >= shape.buckets() * words);
    debug_assert!(partials.len() >= shape.extras() * words);
    let call = stream
        .call(C::KERNELS.accumulate)
        .blocks(blocks::<C>(shape.buckets() + shape.extras()))
        .threads(THREADS as u32)
        // Two places for 64 bytes a thread.
        .shared(2 * 64 * THREADS)
        .arg(bases)
        .arg(indices.slice(parts.digits.clone()))
        .arg(indices.slice(parts.counts.clone()))
        .arg(indices.slice(parts.ends.clone()))
        .arg(indices.slice(parts.order.clone()))
        .arg(indices.slice(parts.extras.clone()))
        .arg(indices.slice(parts.totals.clone()))
        .arg(buckets.reborrow())
        .arg(&mut *partials)
        .arg(u32::from(is_continued))
        .arg(ByValue(*shape));
    // SAFETY: entries are indices of bases, of which there is at least one; there is a place for every bucket of the
    // group and for every segment beyond the first of a bucket.
    unsafe { call.launch()? };

    let most = shape.extras_of_bucket();
    let tasks = shape.extras() * COMBINING;
    let resident = RESIDENT_BLOCKS * stream.device().info().multiprocessors as usize;
    let mut segments = 1;
    while segments == 1 && most > 0 || most > segments {
        let call = stream
            .call(C::KERNELS.combine)
            .blocks(blocks::<C>(tasks).min(resident))
            .threads(THREADS as u32)
            .arg(indices.slice(parts.counts.clone()))
            .arg(indices.slice(parts.order.clone()))
            .arg(indices.slice(parts.extras.clone()))
            .arg(indices.slice(parts.heads.clone()))
            .arg(indices.slice(parts.totals.clone()))
            .arg(buckets.reborrow())
            .arg(&mut *partials)
            .arg(segments)
            .arg(ByValue(*shape));
        // SAFETY: as above.
        unsafe { call.launch()? };
        // The next round takes the sums of this one, while some bucket has several.
        match segments.checked_mul(FAN_IN) {
            Some(next) => segments = next,
            None => break,
        }
    }
    Ok(())
}

/// The weighted sums of `sets` sets of buckets, each as `width` points of weights 1, 2, 4, ....
///
/// `lines` has room for a point for each of a set's [`Plan::lines`].
pub(super) fn reduce<C: DeviceCurve>(
    stream: &Stream,
    plan: &Plan,
    job: &Job,
    sets: usize,
    buckets: &Buffer<u32>,
    lines: &mut Buffer<u32>,
    points: SliceMut<'_, u32>,
) -> Result<()> {
    let words = 32 * C::LANES;
    let bits = plan.width - 1;
    debug_assert!(buckets.len() >= (sets << bits) * words);
    debug_assert!(lines.len() >= sets * plan.lines() * words);
    debug_assert!(points.len() >= sets * plan.width as usize * words);
    let low = plan.fold();
    if let Some(low) = low {
        let log_workers = plan.fold_log_workers(job, sets / plan.stride as usize);
        let call = stream
            .call(C::KERNELS.fold)
            .blocks(blocks::<C>((sets * plan.lines()) << log_workers))
            .threads(THREADS as u32)
            .arg(buckets)
            .arg(&mut *lines)
            .arg(bits)
            .arg(low)
            .arg(log_workers)
            .arg(sets as u32);
        // SAFETY: 2^bits buckets a set, and a point for each row and column.
        unsafe { call.launch()? };
    }
    let log_workers = plan.bits_log_workers(job);
    let call = stream
        .call(C::KERNELS.bits)
        .blocks(blocks::<C>((sets * plan.width as usize) << log_workers))
        .threads(THREADS as u32)
        .arg(buckets)
        .arg(low.map(|_| lines.as_slice()))
        .arg(points)
        .arg(bits)
        .arg(low.unwrap_or(0))
        .arg(log_workers)
        .arg(sets as u32);
    // SAFETY: the lines of every set, if there are any, and `bits + 1` points a set.
    unsafe { call.launch()? };
    Ok(())
}

/// Points that one worker converts to affine coordinates with one inversion. An inversion takes about 380
/// multiplications.
const SHARING_INVERSION: usize = 16;

/// `2^doublings` times each of `count` points from `source` on in `table`, written from `target` on. `scratch` has
/// room for them in XYZZ coordinates.
pub(super) fn multiply_by_power<C: DeviceCurve>(
    stream: &Stream,
    table: &mut Buffer<u32>,
    source: usize,
    target: usize,
    count: usize,
    doublings: u32,
    scratch: &mut Buffer<u32>,
) -> Result<()> {
    let words = 16 * C::LANES;
    let points = |first: usize| first * words..(first + count) * words;
    debug_assert!(scratch.len() >= count * 2 * words);
    let call = stream
        .call(C::KERNELS.double)
        .blocks(blocks::<C>(count))
        .threads(THREADS as u32)
        .arg(table.slice(points(source)))
        .arg(&mut *scratch)
        .arg(doublings)
        .arg(count as u32);
    // SAFETY: `count` points are read and written.
    unsafe { call.launch()? };
    let workers = count.div_ceil(SHARING_INVERSION);
    let call = stream
        .call(C::KERNELS.to_affine)
        .blocks(blocks::<C>(workers))
        .threads(THREADS as u32)
        .arg(&*scratch)
        .arg(table.slice_mut(points(target)))
        .arg(workers as u32)
        .arg(count as u32);
    // SAFETY: `count` points are read and written; there are no more workers than points.
    unsafe { call.launch()? };
    Ok(())
}
