// Three layers of a transform on eight elements in a thread's registers.
//
// The layers are those of the tree in docs/ntt.md: layer by layer blocks are halved, the blocks are
// numbered like a binary heap, and all butterflies of a block have one root, which the table holds
// at the block's number.
#pragma once

#include "ntt_lazy.cuh"

namespace zkiln {

/// The elements of a thread.
constexpr int RADIX = 8;
constexpr int LOG_RADIX = 3;

/// The roots themselves.
struct Forward {
    static constexpr bool NEGATED = false;

    /// The root of a block other than 0.
    __device__ __forceinline__ static Fr root(const uint4* table, uint32_t block) {
        return Fr::load(table + Fr::QUADS * static_cast<uint64_t>(block));
    }
};

/// Their inverses: those of the same table with the bits of the number below its highest one
/// flipped, negated.
struct Inverse {
    static constexpr bool NEGATED = true;

    /// Minus the inverse of the root of a block other than 0.
    __device__ __forceinline__ static Fr root(const uint4* table, uint32_t block) {
        return Forward::root(table, block ^ (0x7fffffffu >> __clz(block)));
    }
};

/// (a, b) -> (a + w b, a - w b), from below 4p to below 4p: a block of the tree is split.
template <class Direction>
struct Split {
    static constexpr bool TOP_DOWN = true;

    __device__ __forceinline__ static void by(Fr& a, Fr& b, const Fr& w) {
        const Fr product = w * b;
        const Fr rest = below_2p(a);
        (Direction::NEGATED ? b : a) = plus(rest, product);
        (Direction::NEGATED ? a : b) = minus(rest, product);
    }

    __device__ __forceinline__ static void by_one(Fr& a, Fr& b) {
        const Fr left = below_2p(a), right = below_2p(b);
        a = plus(left, right);
        b = minus(left, right);
    }
};

/// (a, b) -> (a + b, (a - b) w), from below 2p to below 2p: two blocks are joined.
template <class Direction>
struct Join {
    static constexpr bool TOP_DOWN = false;

    __device__ __forceinline__ static void by(Fr& a, Fr& b, const Fr& w) {
        const Fr difference = Direction::NEGATED ? minus(b, a) : minus(a, b);
        a = a + b;
        b = w * difference;
    }

    __device__ __forceinline__ static void by_one(Fr& a, Fr& b) {
        const Fr sum = a + b;
        b = a - b;
        a = sum;
    }
};

/// A layer between elements that are `Distance` apart. `block` is the block of the layer in which
/// they are 4 apart that all eight belong to. The root of block 0 is 1 in every layer, and saves
/// its multiplications.
template <class Butterfly, class Direction, int Distance>
__device__ __forceinline__ void layer(Fr (&x)[RADIX], uint32_t block, const uint4* table) {
#pragma unroll
    for (int first = 0; first < RADIX; first += 2 * Distance) {
        if (first == 0 && block == 0) {
#pragma unroll
            for (int i = 0; i < Distance; i++) {
                Butterfly::by_one(x[i], x[i + Distance]);
            }
        } else {
            const uint32_t part = block * (4 / Distance) + first / (2 * Distance);
            const Fr w = Direction::root(table, part);
#pragma unroll
            for (int i = first; i < first + Distance; i++) {
                Butterfly::by(x[i], x[i + Distance], w);
            }
        }
    }
}

/// The layers of the distances from 2^low to 2^(high - 1), 0 <= low < high <= 3, in the order of
/// the butterfly.
template <template <class> class Butterfly, class Direction>
__device__ __forceinline__ void layers(Fr (&x)[RADIX], int low, int high, uint32_t block,
                                       const uint4* table) {
    using B = Butterfly<Direction>;
    // Each test is the same for the whole block of threads.
    if (B::TOP_DOWN) {
        if (high == 3) {
            layer<B, Direction, 4>(x, block, table);
        }
        if (low <= 1 && high >= 2) {
            layer<B, Direction, 2>(x, block, table);
        }
        if (low == 0) {
            layer<B, Direction, 1>(x, block, table);
        }
    } else {
        if (low == 0) {
            layer<B, Direction, 1>(x, block, table);
        }
        if (low <= 1 && high >= 2) {
            layer<B, Direction, 2>(x, block, table);
        }
        if (high == 3) {
            layer<B, Direction, 4>(x, block, table);
        }
    }
}

} // namespace zkiln
