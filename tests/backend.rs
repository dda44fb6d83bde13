//! Backends by name, and plans that run on any of them.

use zkiln::backend::Backend;
use zkiln::curve::{G1, G2};
use zkiln::field::{Fr, Int};
use zkiln::msm::{AnyMsm, DeviceCurve};
use zkiln::ntt::{AnyNtt, BitReversed, Natural};

/// The processor, and the emulator or what `ZKILN_TEST_DEVICE` names.
fn backends() -> [Backend; 2] {
    let device = std::env::var("ZKILN_TEST_DEVICE").unwrap_or("emulator".into());
    [Backend::Cpu, device.parse().unwrap()]
}

#[test]
fn names() {
    assert_eq!("cpu".parse::<Backend>().unwrap(), Backend::Cpu);
    assert_eq!(Backend::default(), Backend::Cpu);
    let emulator: Backend = "emulator".parse().unwrap();
    assert_eq!(emulator.to_string(), "emulator");
    for name in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "CPU"] {
        let error = name.parse::<Backend>().unwrap_err().to_string();
        assert!(error.contains(&format!("{name:?}")), "{error}");
        assert!(error.contains("cuda:N"), "{error}");
    }
}

/// What is asked for by name is used or refused; only `auto` falls back, and says why.
#[test]
fn a_gpu_is_used_or_refused() {
    let choice = Backend::auto();
    match "cuda".parse::<Backend>() {
        Ok(Backend::Device(_)) => {
            assert!(matches!(choice.backend, Backend::Device(_)));
            assert_eq!(choice.reason, None);
        }
        Ok(other) => panic!("{other} instead of a GPU"),
        Err(error) => {
            assert_eq!(choice.backend, Backend::Cpu);
            assert_eq!(choice.reason, Some(error.to_string()));
            assert_eq!(error.code(), 10);
        }
    }
    let far: Result<Backend, _> = "cuda:4096".parse();
    assert_eq!(far.unwrap_err().code(), 10);
}

fn check_msm<C: DeviceCurve>() {
    let multiples: Vec<_> = (1u64..=9)
        .map(|k| C::GENERATOR * C::Scalar::from(k))
        .collect();
    let bases: Vec<_> = multiples.iter().map(|p| p.to_affine()).collect();
    let [first, second] = [1u64, 5].map(|step| {
        let scalars = (0..9).map(|i| C::Scalar::from(i * step));
        scalars.collect::<Vec<_>>()
    });
    for backend in backends() {
        let msm = AnyMsm::<C>::on(&backend, bases.clone()).unwrap();
        assert_eq!(msm.len(), 9);
        // The sums of i (i + 1) and of five times that.
        let expected = [240u64, 1200].map(|k| C::GENERATOR * C::Scalar::from(k));
        assert_eq!(msm.run(&first).unwrap(), expected[0], "{backend}");
        let integers: Vec<Int<4>> = (0..9).map(Int::from_u64).collect();
        assert_eq!(msm.run(&integers).unwrap(), expected[0], "{backend}");
        assert_eq!(msm.run_batch(&[&first, &second]).unwrap(), expected);
        let error = msm.run(&first[1..]).unwrap_err();
        assert_eq!(error.to_string(), "an MSM over 9 bases got 8 scalars");
        let empty = AnyMsm::<C>::on(&backend, Vec::new()).unwrap();
        assert!(empty.is_empty());
        assert!(empty.run::<C::Scalar>(&[]).unwrap().is_infinity());
    }
}

#[test]
fn sums() {
    check_msm::<G1>();
    check_msm::<G2>();
}

#[test]
fn transforms() {
    let values: Vec<Fr> = (0..64).map(|i| Fr::from(i * i + 1)).collect();
    let shift = Fr::from(7);
    let results = backends().map(|backend| {
        let ntt = AnyNtt::on(&backend, 6).unwrap();
        assert_eq!((ntt.len(), ntt.log_n()), (64, 6));
        let mut forward = values.clone();
        ntt.forward::<Natural, BitReversed>(&mut forward).unwrap();
        let mut coset = values.clone();
        ntt.coset_forward::<Natural, Natural>(shift, &mut coset)
            .unwrap();
        let mut back = coset.clone();
        ntt.coset_inverse::<Natural, Natural>(shift, &mut back)
            .unwrap();
        assert_eq!(back, values, "{backend}");
        back.clone_from(&forward);
        ntt.inverse::<BitReversed, Natural>(&mut back).unwrap();
        assert_eq!(back, values, "{backend}");
        assert_eq!(
            ntt.forward::<Natural, Natural>(&mut back[1..])
                .unwrap_err()
                .code(),
            8
        );
        assert_eq!(
            ntt.coset_forward::<Natural, Natural>(Fr::ZERO, &mut back)
                .unwrap_err()
                .code(),
            8
        );
        (forward, coset)
    });
    assert_eq!(results[0], results[1]);
    assert_eq!(AnyNtt::on(&Backend::Cpu, 29).unwrap_err().code(), 8);
    assert_eq!(AnyNtt::on(&backends()[1], 29).unwrap_err().code(), 8);
}
