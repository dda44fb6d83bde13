//! sppark's MSM and NTT.

use std::ffi::{CStr, c_char, c_int};
use std::ptr::{self, NonNull};

use anyhow::{Result, bail, ensure};
use zkiln::curve::G1Affine;
use zkiln::field::{Field, Fq, Fr};

// Linked for the sake of their native code.
use blst as _;
use sppark as _;

/// What `cuda/sppark.cuh` calls so.
#[repr(C)]
struct Status {
    text: [c_char; 256],
}

#[repr(C)]
struct Plan {
    _opaque: [u8; 0],
}

#[repr(C)]
struct Jacobian {
    x: Fq,
    y: Fq,
    z: Fq,
}

impl Jacobian {
    fn to_affine(&self) -> G1Affine {
        let Some(z_inverse) = self.z.inverse() else {
            return G1Affine::INFINITY;
        };
        let square = z_inverse.square();
        G1Affine {
            x: self.x * square,
            y: self.y * square * z_inverse,
        }
    }
}

unsafe extern "C" {
    fn sppark_msm_new(plan: *mut *mut Plan, points: *const G1Affine, n: usize) -> Status;
    fn sppark_msm_set_scalars(plan: *mut Plan, scalars: *const Fr) -> Status;
    fn sppark_msm_run(plan: *mut Plan, scalars: *const Fr, sum: *mut Jacobian) -> Status;
    fn sppark_msm_free(plan: *mut Plan);
    fn sppark_ntt(
        values: *mut Fr,
        log_n: u32,
        is_reversed_in: c_int,
        is_reversed_out: c_int,
        is_inverse: c_int,
        milliseconds: *mut f32,
    ) -> Status;
}

impl Status {
    fn check(self) -> Result<()> {
        // SAFETY: the text ends with a zero byte, within its room.
        let text = unsafe { CStr::from_ptr(self.text.as_ptr()) };
        ensure!(text.is_empty(), "sppark: {}", text.to_string_lossy());
        Ok(())
    }
}

/// An MSM over points that stay on the GPU.
#[derive(Debug)]
pub(crate) struct Msm {
    plan: NonNull<Plan>,
    n: usize,
}

impl Msm {
    /// Over these points, of which there must be some.
    pub(crate) fn new(points: &[G1Affine]) -> Result<Self> {
        let mut plan = ptr::null_mut();
        // SAFETY: the call reads as many points as there are, and writes the plan, or null.
        let status = unsafe { sppark_msm_new(&mut plan, points.as_ptr(), points.len()) };
        let made = NonNull::new(plan).map(|plan| Self {
            plan,
            n: points.len(),
        });
        status.check()?;
        match made {
            Some(plan) => Ok(plan),
            None => bail!("sppark: no plan"),
        }
    }

    /// Puts scalars onto the GPU, one for each point.
    pub(crate) fn set_scalars(&mut self, scalars: &[Fr]) -> Result<()> {
        ensure!(scalars.len() == self.n, "a scalar for each point");
        // SAFETY: the plan lives, and the call reads as many scalars as it has points.
        unsafe { sppark_msm_set_scalars(self.plan.as_ptr(), scalars.as_ptr()) }.check()
    }

    /// The sum, of these scalars or of those on the GPU.
    pub(crate) fn run(&mut self, scalars: Option<&[Fr]>) -> Result<G1Affine> {
        let mut sum = Jacobian {
            x: Fq::ZERO,
            y: Fq::ZERO,
            z: Fq::ZERO,
        };
        if let Some(scalars) = scalars {
            ensure!(scalars.len() == self.n, "a scalar for each point");
        }
        let scalars = scalars.map_or(ptr::null(), <[Fr]>::as_ptr);
        // SAFETY: the plan lives; the call reads as many scalars as it has points, or those that were
        // set, and writes the sum.
        unsafe { sppark_msm_run(self.plan.as_ptr(), scalars, &mut sum) }.check()?;
        Ok(sum.to_affine())
    }
}

impl Drop for Msm {
    fn drop(&mut self) {
        // SAFETY: the plan lives, and is not used again.
        unsafe { sppark_msm_free(self.plan.as_ptr()) };
    }
}

/// How a transform's values lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// The input is in bit-reversed order.
    pub(crate) reversed_in: bool,
    /// The output is.
    pub(crate) reversed_out: bool,
}

/// Transforms `2^log_n` values and returns the milliseconds that the kernels took.
pub(crate) fn ntt(values: &mut [Fr], layout: Layout, is_inverse: bool) -> Result<f32> {
    ensure!(values.len().is_power_of_two(), "a power of two");
    let mut milliseconds = 0.0;
    // SAFETY: the call reads and writes as many values as there are, and the time.
    unsafe {
        sppark_ntt(
            values.as_mut_ptr(),
            values.len().trailing_zeros(),
            layout.reversed_in.into(),
            layout.reversed_out.into(),
            is_inverse.into(),
            &mut milliseconds,
        )
    }
    .check()?;
    Ok(milliseconds)
}
