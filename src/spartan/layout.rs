//! Where wires lie in the committed vector, and the constraints that hide the witness.
//!
//! The format commits to the wires, followed by the sumcheck's mask, as one vector, cut into `2^s` blocks for
//! the `2^s` columns of its code. What a proof tells about the vector, its own masks do not hide in every
//! case (`docs/spartan.md` has the cases), so every proof of this library hides it a second time, by random
//! elements that no constraint looks at:
//!
//! - each block but the last ends with as many of them as rows are opened, and some more,
//! - the last block has nothing else,
//! - three wires and constraints of their own hide the three sums that end the sumcheck:
//!   `a 0 = 0`, `0 b = 0`, `1 c = c`.
//!
//! A circuit without a public signal gets one, 1: without any the format does not bind the constant 1.

use std::ops::Range;

use super::parameters::{Parameters, ZkWhir, variables_for};
use crate::error::{Error, Result};
use crate::field::{Field, Fr};
use crate::groth16::{R1cs, Rows, WireCounts};

/// The hiding wires, at the end of all, and their constraints.
pub(super) const HIDING: usize = 3;
/// Random elements in a block beyond one for each opened row: for values at points outside the code's domain.
const SPARE: usize = 8;
/// Coefficients of the sumcheck's mask for each variable.
pub(super) const MASK: usize = 4;

/// Where things lie.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Elements of a block that wires may take, and all of them.
    used: usize,
    block: usize,
    /// The circuit's wires.
    wires: usize,
    /// Whether a public signal was added.
    pub(super) dummy: bool,
    /// Wires, with those between them that are free: where the sumcheck's mask begins.
    pub(super) columns: usize,
}

impl Layout {
    /// For a circuit, with its commitment.
    pub(super) fn new(r1cs: &R1cs, parameters: &Parameters) -> Result<(Self, ZkWhir)> {
        let wires = r1cs.wires().total;
        let dummy = r1cs.wires().public() == 0;
        let mask = MASK * m_0(r1cs);
        let all = wires + usize::from(dummy) + HIDING;
        let public = 1 + r1cs.wires().public() + usize::from(dummy);
        let mut variables = variables_for(all + mask);
        loop {
            let config = ZkWhir::new(parameters, variables)?;
            let blocks = config.main.code.interleaving;
            let block = config.main.code.message_len();
            let used = block.saturating_sub(config.opened_rows() + SPARE);
            // The mask must not be cut: it takes the place of random elements nowhere.
            let mut layout = Self {
                used,
                block,
                wires,
                dummy,
                columns: 0,
            };
            if used > mask && public <= used {
                let last = layout.place_of(all - 1);
                let end = last + 1;
                layout.columns = if end % block + mask <= used {
                    end
                } else {
                    end.next_multiple_of(block)
                };
                if layout.columns + mask <= (blocks - 1) * block {
                    return Ok((layout, config));
                }
            }
            variables += 1;
        }
    }

    /// The place of a wire when all of them, with the public signal that was added, are counted through.
    fn place_of(&self, index: usize) -> usize {
        index / self.used * self.block + index % self.used
    }

    /// The place of a wire of the circuit.
    pub(super) fn place(&self, wire: usize) -> usize {
        let added = self.dummy && wire >= 1;
        self.place_of(wire + usize::from(added))
    }

    /// The place of a hiding wire.
    pub(super) fn hiding(&self, index: usize) -> usize {
        self.place(self.wires + index)
    }

    /// The number of the circuit's wires.
    pub(super) fn wires(&self) -> usize {
        self.wires
    }

    /// Runs of the circuit's wires whose places are neighbours too, with these places.
    pub(super) fn runs(&self) -> Vec<(Range<usize>, Range<usize>)> {
        let mut runs = Vec::new();
        let mut begin = 0;
        while begin < self.wires {
            let place = self.place(begin);
            let left = self.used - place % self.block;
            let mut end = self.wires.min(begin + left);
            if begin == 0 && self.dummy {
                end = 1;
            }
            runs.push((begin..end, place..place + end - begin));
            begin = end;
        }
        runs
    }

    /// The constraint system that is proven: the circuit's wires at their places, and the hiding ones.
    /// Terms of each row are in the order of wires, each wire once, no coefficient zero.
    pub(super) fn extend(&self, r1cs: &R1cs) -> Result<R1cs> {
        let public = r1cs.wires().public() + usize::from(self.dummy);
        let wires = WireCounts {
            total: self.columns,
            outputs: 0,
            public_inputs: public,
            private_inputs: 0,
        };
        let row = |rows: &Rows, i: usize| terms(rows, i, |wire| self.place(wire));
        let circuit = (0..r1cs.n_constraints())
            .map(|i| [r1cs.a(), r1cs.b(), r1cs.c()].map(|rows| row(rows, i)));
        let one = |place: usize| vec![(place as u32, Fr::ONE)];
        let [a, b, c] = [0, 1, 2].map(|index| self.hiding(index));
        let hiding = [
            [one(a), vec![], vec![]],
            [vec![], one(b), vec![]],
            [one(0), one(c), one(c)],
        ];
        R1cs::new(wires, circuit.chain(hiding))
    }
}

/// The terms of a row in the order of their wires' places, each wire once, no coefficient zero.
pub(super) fn terms(rows: &Rows, row: usize, place: impl Fn(usize) -> usize) -> Vec<(u32, Fr)> {
    let at_place = |(wire, coefficient)| (place(wire) as u32, coefficient);
    let mut terms: Vec<(u32, Fr)> = rows.row(row).map(at_place).collect();
    terms.sort_unstable_by_key(|term| term.0);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms.retain(|term| !term.1.is_zero());
    terms
}

/// The variables of a circuit's constraints with the hiding ones.
pub(super) fn m_0(r1cs: &R1cs) -> usize {
    let constraints = r1cs.n_constraints() + HIDING;
    constraints.next_power_of_two().ilog2().max(1) as usize
}

/// That the format's counts hold what is proven.
pub(super) fn check_size(r1cs: &R1cs) -> Result<()> {
    let terms = [r1cs.a(), r1cs.b(), r1cs.c()].map(Rows::n_terms);
    if r1cs.wires().total > 1 << 27 || terms.iter().any(|&terms| terms >= u32::MAX as usize - 2) {
        return Err(Error::Argument(format!(
            "a circuit of {} wires and {} terms in a matrix, more than the format holds",
            r1cs.wires().total,
            terms.iter().max().expect("three of them")
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(wires: usize, public: usize) -> R1cs {
        let counts = WireCounts {
            total: wires,
            outputs: public,
            public_inputs: 0,
            private_inputs: 0,
        };
        R1cs::new(counts, []).unwrap()
    }

    /// Whatever the size: wires have places of their own, in order, public ones first and together; each block
    /// has more free places than rows are opened, the last has nothing else; the mask is beyond the wires.
    #[test]
    fn blocks_have_room_for_what_hides_them() {
        let parameters = Parameters::default();
        let sizes = [
            1, 2, 1000, 1847, 1848, 1849, 12_000, 12_900, 14_000, 30_000, 200_000,
        ];
        for wires in sizes {
            for public in [0, 1, wires - 1] {
                if public >= wires {
                    continue;
                }
                let r1cs = chain(wires, public);
                let (layout, config) = Layout::new(&r1cs, &parameters).unwrap();
                let code = &config.main.code;
                let mut taken = vec![false; code.vector_len];
                let mut take = |place: usize| assert!(!std::mem::replace(&mut taken[place], true));
                (0..wires).for_each(|wire| take(layout.place(wire)));
                (0..HIDING).for_each(|index| take(layout.hiding(index)));
                if layout.dummy {
                    take(1);
                }
                assert_eq!(layout.dummy, public == 0);
                if !layout.dummy {
                    assert!((0..=public).all(|wire| layout.place(wire) == wire));
                }
                assert!(taken[layout.columns..].iter().all(|taken| !taken));
                let mask = MASK * m_0(&r1cs);
                taken[layout.columns..][..mask].fill(true);
                let block = code.message_len();
                for (i, block) in taken.chunks(block).enumerate() {
                    let free = block.iter().filter(|taken| !**taken).count();
                    assert!(free >= config.opened_rows() + SPARE);
                    assert!(i + 1 < code.interleaving || free == block.len());
                }
                let runs = layout.runs();
                let places = runs.iter().flat_map(|(wires, places)| {
                    assert_eq!(wires.len(), places.len());
                    wires.clone().zip(places.clone())
                });
                let places: Vec<_> = places.collect();
                assert_eq!(places.len(), wires);
                assert!(
                    places
                        .iter()
                        .all(|&(wire, place)| layout.place(wire) == place)
                );
            }
        }
    }

    #[test]
    fn rows_are_sorted_merged_and_without_zeros() {
        let counts = WireCounts {
            total: 4,
            outputs: 1,
            public_inputs: 0,
            private_inputs: 0,
        };
        let [two, three] = [2, 3].map(Fr::from_u64);
        let row = vec![
            (3, two),
            (1, Fr::ONE),
            (3, three),
            (2, two),
            (2, -two),
            (0, Fr::ZERO),
        ];
        let r1cs = R1cs::new(counts, [[row, vec![], vec![]]]).unwrap();
        let (layout, _) = Layout::new(&r1cs, &Parameters::default()).unwrap();
        let extended = layout.extend(&r1cs).unwrap();
        let terms: Vec<_> = extended.a().row(0).collect();
        assert_eq!(terms, [(1, Fr::ONE), (3, Fr::from_u64(5))]);
        assert_eq!(extended.n_constraints(), 1 + HIDING);
    }
}
