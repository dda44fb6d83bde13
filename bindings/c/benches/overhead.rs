//! What a call through the C interface adds to the same call in Rust, at 2^10, where it weighs most.
//!
//! `cargo bench -p zkiln-c`. The calls alternate, round by round, and the medians are compared, so that whatever
//! else the machine does weighs on both alike.

use std::cell::RefCell;
use std::hint::black_box;
use std::ptr;
use std::time::{Duration, Instant};

use zkiln::backend::Backend;
use zkiln::curve::{Curve, G1, G1Affine};
use zkiln::field::{Fr, Int, PrimeField};
use zkiln::msm::AnyMsm;
use zkiln::ntt::{AnyNtt, BitReversed, Natural};
use zkiln_c::context::{zkiln_context_create, zkiln_context_options};
use zkiln_c::msm::{zkiln_bn254_g1_msm_create, zkiln_bn254_g1_msm_run_u256};
use zkiln_c::ntt::{
    ZKILN_BIT_REVERSED, ZKILN_NATURAL, zkiln_bn254_ntt_create, zkiln_bn254_ntt_forward,
};
use zkiln_c::status::ZKILN_OK;

const LOG_N: u32 = 10;
const N: usize = 1 << LOG_N;

/// The medians of `rounds` rounds of each.
fn compare(rounds: usize, mut one: impl FnMut(), mut other: impl FnMut()) -> [Duration; 2] {
    let time = |call: &mut dyn FnMut()| {
        let started = Instant::now();
        call();
        started.elapsed()
    };
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        times[0].push(time(&mut one));
        times[1].push(time(&mut other));
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}

fn report(name: &str, [in_rust, in_c]: [Duration; 2]) {
    let ratio = in_c.as_secs_f64() / in_rust.as_secs_f64();
    println!("{name} of 2^{LOG_N}: {in_rust:?} in Rust, {in_c:?} in C, ratio {ratio:.3}");
}

fn main() {
    // `cargo bench -- --test` and `cargo test --benches` try it only.
    let is_test = std::env::args().any(|arg| arg == "--test");
    let rounds = |n| if is_test { 1 } else { n };
    let options = zkiln_context_options {
        struct_size: size_of::<zkiln_context_options>(),
        backend: c"cpu".as_ptr(),
        device_memory: 0,
        log: None,
        log_user: ptr::null_mut(),
        threads: 0,
        reserved: 0,
    };
    let mut context = ptr::null_mut();
    // SAFETY: pointers to locals of the right types.
    let status = unsafe { zkiln_context_create(&mut context, &options) };
    assert_eq!(status, ZKILN_OK);

    let mut data: Vec<Fr> = (0..N).map(|_| Fr::random().expect("randomness")).collect();
    // The transform that C calls, to the instruction: another instance of the same code lies elsewhere, and that alone
    // has made three hundredths of a difference.
    let plan = AnyNtt::on(&Backend::Cpu, LOG_N).expect("a small transform");
    let mut ntt = ptr::null_mut();
    // SAFETY: pointers to locals of the right types.
    let status = unsafe { zkiln_bn254_ntt_create(context, &mut ntt, LOG_N) };
    assert_eq!(status, ZKILN_OK);
    let in_rust = |data: &mut [Fr]| {
        plan.forward::<Natural, BitReversed>(black_box(data))
            .expect("the right length")
    };
    let in_c = |data: &mut [Fr]| {
        let (from, to) = (ZKILN_NATURAL, ZKILN_BIT_REVERSED);
        let data = data.as_mut_ptr().cast();
        // SAFETY: N elements of that layout.
        let status = unsafe { zkiln_bn254_ntt_forward(ntt, data, N, from, to, ptr::null()) };
        assert_eq!(status, ZKILN_OK);
    };
    let mut same = data.clone();
    in_rust(&mut data);
    in_c(&mut same);
    assert!(data == same);
    // Both on the same memory: where it lies makes a difference, too.
    let data_of = RefCell::new(&mut data);
    let times = compare(
        rounds(20_001),
        || in_rust(&mut data_of.borrow_mut()),
        || in_c(&mut data_of.borrow_mut()),
    );
    report("NTT", times);

    let bases: Vec<G1Affine> = (data.iter().map(|&s| (G1::GENERATOR * s).to_affine())).collect();
    let scalars: Vec<Int<4>> = data.iter().map(PrimeField::to_canonical).collect();
    let plan = AnyMsm::on(&Backend::Cpu, bases.clone()).expect("few bases");
    let mut msm = ptr::null_mut();
    // SAFETY: N points of that layout.
    let status = unsafe {
        zkiln_bn254_g1_msm_create(context, &mut msm, bases.as_ptr().cast(), N, ptr::null())
    };
    assert_eq!(status, ZKILN_OK);
    let (mut sum, mut same) = (G1Affine::INFINITY, G1Affine::INFINITY);
    let times = compare(
        rounds(501),
        || {
            sum = plan
                .run(black_box(&scalars))
                .expect("the right length")
                .to_affine()
        },
        || {
            let (out, scalars) = ((&raw mut same).cast(), scalars.as_ptr().cast());
            // SAFETY: N integers and a point of that layout.
            let status = unsafe { zkiln_bn254_g1_msm_run_u256(msm, out, 1, scalars, N) };
            assert_eq!(status, ZKILN_OK);
        },
    );
    assert_eq!(sum, same);
    report("MSM", times);
}
