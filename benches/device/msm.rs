//! Sums over points that stay on the device.

use zkiln::curve::{Affine, Curve, G1, G2};
use zkiln::field::{Fr, PrimeField};
use zkiln::msm::{DeviceCurve, DeviceMsm, DeviceMsmOptions, FixedBase, Msm};

use crate::Result;
use crate::row::{Bench, Row};

pub(crate) fn measure(bench: &Bench, emit: &mut dyn FnMut(Row)) -> Result<()> {
    group::<G1>(bench, "g1", &[16, 18, 20, 22, 24], emit)?;
    group::<G2>(bench, "g2", &[16, 18, 20, 22], emit)
}

fn group<C: DeviceCurve + Curve<Scalar = Fr>>(
    bench: &Bench,
    name: &str,
    log_sizes: &[u32],
    emit: &mut dyn FnMut(Row),
) -> Result<()> {
    let log_sizes = bench.log_sizes(log_sizes);
    let largest = log_sizes.iter().max().map_or(0, |&log_n| 1usize << log_n);
    let uniform = (0..largest).map(|_| Fr::random());
    let uniform = uniform.collect::<zkiln::Result<Vec<Fr>>>()?;
    // Multiples by these very numbers would do, but equal digits of points and scalars are not usual.
    let multiples: Vec<Fr> = uniform.iter().map(|&scalar| scalar * scalar).collect();
    let points = FixedBase::<C>::new(C::GENERATOR, largest).multiply_all(&multiples);
    // A witness of bits: 58 % zeros, 41 % ones, the rest of full size.
    let bits: Vec<Fr> = (uniform.iter().enumerate())
        .map(|(i, &full)| match i % 100 {
            0..58 => Fr::ZERO,
            58..99 => Fr::ONE,
            _ => full,
        })
        .collect();
    for log_n in log_sizes {
        let n = 1 << log_n;
        for (kind, scalars) in [("uniform", &uniform[..n]), ("bits", &bits[..n])] {
            let workload = format!("msm {name} 2^{log_n} {kind}");
            one(bench, &workload, &points[..n], scalars, emit)?;
        }
    }
    Ok(())
}

fn one<C: DeviceCurve + Curve<Scalar = Fr>>(
    bench: &Bench,
    workload: &str,
    points: &[Affine<C>],
    scalars: &[Fr],
    emit: &mut dyn FnMut(Row),
) -> Result<()> {
    let msm = DeviceMsm::new(&bench.device, points, &DeviceMsmOptions::default())?;
    let stream = bench.device.stream()?;
    let on_device = stream.upload(scalars)?;
    let expected = Msm::new(points)?.run(scalars)?;
    if msm.run_on(&stream, on_device.as_slice())?.wait()? != expected {
        return Err(format!("{workload}: a wrong sum").into());
    }
    emit(bench.on_device(workload.into(), &stream, || {
        // The sum is not waited for: its last step is on the host.
        let _ = msm.run_on(&stream, on_device.as_slice())?;
        Ok(())
    })?);
    emit(bench.on_the_wall(workload.into(), || {
        msm.run_on(&stream, on_device.as_slice())?.wait()?;
        Ok(())
    })?);
    emit(
        bench.on_the_wall(format!("{workload}, scalars from the host"), || {
            msm.run(scalars)?;
            Ok(())
        })?,
    );
    Ok(())
}
