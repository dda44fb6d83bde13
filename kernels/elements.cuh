// Which element of an array a thread takes, for kernels that take one each.
#pragma once

#include "cuda.cuh"

namespace zkiln {

/// The place of this thread's element in an array. Threads F::LANES at a time take one together.
template <class F>
__device__ __forceinline__ uint32_t element_index() {
    return (blockIdx.x * blockDim.x + threadIdx.x) / F::LANES;
}

/// Element i of an array: of a field, or points of a curve.
template <class T>
__device__ __forceinline__ T at(const uint4* array, uint32_t i) {
    return T::load(array + static_cast<uint64_t>(i) * T::QUADS);
}

/// out[i] = operation(i) for i < n, T being the type of the result.
template <class T, class Operation>
__device__ __forceinline__ void for_each(uint4* out, uint32_t n, Operation operation) {
    const uint32_t i = element_index<T>();
    // Lanes that share elements keep step: past the end they repeat the last one.
    if (T::LANES == 1 ? i >= n : n == 0) {
        return;
    }
    const T r = operation(i < n ? i : n - 1);
    if (i < n) {
        r.store(out + static_cast<uint64_t>(i) * T::QUADS);
    }
}

} // namespace zkiln
