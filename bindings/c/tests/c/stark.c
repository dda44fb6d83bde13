// Proofs of a statement that Plonky3 has proven as well: made from every layout of its trace, Plonky3's bytes where
// no work is asked for, verified in both ways, and refused when anything is another.
//
//     stark FOLDER
//
// has program.zair; parameters, 32-bit words: the hash, the binary logarithm of the number of rows, and those of
// zkiln_stark_parameters; trace, preprocessed and public, 64-bit words, column by column; proof, Plonky3's.

#include "test.h"

typedef struct {
    zkiln_stark_parameters parameters;
    uint32_t log_height;
    uint64_t *trace, *preprocessed, *public_values;
    size_t n_trace, n_preprocessed, n_public;
    char *program, *proof;
    size_t program_size, proof_size;
} statement;

static uint64_t *read_words(const char *folder, const char *name, size_t *n) {
    size_t size;
    char *content = read_file(folder, name, &size);
    REQUIRE(size % 8 == 0);
    *n = size / 8;
    return (uint64_t *)(void *)content;
}

static statement read_statement(const char *folder) {
    statement s;
    uint32_t *p;
    size_t size;

    memset(&s, 0, sizeof s);
    s.program = read_file(folder, "program.zair", &s.program_size);
    s.proof = read_file(folder, "proof", &s.proof_size);
    s.trace = read_words(folder, "trace", &s.n_trace);
    s.preprocessed = read_words(folder, "preprocessed", &s.n_preprocessed);
    s.public_values = read_words(folder, "public", &s.n_public);
    p = (uint32_t *)(void *)read_file(folder, "parameters", &size);
    REQUIRE(size == 11 * sizeof *p);
    s.parameters.struct_size = sizeof s.parameters;
    s.parameters.hash = p[0];
    s.log_height = p[1];
    s.parameters.log_blowup = p[2];
    s.parameters.log_final_poly_len = p[3];
    s.parameters.max_log_arity = p[4];
    s.parameters.queries = p[5];
    s.parameters.batch_grinding = p[6];
    s.parameters.commit_grinding = p[7];
    s.parameters.query_grinding = p[8];
    s.parameters.ood_grinding = p[9];
    s.parameters.cap_height = p[10];
    free(p);
    return s;
}

static zkiln_matrix matrix(const void *values, size_t n, uint32_t value_size, uint32_t layout) {
    zkiln_matrix m;
    memset(&m, 0, sizeof m);
    m.struct_size = sizeof m;
    m.values = values;
    m.n = n;
    m.value_size = value_size;
    m.layout = layout;
    return m;
}

// The bytes of a proof, in memory of exactly that size.
static char *bytes_of(const zkiln_stark_proof *proof, size_t *size) {
    char *bytes;
    size_t room = 0;

    OK(zkiln_stark_proof_to_bytes(proof, NULL, size));
    REQUIRE(*size > 0);
    bytes = (char *)malloc(*size);
    room = *size - 1;
    EXPECT(zkiln_stark_proof_to_bytes(proof, bytes, &room), ZKILN_E_SHORT_BUFFER, "bytes has room for");
    REQUIRE(room == *size);
    OK(zkiln_stark_proof_to_bytes(proof, bytes, &room));
    REQUIRE(room == *size);
    return bytes;
}

// Proves and takes the proof apart.
static char *prove(const zkiln_stark_prover *prover, const zkiln_matrix *trace, const statement *s, size_t *size) {
    zkiln_stark_proof *proof = NULL;
    char *bytes;
    OK(zkiln_stark_prove(prover, &proof, trace, s->public_values, s->n_public, NULL));
    bytes = bytes_of(proof, size);
    zkiln_stark_proof_destroy(proof);
    return bytes;
}

// The same proof from 64-bit and from 32-bit values, in columns and in rows.
static void layouts(const zkiln_stark_prover *prover, const statement *s, const char *expected, size_t expected_size) {
    const size_t height = (size_t)1 << s->log_height, width = s->n_trace / height;
    uint64_t *rows = (uint64_t *)malloc(s->n_trace * sizeof *rows);
    uint32_t *small = (uint32_t *)malloc(s->n_trace * sizeof *small);
    zkiln_matrix trace;
    size_t i, size;
    char *bytes;
    int is_small = 1;

    for (i = 0; i < s->n_trace; i++)
        rows[(i % height) * width + i / height] = s->trace[i];
    trace = matrix(rows, s->n_trace, 8, ZKILN_ROW_MAJOR);
    bytes = prove(prover, &trace, s, &size);
    REQUIRE(size == expected_size && same(bytes, expected, size));
    free(bytes);
    for (i = 0; i < s->n_trace; i++) {
        is_small &= rows[i] <= 0xffffffff;
        small[i] = (uint32_t)rows[i];
    }
    if (is_small) {
        trace = matrix(small, s->n_trace, 4, ZKILN_ROW_MAJOR);
        bytes = prove(prover, &trace, s, &size);
        REQUIRE(size == expected_size && same(bytes, expected, size));
        free(bytes);
    }
    free(small);
    free(rows);
}

// Counts the phases, and ends the call at the one of this number.
typedef struct {
    int seen, last;
} phases;

static int32_t count(void *user, const char *phase) {
    phases *self = (phases *)user;
    REQUIRE(phase[0] != '\0');
    return ++self->seen == self->last;
}

static void progress(const zkiln_stark_prover *prover, const statement *s) {
    zkiln_matrix trace = matrix(s->trace, s->n_trace, 8, ZKILN_COLUMN_MAJOR);
    zkiln_stark_proof *proof = NULL;
    zkiln_stark_prove_options options;
    phases all = {0, 0}, some;
    int last;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.progress = count;
    options.progress_user = &all;
    OK(zkiln_stark_prove(prover, &proof, &trace, s->public_values, s->n_public, &options));
    zkiln_stark_proof_destroy(proof);
    REQUIRE(all.seen > 5);
    options.progress_user = &some;
    for (last = 1; last < 6; last++) {
        some.seen = 0;
        some.last = last;
        EXPECT(zkiln_stark_prove(prover, &proof, &trace, s->public_values, s->n_public, &options),
               ZKILN_E_CANCELLED, "cancelled");
        REQUIRE(proof == NULL && some.seen < all.seen);
    }
}

// What anyone may send a verifier.
static void hostile_proofs(const zkiln_stark_verifier *verifier, const statement *s, const char *valid, size_t size) {
    char *bytes = (char *)malloc(size + 1);
    size_t i, step = size / 64 + 1;
    zkiln_status status;

    memcpy(bytes, valid, size);
    bytes[size] = 0;
    EXPECT(zkiln_stark_verify(verifier, bytes, size + 1, s->public_values, s->n_public), ZKILN_E_MALFORMED, "proof: ");
    for (i = 0; i < size; i += step) {
        status = zkiln_stark_verify(verifier, bytes, i, s->public_values, s->n_public);
        REQUIRE(status == ZKILN_E_MALFORMED);
        bytes[i] ^= 1;
        status = zkiln_stark_verify(verifier, bytes, size, s->public_values, s->n_public);
        REQUIRE(status == ZKILN_E_MALFORMED || status == ZKILN_E_INVALID_PROOF);
        bytes[i] ^= 1;
    }
    OK(zkiln_stark_verify(verifier, bytes, size, s->public_values, s->n_public));
    free(bytes);
}

static void statements(const zkiln_context *context, const statement *s) {
    const int is_free = s->parameters.batch_grinding + s->parameters.commit_grinding + s->parameters.query_grinding +
                            s->parameters.ood_grinding == 0;
    zkiln_stark_program *program = NULL;
    zkiln_stark_program_info info;
    zkiln_stark_info said;
    zkiln_stark_prover *prover = NULL;
    zkiln_stark_verifier *verifier = NULL, *other = NULL;
    zkiln_matrix trace = matrix(s->trace, s->n_trace, 8, ZKILN_COLUMN_MAJOR);
    zkiln_matrix fixed = matrix(s->preprocessed, s->n_preprocessed, 8, ZKILN_COLUMN_MAJOR);
    const zkiln_matrix *preprocessed = s->n_preprocessed > 0 ? &fixed : NULL;
    char *bytes, *commitment;
    size_t size, commitment_size = 0;

    OK(zkiln_stark_program_from_bytes(context, &program, s->program, s->program_size));
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    OK(zkiln_stark_program_get_info(program, &info));
    REQUIRE(info.width << s->log_height == s->n_trace && info.n_public == s->n_public);
    REQUIRE(info.preprocessed_width << s->log_height == s->n_preprocessed);
    REQUIRE(info.n_constraints > 0 && info.degree > 1 && info.field <= ZKILN_FIELD_GOLDILOCKS);
    OK(zkiln_stark_program_check(program, &trace, preprocessed, s->public_values, s->n_public));

    OK(zkiln_stark_prover_create(context, &prover, program, &s->parameters, s->log_height, preprocessed));
    bytes = prove(prover, &trace, s, &size);
    REQUIRE(!is_free || (size == s->proof_size && same(bytes, s->proof, size)));
    layouts(prover, s, bytes, size);
    progress(prover, s);

    // The prover's verifier, and one of somebody who has the commitment only.
    OK(zkiln_stark_prover_get_verifier(prover, &verifier));
    OK(zkiln_stark_verifier_get_commitment(verifier, NULL, &commitment_size));
    REQUIRE((commitment_size > 0) == (preprocessed != NULL));
    commitment = (char *)malloc(commitment_size + 1);
    OK(zkiln_stark_verifier_get_commitment(verifier, commitment, &commitment_size));
    OK(zkiln_stark_verifier_create(context, &other, program, &s->parameters, s->log_height, commitment,
                                   commitment_size));
    zkiln_stark_program_destroy(program);
    zkiln_stark_prover_destroy(prover);
    OK(zkiln_stark_verify(verifier, s->proof, s->proof_size, s->public_values, s->n_public));
    OK(zkiln_stark_verify(other, s->proof, s->proof_size, s->public_values, s->n_public));
    OK(zkiln_stark_verify(other, bytes, size, s->public_values, s->n_public));
    memset(&said, 0, sizeof said);
    said.struct_size = sizeof said;
    OK(zkiln_stark_verifier_get_info(other, &said));
    REQUIRE(said.log_height == s->log_height && said.conjectured_bits >= said.proven_bits);
    hostile_proofs(other, s, bytes, size);

    zkiln_stark_verifier_destroy(other);
    zkiln_stark_verifier_destroy(verifier);
    free(commitment);
    free(bytes);
}

// What is refused, and with which words.
static void refusals(const zkiln_context *context, const statement *s) {
    zkiln_stark_program *program = (zkiln_stark_program *)1;
    zkiln_stark_prover *prover = NULL;
    zkiln_stark_verifier *verifier = NULL;
    zkiln_stark_proof *proof = NULL;
    zkiln_stark_parameters parameters = s->parameters;
    zkiln_matrix trace = matrix(s->trace, s->n_trace, 8, ZKILN_COLUMN_MAJOR);
    zkiln_matrix fixed = matrix(s->preprocessed, s->n_preprocessed, 8, ZKILN_COLUMN_MAJOR);
    const zkiln_matrix *preprocessed = s->n_preprocessed > 0 ? &fixed : NULL;
    zkiln_stark_info info;
    zkiln_stark_prove_options options;
    uint64_t *public_values = (uint64_t *)malloc((s->n_public + 1) * sizeof *public_values);
    uint64_t kept = s->trace[0];
    size_t size = 0, n = s->n_public;
    char *bytes;

    EXPECT(zkiln_stark_program_from_bytes(context, &program, s->program, s->program_size - 1), ZKILN_E_MALFORMED,
           "program: ");
    REQUIRE(program == NULL);
    EXPECT(zkiln_stark_program_from_bytes(context, &program, NULL, 8), ZKILN_E_ARGUMENT, "bytes is NULL");
    EXPECT(zkiln_stark_program_from_bytes(context, &program, NULL, 0), ZKILN_E_MALFORMED, "program: header");
    EXPECT(zkiln_stark_program_from_bytes(NULL, &program, s->program, s->program_size), ZKILN_E_ARGUMENT,
           "the context is NULL");
    s->program[8] ^= 2;
    EXPECT(zkiln_stark_program_from_bytes(context, &program, s->program, s->program_size), ZKILN_E_MALFORMED,
           "none of KoalaBear, BabyBear and Goldilocks");
    s->program[8] ^= 2;
    EXPECT(zkiln_stark_program_open(context, &program, "/nowhere"), ZKILN_E_IO, "/nowhere");
    EXPECT(zkiln_stark_program_get_info(NULL, NULL), ZKILN_E_ARGUMENT, "the program is NULL");
    OK(zkiln_stark_program_from_bytes(context, &program, s->program, s->program_size));

    EXPECT(zkiln_stark_parameters_preset(NULL, 0), ZKILN_E_ARGUMENT, "is NULL");
    EXPECT(zkiln_stark_parameters_preset(&parameters, 2), ZKILN_E_ARGUMENT, "2 is no preset");
    OK(zkiln_stark_parameters_preset(&parameters, ZKILN_STARK_PRESET_FAST));
    REQUIRE(parameters.queries == 100 && parameters.log_blowup == 1);
    OK(zkiln_stark_parameters_preset(&parameters, ZKILN_STARK_PRESET_PROVEN100));
    REQUIRE(parameters.queries == 100 && parameters.log_blowup == 2);
    parameters.struct_size = 0;
    EXPECT(zkiln_stark_prover_create(context, &prover, program, &parameters, 4, preprocessed), ZKILN_E_ARGUMENT,
           "parameters: struct_size is 0");
    parameters = s->parameters;
    parameters.queries = 0;
    EXPECT(zkiln_stark_prover_create(context, &prover, program, &parameters, 4, preprocessed), ZKILN_E_ARGUMENT,
           "without queries");
    parameters = s->parameters;
    parameters.hash = 9;
    EXPECT(zkiln_stark_prover_create(context, &prover, program, &parameters, 4, preprocessed), ZKILN_E_ARGUMENT,
           "9 is no hash");
    parameters = s->parameters;
    parameters.dialect = 3;
    EXPECT(zkiln_stark_verifier_create(context, &verifier, program, &parameters, 4, NULL, 0), ZKILN_E_ARGUMENT,
           "3 is no dialect");
    EXPECT(zkiln_stark_prover_create(context, &prover, program, &s->parameters, 0xffffffff, preprocessed),
           ZKILN_E_ARGUMENT, "STARK parameters");
    EXPECT(zkiln_stark_prover_create(context, &prover, NULL, NULL, 4, NULL), ZKILN_E_ARGUMENT, "the program is NULL");
    EXPECT(zkiln_stark_verifier_create(context, &verifier, program, &s->parameters, s->log_height, NULL, 1),
           ZKILN_E_ARGUMENT, "commitment is NULL");
    EXPECT(zkiln_stark_verifier_create(context, &verifier, program, &s->parameters, s->log_height, "\x05", 1),
           ZKILN_E_MALFORMED, "commitment: ");
    if (preprocessed != NULL) {
        EXPECT(zkiln_stark_verifier_create(context, &verifier, program, &s->parameters, s->log_height, NULL, 0),
               ZKILN_E_ARGUMENT, "a cap of 0 nodes");
        EXPECT(zkiln_stark_prover_create(context, &prover, program, &s->parameters, s->log_height, NULL),
               ZKILN_E_ARGUMENT, "no preprocessed columns");
        fixed.n--;
        EXPECT(zkiln_stark_prover_create(context, &prover, program, &s->parameters, s->log_height, &fixed),
               ZKILN_E_ARGUMENT, "preprocessed: ");
        fixed.n++;
    } else {
        zkiln_matrix one = matrix(s->trace, 1, 8, ZKILN_COLUMN_MAJOR);
        EXPECT(zkiln_stark_prover_create(context, &prover, program, &s->parameters, s->log_height, &one),
               ZKILN_E_ARGUMENT, "preprocessed: ");
    }
    REQUIRE(prover == NULL && verifier == NULL);
    OK(zkiln_stark_prover_create(context, &prover, program, &s->parameters, s->log_height, preprocessed));
    OK(zkiln_stark_prover_get_verifier(prover, &verifier));

    memcpy(public_values, s->public_values, n * sizeof *public_values);
    EXPECT(zkiln_stark_prove(NULL, &proof, &trace, public_values, n, NULL), ZKILN_E_ARGUMENT, "the prover is NULL");
    EXPECT(zkiln_stark_prove(prover, NULL, &trace, public_values, n, NULL), ZKILN_E_ARGUMENT, "out is NULL");
    EXPECT(zkiln_stark_prove(prover, &proof, NULL, public_values, n, NULL), ZKILN_E_ARGUMENT, "trace is NULL");
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, NULL, 1, NULL), ZKILN_E_ARGUMENT, "public_values is NULL");
    public_values[n] = 0;
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n + 1, NULL), ZKILN_E_PUBLIC_INPUTS, "values");
    trace.n--;
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, NULL), ZKILN_E_ARGUMENT, "columns of");
    trace.n = (size_t)-1;
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, NULL), ZKILN_E_ARGUMENT, "more than memory");
    trace = matrix(NULL, s->n_trace, 8, ZKILN_COLUMN_MAJOR);
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, NULL), ZKILN_E_ARGUMENT, "trace is NULL");
    trace = matrix((const char *)s->trace + 4, s->n_trace - 1, 8, ZKILN_COLUMN_MAJOR);
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, NULL), ZKILN_E_ARGUMENT, "misaligned");
    trace = matrix(s->trace, s->n_trace, 2, ZKILN_COLUMN_MAJOR);
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, NULL), ZKILN_E_ARGUMENT, "4 or 8");
    trace = matrix(s->trace, s->n_trace, 8, 7);
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, NULL), ZKILN_E_ARGUMENT, "7 is no layout");
    trace = matrix(s->trace, s->n_trace, 8, ZKILN_COLUMN_MAJOR);
    trace.struct_size = 4;
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, NULL), ZKILN_E_ARGUMENT, "trace: struct_size");
    trace.struct_size = sizeof trace;
    EXPECT(zkiln_stark_prove(prover, (zkiln_stark_proof **)(void *)s->trace, &trace, public_values, n, NULL),
           ZKILN_E_ARGUMENT, "out and trace overlap");
    s->trace[0] = (uint64_t)-1;
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, NULL), ZKILN_E_MALFORMED,
           "column 0 of row 0 is not below the modulus");
    s->trace[0] = kept ^ 1;
    EXPECT(zkiln_stark_program_check(program, &trace, preprocessed, public_values, n), ZKILN_E_UNSATISFIED, "constraint");
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, NULL), ZKILN_E_UNSATISFIED, "does not verify");
    REQUIRE(proof == NULL);
    // Whoever asks for it gets what nobody accepts.
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.skip_verify = 2;
    EXPECT(zkiln_stark_prove(prover, &proof, &trace, public_values, n, &options), ZKILN_E_ARGUMENT, "skip_verify");
    options.skip_verify = 1;
    OK(zkiln_stark_prove(prover, &proof, &trace, public_values, n, &options));
    bytes = bytes_of(proof, &size);
    EXPECT(zkiln_stark_verify(verifier, bytes, size, public_values, n), ZKILN_E_INVALID_PROOF, "not valid");
    zkiln_stark_proof_destroy(proof);
    free(bytes);
    s->trace[0] = kept;

    EXPECT(zkiln_stark_verify(NULL, s->proof, s->proof_size, public_values, n), ZKILN_E_ARGUMENT, "the verifier is NULL");
    EXPECT(zkiln_stark_verify(verifier, NULL, 5, public_values, n), ZKILN_E_ARGUMENT, "proof is NULL");
    EXPECT(zkiln_stark_verify(verifier, s->proof, s->proof_size, public_values, n + 1), ZKILN_E_PUBLIC_INPUTS, "values");
    // Of one row everything is constant, and a proof may be one for other values that no constraint reads.
    if (s->log_height > 0) {
        public_values[0] ^= 1;
        EXPECT(zkiln_stark_verify(verifier, s->proof, s->proof_size, public_values, n), ZKILN_E_INVALID_PROOF,
               "not valid");
    }
    public_values[0] = (uint64_t)-1;
    EXPECT(zkiln_stark_verify(verifier, s->proof, s->proof_size, public_values, n), ZKILN_E_PUBLIC_INPUTS,
           "public value 0 is 18446744073709551615");
    EXPECT(zkiln_stark_verifier_get_info(verifier, NULL), ZKILN_E_ARGUMENT, "info is NULL");
    memset(&info, 0, sizeof info);
    EXPECT(zkiln_stark_verifier_get_info(verifier, &info), ZKILN_E_ARGUMENT, "struct_size is 0");
    EXPECT(zkiln_stark_verifier_get_commitment(verifier, NULL, NULL), ZKILN_E_ARGUMENT, "the size is NULL");
    EXPECT(zkiln_stark_proof_to_bytes(NULL, NULL, &size), ZKILN_E_ARGUMENT, "the proof is NULL");
    zkiln_stark_verifier_destroy(verifier);
    EXPECT(zkiln_stark_prover_get_verifier(NULL, &verifier), ZKILN_E_ARGUMENT, "the prover is NULL");
    REQUIRE(verifier == NULL);
    zkiln_stark_prover_destroy(prover);
    zkiln_stark_program_destroy(program);
    zkiln_stark_verifier_destroy(NULL);
    zkiln_stark_prover_destroy(NULL);
    zkiln_stark_program_destroy(NULL);
    zkiln_stark_proof_destroy(NULL);
    free(public_values);
}

int main(int argc, char **argv) {
    zkiln_context *context = new_context();
    statement s;
    REQUIRE(argc == 2);
    s = read_statement(argv[1]);
    statements(context, &s);
    refusals(context, &s);
    zkiln_context_destroy(context);
    free(s.program);
    free(s.proof);
    free(s.trace);
    free(s.preprocessed);
    free(s.public_values);
    return 0;
}
