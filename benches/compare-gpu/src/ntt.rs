//! Transforms over the scalar field of BN254, from and to the device's memory.

use anyhow::Result;
use zkiln::backend::{Buffer, Device, Stream};
use zkiln::field::{Fr, PrimeField};
use zkiln::ntt::{BitReversed, DeviceNtt, Natural};

use crate::row::{Row, compare};
use crate::sppark::{self, Layout};

type Run = fn(&DeviceNtt, &Stream, &mut Buffer<Fr>) -> zkiln::Result<()>;

/// The same transforms: both take 5^((r - 1) / 2^28) for their first root of unity.
const TRANSFORMS: [(&str, Run, Layout, bool); 3] = [
    (
        "forward, natural to reversed",
        |plan, stream, data| plan.forward_on::<Natural, BitReversed>(stream, data),
        Layout {
            reversed_in: false,
            reversed_out: true,
        },
        false,
    ),
    (
        "inverse, reversed to natural",
        |plan, stream, data| plan.inverse_on::<BitReversed, Natural>(stream, data),
        Layout {
            reversed_in: true,
            reversed_out: false,
        },
        true,
    ),
    (
        "forward, natural to natural",
        |plan, stream, data| plan.forward_on::<Natural, Natural>(stream, data),
        Layout {
            reversed_in: false,
            reversed_out: false,
        },
        false,
    ),
];

/// Compares the transforms of `2^log_n` elements, for each size.
pub(crate) fn measure(
    device: &Device,
    log_sizes: &[u32],
    reps: usize,
    emit: &mut dyn FnMut(Row),
) -> Result<()> {
    for &log_n in log_sizes {
        one(device, log_n, reps, emit)?;
    }
    Ok(())
}

fn one(device: &Device, log_n: u32, reps: usize, emit: &mut dyn FnMut(Row)) -> Result<()> {
    let values = (0..1usize << log_n).map(|_| Fr::random());
    let values = values.collect::<zkiln::Result<Vec<Fr>>>()?;
    let stream = device.stream()?;
    let plan = DeviceNtt::new(device, log_n)?;
    for (name, run, layout, is_inverse) in TRANSFORMS {
        let zkiln = || {
            let mut data = stream.upload(&values)?;
            let start = stream.record()?;
            run(&plan, &stream, &mut data)?;
            let end = stream.record()?;
            let result = stream.download(&data)?;
            Ok((result, f64::from(end.since(&start)?)))
        };
        let sppark = || {
            let mut result = values.clone();
            let time = sppark::ntt(&mut result, layout, is_inverse)?;
            Ok((result, f64::from(time)))
        };
        emit(compare(
            format!("ntt fr 2^{log_n} {name}"),
            "kernels",
            reps,
            Box::new(zkiln),
            Box::new(sppark),
        )?);
    }
    Ok(())
}
