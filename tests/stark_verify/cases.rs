//! Proofs of Plonky3 and what they prove: see `tests/data/stark/README.md`.

use zkiln::field::Field;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::merkle::MerkleTree;
use zkiln::ntt::BitReversed;
use zkiln::ntt::columns::Extender;
use zkiln::poly::Columns;
use zkiln::stark::air::{Air, Builder, Fibonacci, Program, Shape};
use zkiln::stark::config::{
    Digest, KeccakConfig, Poseidon2Config8, Poseidon2Config24, StarkConfig,
};
use zkiln::stark::{Dialect, Parameters, Proof, Verifier};

/// A statement, and a proof of it.
pub(crate) struct Case<C: StarkConfig> {
    pub(crate) config: C,
    pub(crate) parameters: Parameters,
    pub(crate) program: Program<C::Val>,
    pub(crate) log_height: u32,
    pub(crate) preprocessed: Option<Vec<Digest<C>>>,
    pub(crate) preprocessed_columns: Option<Columns<C::Val>>,
    pub(crate) trace: Columns<C::Val>,
    pub(crate) public_values: Vec<C::Val>,
    pub(crate) bytes: &'static [u8],
}

impl<C: StarkConfig> Case<C> {
    pub(crate) fn verifier(&self) -> Verifier<C> {
        self.verifier_with(self.parameters, self.log_height)
            .expect("sound parameters")
    }

    pub(crate) fn verifier_with(
        &self,
        parameters: Parameters,
        log_height: u32,
    ) -> zkiln::Result<Verifier<C>> {
        let (config, program) = (self.config.clone(), self.program.clone());
        Verifier::new(
            config,
            parameters,
            program,
            log_height,
            self.preprocessed.clone(),
        )
    }

    pub(crate) fn proof(&self) -> Proof<C> {
        Proof::from_bytes(self.bytes, "test").expect("a proof of Plonky3")
    }
}

/// Blow-up, final polynomial, arity, queries; work of batching, rounds, queries, the point outside; cap.
fn parameters(p: [u32; 9]) -> Parameters {
    Parameters {
        dialect: Dialect::P3v0_8,
        log_blowup: p[0],
        log_final_poly_len: p[1],
        max_log_arity: p[2],
        queries: p[3],
        batch_grinding: p[4],
        commit_grinding: p[5],
        query_grinding: p[6],
        ood_grinding: p[7],
        cap_height: p[8],
    }
}

/// Work everywhere, next rows, arities four and two.
pub(crate) fn fibonacci() -> Case<Poseidon2Config24<KoalaBear>> {
    Case {
        config: Poseidon2Config24::standard(),
        parameters: parameters([1, 0, 2, 3, 2, 3, 4, 5, 0]),
        program: Program::new(&Fibonacci).unwrap(),
        log_height: 3,
        preprocessed: None,
        preprocessed_columns: None,
        trace: Fibonacci
            .trace(KoalaBear::ZERO, KoalaBear::ONE, 3)
            .unwrap()
            .0,
        public_values: [0, 1, 21].map(KoalaBear::from).to_vec(),
        bytes: include_bytes!("../data/stark/fibonacci_koalabear_poseidon2.bin"),
    }
}

/// Everything that constraints can read, and four chunks of a quotient: from `x = 3`,
/// `x' = x^3 y + p r + q'` with `y = i + 1`, `p = y^2` and `q = i` preprocessed and `r` five and seven in
/// turn; public are the first and the last `x`.
pub(crate) struct Mixed;

impl<F: SmallField> Air<F> for Mixed {
    fn shape(&self) -> Shape<F> {
        Shape {
            width: 2,
            next_row: true,
            preprocessed_width: 2,
            preprocessed_next_row: true,
            periodic: vec![vec![F::from(5), F::from(7)]],
            public_values: 2,
            ..Shape::default()
        }
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let (x, y, next) = (builder.main(0), builder.main(1), builder.next(0));
        let (p, q) = (builder.preprocessed(0), builder.preprocessed_next(1));
        let (first, last) = (builder.public(0), builder.public(1));
        let step = x * x * x * y + p * builder.periodic(0) + q;
        builder.when(builder.is_first_row()).assert_eq(x, first);
        builder.when(builder.is_transition()).assert_eq(next, step);
        builder.when(builder.is_last_row()).assert_eq(x, last);
        builder.assert_eq(y * y, p);
    }
}

fn mixed<C: StarkConfig>(config: C, p: [u32; 9], log_height: u32, bytes: &'static [u8]) -> Case<C> {
    let parameters = parameters(p);
    let height = 1u64 << log_height;
    let mut x = C::Val::from(3);
    let mut trace = vec![x];
    for i in 1..height {
        let (y, r) = (C::Val::from(i), C::Val::from([7, 5][(i % 2) as usize]));
        x = x * x * x * y + y * y * r + y;
        trace.push(x);
    }
    trace.extend((1..=height).map(C::Val::from));
    let squares = (1..=height).map(|i| C::Val::from(i * i));
    let columns: Vec<C::Val> = squares.chain((0..height).map(C::Val::from)).collect();
    let extender = Extender::new(log_height, parameters.log_blowup, C::Val::GENERATOR).unwrap();
    let mut extended = vec![C::Val::ZERO; columns.len() << parameters.log_blowup];
    extender
        .extend::<BitReversed>(&columns, &mut extended)
        .unwrap();
    let matrix = Columns::new(extended, extender.extended_len()).unwrap();
    let log_cap = parameters.cap_height as usize;
    let tree = MerkleTree::new(config.hash(), &[&matrix], log_cap).unwrap();
    Case {
        config,
        parameters,
        program: Program::new(&Mixed).unwrap(),
        log_height,
        preprocessed: Some(tree.cap().to_vec()),
        preprocessed_columns: Some(Columns::new(columns, height as usize).unwrap()),
        trace: Columns::new(trace, height as usize).unwrap(),
        public_values: vec![C::Val::from(3), x],
        bytes,
    }
}

/// No work, arity eight, a final polynomial of two coefficients, caps of two nodes.
pub(crate) fn mixed_babybear() -> Case<KeccakConfig<BabyBear>> {
    let bytes = include_bytes!("../data/stark/mixed_babybear_keccak.bin");
    mixed(
        KeccakConfig::keccak(),
        [2, 1, 3, 2, 0, 0, 0, 0, 1],
        4,
        bytes,
    )
}

/// Work before the queries, arity two, caps of four nodes.
pub(crate) fn mixed_goldilocks() -> Case<Poseidon2Config8<Goldilocks>> {
    let bytes = include_bytes!("../data/stark/mixed_goldilocks_poseidon2.bin");
    mixed(
        Poseidon2Config8::standard(),
        [2, 0, 1, 2, 0, 0, 3, 0, 2],
        3,
        bytes,
    )
}

/// `x^2 y = z` in every row, with a public value that no constraint reads.
pub(crate) struct Product;

impl<F: SmallField> Air<F> for Product {
    fn shape(&self) -> Shape<F> {
        Shape {
            width: 3,
            public_values: 1,
            ..Shape::default()
        }
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let [x, y, z] = [0, 1, 2].map(|i| builder.main(i));
        builder.assert_eq(x * x * y, z);
    }
}

fn products<F: SmallField>(log_height: u32) -> Columns<F> {
    let rows = 0..1u64 << log_height;
    let x = rows.clone().map(|i| F::from(i + 2));
    let y = rows.clone().map(|i| F::from(2 * i + 3));
    let z = rows.map(|i| F::from(i + 2).square() * F::from(2 * i + 3));
    Columns::new(x.chain(y).chain(z).collect(), 1 << log_height).unwrap()
}

/// No next row, two chunks, work before rounds, blow-up eight.
pub(crate) fn product_koalabear() -> Case<Poseidon2Config24<KoalaBear>> {
    Case {
        config: Poseidon2Config24::standard(),
        parameters: parameters([3, 1, 3, 4, 0, 2, 0, 0, 2]),
        program: Program::new(&Product).unwrap(),
        log_height: 5,
        preprocessed: None,
        preprocessed_columns: None,
        trace: products(5),
        public_values: vec![KoalaBear::from(42)],
        bytes: include_bytes!("../data/stark/product_koalabear_poseidon2.bin"),
    }
}

/// The same on one row: nothing is folded.
pub(crate) fn one_row() -> Case<Poseidon2Config8<Goldilocks>> {
    Case {
        config: Poseidon2Config8::standard(),
        parameters: parameters([1, 0, 3, 1, 0, 0, 0, 0, 0]),
        program: Program::new(&Product).unwrap(),
        log_height: 0,
        preprocessed: None,
        preprocessed_columns: None,
        trace: products(0),
        public_values: vec![Goldilocks::from(42)],
        bytes: include_bytes!("../data/stark/product_goldilocks_poseidon2.bin"),
    }
}
