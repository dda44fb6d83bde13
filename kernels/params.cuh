// The prime fields of the curves: a modulus each, from which every other constant follows when a
// kernel is compiled.
#pragma once

#include "cuda.cuh"

namespace zkiln {

/// An integer of N limbs, the lowest first.
template <int N>
struct Integer {
    static constexpr int LIMBS = N;
    /// Its size in memory.
    static constexpr int QUADS = N / 4;

    uint32_t limbs[N];

    __device__ __forceinline__ static Integer load(const uint4* from) {
        Integer r;
        UNROLL
        for (int i = 0; i < QUADS; i++) {
            const uint4 quad = from[i];
            r.limbs[4 * i] = quad.x;
            r.limbs[4 * i + 1] = quad.y;
            r.limbs[4 * i + 2] = quad.z;
            r.limbs[4 * i + 3] = quad.w;
        }
        return r;
    }

    __device__ __forceinline__ void store(uint4* to) const {
        UNROLL
        for (int i = 0; i < QUADS; i++) {
            to[i] = uint4{limbs[4 * i], limbs[4 * i + 1], limbs[4 * i + 2], limbs[4 * i + 3]};
        }
    }
};

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

/// What follows from a modulus. Evaluated by the compiler only.
template <class P>
struct Derived {
    static constexpr int LIMBS = P::LIMBS;
    using Words = Integer<LIMBS>;

    __device__ static constexpr Words modulus() {
        Words r{};
        for (int i = 0; i < LIMBS; i++) {
            r.limbs[i] = P::MODULUS[i];
        }
        return r;
    }

    /// 2a mod p for a < p.
    __device__ static constexpr Words twice(const Words& a) {
        Words sum{}, reduced{};
        uint64_t carry = 0, borrow = 0;
        for (int i = 0; i < LIMBS; i++) {
            carry += 2 * static_cast<uint64_t>(a.limbs[i]);
            sum.limbs[i] = static_cast<uint32_t>(carry);
            carry >>= 32;
            const uint64_t d = static_cast<uint64_t>(sum.limbs[i]) - P::MODULUS[i] - borrow;
            reduced.limbs[i] = static_cast<uint32_t>(d);
            borrow = d >> 63;
        }
        return borrow ? sum : reduced;
    }

    /// 2^n mod p.
    __device__ static constexpr Words power_of_two(int n) {
        Words r{};
        r.limbs[0] = 1;
        for (int i = 0; i < n; i++) {
            r = twice(r);
        }
        return r;
    }

    /// k p, for k p < R.
    __device__ static constexpr Words multiple(uint32_t k) {
        Words r{};
        uint64_t carry = 0;
        for (int i = 0; i < LIMBS; i++) {
            carry += static_cast<uint64_t>(k) * P::MODULUS[i];
            r.limbs[i] = static_cast<uint32_t>(carry);
            carry >>= 32;
        }
        return r;
    }

    /// p - 2.
    __device__ static constexpr Words inverse_exponent() {
        static_assert(P::MODULUS[0] >= 2, "no borrow");
        Words r = modulus();
        r.limbs[0] -= 2;
        return r;
    }

    /// -1/p mod 2^32, by Newton's iteration.
    __device__ static constexpr uint32_t negative_inverse() {
        uint32_t r = 1;
        for (int i = 0; i < 5; i++) {
            r *= 2 - P::MODULUS[0] * r;
        }
        return 0u - r;
    }
};

} // namespace zkiln
