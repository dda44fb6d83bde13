//! zkWHIR 2.0: the commitment to a vector that masks hide, and the proof of its sums with linear forms.

use rayon::prelude::*;

use super::code::{self, Plans};
use super::randomize;
use super::whir::{self, folded};
use crate::error::Result;
use crate::field::{Field, Fr};
use crate::memory::{Buffer, Secret};
use crate::spartan::kernels;
use crate::spartan::masks::Window;
use crate::spartan::multilinear::{dot, eq_table, par_dot};
use crate::spartan::parameters::ZkWhir;
use crate::spartan::sumcheck::Product;
use crate::spartan::transcript::{Challenges, Speaker, powers};
use crate::spartan::vector::{CHUNK, add_scaled, scale};

/// Weights for a run of the vector, zero elsewhere.
pub(super) struct Form {
    pub(super) begin: usize,
    pub(super) weights: Buffer<Fr>,
}

impl Form {
    pub(super) fn new(begin: usize, weights: &[Fr]) -> Self {
        let mut form = Self {
            begin,
            weights: Buffer::zeroed(weights.len()),
        };
        form.weights.copy_from_slice(weights);
        form
    }
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
    /// The vector is masked meanwhile.
    pub(super) fn new(
        speaker: &mut Speaker,
        config: &ZkWhir,
        plans: &Plans,
        vector: &mut [Fr],
    ) -> Result<Self> {
        let _span = tracing::info_span!("commit").entered();
        let len = 1 << config.ell();
        let count = config.nu() + 1;
        let mut subtracted = Secret::zeros(len);
        let mut added = Secret::zeros(count * len);
        randomize(&mut subtracted)?;
        randomize(&mut added)?;
        let window = Window::new(config, 0);
        add_mask(vector, window, &subtracted);
        let main = code::Committed::new(speaker, &config.main.code, plans, &[vector])?;
        subtract_mask(vector, window, &subtracted);
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

/// Proves that the vector has these sums with the forms, the longest of which is as long as the vector.
pub(super) fn prove(
    speaker: &mut Speaker,
    config: &ZkWhir,
    plans: &Plans,
    committed: Committed,
    mut vector: Secret<Fr>,
    forms: Vec<Form>,
    claims: &[Fr],
) -> Result<()> {
    let _span = tracing::info_span!("open").entered();
    let whir = &config.main;
    let ell = config.ell();
    let windows: Vec<Window> = (0..=config.nu())
        .map(|mask| Window::new(config, mask))
        .collect();
    let beta = powers(speaker.challenge(), windows.len());
    let sum = SumOfMasks::new(&windows, &committed.added, &beta);
    let mask_claims = sum.with(&forms);
    speaker.say_all(&mask_claims);
    let rho = speaker.challenge();
    sum.add_to_multiple(&mut vector, rho);
    let factors = speaker.powers(forms.len());
    let sum = rho * dot(claims, &factors) + dot(&mask_claims, &factors);
    let weights = combined(forms, &factors).into();
    let mut state = Product::new(vector, weights, sum);
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
                .map(|(window, mask)| window.fold(mask, &fold))
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

/// The sum of the forms, each times its factor. The longest takes up the others, and they are freed one by one:
/// together they are what most memory is needed for.
fn combined(forms: Vec<Form>, factors: &[Fr]) -> Buffer<Fr> {
    let longest = (0..forms.len()).max_by_key(|&i| forms[i].weights.len());
    let longest = longest.expect("a form");
    let mut forms: Vec<Option<Form>> = forms.into_iter().map(Some).collect();
    let mut sum = forms[longest].take().expect("not taken yet").weights;
    scale(&mut sum, factors[longest]);
    for (form, &factor) in forms.iter_mut().zip(factors) {
        if let Some(form) = form.take() {
            add_scaled(&mut sum[form.begin..], factor, &form.weights);
        }
    }
    sum
}

/// Powers of a root.
fn places(root: Fr, indices: &[usize]) -> Vec<Fr> {
    let place = |&index: &usize| root.pow(&[index as u64]);
    indices.iter().map(place).collect()
}

/// Lays a mask over a vector.
fn add_mask(vector: &mut [Fr], window: Window, mask: &[Fr]) {
    for_each_chunk(vector, |begin, chunk| {
        for (i, element) in chunk.iter_mut().enumerate() {
            *element += mask[window.place(begin + i)];
        }
    });
}

/// Takes it off again.
fn subtract_mask(vector: &mut [Fr], window: Window, mask: &[Fr]) {
    for_each_chunk(vector, |begin, chunk| {
        for (i, element) in chunk.iter_mut().enumerate() {
            *element -= mask[window.place(begin + i)];
        }
    });
}

/// Does something with each chunk and the index of its first element; parallel.
fn for_each_chunk(vector: &mut [Fr], work: impl Fn(usize, &mut [Fr]) + Send + Sync) {
    vector
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, elements)| work(chunk * CHUNK, elements));
}

/// The masks, each times its factor, laid over a vector. The sum is as long as the vector, and computed where it is
/// needed rather than kept.
struct SumOfMasks<'a> {
    windows: &'a [Window],
    scaled: Secret<Fr>,
}

impl<'a> SumOfMasks<'a> {
    fn new(windows: &'a [Window], masks: &[Fr], factors: &[Fr]) -> Self {
        let mask_len = masks.len() / windows.len();
        let mut scaled = Secret::zeros(masks.len());
        for ((scaled, mask), &factor) in scaled
            .chunks_exact_mut(mask_len)
            .zip(masks.chunks_exact(mask_len))
            .zip(factors)
        {
            add_scaled(scaled, factor, mask);
        }
        Self { windows, scaled }
    }

    /// Adds its elements from the index `begin` on.
    fn add_to(&self, begin: usize, elements: &mut [Fr]) {
        let masks = self
            .scaled
            .chunks_exact(self.scaled.len() / self.windows.len());
        for (window, mask) in self.windows.iter().zip(masks) {
            for (i, element) in elements.iter_mut().enumerate() {
                *element += mask[window.place(begin + i)];
            }
        }
    }

    /// Its sums with the forms.
    fn with(&self, forms: &[Form]) -> Vec<Fr> {
        let value = |form: &Form| -> Fr {
            let chunks = form.weights.par_chunks(CHUNK).enumerate();
            chunks
                .map_init(
                    || Secret::<Fr>::zeros(CHUNK),
                    |room, (chunk, weights)| {
                        let sum = &mut room[..weights.len()];
                        sum.fill(Fr::ZERO);
                        self.add_to(form.begin + chunk * CHUNK, sum);
                        kernels::dot(weights, sum)
                    },
                )
                .sum()
        };
        forms.iter().map(value).collect()
    }

    /// Makes of a vector `factor` times it and this.
    fn add_to_multiple(&self, vector: &mut [Fr], factor: Fr) {
        vector.par_chunks_mut(CHUNK).enumerate().for_each_init(
            || Secret::<Fr>::zeros(CHUNK),
            |room, (chunk, elements)| {
                let sum = &mut room[..elements.len()];
                sum.fill(Fr::ZERO);
                self.add_to(chunk * CHUNK, sum);
                kernels::add_scaled(sum, factor, elements);
                elements.copy_from_slice(sum);
            },
        );
    }
}
