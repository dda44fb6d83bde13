//! Rows of a sparse matrix in groups of eight, for products on the vectors of the processor.
//! The format is that of sliced ELLPACK with sorted rows (Kreutzer and others, "A unified sparse matrix data
//! format for efficient general sparse matrix-vector multiplication", 2014), with the kind of each step.
//!
//! The rows of circuits are short, of one to five entries, and most entries are 1 or -1. One row after the other,
//! most of the time goes into finding out what comes next, not into sums and products. So the rows of a block are
//! sorted by what is to be done for them, and eight neighbours in this order are a group, whose entries are taken
//! in steps of one entry of each row. The groups say it all in advance: a product only follows them.

use super::{Entry, MINUS_ONE};
use crate::field::arch::{Isa, Kernel, LANES, Mask, PrimeVector, Sum, Vector};
use crate::field::{Lazy, PrimeField};
use crate::memory::prefetch;

/// Rows that are sorted together, and done by one task. Their places fit a byte.
pub(super) const BLOCK: usize = 256;

/// Longer rows are cut into pieces of so many entries. The steps of a group are at most twice as many, of
/// products and of ones: their terms are each below 2, and a sum must be below 64.
const PIECE: usize = 15;

/// So many steps before its use an element of the vector is asked for.
const AHEAD: usize = 8;

/// The groups of a block of rows.
#[derive(Clone, Debug)]
pub(super) struct Block {
    groups: Vec<Group>,
    /// Those of the first group, then those of the next.
    steps: Vec<Step>,
    /// Of each step.
    columns: Vec<[u32; LANES]>,
    /// The places of the values, of each step that multiplies.
    values: Vec<[u32; LANES]>,
}

/// Eight rows, or pieces of rows.
#[derive(Clone, Debug)]
struct Group {
    /// The places of the rows in the block; there may be fewer in the last group.
    places: [u8; LANES],
    len: u8,
    steps: u8,
    /// Whether the sums are added to what is there already: if there are pieces.
    adds: bool,
}

/// One entry of each row of a group.
#[derive(Clone, Debug)]
struct Step {
    /// The rows that have one.
    live: Mask,
    /// Where it is -1.
    negative: Mask,
    /// Whether the values are other than 1 and -1.
    multiplies: bool,
}

/// A row, or a piece of one.
struct Piece<'a> {
    place: u8,
    is_whole: bool,
    products: &'a [Entry],
    units: &'a [Entry],
}

impl Block {
    /// Of the rows with these offsets, and the end of the last. Linear.
    pub(super) fn new(offsets: &[u32], entries: &[Entry]) -> Self {
        let range = offsets[0] as usize..offsets[offsets.len() - 1] as usize;
        let mut sorted = entries[range].to_vec();
        let mut rest = &mut sorted[..];
        let mut pieces = Vec::with_capacity(BLOCK);
        for (place, ends) in offsets.windows(2).enumerate() {
            let row;
            (row, rest) = rest.split_at_mut((ends[1] - ends[0]) as usize);
            row.sort_by_key(Entry::is_unit);
            let is_whole = row.len() <= PIECE;
            pieces.extend(row.chunks(PIECE).map(|piece| {
                let (products, units) =
                    piece.split_at(piece.partition_point(|entry| !entry.is_unit()));
                Piece {
                    place: place as u8,
                    is_whole,
                    products,
                    units,
                }
            }));
        }
        pieces.sort_by_key(|piece| (piece.products.len(), piece.units.len()));
        let mut block = Self {
            groups: Vec::with_capacity(pieces.len().div_ceil(LANES)),
            steps: Vec::new(),
            columns: Vec::new(),
            values: Vec::new(),
        };
        for pieces in pieces.chunks(LANES) {
            block.push(pieces);
        }
        block.steps.shrink_to_fit();
        block.columns.shrink_to_fit();
        block.values.shrink_to_fit();
        block
    }

    /// One group more.
    fn push(&mut self, pieces: &[Piece<'_>]) {
        let mut places = [0; LANES];
        for (place, piece) in places.iter_mut().zip(pieces) {
            *place = piece.place;
        }
        let begin = self.steps.len();
        for step in 0..pieces
            .iter()
            .map(|piece| piece.products.len())
            .max()
            .unwrap_or(0)
        {
            self.push_step(pieces.iter().map(|piece| piece.products.get(step)));
        }
        for step in 0..pieces
            .iter()
            .map(|piece| piece.units.len())
            .max()
            .unwrap_or(0)
        {
            self.push_step(pieces.iter().map(|piece| piece.units.get(step)));
        }
        self.groups.push(Group {
            places,
            len: pieces.len() as u8,
            steps: (self.steps.len() - begin) as u8,
            adds: pieces.iter().any(|piece| !piece.is_whole),
        });
    }

    fn push_step<'a>(&mut self, entries: impl Iterator<Item = Option<&'a Entry>> + Clone) {
        // A lane without an entry reads what another reads.
        let any = entries
            .clone()
            .flatten()
            .next()
            .expect("a step has entries");
        let mut step = Step {
            live: 0,
            negative: 0,
            multiplies: !any.is_unit(),
        };
        let mut columns = [any.column; LANES];
        let mut values = [any.value; LANES];
        for (lane, entry) in entries.enumerate() {
            if let Some(entry) = entry {
                step.live |= 1 << lane;
                step.negative |= Mask::from(entry.value == MINUS_ONE) << lane;
                columns[lane] = entry.column;
                values[lane] = entry.value;
            }
        }
        self.columns.push(columns);
        if step.multiplies {
            self.values.push(values);
        }
        self.steps.push(step);
    }
}

/// A block times a vector.
pub(super) struct Product<'a, F> {
    pub(super) block: &'a Block,
    /// Of the matrix.
    pub(super) values: &'a [F],
    pub(super) vector: &'a [F],
    pub(super) product: &'a mut [F],
}

impl<I: Isa, F: PrimeField> Kernel<I> for Product<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let Self {
            block,
            values,
            vector,
            product,
        } = self;
        product.fill(F::ZERO);
        let zero = I::Prime::<F>::splat(isa, F::ZERO).sum();
        let mut places = block.values.iter();
        let mut columns = &block.columns[..];
        let mut steps = &block.steps[..];
        for group in &block.groups {
            let own;
            (own, steps) = steps.split_at(usize::from(group.steps));
            let mut sum = zero;
            for step in own {
                if let Some(later) = columns.get(AHEAD) {
                    for &column in later {
                        prefetch(&vector[column as usize..=column as usize]);
                    }
                }
                let now;
                (now, columns) = columns.split_first().expect("every step has columns");
                let factors = gather(vector, now);
                let term = if step.multiplies {
                    let places = places.next().expect("products have values");
                    let values = load_lazy::<I, F>(isa, gather(values, places));
                    values.mul_sum(I::Prime::<F>::load(isa, factors))
                } else {
                    let term = load_lazy::<I, F>(isa, factors).sum();
                    term.or_where(step.negative, term.negate(1))
                };
                sum = sum.plus(zero.or_where(step.live, term));
            }
            let sums = sum.reduce().store_reduced().map(Lazy::reduced);
            let rows = &group.places[..usize::from(group.len)];
            for (&row, sum) in rows.iter().zip(sums) {
                let product = &mut product[usize::from(row)];
                if group.adds {
                    *product += sum;
                } else {
                    *product = sum;
                }
            }
        }
    }
}

#[inline(always)]
fn gather<'a, F>(elements: &'a [F], places: &[u32; LANES]) -> [&'a F; LANES] {
    places.map(
        #[inline(always)]
        |place| &elements[place as usize],
    )
}

#[inline(always)]
fn load_lazy<I: Isa, F: PrimeField>(isa: I, elements: [&F; LANES]) -> I::Prime<F> {
    I::Prime::<F>::load_lazy(isa, elements.map(Lazy::from_ref))
}
