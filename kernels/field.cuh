// Arithmetic in a prime field on 32-bit limbs, in Montgomery form with R = 2^(32 LIMBS).
//
// Between operations a value is any of the two representatives below 2p: only `store`,
// `to_canonical` and comparisons reduce it below p. The moduli leave room for it: 5p < R.
//
// The multiplication is Montgomery's, interleaved row by row, with the columns of even and of odd
// weight in two accumulators, so that every product is added to an aligned pair of limbs by one
// instruction (the method of sppark and of Matter Labs' bellman-cuda). The square halves the cross
// products by doubling one operand first, row by row as well.
//
// What nvcc 13.0.88 makes of it for sm_90, without loads, stores and the last reduction:
//
//                      IMAD.WIDE  IMAD.HI  IMAD  IADD3
//   BN254 a b                120        8     8     29    38 registers with loads and stores
//   BN254 a^2                 92        8     8     29    34, and 14 shifts
//   BN254 a b - c d          184        8     8     53    48, and 15 others
//   BLS12-381 a b            276       12    12     45    48
//   BLS12-381 a^2            210       12    12     45    52, and 21 shifts
#pragma once

#include "params.cuh"
#include "ptx.cuh"

namespace zkiln {

/// An element of the field of P, or whatever a lane holds of it; here a lane holds all of it.
template <class P>
struct Field {
    static constexpr int LIMBS = P::LIMBS;
    /// The lanes of a warp that share one element.
    static constexpr int LANES = 1;
    /// The size of an element in memory, in units of 16 bytes.
    static constexpr int QUADS = LIMBS / 4;
    using Canonical = Integer<LIMBS>;

    uint32_t limbs[LIMBS];

    __device__ __forceinline__ static Field zero() {
        Field r;
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            r.limbs[i] = 0;
        }
        return r;
    }

    /// R mod p.
    __device__ __forceinline__ static Field one() {
        constexpr Canonical R = D::power_of_two(32 * LIMBS);
        return raw(R);
    }

    /// An element, of which memory may hold any representative below 2p.
    __device__ __forceinline__ static Field load(const uint4* from) {
        const Canonical words = Canonical::load(from);
        return raw(words);
    }

    /// Writes the element, reduced to [0, p).
    __device__ __forceinline__ void store(uint4* to) const { reduced().words().store(to); }

    /// Writes the element as it is, below 2p: for what `load` alone reads again.
    __device__ __forceinline__ void store_lazy(uint4* to) const { words().store(to); }

    /// The element of an integer below R, which may be larger than p.
    __device__ __forceinline__ static Field from_canonical(const Canonical& integer) {
        constexpr Canonical R2 = D::power_of_two(64 * LIMBS);
        // The constant is the operand whose limbs stand in a row: the bound holds for it and any
        // other operand below R.
        return raw(R2) * raw(integer);
    }

    /// The integer in [0, p).
    __device__ __forceinline__ Canonical to_canonical() const {
        Field one = zero();
        one.limbs[0] = 1;
        return (*this * one).reduced().words();
    }

    __device__ __forceinline__ Field operator+(const Field& b) const {
        constexpr Canonical P2 = D::multiple(2);
        return plus(b).minus_if_not_less(P2);
    }

    __device__ __forceinline__ Field operator-(const Field& b) const {
        constexpr Canonical P2 = D::multiple(2);
        const Field difference = minus(b);
        const bool negative = subc(0, 0) != 0;
        return difference.plus(select(negative, raw(P2), zero()));
    }

    __device__ __forceinline__ Field operator-() const { return zero() - *this; }

    __device__ __forceinline__ Field dbl() const { return *this + *this; }

    /// Half of this element.
    __device__ __forceinline__ Field half() const {
        // The even one of a and a + p, both below 3p < R.
        constexpr Canonical M = D::modulus();
        const Field even = plus(select(limbs[0] & 1, raw(M), zero()));
        Field r;
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            r.limbs[i] = even.limbs[i] >> 1 | (i + 1 < LIMBS ? even.limbs[i + 1] << 31 : 0);
        }
        return r;
    }

    __device__ __forceinline__ Field operator*(const Field& b) const {
        return sum_of_products<1>({*this}, {b});
    }

    /// a b + c d, with one reduction.
    __device__ __forceinline__ static Field mul_add_mul(const Field& a, const Field& b,
                                                        const Field& c, const Field& d) {
        return sum_of_products<2>({a, c}, {b, d});
    }

    /// a b - c d, with one reduction.
    __device__ __forceinline__ static Field mul_sub_mul(const Field& a, const Field& b,
                                                        const Field& c, const Field& d) {
        return sum_of_products<2>({a, c.complement()}, {b, d});
    }

    /// The square.
    __device__ INLINE_ON_DEVICE Field sqr() const {
        // Twice this element, below 4p < R, to take the products of different limbs once.
        uint32_t twice[LIMBS];
        UNROLL
        for (int i = LIMBS - 1; i > 0; i--) {
            twice[i] = limbs[i] << 1 | limbs[i - 1] >> 31;
        }
        // Row i is a_i times (a_i, 2 a_(i+1), ..., 2 a_(n-1)), which is less than 4p: as in
        // `sum_of_products`, the accumulators hold less than 5p.
        uint32_t even[LIMBS], odd[LIMBS];
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            uint32_t row[LIMBS];
            row[i] = limbs[i];
            UNROLL
            for (int j = i + 1; j < LIMBS; j++) {
                row[j] = j == i + 1 ? limbs[j] << 1 : twice[j];
            }
            if (i == 0) {
                UNROLL
                for (int j = 0; j < LIMBS; j += 2) {
                    mul_wide(even[j], even[j + 1], row[j], limbs[0]);
                    mul_wide(odd[j], odd[j + 1], row[j + 1], limbs[0]);
                }
                reduce_row<false>(even, odd);
            } else {
                shift(even, odd);
                // This row has no product in column 0: its multiple of p can be chosen first, and
                // takes up the carry.
                reduce_row<true>(even, odd);
                add_row(even, odd, row, limbs[i], i);
            }
        }
        return merge(even, odd);
    }

    /// The sum of a_k b_k, with one reduction.
    ///
    /// The sum of the a_k is at most R - p, that of the a_k b_k at most 8p^2 (4p^2 for K = 1); the
    /// b_k may be anything below R.
    template <int K>
    __device__ INLINE_ON_DEVICE static Field sum_of_products(const Field (&a)[K],
                                                             const Field (&b)[K]) {
        // With a the sum of the a_k and t < a + p what is in the accumulators before a row, after
        // it t' <= (t + (2^32 - 1) (a + p)) / 2^32 < a + p again: LIMBS + 1 limbs hold everything.
        // In the end t' < 8p^2 / R + p < 3p.
        uint32_t even[LIMBS], odd[LIMBS];
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            UNROLL
            for (int k = 0; k < K; k++) {
                const uint32_t factor = b[k].limbs[i];
                if (i == 0 && k == 0) {
                    UNROLL
                    for (int j = 0; j < LIMBS; j += 2) {
                        mul_wide(even[j], even[j + 1], a[k].limbs[j], factor);
                        mul_wide(odd[j], odd[j + 1], a[k].limbs[j + 1], factor);
                    }
                } else if (k == 0) {
                    shift(even, odd);
                    add_row_with_carry(even, odd, a[k].limbs, factor);
                } else {
                    add_row(even, odd, a[k].limbs, factor, 0);
                }
            }
            reduce_row<false>(even, odd);
        }
        const Field r = merge(even, odd);
        return K > 1 ? r.minus_p_if_large() : r;
    }

    /// Equal to 0 in the field.
    __device__ __forceinline__ bool is_zero() const {
        uint32_t all = 0, difference = 0;
        constexpr Canonical M = D::modulus();
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            all |= limbs[i];
            difference |= limbs[i] ^ M.limbs[i];
        }
        return (all == 0) | (difference == 0);
    }

    __device__ __forceinline__ bool operator==(const Field& b) const {
        return (*this - b).is_zero();
    }

    __device__ __forceinline__ bool operator!=(const Field& b) const { return !(*this == b); }

    /// `yes` where the condition holds, else `no`.
    __device__ __forceinline__ static Field select(bool condition, const Field& yes,
                                                   const Field& no) {
        Field r;
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            r.limbs[i] = condition ? yes.limbs[i] : no.limbs[i];
        }
        return r;
    }

    /// 1 where the condition holds, else `other`.
    __device__ __forceinline__ static Field one_if(bool condition, const Field& other) {
        return select(condition, one(), other);
    }

    /// The negative where the condition holds.
    __device__ __forceinline__ Field cneg(bool condition) const {
        return select(condition, -*this, *this);
    }

    /// The power, by square and multiply from the highest bit. Time depends on the exponent.
    __device__ INLINE_ON_DEVICE Field pow(uint64_t exponent) const {
        Field r = one();
#pragma unroll 1
        for (int i = 64; i-- > 0;) {
            r = r.sqr();
            if (exponent >> i & 1) {
                r = r * *this;
            }
        }
        return r;
    }

    /// The inverse, and zero for zero. Fermat's: some 380 multiplications, the same way for every
    /// element.
    __device__ INLINE_ON_DEVICE Field inverse() const {
        constexpr Canonical EXPONENT = D::inverse_exponent();
        Canonical bits = EXPONENT;
        Field r = one();
#pragma unroll 1
        for (int i = 0; i < 32 * LIMBS; i++) {
            r = r.sqr();
            if (bits.limbs[LIMBS - 1] >> 31) {
                r = r * *this;
            }
            UNROLL
            for (int j = LIMBS - 1; j > 0; j--) {
                bits.limbs[j] = bits.limbs[j] << 1 | bits.limbs[j - 1] >> 31;
            }
            bits.limbs[0] <<= 1;
        }
        return r;
    }

    /// Whether the condition holds in a lane with which this lane must keep step: its own here. See
    /// fq2.cuh.
    __device__ __forceinline__ static bool any(bool condition) { return condition; }

    /// Whether the condition holds in all such lanes.
    __device__ __forceinline__ static bool all(bool condition) { return condition; }

    // Steps of the above, for who keeps other bounds.

    /// The sum of integers, below R.
    __device__ __forceinline__ Field plus(const Field& b) const {
        Field r;
        r.limbs[0] = add_cc(limbs[0], b.limbs[0]);
        UNROLL
        for (int i = 1; i < LIMBS - 1; i++) {
            r.limbs[i] = addc_cc(limbs[i], b.limbs[i]);
        }
        r.limbs[LIMBS - 1] = addc(limbs[LIMBS - 1], b.limbs[LIMBS - 1]);
        return r;
    }

    /// This integer, minus `bound` where it is not less.
    __device__ __forceinline__ Field minus_if_not_less(const Canonical& bound) const {
        const Field difference = minus(raw(bound));
        const bool less = subc(0, 0) != 0;
        return select(less, *this, difference);
    }

    /// In [0, p), for a value below 2p.
    __device__ __forceinline__ Field reduced() const {
        constexpr Canonical M = D::modulus();
        return minus_if_not_less(M);
    }

    /// 2p - a, which is at most 2p: an operand for `sum_of_products` and nothing else.
    __device__ __forceinline__ Field complement() const {
        constexpr Canonical P2 = D::multiple(2);
        return raw(P2).minus(*this);
    }

    /// p - a for a in [0, p], in the same range.
    __device__ __forceinline__ Field reduced_complement() const {
        constexpr Canonical M = D::modulus();
        return raw(M).minus(*this);
    }

  private:
    using D = Derived<P>;
    static_assert(LIMBS % 4 == 0 && P::MODULUS[LIMBS - 1] < 0x33333333, "5p < R");

    __device__ __forceinline__ static Field raw(const Canonical& words) {
        Field r;
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            r.limbs[i] = words.limbs[i];
        }
        return r;
    }

    __device__ __forceinline__ Canonical words() const {
        Canonical r;
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            r.limbs[i] = limbs[i];
        }
        return r;
    }

    /// The difference of integers mod R; leaves the borrow.
    __device__ __forceinline__ Field minus(const Field& b) const {
        Field r;
        r.limbs[0] = sub_cc(limbs[0], b.limbs[0]);
        UNROLL
        for (int i = 1; i < LIMBS; i++) {
            r.limbs[i] = subc_cc(limbs[i], b.limbs[i]);
        }
        return r;
    }

    /// Below 2p, for an integer below 3p: minus p where the highest limb shows that p is less.
    __device__ __forceinline__ Field minus_p_if_large() const {
        constexpr Canonical M = D::modulus();
        const bool large = limbs[LIMBS - 1] > M.limbs[LIMBS - 1];
        return minus(select(large, raw(M), zero()));
    }

    // The accumulators of a multiplication: limb i of `even` has weight 2^(32 i), limb i of `odd`
    // 2^(32 (i + 1)).

    /// Divides by 2^32, the lowest limb being 0: even and odd change their places. Leaves a carry
    /// for column 1, which the chain that comes next over `odd` takes up.
    __device__ __forceinline__ static void shift(uint32_t (&even)[LIMBS], uint32_t (&odd)[LIMBS]) {
        const uint32_t lowest = even[1];
        UNROLL
        for (int i = 0; i < LIMBS; i++) {
            const uint32_t next = i + 2 < LIMBS ? even[i + 2] : 0;
            even[i] = odd[i];
            odd[i] = next;
        }
        even[0] = add_cc(even[0], lowest);
    }

    /// Adds a times b and the carry of `shift`.
    __device__ __forceinline__ static void add_row_with_carry(uint32_t (&even)[LIMBS],
                                                              uint32_t (&odd)[LIMBS],
                                                              const uint32_t (&a)[LIMBS],
                                                              uint32_t b) {
        UNROLL
        for (int j = 0; j < LIMBS - 2; j += 2) {
            madc_wide_cc(odd[j], odd[j + 1], a[j + 1], b);
        }
        madc_wide(odd[LIMBS - 2], odd[LIMBS - 1], a[LIMBS - 1], b);
        mad_wide_cc(even[0], even[1], a[0], b);
        UNROLL
        for (int j = 2; j < LIMBS; j += 2) {
            madc_wide_cc(even[j], even[j + 1], a[j], b);
        }
        odd[LIMBS - 1] = addc(odd[LIMBS - 1], 0);
    }

    /// Adds the limbs of a from `first` on, in their columns, times b.
    __device__ __forceinline__ static void add_row(uint32_t (&even)[LIMBS], uint32_t (&odd)[LIMBS],
                                                   const uint32_t (&a)[LIMBS], uint32_t b,
                                                   int first) {
        const int first_odd = first / 2 * 2, first_even = (first + 1) / 2 * 2;
        UNROLL
        for (int j = first_odd; j < LIMBS; j += 2) {
            if (j == first_odd) {
                mad_wide_cc(odd[j], odd[j + 1], a[j + 1], b);
            } else {
                madc_wide_cc(odd[j], odd[j + 1], a[j + 1], b);
            }
        }
        UNROLL
        for (int j = first_even; j < LIMBS; j += 2) {
            if (j == first_even) {
                mad_wide_cc(even[j], even[j + 1], a[j], b);
            } else {
                madc_wide_cc(even[j], even[j + 1], a[j], b);
            }
        }
        if (first_even < LIMBS) {
            odd[LIMBS - 1] = addc(odd[LIMBS - 1], 0);
        }
    }

    /// Adds the multiple of p that makes the lowest limb 0; `Carry` if there is one from `shift`.
    template <bool Carry>
    __device__ __forceinline__ static void reduce_row(uint32_t (&even)[LIMBS],
                                                      uint32_t (&odd)[LIMBS]) {
        constexpr Canonical M = D::modulus();
        const uint32_t factor = even[0] * D::negative_inverse();
        if (Carry) {
            add_row_with_carry(even, odd, M.limbs, factor);
        } else {
            add_row(even, odd, M.limbs, factor, 0);
        }
    }

    /// The sum of the accumulators, divided by 2^32.
    __device__ __forceinline__ static Field merge(const uint32_t (&even)[LIMBS],
                                                  const uint32_t (&odd)[LIMBS]) {
        Field r;
        r.limbs[0] = add_cc(odd[0], even[1]);
        UNROLL
        for (int i = 1; i < LIMBS - 1; i++) {
            r.limbs[i] = addc_cc(odd[i], even[i + 1]);
        }
        r.limbs[LIMBS - 1] = addc(odd[LIMBS - 1], 0);
        return r;
    }
};

/// The scalar field of BN254.
using Fr = Field<Bn254Fr>;
/// The base field of BN254.
using Fq = Field<Bn254Fq>;
/// The base field of BLS12-381.
using Bls381Fq = Field<Bls12381Fq>;

} // namespace zkiln
