// Prefix sums over a block.
#pragma once

#include "cuda.cuh"

namespace zkiln {

/// Shared memory that `block_scan` needs, for blocks of at most 1024 threads.
constexpr uint32_t SCAN_SCRATCH = 32;

__device__ __forceinline__ uint2 operator+(uint2 a, uint2 b) { return uint2{a.x + b.x, a.y + b.y}; }

/// The sums of both words of `value` over the threads before this one; `total` becomes those over
/// the block. Called by all threads of the block; `scratch` may be used again afterwards.
__device__ __forceinline__ uint2 block_scan(uint2 value, uint2* scratch, uint2& total) {
    const uint32_t lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    uint2 sum = value;
#pragma unroll
    for (uint32_t distance = 1; distance < 32; distance *= 2) {
        const uint2 other = {__shfl_up_sync(0xffffffff, sum.x, distance),
                             __shfl_up_sync(0xffffffff, sum.y, distance)};
        if (lane >= distance) {
            sum = sum + other;
        }
    }
    if (lane == 31) {
        scratch[warp] = sum;
    }
    __syncthreads();
    uint2 before = {0, 0};
    total = {0, 0};
    for (uint32_t i = 0; i < blockDim.x / 32; i++) {
        if (i == warp) {
            before = total;
        }
        total = total + scratch[i];
    }
    __syncthreads();
    return {before.x + sum.x - value.x, before.y + sum.y - value.y};
}

} // namespace zkiln
