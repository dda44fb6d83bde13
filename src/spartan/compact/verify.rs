//! The verifier. It shares with the prover the circuit, the parameters, the transcript and the multilinear
//! extensions, and no step of the protocol.

use super::channel::Listener;
use super::circuit::Circuit;
use super::parameters::{Code, OUT_OF_DOMAIN, Whir};
use super::pattern;
use super::tree::{self, Digest};
use super::whir::{reversed, squares};
use crate::error::{Fault, Result};
use crate::field::{Field, Fr};
use crate::spartan::multilinear::{dot, eq, eq_table, horner, par_dot, powers_at};
use crate::spartan::paths;
use crate::spartan::proof::place;
use crate::spartan::verify::{Checked, Refusal, check};

/// Whether the proof is one for the circuit and these public signals, with the constant 1 before them.
pub(super) fn verify(circuit: &Circuit, public: &[Fr], proof: &[u8]) -> Result<bool> {
    let mut listener = circuit.listener(public, proof);
    match spartan(circuit, public, &mut listener) {
        Err(Refusal::Malformed(error)) => return Err(error),
        Err(Refusal::Invalid(what)) => {
            tracing::debug!(what, "a proof is refused");
            return Ok(false);
        }
        Ok(()) => {}
    }
    match listener.rest() {
        0 => Ok(true),
        rest => {
            let reason = format!("{rest} bytes follow the last");
            Err(place("end", Fault::TrailingBytes, reason))
        }
    }
}

fn spartan(circuit: &Circuit, public: &[Fr], listener: &mut Listener<'_>) -> Checked<()> {
    listener.challenger.observe_seed(&pattern::commitment());
    let root = listener.hear_digest("root")?;

    // The sum of eq(tau, i) ((A w)_i (B w)_i - (C w)_i) over all i is 0. A round's polynomial is told without
    // its linear coefficient, which its values at 0 and 1, together the claim, give.
    let tau = listener.challenger.challenges(circuit.m_0);
    let mut claim = Fr::ZERO;
    let mut alpha = Vec::with_capacity(tau.len());
    for _ in &tau {
        let told = listener.hear_all(3, "sumcheck of the constraints")?;
        let linear = claim - told[0].double() - told[1] - told[2];
        let x = listener.challenger.challenge();
        claim = horner(&[told[0], linear, told[1], told[2]], x);
        alpha.push(x);
    }
    let ends = listener.hear_all(3, "sums of the matrices")?;
    check(
        claim == (ends[0] * ends[1] - ends[2]) * eq(&tau, &alpha),
        "the end of the constraints' sumcheck",
    )?;

    // A, B and C at alpha, together, times the wires. What the public ones have in it is known.
    let rho = listener.challenger.challenge();
    let columns = circuit.columns_at(&alpha, rho)?;
    let (known, columns) = columns.split_at(public.len());
    let mut claim = ends[0] + rho * (ends[1] + rho * ends[2]) - dot(known, public);
    let point = sumcheck(
        listener,
        &mut claim,
        circuit.whir.variables(),
        "sumcheck of the wires",
    )?;
    let weight = par_dot(columns, &eq_table(&point)[..columns.len()]);

    let opening = Opening {
        root,
        whir: &circuit.whir,
    };
    let value = opening.verify(listener, &point)?;
    check(claim == weight * value, "the end of the wires' sumcheck")
}

/// The rounds of a sum of products: their challenges, with the claim that is left.
fn sumcheck(
    listener: &mut Listener<'_>,
    claim: &mut Fr,
    rounds: usize,
    part: &str,
) -> Result<Vec<Fr>> {
    let mut point = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let [constant, square] = [listener.hear(part)?, listener.hear(part)?];
        let linear = *claim - constant.double() - square;
        let x = listener.challenger.challenge();
        *claim = horner(&[constant, linear, square], x);
        point.push(x);
    }
    Ok(point)
}

/// What is claimed of a folded vector beside the first claim: its values at points out of the domain and at
/// places of a code, each times a factor.
struct Added {
    variables: usize,
    out_of_domain: Vec<(Fr, Fr)>,
    places: Vec<(Fr, Fr)>,
}

impl Added {
    /// The claims' weight at the point where all variables are fixed.
    fn weight(&self, point: &[Fr]) -> Fr {
        let point = &point[point.len() - self.variables..];
        let backwards = reversed(point);
        let out_of_domain = self
            .out_of_domain
            .iter()
            .map(|&(z, factor)| factor * eq(&squares(z, self.variables), point));
        let places = self
            .places
            .iter()
            .map(|&(z, factor)| factor * powers_at(z, &backwards));
        out_of_domain.chain(places).sum()
    }
}

/// An opening of a commitment by WHIR.
struct Opening<'a> {
    root: Digest,
    whir: &'a Whir,
}

impl Opening<'_> {
    /// Hears the committed vector's value at a point, and checks it.
    fn verify(self, listener: &mut Listener<'_>, at: &[Fr]) -> Checked<Fr> {
        let Self { mut root, whir } = self;
        let mut first = Vec::new();
        for _ in 0..OUT_OF_DOMAIN {
            let seed = pattern::out_of_domain(whir);
            listener.challenger.observe_seed(&seed);
            first.push(answer(listener)?);
        }
        listener.challenger.observe_seed(&pattern::opening(whir));
        let value = listener.hear("value of the wires")?;
        listener.challenger.observe_seed(&pattern::whir(whir));
        listener.challenger.observe_seed(&pattern::batching(whir));
        let mut claims = Claims::new(listener.challenger.challenge(), value);
        let first = Added {
            variables: whir.variables(),
            out_of_domain: claims.add(first),
            places: Vec::new(),
        };
        let mut added = vec![first];
        let mut sum = claims.sum;

        let mut point = Vec::new();
        for (code, next) in whir.codes.iter().zip(&whir.codes[1..]) {
            let fold = folding(listener, &mut sum, code.log_columns)?;
            let next_root = listener.hear_digest("root of a round")?;
            let answers = (0..OUT_OF_DOMAIN).map(|_| answer(listener));
            let answers = answers.collect::<Result<Vec<_>>>()?;
            let rows = rows(listener, code, &root, &fold)?;
            let gamma = listener.challenger.challenge();
            let mut claims = Claims::new(gamma, sum);
            added.push(Added {
                variables: next.variables,
                out_of_domain: claims.add(answers),
                places: claims.add(rows),
            });
            sum = claims.sum;
            point.extend(fold);
            root = next_root;
        }

        let code = whir.codes.last().expect("one code at least");
        let fold = folding(listener, &mut sum, code.log_columns)?;
        point.extend(&fold);
        let last = listener.hear_all(1 << whir.last, "last polynomial")?;
        for (z, value) in rows(listener, code, &root, &fold)? {
            check(horner(&last, z) == value, "a row of the last code")?;
        }
        let fold = folding(listener, &mut sum, whir.last)?;
        point.extend(&fold);
        let weight = eq(at, &point) + added.iter().map(|added| added.weight(&point)).sum::<Fr>();
        let end = dot(&last, &eq_table(&reversed(&fold)));
        check(sum == weight * end, "the sum of WHIR's claims")?;
        Ok(value)
    }
}

/// Claims that become one, each with a power of a challenge.
struct Claims {
    sum: Fr,
    base: Fr,
    factor: Fr,
}

impl Claims {
    /// With a claim that keeps the factor 1.
    fn new(base: Fr, sum: Fr) -> Self {
        Self {
            sum,
            base,
            factor: base,
        }
    }

    /// Adds values at points, and returns the points with their factors.
    fn add(&mut self, values: Vec<(Fr, Fr)>) -> Vec<(Fr, Fr)> {
        let mut factors = Vec::with_capacity(values.len());
        for (z, value) in values {
            self.sum += self.factor * value;
            factors.push((z, self.factor));
            self.factor *= self.base;
        }
        factors
    }
}

/// A point out of the domain, and the answer there.
fn answer(listener: &mut Listener<'_>) -> Result<(Fr, Fr)> {
    let z = listener.challenger.challenge();
    Ok((z, listener.hear("answer out of the domain")?))
}

/// A sumcheck that folds.
fn folding(listener: &mut Listener<'_>, sum: &mut Fr, rounds: usize) -> Result<Vec<Fr>> {
    let seed = pattern::sumcheck(rounds);
    listener.challenger.observe_seed(&seed);
    sumcheck(listener, sum, rounds, "sumcheck of a folding")
}

/// The work, and the rows that it opens: for each that is drawn its place on the domain and its value folded.
fn rows(
    listener: &mut Listener<'_>,
    code: &Code,
    root: &Digest,
    fold: &[Fr],
) -> Checked<Vec<(Fr, Fr)>> {
    check(listener.check_work(code.work)?, "the work of queries")?;
    let places = listener.challenger.places(code.draws(), code.log_rows());
    let elements = listener.hinted(places.len() * code.columns(), "rows")?;
    let rows = elements.chunks_exact(code.columns());
    let mut leaves: Vec<_> = places
        .iter()
        .copied()
        .zip(rows.clone().map(tree::row))
        .collect();
    leaves.sort_unstable();
    leaves.dedup();
    let distinct: Vec<usize> = leaves.iter().map(|leaf| leaf.0).collect();
    let once = distinct.windows(2).all(|pair| pair[0] != pair[1]);
    check(once, "two openings of one row")?;
    let mut count = 0;
    paths::siblings(&distinct, code.rows(), |_| count += 1);
    let siblings = listener.hinted_digests(count, "siblings")?;
    let mut siblings = siblings.into_iter();
    let sibling = || Ok(siblings.next().expect("as many as are visited"));
    let above = paths::root(leaves, code.log_rows() as u32, tree::pair, sibling)?;
    check(above == Some(*root), "a path to the root")?;

    let weights = eq_table(&reversed(fold));
    let generator = code.root();
    let values = places.iter().zip(rows);
    Ok(values
        .map(|(&place, row)| (generator.pow(&[place as u64]), dot(row, &weights)))
        .collect())
}
