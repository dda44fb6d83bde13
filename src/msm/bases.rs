//! Bases in memory.

use core::fmt;
use core::marker::PhantomData;

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;

use crate::curve::{Affine, Curve};

/// A cache line.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([u64; 8]);

/// Points that begin at a cache line. Buckets fetch their points from anywhere, and a point of G1 is as
/// long as a line: an allocator's usual alignment would spread each over two.
#[derive(Clone)]
pub(super) struct Bases<C> {
    lines: Vec<Line>,
    len: usize,
    curve: PhantomData<C>,
}

impl<C: Curve> Bases<C> {
    /// A copy of the points that are not infinity, of which there are `len`.
    pub(super) fn finite(points: &[Affine<C>], len: usize) -> Self {
        let bytes = len * size_of::<Affine<C>>();
        let mut bases = Self {
            lines: vec![Line([0; 8]); bytes.div_ceil(size_of::<Line>())],
            len,
            curve: PhantomData,
        };
        let slots = bytemuck::cast_slice_mut::<Line, u8>(&mut bases.lines);
        let slots: &mut [Affine<C>] = bytemuck::cast_slice_mut(&mut slots[..bytes]);
        if len == points.len() {
            // Parallel, because the first touch of memory takes most of the time.
            slots
                .par_iter_mut()
                .zip(points)
                .for_each(|(slot, point)| *slot = *point);
        } else {
            let finite = points.iter().filter(|point| !point.is_infinity());
            slots
                .iter_mut()
                .zip(finite)
                .for_each(|(slot, point)| *slot = *point);
        }
        bases
    }

    /// The points.
    #[inline]
    pub(super) fn as_slice(&self) -> &[Affine<C>] {
        let bytes = bytemuck::cast_slice::<Line, u8>(&self.lines);
        bytemuck::cast_slice(&bytes[..self.len * size_of::<Affine<C>>()])
    }
}

impl<C> fmt::Debug for Bases<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} points", self.len)
    }
}
