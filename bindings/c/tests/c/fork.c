// A process that was forked off is told so, and makes a context of its own.

#define _POSIX_C_SOURCE 200809L

#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

int main(void) {
    zkiln_context *context = new_context();
    zkiln_bn254_ntt *ntt = NULL;
    zkiln_bn254_fr_buffer *buffer = NULL;
    zkiln_bn254_fr data[16];
    int status, i;
    pid_t child;

    for (i = 0; i < 16; i++)
        data[i] = element((uint64_t)i);
    OK(zkiln_bn254_ntt_create(context, &ntt, 4));
    OK(zkiln_bn254_ntt_forward(ntt, data, 16, ZKILN_NATURAL, ZKILN_NATURAL, NULL));
    OK(zkiln_bn254_fr_buffer_create(context, &buffer, 16));

    child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        zkiln_context *own;
        zkiln_bn254_ntt *own_ntt = NULL;
        alarm(60); // rather than to wait for threads that are not there
        EXPECT(zkiln_bn254_ntt_inverse(ntt, data, 16, ZKILN_NATURAL, ZKILN_NATURAL, NULL), ZKILN_E_FORKED,
               "threads do not survive a fork");
        EXPECT(zkiln_bn254_ntt_create(context, &own_ntt, 4), ZKILN_E_FORKED, "");
        EXPECT(zkiln_bn254_fr_buffer_read(buffer, data, 16, 0), ZKILN_E_FORKED, "");
        zkiln_bn254_fr_buffer_destroy(buffer);
        zkiln_bn254_ntt_destroy(ntt);
        zkiln_context_destroy(context);
        own = new_context();
        OK(zkiln_bn254_ntt_create(own, &own_ntt, 4));
        OK(zkiln_bn254_ntt_inverse(own_ntt, data, 16, ZKILN_NATURAL, ZKILN_NATURAL, NULL));
        for (i = 0; i < 16; i++) {
            zkiln_bn254_fr expected = element((uint64_t)i);
            REQUIRE(same(&data[i], &expected, sizeof expected));
        }
        zkiln_bn254_ntt_destroy(own_ntt);
        zkiln_context_destroy(own);
        _exit(0);
    }
    REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);

    // Here nothing has happened.
    OK(zkiln_bn254_ntt_inverse(ntt, data, 16, ZKILN_NATURAL, ZKILN_NATURAL, NULL));
    zkiln_bn254_fr_buffer_destroy(buffer);
    zkiln_bn254_ntt_destroy(ntt);
    zkiln_context_destroy(context);
    return 0;
}
