// Proves and verifies with the files of circom and snarkjs:
//
//     groth16 circuit.zkey witness.wtns verification_key.json proof.json public.json
//
// reads the first three and writes the last two.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkiln.h"

// Ends the program if a call failed.
static void check(zkiln_status status) {
    if (status != ZKILN_OK) {
        fprintf(stderr, "%s: %s\n", zkiln_status_name(status), zkiln_last_error());
        exit(1);
    }
}

// Shows what a long call is doing. Anything but 0 would end it.
static int32_t show(void *user, const char *phase) {
    (void)user;
    printf("%s\n", phase);
    return 0;
}

static void save(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "groth16 ZKEY WTNS VERIFICATION_KEY PROOF PUBLIC\n");
        return 2;
    }
    zkiln_context *context = NULL;
    check(zkiln_context_create(&context, NULL));

    // A key is opened once and makes any number of proofs.
    zkiln_groth16_key *key = NULL;
    zkiln_groth16_key_info info;
    check(zkiln_groth16_key_open(context, &key, argv[1], NULL));
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    check(zkiln_groth16_key_get_info(key, &info));

    zkiln_groth16_witness *witness = NULL;
    check(zkiln_groth16_witness_open(context, &witness, argv[2]));

    zkiln_groth16_proof proof;
    size_t n_public = (size_t)info.n_public;
    zkiln_u256 *inputs = (zkiln_u256 *)calloc(n_public + 1, sizeof *inputs);
    zkiln_groth16_prove_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.progress = show;
    check(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, &options));
    zkiln_groth16_witness_destroy(witness); // wiped

    // The library has verified the proof already; this is how others do it. Only ZKILN_OK means valid.
    zkiln_groth16_vkey *vkey = NULL;
    check(zkiln_groth16_vkey_open(context, &vkey, argv[3], NULL));
    check(zkiln_groth16_verify(vkey, &proof, inputs, n_public));

    // Asked without a buffer, a call tells how long it must be.
    size_t size = 0;
    check(zkiln_groth16_proof_to_json(&proof, NULL, &size));
    char *text = (char *)malloc(size);
    check(zkiln_groth16_proof_to_json(&proof, text, &size));
    save(argv[4], text);
    free(text);

    check(zkiln_groth16_public_to_json(inputs, n_public, NULL, &size));
    text = (char *)malloc(size);
    check(zkiln_groth16_public_to_json(inputs, n_public, text, &size));
    save(argv[5], text);
    free(text);

    free(inputs);
    zkiln_groth16_vkey_destroy(vkey);
    zkiln_groth16_key_destroy(key);
    zkiln_context_destroy(context);
    return 0;
}
