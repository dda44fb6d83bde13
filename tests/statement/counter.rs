//! A program for tests, in both worlds: a counter of 48 bits, whose state is its own root, to which a batch of 15
//! amounts of 16 bits is added. As constraints of a circuit over Fr, and as those of a trace over Goldilocks; the two
//! have no line in common.

use std::sync::{Arc, OnceLock};

use zkiln::field::small::Goldilocks;
use zkiln::field::{Field, Fr, Int, PrimeField};
use zkiln::groth16::{DevelopmentKey, ProveOptions, ProvingKey, R1cs, WireCounts, Witness};
use zkiln::poly::Columns;
use zkiln::stark::air::{Air, Builder, Expr, Program as Constraints, Shape};
use zkiln::stark::config::KeccakConfig;
use zkiln::stark::{Parameters, Prover};
use zkiln::statement::{
    Anchor, Groth16Lane, Lane, Policy, Program, ProofBytes, STATEMENT_LIMBS, Segment, StarkLane,
    StatementV1, Word, statement_limbs,
};

/// Items of a batch.
pub(crate) const ITEMS: usize = 15;
const STATE_BITS: usize = 48;
const LOG_HEIGHT: u32 = 4;

pub(crate) type Amounts = [u16; ITEMS];

/// The first item of the test's batches.
pub(crate) const FIRST: u64 = 100;

/// The statement that the counter goes from `pre` by the amounts, beginning with item `first_seq`.
pub(crate) fn statement(first_seq: u64, pre: u64, amounts: &Amounts) -> StatementV1 {
    let post = pre + amounts.iter().map(|&a| u64::from(a)).sum::<u64>();
    let mut batch = [0; 4];
    for (i, &amount) in amounts.iter().enumerate() {
        batch[i / 4] |= u64::from(amount) << (16 * (i % 4));
    }
    StatementV1 {
        program: id(),
        parameters: Word::from(ITEMS as u64),
        chain_id: 1,
        context: Word::address([0xcc; 20]),
        request: Word::keccak("request"),
        first_seq,
        last_seq: first_seq + ITEMS as u64 - 1,
        pre_root: Fr::from(pre),
        post_root: Fr::from(post),
        batch: Fr::from_canonical(Int(batch)).unwrap(),
        payee: Word::address([0xaa; 20]),
    }
}

pub(crate) fn id() -> Word {
    Word::keccak("counter")
}

pub(crate) fn amounts(seed: u64) -> Amounts {
    core::array::from_fn(|i| (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (i * 3)) as u16)
}

/// A statement to prove.
pub(crate) fn example() -> StatementV1 {
    statement(FIRST, 1000, &amounts(1))
}

// The circuit.

type Row = [Vec<(u32, Fr)>; 3];

/// Wires: 1, seven public signals, two squares, then bits.
const SQUARES: u32 = 8;
const AMOUNT_BITS: u32 = 10;
const PRE_BITS: u32 = AMOUNT_BITS + 16 * ITEMS as u32;
const POST_BITS: u32 = PRE_BITS + STATE_BITS as u32;
const WIRES: u32 = POST_BITS + STATE_BITS as u32;

fn power(bit: usize) -> Fr {
    Fr::from(2).pow(&[bit as u64])
}

/// The circuit; a `sound` one. The other lacks the constraint that the state grows by the amounts.
pub(crate) fn circuit(sound: bool) -> R1cs {
    let minus = -Fr::ONE;
    let bits = |first: u32, count: usize| (0..count).map(move |i| (first + i as u32, power(i)));
    let is_zero = |terms: Vec<(u32, Fr)>| [terms, vec![(0, Fr::ONE)], vec![]];
    let mut rows: Vec<Row> = Vec::new();
    for half in 0..2 {
        let factor = vec![(1 + half, Fr::ONE)];
        rows.push([factor.clone(), factor, vec![(SQUARES + half, Fr::ONE)]]);
    }
    for bit in AMOUNT_BITS..WIRES {
        let other = vec![(bit, Fr::ONE), (0, minus)];
        rows.push([vec![(bit, Fr::ONE)], other, vec![]]);
    }
    let with = |terms: Vec<(u32, Fr)>, wire| [terms, vec![(wire, minus)]].concat();
    rows.push(is_zero(with(bits(PRE_BITS, STATE_BITS).collect(), 3)));
    rows.push(is_zero(with(bits(POST_BITS, STATE_BITS).collect(), 4)));
    rows.push(is_zero(with(bits(AMOUNT_BITS, 16 * ITEMS).collect(), 5)));
    let difference = Fr::from(ITEMS as u64 - 1);
    rows.push(is_zero(vec![(7, Fr::ONE), (6, minus), (0, -difference)]));
    if sound {
        let mut sum = vec![(3, Fr::ONE), (4, minus)];
        for item in 0..ITEMS as u32 {
            sum.extend(bits(AMOUNT_BITS + 16 * item, 16));
        }
        rows.push(is_zero(sum));
    }
    let wires = WireCounts {
        total: WIRES as usize,
        outputs: 0,
        public_inputs: 7,
        private_inputs: 0,
    };
    R1cs::new(wires, rows).unwrap()
}

/// The witness of a statement, whether or not it is true.
pub(crate) fn witness(statement: &StatementV1) -> Witness {
    let signals = statement.signals();
    let mut values = vec![Fr::ONE];
    values.extend(signals);
    values.extend([signals[0].square(), signals[1].square()]);
    let bits = |value: Fr, count: usize| {
        let limbs = value.to_canonical().0;
        (0..count).map(move |i| Fr::from(limbs[i / 64] >> (i % 64) & 1))
    };
    values.extend(bits(statement.batch, 16 * ITEMS));
    values.extend(bits(statement.pre_root, STATE_BITS));
    values.extend(bits(statement.post_root, STATE_BITS));
    Witness::new(values.iter().map(PrimeField::to_canonical).collect()).unwrap()
}

/// A lane of Groth16 with its proving key.
pub(crate) struct Pairing {
    pub(crate) key: ProvingKey,
    pub(crate) lane: Arc<Groth16Lane>,
}

impl Pairing {
    /// With a key of its own, made for the tests.
    pub(crate) fn new(sound: bool) -> Self {
        let r1cs = circuit(sound);
        let bytes = DevelopmentKey::generate(&r1cs).unwrap().parts().to_bytes();
        let key = ProvingKey::from_bytes(&bytes.unwrap(), "development key").unwrap();
        let lane = Groth16Lane::new(key.verifying_key()).unwrap();
        let lane = lane.with_circuit(&r1cs).unwrap().for_development();
        Self {
            key,
            lane: Arc::new(lane),
        }
    }

    pub(crate) fn prove(&self, statement: &StatementV1) -> zkiln::Result<ProofBytes> {
        let options = ProveOptions::default();
        let proof = self
            .lane
            .prove(&self.key, statement, &witness(statement), &options);
        proof.map(ProofBytes)
    }

    pub(crate) fn id(&self) -> Word {
        self.lane.info().id()
    }
}

/// The lane that most tests use.
pub(crate) fn pairing() -> &'static Pairing {
    static LANE: OnceLock<Pairing> = OnceLock::new();
    LANE.get_or_init(|| Pairing::new(true))
}

// The trace.

pub(crate) struct Counter;

impl Air<Goldilocks> for Counter {
    fn shape(&self) -> Shape<Goldilocks> {
        let one_hot = |i| {
            (0..16)
                .map(|row| Goldilocks::from(u64::from(row == i)))
                .collect()
        };
        Shape {
            width: 3,
            next_row: true,
            periodic: (0..16).map(one_hot).collect(),
            public_values: STATEMENT_LIMBS,
            ..Shape::default()
        }
    }

    fn eval<'a>(&self, builder: &Builder<'a, Goldilocks>) {
        let [state, amount, echo] = [0, 1, 2].map(|i| builder.main(i));
        let public = |i| builder.public(i);
        // Limb `row` of a word, in each row.
        let limb = |word: usize| {
            let terms = (0..16).map(|i| builder.periodic(i) * public(16 * word + i));
            terms.sum()
        };
        let number = |first: usize, limbs: usize| -> Expr<'a, Goldilocks> {
            let terms = (0..limbs).map(|i| public(first + i) * (1 << (16 * i)));
            terms.sum()
        };
        // The digest takes part in the trace, as the amounts do.
        builder.assert_eq(echo, limb(0));
        builder.assert_eq(amount, limb(3));
        let first = builder.when(builder.is_first_row());
        first.assert_eq(state, number(16, 3));
        for high in (19..32).chain(35..48).chain([63, 67, 71]) {
            first.assert_zero(public(high));
        }
        first.assert_eq(number(68, 3), number(64, 3) + (ITEMS as u64 - 1));
        let transition = builder.when(builder.is_transition());
        transition.assert_eq(builder.next(0), state + amount);
        let last = builder.when(builder.is_last_row());
        last.assert_eq(state + amount, number(32, 3));
    }
}

pub(crate) type Config = KeccakConfig<Goldilocks>;

/// More than 100 proven bits without any work, which is what tests have no time for.
pub(crate) fn parameters() -> Parameters {
    Parameters {
        queries: 160,
        batch_grinding: 0,
        commit_grinding: 0,
        query_grinding: 0,
        ood_grinding: 0,
        ..Parameters::proven100()
    }
}

/// The lane of the STARK with its prover.
pub(crate) struct Hash {
    pub(crate) prover: Prover<Config>,
    pub(crate) lane: Arc<StarkLane<Config>>,
}

impl Hash {
    fn new() -> Self {
        let constraints = Constraints::new(&Counter).unwrap();
        let (config, parameters) = (Config::keccak(), parameters());
        let prover = Prover::new(
            config.clone(),
            parameters,
            constraints.clone(),
            LOG_HEIGHT,
            None,
        );
        let name = "keccak-goldilocks";
        let lane = StarkLane::new(config, name, parameters, constraints, LOG_HEIGHT, None);
        Self {
            prover: prover.unwrap(),
            lane: Arc::new(lane.unwrap()),
        }
    }

    pub(crate) fn prove(&self, statement: &StatementV1) -> zkiln::Result<ProofBytes> {
        let proof = self.lane.prove(&self.prover, statement, trace(statement));
        proof.map(ProofBytes)
    }

    pub(crate) fn id(&self) -> Word {
        self.lane.info().id()
    }
}

pub(crate) fn hash() -> &'static Hash {
    static LANE: OnceLock<Hash> = OnceLock::new();
    LANE.get_or_init(Hash::new)
}

pub(crate) fn trace(statement: &StatementV1) -> Columns<Goldilocks> {
    let limbs: Vec<Goldilocks> = statement_limbs(statement);
    let mut state = Goldilocks::from(statement.pre_root.to_canonical().0[0]);
    let mut values = vec![Goldilocks::ZERO; 3 * 16];
    for row in 0..16 {
        values[row] = state;
        values[16 + row] = limbs[48 + row];
        values[32 + row] = limbs[row];
        state += limbs[48 + row];
    }
    Columns::new(values, 16).unwrap()
}

// The program.

/// The policy of the tests: keys for development count, for there are no others here.
pub(crate) fn policy(threshold: u32) -> Policy {
    Policy {
        count_development: true,
        ..Policy::threshold(threshold)
    }
}

/// Both lanes, under a policy.
pub(crate) fn program(policy: Policy) -> Program {
    Program::new(
        id(),
        policy,
        vec![pairing().lane.clone(), hash().lane.clone()],
    )
    .unwrap()
}

/// Groth16 alone.
pub(crate) fn single() -> Program {
    Program::new(id(), policy(1), vec![pairing().lane.clone()]).unwrap()
}

/// A segment proven by Groth16 alone.
pub(crate) fn segment(statement: StatementV1) -> Segment {
    Segment {
        statement,
        proofs: vec![pairing().prove(&statement).unwrap()],
    }
}

/// `count` statements that follow one another.
pub(crate) fn chain(count: u64) -> Vec<StatementV1> {
    let mut pre = 1000;
    (0..count)
        .map(|i| {
            let statement = statement(FIRST + i * ITEMS as u64, pre, &amounts(i + 1));
            pre = statement.post_root.to_canonical().0[0];
            statement
        })
        .collect()
}

/// Where the examples begin.
pub(crate) fn genesis() -> Anchor {
    Anchor::Genesis {
        root: Fr::from(1000),
        first_seq: FIRST,
    }
}
