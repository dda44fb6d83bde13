// Buffers on the processor and on the emulated device: the same numbers as calls with the caller's memory.

#include <pthread.h>

#include "test.h"

enum { LOG_N = 6, N = 1 << LOG_N, COLUMNS = 3, ALL = COLUMNS * N, MARGIN = 5 };

static zkiln_context *context_on(const char *backend) {
    zkiln_context *context = NULL;
    zkiln_context_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.backend = backend;
    options.threads = 2;
    OK(zkiln_context_create(&context, &options));
    return context;
}

static void fill(zkiln_bn254_fr *data) {
    size_t i;
    for (i = 0; i < ALL; i++)
        data[i] = element(i * i + 3);
}

// Every transform of columns in the middle of a buffer is that of columns of the caller's, and leaves the rest alone.
static void transforms(const zkiln_context *context) {
    static zkiln_bn254_fr host[ALL], out[ALL + 2 * MARGIN];
    zkiln_bn254_fr shift = element(7), edge = element(11);
    zkiln_bn254_fr_buffer *buffer = NULL;
    zkiln_bn254_ntt *ntt = NULL;
    zkiln_order from, to;
    size_t i;
    int with_shift;

    OK(zkiln_bn254_fr_buffer_create(context, &buffer, ALL + 2 * MARGIN));
    REQUIRE(zkiln_bn254_fr_buffer_len(buffer) == ALL + 2 * MARGIN);
    OK(zkiln_bn254_fr_buffer_read(buffer, out, ALL + 2 * MARGIN, 0));
    for (i = 0; i < sizeof out; i++)
        REQUIRE(((const char *)out)[i] == 0);
    for (i = 0; i < MARGIN; i++) {
        OK(zkiln_bn254_fr_buffer_write(buffer, i, &edge, 1));
        OK(zkiln_bn254_fr_buffer_write(buffer, MARGIN + ALL + i, &edge, 1));
    }
    OK(zkiln_bn254_ntt_create(context, &ntt, LOG_N));
    for (with_shift = 0; with_shift < 2; with_shift++) {
        const zkiln_bn254_fr *coset = with_shift ? &shift : NULL;
        for (from = 0; from < 2; from++)
            for (to = 0; to < 2; to++) {
                fill(host);
                OK(zkiln_bn254_fr_buffer_write(buffer, MARGIN, host, ALL));
                OK(zkiln_bn254_ntt_forward(ntt, host, ALL, from, to, coset));
                OK(zkiln_bn254_ntt_forward_buffer(ntt, buffer, MARGIN, ALL, from, to, coset));
                OK(zkiln_bn254_fr_buffer_read(buffer, out, ALL, MARGIN));
                REQUIRE(same(out, host, sizeof host));
                OK(zkiln_bn254_ntt_inverse_buffer(ntt, buffer, MARGIN, ALL, to, from, coset));
                OK(zkiln_bn254_ntt_inverse(ntt, host, ALL, to, from, coset));
                OK(zkiln_bn254_fr_buffer_read(buffer, out, ALL, MARGIN));
                REQUIRE(same(out, host, sizeof host));
                fill(host);
                REQUIRE(same(out, host, sizeof host));
            }
    }
    OK(zkiln_bn254_ntt_extend(ntt, host, ALL));
    OK(zkiln_bn254_ntt_extend_buffer(ntt, buffer, MARGIN, ALL));
    OK(zkiln_bn254_fr_buffer_read(buffer, out, ALL + 2 * MARGIN, 0));
    REQUIRE(same(out + MARGIN, host, sizeof host));
    for (i = 0; i < MARGIN; i++)
        REQUIRE(same(&out[i], &edge, sizeof edge) && same(&out[MARGIN + ALL + i], &edge, sizeof edge));
    zkiln_bn254_ntt_destroy(ntt);
    zkiln_bn254_fr_buffer_destroy(buffer);
}

// Base i is (i + 1) G, so each sum is known; scalars come from the caller's memory and from a buffer.
#define TEST_MSM(group)                                                                                              \
    static void msm_in_##group(const zkiln_context *context) {                                                       \
        static zkiln_bn254_fr scalars[ALL];                                                                          \
        static zkiln_u256 integers[ALL];                                                                             \
        static zkiln_bn254_##group bases[N];                                                                         \
        zkiln_bn254_##group generator, sums[COLUMNS], expected[COLUMNS];                                             \
        zkiln_bn254_fr factors[COLUMNS];                                                                             \
        zkiln_bn254_##group##_msm *msm = NULL;                                                                       \
        zkiln_bn254_fr_buffer *buffer = NULL;                                                                        \
        uint64_t i, j;                                                                                               \
                                                                                                                     \
        for (i = 0; i < N; i++)                                                                                      \
            scalars[i] = element(i + 1);                                                                             \
        OK(zkiln_bn254_##group##_generator(&generator));                                                             \
        OK(zkiln_bn254_##group##_multiples(context, bases, &generator, scalars, N));                                 \
        memset(&bases[7], 0, sizeof bases[7]); /* infinity */                                                        \
        for (j = 0; j < COLUMNS; j++) {                                                                              \
            uint64_t sum = 0;                                                                                        \
            for (i = 0; i < N; i++) {                                                                                \
                integers[j * N + i] = integer(3 * i + j);                                                            \
                sum += i == 7 ? 0 : (3 * i + j) * (i + 1);                                                           \
            }                                                                                                        \
            factors[j] = element(sum);                                                                               \
        }                                                                                                            \
        OK(zkiln_bn254_##group##_multiples(context, expected, &generator, factors, COLUMNS));                        \
        OK(zkiln_bn254_fr_from_u256(scalars, integers, ALL));                                                        \
        OK(zkiln_bn254_##group##_msm_create(context, &msm, bases, N, NULL));                                         \
        REQUIRE(zkiln_bn254_##group##_msm_len(msm) == N);                                                            \
        OK(zkiln_bn254_##group##_msm_run(msm, sums, COLUMNS, scalars, ALL));                                         \
        REQUIRE(same(sums, expected, sizeof sums));                                                                  \
        OK(zkiln_bn254_##group##_msm_run_u256(msm, sums, COLUMNS, integers, ALL));                                   \
        REQUIRE(same(sums, expected, sizeof sums));                                                                  \
        OK(zkiln_bn254_fr_buffer_create(context, &buffer, ALL + MARGIN));                                            \
        OK(zkiln_bn254_fr_buffer_write(buffer, MARGIN, scalars, ALL));                                               \
        memset(sums, 0xff, sizeof sums);                                                                             \
        OK(zkiln_bn254_##group##_msm_run_buffer(msm, sums, COLUMNS, buffer, MARGIN));                                \
        REQUIRE(same(sums, expected, sizeof sums));                                                                  \
        OK(zkiln_bn254_##group##_msm_run_buffer(msm, sums, 1, buffer, MARGIN + N));                                  \
        REQUIRE(same(sums, &expected[1], sizeof sums[0]));                                                           \
        OK(zkiln_bn254_##group##_msm_run_buffer(msm, NULL, 0, buffer, 0));                                           \
        EXPECT(zkiln_bn254_##group##_msm_run_buffer(msm, sums, COLUMNS, buffer, MARGIN + 1), ZKILN_E_ARGUMENT,       \
               "elements from element 6 on, of a buffer of 197");                                                    \
        EXPECT(zkiln_bn254_##group##_msm_run_buffer(msm, sums, 1, NULL, 0), ZKILN_E_ARGUMENT, "the buffer is NULL"); \
        EXPECT(zkiln_bn254_##group##_msm_run_buffer(NULL, sums, 1, buffer, 0), ZKILN_E_ARGUMENT, "the MSM is NULL"); \
        EXPECT(zkiln_bn254_##group##_msm_run_buffer(msm, NULL, 1, buffer, 0), ZKILN_E_ARGUMENT, "out is NULL");      \
        zkiln_bn254_fr_buffer_destroy(buffer);                                                                       \
        zkiln_bn254_##group##_msm_destroy(msm);                                                                      \
    }

TEST_MSM(g1)
TEST_MSM(g2)

static void refusals(const zkiln_context *context, const char *backend) {
    zkiln_context *stranger = context_on(backend);
    zkiln_bn254_fr_buffer *buffer = NULL, *other = NULL;
    zkiln_bn254_ntt *ntt = NULL;
    zkiln_bn254_fr data[8], zero;
    zkiln_context_info info;

    memset(data, 0, sizeof data);
    memset(&zero, 0, sizeof zero);
    EXPECT(zkiln_bn254_fr_buffer_create(NULL, &buffer, 8), ZKILN_E_ARGUMENT, "the context is NULL");
    EXPECT(zkiln_bn254_fr_buffer_create(context, NULL, 8), ZKILN_E_ARGUMENT, "out is NULL");
    REQUIRE(zkiln_bn254_fr_buffer_create(context, &buffer, (size_t)1 << 55) == ZKILN_E_OUT_OF_MEMORY);
    REQUIRE(zkiln_bn254_fr_buffer_create(context, &buffer, (size_t)-1) != ZKILN_OK && buffer == NULL);
    OK(zkiln_bn254_fr_buffer_create(context, &buffer, 0));
    OK(zkiln_bn254_fr_buffer_write(buffer, 0, NULL, 0));
    zkiln_bn254_fr_buffer_destroy(buffer);
    OK(zkiln_bn254_fr_buffer_create(context, &buffer, 8));
    EXPECT(zkiln_bn254_fr_buffer_write(NULL, 0, data, 8), ZKILN_E_ARGUMENT, "the buffer is NULL");
    EXPECT(zkiln_bn254_fr_buffer_write(buffer, 0, NULL, 8), ZKILN_E_ARGUMENT, "elements is NULL");
    EXPECT(zkiln_bn254_fr_buffer_write(buffer, 1, data, 8), ZKILN_E_ARGUMENT, "8 elements from element 1 on");
    EXPECT(zkiln_bn254_fr_buffer_write(buffer, (size_t)-1, data, 2), ZKILN_E_ARGUMENT, "of a buffer of 8");
    EXPECT(zkiln_bn254_fr_buffer_write(buffer, 0, (zkiln_bn254_fr *)(void *)((char *)data + 1), 1), ZKILN_E_ARGUMENT,
           "misaligned");
    EXPECT(zkiln_bn254_fr_buffer_write(buffer, 0, data, (size_t)-1), ZKILN_E_ARGUMENT, "more than memory");
    EXPECT(zkiln_bn254_fr_buffer_read(buffer, data, 8, 1), ZKILN_E_ARGUMENT, "of a buffer of 8");
    EXPECT(zkiln_bn254_fr_buffer_read(buffer, NULL, 8, 0), ZKILN_E_ARGUMENT, "out is NULL");
    memset(&data[5], 0xff, sizeof data[5]);
    EXPECT(zkiln_bn254_fr_buffer_write(buffer, 0, data, 8), ZKILN_E_MALFORMED, "elements: element 5");
    OK(zkiln_bn254_fr_buffer_read(buffer, data, 8, 0));
    REQUIRE(same(&data[5], &zero, sizeof zero));

    OK(zkiln_bn254_ntt_create(context, &ntt, 2));
    EXPECT(zkiln_bn254_ntt_forward_buffer(ntt, buffer, 0, 6, 0, 0, NULL), ZKILN_E_ARGUMENT, "no multiple");
    EXPECT(zkiln_bn254_ntt_forward_buffer(ntt, buffer, 5, 4, 0, 0, NULL), ZKILN_E_ARGUMENT, "of a buffer of 8");
    EXPECT(zkiln_bn254_ntt_forward_buffer(ntt, buffer, 4, 4, 0, 2, NULL), ZKILN_E_ARGUMENT, "to: 2 is no order");
    EXPECT(zkiln_bn254_ntt_inverse_buffer(ntt, buffer, 4, 4, 0, 0, &zero), ZKILN_E_ARGUMENT, "must not be zero");
    EXPECT(zkiln_bn254_ntt_inverse_buffer(ntt, NULL, 4, 4, 0, 0, NULL), ZKILN_E_ARGUMENT, "the buffer is NULL");
    EXPECT(zkiln_bn254_ntt_extend_buffer(NULL, buffer, 4, 4), ZKILN_E_ARGUMENT, "the NTT is NULL");
    OK(zkiln_bn254_fr_buffer_create(stranger, &other, 8));
    EXPECT(zkiln_bn254_ntt_extend_buffer(ntt, other, 4, 4), ZKILN_E_ARGUMENT, "another context");
    OK(zkiln_bn254_ntt_extend_buffer(ntt, buffer, 4, 4));
    OK(zkiln_bn254_ntt_extend_buffer(ntt, buffer, 4, 0));

    // What is used is told, and given back.
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    OK(zkiln_context_get_info(stranger, &info));
    REQUIRE(info.kind == ZKILN_BACKEND_CPU || info.memory_used >= 8 * sizeof zero);
    zkiln_bn254_fr_buffer_destroy(other);
    OK(zkiln_context_get_info(stranger, &info));
    REQUIRE(info.memory_used == 0);
    zkiln_bn254_fr_buffer_destroy(NULL);
    REQUIRE(zkiln_bn254_fr_buffer_len(NULL) == 0);
    zkiln_bn254_ntt_destroy(ntt);
    zkiln_bn254_fr_buffer_destroy(buffer);
    zkiln_context_destroy(stranger);
}

typedef struct {
    const zkiln_bn254_ntt *ntt;
    zkiln_bn254_fr_buffer *buffer;
} shared;

// There and back, which is nothing, in any order of the threads' calls.
static void *there_and_back(void *argument) {
    const shared *with = (const shared *)argument;
    zkiln_bn254_fr some[N];
    int round;
    for (round = 0; round < 4; round++) {
        OK(zkiln_bn254_ntt_forward_buffer(with->ntt, with->buffer, 0, ALL, ZKILN_NATURAL, ZKILN_NATURAL, NULL));
        OK(zkiln_bn254_fr_buffer_read(with->buffer, some, N, N));
        OK(zkiln_bn254_ntt_inverse_buffer(with->ntt, with->buffer, 0, ALL, ZKILN_NATURAL, ZKILN_NATURAL, NULL));
    }
    return NULL;
}

static void two_threads(const zkiln_context *context) {
    static zkiln_bn254_fr before[ALL], after[ALL];
    zkiln_bn254_ntt *ntt = NULL;
    pthread_t threads[2];
    shared with;
    int i;

    fill(before);
    OK(zkiln_bn254_ntt_create(context, &ntt, LOG_N));
    with.ntt = ntt;
    with.buffer = NULL;
    OK(zkiln_bn254_fr_buffer_create(context, &with.buffer, ALL));
    OK(zkiln_bn254_fr_buffer_write(with.buffer, 0, before, ALL));
    for (i = 0; i < 2; i++)
        REQUIRE(pthread_create(&threads[i], NULL, there_and_back, &with) == 0);
    for (i = 0; i < 2; i++)
        REQUIRE(pthread_join(threads[i], NULL) == 0);
    OK(zkiln_bn254_fr_buffer_read(with.buffer, after, ALL, 0));
    REQUIRE(same(before, after, sizeof before));
    zkiln_bn254_fr_buffer_destroy(with.buffer);
    zkiln_bn254_ntt_destroy(ntt);
}

// What only the processor does is refused on a device that was asked for.
static void no_replacement(const zkiln_context *context, const char *backend) {
    static const unsigned char no_constraints[52] = {'z', 'a', 'i', 'r', 1, 0, 0, 0, 1, 0, 0, 0x7f, 0, 0, 0, 0,
                                                     0,   0,   0,   0,   1};
    zkiln_stark_program *program = NULL;
    zkiln_stark_prover *prover = NULL;
    zkiln_status status;

    OK(zkiln_stark_program_from_bytes(context, &program, no_constraints, sizeof no_constraints));
    status = zkiln_stark_prover_create(context, &prover, program, NULL, 4, NULL);
    REQUIRE(status == (backend[0] == 'c' ? ZKILN_OK : ZKILN_E_DEVICE));
    zkiln_stark_prover_destroy(prover);
    zkiln_stark_program_destroy(program);
}

int main(void) {
    static const char *const backends[] = {"cpu", "emulator"};
    int i;
    for (i = 0; i < 2; i++) {
        zkiln_context *context = context_on(backends[i]);
        transforms(context);
        msm_in_g1(context);
        msm_in_g2(context);
        refusals(context, backends[i]);
        two_threads(context);
        no_replacement(context, backends[i]);
        zkiln_context_destroy(context);
    }
    return 0;
}
