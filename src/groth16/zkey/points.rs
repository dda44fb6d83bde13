//! Sections of points.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use rayon::prelude::*;

use crate::curve::{Affine, Curve};
use crate::error::{Error, Fault, Result};
use crate::field::{Field, Fq, Int, PrimeField};
use crate::groth16::container::{Section, read_limbs};

/// Points in a task: checking one takes about 100 ns.
const MIN_TASK: usize = 512;

/// Whether a point may be at infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Infinity {
    /// The wire is in no constraint of the matrix.
    Legal,
    /// No honest setup has it there.
    Refused,
}

/// A section of points: a view of unaligned bytes, from which points are copied and checked.
///
/// Every point that is handed out is reduced and on its curve, and so in the group for G1. For G2 the
/// subgroup is **not** checked here: one random linear combination does it for all points at once.
#[derive(Clone, Copy)]
pub struct Points<'a, C> {
    section: Section<'a>,
    infinity: Infinity,
    curve: PhantomData<C>,
}

impl<'a, C: Curve> Points<'a, C> {
    const SIZE: usize = size_of::<Affine<C>>();

    /// The length of the section must be a multiple of a point's.
    pub(super) fn new(section: Section<'a>, infinity: Infinity) -> Self {
        Self {
            section,
            infinity,
            curve: PhantomData,
        }
    }

    /// The number of points.
    pub fn len(&self) -> usize {
        self.section.bytes.len() / Self::SIZE
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of the section.
    pub(in crate::groth16) fn bytes(&self) -> &'a [u8] {
        self.section.bytes
    }

    /// An error about this section.
    pub(in crate::groth16) fn error(&self, fault: Fault, reason: &str) -> Error {
        self.section.place.error(fault, reason)
    }

    /// One point.
    ///
    /// # Errors
    /// [`Error::Argument`] beyond the end; [`Error::Malformed`] if the point is not reduced, not on the
    /// curve, or infinity where that is refused.
    pub fn get(&self, index: usize) -> Result<Affine<C>> {
        let end = index.saturating_add(1);
        Ok(self.read(index..end)?[0])
    }

    /// All points, checked; parallel.
    ///
    /// # Errors
    /// [`Error::Malformed`] naming the first bad point: see [`Points::get`].
    pub fn read_all(&self) -> Result<Vec<Affine<C>>> {
        self.read(0..self.len())
    }

    /// All points as they are in the file, unchecked; parallel. For files whose points were checked
    /// before: with others, sums of them have no meaning, and what they tell of the witness has.
    pub fn read_all_trusted(&self) -> Vec<Affine<C>> {
        copy(self.section.bytes)
    }

    /// A range of the points, checked; parallel. To load a section that is larger than memory.
    ///
    /// # Errors
    /// [`Error::Argument`] if the range is not within the section; [`Error::Malformed`] naming the
    /// first bad point: see [`Points::get`].
    pub fn read(&self, range: Range<usize>) -> Result<Vec<Affine<C>>> {
        if range.start > range.end || range.end > self.len() {
            return Err(Error::Argument(format!(
                "points {range:?} of a section of {}",
                self.len()
            )));
        }
        let bytes = &self.section.bytes[range.start * Self::SIZE..range.end * Self::SIZE];
        let points: Vec<Affine<C>> = copy(bytes);
        let first_defect = points
            .par_iter()
            .with_min_len(MIN_TASK)
            .enumerate()
            .find_map_first(|(i, point)| Some((i, defect(point, self.infinity)?)));
        match first_defect {
            None => Ok(points),
            Some((i, (fault, reason))) => {
                let reason = format!("point {} {reason}", range.start + i);
                Err(self.section.place.error(fault, reason))
            }
        }
    }
}

/// The points in `bytes`, which need not be aligned.
fn copy<C: Curve>(bytes: &[u8]) -> Vec<Affine<C>> {
    let mut points = Vec::new();
    bytes
        .par_chunks_exact(size_of::<Affine<C>>())
        .with_min_len(MIN_TASK)
        .map(read_limbs::<Affine<C>>)
        .collect_into_vec(&mut points);
    points
}

/// What is wrong with a point, up to the subgroup: the class, and words that follow its name.
pub(super) fn defect<C: Curve>(point: &Affine<C>, infinity: Infinity) -> Option<(Fault, String)> {
    if !point.x.is_reduced() || !point.y.is_reduced() {
        let coordinates: Vec<Int<4>> = bytemuck::cast_slice(std::slice::from_ref(point)).to_vec();
        return Some((
            Fault::NotCanonical,
            format!(
                "has a coordinate that is not below q = {:?}; stored are {coordinates:?}",
                Fq::MODULUS
            ),
        ));
    }
    if point.is_infinity() {
        return (infinity == Infinity::Refused)
            .then(|| (Fault::Infinity, "is infinity, (0, 0)".to_owned()));
    }
    (!point.is_on_curve()).then(|| {
        let reason = format!("is not on the curve of {}: {point:?}", C::NAME);
        (Fault::NotOnCurve, reason)
    })
}

impl<C: Curve> fmt::Debug for Points<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} points of {}",
            self.section.place,
            self.len(),
            C::NAME
        )
    }
}
