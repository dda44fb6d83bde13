//! WHIR: proves that committed vectors have sums with linear forms.

use super::code::{Committed, Plans};
use crate::error::Result;
use crate::field::Fr;
use crate::memory::Secret;
use crate::spartan::multilinear::{dot, eq_table};
use crate::spartan::parameters::{Code, Round, Sumcheck, Whir};
use crate::spartan::sumcheck::Product;
use crate::spartan::transcript::{Challenges, Speaker};
use crate::spartan::vector::{add_powers, add_scaled};

/// Folds, and returns the challenges.
pub(super) fn fold(speaker: &mut Speaker, state: &mut Product, sumcheck: &Sumcheck) -> Vec<Fr> {
    let mut point = Vec::with_capacity(sumcheck.rounds);
    for _ in 0..sumcheck.rounds {
        let polynomial = state.round();
        speaker.say_all(&[polynomial[0], polynomial[2]]);
        speaker.grind(sumcheck.work);
        let x = speaker.challenge();
        state.fix(&polynomial, x);
        point.push(x);
    }
    point
}

/// The second half of a round: the new commitment's answers and the old one's rows become part of the sum,
/// and the vector is folded.
#[allow(clippy::too_many_arguments)] // what a round consists of
pub(super) fn next_round(
    speaker: &mut Speaker,
    plans: &Plans,
    round: &Round,
    before: &Code,
    next: &Committed,
    indices: &[usize],
    values: &[Fr],
    state: &mut Product,
) -> Result<Vec<Fr>> {
    let answers = next.answers.len();
    let factors = speaker.powers(answers + values.len());
    let (answer_factors, value_factors) = factors.split_at(answers);
    for (&z, &factor) in next.points.iter().zip(answer_factors) {
        add_powers(&mut state.weights, factor, z);
    }
    plans.add_powers(before, indices, value_factors, &mut state.weights)?;
    state.sum += dot(&next.answers, answer_factors) + dot(values, value_factors);
    Ok(fold(speaker, state, &round.sumcheck))
}

/// The rounds after the first, whose commitment and challenges are given. Returns where that commitment was
/// opened.
pub(super) fn rest(
    speaker: &mut Speaker,
    plans: &Plans,
    whir: &Whir,
    state: &mut Product,
    committed: Committed,
    fold: Vec<Fr>,
) -> Result<Vec<usize>> {
    let (mut committed, mut fold) = (committed, fold);
    let mut first = None;
    for pair in whir.rounds.windows(2) {
        let [before, round] = pair else {
            unreachable!("windows of two");
        };
        let next = Committed::new(speaker, &round.code, plans, &[&state.vector])?;
        speaker.grind(round.work);
        let before = &before.code;
        let indices = speaker.indices(before.codeword_len, before.in_domain);
        let rows = committed.open(speaker, before, &indices);
        let values = folded(&rows, &eq_table(&fold));
        fold = next_round(
            speaker, plans, round, before, &next, &indices, &values, state,
        )?;
        first.get_or_insert(indices);
        committed = next;
    }
    let last = &whir
        .rounds
        .last()
        .expect("one at least, by construction")
        .code;
    speaker.say_all(&state.vector);
    speaker.grind(whir.final_work);
    let indices = speaker.indices(last.codeword_len, last.in_domain);
    committed.open(speaker, last, &indices);
    self::fold(speaker, state, &whir.final_sumcheck);
    Ok(first.unwrap_or(indices))
}

/// Each row times the weights.
pub(super) fn folded(rows: &[Fr], weights: &[Fr]) -> Vec<Fr> {
    rows.chunks_exact(weights.len())
        .map(|row| dot(row, weights))
        .collect()
}

/// Proves sums of committed vectors with forms: `sums[f * vectors + v]`.
pub(super) fn prove(
    speaker: &mut Speaker,
    plans: &Plans,
    whir: &Whir,
    committed: &Committed,
    vectors: &[&[Fr]],
    forms: &[Vec<Fr>],
    sums: &[Fr],
) -> Result<()> {
    let mix = speaker.powers(vectors.len());
    let factors = speaker.powers(forms.len() + committed.points.len());
    let (form_factors, answer_factors) = factors.split_at(forms.len());
    let len = whir.code.vector_len;
    let combined = |parts: &[&[Fr]], factors: &[Fr]| {
        let mut sum = Secret::<Fr>::zeros(len);
        for (part, &factor) in parts.iter().zip(factors) {
            add_scaled(&mut sum, factor, part);
        }
        sum
    };
    let forms: Vec<&[Fr]> = forms.iter().map(Vec::as_slice).collect();
    let mut weights = combined(&forms, form_factors);
    for (&z, &factor) in committed.points.iter().zip(answer_factors) {
        add_powers(&mut weights, factor, z);
    }
    let sum = dot(&folded(sums, &mix), form_factors)
        + dot(&folded(&committed.answers, &mix), answer_factors);
    let mut state = Product::new(combined(vectors, &mix), weights, sum);
    let fold = fold(speaker, &mut state, &whir.sumcheck);

    let round = &whir.rounds[0];
    let next = Committed::new(speaker, &round.code, plans, &[&state.vector])?;
    speaker.grind(round.work);
    let code = &whir.code;
    let indices = speaker.indices(code.codeword_len, code.in_domain);
    let rows = committed.open(speaker, code, &indices);
    let eq = eq_table(&fold);
    let weights: Vec<Fr> = mix
        .iter()
        .flat_map(|&mix| eq.iter().map(move |&weight| mix * weight))
        .collect();
    let values = folded(&rows, &weights);
    let fold = next_round(
        speaker, plans, round, code, &next, &indices, &values, &mut state,
    )?;
    rest(speaker, plans, whir, &mut state, next, fold)?;
    Ok(())
}
