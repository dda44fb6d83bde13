// Element-wise operations on arrays of field elements.
//
// `n` counts elements; arrays are in device memory, one element after the other, and `out` may be
// one of the inputs unless a kernel says otherwise. A thread takes an element, of Fq2 a pair of
// threads does: a launch has at least n (2n) threads.

#include "elements.cuh"
#include "fq2.cuh"

namespace zkiln {

template <class F>
__device__ __forceinline__ void add(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    for_each<F>(out, n, [=](uint32_t i) { return at<F>(a, i) + at<F>(b, i); });
}

template <class F>
__device__ __forceinline__ void sub(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    for_each<F>(out, n, [=](uint32_t i) { return at<F>(a, i) - at<F>(b, i); });
}

template <class F>
__device__ __forceinline__ void mul(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    for_each<F>(out, n, [=](uint32_t i) { return at<F>(a, i) * at<F>(b, i); });
}

template <class F>
__device__ __forceinline__ void sqr(const uint4* a, uint4* out, uint32_t n) {
    for_each<F>(out, n, [=](uint32_t i) { return at<F>(a, i).sqr(); });
}

template <class F>
__device__ __forceinline__ void mul_sub_mul(const uint4* a, const uint4* b, const uint4* c,
                                            const uint4* d, uint4* out, uint32_t n) {
    for_each<F>(out, n, [=](uint32_t i) {
        return F::mul_sub_mul(at<F>(a, i), at<F>(b, i), at<F>(c, i), at<F>(d, i));
    });
}

template <class F>
__device__ __forceinline__ void to_canonical(const uint4* a, uint4* out, uint32_t n) {
    const uint32_t i = element_index<F>();
    if (i < n) {
        at<F>(a, i).to_canonical().store(out + static_cast<uint64_t>(i) * F::QUADS);
    }
}

template <class F>
__device__ __forceinline__ void from_canonical(const uint4* a, uint4* out, uint32_t n) {
    for_each<F>(out, n, [=](uint32_t i) {
        return F::from_canonical(F::Canonical::load(a + static_cast<uint64_t>(i) * F::QUADS));
    });
}

/// Montgomery's trick: a thread multiplies its elements up, inverts the product and divides it by
/// the elements again, from the last to the first. Thread t of T takes the elements t, t + T, ...,
/// so that a warp reads and writes neighbours.
template <class F>
__device__ __forceinline__ void inverse(const uint4* a, uint4* out, uint32_t n) {
    const uint64_t threads = static_cast<uint64_t>(gridDim.x) * blockDim.x;
    const uint64_t first = element_index<F>();
    if (first >= n) {
        return;
    }
    F product = F::one();
    uint64_t last = first;
#pragma unroll 1
    for (uint64_t i = first; i < n; i += threads) {
        product.store_lazy(out + i * F::QUADS);
        const F x = F::load(a + i * F::QUADS);
        product = F::select(x.is_zero(), product, product * x);
        last = i;
    }
    F inverse = product.inverse();
#pragma unroll 1
    for (uint64_t i = last + threads; i > first;) {
        i -= threads;
        const F x = F::load(a + i * F::QUADS);
        const F before = F::load(out + i * F::QUADS);
        const bool zero = x.is_zero();
        F::select(zero, F::zero(), inverse * before).store(out + i * F::QUADS);
        inverse = F::select(zero, inverse, inverse * x);
    }
}

} // namespace zkiln

using namespace zkiln;

/// out = a + b
KERNEL field_add_fr(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    add<Fr>(a, b, out, n);
}

/// out = a - b
KERNEL field_sub_fr(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    sub<Fr>(a, b, out, n);
}

/// out = a b
KERNEL field_mul_fr(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    mul<Fr>(a, b, out, n);
}

/// out = a^2
KERNEL field_sqr_fr(const uint4* a, uint4* out, uint32_t n) { sqr<Fr>(a, out, n); }

/// out = a b - c d
KERNEL field_mul_sub_mul_fr(const uint4* a, const uint4* b, const uint4* c, const uint4* d,
                            uint4* out, uint32_t n) {
    mul_sub_mul<Fr>(a, b, c, d, out, n);
}

/// out = factor a
KERNEL field_scale_fr(const uint4* a, Fr factor, uint4* out, uint32_t n) {
    for_each<Fr>(out, n, [=](uint32_t i) { return at<Fr>(a, i) * factor; });
}

/// The integers of elements, from Montgomery form.
KERNEL field_to_canonical_fr(const uint4* a, uint4* out, uint32_t n) {
    to_canonical<Fr>(a, out, n);
}

/// The elements of integers below 2^256, in Montgomery form.
KERNEL field_from_canonical_fr(const uint4* a, uint4* out, uint32_t n) {
    from_canonical<Fr>(a, out, n);
}

/// out = 1 / a, and 0 for 0; out is not a. Any number of threads: each inverts once.
KERNEL field_inverse_fr(const uint4* a, uint4* out, uint32_t n) { inverse<Fr>(a, out, n); }

/// As for Fr.
KERNEL field_add_fq(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    add<Fq>(a, b, out, n);
}

/// As for Fr.
KERNEL field_sub_fq(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    sub<Fq>(a, b, out, n);
}

/// As for Fr.
KERNEL field_mul_fq(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    mul<Fq>(a, b, out, n);
}

/// As for Fr.
KERNEL field_sqr_fq(const uint4* a, uint4* out, uint32_t n) { sqr<Fq>(a, out, n); }

/// As for Fr.
KERNEL field_mul_sub_mul_fq(const uint4* a, const uint4* b, const uint4* c, const uint4* d,
                            uint4* out, uint32_t n) {
    mul_sub_mul<Fq>(a, b, c, d, out, n);
}

/// As for Fr.
KERNEL field_to_canonical_fq(const uint4* a, uint4* out, uint32_t n) {
    to_canonical<Fq>(a, out, n);
}

/// As for Fr.
KERNEL field_from_canonical_fq(const uint4* a, uint4* out, uint32_t n) {
    from_canonical<Fq>(a, out, n);
}

/// As for Fr.
KERNEL field_inverse_fq(const uint4* a, uint4* out, uint32_t n) { inverse<Fq>(a, out, n); }

/// As for Fr.
KERNEL field_add_fq2(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    add<Fq2>(a, b, out, n);
}

/// As for Fr.
KERNEL field_sub_fq2(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    sub<Fq2>(a, b, out, n);
}

/// As for Fr.
KERNEL field_mul_fq2(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    mul<Fq2>(a, b, out, n);
}

/// As for Fr.
KERNEL field_sqr_fq2(const uint4* a, uint4* out, uint32_t n) { sqr<Fq2>(a, out, n); }

/// As for Fr.
KERNEL field_mul_sub_mul_fq2(const uint4* a, const uint4* b, const uint4* c, const uint4* d,
                             uint4* out, uint32_t n) {
    mul_sub_mul<Fq2>(a, b, c, d, out, n);
}

/// out = 1 / a, and 0 for 0, each by itself.
KERNEL field_inverse_fq2(const uint4* a, uint4* out, uint32_t n) {
    for_each<Fq2>(out, n, [=](uint32_t i) { return at<Fq2>(a, i).inverse(); });
}

/// As for Fr, with 12 limbs.
KERNEL field_add_bls381_fq(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    add<Bls381Fq>(a, b, out, n);
}

/// As for Fr, with 12 limbs.
KERNEL field_sub_bls381_fq(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    sub<Bls381Fq>(a, b, out, n);
}

/// As for Fr, with 12 limbs.
KERNEL field_mul_bls381_fq(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    mul<Bls381Fq>(a, b, out, n);
}

/// As for Fr, with 12 limbs.
KERNEL field_sqr_bls381_fq(const uint4* a, uint4* out, uint32_t n) { sqr<Bls381Fq>(a, out, n); }

KERNELS(field, field_add_fr, field_sub_fr, field_mul_fr, field_sqr_fr, field_mul_sub_mul_fr,
        field_scale_fr, field_to_canonical_fr, field_from_canonical_fr, field_inverse_fr,
        field_add_fq, field_sub_fq, field_mul_fq, field_sqr_fq, field_mul_sub_mul_fq,
        field_to_canonical_fq, field_from_canonical_fq, field_inverse_fq, field_add_fq2,
        field_sub_fq2, field_mul_fq2, field_sqr_fq2, field_mul_sub_mul_fq2, field_inverse_fq2,
        field_add_bls381_fq, field_sub_bls381_fq, field_mul_bls381_fq, field_sqr_bls381_fq)
