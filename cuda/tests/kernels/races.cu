// A kernel that does what it is told, to see which of it is taken for a race.
#include "cuda.cuh"

namespace zkiln {

// As in races.rs.
constexpr uint32_t READ = 1, WRITE = 2, ATOMIC = 3, SYNCWARP = 4, SYNCTHREADS = 5;
constexpr uint32_t SHARED = 1 << 8, BYTE = 1 << 9;

} // namespace zkiln

using namespace zkiln;

/// Every thread of every block does the `steps` things that are written down for it, on 16 bytes of
/// shared memory and as many of `global`.
KERNEL races_script(const uint32_t* script, uint32_t steps, uint32_t* global, uint32_t* sink) {
    SHARED_MEMORY(uint32_t, shared);
    if (threadIdx.x == 0) {
        for (uint32_t i = 0; i < 4; i++) {
            shared[i] = 0;
        }
    }
    __syncthreads();
    uint32_t sum = 0;
    for (uint32_t step = 0; step < steps; step++) {
        const uint32_t what = script[(blockIdx.x * steps + step) * blockDim.x + threadIdx.x];
        uint32_t* const word = (what & SHARED ? shared : global) + (what >> 16) / 4;
        uint8_t* const byte = reinterpret_cast<uint8_t*>(word) + (what >> 16) % 4;
        switch (what & 0xff) {
        case READ:
            sum += what & BYTE ? *byte : *word;
            break;
        case WRITE:
            if (what & BYTE) {
                *byte = static_cast<uint8_t>(step);
            } else {
                *word = step;
            }
            break;
        case ATOMIC:
            atomicAdd(word, 1);
            break;
        case SYNCWARP:
            __syncwarp();
            break;
        case SYNCTHREADS:
            __syncthreads();
            break;
        }
    }
    sink[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

KERNELS(races, races_script)
