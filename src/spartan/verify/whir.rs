//! WHIR: that committed vectors have the claimed sums with linear forms.

use super::opening::{Commitment, Opening};
use super::{Checked, check};
use crate::field::{Field, Fr};
use crate::spartan::multilinear::{dot, eq_table, horner, powers_at};
use crate::spartan::parameters::{Round, Sumcheck, Whir};
use crate::spartan::transcript::{Challenges, Listener};

/// What is claimed of a folded vector: its sum with forms that are known later, and with powers of points.
pub(super) struct Claim {
    pub(super) sum: Fr,
    /// All challenges that folded so far.
    pub(super) point: Vec<Fr>,
    /// Points with their factors, and the variables of the vector when they were added.
    added: Vec<(usize, Vec<Fr>, Vec<Fr>)>,
}

impl Claim {
    pub(super) fn new(sum: Fr) -> Self {
        Self {
            sum,
            point: Vec::new(),
            added: Vec::new(),
        }
    }

    /// Adds the vector's values at points, each times its factor.
    pub(super) fn add(&mut self, len: usize, points: Vec<Fr>, values: &[Fr], factors: Vec<Fr>) {
        self.sum += dot(values, &factors);
        self.added.push((len.ilog2() as usize, points, factors));
    }

    /// Folds, and returns the challenges.
    pub(super) fn fold(
        &mut self,
        listener: &mut Listener<'_>,
        sumcheck: &Sumcheck,
    ) -> Checked<Vec<Fr>> {
        let begin = self.point.len();
        for _ in 0..sumcheck.rounds {
            let [constant, square] = [listener.hear()?, listener.hear()?];
            let linear = self.sum - constant.double() - square;
            check(listener.check_work(sumcheck.work)?, "the work of a round")?;
            let x = listener.challenge();
            self.sum = horner(&[constant, linear, square], x);
            self.point.push(x);
        }
        Ok(self.point[begin..].to_vec())
    }

    /// The weight at [`Claim::point`] of the points that were added.
    fn added_weight(&self) -> Fr {
        let weight = |(variables, points, factors): &(usize, Vec<Fr>, Vec<Fr>)| {
            let point = &self.point[self.point.len() - variables..];
            let terms = points.iter().zip(factors);
            let terms = terms.map(|(&z, &factor)| factor * powers_at(z, point));
            terms.sum::<Fr>()
        };
        self.added.iter().map(weight).sum()
    }

    /// The check that is left when all is folded: the sum is the vector's last value times the weight of
    /// everything.
    pub(super) fn close(&self, last: &[Fr], final_fold: &[Fr], forms: Fr) -> Checked<()> {
        let value = dot(last, &eq_table(final_fold));
        check(!value.is_zero(), "a last value that is zero")?;
        let weight = forms + self.added_weight();
        check(self.sum == value * weight, "the claims' sum")
    }
}

/// What is left after a first round.
pub(super) struct Rest {
    /// The first round's opened rows.
    pub(super) first: Opening,
    /// The vector at the end, and the last challenges.
    last: Vec<Fr>,
    final_fold: Vec<Fr>,
}

impl Rest {
    pub(super) fn close(&self, claim: &Claim, forms: Fr) -> Checked<()> {
        claim.close(&self.last, &self.final_fold, forms)
    }
}

/// The rounds after the first, whose commitment and challenges are given, to the end.
pub(super) fn rest(
    listener: &mut Listener<'_>,
    whir: &Whir,
    claim: &mut Claim,
    commitment: Commitment,
    fold: Vec<Fr>,
) -> Checked<Rest> {
    let (mut commitment, mut fold) = (commitment, fold);
    let mut first = None;
    for pair in whir.rounds.windows(2) {
        let [before, round] = pair else {
            unreachable!("windows of two");
        };
        let next = Commitment::hear(listener, &round.code)?;
        check(listener.check_work(round.work)?, "the work of queries")?;
        let indices = listener.indices(before.code.codeword_len, before.code.in_domain);
        let opening = commitment.open(listener, &before.code, indices)?;
        let weights = eq_table(&fold);
        let values = opening.rows().map(|row| dot(row, &weights)).collect();
        fold = next_round(listener, claim, round, &next, &opening.points, values)?;
        first.get_or_insert(opening);
        commitment = next;
    }
    let before = &whir
        .rounds
        .last()
        .expect("one at least, by construction")
        .code;
    let last = listener.hear_all(whir.final_sumcheck.initial_len)?;
    check(listener.check_work(whir.final_work)?, "the last work")?;
    let indices = listener.indices(before.codeword_len, before.in_domain);
    let opening = commitment.open(listener, before, indices)?;
    let weights = eq_table(&fold);
    for (row, &z) in opening.rows().zip(&opening.points) {
        check(
            dot(row, &weights) == horner(&last, z),
            "a row of the last code",
        )?;
    }
    let final_fold = claim.fold(listener, &whir.final_sumcheck)?;
    Ok(Rest {
        first: first.unwrap_or(opening),
        last,
        final_fold,
    })
}

/// The second half of a round: the answers of its commitment and the values of the rows become claims, and
/// the vector is folded.
pub(super) fn next_round(
    listener: &mut Listener<'_>,
    claim: &mut Claim,
    round: &Round,
    next: &Commitment,
    points: &[Fr],
    values: Vec<Fr>,
) -> Checked<Vec<Fr>> {
    let points = [&next.points, points].concat();
    let values = [&next.answers[..], &values].concat();
    let factors = listener.powers(values.len());
    claim.add(round.sumcheck.initial_len, points, &values, factors);
    claim.fold(listener, &round.sumcheck)
}

/// That committed vectors have these sums with forms: `sums[f * vectors + v]`. `forms` returns the extensions
/// of the forms at a point.
pub(super) fn verify(
    listener: &mut Listener<'_>,
    whir: &Whir,
    commitment: &Commitment,
    sums: &[Fr],
    forms: impl Fn(&[Fr]) -> Vec<Fr>,
) -> Checked<()> {
    let vectors = whir.code.vectors;
    let mix = listener.powers(vectors);
    let n_forms = sums.len() / vectors;
    let mut factors = listener.powers(n_forms + commitment.points.len());
    let answer_factors = factors.split_off(n_forms);
    let mixed = |sums: &[Fr]| -> Vec<Fr> {
        sums.chunks_exact(vectors)
            .map(|row| dot(row, &mix))
            .collect()
    };
    let mut claim = Claim::new(dot(&mixed(sums), &factors));
    let answers = mixed(&commitment.answers);
    let points = commitment.points.clone();
    claim.add(whir.code.vector_len, points, &answers, answer_factors);
    let fold = claim.fold(listener, &whir.sumcheck)?;

    let round = &whir.rounds[0];
    let next = Commitment::hear(listener, &round.code)?;
    check(listener.check_work(round.work)?, "the work of queries")?;
    let indices = listener.indices(whir.code.codeword_len, whir.code.in_domain);
    let opening = commitment.open(listener, &whir.code, indices)?;
    let weights = eq_table(&fold);
    let weights: Vec<Fr> = mix
        .iter()
        .flat_map(|&mix| weights.iter().map(move |&weight| mix * weight))
        .collect();
    let values = opening.rows().map(|row| dot(row, &weights)).collect();
    let fold = next_round(listener, &mut claim, round, &next, &opening.points, values)?;
    let rest = rest(listener, whir, &mut claim, next, fold)?;
    rest.close(&claim, dot(&forms(&claim.point), &factors))
}
