// The group operations, element-wise on arrays of points: what the tests hold against another
// library, and where the cost of the formulas is read off.
//
// `n` counts points; a thread takes one, on G2 a pair of threads does.

#include "curve.cuh"
#include "elements.cuh"

namespace zkiln {

template <class F>
__device__ __forceinline__ void add_mixed(const uint4* xyzz, const uint4* affine, uint4* out,
                                          uint32_t n) {
    for_each<Xyzz<F>>(out, n,
                      [=](uint32_t i) { return at<Xyzz<F>>(xyzz, i) + at<Affine<F>>(affine, i); });
}

template <class F>
__device__ __forceinline__ void add(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    for_each<Xyzz<F>>(out, n, [=](uint32_t i) { return at<Xyzz<F>>(a, i) + at<Xyzz<F>>(b, i); });
}

template <class F>
__device__ __forceinline__ void dbl(const uint4* a, uint4* out, uint32_t n) {
    for_each<Xyzz<F>>(out, n, [=](uint32_t i) { return at<Xyzz<F>>(a, i).dbl(); });
}

} // namespace zkiln

using namespace zkiln;

/// out = xyzz + affine
KERNEL curve_add_mixed_g1(const uint4* xyzz, const uint4* affine, uint4* out, uint32_t n) {
    add_mixed<Fq>(xyzz, affine, out, n);
}

/// out = a + b
KERNEL curve_add_g1(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    add<Fq>(a, b, out, n);
}

/// out = 2 a
KERNEL curve_double_g1(const uint4* a, uint4* out, uint32_t n) { dbl<Fq>(a, out, n); }

/// As on G1.
KERNEL curve_add_mixed_g2(const uint4* xyzz, const uint4* affine, uint4* out, uint32_t n) {
    add_mixed<Fq2>(xyzz, affine, out, n);
}

/// As on G1.
KERNEL curve_add_g2(const uint4* a, const uint4* b, uint4* out, uint32_t n) {
    add<Fq2>(a, b, out, n);
}

/// As on G1.
KERNEL curve_double_g2(const uint4* a, uint4* out, uint32_t n) { dbl<Fq2>(a, out, n); }

KERNELS(curve, curve_add_mixed_g1, curve_add_g1, curve_double_g1, curve_add_mixed_g2, curve_add_g2,
        curve_double_g2)
