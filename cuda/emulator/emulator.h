// CUDA's words for the host compiler, which includes this file before everything else when it
// compiles a kernel file.
//
// What a word means is CUDA's business; what is said here is how the emulator differs. Everything
// in this file is internal to the kernel file, since each is compiled twice, with checks and
// without. So is the namespace of kernels, which has another name in each compilation.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <utility>

#include "abi.h"
#include "words.h"

#define ZKILN_EMULATOR 1

#define __device__
// A wish here: bodies copied to all of their uses would take the host compiler ten times as long.
#define __forceinline__ inline
#define __launch_bounds__(...)

/// Begins the definition of a kernel.
#define KERNEL static __attribute__((noinline)) void

/// Declares `T* name`, the block's dynamic shared memory.
#define SHARED_MEMORY(T, name) T* const name = static_cast<T*>(zkiln_emulator_shared_memory)

/// Lists the kernels of a file.
#ifdef ZKILN_EMULATOR_CHECKED
#define KERNELS(family, ...)                                                                       \
    ZKILN_EMULATOR_TABLE(zkiln_emulator_checked_##family, #__VA_ARGS__, __VA_ARGS__)
#else
#define KERNELS(family, ...)                                                                       \
    ZKILN_EMULATOR_TABLE(zkiln_emulator_plain_##family, #__VA_ARGS__, __VA_ARGS__)
#endif
#define ZKILN_EMULATOR_TABLE(table, names, ...)                                                    \
    static constexpr auto zkiln_emulator_kernels =                                                 \
        zkiln_emulator::Kernels<__VA_ARGS__>::named(names);                                        \
    extern "C" {                                                                                   \
    extern const zkiln_emulator_family table;                                                      \
    const zkiln_emulator_family table = {zkiln_emulator_kernels.entries,                           \
                                         zkiln_emulator_kernels.count};                            \
    }

struct alignas(8) uint2 {
    uint32_t x, y;
};

struct alignas(16) uint4 {
    uint32_t x, y, z, w;
};

// The runtime's variables. None changes while one CUDA thread runs; being constant here, they are
// read without checks.
extern __thread const uint3 threadIdx __asm__("zkiln_emulator_thread_idx");
extern __thread const uint3 blockIdx __asm__("zkiln_emulator_block_idx");
extern __thread const uint3 blockDim __asm__("zkiln_emulator_block_dim");
extern __thread const uint3 gridDim __asm__("zkiln_emulator_grid_dim");

extern "C" {
extern __thread void* const zkiln_emulator_shared_memory;
}

#define ZKILN_EMULATOR_INLINE static inline __attribute__((always_inline))

// Where the caller of a word stands.
#define ZKILN_EMULATOR_CALLER const char *file = __builtin_FILE(), uint32_t line = __builtin_LINE()

ZKILN_EMULATOR_INLINE uint2 make_uint2(uint32_t x, uint32_t y) { return {x, y}; }

ZKILN_EMULATOR_INLINE uint4 make_uint4(uint32_t x, uint32_t y, uint32_t z, uint32_t w) {
    return {x, y, z, w};
}

ZKILN_EMULATOR_INLINE void __syncthreads(ZKILN_EMULATOR_CALLER) {
    zkiln_emulator_syncthreads({file, line, ZKILN_EMULATOR_SYNCTHREADS});
}

ZKILN_EMULATOR_INLINE void __syncwarp(uint32_t mask = 0xffffffff, ZKILN_EMULATOR_CALLER) {
    zkiln_emulator_syncwarp({file, line, ZKILN_EMULATOR_SYNCWARP}, mask);
}

namespace zkiln_emulator {
namespace {

/// Shuffles a value of 4 or 8 bytes.
template <class T>
ZKILN_EMULATOR_INLINE T shuffle(zkiln_emulator_site site, uint32_t mask, T value, uint32_t source) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "32 or 64 bits");
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    bits = zkiln_emulator_shuffle(site, mask, bits, source);
    __builtin_memcpy(&value, &bits, sizeof(T));
    return value;
}

} // namespace
} // namespace zkiln_emulator

// `width` is a power of two: the lanes are cut into groups of as many, and none sees beyond its
// own, but for `__shfl_xor_sync`, which sees groups before its own, as on the device.
template <class T>
ZKILN_EMULATOR_INLINE T __shfl_sync(uint32_t mask, T value, int source, int width = 32,
                                    ZKILN_EMULATOR_CALLER) {
    const uint32_t lane = threadIdx.x % 32, within = static_cast<uint32_t>(width) - 1;
    const uint32_t from = (lane & ~within) | (static_cast<uint32_t>(source) & within);
    return zkiln_emulator::shuffle({file, line, ZKILN_EMULATOR_SHFL}, mask, value, from);
}

template <class T>
ZKILN_EMULATOR_INLINE T __shfl_xor_sync(uint32_t mask, T value, int bits, int width = 32,
                                        ZKILN_EMULATOR_CALLER) {
    const uint32_t lane = threadIdx.x % 32, last = lane | (static_cast<uint32_t>(width) - 1);
    const uint32_t from = lane ^ static_cast<uint32_t>(bits);
    return zkiln_emulator::shuffle({file, line, ZKILN_EMULATOR_SHFL_XOR}, mask, value,
                                   from <= last ? from : lane);
}

template <class T>
ZKILN_EMULATOR_INLINE T __shfl_down_sync(uint32_t mask, T value, uint32_t delta, int width = 32,
                                         ZKILN_EMULATOR_CALLER) {
    const uint32_t lane = threadIdx.x % 32, last = lane | (static_cast<uint32_t>(width) - 1);
    return zkiln_emulator::shuffle({file, line, ZKILN_EMULATOR_SHFL_DOWN}, mask, value,
                                   delta <= last - lane ? lane + delta : lane);
}

template <class T>
ZKILN_EMULATOR_INLINE T __shfl_up_sync(uint32_t mask, T value, uint32_t delta, int width = 32,
                                       ZKILN_EMULATOR_CALLER) {
    const uint32_t lane = threadIdx.x % 32, within = static_cast<uint32_t>(width) - 1;
    return zkiln_emulator::shuffle({file, line, ZKILN_EMULATOR_SHFL_UP}, mask, value,
                                   delta <= (lane & within) ? lane - delta : lane);
}

ZKILN_EMULATOR_INLINE uint32_t __ballot_sync(uint32_t mask, int condition, ZKILN_EMULATOR_CALLER) {
    return zkiln_emulator_ballot({file, line, ZKILN_EMULATOR_BALLOT}, mask, condition != 0);
}

ZKILN_EMULATOR_INLINE int __any_sync(uint32_t mask, int condition, ZKILN_EMULATOR_CALLER) {
    return zkiln_emulator_ballot({file, line, ZKILN_EMULATOR_ANY}, mask, condition != 0) != 0;
}

ZKILN_EMULATOR_INLINE int __all_sync(uint32_t mask, int condition, ZKILN_EMULATOR_CALLER) {
    return zkiln_emulator_ballot({file, line, ZKILN_EMULATOR_ALL}, mask, condition == 0) == 0;
}

template <class T>
ZKILN_EMULATOR_INLINE uint32_t __match_any_sync(uint32_t mask, T value, ZKILN_EMULATOR_CALLER) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "32 or 64 bits");
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    return zkiln_emulator_match({file, line, ZKILN_EMULATOR_MATCH_ANY}, mask, bits);
}

// Atomics give the value before. They order nothing.
ZKILN_EMULATOR_INLINE uint32_t atomicAdd(uint32_t* at, uint32_t value) {
    return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
}

ZKILN_EMULATOR_INLINE unsigned long long atomicAdd(unsigned long long* at,
                                                   unsigned long long value) {
    return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
}

ZKILN_EMULATOR_INLINE uint32_t atomicOr(uint32_t* at, uint32_t value) {
    return __atomic_fetch_or(at, value, __ATOMIC_RELAXED);
}

ZKILN_EMULATOR_INLINE uint32_t atomicExch(uint32_t* at, uint32_t value) {
    return __atomic_exchange_n(at, value, __ATOMIC_RELAXED);
}

// No other thread of the block comes in between, and other blocks run before or after: two steps
// are one.
ZKILN_EMULATOR_INLINE uint32_t atomicMax(uint32_t* at, uint32_t value) {
    const uint32_t before = __atomic_load_n(at, __ATOMIC_RELAXED);
    __atomic_store_n(at, before > value ? before : value, __ATOMIC_RELAXED);
    return before;
}

ZKILN_EMULATOR_INLINE uint32_t atomicMin(uint32_t* at, uint32_t value) {
    const uint32_t before = __atomic_load_n(at, __ATOMIC_RELAXED);
    __atomic_store_n(at, before < value ? before : value, __ATOMIC_RELAXED);
    return before;
}

ZKILN_EMULATOR_INLINE void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

template <class T>
ZKILN_EMULATOR_INLINE T __ldg(const T* at) {
    return *at;
}

ZKILN_EMULATOR_INLINE int __popc(uint32_t x) { return __builtin_popcount(x); }

ZKILN_EMULATOR_INLINE int __clz(int x) {
    return x == 0 ? 32 : __builtin_clz(static_cast<uint32_t>(x));
}

ZKILN_EMULATOR_INLINE int __ffs(int x) { return __builtin_ffs(x); }

ZKILN_EMULATOR_INLINE uint32_t __brev(uint32_t x) {
    x = (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
    x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
    x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
    return __builtin_bswap32(x);
}

#undef ZKILN_EMULATOR_CALLER
#undef ZKILN_EMULATOR_INLINE

namespace zkiln_emulator {
namespace {

/// Copies a parameter, which lies in the host's memory, where no kernel may look.
template <class T>
__attribute__((no_sanitize("thread", "undefined"))) inline T parameter(const void* from) {
    static_assert(__is_trivially_copyable(T), "parameters are copied as bytes");
    T value;
    __builtin_memcpy(&value, from, sizeof(T));
    return value;
}

template <auto>
struct Kernel;

/// What the launcher must know of a kernel.
template <class... T, void (*kernel)(T...)>
struct Kernel<kernel> {
    static constexpr uint32_t COUNT = sizeof...(T);
    // One more, so that there is one.
    static constexpr uint32_t SIZES[COUNT + 1] = {sizeof(T)...};

    __attribute__((no_sanitize("thread", "undefined"))) static void run(void* const* parameters) {
        run_with(parameters, std::make_index_sequence<COUNT>());
    }

  private:
    template <size_t... i>
    __attribute__((no_sanitize("thread", "undefined"))) static void
    run_with([[maybe_unused]] void* const* parameters, std::index_sequence<i...>) {
        kernel(parameter<T>(parameters[i])...);
    }
};

template <size_t N>
struct Table {
    zkiln_emulator_kernel entries[N];
    size_t count = N;
};

/// The table of a file's kernels, with their names taken from the text of the list.
template <auto... kernels>
struct Kernels {
    static constexpr auto named(const char* names) {
        Table<sizeof...(kernels)> table = {{entry<kernels>(names)...}};
        return table;
    }

  private:
    template <auto kernel>
    static constexpr zkiln_emulator_kernel entry(const char*& names) {
        while (*names == ' ' || *names == ',') {
            names++;
        }
        const char* const name = names;
        while (*names != '\0' && *names != ' ' && *names != ',') {
            names++;
        }
#ifdef ZKILN_EMULATOR_CHECKED
        const uint32_t checked = 1;
#else
        const uint32_t checked = 0;
#endif
        return {name,
                static_cast<size_t>(names - name),
                Kernel<kernel>::run,
                Kernel<kernel>::SIZES,
                Kernel<kernel>::COUNT,
                checked};
    }
};

} // namespace
} // namespace zkiln_emulator
