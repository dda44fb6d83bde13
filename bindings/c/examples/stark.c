// Proves that 1, 1, 2, 3, 5, ... comes to a number in so many steps, modulo 2^31 - 2^24 + 1, and verifies the proof:
//
//     stark fibonacci.zair
//
// reads the constraints, a program of docs/air.md: two columns (x, y) of which the next row is (y, x + y); public are
// x and y of the first row, and y of the last.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkiln.h"

enum { LOG_HEIGHT = 10, HEIGHT = 1 << LOG_HEIGHT };

// Ends the program if a call failed.
static void check(zkiln_status status) {
    if (status != ZKILN_OK) {
        fprintf(stderr, "%s: %s\n", zkiln_status_name(status), zkiln_last_error());
        exit(1);
    }
}

int main(int argc, char **argv) {
    static uint32_t rows[HEIGHT][2];
    uint64_t public_values[3];
    size_t i;

    if (argc != 2) {
        fprintf(stderr, "stark PROGRAM\n");
        return 2;
    }
    rows[0][0] = rows[0][1] = 1;
    for (i = 1; i < HEIGHT; i++) {
        rows[i][0] = rows[i - 1][1];
        rows[i][1] = (rows[i - 1][0] + rows[i - 1][1]) % 0x7f000001;
    }
    public_values[0] = rows[0][0];
    public_values[1] = rows[0][1];
    public_values[2] = rows[HEIGHT - 1][1];

    zkiln_context *context = NULL;
    zkiln_stark_program *program = NULL;
    check(zkiln_context_create(&context, NULL));
    check(zkiln_stark_program_open(context, &program, argv[1]));

    // Without parameters: those of at least 100 proven bits of security.
    zkiln_stark_prover *prover = NULL;
    check(zkiln_stark_prover_create(context, &prover, program, NULL, LOG_HEIGHT, NULL));

    // The trace as it is in memory: integers, row by row.
    zkiln_stark_proof *proof = NULL;
    zkiln_matrix trace;
    memset(&trace, 0, sizeof trace);
    trace.struct_size = sizeof trace;
    trace.values = rows;
    trace.n = sizeof rows / sizeof rows[0][0];
    trace.value_size = sizeof rows[0][0];
    trace.layout = ZKILN_ROW_MAJOR;
    check(zkiln_stark_prove(prover, &proof, &trace, public_values, 3, NULL));

    // Asked without a buffer, the call tells how long it must be.
    size_t size = 0;
    check(zkiln_stark_proof_to_bytes(proof, NULL, &size));
    char *bytes = (char *)malloc(size);
    check(zkiln_stark_proof_to_bytes(proof, bytes, &size));

    // Elsewhere: whoever has the constraints, the parameters and the public values verifies. Only ZKILN_OK means valid.
    zkiln_stark_verifier *verifier = NULL;
    zkiln_stark_info info;
    check(zkiln_stark_verifier_create(context, &verifier, program, NULL, LOG_HEIGHT, NULL, 0));
    check(zkiln_stark_verify(verifier, bytes, size, public_values, 3));
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    check(zkiln_stark_verifier_get_info(verifier, &info));
    printf("proven, with %u bits of security\n", (unsigned)info.proven_bits);

    free(bytes);
    zkiln_stark_verifier_destroy(verifier);
    zkiln_stark_proof_destroy(proof);
    zkiln_stark_prover_destroy(prover);
    zkiln_stark_program_destroy(program);
    zkiln_context_destroy(context);
    return 0;
}
