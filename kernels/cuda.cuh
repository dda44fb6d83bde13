// What nvcc needs to read a kernel file. The emulator's header says the same for the host compiler,
// and then this file says nothing.
#pragma once

#ifndef ZKILN_EMULATOR

#include <stdint.h>

/// Begins the definition of a kernel.
#define KERNEL extern "C" __global__ void

/// Lists the kernels of a file: the emulator needs the list, nvcc does not.
#define KERNELS(...)

/// Declares `T* name`, the block's dynamic shared memory.
#define SHARED_MEMORY(T, name)                                                                     \
    extern __shared__ uint4 zkiln_shared[];                                                        \
    T* const name = reinterpret_cast<T*>(zkiln_shared)

#endif

#if defined(__CUDACC__) || defined(__clang__)
/// Unrolls the loop that follows, which has a constant number of rounds.
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 64")
#endif

#ifdef __CUDACC__
/// For long functions: inlined in a kernel, and called on the host, which compiles them in a tenth
/// of the time.
#define INLINE_ON_DEVICE __forceinline__
#else
#define INLINE_ON_DEVICE __attribute__((noinline))
#endif
