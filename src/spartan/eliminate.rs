//! Wires that linear constraints determine, left out of a circuit.
//!
//! The length of a committed vector is a power of two, so that a few wires too many double the time of a proof.
//! A linear constraint says of each of its wires what it is in terms of the others. One of them, its pivot, is
//! replaced by that in all other constraints, and neither the wire nor the constraint is needed any more. Who
//! satisfies what is left satisfies the circuit: the pivots' values follow.
//!
//! Pivots are chosen so that no replacement contains another: a pivot occurs in no other constraint that is
//! left out. The choice depends on the circuit alone, prover and verifier make it alike.

use std::collections::BTreeMap;

use super::layout::merged;
use crate::field::{Field, Fr};
use crate::groth16::{R1cs, Rows, Witness};

/// How much longer a circuit may become, as a part of its terms.
const MOST_GROWTH: usize = 4;

/// What is left out, and what takes its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Eliminated {
    /// In ascending order.
    constraints: Vec<usize>,
    /// The wires that are left out.
    wires: BTreeMap<usize, Replacement>,
}

/// What takes a wire's place.
#[derive(Clone, Debug)]
struct Replacement {
    /// The constraint that says so.
    constraint: usize,
    /// The wire is their sum.
    terms: Vec<(u32, Fr)>,
}

/// A linear constraint that may be left out.
struct Candidate {
    /// By its wire with the fewest uses.
    growth: i64,
    constraint: usize,
}

/// Terms that other constraints gain, at most, less those that are lost with one of so many terms whose pivot
/// is used so often.
fn growth(terms: usize, uses: u64) -> i64 {
    let (terms, uses) = (terms as i64, uses as i64);
    (uses - 1) * (terms - 2) - terms
}

/// What a wire is to the constraints that are left out so far.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Elsewhere,
    Occurs,
    Pivot,
}

impl Eliminated {
    /// Leaves out `count` wires, those of the least growth first, or `None` if not as many are found so, or the
    /// circuit would become a quarter longer. Linear in the circuit's terms, and `n log n` in its constraints.
    pub(super) fn choose(r1cs: &R1cs, count: usize) -> Option<Self> {
        if count > r1cs.n_constraints() {
            return None;
        }
        let matrices = [r1cs.a(), r1cs.b(), r1cs.c()];
        let mut uses = vec![0u64; r1cs.wires().total];
        for rows in matrices {
            rows.terms()
                .iter()
                .for_each(|term| uses[term.wire as usize] += 1);
        }
        let public = r1cs.wires().public() as u32;
        let mut candidates: Vec<Candidate> = (0..r1cs.n_constraints())
            .filter_map(|constraint| {
                let terms = linear(r1cs, constraint)?;
                let private = terms.iter().map(|term| term.0).filter(|&w| w > public);
                let uses = private.map(|wire| uses[wire as usize]).min()?;
                Some(Candidate {
                    growth: growth(terms.len(), uses),
                    constraint,
                })
            })
            .collect();
        candidates.sort_by_key(|candidate| candidate.growth);
        let terms: usize = matrices.iter().map(|rows| rows.n_terms()).sum();
        let mut room = (terms / MOST_GROWTH) as i64;
        let mut marks = vec![Mark::Elsewhere; uses.len()];
        let mut eliminated = Self::default();
        for candidate in candidates {
            if eliminated.wires.len() == count {
                break;
            }
            let terms = linear(r1cs, candidate.constraint).expect("it was before");
            let mark = |wire: u32| marks[wire as usize];
            if terms.iter().any(|term| mark(term.0) == Mark::Pivot) {
                continue;
            }
            let free = terms.iter().map(|term| term.0);
            let free = free.filter(|&wire| wire > public && mark(wire) == Mark::Elsewhere);
            let Some(pivot) = free.min_by_key(|&wire| uses[wire as usize]) else {
                continue;
            };
            room -= growth(terms.len(), uses[pivot as usize]);
            if room < 0 {
                return None;
            }
            for (wire, _) in &terms {
                marks[*wire as usize] = Mark::Occurs;
            }
            marks[pivot as usize] = Mark::Pivot;
            eliminated.constraints.push(candidate.constraint);
            let replacement = Replacement {
                constraint: candidate.constraint,
                terms: solved(terms, pivot),
            };
            eliminated.wires.insert(pivot as usize, replacement);
        }
        eliminated.constraints.sort_unstable();
        (eliminated.wires.len() == count).then_some(eliminated)
    }

    /// How many wires and constraints.
    pub(super) fn len(&self) -> usize {
        self.constraints.len()
    }

    pub(super) fn has_wire(&self, wire: usize) -> bool {
        self.wires.contains_key(&wire)
    }

    /// The constraints of a circuit that are left.
    pub(super) fn left(&self, constraints: usize) -> impl Iterator<Item = usize> {
        let mut gone = self.constraints.iter().copied().peekable();
        (0..constraints).filter(move |i| gone.next_if_eq(i).is_none())
    }

    /// A row with what takes the wires' places.
    pub(super) fn row(&self, rows: &Rows, row: usize) -> Vec<(u32, Fr)> {
        let mut terms = Vec::with_capacity(rows.row(row).len());
        for (wire, coefficient) in rows.row(row) {
            match self.wires.get(&wire) {
                None => terms.push((wire as u32, coefficient)),
                Some(replacement) => {
                    let scaled = |&(wire, factor): &(u32, Fr)| (wire, coefficient * factor);
                    terms.extend(replacement.terms.iter().map(scaled));
                }
            }
        }
        terms
    }

    /// The first constraint, of those that are left out, that a witness of the right length does not satisfy.
    pub(super) fn first_unsatisfied(&self, witness: &Witness) -> Option<usize> {
        let value = |wire: usize| Fr::from(witness.values()[wire]);
        let term = |&(wire, factor): &(u32, Fr)| factor * value(wire as usize);
        let holds = |wire: usize, terms: &[(u32, Fr)]| value(wire) == terms.iter().map(term).sum();
        let broken = self
            .wires
            .iter()
            .filter(|(wire, by)| !holds(**wire, &by.terms));
        broken.map(|(_, by)| by.constraint).min()
    }
}

/// The terms whose sum must be 0 if the constraint is linear: if one of its factors is constant.
fn linear(r1cs: &R1cs, constraint: usize) -> Option<Vec<(u32, Fr)>> {
    let [a, b, c] = [r1cs.a(), r1cs.b(), r1cs.c()];
    let (factor, other) = match (constant(a, constraint), constant(b, constraint)) {
        (Some(factor), _) => (factor, b),
        (None, Some(factor)) => (factor, a),
        (None, None) => return None,
    };
    let scaled = other.row(constraint).map(|(wire, x)| (wire, factor * x));
    let product = c.row(constraint).map(|(wire, x)| (wire, -x));
    let terms = scaled.chain(product);
    Some(merged(terms.map(|(wire, x)| (wire as u32, x)).collect()))
}

/// The value of a row that has no wire but the constant 1.
fn constant(rows: &Rows, row: usize) -> Option<Fr> {
    let mut terms = rows.row(row);
    terms.try_fold(Fr::ZERO, |sum, (wire, x)| (wire == 0).then_some(sum + x))
}

/// What the pivot is if the terms' sum is 0.
fn solved(mut terms: Vec<(u32, Fr)>, pivot: u32) -> Vec<(u32, Fr)> {
    let at = terms.iter().position(|term| term.0 == pivot);
    let (_, coefficient) = terms.remove(at.expect("a term of its constraint"));
    let factor = -coefficient.inverse().expect("no coefficient is zero");
    terms.iter_mut().for_each(|term| term.1 *= factor);
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groth16::WireCounts;

    fn terms(terms: &[(u32, i64)]) -> Vec<(u32, Fr)> {
        let element = |x: i64| match x {
            0.. => Fr::from_u64(x as u64),
            _ => -Fr::from_u64(x.unsigned_abs()),
        };
        terms.iter().map(|&(wire, x)| (wire, element(x))).collect()
    }

    /// Wires 1 to `outputs` are public.
    fn circuit(wires: usize, outputs: usize, constraints: &[[&[(u32, i64)]; 3]]) -> R1cs {
        let counts = WireCounts {
            total: wires,
            outputs,
            public_inputs: 0,
            private_inputs: 0,
        };
        let rows = constraints.iter().map(|rows| rows.map(terms));
        R1cs::new(counts, rows).unwrap()
    }

    #[test]
    fn constraints_with_a_constant_factor_are_linear() {
        let r1cs = circuit(
            4,
            0,
            &[
                [&[], &[(1, 1)], &[(2, 1), (3, 2)]],
                [&[(1, 5)], &[(2, 1), (2, -1)], &[(2, 1)]],
                [&[(0, 2), (0, 1)], &[(1, 1), (2, 1)], &[(3, 1), (1, 3)]],
                [&[(1, 1)], &[(0, -1)], &[(2, 1)]],
                [&[(1, 1)], &[(0, 1), (1, 1)], &[]],
            ],
        );
        assert_eq!(linear(&r1cs, 0), Some(terms(&[(2, -1), (3, -2)])));
        // Of wire 2, though it cancels: nobody writes that.
        assert_eq!(linear(&r1cs, 1), None);
        assert_eq!(linear(&r1cs, 2), Some(terms(&[(2, 3), (3, -1)])));
        assert_eq!(linear(&r1cs, 3), Some(terms(&[(1, -1), (2, -1)])));
        assert_eq!(linear(&r1cs, 4), None);
    }

    #[test]
    fn pivots_are_private_and_in_no_replacement() {
        let r1cs = circuit(
            6,
            2,
            &[
                // Only public wires.
                [&[], &[], &[(1, 1), (2, -1)]],
                // 3 is the cheapest, and is 2 + 4.
                [&[], &[], &[(3, 1), (2, -1), (4, -1)]],
                [&[(4, 1)], &[(4, 1)], &[(5, 1)]],
                // 4 is in what replaces 3.
                [&[], &[], &[(4, 2), (1, -1)]],
                // 3 has been replaced.
                [
                    &[(3, 1), (0, 1)],
                    &[(3, 1), (5, 1)],
                    &[(3, 7), (2, -7), (4, 1)],
                ],
            ],
        );
        let one = Eliminated::choose(&r1cs, 1).unwrap();
        // The constraint with the fewest terms whose pivot has the fewest uses: 4 is half of 1.
        assert_eq!((one.len(), &one.constraints[..]), (1, &[3][..]));
        let half = Fr::from_u64(2).inverse().unwrap();
        assert_eq!(one.wires[&4].terms, [(1, half)]);
        assert!(one.has_wire(4) && !one.has_wire(3));
        assert_eq!(one.left(5).collect::<Vec<_>>(), [0, 1, 2, 4]);
        let row = merged(one.row(r1cs.c(), 4));
        let mut expected = terms(&[(2, -7), (3, 7)]);
        expected.insert(0, (1, half));
        assert_eq!(row, expected);
        assert!(Eliminated::choose(&r1cs, 2).is_none());
        assert_eq!(Eliminated::choose(&r1cs, 0).unwrap().len(), 0);
    }

    #[test]
    fn circuits_do_not_become_much_longer() {
        // Wire 1 is a sum of ten, and in each of twenty products.
        let sum: Vec<(u32, i64)> = std::iter::once((1, -1))
            .chain((2..12).map(|i| (i, 1)))
            .collect();
        let product: [&[(u32, i64)]; 3] = [&[(1, 1)], &[(2, 1)], &[(1, 1)]];
        let mut constraints = vec![product; 20];
        // Each of the others has more uses.
        let others: Vec<(u32, i64)> = (2..12).map(|i| (i, 1)).collect();
        let other: [&[(u32, i64)]; 3] = [&others, &others, &others];
        constraints.extend([other; 20]);
        constraints.push([&[], &[], &sum]);
        assert!(Eliminated::choose(&circuit(12, 0, &constraints), 1).is_none());
        constraints.extend([other; 30]);
        assert!(Eliminated::choose(&circuit(12, 0, &constraints), 1).is_some());
    }
}
