//! A call copies none of the caller's arrays: it allocates what the same call in Rust allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use zkiln::curve::{Curve, G1, G1Affine};
use zkiln::field::{Fr, Int};
use zkiln::msm::Msm;
use zkiln::ntt::{BitReversed, Natural, Ntt};
use zkiln_c::context::{
    zkiln_context, zkiln_context_create, zkiln_context_destroy, zkiln_context_options,
};
use zkiln_c::field::{zkiln_bn254_fr, zkiln_bn254_g1, zkiln_u256};
use zkiln_c::msm::{
    zkiln_bn254_g1_msm_create, zkiln_bn254_g1_msm_destroy, zkiln_bn254_g1_msm_run_u256,
};
use zkiln_c::ntt::{
    ZKILN_BIT_REVERSED, ZKILN_NATURAL, zkiln_bn254_ntt_create, zkiln_bn254_ntt_destroy,
    zkiln_bn254_ntt_forward,
};
use zkiln_c::status::ZKILN_OK;

/// The system's allocator, with an account.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all of it is the system's allocator's; the account is on the side.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most memory in use during `call` beyond what was in use before.
fn peak(call: impl FnOnce()) -> usize {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    call();
    PEAK.load(Relaxed) - before
}

const LOG_N: u32 = 20;
const N: usize = 1 << LOG_N;
/// What a call may allocate for itself: 256 KiB, where an array of the tests has 32 or 64 MiB.
const SLACK: usize = 256 << 10;

/// One test, for the account is of the whole process.
#[test]
fn nothing_is_copied_at_two_to_the_twenty() {
    let options = zkiln_context_options {
        struct_size: size_of::<zkiln_context_options>(),
        backend: c"cpu".as_ptr(),
        device_memory: 0,
        log: None,
        log_user: ptr::null_mut(),
        threads: 2,
        reserved: 0,
    };
    let mut context = ptr::null_mut();
    // SAFETY: pointers to locals of the right types.
    let status = unsafe { zkiln_context_create(&mut context, &options) };
    assert_eq!(status, ZKILN_OK);
    ntt(context);
    msm(context);
    // SAFETY: made above, and not used again.
    unsafe { zkiln_context_destroy(context) };
}

fn ntt(context: *mut zkiln_context) {
    let mut data: Vec<Fr> = (0..N as u64).map(Fr::from).collect();
    let plan = Ntt::<Fr>::new(LOG_N).unwrap();
    let in_rust = peak(|| plan.forward::<Natural, BitReversed>(&mut data).unwrap());
    let mut expected = data.clone();
    plan.inverse::<BitReversed, Natural>(&mut data).unwrap();
    drop(plan);

    let mut ntt = ptr::null_mut();
    // SAFETY: pointers to locals of the right types.
    let made = unsafe { zkiln_bn254_ntt_create(context, &mut ntt, LOG_N) };
    assert_eq!(made, ZKILN_OK);
    let pointer: *mut zkiln_bn254_fr = data.as_mut_ptr().cast();
    let in_c = peak(|| {
        // SAFETY: N elements of that layout.
        let status = unsafe {
            zkiln_bn254_ntt_forward(
                ntt,
                pointer,
                N,
                ZKILN_NATURAL,
                ZKILN_BIT_REVERSED,
                ptr::null(),
            )
        };
        assert_eq!(status, ZKILN_OK);
    });
    assert!(data == expected);
    expected.clear();
    println!("NTT of 2^20: {in_rust} bytes in Rust, {in_c} in C");
    assert!(in_c < in_rust + SLACK, "{in_c} bytes, {in_rust} in Rust");
    // SAFETY: made above, and not used again.
    unsafe { zkiln_bn254_ntt_destroy(ntt) };
}

fn msm(context: *mut zkiln_context) {
    let mut multiple = G1::GENERATOR * Fr::ONE;
    let few: Vec<G1Affine> = (0..256)
        .map(|_| {
            multiple = multiple.add_affine(&G1::GENERATOR);
            multiple.to_affine()
        })
        .collect();
    let bases: Vec<G1Affine> = few.iter().copied().cycle().take(N).collect();
    let scalars: Vec<Int<4>> = (0..N as u64)
        .map(|i| Int::from_u64(i.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    let plan_bytes = size_of_val(bases.as_slice());

    let mut plan = None;
    let made_in_rust = peak(|| plan = Some(Msm::<G1>::new(&bases).unwrap()));
    let plan = plan.unwrap();
    let mut expected = G1Affine::INFINITY;
    let run_in_rust = peak(|| expected = plan.run(&scalars).unwrap().to_affine());
    drop(plan);

    let mut msm = ptr::null_mut();
    let pointer: *const zkiln_bn254_g1 = bases.as_ptr().cast();
    let made_in_c = peak(|| {
        // SAFETY: N points of that layout.
        let status =
            unsafe { zkiln_bn254_g1_msm_create(context, &mut msm, pointer, N, ptr::null()) };
        assert_eq!(status, ZKILN_OK);
    });
    drop(bases); // the plan has its own
    let mut sum = G1Affine::INFINITY;
    let out: *mut zkiln_bn254_g1 = (&raw mut sum).cast();
    let pointer: *const zkiln_u256 = scalars.as_ptr().cast();
    let run_in_c = peak(|| {
        // SAFETY: N integers and a point of that layout.
        let status = unsafe { zkiln_bn254_g1_msm_run_u256(msm, out, 1, pointer, N) };
        assert_eq!(status, ZKILN_OK);
    });
    assert_eq!(sum, expected);
    println!("plan of 2^20: {made_in_rust} bytes in Rust, {made_in_c} in C");
    println!("MSM of 2^20: {run_in_rust} bytes in Rust, {run_in_c} in C");
    // The plan itself, and nothing beside it.
    assert!(made_in_c < plan_bytes + SLACK && made_in_c < made_in_rust + SLACK);
    // How many windows are summed at once depends on the threads, and their buckets are the memory.
    assert!(
        run_in_c < run_in_rust + size_of_val(scalars.as_slice()) / 2,
        "{run_in_c} bytes, {run_in_rust} in Rust"
    );
    // SAFETY: made above, and not used again.
    unsafe { zkiln_bn254_g1_msm_destroy(msm) };
}
