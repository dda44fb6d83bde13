// Points of the curves y^2 = x^3 + b over a field F: Fq for G1, Fq2 for G2. The formulas do not
// know b.
//
// Sums are in XYZZ coordinates, x = X / ZZ and y = Y / ZZZ with ZZ^3 = ZZZ^2 (Sutherland; the
// formulas add-2008-s, madd-2008-s, dbl-2008-s-1 and mdbl-2008-s-1 of the Explicit-Formulas
// Database). They are completed here: equal points, opposite points and infinity give the right
// sum.
//
// Where a lane holds a whole point (F::LANES == 1) the exceptions are ordinary branches, and
// threads may come diverged. Where lanes share a point, whole warps call everything, converged: the
// warp takes the way of the exceptions together when one of its points needs it, computes both, and
// each pair of lanes selects.
#pragma once

#include "fq2.cuh"

namespace zkiln {

/// A point by its coordinates; (0, 0), which is on none of the curves, is infinity.
template <class F>
struct Affine {
    /// The size in memory, x then y, in units of 16 bytes.
    static constexpr int QUADS = 2 * F::QUADS;
    static constexpr int LANES = F::LANES;

    F x, y;

    __device__ __forceinline__ static Affine load(const uint4* from) {
        return {F::load(from), F::load(from + F::QUADS)};
    }

    __device__ __forceinline__ void store(uint4* to) const {
        x.store(to);
        y.store(to + F::QUADS);
    }

    __device__ __forceinline__ bool is_infinity() const { return x.is_zero() & y.is_zero(); }

    __device__ __forceinline__ Affine operator-() const { return {x, -y}; }

    /// The negative where the condition holds.
    __device__ __forceinline__ Affine cneg(bool condition) const { return {x, y.cneg(condition)}; }

    __device__ __forceinline__ static Affine select(bool condition, const Affine& yes,
                                                    const Affine& no) {
        return {F::select(condition, yes.x, no.x), F::select(condition, yes.y, no.y)};
    }
};

/// A point as a sum of others; infinity has ZZ = 0.
template <class F>
struct Xyzz {
    /// The size in memory, X, Y, ZZ, ZZZ, in units of 16 bytes.
    static constexpr int QUADS = 4 * F::QUADS;
    static constexpr int LANES = F::LANES;

    F x, y, zz, zzz;

    __device__ __forceinline__ static Xyzz infinity() {
        return {F::zero(), F::zero(), F::zero(), F::zero()};
    }

    __device__ __forceinline__ static Xyzz from(const Affine<F>& p) {
        return from(p, p.is_infinity());
    }

    __device__ __forceinline__ static Xyzz load(const uint4* from) {
        return {F::load(from), F::load(from + F::QUADS), F::load(from + 2 * F::QUADS),
                F::load(from + 3 * F::QUADS)};
    }

    __device__ __forceinline__ void store(uint4* to) const {
        x.store(to);
        y.store(to + F::QUADS);
        zz.store(to + 2 * F::QUADS);
        zzz.store(to + 3 * F::QUADS);
    }

    __device__ __forceinline__ bool is_infinity() const { return zz.is_zero(); }

    __device__ __forceinline__ Xyzz operator-() const { return {x, -y, zz, zzz}; }

    /// The negative where the condition holds.
    __device__ __forceinline__ Xyzz cneg(bool condition) const {
        return {x, y.cneg(condition), zz, zzz};
    }

    __device__ __forceinline__ static Xyzz select(bool condition, const Xyzz& yes, const Xyzz& no) {
        return {F::select(condition, yes.x, no.x), F::select(condition, yes.y, no.y),
                F::select(condition, yes.zz, no.zz), F::select(condition, yes.zzz, no.zzz)};
    }

    /// This point plus an affine one: 8M + 2S. A sum that begins at infinity begins with a copy.
    __device__ INLINE_ON_DEVICE Xyzz operator+(const Affine<F>& q) const {
        const bool theirs = q.is_infinity();
        if (F::all(theirs)) {
            return *this;
        }
        const bool mine = is_infinity();
        if (F::all(mine)) {
            return from(q, theirs);
        }
        Xyzz a = *this;
        if (F::any(mine)) {
            a = select(mine, from(q, theirs), a);
        }
        Sum sum{q.x * a.zz - a.x, q.y * a.zzz - a.y, a.x, a.y, a.zz, a.zzz};
        sum.complete(mine | theirs);
        return sum.finish();
    }

    /// The sum of two points: 12M + 2S.
    __device__ INLINE_ON_DEVICE Xyzz operator+(const Xyzz& q) const {
        const bool theirs = q.is_infinity();
        if (F::all(theirs)) {
            return *this;
        }
        const bool mine = is_infinity();
        if (F::all(mine)) {
            return q;
        }
        Xyzz a = *this, b = q;
        if (F::any(mine | theirs)) {
            a = select(mine, q, a);
            b.zz = F::one_if(theirs, b.zz);
            b.zzz = F::one_if(theirs, b.zzz);
        }
        const F u = a.x * b.zz, s = a.y * b.zzz;
        Sum sum{b.x * a.zz - u, b.y * a.zzz - s, u, s, a.zz * b.zz, a.zzz * b.zzz};
        sum.complete(mine | theirs);
        return sum.finish();
    }

    /// Twice this point: 6M + 4S. Infinity stays infinity without a branch; no point of the curves
    /// has order 2.
    __device__ INLINE_ON_DEVICE Xyzz dbl() const {
        const Xyzz twice = doubled(Affine<F>{x, y});
        return {twice.x, twice.y, twice.zz * zz, twice.zzz * zzz};
    }

    /// Twice an affine point: 4M + 3S.
    __device__ INLINE_ON_DEVICE static Xyzz doubled(const Affine<F>& q) {
        const F u = q.y.dbl();
        const F v = u.sqr();
        const F w = u * v;
        const F s = q.x * v;
        const F square = q.x.sqr();
        const F m = square.dbl() + square;
        const F x3 = m.sqr() - s.dbl();
        return {x3, F::mul_sub_mul(m, s - x3, w, q.y), v, w};
    }

  private:
    /// An affine point of which it is known whether it is infinity.
    __device__ __forceinline__ static Xyzz from(const Affine<F>& p, bool infinity) {
        const F z = F::one_if(!infinity, F::zero());
        return {p.x, p.y, z, z};
    }

    /// A sum begun: over the common denominators (zz, zzz) the first point is (u, s), and the
    /// second (u + p, s + r).
    struct Sum {
        F p, r, u, s, zz, zzz;

        __device__ INLINE_ON_DEVICE Xyzz finish() const {
            const F pp = p.sqr();
            const F ppp = p * pp;
            const F q = u * pp;
            const F x3 = r.sqr() - ppp - q.dbl();
            return {x3, F::mul_sub_mul(r, q - x3, s, ppp), zz * pp, zzz * ppp};
        }

        /// Makes `finish` right for all points: where the sum is `trivial`, it is the first point.
        ///
        /// An exception becomes a sum like any other whose outcome is the known one, so that it
        /// costs no registers beside the sum and no second copy of `finish`: with p = r = 1,
        /// X3 = -2u and Y3 = u - X3 - s.
        __device__ INLINE_ON_DEVICE void complete(bool trivial) {
            const bool same_x = p.is_zero();
            if (F::any(trivial | same_x)) {
                Xyzz known{u, s, zz, zzz};
                if (F::any(same_x & !trivial)) {
                    const Xyzz equal = select(r.is_zero(), known.dbl(), infinity());
                    known = select(trivial, known, equal);
                }
                const bool exception = trivial | same_x;
                const F half = -known.x.half();
                p = F::one_if(exception, p);
                r = F::one_if(exception, r);
                u = F::select(exception, half, u);
                s = F::select(exception, half - known.x - known.y, s);
                zz = F::select(exception, known.zz, zz);
                zzz = F::select(exception, known.zzz, zzz);
            }
        }
    };
};

/// Points of G1 and G2 of BN254.
using G1Affine = Affine<Fq>;
using G1 = Xyzz<Fq>;
using G2Affine = Affine<Fq2>;
using G2 = Xyzz<Fq2>;

} // namespace zkiln
