// Keys, proofs and their encodings:
//
//     groth16 FOLDER OUT
//
// with a circuit's files in FOLDER. Leaves proof.json and public.json in OUT.

#include "test.h"

enum { MAX_PHASES = 64 };

// Counts phases, and ends the call in one of them.
typedef struct {
    int seen;
    int stop_in;
    char names[MAX_PHASES][32];
} watch;

static int32_t observe(void *user, const char *phase) {
    watch *self = (watch *)user;
    REQUIRE(self->seen < MAX_PHASES);
    snprintf(self->names[self->seen], sizeof self->names[0], "%s", phase);
    return self->seen++ == self->stop_in;
}

static void save(const char *folder, const char *name, const char *text) {
    char path[1024];
    FILE *file;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    REQUIRE(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

// Asks for the size, is refused with one byte less, gets the text.
#define TEXT_OF(call_with, result)                                                                  \
    do {                                                                                            \
        size_t size = 12345, less;                                                                  \
        OK(call_with(NULL, &size));                                                                 \
        result = (char *)malloc(size);                                                              \
        less = size - 1;                                                                            \
        memset(result, 'x', size);                                                                  \
        EXPECT(call_with(result, &less), ZKILN_E_SHORT_BUFFER, "are needed");                       \
        REQUIRE(less == size && result[0] == 'x');                                                  \
        OK(call_with(result, &size));                                                               \
        REQUIRE(strlen(result) + 1 == size && less == size);                                        \
    } while (0)

static void encodings(const zkiln_groth16_proof *proof) {
    static const size_t sizes[] = {128, 256, 164, 324, 256};
    zkiln_groth16_proof back;
    unsigned char bytes[400];
    zkiln_encoding encoding;
    size_t size;

    for (encoding = 0; encoding < 5; encoding++) {
        OK(zkiln_groth16_proof_to_bytes(proof, encoding, NULL, &size));
        REQUIRE(size == sizes[encoding]);
        size--;
        EXPECT(zkiln_groth16_proof_to_bytes(proof, encoding, bytes, &size), ZKILN_E_SHORT_BUFFER, "bytes has room for");
        OK(zkiln_groth16_proof_to_bytes(proof, encoding, bytes, &size));
        OK(zkiln_groth16_proof_from_bytes(&back, encoding, bytes, size));
        REQUIRE(same(proof, &back, sizeof back));
        EXPECT(zkiln_groth16_proof_from_bytes(&back, encoding, bytes, size - 1), ZKILN_E_MALFORMED, "");
        EXPECT(zkiln_groth16_proof_from_bytes(&back, encoding, bytes, size + 1), ZKILN_E_MALFORMED, "");
    }
    size = sizeof bytes;
    EXPECT(zkiln_groth16_proof_to_bytes(proof, 5, bytes, &size), ZKILN_E_ARGUMENT, "5 is no encoding");
    EXPECT(zkiln_groth16_proof_from_bytes(&back, 5, bytes, 128), ZKILN_E_ARGUMENT, "5 is no encoding");
    EXPECT(zkiln_groth16_proof_to_bytes(proof, 0, bytes, NULL), ZKILN_E_ARGUMENT, "the size is NULL");
    EXPECT(zkiln_groth16_proof_to_bytes(NULL, 0, bytes, &size), ZKILN_E_ARGUMENT, "proof is NULL");
}

static void texts(const zkiln_groth16_proof *proof, const zkiln_u256 *inputs, size_t n_public,
                  const zkiln_groth16_vkey *vkey, const char *folder, const char *out) {
    zkiln_groth16_proof back;
    zkiln_u256 *values;
    char *text, *expected;
    size_t size, n = 0;

#define PROOF(text, size) zkiln_groth16_proof_to_json(proof, text, size)
    TEXT_OF(PROOF, text);
    save(out, "proof.json", text);
    OK(zkiln_groth16_proof_from_json(&back, text, strlen(text)));
    REQUIRE(same(proof, &back, sizeof back));
    EXPECT(zkiln_groth16_proof_from_json(&back, text, strlen(text) - 1), ZKILN_E_MALFORMED, "proof");
    EXPECT(zkiln_groth16_proof_from_json(&back, text, strlen(text) + 1), ZKILN_E_MALFORMED, "proof");
    EXPECT(zkiln_groth16_proof_from_json(&back, "\xff", 1), ZKILN_E_MALFORMED, "not UTF-8");
    EXPECT(zkiln_groth16_proof_from_json(&back, NULL, 1), ZKILN_E_ARGUMENT, "text is NULL");
    EXPECT(zkiln_groth16_proof_from_json(&back, NULL, 0), ZKILN_E_MALFORMED, "");
    free(text);

#define PUBLIC(text, size) zkiln_groth16_public_to_json(inputs, n_public, text, size)
    TEXT_OF(PUBLIC, text);
    save(out, "public.json", text);
    expected = read_file(folder, "public.json", &size);
    OK(zkiln_groth16_public_from_json(NULL, &n, text, strlen(text)));
    REQUIRE(n == n_public);
    values = (zkiln_u256 *)calloc(n, sizeof *values);
    n = n_public - 1;
    EXPECT(zkiln_groth16_public_from_json(values, &n, expected, size), ZKILN_E_SHORT_BUFFER, "");
    REQUIRE(n == n_public);
    OK(zkiln_groth16_public_from_json(values, &n, expected, size));
    REQUIRE(same(values, inputs, n * sizeof *values));
    memset(&values[0], 0xff, sizeof values[0]);
    size = 0;
    EXPECT(zkiln_groth16_public_to_json(values, n, NULL, &size), ZKILN_E_PUBLIC_INPUTS, "value 0");
    EXPECT(zkiln_groth16_proof_to_calldata(proof, values, n, NULL, &size), ZKILN_E_PUBLIC_INPUTS, "value 0");
    OK(zkiln_groth16_proof_to_calldata(proof, inputs, n_public, NULL, &size));
    REQUIRE(size == 4 + 256 + 32 * n_public);
    free(values);
    free(expected);
    free(text);

#define VKEY(text, size) zkiln_groth16_vkey_to_json(vkey, text, size)
    TEXT_OF(VKEY, text);
    expected = read_file(folder, "verification_key.json", &size);
    REQUIRE(strcmp(text, expected) == 0);
    free(expected);
    free(text);

#define SOLIDITY(text, size) zkiln_groth16_vkey_to_solidity(vkey, text, size)
    TEXT_OF(SOLIDITY, text);
    REQUIRE(strstr(text, "contract") != NULL);
    free(text);
}

static void verification(const zkiln_groth16_vkey *vkey, const zkiln_groth16_proof *proof,
                         const zkiln_u256 *inputs, size_t n_public) {
    zkiln_groth16_proof proofs[3];
    zkiln_u256 *all = (zkiln_u256 *)calloc(3 * n_public, sizeof *all);
    uint8_t valid[3];
    size_t i;

    REQUIRE(zkiln_groth16_vkey_n_public(vkey) == n_public && zkiln_groth16_vkey_n_public(NULL) == 0);
    OK(zkiln_groth16_verify(vkey, proof, inputs, n_public));
    EXPECT(zkiln_groth16_verify(vkey, proof, inputs, n_public - 1), ZKILN_E_PUBLIC_INPUTS, "");
    EXPECT(zkiln_groth16_verify(vkey, NULL, inputs, n_public), ZKILN_E_ARGUMENT, "proof is NULL");
    EXPECT(zkiln_groth16_verify(NULL, proof, inputs, n_public), ZKILN_E_ARGUMENT, "verification key is NULL");
    for (i = 0; i < 3; i++) {
        proofs[i] = *proof;
        memcpy(all + i * n_public, inputs, n_public * sizeof *all);
    }
    OK(zkiln_groth16_verify_batch(vkey, NULL, proofs, 3, all, n_public));
    memset(valid, 7, sizeof valid);
    OK(zkiln_groth16_verify_batch(vkey, valid, proofs, 3, all, n_public));
    REQUIRE(valid[0] == 1 && valid[1] == 1 && valid[2] == 1);
    OK(zkiln_groth16_verify_batch(vkey, NULL, NULL, 0, NULL, n_public));

    all[n_public].limbs[0] ^= 1;
    EXPECT(zkiln_groth16_verify(vkey, proof, all + n_public, n_public), ZKILN_E_INVALID_PROOF, "not valid");
    EXPECT(zkiln_groth16_verify_batch(vkey, NULL, proofs, 3, all, n_public), ZKILN_E_INVALID_PROOF, "");
    EXPECT(zkiln_groth16_verify_batch(vkey, valid, proofs, 3, all, n_public), ZKILN_E_INVALID_PROOF, "number 1");
    REQUIRE(valid[0] == 1 && valid[1] == 0 && valid[2] == 1);
    EXPECT(zkiln_groth16_verify_batch(vkey, valid, proofs, (size_t)1 << 60, all, n_public),
           ZKILN_E_ARGUMENT, "");
    memset(&all[0], 0xff, sizeof all[0]); // not below r: an alias is no public input
    EXPECT(zkiln_groth16_verify(vkey, proof, all, n_public), ZKILN_E_PUBLIC_INPUTS, "value 0");
    memset(&proofs[0].a, 0xff, sizeof proofs[0].a); // no point at all
    EXPECT(zkiln_groth16_verify(vkey, proofs, inputs, n_public), ZKILN_E_INVALID_PROOF, "");
    free(all);
}

// The phases of a proof are told, and it ends in any of them.
static void progress(const zkiln_groth16_key *key, const zkiln_groth16_witness *witness,
                     zkiln_u256 *inputs, size_t n_public) {
    zkiln_groth16_prove_options options;
    zkiln_groth16_proof proof, untouched;
    watch all, some;
    int i;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.progress = observe;
    options.progress_user = &all;
    memset(&all, 0, sizeof all);
    all.stop_in = -1;
    OK(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, &options));
    REQUIRE(all.seen == 13 && strcmp(all.names[0], "prove") == 0);
    REQUIRE(strcmp(all.names[5], "msm h") == 0 && strcmp(all.names[12], "verify") == 0);

    options.progress_user = &some;
    memset(&proof, 7, sizeof proof);
    untouched = proof;
    memset(&some, 0, sizeof some);
    for (i = 0; i < 12; i++) {
        some.seen = 0;
        some.stop_in = i;
        EXPECT(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, &options), ZKILN_E_CANCELLED, "cancelled");
        // Within a phase others may begin, but hardly more than one.
        REQUIRE(some.seen > i && some.seen <= i + 2 && same(&proof, &untouched, sizeof proof));
    }
    some.seen = 0;
    some.stop_in = 12; // the last
    OK(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, &options));
    options.reserved = 1;
    EXPECT(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, &options), ZKILN_E_ARGUMENT, "reserved");
}

// Another value for one wire: refused, with the constraint's number if the circuit is known.
static void wrong_witnesses(const zkiln_context *context, const zkiln_groth16_key *key,
                            const char *folder, size_t n_wires, size_t n_public) {
    zkiln_u256 *inputs = (zkiln_u256 *)calloc(n_public, sizeof *inputs);
    zkiln_groth16_prove_options options;
    zkiln_groth16_witness *witness = NULL;
    zkiln_groth16_r1cs *r1cs = NULL;
    zkiln_groth16_proof proof;
    zkiln_u256 *values;
    size_t size;
    char *wtns = read_file(folder, "witness.wtns", &size);
    char *circuit;

    // The values are the end of the file.
    values = (zkiln_u256 *)malloc(n_wires * sizeof *values);
    memcpy(values, wtns + size - n_wires * sizeof *values, n_wires * sizeof *values);
    EXPECT(zkiln_groth16_witness_from_bytes(context, &witness, wtns, size - 1), ZKILN_E_MALFORMED, "witness");
    REQUIRE(witness == NULL);
    OK(zkiln_groth16_witness_from_values(context, &witness, values, n_wires));
    OK(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, NULL));
    zkiln_groth16_witness_destroy(witness);
    OK(zkiln_groth16_witness_from_values(context, &witness, values, n_wires - 1));
    EXPECT(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, NULL), ZKILN_E_WITNESS_MISMATCH, "");
    zkiln_groth16_witness_destroy(witness);

    values[1].limbs[0] ^= 1;
    OK(zkiln_groth16_witness_from_values(context, &witness, values, n_wires));
    EXPECT(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, NULL), ZKILN_E_UNSATISFIED, "does not verify");
    circuit = read_file(folder, "circuit.r1cs", &size);
    OK(zkiln_groth16_r1cs_from_bytes(context, &r1cs, circuit, size));
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.r1cs = r1cs;
    EXPECT(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, &options), ZKILN_E_UNSATISFIED, "constraint ");
    options.skip_verify = 1;
    OK(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, &options));
    zkiln_groth16_witness_destroy(witness);
    zkiln_groth16_r1cs_destroy(r1cs);

    values[0] = integer(2);
    EXPECT(zkiln_groth16_witness_from_values(context, &witness, values, n_wires), ZKILN_E_MALFORMED, "constant 1");
    values[0] = integer(1);
    memset(&values[2], 0xff, sizeof values[2]);
    EXPECT(zkiln_groth16_witness_from_values(context, &witness, values, n_wires), ZKILN_E_MALFORMED, "value 2");
    free(inputs);
    free(circuit);
    free(values);
    free(wtns);
}

static void keys(const zkiln_context *context, const char *folder) {
    zkiln_groth16_key *key = NULL;
    zkiln_groth16_vkey *vkey = NULL;
    zkiln_groth16_key_options options;
    watch seen;
    size_t size;
    char *zkey = read_file(folder, "circuit.zkey", &size);
    char path[1024];

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    EXPECT(zkiln_groth16_key_open(context, &key, NULL, NULL), ZKILN_E_ARGUMENT, "the path is NULL");
    EXPECT(zkiln_groth16_key_open(context, &key, "/does/not/exist", NULL), ZKILN_E_IO, "/does/not/exist");
    EXPECT(zkiln_groth16_key_from_bytes(context, &key, zkey, size / 2, NULL), ZKILN_E_MALFORMED, "zkey");
    EXPECT(zkiln_groth16_key_from_bytes(context, &key, NULL, size, NULL), ZKILN_E_ARGUMENT, "bytes is NULL");
    EXPECT(zkiln_groth16_key_from_bytes(NULL, &key, zkey, size, NULL), ZKILN_E_ARGUMENT, "the context is NULL");
    options.constant_work = 3;
    EXPECT(zkiln_groth16_key_from_bytes(context, &key, zkey, size, &options), ZKILN_E_ARGUMENT, "constant_work is 3");
    options.constant_work = 0;
    REQUIRE(key == NULL);
    memset(&seen, 0, sizeof seen);
    options.progress = observe;
    options.progress_user = &seen; // stops in the first phase
    snprintf(path, sizeof path, "%s/circuit.zkey", folder);
    EXPECT(zkiln_groth16_key_open(context, &key, path, &options), ZKILN_E_CANCELLED, "");
    REQUIRE(seen.seen > 0 && strcmp(seen.names[0], "load key") == 0);
    // From bytes that are gone afterwards.
    seen.seen = 0;
    seen.stop_in = -1;
    OK(zkiln_groth16_key_from_bytes(context, &key, zkey, size, &options));
    memset(zkey, 0xff, size);
    free(zkey);
    OK(zkiln_groth16_key_get_vkey(key, &vkey));
    OK(zkiln_groth16_key_check_vkey(key, vkey));
    zkiln_groth16_vkey_destroy(vkey);
    zkiln_groth16_key_destroy(key);
    zkiln_groth16_key_destroy(NULL);
    zkiln_groth16_vkey_destroy(NULL);
    zkiln_groth16_witness_destroy(NULL);
    zkiln_groth16_r1cs_destroy(NULL);
}

// A key that anyone can forge proofs for is refused, unless it is asked for.
static void weak_keys(const zkiln_context *context, const char *folder) {
    zkiln_groth16_key *key = NULL;
    zkiln_groth16_vkey *vkey = NULL;
    zkiln_groth16_key_options options;
    zkiln_groth16_vkey_options vkey_options;
    char path[1024];
    FILE *file;

    snprintf(path, sizeof path, "%s/no_contribution.zkey", folder);
    file = fopen(path, "rb");
    if (file == NULL)
        return; // only one circuit has such a key
    fclose(file);
    EXPECT(zkiln_groth16_key_open(context, &key, path, NULL), ZKILN_E_WEAK_KEY, "insecure key");
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.allow_weak = 1;
    OK(zkiln_groth16_key_open(context, &key, path, &options));
    snprintf(path, sizeof path, "%s/no_contribution_vkey.json", folder);
    EXPECT(zkiln_groth16_vkey_open(context, &vkey, path, NULL), ZKILN_E_WEAK_KEY, "insecure key");
    memset(&vkey_options, 0, sizeof vkey_options);
    vkey_options.struct_size = sizeof vkey_options;
    vkey_options.allow_weak = 1;
    OK(zkiln_groth16_vkey_open(context, &vkey, path, &vkey_options));
    OK(zkiln_groth16_key_check_vkey(key, vkey));
    zkiln_groth16_vkey_destroy(vkey);
    snprintf(path, sizeof path, "%s/verification_key.json", folder);
    OK(zkiln_groth16_vkey_open(context, &vkey, path, NULL));
    EXPECT(zkiln_groth16_key_check_vkey(key, vkey), ZKILN_E_ARGUMENT, "does not belong");
    zkiln_groth16_vkey_destroy(vkey);
    zkiln_groth16_key_destroy(key);
}

int main(int argc, char **argv) {
    zkiln_context *context = new_context();
    zkiln_groth16_key *key = NULL;
    zkiln_groth16_key_info info;
    zkiln_groth16_witness *witness = NULL;
    zkiln_groth16_vkey *vkey = NULL, *read = NULL;
    zkiln_groth16_proof proof, second;
    zkiln_u256 *inputs;
    size_t n_public, size;
    char path[1024], *text;

    REQUIRE(argc == 3);
    snprintf(path, sizeof path, "%s/circuit.zkey", argv[1]);
    OK(zkiln_groth16_key_open(context, &key, path, NULL));
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    OK(zkiln_groth16_key_get_info(key, &info));
    REQUIRE(info.n_wires > info.n_public && info.domain_size >= 4 && info.is_insecure == 0);
    snprintf(path, sizeof path, "%s/witness.wtns", argv[1]);
    OK(zkiln_groth16_witness_open(context, &witness, path));

    n_public = (size_t)info.n_public;
    inputs = (zkiln_u256 *)calloc(n_public + 1, sizeof *inputs);
    EXPECT(zkiln_groth16_prove(key, &proof, inputs, n_public + 1, witness, NULL), ZKILN_E_ARGUMENT, "room for");
    EXPECT(zkiln_groth16_prove(key, &proof, inputs, n_public - 1, witness, NULL), ZKILN_E_ARGUMENT, "room for");
    EXPECT(zkiln_groth16_prove(key, NULL, inputs, n_public, witness, NULL), ZKILN_E_ARGUMENT, "proof is NULL");
    EXPECT(zkiln_groth16_prove(key, &proof, inputs, n_public, NULL, NULL), ZKILN_E_ARGUMENT, "the witness is NULL");
    OK(zkiln_groth16_prove(key, &proof, inputs, n_public, witness, NULL));
    OK(zkiln_groth16_prove(key, &second, inputs, n_public, witness, NULL));
    REQUIRE(!same(&proof, &second, sizeof proof)); // blinded afresh

    OK(zkiln_groth16_key_get_vkey(key, &vkey));
    text = read_file(argv[1], "verification_key.json", &size);
    OK(zkiln_groth16_vkey_from_json(context, &read, text, size, NULL));
    OK(zkiln_groth16_key_check_vkey(key, read));
    free(text);
    verification(read, &second, inputs, n_public);
    encodings(&proof);
    texts(&proof, inputs, n_public, vkey, argv[1], argv[2]);
    progress(key, witness, inputs, n_public);
    wrong_witnesses(context, key, argv[1], (size_t)info.n_wires, n_public);
    keys(context, argv[1]);
    weak_keys(context, argv[1]);

    // The context first: what was made in it goes on.
    zkiln_context_destroy(context);
    OK(zkiln_groth16_verify(vkey, &proof, inputs, n_public));
    zkiln_groth16_vkey_destroy(read);
    zkiln_groth16_vkey_destroy(vkey);
    zkiln_groth16_witness_destroy(witness);
    zkiln_groth16_key_destroy(key);
    free(inputs);
    return 0;
}
