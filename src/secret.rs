//! Memory for what must not be left behind.

use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use std::alloc::{Layout, handle_alloc_error};

use bytemuck::Pod;
use memmap2::MmapMut;
use rayon::prelude::*;
use zeroize::Zeroize;

/// A large vector of secrets: zeros at first, wiped on drop.
///
/// It comes from the operating system and not from the allocator: pages are zeroed when a thread first
/// touches them, by that thread, and where huge pages can be had there are few of them.
pub(crate) struct Secret<T: Pod + Send> {
    memory: MmapMut,
    len: usize,
    values: PhantomData<T>,
}

impl<T: Pod + Send> Secret<T> {
    /// `len` zeros. Aborts, as a vector does, if there is no memory.
    pub(crate) fn zeros(len: usize) -> Self {
        let layout = Layout::array::<T>(len).expect("a vector of less than 2^63 bytes");
        let Ok(memory) = MmapMut::map_anon(layout.size()) else {
            handle_alloc_error(layout);
        };
        // A refusal changes nothing but the time.
        #[cfg(target_os = "linux")]
        let _ = memory.advise(memmap2::Advice::HugePage);
        Self {
            memory,
            len,
            values: PhantomData,
        }
    }
}

impl<T: Pod + Send> Deref for Secret<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &bytemuck::cast_slice(&self.memory)[..self.len]
    }
}

impl<T: Pod + Send> DerefMut for Secret<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        let len = self.len;
        &mut bytemuck::cast_slice_mut(&mut self.memory)[..len]
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
