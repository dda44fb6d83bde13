// A multi-scalar multiplication: the sum of i (i G) for i = 1 to 1000, where G is the generator of G1.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkiln.h"

#define N 1000

// Ends the program if a call failed.
static void check(zkiln_status status) {
    if (status != ZKILN_OK) {
        fprintf(stderr, "%s: %s\n", zkiln_status_name(status), zkiln_last_error());
        exit(1);
    }
}

int main(void) {
    static zkiln_u256 integers[N];
    static zkiln_bn254_fr scalars[N];
    static zkiln_bn254_g1 bases[N];
    zkiln_bn254_g1 generator, sum, expected;
    zkiln_u256 total;
    zkiln_bn254_fr factor;
    size_t i;

    // Threads for all cores, and a backend: here the processor.
    zkiln_context *context = NULL;
    zkiln_context_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.backend = "cpu";
    check(zkiln_context_create(&context, &options));

    // The scalars 1 to 1000 in Montgomery form, and as many multiples of the generator as bases.
    for (i = 0; i < N; i++)
        integers[i].limbs[0] = i + 1;
    check(zkiln_bn254_fr_from_u256(scalars, integers, N));
    check(zkiln_bn254_g1_generator(&generator));
    check(zkiln_bn254_g1_multiples(context, bases, &generator, scalars, N));

    // The plan is made once. It may be run many times, from any number of threads.
    zkiln_bn254_g1_msm *msm = NULL;
    check(zkiln_bn254_g1_msm_create(context, &msm, bases, N, NULL));
    check(zkiln_bn254_g1_msm_run(msm, &sum, 1, scalars, N));

    // 1 + 4 + 9 + ... = n (n + 1) (2n + 1) / 6.
    memset(&total, 0, sizeof total);
    total.limbs[0] = (uint64_t)N * (N + 1) * (2 * N + 1) / 6;
    check(zkiln_bn254_fr_from_u256(&factor, &total, 1));
    check(zkiln_bn254_g1_multiples(context, &expected, &generator, &factor, 1));
    puts(memcmp(&sum, &expected, sizeof sum) == 0 ? "the sum is right" : "the sum is wrong");

    zkiln_bn254_g1_msm_destroy(msm);
    zkiln_context_destroy(context);
    return memcmp(&sum, &expected, sizeof sum) != 0;
}
