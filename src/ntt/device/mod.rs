//! Transforms on a device.

mod pass;
mod table;

use std::iter::{once, repeat};

use zkiln_cuda::{Buffer, ByValue, Device, Slice, SliceMut, Stream};

use super::Order;
use crate::field::{Field, Fr, PrimeField};
use crate::{Error, Result};
use pass::{Pass, flags};

/// A plan for transforms of `2^log_n` elements of [`Fr`] on a device: [`Ntt`](super::Ntt) with the
/// device's memory in place of the host's.
///
/// Data on the device is any number of transforms of one size, one after the other, done together.
/// What is queued on a stream has begun when a call returns, and is not done.
///
/// ```
/// use zkiln::field::{Field, Fr};
/// use zkiln::ntt::{BitReversed, DeviceNtt, Natural};
///
/// # fn main() -> zkiln::Result<()> {
/// # let Ok(device) = zkiln::backend::Device::emulator() else { return Ok(()) };
/// let plan = DeviceNtt::new(&device, 2)?;
/// let mut data = [1, 2, 3, 4].map(Fr::from_u64);
/// plan.forward::<Natural, BitReversed>(&mut data)?;
/// assert_eq!(data[0], Fr::from_u64(10)); // the value at w^0
///
/// // Two polynomials, the same one, that stay on the device.
/// let stream = device.stream()?;
/// let mut columns = stream.upload(&[data, data].concat())?;
/// plan.inverse_on::<BitReversed, Natural>(&stream, &mut columns)?;
/// let polynomial = [1, 2, 3, 4].map(Fr::from_u64);
/// assert_eq!(stream.download(&columns)?, [polynomial, polynomial].concat());
/// # Ok(())
/// # }
/// ```
///
/// The design and its cost are explained in `docs/ntt-device.md`.
#[derive(Debug)]
pub struct DeviceNtt {
    log_n: u32,
    /// The layers of each pass, from the top of the tree.
    levels: Vec<u32>,
    /// As in [`Ntt`](super::Ntt).
    table: Buffer<Fr>,
}

/// What a transform is besides its layers.
#[derive(Clone, Copy)]
struct Edges<'a> {
    inverse: bool,
    first: u32,
    last: u32,
    powers: Option<Slice<'a, Fr>>,
}

impl DeviceNtt {
    /// A plan for `2^log_n` elements, with a table of as many roots of unity, made on the device.
    ///
    /// # Errors
    /// [`Error::Argument`] if the field has no subgroup of this size; [`Error::Device`].
    pub fn new(device: &Device, log_n: u32) -> Result<Self> {
        check_size(log_n)?;
        Self::with_passes(device, log_n, &pass::levels_of_passes(log_n))
    }

    /// A plan that crosses memory as often as there are numbers in `levels`, and does that many
    /// layers of butterflies each time, from the one on halves of the data to the one on
    /// neighbours. For measurements; the results are the same.
    ///
    /// # Errors
    /// As [`DeviceNtt::new`]; [`Error::Argument`] if `levels` do not add up to `log_n`, or one is 0
    /// or above 11.
    pub fn with_passes(device: &Device, log_n: u32, levels: &[u32]) -> Result<Self> {
        check_size(log_n)?;
        let allowed = levels.iter().all(|l| (1..=pass::MAX_LEVELS).contains(l));
        if !allowed || levels.iter().sum::<u32>() != log_n {
            return Err(Error::Argument(format!(
                "passes of {levels:?} layers for a transform of 2^{log_n} elements"
            )));
        }
        Ok(Self {
            log_n,
            levels: levels.to_vec(),
            table: table::roots(device, log_n)?,
        })
    }

    /// Bytes of device memory of a plan.
    ///
    /// # Errors
    /// [`Error::Argument`] if the field has no subgroup of this size.
    pub fn memory(log_n: u32) -> Result<u64> {
        check_size(log_n)?;
        Ok((table::roots_len(log_n) * size_of::<Fr>()) as u64)
    }

    /// Bytes of device memory that a transform of data with `len` elements from order `I` to order
    /// `O` takes while it runs.
    pub fn scratch<I: Order, O: Order>(&self, len: usize) -> u64 {
        if self.is_moved::<I, O>() {
            (len * size_of::<Fr>()) as u64
        } else {
            0
        }
    }

    /// Bytes of device memory that a transform on a coset takes besides [`DeviceNtt::scratch`].
    pub fn coset_scratch(&self) -> u64 {
        (table::powers_len(self.log_n) * size_of::<Fr>()) as u64
    }

    /// The binary logarithm of the number of elements.
    pub fn log_n(&self) -> u32 {
        self.log_n
    }

    /// The number of elements `n` of one transform.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        1 << self.log_n
    }

    /// The device.
    pub fn device(&self) -> &Device {
        self.table.stream().device()
    }

    /// Evaluates, as [`Ntt::forward`](super::Ntt::forward), each of the transforms in `data`.
    ///
    /// # Errors
    /// [`Error::Argument`] if `data` is not a multiple of [`DeviceNtt::len`] long;
    /// [`Error::Device`].
    pub fn forward<I: Order, O: Order>(&self, data: &mut [Fr]) -> Result<()> {
        self.on_host(data, |stream, data| self.forward_on::<I, O>(stream, data))
    }

    /// Interpolates, as [`Ntt::inverse`](super::Ntt::inverse), each of the transforms in `data`.
    ///
    /// # Errors
    /// As [`DeviceNtt::forward`].
    pub fn inverse<I: Order, O: Order>(&self, data: &mut [Fr]) -> Result<()> {
        self.on_host(data, |stream, data| self.inverse_on::<I, O>(stream, data))
    }

    /// Evaluates on a coset, as [`Ntt::coset_forward`](super::Ntt::coset_forward), each of the
    /// transforms in `data`.
    ///
    /// # Errors
    /// As [`DeviceNtt::forward`]; [`Error::Argument`] if the shift is zero.
    pub fn coset_forward<I: Order, O: Order>(&self, shift: Fr, data: &mut [Fr]) -> Result<()> {
        self.on_host(data, |stream, data| {
            self.coset_forward_on::<I, O>(stream, shift, data)
        })
    }

    /// Interpolates from a coset, as [`Ntt::coset_inverse`](super::Ntt::coset_inverse), each of the
    /// transforms in `data`.
    ///
    /// # Errors
    /// As [`DeviceNtt::coset_forward`].
    pub fn coset_inverse<I: Order, O: Order>(&self, shift: Fr, data: &mut [Fr]) -> Result<()> {
        self.on_host(data, |stream, data| {
            self.coset_inverse_on::<I, O>(stream, shift, data)
        })
    }

    /// [`DeviceNtt::forward`] of data on the device.
    ///
    /// # Errors
    /// As [`DeviceNtt::forward`].
    pub fn forward_on<'a, I: Order, O: Order>(
        &self,
        stream: &Stream,
        data: impl Into<SliceMut<'a, Fr>>,
    ) -> Result<()> {
        let edges = Edges {
            inverse: false,
            first: 0,
            last: 0,
            powers: None,
        };
        self.transform::<I, O>(stream, data.into(), edges)
    }

    /// [`DeviceNtt::inverse`] of data on the device.
    ///
    /// # Errors
    /// As [`DeviceNtt::inverse`].
    pub fn inverse_on<'a, I: Order, O: Order>(
        &self,
        stream: &Stream,
        data: impl Into<SliceMut<'a, Fr>>,
    ) -> Result<()> {
        let edges = Edges {
            inverse: true,
            first: 0,
            last: flags::DIVIDE,
            powers: None,
        };
        self.transform::<I, O>(stream, data.into(), edges)
    }

    /// [`DeviceNtt::coset_forward`] of data on the device.
    ///
    /// # Errors
    /// As [`DeviceNtt::coset_forward`].
    pub fn coset_forward_on<'a, I: Order, O: Order>(
        &self,
        stream: &Stream,
        shift: Fr,
        data: impl Into<SliceMut<'a, Fr>>,
    ) -> Result<()> {
        let data = data.into();
        self.batch(data.len())?;
        check_shift(shift)?;
        let powers = table::powers(stream, self.log_n, shift, Fr::ONE)?;
        // Coefficient i stands at place i, or at i backwards.
        let order = if I::BIT_REVERSED {
            flags::POWERS_REVERSED
        } else {
            0
        };
        let edges = Edges {
            inverse: false,
            first: flags::POWERS_IN | order,
            last: 0,
            powers: Some(powers.as_slice()),
        };
        self.transform::<I, O>(stream, data, edges)
    }

    /// [`DeviceNtt::coset_inverse`] of data on the device.
    ///
    /// # Errors
    /// As [`DeviceNtt::coset_inverse`].
    pub fn coset_inverse_on<'a, I: Order, O: Order>(
        &self,
        stream: &Stream,
        shift: Fr,
        data: impl Into<SliceMut<'a, Fr>>,
    ) -> Result<()> {
        let data = data.into();
        self.batch(data.len())?;
        let unshift = check_shift(shift)?;
        let n_inverse = Fr::from(1 << self.log_n).inverse();
        let n_inverse = n_inverse.expect("a power of two is not zero in a field of odd order");
        let powers = table::powers(stream, self.log_n, unshift, n_inverse)?;
        // Before it is permuted, coefficient i stands at place i if the values were bit-reversed,
        // and otherwise at i backwards.
        let order = if I::BIT_REVERSED {
            0
        } else {
            flags::POWERS_REVERSED
        };
        let edges = Edges {
            inverse: true,
            first: 0,
            last: flags::POWERS_OUT | order,
            powers: Some(powers.as_slice()),
        };
        self.transform::<I, O>(stream, data, edges)
    }

    /// From values on the subgroup to **`n` times** the values on the odd coset, as
    /// [`Ntt::extend_to_odd_coset_unscaled`](super::Ntt::extend_to_odd_coset_unscaled), for each of
    /// the columns in `data`: both in bit-reversed order.
    ///
    /// # Errors
    /// [`Error::Argument`] if `data` is not a multiple of [`DeviceNtt::len`] long, or if the field
    /// has no `2n`-th root of unity; [`Error::Device`].
    pub fn extend_to_odd_coset_unscaled_on<'a>(
        &self,
        stream: &Stream,
        data: impl Into<SliceMut<'a, Fr>>,
    ) -> Result<()> {
        let mut data = data.into();
        let batch = self.batch(data.len())?;
        if self.log_n >= Fr::TWO_ADICITY {
            return Err(Error::Argument(format!(
                "the odd coset of 2^{} elements: the field has no root of unity of order 2^{}",
                self.log_n,
                self.log_n + 1
            )));
        }
        let up = self.passes(batch);
        let mut down: Vec<Pass> = up.iter().map(|pass| pass.rooted_at(1)).collect();
        let Some(last) = down.last_mut() else {
            return Ok(()); // a constant is the same everywhere
        };
        *last = last.with(flags::LAST);
        // Up the tree of x^n - 1, and down that of x^n + 1. At the top the two meet in the same
        // tiles.
        for pass in up[1..].iter().rev() {
            launch(
                stream,
                "ntt_join_inverse_fr",
                None,
                &mut data,
                &self.table,
                None,
                pass,
            )?;
        }
        let kernels = once("ntt_extend_fr").chain(repeat("ntt_split_forward_fr"));
        for (kernel, pass) in kernels.zip(&down) {
            launch(stream, kernel, None, &mut data, &self.table, None, pass)?;
        }
        Ok(())
    }

    /// All four combinations of orders: splitting goes from natural to bit-reversed order, joining
    /// the other way, and the last pass stores in the other order where that is asked for.
    fn transform<I: Order, O: Order>(
        &self,
        stream: &Stream,
        mut data: SliceMut<'_, Fr>,
        edges: Edges<'_>,
    ) -> Result<()> {
        let mut passes = self.passes(self.batch(data.len())?);
        if I::BIT_REVERSED {
            passes.reverse();
        }
        let Some(last) = passes.len().checked_sub(1) else {
            return Ok(()); // a constant is its own transform
        };
        passes[0] = passes[0].with(edges.first);
        passes[last] = passes[last].with(flags::LAST | edges.last);
        if I::BIT_REVERSED == O::BIT_REVERSED {
            passes[last] = passes[last].with(flags::PERMUTE);
        }
        let kernel = match (I::BIT_REVERSED, edges.inverse) {
            (false, false) => "ntt_split_forward_fr",
            (false, true) => "ntt_split_inverse_fr",
            (true, false) => "ntt_join_forward_fr",
            (true, true) => "ntt_join_inverse_fr",
        };
        let (table, powers) = (&self.table, edges.powers);
        if !self.is_moved::<I, O>() {
            for pass in &passes {
                launch(stream, kernel, None, &mut data, table, powers, pass)?;
            }
            return Ok(());
        }
        // A tile of the last pass is stored all over the vector, so it must not be read from there.
        // What it holds may be a witness.
        let mut scratch = stream.alloc(data.len())?.secret();
        let mut moved = scratch.as_mut_slice();
        let from = Some(data.as_slice());
        launch(stream, kernel, from, &mut moved, table, powers, &passes[0])?;
        for pass in &passes[1..last] {
            launch(stream, kernel, None, &mut moved, table, powers, pass)?;
        }
        let from = Some(moved.as_slice());
        launch(
            stream,
            kernel,
            from,
            &mut data,
            table,
            powers,
            &passes[last],
        )
    }

    /// The passes from the top of the tree.
    fn passes(&self, batch: u32) -> Vec<Pass> {
        let multiprocessors = self.device().info().multiprocessors;
        let mut above = 0;
        let pass = |&levels: &u32| {
            let pass = Pass::new(self.log_n, above, levels, batch, multiprocessors);
            above += levels;
            pass
        };
        self.levels.iter().map(pass).collect()
    }

    /// Whether a transform between these orders goes through other memory.
    fn is_moved<I: Order, O: Order>(&self) -> bool {
        I::BIT_REVERSED == O::BIT_REVERSED && self.levels.len() > 1
    }

    fn on_host(
        &self,
        data: &mut [Fr],
        run: impl FnOnce(&Stream, SliceMut<'_, Fr>) -> Result<()>,
    ) -> Result<()> {
        self.batch(data.len())?;
        let stream = self.table.stream();
        let mut buffer = stream.upload(data)?;
        run(stream, buffer.as_mut_slice())?;
        Ok(stream.read(buffer.as_slice(), data)?)
    }

    /// The number of transforms in data of this length.
    fn batch(&self, len: usize) -> Result<u32> {
        match u32::try_from(len >> self.log_n) {
            Ok(batch) if len.is_multiple_of(self.len()) => Ok(batch),
            _ => Err(Error::Argument(format!(
                "transforms of {} elements were given {len}",
                self.len()
            ))),
        }
    }
}

/// Queues a pass, in place without `from`.
fn launch(
    stream: &Stream,
    kernel: &'static str,
    from: Option<Slice<'_, Fr>>,
    to: &mut SliceMut<'_, Fr>,
    table: &Buffer<Fr>,
    powers: Option<Slice<'_, Fr>>,
    pass: &Pass,
) -> Result<()> {
    let call = stream
        .call(kernel)
        .blocks(pass.tiles())
        .threads(pass.threads());
    let call = call.shared(pass.bytes()).arg(from.unwrap_or(to.as_slice()));
    let call = call
        .arg(to.reborrow())
        .arg(table)
        .arg(powers)
        .arg(ByValue(*pass));
    // SAFETY: the data is `batch` times n elements long, the table has the roots of every block of
    // a tree of n elements (and of its neighbour for the extension), and with flags that ask for
    // powers their table is there. A pass that stores elsewhere than it reads is given other
    // memory, or has all of a transform in one tile.
    unsafe { call.launch()? };
    Ok(())
}

fn check_size(log_n: u32) -> Result<()> {
    if log_n <= Fr::TWO_ADICITY {
        return Ok(());
    }
    Err(Error::Argument(format!(
        "a transform of 2^{log_n} elements: the field's largest has 2^{}",
        Fr::TWO_ADICITY
    )))
}

/// The inverse of a coset's shift.
fn check_shift(shift: Fr) -> Result<Fr> {
    shift
        .inverse()
        .ok_or_else(|| Error::Argument("a coset's shift must not be zero".into()))
}
