//! The prover's WHIR: commits to a vector and proves its value at a point.
//!
//! The vector's variables are those of its index, the highest bit first, and they are folded in this order.
//! p3-whir has them the other way round, in points and in the vector that it is given: its entry `i` is the
//! entry here whose index is `i` backwards.

use super::channel::Speaker;
use super::parameters::{Code, OUT_OF_DOMAIN, Whir};
use super::pattern;
use super::tree::Tree;
use crate::error::Result;
use crate::field::{Field, Fr};
use crate::memory::Secret;
use crate::ntt::{BitReversed, Natural, Ntt, bit_reverse, reverse_bits};
use crate::spartan::multilinear::{dot, eq_table, par_dot};
use crate::spartan::sumcheck::Product;
use crate::spartan::vector::{add_scaled, secret};
use rayon::prelude::*;

/// Transforms for the rows of each code.
pub(super) struct Plans(Vec<Ntt<Fr>>);

impl Plans {
    /// That of the first code.
    pub(super) fn first(&self) -> &Ntt<Fr> {
        &self.0[0]
    }

    pub(super) fn new(whir: &Whir) -> Result<Self> {
        let plan = |code: &Code| Ntt::new(code.log_rows() as u32);
        let plans = whir.codes.par_iter().map(plan);
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

    /// Opens the rows at places: the rows as often as they are drawn, and what of the tree leads from them to
    /// the root.
    fn open(&self, speaker: &mut Speaker, code: &Code, places: &[usize]) {
        for &place in places {
            self.row(code, place)
                .for_each(|element| speaker.hint(element));
        }
        let mut places = places.to_vec();
        places.sort_unstable();
        places.dedup();
        speaker.hint_digests(&self.tree.siblings(&places));
    }
}

/// `z, z^2, z^4, ...`: a point out of the domain.
pub(super) fn squares(z: Fr, count: usize) -> Vec<Fr> {
    let square = |z: &Fr| Some(z.square());
    std::iter::successors(Some(z), square).take(count).collect()
}

/// Answers for the vector at a point that is drawn; returns the table of `eq` there, and the answer.
fn answer(speaker: &mut Speaker, vector: &[Fr]) -> (Vec<Fr>, Fr) {
    let z = speaker.challenger.challenge();
    let table = eq_table(&squares(z, vector.len().ilog2() as usize));
    let answer = par_dot(vector, &table);
    speaker.say(answer);
    (table, answer)
}

/// Folds so many variables, and returns the challenges.
fn fold(speaker: &mut Speaker, state: &mut Product, rounds: usize) -> Vec<Fr> {
    speaker.challenger.observe_seed(&pattern::sumcheck(rounds));
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
    let mut answers = Vec::with_capacity(OUT_OF_DOMAIN);
    for _ in 0..OUT_OF_DOMAIN {
        speaker
            .challenger
            .observe_seed(&pattern::out_of_domain(whir));
        answers.push(answer(speaker, vector));
    }
    speaker.challenger.observe_seed(&pattern::opening(whir));
    speaker.say(value);
    speaker.challenger.observe_seed(&pattern::whir(whir));
    speaker.challenger.observe_seed(&pattern::batching(whir));
    let alpha = speaker.challenger.challenge();

    let mut weights = secret(&eq_table(point));
    let mut sum = value;
    let mut factor = alpha;
    for (table, answer) in answers {
        add_scaled(&mut weights, factor, &table);
        sum += factor * answer;
        factor *= alpha;
    }
    let mut state = Product::new(secret(vector), weights, sum);
    let mut committed = committed;
    for (i, (code, plan)) in whir.codes.iter().zip(&plans.0).enumerate() {
        let folded = fold(speaker, &mut state, code.log_columns);
        let next = whir.codes.get(i + 1).zip(plans.0.get(i + 1));
        let next = match next {
            Some((code, plan)) => {
                let committed = Committed::new(code, plan, &state.vector)?;
                speaker.say_digest(committed.tree.root());
                let answers: Vec<_> = (0..OUT_OF_DOMAIN)
                    .map(|_| answer(speaker, &state.vector))
                    .collect();
                Some((committed, answers))
            }
            None => {
                let mut last = state.vector.to_vec();
                bit_reverse(&mut last)?;
                speaker.say_all(&last);
                None
            }
        };
        speaker.grind(code.work);
        let places = speaker.challenger.places(code.draws(), code.log_rows());
        committed.open(speaker, code, &places);
        let Some((next, answers)) = next else {
            break;
        };

        let gamma = speaker.challenger.challenge();
        let mut factor = gamma;
        for (table, answer) in answers {
            add_scaled(&mut state.weights, factor, &table);
            state.sum += factor * answer;
            factor *= gamma;
        }
        let folding: Vec<Fr> = eq_table(&reversed(&folded));
        let mut factors = vec![Fr::ZERO; code.rows()];
        for &place in &places {
            let row: Vec<Fr> = committed.row(code, place).collect();
            state.sum += factor * dot(&row, &folding);
            factors[place] += factor;
            factor *= gamma;
        }
        // The powers of all places, each times its factor, are a transform. A vector's entry with an index has
        // the power with the index backwards.
        plan.forward::<Natural, BitReversed>(&mut factors)?;
        let powers = factors.into_iter().step_by(1 << code.log_inverse_rate);
        for (weight, power) in state.weights.iter_mut().zip(powers) {
            *weight += power;
        }
        committed = next;
    }
    fold(speaker, &mut state, whir.last);
    Ok(())
}

/// A point with its variables the other way round.
pub(super) fn reversed(point: &[Fr]) -> Vec<Fr> {
    point.iter().rev().copied().collect()
}
