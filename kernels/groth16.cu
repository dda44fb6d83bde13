// What is particular to Groth16 over BN254: the steps between the witness and the scalars of the
// quotient's sum.
#include "elements.cuh"
#include "ntt_lazy.cuh"

namespace zkiln {

/// Whether an integer is below the modulus.
__device__ __forceinline__ bool is_canonical(const Fr::Canonical& integer) {
    constexpr Fr::Canonical P = Derived<Bn254Fr>::modulus();
    sub_cc(integer.limbs[0], P.limbs[0]);
#pragma unroll
    for (int i = 1; i < Fr::LIMBS; i++) {
        subc_cc(integer.limbs[i], P.limbs[i]);
    }
    return subc(0, 0) != 0;
}

} // namespace zkiln

using namespace zkiln;

/// elements[i] = the element of integers[i]. The lowest i whose integer is not below the modulus is
/// left in *refused, if it is below what stands there. A thread for each.
KERNEL __launch_bounds__(256)
    groth16_wires_fr(const uint4* integers, uint4* elements, uint32_t* refused, uint32_t n) {
    const uint32_t i = element_index<Fr>();
    if (i >= n) {
        return;
    }
    const Fr::Canonical integer = at<Fr::Canonical>(integers, i);
    if (!is_canonical(integer)) {
        atomicMin(refused, i);
    }
    Fr::from_canonical(integer).store(elements + static_cast<uint64_t>(i) * Fr::QUADS);
}

/// Of three columns a, b, c of n elements, one after the other: c = a b. A thread for each row.
KERNEL __launch_bounds__(256) groth16_products_fr(uint4* columns, uint32_t n) {
    const uint64_t column = static_cast<uint64_t>(n) * Fr::QUADS;
    const uint4* const b = columns + column;
    for_each<Fr>(columns + 2 * column, n,
                 [=](uint32_t i) { return at<Fr>(columns, i) * at<Fr>(b, i); });
}

/// Of three columns a, b, c of n = 2^log_n elements, one after the other: a = (a b / n - c) / n. A
/// thread for each row.
KERNEL __launch_bounds__(256) groth16_quotient_fr(uint4* columns, uint32_t log_n) {
    const uint32_t n = 1u << log_n;
    const uint64_t column = static_cast<uint64_t>(n) * Fr::QUADS;
    const uint4* const b = columns + column;
    const uint4* const c = b + column;
    for_each<Fr>(columns, n, [=](uint32_t i) {
        const Fr product = at<Fr>(columns, i) * at<Fr>(b, i);
        return divided_by_power_of_two(divided_by_power_of_two(product, log_n) - at<Fr>(c, i),
                                       log_n);
    });
}

KERNELS(groth16, groth16_wires_fr, groth16_products_fr, groth16_quotient_fr)
