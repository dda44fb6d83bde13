// A kernel for each of CUDA's words, that shows what it means.
#include "cuda.cuh"
#include "ptx.cuh"

namespace zkiln {

constexpr uint32_t ALL = 0xffffffff;

/// The number of this thread in the launch, for grids of one dimension.
__device__ __forceinline__ uint32_t index() { return blockIdx.x * blockDim.x + threadIdx.x; }

struct Parameters {
    uint64_t wide;
    uint32_t narrow;
    uint8_t bytes[4];
};

} // namespace zkiln

using namespace zkiln;

/// out[block][thread] = (block's x, y, z, thread's x); and where a dimension is not what `expected`
/// says, all ones.
KERNEL words_place(uint4* out, uint32_t x, uint32_t y, uint32_t z, uint32_t threads) {
    const uint32_t block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const bool as_expected =
        gridDim.x == x && gridDim.y == y && gridDim.z == z && blockDim.x == threads;
    const bool is_flat = blockDim.y == 1 && blockDim.z == 1 && threadIdx.y == 0 && threadIdx.z == 0;
    out[block * blockDim.x + threadIdx.x] =
        as_expected && is_flat ? make_uint4(blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x)
                               : make_uint4(ALL, ALL, ALL, ALL);
}

/// Every kind of parameter, each with one of another size before it.
KERNEL words_parameters(uint32_t a, uint64_t b, uint32_t c, const Parameters d, uint64_t* out,
                        uint32_t e) {
    if (index() == 0) {
        out[0] = a;
        out[1] = b;
        out[2] = c;
        out[3] = d.wide;
        out[4] = d.narrow;
        out[5] = d.bytes[3];
        out[6] = e;
    }
}

/// out[i] = (shfl, xor, down, up) of in[i], by `amount` in groups of `width` lanes.
KERNEL words_shuffle(const uint32_t* in, uint4* out, uint32_t amount, uint32_t width) {
    const uint32_t value = in[index()];
    uint4 r;
    r.x = __shfl_sync(ALL, value, amount, width);
    r.y = __shfl_xor_sync(ALL, value, amount, width);
    r.z = __shfl_down_sync(ALL, value, amount, width);
    r.w = __shfl_up_sync(ALL, value, amount, width);
    out[index()] = r;
}

/// The same on 64 bits.
KERNEL words_shuffle_wide(const unsigned long long* in, unsigned long long* out, uint32_t amount) {
    const unsigned long long value = in[index()];
    out[4 * index()] = __shfl_sync(ALL, value, amount);
    out[4 * index() + 1] = __shfl_xor_sync(ALL, value, amount);
    out[4 * index() + 2] = __shfl_down_sync(ALL, value, amount);
    out[4 * index() + 3] = __shfl_up_sync(ALL, value, amount);
}

/// out[i] = (ballot, any, all, match) of in[i], nonzero being true.
KERNEL words_votes(const uint32_t* in, uint4* out) {
    const uint32_t value = in[index()];
    uint4 r;
    r.x = __ballot_sync(ALL, value);
    r.y = __any_sync(ALL, value);
    r.z = __all_sync(ALL, value);
    r.w = __match_any_sync(ALL, value);
    out[index()] = r;
}

/// The ballot of the lanes below `lanes`, the others having returned.
KERNEL words_living(uint32_t* out, uint32_t lanes) {
    if (threadIdx.x % 32 >= lanes) {
        return;
    }
    __syncwarp();
    out[index()] = __ballot_sync(ALL, 1);
}

/// Moves a block's values one place to the left `rounds` times, with a barrier before and after
/// each.
KERNEL words_barrier(const uint32_t* in, uint32_t* out, uint32_t rounds) {
    SHARED_MEMORY(uint32_t, tile);
    tile[threadIdx.x] = in[index()];
    for (uint32_t i = 0; i < rounds; i++) {
        __syncthreads();
        const uint32_t next = tile[(threadIdx.x + 1) % blockDim.x];
        __syncthreads();
        tile[threadIdx.x] = next;
    }
    out[index()] = tile[threadIdx.x];
}

/// The same within each warp.
KERNEL words_warp_barrier(const uint32_t* in, uint32_t* out, uint32_t rounds) {
    SHARED_MEMORY(uint32_t, tile);
    uint32_t* const warp = tile + threadIdx.x / 32 * 32;
    const uint32_t lane = threadIdx.x % 32;
    warp[lane] = in[index()];
    for (uint32_t i = 0; i < rounds; i++) {
        __syncwarp();
        const uint32_t next = warp[(lane + 1) % 32];
        __syncwarp();
        warp[lane] = next;
    }
    out[index()] = warp[lane];
}

/// Adds, takes the maximum and minimum, ors, of in[i], into four words; and adds to a wide one.
KERNEL words_atomics(const uint32_t* in, uint32_t* words, unsigned long long* wide) {
    const uint32_t value = in[index()];
    atomicAdd(&words[0], value);
    atomicMax(&words[1], value);
    atomicMin(&words[2], value);
    atomicOr(&words[3], value);
    atomicAdd(wide, static_cast<unsigned long long>(value) << 20);
}

/// out[i] = what the atomics give back, one after another, by one thread.
KERNEL words_atomics_before(uint32_t* word, unsigned long long* wide, uint32_t* out) {
    if (threadIdx.x == 0) {
        out[0] = atomicAdd(word, 5);
        out[1] = atomicMax(word, 3);
        out[2] = atomicMin(word, 12);
        out[3] = atomicOr(word, 0x30);
        out[4] = atomicExch(word, 77);
        out[5] = *word;
        out[6] = static_cast<uint32_t>(atomicAdd(wide, 1ull) >> 32);
    }
}

/// Every thread takes a number: out[i] = the order in which threads came.
KERNEL words_order(uint32_t* counter, uint32_t* out) { out[index()] = atomicAdd(counter, 1); }

/// out[i] = (popc, clz, ffs, brev) of in[i].
KERNEL words_bits(const uint32_t* in, uint4* out) {
    const uint32_t value = __ldg(&in[index()]);
    out[index()] = make_uint4(__popc(value), __clz(static_cast<int>(value)),
                              __ffs(static_cast<int>(value)), __brev(value));
}

/// The last block to finish sums what all have left: allowed, by fences and an atomic.
KERNEL words_last_block(const uint32_t* in, uint32_t* sums, uint32_t* counter, uint32_t* out) {
    SHARED_MEMORY(uint32_t, tile);
    atomicAdd(&sums[blockIdx.x], in[index()]);
    __syncthreads();
    if (threadIdx.x == 0) {
        sums[blockIdx.x] *= 3;
        __threadfence();
        tile[0] = atomicAdd(counter, 1);
    }
    __syncthreads();
    if (tile[0] == gridDim.x - 1 && threadIdx.x == 0) {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < gridDim.x; i++) {
            sum += sums[i];
        }
        *out = sum;
    }
}

/// Copies `tiles` tiles of 16 bytes a thread through two buffers in shared memory, the next under
/// way while the last is read, and reverses each.
KERNEL words_async(const uint4* in, uint4* out, uint32_t tiles) {
    SHARED_MEMORY(uint4, buffers);
    const uint32_t n = blockDim.x;
    cp_async_16(&buffers[threadIdx.x], &in[threadIdx.x]);
    cp_async_commit();
    for (uint32_t i = 0; i < tiles; i++) {
        uint4* const tile = buffers + i % 2 * n;
        if (i + 1 < tiles) {
            cp_async_16(&buffers[(i + 1) % 2 * n + threadIdx.x], &in[(i + 1) * n + threadIdx.x]);
        }
        cp_async_commit();
        cp_async_wait<1>();
        __syncthreads();
        out[i * n + threadIdx.x] = tile[n - 1 - threadIdx.x];
        __syncthreads();
    }
}

/// Writes all of the shared memory that a block can have and reads it again, from its end.
KERNEL words_shared(uint32_t* out, uint32_t words) {
    SHARED_MEMORY(uint32_t, tile);
    for (uint32_t i = threadIdx.x; i < words; i += blockDim.x) {
        tile[i] = i;
    }
    __syncthreads();
    uint32_t sum = 0;
    for (uint32_t i = threadIdx.x; i < words; i += blockDim.x) {
        sum += tile[words - 1 - i];
    }
    atomicAdd(out, sum);
}

/// Two blocks, two words: what is left of the one before must not be seen. out[block] = what shared
/// memory holds first.
KERNEL words_fresh(uint32_t* out) {
    SHARED_MEMORY(uint32_t, tile);
    if (threadIdx.x == 0) {
        out[blockIdx.x] = tile[0];
        tile[0] = 7;
    }
}

KERNELS(words, words_place, words_parameters, words_shuffle, words_shuffle_wide, words_votes,
        words_living, words_barrier, words_warp_barrier, words_atomics, words_atomics_before,
        words_order, words_bits, words_last_block, words_async, words_shared, words_fresh)
