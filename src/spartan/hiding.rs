//! What the random elements of a vector hide: all that a proof tells of it.
//!
//! Rows, answers, sumchecks and the last vector are linear forms of the committed vector. They tell nothing of
//! the wires if a sum of them in which all random elements cancel is zero altogether, for then they are
//! distributed alike whatever the wires are. That is a matter of ranks, and the tests here compute them, for
//! random challenges. The format's own masks are not counted in, but for the first sumcheck of the commitment and
//! the claim that it ends in, which they hide. The digests of rows that are not opened are told as well: so the
//! tests open one row more of each code.

use std::ops::Range;

use rayon::prelude::*;

use super::layout::room;
use super::parameters::{Code, Parameters, ZkWhir};
use crate::field::{Field, Fr, PrimeField};

/// The challenges of a proof, and the forms that it tells so far.
struct Told {
    /// The places of the vector that are looked at.
    columns: Vec<usize>,
    variables: usize,
    /// The variables that are fixed.
    folds: Vec<Fr>,
    /// What each looked at element counts after these folds.
    factors: Vec<Fr>,
    forms: Vec<Vec<Fr>>,
}

impl Told {
    fn new(columns: Vec<usize>, variables: usize) -> Self {
        Self {
            factors: vec![Fr::ONE; columns.len()],
            columns,
            variables,
            folds: Vec::new(),
            forms: Vec::new(),
        }
    }

    /// The length of the vector that is folded so far.
    fn len(&self) -> usize {
        1 << (self.variables - self.folds.len())
    }

    /// Tells a form of the folded vector.
    fn tell(&mut self, form: impl Fn(usize) -> Fr) {
        let len = self.len();
        let columns = self.columns.iter().zip(&self.factors);
        let form = columns.map(|(&column, &factor)| factor * form(column % len));
        self.forms.push(form.collect());
    }

    /// Opens a row: a value of each block.
    fn row(&mut self, blocks: usize, z: Fr) {
        let block = self.len() / blocks;
        let powers = powers(z, block);
        for b in 0..blocks {
            self.tell(|i| {
                if i / block == b {
                    powers[i % block]
                } else {
                    Fr::ZERO
                }
            });
        }
    }

    /// A value of the whole.
    fn value(&mut self, z: Fr) {
        let powers = powers(z, self.len());
        self.tell(|i| powers[i]);
    }

    /// Fixes variables of the vector and its weights, and tells the sumcheck's rounds.
    fn fold(&mut self, variables: usize, weights: &mut Vec<Fr>, silent: bool) {
        for _ in 0..variables {
            let half = self.len() / 2;
            let (low, high) = weights.split_at(half);
            let steps: Vec<Fr> = low.iter().zip(high).map(|(&a, &b)| b - a).collect();
            if !silent {
                self.tell(|i| if i < half { low[i] } else { Fr::ZERO });
                self.tell(|i| if i < half { -steps[i] } else { steps[i - half] });
            }
            let x = random();
            let folded = low.iter().zip(&steps).map(|(&a, &step)| a + x * step);
            *weights = folded.collect();
            for (factor, column) in self.factors.iter_mut().zip(&self.columns) {
                *factor *= if column % (2 * half) < half {
                    Fr::ONE - x
                } else {
                    x
                };
            }
            self.folds.push(x);
        }
    }
}

fn random() -> Fr {
    Fr::random().unwrap()
}

fn powers(z: Fr, count: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |&power| Some(power * z))
        .take(count)
        .collect()
}

/// Places of a code that are queried.
fn places(code: &Code) -> Vec<Fr> {
    let index = || random().to_canonical().0[0] % code.codeword_len as u64;
    let places = std::iter::repeat_with(|| code.root().pow(&[index()]));
    places.take(code.in_domain).collect()
}

/// How much of what a proof tells the elements outside of `room` do not hide from these others: the dimension of
/// the sums of told forms in which they cancel. Constraints look at the first `used` elements of the room alone.
fn told_of(config: &ZkWhir, room: &[Range<usize>], others: &[usize], used: usize) -> usize {
    let code = &config.main.code;
    let len = code.vector_len;
    let mut free = vec![true; len];
    room.iter().for_each(|run| free[run.clone()].fill(false));
    let mut columns: Vec<usize> = (0..len).filter(|&i| free[i]).collect();
    let random_columns = columns.len();
    columns.extend_from_slice(others);

    let mut told = Told::new(columns, config.mu());
    (0..code.out_of_domain).for_each(|_| told.value(random()));
    // No constraint looks at what is random.
    let mut weights = vec![Fr::ZERO; len];
    let used = room.iter().cloned().flatten().take(used);
    used.for_each(|place| weights[place] = random());
    let mut opened = places(code);
    let again = places(&config.main.rounds[0].code);
    let rows = [&opened[..], &again, &places(code)[..1]].concat();
    rows.iter().for_each(|&z| told.row(code.interleaving, z));
    told.fold(config.main.sumcheck.rounds, &mut weights, true);
    let claim = weights.clone();
    told.tell(|i| claim[i]);
    let mut next_places = Some(again);
    for round in &config.main.rounds {
        let code = &round.code;
        let answers: Vec<Fr> = (0..code.out_of_domain).map(|_| random()).collect();
        answers.iter().for_each(|&z| told.value(z));
        for &z in answers.iter().chain(&opened) {
            let factor = random();
            let powers = powers(z, weights.len());
            weights
                .iter_mut()
                .zip(powers)
                .for_each(|(weight, power)| *weight += factor * power);
        }
        opened = next_places.take().unwrap_or_else(|| places(code));
        let rows = [&opened[..], &places(code)[..1]].concat();
        rows.iter().for_each(|&z| told.row(code.interleaving, z));
        told.fold(round.sumcheck.rounds, &mut weights, false);
    }
    for element in 0..told.len() {
        told.tell(|i| if i == element { Fr::ONE } else { Fr::ZERO });
    }
    rank_beyond(told.forms, random_columns)
}

/// The rank of those sums of the forms that are zero in the first columns.
fn rank_beyond(mut forms: Vec<Vec<Fr>>, first: usize) -> usize {
    let columns = forms[0].len();
    let (mut rank, mut beyond) = (0, 0);
    for column in 0..columns {
        let Some(pivot) = (rank..forms.len()).find(|&row| !forms[row][column].is_zero()) else {
            continue;
        };
        forms.swap(rank, pivot);
        let (done, rest) = forms.split_at_mut(rank + 1);
        let pivot = &done[rank];
        let inverse = pivot[column].inverse().expect("not zero");
        rest.par_iter_mut().for_each(|row| {
            let factor = row[column] * inverse;
            if !factor.is_zero() {
                let pivot = pivot[column..].iter();
                row[column..]
                    .iter_mut()
                    .zip(pivot)
                    .for_each(|(x, &y)| *x -= factor * y);
            }
        });
        rank += 1;
        beyond += usize::from(column >= first);
    }
    beyond
}

/// A commitment that is small, since nothing depends on the security here.
fn config(variables: u32) -> ZkWhir {
    let parameters = Parameters {
        security_bits: 80,
        work_bits: 0,
        log_inverse_rate: 8,
        ..Parameters::default()
    };
    ZkWhir::new(&parameters, variables).unwrap()
}

/// Places of wires all over the vector, the first and last of each run among them.
fn wires(room: &[Range<usize>]) -> Vec<usize> {
    let ends = room.iter().flat_map(|run| [run.start, run.end - 1]);
    let all: Vec<usize> = room.iter().cloned().flatten().collect();
    ends.chain(all.into_iter().step_by(97)).collect()
}

#[test]
fn all_that_a_proof_tells_is_hidden() {
    // Of two levels and of three.
    for variables in [13, 16] {
        let config = config(variables);
        let room = room(&config);
        let others = wires(&room);
        assert_eq!(told_of(&config, &room, &others, usize::MAX), 0);
        // If constraints look at nearly nothing, the claim that the first sumcheck ends in is about that alone,
        // and the format's masks are all that hide it.
        assert!(told_of(&config, &room, &others, 20) <= 1, "2^{variables}");
    }
}

/// What is told without them shows that the random elements are there for something.
#[test]
fn with_fewer_random_elements_it_is_not() {
    let config = config(13);
    let room = room(&config);
    let others = wires(&room);
    let block = config.main.code.message_len();
    // The ends of one block, of one part of the last block, and of the last part.
    for (run, end) in [
        (3, 4 * block),
        (10, 7 * block + 4 * block / 8),
        (13, 8 * block),
    ] {
        let mut more = room.clone();
        more[run].end = end;
        assert!(
            told_of(&config, &more, &others, usize::MAX) > 0,
            "run {run}"
        );
    }
}
