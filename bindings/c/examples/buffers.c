// Data that stays on a device between calls: the values of a polynomial become the scalars of a sum.
//
//     buffers [BACKEND]
//
// for a backend such as "cuda:0", or "auto", which is what it is without one.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkiln.h"

enum { LOG_N = 8, N = 1 << LOG_N };

// Ends the program if a call failed.
static void check(zkiln_status status) {
    if (status != ZKILN_OK) {
        fprintf(stderr, "%s: %s\n", zkiln_status_name(status), zkiln_last_error());
        exit(1);
    }
}

int main(int argc, char **argv) {
    static zkiln_u256 integers[N];
    static zkiln_bn254_fr coefficients[N];
    static zkiln_bn254_g1 bases[N];
    zkiln_bn254_g1 sum, expected;
    zkiln_context_options options;
    zkiln_context_info info;
    size_t i;

    zkiln_context *context = NULL;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.backend = argc > 1 ? argv[1] : "auto";
    check(zkiln_context_create(&context, &options));
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    check(zkiln_context_get_info(context, &info));

    // The polynomial 1 + 2 x + 3 x^2 + ..., and N times the generator as bases.
    for (i = 0; i < N; i++) {
        integers[i].limbs[0] = i + 1;
        check(zkiln_bn254_g1_generator(&bases[i]));
    }
    check(zkiln_bn254_fr_from_u256(coefficients, integers, N));
    zkiln_bn254_ntt *ntt = NULL;
    zkiln_bn254_g1_msm *msm = NULL;
    check(zkiln_bn254_ntt_create(context, &ntt, LOG_N));
    check(zkiln_bn254_g1_msm_create(context, &msm, bases, N, NULL));

    // The coefficients go to the device once. The transform's values, which stay there, are the scalars of the sum.
    zkiln_bn254_fr_buffer *buffer = NULL;
    check(zkiln_bn254_fr_buffer_create(context, &buffer, N));
    check(zkiln_bn254_fr_buffer_write(buffer, 0, coefficients, N));
    check(zkiln_bn254_ntt_forward_buffer(ntt, buffer, 0, N, ZKILN_NATURAL, ZKILN_NATURAL, NULL));
    check(zkiln_bn254_g1_msm_run_buffer(msm, &sum, 1, buffer, 0));

    // The values at all N roots of unity add up to N times the first coefficient, which is 1.
    integers[0].limbs[0] = N;
    check(zkiln_bn254_fr_from_u256(coefficients, integers, 1));
    check(zkiln_bn254_g1_multiples(context, &expected, bases, coefficients, 1));
    printf("on %s: the sum is %s\n", info.backend, memcmp(&sum, &expected, sizeof sum) == 0 ? "right" : "wrong");

    zkiln_bn254_fr_buffer_destroy(buffer);
    zkiln_bn254_g1_msm_destroy(msm);
    zkiln_bn254_ntt_destroy(ntt);
    zkiln_context_destroy(context);
    return memcmp(&sum, &expected, sizeof sum) != 0;
}
