// What prover.h and verifier.h promise of sizes, codes and messages:
//
//     contract FOLDER
//
// with a circuit's files in FOLDER.

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rapidsnark.h"

typedef unsigned long long size;

#define REQUIRE(condition) require(condition, #condition, __LINE__)

static char message[512];

static void require(int holds, const char *condition, int line) {
    if (!holds) {
        fprintf(stderr, "%d: %s does not hold; the last message is: %s\n", line, condition, message);
        exit(1);
    }
}

static char *read_file(const char *folder, const char *name, size *length) {
    char path[1024];
    FILE *file;
    char *content;
    long end;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    REQUIRE(file != NULL && fseek(file, 0, SEEK_END) == 0);
    end = ftell(file);
    REQUIRE(end >= 0 && fseek(file, 0, SEEK_SET) == 0);
    content = (char *)malloc((size_t)end + 1);
    REQUIRE(content != NULL && fread(content, 1, (size_t)end, file) == (size_t)end);
    content[end] = '\0';
    fclose(file);
    *length = (size)end;
    return content;
}

// The files of a circuit.
typedef struct {
    char path[1024];
    char *zkey, *wtns, *key, *inputs;
    size zkey_size, wtns_size, key_size, inputs_size;
} circuit;

static int prove(void *prover, const circuit *c, char *proof, size *proof_size, char *inputs,
                 size *public_size) {
    return groth16_prover_prove(prover, c->wtns, c->wtns_size, proof, proof_size, inputs, public_size,
                                message, sizeof message);
}

// How many values public.json has.
static size count(const char *json) {
    size quotes = 0;
    for (; *json != '\0'; json++)
        quotes += *json == '"';
    return quotes / 2;
}

static void sizes(const circuit *c) {
    size from_buffer = 0, from_file = 0, proof = 0;
    REQUIRE(groth16_public_size_for_zkey_buf(c->zkey, c->zkey_size, &from_buffer, message, sizeof message) == PROVER_OK);
    REQUIRE(groth16_public_size_for_zkey_file(c->path, &from_file, message, sizeof message) == PROVER_OK);
    REQUIRE(from_buffer == from_file && from_buffer == 82 * count(c->inputs) + 4);
    groth16_proof_size(&proof);
    REQUIRE(proof == 810);
    groth16_proof_size(NULL);

    REQUIRE(groth16_public_size_for_zkey_buf(c->zkey, 100, &from_buffer, message, sizeof message) == PROVER_ERROR);
    REQUIRE(message[0] != '\0');
    REQUIRE(groth16_public_size_for_zkey_buf(NULL, 100, &from_buffer, message, sizeof message) == PROVER_ERROR);
    REQUIRE(groth16_public_size_for_zkey_buf(c->zkey, c->zkey_size, NULL, message, sizeof message) == PROVER_ERROR);
    REQUIRE(groth16_public_size_for_zkey_file("/does/not/exist", &from_file, message, sizeof message) == PROVER_ERROR);
    REQUIRE(strstr(message, "/does/not/exist") != NULL);
    REQUIRE(groth16_public_size_for_zkey_file(NULL, &from_file, message, sizeof message) == PROVER_ERROR);
}

// A message is cut to its buffer, ends with a zero byte, and may be declined.
static void messages(void) {
    char small[8], untouched = 'x';
    size n;
    memset(small, 'x', sizeof small);
    REQUIRE(groth16_public_size_for_zkey_file("/does/not/exist", &n, small, 4) == PROVER_ERROR);
    REQUIRE(strlen(small) == 3 && small[4] == 'x');
    REQUIRE(groth16_public_size_for_zkey_file("/does/not/exist", &n, &untouched, 0) == PROVER_ERROR);
    REQUIRE(untouched == 'x');
    REQUIRE(groth16_public_size_for_zkey_file("/does/not/exist", &n, NULL, 100) == PROVER_ERROR);
    REQUIRE(groth16_verify("{}", "[]", "{}", small, 1) == VERIFIER_ERROR && small[0] == '\0');
}

static void buffers(const circuit *c, void *prover) {
    char proof[810], again[810], *inputs;
    size proof_size = sizeof proof, public_size, needed, i;

    REQUIRE(groth16_public_size_for_zkey_file(c->path, &needed, message, sizeof message) == PROVER_OK);
    inputs = (char *)malloc((size_t)needed);
    public_size = needed;
    REQUIRE(prove(prover, c, proof, &proof_size, inputs, &public_size) == PROVER_OK);
    // Written without their zero byte, which is there.
    REQUIRE(proof_size == strlen(proof) && proof_size < 810);
    REQUIRE(public_size == strlen(inputs) && public_size < needed);
    REQUIRE(strncmp(proof, "{\"pi_a\":[\"", 10) == 0 && strstr(proof, "\"protocol\":\"groth16\"}") != NULL);
    REQUIRE(count(inputs) == count(c->inputs));
    for (i = 0; i < proof_size; i++)
        REQUIRE(proof[i] != ' ' && proof[i] != '\n');
    REQUIRE(groth16_verify(proof, inputs, c->key, message, sizeof message) == VERIFIER_VALID_PROOF);

    // Too short by any: nothing is written, and what is asked for suffices.
    for (i = 0; i < 3; i++) {
        size short_proof = i == 1 ? 810 : 100, short_public = i == 0 ? needed : 2;
        memset(again, 'x', sizeof again);
        REQUIRE(prove(prover, c, again, &short_proof, inputs, &short_public) == PROVER_ERROR_SHORT_BUFFER);
        REQUIRE(again[0] == 'x' && message[0] != '\0');
        REQUIRE(short_proof > proof_size && short_proof <= 810);
        REQUIRE(short_public == public_size + 1);
        REQUIRE(prove(prover, c, again, &short_proof, inputs, &short_public) == PROVER_OK);
        REQUIRE(short_proof == strlen(again) && short_public == public_size);
    }
    proof_size = 810;
    public_size = needed;
    REQUIRE(prove(NULL, c, proof, &proof_size, inputs, &public_size) == PROVER_ERROR);
    REQUIRE(strstr(message, "prover object") != NULL);
    REQUIRE(prove(prover, c, NULL, &proof_size, inputs, &public_size) == PROVER_ERROR);
    REQUIRE(prove(prover, c, proof, NULL, inputs, &public_size) == PROVER_ERROR);
    REQUIRE(prove(prover, c, proof, &proof_size, NULL, &public_size) == PROVER_ERROR);
    REQUIRE(prove(prover, c, proof, &proof_size, inputs, NULL) == PROVER_ERROR);
    REQUIRE(strstr(message, "public size") != NULL);
    REQUIRE(proof_size == 810 && public_size == needed);
    free(inputs);
}

// Neither a wrong length nor wrong values become a proof.
static void witnesses(const circuit *c, void *prover) {
    char proof[810], *inputs, *wrong = (char *)malloc((size_t)c->wtns_size);
    size proof_size = sizeof proof, public_size;
    unsigned char *count_of_values;
    unsigned int n;

    REQUIRE(groth16_public_size_for_zkey_file(c->path, &public_size, message, sizeof message) == PROVER_OK);
    inputs = (char *)malloc((size_t)public_size);
    REQUIRE(groth16_prover_prove(prover, c->wtns, 40, proof, &proof_size, inputs, &public_size, message, sizeof message) == PROVER_ERROR);
    REQUIRE(groth16_prover_prove(prover, NULL, 40, proof, &proof_size, inputs, &public_size, message, sizeof message) == PROVER_ERROR);
    REQUIRE(strstr(message, "witness buffer") != NULL);

    memcpy(wrong, c->wtns, (size_t)c->wtns_size);
    wrong[c->wtns_size - 32] ^= 1; // the last value
    REQUIRE(groth16_prover_prove(prover, wrong, c->wtns_size, proof, &proof_size, inputs, &public_size, message, sizeof message) == PROVER_ERROR);
    REQUIRE(strstr(message, "does not satisfy") != NULL);

    // One value less: the count in the header, the section's length, the file's end.
    memcpy(wrong, c->wtns, (size_t)c->wtns_size);
    count_of_values = (unsigned char *)wrong + 12 + 12 + 4 + 32;
    n = count_of_values[0] | (unsigned)count_of_values[1] << 8;
    n--;
    count_of_values[0] = n & 0xff;
    count_of_values[1] = n >> 8 & 0xff;
    n *= 32;
    count_of_values[8] = n & 0xff;
    count_of_values[9] = n >> 8 & 0xff;
    count_of_values[10] = n >> 16 & 0xff;
    REQUIRE(groth16_prover_prove(prover, wrong, c->wtns_size - 32, proof, &proof_size, inputs, &public_size, message, sizeof message) == PROVER_INVALID_WITNESS_LENGTH);
    free(wrong);
    free(inputs);
}

static void verdicts(const circuit *c, void *prover) {
    char proof[810], *inputs, *other;
    size proof_size = sizeof proof, public_size;
    char *alias;

    REQUIRE(groth16_public_size_for_zkey_file(c->path, &public_size, message, sizeof message) == PROVER_OK);
    inputs = (char *)malloc((size_t)public_size);
    other = (char *)malloc((size_t)public_size + 100);
    REQUIRE(prove(prover, c, proof, &proof_size, inputs, &public_size) == PROVER_OK);
    REQUIRE(groth16_verify(proof, inputs, c->key, message, sizeof message) == VERIFIER_VALID_PROOF);
    // The file of snarkjs has other spaces.
    REQUIRE(groth16_verify(proof, c->inputs, c->key, message, sizeof message) == VERIFIER_VALID_PROOF);

    // Another value: the last digit of the first.
    strcpy(other, inputs);
    alias = strchr(other + 2, '"') - 1;
    *alias = *alias == '0' ? '1' : '0';
    REQUIRE(groth16_verify(proof, other, c->key, message, sizeof message) == VERIFIER_INVALID_PROOF);
    // r + 33 is no public input, although it is 33 modulo r.
    strcpy(other, "[\"21888242871839275222246405745257275088548364400416034343698204186575808495650\"");
    strcat(other, strchr(inputs + 2, '"') + 1);
    REQUIRE(groth16_verify(proof, other, c->key, message, sizeof message) == VERIFIER_ERROR);
    REQUIRE(strstr(message, "inputs") != NULL);
    REQUIRE(groth16_verify(proof, "[]", c->key, message, sizeof message) == VERIFIER_ERROR);
    REQUIRE(groth16_verify("nonsense", inputs, c->key, message, sizeof message) == VERIFIER_ERROR);
    REQUIRE(groth16_verify(proof, inputs, "{}", message, sizeof message) == VERIFIER_ERROR);
    REQUIRE(groth16_verify(NULL, inputs, c->key, message, sizeof message) == VERIFIER_ERROR);
    REQUIRE(groth16_verify(proof, NULL, c->key, message, sizeof message) == VERIFIER_ERROR);
    REQUIRE(groth16_verify(proof, inputs, NULL, message, sizeof message) == VERIFIER_ERROR);
    // A point off its curve: another last digit of pi_a[0].
    alias = strchr(proof + 10, '"') - 1;
    *alias = *alias == '0' ? '1' : '0';
    REQUIRE(groth16_verify(proof, inputs, c->key, message, sizeof message) == VERIFIER_INVALID_PROOF);
    free(other);
    free(inputs);
}

// Of a key that anyone can forge proofs for neither a prover nor a verdict is made.
static void weak_keys(const char *folder) {
    char path[1024];
    void *prover = NULL;
    size length;
    char *key, *proof, *inputs;
    FILE *file;

    snprintf(path, sizeof path, "%s/no_contribution.zkey", folder);
    file = fopen(path, "rb");
    if (file == NULL)
        return;
    fclose(file);
    REQUIRE(groth16_prover_create_zkey_file(&prover, path, message, sizeof message) == PROVER_ERROR);
    REQUIRE(prover == NULL && strstr(message, "insecure key") != NULL);
    key = read_file(folder, "no_contribution_vkey.json", &length);
    proof = read_file(folder, "proof.json", &length);
    inputs = read_file(folder, "public.json", &length);
    REQUIRE(groth16_verify(proof, inputs, key, message, sizeof message) == VERIFIER_ERROR);
    free(inputs);
    free(proof);
    free(key);
}

typedef struct {
    void *prover;
    const circuit *of;
} job;

static void *work(void *argument) {
    job *self = (job *)argument;
    char proof[810], inputs[2048], words[128];
    size proof_size = sizeof proof, public_size = sizeof inputs;
    if (groth16_prover_prove(self->prover, self->of->wtns, self->of->wtns_size, proof, &proof_size, inputs,
                             &public_size, words, sizeof words) != PROVER_OK ||
        groth16_verify(proof, inputs, self->of->key, words, sizeof words) != VERIFIER_VALID_PROOF)
        return NULL;
    return argument;
}

// One prover serves threads, and a process that was forked off.
static void threads_and_forks(const circuit *c, void *prover) {
    pthread_t threads[3];
    job shared;
    void *done;
    int i, status;
    pid_t child;

    shared.prover = prover;
    shared.of = c;
    for (i = 0; i < 3; i++)
        REQUIRE(pthread_create(&threads[i], NULL, work, &shared) == 0);
    for (i = 0; i < 3; i++)
        REQUIRE(pthread_join(threads[i], &done) == 0 && done == &shared);
    child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(60); // rather than to wait for threads that are not there
        _exit(work(&shared) == &shared ? 0 : 1);
    }
    REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv) {
    circuit c;
    void *prover = NULL, *from_file = NULL;
    char proof[810], inputs[2048];
    size proof_size = sizeof proof, public_size = sizeof inputs;

    REQUIRE(argc == 2);
    snprintf(c.path, sizeof c.path, "%s/circuit.zkey", argv[1]);
    c.zkey = read_file(argv[1], "circuit.zkey", &c.zkey_size);
    c.wtns = read_file(argv[1], "witness.wtns", &c.wtns_size);
    c.key = read_file(argv[1], "verification_key.json", &c.key_size);
    c.inputs = read_file(argv[1], "public.json", &c.inputs_size);
    sizes(&c);
    messages();
    REQUIRE(groth16_prover_zkey_file(c.path, c.wtns, c.wtns_size, proof, &proof_size, inputs, &public_size, message, sizeof message) == PROVER_OK);
    REQUIRE(groth16_verify(proof, inputs, c.key, message, sizeof message) == VERIFIER_VALID_PROOF);
    REQUIRE(groth16_prover_zkey_file(NULL, c.wtns, c.wtns_size, proof, &proof_size, inputs, &public_size, message, sizeof message) == PROVER_ERROR);

    REQUIRE(groth16_prover_create(NULL, c.zkey, c.zkey_size, message, sizeof message) == PROVER_ERROR);
    REQUIRE(groth16_prover_create(&prover, NULL, c.zkey_size, message, sizeof message) == PROVER_ERROR);
    REQUIRE(groth16_prover_create(&prover, c.zkey, c.zkey_size - 1, message, sizeof message) == PROVER_ERROR);
    REQUIRE(prover == NULL);
    REQUIRE(groth16_prover_create(&prover, c.zkey, c.zkey_size, message, sizeof message) == PROVER_OK);
    // The key's buffer may go as soon as there is a prover.
    memset(c.zkey, 0xff, (size_t)c.zkey_size);
    free(c.zkey);
    buffers(&c, prover);
    witnesses(&c, prover);
    verdicts(&c, prover);
    REQUIRE(groth16_prover_create_zkey_file(&from_file, c.path, message, sizeof message) == PROVER_OK);
    buffers(&c, from_file);
    groth16_prover_destroy(from_file);
    threads_and_forks(&c, prover);
    groth16_prover_destroy(prover);
    groth16_prover_destroy(NULL);
    weak_keys(argv[1]);
    free(c.inputs);
    free(c.key);
    free(c.wtns);
    return 0;
}
