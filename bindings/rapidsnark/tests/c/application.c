// An application that knows rapidsnark's interface and nothing else:
//
//     application ZKEY WTNS VERIFICATION_KEY PROOF PUBLIC
//
// proves, verifies, and writes the last two files.

#include <stdio.h>
#include <stdlib.h>

#include "rapidsnark.h"

static char message[1024];

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "%s: %s\n", what, message);
        exit(1);
    }
}

static char *read_file(const char *path, unsigned long long *size) {
    FILE *file = fopen(path, "rb");
    char *content;
    long length;
    require(file != NULL && fseek(file, 0, SEEK_END) == 0, path);
    length = ftell(file);
    require(length >= 0 && fseek(file, 0, SEEK_SET) == 0, path);
    content = (char *)malloc((size_t)length + 1);
    require(content != NULL && fread(content, 1, (size_t)length, file) == (size_t)length, path);
    content[length] = '\0';
    fclose(file);
    *size = (unsigned long long)length;
    return content;
}

static void write_file(const char *path, const char *content, unsigned long long size) {
    FILE *file = fopen(path, "wb");
    require(file != NULL && fwrite(content, 1, (size_t)size, file) == size && fclose(file) == 0, path);
}

int main(int argc, char **argv) {
    unsigned long long zkey_size, wtns_size, key_size, proof_size, public_size;
    char *zkey, *wtns, *key, *proof, *inputs;

    require(argc == 6, "arguments");
    zkey = read_file(argv[1], &zkey_size);
    wtns = read_file(argv[2], &wtns_size);
    key = read_file(argv[3], &key_size);
    require(groth16_public_size_for_zkey_buf(zkey, zkey_size, &public_size, message,
                                             sizeof message) == PROVER_OK,
            "groth16_public_size_for_zkey_buf");
    groth16_proof_size(&proof_size);
    proof = (char *)malloc((size_t)proof_size);
    inputs = (char *)malloc((size_t)public_size);
    require(groth16_prover(zkey, zkey_size, wtns, wtns_size, proof, &proof_size, inputs, &public_size,
                           message, sizeof message) == PROVER_OK,
            "groth16_prover");
    require(groth16_verify(proof, inputs, key, message, sizeof message) == VERIFIER_VALID_PROOF,
            "groth16_verify");
    write_file(argv[4], proof, proof_size);
    write_file(argv[5], inputs, public_size);
    free(inputs);
    free(proof);
    free(key);
    free(wtns);
    free(zkey);
    return 0;
}
