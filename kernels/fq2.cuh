// Fq2 = Fq[u] / (u^2 + 1), an element spread over a pair of adjacent lanes: c0 in the even lane, c1
// in the odd one.
//
// Both lanes multiply at the same time, two products and one reduction each, after they have
// exchanged their operands; a lane holds half of the registers that an element needs. The interface
// is Field's. Multiplications, squares, comparisons, `any` and `all` exchange words: the whole warp
// calls them, converged.
#pragma once

#include "field.cuh"

namespace zkiln {

/// Component of an element of the quadratic extension of the field F by a root of -1.
template <class F>
struct Quadratic {
    static constexpr int LIMBS = F::LIMBS;
    static constexpr int LANES = 2;
    /// The size of a whole element in memory, c0 then c1, in units of 16 bytes.
    static constexpr int QUADS = 2 * F::QUADS;

    /// c0 in even lanes, c1 in odd lanes; below 2p.
    F c;

    __device__ __forceinline__ static Quadratic zero() { return {F::zero()}; }

    __device__ __forceinline__ static Quadratic one() {
        return {F::select(is_odd(), F::zero(), F::one())};
    }

    /// This lane's component of the element at `from`, the same for both lanes.
    __device__ __forceinline__ static Quadratic load(const uint4* from) {
        return {F::load(from + (is_odd() ? F::QUADS : 0))};
    }

    /// Writes this lane's component of the element at `to`, reduced.
    __device__ __forceinline__ void store(uint4* to) const {
        c.store(to + (is_odd() ? F::QUADS : 0));
    }

    /// The same, not reduced.
    __device__ __forceinline__ void store_lazy(uint4* to) const {
        c.store_lazy(to + (is_odd() ? F::QUADS : 0));
    }

    __device__ __forceinline__ Quadratic operator+(const Quadratic& b) const { return {c + b.c}; }

    __device__ __forceinline__ Quadratic operator-(const Quadratic& b) const { return {c - b.c}; }

    __device__ __forceinline__ Quadratic operator-() const { return {-c}; }

    __device__ __forceinline__ Quadratic dbl() const { return {c.dbl()}; }

    /// Half of this element.
    __device__ __forceinline__ Quadratic half() const { return {c.half()}; }

    /// (a0 b0 - a1 b1) + (a0 b1 + a1 b0) u.
    __device__ INLINE_ON_DEVICE Quadratic operator*(const Quadratic& b) const {
        const F other = swapped(c), other_b = swapped(b.c);
        const bool odd = is_odd();
        return {F::template sum_of_products<2>(
            {c, F::select(odd, other, other.complement())},
            {F::select(odd, other_b, b.c), F::select(odd, b.c, other_b)})};
    }

    /// (a0 + a1) (a0 - a1) + 2 a0 a1 u.
    __device__ INLINE_ON_DEVICE Quadratic sqr() const {
        const F other = swapped(c);
        const bool odd = is_odd();
        return {(c + F::select(odd, c, other)) * F::select(odd, other, c - other)};
    }

    /// a b + c d, with one reduction in each lane.
    __device__ __forceinline__ static Quadratic
    mul_add_mul(const Quadratic& a, const Quadratic& b, const Quadratic& c, const Quadratic& d) {
        return sum_of_two(a.c.reduced(), b.c, c.c.reduced(), d.c);
    }

    /// a b - c d, with one reduction in each lane.
    __device__ __forceinline__ static Quadratic
    mul_sub_mul(const Quadratic& a, const Quadratic& b, const Quadratic& c, const Quadratic& d) {
        return sum_of_two(a.c.reduced(), b.c, c.c.reduced().reduced_complement(), d.c);
    }

    /// The element is 0; the same answer in both lanes.
    __device__ __forceinline__ bool is_zero() const {
        const uint32_t mine = c.is_zero();
        return mine & __shfl_xor_sync(0xffffffff, mine, 1);
    }

    __device__ __forceinline__ bool operator==(const Quadratic& b) const {
        return (*this - b).is_zero();
    }

    __device__ __forceinline__ bool operator!=(const Quadratic& b) const { return !(*this == b); }

    __device__ __forceinline__ static Quadratic select(bool condition, const Quadratic& yes,
                                                       const Quadratic& no) {
        return {F::select(condition, yes.c, no.c)};
    }

    /// 1 where the condition holds, else `other`. (Of `select` with `one` the compiler would keep
    /// what does not depend on the condition in registers.)
    __device__ __forceinline__ static Quadratic one_if(bool condition, const Quadratic& other) {
        const F rational = F::select(condition && !is_odd(), F::one(), other.c);
        return {F::select(condition && is_odd(), F::zero(), rational)};
    }

    __device__ __forceinline__ Quadratic cneg(bool condition) const { return {c.cneg(condition)}; }

    /// The power; the exponent is the same in the whole warp.
    __device__ INLINE_ON_DEVICE Quadratic pow(uint64_t exponent) const {
        Quadratic r = one();
#pragma unroll 1
        for (int i = 64; i-- > 0;) {
            r = r.sqr();
            if (exponent >> i & 1) {
                r = r * *this;
            }
        }
        return r;
    }

    /// The inverse, and zero for zero: the conjugate divided by the norm a0^2 + a1^2.
    __device__ INLINE_ON_DEVICE Quadratic inverse() const {
        const F other = swapped(c);
        return {c.cneg(is_odd()) * F::mul_add_mul(c, c, other, other).inverse()};
    }

    /// Whether the condition holds anywhere in the warp: what decides whether lanes that must keep
    /// step take a branch.
    __device__ __forceinline__ static bool any(bool condition) {
        return __any_sync(0xffffffff, condition);
    }

    /// Whether the condition holds in the whole warp.
    __device__ __forceinline__ static bool all(bool condition) {
        return __all_sync(0xffffffff, condition);
    }

  private:
    __device__ __forceinline__ static bool is_odd() { return threadIdx.x & 1; }

    /// The other lane's value.
    __device__ __forceinline__ static F swapped(const F& a) {
        F r;
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            r.limbs[i] = __shfl_xor_sync(0xffffffff, a.limbs[i], 1);
        }
        return r;
    }

    /// a b + c d for a and c at most p: four products and one reduction in each lane, 5p < R bounds
    /// their sum.
    __device__ INLINE_ON_DEVICE static Quadratic sum_of_two(const F& a, const F& b, const F& c,
                                                            const F& d) {
        const F other_a = swapped(a), other_b = swapped(b), other_c = swapped(c),
                other_d = swapped(d);
        const bool odd = is_odd();
        return {F::template sum_of_products<4>(
            {a, F::select(odd, other_a, other_a.reduced_complement()), //
             c, F::select(odd, other_c, other_c.reduced_complement())},
            {F::select(odd, other_b, b), F::select(odd, b, other_b), //
             F::select(odd, other_d, d), F::select(odd, d, other_d)})};
    }
};

/// The quadratic extension of the base field of BN254, over which G2 is.
using Fq2 = Quadratic<Fq>;

} // namespace zkiln
