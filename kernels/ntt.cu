// Number-theoretic transforms over the scalar field of BN254. The method is explained in
// docs/ntt-device.md.
//
// A transform is a sequence of passes over memory. The kernels of passes take the same arguments:
// the elements that are read, and those that are written, which may be the same; the table of
// roots; the table of powers, if the flags ask for one; and the pass. With r = log_tile - levels -
// log_columns the grid is 2^(log_n - levels - log_columns) ceil(batch / 2^r) blocks of 2^(log_tile
// - 3) threads with 2^(log_tile + 5) bytes of shared memory.
#include "ntt_tile.cuh"

namespace zkiln {

template <class Direction>
__device__ __forceinline__ void split_pass(const uint4* from, uint4* to, const uint4* table,
                                           const uint4* powers, const NttPass& pass,
                                           uint4* shared) {
    const NttTile tile(pass, shared);
    Fr x[RADIX];
    tile.load(x, tile.top_bit(), from, powers);
    tile.transform<Split, Direction>(x, pass.root, table);
    tile.store(x, tile.bottom_bit(), to, powers);
}

template <class Direction>
__device__ __forceinline__ void join_pass(const uint4* from, uint4* to, const uint4* table,
                                          const uint4* powers, const NttPass& pass, uint4* shared) {
    const NttTile tile(pass, shared);
    Fr x[RADIX];
    tile.load(x, tile.bottom_bit(), from, powers);
    tile.transform<Join, Direction>(x, pass.root, table);
    tile.store(x, tile.top_bit(), to, powers);
}

/// The powers of a coset's shift, given its squares: base^(2^i).
struct NttPowers {
    Fr squares[28];
    /// What all powers of the coarse part are multiplied by.
    Fr factor;
    uint32_t log_n;
    uint32_t log_fine;
};

} // namespace zkiln

using namespace zkiln;

/// Some layers from natural to bit-reversed order.
KERNEL __launch_bounds__(256, 2)
    ntt_split_forward_fr(const uint4* from, uint4* to, const uint4* table, const uint4* powers,
                         NttPass pass) {
    SHARED_MEMORY(uint4, shared);
    split_pass<Forward>(from, to, table, powers, pass, shared);
}

/// The same with the inverses of the roots.
KERNEL __launch_bounds__(256, 2)
    ntt_split_inverse_fr(const uint4* from, uint4* to, const uint4* table, const uint4* powers,
                         NttPass pass) {
    SHARED_MEMORY(uint4, shared);
    split_pass<Inverse>(from, to, table, powers, pass, shared);
}

/// Some layers from bit-reversed to natural order.
KERNEL __launch_bounds__(256, 2)
    ntt_join_forward_fr(const uint4* from, uint4* to, const uint4* table, const uint4* powers,
                        NttPass pass) {
    SHARED_MEMORY(uint4, shared);
    join_pass<Forward>(from, to, table, powers, pass, shared);
}

/// The same with the inverses of the roots.
KERNEL __launch_bounds__(256, 2)
    ntt_join_inverse_fr(const uint4* from, uint4* to, const uint4* table, const uint4* powers,
                        NttPass pass) {
    SHARED_MEMORY(uint4, shared);
    join_pass<Inverse>(from, to, table, powers, pass, shared);
}

/// The top layers of an inverse transform from bit-reversed order and then, split from the block
/// pass.root, those of a forward one back to it: what is between the two in the extension to the
/// odd coset.
KERNEL __launch_bounds__(256, 2) ntt_extend_fr(const uint4* from, uint4* to, const uint4* table,
                                               const uint4* powers, NttPass pass) {
    SHARED_MEMORY(uint4, shared);
    const NttTile tile(pass, shared);
    Fr x[RADIX];
    tile.load(x, tile.bottom_bit(), from, powers);
    tile.transform<Join, Inverse>(x, 0, table);
    tile.transform<Split, Forward>(x, pass.root, table);
    tile.store(x, tile.bottom_bit(), to, powers);
}

/// Doubles a table of roots: entry count + i is entry i times `root`, for i < count. One thread for
/// each.
KERNEL __launch_bounds__(256) ntt_twiddles_fr(uint4* table, Fr root, uint32_t count) {
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) {
        const uint4* const entry = table + Fr::QUADS * static_cast<uint64_t>(i);
        (Fr::load(entry) * root).store(table + Fr::QUADS * (static_cast<uint64_t>(count) + i));
    }
}

/// The table of powers: base^i for i < 2^log_fine, and then factor base^(i 2^log_fine) for i <
/// 2^(log_n - log_fine). One thread for each.
KERNEL __launch_bounds__(256) ntt_powers_fr(uint4* powers, NttPowers base) {
    const uint32_t fine = 1u << base.log_fine, coarse = 1u << (base.log_n - base.log_fine);
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= fine + coarse) {
        return;
    }
    uint32_t exponent = i < fine ? i : i - fine << base.log_fine;
    Fr power = i < fine ? Fr::one() : base.factor;
#pragma unroll 1
    for (int bit = 0; exponent != 0; bit++, exponent >>= 1) {
        if (exponent & 1) {
            power = power * base.squares[bit];
        }
    }
    power.store(powers + Fr::QUADS * static_cast<uint64_t>(i));
}

KERNELS(ntt, ntt_split_forward_fr, ntt_split_inverse_fr, ntt_join_forward_fr, ntt_join_inverse_fr,
        ntt_extend_fr, ntt_twiddles_fr, ntt_powers_fr)
