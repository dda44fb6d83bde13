// What the machine can do: the rates at which it issues the instructions that the field is made of,
// the rate at which it copies, and the rates of the field and of the mixed addition themselves. A
// kernel's cost model divides its counted instructions by these.
//
// Every kernel but `roofline_copy` writes one word a thread to `out`, which depends on everything
// it did. Blocks of 256 or fewer threads; enough of them to fill the machine, with 2048 threads a
// multiprocessor where registers allow it.

#include "curve.cuh"

namespace zkiln {

/// Independent chains a thread runs, so that latency does not bound the rate.
constexpr int CHAINS = 8;
/// Operations on each chain in an iteration: a loop's own instructions vanish beside them.
constexpr int STEPS = 32;

/// Applies `step(chain)` CHAINS STEPS times an iteration.
template <class Step>
__device__ __forceinline__ void repeat(uint32_t iterations, Step step) {
#pragma unroll 1
    for (uint32_t i = 0; i < iterations; i++) {
        UNROLL
        for (int s = 0; s < STEPS; s++) {
            UNROLL
            for (int c = 0; c < CHAINS; c++) {
                step(c);
            }
        }
    }
}

/// Pairs of words that differ between threads and chains, and the sum of all that became of them.
struct Chains {
    uint32_t low[CHAINS], high[CHAINS];

    __device__ __forceinline__ Chains() {
        UNROLL
        for (int c = 0; c < CHAINS; c++) {
            low[c] = 0x9e3779b9 * (threadIdx.x + 1) + c;
            high[c] = 0x85ebca6b * (threadIdx.x + 1) + c;
        }
    }

    __device__ __forceinline__ void store(uint32_t* out) const {
        uint32_t sum = 0;
        UNROLL
        for (int c = 0; c < CHAINS; c++) {
            sum += low[c] ^ high[c];
        }
        out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
    }
};

/// An element like any other, different for every thread and place.
template <class F>
__device__ __forceinline__ F some(uint32_t place) {
    typename F::Canonical integer;
    UNROLL
    for (int i = 0; i < F::LIMBS; i++) {
        integer.limbs[i] = (0x9e3779b9 * (threadIdx.x + 1) ^ 0x85ebca6b * (i + 1)) * (place + 3);
    }
    return F::from_canonical(integer);
}

template <>
__device__ __forceinline__ Fq2 some<Fq2>(uint32_t place) {
    return {some<Fq>(place)};
}

/// A word that depends on all limbs.
template <class P>
__device__ __forceinline__ uint32_t digest(const Field<P>& a) {
    uint32_t r = 0;
    UNROLL
    for (int i = 0; i < Field<P>::LIMBS; i++) {
        r ^= a.limbs[i];
    }
    return r;
}

__device__ __forceinline__ uint32_t digest(const Fq2& a) { return digest(a.c); }

/// x = f(x) `iterations` times, from some x on.
template <class F, class Function>
__device__ __forceinline__ void iterate(uint32_t* out, uint32_t iterations, Function f) {
    F x = some<F>(1);
#pragma unroll 1
    for (uint32_t i = 0; i < iterations; i++) {
        x = f(x);
    }
    out[blockIdx.x * blockDim.x + threadIdx.x] = digest(x);
}

/// Sums of one point and its multiples: any (x, y) is on a curve y^2 = x^3 + b, and the formulas do
/// not know b. The point is read from shared memory every time, as where sums are made in earnest.
template <class F>
__device__ __forceinline__ void add_mixed(uint4* shared, uint32_t* out, uint32_t iterations) {
    uint4* const place = shared + threadIdx.x / F::LANES * Affine<F>::QUADS;
    const Affine<F> q{some<F>(1), some<F>(2)};
    q.store(place);
    Xyzz<F> sum = Xyzz<F>::doubled(q);
#pragma unroll 1
    for (uint32_t i = 0; i < iterations; i++) {
        __syncwarp(); // for the compiler: it would keep the point in registers
        sum = sum + Affine<F>::load(place);
    }
    out[blockIdx.x * blockDim.x + threadIdx.x] =
        digest(sum.x) ^ digest(sum.y) ^ digest(sum.zz) ^ digest(sum.zzz);
}

} // namespace zkiln

using namespace zkiln;

/// 256 IMAD.WIDE a thread and iteration, without carries.
KERNEL __launch_bounds__(256) roofline_wide(uint32_t* out, uint32_t iterations) {
    Chains chains;
    const uint32_t a = 0xc2b2ae35 * (threadIdx.x + 1);
    repeat(iterations, [&](int c) { mad_wide_cc(chains.low[c], chains.high[c], a, a + 1); });
    chains.store(out);
}

/// 256 IMAD.WIDE a thread and iteration, in chains of 8 by their carries as in a multiplication.
KERNEL __launch_bounds__(256) roofline_wide_carry(uint32_t* out, uint32_t iterations) {
    Chains chains;
    const uint32_t a = 0xc2b2ae35 * (threadIdx.x + 1);
    repeat(iterations, [&](int c) {
        if (c == 0) {
            mad_wide_cc(chains.low[c], chains.high[c], a, a + 1);
        } else if (c < CHAINS - 1) {
            madc_wide_cc(chains.low[c], chains.high[c], a, a + 1);
        } else {
            madc_wide(chains.low[c], chains.high[c], a, a + 1);
        }
    });
    chains.store(out);
}

/// 256 IMAD a thread and iteration.
KERNEL __launch_bounds__(256) roofline_imad(uint32_t* out, uint32_t iterations) {
    Chains chains;
    const uint32_t a = 0xc2b2ae35 * (threadIdx.x + 1);
    repeat(iterations, [&](int c) { chains.low[c] = chains.low[c] * a + chains.high[c]; });
    chains.store(out);
}

/// 256 IMAD.HI a thread and iteration.
KERNEL __launch_bounds__(256) roofline_imad_hi(uint32_t* out, uint32_t iterations) {
    Chains chains;
    const uint32_t a = 0xc2b2ae35 * (threadIdx.x + 1) | 1u << 31;
    repeat(iterations, [&](int c) {
        uint32_t low;
        mul_wide(low, chains.high[c], chains.high[c], a);
    });
    chains.store(out);
}

/// 256 IADD3 a thread and iteration.
KERNEL __launch_bounds__(256) roofline_iadd3(uint32_t* out, uint32_t iterations) {
    Chains chains;
    repeat(iterations,
           [&](int c) { chains.low[c] += chains.high[c] + chains.low[(c + 1) % CHAINS]; });
    chains.store(out);
}

/// 256 DFMA a thread and iteration.
KERNEL __launch_bounds__(256) roofline_dfma(uint32_t* out, uint32_t iterations) {
    double x[CHAINS];
    UNROLL
    for (int c = 0; c < CHAINS; c++) {
        x[c] = threadIdx.x + c;
    }
    const double a = 1.0 - 1e-9 * threadIdx.x;
    repeat(iterations, [&](int c) { x[c] = x[c] * a + 1e-9; });
    double sum = 0;
    UNROLL
    for (int c = 0; c < CHAINS; c++) {
        sum += x[c];
    }
    out[blockIdx.x * blockDim.x + threadIdx.x] = static_cast<uint32_t>(sum);
}

/// 256 IMAD.WIDE and 256 DFMA a thread and iteration: whether they share a pipe.
KERNEL __launch_bounds__(256) roofline_wide_dfma(uint32_t* out, uint32_t iterations) {
    Chains chains;
    double x[CHAINS];
    UNROLL
    for (int c = 0; c < CHAINS; c++) {
        x[c] = threadIdx.x + c;
    }
    const uint32_t a = 0xc2b2ae35 * (threadIdx.x + 1);
    const double b = 1.0 - 1e-9 * threadIdx.x;
    repeat(iterations, [&](int c) {
        mad_wide_cc(chains.low[c], chains.high[c], a, a + 1);
        x[c] = x[c] * b + 1e-9;
    });
    double sum = 0;
    UNROLL
    for (int c = 0; c < CHAINS; c++) {
        sum += x[c];
    }
    chains.low[0] += static_cast<uint32_t>(sum);
    chains.store(out);
}

/// 256 IMAD.WIDE and 256 IADD3 a thread and iteration: whether they share a pipe.
KERNEL __launch_bounds__(256) roofline_wide_iadd3(uint32_t* out, uint32_t iterations) {
    Chains chains, others;
    const uint32_t a = 0xc2b2ae35 * (threadIdx.x + 1);
    repeat(iterations, [&](int c) {
        mad_wide_cc(chains.low[c], chains.high[c], a, a + 1);
        others.low[c] += others.high[c] + others.low[(c + 1) % CHAINS];
    });
    UNROLL
    for (int c = 0; c < CHAINS; c++) {
        chains.low[c] ^= others.low[c] ^ others.high[c];
    }
    chains.store(out);
}

/// Copies n units of 16 bytes.
KERNEL __launch_bounds__(256) roofline_copy(const uint4* from, uint4* to, uint64_t n) {
    const uint64_t threads = static_cast<uint64_t>(gridDim.x) * blockDim.x;
    for (uint64_t i = static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < n;
         i += threads) {
        to[i] = from[i];
    }
}

/// A multiplication a thread and iteration.
KERNEL __launch_bounds__(256) roofline_mul_fq(uint32_t* out, uint32_t iterations) {
    const Fq a = some<Fq>(2);
    iterate<Fq>(out, iterations, [=](const Fq& x) { return x * a; });
}

/// A square a thread and iteration.
KERNEL __launch_bounds__(256) roofline_sqr_fq(uint32_t* out, uint32_t iterations) {
    iterate<Fq>(out, iterations, [=](const Fq& x) { return x.sqr(); });
}

/// Two products with one reduction a thread and iteration.
KERNEL __launch_bounds__(256) roofline_mul_sub_mul_fq(uint32_t* out, uint32_t iterations) {
    const Fq a = some<Fq>(2), b = some<Fq>(3), c = some<Fq>(4);
    iterate<Fq>(out, iterations, [=](const Fq& x) { return Fq::mul_sub_mul(x, a, b, c); });
}

/// A multiplication a thread and iteration.
KERNEL __launch_bounds__(256) roofline_mul_bls381_fq(uint32_t* out, uint32_t iterations) {
    const Bls381Fq a = some<Bls381Fq>(2);
    iterate<Bls381Fq>(out, iterations, [=](const Bls381Fq& x) { return x * a; });
}

/// A multiplication a pair of threads and iteration.
KERNEL __launch_bounds__(256) roofline_mul_fq2(uint32_t* out, uint32_t iterations) {
    const Fq2 a = some<Fq2>(2);
    iterate<Fq2>(out, iterations, [=](const Fq2& x) { return x * a; });
}

/// A mixed addition a thread and iteration. Blocks of 128, with 64 bytes of shared memory a thread.
KERNEL __launch_bounds__(128, 4) roofline_add_mixed_g1(uint32_t* out, uint32_t iterations) {
    SHARED_MEMORY(uint4, points);
    add_mixed<Fq>(points, out, iterations);
}

/// A mixed addition a pair of threads and iteration. Blocks of 128, with 64 bytes of shared memory
/// a thread.
KERNEL __launch_bounds__(128, 3) roofline_add_mixed_g2(uint32_t* out, uint32_t iterations) {
    SHARED_MEMORY(uint4, points);
    add_mixed<Fq2>(points, out, iterations);
}

KERNELS(roofline, roofline_wide, roofline_wide_carry, roofline_imad, roofline_imad_hi,
        roofline_iadd3, roofline_dfma, roofline_wide_dfma, roofline_wide_iadd3, roofline_copy,
        roofline_mul_fq, roofline_sqr_fq, roofline_mul_sub_mul_fq, roofline_mul_bls381_fq,
        roofline_mul_fq2, roofline_add_mixed_g1, roofline_add_mixed_g2)
