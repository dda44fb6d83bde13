// The prime fields of the curves: a modulus each, from which field.cuh derives every other constant
// when it is compiled.
#pragma once

#include "cuda.cuh"

namespace zkiln {

/// The scalar field of BN254.
struct Bn254Fr {
    static constexpr int LIMBS = 8;
    static constexpr uint32_t MODULUS[LIMBS] = {
        0xf0000001, 0x43e1f593, 0x79b97091, 0x2833e848,
        0x8181585d, 0xb85045b6, 0xe131a029, 0x30644e72,
    };
};

/// The base field of BN254.
struct Bn254Fq {
    static constexpr int LIMBS = 8;
    static constexpr uint32_t MODULUS[LIMBS] = {
        0xd87cfd47, 0x3c208c16, 0x6871ca8d, 0x97816a91,
        0x8181585d, 0xb85045b6, 0xe131a029, 0x30644e72,
    };
};

/// The base field of BLS12-381.
struct Bls12381Fq {
    static constexpr int LIMBS = 12;
    static constexpr uint32_t MODULUS[LIMBS] = {
        0xffffaaab, 0xb9feffff, 0xb153ffff, 0x1eabfffe, 0xf6b0f624, 0x6730d2a0,
        0xf38512bf, 0x64774b84, 0x434bacd7, 0x4b1ba7b6, 0x397fe69a, 0x1a0111ea,
    };
};

} // namespace zkiln
