//! The word-sized fields against Plonky3's types and their own laws, and every engine's vectors
//! against single elements. A new field is one line at the end.

use num_bigint::BigUint;
use p3_field::extension::BinomialExtensionField;
use p3_field::{
    BasedVectorSpace, Field as P3Field, PrimeCharacteristicRing, PrimeField64, TwoAdicField,
};
use zkiln::field::small::{
    BabyBear, Engine, Extension, ExtensionField, Factors, Goldilocks, Kernel, KoalaBear,
    SmallField, Vector,
};
use zkiln::field::{Field, batch_inverse};

/// Values that arithmetic gets wrong first, and others without structure.
fn values<F: SmallField>() -> Vec<F> {
    let p = F::MODULUS;
    let words = [
        0,
        1,
        2,
        3,
        6,
        7,
        p - 1,
        p - 2,
        p - 3,
        p / 2,
        p / 2 + 1,
        p / 3,
    ];
    let mut values: Vec<F> = words.map(|w| F::from_canonical(w).unwrap()).to_vec();
    values.extend((1..F::BITS).map(|k| F::from(1u64 << k)));
    values.extend((1..F::BITS).map(|k| F::from((1u64 << k) - 1)));
    values.extend([F::GENERATOR, F::ROOT_OF_UNITY]);
    // The largest and other bare words: what matters in Montgomery form.
    let mut words: Vec<F> = values.clone();
    let scale = F::from(1 << 32);
    words.iter_mut().for_each(|w| *w *= scale);
    values.extend(words);
    let mut state = F::GENERATOR;
    for _ in 0..200 {
        state = state.square() + F::from(7);
        values.push(state);
    }
    values
}

/// Runs `f` on all elements of two slices, vector by vector.
struct Zip<'a, F, const OPERATION: usize>(&'a [F], &'a [F], &'a mut [F]);

impl<F: SmallField, const OPERATION: usize> Kernel<F> for Zip<'_, F, OPERATION> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        for ((a, b), c) in self
            .0
            .chunks_exact(V::LANES)
            .zip(self.1.chunks_exact(V::LANES))
            .zip(self.2.chunks_exact_mut(V::LANES))
        {
            let factors = (OPERATION == 3).then(|| Factors::new(b.to_vec()));
            let (a, b) = (V::load(a), V::load(b));
            let constant = self.1[0];
            let others = [V::splat(constant), b, a, a];
            let constants = [F::ONE, F::ZERO, constant, F::GENERATOR];
            let result = match OPERATION {
                0 => a + b,
                1 => a - b,
                2 => a * b,
                3 => a.times(V::repeated(factors.as_ref().unwrap(), 0, 1)),
                4 => -a,
                5 => a.double(),
                6 => a.sbox::<3>(constant),
                7 => a.sbox::<7>(constant),
                8 => a * a,
                40 => V::sboxes::<3>(others, constants)[2],
                41 => V::sboxes::<7>(others, constants)[2],
                100..200 => a.add_div_2exp(b, OPERATION as u32 - 100),
                200.. => a.sub_div_2exp(b, OPERATION as u32 - 200),
                k => a.div_2exp(k as u32 - 8),
            };
            result.store(c);
        }
    }
}

fn zip<F: SmallField, const OPERATION: usize>(
    engine: Engine,
    values: &[F],
    expected: impl Fn(F, F) -> F,
) {
    let n = values.len() / 16 * 16;
    for shift in 0..n {
        let rotated: Vec<F> = (0..n).map(|i| values[(i + shift) % n]).collect();
        let mut results = vec![F::ZERO; n];
        engine.run(Zip::<F, OPERATION>(&values[..n], &rotated, &mut results));
        for i in 0..n {
            let (a, b) = match OPERATION {
                6 | 7 | 40 | 41 => (values[i], rotated[0]),
                _ => (values[i], rotated[i]),
            };
            assert_eq!(
                results[i],
                expected(a, b),
                "{engine:?} {OPERATION} of {a} {b}"
            );
            assert!(results[i].is_reduced());
        }
    }
}

/// The movements of lanes, which are the same whatever the elements.
struct Moves<F>(core::marker::PhantomData<F>);

impl<F: SmallField> Kernel<F> for Moves<F> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let lanes = V::LANES;
        let numbers: Vec<F> = (0..2 * lanes as u64).map(F::from).collect();
        let (a, b) = (V::load(&numbers), V::load(&numbers[lanes..]));
        let number = |e: F| e.to_u64() as usize;
        for block in (0..lanes.ilog2()).map(|k| 1 << k) {
            let (x, y) = a.interleave(b, block);
            for i in 0..lanes {
                let from = if i & block == 0 { 0 } else { lanes };
                assert_eq!(number(x.elements()[i]), from + (i & !block), "{block}");
                assert_eq!(number(y.elements()[i]), from + (i | block), "{block}");
            }
            assert_eq!(x.interleave(y, block), (a, b));
        }
        let table = Factors::new(numbers.clone());
        for times in (0..=lanes.ilog2()).map(|k| 1 << k) {
            for first in 0..lanes {
                let repeated = V::splat(F::ONE).times(V::repeated(&table, first, times));
                for i in 0..lanes {
                    assert_eq!(number(repeated.elements()[i]), first + i / times);
                }
            }
        }
        let (x, y) = a.zip(b);
        for i in 0..lanes {
            let expected = |i: usize| i / 2 + (i % 2) * lanes;
            assert_eq!(number(x.elements()[i]), expected(i));
            assert_eq!(number(y.elements()[i]), expected(i + lanes));
        }
        assert_eq!(x.unzip(y), (a, b));
        let mut square: Vec<V> = (0..lanes as u64)
            .map(|i| {
                let row: Vec<F> = (0..lanes as u64).map(|j| F::from(i * 64 + j)).collect();
                V::load(&row)
            })
            .collect();
        V::transpose(&mut square);
        for i in 0..lanes {
            for j in 0..lanes {
                assert_eq!(number(square[i].elements()[j]), j * 64 + i);
            }
        }
        let (vectors, rest) = V::pack(&numbers[1..]);
        assert_eq!((vectors.len(), rest.len()), (1, lanes - 1));
        assert_eq!(vectors[0].elements(), &numbers[1..=lanes]);
    }
}

/// Sums of many products, whose reduction waits: of elements of the greatest words, and of others.
struct Sums<'a, F>(&'a [F]);

impl<F: SmallField> Kernel<F> for Sums<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector<Element = F>>(self) {
        let mut greatest = F::ZERO;
        for &value in self.0 {
            // By their words in memory.
            let word = |value: F| {
                bytemuck::bytes_of(&value)
                    .iter()
                    .rev()
                    .copied()
                    .collect::<Vec<_>>()
            };
            if word(value) > word(greatest) {
                greatest = value;
            }
        }
        for count in 0..32 {
            for shift in 0..self.0.len() - 2 * V::LANES - 32 {
                let mut vectors = vec![V::splat(greatest); count];
                let mut weights = vec![[V::splat(greatest); 3]; count];
                let mut factors = vec![[greatest; 3]; count];
                for i in 0..if shift > 0 { count } else { 0 } {
                    vectors[i] = V::load(&self.0[shift + i..]);
                    for d in 0..3 {
                        weights[i][d] = V::load(&self.0[shift / 2 + d * i..]);
                        factors[i][d] = self.0[shift / 3 + d + i];
                    }
                }
                let inner = V::inner(count, |i| vectors[i], |i| weights[i]);
                let dot = V::dot(|i| vectors[i], &factors);
                for lane in 0..V::LANES {
                    let mut sums = [F::ZERO; 6];
                    for i in 0..count {
                        let value = vectors[i].elements()[lane];
                        for d in 0..3 {
                            sums[d] += value * weights[i][d].elements()[lane];
                            sums[3 + d] += value * factors[i][d];
                        }
                    }
                    for d in 0..3 {
                        assert_eq!(inner[d].elements()[lane], sums[d], "{count} products");
                        assert_eq!(dot[d].elements()[lane], sums[3 + d], "{count} multiples");
                    }
                }
            }
        }
    }
}

macro_rules! test_small_field {
    ($name:ident, $F:ty, $P3:ty, $degree:literal) => {
        mod $name {
            use super::*;

            type E = Extension<$F, $degree>;
            type P3E = BinomialExtensionField<$P3, $degree>;

            fn p3(a: $F) -> $P3 {
                <$P3>::from_u64(a.to_u64())
            }
            fn p3e(a: E) -> P3E {
                P3E::from_basis_coefficients_fn(|i| p3(a.0[i]))
            }

            #[test]
            fn agrees_with_plonky3() {
                let values = values::<$F>();
                for &a in &values {
                    let x = p3(a);
                    assert_eq!(a.to_u64(), x.as_canonical_u64());
                    assert_eq!(p3(-a), -x);
                    assert_eq!(p3(a.double()), x.double());
                    assert_eq!(p3(a.halve()), x.halve());
                    for k in 1..=<$F>::TWO_ADICITY.min(31) {
                        assert_eq!(p3(a.div_2exp(k)), x.div_2exp_u64(k.into()));
                    }
                    assert_eq!(a.inverse().map(p3), x.try_inverse());
                    for &b in &values {
                        let y = p3(b);
                        assert_eq!(p3(a + b), x + y);
                        assert_eq!(p3(a - b), x - y);
                        assert_eq!(p3(a * b), x * y);
                        assert!((a + b).is_reduced() && (a - b).is_reduced());
                        assert!((a * b).is_reduced());
                    }
                }
            }

            /// The memory of the two libraries' types is the same, so slices can be lent without a copy.
            #[test]
            fn bytes_are_those_of_plonky3() {
                for a in values::<$F>() {
                    let x = p3(a);
                    // SAFETY: both are plain words of this size.
                    let bytes: [u8; size_of::<$F>()] = unsafe { core::mem::transmute(x) };
                    assert_eq!(bytemuck::bytes_of(&a), bytes);
                }
            }

            #[test]
            fn products_are_those_of_integers() {
                let p = BigUint::from(<$F>::MODULUS);
                let values = values::<$F>();
                for (a, b) in values.iter().zip(values.iter().rev()) {
                    let product = BigUint::from(a.to_u64()) * BigUint::from(b.to_u64()) % &p;
                    assert_eq!(BigUint::from((*a * *b).to_u64()), product);
                }
            }

            #[test]
            fn constants_agree_with_plonky3() {
                assert_eq!(<$F>::MODULUS, <$P3>::ORDER_U64);
                assert_eq!(<$F>::TWO_ADICITY as usize, <$P3>::TWO_ADICITY);
                assert_eq!(p3(<$F>::GENERATOR), <$P3>::GENERATOR);
                for k in 0..=<$F>::TWO_ADICITY {
                    let root = <$F>::root_of_unity(k).unwrap();
                    assert_eq!(p3(root), <$P3>::two_adic_generator(k as usize));
                }
                assert_eq!(<$F>::root_of_unity(<$F>::TWO_ADICITY + 1), None);
            }

            #[test]
            fn words_from_the_modulus_on_are_refused() {
                assert_eq!(<$F>::from_canonical(<$F>::MODULUS), None);
                assert_eq!(<$F>::from_canonical(u64::MAX), None);
                assert_eq!(<$F>::from(<$F>::MODULUS), <$F>::ZERO);
                assert_eq!(p3(<$F>::from(u64::MAX)), <$P3>::from_u64(u64::MAX));
                let bytes = <$F>::MODULUS.to_le_bytes();
                assert_eq!(<$F>::read_canonical(&bytes[..<$F>::BYTES]), None);
                assert_eq!(<$F>::read_canonical(&bytes[1..<$F>::BYTES]), None);
                for a in values::<$F>() {
                    let mut bytes = vec![0; <$F>::BYTES];
                    a.write_canonical(&mut bytes);
                    assert_eq!(<$F>::read_canonical(&bytes), Some(a));
                }
            }

            #[test]
            fn roots_are_roots() {
                for a in values::<$F>() {
                    assert_eq!(a.square().sqrt().map(|r| r.square()), Some(a.square()));
                    if let Some(root) = a.sqrt() {
                        assert_eq!(root.square(), a);
                    } else {
                        assert_eq!(p3(a).exp_u64((<$F>::MODULUS - 1) / 2), -<$P3>::ONE);
                    }
                    if !a.is_zero() {
                        let largest = |a: $F| a.is_lexicographically_largest();
                        assert_ne!(largest(a), largest(-a));
                    }
                }
            }

            #[test]
            fn draws_are_reduced_and_differ() {
                let draws: Vec<$F> = (0..20).map(|_| <$F>::random().unwrap()).collect();
                assert!(draws.iter().all(|d| d.is_reduced()));
                assert!(draws.windows(2).any(|w| w[0] != w[1]));
            }

            #[test]
            fn extension_agrees_with_plonky3() {
                let values = values::<$F>();
                let element = |i: usize| {
                    E::from_coefficients(
                        &(0..$degree)
                            .map(|j| values[(i * 7 + j * 31) % values.len()])
                            .collect::<Vec<_>>(),
                    )
                    .unwrap()
                };
                for i in 0..values.len() {
                    let (a, b) = (element(i), element(3 * i + 1));
                    let (x, y) = (p3e(a), p3e(b));
                    assert_eq!(p3e(a + b), x + y);
                    assert_eq!(p3e(a - b), x - y);
                    assert_eq!(p3e(a * b), x * y);
                    assert_eq!(p3e(a.square()), x.square());
                    assert_eq!(p3e(-a), -x);
                    assert_eq!(p3e(a * values[i]), x * p3(values[i]));
                    assert_eq!(a.inverse().map(p3e), x.try_inverse());
                    assert_eq!(a.frobenius(), a.pow(&[<$F>::MODULUS]));
                    assert_eq!(a.square().sqrt().map(|r| r.square()), Some(a.square()));
                    let mut bytes = vec![0; E::BYTES];
                    a.write_canonical(&mut bytes);
                    assert_eq!(E::read_canonical(&bytes), Some(a));
                    assert_eq!(E::read_canonical(&bytes[1..]), None);
                    assert_eq!(a.coefficients(), &a.0);
                }
                let x = E::from_coefficients(&values[..$degree]).unwrap();
                assert!(E::from_coefficients(&values[..$degree - 1]).is_none());
                assert!((x * x).sqrt().is_some());
                let mut root = [<$F>::ZERO; $degree];
                root[1] = <$F>::ONE;
                assert!(Extension(root).sqrt().is_none());
                let mut batch: Vec<E> = (0..50).map(element).collect();
                let expected: Vec<E> = batch
                    .iter()
                    .map(|a| a.inverse().unwrap_or(E::ZERO))
                    .collect();
                batch_inverse(&mut batch);
                assert_eq!(batch, expected);
            }

            #[test]
            fn vectors_agree_with_elements() {
                let values = values::<$F>();
                for engine in Engine::supported() {
                    zip::<$F, 0>(engine, &values, |a, b| a + b);
                    zip::<$F, 1>(engine, &values, |a, b| a - b);
                    zip::<$F, 2>(engine, &values, |a, b| a * b);
                    zip::<$F, 3>(engine, &values, |a, b| a * b);
                    zip::<$F, 4>(engine, &values, |a, _| -a);
                    zip::<$F, 5>(engine, &values, |a, _| a + a);
                    zip::<$F, 6>(engine, &values, |a, c| (a + c).pow(&[3]));
                    zip::<$F, 7>(engine, &values, |a, c| (a + c).pow(&[7]));
                    zip::<$F, 8>(engine, &values, |a, _| a * a);
                    zip::<$F, 9>(engine, &values, |a, _| a.div_2exp(1));
                    zip::<$F, 12>(engine, &values, |a, _| a.div_2exp(4));
                    zip::<$F, 32>(engine, &values, |a, _| a.div_2exp(24));
                    zip::<$F, 40>(engine, &values, |a, c| (a + c).pow(&[3]));
                    zip::<$F, 41>(engine, &values, |a, c| (a + c).pow(&[7]));
                    zip::<$F, 101>(engine, &values, |a, b| a + b.div_2exp(1));
                    zip::<$F, 124>(engine, &values, |a, b| a + b.div_2exp(24));
                    zip::<$F, 203>(engine, &values, |a, b| a - b.div_2exp(3));
                    zip::<$F, 224>(engine, &values, |a, b| a - b.div_2exp(24));
                }
            }

            #[test]
            fn sums_of_products_are_those_of_elements() {
                let values = values::<$F>();
                for engine in Engine::supported() {
                    engine.run(Sums(&values));
                }
            }

            #[test]
            fn lanes_move_as_documented() {
                for engine in Engine::supported() {
                    engine.run(Moves::<$F>(core::marker::PhantomData));
                }
            }
        }
    };
}

test_small_field!(koala_bear, KoalaBear, p3_koala_bear::KoalaBear, 4);
test_small_field!(baby_bear, BabyBear, p3_baby_bear::BabyBear, 4);
test_small_field!(goldilocks, Goldilocks, p3_goldilocks::Goldilocks, 2);
