//! Results on their way.

use core::marker::PhantomData;

use rayon::prelude::*;
use zkiln_cuda::{Buffer, Stream};

use super::sum::DeviceCurve;
use crate::curve::Xyzz;
use crate::{Error, Result};

/// A sum that a device works on. Dropped, it is forgotten, but what was queued runs to its end, and is waited
/// for if nobody else has the stream.
#[derive(Debug)]
#[must_use]
pub struct PendingSum<C>(pub(super) PendingSums<C>);

impl<C: DeviceCurve> PendingSum<C> {
    /// Waits for the sum.
    ///
    /// # Errors
    /// [`Error::Argument`] for a canonical scalar that is not below the order of the group; [`Error::Device`]: the
    /// first failure of what was queued on the stream.
    pub fn wait(self) -> Result<Xyzz<C>> {
        Ok(self.0.wait()?[0])
    }
}

/// Sums over the same bases that a device works on. Dropped, they are forgotten, but what was queued runs to its
/// end, and is waited for if nobody else has the stream.
#[derive(Debug)]
#[must_use]
pub struct PendingSums<C> {
    pub(super) vectors: usize,
    /// Points of each vector: those of its sets, one after the other, of weights 1, 2, 4, ... in each and from one
    /// to the next.
    pub(super) points: usize,
    /// The stream and the results, as words: the points of all vectors, then a word for the faults of each. None for
    /// MSMs without scalars.
    pub(super) queued: Option<(Stream, Buffer<u32>)>,
    pub(super) curve: PhantomData<C>,
}

impl<C: DeviceCurve> PendingSums<C> {
    /// Waits for the sums.
    ///
    /// # Errors
    /// As [`PendingSum::wait`].
    pub fn wait(self) -> Result<Vec<Xyzz<C>>> {
        let Some((stream, results)) = self.queued else {
            return Ok(vec![Xyzz::INFINITY; self.vectors]);
        };
        let words = stream.download(&results)?;
        let (points, faults) = words.split_at(words.len() - self.vectors);
        if let Some(vector) = faults.iter().position(|&fault| fault != 0) {
            let of_vector = if self.vectors == 1 {
                String::new()
            } else {
                format!(" of vector {vector}")
            };
            return Err(Error::Argument(format!(
                "scalar {}{of_vector} is not below the order of the group",
                !faults[vector]
            )));
        }
        let mut sums = vec![Xyzz::<C>::INFINITY; self.vectors * self.points];
        bytemuck::cast_slice_mut(&mut sums).copy_from_slice(points);
        Ok(sums
            .par_chunks(self.points)
            .map(|points| {
                points
                    .iter()
                    .rev()
                    .fold(Xyzz::INFINITY, |sum, &point| sum.double() + point)
            })
            .collect())
    }
}
