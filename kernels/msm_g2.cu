// The sums of points in G2 of BN254: msm_points.cuh says what each kernel does.

#include "msm_points.cuh"

using namespace zkiln;

KERNEL __launch_bounds__(128, 3)
    msm_accumulate_g2(const uint4* bases, const uint32_t* entries, const uint32_t* counts,
                      const uint32_t* ends, const uint32_t* order, const uint32_t* extras,
                      const uint32_t* totals, uint4* buckets, uint4* partials,
                      uint32_t is_continued, MsmShape shape) {
    msm_accumulate<Fq2>(bases, entries, counts, ends, order, extras, totals, buckets, partials,
                       is_continued, shape);
}

KERNEL __launch_bounds__(128, 3)
    msm_combine_g2(const uint32_t* counts, const uint32_t* order, const uint32_t* extras,
                   const uint32_t* heads, const uint32_t* totals, uint4* buckets, uint4* partials,
                   uint32_t stride, MsmShape shape) {
    msm_combine<Fq2>(counts, order, extras, heads, totals, buckets, partials, stride, shape);
}

KERNEL __launch_bounds__(128, 3)
    msm_fold_g2(const uint4* buckets, uint4* sums, uint32_t bits, uint32_t low_bits,
                uint32_t log_workers, uint32_t sets) {
    msm_fold<Fq2>(buckets, sums, bits, low_bits, log_workers, sets);
}

KERNEL __launch_bounds__(128, 3)
    msm_bits_g2(const uint4* buckets, const uint4* sums, uint4* points, uint32_t bits,
                uint32_t low_bits, uint32_t log_workers, uint32_t sets) {
    msm_bits<Fq2>(buckets, sums, points, bits, low_bits, log_workers, sets);
}

KERNEL __launch_bounds__(128, 3)
    msm_double_g2(const uint4* points, uint4* multiples, uint32_t doublings, uint32_t count) {
    msm_double<Fq2>(points, multiples, doublings, count);
}

KERNEL __launch_bounds__(128, 4)
    msm_to_affine_g2(const uint4* sums, uint4* points, uint32_t workers, uint32_t count) {
    msm_to_affine<Fq2>(sums, points, workers, count);
}

KERNELS(msm_g2, msm_accumulate_g2, msm_combine_g2, msm_fold_g2, msm_bits_g2, msm_double_g2,
        msm_to_affine_g2)
