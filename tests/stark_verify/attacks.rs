//! Forgeries that verifiers have accepted, and what makes them fail here.
//!
//! | reported | fault | here |
//! |---|---|---|
//! | lambdaworks 67, 2023 | one check of consistency for all queries | `every_query_is_checked` |
//! | Plonky3 627, GHSA-vrmm-4mm5-38vm, 2025 | opened values not heard by the challenger | `opened_values_come_before_the_challenges_that_test_them` |
//! | Plonky3 367f761, 2025 | lists walked as far as they go | all of `shapes.rs` |
//! | Plonky3 e784f44, ICICLE 928, 2025 | length of the final polynomial; matrices of one row | `final_polynomials_have_their_length`, `single_rows_are_checked` |
//! | SP1 CVE-2026-40323 | shapes that the prover states twice | the shape is the verifier's: `heights_are_those_proven` in `statements.rs` |
//! | Plonky3 5c1dc1d, 5ac9b5f, 1747, 1769, 2026 | absorbed lengths not bound | `challengers_tell_zeros_from_nothing` |
//! | Plonky3 1738, 2026 | work of more bits than a word has | `nonsense_is_no_parameters` in `statements.rs` |
//! | Plonky3 1757, 1921, 2026 | widths of rows | `rows_that_hash_alike_are_told_apart` |
//! | Plonky3 1735, 1760, 1791, 1793, 2026 | points in the domain; no queries, no points | `points_in_the_domain_are_refused`, `points_at_a_query_are_refused`; `nonsense_is_no_parameters` and `shapes.rs` |
//! | p3-batch-stark 1385, recursion 324, ProveKit 359 and 361, Jolt 981, binius64 1350, ceno 1294, 2025 and 2026 | something said and not heard | `every_challenge_depends_on_all_that_was_said_before`, `public_values_that_nothing_reads_are_bound` |
//! | lambda_vm 231 and 344, 2026 | preprocessed commitment not bound | `preprocessed_columns_are_heard_before_the_first_challenge`, `preprocessed_columns_are_those_proven_with` in `statements.rs` |
//!
//! What some of these faults were in is not here, and has no test of its own: lookups and their sums, recursive
//! verifiers, rows that blind (swanky 39), matrices of several heights in one proof, and absorbing elements of one field
//! into a sponge over another (Plonky3's `MultiField32Challenger`).

use std::sync::{Arc, Mutex};

use zkiln::Fault;
use zkiln::field::Field;
use zkiln::field::small::{BabyBear, ExtensionField, KoalaBear, KoalaBear4, SmallField};
use zkiln::hash::{KeccakHash, Poseidon2Field, Poseidon2Hash, TreeHash};
use zkiln::stark::air::{PointRow, Selectors};
use zkiln::stark::challenger::{
    Challenger, DuplexChallenger, ObserveDigests, SerializingChallenger,
};
use zkiln::stark::config::{Config, Poseidon2Config24, StarkConfig};
use zkiln::stark::{Proof, Verifier};
use zkiln::{Error, Result};

use crate::cases::{self, Case};

type Honest = Poseidon2Config24<KoalaBear>;
type Duplex = DuplexChallenger<KoalaBear, 24, 16>;
type Probed = Config<KoalaBear, Poseidon2Hash<KoalaBear, 24, 16, 8, 16>, Probe<KoalaBear, Duplex>>;

/// What a verifier drew.
#[derive(Clone, Debug, PartialEq)]
struct Drawn<F> {
    elements: Vec<F>,
    indices: Vec<usize>,
}

impl<F> Drawn<F> {
    fn nothing() -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            elements: Vec::new(),
            indices: Vec::new(),
        }))
    }
}

/// The standard challenger, which tells what is drawn of it, takes any work for done, and gives a chosen
/// point outside of the domain and chosen queries if it is told to.
#[derive(Clone, Debug)]
struct Probe<F: SmallField, C> {
    inner: C,
    drawn: Arc<Mutex<Drawn<F>>>,
    zeta: Option<F::Challenge>,
    indices: Option<Vec<usize>>,
}

impl<F: SmallField, C: Challenger<F>> Challenger<F> for Probe<F, C> {
    fn observe(&mut self, element: F) {
        self.inner.observe(element);
    }
    fn sample(&mut self) -> F {
        let elements = &mut self.drawn.lock().unwrap().elements;
        let element = self.inner.sample();
        // Four coefficients of alpha come first.
        let element = match (&self.zeta, elements.len()) {
            (Some(zeta), place @ 4..8) => zeta.coefficients()[place - 4],
            _ => element,
        };
        elements.push(element);
        element
    }
    fn sample_bits(&mut self, bits: u32) -> usize {
        let indices = &mut self.drawn.lock().unwrap().indices;
        let index = self.inner.sample_bits(bits);
        let index = self.indices.as_ref().map_or(index, |i| i[indices.len()]);
        indices.push(index);
        index
    }
    fn check_witness(&mut self, bits: u32, witness: F) -> bool {
        self.inner.check_witness(bits, witness);
        true
    }
    fn grind(&mut self, bits: u32) -> Result<F> {
        self.inner.grind(bits)
    }
}

impl<F: SmallField, D, C: ObserveDigests<D>> ObserveDigests<D> for Probe<F, C> {
    fn observe_cap(&mut self, cap: &[D]) {
        self.inner.observe_cap(cap);
    }
}

/// What is drawn when a proof is verified, and the verdict.
fn probe(
    case: &Case<Honest>,
    proof: &Proof<Honest>,
    public_values: &[KoalaBear],
    zeta: Option<KoalaBear4>,
    indices: Option<Vec<usize>>,
) -> (Drawn<KoalaBear>, Result<()>) {
    let drawn = Drawn::nothing();
    let probe = Probe {
        inner: DuplexChallenger::new(KoalaBear::standard().clone()),
        drawn: drawn.clone(),
        zeta,
        indices,
    };
    let config = Probed::new(Poseidon2Hash::standard(), probe);
    let (parameters, program) = (case.parameters, case.program.clone());
    let verifier = Verifier::new(config, parameters, program, case.log_height, None).unwrap();
    let proof = Proof::<Probed>::from_bytes(&proof.to_bytes(), "test").unwrap();
    let verdict = verifier.verify(&proof, public_values);
    let drawn = drawn.lock().unwrap().clone();
    (drawn, verdict)
}

fn element(coefficients: &[KoalaBear]) -> KoalaBear4 {
    KoalaBear4::from_coefficients(coefficients).unwrap()
}

/// Makes the opened quotient what the opened rows of a Fibonacci proof ask for.
fn satisfy(case: &Case<Honest>, proof: &mut Proof<Honest>, alpha: KoalaBear4, zeta: KoalaBear4) {
    let selectors = Selectors::at(zeta, case.log_height).unwrap();
    let row = PointRow {
        main: &proof.opened.trace.local,
        main_next: proof.opened.trace.next.as_ref().unwrap(),
        preprocessed: &[],
        preprocessed_next: &[],
        periodic: &[],
        public_values: &case.public_values,
        selectors,
    };
    let combined = case.program.fold_at(&row, alpha).unwrap();
    let quotient = combined * selectors.inverse_vanishing;
    let zero = KoalaBear4::ZERO;
    proof.opened.quotient = vec![vec![quotient, zero, zero, zero]];
}

/// The failing check.
fn section(verdict: Result<()>) -> String {
    match verdict {
        Ok(()) => panic!("accepted"),
        Err(Error::Malformed { section, .. }) => section,
        Err(other) => panic!("{other}"),
    }
}

/// Opened values that satisfy the constraints at the point, and are not the committed columns': Plonky3 did
/// not put opened values into the transcript (GHSA-vrmm-4mm5-38vm, January 2025), so that a prover
/// could choose them after the challenges.
#[test]
fn opened_values_come_before_the_challenges_that_test_them() {
    let case = cases::fibonacci();
    let honest = case.proof();
    let (before, verdict) = probe(&case, &honest, &case.public_values, None, None);
    verdict.unwrap();
    let (alpha, zeta) = (
        element(&before.elements[..4]),
        element(&before.elements[4..8]),
    );

    let mut forged = honest.clone();
    forged.opened.trace.local[0] += KoalaBear4::ONE;
    satisfy(&case, &mut forged, alpha, zeta);
    let verdict = case.verifier().verify(&forged, &case.public_values);
    assert_ne!(section(verdict), "constraints");
    let (after, verdict) = probe(&case, &forged, &case.public_values, None, None);
    assert_ne!(section(verdict), "constraints");
    assert_eq!(after.elements[..8], before.elements[..8]);
    assert_ne!(after.elements[8..12], before.elements[8..12]);
    assert_ne!(after.indices, before.indices);

    // Were they put in too late, the openings themselves would still not fit: with the queries of
    // the honest proof all Merkle openings of its columns hold.
    let indices = Some(before.indices);
    let (_, verdict) = probe(&case, &forged, &case.public_values, None, indices);
    let section = section(verdict);
    assert!(
        section == "final polynomial" || section.starts_with("opening of round"),
        "{section}"
    );
}

/// Everything that is said before a challenge changes it: transcripts with something left out were found in
/// Plonky3 (above), in p3-batch-stark (issue 1385: a sum of lookups), Jolt (issue 981) and others in 2025
/// and 2026, an unbound commitment to preprocessed columns in lambda_vm (issues 231 and 344).
#[test]
fn every_challenge_depends_on_all_that_was_said_before() {
    let case = cases::fibonacci();
    let honest = case.proof();
    let (before, _) = probe(&case, &honest, &case.public_values, None, None);
    let rounds = honest.fri.commit_caps.len();
    assert_eq!(rounds, 2);
    assert_eq!(before.elements.len(), 4 * (3 + rounds));
    let (alpha, zeta) = (
        element(&before.elements[..4]),
        element(&before.elements[4..8]),
    );

    // How many elements are drawn before what is changed.
    let expect = |what: &str, drawn_before: usize, after: &Drawn<KoalaBear>| {
        let same = before.elements[..drawn_before] == after.elements[..drawn_before];
        assert!(same, "{what} changes what was drawn before it");
        let next = drawn_before..drawn_before + 4;
        if next.start < before.elements.len() {
            assert_ne!(
                before.elements[next.clone()],
                after.elements[next],
                "{what}"
            );
        } else {
            assert_ne!(before.indices, after.indices, "{what}");
        }
    };
    type Change = fn(&mut Proof<Honest>);
    let changes: [(&str, usize, Change); 13] = [
        ("trace cap", 0, |p| {
            p.commitments.trace[0][7] += KoalaBear::ONE
        }),
        ("quotient cap", 4, |p| {
            p.commitments.quotient[0][7] += KoalaBear::ONE
        }),
        ("work of the point", 4, |p| p.ood_witness += KoalaBear::ONE),
        ("row", 8, |p| p.opened.trace.local[1].0[3] += KoalaBear::ONE),
        ("next row", 8, |p| {
            p.opened.trace.next.as_mut().unwrap()[1].0[3] += KoalaBear::ONE;
        }),
        ("work of batching", 8, |p| {
            p.fri.batch_witness += KoalaBear::ONE
        }),
        ("first cap", 12, |p| {
            p.fri.commit_caps[0][0][7] += KoalaBear::ONE
        }),
        ("first work", 12, |p| {
            p.fri.commit_witnesses[0] += KoalaBear::ONE
        }),
        ("second cap", 16, |p| {
            p.fri.commit_caps[1][0][7] += KoalaBear::ONE
        }),
        ("second work", 16, |p| {
            p.fri.commit_witnesses[1] += KoalaBear::ONE
        }),
        ("final polynomial", 20, |p| {
            p.fri.final_poly[0].0[3] += KoalaBear::ONE
        }),
        ("work of the queries", 20, |p| {
            p.fri.query_witness += KoalaBear::ONE
        }),
        // Other values of the same quotient: c_0 + x c_1 = (c_0 + x) + x (c_1 - 1).
        ("quotient", 8, |p| {
            let x = element(&[0, 1, 0, 0].map(KoalaBear::from));
            p.opened.quotient[0][0] += x;
            p.opened.quotient[0][1] -= KoalaBear4::ONE;
        }),
    ];
    for (what, drawn_before, change) in changes {
        let mut proof = honest.clone();
        change(&mut proof);
        if what.ends_with("row") {
            satisfy(&case, &mut proof, alpha, zeta);
        }
        let (after, verdict) = probe(&case, &proof, &case.public_values, None, None);
        assert!(verdict.is_err(), "{what}");
        expect(what, drawn_before, &after);
    }
    for i in 0..3 {
        let mut values = case.public_values.clone();
        values[i] += KoalaBear::ONE;
        expect(
            "public value",
            0,
            &probe(&case, &honest, &values, None, None).0,
        );
    }
}

/// A public value that no constraint reads, too.
#[test]
fn public_values_that_nothing_reads_are_bound() {
    let case = cases::product_koalabear();
    let honest = case.proof();
    let (before, verdict) = probe(&case, &honest, &case.public_values, None, None);
    verdict.unwrap();
    let (after, verdict) = probe(&case, &honest, &[KoalaBear::from(43)], None, None);
    assert!(verdict.is_err());
    assert_ne!(before.elements[..4], after.elements[..4]);
}

/// The commitment to preprocessed columns, which is the verifier's own, comes before the first challenge: a prover
/// that fixed them afterwards could fit them to it (lambda_vm issues 231 and 344, 2026).
#[test]
fn preprocessed_columns_are_heard_before_the_first_challenge() {
    let case = cases::mixed_babybear();
    let honest = case.preprocessed.clone().unwrap();
    let first_challenge = |cap: Vec<[u64; 4]>| {
        let drawn = Drawn::nothing();
        let probe = Probe {
            inner: SerializingChallenger::new(Vec::new()),
            drawn: drawn.clone(),
            zeta: None,
            indices: None,
        };
        let config = Config::<BabyBear, KeccakHash, _>::new(KeccakHash, probe);
        let (parameters, program) = (case.parameters, case.program.clone());
        let verifier =
            Verifier::new(config, parameters, program, case.log_height, Some(cap)).unwrap();
        let proof = Proof::from_bytes(case.bytes, "test").unwrap();
        let verdict = verifier.verify(&proof, &case.public_values);
        let elements = drawn.lock().unwrap().elements[..4].to_vec();
        (elements, verdict.is_ok())
    };
    let (before, accepted) = first_challenge(honest.clone());
    assert!(accepted);
    for node in 0..honest.len() {
        for word in 0..4 {
            let mut cap = honest.clone();
            cap[node][word] ^= 1 << 63;
            let (after, accepted) = first_challenge(cap);
            assert!(!accepted);
            assert_ne!(before, after);
        }
    }
}

/// At a point of the trace's domain the vanishing polynomial is zero, and any quotient would do, or a
/// verifier divide by it (Plonky3 pull requests 1735, 1760, 1791 and 1793, 2026).
#[test]
fn points_in_the_domain_are_refused() {
    let case = cases::fibonacci();
    let proof = case.proof();
    let generator = KoalaBear::root_of_unity(3).unwrap();
    let mut point = KoalaBear::ONE;
    for _ in 0..8 {
        let zeta = Some(KoalaBear4::from(point));
        let (_, verdict) = probe(&case, &proof, &case.public_values, zeta, None);
        let error = verdict.unwrap_err();
        assert!(error.to_string().contains("is in it"), "{error}");
        point *= generator;
    }
}

/// At a query itself the quotient of the opening is nothing over nothing.
#[test]
fn points_at_a_query_are_refused() {
    let case = cases::fibonacci();
    let mut proof = case.proof();
    let (drawn, _) = probe(&case, &proof, &case.public_values, None, None);
    // Query `i` of sixteen is at g w^rev(i); the second is the point of the next row.
    let index = drawn.indices[0];
    let exponent = (index as u64).reverse_bits() >> 60;
    let x = KoalaBear::GENERATOR * KoalaBear::root_of_unity(4).unwrap().pow(&[exponent]);
    let before = KoalaBear::root_of_unity(3).unwrap().inverse().unwrap();
    for zeta in [x, x * before].map(KoalaBear4::from) {
        satisfy(&case, &mut proof, element(&drawn.elements[..4]), zeta);
        let indices = Some(drawn.indices.clone());
        let (_, verdict) = probe(&case, &proof, &case.public_values, Some(zeta), indices);
        let error = verdict.unwrap_err();
        assert!(error.to_string().contains("is at the point"), "{error}");
    }
}

/// Hashes of rows do not pad, so a row and the same with zeros have one digest, and so have two rows under
/// one leaf and the same elements divided in another way; only lengths tell them apart (Plonky3
/// pull requests 1757 and 1921, 2026: widths of rows were not enforced).
#[test]
fn rows_that_hash_alike_are_told_apart() {
    let case = cases::product_koalabear();
    let mut proof = case.proof();
    for rows in &mut proof.fri.input_openings[0].rows {
        let mut longer = rows[0].clone();
        longer.push(KoalaBear::ZERO);
        let hash = case.config.hash();
        assert_eq!(hash.hash_row(&rows[0]), hash.hash_row(&longer));
        rows[0] = longer;
    }
    let error = case.verifier().verify(&proof, &case.public_values);
    assert_eq!(error.unwrap_err().fault(), Some(Fault::Count));

    let mut proof = case.proof();
    for rows in &mut proof.fri.input_openings[1].rows {
        let moved = rows[1].remove(0);
        rows[0].push(moved);
    }
    let error = case.verifier().verify(&proof, &case.public_values);
    assert_eq!(error.unwrap_err().fault(), Some(Fault::Count));
}

/// A final polynomial as long as the codeword goes through whatever the queries fold to; Plonky3 (commit
/// e784f44, June 2025) and ICICLE (issue 928) did not check its length. Nor may it be shorter, or
/// have zeros that say nothing.
#[test]
fn final_polynomials_have_their_length() {
    let case = cases::product_koalabear();
    for len in [0, 1, 3, 4, 16, 256] {
        let mut proof = case.proof();
        proof.fri.final_poly.resize(len, KoalaBear4::ZERO);
        let error = case.verifier().verify(&proof, &case.public_values);
        assert_eq!(error.unwrap_err().fault(), Some(Fault::Count), "{len}");
    }
}

/// Each query is checked at every step, not only one of them (lambdaworks, pull request 67, 2023: one check
/// of consistency for all queries).
#[test]
fn every_query_is_checked() {
    let case = cases::product_koalabear();
    let honest = case.proof();
    let (drawn, verdict) = probe(&case, &honest, &case.public_values, None, None);
    verdict.unwrap();
    let rounds = honest.fri.folding_openings.len();
    for query in 0..4 {
        // Of queries that are drawn twice both are changed, for else they contradict each other.
        let same: Vec<usize> = (0..4)
            .filter(|&other| drawn.indices[other] == drawn.indices[query])
            .collect();
        for input in 0..2 {
            let mut proof = honest.clone();
            for &query in &same {
                proof.fri.input_openings[input].rows[query][0][0] += KoalaBear::ONE;
            }
            let verdict = case.verifier().verify(&proof, &case.public_values);
            assert!(section(verdict).starts_with("opening of the"));
        }
        for round in 0..rounds {
            let mut proof = honest.clone();
            for &query in &same {
                proof.fri.folding_openings[round].values[query][0] += KoalaBear4::ONE;
            }
            let verdict = case.verifier().verify(&proof, &case.public_values);
            assert!(section(verdict).starts_with("opening of round"));
        }
    }
}

/// A trace of one row is committed to and opened like any other (Plonky3 commit e784f44 skipped matrices of
/// height one).
#[test]
fn single_rows_are_checked() {
    let case = cases::one_row();
    for column in 0..3 {
        let mut proof = case.proof();
        proof.fri.input_openings[0].rows[0][0][column] += zkiln::field::small::Goldilocks::ONE;
        let verdict = case.verifier().verify(&proof, &case.public_values);
        assert_eq!(section(verdict), "opening of the trace");
    }
}

/// What is absorbed is bound with its length (Plonky3 commits 5ac9b5f and 5c1dc1d, pull requests 1747 and
/// 1769, 2026: blocks filled with zeros were as good as shorter ones).
#[test]
fn challengers_tell_zeros_from_nothing() {
    let mut drawn = Vec::new();
    for zeros in 0..40 {
        let permutation = KoalaBear::standard().clone();
        let mut challenger = DuplexChallenger::<KoalaBear, 24, 16>::new(permutation);
        challenger.observe(KoalaBear::ONE);
        for _ in 0..zeros {
            challenger.observe(KoalaBear::ZERO);
        }
        let element: KoalaBear = challenger.sample();
        assert!(!drawn.contains(&element), "{zeros} zeros");
        drawn.push(element);
    }
}
