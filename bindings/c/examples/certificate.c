// Two independent proofs of one statement, in a certificate:
//
//     certificate FOLDER OUT
//
// FOLDER has what tests/data/ledger has: a circuit with its key, a statement, the witness that carries it, and
// program.json, what a verifier trusts. OUT is the folder that certificate.json and journal.json are written to.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkiln.h"

// Ends the program if a call failed.
static void check(zkiln_status status) {
    if (status == ZKILN_E_CONFLICT)
        fprintf(stderr, "STOP: ");
    if (status != ZKILN_OK) {
        fprintf(stderr, "%s: %s\n", zkiln_status_name(status), zkiln_last_error());
        exit(1);
    }
}

static const char *in(const char *folder, const char *name) {
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

// The prover: a proof by pairings and one by hashes, of the same witness.
static void prove(zkiln_context *context, const char *folder, const char *out) {
    zkiln_statement_v1 statement;
    zkiln_groth16_witness *witness = NULL;
    check(zkiln_statement_v1_open(&statement, in(folder, "statement.json")));
    check(zkiln_groth16_witness_open(context, &witness, in(folder, "witness.wtns")));
    check(zkiln_statement_v1_check_witness(&statement, witness));

    zkiln_groth16_key *key = NULL;
    zkiln_groth16_proof proof;
    zkiln_u256 signals[ZKILN_STATEMENT_SIGNALS];
    char groth16[256];
    size_t groth16_size = sizeof groth16;
    check(zkiln_groth16_key_open(context, &key, in(folder, "circuit.zkey"), NULL));
    check(zkiln_groth16_prove(key, &proof, signals, ZKILN_STATEMENT_SIGNALS, witness, NULL));
    check(zkiln_groth16_proof_to_bytes(&proof, ZKILN_ENCODING_EVM, groth16, &groth16_size));
    zkiln_groth16_key_destroy(key);

    // The circuit is all that the second proof needs: there is no key.
    zkiln_groth16_r1cs *r1cs = NULL;
    zkiln_spartan_circuit *circuit = NULL;
    zkiln_spartan_proof *transparent = NULL;
    check(zkiln_groth16_r1cs_open(context, &r1cs, in(folder, "circuit.r1cs")));
    check(zkiln_spartan_circuit_create(context, &circuit, r1cs, NULL));
    check(zkiln_spartan_prove(circuit, &transparent, signals, ZKILN_STATEMENT_SIGNALS, witness, NULL));
    zkiln_groth16_witness_destroy(witness); // wiped

    size_t spartan_size = 0;
    check(zkiln_spartan_proof_to_bytes(transparent, NULL, &spartan_size));
    char *spartan = (char *)malloc(spartan_size);
    check(zkiln_spartan_proof_to_bytes(transparent, spartan, &spartan_size));
    zkiln_spartan_proof_destroy(transparent);
    zkiln_spartan_circuit_destroy(circuit);
    zkiln_groth16_r1cs_destroy(r1cs);

    // The certificate is verified before it is handed out.
    zkiln_program *program = NULL;
    zkiln_certificate *certificate = NULL;
    const zkiln_lane_proof proofs[] = {
        {"groth16", groth16, groth16_size},
        {"spartan", spartan, spartan_size},
    };
    check(zkiln_program_open(context, &program, in(folder, "program.json")));
    check(zkiln_program_certify(program, &certificate, &statement, 1, proofs, 2));
    check(zkiln_certificate_save(certificate, in(out, "certificate.json")));
    zkiln_certificate_destroy(certificate);
    zkiln_program_destroy(program);
    free(spartan);
}

// The verifier: it trusts its own program.json, and knows the state at which everything begins.
static void verify(zkiln_context *context, const char *folder, const char *out) {
    zkiln_program *program = NULL;
    zkiln_certificate *certificate = NULL;
    zkiln_statement_v1 first;
    check(zkiln_program_open(context, &program, in(folder, "program.json")));
    check(zkiln_statement_v1_open(&first, in(folder, "statement.json")));
    zkiln_anchor genesis;
    memset(&genesis, 0, sizeof genesis);
    genesis.kind = ZKILN_ANCHOR_GENESIS;
    genesis.root = first.pre_root;
    genesis.seq = first.first_seq;

    // A journal refuses what was accepted before, and stops for good when two proofs contradict each other.
    zkiln_journal *journal = NULL;
    zkiln_certificate_info info;
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    check(zkiln_journal_create(program, &journal));
    check(zkiln_certificate_open(context, &certificate, in(out, "certificate.json")));
    zkiln_status status = zkiln_journal_accept(journal, &info, certificate, &genesis);
    if (status == ZKILN_OK)
        printf("items %u to %u, by %u independent lanes\n", (unsigned)info.first_seq, (unsigned)info.last_seq,
               (unsigned)info.n_counted);
    else
        fprintf(stderr, "%s: %s\n", zkiln_status_name(status), zkiln_last_error());
    check(zkiln_journal_save(journal, in(out, "journal.json")));

    zkiln_journal_destroy(journal);
    zkiln_certificate_destroy(certificate);
    zkiln_program_destroy(program);
    if (status != ZKILN_OK)
        exit(1);
}

int main(int argc, char **argv) {
    zkiln_context *context = NULL;
    if (argc != 3) {
        fprintf(stderr, "certificate FOLDER OUT\n");
        return 2;
    }
    check(zkiln_context_create(&context, NULL));
    prove(context, argv[1], argv[2]);
    verify(context, argv[1], argv[2]);
    zkiln_context_destroy(context);
    return 0;
}
