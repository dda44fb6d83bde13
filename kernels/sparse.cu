// Sparse matrices over the scalar field of BN254 times vectors.
//
// A matrix is in compressed rows: row i has the entries offsets[i] .. offsets[i + 1]; an entry is a
// column and the place of its value in a table, in which 1 and -1 come first. A thread takes a row,
// unless it is long: long rows are cut into segments with a warp each, and another warp adds them
// up.
#include "elements.cuh"
#include "field.cuh"

namespace zkiln {

/// The places of 1 and -1 in every table of values.
constexpr uint32_t ONE = 0, MINUS_ONE = 1;

constexpr uint32_t WARP = 32;

/// The sum of the entries first, first + step, ... before `end`, times what the vector has in their
/// columns.
__device__ __forceinline__ Fr dot(const uint2* entries, uint64_t first, uint64_t end, uint32_t step,
                                  const uint4* values, const uint4* vector) {
    Fr sum = Fr::zero();
#pragma unroll 1
    for (uint64_t i = first; i < end; i += step) {
        const uint2 entry = entries[i];
        Fr term = at<Fr>(vector, entry.x);
        if (entry.y == MINUS_ONE) {
            term = -term;
        } else if (entry.y != ONE) {
            term = at<Fr>(values, entry.y) * term;
        }
        sum = sum + term;
    }
    return sum;
}

/// The sum over the lanes of a warp, in lane 0.
__device__ __forceinline__ Fr sum_of_lanes(Fr value) {
#pragma unroll 1
    for (uint32_t distance = WARP / 2; distance > 0; distance /= 2) {
        Fr other;
#pragma unroll
        for (int i = 0; i < Fr::LIMBS; i++) {
            other.limbs[i] = __shfl_down_sync(0xffffffff, value.limbs[i], distance);
        }
        value = value + other;
    }
    return value;
}

__device__ __forceinline__ uint32_t thread_index() { return blockIdx.x * blockDim.x + threadIdx.x; }

} // namespace zkiln

using namespace zkiln;

/// product[i] = row i times the vector, for the rows that have at most `longest` entries. A thread
/// for each row.
KERNEL __launch_bounds__(256)
    sparse_rows_fr(const uint32_t* offsets, const uint2* entries, const uint4* values,
                   const uint4* vector, uint4* product, uint32_t rows, uint32_t longest) {
    const uint32_t row = thread_index();
    if (row >= rows) {
        return;
    }
    const uint32_t first = offsets[row], end = offsets[row + 1];
    if (end - first <= longest) {
        dot(entries, first, end, 1, values, vector)
            .store(product + static_cast<uint64_t>(row) * Fr::QUADS);
    }
}

/// sums[i] = the entries segments[i].x .. segments[i].y times the vector. A warp for each.
KERNEL __launch_bounds__(256)
    sparse_segments_fr(const uint2* segments, const uint2* entries, const uint4* values,
                       const uint4* vector, uint4* sums, uint32_t count) {
    const uint32_t i = thread_index() / WARP, lane = threadIdx.x % WARP;
    if (i >= count) {
        return; // the whole warp
    }
    const uint64_t first = segments[i].x, end = segments[i].y;
    const Fr sum = sum_of_lanes(dot(entries, first + lane, end, WARP, values, vector));
    if (lane == 0) {
        sum.store(sums + static_cast<uint64_t>(i) * Fr::QUADS);
    }
}

/// product[rows[i].x] = the sum of the segments from rows[i].y to that of the next row. A warp for
/// each, and one row more at the end of the list.
KERNEL __launch_bounds__(256)
    sparse_long_rows_fr(const uint2* rows, const uint4* sums, uint4* product, uint32_t count) {
    const uint32_t i = thread_index() / WARP, lane = threadIdx.x % WARP;
    if (i >= count) {
        return; // the whole warp
    }
    Fr sum = Fr::zero();
#pragma unroll 1
    for (uint64_t segment = rows[i].y + lane; segment < rows[i + 1].y; segment += WARP) {
        sum = sum + at<Fr>(sums, static_cast<uint32_t>(segment));
    }
    sum = sum_of_lanes(sum);
    if (lane == 0) {
        sum.store(product + static_cast<uint64_t>(rows[i].x) * Fr::QUADS);
    }
}

KERNELS(sparse, sparse_rows_fr, sparse_segments_fr, sparse_long_rows_fr)
