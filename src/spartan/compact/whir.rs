//! The prover's WHIR: commits to a vector and proves its value at a point.
//!
//! The vector's variables are those of its index, the highest bit first, and they are folded in this order.
//! p3-whir has them the other way round, in points and in the vector that it is given: its entry `i` is the
//! entry here whose index is `i` backwards.

use rayon::prelude::*;

use super::channel::Speaker;
use super::parameters::{Code, OUT_OF_DOMAIN, Whir};
use super::pattern;
use super::tree::Tree;
use crate::error::Result;
use crate::field::{Field, Fr};
use crate::memory::{Buffer, Secret};
use crate::ntt::{BitReversed, Natural, Ntt, bit_reverse, reverse_bits};
use crate::spartan::multilinear::{dot, eq_table, par_dot};
use crate::spartan::sumcheck::Product;
use crate::spartan::vector::{add_scaled, secret};

/// Transforms for the rows of each code.
pub(super) struct Plans(Vec<Ntt<Fr>>);

impl Plans {
    /// That of the first code.
    pub(super) fn first(&self) -> &Ntt<Fr> {
        &self.0[0]
    }

    pub(super) fn new(whir: &Whir) -> Result<Self> {
        let log_rows = whir.codes.iter().map(|code| code.log_rows() as u32);
        let longest = Ntt::new(log_rows.clone().max().expect("a code, at least"))?;
        let plans = log_rows.map(|log_rows| longest.shorter(log_rows));
        Ok(Self(plans.collect::<Result<_>>()?))
    }
}

/// A commitment to a vector, which can be opened.
pub(super) struct Committed {
    /// The codewords one after the other, their places in natural order. A vector's block is a codeword's
    /// coefficients in bit-reversed order.
    codewords: Secret<Fr>,
    pub(super) tree: Tree,
}

impl Committed {
    pub(super) fn new(code: &Code, plan: &Ntt<Fr>, vector: &[Fr]) -> Result<Self> {
        let _span = tracing::info_span!("commit").entered();
        let rows = code.rows();
        let mut codewords = Secret::<Fr>::zeros(code.columns() * rows);
        {
            let _span = tracing::info_span!("codewords").entered();
            // The coefficients beyond the message's are zeros, and bit-reversed these are everywhere.
            let step = 1 << code.log_inverse_rate;
            codewords
                .par_chunks_exact_mut(rows)
                .zip(vector.par_chunks_exact(1 << code.left()))
                .try_for_each(|(codeword, block)| {
                    for (place, &coefficient) in codeword.iter_mut().step_by(step).zip(block) {
                        *place = coefficient;
                    }
                    plan.forward::<BitReversed, Natural>(codeword)
                })?;
        }
        let _span = tracing::info_span!("tree").entered();
        let tree = Tree::new(code, &codewords);
        Ok(Self { codewords, tree })
    }

    /// A row's elements, in the order of the codewords' numbers backwards.
    fn row(&self, code: &Code, place: usize) -> impl Iterator<Item = Fr> {
        (0..code.columns()).map(move |column| {
            let codeword = reverse_bits(column, code.log_columns as u32);
            self.codewords[codeword * code.rows() + place]
        })
    }

    /// Does the work, and opens the rows that are drawn then: each as often as it is drawn, and what of the tree
    /// leads from them to the root. Returns their places.
    fn open(&self, speaker: &mut Speaker, code: &Code) -> Vec<usize> {
        speaker.grind(code.work);
        let places = speaker.challenger.places(code.draws(), code.log_rows());
        for &place in &places {
            self.row(code, place)
                .for_each(|element| speaker.hint(element));
        }
        let mut distinct = places.clone();
        distinct.sort_unstable();
        distinct.dedup();
        speaker.hint_digests(&self.tree.siblings(&distinct));
        places
    }
}

/// `z, z^2, z^4, ...`: a point out of the domain.
pub(super) fn squares(z: Fr, count: usize) -> Vec<Fr> {
    let square = |z: &Fr| Some(z.square());
    std::iter::successors(Some(z), square).take(count).collect()
}

/// Answers for the vector at points that are drawn, each after `before`: the tables of `eq` there, and the answers.
fn answers(
    speaker: &mut Speaker,
    vector: &[Fr],
    before: impl Fn(&mut Speaker),
) -> Vec<(Buffer<Fr>, Fr)> {
    let answer = |_| {
        before(speaker);
        let z = speaker.challenger.challenge();
        let table = eq_table(&squares(z, vector.len().ilog2() as usize));
        let answer = par_dot(vector, &table);
        speaker.say(answer);
        (table, answer)
    };
    (0..OUT_OF_DOMAIN).map(answer).collect()
}

/// Rounds of the sumcheck of a product; returns the challenges.
pub(super) fn sumcheck(speaker: &mut Speaker, state: &mut Product, rounds: usize) -> Vec<Fr> {
    let mut point = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let polynomial = state.round();
        speaker.say_all(&[polynomial[0], polynomial[2]]);
        let x = speaker.challenger.challenge();
        state.fix(&polynomial, x);
        point.push(x);
    }
    point
}

/// A sumcheck that folds.
fn fold(speaker: &mut Speaker, state: &mut Product, rounds: usize) -> Vec<Fr> {
    speaker.challenger.observe_seed(&pattern::sumcheck(rounds));
    sumcheck(speaker, state, rounds)
}

/// Tells the value of the committed vector at a point, and proves it.
pub(super) fn open(
    speaker: &mut Speaker,
    whir: &Whir,
    plans: &Plans,
    committed: Committed,
    vector: &[Fr],
    point: &[Fr],
    value: Fr,
) -> Result<()> {
    let _span = tracing::info_span!("open").entered();
    let seed = pattern::out_of_domain(whir);
    let first = answers(speaker, vector, |speaker| {
        speaker.challenger.observe_seed(&seed);
    });
    speaker.challenger.observe_seed(&pattern::opening(whir));
    speaker.say(value);
    speaker.challenger.observe_seed(&pattern::whir(whir));
    speaker.challenger.observe_seed(&pattern::batching(whir));
    let weights = secret(&eq_table(point));
    let mut state = Product::new(secret(vector), weights, value);
    Claims::new(speaker).add_answers(&mut state, first);

    let mut committed = committed;
    let steps = whir.codes.iter().zip(&plans.0);
    for ((code, plan), (next_code, next_plan)) in steps.clone().zip(steps.clone().skip(1)) {
        let folded = fold(speaker, &mut state, code.log_columns);
        let next = Committed::new(next_code, next_plan, &state.vector)?;
        speaker.say_digest(next.tree.root());
        let answers = answers(speaker, &state.vector, |_| ());
        let places = committed.open(speaker, code);
        let mut claims = Claims::new(speaker);
        claims.add_answers(&mut state, answers);
        claims.add_rows(&mut state, code, plan, &committed, &places, &folded)?;
        committed = next;
    }
    let last = whir.codes.last().expect("one code at least");
    fold(speaker, &mut state, last.log_columns);
    let mut values = state.vector.to_vec();
    bit_reverse(&mut values)?;
    speaker.say_all(&values);
    committed.open(speaker, last);
    fold(speaker, &mut state, whir.last);
    Ok(())
}

/// What makes one claim of several, each with a power of a challenge; what was claimed before keeps the power 0.
struct Claims {
    base: Fr,
    factor: Fr,
}

impl Claims {
    fn new(speaker: &mut Speaker) -> Self {
        let base = speaker.challenger.challenge();
        Self { base, factor: base }
    }

    /// The next claim's factor.
    fn next(&mut self) -> Fr {
        let factor = self.factor;
        self.factor *= self.base;
        factor
    }

    fn add_answers(&mut self, state: &mut Product, answers: Vec<(Buffer<Fr>, Fr)>) {
        for (table, answer) in answers {
            let factor = self.next();
            add_scaled(&mut state.weights, factor, &table);
            state.sum += factor * answer;
        }
    }

    /// The opened rows, folded, are the folded vector's values at their places.
    fn add_rows(
        &mut self,
        state: &mut Product,
        code: &Code,
        plan: &Ntt<Fr>,
        committed: &Committed,
        places: &[usize],
        folded: &[Fr],
    ) -> Result<()> {
        let folding = eq_table(&reversed(folded));
        let mut factors = vec![Fr::ZERO; code.rows()];
        for &place in places {
            let factor = self.next();
            let row: Vec<Fr> = committed.row(code, place).collect();
            state.sum += factor * dot(&row, &folding);
            factors[place] += factor;
        }
        // The powers of all places, each times its factor, are a transform. The vector's entry with an index
        // has the power with the index backwards.
        plan.forward::<Natural, BitReversed>(&mut factors)?;
        let powers = factors.into_iter().step_by(1 << code.log_inverse_rate);
        for (weight, power) in state.weights.iter_mut().zip(powers) {
            *weight += power;
        }
        Ok(())
    }
}

/// A point with its variables the other way round.
pub(super) fn reversed(point: &[Fr]) -> Vec<Fr> {
    point.iter().rev().copied().collect()
}
