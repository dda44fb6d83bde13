// Kernels that are wrong, and what they should have been: each has a parameter that says which of
// both it is.
#include "cuda.cuh"
#include "ptx.cuh"

namespace zkiln {

constexpr uint32_t ALL = 0xffffffff;

/// The number of this thread in the launch, for grids of one dimension.
__device__ __forceinline__ uint32_t index() { return blockIdx.x * blockDim.x + threadIdx.x; }

} // namespace zkiln

using namespace zkiln;

/// Reverses a block's values. Wrong: without the barrier between writing and reading.
KERNEL faults_barrier(const uint32_t* in, uint32_t* out, uint32_t wrong) {
    SHARED_MEMORY(uint32_t, tile);
    tile[threadIdx.x] = 0;
    __syncthreads();
    tile[threadIdx.x] = in[index()];
    if (!wrong) {
        __syncthreads();
    }
    out[index()] = tile[blockDim.x - 1 - threadIdx.x];
}

/// Sums neighbours, twice. Wrong: the second round writes what others may still read.
KERNEL faults_reuse(const uint32_t* in, uint32_t* out, uint32_t wrong) {
    SHARED_MEMORY(uint32_t, tile);
    uint32_t value = in[index()];
    for (uint32_t i = 0; i < 2; i++) {
        tile[threadIdx.x] = value;
        __syncthreads();
        value += tile[(threadIdx.x + 1) % blockDim.x];
        if (!wrong) {
            __syncthreads();
        }
    }
    out[index()] = value;
}

/// Reverses a warp's values. Wrong: a shuffle brings the lanes together, but it orders no memory.
KERNEL faults_warp_barrier(const uint32_t* in, uint32_t* out, uint32_t wrong) {
    SHARED_MEMORY(uint32_t, tile);
    uint32_t* const warp = tile + threadIdx.x / 32 * 32;
    const uint32_t lane = threadIdx.x % 32;
    warp[lane] = 0;
    __syncwarp();
    warp[lane] = in[index()];
    if (wrong) {
        __shfl_sync(ALL, lane, 0);
    } else {
        __syncwarp();
    }
    out[index()] = warp[31 - lane];
}

/// Doubles n values. Wrong: one more.
KERNEL faults_bounds(const uint32_t* in, uint32_t* out, uint32_t n, uint32_t wrong) {
    const uint32_t i = index();
    if (wrong ? i <= n : i < n) {
        out[i] = 2 * in[i];
    }
}

/// Writes a word of shared memory. Wrong: `past` words after its end.
KERNEL faults_shared_bounds(uint32_t words, uint32_t past) {
    SHARED_MEMORY(uint32_t, tile);
    if (threadIdx.x == 40) {
        tile[words - 1 + past] = 1;
    }
}

/// out = a + b, on numbers of 64 bits in halves. Wrong: the carry of the low half is lost.
KERNEL faults_carry(const uint2* a, const uint2* b, uint2* out, uint32_t wrong) {
    const uint2 x = a[index()], y = b[index()];
    uint2 sum;
    sum.x = add_cc(x.x, y.x);
    sum.y = wrong ? x.y + y.y : addc(x.y, y.y);
    out[index()] = sum;
}

/// Sums a block's values in a word of shared memory. Wrong: which nobody has set to zero.
KERNEL faults_uninitialised(const uint32_t* in, uint32_t* out, uint32_t wrong) {
    SHARED_MEMORY(uint32_t, sum);
    if (!wrong && threadIdx.x == 0) {
        *sum = 0;
    }
    __syncthreads();
    atomicAdd(sum, in[index()]);
    __syncthreads();
    if (threadIdx.x == 0) {
        out[blockIdx.x] = *sum;
    }
}

/// out = in, by an asynchronous copy. Wrong: it is read before it has been waited for.
KERNEL faults_async(const uint4* in, uint4* out, uint32_t wrong) {
    SHARED_MEMORY(uint4, tile);
    tile[threadIdx.x] = make_uint4(0, 0, 0, 0);
    cp_async_16(&tile[threadIdx.x], &in[index()]);
    cp_async_commit();
    if (!wrong) {
        cp_async_wait<0>();
    }
    out[index()] = tile[threadIdx.x];
}

/// Reverses a block by an asynchronous copy. Wrong: each thread has waited for its own bytes only.
KERNEL faults_async_barrier(const uint4* in, uint4* out, uint32_t wrong) {
    SHARED_MEMORY(uint4, tile);
    cp_async_16(&tile[threadIdx.x], &in[index()]);
    cp_async_commit();
    cp_async_wait<0>();
    if (!wrong) {
        __syncthreads();
    }
    out[index()] = tile[blockDim.x - 1 - threadIdx.x];
}

/// A barrier. Wrong: which thread 5 does not come to.
KERNEL faults_returned(uint32_t wrong) {
    if (wrong && threadIdx.x == 5) {
        return;
    }
    __syncthreads();
}

/// A barrier. Wrong: two, for the two halves of the block.
KERNEL faults_two_barriers(uint32_t wrong) {
    if (wrong && threadIdx.x >= 32) {
        __syncthreads();
    } else {
        __syncthreads();
    }
}

/// A vote. Wrong: thread 7 comes to another word.
KERNEL faults_parted(uint32_t* out, uint32_t wrong) {
    if (wrong && threadIdx.x == 7) {
        __syncwarp();
    } else {
        out[index()] = __ballot_sync(ALL, 1);
    }
}

/// A vote. Wrong: of half a warp.
KERNEL faults_mask(uint32_t* out, uint32_t wrong) {
    if (!wrong || threadIdx.x < 16) {
        out[index()] = __ballot_sync(wrong ? 0xffff : ALL, 1);
    }
}

/// Every block takes a word of its own. Wrong: all take the first.
KERNEL faults_blocks(uint32_t* out, uint32_t wrong) {
    if (threadIdx.x == 0) {
        out[wrong ? 0 : blockIdx.x] = blockIdx.x;
    }
}

/// Every block adds to a word. Wrong: block 1 does so without an atomic.
KERNEL faults_atomic(uint32_t* out, uint32_t wrong) {
    if (threadIdx.x == 0) {
        if (wrong && blockIdx.x == 1) {
            *out += 1;
        } else {
            atomicAdd(out, 1);
        }
    }
}

/// out = in. Wrong: and what comes after it in out, which nobody writes, is added to the first.
KERNEL faults_unwritten(const uint32_t* in, uint32_t* out, uint32_t wrong) {
    out[index()] = in[index()];
    if (wrong && index() == 0) {
        out[0] += out[gridDim.x * blockDim.x];
    }
}

/// A thread's own variable, written by itself. Wrong: by its neighbour, to whom it is lent.
KERNEL faults_stack(uint32_t* out, uint32_t wrong) {
    SHARED_MEMORY(uint32_t*, lent);
    uint32_t mine = 0;
    lent[threadIdx.x] = &mine;
    __syncthreads();
    *lent[wrong ? threadIdx.x ^ 1 : threadIdx.x] = threadIdx.x;
    __syncthreads();
    out[index()] = mine;
}

/// Reads 8 bytes. Wrong: across a boundary of 8.
KERNEL faults_aligned(const uint8_t* in, unsigned long long* out, uint32_t wrong) {
    if (index() == 0) {
        out[0] = *reinterpret_cast<const unsigned long long*>(in + (wrong ? 4 : 0));
    }
}

/// What C++ does not define: 1, a shift by 32; 2, a sum that overflows; 3, an index beyond an
/// array; 4, a division by 0.
KERNEL faults_undefined(int* out, int value, uint32_t wrong) {
    if (index() != 0) {
        return;
    }
    const int powers[4] = {1, value, value * value, value * value * value};
    out[0] = value << (wrong == 1 ? 32 : 3);
    out[1] = (wrong == 2 ? 0x7fffffff : 1) + value;
    out[2] = powers[wrong == 3 ? 4 : 3];
    out[3] = 100 / (wrong == 4 ? 0 : value);
}

KERNELS(faults, faults_barrier, faults_reuse, faults_warp_barrier, faults_bounds,
        faults_shared_bounds, faults_carry, faults_uninitialised, faults_async,
        faults_async_barrier, faults_returned, faults_two_barriers, faults_parted, faults_mask,
        faults_blocks, faults_atomic, faults_unwritten, faults_stack, faults_aligned,
        faults_undefined)
