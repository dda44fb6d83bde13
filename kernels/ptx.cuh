// The words of PTX that C++ does not have: additions and multiplications that keep a carry, and
// asynchronous copies to shared memory. Inline PTX stands here and nowhere else. Each word has a
// twin for the host, which does the same.
//
// There is one carry flag, as on the device: a word ending in `_cc` sets it, a word with `c` before
// the `_` (addc, subc, madc) uses it, and a chain of words must not be interrupted by another. For
// subtractions it is the borrow.
//
// A word that multiplies gives both halves of the product in one statement. Where the low and high
// halves of the accumulator belong together, ptxas makes of it a single IMAD.WIDE, which is what
// the speed of the field rests on.
#pragma once

#include "cuda.cuh"

namespace zkiln {

#ifdef __CUDA_ARCH__

/// a + b; sets the carry.
__device__ __forceinline__ uint32_t add_cc(uint32_t a, uint32_t b) {
    uint32_t r;
    asm volatile("add.cc.u32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

/// a + b + carry; sets the carry.
__device__ __forceinline__ uint32_t addc_cc(uint32_t a, uint32_t b) {
    uint32_t r;
    asm volatile("addc.cc.u32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

/// a + b + carry, the end of a chain.
__device__ __forceinline__ uint32_t addc(uint32_t a, uint32_t b) {
    uint32_t r;
    asm volatile("addc.u32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

/// a - b; sets the borrow.
__device__ __forceinline__ uint32_t sub_cc(uint32_t a, uint32_t b) {
    uint32_t r;
    asm volatile("sub.cc.u32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

/// a - b - borrow; sets the borrow.
__device__ __forceinline__ uint32_t subc_cc(uint32_t a, uint32_t b) {
    uint32_t r;
    asm volatile("subc.cc.u32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

/// a - b - borrow, the end of a chain. `subc(0, 0)` is all ones where there was a borrow.
__device__ __forceinline__ uint32_t subc(uint32_t a, uint32_t b) {
    uint32_t r;
    asm volatile("subc.u32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

/// (high, low) = a b. Leaves the carry alone.
__device__ __forceinline__ void mul_wide(uint32_t& low, uint32_t& high, uint32_t a, uint32_t b) {
    asm volatile("mul.lo.u32 %0, %2, %3; mul.hi.u32 %1, %2, %3;"
                 : "=&r"(low), "=r"(high)
                 : "r"(a), "r"(b));
}

/// (high, low) += a b; sets the carry.
__device__ __forceinline__ void mad_wide_cc(uint32_t& low, uint32_t& high, uint32_t a, uint32_t b) {
    asm volatile("mad.lo.cc.u32 %0, %2, %3, %0; madc.hi.cc.u32 %1, %2, %3, %1;"
                 : "+r"(low), "+r"(high)
                 : "r"(a), "r"(b));
}

/// (high, low) += a b + carry; sets the carry.
__device__ __forceinline__ void madc_wide_cc(uint32_t& low, uint32_t& high, uint32_t a,
                                             uint32_t b) {
    asm volatile("madc.lo.cc.u32 %0, %2, %3, %0; madc.hi.cc.u32 %1, %2, %3, %1;"
                 : "+r"(low), "+r"(high)
                 : "r"(a), "r"(b));
}

/// (high, low) += a b + carry, the end of a chain.
__device__ __forceinline__ void madc_wide(uint32_t& low, uint32_t& high, uint32_t a, uint32_t b) {
    asm volatile("madc.lo.cc.u32 %0, %2, %3, %0; madc.hi.u32 %1, %2, %3, %1;"
                 : "+r"(low), "+r"(high)
                 : "r"(a), "r"(b));
}

/// Begins to copy 16 bytes from global to shared memory, both aligned to 16.
__device__ __forceinline__ void cp_async_16(void* shared, const void* global) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;"
                 :
                 : "r"(static_cast<uint32_t>(__cvta_generic_to_shared(shared))), "l"(global)
                 : "memory");
}

/// Makes of this thread's copies since the last commit a group.
__device__ __forceinline__ void cp_async_commit() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}

/// Waits until at most `Pending` of this thread's groups are under way, the latest ones.
template <int Pending>
__device__ __forceinline__ void cp_async_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}

#else

/// The carry flag of the thread. No word lets the emulator change threads inside a chain.
static thread_local uint32_t carry_flag = 0;

__device__ __forceinline__ uint32_t add_cc(uint32_t a, uint32_t b) {
    const uint64_t sum = static_cast<uint64_t>(a) + b;
    carry_flag = static_cast<uint32_t>(sum >> 32);
    return static_cast<uint32_t>(sum);
}

__device__ __forceinline__ uint32_t addc_cc(uint32_t a, uint32_t b) {
    const uint64_t sum = static_cast<uint64_t>(a) + b + carry_flag;
    carry_flag = static_cast<uint32_t>(sum >> 32);
    return static_cast<uint32_t>(sum);
}

__device__ __forceinline__ uint32_t addc(uint32_t a, uint32_t b) { return a + b + carry_flag; }

__device__ __forceinline__ uint32_t sub_cc(uint32_t a, uint32_t b) {
    const uint64_t difference = static_cast<uint64_t>(a) - b;
    carry_flag = static_cast<uint32_t>(difference >> 63);
    return static_cast<uint32_t>(difference);
}

__device__ __forceinline__ uint32_t subc_cc(uint32_t a, uint32_t b) {
    const uint64_t difference = static_cast<uint64_t>(a) - b - carry_flag;
    carry_flag = static_cast<uint32_t>(difference >> 63);
    return static_cast<uint32_t>(difference);
}

__device__ __forceinline__ uint32_t subc(uint32_t a, uint32_t b) { return a - b - carry_flag; }

__device__ __forceinline__ void mul_wide(uint32_t& low, uint32_t& high, uint32_t a, uint32_t b) {
    const uint64_t product = static_cast<uint64_t>(a) * b;
    low = static_cast<uint32_t>(product);
    high = static_cast<uint32_t>(product >> 32);
}

__device__ __forceinline__ void madc_wide_cc(uint32_t& low, uint32_t& high, uint32_t a,
                                             uint32_t b) {
    // The product and the carry fit 64 bits; the sum with the accumulator may not.
    const uint64_t product = static_cast<uint64_t>(a) * b + carry_flag;
    const uint64_t sum = (static_cast<uint64_t>(high) << 32 | low) + product;
    carry_flag = sum < product;
    low = static_cast<uint32_t>(sum);
    high = static_cast<uint32_t>(sum >> 32);
}

__device__ __forceinline__ void mad_wide_cc(uint32_t& low, uint32_t& high, uint32_t a, uint32_t b) {
    carry_flag = 0;
    madc_wide_cc(low, high, a, b);
}

__device__ __forceinline__ void madc_wide(uint32_t& low, uint32_t& high, uint32_t a, uint32_t b) {
    const uint32_t carry = carry_flag;
    madc_wide_cc(low, high, a, b);
    carry_flag = carry;
}

__device__ __forceinline__ void cp_async_16(void* shared, const void* global) {
    zkiln_emulator_cp_async(shared, global, 16);
}

__device__ __forceinline__ void cp_async_commit() { zkiln_emulator_cp_async_commit(); }

template <int Pending>
__device__ __forceinline__ void cp_async_wait() {
    zkiln_emulator_cp_async_wait(Pending);
}

#endif

} // namespace zkiln
