//! zkWHIR 2.0: the commitment to a vector that masks hide, and the proof of its sums with linear forms.

use rayon::prelude::*;

use super::code::{self, Plans};
use super::randomize;
use super::whir::{self, folded};
use crate::error::Result;
use crate::field::{Field, Fr};
use crate::memory::Secret;
use crate::spartan::masks::Window;
use crate::spartan::multilinear::{dot, eq_table, par_dot};
use crate::spartan::parameters::ZkWhir;
use crate::spartan::sumcheck::Product;
use crate::spartan::transcript::{Challenges, Speaker, powers};
use crate::spartan::vector::{CHUNK, add_scaled, secret};

/// Weights for a run of the vector, zero elsewhere.
pub(super) struct Form {
    pub(super) begin: usize,
    pub(super) weights: Vec<Fr>,
}

/// The commitments to the masked vector and to the masks.
pub(super) struct Committed {
    main: code::Committed,
    masks: code::Committed,
    /// What the vector was masked by.
    subtracted: Secret<Fr>,
    /// What is added to it later, mask after mask.
    added: Secret<Fr>,
    /// As they are committed to: their first with what the vector was masked by as odd elements, the others
    /// with zeros there.
    vectors: Vec<Secret<Fr>>,
}

impl Committed {
    pub(super) fn new(
        speaker: &mut Speaker,
        config: &ZkWhir,
        plans: &Plans,
        vector: &[Fr],
    ) -> Result<Self> {
        let _span = tracing::info_span!("commit").entered();
        let len = 1 << config.ell();
        let count = config.nu() + 1;
        let mut subtracted = Secret::zeros(len);
        let mut added = Secret::zeros(count * len);
        randomize(&mut subtracted)?;
        randomize(&mut added)?;
        let window = Window::new(config, 0);
        let mut masked = Secret::zeros(vector.len());
        masked
            .par_chunks_mut(CHUNK)
            .zip(vector.par_chunks(CHUNK))
            .enumerate()
            .for_each(|(chunk, (masked, vector))| {
                for (i, (masked, &element)) in masked.iter_mut().zip(vector).enumerate() {
                    *masked = element + subtracted[window.place(chunk * CHUNK + i)];
                }
            });
        let main = code::Committed::new(speaker, &config.main.code, plans, &[&masked])?;
        let vectors: Vec<Secret<Fr>> = added
            .chunks_exact(len)
            .enumerate()
            .map(|(mask, added)| {
                let mut vector = Secret::<Fr>::zeros(2 * len);
                for (i, pair) in vector.chunks_exact_mut(2).enumerate() {
                    pair[0] = added[i];
                    if mask == 0 {
                        pair[1] = subtracted[i];
                    }
                }
                vector
            })
            .collect();
        let slices: Vec<&[Fr]> = vectors.iter().map(|vector| &vector[..]).collect();
        let masks = code::Committed::new(speaker, &config.masks.code, plans, &slices)?;
        Ok(Self {
            main,
            masks,
            subtracted,
            added,
            vectors,
        })
    }
}

/// The masks after the first folding, whose values at points are told.
struct Masks {
    windows: Vec<Window>,
    folded: Vec<Secret<Fr>>,
    /// 1 and the challenge's powers, by which masks are added up.
    beta: Vec<Fr>,
    points: Vec<Fr>,
}

impl Masks {
    /// Tells the masks' values at points, and returns what they add to the vector's there.
    fn say(&mut self, speaker: &mut Speaker, points: &[Fr]) -> Vec<Fr> {
        let values: Vec<Vec<Fr>> = points
            .par_iter()
            .map(|&z| {
                let masks = self.windows.iter().zip(&self.folded);
                masks.map(|(window, mask)| window.value(mask, z)).collect()
            })
            .collect();
        self.points.extend_from_slice(points);
        for values in &values {
            speaker.say_all(values);
        }
        values
            .iter()
            .map(|values| dot(values, &self.beta))
            .collect()
    }
}

/// Proves that the vector has these sums with the forms.
pub(super) fn prove(
    speaker: &mut Speaker,
    config: &ZkWhir,
    plans: &Plans,
    committed: Committed,
    vector: Secret<Fr>,
    forms: &[Form],
    claims: &[Fr],
) -> Result<()> {
    let _span = tracing::info_span!("open").entered();
    let whir = &config.main;
    let ell = config.ell();
    let windows: Vec<Window> = (0..=config.nu())
        .map(|mask| Window::new(config, mask))
        .collect();
    let beta = powers(speaker.challenge(), windows.len());
    let mask = sum_of_masks(&windows, &committed.added, &beta, vector.len());
    let mask_claims: Vec<Fr> = forms
        .iter()
        .map(|form| par_dot(&form.weights, &mask[form.begin..][..form.weights.len()]))
        .collect();
    speaker.say_all(&mask_claims);
    let rho = speaker.challenge();
    let mut hidden = mask;
    add_scaled(&mut hidden, rho, &vector);
    drop(vector);
    let factors = speaker.powers(forms.len());
    let mut weights = Secret::<Fr>::zeros(hidden.len());
    for (form, &factor) in forms.iter().zip(&factors) {
        add_scaled(&mut weights[form.begin..], factor, &form.weights);
    }
    let sum = rho * dot(claims, &factors) + dot(&mask_claims, &factors);
    let mut state = Product::new(hidden, weights, sum);
    let fold = whir::fold(speaker, &mut state, &whir.sumcheck);

    let round = &whir.rounds[0];
    let next = code::Committed::new(speaker, &round.code, plans, &[&state.vector])?;
    speaker.grind(round.work);
    let code = &whir.code;
    let indices = speaker.indices(code.codeword_len, code.in_domain);
    let rows = committed.main.open(speaker, code, &indices);
    let mut masks = {
        let mut first = Secret::<Fr>::zeros(1 << ell);
        first.copy_from_slice(&committed.added[..1 << ell]);
        add_scaled(&mut first, -rho, &committed.subtracted);
        let masks = committed.added.chunks_exact(1 << ell).skip(1);
        let masks = std::iter::once(&first[..]).chain(masks);
        let masks = windows.iter().zip(masks);
        Masks {
            folded: masks
                .map(|(window, mask)| secret(&window.fold(mask, &fold)))
                .collect(),
            windows,
            beta,
            points: Vec::new(),
        }
    };
    for &z in &next.points {
        // The format has a value of the masked vector here, which no verifier looks at: better none.
        speaker.say(Fr::ZERO);
        masks.say(speaker, &[z]);
    }
    let eq = eq_table(&fold);
    let points = places(code.root(), &indices);
    let values: Vec<Fr> = folded(&rows, &eq)
        .into_iter()
        .zip(masks.say(speaker, &points))
        .map(|(value, mask)| rho * value + mask)
        .collect();
    let next_fold = whir::next_round(
        speaker, plans, round, code, &next, &indices, &values, &mut state,
    )?;
    let first = whir::rest(speaker, plans, whir, &mut state, next, next_fold)?;
    drop(state);

    let stride = code.codeword_len / round.code.codeword_len;
    let indices: Vec<usize> = first.iter().map(|index| index * stride).collect();
    committed.main.open(speaker, code, &indices);
    masks.say(speaker, &places(code.root(), &indices));
    drop(committed.main);

    let _span = tracing::info_span!("masks").entered();
    let tau = speaker.challenge();
    let scales = &powers(tau, masks.points.len() + 1)[1..];
    let forms: Vec<Vec<Fr>> = masks
        .windows
        .par_iter()
        .enumerate()
        .map(|(mask, window)| {
            let weights = window.weights(&fold, &masks.points, scales);
            let odd = if mask == 0 { -rho } else { Fr::ZERO };
            let pair = |weight: Fr| [weight, odd * weight];
            weights.into_iter().flat_map(pair).collect()
        })
        .collect();
    let vectors: Vec<&[Fr]> = committed.vectors.iter().map(|vector| &vector[..]).collect();
    let sums: Vec<Fr> = forms
        .iter()
        .flat_map(|form| vectors.iter().map(|vector| par_dot(form, vector)))
        .collect();
    speaker.say_all(&sums);
    whir::prove(
        speaker,
        plans,
        &config.masks,
        &committed.masks,
        &vectors,
        &forms,
        &sums,
    )
}

/// Powers of a root.
fn places(root: Fr, indices: &[usize]) -> Vec<Fr> {
    let place = |&index: &usize| root.pow(&[index as u64]);
    indices.iter().map(place).collect()
}

/// The masks laid over a vector, each times its factor.
fn sum_of_masks(windows: &[Window], masks: &[Fr], factors: &[Fr], len: usize) -> Secret<Fr> {
    let mask_len = masks.len() / windows.len();
    let mut scaled = Secret::zeros(masks.len());
    for ((scaled, mask), &factor) in scaled
        .chunks_exact_mut(mask_len)
        .zip(masks.chunks_exact(mask_len))
        .zip(factors)
    {
        add_scaled(scaled, factor, mask);
    }
    let mut sum = Secret::zeros(len);
    sum.par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, sum)| {
            for (window, mask) in windows.iter().zip(scaled.chunks_exact(mask_len)) {
                for (i, sum) in sum.iter_mut().enumerate() {
                    *sum += mask[window.place(chunk * CHUNK + i)];
                }
            }
        });
    sum
}
