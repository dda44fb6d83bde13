//! Sums over G1 of BN254, of points that stay in the device's memory.

use std::time::Instant;

use anyhow::Result;
use zkiln::backend::Device;
use zkiln::curve::{Curve, G1, G1Affine};
use zkiln::field::{Field, Fr, PrimeField};
use zkiln::msm::{DeviceMsm, DeviceMsmOptions, FixedBase};

use crate::row::{Row, compare};
use crate::sppark;

/// Compares the sums over the first `2^log_n` of the same points, for each size.
pub(crate) fn measure(
    device: &Device,
    log_sizes: &[u32],
    reps: usize,
    emit: &mut dyn FnMut(Row),
) -> Result<()> {
    let largest = log_sizes.iter().max().map_or(0, |&log_n| 1usize << log_n);
    let uniform = (0..largest).map(|_| Fr::random());
    let uniform = uniform.collect::<zkiln::Result<Vec<Fr>>>()?;
    // Multiples by these very numbers would do, but equal digits of points and scalars are not usual.
    let multiples: Vec<Fr> = uniform.iter().map(Fr::square).collect();
    let points = FixedBase::<G1>::new(G1::GENERATOR, largest).multiply_all(&multiples);
    // A witness of bits: 58 % zeros, 41 % ones, the rest of full size.
    let bits: Vec<Fr> = (uniform.iter().enumerate())
        .map(|(i, &full)| match i % 100 {
            0..58 => Fr::ZERO,
            58..99 => Fr::ONE,
            _ => full,
        })
        .collect();
    for &log_n in log_sizes {
        let n = 1 << log_n;
        for (kind, scalars) in [("uniform", &uniform[..n]), ("bits", &bits[..n])] {
            let workload = format!("msm g1 2^{log_n} {kind}");
            one(device, &workload, &points[..n], scalars, reps, emit)?;
        }
    }
    Ok(())
}

fn one(
    device: &Device,
    workload: &str,
    points: &[G1Affine],
    scalars: &[Fr],
    reps: usize,
    emit: &mut dyn FnMut(Row),
) -> Result<()> {
    let ours = DeviceMsm::new(device, points, &DeviceMsmOptions::default())?;
    let stream = device.stream()?;
    let on_device = stream.upload(scalars)?;
    stream.synchronize()?;
    let mut theirs = sppark::Msm::new(points)?;
    theirs.set_scalars(scalars)?;
    for (place, from_host) in [("", false), (", scalars from the host", true)] {
        let zkiln = || {
            timed(|| {
                Ok(if from_host {
                    ours.run(scalars)?
                } else {
                    ours.run_on(&stream, on_device.as_slice())?.wait()?
                }
                .to_affine())
            })
        };
        let sppark = || timed(|| theirs.run(from_host.then_some(scalars)));
        emit(compare(
            format!("{workload}{place}"),
            "until the sum",
            reps,
            Box::new(zkiln),
            Box::new(sppark),
        )?);
    }
    Ok(())
}

/// What `work` returns, and how many milliseconds it took.
fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let start = Instant::now();
    let value = work()?;
    Ok((value, start.elapsed().as_secs_f64() * 1e3))
}
