//! Eight 64-bit words: the instructions by name, one safe function each.

use core::arch::x86_64::*;

/// Eight words, one of each lane.
///
/// Values are made by [`Words::splat`] and [`Words::load`], which only methods of
/// [`Avx512Ifma`](super::Avx512Ifma) and of what it has made call: where there is a value, the processor has
/// the instructions.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(super) struct Words(__m512i);

/// One function for one instruction.
macro_rules! instructions {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) = $intrinsic:ident $(::<$constant:literal>)?;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub(super) fn $name($($arg: Self),*) -> Self {
            // SAFETY: the processor has the instruction, since there are values of this type.
            Self(unsafe { $intrinsic$(::<$constant>)?($($arg.0),*) })
        }
    )*};
}

impl Words {
    instructions! {
        /// `a + b`.
        add(a, b) = _mm512_add_epi64;
        /// `a - b`.
        sub(a, b) = _mm512_sub_epi64;
        /// Bitwise and.
        and(a, b) = _mm512_and_si512;
        /// Bitwise or.
        or(a, b) = _mm512_or_si512;
        /// `sum` and the low 52 bits of the product of the low 52 bits of `a` and `b`.
        add_low(sum, a, b) = _mm512_madd52lo_epu64;
        /// `sum` and the high 52 bits of the same product.
        add_high(sum, a, b) = _mm512_madd52hi_epu64;
        /// `a / 2^52`, rounded down, of a signed word.
        carry(a) = _mm512_srai_epi64::<52>;
        /// The first words of both, then the third, fifth and seventh.
        unpack_low(a, b) = _mm512_unpacklo_epi64;
        /// The second words of both, then the fourth, sixth and eighth.
        unpack_high(a, b) = _mm512_unpackhi_epi64;
        shift_left(a, count) = _mm512_sllv_epi64;
        shift_right(a, count) = _mm512_srlv_epi64;
        /// The words of `a` at the places in `index`.
        permute(index, a) = _mm512_permutexvar_epi64;
        /// The words of `a` followed by `b` at the places in `index`.
        permute2(a, index, b) = _mm512_permutex2var_epi64;
    }

    /// The same word in every lane.
    #[inline(always)]
    pub(super) fn splat(word: u64) -> Self {
        // SAFETY: the callers hold an instruction set or a vector.
        Self(unsafe { _mm512_set1_epi64(word.cast_signed()) })
    }

    /// These words.
    #[inline(always)]
    pub(super) fn load(words: &[u64; 8]) -> Self {
        // SAFETY: the callers hold an instruction set or a vector; the words are 64 readable bytes.
        Self(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    /// Four words and four others.
    #[inline(always)]
    pub(super) fn load_halves(low: &[u64; 4], high: &[u64; 4]) -> Self {
        // SAFETY: as below; 32 readable bytes.
        let low = unsafe { _mm256_loadu_si256(low.as_ptr().cast()) };
        // SAFETY: as below; 32 readable bytes.
        let high = unsafe { _mm256_loadu_si256(high.as_ptr().cast()) };
        // SAFETY: the callers hold an instruction set or a vector.
        let wide = unsafe { _mm512_castsi256_si512(low) };
        // SAFETY: as above.
        Self(unsafe { _mm512_inserti64x4::<1>(wide, high) })
    }

    /// The first four words and the others.
    #[inline(always)]
    pub(super) fn store_halves(self, low: &mut [u64; 4], high: &mut [u64; 4]) {
        // SAFETY: there is a value.
        let half = unsafe { _mm512_castsi512_si256(self.0) };
        // SAFETY: there is a value; 32 writable bytes.
        unsafe { _mm256_storeu_si256(low.as_mut_ptr().cast(), half) };
        // SAFETY: there is a value.
        let half = unsafe { _mm512_extracti64x4_epi64::<1>(self.0) };
        // SAFETY: there is a value; 32 writable bytes.
        unsafe { _mm256_storeu_si256(high.as_mut_ptr().cast(), half) };
    }

    /// The words.
    #[inline(always)]
    pub(super) fn store(self) -> [u64; 8] {
        let mut words = [0; 8];
        // SAFETY: there is a value; 64 writable bytes.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), self.0) };
        words
    }

    /// `a 2^count`; a constant becomes part of the instruction.
    #[inline(always)]
    pub(super) fn shl(self, count: u64) -> Self {
        Self::shift_left(self, Self::splat(count))
    }

    /// `a / 2^count` of an unsigned word.
    #[inline(always)]
    pub(super) fn shr(self, count: u64) -> Self {
        Self::shift_right(self, Self::splat(count))
    }

    /// Lanes of `a` where `mask` has a bit, else of `self`.
    #[inline(always)]
    pub(super) fn or_where(self, mask: u8, a: Self) -> Self {
        // SAFETY: the processor has the instruction, since there are values of this type.
        Self(unsafe { _mm512_mask_blend_epi64(mask, self.0, a.0) })
    }

    /// The lanes below those of `b`, as unsigned words.
    #[inline(always)]
    pub(super) fn less_than(self, b: Self) -> u8 {
        // SAFETY: the processor has the instruction, since there are values of this type.
        unsafe { _mm512_cmplt_epu64_mask(self.0, b.0) }
    }

    /// The lanes that are negative as signed words.
    #[inline(always)]
    pub(super) fn negative(self) -> u8 {
        // SAFETY: the processor has the instruction, since there are values of this type.
        unsafe { _mm512_movepi64_mask(self.0) }
    }

    /// The lanes that are zero.
    #[inline(always)]
    pub(super) fn zeros(self) -> u8 {
        // SAFETY: the processor has the instruction, since there are values of this type.
        unsafe { _mm512_testn_epi64_mask(self.0, self.0) }
    }
}
