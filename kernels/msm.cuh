// What the kernels of a multi-scalar multiplication share. docs/msm-device.md has the whole.
//
// A scalar has `windows` digits of `width` bits. Window w = t stride + j of vector v of a batch
// belongs to the bucket set v count + (j - first) of the group of sets that is worked on, and takes
// its bases from part t of their table. A set has 2^(width - 1) buckets, 2^high_bits bins of
// 2^low_bits. The bucket of index b holds the digits b and -b; index 0 stands for 2^(width - 1).
#pragma once

#include "cuda.cuh"

namespace zkiln {

/// The sizes of one pass: a chunk of the scalars, a group of the sets.
struct MsmShape {
    /// The scalars of the chunk, and what comes before them in their vector.
    uint32_t scalars, first_scalar;
    /// Scalars from one vector of the batch to the next.
    uint32_t vector_stride;
    /// Entries that a set has room for: `scalars` times the parts of the table.
    uint32_t capacity;
    /// The windows of each vector that are in the group: [first, first + count) modulo `stride`.
    uint32_t first, count;
    /// Windows of a scalar, and from one part of the table to the next.
    uint32_t windows, stride;
    /// Bits of a digit.
    uint32_t width;
    uint32_t high_bits, low_bits;
    /// The sets of the group.
    uint32_t sets;
    /// The most entries that one thread sums.
    uint32_t segment;
    /// How far the lengths of segments are shifted to be their class, below MSM_CLASSES.
    uint32_t class_shift;
    /// Points of one part of the table, and the index of the chunk's first.
    uint32_t bases, first_base;
};

/// Digits that are 0, or whose base is infinity.
constexpr uint32_t MSM_DROPPED = 0xffffffff;
/// The sign of a digit, beside the index of its bucket or base.
constexpr uint32_t MSM_SIGN = 0x80000000;
/// A scalar without a base.
constexpr uint32_t MSM_NO_BASE = 0xffffffff;

/// Classes of segments by their length.
constexpr uint32_t MSM_CLASSES = 256;
/// Partial sums that are added up at once.
constexpr uint32_t MSM_FAN_IN = 256;

/// The counters of a pass that stand alone.
enum MsmTotal : uint32_t {
    /// Segments beyond the first of their bucket.
    MSM_EXTRAS,
    /// Groups of at most MSM_FAN_IN such segments of one bucket.
    MSM_HEADS,
};

/// The segments of a bucket beyond the first, which are all full: (entries - 1) / segment.
__device__ __forceinline__ uint32_t msm_extra_segments(uint32_t entries, uint32_t segment) {
    return entries == 0 ? 0 : (entries - 1) / segment;
}

} // namespace zkiln
