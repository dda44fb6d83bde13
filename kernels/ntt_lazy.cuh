// Arithmetic of a transform on residues whose reduction is put off (Harvey, "Faster arithmetic for
// number-theoretic transforms", 2014). Between the layers of a transform a value is any
// representative below 4p, which fits its limbs; each function says what it takes and gives. A
// root, as `load` reads it from the table, is below p.
#pragma once

#include "field.cuh"

namespace zkiln {

/// a + b, below the sum of their bounds.
__device__ __forceinline__ Fr plus(const Fr& a, const Fr& b) {
    Fr sum;
    sum.limbs[0] = add_cc(a.limbs[0], b.limbs[0]);
#pragma unroll
    for (int i = 1; i < Fr::LIMBS - 1; i++) {
        sum.limbs[i] = addc_cc(a.limbs[i], b.limbs[i]);
    }
    sum.limbs[Fr::LIMBS - 1] = addc(a.limbs[Fr::LIMBS - 1], b.limbs[Fr::LIMBS - 1]);
    return sum;
}

/// a - b + 2p for b at most 2p: the bound of a rises by 2p.
__device__ __forceinline__ Fr minus(const Fr& a, const Fr& b) { return plus(a, b.complement()); }

/// Below 2p, for a value below 4p.
__device__ __forceinline__ Fr below_2p(const Fr& a) {
    constexpr Integer<Fr::LIMBS> P2 = Derived<Bn254Fr>::multiple(2);
    Fr difference;
    difference.limbs[0] = sub_cc(a.limbs[0], P2.limbs[0]);
#pragma unroll
    for (int i = 1; i < Fr::LIMBS; i++) {
        difference.limbs[i] = subc_cc(a.limbs[i], P2.limbs[i]);
    }
    return Fr::select(subc(0, 0) != 0, a, difference);
}

/// a / 2^k mod p, below 2p, for a below 2p and k below 32: one row of a Montgomery reduction, with
/// k bits for a limb.
__device__ __forceinline__ Fr divided_by_power_of_two(const Fr& a, uint32_t k) {
    constexpr uint32_t NEGATIVE_INVERSE = Derived<Bn254Fr>::negative_inverse();
    // a + m p < 2p + (2^k - 1) p is a multiple of 2^k.
    const uint32_t m = a.limbs[0] * NEGATIVE_INVERSE & ((1u << k) - 1);
    constexpr Integer<Fr::LIMBS> P = Derived<Bn254Fr>::modulus();
    uint64_t sum = 0;
    uint32_t words[Fr::LIMBS + 1];
#pragma unroll
    for (int i = 0; i < Fr::LIMBS; i++) {
        sum += static_cast<uint64_t>(m) * P.limbs[i] + a.limbs[i];
        words[i] = static_cast<uint32_t>(sum);
        sum >>= 32;
    }
    words[Fr::LIMBS] = static_cast<uint32_t>(sum);
    Fr r;
#pragma unroll
    for (int i = 0; i < Fr::LIMBS; i++) {
        const uint64_t pair = static_cast<uint64_t>(words[i + 1]) << 32 | words[i];
        r.limbs[i] = static_cast<uint32_t>(pair >> k);
    }
    return r;
}

} // namespace zkiln
