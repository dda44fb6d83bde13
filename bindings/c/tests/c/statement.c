// Two proofs of statements, from the files of a circuit to certificates, journals and the alarm; everything that is
// refused on the way, and with which words.
//
//     statement LEDGER CONFLICT OUT
//
// LEDGER is tests/data/ledger; CONFLICT has program.json, and the certificates honest.json and forged.json of it, which
// contradict each other; OUT is a folder to write to.

#include <pthread.h>

#include "test.h"

enum { SIGNALS = ZKILN_STATEMENT_SIGNALS };

// One of a few paths that are needed at the same time.
static const char *in(const char *folder, const char *name) {
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static zkiln_word word(const char *text) {
    zkiln_word result;
    OK(zkiln_keccak256(&result, text, strlen(text)));
    return result;
}

// A batch of the ledger with what its proofs are made of.
typedef struct {
    zkiln_statement_v1 statement;
    zkiln_groth16_witness *witness;
    zkiln_u256 signals[SIGNALS];
    char groth16[256];
    char *spartan;
    size_t spartan_size;
} batch;

static void statements(const char *ledger) {
    zkiln_statement_v1 s, same_s;
    zkiln_word digest, other;
    zkiln_u256 signals[SIGNALS];
    size_t size = 0, file_size, i;
    char *file = read_file(ledger, "statement.json", &file_size), *text;

    OK(zkiln_keccak256(&digest, NULL, 0));
    REQUIRE(digest.bytes[0] == 0xc5 && digest.bytes[1] == 0xd2 && digest.bytes[31] == 0x70);
    OK(zkiln_statement_v1_open(&s, in(ledger, "statement.json")));
    OK(zkiln_statement_v1_from_json(&same_s, file, file_size));
    REQUIRE(same(&s, &same_s, sizeof s) && s.chain_id == 1 && s.first_seq == 100 && s.last_seq == 101);
    digest = word("ledger");
    REQUIRE(same(&digest, &s.program, sizeof digest));
    OK(zkiln_statement_v1_to_json(&s, NULL, &size));
    REQUIRE(size == file_size + 1);
    text = (char *)malloc(size);
    size--;
    EXPECT(zkiln_statement_v1_to_json(&s, text, &size), ZKILN_E_SHORT_BUFFER, "text has room for");
    OK(zkiln_statement_v1_to_json(&s, text, &size));
    REQUIRE(same(text, file, size));

    // The halves of the digest come first, then the words that the circuit computes with.
    OK(zkiln_statement_v1_digest(&s, &digest));
    OK(zkiln_statement_v1_signals(&s, signals, SIGNALS));
    for (i = 0; i < 16; i++) {
        REQUIRE((uint8_t)(signals[0].limbs[i / 8] >> 8 * (i % 8)) == digest.bytes[15 - i]);
        REQUIRE((uint8_t)(signals[1].limbs[i / 8] >> 8 * (i % 8)) == digest.bytes[31 - i]);
        REQUIRE((uint8_t)(signals[2].limbs[i / 8] >> 8 * (i % 8)) == s.pre_root.bytes[31 - i]);
    }
    REQUIRE(signals[5].limbs[0] == 100 && signals[6].limbs[0] == 101);
    EXPECT(zkiln_statement_v1_signals(&s, signals, 6), ZKILN_E_ARGUMENT, "room for 6 signals");

    // Each byte of it changes the digest.
    for (i = 0; i < sizeof s; i += 7) {
        same_s = s;
        ((uint8_t *)&same_s)[i] ^= 1;
        if (zkiln_statement_v1_digest(&same_s, &other) == ZKILN_OK)
            REQUIRE(!same(&digest, &other, sizeof digest));
    }
    same_s = s;
    memset(&same_s.post_root, 0xff, sizeof same_s.post_root);
    EXPECT(zkiln_statement_v1_digest(&same_s, &other), ZKILN_E_MALFORMED, "post_root: not below r");
    same_s = s;
    same_s.last_seq = 99;
    EXPECT(zkiln_statement_v1_to_json(&same_s, NULL, &size), ZKILN_E_MALFORMED, "from item 100 to item 99");
    EXPECT(zkiln_statement_v1_from_json(&same_s, file, file_size - 1), ZKILN_E_MALFORMED, "statement: ");
    EXPECT(zkiln_statement_v1_from_json(&same_s, "\xff", 1), ZKILN_E_MALFORMED, "not UTF-8");
    EXPECT(zkiln_statement_v1_from_json(&same_s, NULL, 1), ZKILN_E_ARGUMENT, "text is NULL");
    EXPECT(zkiln_statement_v1_from_json(NULL, file, file_size), ZKILN_E_ARGUMENT, "out is NULL");
    EXPECT(zkiln_statement_v1_open(&same_s, "/nowhere"), ZKILN_E_IO, "/nowhere");
    EXPECT(zkiln_statement_v1_open(&same_s, NULL), ZKILN_E_ARGUMENT, "the path is NULL");
    EXPECT(zkiln_statement_v1_digest(NULL, &other), ZKILN_E_ARGUMENT, "statement is NULL");
    EXPECT(zkiln_statement_v1_digest(&s, &s.payee), ZKILN_E_ARGUMENT, "statement and out overlap");
    EXPECT(zkiln_keccak256(NULL, NULL, 0), ZKILN_E_ARGUMENT, "out is NULL");
    free(text);
    free(file);
}

// Ends the call at the phase of this number.
typedef struct {
    int seen, last;
} phases;

static int32_t count(void *user, const char *phase) {
    phases *self = (phases *)user;
    REQUIRE(phase[0] != '\0');
    return ++self->seen == self->last;
}

// Proves both ways. The public signals are the statement's.
static void prove(const zkiln_groth16_key *key, const zkiln_spartan_circuit *circuit, batch *b) {
    zkiln_groth16_proof proof;
    zkiln_spartan_proof *transparent = NULL;
    zkiln_u256 expected[SIGNALS];
    size_t size = sizeof b->groth16;

    OK(zkiln_statement_v1_signals(&b->statement, expected, SIGNALS));
    OK(zkiln_statement_v1_check_witness(&b->statement, b->witness));
    OK(zkiln_groth16_prove(key, &proof, b->signals, SIGNALS, b->witness, NULL));
    REQUIRE(same(expected, b->signals, sizeof expected));
    OK(zkiln_groth16_proof_to_bytes(&proof, ZKILN_ENCODING_EVM, b->groth16, &size));
    REQUIRE(size == sizeof b->groth16);

    memset(b->signals, 0, sizeof b->signals);
    OK(zkiln_spartan_prove(circuit, &transparent, b->signals, SIGNALS, b->witness, NULL));
    REQUIRE(same(expected, b->signals, sizeof expected));
    OK(zkiln_spartan_proof_to_bytes(transparent, NULL, &b->spartan_size));
    b->spartan = (char *)malloc(b->spartan_size);
    size = b->spartan_size - 1;
    EXPECT(zkiln_spartan_proof_to_bytes(transparent, b->spartan, &size), ZKILN_E_SHORT_BUFFER, "bytes has room for");
    OK(zkiln_spartan_proof_to_bytes(transparent, b->spartan, &size));
    REQUIRE(size == b->spartan_size);
    zkiln_spartan_proof_destroy(transparent);
}

// What anyone may send a verifier of transparent proofs.
static void hostile_proofs(const zkiln_spartan_circuit *circuit, const batch *b) {
    size_t i, size = b->spartan_size;
    char *bytes = (char *)malloc(size + 1);
    zkiln_u256 signals[SIGNALS];
    zkiln_status status;

    memcpy(bytes, b->spartan, size);
    bytes[size] = 0;
    EXPECT(zkiln_spartan_verify(circuit, bytes, size + 1, b->signals, SIGNALS), ZKILN_E_MALFORMED, "spartan proof: ");
    for (i = 0; i < size; i += size / 24) {
        status = zkiln_spartan_verify(circuit, bytes, i, b->signals, SIGNALS);
        REQUIRE(status == ZKILN_E_MALFORMED);
        bytes[i] ^= 1;
        status = zkiln_spartan_verify(circuit, bytes, size, b->signals, SIGNALS);
        REQUIRE(status == ZKILN_E_MALFORMED || status == ZKILN_E_INVALID_PROOF);
        bytes[i] ^= 1;
    }
    OK(zkiln_spartan_verify(circuit, bytes, size, b->signals, SIGNALS));
    for (i = 0; i < SIGNALS; i++) {
        memcpy(signals, b->signals, sizeof signals);
        signals[i].limbs[0] ^= 1;
        EXPECT(zkiln_spartan_verify(circuit, bytes, size, signals, SIGNALS), ZKILN_E_INVALID_PROOF, "not valid");
    }
    memset(&signals[3], 0xff, sizeof signals[3]);
    EXPECT(zkiln_spartan_verify(circuit, bytes, size, signals, SIGNALS), ZKILN_E_PUBLIC_INPUTS, "value 3");
    EXPECT(zkiln_spartan_verify(circuit, bytes, size, b->signals, 6), ZKILN_E_PUBLIC_INPUTS, "6 where the circuit has 7");
    EXPECT(zkiln_spartan_verify(circuit, NULL, 5, b->signals, SIGNALS), ZKILN_E_ARGUMENT, "proof is NULL");
    EXPECT(zkiln_spartan_verify(circuit, NULL, 0, b->signals, SIGNALS), ZKILN_E_MALFORMED, "spartan proof: header");
    EXPECT(zkiln_spartan_verify(NULL, bytes, size, b->signals, SIGNALS), ZKILN_E_ARGUMENT, "the circuit is NULL");
    free(bytes);
}

static void transparent_proofs(const zkiln_context *context, const zkiln_groth16_r1cs *r1cs,
                               const zkiln_spartan_circuit *circuit, const batch *b) {
    zkiln_spartan_options options;
    zkiln_spartan_prove_options prove_options;
    zkiln_spartan_info info, other_info;
    zkiln_spartan_circuit *other = NULL;
    zkiln_spartan_proof *proof = NULL;
    zkiln_groth16_witness *wrong = NULL;
    zkiln_u256 signals[SIGNALS + 1], *values;
    phases some;
    uint64_t i;
    size_t size = 0;
    char *bytes;

    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    OK(zkiln_spartan_circuit_get_info(circuit, &info));
    REQUIRE(info.n_public == SIGNALS && info.log_vector_len >= 14 && info.security_bits >= 128);
    hostile_proofs(circuit, b);

    // Other parameters make another circuit.
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.security_bits = 100;
    options.work_bits = ZKILN_SPARTAN_NO_WORK;
    OK(zkiln_spartan_circuit_create(context, &other, r1cs, &options));
    other_info = info;
    OK(zkiln_spartan_circuit_get_info(other, &other_info));
    REQUIRE(other_info.security_bits < 110 && !same(info.id, other_info.id, sizeof info.id));
    REQUIRE(zkiln_spartan_verify(other, b->spartan, b->spartan_size, b->signals, SIGNALS) != ZKILN_OK);
    zkiln_spartan_circuit_destroy(other);
    // Proofs that hide nothing say so, and are no proofs of the other dialect.
    options.dialect = ZKILN_SPARTAN_DIALECT_COMPACT_V1;
    OK(zkiln_spartan_circuit_create(context, &other, r1cs, &options));
    OK(zkiln_spartan_circuit_get_info(other, &other_info));
    REQUIRE(info.zero_knowledge == 1 && other_info.zero_knowledge == 0);
    OK(zkiln_spartan_prove(other, &proof, signals, SIGNALS, b->witness, NULL));
    REQUIRE(same(signals, b->signals, sizeof b->signals));
    OK(zkiln_spartan_proof_to_bytes(proof, NULL, &size));
    bytes = (char *)malloc(size);
    OK(zkiln_spartan_proof_to_bytes(proof, bytes, &size));
    zkiln_spartan_proof_destroy(proof);
    REQUIRE(same(bytes, "nozk", 4) && size < b->spartan_size / 2 + b->spartan_size / 4);
    OK(zkiln_spartan_verify(other, bytes, size, signals, SIGNALS));
    signals[2].limbs[0] ^= 1;
    EXPECT(zkiln_spartan_verify(other, bytes, size, signals, SIGNALS), ZKILN_E_INVALID_PROOF, "not valid");
    EXPECT(zkiln_spartan_verify(circuit, bytes, size, signals, SIGNALS), ZKILN_E_MALFORMED, "not a proof of this format");
    EXPECT(zkiln_spartan_verify(other, b->spartan, b->spartan_size, b->signals, SIGNALS), ZKILN_E_MALFORMED,
           "not a proof of this format");
    zkiln_spartan_circuit_destroy(other);
    free(bytes);
    options.dialect = 0;
    options.work_bits = 0;
    options.security_bits = 300;
    EXPECT(zkiln_spartan_circuit_create(context, &other, r1cs, &options), ZKILN_E_ARGUMENT, "bits of security: 300");
    options.security_bits = 0;
    options.dialect = 9;
    EXPECT(zkiln_spartan_circuit_create(context, &other, r1cs, &options), ZKILN_E_ARGUMENT, "9 is no dialect");
    options.dialect = 0;
    options.reserved = 1;
    EXPECT(zkiln_spartan_circuit_create(context, &other, r1cs, &options), ZKILN_E_ARGUMENT, "reserved");
    EXPECT(zkiln_spartan_circuit_create(context, &other, NULL, NULL), ZKILN_E_ARGUMENT, "the r1cs is NULL");
    REQUIRE(other == NULL);

    // Whoever is told of the phases may end the call.
    memset(&prove_options, 0, sizeof prove_options);
    prove_options.struct_size = sizeof prove_options;
    prove_options.progress = count;
    prove_options.progress_user = &some;
    for (some.last = 1; some.last < 4; some.last++) {
        some.seen = 0;
        EXPECT(zkiln_spartan_prove(circuit, &proof, signals, SIGNALS, b->witness, &prove_options), ZKILN_E_CANCELLED,
               "cancelled");
        REQUIRE(proof == NULL && some.seen >= some.last);
    }
    some.seen = some.last = 0;
    prove_options.skip_verify = 1;
    OK(zkiln_spartan_prove(circuit, &proof, signals, SIGNALS, b->witness, &prove_options));
    REQUIRE(some.seen > 5);
    zkiln_spartan_proof_destroy(proof);

    prove_options.skip_verify = 2;
    EXPECT(zkiln_spartan_prove(circuit, &proof, signals, SIGNALS, b->witness, &prove_options), ZKILN_E_ARGUMENT,
           "skip_verify");
    EXPECT(zkiln_spartan_prove(circuit, &proof, signals, SIGNALS + 1, b->witness, NULL), ZKILN_E_ARGUMENT,
           "room for 8 public signals, and the circuit has 7");
    EXPECT(zkiln_spartan_prove(circuit, &proof, signals, SIGNALS, NULL, NULL), ZKILN_E_ARGUMENT, "the witness is NULL");
    EXPECT(zkiln_spartan_prove(circuit, NULL, signals, SIGNALS, b->witness, NULL), ZKILN_E_ARGUMENT, "out is NULL");
    EXPECT(zkiln_spartan_prove(circuit, (zkiln_spartan_proof **)(void *)signals, signals, SIGNALS, b->witness, NULL),
           ZKILN_E_ARGUMENT, "out and public_signals overlap");
    values = (zkiln_u256 *)calloc(info.n_wires, sizeof *values);
    for (i = 0; i < info.n_wires; i++)
        values[i] = integer(i + 1);
    OK(zkiln_groth16_witness_from_values(context, &wrong, values, info.n_wires));
    EXPECT(zkiln_spartan_prove(circuit, &proof, signals, SIGNALS, wrong, NULL), ZKILN_E_UNSATISFIED, "constraint");
    EXPECT(zkiln_statement_v1_check_witness(&b->statement, wrong), ZKILN_E_PUBLIC_INPUTS, "signal 0 (digest_high)");
    zkiln_groth16_witness_destroy(wrong);
    OK(zkiln_groth16_witness_from_values(context, &wrong, values, 3));
    EXPECT(zkiln_spartan_prove(circuit, &proof, signals, SIGNALS, wrong, NULL), ZKILN_E_WITNESS_MISMATCH, "3 values");
    EXPECT(zkiln_statement_v1_check_witness(&b->statement, wrong), ZKILN_E_WITNESS_MISMATCH, "3 values");
    zkiln_groth16_witness_destroy(wrong);
    free(values);
    EXPECT(zkiln_spartan_proof_to_bytes(NULL, NULL, NULL), ZKILN_E_ARGUMENT, "the size is NULL");
    zkiln_spartan_circuit_destroy(NULL);
    zkiln_spartan_proof_destroy(NULL);
}

static zkiln_lane_proof lane_proof(const char *lane, const void *proof, size_t size) {
    zkiln_lane_proof result;
    result.lane = lane;
    result.proof = proof;
    result.size = size;
    return result;
}

static zkiln_anchor anchor(uint32_t kind, zkiln_word root, uint64_t seq) {
    zkiln_anchor result;
    memset(&result, 0, sizeof result);
    result.kind = kind;
    result.root = root;
    result.seq = seq;
    return result;
}

static void programs(const zkiln_context *context, const char *ledger, const zkiln_program *program) {
    zkiln_program *other = NULL;
    zkiln_lane_info pairing, hash;
    zkiln_word id, expected = word("ledger");
    size_t size;
    char *text = read_file(ledger, "program.json", &size);

    OK(zkiln_program_get_id(program, &id));
    REQUIRE(same(&id, &expected, sizeof id));
    memset(&pairing, 0, sizeof pairing);
    pairing.struct_size = sizeof pairing;
    hash = pairing;
    OK(zkiln_program_get_lane(program, &pairing, "groth16"));
    OK(zkiln_program_get_lane(program, &hash, "spartan"));
    REQUIRE(pairing.lane_class == ZKILN_LANE_PAIRING && hash.lane_class == ZKILN_LANE_HASH);
    REQUIRE(same(&pairing.circuit, &hash.circuit, sizeof hash.circuit) && !same(&pairing.id, &hash.id, sizeof hash.id));
    REQUIRE(pairing.status == ZKILN_STATUS_ACTIVE && !pairing.is_development && hash.zero_knowledge);
    EXPECT(zkiln_program_get_lane(program, &hash, "stark"), ZKILN_E_ARGUMENT,
           "the program has no lane \"stark\", but groth16, spartan");
    EXPECT(zkiln_program_get_lane(program, &hash, NULL), ZKILN_E_ARGUMENT, "the lane's name is NULL");

    OK(zkiln_program_from_json(context, &other, text, size, ledger));
    OK(zkiln_program_get_lane(other, &pairing, "groth16"));
    zkiln_program_destroy(other);
    EXPECT(zkiln_program_from_json(context, &other, text, size, "/nowhere"), ZKILN_E_IO, "/nowhere/");
    EXPECT(zkiln_program_from_json(context, &other, text, size, NULL), ZKILN_E_ARGUMENT, "the path is NULL");
    EXPECT(zkiln_program_from_json(context, &other, text, size - 3, ledger), ZKILN_E_MALFORMED, "program: ");
    EXPECT(zkiln_program_open(context, &other, in(ledger, "statement.json")), ZKILN_E_MALFORMED, "statement.json");
    EXPECT(zkiln_program_open(NULL, &other, in(ledger, "program.json")), ZKILN_E_ARGUMENT, "the context is NULL");
    REQUIRE(other == NULL);
    zkiln_program_destroy(NULL);
    free(text);
}

static zkiln_certificate *certificates(const zkiln_context *context, const char *out, const zkiln_program *program,
                                       const batch *b) {
    zkiln_statement_v1 both[2], s;
    zkiln_lane_proof proofs[5];
    zkiln_certificate *certificate = NULL, *other = NULL;
    zkiln_certificate_info info;
    zkiln_lane_info lane;
    zkiln_anchor start = anchor(ZKILN_ANCHOR_GENESIS, b[0].statement.pre_root, 100), wrong;
    char *text, *proof;
    size_t size = 0, i;

    for (i = 0; i < 2; i++) {
        both[i] = b[i].statement;
        proofs[2 * i] = lane_proof("spartan", b[i].spartan, b[i].spartan_size);
        proofs[2 * i + 1] = lane_proof("groth16", b[i].groth16, sizeof b[i].groth16);
    }
    OK(zkiln_program_certify(program, &certificate, both, 2, proofs, 4));
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    OK(zkiln_certificate_get_info(certificate, &info));
    REQUIRE(info.n_counted == 0 && info.n_lanes == 2 && info.n_segments == 2);
    OK(zkiln_program_verify(program, &info, certificate, &start));
    REQUIRE(info.n_counted == 2 && info.first_seq == 100 && info.last_seq == 103);
    REQUIRE(same(&info.post_root, &both[1].post_root, sizeof info.post_root));
    REQUIRE(same(&info.pre_root, &both[0].pre_root, sizeof info.pre_root));
    OK(zkiln_program_verify(program, NULL, certificate, &start));

    // It is a text, and every other text is another.
    OK(zkiln_certificate_to_json(certificate, NULL, &size));
    text = (char *)malloc(size);
    OK(zkiln_certificate_to_json(certificate, text, &size));
    OK(zkiln_certificate_from_json(context, &other, text, size - 1));
    OK(zkiln_program_verify(program, NULL, other, &start));
    zkiln_certificate_destroy(other);
    OK(zkiln_certificate_save(certificate, in(out, "certificate.json")));
    OK(zkiln_certificate_open(context, &other, in(out, "certificate.json")));
    OK(zkiln_program_verify(program, NULL, other, &start));
    zkiln_certificate_destroy(other);
    EXPECT(zkiln_certificate_save(certificate, in(out, "missing/certificate.json")), ZKILN_E_IO, "missing");
    EXPECT(zkiln_certificate_open(context, &other, in(out, "missing.json")), ZKILN_E_IO, "missing.json");
    REQUIRE(other == NULL);
    for (i = 0; i < size - 1; i += size / 50) {
        EXPECT(zkiln_certificate_from_json(context, &other, text, i), ZKILN_E_MALFORMED, "certificate: ");
        text[i] ^= 1;
        if (zkiln_certificate_from_json(context, &other, text, size - 1) == ZKILN_OK) {
            EXPECT(zkiln_program_verify(program, NULL, other, &start), ZKILN_E_REFUSED, "refused: ");
            zkiln_certificate_destroy(other);
        }
        text[i] ^= 1;
    }

    // What is in it.
    OK(zkiln_certificate_get_statement(certificate, &s, 1));
    REQUIRE(same(&s, &both[1], sizeof s));
    EXPECT(zkiln_certificate_get_statement(certificate, &s, 2), ZKILN_E_ARGUMENT, "segment 2 of 2");
    memset(&lane, 0, sizeof lane);
    lane.struct_size = sizeof lane;
    OK(zkiln_program_get_lane(program, &lane, "spartan"));
    size = 0;
    OK(zkiln_certificate_get_proof(certificate, NULL, &size, 1, &lane.id));
    REQUIRE(size == b[1].spartan_size);
    proof = (char *)malloc(size);
    OK(zkiln_certificate_get_proof(certificate, proof, &size, 1, &lane.id));
    REQUIRE(same(proof, b[1].spartan, size));
    EXPECT(zkiln_certificate_get_proof(certificate, proof, &size, 1, &s.payee), ZKILN_E_ARGUMENT, "has no lane 0x");
    free(proof);
    free(text);

    // Where it begins is for the verifier to say.
    wrong = start;
    wrong.kind = 0;
    EXPECT(zkiln_program_verify(program, NULL, certificate, &wrong), ZKILN_E_ARGUMENT, "anchor: 0 is no kind");
    EXPECT(zkiln_program_verify(program, NULL, certificate, NULL), ZKILN_E_ARGUMENT, "anchor is NULL");
    wrong = anchor(ZKILN_ANCHOR_AFTER, start.root, 100);
    EXPECT(zkiln_program_verify(program, NULL, certificate, &wrong), ZKILN_E_REFUSED, "after its anchor comes 101");
    wrong.seq = 99;
    OK(zkiln_program_verify(program, NULL, certificate, &wrong));
    wrong.reserved = 1;
    EXPECT(zkiln_program_verify(program, NULL, certificate, &wrong), ZKILN_E_ARGUMENT, "reserved");
    wrong = anchor(ZKILN_ANCHOR_GENESIS, both[0].post_root, 100);
    EXPECT(zkiln_program_verify(program, NULL, certificate, &wrong), ZKILN_E_REFUSED, "begins in the state");
    memset(&wrong.root, 0xff, sizeof wrong.root);
    EXPECT(zkiln_program_verify(program, NULL, certificate, &wrong), ZKILN_E_ARGUMENT, "the root is not below r");
    wrong.kind = ZKILN_ANCHOR_UNCHECKED;
    OK(zkiln_program_verify(program, NULL, certificate, &wrong));

    // What is no certificate.
    EXPECT(zkiln_program_certify(program, &other, both, 2, proofs, 3), ZKILN_E_ARGUMENT, "3 proofs of 2 statements");
    EXPECT(zkiln_program_certify(program, &other, NULL, 0, NULL, 0), ZKILN_E_ARGUMENT, "0 proofs of 0 statements");
    EXPECT(zkiln_program_certify(program, &other, both, 1, proofs, 1), ZKILN_E_REFUSED, "independent lanes");
    EXPECT(zkiln_program_certify(program, &other, both + 1, 1, proofs, 2), ZKILN_E_REFUSED, "segment 0, lane");
    proofs[4] = proofs[3];
    proofs[3] = proofs[2];
    EXPECT(zkiln_program_certify(program, &other, both, 2, proofs, 4), ZKILN_E_ARGUMENT,
           "proof 1 of statement 1 is of another lane");
    proofs[3] = proofs[4];
    proofs[3].size--;
    EXPECT(zkiln_program_certify(program, &other, both, 2, proofs, 4), ZKILN_E_REFUSED, "segment 1, lane");
    proofs[3].lane = "stark";
    EXPECT(zkiln_program_certify(program, &other, both, 2, proofs, 4), ZKILN_E_ARGUMENT, "no lane \"stark\"");
    proofs[3].lane = NULL;
    EXPECT(zkiln_program_certify(program, &other, both, 2, proofs, 4), ZKILN_E_ARGUMENT, "the lane's name is NULL");
    proofs[3] = proofs[4];
    proofs[3].proof = NULL;
    EXPECT(zkiln_program_certify(program, &other, both, 2, proofs, 4), ZKILN_E_ARGUMENT, "proof is NULL");
    proofs[3] = proofs[4];
    both[0].payee.bytes[0] ^= 1;
    EXPECT(zkiln_program_certify(program, &other, both, 2, proofs, 4), ZKILN_E_REFUSED, "payee");
    EXPECT(zkiln_program_certify(program, &other, both, 1, proofs, 2), ZKILN_E_REFUSED, "segment 0, lane");
    both[0] = both[1];
    EXPECT(zkiln_program_certify(program, &other, both, 2, proofs, 4), ZKILN_E_REFUSED, "segment 1: it begins");
    memset(&both[0].batch, 0xff, sizeof both[0].batch);
    EXPECT(zkiln_program_certify(program, &other, both, 1, proofs, 2), ZKILN_E_MALFORMED, "batch");
    EXPECT(zkiln_program_certify(NULL, &other, both, 1, proofs, 2), ZKILN_E_ARGUMENT, "the program is NULL");
    REQUIRE(other == NULL);
    zkiln_certificate_destroy(NULL);
    return certificate;
}

// What two threads do at once with one journal: one of them is late.
typedef struct {
    const zkiln_journal *journal;
    const zkiln_certificate *certificate;
    zkiln_status status;
} acceptance;

static void *accept_one(void *argument) {
    acceptance *self = (acceptance *)argument;
    zkiln_word none;
    zkiln_anchor anywhere;
    memset(&none, 0, sizeof none);
    anywhere = anchor(ZKILN_ANCHOR_UNCHECKED, none, 0);
    self->status = zkiln_journal_accept(self->journal, NULL, self->certificate, &anywhere);
    return NULL;
}

static void journals(const char *out, const zkiln_program *program, const zkiln_certificate *certificate) {
    zkiln_journal *journal = NULL, *again = NULL;
    zkiln_certificate *first = (zkiln_certificate *)1, *second = (zkiln_certificate *)1;
    zkiln_certificate_info info;
    zkiln_anchor end;
    acceptance both[2];
    pthread_t threads[2];
    size_t size = 0;
    char *text;
    int i;

    OK(zkiln_journal_create(program, &journal));
    OK(zkiln_journal_get_end(journal, &end));
    REQUIRE(zkiln_journal_len(journal) == 0 && end.kind == 0);
    EXPECT(zkiln_journal_accept(journal, NULL, certificate, &end), ZKILN_E_ARGUMENT, "anchor: 0 is no kind");
    // Nothing is accepted of which it cannot be told.
    memset(&info, 0, sizeof info);
    end.kind = ZKILN_ANCHOR_UNCHECKED;
    EXPECT(zkiln_journal_accept(journal, &info, certificate, &end), ZKILN_E_ARGUMENT, "struct_size is 0");
    REQUIRE(zkiln_journal_len(journal) == 0);
    end.kind = 0;
    for (i = 0; i < 2; i++) {
        both[i].journal = journal;
        both[i].certificate = certificate;
        REQUIRE(pthread_create(&threads[i], NULL, accept_one, &both[i]) == 0);
    }
    for (i = 0; i < 2; i++)
        REQUIRE(pthread_join(threads[i], NULL) == 0);
    REQUIRE(both[0].status + both[1].status == ZKILN_E_REFUSED && both[0].status * both[1].status == 0);
    EXPECT(zkiln_journal_accept(journal, NULL, certificate, &end), ZKILN_E_ARGUMENT, "no kind");
    OK(zkiln_journal_get_end(journal, &end));
    REQUIRE(zkiln_journal_len(journal) == 1 && end.kind == ZKILN_ANCHOR_AFTER && end.seq == 103);
    EXPECT(zkiln_journal_accept(journal, NULL, certificate, &end), ZKILN_E_REFUSED, "was accepted before");
    OK(zkiln_journal_get_conflict(journal, &first, &second));
    REQUIRE(first == NULL && second == NULL);

    OK(zkiln_journal_save(journal, in(out, "journal.json")));
    OK(zkiln_journal_open(program, &again, in(out, "journal.json")));
    REQUIRE(zkiln_journal_len(again) == 1);
    zkiln_journal_destroy(again);
    OK(zkiln_journal_to_json(journal, NULL, &size));
    text = (char *)malloc(size);
    OK(zkiln_journal_to_json(journal, text, &size));
    OK(zkiln_journal_from_json(program, &again, text, size - 1));
    zkiln_journal_destroy(again);
    EXPECT(zkiln_journal_from_json(program, &again, text, size - 2), ZKILN_E_MALFORMED, "journal: ");
    EXPECT(zkiln_journal_open(program, &again, in(out, "missing.json")), ZKILN_E_IO, "missing.json");
    EXPECT(zkiln_journal_create(NULL, &again), ZKILN_E_ARGUMENT, "the program is NULL");
    REQUIRE(again == NULL && zkiln_journal_len(NULL) == 0);
    EXPECT(zkiln_journal_accept(journal, NULL, NULL, &end), ZKILN_E_ARGUMENT, "the certificate is NULL");
    EXPECT(zkiln_journal_accept(NULL, NULL, certificate, &end), ZKILN_E_ARGUMENT, "the journal is NULL");
    EXPECT(zkiln_journal_get_conflict(journal, &first, &first), ZKILN_E_ARGUMENT, "overlap");
    free(text);
    zkiln_journal_destroy(journal);
    zkiln_journal_destroy(NULL);
}

// Two valid proofs that contradict each other: nothing goes on, and no restart changes that.
static void conflicts(const zkiln_context *context, const char *folder, const char *out) {
    zkiln_program *program = NULL;
    zkiln_certificate *honest = NULL, *forged = NULL, *first = NULL, *second = NULL;
    zkiln_journal *journal = NULL;
    zkiln_certificate_info a, b;
    zkiln_word none;
    zkiln_anchor anywhere;

    memset(&none, 0, sizeof none);
    anywhere = anchor(ZKILN_ANCHOR_UNCHECKED, none, 0);
    OK(zkiln_program_open(context, &program, in(folder, "program.json")));
    OK(zkiln_certificate_open(context, &honest, in(folder, "honest.json")));
    OK(zkiln_certificate_open(context, &forged, in(folder, "forged.json")));
    OK(zkiln_program_verify(program, NULL, honest, &anywhere));
    OK(zkiln_program_verify(program, NULL, forged, &anywhere));

    OK(zkiln_journal_create(program, &journal));
    OK(zkiln_journal_accept(journal, NULL, honest, &anywhere));
    EXPECT(zkiln_journal_accept(journal, NULL, forged, &anywhere), ZKILN_E_CONFLICT, "FROZEN");
    EXPECT(zkiln_journal_accept(journal, NULL, honest, &anywhere), ZKILN_E_CONFLICT, "FROZEN");
    OK(zkiln_journal_save(journal, in(out, "frozen.json")));
    zkiln_journal_destroy(journal);

    OK(zkiln_journal_open(program, &journal, in(out, "frozen.json")));
    EXPECT(zkiln_journal_accept(journal, NULL, forged, &anywhere), ZKILN_E_CONFLICT, "CONFLICT");
    OK(zkiln_journal_get_conflict(journal, &first, &second));
    REQUIRE(first != NULL && second != NULL);
    memset(&a, 0, sizeof a);
    a.struct_size = sizeof a;
    b = a;
    OK(zkiln_certificate_get_info(first, &a));
    OK(zkiln_certificate_get_info(second, &b));
    REQUIRE(same(&a.pre_root, &b.pre_root, sizeof a.pre_root) && !same(&a.post_root, &b.post_root, sizeof a.post_root));
    zkiln_certificate_destroy(first);
    zkiln_certificate_destroy(second);
    zkiln_certificate_destroy(honest);
    zkiln_certificate_destroy(forged);
    zkiln_journal_destroy(journal);
    zkiln_program_destroy(program);
}

int main(int argc, char **argv) {
    zkiln_context *context = new_context();
    zkiln_groth16_key *key = NULL;
    zkiln_groth16_r1cs *r1cs = NULL;
    zkiln_spartan_circuit *circuit = NULL;
    zkiln_program *program = NULL;
    zkiln_certificate *certificate;
    const char *ledger, *conflict, *out;
    batch batches[2];
    int i;

    REQUIRE(argc == 4);
    ledger = argv[1];
    conflict = argv[2];
    out = argv[3];
    statements(ledger);
    OK(zkiln_groth16_key_open(context, &key, in(ledger, "circuit.zkey"), NULL));
    OK(zkiln_groth16_r1cs_open(context, &r1cs, in(ledger, "circuit.r1cs")));
    OK(zkiln_spartan_circuit_create(context, &circuit, r1cs, NULL));
    OK(zkiln_program_open(context, &program, in(ledger, "program.json")));
    memset(batches, 0, sizeof batches);
    OK(zkiln_statement_v1_open(&batches[0].statement, in(ledger, "statement.json")));
    OK(zkiln_groth16_witness_open(context, &batches[0].witness, in(ledger, "witness.wtns")));
    OK(zkiln_statement_v1_open(&batches[1].statement, in(ledger, "next_statement.json")));
    OK(zkiln_groth16_witness_open(context, &batches[1].witness, in(ledger, "next_witness.wtns")));
    for (i = 0; i < 2; i++)
        prove(key, circuit, &batches[i]);
    EXPECT(zkiln_statement_v1_check_witness(&batches[1].statement, batches[0].witness), ZKILN_E_PUBLIC_INPUTS,
           "signal 0");
    transparent_proofs(context, r1cs, circuit, &batches[0]);
    programs(context, ledger, program);
    certificate = certificates(context, out, program, batches);
    journals(out, program, certificate);
    conflicts(context, conflict, out);

    for (i = 0; i < 2; i++) {
        zkiln_groth16_witness_destroy(batches[i].witness);
        free(batches[i].spartan);
    }
    zkiln_certificate_destroy(certificate);
    zkiln_program_destroy(program);
    zkiln_spartan_circuit_destroy(circuit);
    zkiln_groth16_r1cs_destroy(r1cs);
    zkiln_groth16_key_destroy(key);
    zkiln_context_destroy(context);
    return 0;
}
