// Threads share a context and plans; messages and callbacks are each thread's own.

#include <pthread.h>

#include "test.h"

enum { THREADS = 4, ROUNDS = 20, LOG_N = 9, ROWS = 1 << LOG_N };

typedef struct {
    const zkiln_context *context;
    const zkiln_bn254_ntt *ntt;
    const zkiln_bn254_g1_msm *msm;
    uint64_t number;
} worker;

static void *work(void *argument) {
    worker *self = (worker *)argument;
    zkiln_bn254_fr *data = (zkiln_bn254_fr *)malloc(ROWS * sizeof *data);
    zkiln_bn254_fr first;
    zkiln_bn254_g1 sum, again;
    char text[32];
    size_t i;
    int round;

    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < ROWS; i++)
            data[i] = element(self->number + i);
        first = data[0];
        OK(zkiln_bn254_g1_msm_run(self->msm, &sum, 1, data, ROWS));
        OK(zkiln_bn254_ntt_forward(self->ntt, data, ROWS, ZKILN_NATURAL, ZKILN_BIT_REVERSED, NULL));
        // A message of this thread, which the others' calls do not change.
        snprintf(text, sizeof text, "%d elements are no", (int)self->number);
        EXPECT(zkiln_bn254_ntt_forward(self->ntt, data, (size_t)self->number, 0, 0, NULL), ZKILN_E_ARGUMENT, text);
        REQUIRE(strstr(zkiln_last_error(), text) != NULL);
        OK(zkiln_bn254_ntt_inverse(self->ntt, data, ROWS, ZKILN_BIT_REVERSED, ZKILN_NATURAL, NULL));
        REQUIRE(same(data, &first, sizeof first));
        OK(zkiln_bn254_g1_msm_run(self->msm, &again, 1, data, ROWS));
        REQUIRE(same(&sum, &again, sizeof sum));
    }
    free(data);
    return NULL;
}

// What a log callback must be called on.
typedef struct {
    pthread_t thread;
    int lines;
} listener;

static void listen(void *user, int32_t level, const char *message) {
    listener *self = (listener *)user;
    REQUIRE(pthread_equal(self->thread, pthread_self()));
    REQUIRE(level == ZKILN_LOG_INFO && strstr(message, "backend chosen") != NULL);
    self->lines++;
}

static void logs(void) {
    zkiln_context *context = NULL;
    zkiln_context_options options;
    listener self;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.backend = "auto";
    options.threads = 1;
    options.log = listen;
    options.log_user = &self;
    self.thread = pthread_self();
    self.lines = 0;
    OK(zkiln_context_create(&context, &options));
    REQUIRE(self.lines == 1);
    zkiln_context_destroy(context);
}

int main(void) {
    zkiln_context *context = new_context();
    zkiln_bn254_ntt *ntt = NULL;
    zkiln_bn254_g1_msm *msm = NULL;
    zkiln_bn254_g1 *bases = (zkiln_bn254_g1 *)malloc(ROWS * sizeof *bases);
    pthread_t threads[THREADS];
    worker workers[THREADS];
    int i;

    for (i = 0; i < ROWS; i++)
        OK(zkiln_bn254_g1_generator(&bases[i]));
    OK(zkiln_bn254_ntt_create(context, &ntt, LOG_N));
    OK(zkiln_bn254_g1_msm_create(context, &msm, bases, ROWS, NULL));
    free(bases);
    for (i = 0; i < THREADS; i++) {
        workers[i].context = context;
        workers[i].ntt = ntt;
        workers[i].msm = msm;
        workers[i].number = (uint64_t)i + 1;
        REQUIRE(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
    }
    for (i = 0; i < THREADS; i++)
        REQUIRE(pthread_join(threads[i], NULL) == 0);
    zkiln_context_destroy(context);
    zkiln_bn254_ntt_destroy(ntt);
    zkiln_bn254_g1_msm_destroy(msm);
    logs();
    return 0;
}
