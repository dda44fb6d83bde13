// A prover that cannot: what an application is linked with before another library takes its place.

#include <stdio.h>

#include "rapidsnark.h"

static int refuse(char *message, unsigned long long size) {
    snprintf(message, (size_t)size, "the stub proves nothing");
    return PROVER_ERROR;
}

int groth16_public_size_for_zkey_buf(const void *zkey, unsigned long long zkey_size,
                                     unsigned long long *size, char *message,
                                     unsigned long long message_size) {
    (void)zkey, (void)zkey_size, (void)size;
    return refuse(message, message_size);
}

void groth16_proof_size(unsigned long long *size) { *size = 810; }

int groth16_prover(const void *zkey, unsigned long long zkey_size, const void *wtns,
                   unsigned long long wtns_size, char *proof, unsigned long long *proof_size,
                   char *inputs, unsigned long long *inputs_size, char *message,
                   unsigned long long message_size) {
    (void)zkey, (void)zkey_size, (void)wtns, (void)wtns_size;
    (void)proof, (void)proof_size, (void)inputs, (void)inputs_size;
    return refuse(message, message_size);
}

int groth16_verify(const char *proof, const char *inputs, const char *key, char *message,
                   unsigned long message_size) {
    (void)proof, (void)inputs, (void)key;
    refuse(message, message_size);
    return VERIFIER_ERROR;
}
