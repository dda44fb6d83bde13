// The sums of points of a multi-scalar multiplication, over either group. docs/msm-device.md has the
// whole.
//
// The lanes that hold one point (F::LANES, see fq2.cuh) are a worker. Workers are counted through
// the launch, and where lanes must keep step they do what the others of their warp do: loops run as
// long as one of them needs it, and what was done in vain is not kept.
#pragma once

#include "curve.cuh"
#include "msm.cuh"

namespace zkiln {

constexpr uint32_t MSM_POINT_THREADS = 128;

/// What a lane holds of an element.
template <class P>
__device__ __forceinline__ uint32_t (&limbs_of(Field<P>& a))[P::LIMBS] {
    return a.limbs;
}

template <class B>
__device__ __forceinline__ uint32_t (&limbs_of(Quadratic<B>& a))[B::LIMBS] {
    return a.c.limbs;
}

/// The number of the worker in the launch.
template <class F>
__device__ __forceinline__ uint32_t worker_in_grid() {
    return (blockIdx.x * blockDim.x + threadIdx.x) / F::LANES;
}

/// The point of the worker whose number differs in these bits.
template <class F>
__device__ __forceinline__ F shuffle_xor(F a, uint32_t bits) {
#pragma unroll
    for (int i = 0; i < F::LIMBS; i++) {
        limbs_of(a)[i] = __shfl_xor_sync(0xffffffff, limbs_of(a)[i], bits * F::LANES);
    }
    return a;
}

/// The sum of `count` points by a group of `workers` neighbours, a power of two up to a warp of them:
/// each adds up every `workers`-th, then they add up theirs in a tree. Point i is at `at(i)`. Called
/// by whole warps; `count` may be another in each group, even 0.
///
/// One addition in the code, whatever its second term: it is long.
template <class F, class At>
__device__ __forceinline__ Xyzz<F> msm_sum(uint32_t count, uint32_t workers, At at) {
    Xyzz<F> sum = Xyzz<F>::infinity();
    uint32_t i = worker_in_grid<F>() % workers, bits = workers;
#pragma unroll 1
    while (true) {
        Xyzz<F> other;
        const bool is_active = i < count;
        if (__any_sync(0xffffffff, is_active)) {
            other = is_active ? Xyzz<F>::load(at(i)) : Xyzz<F>::infinity();
            i += workers;
        } else {
            bits /= 2;
            if (bits == 0) {
                return sum;
            }
            other = {shuffle_xor(sum.x, bits), shuffle_xor(sum.y, bits), //
                     shuffle_xor(sum.zz, bits), shuffle_xor(sum.zzz, bits)};
        }
        sum = sum + other;
    }
}

/// Two places in shared memory for the next bases of each thread of a block. Sixteen bytes of all
/// threads lie together, so that no two threads meet in a bank.
template <class F>
struct BaseQueue {
    /// Sixteen-byte pieces of a coordinate that a lane has.
    static constexpr uint32_t PIECES = F::LIMBS / 4;
    /// In units of 16 bytes, for a block.
    static constexpr uint32_t QUADS = 2 * 2 * PIECES * MSM_POINT_THREADS;

    uint4* memory;
    const uint4* bases;

    /// Begins to fetch a base. The caller commits.
    __device__ __forceinline__ void fetch(uint32_t place, uint32_t entry) const {
        const uint4* from = bases +
                            static_cast<uint64_t>(entry & ~MSM_SIGN) * Affine<F>::QUADS +
                            threadIdx.x % F::LANES * PIECES;
#pragma unroll
        for (uint32_t i = 0; i < 2 * PIECES; i++) {
            cp_async_16(at(place, i), from + i / PIECES * F::QUADS + i % PIECES);
        }
    }

    /// The base that was fetched, which must have arrived.
    __device__ __forceinline__ Affine<F> get(uint32_t place, uint32_t entry) const {
        Affine<F> p;
        get_coordinate(p.x, place, 0);
        get_coordinate(p.y, place, PIECES);
        return p.cneg(entry & MSM_SIGN);
    }

  private:
    __device__ __forceinline__ uint4* at(uint32_t place, uint32_t piece) const {
        return memory + (place * 2 * PIECES + piece) * MSM_POINT_THREADS + threadIdx.x;
    }

    __device__ __forceinline__ void get_coordinate(F& a, uint32_t place, uint32_t first) const {
#pragma unroll
        for (uint32_t i = 0; i < PIECES; i++) {
            const uint4 quad = *at(place, first + i);
            limbs_of(a)[4 * i] = quad.x;
            limbs_of(a)[4 * i + 1] = quad.y;
            limbs_of(a)[4 * i + 2] = quad.z;
            limbs_of(a)[4 * i + 3] = quad.w;
        }
    }
};

/// Sums segments: a worker each, in the order of the schedule.
///
/// `bases`: the table of the chunk. `entries`: sorted by bucket; `counts` and `ends`: how many there
/// are of each bucket, and where they end. `order`, `extras` and `totals` as the schedule left them.
/// The first segment of a bucket is added to the bucket if `is_continued`, else becomes it; the
/// others become `partials`. Blocks: enough for all segments; shared memory: a BaseQueue.
template <class F>
__device__ __forceinline__ void
msm_accumulate(const uint4* bases, const uint32_t* entries, const uint32_t* counts,
               const uint32_t* ends, const uint32_t* order, const uint32_t* extras,
               const uint32_t* totals, uint4* buckets, uint4* partials, uint32_t is_continued,
               const MsmShape& shape) {
    SHARED_MEMORY(uint4, memory);
    const BaseQueue<F> queue = {memory, bases};
    const uint32_t item = worker_in_grid<F>(), extra_count = totals[MSM_EXTRAS];
    const bool exists = item < extra_count + (shape.sets << (shape.width - 1));
    const bool is_extra = item < extra_count;
    uint32_t length = 0;
    uint4* target = nullptr;
    if (exists) {
        const uint32_t bucket = order[item], count = counts[bucket];
        const uint32_t first = count - msm_extra_segments(count, shape.segment) * shape.segment;
        entries += ends[bucket] - count;
        length = first;
        target = buckets + static_cast<uint64_t>(bucket) * Xyzz<F>::QUADS;
        if (is_extra) {
            entries += first + (item - extras[bucket]) * shape.segment;
            length = shape.segment;
            target = partials + static_cast<uint64_t>(item) * Xyzz<F>::QUADS;
        }
    }
    Xyzz<F> sum = Xyzz<F>::infinity();
    if (is_continued && exists && !is_extra) {
        sum = Xyzz<F>::load(target);
    }

    // A base is on its way while the one before it is added, and its index a step earlier. Workers
    // that are done, and go on for others, read their last base again; those without any, base 0.
    const uint32_t last = length > 0 ? length - 1 : 0;
    uint32_t entry = length > 0 ? entries[0] : 0, next = length > 1 ? entries[1] : 0;
    queue.fetch(0, entry);
    cp_async_commit();
#pragma unroll 1
    for (uint32_t i = 0; F::any(i < length); i++) {
        if (i < last) {
            queue.fetch((i + 1) % 2, next);
        }
        cp_async_commit();
        const uint32_t after = i + 2 < length ? entries[i + 2] : 0;
        cp_async_wait<1>();
        const Affine<F> base = queue.get((i < last ? i : last) % 2, entry);
        const Affine<F> none = {F::zero(), F::zero()};
        sum = sum + Affine<F>::select(i < length, base, none);
        entry = next;
        next = after;
    }
    // No thread ends with a copy under way.
    cp_async_wait<0>();
    // A bucket without entries stays what it is, or becomes infinity.
    if (exists && !(is_continued && length == 0)) {
        sum.store(target);
    }
}

/// Adds up the segments of a bucket beyond the first, MSM_FAN_IN of them at once.
///
/// In round k those are added whose number is a multiple of `stride` = MSM_FAN_IN^k, into the first
/// of them; when one is left it is added to the bucket. Eight workers add up what belongs to a head;
/// any number of blocks.
template <class F>
__device__ __forceinline__ void
msm_combine(const uint32_t* counts, const uint32_t* order, const uint32_t* extras,
            const uint32_t* heads, const uint32_t* totals, uint4* buckets, uint4* partials,
            uint32_t stride, const MsmShape& shape) {
    constexpr uint32_t WORKERS = 8;
    const uint32_t tasks = totals[MSM_HEADS];
    const uint32_t groups = gridDim.x * blockDim.x / (F::LANES * WORKERS);
    const uint32_t worker = worker_in_grid<F>() % WORKERS;
    // Whole warps stay until the last of their tasks is done, to exchange sums.
    for (uint32_t task = worker_in_grid<F>() / WORKERS; __any_sync(0xffffffff, task < tasks);
         task += groups) {
        uint32_t bucket = 0, head = 0, count = 0;
        bool is_last = false;
        if (task < tasks) {
            head = heads[task];
            bucket = order[head];
            const uint32_t all = msm_extra_segments(counts[bucket], shape.segment);
            const uint32_t before = (head - extras[bucket]) / stride, left = (all - 1) / stride + 1;
            // What the rounds before have not finished, and what begins a group of this one.
            if ((stride == 1 || left > 1) && before % MSM_FAN_IN == 0 &&
                before * stride == head - extras[bucket]) {
                count = left - before < MSM_FAN_IN ? left - before : MSM_FAN_IN;
                is_last = left <= MSM_FAN_IN;
            }
        }
        uint4* const target = is_last ? buckets + static_cast<uint64_t>(bucket) * Xyzz<F>::QUADS
                                      : partials + static_cast<uint64_t>(head) * Xyzz<F>::QUADS;
        const Xyzz<F> sum = msm_sum<F>(count + is_last, WORKERS, [&](uint32_t i) -> const uint4* {
            const uint64_t place = head + static_cast<uint64_t>(i) * stride;
            return i < count ? partials + place * Xyzz<F>::QUADS : target;
        });
        // What another worker has read is written.
        __syncwarp();
        if (count != 0 && worker == 0) {
            sum.store(target);
        }
    }
}

/// The sums over rows and over columns of every set's buckets, laid out as 2^(bits - low_bits) rows.
///
/// 2^log_workers workers for a sum, at most a warp of them. `sums`: for each set those of its rows,
/// then those of its columns.
template <class F>
__device__ __forceinline__ void msm_fold(const uint4* buckets, uint4* sums, uint32_t bits,
                                         uint32_t low_bits, uint32_t log_workers, uint32_t sets) {
    const uint32_t rows = 1u << (bits - low_bits), columns = 1u << low_bits;
    const uint32_t worker = worker_in_grid<F>() & ((1u << log_workers) - 1);
    const uint32_t number = worker_in_grid<F>() >> log_workers;
    const bool exists = number < sets * (rows + columns);
    const uint32_t set = number / (rows + columns), line = number % (rows + columns);
    const bool is_row = line < rows;
    const uint64_t first =
        (static_cast<uint64_t>(set) << bits) + (is_row ? line << low_bits : line - rows);
    const uint32_t count = exists ? is_row ? columns : rows : 0;
    const Xyzz<F> sum = msm_sum<F>(count, 1u << log_workers, [&](uint32_t i) {
        const uint64_t place = first + (static_cast<uint64_t>(i) << (is_row ? 0 : low_bits));
        return buckets + place * Xyzz<F>::QUADS;
    });
    if (exists && worker == 0) {
        sum.store(sums + static_cast<uint64_t>(number) * Xyzz<F>::QUADS);
    }
}

/// The points of weights 2^0, 2^1, ..., 2^bits of every set, whose weighted sum is that of its
/// buckets.
///
/// The point of weight 2^j is the sum over the buckets whose index has bit j, or over the rows or
/// columns that have it; that of weight 2^bits is bucket 0. 2^log_workers workers for each, at most a
/// warp of them. `sums` as `msm_fold` left them, or null to sum the buckets themselves. `points`:
/// bits + 1 for each set.
template <class F>
__device__ __forceinline__ void msm_bits(const uint4* buckets, const uint4* sums, uint4* points,
                                         uint32_t bits, uint32_t low_bits, uint32_t log_workers,
                                         uint32_t sets) {
    const uint32_t worker = worker_in_grid<F>() & ((1u << log_workers) - 1);
    const uint32_t number = worker_in_grid<F>() >> log_workers;
    const bool exists = number < sets * (bits + 1);
    const uint32_t set = number / (bits + 1);
    uint32_t bit = number % (bits + 1), log_length = bits;
    const bool is_bucket = bit == bits;
    const uint4* array = buckets + (static_cast<uint64_t>(set) << bits) * Xyzz<F>::QUADS;
    if (sums != nullptr && !is_bucket) {
        const uint32_t rows = 1u << (bits - low_bits), columns = 1u << low_bits;
        array = sums + static_cast<uint64_t>(set) * (rows + columns) * Xyzz<F>::QUADS;
        log_length = low_bits;
        if (bit < low_bits) {
            array += static_cast<uint64_t>(rows) * Xyzz<F>::QUADS;
        } else {
            log_length = bits - low_bits;
            bit -= low_bits;
        }
    }
    const uint32_t all = is_bucket ? 1 : 1u << (log_length - 1), below = (1u << bit) - 1;
    const Xyzz<F> sum = msm_sum<F>(exists ? all : 0, 1u << log_workers, [&](uint32_t i) {
        const uint64_t place = is_bucket ? 0 : (i & ~below) << 1 | 1u << bit | (i & below);
        return array + place * Xyzz<F>::QUADS;
    });
    if (exists && worker == 0) {
        sum.store(points + static_cast<uint64_t>(number) * Xyzz<F>::QUADS);
    }
}

/// 2^doublings times each of `count` points, none of which is infinity.
template <class F>
__device__ __forceinline__ void msm_double(const uint4* points, uint4* multiples,
                                           uint32_t doublings, uint32_t count) {
    const uint32_t i = worker_in_grid<F>();
    const uint64_t place = i < count ? i : 0;
    Xyzz<F> p = Xyzz<F>::from(Affine<F>::load(points + place * Affine<F>::QUADS));
#pragma unroll 1
    for (uint32_t k = 0; k < doublings; k++) {
        p = p.dbl();
    }
    if (i < count) {
        p.store(multiples + place * Xyzz<F>::QUADS);
    }
}

/// The affine coordinates of `count` points. Each worker takes every `workers`-th point and inverts
/// once for all of them (Montgomery's trick); there are `workers` or more.
template <class F>
__device__ __forceinline__ void msm_to_affine(const uint4* sums, uint4* points, uint32_t workers,
                                              uint32_t count) {
    const uint32_t first = worker_in_grid<F>();
    const uint32_t end = first < workers ? count : 0;
    // The products of the ZZZ before each point, kept where its x will be.
    F product = F::one();
    uint32_t last = first;
#pragma unroll 1
    for (uint32_t i = first; F::any(i < end); i += workers) {
        const bool active = i < end;
        const uint64_t place = active ? i : 0;
        const F zzz = F::load(sums + place * Xyzz<F>::QUADS + 3 * F::QUADS);
        if (active) {
            product.store(points + place * Affine<F>::QUADS);
        }
        product = F::select(active & !zzz.is_zero(), product * zzz, product);
        last = i;
    }
    F inverse = product.inverse();
#pragma unroll 1
    for (uint32_t i = last; F::any(i >= first && i < end); i -= workers) {
        const bool active = i >= first && i < end;
        const uint64_t place = active ? i : 0;
        const Xyzz<F> p = Xyzz<F>::load(sums + place * Xyzz<F>::QUADS);
        uint4* const to = points + place * Affine<F>::QUADS;
        const F before = active ? F::load(to) : F::one();
        const bool is_infinity = p.is_infinity();
        const F own = inverse * before;
        inverse = F::select(active & !is_infinity, inverse * p.zzz, inverse);
        // ZZ / ZZZ = 1 / Z.
        const F x = p.x * (p.zz * own).sqr(), y = p.y * own;
        if (active) {
            F::select(is_infinity, F::zero(), x).store(to);
            F::select(is_infinity, F::zero(), y).store(to + F::QUADS);
        }
    }
}

} // namespace zkiln
