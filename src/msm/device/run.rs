//! A run: passes over chunks of the scalars and groups of windows.

use core::ops::Range;

use bytemuck::Pod;
use zkiln_cuda::{Buffer, Event, Slice, Stream};

use super::plan::{Memory, Passes, Source};
use super::recoding::{Form, Recoding};
use super::shape::{Indices, Shape};
use super::sort::{Scalars, sort};
use super::sum::{DeviceCurve, reduce, sum_entries};
use super::table::Table;
use super::{DeviceMsm, NONE};
use crate::curve::Affine;
use crate::{Error, Result};

/// Vectors of scalars, each as long as the MSM.
pub(super) enum Input<'a, S> {
    Host(&'a [&'a [S]]),
    /// One after the other.
    Device(Slice<'a, S>, usize),
}

impl<S> Input<'_, S> {
    pub(super) fn vectors(&self) -> usize {
        match self {
            Self::Host(vectors) => vectors.len(),
            Self::Device(_, vectors) => *vectors,
        }
    }

    pub(super) fn source(&self) -> Source {
        match self {
            Self::Host(_) => Source::Host,
            Self::Device(..) => Source::Device,
        }
    }
}

/// Queues a run, and returns the words of its results: for each vector the points of its sets, then for each vector
/// its faults.
pub(super) fn enqueue<C: DeviceCurve, S: Pod>(
    msm: &DeviceMsm<C>,
    stream: &Stream,
    input: &Input<'_, S>,
    form: Form,
) -> Result<Buffer<u32>> {
    let passes = msm.passes(input.vectors(), input.source())?;
    let memory = msm.plan.memory(&msm.job, &passes, input.source());
    stream.device().check_room(memory.bytes())?;
    let mut run = Run::new(msm, stream, passes, &memory, form)?;
    for first_vector in (0..passes.total).step_by(passes.vectors) {
        let vectors = first_vector..passes.total.min(first_vector + passes.vectors);
        for first in (0..msm.job.scalars).step_by(passes.chunk) {
            let chunk = first..msm.job.scalars.min(first + passes.chunk);
            run.add_chunk(input, vectors.clone(), chunk)?;
        }
        run.finish(vectors)?;
    }
    Ok(run.results)
}

struct Run<'a, C: DeviceCurve, S> {
    msm: &'a DeviceMsm<C>,
    stream: &'a Stream,
    passes: Passes,
    form: Form,
    recoding: Recoding,
    feed: Feed<'a, S>,
    indices: Buffer<u32>,
    buckets: Buffer<u32>,
    partials: Buffer<u32>,
    lines: Buffer<u32>,
    results: Buffer<u32>,
}

/// Chunks that are copied from the host, in one place or in two that take turns.
struct Feed<'a, S> {
    copies: &'a Stream,
    scalars: Vec<Buffer<S>>,
    bases: Vec<Buffer<u32>>,
    /// When what lies in a place was worked on.
    done: Vec<Option<Event>>,
    /// The place of the next chunk.
    place: usize,
}

impl<'a, C: DeviceCurve, S: Pod> Run<'a, C, S> {
    fn new(
        msm: &'a DeviceMsm<C>,
        stream: &'a Stream,
        passes: Passes,
        memory: &Memory,
        form: Form,
    ) -> Result<Self> {
        let places = passes.places(&msm.job);
        let copies = if places > 1 { &msm.copies } else { stream };
        let scalars = memory.scalars * 4 / size_of::<S>() / places;
        let feed = Feed {
            copies,
            scalars: (0..places)
                .map(|_| Ok(stream.alloc(scalars)?.secret()))
                .collect::<Result<_>>()?,
            bases: (0..places)
                .map(|_| Ok(stream.alloc(memory.bases / places)?))
                .collect::<Result<_>>()?,
            done: (0..places).map(|_| None).collect(),
            place: 0,
        };
        let mut run = Self {
            msm,
            stream,
            passes,
            form,
            recoding: Recoding::new(msm.plan.width),
            feed,
            // Digits are as secret as the scalars, and sums of the bases of equal digits tell digits.
            indices: stream.alloc(memory.indices)?.secret(),
            buckets: stream.alloc(memory.buckets)?.secret(),
            partials: stream.alloc(memory.partials)?.secret(),
            lines: stream.alloc(memory.sums)?.secret(),
            results: stream.alloc(memory.results)?,
        };
        let faults = run.results.len() - passes.total..;
        stream.zero(run.results.slice_mut(faults))?;
        // What was allocated here is there for the copies too, which need not wait for any kernel.
        run.feed
            .scalars
            .iter()
            .try_for_each(|place| place.share(copies))?;
        run.feed
            .bases
            .iter()
            .try_for_each(|place| place.share(copies))?;
        Ok(run)
    }

    /// Adds a chunk of the scalars to the buckets.
    fn add_chunk(
        &mut self,
        input: &Input<'_, S>,
        vectors: Range<usize>,
        chunk: Range<usize>,
    ) -> Result<()> {
        let (msm, passes) = (self.msm, self.passes);
        let place = self.feed.place;
        self.feed.place = (place + 1) % self.feed.done.len();
        if let Some(done) = self.feed.done[place].take() {
            self.feed.copies.wait(&done)?;
        }
        let first_base = msm.first_base(chunk.start);
        let bases = first_base..msm.first_base(chunk.end);
        // What is read, and scalars from one vector to the next.
        let (scalars, vector_stride) = match input {
            Input::Host(all) => {
                let values = &mut self.feed.scalars[place];
                for (i, vector) in all[vectors.clone()].iter().enumerate() {
                    let first = i * passes.chunk;
                    let values = values.slice_mut(first..first + chunk.len());
                    self.feed.copies.write(values, &vector[chunk.clone()])?;
                }
                (values.as_slice(), passes.chunk)
            }
            Input::Device(all, _) => {
                let first = vectors.start * msm.job.scalars + chunk.start;
                (all.slice(first..), msm.job.scalars)
            }
        };
        let table = match &msm.table {
            Table::Resident(table) => table.as_slice(),
            Table::Streamed(all) => {
                let points = if bases.is_empty() {
                    &[Affine::INFINITY]
                } else {
                    &all[bases.clone()]
                };
                let words: &[u32] = bytemuck::cast_slice(points);
                let copy = &mut self.feed.bases[place];
                self.feed
                    .copies
                    .write(copy.slice_mut(..words.len()), words)?;
                copy.as_slice()
            }
        };
        self.stream.after(self.feed.copies)?;

        let slots = msm.slots.as_ref().map(|slots| slots.slice(chunk.clone()));
        let scalars = Scalars {
            values: scalars,
            form: self.form,
            slots,
        };
        let whole = msm.plan.shape(&msm.job, &passes);
        let whole = Shape {
            scalars: chunk.len() as u32,
            first_scalar: chunk.start as u32,
            vector_stride: vector_stride as u32,
            capacity: chunk.len() as u32 * msm.plan.parts,
            ..whole.expect("the passes were found to be possible")
        };
        let (bases, first_base) = if msm.plan.is_resident {
            (msm.job.bases, 0)
        } else {
            (bases.len(), first_base)
        };
        for first in (0..msm.plan.stride).step_by(passes.sets as usize) {
            let count = passes.sets.min(msm.plan.stride - first);
            let shape = Shape {
                first,
                count,
                sets: vectors.len() as u32 * count,
                bases: bases as u32,
                first_base: first_base as u32,
                ..whole
            };
            let parts = Indices::of(&shape);
            let faults = self.results.len() - passes.total;
            let faults = faults + vectors.start..faults + vectors.end;
            sort(
                self.stream,
                &shape,
                &self.recoding,
                &scalars,
                &mut self.indices,
                &parts,
                self.results.slice_mut(faults),
            )?;
            let buckets = first as usize * shape.set_len() * msm.job.point_words();
            sum_entries::<C, _>(
                self.stream,
                &shape,
                table,
                &self.indices,
                &parts,
                self.buckets.slice_mut(buckets..),
                &mut self.partials,
                chunk.start > 0,
            )?;
        }
        self.feed.done[place] = Some(self.stream.record()?);
        Ok(())
    }

    /// Makes of the buckets the results of some vectors.
    fn finish(&mut self, vectors: Range<usize>) -> Result<()> {
        let words = self.msm.plan.result_words(&self.msm.job) - 1;
        reduce::<C>(
            self.stream,
            &self.msm.plan,
            &self.msm.job,
            vectors.len() * self.msm.plan.stride as usize,
            &self.buckets,
            &mut self.lines,
            self.results
                .slice_mut(vectors.start * words..vectors.end * words),
        )
    }
}

impl<C: DeviceCurve> DeviceMsm<C> {
    /// How a run is cut up, given what memory is left.
    pub(super) fn passes(&self, vectors: usize, source: Source) -> Result<Passes> {
        let memory = self.device().memory();
        let own = self.plan.table_bytes(&self.job);
        let left = memory.budget.saturating_sub(memory.live);
        let room = self.room.min(left.saturating_add(own));
        self.plan
            .passes(&self.job, vectors, source, room)
            .ok_or_else(|| {
                let least = self.plan.least_memory(&self.job, vectors, source).bytes();
                Error::Device(zkiln_cuda::Error::OutOfMemory {
                    asked: least,
                    live: own,
                    budget: room,
                })
            })
    }

    /// The index, among those that are not at infinity, of the first base that belongs to this scalar or a later one.
    fn first_base(&self, scalar: usize) -> usize {
        match &self.host_slots {
            None => scalar.min(self.job.bases),
            Some(slots) => slots[scalar..]
                .iter()
                .find(|&&slot| slot != NONE)
                .map_or(self.job.bases, |&slot| slot as usize),
        }
    }
}
