//! Values of little-endian 64-bit limbs, to and from the unaligned bytes of a file.

use std::io::{self, Write};

use bytemuck::{Pod, bytes_of_mut, cast_slice, cast_slice_mut};

/// The value that these bytes hold; `T` must consist of `u64`s. The copy is what is checked and used
/// afterwards, so that a file which changes while it is mapped cannot change its mind.
///
/// # Panics
/// If `bytes` is not as long as a `T`.
#[inline]
pub(in crate::groth16) fn read_limbs<T: Pod>(bytes: &[u8]) -> T {
    let mut value = T::zeroed();
    bytes_of_mut(&mut value).copy_from_slice(bytes);
    if cfg!(target_endian = "big") {
        for limb in cast_slice_mut::<T, u64>(std::slice::from_mut(&mut value)) {
            *limb = u64::from_le(*limb);
        }
    }
    value
}

/// Writes what [`read_limbs`] reads, value by value.
pub(in crate::groth16) fn write_limbs<T: Pod>(
    out: &mut impl Write,
    values: &[T],
) -> io::Result<()> {
    if cfg!(target_endian = "little") {
        return out.write_all(cast_slice(values));
    }
    cast_slice::<T, u64>(values)
        .iter()
        .try_for_each(|limb| out.write_all(&limb.to_le_bytes()))
}
