//! The tables of a transform, made on the device.

use bytemuck::{Pod, Zeroable};
use zkiln_cuda::{Buffer, ByValue, Device, Stream};

use super::pass::log_fine;
use crate::Result;
use crate::field::{Field, Fr, PrimeField};

/// The number of roots of a plan: as many as the extension to the odd coset needs, where there is one.
pub(super) fn roots_len(log_n: u32) -> usize {
    1 << log_n.min(Fr::TWO_ADICITY - 1)
}

/// The table of the CPU's transforms: see `twiddles` in `src/ntt/twiddles.rs`.
pub(super) fn roots(device: &Device, log_n: u32) -> Result<Buffer<Fr>> {
    let len = roots_len(log_n);
    device.check_room((len * size_of::<Fr>()) as u64)?;
    let stream = device.stream()?;
    let mut table = stream.alloc(len)?;
    stream.write(table.slice_mut(..1), &[Fr::ONE])?;
    let mut count = 1;
    while count < len {
        let root = Fr::root_of_unity(count.ilog2() + 2).expect("within the 2-adicity");
        let call = stream.call("ntt_twiddles_fr").blocks(count.div_ceil(256));
        let call = call.threads(256).arg(&mut table);
        let call = call.arg(ByValue(root)).arg(count as u32);
        // SAFETY: the table has at least twice `count` entries, both being powers of two.
        unsafe { call.launch()? };
        count *= 2;
    }
    // Other streams use the table without waiting for this one.
    stream.synchronize()?;
    Ok(table)
}

/// The powers of a shift, as the kernel `ntt_powers_fr` takes them.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Powers {
    squares: [Fr; 28],
    factor: Fr,
    log_n: u32,
    log_fine: u32,
}

/// The number of entries of [`powers`].
pub(super) fn powers_len(log_n: u32) -> usize {
    (1 << log_fine(log_n)) + (1 << (log_n - log_fine(log_n)))
}

/// The table of `factor base^i` for `i < 2^log_n`, as products of two entries.
pub(super) fn powers(stream: &Stream, log_n: u32, base: Fr, factor: Fr) -> Result<Buffer<Fr>> {
    let mut powers = Powers {
        squares: [Fr::ZERO; 28],
        factor,
        log_n,
        log_fine: log_fine(log_n),
    };
    let mut square = base;
    for entry in &mut powers.squares {
        *entry = square;
        square = square.square();
    }
    let len = powers_len(log_n);
    let mut table = stream.alloc(len)?;
    let call = stream.call("ntt_powers_fr").blocks(len.div_ceil(256));
    let call = call.threads(256).arg(&mut table).arg(ByValue(powers));
    // SAFETY: the table has an entry for each power of the fine and of the coarse part.
    unsafe { call.launch()? };
    Ok(table)
}
