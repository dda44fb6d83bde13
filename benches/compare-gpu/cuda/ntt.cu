// sppark's NTT over the scalar field of BN254, as a C function that Rust calls, timed by events.

#include <ff/alt_bn128.hpp>

#include <ntt/ntt.cuh>

#include "sppark.cuh"

static_assert(sizeof(fr_t) == 32, "an element has four limbs");

/// Transforms `values`, 2^log_n of them in Montgomery form, and says how long the kernels took, from and
/// to the device's memory. Natural order to natural, or, without the permutation, to bit-reversed or from it.
extern "C" Status sppark_ntt(fr_t* values, uint32_t log_n, int is_reversed_in, int is_reversed_out,
                             int is_inverse, float* milliseconds) {
    return guarded([=] {
        using Order = NTT::InputOutputOrder;
        const Order order = is_reversed_in ? (is_reversed_out ? Order::RR : Order::RN)
                                           : (is_reversed_out ? Order::NR : Order::NN);
        const auto direction = is_inverse ? NTT::Direction::inverse : NTT::Direction::forward;

        const gpu_t& gpu = select_gpu();
        stream_t& stream = gpu;
        const size_t n = size_t(1) << log_n;
        dev_ptr_t<fr_t> data(n);
        gpu.HtoD(data.data(), values, n);
        // Its twiddles are made at the first use of a process, and are not what is measured.
        NTTParameters::all(is_inverse != 0);
        gpu.sync();

        cudaEvent_t start, end;
        CUDA_OK(cudaEventCreate(&start));
        CUDA_OK(cudaEventCreate(&end));
        CUDA_OK(cudaEventRecord(start, stream));
        NTT::Base_dev_ptr(stream, data.data(), log_n, order, direction, NTT::Type::standard);
        CUDA_OK(cudaEventRecord(end, stream));
        CUDA_OK(cudaEventSynchronize(end));
        CUDA_OK(cudaEventElapsedTime(milliseconds, start, end));
        CUDA_OK(cudaEventDestroy(start));
        CUDA_OK(cudaEventDestroy(end));

        gpu.DtoH(values, data.data(), n);
        gpu.sync();
    });
}
