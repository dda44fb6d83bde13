//! Vectors that are wiped.

use core::ops::{Deref, DerefMut};

use bytemuck::Pod;
use rayon::prelude::*;
use zeroize::Zeroize;

use super::Buffer;

/// A large vector of secrets: zeros at first, wiped on drop.
pub(crate) struct Secret<T: Pod + Send>(Buffer<T>);

impl<T: Pod + Send> Secret<T> {
    /// `len` zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        Self(Buffer::zeroed(len))
    }
}

impl<T: Pod + Send> From<Buffer<T>> for Secret<T> {
    fn from(values: Buffer<T>) -> Self {
        Self(values)
    }
}

impl<T: Pod + Send> Deref for Secret<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Pod + Send> DerefMut for Secret<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: Pod + Send> Drop for Secret<T> {
    fn drop(&mut self) {
        wipe(self);
    }
}

/// Overwrites secrets with zeros, which no compiler leaves out; parallel, a word at a time. What a vector's
/// capacity has beyond its length is left alone.
pub(crate) fn wipe<T: Pod>(values: &mut [T]) {
    const CHUNK: usize = 1 << 15;
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(values);
    let (head, words, tail) = bytemuck::pod_align_to_mut::<u8, u64>(bytes);
    words.par_chunks_mut(CHUNK).for_each(Zeroize::zeroize);
    head.zeroize();
    tail.zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_until_written_and_after_wiping() {
        for len in [0, 1, 1000, 1 << 19] {
            let mut secret = Secret::<u64>::zeros(len);
            assert_eq!(secret.len(), len);
            assert!(secret.iter().all(|&value| value == 0));
            for (i, value) in secret.iter_mut().enumerate() {
                *value = !(i as u64);
            }
            assert!(secret.iter().enumerate().all(|(i, &v)| v == !(i as u64)));
            wipe(&mut secret);
            assert!(secret.iter().all(|&value| value == 0));
        }
        let mut bytes = [7u8; 37];
        wipe(&mut bytes[3..36]);
        assert_eq!(bytes[..3], [7; 3]);
        assert_eq!(bytes[3..36], [0; 33]);
        assert_eq!(bytes[36..], [7]);
    }
}
