//! The bases of an MSM, where it reads them from.

use zkiln_cuda::{Buffer, Stream};

use super::plan::{Job, Plan};
use super::sum::{DeviceCurve, multiply_by_power};
use crate::Result;
use crate::curve::Affine;

/// Points that are multiplied at once when a table is made.
const CHUNK: usize = 1 << 18;

/// The bases, without those at infinity.
#[derive(Debug)]
pub(super) enum Table<C: DeviceCurve> {
    /// On the device: for each part `t` of the plan all bases times `2^(width stride t)`.
    Resident(Buffer<u32>),
    /// On the host.
    Streamed(Vec<Affine<C>>),
}

impl<C: DeviceCurve> Table<C> {
    /// Bytes that making the table takes beside it.
    pub(super) fn scratch_bytes(plan: &Plan, job: &Job) -> u64 {
        if plan.parts > 1 {
            (job.bases.min(CHUNK) * job.point_words() * 4) as u64
        } else {
            0
        }
    }

    /// Makes the table, and waits for it.
    pub(super) fn new(
        stream: &Stream,
        plan: &Plan,
        job: &Job,
        bases: &[Affine<C>],
    ) -> Result<Self> {
        if !plan.is_resident {
            return Ok(Self::Streamed(bases.to_vec()));
        }
        let words = job.affine_words();
        let mut table = stream.alloc(plan.table_points(job) * words)?;
        let points = if bases.is_empty() {
            &[Affine::INFINITY]
        } else {
            bases
        };
        stream.write(
            table.slice_mut(..points.len() * words),
            bytemuck::cast_slice(points),
        )?;
        if plan.parts > 1 && !bases.is_empty() {
            let mut scratch = stream.alloc(bases.len().min(CHUNK) * job.point_words())?;
            let doublings = plan.width * plan.stride;
            for target in (bases.len()..plan.table_points(job)).step_by(bases.len()) {
                for first in (0..bases.len()).step_by(CHUNK) {
                    let count = CHUNK.min(bases.len() - first);
                    let target = target + first;
                    multiply_by_power::<C>(
                        stream,
                        &mut table,
                        target - bases.len(),
                        target,
                        count,
                        doublings,
                        &mut scratch,
                    )?;
                }
            }
        }
        stream.synchronize()?;
        Ok(Self::Resident(table))
    }
}
