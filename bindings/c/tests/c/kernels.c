// Sums and transforms give what they must, on plain and on batched data.

#include "test.h"

#define N 200
#define BATCH 3

// One for each group: base i is (i + 1) G, scalar i of sum j is 3 i + j, so the sum is known.
#define TEST_MSM(group)                                                                             \
    static void msm_in_##group(const zkiln_context *context) {                                      \
        static zkiln_u256 integers[BATCH * N];                                                      \
        static zkiln_bn254_fr scalars[BATCH * N];                                                   \
        static zkiln_bn254_##group bases[N];                                                        \
        zkiln_bn254_##group generator, sums[BATCH], expected[BATCH];                                \
        zkiln_bn254_##group##_msm *msm = NULL;                                                      \
        zkiln_bn254_fr factors[BATCH];                                                              \
        uint64_t i, j;                                                                              \
                                                                                                    \
        for (i = 0; i < N; i++)                                                                     \
            scalars[i] = element(i + 1);                                                            \
        OK(zkiln_bn254_##group##_generator(&generator));                                            \
        OK(zkiln_bn254_##group##_multiples(context, bases, &generator, scalars, N));                \
        REQUIRE(same(&bases[0], &generator, sizeof generator));                                     \
        memset(&bases[7], 0, sizeof bases[7]); /* infinity */                                       \
        for (j = 0; j < BATCH; j++) {                                                               \
            uint64_t sum = 0;                                                                       \
            for (i = 0; i < N; i++) {                                                               \
                integers[j * N + i] = integer(3 * i + j);                                           \
                sum += i == 7 ? 0 : (3 * i + j) * (i + 1);                                          \
            }                                                                                       \
            factors[j] = element(sum);                                                              \
        }                                                                                           \
        OK(zkiln_bn254_##group##_multiples(context, expected, &generator, factors, BATCH));         \
        OK(zkiln_bn254_fr_from_u256(scalars, integers, BATCH * N));                                 \
                                                                                                    \
        OK(zkiln_bn254_##group##_msm_create(context, &msm, bases, N, NULL));                        \
        REQUIRE(zkiln_bn254_##group##_msm_len(msm) == N);                                           \
        OK(zkiln_bn254_##group##_msm_run(msm, sums, BATCH, scalars, BATCH * N));                    \
        REQUIRE(same(sums, expected, sizeof sums));                                                 \
        memset(sums, 0xff, sizeof sums);                                                            \
        OK(zkiln_bn254_##group##_msm_run_u256(msm, sums, BATCH, integers, BATCH * N));              \
        REQUIRE(same(sums, expected, sizeof sums));                                                 \
        OK(zkiln_bn254_##group##_msm_run(msm, sums, 1, scalars + N, N));                            \
        REQUIRE(same(sums, expected + 1, sizeof sums[0]));                                          \
        zkiln_bn254_##group##_msm_destroy(msm);                                                     \
                                                                                                    \
        OK(zkiln_bn254_##group##_msm_create(context, &msm, NULL, 0, NULL));                         \
        OK(zkiln_bn254_##group##_msm_run(msm, sums, 1, NULL, 0));                                   \
        memset(expected, 0, sizeof expected[0]);                                                    \
        REQUIRE(same(sums, expected, sizeof sums[0]));                                              \
        zkiln_bn254_##group##_msm_destroy(msm);                                                     \
    }

TEST_MSM(g1)
TEST_MSM(g2)

static void numbers(void) {
    zkiln_u256 integers[3], back[3];
    zkiln_bn254_fr r[3];
    zkiln_bn254_fq q[3];

    memset(integers, 0, sizeof integers);
    integers[1].limbs[0] = 5;
    integers[2].limbs[3] = 0x3000000000000000; // below both moduli
    OK(zkiln_bn254_fr_from_u256(r, integers, 3));
    REQUIRE(!same(&r[1], &integers[1], sizeof r[1]));
    OK(zkiln_bn254_fr_to_u256(back, r, 3));
    REQUIRE(same(back, integers, sizeof back));
    OK(zkiln_bn254_fq_from_u256(q, integers, 3));
    REQUIRE(!same(&r[1], &q[1], sizeof r[1]));
    OK(zkiln_bn254_fq_to_u256(back, q, 3));
    REQUIRE(same(back, integers, sizeof back));
}

// Data of the polynomials 1 + 2 x + 3 x^2 + ..., 2 + 3 x + ..., ...
static void fill(zkiln_bn254_fr *data, size_t n, size_t batch) {
    size_t i, j;
    for (j = 0; j < batch; j++)
        for (i = 0; i < n; i++)
            data[j * n + i] = element(i + j + 1);
}

static void ntt(const zkiln_context *context, uint32_t log_n) {
    const size_t n = (size_t)1 << log_n, size = n * sizeof(zkiln_bn254_fr);
    zkiln_bn254_fr *data = (zkiln_bn254_fr *)malloc(BATCH * size);
    zkiln_bn254_fr *want = (zkiln_bn254_fr *)malloc(BATCH * size);
    zkiln_bn254_fr *natural = (zkiln_bn254_fr *)malloc(BATCH * size);
    zkiln_bn254_fr shift = element(7), value;
    zkiln_bn254_ntt *plan = NULL;
    zkiln_order from, to;
    size_t j;
    int with_shift;

    REQUIRE(data != NULL && want != NULL && natural != NULL);
    OK(zkiln_bn254_ntt_create(context, &plan, log_n));
    for (with_shift = 0; with_shift < 2; with_shift++) {
        const zkiln_bn254_fr *coset = with_shift ? &shift : NULL;
        fill(natural, n, BATCH);
        OK(zkiln_bn254_ntt_forward(plan, natural, BATCH * n, ZKILN_NATURAL, ZKILN_NATURAL, coset));
        if (!with_shift) {
            // The value at 1 is the sum of the coefficients.
            value = element(n * (n + 1) / 2);
            REQUIRE(same(natural, &value, sizeof value));
        }
        for (from = 0; from < 2; from++)
            for (to = 0; to < 2; to++) {
                fill(data, n, BATCH);
                memcpy(want, natural, BATCH * size);
                for (j = 0; j < BATCH; j++) {
                    if (from == ZKILN_BIT_REVERSED)
                        OK(zkiln_bn254_fr_bit_reverse(context, data + j * n, n));
                    if (to == ZKILN_BIT_REVERSED)
                        OK(zkiln_bn254_fr_bit_reverse(context, want + j * n, n));
                }
                OK(zkiln_bn254_ntt_forward(plan, data, BATCH * n, from, to, coset));
                REQUIRE(same(data, want, BATCH * size));
                OK(zkiln_bn254_ntt_inverse(plan, data, BATCH * n, to, from, coset));
                fill(want, n, BATCH);
                for (j = 0; j < BATCH && from == ZKILN_BIT_REVERSED; j++)
                    OK(zkiln_bn254_fr_bit_reverse(context, want + j * n, n));
                REQUIRE(same(data, want, BATCH * size));
            }
    }
    // The polynomial x has the value 7 at the coset's first point.
    memset(data, 0, size);
    if (log_n > 0) {
        data[1] = element(1);
        OK(zkiln_bn254_ntt_forward(plan, data, n, ZKILN_NATURAL, ZKILN_BIT_REVERSED, &shift));
        REQUIRE(same(data, &shift, sizeof shift));
    }
    // Without data there is nothing to do.
    OK(zkiln_bn254_ntt_forward(plan, NULL, 0, ZKILN_NATURAL, ZKILN_NATURAL, NULL));
    zkiln_bn254_ntt_destroy(plan);
    free(natural);
    free(want);
    free(data);
}

// The polynomial x has the value g at g = root_of_unity(log_n + 1), and the extension gives n g.
static void extension(const zkiln_context *context) {
    enum { LOG_N = 4, N_ROWS = 1 << LOG_N };
    zkiln_bn254_fr data[N_ROWS], root;
    zkiln_bn254_g1 generator, nth, left, right;
    zkiln_bn254_fr n = element(N_ROWS);
    zkiln_bn254_ntt *plan = NULL;

    memset(data, 0, sizeof data);
    data[1] = element(1);
    OK(zkiln_bn254_ntt_create(context, &plan, LOG_N));
    OK(zkiln_bn254_ntt_forward(plan, data, N_ROWS, ZKILN_NATURAL, ZKILN_BIT_REVERSED, NULL));
    OK(zkiln_bn254_ntt_extend(plan, data, N_ROWS));
    OK(zkiln_bn254_root_of_unity(&root, LOG_N + 1));
    OK(zkiln_bn254_g1_generator(&generator));
    OK(zkiln_bn254_g1_multiples(context, &nth, &generator, &n, 1));
    OK(zkiln_bn254_g1_multiples(context, &left, &nth, &root, 1));
    OK(zkiln_bn254_g1_multiples(context, &right, &generator, data, 1));
    REQUIRE(same(&left, &right, sizeof left));
    zkiln_bn254_ntt_destroy(plan);
}

int main(void) {
    zkiln_context *context = new_context();
    numbers();
    msm_in_g1(context);
    msm_in_g2(context);
    ntt(context, 0);
    ntt(context, 1);
    ntt(context, 8);
    extension(context);
    zkiln_context_destroy(context);
    return 0;
}
