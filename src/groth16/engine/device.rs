//! The sums of a proof on a device.
//!
//! The witness goes up, five sums come back, and nothing in between. The sums over the wires are queued
//! beside the transforms, each on a stream of its own. The order of rows and the factor `n` are those of the
//! processor's engine, which this one is made from.

use core::fmt;

use super::cpu::CpuEngine;
use super::{Engine, Sums};
use crate::backend::{Buffer, Device, Slice, Stream};
use crate::cancel::Cancel;
use crate::curve::{G1, G2};
use crate::error::Result;
use crate::field::{Fr, Int, PrimeField};
use crate::msm::{DeviceCurve, DeviceMsm, DeviceMsmOptions, DeviceScalar, Msm, PendingSum};
use crate::ntt::DeviceNtt;
use crate::poly::device::{self, DeviceMatrix};

/// A key on a device.
pub(in crate::groth16) struct DeviceEngine {
    device: Device,
    /// A above B.
    matrices: DeviceMatrix,
    ntt: DeviceNtt,
    wires: WireSums,
    h: DeviceMsm<G1>,
    constant_work: Option<ConstantWork>,
}

/// The bases of the four sums whose scalars are the wires.
struct WireSums {
    a: DeviceMsm<G1>,
    b_g1: DeviceMsm<G1>,
    b_g2: DeviceMsm<G2>,
    c: DeviceMsm<G1>,
}

/// These sums on their way.
struct PendingWireSums {
    a: PendingSum<G1>,
    b_g1: PendingSum<G1>,
    b_g2: PendingSum<G2>,
    c: PendingSum<G1>,
}

/// Random vectors that are added to the scalars, and what that adds to the sums: see
/// [`Mask`](crate::msm::Mask).
struct ConstantWork {
    wires: Buffer<Fr>,
    quotient: Buffer<Fr>,
    sums: Sums,
}

impl DeviceEngine {
    /// The key that `engine` holds, on `device`.
    pub(in crate::groth16) fn new(
        device: &Device,
        engine: CpuEngine,
        constant_work: bool,
    ) -> Result<Self> {
        let CpuEngine {
            matrices: [a, b],
            ntt,
            queries,
            ..
        } = engine;
        let matrices = DeviceMatrix::stacked(device, &[&a, &b])?;
        drop([a, b]);
        let ntt = DeviceNtt::new(device, ntt.log_n())?;
        let mut this = Self {
            matrices,
            ntt,
            wires: WireSums {
                a: on_device(device, queries.a)?,
                b_g1: on_device(device, queries.b_g1)?,
                b_g2: on_device(device, queries.b_g2)?,
                c: on_device(device, queries.c)?,
            },
            h: on_device(device, queries.h)?,
            device: device.clone(),
            constant_work: None,
        };
        if constant_work {
            this.constant_work = Some(this.draw_masks()?);
        }
        Ok(this)
    }

    fn draw_masks(&self) -> Result<ConstantWork> {
        let stream = self.device.stream()?;
        let draw = |len| -> Result<Buffer<Fr>> {
            let values = (0..len).map(|_| Fr::random()).collect::<Result<Vec<_>>>()?;
            Ok(stream.upload_secret(&values)?)
        };
        let wires = draw(self.matrices.columns())?;
        let quotient = draw(self.ntt.len())?;
        let wire_sums = self.wires.queue(&stream, wires.as_slice())?;
        let h = self.h.run_on(&stream, quotient.as_slice())?;
        let sums = wire_sums.wait(h)?;
        Ok(ConstantWork {
            wires,
            quotient,
            sums,
        })
    }

    /// `h_i = (A B - C)(g^(2i+1))` in bit-reversed order, in the first third of what is returned.
    fn quotient(&self, stream: &Stream, wires: Slice<'_, Fr>) -> Result<Buffer<Fr>> {
        let n = self.ntt.len();
        let mut columns = stream.alloc::<Fr>(3 * n)?.secret();
        self.matrices
            .mul_on(stream, wires, columns.slice_mut(..2 * n))?;
        device::products(stream, columns.as_mut_slice())?;
        self.ntt.extend_on(stream, &mut columns)?;
        device::quotient(stream, columns.as_mut_slice())?;
        Ok(columns)
    }
}

impl Engine for DeviceEngine {
    fn sums(&self, wires: &[Int<4>], cancel: &Cancel) -> Result<Sums> {
        let n = self.ntt.len();
        let stream = self.device.stream()?;
        let (integers, elements) = {
            let _span = tracing::info_span!("upload").entered();
            let integers = stream.upload_secret(wires)?;
            let mut elements = stream.alloc::<Fr>(wires.len())?.secret();
            // A witness is canonical, which was seen when it was read.
            let _ = device::wires(&stream, integers.as_slice(), elements.as_mut_slice())?;
            (integers, elements)
        };
        cancel.check()?;
        let _span = tracing::info_span!("device").entered();
        let Some(masks) = &self.constant_work else {
            let wire_sums = self.wires.queue(&stream, integers.as_slice())?;
            let quotient = self.quotient(&stream, elements.as_slice())?;
            let h = self.h.run_on(&stream, quotient.slice(..n))?;
            return wire_sums.wait(h);
        };
        let mut masked = stream.alloc::<Fr>(wires.len())?.secret();
        device::add(
            &stream,
            elements.as_slice(),
            masks.wires.as_slice(),
            masked.as_mut_slice(),
        )?;
        let wire_sums = self.wires.queue(&stream, masked.as_slice())?;
        let quotient = self.quotient(&stream, elements.as_slice())?;
        let mut masked = stream.alloc::<Fr>(n)?.secret();
        device::add(
            &stream,
            quotient.slice(..n),
            masks.quotient.as_slice(),
            masked.as_mut_slice(),
        )?;
        let h = self.h.run_on(&stream, masked.as_slice())?;
        Ok(wire_sums.wait(h)? - &masks.sums)
    }

    fn is_constant_work(&self) -> bool {
        self.constant_work.is_some()
    }
}

impl WireSums {
    /// Queues the sums for the scalars that `stream` writes, each on a stream of its own.
    fn queue<S: DeviceScalar<Fr>>(
        &self,
        stream: &Stream,
        scalars: Slice<'_, S>,
    ) -> Result<PendingWireSums> {
        Ok(PendingWireSums {
            // The longest first.
            b_g2: beside(stream, &self.b_g2, scalars)?,
            a: beside(stream, &self.a, scalars)?,
            b_g1: beside(stream, &self.b_g1, scalars)?,
            c: beside(stream, &self.c, scalars)?,
        })
    }
}

impl PendingWireSums {
    /// All sums, with that of the quotient.
    fn wait(self, h: PendingSum<G1>) -> Result<Sums> {
        Ok(Sums {
            a: self.a.wait()?,
            b_g1: self.b_g1.wait()?,
            b_g2: self.b_g2.wait()?,
            c: self.c.wait()?,
            h: h.wait()?,
        })
    }
}

/// The plan on a device, and no longer on the host.
fn on_device<C: DeviceCurve>(device: &Device, msm: Msm<C>) -> Result<DeviceMsm<C>> {
    DeviceMsm::from_plan(device, &msm, &DeviceMsmOptions::default())
}

/// Queues a sum on a new stream that comes after `stream`.
fn beside<C: DeviceCurve, S: DeviceScalar<C::Scalar>>(
    stream: &Stream,
    msm: &DeviceMsm<C>,
    scalars: Slice<'_, S>,
) -> Result<PendingSum<C>> {
    let side = stream.device().stream()?;
    side.after(stream)?;
    msm.run_on(&side, scalars)
}

/// The sizes; the points of a key would fill a book.
impl fmt::Debug for DeviceEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceEngine")
            .field("device", &self.device)
            .field("domain_size", &self.ntt.len())
            .field("constant_work", &self.constant_work.is_some())
            .finish_non_exhaustive()
    }
}
