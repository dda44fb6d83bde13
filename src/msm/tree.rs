//! Sums of many small sets of affine points at once.
//!
//! Each set is summed by a binary tree: neighbours are added in pairs, the sums again, until one
//! point is left. All additions of one level, over all sets, share one field inversion by
//! Montgomery's trick, so that an addition costs five multiplications and a squaring. No addition of
//! a level depends on another, which is what vector units and GPUs want as well.

use super::bucket::{Entry, Summation};
use crate::curve::{Affine, Curve};
use crate::field::Field;

/// Bytes of points in one tree: with their sums and the products half a MiB, half of a second-level
/// cache of 1 MiB. Twice as much was 2 % slower for 2^20 bases.
const CACHE_BYTES: usize = 1 << 18;

/// How far ahead bases are asked for: they lie anywhere in memory.
const PREFETCH_DISTANCE: usize = 32;

/// The scratch memory of a tree, used again for the next.
pub(super) struct Tree<C: Curve> {
    /// The points of the level being summed; its sums take their place.
    points: Vec<Affine<C>>,
    /// Products of denominators.
    products: Vec<C::Base>,
    /// Points left in each set.
    counts: Vec<u32>,
}

impl<C: Curve> Tree<C> {
    pub(super) fn new() -> Self {
        Self {
            points: Vec::new(),
            products: Vec::new(),
            counts: Vec::new(),
        }
    }
}

impl<C: Curve> Summation<C> for Tree<C> {
    const PIECE: usize = 1;
    const CAPACITY: usize = CACHE_BYTES / size_of::<Affine<C>>();

    fn sum(
        &mut self,
        bases: &[Affine<C>],
        entries: &[Entry],
        offsets: &[usize],
        sums: &mut [Affine<C>],
    ) {
        self.counts.clear();
        self.counts.extend(
            offsets
                .windows(2)
                .map(|bounds| (bounds[1] - bounds[0]) as u32),
        );
        let pairs: usize = self.counts.iter().map(|&count| count as usize / 2).sum();
        self.products
            .resize(self.products.len().max(pairs), C::Base::ZERO);
        let load = |i: usize| {
            let entry = entries[i];
            let base = bases[entry.index() as usize];
            if entry.is_negative() { -base } else { base }
        };
        let products = &mut self.products[..];
        let load_x = |i: usize| {
            if let Some(ahead) = i.checked_sub(PREFETCH_DISTANCE) {
                prefetch(&bases[entries[ahead].index() as usize]);
            }
            bases[entries[i].index() as usize].x
        };
        let inverse = denominators::<C>(&self.counts, products, load_x, load);
        self.points.clear();
        let points = &mut self.points;
        additions::<C>(&self.counts, products, inverse, load, |_, sum| {
            points.push(sum)
        });
        halve(&mut self.counts);
        while self.counts.iter().any(|&count| count > 1) {
            let points = &mut self.points[..];
            let inverse = denominators::<C>(&self.counts, products, |i| points[i].x, |i| points[i]);
            // A sum is written no later than both its terms were read: output k <= input 2k.
            let cells = core::cell::Cell::from_mut(points).as_slice_of_cells();
            let load = |i: usize| cells[i].get();
            additions::<C>(&self.counts, products, inverse, load, |k, sum| {
                cells[k].set(sum)
            });
            halve(&mut self.counts);
        }
        let mut next = 0;
        for (sum, &count) in sums.iter_mut().zip(&self.counts) {
            *sum = if count == 0 {
                Affine::INFINITY
            } else {
                self.points[next]
            };
            next += count as usize;
        }
    }
}

/// The counts of the next level.
fn halve(counts: &mut [u32]) {
    for count in counts {
        *count = count.div_ceil(2);
    }
}

/// The first pass over a level, from the last pair to the first: `products[k]` becomes the product of
/// the denominators of all pairs behind pair `k`. Returns the inverse of the product of all.
#[inline(always)]
fn denominators<C: Curve>(
    counts: &[u32],
    products: &mut [C::Base],
    load_x: impl Fn(usize) -> C::Base,
    load: impl Fn(usize) -> Affine<C>,
) -> C::Base {
    let mut input: usize = counts.iter().map(|&count| count as usize).sum();
    let mut pair: usize = counts.iter().map(|&count| count as usize / 2).sum();
    let mut product = C::Base::ONE;
    for &count in counts.iter().rev() {
        input -= (count & 1) as usize;
        for _ in 0..count / 2 {
            input -= 2;
            pair -= 1;
            products[pair] = product;
            let (x, next_x) = (load_x(input), load_x(input + 1));
            product *= if is_plain::<C>(&x, &next_x) {
                next_x - x
            } else {
                special_denominator(&load(input), &load(input + 1))
            };
        }
    }
    product.inverse().expect("no denominator is zero")
}

/// The second pass, from the first pair to the last: hands the sums, and the points left without a
/// partner, to `store` with their index in the next level.
#[inline(always)]
fn additions<C: Curve>(
    counts: &[u32],
    products: &[C::Base],
    mut inverse: C::Base,
    load: impl Fn(usize) -> Affine<C>,
    mut store: impl FnMut(usize, Affine<C>),
) {
    let (mut input, mut output, mut pair) = (0, 0, 0);
    for &count in counts {
        for _ in 0..count / 2 {
            let (p, q) = (load(input), load(input + 1));
            let own = inverse * products[pair];
            if is_plain::<C>(&p.x, &q.x) {
                inverse *= q.x - p.x;
                store(output, along(&p, &q, (q.y - p.y) * own));
            } else {
                inverse *= special_denominator(&p, &q);
                store(output, special_sum(&p, &q, own));
            }
            input += 2;
            output += 1;
            pair += 1;
        }
        if count & 1 == 1 {
            store(output, load(input));
            input += 1;
            output += 1;
        }
    }
}

/// Whether the sum of two points is along their chord, as far as the first coordinates tell: they
/// differ, and neither is that of infinity.
#[inline(always)]
fn is_plain<C: Curve>(x: &C::Base, next_x: &C::Base) -> bool {
    x != next_x && !x.is_zero() && !next_x.is_zero()
}

/// What a sum that is not plain is to be divided by: 1 where it needs no slope.
#[cold]
fn special_denominator<C: Curve>(p: &Affine<C>, q: &Affine<C>) -> C::Base {
    match Special::of(p, q) {
        Special::Chord => q.x - p.x,
        Special::Tangent => p.y.double(),
        Special::Known(_) => C::Base::ONE,
    }
}

/// A sum that is not plain, given the inverse of its [`special_denominator`].
#[cold]
fn special_sum<C: Curve>(p: &Affine<C>, q: &Affine<C>, inverse: C::Base) -> Affine<C> {
    match Special::of(p, q) {
        Special::Chord => along(p, q, (q.y - p.y) * inverse),
        Special::Tangent => {
            let x_squared = p.x.square();
            along(p, q, (x_squared.double() + x_squared) * inverse)
        }
        Special::Known(sum) => sum,
    }
}

/// The cases of an addition.
pub(super) enum Special<C: Curve> {
    /// Two finite points with different `x`, one of which is 0. Such a point has order 3, so none is in
    /// a group of BN254.
    Chord,
    /// A point and itself. In a group of odd order its `y` is not 0.
    Tangent,
    /// A point and infinity, or a point and its opposite.
    Known(Affine<C>),
}

impl<C: Curve> Special<C> {
    pub(super) fn of(p: &Affine<C>, q: &Affine<C>) -> Self {
        if p.is_infinity() {
            Self::Known(*q)
        } else if q.is_infinity() {
            Self::Known(*p)
        } else if p.x != q.x {
            Self::Chord
        } else if p.y == q.y && !p.y.is_zero() {
            Self::Tangent
        } else {
            Self::Known(Affine::INFINITY)
        }
    }
}

/// The sum along the line of the given slope through `p` and `q`.
#[inline(always)]
fn along<C: Curve>(p: &Affine<C>, q: &Affine<C>, slope: C::Base) -> Affine<C> {
    let x = slope.square() - p.x - q.x;
    Affine {
        x,
        y: slope * (p.x - x) - p.y,
    }
}

/// Asks for the cache lines of a point.
#[inline(always)]
pub(super) fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start = core::ptr::from_ref(value).cast::<i8>();
        // The last byte too: a value that is not aligned to lines reaches into one line more.
        for byte in (0..size_of::<T>()).step_by(64).chain([size_of::<T>() - 1]) {
            // SAFETY: a prefetch may name any address; this one is inside `value`. SSE is part of
            // x86-64.
            unsafe { _mm_prefetch(start.wrapping_add(byte), _MM_HINT_T0) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
