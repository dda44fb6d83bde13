//! Transforms against their definition and against ark-poly, with values and sizes chosen to break
//! lazy reduction, tiles and orders.

use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use zkiln::field::{Field, Fq, Fr, PrimeField};
use zkiln::ntt::{BitReversed, Natural, Ntt, Order, bit_reverse};

type ArkFr = ark_bn254::Fr;

/// Elements that look random, the same in every run.
fn elements(n: usize, seed: u64) -> Vec<Fr> {
    let mut state = Fr::from(seed) + Fr::GENERATOR;
    let next = |_| {
        state = state.square() + Fr::from(7);
        state
    };
    (0..n).map(next).collect()
}

/// Inputs whose sums are as large as sums can be, and others without structure.
fn inputs(n: usize) -> Vec<Vec<Fr>> {
    let alternating = |i: usize| {
        if i.is_multiple_of(2) {
            -Fr::ONE
        } else {
            Fr::ZERO
        }
    };
    vec![
        elements(n, 1),
        vec![Fr::ZERO; n],
        vec![-Fr::ONE; n],
        (0..n).map(alternating).collect(),
        // The largest limbs in Montgomery form, too: p - 1.
        vec![largest(); n],
        (0..n)
            .map(|i| if i < n / 2 { largest() } else { Fr::ZERO })
            .collect(),
    ]
}

/// The element whose Montgomery limbs are `p - 1`.
fn largest() -> Fr {
    let mut limbs = Fr::MODULUS.0;
    limbs[0] -= 1;
    Fr::from_montgomery(limbs).expect("below p")
}

fn reversed<T: Copy>(data: &[T]) -> Vec<T> {
    let bits = data.len().ilog2();
    let reverse = |i: usize| match bits {
        0 => 0,
        bits => i.reverse_bits() >> (usize::BITS - bits),
    };
    (0..data.len()).map(|i| data[reverse(i)]).collect()
}

fn ordered<O: Order>(natural: &[Fr]) -> Vec<Fr> {
    if O::BIT_REVERSED {
        reversed(natural)
    } else {
        natural.to_vec()
    }
}

fn with_threads(threads: usize, f: impl FnOnce() + Send) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("a pool of threads").install(f);
}

/// All that a plan does with these orders, given coefficients and what they must become.
fn check_orders<I: Order, O: Order>(plan: &Ntt<Fr>, coefficients: &[Fr], values: &[Fr]) {
    let mut data = ordered::<I>(coefficients);
    plan.forward::<I, O>(&mut data).unwrap();
    assert!(data == ordered::<O>(values), "forward 2^{}", plan.log_n());
    let mut data = ordered::<I>(values);
    plan.inverse::<I, O>(&mut data).unwrap();
    assert!(
        data == ordered::<O>(coefficients),
        "inverse 2^{}",
        plan.log_n()
    );
}

fn check_coset<I: Order, O: Order>(plan: &Ntt<Fr>, shift: Fr, coefficients: &[Fr], values: &[Fr]) {
    let mut data = ordered::<I>(coefficients);
    plan.coset_forward::<I, O>(shift, &mut data).unwrap();
    assert!(
        data == ordered::<O>(values),
        "coset forward 2^{}",
        plan.log_n()
    );
    let mut data = ordered::<I>(values);
    plan.coset_inverse::<I, O>(shift, &mut data).unwrap();
    assert!(
        data == ordered::<O>(coefficients),
        "coset inverse 2^{}",
        plan.log_n()
    );
}

fn check_against_arkworks(log_n: u32, coefficients: &[Fr]) {
    let n = 1 << log_n;
    let plan = Ntt::<Fr>::new(log_n).unwrap();
    assert_eq!((plan.log_n(), plan.len()), (log_n, n));
    let domain = Radix2EvaluationDomain::<ArkFr>::new(n).unwrap();
    let theirs: Vec<ArkFr> = coefficients.iter().map(|&c| c.into()).collect();
    let evaluate = |domain: Radix2EvaluationDomain<ArkFr>| -> Vec<Fr> {
        domain.fft(&theirs).into_iter().map(Fr::from).collect()
    };

    let values = evaluate(domain);
    check_orders::<Natural, Natural>(&plan, coefficients, &values);
    check_orders::<Natural, BitReversed>(&plan, coefficients, &values);
    check_orders::<BitReversed, Natural>(&plan, coefficients, &values);
    check_orders::<BitReversed, BitReversed>(&plan, coefficients, &values);

    for shift in [Fr::GENERATOR, -Fr::ONE, Fr::from(123_456_789)] {
        let coset = evaluate(domain.get_coset(shift.into()).unwrap());
        check_coset::<Natural, Natural>(&plan, shift, coefficients, &coset);
        check_coset::<Natural, BitReversed>(&plan, shift, coefficients, &coset);
        check_coset::<BitReversed, Natural>(&plan, shift, coefficients, &coset);
        check_coset::<BitReversed, BitReversed>(&plan, shift, coefficients, &coset);
    }

    let g = Fr::root_of_unity(log_n + 1).unwrap();
    let scale = Fr::from(n as u64);
    let odd = evaluate(domain.get_coset(g.into()).unwrap());
    let expected: Vec<Fr> = reversed(&odd).into_iter().map(|v| v * scale).collect();
    let mut columns = [reversed(&values), vec![Fr::ZERO; n], reversed(&values)];
    let mut slices = columns.each_mut().map(|column| &mut column[..]);
    plan.extend_to_odd_coset_unscaled(&mut slices).unwrap();
    assert!(columns[0] == expected, "odd coset 2^{log_n}");
    assert!(
        columns[1] == vec![Fr::ZERO; n],
        "odd coset of zero 2^{log_n}"
    );
    assert!(columns[2] == expected, "odd coset, third column 2^{log_n}");
}

#[test]
fn small_sizes_agree_with_the_definition() {
    for log_n in 0..8 {
        let n = 1u64 << log_n;
        let plan = Ntt::<Fr>::new(log_n).unwrap();
        let w = Fr::root_of_unity(log_n).unwrap();
        let shift = Fr::from(11);
        for coefficients in inputs(n as usize) {
            let evaluate = |x: Fr| {
                coefficients
                    .iter()
                    .rev()
                    .fold(Fr::ZERO, |sum, &c| sum * x + c)
            };
            let values: Vec<Fr> = (0..n).map(|i| evaluate(w.pow(&[i]))).collect();
            let coset: Vec<Fr> = (0..n).map(|i| evaluate(shift * w.pow(&[i]))).collect();
            check_orders::<Natural, Natural>(&plan, &coefficients, &values);
            check_coset::<Natural, Natural>(&plan, shift, &coefficients, &coset);
        }
    }
}

#[test]
fn all_sizes_and_orders_agree_with_arkworks() {
    for threads in [1, 4] {
        with_threads(threads, || {
            for log_n in 0..=13 {
                for coefficients in inputs(1 << log_n) {
                    check_against_arkworks(log_n, &coefficients);
                }
            }
            for log_n in 14..=16 {
                check_against_arkworks(log_n, &elements(1 << log_n, 2));
                check_against_arkworks(log_n, &vec![largest(); 1 << log_n]);
            }
        });
    }
}

#[test]
fn a_million_elements_agree_with_arkworks() {
    with_threads(4, || {
        let log_n = 20;
        let plan = Ntt::<Fr>::new(log_n).unwrap();
        let coefficients = elements(1 << log_n, 3);
        let mut data = coefficients.clone();
        plan.forward::<Natural, Natural>(&mut data).unwrap();
        let domain = Radix2EvaluationDomain::<ArkFr>::new(1 << log_n).unwrap();
        let theirs: Vec<ArkFr> = coefficients.iter().map(|&c| c.into()).collect();
        let expected: Vec<Fr> = domain.fft(&theirs).into_iter().map(Fr::from).collect();
        assert!(data == expected);
        plan.inverse::<Natural, Natural>(&mut data).unwrap();
        assert!(data == coefficients);
    });
}

/// A plan that shares the table of a longer one does what one with its own does.
#[test]
fn shorter_plans_are_plans() {
    let longest = Ntt::<Fr>::new(13).unwrap();
    for log_n in 0..=13 {
        let shorter = longest.shorter(log_n).unwrap();
        assert_eq!((shorter.log_n(), shorter.len()), (log_n, 1 << log_n));
        let own = Ntt::new(log_n).unwrap();
        assert_eq!(shorter.n_inverse(), own.n_inverse());
        let coefficients = elements(1 << log_n, 5);
        let both = |work: fn(&Ntt<Fr>, &mut [Fr])| {
            let [mut a, mut b] = [coefficients.clone(), coefficients.clone()];
            work(&shorter, &mut a);
            work(&own, &mut b);
            assert!(a == b, "2^{log_n}");
        };
        both(|plan, data| plan.forward::<Natural, BitReversed>(data).unwrap());
        both(|plan, data| plan.inverse::<BitReversed, Natural>(data).unwrap());
        both(|plan, data| {
            plan.coset_inverse::<Natural, Natural>(Fr::from(7), data)
                .unwrap();
        });
        both(|plan, data| plan.extend_to_odd_coset_unscaled(&mut [data]).unwrap());
    }
    assert!(longest.shorter(14).is_err());
}

#[test]
fn one_plan_serves_many_threads() {
    let plan = Ntt::<Fr>::new(12).unwrap();
    let coefficients = elements(plan.len(), 4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut data = coefficients.clone();
                plan.forward::<Natural, BitReversed>(&mut data).unwrap();
                plan.inverse::<BitReversed, Natural>(&mut data).unwrap();
                assert!(data == coefficients);
            });
        }
    });
}

#[test]
fn bit_reversal_is_what_it_says() {
    for threads in [1, 4] {
        with_threads(threads, || {
            for log_n in 0..=17 {
                let data: Vec<u32> = (0..1 << log_n).collect();
                let mut permuted = data.clone();
                bit_reverse(&mut permuted).unwrap();
                assert!(permuted == reversed(&data), "2^{log_n}");
            }
        });
    }
    assert!(bit_reverse(&mut [0; 3]).is_err());
    assert!(bit_reverse::<u8>(&mut []).is_err());
}

#[test]
fn contracts_are_checked() {
    use zkiln::Error::Argument;
    let plan = Ntt::<Fr>::new(3).unwrap();
    for wrong in [7, 9, 20] {
        let data = &mut vec![Fr::ONE; wrong][..];
        assert!(matches!(
            plan.forward::<Natural, Natural>(data),
            Err(Argument(_))
        ));
        assert!(matches!(
            plan.inverse::<Natural, Natural>(data),
            Err(Argument(_))
        ));
        let coset = plan.coset_forward::<Natural, Natural>(Fr::GENERATOR, data);
        assert!(matches!(coset, Err(Argument(_))));
        let coset = plan.coset_inverse::<Natural, Natural>(Fr::GENERATOR, data);
        assert!(matches!(coset, Err(Argument(_))));
        let mut right = vec![Fr::ONE; 8];
        let extension = plan.extend_to_odd_coset_unscaled(&mut [&mut right, data]);
        assert!(matches!(extension, Err(Argument(_))));
        assert_eq!(
            right,
            vec![Fr::ONE; 8],
            "nothing is done before all is checked"
        );
    }
    let data = &mut [Fr::ONE; 8];
    let coset = plan.coset_forward::<Natural, Natural>(Fr::ZERO, data);
    assert!(matches!(coset, Err(Argument(_))));
    let coset = plan.coset_inverse::<Natural, Natural>(Fr::ZERO, data);
    assert!(matches!(coset, Err(Argument(_))));
    assert!(matches!(Ntt::<Fr>::new(29), Err(Argument(_))));
    assert!(matches!(Ntt::<Fr>::new(u32::MAX), Err(Argument(_))));
}

/// Polynomials one after the other, of sizes with and without threads, are what each of them is alone.
#[test]
fn many_polynomials_are_transformed_at_once() {
    fn check<I: Order, O: Order>(plan: &Ntt<Fr>, data: &[Fr]) {
        let shift = Fr::GENERATOR;
        type Work<'a> = &'a dyn Fn(&mut [Fr]) -> zkiln::Result<()>;
        let works: [Work<'_>; 4] = [
            &|data| plan.forward::<I, O>(data),
            &|data| plan.inverse::<I, O>(data),
            &|data| plan.coset_forward::<I, O>(shift, data),
            &|data| plan.coset_inverse::<I, O>(shift, data),
        ];
        for (i, work) in works.into_iter().enumerate() {
            let (mut all, mut each) = (data.to_vec(), data.to_vec());
            work(&mut all).unwrap();
            for column in each.chunks_mut(plan.len()) {
                work(column).unwrap();
            }
            assert!(all == each, "{i}: {} at 2^{}", data.len(), plan.log_n());
        }
    }
    for (log_n, columns) in [(0, 5), (4, 0), (4, 7), (10, 3), (11, 3), (14, 2), (15, 3)] {
        let plan = Ntt::<Fr>::new(log_n).unwrap();
        let data = elements(columns << log_n, u64::from(log_n));
        with_threads(2, || {
            check::<Natural, BitReversed>(&plan, &data);
            check::<BitReversed, Natural>(&plan, &data);
            check::<Natural, Natural>(&plan, &data);
            check::<BitReversed, BitReversed>(&plan, &data);
        });
    }
}

/// Fq has two roots of unity only: the largest subgroup of a field is no special case elsewhere.
#[test]
fn the_largest_subgroup_has_transforms_and_no_odd_coset() {
    let plan = Ntt::<Fq>::new(1).unwrap();
    let (a, b) = (Fq::from(3), Fq::from(5));
    let mut data = [a, b];
    plan.forward::<Natural, Natural>(&mut data).unwrap();
    assert_eq!(data, [a + b, a - b]);
    let extension = plan.extend_to_odd_coset_unscaled(&mut [&mut data]);
    assert!(matches!(extension, Err(zkiln::Error::Argument(_))));
    plan.inverse::<Natural, Natural>(&mut data).unwrap();
    assert_eq!(data, [a, b]);
    assert!(Ntt::<Fq>::new(2).is_err());
    let point = Ntt::<Fq>::new(0).unwrap();
    point.extend_to_odd_coset_unscaled(&mut [&mut [a]]).unwrap();
}
