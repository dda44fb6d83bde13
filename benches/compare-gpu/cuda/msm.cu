// sppark's MSM over G1 of BN254, as a C function that Rust calls: points and scalars stay on the device.

#include <ff/alt_bn128.hpp>

#include <ec/jacobian_t.hpp>
#include <ec/xyzz_t.hpp>

typedef jacobian_t<fp_t> point_t;
typedef xyzz_t<fp_t> bucket_t;
typedef bucket_t::affine_t affine_t;
typedef fr_t scalar_t;

#include <msm/pippenger.cuh>

#include "sppark.cuh"

// The bytes are zkiln's: coordinates and scalars in Montgomery form, (0, 0) for infinity.
static_assert(sizeof(affine_t) == 64, "an affine point is {x, y}");
static_assert(sizeof(point_t) == 96, "a point is {x, y, z}");
static_assert(sizeof(scalar_t) == 32, "a scalar has four limbs");

struct Msm {
    size_t n;
    dev_ptr_t<affine_t> points;
    dev_ptr_t<scalar_t> scalars;
    msm_t<bucket_t, point_t, affine_t, scalar_t> msm;

    explicit Msm(size_t n) : n(n), points(n), scalars(n), msm(nullptr, n) {}
};

/// A plan over `n` points, which are copied to the device.
extern "C" Status sppark_msm_new(Msm** plan, const affine_t* points, size_t n) {
    *plan = nullptr;
    return guarded([=] {
        const gpu_t& gpu = select_gpu();
        auto* made = new Msm(n);
        *plan = made;
        gpu.HtoD(made->points.data(), points, n);
        gpu.sync();
    });
}

/// Copies its scalars to the device.
extern "C" Status sppark_msm_set_scalars(Msm* plan, const scalar_t* scalars) {
    return guarded([=] {
        const gpu_t& gpu = select_gpu();
        gpu.HtoD(plan->scalars.data(), scalars, plan->n);
        gpu.sync();
    });
}

/// The sum, in Jacobian coordinates: of the scalars given, or of those on the device.
extern "C" Status sppark_msm_run(Msm* plan, const scalar_t* scalars, point_t* sum) {
    return guarded([=] {
        if (scalars)
            check(plan->msm.invoke(*sum, plan->points, plan->n, scalars));
        else
            check(plan->msm.invoke(*sum, plan->points, plan->n, plan->scalars));
    });
}

extern "C" void sppark_msm_free(Msm* plan) { delete plan; }
