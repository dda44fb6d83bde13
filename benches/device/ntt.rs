//! Transforms over [`Fr`] of data on the device.

use zkiln::backend::{Buffer, Stream};
use zkiln::field::{Fr, PrimeField};
use zkiln::ntt::{BitReversed, DeviceNtt, Natural, Ntt};

use crate::Result;
use crate::row::{Bench, Row};

type Run = fn(&DeviceNtt, &Stream, &mut Buffer<Fr>) -> zkiln::Result<()>;
type Expected = fn(&Ntt<Fr>, &mut [Fr]) -> zkiln::Result<()>;

const TRANSFORMS: [(&str, Run, Expected); 4] = [
    (
        "forward, natural to reversed",
        |plan, stream, data| plan.forward_on::<Natural, BitReversed>(stream, data),
        |plan, data| plan.forward::<Natural, BitReversed>(data),
    ),
    (
        "inverse, reversed to natural",
        |plan, stream, data| plan.inverse_on::<BitReversed, Natural>(stream, data),
        |plan, data| plan.inverse::<BitReversed, Natural>(data),
    ),
    (
        "forward, natural to natural",
        |plan, stream, data| plan.forward_on::<Natural, Natural>(stream, data),
        |plan, data| plan.forward::<Natural, Natural>(data),
    ),
    (
        "extension to the odd coset",
        |plan, stream, data| plan.extend_to_odd_coset_unscaled_on(stream, data),
        |plan, data| plan.extend_to_odd_coset_unscaled(&mut [data]),
    ),
];

pub(crate) fn measure(bench: &Bench, emit: &mut dyn FnMut(Row)) -> Result<()> {
    for log_n in bench.log_sizes(&[16, 18, 20, 22, 24, 26]) {
        let values = (0..1usize << log_n).map(|_| Fr::random());
        let values = values.collect::<zkiln::Result<Vec<Fr>>>()?;
        let stream = bench.device.stream()?;
        let plan = DeviceNtt::new(&bench.device, log_n)?;
        let reference = Ntt::new(log_n)?;
        for (name, run, expected) in TRANSFORMS {
            let mut data = stream.upload(&values)?;
            run(&plan, &stream, &mut data)?;
            let mut result = values.clone();
            expected(&reference, &mut result)?;
            if stream.download(&data)? != result {
                return Err(format!("2^{log_n}, {name}: a wrong result").into());
            }
            let workload = format!("ntt fr 2^{log_n} {name}");
            emit(bench.on_device(workload, &stream, || Ok(run(&plan, &stream, &mut data)?))?);
        }
        let mut data = values;
        let workload = format!("ntt fr 2^{log_n} forward, from and to the host");
        emit(bench.on_the_wall(workload, || {
            Ok(plan.forward::<Natural, BitReversed>(&mut data)?)
        })?);
    }
    Ok(())
}
