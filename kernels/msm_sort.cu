// From scalars to buckets: digits, and the entries (bases with signs) of every bucket, in order.
//
// A counting sort in two levels. The first splits the digits of a set into bins by the high bits of
// their bucket, the second sorts bins by the low bits. Both work on tiles of MSM_TILE digits: a
// block counts a tile's digits in shared memory, reserves room by one global atomic for each bin or
// bucket, and brings the tile into order in shared memory, so that memory is written in runs. Every
// count is exact before anything is placed, and in the sort no block has more than a tile, however
// uneven the digits are. (The schedule's one exception: the segments of one bucket are listed by one
// warp, 32 at a time.)
//
// The entries of a set begin at set * capacity, wherever those of the set before end.

#include "field.cuh"
#include "msm.cuh"
#include "scan.cuh"

namespace zkiln {

constexpr uint32_t MSM_SORT_THREADS = 512;
/// Digits that a thread takes of a tile.
constexpr uint32_t MSM_SORT_ITEMS = 16;
constexpr uint32_t MSM_TILE = MSM_SORT_THREADS * MSM_SORT_ITEMS;

/// How scalars become digits: see `msm_digits`. Integers of 32-bit limbs.
struct MsmRecoding {
    /// sum_w 2^(width - 1) 2^(width w).
    uint32_t offset[9];
    /// The same less the order r of the group, modulo 2^288.
    uint32_t negative_offset[9];
    /// r and (r - 1) / 2.
    uint32_t order[8], half[8];
};

/// Whether a < b.
__device__ __forceinline__ bool is_less(const uint32_t (&a)[8], const uint32_t (&b)[8]) {
    sub_cc(a[0], b[0]);
#pragma unroll
    for (int i = 1; i < 8; i++) {
        subc_cc(a[i], b[i]);
    }
    return subc(0, 0) != 0;
}

/// A tile of the entries of a bin.
struct MsmBinTile {
    uint32_t bin;
    /// Where it begins in the set.
    uint32_t start;
    uint32_t length;
};

/// Shared memory of `msm_find_tile` and of `msm_partition`, after the counters.
struct MsmScratch {
    uint2 scan[SCAN_SCRATCH];
    MsmBinTile tile;
};

/// Tile number `number` of a set, counted over its bins, each of which begins with a new tile; of
/// length 0 if there are fewer.
__device__ __forceinline__ MsmBinTile msm_find_tile(const uint32_t* bins, uint32_t bin_count,
                                                    uint32_t number, MsmScratch* scratch) {
    if (threadIdx.x == 0) {
        scratch->tile = {0, 0, 0};
    }
    uint2 before = {0, 0};
    for (uint32_t first = 0; first < bin_count; first += blockDim.x) {
        const uint32_t bin = first + threadIdx.x;
        const uint32_t length = bin < bin_count ? bins[bin] : 0;
        const uint32_t tiles = (length + MSM_TILE - 1) / MSM_TILE;
        uint2 total;
        const uint2 sums = before + block_scan({length, tiles}, scratch->scan, total);
        if (number - sums.y < tiles) {
            const uint32_t offset = (number - sums.y) * MSM_TILE, rest = length - offset;
            scratch->tile = {bin, sums.x + offset, rest < MSM_TILE ? rest : MSM_TILE};
        }
        before = before + total;
    }
    __syncthreads();
    return scratch->tile;
}

/// Sorts a tile into bins and writes it there.
///
/// `key(i)` is the key of item i or MSM_DROPPED; its bits below the sign, shifted right by `shift`,
/// are its bin. `reserve(bin, n, before)` finds room for n items in a bin, `before` being the sum of
/// `weight(bin)` over the bins before. `value(i, key)` is written by `write(place, key, value)`.
/// `staged` has room for a tile, and behind it for two words a bin and an MsmScratch.
template <class Key, class Weight, class Reserve, class Value, class Write>
__device__ __forceinline__ void msm_partition(uint32_t length, uint32_t bins, uint32_t shift,
                                              uint2* staged, Key key, Weight weight,
                                              Reserve reserve, Value value, Write write) {
    uint32_t* const begins = reinterpret_cast<uint32_t*>(staged + MSM_TILE);
    uint32_t* const moves = begins + bins;
    MsmScratch* const scratch = reinterpret_cast<MsmScratch*>(moves + bins);
    for (uint32_t bin = threadIdx.x; bin < bins; bin += MSM_SORT_THREADS) {
        begins[bin] = 0;
    }
    __syncthreads();

    // The rank of each item in its bin.
    uint32_t keys[MSM_SORT_ITEMS], ranks[MSM_SORT_ITEMS];
#pragma unroll
    for (uint32_t j = 0; j < MSM_SORT_ITEMS; j++) {
        const uint32_t i = j * MSM_SORT_THREADS + threadIdx.x;
        keys[j] = i < length ? key(i) : MSM_DROPPED;
        if (keys[j] != MSM_DROPPED) {
            ranks[j] = atomicAdd(&begins[(keys[j] & ~MSM_SIGN) >> shift], 1);
        }
    }
    __syncthreads();

    // Where each bin begins in the tile, and how far it is from there to its place in memory.
    uint2 before = {0, 0};
    for (uint32_t first = 0; first < bins; first += MSM_SORT_THREADS) {
        const uint32_t bin = first + threadIdx.x;
        uint2 own = {0, 0}, total;
        if (bin < bins) {
            own = {begins[bin], weight(bin)};
        }
        const uint2 sums = before + block_scan(own, scratch->scan, total);
        before = before + total;
        if (own.x != 0) {
            begins[bin] = sums.x;
            moves[bin] = reserve(bin, own.x, sums.y) - sums.x;
        }
    }
    __syncthreads();

#pragma unroll
    for (uint32_t j = 0; j < MSM_SORT_ITEMS; j++) {
        const uint32_t i = j * MSM_SORT_THREADS + threadIdx.x;
        if (keys[j] != MSM_DROPPED) {
            const uint32_t bin = (keys[j] & ~MSM_SIGN) >> shift;
            staged[begins[bin] + ranks[j]] = {keys[j], value(i, keys[j])};
        }
    }
    __syncthreads();
    for (uint32_t i = threadIdx.x; i < before.x; i += MSM_SORT_THREADS) {
        const uint2 item = staged[i];
        write(i + moves[(item.x & ~MSM_SIGN) >> shift], item.x, item.y);
    }
}

} // namespace zkiln

using namespace zkiln;

/// Cuts scalars into digits and counts the bins.
///
/// Vector blockIdx.y of a batch of `vector_stride` scalars each, as field elements if
/// `is_montgomery`, else as integers; what is not below the order is noted in `faults`: the greatest
/// ~index of each vector. A scalar above r/2 is taken for -(r - s), so that magnitudes have 253 bits.
/// The digits of s + offset, less 2^(width - 1) each, are those of s, without carries.
///
/// `slots`, if not null: the base of each scalar of the chunk, or MSM_NO_BASE. `digits`: `capacity`
/// for each set, part t of the table from t * scalars on: the bucket, with the sign, or MSM_DROPPED.
/// `bins`: 2^high_bits for each set, added to. Shared memory: count << high_bits words.
KERNEL __launch_bounds__(256, 4)
    msm_digits(const uint4* scalars, const uint32_t* slots, uint32_t* digits, uint32_t* bins,
               uint32_t* faults, uint32_t is_montgomery, MsmShape shape, MsmRecoding recoding) {
    SHARED_MEMORY(uint32_t, counts);
    const uint32_t counters = shape.count << shape.high_bits;
    for (uint32_t i = threadIdx.x; i < counters; i += blockDim.x) {
        counts[i] = 0;
    }
    __syncthreads();

    const uint32_t vector = blockIdx.y;
    scalars += static_cast<uint64_t>(vector) * shape.vector_stride * 2;
    digits += static_cast<uint64_t>(vector) * shape.count * shape.capacity;
    const uint32_t half = 1u << (shape.width - 1), mask = 2 * half - 1;
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < shape.scalars;
         i += gridDim.x * blockDim.x) {
        const uint4* const from = scalars + 2 * static_cast<uint64_t>(i);
        const Integer<8> scalar =
            is_montgomery ? Fr::load(from).to_canonical() : Integer<8>::load(from);
        if (!is_less(scalar.limbs, recoding.order)) {
            atomicMax(&faults[vector], ~(shape.first_scalar + i));
        }
        const bool has_base = slots == nullptr || slots[i] != MSM_NO_BASE;

        const bool is_large = is_less(recoding.half, scalar.limbs);
        uint32_t rest[9];
#pragma unroll
        for (int j = 0; j < 9; j++) {
            rest[j] = is_large ? recoding.negative_offset[j] : recoding.offset[j];
        }
        rest[0] = add_cc(rest[0], scalar.limbs[0]);
#pragma unroll
        for (int j = 1; j < 8; j++) {
            rest[j] = addc_cc(rest[j], scalar.limbs[j]);
        }
        rest[8] = addc(rest[8], 0);

        uint32_t window = 0;
        for (uint32_t part = 0; window < shape.windows; part++) {
            for (uint32_t j = 0; j < shape.stride && window < shape.windows; j++, window++) {
                const uint32_t bits = rest[0] & mask;
#pragma unroll
                for (int k = 0; k < 8; k++) {
                    rest[k] = rest[k] >> shape.width | rest[k + 1] << (32 - shape.width);
                }
                rest[8] >>= shape.width;
                const uint32_t set = j - shape.first;
                if (set >= shape.count) {
                    continue;
                }
                const bool is_negative = bits < half;
                const uint32_t magnitude = is_negative ? half - bits : bits - half;
                uint32_t digit = MSM_DROPPED;
                if (magnitude != 0 && has_base) {
                    const uint32_t bucket = magnitude & (half - 1);
                    atomicAdd(&counts[set << shape.high_bits | bucket >> shape.low_bits], 1);
                    digit = bucket | (is_negative ? MSM_SIGN : 0);
                }
                digits[static_cast<uint64_t>(set) * shape.capacity +
                       static_cast<uint64_t>(part) * shape.scalars + i] = digit;
            }
        }
    }
    __syncthreads();
    for (uint32_t i = threadIdx.x; i < counters; i += blockDim.x) {
        if (counts[i] != 0) {
            atomicAdd(&bins[vector * counters + i], counts[i]);
        }
    }
}

/// The first level of the sort: digits into bins.
///
/// Block (part of the table * tiles of the scalars + tile, set). `bins` as counted; `cursors` as
/// many, zero before, `bins` after. `entries` and `lows`: base with sign, and low bits of the
/// bucket, `capacity` for each set. Shared memory: MSM_TILE + 2^high_bits pairs of words and an
/// MsmScratch.
KERNEL __launch_bounds__(512, 2)
    msm_split(const uint32_t* digits, const uint32_t* slots, const uint32_t* bins,
              uint32_t* cursors, uint32_t* entries, uint16_t* lows, MsmShape shape) {
    SHARED_MEMORY(uint2, staged);
    const uint32_t set = blockIdx.y, tiles = (shape.scalars + MSM_TILE - 1) / MSM_TILE;
    const uint32_t part = blockIdx.x / tiles, first = blockIdx.x % tiles * MSM_TILE;
    if (part * shape.stride + shape.first + set % shape.count >= shape.windows) {
        return;
    }
    const uint32_t rest = shape.scalars - first, length = rest < MSM_TILE ? rest : MSM_TILE;
    const uint64_t room = static_cast<uint64_t>(set) * shape.capacity;
    digits += room + static_cast<uint64_t>(part) * shape.scalars + first;
    entries += room;
    lows += room;
    bins += set << shape.high_bits;
    cursors += set << shape.high_bits;
    const uint32_t low_mask = (1u << shape.low_bits) - 1;

    msm_partition(
        length, 1u << shape.high_bits, shape.low_bits, staged,
        [&](uint32_t i) { return digits[i]; }, //
        [&](uint32_t bin) { return bins[bin]; },
        [&](uint32_t bin, uint32_t n, uint32_t begin) {
            return begin + atomicAdd(&cursors[bin], n);
        },
        [&](uint32_t i, uint32_t digit) {
            const uint32_t base =
                slots == nullptr ? shape.first_scalar + first + i : slots[first + i];
            return (part * shape.bases + base - shape.first_base) | (digit & MSM_SIGN);
        },
        [&](uint32_t place, uint32_t digit, uint32_t entry) {
            entries[place] = entry;
            lows[place] = static_cast<uint16_t>(digit & low_mask);
        });
}

/// Counts the entries of every bucket: block (tile of the bins, set).
///
/// `counts`: 2^(width - 1) for each set, added to. Shared memory: 2^low_bits words and an
/// MsmScratch.
KERNEL __launch_bounds__(512, 2)
    msm_count(const uint32_t* bins, const uint16_t* lows, uint32_t* counts, MsmShape shape) {
    SHARED_MEMORY(uint32_t, counters);
    const uint32_t buckets = 1u << shape.low_bits, set = blockIdx.y;
    MsmScratch* const scratch = reinterpret_cast<MsmScratch*>(counters + buckets);
    for (uint32_t i = threadIdx.x; i < buckets; i += MSM_SORT_THREADS) {
        counters[i] = 0;
    }
    const MsmBinTile tile = msm_find_tile(bins + (set << shape.high_bits), 1u << shape.high_bits,
                                          blockIdx.x, scratch);
    if (tile.length == 0) {
        return;
    }
    lows += static_cast<uint64_t>(set) * shape.capacity + tile.start;
    for (uint32_t i = threadIdx.x; i < tile.length; i += MSM_SORT_THREADS) {
        atomicAdd(&counters[lows[i]], 1);
    }
    __syncthreads();
    counts += (static_cast<uint64_t>(set) << (shape.width - 1)) + (tile.bin << shape.low_bits);
    for (uint32_t i = threadIdx.x; i < buckets; i += MSM_SORT_THREADS) {
        if (counters[i] != 0) {
            atomicAdd(&counts[i], counters[i]);
        }
    }
}

/// From the counts: where each bucket begins, how it is cut into segments, and how many there are of
/// each length. Block (bin, set) of 256 threads.
///
/// `begins`: the first entry of each bucket, over all sets. `extras`: the number of its first
/// segment beyond the first; `totals[MSM_EXTRAS]` counts these. `classes`: MSM_CLASSES counters of
/// the first segments by length, added to.
KERNEL __launch_bounds__(256)
    msm_cut(const uint32_t* bins, const uint32_t* counts, uint32_t* begins, uint32_t* extras,
            uint32_t* classes, uint32_t* totals, MsmShape shape) {
    SHARED_MEMORY(uint2, scratch);
    uint32_t* const lengths = reinterpret_cast<uint32_t*>(scratch + SCAN_SCRATCH);
    uint32_t* const reserved = lengths + MSM_CLASSES;
    const uint32_t bin = blockIdx.x, set = blockIdx.y;
    lengths[threadIdx.x] = 0;

    // The entries of the bins before this one.
    bins += set << shape.high_bits;
    uint2 sum = {0, 0}, before;
    for (uint32_t i = threadIdx.x; i < bin; i += blockDim.x) {
        sum.x += bins[i];
    }
    block_scan(sum, scratch, before);
    before.x += set * shape.capacity;

    const uint32_t first = (set << (shape.width - 1)) + (bin << shape.low_bits);
    for (uint32_t i = threadIdx.x; i - threadIdx.x < 1u << shape.low_bits; i += blockDim.x) {
        const bool exists = i < 1u << shape.low_bits;
        const uint32_t count = exists ? counts[first + i] : 0;
        const uint32_t extra = msm_extra_segments(count, shape.segment);
        uint2 total;
        const uint2 sums = before + block_scan({count, extra}, scratch, total);
        before.x += total.x;
        if (total.y != 0) {
            // All threads see the same total.
            if (threadIdx.x == 0) {
                *reserved = atomicAdd(&totals[MSM_EXTRAS], total.y);
            }
            __syncthreads();
        }
        if (exists) {
            begins[first + i] = sums.x;
            extras[first + i] = total.y != 0 ? *reserved + sums.y : 0;
            atomicAdd(&lengths[(count - extra * shape.segment) >> shape.class_shift], 1);
        }
        __syncthreads();
    }
    if (lengths[threadIdx.x] != 0) {
        atomicAdd(&classes[threadIdx.x], lengths[threadIdx.x]);
    }
}

/// The second level of the sort: the entries of a bin into its buckets. Block (tile of the bins,
/// set).
///
/// `ends`: before, where each bucket begins; after, where it ends. `sorted`: the entries, bucket by
/// bucket. Shared memory: MSM_TILE + 2^low_bits pairs of words and an MsmScratch.
KERNEL __launch_bounds__(512, 2)
    msm_sort(const uint32_t* bins, const uint32_t* entries, const uint16_t* lows, uint32_t* ends,
             uint32_t* sorted, MsmShape shape) {
    SHARED_MEMORY(uint2, staged);
    const uint32_t buckets = 1u << shape.low_bits, set = blockIdx.y;
    MsmScratch* const scratch =
        reinterpret_cast<MsmScratch*>(reinterpret_cast<uint32_t*>(staged + MSM_TILE) + 2 * buckets);
    const MsmBinTile tile = msm_find_tile(bins + (set << shape.high_bits), 1u << shape.high_bits,
                                          blockIdx.x, scratch);
    if (tile.length == 0) {
        return;
    }
    const uint64_t place = static_cast<uint64_t>(set) * shape.capacity + tile.start;
    entries += place;
    lows += place;
    ends += (static_cast<uint64_t>(set) << (shape.width - 1)) + (tile.bin << shape.low_bits);

    msm_partition(
        tile.length, buckets, 0, staged, //
        [&](uint32_t i) -> uint32_t { return lows[i]; }, //
        [](uint32_t) { return 0u; },
        [&](uint32_t bucket, uint32_t n, uint32_t) { return atomicAdd(&ends[bucket], n); },
        [&](uint32_t i, uint32_t) { return entries[i]; },
        [&](uint32_t to, uint32_t, uint32_t entry) { sorted[to] = entry; });
}

/// Puts the segments into the order in which they are summed: those beyond the first of a bucket,
/// which are full, then the first ones from long to short, so that the lanes of a warp sum about as
/// many entries. A counting sort by length; 256 threads, each block takes 2048 buckets.
///
/// `order`: for each segment its bucket. `heads`: every MSM_FAN_IN-th of the segments beyond the
/// first of a bucket, in any order; `totals[MSM_HEADS]` counts them. `classes` as counted,
/// `cursors` as many, zero before.
KERNEL __launch_bounds__(256)
    msm_schedule(const uint32_t* counts, const uint32_t* extras, const uint32_t* classes,
                 uint32_t* cursors, uint32_t* order, uint32_t* heads, uint32_t* totals,
                 MsmShape shape) {
    constexpr uint32_t ITEMS = 8;
    SHARED_MEMORY(uint2, scratch);
    uint32_t* const places = reinterpret_cast<uint32_t*>(scratch + SCAN_SCRATCH);
    const uint32_t buckets = shape.sets << (shape.width - 1), lane = threadIdx.x % 32;
    places[threadIdx.x] = 0;
    __syncthreads();

    const uint32_t first = blockIdx.x * (ITEMS * 256) + threadIdx.x;
    uint32_t ranks[ITEMS], lengths[ITEMS];
#pragma unroll
    for (uint32_t j = 0; j < ITEMS; j++) {
        const uint32_t bucket = first + j * 256;
        const bool exists = bucket < buckets;
        const uint32_t count = exists ? counts[bucket] : 0;
        const uint32_t extra = msm_extra_segments(count, shape.segment);
        lengths[j] = (count - extra * shape.segment) >> shape.class_shift;
        if (exists) {
            ranks[j] = atomicAdd(&places[lengths[j]], 1);
        }

        // A warp writes the segments of its large buckets together, one bucket after the other.
        uint32_t large = __ballot_sync(0xffffffff, extra != 0);
        if (large == 0) {
            continue;
        }
        const uint32_t own_heads = (extra + MSM_FAN_IN - 1) / MSM_FAN_IN;
        uint32_t head = own_heads;
#pragma unroll
        for (uint32_t distance = 1; distance < 32; distance *= 2) {
            const uint32_t other = __shfl_up_sync(0xffffffff, head, distance);
            head += lane >= distance ? other : 0;
        }
        uint32_t reserved = 0;
        if (lane == 31) {
            reserved = atomicAdd(&totals[MSM_HEADS], head);
        }
        head += __shfl_sync(0xffffffff, reserved, 31) - own_heads;
        const uint32_t begin = extra != 0 ? extras[bucket] : 0;
        while (large != 0) {
            const int owner = __ffs(large) - 1;
            large &= large - 1;
            const uint32_t its_bucket = __shfl_sync(0xffffffff, bucket, owner);
            const uint32_t its_extra = __shfl_sync(0xffffffff, extra, owner);
            const uint32_t its_begin = __shfl_sync(0xffffffff, begin, owner);
            const uint32_t its_head = __shfl_sync(0xffffffff, head, owner);
            for (uint32_t k = lane; k < its_extra; k += 32) {
                order[its_begin + k] = its_bucket;
                if (k % MSM_FAN_IN == 0) {
                    heads[its_head + k / MSM_FAN_IN] = its_begin + k;
                }
            }
        }
    }

    // Class MSM_CLASSES - 1 - i is the thread's.
    const uint32_t mine = MSM_CLASSES - 1 - threadIdx.x;
    uint2 total;
    const uint32_t begin = block_scan({classes[mine], 0}, scratch, total).x;
    const uint32_t count = places[mine];
    if (count != 0) {
        places[mine] = totals[MSM_EXTRAS] + begin + atomicAdd(&cursors[mine], count);
    }
    __syncthreads();
#pragma unroll
    for (uint32_t j = 0; j < ITEMS; j++) {
        const uint32_t bucket = first + j * 256;
        if (bucket < buckets) {
            order[places[lengths[j]] + ranks[j]] = bucket;
        }
    }
}

KERNELS(msm_sort, msm_digits, msm_split, msm_count, msm_cut, msm_sort, msm_schedule)
