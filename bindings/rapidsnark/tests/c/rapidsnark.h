// The interface that rapidsnark publishes in prover.h and verifier.h: functions, types and codes.

#ifndef RAPIDSNARK_INTERFACE_H
#define RAPIDSNARK_INTERFACE_H

#ifdef __cplusplus
extern "C" {
#endif

enum { PROVER_OK, PROVER_ERROR, PROVER_ERROR_SHORT_BUFFER, PROVER_INVALID_WITNESS_LENGTH };
enum { VERIFIER_VALID_PROOF, VERIFIER_INVALID_PROOF, VERIFIER_ERROR };

int groth16_public_size_for_zkey_buf(const void *, unsigned long long, unsigned long long *, char *,
                                     unsigned long long);
int groth16_public_size_for_zkey_file(const char *, unsigned long long *, char *, unsigned long long);
void groth16_proof_size(unsigned long long *);
int groth16_prover_create(void **, const void *, unsigned long long, char *, unsigned long long);
int groth16_prover_create_zkey_file(void **, const char *, char *, unsigned long long);
int groth16_prover_prove(void *, const void *, unsigned long long, char *, unsigned long long *, char *,
                         unsigned long long *, char *, unsigned long long);
void groth16_prover_destroy(void *);
int groth16_prover(const void *, unsigned long long, const void *, unsigned long long, char *,
                   unsigned long long *, char *, unsigned long long *, char *, unsigned long long);
int groth16_prover_zkey_file(const char *, const void *, unsigned long long, char *, unsigned long long *,
                             char *, unsigned long long *, char *, unsigned long long);
int groth16_verify(const char *, const char *, const char *, char *, unsigned long);

#ifdef __cplusplus
}
#endif

#endif
