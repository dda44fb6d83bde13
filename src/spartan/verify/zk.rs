//! zkWHIR 2.0: WHIR over a vector that masks hide, and over the masks.

use super::opening;
use super::whir::{self, Claim};
use super::{Checked, check};
use crate::error::Result;
use crate::field::{Field, Fr};
use crate::spartan::masks::Window;
use crate::spartan::multilinear::{dot, eq_table, horner};
use crate::spartan::parameters::ZkWhir;
use crate::spartan::transcript::{Challenges, Listener, powers};

/// The commitments to the masked vector and to the masks.
pub(super) struct Commitment {
    main: opening::Commitment,
    masks: opening::Commitment,
}

impl Commitment {
    pub(super) fn hear(listener: &mut Listener<'_>, config: &ZkWhir) -> Result<Self> {
        Ok(Self {
            main: opening::Commitment::hear(listener, &config.main.code)?,
            masks: opening::Commitment::hear(listener, &config.masks.code)?,
        })
    }
}

/// The masks' values at the points where the folded vector was looked at.
struct MaskValues {
    points: Vec<Fr>,
    /// Of each point.
    values: Vec<Vec<Fr>>,
    count: usize,
    /// 1 and the challenge's powers, by which masks are added up.
    beta: Vec<Fr>,
}

impl MaskValues {
    /// The masks' values at a point, and what they add to the folded vector there.
    fn hear(&mut self, listener: &mut Listener<'_>, point: Fr) -> Result<Fr> {
        let values = listener.hear_all(self.count)?;
        let sum = dot(&values, &self.beta);
        self.points.push(point);
        self.values.push(values);
        Ok(sum)
    }
}

/// That the committed vector has these sums with forms, whose extensions at a point `forms` returns.
pub(super) fn verify<const N: usize>(
    listener: &mut Listener<'_>,
    config: &ZkWhir,
    commitment: &Commitment,
    claims: &[Fr; N],
    forms: impl Fn(&[Fr]) -> Checked<[Fr; N]>,
) -> Checked<()> {
    // The vector rho f + g, for the masks' sum g.
    let count = config.nu() + 1;
    let beta = powers(listener.challenge(), count);
    let mask_claims = listener.hear_all(N)?;
    let rho = listener.challenge();
    check(!rho.is_zero(), "a challenge that is zero")?;
    let factors = listener.powers(N);
    let sum = rho * dot(claims, &factors) + dot(&mask_claims, &factors);
    let mut claim = Claim::new(sum);
    let whir = &config.main;
    let fold = claim.fold(listener, &whir.sumcheck)?;

    // Its first folding is committed to; the rows of f with the masks' values are rows of it.
    let round = &whir.rounds[0];
    let folded = opening::Commitment::hear(listener, &round.code)?;
    check(listener.check_work(round.work)?, "the work of queries")?;
    let indices = listener.indices(whir.code.codeword_len, whir.code.in_domain);
    let rows = commitment.main.open(listener, &whir.code, indices)?;
    let mut masks = MaskValues {
        points: Vec::new(),
        values: Vec::new(),
        count,
        beta,
    };
    for &z in &folded.points {
        // A value of f that the format has and nothing depends on.
        listener.hear()?;
        masks.hear(listener, z)?;
    }
    let weights = eq_table(&fold);
    let mut values = Vec::with_capacity(rows.points.len());
    for (&z, row) in rows.points.iter().zip(rows.rows()) {
        values.push(rho * dot(row, &weights) + masks.hear(listener, z)?);
    }
    let next_fold = whir::next_round(listener, &mut claim, round, &folded, &rows.points, values)?;
    let rest = whir::rest(listener, whir, &mut claim, folded, next_fold)?;
    rest.close(&claim, dot(&forms(&claim.point)?, &factors))?;

    // Where the first folding was opened, f is opened too, and the masks make the difference.
    let stride = whir.code.codeword_len / round.code.codeword_len;
    let indices = rest.first.indices.iter().map(|index| index * stride);
    let rows = commitment
        .main
        .open(listener, &whir.code, indices.collect())?;
    let opened = rest.first.points.iter().zip(rest.first.rows());
    for ((&z, folded_row), row) in opened.zip(rows.rows()) {
        let value = horner(folded_row, z.pow(&[round.code.message_len() as u64]));
        let expected = rho * dot(row, &weights) + masks.hear(listener, z)?;
        check(value == expected, "the first folding")?;
    }
    verify_masks(listener, config, commitment, &fold, rho, &masks)
}

/// That the masks have the values that the proof says.
fn verify_masks(
    listener: &mut Listener<'_>,
    config: &ZkWhir,
    commitment: &Commitment,
    fold: &[Fr],
    rho: Fr,
    masks: &MaskValues,
) -> Checked<()> {
    let tau = listener.challenge();
    let scales = &powers(tau, masks.points.len() + 1)[1..];
    let count = masks.count;
    // With each mask's weights, the sum of each mask.
    let sums = listener.hear_all(count * count)?;
    for mask in 0..count {
        let values = masks.values.iter().zip(scales);
        let expected: Fr = values.map(|(values, &scale)| scale * values[mask]).sum();
        let diagonal = sums[mask * count + mask];
        check(diagonal == expected, "the masks' values")?;
    }
    // The last variable is 0 for what is added to the vector and 1 for what was subtracted, rho times, from
    // it: of the first mask only.
    let forms = |point: &[Fr]| -> Vec<Fr> {
        let (&last, point) = point.split_last().expect("ell + 1 variables");
        let form = |mask: usize| {
            let window = Window::new(config, mask);
            let terms = masks.points.iter().zip(scales);
            let terms = terms.map(|(&z, &scale)| scale * window.weight_at(fold, z, point));
            let subtracted = if mask == 0 { rho * last } else { Fr::ZERO };
            terms.sum::<Fr>() * (Fr::ONE - last - subtracted)
        };
        (0..count).map(form).collect()
    };
    whir::verify(listener, &config.masks, &commitment.masks, &sums, forms)
}
