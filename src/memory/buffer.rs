//! Vectors in huge pages.

use core::fmt;
use core::ops::{Deref, DerefMut};

use bytemuck::Pod;
use memmap2::MmapMut;

/// Bytes from which memory is mapped in huge pages: twice the size of one, so that at least one fits
/// wherever the mapping begins.
const HUGE: usize = 4 << 20;

/// A vector of fixed length. Where it is long, its memory is asked for in huge pages: the first touch
/// of ordinary ones takes as long as a transform of what is written there. Pages are zeroed when a thread
/// first touches them, by that thread.
///
/// Advice only: systems without huge pages give others.
pub struct Buffer<F> {
    memory: Memory<F>,
}

enum Memory<F> {
    Vec(Vec<F>),
    Mapped(MmapMut),
}

impl<F: Pod> Buffer<F> {
    /// `len` zeros.
    pub fn zeroed(len: usize) -> Self {
        let bytes = len.checked_mul(size_of::<F>());
        let mapped = bytes.filter(|&bytes| bytes >= HUGE).and_then(map);
        Self {
            memory: match mapped {
                Some(map) => Memory::Mapped(map),
                None => Memory::Vec(vec![F::zeroed(); len]),
            },
        }
    }

    /// The same values and zeros after them, `len` in all. Where it can be, the memory is moved to a place
    /// with room behind it and nothing is copied.
    ///
    /// # Panics
    /// If there are more than `len` values already.
    pub fn grow(mut self, len: usize) -> Self {
        assert!(self.len() <= len, "a buffer does not shrink");
        let bytes = len.checked_mul(size_of::<F>());
        if let (Memory::Mapped(map), Some(bytes)) = (&mut self.memory, bytes)
            && remap(map, bytes)
        {
            return self;
        }
        let mut grown = Self::zeroed(len);
        grown[..self.len()].copy_from_slice(&self);
        grown
    }
}

/// Zeros in huge pages, if the system gives any.
#[cfg(target_os = "linux")]
fn map(bytes: usize) -> Option<MmapMut> {
    let map = MmapMut::map_anon(bytes).ok()?;
    // Without huge pages it is memory all the same.
    let _ = map.advise(memmap2::Advice::HugePage);
    Some(map)
}

#[cfg(not(target_os = "linux"))]
fn map(_: usize) -> Option<MmapMut> {
    None
}

/// Makes a mapping longer, with zeros; whether the system could.
#[cfg(target_os = "linux")]
fn remap(map: &mut MmapMut, bytes: usize) -> bool {
    let options = memmap2::RemapOptions::new().may_move(true);
    // SAFETY: the mapping is of no file, beyond whose end it could reach.
    unsafe { map.remap(bytes, options) }.is_ok()
}

#[cfg(not(target_os = "linux"))]
fn remap(_: &mut MmapMut, _: usize) -> bool {
    false
}

impl<F: Pod> Deref for Buffer<F> {
    type Target = [F];
    fn deref(&self) -> &[F] {
        match &self.memory {
            Memory::Vec(vec) => vec,
            // A page is aligned for any element.
            Memory::Mapped(map) => bytemuck::cast_slice(map),
        }
    }
}

impl<F: Pod> DerefMut for Buffer<F> {
    fn deref_mut(&mut self) -> &mut [F] {
        match &mut self.memory {
            Memory::Vec(vec) => vec,
            Memory::Mapped(map) => bytemuck::cast_slice_mut(map),
        }
    }
}

/// The same memory.
impl<F> From<Vec<F>> for Buffer<F> {
    fn from(vec: Vec<F>) -> Self {
        Self {
            memory: Memory::Vec(vec),
        }
    }
}

impl<F: Pod> Clone for Buffer<F> {
    fn clone(&self) -> Self {
        let mut copy = Self::zeroed(self.len());
        copy.copy_from_slice(self);
        copy
    }
}

impl<F: Pod + PartialEq> PartialEq for Buffer<F> {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl<F: Pod + Eq> Eq for Buffer<F> {}

impl<F: Pod + fmt::Debug> fmt::Debug for Buffer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Short and long buffers are vectors of zeros that can be written, copied and compared.
    #[test]
    fn buffers_are_vectors() {
        for len in [0, 1, 1000, HUGE / 8 - 1, HUGE / 8, HUGE / 8 + 1] {
            let mut buffer = Buffer::<u64>::zeroed(len);
            assert_eq!(buffer.len(), len);
            assert!(buffer.iter().all(|&x| x == 0));
            let ones: Buffer<u64> = vec![1; len].into();
            buffer.fill(1);
            assert_eq!(buffer, ones);
            assert_eq!(buffer.clone(), ones);
            if let Some(last) = buffer.last_mut() {
                *last = 2;
                assert_ne!(buffer, ones);
            }
        }
    }

    /// Short and long buffers, and vectors, keep their values when they grow; what is new is zero.
    #[test]
    fn buffers_grow() {
        for len in [0, 1, 1000, HUGE / 8, HUGE / 8 + 1] {
            let values: Vec<u64> = (1..).take(len).collect();
            let mut buffer = Buffer::zeroed(len);
            buffer.copy_from_slice(&values);
            for buffer in [buffer, values.clone().into()] {
                for longer in [len, len + 1, 3 * len + 7, HUGE / 2] {
                    let grown = buffer.clone().grow(longer.max(len));
                    assert_eq!(grown.len(), longer.max(len));
                    assert_eq!(grown[..len], values);
                    assert!(grown[len..].iter().all(|&x| x == 0));
                }
            }
        }
    }
}
