//! The sums of a proof on a device.
//!
//! The witness goes up, five sums come back, and nothing in between. The sums over the wires are queued
//! beside the transforms, each on a stream of its own. The order of rows and the factor `n` are those of the
//! processor's engine, which this one is made from.

use core::fmt;

use zeroize::Zeroizing;

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
    a: DeviceMsm<G1>,
    b_g1: DeviceMsm<G1>,
    b_g2: DeviceMsm<G2>,
    c: DeviceMsm<G1>,
    h: DeviceMsm<G1>,
    constant_work: Option<ConstantWork>,
}

/// The four sums whose scalars are the wires, on their way.
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
            a: on_device(device, queries.a)?,
            b_g1: on_device(device, queries.b_g1)?,
            b_g2: on_device(device, queries.b_g2)?,
            c: on_device(device, queries.c)?,
            h: on_device(device, queries.h)?,
            device: device.clone(),
            constant_work: None,
        };
        // Each table had what the ones before it left; whether all have room to run is seen now, and not in
        // the first proof.
        this.scratch()?;
        if constant_work {
            this.constant_work = Some(this.draw_masks()?);
        }
        Ok(this)
    }

    fn draw_masks(&self) -> Result<ConstantWork> {
        let stream = self.device.stream()?;
        let draw = |len| -> Result<Buffer<Fr>> {
            // All of it at once: a vector that grows would leave copies behind.
            let mut values = Zeroizing::new(vec![Fr::ZERO; len]);
            for value in values.iter_mut() {
                *value = Fr::random()?;
            }
            Ok(stream.upload_secret(&values)?)
        };
        let wires = draw(self.matrices.columns())?;
        let quotient = draw(self.ntt.len())?;
        let h = self.h.run_on(&stream, quotient.as_slice())?;
        let sums = self.wire_sums(&stream, wires.as_slice())?.wait(h)?;
        Ok(ConstantWork {
            wires,
            quotient,
            sums,
        })
    }

    /// Queues the sum over `h_i = (A B - C)(g^(2i+1))`, the longest way of all: whoever queues it first has
    /// the least to wait for.
    fn quotient_sum(&self, stream: &Stream, wires: Slice<'_, Fr>) -> Result<PendingSum<G1>> {
        let stream = &self.beside(stream)?;
        let n = self.ntt.len();
        let mut columns = stream.alloc::<Fr>(3 * n)?.secret();
        self.matrices
            .mul_on(stream, wires, columns.slice_mut(..2 * n))?;
        device::products(stream, columns.as_mut_slice())?;
        self.ntt
            .extend_to_odd_coset_unscaled_on(stream, &mut columns)?;
        // In bit-reversed order, as are the bases.
        device::quotient(stream, columns.as_mut_slice())?;
        let Some(masks) = &self.constant_work else {
            return self.h.run_on(stream, columns.slice(..n));
        };
        let mut masked = stream.alloc::<Fr>(n)?.secret();
        let mask = masks.quotient.as_slice();
        device::add(stream, columns.slice(..n), mask, masked.as_mut_slice())?;
        self.h.run_on(stream, masked.as_slice())
    }

    /// Queues the sums over the wires.
    fn wire_sums<S: DeviceScalar<Fr>>(
        &self,
        stream: &Stream,
        scalars: Slice<'_, S>,
    ) -> Result<PendingWireSums> {
        Ok(PendingWireSums {
            b_g2: self.b_g2.run_on(&self.beside(stream)?, scalars)?,
            a: self.a.run_on(&self.beside(stream)?, scalars)?,
            b_g1: self.b_g1.run_on(&self.beside(stream)?, scalars)?,
            c: self.c.run_on(&self.beside(stream)?, scalars)?,
        })
    }

    /// A stream for work that needs what is queued on `stream`: another, or, where memory does not suffice
    /// for all sums at once, the same.
    fn beside(&self, stream: &Stream) -> Result<Stream> {
        if self.device.check_room(self.scratch()?).is_err() {
            return Ok(stream.clone());
        }
        let side = self.device.stream()?;
        side.after(stream)?;
        Ok(side)
    }

    /// The most bytes of device memory that a proof takes besides the key and the witness.
    fn scratch(&self) -> Result<u64> {
        let columns = 4 * self.ntt.len() * size_of::<Fr>();
        let sums = [&self.a, &self.b_g1, &self.c, &self.h].map(|sum| sum.scratch(1));
        let g1: u64 = sums.into_iter().sum::<Result<u64>>()?;
        Ok(columns as u64 + g1 + self.b_g2.scratch(1)?)
    }
}

impl Engine for DeviceEngine {
    fn sums(&self, wires: &[Int<4>], cancel: &Cancel) -> Result<Sums> {
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
        let (h, wire_sums) = match &self.constant_work {
            None => (
                self.quotient_sum(&stream, elements.as_slice())?,
                self.wire_sums(&stream, integers.as_slice())?,
            ),
            Some(masks) => {
                let mut masked = stream.alloc::<Fr>(wires.len())?.secret();
                let mask = masks.wires.as_slice();
                device::add(&stream, elements.as_slice(), mask, masked.as_mut_slice())?;
                (
                    self.quotient_sum(&stream, elements.as_slice())?,
                    self.wire_sums(&stream, masked.as_slice())?,
                )
            }
        };
        let sums = wire_sums.wait(h)?;
        Ok(match &self.constant_work {
            None => sums,
            Some(masks) => sums - &masks.sums,
        })
    }

    fn is_constant_work(&self) -> bool {
        self.constant_work.is_some()
    }
}

impl PendingWireSums {
    /// All sums, with that of the quotient. What is left of each for the processor is done side by side.
    fn wait(self, h: PendingSum<G1>) -> Result<Sums> {
        use rayon::join;
        let ((a, b_g1), (b_g2, (c, h))) = join(
            || join(|| self.a.wait(), || self.b_g1.wait()),
            || join(|| self.b_g2.wait(), || join(|| self.c.wait(), || h.wait())),
        );
        Ok(Sums {
            a: a?,
            b_g1: b_g1?,
            b_g2: b_g2?,
            c: c?,
            h: h?,
        })
    }
}

/// The plan on a device, and no longer on the host.
fn on_device<C: DeviceCurve>(device: &Device, msm: Msm<C>) -> Result<DeviceMsm<C>> {
    DeviceMsm::from_plan(device, &msm, &DeviceMsmOptions::default())
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
