//! The dialect `compact` once more, its commitment by p3-whir and the rest written here, without the library's
//! code: a prover and a verifier of whole proofs, in fields and polynomials of Plonky3.

use std::time::{Duration, Instant};

use p3_challenger::fs::TranscriptField;
use p3_challenger::{CanObserve, CanSample};
use p3_commit::MultilinearPcs;
use p3_dft::Radix2DFTSmallBatch;
use p3_field::{Field, PrimeCharacteristicRing};
use p3_keccak::KeccakF;
use p3_matrix::dense::RowMajorMatrix;
use p3_merkle_tree::{MerkleTreeMmcs, PrunedMerklePaths};
use p3_multilinear_util::point::Point;
use p3_multilinear_util::poly::Poly;
use p3_sumcheck::layout::{SuffixProver, Table, Witness};
use p3_sumcheck::{
    OpeningBatch, OpeningProtocol, PrescribedPointPcs, SumcheckData, TableShape, TableSpec,
};
use p3_symmetric::{
    CompressionFunctionFromHasher, MerkleCap, PaddingFreeSponge, SerializingHasher,
};
use p3_whir::{
    FoldingFactor, PcsProof, ProtocolParameters, QueryOpenings, SecurityAssumption,
    SharedProofOpening, WhirConfig, WhirProof, WhirProver, WhirRoundProof,
};
use zkiln::field::PrimeField;
use zkiln::groth16::{R1cs, Rows};
use zkiln::spartan::compact::{Circuit, Parameters};

use crate::glue::{Challenger, Fr};

type Sponge = PaddingFreeSponge<KeccakF, 25, 17, 4>;
type Mmcs = MerkleTreeMmcs<
    Fr,
    u64,
    SerializingHasher<Sponge>,
    CompressionFunctionFromHasher<Sponge, 2, 4>,
    2,
    4,
>;
type Dft = Radix2DFTSmallBatch<Fr>;
type Pcs = WhirProver<Fr, Fr, Dft, Mmcs, Challenger, SuffixProver<Fr, Fr>>;
type Proof = PcsProof<Fr, Fr, Mmcs>;
type Config = WhirConfig<Fr, Fr, Challenger>;

/// An element of the library as one of Plonky3.
pub(crate) fn their(element: zkiln::field::Fr) -> Fr {
    let limbs = element.to_canonical();
    let bytes: Vec<u8> = limbs
        .as_ref()
        .iter()
        .flat_map(|l| l.to_le_bytes())
        .collect();
    Fr::from_bytes(&bytes).unwrap()
}

/// A circuit with p3-whir's configuration for it.
pub(crate) struct Theirs<'a> {
    r1cs: &'a R1cs,
    id: [u8; 32],
    public: usize,
    m: usize,
    m_0: usize,
    pcs: Pcs,
}

impl<'a> Theirs<'a> {
    pub(crate) fn new(r1cs: &'a R1cs, circuit: &Circuit, parameters: &Parameters) -> Self {
        let m = circuit.log_vector_len();
        let whir = ProtocolParameters {
            starting_log_inv_rate: parameters.log_inverse_rate as usize,
            round_log_inv_rates: vec![],
            folding_factor: FoldingFactor::Constant(parameters.log_folding as usize),
            soundness_type: SecurityAssumption::JohnsonBound,
            security_level: circuit.term_bits(),
            pow_bits: parameters.work_bits as usize,
        };
        let sponge = Sponge::new(KeccakF);
        let hasher = SerializingHasher::new(sponge);
        let mmcs = Mmcs::new(hasher, CompressionFunctionFromHasher::new(sponge), 0);
        let config = Config::new(m, whir).unwrap();
        let pcs = Pcs::new(config, Dft::default(), mmcs);
        let constraints = r1cs.n_constraints().max(2).next_power_of_two();
        let theirs = Self {
            r1cs,
            id: circuit.id(),
            public: r1cs.wires().public(),
            m,
            m_0: constraints.ilog2() as usize,
            pcs,
        };
        // What p3-whir makes of its own configuration, beside what the library says.
        let security = theirs.pcs.prescribed_security(&theirs.protocol()).unwrap();
        let bits = security.error().bits();
        assert!((bits - circuit.security_bits()).abs() < 0.01, "{bits}");
        theirs
    }

    /// One table of one column, opened at one point.
    fn protocol(&self) -> OpeningProtocol {
        let batch = OpeningBatch::new(vec![0], vec![]);
        OpeningProtocol::new(vec![TableSpec::new(
            TableShape::new(self.m, 1),
            vec![batch],
        )])
    }

    fn challenger(&self, public: &[Fr]) -> Challenger {
        let mut challenger = Challenger::new();
        let dialect = b"zkiln spartan compact 1, no zero knowledge";
        Fr::observe_seed(&mut challenger, &[&dialect[..], &self.id].concat());
        challenger.observe(Fr::ONE);
        challenger.observe_slice(public);
        challenger
    }

    /// Each wire's column of the matrices, together, at a point of the constraints.
    fn columns(&self, alpha: &[Fr], rho: Fr) -> Vec<Fr> {
        let rows = eq(alpha);
        let mut columns = vec![Fr::ZERO; self.r1cs.wires().total];
        let mut factor = Fr::ONE;
        for matrix in [self.r1cs.a(), self.r1cs.b(), self.r1cs.c()] {
            for (i, &weight) in rows.iter().enumerate().take(matrix.len()) {
                for (wire, value) in matrix.row(i) {
                    columns[wire] += factor * weight * their(value);
                }
            }
            factor *= rho;
        }
        columns
    }

    /// Whether a proof by the library holds.
    pub(crate) fn verify(&self, public: &[Fr], proof: &[u8]) -> Result<(), String> {
        let mut challenger = self.challenger(public);
        let mut reader = Reader(proof);
        let root = reader.root();
        self.pcs.observe_commitment(&root, &mut challenger);

        let tau: Vec<Fr> = challenger.sample_vec(self.m_0);
        let mut alpha = vec![];
        let mut claim = Fr::ZERO;
        for _ in 0..self.m_0 {
            let [c0, c2, c3] = reader.elements();
            challenger.observe_slice(&[c0, c2, c3]);
            let c1 = claim - c0.double() - c2 - c3;
            let x: Fr = challenger.sample();
            claim = c0 + x * (c1 + x * (c2 + x * c3));
            alpha.push(x);
        }
        let ends: [Fr; 3] = reader.elements();
        challenger.observe_slice(&ends);
        let at_alpha = eq(&tau).into_iter().zip(eq(&alpha)).map(|(a, b)| a * b);
        if claim != at_alpha.sum::<Fr>() * (ends[0] * ends[1] - ends[2]) {
            return Err("the constraints".into());
        }

        let rho: Fr = challenger.sample();
        let columns = self.columns(&alpha, rho);
        let mut claim = ends[0] + rho * ends[1] + rho.square() * ends[2] - columns[0];
        for (&signal, &column) in public.iter().zip(&columns[1..]) {
            claim -= signal * column;
        }
        let mut point = vec![];
        for _ in 0..self.m {
            let [c0, c2] = reader.elements();
            challenger.observe_slice(&[c0, c2]);
            let x: Fr = challenger.sample();
            claim = c0 + x * (claim - c0.double() - c2 + x * c2);
            point.push(x);
        }
        let wires = eq(&point);
        let weight: Fr = columns[1 + self.public..]
            .iter()
            .zip(&wires)
            .map(|(&column, &wire)| column * wire)
            .sum();

        let proof = self.read(&mut reader);
        assert!(reader.0.is_empty(), "{} bytes are left", reader.0.len());
        let value = proof.evals[0].current()[0];
        point.reverse();
        let point = [Point::new(point)];
        self.pcs
            .verify_at(&root, &proof, &self.protocol(), &point, &mut challenger)
            .map_err(|error| error.to_string())?;
        if claim == weight * value {
            Ok(())
        } else {
            Err("the wires".into())
        }
    }

    /// A proof for the library.
    pub(crate) fn prove(&self, wires: &[Fr]) -> Vec<u8> {
        let (public, private) = wires.split_at(1 + self.public);
        let mut challenger = self.challenger(&public[1..]);
        let mut out = vec![];
        let mut vector = private.to_vec();
        vector.resize(1 << self.m, Fr::ZERO);
        // The variables the other way round.
        let mut backwards = vec![Fr::ZERO; vector.len()];
        for (i, &element) in vector.iter().enumerate() {
            backwards[i.reverse_bits() >> (usize::BITS as usize - self.m)] = element;
        }
        let table = Table::new(RowMajorMatrix::new(backwards, 1 << self.m));
        let witness = Witness::new(vec![table], self.pcs.folding_schedule()[0]);
        let (root, data) = self.pcs.commit(witness, &mut challenger).unwrap();
        write_root(&mut out, &root);

        // Tables of the constraints, each round by definition.
        let tau: Vec<Fr> = challenger.sample_vec(self.m_0);
        let product = |rows: &Rows| -> Vec<Fr> {
            let row = |i| {
                rows.row(i)
                    .map(|(wire, value)| their(value) * wires[wire])
                    .sum()
            };
            let mut table: Vec<Fr> = (0..rows.len()).map(row).collect();
            table.resize(1 << self.m_0, Fr::ZERO);
            table
        };
        let [a, b, c] = [self.r1cs.a(), self.r1cs.b(), self.r1cs.c()].map(product);
        let mut tables = [eq(&tau), a, b, c];
        let mut alpha = vec![];
        for _ in 0..self.m_0 {
            let values = [0, 1, 2, 3].map(|x| {
                let x = Fr::from_u64(x);
                let [e, a, b, c] = tables.each_ref().map(|table| fixed(table, x));
                (0..e.len()).map(|i| e[i] * (a[i] * b[i] - c[i])).sum()
            });
            let [c0, _, c2, c3] = interpolate(values);
            say(&mut out, &mut challenger, &[c0, c2, c3]);
            let x = challenger.sample();
            tables = tables.map(|table| fixed(&table, x));
            alpha.push(x);
        }
        let ends = [tables[1][0], tables[2][0], tables[3][0]];
        say(&mut out, &mut challenger, &ends);

        let rho = challenger.sample();
        let mut weights = self.columns(&alpha, rho).split_off(1 + self.public);
        weights.resize(1 << self.m, Fr::ZERO);
        let mut tables = [vector, weights];
        let mut point = vec![];
        for _ in 0..self.m {
            let values = [0, 1, 2, 3].map(|x| {
                let [a, b] = tables.each_ref().map(|table| fixed(table, Fr::from_u64(x)));
                a.iter().zip(b).map(|(&a, b)| a * b).sum()
            });
            let [c0, _, c2, _] = interpolate(values);
            say(&mut out, &mut challenger, &[c0, c2]);
            let x = challenger.sample();
            tables = tables.map(|table| fixed(&table, x));
            point.push(x);
        }
        point.reverse();
        let point = [Point::new(point)];
        let proof = self
            .pcs
            .open_at(data, &self.protocol(), &point, &mut challenger);
        self.write(&mut out, &proof.unwrap());
        out
    }

    /// Commits to a vector and opens it at a point, and says how long each took.
    pub(crate) fn time_opening(
        &self,
        vector: &[Fr],
        commit: &mut Vec<Duration>,
        open: &mut Vec<Duration>,
        verify: &mut Vec<Duration>,
    ) {
        let mut challenger = Challenger::new();
        let mut vector = vector.to_vec();
        vector.resize(1 << self.m, Fr::ZERO);
        let table = Table::new(RowMajorMatrix::new(vector, 1 << self.m));
        let witness = Witness::new(vec![table], self.pcs.folding_schedule()[0]);
        let mut other = challenger.clone();
        let begin = Instant::now();
        let (root, data) = self.pcs.commit(witness, &mut challenger).unwrap();
        commit.push(begin.elapsed());
        let point = [Point::new(challenger.sample_vec(self.m))];
        let protocol = self.protocol();
        let begin = Instant::now();
        let proof = self
            .pcs
            .open_at(data, &protocol, &point, &mut challenger)
            .unwrap();
        open.push(begin.elapsed());
        let begin = Instant::now();
        self.pcs.observe_commitment(&root, &mut other);
        let _: Vec<Fr> = other.sample_vec(self.m);
        self.pcs
            .verify_at(&root, &proof, &protocol, &point, &mut other)
            .unwrap();
        verify.push(begin.elapsed());
    }

    /// The bytes of an opening as p3-whir's type.
    fn read(&self, reader: &mut Reader<'_>) -> Proof {
        let config: &Config = &self.pcs;
        let schedule = config.folding_schedule();
        let initial_ood_answers = reader.many(config.commitment_ood_samples());
        let value = reader.many(1);
        let initial_sumcheck = reader.sumcheck(schedule[0]);
        let mut rounds = vec![];
        for (i, round) in config.round_parameters().iter().enumerate() {
            let commitment = Some(reader.root());
            let ood_answers = reader.many(round.ood_samples);
            let pow_witness = reader.nonce(round.pow_bits);
            let height = 1 << round.log_folded_domain_size;
            let queries = round.num_queries.min(height);
            let openings = reader.rows(queries, 1 << round.folding_factor, i == 0);
            rounds.push(WhirRoundProof {
                commitment,
                ood_answers,
                pow_witness,
                openings,
                sumcheck: reader.sumcheck(schedule[i + 1]),
            });
        }
        let last = config.final_round_config();
        let final_poly = Some(Poly::new(reader.many(1 << last.num_variables)));
        let final_pow_witness = reader.nonce(last.pow_bits);
        let height = 1 << last.log_folded_domain_size;
        let queries = last.num_queries.min(height);
        let final_openings = reader.rows(queries, 1 << last.folding_factor, rounds.is_empty());
        Proof {
            whir: WhirProof {
                initial_ood_answers,
                initial_sumcheck,
                rounds,
                final_poly,
                final_pow_witness,
                final_openings,
                final_sumcheck: Some(reader.sumcheck(config.final_sumcheck_rounds())),
            },
            evals: vec![OpeningBatch::new(value, vec![])],
        }
    }

    /// p3-whir's opening as bytes.
    fn write(&self, out: &mut Vec<u8>, proof: &Proof) {
        let config: &Config = &self.pcs;
        let whir = &proof.whir;
        write(out, &whir.initial_ood_answers);
        write(out, proof.evals[0].current());
        write_sumcheck(out, &whir.initial_sumcheck);
        for (round, parameters) in whir.rounds.iter().zip(config.round_parameters()) {
            write_root(out, round.commitment.as_ref().unwrap());
            write(out, &round.ood_answers);
            write_nonce(out, round.pow_witness, parameters.pow_bits);
            write_rows(out, &round.openings);
            write_sumcheck(out, &round.sumcheck);
        }
        write(out, whir.final_poly.as_ref().unwrap().as_slice());
        write_nonce(
            out,
            whir.final_pow_witness,
            config.final_round_config().pow_bits,
        );
        write_rows(out, &whir.final_openings);
        write_sumcheck(out, whir.final_sumcheck.as_ref().unwrap());
    }
}

/// The table of `eq` by its definition, the first variable the highest bit.
fn eq(point: &[Fr]) -> Vec<Fr> {
    let mut table = vec![Fr::ONE];
    for &x in point {
        let split = |&value: &Fr| [value * (Fr::ONE - x), value * x];
        table = table.iter().flat_map(split).collect();
    }
    table
}

/// A table with its first variable fixed.
fn fixed(table: &[Fr], x: Fr) -> Vec<Fr> {
    let (low, high) = table.split_at(table.len() / 2);
    let pairs = low.iter().zip(high);
    pairs.map(|(&low, &high)| low + x * (high - low)).collect()
}

/// The coefficients of the cubic with these values at 0, 1, 2, 3.
fn interpolate(values: [Fr; 4]) -> [Fr; 4] {
    let [y0, y1, y2, y3] = values;
    let sixth = Fr::from_u64(6).inverse();
    let [d1, d2] = [y1 - y0, y2 - y1.double() + y0];
    let d3 = (y3 - y2 - y2.double() + y1 + y1.double() - y0) * sixth;
    let d2 = d2.halve();
    // Newton's form: y0 + d1 x + d2 x (x - 1) + d3 x (x - 1) (x - 2).
    let three = Fr::from_u64(3);
    [y0, d1 - d2 + d3.double(), d2 - three * d3, d3]
}

fn write(out: &mut Vec<u8>, elements: &[Fr]) {
    elements
        .iter()
        .for_each(|element| out.extend(element.to_bytes()));
}

fn say(out: &mut Vec<u8>, challenger: &mut Challenger, elements: &[Fr]) {
    write(out, elements);
    challenger.observe_slice(elements);
}

fn write_digest(out: &mut Vec<u8>, digest: &[u64; 4]) {
    digest
        .iter()
        .for_each(|word| out.extend(word.to_le_bytes()));
}

fn write_root(out: &mut Vec<u8>, root: &MerkleCap<Fr, [u64; 4]>) {
    write_digest(out, &root.roots()[0]);
}

fn write_sumcheck(out: &mut Vec<u8>, sumcheck: &SumcheckData<Fr, Fr>) {
    assert!(sumcheck.pow_witnesses.is_empty());
    sumcheck
        .polynomial_evaluations
        .iter()
        .for_each(|told| write(out, told));
}

fn write_nonce(out: &mut Vec<u8>, witness: Fr, bits: usize) {
    if bits > 0 {
        out.extend(&witness.to_bytes()[..8]);
    }
}

fn write_rows(out: &mut Vec<u8>, openings: &QueryOpenings<Fr, Fr, PrunedMerklePaths<u64, 4>>) {
    let (QueryOpenings::Base(opening) | QueryOpenings::Extension(opening)) = openings;
    opening.rows.iter().for_each(|row| write(out, row));
    let siblings = &opening.proof.sibling_hashes;
    out.extend((siblings.len() as u64).to_le_bytes());
    siblings.iter().for_each(|digest| write_digest(out, digest));
}

/// The bytes of a proof that are left.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (head, tail) = self.0.split_first_chunk().expect("more bytes");
        self.0 = tail;
        *head
    }

    fn many(&mut self, count: usize) -> Vec<Fr> {
        (0..count)
            .map(|_| Fr::from_bytes(&self.take::<32>()).unwrap())
            .collect()
    }

    fn elements<const N: usize>(&mut self) -> [Fr; N] {
        self.many(N).try_into().unwrap()
    }

    fn digest(&mut self) -> [u64; 4] {
        [(); 4].map(|()| u64::from_le_bytes(self.take()))
    }

    fn root(&mut self) -> MerkleCap<Fr, [u64; 4]> {
        MerkleCap::new(vec![self.digest()])
    }

    fn nonce(&mut self, bits: usize) -> Fr {
        match bits {
            0 => Fr::ZERO,
            _ => Fr::from_u64(u64::from_le_bytes(self.take())),
        }
    }

    fn sumcheck(&mut self, rounds: usize) -> SumcheckData<Fr, Fr> {
        let told = (0..rounds).map(|_| self.many(2).try_into().unwrap());
        SumcheckData {
            polynomial_evaluations: told.collect(),
            pow_witnesses: vec![],
        }
    }

    fn rows(
        &mut self,
        queries: usize,
        columns: usize,
        first: bool,
    ) -> QueryOpenings<Fr, Fr, PrunedMerklePaths<u64, 4>> {
        let rows = (0..queries).map(|_| self.many(columns)).collect();
        let count = u64::from_le_bytes(self.take());
        let sibling_hashes = (0..count).map(|_| self.digest()).collect();
        let proof = PrunedMerklePaths { sibling_hashes };
        let opening = SharedProofOpening { rows, proof };
        // Both are the same field; the type tells the first commitment from the others.
        match first {
            true => QueryOpenings::Base(opening),
            false => QueryOpenings::Extension(opening),
        }
    }
}
