//! Sums of many sets of affine points on vectors.
//!
//! A set is cut into pieces, and a piece is summed in its own lane: in round `r` the `r`-th point of every
//! piece is added to the piece's sum. All additions of a round share one inversion; the sums never leave
//! the vectors they are in, and a point is fetched once. The pieces are sorted by length, so the lanes
//! still at work are always the first. The sums of sets of several pieces are points to be summed in
//! the same way.
//!
//! With `d = x_P - x_Q`, the slope `l = (y_P - y_Q) / d` and `x = l^2 + d - 2 x_P`, the second pass of a
//! round needs of the point `Q` only `y_Q`: five multiplications, a square, and each coordinate fetched
//! once.

use super::bucket::{Entry, Summation};
use super::tree::{Special, prefetch};
use crate::curve::{Affine, Curve};
use crate::field::Field;
use crate::field::arch::{self, CHAINS, Isa, Kernel, LANES, Mask, Sum, Vector, Vectors};

/// The points in a piece, at most.
const MAX_PIECE: usize = 64;

/// Bytes of sums: with as many of denominators and products, the points of this round and those of the
/// next this fills two thirds of a second-level cache of 1 MiB.
const CACHE_BYTES: usize = 160 << 10;

/// Points of a set up to which more pieces are made, so that a round has enough additions to share
/// its inversion.
const PIECES_WANTED: usize = 1024;

/// Vectors of coordinates.
type Coordinate<C, I> = <<C as Curve>::Base as Vectors>::On<I>;

/// The scratch memory of the rounds, used again for the next task.
pub(super) struct Rounds<C: Curve, I: Isa> {
    isa: I,
    pieces: Pieces,
    /// The entry of each piece that is added in this round, and in the next.
    current: Vec<Entry>,
    next: Vec<Entry>,
    /// The sum of each piece, below 2.
    sums: Vec<[Coordinate<C, I>; 2]>,
    /// The sums that are infinity.
    infinite: Vec<Mask>,
    denominators: Vec<Coordinate<C, I>>,
    /// Products of the denominators before, in the same chain.
    products: Vec<Coordinate<C, I>>,
    special: Vec<SpecialVector<C>>,
}

/// The pieces of all sets, the longest first.
#[derive(Default)]
struct Pieces {
    /// Where each begins.
    starts: Vec<u32>,
    /// Where its sum goes.
    targets: Vec<Target>,
    /// `longer[r]` pieces have more than `r` points.
    longer: Vec<usize>,
}

/// Where the sum of a piece goes.
#[derive(Clone, Copy)]
enum Target {
    /// It is the sum of this set.
    Set(u32),
    /// It is part of a set and goes to this place among the parts.
    Part(u32),
}

/// A vector of additions some of which are not along a chord.
struct SpecialVector<C: Curve> {
    vector: usize,
    /// Lanes that double a point, with the numerators of their tangents' slopes.
    tangents: Mask,
    numerators: [C::Base; LANES],
    /// Lanes with a sum that needs no slope.
    known: Mask,
    known_x: [C::Base; LANES],
    known_y: [C::Base; LANES],
    infinite: Mask,
}

impl<C: Curve, I: Isa> Rounds<C, I> {
    pub(super) fn new(isa: I) -> Self {
        Self {
            isa,
            pieces: Pieces::default(),
            current: Vec::new(),
            next: Vec::new(),
            sums: Vec::new(),
            infinite: Vec::new(),
            denominators: Vec::new(),
            products: Vec::new(),
            special: Vec::new(),
        }
    }
}

impl<C: Curve, I: Isa> Summation<C> for Rounds<C, I> {
    const PIECE: usize = MAX_PIECE;
    // A vector has 80 bytes for the 64 of an element.
    const CAPACITY: usize = CACHE_BYTES / size_of::<Affine<C>>() / 5 * 4;

    fn sum(
        &mut self,
        bases: &[Affine<C>],
        entries: &[Entry],
        offsets: &[usize],
        sums: &mut [Affine<C>],
    ) {
        let isa = self.isa;
        let mut sets: Vec<Set> = (0..)
            .zip(offsets.windows(2))
            .map(|(target, bounds)| Set {
                start: (bounds[0] - offsets[0]) as u32,
                len: (bounds[1] - bounds[0]) as u32,
                target,
            })
            .collect();
        let mut parts = Vec::new();
        let mut part_entries = Vec::new();
        for set in sets.iter().filter(|set| set.len == 0) {
            sums[set.target as usize] = Affine::INFINITY;
        }
        sets.retain(|set| set.len > 0);
        while !sets.is_empty() {
            let (next_sets, part_count) = self.pieces.cut(&sets);
            let mut next_parts = vec![Affine::INFINITY; part_count];
            let (bases, entries) = if parts.is_empty() {
                (bases, entries)
            } else {
                (&parts[..], &part_entries[..])
            };
            isa.run(Task {
                rounds: self,
                bases,
                entries,
                sums,
                parts: &mut next_parts,
            });
            // Of the parts some may be infinity.
            let mut next_entries = Vec::with_capacity(part_count);
            sets = next_sets;
            for set in &mut sets {
                let parts = set.start..set.start + set.len;
                set.start = next_entries.len() as u32;
                let finite = parts.filter(|&part| !next_parts[part as usize].is_infinity());
                next_entries.extend(finite.map(|part| Entry::new(part, false)));
                set.len = next_entries.len() as u32 - set.start;
                sums[set.target as usize] = Affine::INFINITY;
            }
            sets.retain(|set| set.len > 0);
            parts = next_parts;
            part_entries = next_entries;
        }
    }
}

/// Entries to be summed, and the place of their sum.
struct Set {
    start: u32,
    len: u32,
    target: u32,
}

impl Pieces {
    /// Cuts sets that are not empty. Returns the sets of parts that are left to be summed, and the number
    /// of parts.
    fn cut(&mut self, sets: &[Set]) -> (Vec<Set>, usize) {
        let entries: usize = sets.iter().map(|set| set.len as usize).sum();
        let longest = (entries / PIECES_WANTED).clamp(4, MAX_PIECE) as u32;
        let pieces_of = |set: &Set| set.len.div_ceil(longest);
        // Of `len` points in `count` pieces of about the same length: where piece `i` begins.
        let bound = |set: &Set, i: u32, count: u32| {
            set.start + (u64::from(set.len) * u64::from(i) / u64::from(count)) as u32
        };
        let mut lengths = [0usize; MAX_PIECE + 1];
        for set in sets {
            let count = pieces_of(set);
            for i in 0..count {
                let len = bound(set, i + 1, count) - bound(set, i, count);
                lengths[len as usize] += 1;
            }
        }
        // places[len]: where the pieces of this length begin, the longest first.
        let mut places = [0usize; MAX_PIECE + 2];
        for len in (0..=MAX_PIECE).rev() {
            places[len] = places[len + 1] + lengths[len];
        }
        self.longer.clear();
        self.longer.extend_from_slice(&places[1..]);
        let total = places[0];
        self.starts.clear();
        self.starts.resize(total, 0);
        self.targets.clear();
        self.targets.resize(total, Target::Set(0));
        let mut left = Vec::new();
        let mut parts = 0;
        let mut next: [usize; MAX_PIECE + 1] = core::array::from_fn(|len| places[len + 1]);
        for set in sets {
            let count = pieces_of(set);
            for i in 0..count {
                let start = bound(set, i, count);
                let place = &mut next[(bound(set, i + 1, count) - start) as usize];
                self.starts[*place] = start;
                self.targets[*place] = if count == 1 {
                    Target::Set(set.target)
                } else {
                    Target::Part(parts + i)
                };
                *place += 1;
            }
            if count > 1 {
                left.push(Set {
                    start: parts,
                    len: count,
                    target: set.target,
                });
                parts += count;
            }
        }
        (left, parts as usize)
    }
}

/// The rounds over the pieces of a task, which have been cut.
struct Task<'a, C: Curve, I: Isa> {
    rounds: &'a mut Rounds<C, I>,
    bases: &'a [Affine<C>],
    entries: &'a [Entry],
    sums: &'a mut [Affine<C>],
    parts: &'a mut [Affine<C>],
}

impl<C: Curve, I: Isa> Kernel<I> for Task<'_, C, I> {
    type Output = ();

    #[inline(always)]
    fn run(mut self, isa: I) {
        self.begin(isa);
        for round in 1..MAX_PIECE {
            let count = self.rounds.pieces.longer[round];
            if count == 0 {
                break;
            }
            core::mem::swap(&mut self.rounds.current, &mut self.rounds.next);
            let inverses = self.denominators(isa, count);
            self.additions(isa, round, count, inverses);
        }
        self.finish();
    }
}

impl<'a, C: Curve, I: Isa> Task<'a, C, I> {
    /// Makes the sums the first points of the pieces, and asks for the second.
    #[inline(always)]
    fn begin(&mut self, isa: I) {
        let rounds = &mut *self.rounds;
        let pieces = rounds.pieces.starts.len();
        let vectors = pieces.div_ceil(LANES);
        let zero = Coordinate::<C, I>::splat(isa, C::Base::ZERO);
        rounds.current.clear();
        rounds.current.resize(vectors * LANES, Entry::default());
        rounds.next.clear();
        rounds.next.resize(vectors * LANES, Entry::default());
        rounds.sums.clear();
        rounds.infinite.clear();
        rounds.infinite.resize(vectors, 0);
        if rounds.products.len() < vectors {
            rounds.denominators.resize(vectors, zero);
            rounds.products.resize(vectors, zero);
        }
        for vector in 0..vectors {
            self.fetch(0, vector);
        }
        core::mem::swap(&mut self.rounds.current, &mut self.rounds.next);
        for vector in 0..vectors {
            let (bases, negative) = self.points(vector);
            let x = Coordinate::<C, I>::load(isa, bases.map(|base| &base.x));
            let y = Coordinate::<C, I>::load(isa, bases.map(|base| &base.y)).sum();
            let y = y.or_where(negative, y.negate(16));
            self.rounds.sums.push([x.sum().reduce(), y.reduce()]);
            self.fetch(1, vector);
        }
    }

    /// Looks up the entries of a vector of pieces for a round, and asks for their points.
    #[inline(always)]
    fn fetch(&mut self, round: usize, vector: usize) {
        let pieces = &self.rounds.pieces;
        let lanes = vector * LANES..pieces.longer[round].min((vector + 1) * LANES);
        // Lanes that are not at work keep an entry of theirs, or the first.
        for lane in lanes {
            let entry = self.entries[pieces.starts[lane] as usize + round];
            prefetch(&self.bases[entry.index() as usize]);
            self.rounds.next[lane] = entry;
        }
    }

    /// The points of this round, and which of them are to be subtracted.
    #[inline(always)]
    fn points(&self, vector: usize) -> ([&'a Affine<C>; LANES], Mask) {
        let all = self.bases;
        let entries = &self.rounds.current[vector * LANES..(vector + 1) * LANES];
        let bases = core::array::from_fn(|lane| &all[entries[lane].index() as usize]);
        let sign = |lane: usize| Mask::from(entries[lane].is_negative()) << lane;
        (bases, (0..LANES).fold(0, |mask, lane| mask | sign(lane)))
    }

    /// The first pass of a round over `count` pieces. Returns the inverse of each chain's product.
    #[inline(always)]
    fn denominators(&mut self, isa: I, count: usize) -> [Coordinate<C, I>; CHAINS] {
        let one = Coordinate::<C, I>::splat(isa, C::Base::ONE);
        let mut chains = [one; CHAINS];
        self.rounds.special.clear();
        for vector in 0..count.div_ceil(LANES) {
            let (bases, negative) = self.points(vector);
            let q = Coordinate::<C, I>::load(isa, bases.map(|base| &base.x));
            let [x, _] = self.rounds.sums[vector];
            let active = active(count, vector);
            let difference = x.sum().minus(q.sum(), 16).tight();
            let mut denominator = one.or_where(active, difference);
            let suspects = denominator.maybe_zero() | self.rounds.infinite[vector] & active;
            if suspects != 0 {
                let denominators = self.special(vector, suspects, bases, negative, denominator);
                denominator =
                    Coordinate::<C, I>::load(isa, core::array::from_fn(|l| &denominators[l]));
            }
            let rounds = &mut *self.rounds;
            rounds.denominators[vector] = denominator;
            rounds.products[vector] = chains[vector % CHAINS];
            chains[vector % CHAINS] = chains[vector % CHAINS].mul(denominator);
        }
        arch::inverses(chains)
    }

    /// Finds the lanes among `suspects` that are not along a chord, and remembers them. Returns the
    /// vector's denominators.
    #[inline(always)]
    fn special(
        &mut self,
        vector: usize,
        suspects: Mask,
        bases: [&Affine<C>; LANES],
        negative: Mask,
        denominator: Coordinate<C, I>,
    ) -> [C::Base; LANES] {
        let rounds = &mut *self.rounds;
        let [x, y] = rounds.sums[vector];
        let (x, y) = (x.store(), y.store());
        let mut denominators = denominator.store();
        let mut special = SpecialVector {
            vector,
            tangents: 0,
            numerators: [C::Base::ZERO; LANES],
            known: 0,
            known_x: [C::Base::ZERO; LANES],
            known_y: [C::Base::ZERO; LANES],
            infinite: 0,
        };
        for lane in (0..LANES).filter(|lane| suspects >> lane & 1 == 1) {
            let p = Affine {
                x: x[lane],
                y: y[lane],
            };
            let q = *bases[lane];
            let q = if negative >> lane & 1 == 1 { -q } else { q };
            match Special::of(&p, &q) {
                Special::Chord => {}
                Special::Tangent => {
                    special.tangents |= 1 << lane;
                    denominators[lane] = p.y.double();
                    let x_squared = p.x.square();
                    special.numerators[lane] = x_squared.double() + x_squared;
                }
                Special::Known(sum) => {
                    special.known |= 1 << lane;
                    denominators[lane] = C::Base::ONE;
                    special.known_x[lane] = sum.x;
                    special.known_y[lane] = sum.y;
                    special.infinite |= Mask::from(sum.is_infinity()) << lane;
                }
            }
        }
        if special.tangents | special.known != 0 {
            rounds.special.push(special);
        }
        denominators
    }

    /// The second pass of a round, backwards; asks for the points of the next.
    #[inline(always)]
    fn additions(
        &mut self,
        isa: I,
        round: usize,
        count: usize,
        mut inverses: [Coordinate<C, I>; CHAINS],
    ) {
        for vector in (0..count.div_ceil(LANES)).rev() {
            self.fetch(round + 1, vector);
            let (bases, negative) = self.points(vector);
            let rounds = &mut *self.rounds;
            let denominator = rounds.denominators[vector];
            let inverse = inverses[vector % CHAINS].mul(rounds.products[vector]);
            inverses[vector % CHAINS] = inverses[vector % CHAINS].mul(denominator);
            let [x, y] = rounds.sums[vector];
            let q = Coordinate::<C, I>::load(isa, bases.map(|base| &base.y)).sum();
            let minus_q = q.negate(16).or_where(negative, q);
            let mut numerator = y.sum().plus(minus_q).tight();
            let mut distance = denominator;
            let special = rounds.special.pop_if(|special| special.vector == vector);
            if let Some(special) = &special {
                let tangents = load::<C, I>(isa, &special.numerators);
                numerator = numerator.or_where(special.tangents, tangents);
                let zero = Coordinate::<C, I>::splat(isa, C::Base::ZERO);
                distance = distance.or_where(special.tangents, zero);
            }
            let slope = inverse.mul(numerator);
            let sum_x = slope.square_sum().plus(distance.sum());
            let sum_x = sum_x.minus(x.sum().plus(x.sum()), 4).reduce();
            let fall = x.sum().minus(sum_x.sum(), 2).tight();
            let sum_y = slope.mul_sum(fall).minus(y.sum(), 2).reduce();
            let mut sum = [sum_x, sum_y];
            if let Some(special) = &special {
                let known_x = load::<C, I>(isa, &special.known_x).sum().reduce();
                let known_y = load::<C, I>(isa, &special.known_y).sum().reduce();
                sum[0] = sum[0].or_where(special.known, known_x);
                sum[1] = sum[1].or_where(special.known, known_y);
                rounds.infinite[vector] &= !special.known;
                rounds.infinite[vector] |= special.infinite;
            }
            let active = active(count, vector);
            if active != Mask::MAX {
                sum = [x.or_where(active, sum[0]), y.or_where(active, sum[1])];
            }
            rounds.sums[vector] = sum;
        }
    }

    /// Writes the sums to where they go.
    #[inline(always)]
    fn finish(&mut self) {
        let pieces = &self.rounds.pieces;
        for (sum, targets) in self.rounds.sums.iter().zip(pieces.targets.chunks(LANES)) {
            let (x, y) = (sum[0].store(), sum[1].store());
            for (lane, &target) in targets.iter().enumerate() {
                let place = match target {
                    Target::Set(set) => &mut self.sums[set as usize],
                    Target::Part(part) => &mut self.parts[part as usize],
                };
                *place = Affine {
                    x: x[lane],
                    y: y[lane],
                };
            }
        }
    }
}

/// The lanes of a vector that are below `count`.
#[inline(always)]
fn active(count: usize, vector: usize) -> Mask {
    match count - vector * LANES {
        left @ 0..LANES => (1 << left) - 1,
        _ => Mask::MAX,
    }
}

#[inline(always)]
fn load<C: Curve, I: Isa>(isa: I, elements: &[C::Base; LANES]) -> Coordinate<C, I> {
    Coordinate::<C, I>::load(isa, core::array::from_fn(|lane| &elements[lane]))
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;
    use crate::curve::{G1, G2, Xyzz, batch_to_affine};
    use crate::field::Fr;
    use crate::field::arch::{Cpu, on_cpu};

    /// Multiples of the generator by 1, 2, ...: equal and opposite sums meet all the time.
    fn progression<C: Curve<Scalar = Fr>>(n: usize) -> Vec<Affine<C>> {
        let mut point = Xyzz::<C>::INFINITY;
        let points: Vec<_> = (0..n)
            .map(|_| {
                point = point.add_affine(&C::GENERATOR);
                point
            })
            .collect();
        batch_to_affine(&points)
    }

    fn check<C: Curve<Scalar = Fr>, I: Isa>(isa: I) {
        let bases = progression::<C>(97);
        let lengths = [
            0, 1, 2, 3, 0, 4, 5, 8, 63, 64, 65, 129, 0, 300, 2, 1, 0, 1000,
        ];
        let mut offsets = vec![5usize];
        for length in lengths {
            offsets.push(offsets.last().unwrap() + length);
        }
        let n = offsets.last().unwrap() - 5;
        let signs = [
            |_: usize| false,
            |i: usize| i.is_multiple_of(2),
            |i: usize| i % 7 < 3,
        ];
        for (step, negative) in [(0, signs[0]), (0, signs[1]), (1, signs[0]), (31, signs[2])] {
            let entries: Vec<Entry> = (0..n)
                .map(|i| Entry::new((i * step % bases.len()) as u32, negative(i)))
                .collect();
            let mut expected = vec![C::GENERATOR; lengths.len()];
            Tree::new().sum(&bases, &entries, &offsets, &mut expected);
            let mut sums = vec![C::GENERATOR; lengths.len()];
            let mut rounds = Rounds::new(isa);
            // Twice, with the scratch memory of the first time.
            for _ in 0..2 {
                rounds.sum(&bases, &entries, &offsets, &mut sums);
                assert_eq!(sums, expected, "step {step}");
            }
        }
    }

    #[test]
    fn every_instruction_set_agrees_with_the_tree() {
        for cpu in Cpu::all() {
            on_cpu!(cpu, isa => check::<G1, _>(isa));
            on_cpu!(cpu, isa => check::<G2, _>(isa));
        }
    }
}
