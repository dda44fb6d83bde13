// Two threads prove with one key, in one context:
//
//     two_threads circuit.zkey witness.wtns

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkiln.h"

// What both threads use, and only read.
typedef struct {
    const zkiln_groth16_key *key;
    const zkiln_groth16_vkey *vkey;
    const zkiln_groth16_witness *witness;
} shared;

// What one thread has for itself.
typedef struct {
    const shared *with;
    int proven;
} worker;

// Makes three proofs. Errors are kept for each thread: zkiln_last_error tells of this thread's calls.
static void *prove(void *argument) {
    worker *self = (worker *)argument;
    size_t n_public = zkiln_groth16_vkey_n_public(self->with->vkey);
    zkiln_u256 *inputs = (zkiln_u256 *)calloc(n_public + 1, sizeof *inputs);
    zkiln_groth16_proof proof;
    int i;

    for (i = 0; i < 3; i++) {
        zkiln_status status = zkiln_groth16_prove(self->with->key, &proof, inputs, n_public,
                                                  self->with->witness, NULL);
        if (status == ZKILN_OK)
            status = zkiln_groth16_verify(self->with->vkey, &proof, inputs, n_public);
        if (status != ZKILN_OK) {
            fprintf(stderr, "%s: %s\n", zkiln_status_name(status), zkiln_last_error());
            break;
        }
        self->proven++;
    }
    free(inputs);
    return NULL;
}

int main(int argc, char **argv) {
    zkiln_context *context = NULL;
    zkiln_groth16_key *key = NULL;
    zkiln_groth16_vkey *vkey = NULL;
    zkiln_groth16_witness *witness = NULL;
    pthread_t threads[2];
    worker workers[2];
    shared with;
    int i;

    if (argc != 3) {
        fprintf(stderr, "two_threads ZKEY WTNS\n");
        return 2;
    }
    if (zkiln_context_create(&context, NULL) != ZKILN_OK ||
        zkiln_groth16_key_open(context, &key, argv[1], NULL) != ZKILN_OK ||
        zkiln_groth16_key_get_vkey(key, &vkey) != ZKILN_OK ||
        zkiln_groth16_witness_open(context, &witness, argv[2]) != ZKILN_OK) {
        fprintf(stderr, "%s\n", zkiln_last_error());
        return 1;
    }
    with.key = key;
    with.vkey = vkey;
    with.witness = witness;
    for (i = 0; i < 2; i++) {
        workers[i].with = &with;
        workers[i].proven = 0;
        if (pthread_create(&threads[i], NULL, prove, &workers[i]) != 0)
            return 1;
    }
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    printf("%d proofs\n", workers[0].proven + workers[1].proven);

    // In any order: what was made in a context keeps its threads.
    zkiln_context_destroy(context);
    zkiln_groth16_witness_destroy(witness);
    zkiln_groth16_vkey_destroy(vkey);
    zkiln_groth16_key_destroy(key);
    return workers[0].proven + workers[1].proven != 6;
}
