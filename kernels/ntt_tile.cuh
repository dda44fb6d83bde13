// A pass of a transform: some layers of the tree, on tiles that a block of threads keeps in shared
// memory.
//
// Before the layers of a pass the vector is 2^above blocks of the tree, each of 2^levels rows, and
// the pass acts on the columns of each. A tile has all rows of a number of columns. If the rows are
// single elements, the blocks that differ in the highest bits of their numbers stand for the
// columns: bit reversal takes these bits to the lowest places, so that a tile is stored in runs in
// the other order, too. If there are too few columns, those of other transforms of the batch come
// beside them.
//
// Inside, an element has the number t = (row, column) of log_tile bits. A thread has the eight
// elements that differ in three neighbouring bits of t, does the layers that belong to these bits,
// and exchanges them for others through shared memory. As its elements go back to the places where
// they came from, an exchange needs one barrier.
#pragma once

#include "ntt_butterfly.cuh"

namespace zkiln {

/// What a pass does. The host's side is `Pass` in src/ntt/device/pass.rs.
struct NttPass {
    /// The elements of a transform are 2^log_n, n for short.
    uint32_t log_n;
    /// The layers of the tree above those of this pass.
    uint32_t above;
    /// The layers of this pass, at least one.
    uint32_t levels;
    /// The elements of a tile are 2^log_tile, a thread's being eight of them; at least `levels`
    /// and 8.
    uint32_t log_tile;
    /// The columns of one transform in a tile are 2^log_columns; at most log_tile - max(levels, 3).
    uint32_t log_columns;
    /// The number of the block at the top of the tree that is split.
    uint32_t root;
    /// The transforms, one after the other.
    uint32_t batch;
    /// Some of the bits below.
    uint32_t flags;
    /// With POWERS, the table's fine part has 2^log_fine entries.
    uint32_t log_fine;
};

/// The pass is the last: what it stores is reduced.
constexpr uint32_t NTT_LAST = 1;
/// What is loaded is multiplied by powers.
constexpr uint32_t NTT_POWERS_IN = 2;
/// What is stored is multiplied by powers.
constexpr uint32_t NTT_POWERS_OUT = 4;
/// The exponents of the powers are the places of the elements backwards.
constexpr uint32_t NTT_POWERS_REVERSED = 8;
/// What is stored is divided by n.
constexpr uint32_t NTT_DIVIDE = 16;
/// An element is stored at its place backwards.
constexpr uint32_t NTT_PERMUTE = 32;

/// The tile of a block of threads.
class NttTile {
  public:
    __device__ __forceinline__ NttTile(const NttPass& pass, uint4* shared)
        : pass_(pass), shared_(shared), size_(1u << pass.log_tile),
          row_bit_(pass.log_tile - pass.levels), log_width_(pass.log_n - pass.above - pass.levels),
          column_shift_(log_width_ > 0 ? 0 : pass.log_n - pass.log_columns) {
        const uint32_t log_tiles = pass.log_n - pass.levels - pass.log_columns;
        const uint32_t tile = blockIdx.x & ((1u << log_tiles) - 1);
        const uint32_t log_parts = log_width_ > 0 ? log_width_ - pass.log_columns : 0; // of a row
        base_ = tile >> log_parts << (pass.levels + log_width_) | (tile & ((1u << log_parts) - 1))
                                                                      << pass.log_columns;
        first_transform_ = blockIdx.x >> log_tiles << (row_bit_ - pass.log_columns);
    }

    /// Reads the thread's elements that differ in the bits of t from `bit` on.
    __device__ __forceinline__ void load(Fr (&x)[RADIX], uint32_t bit, const uint4* from,
                                         const uint4* powers) const {
        if (pass_.flags & NTT_POWERS_IN) {
            // By way of shared memory, as registers cannot be numbered in a loop, and one
            // multiplication is enough code.
#pragma unroll 1
            for (int e = 0; e < RADIX; e++) {
                const uint32_t t = number(e, bit);
                if (exists(t)) {
                    put(t, power(powers, t) * Fr::load(from + offset(t, place(t))));
                }
            }
        }
#pragma unroll
        for (int e = 0; e < RADIX; e++) {
            const uint32_t t = number(e, bit);
            x[e] = !exists(t)                    ? Fr::zero()
                   : pass_.flags & NTT_POWERS_IN ? get(t)
                                                 : Fr::load(from + offset(t, place(t)));
        }
    }

    /// Writes the thread's elements, which are below 4p.
    __device__ __forceinline__ void store(const Fr (&x)[RADIX], uint32_t bit, uint4* to,
                                          const uint4* powers) const {
        if (pass_.flags & NTT_PERMUTE) {
            // In place, nobody writes before everybody has read.
            __syncthreads();
        }
        if (!(pass_.flags & NTT_LAST)) {
#pragma unroll
            for (int e = 0; e < RADIX; e++) {
                const uint32_t t = number(e, bit);
                if (exists(t)) {
                    x[e].store_lazy(to + offset(t, place(t)));
                }
            }
            return;
        }
        // By way of shared memory, as above.
#pragma unroll
        for (int e = 0; e < RADIX; e++) {
            put(number(e, bit), x[e]);
        }
#pragma unroll 1
        for (int e = 0; e < RADIX; e++) {
            const uint32_t t = number(e, bit);
            if (!exists(t)) {
                continue;
            }
            Fr value = below_2p(get(t));
            if (pass_.flags & NTT_POWERS_OUT) {
                value = power(powers, t) * value;
            }
            if (pass_.flags & NTT_DIVIDE) {
                value = divided_by_power_of_two(value, pass_.log_n);
            }
            value.store(to + offset(t, pass_.flags & NTT_PERMUTE ? backwards(place(t)) : place(t)));
        }
    }

    /// All layers of the pass on elements that were loaded from `first_bit()` on; leaves them at
    /// `last_bit()`.
    template <template <class> class Butterfly, class Direction>
    __device__ __forceinline__ void transform(Fr (&x)[RADIX], uint32_t root,
                                              const uint4* table) const {
        constexpr bool TOP_DOWN = Butterfly<Direction>::TOP_DOWN;
        // The bits [low, high) of t are those of the layers that come next.
        uint32_t low = TOP_DOWN ? step_below(size_log()) : row_bit_;
        uint32_t high = TOP_DOWN ? size_log() : step_above(row_bit_);
#pragma unroll 1
        while (true) {
            const uint32_t bit = thread_bit(low);
            layers<Butterfly, Direction>(x, low - bit, high - bit, block(bit, root), table);
            if (TOP_DOWN ? low == row_bit_ : high == size_log()) {
                return;
            }
            if (TOP_DOWN) {
                high = low;
                low = step_below(high);
            } else {
                low = high;
                high = step_above(low);
            }
            exchange(x, bit, thread_bit(low));
        }
    }

    /// The lowest of the thread's bits before the first or after the last layers at the top or
    /// bottom of the pass.
    __device__ __forceinline__ uint32_t top_bit() const {
        return thread_bit(step_below(size_log()));
    }
    __device__ __forceinline__ uint32_t bottom_bit() const { return thread_bit(row_bit_); }

  private:
    __device__ __forceinline__ uint32_t size_log() const { return pass_.log_tile; }

    // The layers are done in threes from the top; what is left over comes at the bottom.

    __device__ __forceinline__ uint32_t step_below(uint32_t high) const {
        return high > row_bit_ + LOG_RADIX ? high - LOG_RADIX : row_bit_;
    }
    __device__ __forceinline__ uint32_t step_above(uint32_t low) const {
        return low == row_bit_ ? low + (pass_.levels - 1) % LOG_RADIX + 1 : low + LOG_RADIX;
    }

    /// The lowest of the three bits for layers from `low` on. Fewer than three layers take bits
    /// above them along.
    __device__ __forceinline__ uint32_t thread_bit(uint32_t low) const {
        return low + LOG_RADIX <= size_log() ? low : size_log() - LOG_RADIX;
    }

    /// The number in the tile of the thread's element e.
    __device__ __forceinline__ static uint32_t number(uint32_t e, uint32_t bit) {
        const uint32_t above = threadIdx.x >> bit;
        return (above << LOG_RADIX | e) << bit | (threadIdx.x & ((1u << bit) - 1));
    }

    /// The place in its transform of an element of the tile.
    __device__ __forceinline__ uint32_t place(uint32_t t) const {
        const uint32_t column = t & ((1u << pass_.log_columns) - 1);
        return base_ + (t >> row_bit_ << log_width_) + (column << column_shift_);
    }

    /// The transform that an element belongs to.
    __device__ __forceinline__ uint32_t transform_of(uint32_t t) const {
        return first_transform_ + ((t & ((1u << row_bit_) - 1)) >> pass_.log_columns);
    }

    __device__ __forceinline__ bool exists(uint32_t t) const {
        return transform_of(t) < pass_.batch;
    }

    /// Where in memory the element is, if it stands at this place.
    __device__ __forceinline__ uint64_t offset(uint32_t t, uint32_t place) const {
        return Fr::QUADS * ((static_cast<uint64_t>(transform_of(t)) << pass_.log_n) + place);
    }

    __device__ __forceinline__ uint32_t backwards(uint32_t place) const {
        return __brev(place) >> (32 - pass_.log_n);
    }

    /// The block of the tree that the thread's eight elements make up, if the bits from `bit` on
    /// are all rows'.
    __device__ __forceinline__ uint32_t block(uint32_t bit, uint32_t root) const {
        const uint32_t rows_below = bit + LOG_RADIX - row_bit_;
        const uint32_t level = pass_.above + pass_.levels - rows_below;
        return (root << level) + (place(number(0, bit)) >> (log_width_ + rows_below));
    }

    /// The power for an element: fine[i mod 2^log_fine] coarse[i / 2^log_fine].
    __device__ __forceinline__ Fr power(const uint4* powers, uint32_t t) const {
        const uint32_t i = pass_.flags & NTT_POWERS_REVERSED ? backwards(place(t)) : place(t);
        const uint32_t fine = 1u << pass_.log_fine;
        return Fr::load(powers + Fr::QUADS * (i & (fine - 1))) *
               Fr::load(powers + Fr::QUADS * (fine + (i >> pass_.log_fine)));
    }

    // In shared memory the low and the high halves of all elements are apart: 16 bytes a lane, next
    // to each other. The lowest three bits of t are mixed with the next three, so that eight lanes
    // meet eight different banks, whichever bits of t they differ in.

    __device__ __forceinline__ static uint32_t slot(uint32_t t) { return t ^ (t >> 3 & 7); }

    __device__ __forceinline__ void put(uint32_t t, const Fr& value) const {
        uint4* const at = shared_ + slot(t);
        at[0] = uint4{value.limbs[0], value.limbs[1], value.limbs[2], value.limbs[3]};
        at[size_] = uint4{value.limbs[4], value.limbs[5], value.limbs[6], value.limbs[7]};
    }

    __device__ __forceinline__ Fr get(uint32_t t) const {
        const uint4* const at = shared_ + slot(t);
        const uint4 low = at[0], high = at[size_];
        return Fr{{low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w}};
    }

    /// Gives the thread the elements of the bits from `to` on for those from `from` on.
    __device__ __forceinline__ void exchange(Fr (&x)[RADIX], uint32_t from, uint32_t to) const {
#pragma unroll
        for (int e = 0; e < RADIX; e++) {
            put(number(e, from), x[e]);
        }
        __syncthreads();
#pragma unroll
        for (int e = 0; e < RADIX; e++) {
            x[e] = get(number(e, to));
        }
    }

    const NttPass& pass_;
    uint4* const shared_;
    const uint32_t size_;
    /// The lowest bit of t that is one of a row's number.
    const uint32_t row_bit_;
    /// The elements of a row are 2^log_width.
    const uint32_t log_width_;
    /// Column c is at the places c 2^column_shift and following.
    const uint32_t column_shift_;
    /// The place of row 0, column 0.
    uint32_t base_;
    /// The first of the transforms that the tile has columns of.
    uint32_t first_transform_;
};

} // namespace zkiln
