//! Where wires lie in the committed vector, and the constraints that hide the witness.
//!
//! The format commits to the wires, followed by the sumcheck's mask, as one vector, cut into `2^s` blocks for
//! the `2^s` columns of its code. What a proof tells about the vector, its own masks do not hide in every
//! case (`docs/spartan.md` has the cases), so every proof of this library hides it a second time, by random
//! elements that no constraint looks at:
//!
//! - each block but the last ends with as many of them as rows are opened, and some more,
//! - the last block takes the place of the vector in the next round, whose blocks are as many parts of it: each
//!   but the last ends with random elements, and so on, until a last part is random as a whole,
//! - three wires and constraints of their own hide the three sums that end the sumcheck:
//!   `a 0 = 0`, `0 b = 0`, `1 c = c`.
//!
//! A circuit without a public signal gets one, 1: without any the format does not bind the constant 1. One that
//! has a few wires too many for a vector loses as many, if its linear constraints allow: `eliminate.rs`.

use std::ops::Range;

use super::eliminate::Eliminated;
use super::parameters::{Code, Parameters, ZkWhir, variables_for};
use crate::error::{Error, Result};
use crate::field::{Field, Fr};
use crate::groth16::{R1cs, Rows, WireCounts, Witness};

/// The hiding wires, at the end of all, and their constraints.
pub(super) const HIDING: usize = 3;
/// Random elements in a block beyond one for each value that is told: for what sumchecks tell, and lest the digest
/// of a row that is not opened confirm a guess.
const SPARE: usize = 8;
/// Coefficients of the sumcheck's mask for each variable.
pub(super) const MASK: usize = 4;

/// Where things lie.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    runs: Vec<Run>,
    hiding: [usize; HIDING],
    /// The circuit's wires, and its constraints.
    wires: usize,
    constraints: usize,
    eliminated: Eliminated,
    /// Whether a public signal was added.
    pub(super) dummy: bool,
    /// Wires, with those between them that are free: where the sumcheck's mask begins.
    pub(super) columns: usize,
}

/// Wires that lie together.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) wires: Range<usize>,
    /// Of the first.
    pub(super) place: usize,
}

impl Layout {
    /// For a circuit, with its commitment.
    pub(super) fn new(r1cs: &R1cs, parameters: &Parameters) -> Result<(Self, ZkWhir)> {
        let wires = r1cs.wires().total;
        let added = usize::from(r1cs.wires().public() == 0);
        let all = wires + added + HIDING;
        let first = 1 + r1cs.wires().public() + added;
        let mask = MASK * m_0(r1cs.n_constraints());
        let mut variables = variables_for(all + mask);
        let (mut room, mut config) = loop {
            let config = ZkWhir::new(parameters, variables)?;
            let room = Room::new(&config, mask);
            if room.has(all, first) {
                break (room, config);
            }
            variables += 1;
        };
        let mut eliminated = Eliminated::default();
        if variables > variables_for(0)
            && let Ok(smaller) = ZkWhir::new(parameters, variables - 1)
        {
            let smaller_room = Room::new(&smaller, mask);
            let excess = all.saturating_sub(smaller_room.len());
            if smaller_room.has(all - excess, first)
                && let Some(found) = Eliminated::choose(r1cs, excess)
            {
                (room, config, eliminated) = (smaller_room, smaller, found);
            }
        }
        Ok((Self::of(r1cs, &room, eliminated), config))
    }

    /// With room for all wires that are not left out.
    fn of(r1cs: &R1cs, room: &Room, eliminated: Eliminated) -> Self {
        let wires = r1cs.wires().total;
        let constraints = r1cs.n_constraints();
        let dummy = r1cs.wires().public() == 0;
        let mut places = room.runs.iter().cloned().flatten();
        let mut next = || places.next().expect("there is room");
        let mut runs: Vec<Run> = Vec::new();
        for wire in (0..wires).filter(|&wire| !eliminated.has_wire(wire)) {
            let place = next();
            match runs.last_mut() {
                Some(run) if run.follows(wire, place) => run.wires.end += 1,
                _ => runs.push(Run {
                    wires: wire..wire + 1,
                    place,
                }),
            }
            if wire == 0 && dummy {
                next();
            }
        }
        let hiding = [(); HIDING].map(|()| next());
        let mask = MASK * m_0(constraints - eliminated.len());
        Self {
            columns: room.place_of_mask(hiding[HIDING - 1] + 1, mask),
            runs,
            hiding,
            wires,
            constraints,
            eliminated,
            dummy,
        }
    }

    /// The place of each of the circuit's wires; of those that are left out, none that there is.
    fn places(&self) -> Vec<u32> {
        let mut places = vec![u32::MAX; self.wires];
        for run in &self.runs {
            for (place, at) in places[run.wires.clone()].iter_mut().zip(run.place..) {
                *place = at as u32;
            }
        }
        places
    }

    /// The number of the circuit's wires.
    pub(super) fn wires(&self) -> usize {
        self.wires
    }

    /// The variables of the constraints.
    pub(super) fn m_0(&self) -> usize {
        m_0(self.constraints - self.eliminated.len())
    }

    /// The circuit's wires, as far as they have places.
    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Checks the constraints that are left out.
    ///
    /// # Errors
    /// [`Error::Unsatisfied`] if one does not hold.
    pub(super) fn check(&self, witness: &Witness) -> Result<()> {
        match self.eliminated.first_unsatisfied(witness) {
            None => Ok(()),
            Some(constraint) => Err(self.unsatisfied(constraint)),
        }
    }

    /// The error of a constraint that does not hold, by its number among those that are proven.
    pub(super) fn proven_unsatisfied(&self, constraint: usize) -> Error {
        let mut left = self.eliminated.left(self.constraints);
        // Those after the circuit's hold for any witness.
        self.unsatisfied(left.nth(constraint).unwrap_or(self.constraints))
    }

    fn unsatisfied(&self, constraint: usize) -> Error {
        let all = self.constraints;
        Error::Unsatisfied(format!("constraint {constraint} of {all} does not hold"))
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
        let places = self.places();
        let row = |rows: &Rows, i: usize| {
            let mut terms = self.eliminated.row(rows, i);
            for term in &mut terms {
                term.0 = places[term.0 as usize];
            }
            merged(terms)
        };
        let left = self.eliminated.left(r1cs.n_constraints());
        let circuit = left.map(|i| [r1cs.a(), r1cs.b(), r1cs.c()].map(|rows| row(rows, i)));
        let one = |place: usize| vec![(place as u32, Fr::ONE)];
        let [a, b, c] = self.hiding;
        let hiding = [
            [one(a), vec![], vec![]],
            [vec![], one(b), vec![]],
            [one(0), one(c), one(c)],
        ];
        R1cs::new(wires, circuit.chain(hiding))
    }
}

impl Run {
    /// Whether a wire and its place are the next ones.
    fn follows(&self, wire: usize, place: usize) -> bool {
        self.wires.end == wire && self.place + self.wires.len() == place
    }

    pub(super) fn places(&self) -> Range<usize> {
        self.place..self.place + self.wires.len()
    }
}

/// Where a vector can hold wires, and after them a mask: wherever it is not random.
struct Room {
    runs: Vec<Range<usize>>,
    mask: usize,
}

impl Room {
    fn new(config: &ZkWhir, mask: usize) -> Self {
        let mut runs = room(config);
        // After the last wire the mask must have a run that holds it.
        while runs.last().is_some_and(|run| run.len() < mask) {
            runs.pop();
        }
        Self { runs, mask }
    }

    /// How many wires.
    fn len(&self) -> usize {
        let all: usize = self.runs.iter().map(Range::len).sum();
        all.saturating_sub(self.mask)
    }

    /// Whether so many wires fit, the first of them together.
    fn has(&self, all: usize, together: usize) -> bool {
        let first = self.runs.first().map_or(0, Range::len);
        all <= self.len() && together <= first
    }

    /// The first place from `begin` on where the mask is not cut.
    fn place_of_mask(&self, begin: usize, mask: usize) -> usize {
        let places = self.runs.iter().map(|run| run.start.max(begin)..run.end);
        let fits = |places: &Range<usize>| places.len() >= mask;
        let mut fitting = places.filter(fits);
        fitting.next().expect("the last run holds it").start
    }
}

/// Where a vector is not random: see the head of this file, and for why `docs/spartan.md`.
pub(super) fn room(config: &ZkWhir) -> Vec<Range<usize>> {
    let main = &config.main;
    let codes = std::iter::once(&main.code).chain(main.rounds.iter().map(|round| &round.code));
    let mut room = Vec::new();
    let (mut begin, mut len) = (0, main.code.vector_len);
    let mut before: Option<&Code> = None;
    for code in codes {
        let block = len / code.interleaving;
        // Rows of its own; values of the whole, of which the rows of the code before are some.
        let rows = match before {
            None => config.opened_rows(),
            Some(_) => code.in_domain,
        } + SPARE;
        let whole = before.map_or(0, |code| code.in_domain) + code.out_of_domain;
        let last = code.interleaving - 1;
        let random = last * rows + whole + block;
        // The first time it must be, and later it need not be if that costs more than it gains.
        if rows + whole > block || (before.is_some() && random >= len) {
            break;
        }
        for i in 0..last {
            let random = rows + if i == 0 { whole } else { 0 };
            room.push(begin + i * block..begin + (i + 1) * block - random);
        }
        begin += last * block;
        len = block;
        before = Some(code);
    }
    room
}

/// The terms of a row in the order of their wires' places, each wire once, no coefficient zero.
pub(super) fn terms(rows: &Rows, row: usize, place: impl Fn(usize) -> usize) -> Vec<(u32, Fr)> {
    let at_place = |(wire, coefficient)| (place(wire) as u32, coefficient);
    merged(rows.row(row).map(at_place).collect())
}

/// Terms in the order of their wires, each wire once, no coefficient zero.
pub(super) fn merged(mut terms: Vec<(u32, Fr)>) -> Vec<(u32, Fr)> {
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

/// The variables of so many constraints with the hiding ones.
fn m_0(constraints: usize) -> usize {
    let all = constraints + HIDING;
    all.next_power_of_two().ilog2().max(1) as usize
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
    /// has more free places than rows are opened; the mask is beyond the wires, in one piece, and takes no place
    /// that is to be random. What the places do is for `hiding.rs`.
    #[test]
    fn wires_have_places_of_their_own() {
        let parameters = Parameters::default();
        let sizes = [
            1, 2, 1000, 1849, 1850, 1851, 12_000, 14_117, 14_118, 14_119, 14_120, 30_000, 262_000,
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
                let places = layout.places();
                assert_eq!(places.len(), wires);
                assert!(places.is_sorted());
                places.iter().for_each(|&place| take(place as usize));
                layout.hiding.iter().for_each(|&place| take(place));
                if layout.dummy {
                    take(1);
                }
                assert_eq!(layout.dummy, public == 0);
                if !layout.dummy {
                    assert!((0..=public).all(|wire| places[wire] as usize == wire));
                }
                assert!(taken[layout.columns..].iter().all(|taken| !taken));
                let mask = MASK * layout.m_0();
                taken[layout.columns..][..mask].fill(true);
                let room: Vec<usize> = room(&config).into_iter().flatten().collect();
                let outside = |place: usize| room.binary_search(&place).is_err();
                assert!((0..taken.len()).all(|place| !(taken[place] && outside(place))));
                for block in taken.chunks(code.message_len()) {
                    let free = block.iter().filter(|taken| !**taken).count();
                    assert!(free >= config.opened_rows() + SPARE);
                }
            }
        }
    }

    /// Half of the vector is not wasted on a few wires that equal others.
    #[test]
    fn wires_too_many_are_left_out() {
        let parameters = Parameters::default();
        let variables = |r1cs: &R1cs| Layout::new(r1cs, &parameters).unwrap().1.mu();
        let (wires, public) = (14_200, 2);
        let counts = WireCounts {
            total: wires,
            outputs: public,
            public_inputs: 0,
            private_inputs: 0,
        };
        let equal = |i: u32| [vec![], vec![], vec![(i, Fr::ONE), (i + 1, -Fr::ONE)]];
        let copies = |count: u32| R1cs::new(counts, (0..count).map(|i| equal(3 + 2 * i))).unwrap();
        assert_eq!(variables(&copies(0)), 15);
        assert_eq!(variables(&copies(200)), 14);
        let r1cs = copies(200);
        let (layout, config) = Layout::new(&r1cs, &parameters).unwrap();
        let gone = layout.eliminated.len();
        // As many as need be.
        let room = Room::new(&config, MASK * m_0(200));
        assert_eq!(wires + HIDING - gone, room.len());
        let extended = layout.extend(&r1cs).unwrap();
        assert_eq!(extended.n_constraints(), 200 - gone + HIDING);
        assert_eq!(extended.wires().total, layout.columns);
        let places = layout.places();
        assert!(places[..3] == [0, 1, 2] && places[3] == u32::MAX && places[4] == 3);
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
