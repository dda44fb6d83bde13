//! Every instruction set against the fields' own operators, at the ends of its ranges.

use super::{Cpu, Generic, Isa, Kernel, LANES, Mask, Modulus, PrimeVector, Sum, Vector, Vectors};
use crate::field::{Field, Fq, Fq2, Fr, Lazy, PrimeField};

/// Elements that arithmetic gets wrong first, then random ones; a multiple of eight.
fn prime_elements<F: PrimeField + Modulus>() -> Vec<F> {
    let mut limbs = F::LIMBS;
    limbs[0] -= 1;
    let largest = F::from_limbs(limbs);
    let two = F::from(2);
    let mut elements = vec![F::ZERO, F::ONE, -F::ONE, largest, two, F::GENERATOR];
    elements.extend([51u64, 52, 53, 104, 156, 208, 252, 253].map(|k| two.pow(&[k])));
    elements.extend([51u64, 52, 64, 208, 252, 253].map(|k| F::from_limbs(single_bit(k)) - F::ONE));
    elements.resize_with(64, || F::random().unwrap());
    elements
}

fn single_bit(k: u64) -> [u64; 4] {
    core::array::from_fn(|i| if k / 64 == i as u64 { 1 << (k % 64) } else { 0 })
}

fn quadratic_elements() -> Vec<Fq2> {
    let elements = prime_elements::<Fq>();
    let others = elements.iter().rev().chain(&elements);
    let pairs = elements.iter().chain(&elements).zip(others);
    pairs.map(|(&c0, &c1)| Fq2::new(c0, c1)).collect()
}

/// Eight elements from place `i` on, around the end.
fn lanes<F: Field>(elements: &[F], i: usize) -> [F; LANES] {
    core::array::from_fn(|lane| elements[(i + lane) % elements.len()])
}

fn load<V: Vector>(isa: V::Isa, lanes: &[V::Element; LANES]) -> V {
    V::load(isa, core::array::from_fn(|lane| &lanes[lane]))
}

fn each<F: Field>(f: impl Fn(usize) -> F) -> [F; LANES] {
    core::array::from_fn(f)
}

/// What all fields have in common.
struct Laws<'a, F>(&'a [F]);

impl<F: Field + Vectors, I: Isa> Kernel<I> for Laws<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let elements = self.0;
        let zero = F::On::<I>::splat(isa, F::ZERO);
        let one = F::On::<I>::splat(isa, F::ONE);
        for i in 0..elements.len() {
            let a = lanes(elements, i);
            let v: F::On<I> = load(isa, &a);
            assert_eq!(v.store(), a);
            assert_eq!(F::On::<I>::splat(isa, a[0]).store(), [a[0]; LANES]);
            let small = v.sum().reduce();
            assert_eq!(small.store(), a);
            assert_eq!(one.mul(v).store(), a);
            let zeros = (0..LANES).fold(0, |m, l| m | Mask::from(a[l].is_zero()) << l);
            assert_eq!(v.zeros(), zeros);
            assert_eq!(v.maybe_zero() & zeros, zeros);
            assert_eq!(small.sum().negate(2).tight().zeros(), zeros);
            assert_eq!(small.square_sum().tight().store(), each(|l| a[l].square()));
            let mask = (i * 37) as Mask;
            let chosen = each(|l| if mask >> l & 1 == 1 { F::ONE } else { a[l] });
            assert_eq!(v.or_where(mask, one).store(), chosen);
            let finite = small.or_where(zeros, one);
            let inverses = each(|l| a[l].inverse().unwrap_or(F::ONE));
            assert_eq!(finite.inverse().store(), inverses);
            for j in (0..elements.len()).step_by(5) {
                let b = lanes(elements, j);
                let w: F::On<I> = load(isa, &b);
                assert_eq!(small.mul(w).store(), each(|l| a[l] * b[l]));
                assert_eq!(
                    small.sum().plus(w.sum()).tight().store(),
                    each(|l| a[l] + b[l])
                );
                let difference = small.sum().minus(w.sum(), 16);
                assert_eq!(difference.tight().store(), each(|l| a[l] - b[l]));
                assert_eq!(difference.reduce().store(), each(|l| a[l] - b[l]));
            }
        }
        // The ends of the ranges: 0 to 2 times p, and 4, times 20.
        let multiple = |k: u64| zero.sum().negate(k).tight();
        for i in (0..elements.len()).step_by(LANES) {
            let a = lanes(elements, i);
            let v = load::<F::On<I>>(isa, &a).sum().reduce();
            // a below 2, and as large as it can be: 2 p - (-a).
            let high = load::<F::On<I>>(isa, &each(|l| -a[l]));
            let high = high.sum().reduce().sum().negate(2).tight();
            assert_eq!(high.store(), a);
            let at_20 = v.sum().plus(multiple(18).sum()).tight();
            assert_eq!(at_20.store(), a);
            assert_eq!(high.mul(at_20).store(), each(|l| a[l] * a[l]));
            assert_eq!(multiple(2).mul(at_20).store(), [F::ZERO; LANES]);
            let at_4 = high.sum().plus(multiple(2).sum()).tight();
            assert_eq!(at_4.square_sum().tight().store(), each(|l| a[l].square()));
            for k in [1, 2, 3, 8, 16, 31, 32] {
                assert_eq!(multiple(k).zeros(), Mask::MAX);
                assert_eq!(multiple(k).maybe_zero(), Mask::MAX);
                assert_eq!(multiple(k).sum().reduce().store(), [F::ZERO; LANES]);
                let raised = v.sum().plus(multiple(k).sum()).plus(multiple(k / 2).sum());
                assert_eq!(raised.reduce().store(), a);
                assert_eq!(raised.tight().store(), a);
                // One below and above a multiple of p.
                let less = multiple(k).sum().minus(one.sum(), 1);
                assert_eq!(less.reduce().store(), [-F::ONE; LANES]);
                let more = multiple(k).sum().plus(one.sum());
                assert_eq!(more.reduce().store(), [F::ONE; LANES]);
            }
        }
    }
}

/// Sums of two products, for prime fields.
struct Products<'a, F>(&'a [F]);

impl<F: PrimeField + Modulus, I: Isa> Kernel<I> for Products<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        for i in 0..self.0.len() {
            let (a, b) = (lanes(self.0, i), lanes(self.0, 3 * i));
            let v: I::Prime<F> = load(isa, &a);
            let w: I::Prime<F> = load(isa, &b);
            let (small_v, small_w) = (v.sum().reduce(), w.sum().reduce());
            let sum = I::Prime::<F>::mul2_sum(small_v, v, small_w, w).tight();
            assert_eq!(sum.store(), each(|l| a[l].square() + b[l].square()));
            let residues = a.map(Lazy::new);
            let product = I::Prime::<F>::load_lazy(isa, residues.each_ref()).mul(w);
            let product = product.store_reduced().map(Lazy::reduced);
            assert_eq!(product, each(|l| a[l] * b[l]));
        }
    }
}

/// What is generic over the instruction set is instantiated for each: a new one is a line here.
macro_rules! test_instruction_sets {
    ($($name:ident: $isa:expr;)*) => {$(
        mod $name {
            use super::*;

            /// A processor without the instructions has nothing to test.
            macro_rules! check {
                ($kernel:expr) => {
                    if let Some(isa) = $isa {
                        Isa::run(isa, $kernel);
                    }
                };
            }

            #[test]
            fn fr_obeys_the_laws_of_its_operators() {
                check!(Laws(&prime_elements::<Fr>()));
                check!(Products(&prime_elements::<Fr>()));
            }

            #[test]
            fn fq_obeys_the_laws_of_its_operators() {
                check!(Laws(&prime_elements::<Fq>()));
                check!(Products(&prime_elements::<Fq>()));
            }

            #[test]
            fn fq2_obeys_the_laws_of_its_operators() {
                check!(Laws(&quadratic_elements()));
            }
        }
    )*};
}

test_instruction_sets! {
    generic: Generic::new();
}
#[cfg(target_arch = "x86_64")]
test_instruction_sets! {
    avx512ifma: super::super::Avx512Ifma::new();
}

#[test]
fn a_forced_instruction_set_is_the_one_in_use() {
    let all = Cpu::all();
    assert!(matches!(all[0], Cpu::Generic(_)));
    match std::env::var("ZKILN_CPU").as_deref() {
        Ok("generic") => assert!(matches!(Cpu::get(), Ok(Cpu::Generic(_)))),
        Ok("avx512ifma") if all.len() == 1 => assert!(Cpu::get().is_err()),
        Ok("avx512ifma") => assert!(!matches!(Cpu::get(), Ok(Cpu::Generic(_)))),
        _ => (),
    }
}
