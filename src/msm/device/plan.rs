//! How an MSM is cut up: the width of digits, the parts of the table, and what is worked on at once.
//!
//! The cost model counts multiplications `M` in the field of the coordinates. The device does `L` of
//! them at a time, one a worker (a lane, on G2 a pair of lanes) with one warp on every scheduler, and
//! that keeps the multipliers about busy: `s` of them one after the other cost as much time as `s L` do
//! side by side. With `n` points, `w` windows of `c` bits, `f` parts of the table and `g = ceil(w / f)`
//! sets of buckets a run takes
//!
//! | step | work | in a row, at least |
//! |---|---|---|
//! | digits and sort | `n w` times what 40 bytes to or from memory take | |
//! | segments | `10 n w` | 10 a segment's length |
//! | segments beyond the first | 14 each | 14 (a head's / 8 + 3), each round |
//! | rows and columns | `2 x 14 g 2^(c-1)` | 14 (a line's / workers + their log) |
//! | bits | `14 g` times half the lines and their log | 14 (half the lines / workers + their log) |
//! | each launch | | 20 |
//!
//! A launch costs about 3 us, in which a scheduler does 20 multiplications. Digits are uniform except in
//! the last window, which has fewer bits; its buckets are long, and make the segments beyond the first.

use super::recoding::{self, MAGNITUDE_BITS, MAX_WIDTH, MIN_WIDTH};
use super::shape::{CLASSES, FAN_IN, Indices, MAX_BINS, Shape};

/// A mixed addition, 8M + 2S.
const MIXED_ADDITION: f64 = 10.0;
/// An addition, 12M + 2S.
const ADDITION: f64 = 14.0;
/// Sorting an entry on G1: 40 bytes at 4 TB/s take as long as 0.6 M at 63 G M/s, and counting them in shared
/// memory four times as long again.
const SORT: f64 = 1.2;
/// Storing and loading a bucket, for another chunk.
const CARRY: f64 = 4.0;
/// A launch, in multiplications one after the other.
const LAUNCH: f64 = 20.0;
/// Launches of a pass.
const PASS_LAUNCHES: f64 = 10.0;

/// Below this many bits the buckets of a set are summed bit by bit at once; otherwise by rows and columns
/// first.
const MIN_FOLD_BITS: u32 = 9;

/// The shortest chunk that is worth a pass of its own.
const MIN_CHUNK: usize = 1 << 10;
/// The shortest chunk when copies from the host are to go along with the work.
const COPY_CHUNK: usize = 1 << 21;

/// The most sets of a launch: the second dimension of a grid.
const MAX_SETS: usize = 65_535;

/// What is to be done, and on what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// Scalars of a vector.
    pub(super) scalars: usize,
    /// Bases, without those at infinity.
    pub(super) bases: usize,
    /// Lanes that hold a point.
    pub(super) lanes: usize,
    pub(super) multiprocessors: usize,
    /// Whether scalars and bases are mapped to each other by indices.
    pub(super) has_slots: bool,
}

impl Job {
    /// Words of 32 bits in an affine point.
    pub(super) fn affine_words(&self) -> usize {
        16 * self.lanes
    }

    /// Words of 32 bits in a point in XYZZ coordinates.
    pub(super) fn point_words(&self) -> usize {
        32 * self.lanes
    }

    /// Workers of the device with one warp on every scheduler.
    pub(super) fn workers(&self) -> usize {
        self.multiprocessors * 128 / self.lanes
    }
}

/// The digits and the table: what is settled when the bases are prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Bits of a digit.
    pub(super) width: u32,
    /// Digits of a scalar.
    pub(super) windows: u32,
    /// Sets of buckets of a scalar: windows from one part of the table to the next.
    pub(super) stride: u32,
    /// Multiples of every base in the table: part `t` holds the bases times `2^(width stride t)`.
    pub(super) parts: u32,
    /// Whether the table stays on the device; otherwise the bases are copied there in each run.
    pub(super) is_resident: bool,
}

/// How a run is cut up. Everything is done for one group of vectors after the other; for these, chunk by
/// chunk; for a chunk, one group of windows after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passes {
    /// Vectors of scalars.
    pub(super) vectors: usize,
    /// Sets of a vector, all of them if there are several vectors.
    pub(super) sets: u32,
    /// Scalars of a chunk.
    pub(super) chunk: usize,
    /// Vectors in all.
    pub(super) total: usize,
}

impl Passes {
    /// Places for chunks that are copied from the host: two, if there are several chunks.
    pub(super) fn places(&self, job: &Job) -> usize {
        if self.chunk < job.scalars || self.vectors < self.total {
            2
        } else {
            1
        }
    }
}

/// Where the scalars of a run are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Host,
    Device,
}

/// The memory of a run, in words of 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) indices: usize,
    pub(super) buckets: usize,
    pub(super) partials: usize,
    pub(super) sums: usize,
    pub(super) results: usize,
    /// Copies of scalars and of bases, twice where there are several chunks.
    pub(super) scalars: usize,
    pub(super) bases: usize,
}

impl Memory {
    pub(super) fn bytes(&self) -> u64 {
        let words = self.indices
            + self.buckets
            + self.partials
            + self.sums
            + self.results
            + self.scalars
            + self.bases;
        4 * words as u64
    }
}

impl Plan {
    /// The plan with the least predicted cost of those that fit into `room` bytes, table included, with at
    /// most `max_parts` parts; `width` if it is given. If none fits, the one that takes the least memory.
    pub(super) fn choose(job: &Job, max_parts: u32, width: Option<u32>, room: u64) -> Self {
        let widths = width.map_or(MIN_WIDTH..=MAX_WIDTH, |width| width..=width);
        let plans = widths.flat_map(|width| {
            let windows = recoding::windows(width);
            (1..=max_parts.min(windows)).filter_map(move |parts| {
                let stride = windows.div_ceil(parts);
                // Fewer parts may do for the same number of sets.
                (windows.div_ceil(stride) == parts).then_some(Self {
                    width,
                    windows,
                    stride,
                    parts,
                    is_resident: true,
                })
            })
        });
        let plans: Vec<Self> = plans
            .filter(|plan| plan.table_points(job) < 1 << 31)
            .collect();
        let best = |plans: &mut dyn Iterator<Item = Self>| {
            let costs = plans.filter_map(|plan| {
                // Copies of scalars are to fit too.
                plan.passes(job, 1, Source::Host, room)?;
                let passes = plan.passes(job, 1, Source::Device, room)?;
                Some((plan.cost(job, &passes), plan))
            });
            costs.min_by(|(a, _), (b, _)| a.total_cmp(b))
        };
        let streamed = plans
            .iter()
            .filter(|plan| plan.parts == 1)
            .map(|&plan| Self {
                is_resident: false,
                ..plan
            });
        best(&mut plans.iter().copied())
            .or_else(|| best(&mut streamed.clone()))
            .map_or_else(
                || {
                    let least = |plan: &Self| plan.least_memory(job, 1, Source::Host).bytes();
                    streamed
                        .min_by_key(least)
                        .expect("every width has a plan with one part")
                },
                |(_, plan)| plan,
            )
    }

    /// Points of the table; one at least, for workers that do what others do.
    pub(super) fn table_points(&self, job: &Job) -> usize {
        (self.parts as usize * job.bases).max(1)
    }

    /// Bytes of what stays on the device: the table, and the bases' indices.
    pub(super) fn table_bytes(&self, job: &Job) -> u64 {
        let table = if self.is_resident {
            self.table_points(job) * job.affine_words()
        } else {
            0
        };
        let slots = if job.has_slots { job.scalars } else { 0 };
        4 * (table + slots) as u64
    }

    /// How to cut up a run over so many vectors, to take no more than `room` bytes with the table; `None` if
    /// nothing fits.
    pub(super) fn passes(
        &self,
        job: &Job,
        vectors: usize,
        source: Source,
        room: u64,
    ) -> Option<Passes> {
        let room = room.checked_sub(self.table_bytes(job))?;
        let fits = |passes: &Passes| {
            self.is_possible(job, passes) && self.memory(job, passes, source).bytes() <= room
        };
        let chunk = match source {
            Source::Device if self.is_resident => job.scalars,
            // The first of at least four chunks cannot be copied while others are worked on.
            _ => (job.scalars / 4).clamp(COPY_CHUNK, COPY_CHUNK.max(job.scalars)),
        };
        let chunk = chunk.min(job.scalars).max(1);
        let halves =
            |from: usize| core::iter::successors(Some(from), |&n| (n > 1).then_some(n / 2));
        let total = vectors;
        let several = halves(total).filter(|&n| n > 1).map(|vectors| Passes {
            vectors,
            sets: self.stride,
            chunk,
            total,
        });
        let chunks = core::iter::successors(Some(chunk), |&n| {
            (n > MIN_CHUNK).then(|| (n / 2).max(MIN_CHUNK))
        });
        let single = chunks.flat_map(|chunk| {
            let groups = 1..=self.stride;
            groups.map(move |groups| Passes {
                vectors: 1,
                sets: self.stride.div_ceil(groups),
                chunk,
                total,
            })
        });
        several.chain(single).find(fits)
    }

    /// The memory of the passes that take the least.
    pub(super) fn least_memory(&self, job: &Job, total: usize, source: Source) -> Memory {
        let passes = Passes {
            vectors: 1,
            sets: 1,
            chunk: job.scalars.clamp(1, MIN_CHUNK),
            total,
        };
        self.memory(job, &passes, source)
    }

    /// Whether all numbers fit into 32 bits, grids into their limits and counters into shared memory.
    fn is_possible(&self, job: &Job, passes: &Passes) -> bool {
        let Some(shape) = self.shape(job, passes) else {
            return false;
        };
        let limit = 1 << 31;
        (shape.count << shape.high_bits) <= MAX_BINS
            && passes.vectors * (self.stride as usize) <= MAX_SETS
            && shape.entries() < limit
            && (shape.buckets() + shape.extras()) * job.lanes < limit
    }

    /// The sizes of the largest pass; `None` if they are beyond 32 bits.
    pub(super) fn shape(&self, job: &Job, passes: &Passes) -> Option<Shape> {
        let capacity = u32::try_from(passes.chunk.checked_mul(self.parts as usize)?).ok()?;
        let (high_bits, low_bits) = Shape::split_bits(self.width, capacity);
        // Twice what a bucket has of uniform digits: few have more, and none of these is much longer.
        let mean = capacity >> (self.width - 1);
        let segment = (2 * mean).clamp(16, 1024);
        let class_shift = (0..)
            .find(|shift| segment >> shift < CLASSES)
            .expect("it is shifted to 0");
        Some(Shape {
            scalars: passes.chunk as u32,
            vector_stride: u32::try_from(job.scalars).ok()?,
            capacity,
            count: passes.sets,
            windows: self.windows,
            stride: self.stride,
            width: self.width,
            high_bits,
            low_bits,
            sets: u32::try_from(passes.vectors * passes.sets as usize).ok()?,
            segment,
            class_shift,
            bases: u32::try_from(job.bases).ok()?,
            ..Shape::default()
        })
    }

    /// Whether sets are summed by rows and columns, and then the bits of a column's number.
    pub(super) fn fold(&self) -> Option<u32> {
        let bits = self.width - 1;
        (bits >= MIN_FOLD_BITS).then_some(bits.div_ceil(2))
    }

    /// Rows and columns of a set, if there are any.
    pub(super) fn lines(&self) -> usize {
        self.fold()
            .map_or(0, |low| (1 << low) + (1 << (self.width - 1 - low)))
    }

    /// Words of the result of a vector: the points that remain of its sets, and the word for faults.
    pub(super) fn result_words(&self, job: &Job) -> usize {
        (self.stride * self.width) as usize * job.point_words() + 1
    }

    /// The memory of a run beside the table. Beyond any device, if the sizes are.
    pub(super) fn memory(&self, job: &Job, passes: &Passes, source: Source) -> Memory {
        let Some(shape) = self.shape(job, passes) else {
            return Memory {
                indices: usize::MAX / 8,
                ..Memory::default()
            };
        };
        let sets = passes.vectors * self.stride as usize;
        let copies = passes.places(job);
        Memory {
            indices: Indices::of(&shape).len,
            buckets: sets * shape.set_len() * job.point_words(),
            partials: shape.extras() * job.point_words(),
            sums: sets * self.lines() * job.point_words(),
            results: passes.total * self.result_words(job),
            scalars: match source {
                Source::Host => copies * passes.vectors * passes.chunk * 8,
                Source::Device => 0,
            },
            bases: if self.is_resident {
                0
            } else {
                copies * passes.chunk.min(job.bases).max(1) * job.affine_words()
            },
        }
    }

    /// The predicted cost of a run over one vector.
    fn cost(&self, job: &Job, passes: &Passes) -> f64 {
        let Some(shape) = self.shape(job, passes) else {
            return f64::INFINITY;
        };
        let wide = job.workers() as f64;
        let step = |work: f64, in_a_row: f64| work.max(in_a_row * wide) + LAUNCH * wide;
        let entries = job.bases as f64 * f64::from(self.windows);
        let buckets = f64::from(self.stride) * shape.set_len() as f64;
        let chunks = job.scalars.div_ceil(passes.chunk) as f64;
        let groups = f64::from(self.stride.div_ceil(passes.sets));
        let segment = f64::from(shape.segment);

        let sort = entries * SORT / job.lanes as f64;
        let launches = (chunks * groups - 1.0) * PASS_LAUNCHES * LAUNCH * wide;
        let carry = (chunks - 1.0) * buckets * CARRY;
        let mean = entries / chunks / buckets;
        // The last window: its bits below the sign, and how many buckets that makes.
        let last_bits = MAGNITUDE_BITS - self.width * (self.windows - 1);
        let last_mean = job.bases as f64 / chunks / (0.757 * f64::from(last_bits).exp2());
        let longest = segment.min(last_mean.max(4.0 * mean));
        let segments = step(entries * MIXED_ADDITION, longest * MIXED_ADDITION);
        let extras = (last_mean / segment).floor();
        let of_head = extras.min(f64::from(FAN_IN));
        let combine = step(
            chunks * job.bases as f64 / segment.max(last_mean) * extras * ADDITION,
            (of_head / 8.0 + 3.0) * ADDITION * f64::from(u8::from(extras > 0.0)),
        );

        let set_len = shape.set_len() as f64;
        let (fold, lines, of_bit) = match self.fold() {
            Some(low) => {
                let lines = self.lines() as f64 * f64::from(self.stride);
                let workers = f64::from(1 << self.fold_log_workers(job, 1));
                let in_a_row = f64::from(1 << low) / workers + workers.log2();
                let fold = step(2.0 * buckets * ADDITION, in_a_row * ADDITION);
                (fold, lines, f64::from(1 << (low - 1)))
            }
            None => (0.0, buckets, set_len / 2.0),
        };
        let log_workers = f64::from(self.bits_log_workers(job));
        let bits = step(
            lines * (f64::from(self.width) / 2.0) * ADDITION,
            (of_bit / log_workers.exp2() + log_workers) * ADDITION,
        );
        sort + launches + carry + segments + combine + fold + bits
    }

    /// The logarithm of the workers for one bit: they begin with two points each, but are no more than a warp.
    pub(super) fn bits_log_workers(&self, job: &Job) -> u32 {
        let half = self.fold().unwrap_or(self.width - 1) - 1;
        half.saturating_sub(1).min((32 / job.lanes).ilog2())
    }

    /// The logarithm of the workers for one row or column: enough for the device to be full, but no more
    /// than a warp, nor than a line has points.
    pub(super) fn fold_log_workers(&self, job: &Job, vectors: usize) -> u32 {
        let lines = (vectors * self.stride as usize * self.lines()).max(1);
        let wanted = (4 * job.workers() / lines).max(1).ilog2();
        let warp = (32 / job.lanes).ilog2();
        wanted.min(warp).min((self.width - 1) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H200: Job = Job {
        scalars: 0,
        bases: 0,
        lanes: 1,
        multiprocessors: 132,
        has_slots: false,
    };

    fn job(log: u32, lanes: usize) -> Job {
        Job {
            scalars: 1 << log,
            bases: 1 << log,
            lanes,
            ..H200
        }
    }

    #[test]
    fn widths_grow_with_the_count() {
        for lanes in [1, 2] {
            let plans: Vec<Plan> = (0..27)
                .map(|log| Plan::choose(&job(log, lanes), 1, None, 130 << 30))
                .collect();
            assert!(plans.iter().all(|plan| plan.is_resident));
            let widths: Vec<u32> = plans.iter().map(|plan| plan.width).collect();
            assert!(widths.windows(2).all(|w| w[0] <= w[1] + 2), "{widths:?}");
            assert!((12..=14).contains(&widths[16]), "{widths:?}");
            assert!((15..=17).contains(&widths[20]), "{widths:?}");
            assert!((17..=22).contains(&widths[24]), "{widths:?}");
        }
    }

    #[test]
    fn a_plan_fits_the_room_it_was_given() {
        for log in [0, 10, 20, 26] {
            for room in [1 << 20, 1 << 26, 1 << 30, 1 << 34, 1 << 37] {
                for max_parts in [1, 4, 16] {
                    let job = job(log, 1);
                    let plan = Plan::choose(&job, max_parts, None, room);
                    for vectors in [1, 3, 100] {
                        let Some(passes) = plan.passes(&job, vectors, Source::Host, room) else {
                            assert!(room <= 1 << 20, "2^{log} in {room}");
                            continue;
                        };
                        let bytes = plan.memory(&job, &passes, Source::Host).bytes();
                        assert!(plan.table_bytes(&job) + bytes <= room);
                        assert!(passes.vectors == 1 || passes.sets == plan.stride);
                    }
                }
            }
        }
    }

    #[test]
    fn a_table_is_used_where_it_pays() {
        let plan = Plan::choose(&job(22, 1), 16, None, 130 << 30);
        assert!(plan.parts > 1);
        assert_eq!(plan.stride, plan.windows.div_ceil(plan.parts));
        let tight = Plan::choose(&job(22, 1), 16, None, 2 << 30);
        assert!(tight.table_bytes(&job(22, 1)) < 2 << 30);
    }

    #[test]
    fn what_does_not_fit_is_streamed() {
        let job = job(22, 1);
        let plan = Plan::choose(&job, 4, None, 200 << 20);
        assert!(!plan.is_resident);
        assert!(plan.passes(&job, 1, Source::Host, 200 << 20).is_some());
    }
}
