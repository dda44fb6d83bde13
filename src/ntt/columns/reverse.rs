//! Bit reversal from one place to another, on vectors.

use crate::field::small::{Kernel, SmallField, Vector};
use crate::memory::prefetch;
use crate::ntt::reverse_bits;

/// Copies `source` to `target` in bit-reversed order. Both have the same power of two of elements.
pub(super) struct Reverse<'a, F> {
    pub(super) source: &'a [F],
    pub(super) target: &'a mut [F],
}

/// An index is split into its top bits `a`, as many as a vector has lanes, its middle `b` and its lowest
/// bits `c`, as many as `a`. The reversal takes `(a, b, c)` to `(rev c, rev b, rev a)`: for each `b` the
/// transpose of a square of vectors.
impl<F: SmallField> Kernel<F> for Reverse<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let n = self.source.len();
        let (log_n, side) = (n.ilog2(), V::LANES.ilog2());
        if log_n < 2 * side {
            for (i, &value) in self.source.iter().enumerate() {
                self.target[reverse_bits(i, log_n)] = value;
            }
            return;
        }
        let middle = log_n - 2 * side;
        let source = V::pack(self.source).0;
        let target = V::pack_mut(self.target).0;
        let mut square = [V::zeroed(); MAX_LANES];
        let square = &mut square[..V::LANES];
        for b in 0..1 << middle {
            // Far from the caches most of the time was waiting for lines to write to, in an order in which the
            // processor does not expect them.
            let soon = b + AHEAD;
            if soon < 1 << middle {
                let reversed = reverse_bits(soon, middle);
                for row in 0..V::LANES {
                    prefetch(source[(row << middle) | soon].elements());
                    prefetch(target[(row << middle) | reversed].elements());
                }
            }
            for (a, row) in square.iter_mut().enumerate() {
                *row = source[(reverse_bits(a, side) << middle) | b];
            }
            V::transpose(square);
            let reversed = reverse_bits(b, middle);
            for (c, &row) in square.iter().enumerate() {
                target[(reverse_bits(c, side) << middle) | reversed] = row;
            }
        }
    }
}

/// The squares between the wish for one and its transposition.
const AHEAD: usize = 4;

/// The most lanes that a vector has.
const MAX_LANES: usize = 16;
