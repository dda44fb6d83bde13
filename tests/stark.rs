//! Challengers against Plonky3's, and folding against its definition.

use p3_challenger::{
    CanObserve, CanSample, CanSampleBits, GrindingChallenger, HashChallenger,
    SerializingChallenger32, SerializingChallenger64,
};
use p3_field::PrimeField64;
use p3_keccak::Keccak256Hash;
use p3_symmetric::MerkleCap;
use zkiln::field::Field;
use zkiln::field::small::{
    BabyBear4, ExtensionField, Goldilocks, Goldilocks2, KoalaBear, KoalaBear4, SmallField,
};
use zkiln::hash::{Poseidon2, Poseidon2Field};
use zkiln::stark::challenger::{
    Challenger, DuplexChallenger, ObserveDigests, SerializingChallenger,
};
use zkiln::stark::fri::{fold, fold_row};

type Kb = p3_koala_bear::KoalaBear;
type Gl = p3_goldilocks::Goldilocks;

fn p3<F: SmallField, P: PrimeField64>(value: F) -> P {
    P::from_u64(value.to_u64())
}

/// The same conversation with both: lengths around the rates, draws of all kinds, work.
fn converse<F, P, C, J>(mut ours: C, mut judge: J)
where
    F: SmallField,
    P: PrimeField64,
    C: Challenger<F>,
    J: CanObserve<P> + CanSample<P> + CanSampleBits<usize> + GrindingChallenger<Witness = P>,
{
    let same = |a: F, b: P| assert_eq!(p3::<F, P>(a), b);
    let mut next = F::GENERATOR;
    same(ours.sample(), judge.sample());
    for length in [1, 2, 7, 8, 9, 15, 16, 17, 40, 0, 3] {
        for _ in 0..length {
            next = next.square() + F::from(5);
            ours.observe(next);
            judge.observe(p3(next));
        }
        for _ in 0..length % 11 {
            same(ours.sample(), judge.sample());
        }
        assert_eq!(ours.sample_bits(9), judge.sample_bits(9));
        assert_eq!(ours.sample_bits(0), judge.sample_bits(0));
        let mut other = ours.clone();
        for bits in [0, 1, 6] {
            let witness = ours.grind(bits).unwrap();
            assert!(judge.check_witness(bits as usize, p3(witness)));
            assert!(other.check_witness(bits, witness));
        }
        let drawn = ours.sample();
        same(drawn, judge.sample());
        assert_eq!(other.sample(), drawn);
        let mut refused = 0;
        for i in 0..40 {
            refused += usize::from(!ours.clone().check_witness(6, F::from(i)));
        }
        assert!(refused > 20, "work is not for nothing");
    }
}

#[test]
fn duplex_challengers_agree_with_plonky3() {
    let judge = p3_challenger::DuplexChallenger::<Kb, _, 24, 16>::new(
        p3_koala_bear::default_koalabear_poseidon2_24(),
    );
    let ours: &Poseidon2<KoalaBear, 24> = KoalaBear::standard();
    converse::<KoalaBear, Kb, _, _>(DuplexChallenger::<_, 24, 16>::new(ours.clone()), judge);
    let judge = p3_challenger::DuplexChallenger::<Gl, _, 8, 4>::new(
        p3_goldilocks::default_goldilocks_poseidon2_8(),
    );
    let ours: &Poseidon2<Goldilocks, 8> = Goldilocks::standard();
    converse::<Goldilocks, Gl, _, _>(DuplexChallenger::<_, 8, 4>::new(ours.clone()), judge);
}

#[test]
fn serializing_challengers_agree_with_plonky3() {
    let judge = || HashChallenger::<u8, _, 32>::new(b"seed".to_vec(), Keccak256Hash);
    converse::<KoalaBear, Kb, _, _>(
        SerializingChallenger::new(b"seed".to_vec()),
        SerializingChallenger32::new(judge()),
    );
    converse::<Goldilocks, Gl, _, _>(
        SerializingChallenger::new(b"seed".to_vec()),
        SerializingChallenger64::new(judge()),
    );
}

#[test]
fn caps_go_in_as_plonky3_puts_them() {
    let cap: [[u64; 4]; 2] = [[1, 2, 3, u64::MAX], [5, 6, 7, 8]];
    let mut ours = SerializingChallenger::<KoalaBear>::new(Vec::new());
    let inner = HashChallenger::<u8, _, 32>::new(Vec::new(), Keccak256Hash);
    let mut judge = SerializingChallenger32::<Kb, _>::new(inner);
    ours.observe_cap(&cap);
    judge.observe(MerkleCap::<Kb, [u64; 4]>::new(cap.to_vec()));
    let drawn: Kb = judge.sample();
    assert_eq!(p3::<_, Kb>(ours.sample()), drawn);

    let cap = [[KoalaBear::from(3); 8], [KoalaBear::from(9); 8]];
    let permutation: &Poseidon2<KoalaBear, 16> = KoalaBear::standard();
    let mut ours = DuplexChallenger::<_, 16, 8>::new(permutation.clone());
    let mut judge = p3_challenger::DuplexChallenger::<Kb, _, 16, 8>::new(
        p3_koala_bear::default_koalabear_poseidon2_16(),
    );
    ours.observe_cap(&cap);
    judge.observe(MerkleCap::<Kb, [Kb; 8]>::new(
        cap.map(|d| d.map(p3)).to_vec(),
    ));
    let drawn: Kb = judge.sample();
    assert_eq!(p3::<_, Kb>(ours.sample()), drawn);
}

#[test]
fn extensions_go_in_and_out_by_coefficients() {
    let mut ours = SerializingChallenger::<KoalaBear>::new(Vec::new());
    let mut single = ours.clone();
    let element = KoalaBear4::from_coefficients(&[1, 2, 3, 4].map(KoalaBear::from)).unwrap();
    ours.observe_extension(element);
    single.observe_slice(element.coefficients());
    let drawn: KoalaBear4 = ours.sample_extension();
    let coefficients: Vec<KoalaBear> = (0..4).map(|_| single.sample()).collect();
    assert_eq!(drawn.coefficients(), coefficients);
}

fn reversed<T: Copy>(data: &[T]) -> Vec<T> {
    let bits = data.len().ilog2();
    let reverse = |i: usize| match bits {
        0 => 0,
        bits => i.reverse_bits() >> (usize::BITS - bits),
    };
    (0..data.len()).map(|i| data[reverse(i)]).collect()
}

/// The values of a polynomial on the subgroup of `2^log_n` elements, in bit-reversed order.
fn codeword<E: ExtensionField>(coefficients: &[E], log_n: u32) -> Vec<E> {
    let w = E::Base::root_of_unity(log_n).unwrap();
    let values: Vec<E> = (0..1 << log_n)
        .map(|i| {
            let x = E::from(w.pow(&[i]));
            coefficients
                .iter()
                .rev()
                .fold(E::ZERO, |sum, &c| sum * x + c)
        })
        .collect();
    reversed(&values)
}

fn folds_as_defined<E: ExtensionField>() {
    let mut state = E::from(E::Base::GENERATOR);
    state += E::from_coefficients(&(0..E::DEGREE as u64).map(E::Base::from).collect::<Vec<_>>())
        .unwrap();
    let mut next = || {
        state = state.square() + E::ONE;
        state
    };
    for log_n in [1, 2, 3, 5, 6] {
        let coefficients: Vec<E> = (0..(1 << log_n) / 2 + 1).map(|_| next()).collect();
        let values = codeword(&coefficients, log_n);
        for log_arity in 0..=log_n.min(3) {
            let (beta, arity) = (next(), 1 << log_arity);
            let powers: Vec<E> = (0..arity).map(|j| beta.pow(&[j])).collect();
            let folded: Vec<E> = coefficients
                .chunks(arity as usize)
                .map(|chunk| chunk.iter().zip(&powers).map(|(&c, &p)| c * p).sum())
                .collect();
            let expected = codeword(&folded, log_n - log_arity);
            assert_eq!(fold(&values, log_arity, beta).unwrap(), expected);
            for (i, row) in values.chunks_exact(arity as usize).enumerate() {
                let value = fold_row(i, log_n - log_arity, log_arity, beta, row).unwrap();
                assert_eq!(value, expected[i]);
            }
            assert!(fold(&values, log_n + 1, beta).is_err());
            assert!(fold(&values[1..], log_arity, beta).is_err() || log_n == 1);
            assert!(fold_row(0, log_n, log_arity + 1, beta, &values[..1]).is_err());
            assert!(fold_row(1 << log_n, log_n, 0, beta, &values[..1]).is_err());
            assert!(fold_row(0, u32::MAX, 3, beta, &values[..1]).is_err());
        }
    }
    // More values than one task has.
    let coefficients: Vec<E> = (0..3).map(|_| next()).collect();
    let (values, beta) = (codeword(&coefficients, 12), next());
    let expected = [coefficients[0] + beta * coefficients[1], coefficients[2]];
    assert_eq!(fold(&values, 1, beta).unwrap(), codeword(&expected, 11));
}

#[test]
fn folding_is_what_it_says() {
    folds_as_defined::<KoalaBear4>();
    folds_as_defined::<BabyBear4>();
    folds_as_defined::<Goldilocks2>();
}
