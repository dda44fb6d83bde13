// zkiln: kernels and provers for zero-knowledge proofs. The interface for C and C++.
//
// To be read from top to bottom: how things are done here, then numbers, types and functions. docs/c.md
// has programs to begin with.
//
//     zkiln_context *context;
//     if (zkiln_context_create(&context, NULL) != ZKILN_OK)
//         puts(zkiln_last_error());
//
// Calls. A call that can fail returns a zkiln_status, and zkiln_last_error has the sentence to it. No exception
// and no signal leaves the library, nothing is written to stdout, and only a bug writes to stderr.
//
// Arguments. A handle comes first, then what is written, then what is read; the length of an array, in
// elements, comes right after it. What is NULL, misaligned, too short or too long for the call, or overlaps
// what the call writes, is refused with ZKILN_E_ARGUMENT before anything is done. That a pointer points to
// as much as the call says is the caller's word.
//
// Memory. The caller owns all arrays; the library keeps no pointer into them after a call, and copies none
// of them where it does not say so. Where the length of a result is not known in advance, size is a pointer:
// the size of the buffer when called, the size of the result when the call returns. With NULL for the
// buffer the call stores that size and returns ZKILN_OK; with too short a buffer it stores that size,
// writes nothing and returns ZKILN_E_SHORT_BUFFER.
//
// Handles. Functions called _create, _open, _from_, _certify, _get_vkey, _get_verifier and _get_conflict make them,
// and so do zkiln_spartan_prove and zkiln_stark_prove; they store NULL when they fail. _destroy takes NULL. A handle
// must not be used after it was destroyed, nor destroyed while another thread uses it. Apart from that every function
// may be called from any number of threads at once, with the same handles.
//
// Options. Fill a struct of options with zeros and set its struct_size to its sizeof, so that the library knows
// how long it is; zeros are the defaults. NULL is all defaults. These structs grow in later versions.
//
// Numbers. A field element is in Montgomery form and has its field's type; a canonical integer is a
// zkiln_u256, and a zkiln_word where an EVM reads it. Elements that the caller passes are checked to be below
// their modulus.

#ifndef ZKILN_H
#define ZKILN_H

#include <stddef.h>
#include <stdint.h>

#ifndef ZKILN_API
#if defined(_WIN32) && !defined(ZKILN_STATIC)
#define ZKILN_API __declspec(dllimport)
#else
#define ZKILN_API
#endif
#endif

// The major version of the library.
#define ZKILN_VERSION_MAJOR 0
// The minor version of the library.
#define ZKILN_VERSION_MINOR 1
// The patch version of the library.
#define ZKILN_VERSION_PATCH 0

// The version of this interface. Within one, functions are added and option structs grow; whatever was
// compiled against an older header keeps working.
#define ZKILN_ABI_VERSION 0

// Done; of a verification: the proof is valid.
#define ZKILN_OK 0

// The operating system refused to read or write a file.
#define ZKILN_E_IO 1
// A file, bytes, text or points from outside are not what they must be.
#define ZKILN_E_MALFORMED 2
// A key for which anyone can forge proofs, or that would leak the witness.
#define ZKILN_E_WEAK_KEY 3
// The witness is of another circuit than the key.
#define ZKILN_E_WITNESS_MISMATCH 4
// Some constraint does not hold for the witness, or for the trace.
#define ZKILN_E_UNSATISFIED 5
// A proof was made that does not verify although the witness is right; it is withheld.
#define ZKILN_E_SELF_CHECK 6
// Public inputs or values that are too few, too many, or not below the modulus.
#define ZKILN_E_PUBLIC_INPUTS 7
// An argument that breaks the call's contract.
#define ZKILN_E_ARGUMENT 8
// The operating system gave no randomness.
#define ZKILN_E_ENTROPY 9
// A device cannot be used, or failed.
#define ZKILN_E_DEVICE 10
// A device's memory, or the host's, does not suffice.
#define ZKILN_E_OUT_OF_MEMORY 11
// A progress callback stopped the call.
#define ZKILN_E_CANCELLED 12
// A certificate, or a proof of one, that is not accepted.
#define ZKILN_E_REFUSED 20
// TWO VALID PROOFS CONTRADICT EACH OTHER: a proof system, a circuit or a verifier is broken, and the journal is
// frozen. Accept nothing before people have found out which.
#define ZKILN_E_CONFLICT 21
// The proof is not valid for these public inputs.
#define ZKILN_E_INVALID_PROOF 100
// The caller's buffer is too short. The size that is needed has been stored.
#define ZKILN_E_SHORT_BUFFER 101
// The handle was made before a fork: see zkiln_context.
#define ZKILN_E_FORKED 102
// A bug in the library. Its place is on stderr; handles of this call should only be destroyed.
#define ZKILN_E_BUG 255

// The kind of backend that is this machine's processor.
#define ZKILN_BACKEND_CPU 0
// The kind of backend that is an NVIDIA GPU.
#define ZKILN_BACKEND_CUDA 1
// The kind of backend that runs a GPU's kernels on this machine's processor.
#define ZKILN_BACKEND_EMULATOR 2

// Something failed, and the call went on.
#define ZKILN_LOG_WARNING 2
// What is good to know, such as which backend was chosen.
#define ZKILN_LOG_INFO 3
// For the developers of the library.
#define ZKILN_LOG_DEBUG 4

// Value i stands at place i.
#define ZKILN_NATURAL 0

// Value i stands at the place whose log_n bits are those of i backwards. One side natural and the other
// bit-reversed costs nothing; the same order on both sides costs a permutation.
#define ZKILN_BIT_REVERSED 1

// serialize_compressed of ark_groth16::Proof: 128 bytes.
#define ZKILN_ENCODING_ARKWORKS 0
// serialize_uncompressed of ark_groth16::Proof: 256 bytes.
#define ZKILN_ENCODING_ARKWORKS_UNCOMPRESSED 1
// WriteTo of gnark's groth16.Proof, without commitments: 164 bytes.
#define ZKILN_ENCODING_GNARK 2
// WriteRawTo of gnark's groth16.Proof, without commitments: 324 bytes.
#define ZKILN_ENCODING_GNARK_RAW 3
// The eight words of EIP-197, as a contract takes them: 256 bytes.
#define ZKILN_ENCODING_EVM 4

// The dialect of provekit 1.0.3, with zero knowledge.
#define ZKILN_SPARTAN_DIALECT_PROVEKIT_V1 0
// The compact dialect: proofs of half the size, which TELL OF THE WITNESS.
#define ZKILN_SPARTAN_DIALECT_COMPACT_V1 1
// Instead of bits of work: none.
#define ZKILN_SPARTAN_NO_WORK 4294967295

// The layout of a matrix in which one column follows the other.
#define ZKILN_COLUMN_MAJOR 0

// The layout of a matrix in which one row follows the other.
#define ZKILN_ROW_MAJOR 1

// The dialect of Plonky3 0.8: p3-uni-stark on TwoAdicFriPcs, without zero knowledge.
#define ZKILN_STARK_DIALECT_P3_0_8 0
// Poseidon2 for rows and challenges (width 24; 8 for Goldilocks) and for nodes (width 16; 8).
#define ZKILN_STARK_HASH_POSEIDON2 0
// Keccak for all of them.
#define ZKILN_STARK_HASH_KECCAK 1
// At least 100 proven bits of security for constraints of degree three, 2^4 to 2^20 rows and up to 2600 columns.
#define ZKILN_STARK_PRESET_PROVEN100 0
// Plonky3's parameters for benchmarks: 65 proven bits for 2^10 rows and more.
#define ZKILN_STARK_PRESET_FAST 1

// The field of 2^31 - 2^24 + 1 elements.
#define ZKILN_FIELD_KOALA_BEAR 0
// The field of 2^31 - 2^27 + 1 elements.
#define ZKILN_FIELD_BABY_BEAR 1
// The field of 2^64 - 2^32 + 1 elements.
#define ZKILN_FIELD_GOLDILOCKS 2

// The number of public signals of a circuit that carries a statement.
#define ZKILN_STATEMENT_SIGNALS 7

// The class of lanes that prove by pairings.
#define ZKILN_LANE_PAIRING 0
// The class of lanes that prove by hashes.
#define ZKILN_LANE_HASH 1
// The class of lanes that prove nothing, but have the word of a key.
#define ZKILN_LANE_ATTESTATION 2

// The status of a lane with which certificates are made and accepted.
#define ZKILN_STATUS_ACTIVE 0
// The status of a lane with which no new certificates are made.
#define ZKILN_STATUS_DEPRECATED 1
// The status of a lane whose proofs are refused.
#define ZKILN_STATUS_REVOKED 2

// At the beginning of all: with this state, and seq for the first item.
#define ZKILN_ANCHOR_GENESIS 1
// After a range that ended in this state, with seq for the last item.
#define ZKILN_ANCHOR_AFTER 2
// Anywhere: what is accepted then says nothing of where the first state came from.
#define ZKILN_ANCHOR_UNCHECKED 3

// Elements of the scalar field in the memory of a context's backend: a device's, or this machine's if the backend
// is its processor. Sums and transforms take them and leave them there, so that a chain of calls copies nothing in
// between. Wiped when it is destroyed.
//
// A call that changes a buffer has it for itself, and others with the same buffer wait. What a device was given to
// do may still be going on when a call returns; the next call that needs the result waits for it, and returns what
// failed.
typedef struct zkiln_bn254_fr_buffer zkiln_bn254_fr_buffer;

// A multi-scalar multiplication over fixed bases of G1, prepared on the context's backend: made once, run by any
// number of threads at once.
typedef struct zkiln_bn254_g1_msm zkiln_bn254_g1_msm;

// A multi-scalar multiplication over fixed bases of G2: like zkiln_bn254_g1_msm.
typedef struct zkiln_bn254_g2_msm zkiln_bn254_g2_msm;

// A transform of 2^log_n elements of the scalar field, prepared on the context's backend: made once, run by any
// number of threads at once. The roots of unity are those of arkworks and snarkjs.
typedef struct zkiln_bn254_ntt zkiln_bn254_ntt;

// A claim that statements are proven: one, or those of a range, each by the same lanes. That it could be read
// says that it is well formed; zkiln_program_verify says that it is true.
typedef struct zkiln_certificate zkiln_certificate;

// Threads and a backend: where everything is done that is made in this context.
//
// Any number of threads may use a context, and what was made in it, at once. It may be destroyed before
// them: its threads end with the last of them.
//
// Threads do not survive a fork. In a process that was forked off, every call with a handle from before the
// fork returns ZKILN_E_FORKED; destroying such handles is allowed and gives nothing back. The new process
// may make contexts of its own, on the processor: CUDA cannot be used after a fork if it was before.
typedef struct zkiln_context zkiln_context;

// A proving key, checked and prepared: opened once, then used for any number of proofs, by any number of
// threads at once. It keeps neither the file nor the bytes that it was made of.
typedef struct zkiln_groth16_key zkiln_groth16_key;

// A circuit's constraints, to say which of them a witness breaks.
typedef struct zkiln_groth16_r1cs zkiln_groth16_r1cs;

// A verification key, checked and prepared: used by any number of threads at once.
typedef struct zkiln_groth16_vkey zkiln_groth16_vkey;

// The values of all wires of a circuit: the secret of a proof. Wiped when it is destroyed.
typedef struct zkiln_groth16_witness zkiln_groth16_witness;

// The certificates of one program that were accepted, each once.
//
// Contradictions freeze. Two valid proofs of the same start and batch with different results mean that a proof
// system, a circuit or a verifier is broken: from then on every zkiln_journal_accept returns ZKILN_E_CONFLICT,
// until people have looked at the two certificates. There is no way to go on but a new journal.
//
// Used by any number of threads; calls wait for one another. It keeps no pointer to the program.
typedef struct zkiln_journal zkiln_journal;

// A program with the lanes that prove it, by name, and the policy that says when that is enough: the verifier's
// side, made of keys that it trusts and never of a certificate. Used by any number of threads at once.
typedef struct zkiln_program zkiln_program;

// A circuit, prepared for transparent proofs and their verification: made once, used by any number of threads
// at once. It keeps no pointer to the r1cs.
typedef struct zkiln_spartan_circuit zkiln_spartan_circuit;

// A transparent proof.
typedef struct zkiln_spartan_proof zkiln_spartan_proof;

// Constraints on the rows of a trace, over one of the fields: a program of docs/air.md, checked.
typedef struct zkiln_stark_program zkiln_stark_program;

// A STARK proof.
typedef struct zkiln_stark_proof zkiln_stark_proof;

// What proofs of one program about traces of one height are made with: made once, used by any number of threads at
// once. It keeps no pointer to the program.
typedef struct zkiln_stark_prover zkiln_stark_prover;

// What proofs of one program about traces of one height are verified with: used by any number of threads at once.
typedef struct zkiln_stark_verifier zkiln_stark_verifier;

// What came of a call: ZKILN_OK or one of ZKILN_E_. Codes never change meaning; those below 100 are the
// codes of the library's errors in every language.
typedef int32_t zkiln_status;

// Called with one line of UTF-8 of a ZKILN_LOG_ level. It is called on the thread whose call of the library
// is being executed, before that call returns; by several threads at once if they share a context. It must
// not throw, and must not call functions of the same context.
typedef void (*zkiln_log_fn)(void *user, int32_t level, const char *message);

// How a context is made. Zeros are the defaults.
typedef struct {
    // sizeof(zkiln_context_options).
    size_t struct_size;
    // "cpu"; "cuda", the first GPU; "cuda:N"; "emulator", the GPU's kernels on this processor, very slowly;
    // "auto", a GPU if there is one that can be used, and else the processor. NULL is "auto". A GPU that
    // is asked for by name is used or refused.
    const char *backend;
    // The most device memory that is used at once, in bytes; 0 for all there is.
    uint64_t device_memory;
    // Called with what is good to know; NULL for nobody.
    zkiln_log_fn log;
    // What log is called with.
    void *log_user;
    // The number of threads; 0 for one for each core.
    uint32_t threads;
    // Must be 0.
    uint32_t reserved;
} zkiln_context_options;

// What a context is. Strings live as long as the context. Of a processor, all that is about a device is 0.
typedef struct {
    // sizeof(zkiln_context_info), set by the caller.
    size_t struct_size;
    // The backend in words, such as "cuda:0 (NVIDIA H200, sm_90)".
    const char *backend;
    // Why "auto" did not take a GPU; "" if it did, or was not asked.
    const char *reason;
    // The device's name; "" for the processor.
    const char *device_name;
    // One of ZKILN_BACKEND_.
    uint32_t kind;
    // The number of threads.
    uint32_t threads;
    // The device's number among those of its kind.
    uint32_t device;
    // The number of its multiprocessors.
    uint32_t multiprocessors;
    // Its compute capability: 9 of 9.0.
    uint32_t capability_major;
    // Its compute capability: 0 of 9.0.
    uint32_t capability_minor;
    // The CUDA version of its driver: 1000 times the major version plus 10 times the minor one.
    uint32_t driver_version;
    // 0.
    uint32_t reserved;
    // Bytes of its memory.
    uint64_t memory;
    // The most of it that this context may use at once.
    uint64_t memory_budget;
    // What this context uses of it now.
    uint64_t memory_used;
    // The most that this context has used of it.
    uint64_t memory_peak;
} zkiln_context_info;

// An element of BN254's scalar field, the integers modulo r, in Montgomery form: a 2^256 mod r, the lowest
// limb first, always below r. All zeros are 0.
typedef struct {
    // Montgomery limbs.
    uint64_t montgomery[4];
} zkiln_bn254_fr;

// A canonical integer: four limbs, the lowest first; in memory 32 little-endian bytes. Scalars and public
// inputs are integers below the group's order r.
typedef struct {
    // The lowest 64 bits first.
    uint64_t limbs[4];
} zkiln_u256;

// An element of BN254's base field, the integers modulo q, in Montgomery form like zkiln_bn254_fr.
typedef struct {
    // Montgomery limbs.
    uint64_t montgomery[4];
} zkiln_bn254_fq;

// A point of G1, y^2 = x^3 + 3, 64 bytes. All zeros are infinity. The same bytes as in a zkey file, in
// halo2curves and in gnark-crypto.
typedef struct {
    // The first coordinate.
    zkiln_bn254_fq x;
    // The second coordinate.
    zkiln_bn254_fq y;
} zkiln_bn254_g1;

// An element c0 + c1 u of the base field's quadratic extension, with u^2 = -1.
typedef struct {
    // The coefficient of 1.
    zkiln_bn254_fq c0;
    // The coefficient of u.
    zkiln_bn254_fq c1;
} zkiln_bn254_fq2;

// A point of G2, y^2 = x^3 + 3 / (9 + u), 128 bytes. All zeros are infinity.
typedef struct {
    // The first coordinate.
    zkiln_bn254_fq2 x;
    // The second coordinate.
    zkiln_bn254_fq2 y;
} zkiln_bn254_g2;

// How an MSM is made. Zeros are the defaults.
typedef struct {
    // sizeof(zkiln_msm_options).
    size_t struct_size;
    // 1: do not check that the bases are in the group. Only for bases that were checked before: others
    // give results without meaning.
    uint32_t trust_points;
    // Must be 0.
    uint32_t reserved;
} zkiln_msm_options;

// The order in which the 2^log_n values of a transform stand in memory.
typedef uint32_t zkiln_order;

// Called when a phase of a long call begins, with the name of the phase. It is called on the thread that
// made the call. If it returns anything but 0, the call ends before its next phase with ZKILN_E_CANCELLED.
// It must not throw, and must not call functions of the same context: the call waits for the answer.
typedef int32_t (*zkiln_progress_fn)(void *user, const char *phase);

// How a proving key is opened. Zeros are the defaults.
typedef struct {
    // sizeof(zkiln_groth16_key_options).
    size_t struct_size;
    // Called with the phases of the opening; NULL for nobody.
    zkiln_progress_fn progress;
    // What progress is called with.
    void *progress_user;
    // 1: do not check that the points are in their groups. Only for keys that this very machine checked
    // before: a key with other points leaks the witness through the proofs made with it.
    uint32_t trust_points;
    // 1: take a key for which anyone can forge proofs. For tests of unfinished ceremonies.
    uint32_t allow_weak;
    // 1: let the work of a proof not depend on the witness. Several times slower for witnesses of bits.
    uint32_t constant_work;
    // Must be 0.
    uint32_t reserved;
} zkiln_groth16_key_options;

// What a proving key is.
typedef struct {
    // sizeof(zkiln_groth16_key_info), set by the caller.
    size_t struct_size;
    // The number of wires: the length of a witness.
    uint64_t n_wires;
    // The number of public inputs, the circuit's outputs among them.
    uint64_t n_public;
    // The size of the evaluation domain: constraints and public inputs, rounded up to a power of two.
    uint64_t domain_size;
    // 1 if the key says of itself that it is a development key, whose maker can forge proofs.
    uint64_t is_insecure;
} zkiln_groth16_key_info;

// A Groth16 proof, 256 bytes. Anyone can turn a valid (A, B, C) into (-A, -B, C) and other valid proofs of
// the same statement, so its bytes must never serve as a nullifier or a replay key.
typedef struct {
    // A, pi_a in snarkjs.
    zkiln_bn254_g1 a;
    // B, pi_b in snarkjs.
    zkiln_bn254_g2 b;
    // C, pi_c in snarkjs.
    zkiln_bn254_g1 c;
} zkiln_groth16_proof;

// How a proof is made. Zeros are the defaults.
typedef struct {
    // sizeof(zkiln_groth16_prove_options).
    size_t struct_size;
    // Called with the phases of the proof; NULL for nobody.
    zkiln_progress_fn progress;
    // What progress is called with.
    void *progress_user;
    // The circuit, so that ZKILN_E_UNSATISFIED names the constraint that does not hold; or NULL.
    const zkiln_groth16_r1cs *r1cs;
    // 1: hand the proof out without verifying it. A wrong witness gives an invalid proof then, and a
    // hostile key one that leaks the witness: only for callers that verify it themselves.
    uint32_t skip_verify;
    // Must be 0.
    uint32_t reserved;
} zkiln_groth16_prove_options;

// How a verification key is read. Zeros are the defaults.
typedef struct {
    // sizeof(zkiln_groth16_vkey_options).
    size_t struct_size;
    // 1: take a key for which anyone can forge proofs. For tests of unfinished ceremonies.
    uint32_t allow_weak;
    // Must be 0.
    uint32_t reserved;
} zkiln_groth16_vkey_options;

// How a proof is laid out in bytes.
typedef uint32_t zkiln_encoding;

// What proofs must withstand, and what they may cost. Zeros are the defaults; whoever verifies needs the
// prover's.
typedef struct {
    // sizeof(zkiln_spartan_options).
    size_t struct_size;
    // ZKILN_SPARTAN_DIALECT_PROVEKIT_V1 or ZKILN_SPARTAN_DIALECT_COMPACT_V1.
    uint32_t dialect;
    // Bits of security; 0 for 128.
    uint32_t security_bits;
    // Bits of it that proof of work may stand in for; 0 for the dialect's, ZKILN_SPARTAN_NO_WORK for none.
    uint32_t work_bits;
    // The inverse of the first code's rate, as a power of two; 0 for the dialect's.
    uint32_t log_inverse_rate;
    // How many variables a round folds; 0 for the dialect's.
    uint32_t log_folding;
    // Must be 0.
    uint32_t reserved;
} zkiln_spartan_options;

// What a circuit is.
typedef struct {
    // sizeof(zkiln_spartan_info), set by the caller.
    size_t struct_size;
    // The number of wires: the length of a witness.
    uint64_t n_wires;
    // The number of public signals, the circuit's outputs among them.
    uint64_t n_public;
    // The vector that is committed to has 2^log_vector_len elements.
    uint32_t log_vector_len;
    // Whole bits of security: the least of the error terms of a proof's parts.
    uint32_t security_bits;
    // 1 if proofs say nothing about the witness.
    uint32_t zero_knowledge;
    // 0.
    uint32_t reserved;
    // A digest of all that a proof depends on beside the witness and the public signals.
    uint8_t id[32];
} zkiln_spartan_info;

// How a transparent proof is made. Zeros are the defaults.
typedef struct {
    // sizeof(zkiln_spartan_prove_options).
    size_t struct_size;
    // Called with the phases of the proof; NULL for nobody.
    zkiln_progress_fn progress;
    // What progress is called with.
    void *progress_user;
    // 1: hand the proof out without verifying it: only for callers that verify it themselves.
    uint32_t skip_verify;
    // Must be 0.
    uint32_t reserved;
} zkiln_spartan_prove_options;

// What prover and verifier agree on beside the constraints. Begin with zkiln_stark_parameters_preset. How many
// bits of security parameters give is in zkiln_stark_info.
//
// Work is the number of leading zero bits of a hash that a prover must find before a challenge.
typedef struct {
    // sizeof(zkiln_stark_parameters).
    size_t struct_size;
    // Whose transcripts and proofs: ZKILN_STARK_DIALECT_P3_0_8.
    uint32_t dialect;
    // The hash: ZKILN_STARK_HASH_POSEIDON2 or ZKILN_STARK_HASH_KECCAK.
    uint32_t hash;
    // Committed codewords are 2^log_blowup times as long as what they encode.
    uint32_t log_blowup;
    // Folding ends at a polynomial of 2^log_final_poly_len coefficients.
    uint32_t log_final_poly_len;
    // A round folds at most 2^max_log_arity values into one.
    uint32_t max_log_arity;
    // How many rows are opened.
    uint32_t queries;
    // Work before the challenge that batches the opened values.
    uint32_t batch_grinding;
    // Work before the challenge of each round.
    uint32_t commit_grinding;
    // Work before the queries.
    uint32_t query_grinding;
    // Work before the point outside of the domain.
    uint32_t ood_grinding;
    // Trees are committed to by the 2^cap_height nodes of a layer.
    uint32_t cap_height;
    // Must be 0.
    uint32_t reserved;
} zkiln_stark_parameters;

// What a program's constraints read.
typedef struct {
    // sizeof(zkiln_stark_program_info), set by the caller.
    size_t struct_size;
    // ZKILN_FIELD_KOALA_BEAR, ZKILN_FIELD_BABY_BEAR or ZKILN_FIELD_GOLDILOCKS.
    uint32_t field;
    // The largest degree of a constraint.
    uint32_t degree;
    // The number of constraints.
    uint64_t n_constraints;
    // The number of columns of a trace.
    uint64_t width;
    // The number of preprocessed columns.
    uint64_t preprocessed_width;
    // The number of public values.
    uint64_t n_public;
} zkiln_stark_program_info;

// A table of canonical integers below a field's modulus, such as a trace. The library reads it once, to make
// field elements in columns of it.
typedef struct {
    // sizeof(zkiln_matrix).
    size_t struct_size;
    // Values of type uint32_t or uint64_t.
    const void *values;
    // The number of values: width times height.
    size_t n;
    // The size of a value: 4 or 8.
    uint32_t value_size;
    // ZKILN_COLUMN_MAJOR or ZKILN_ROW_MAJOR.
    uint32_t layout;
} zkiln_matrix;

// How a STARK proof is made. Zeros are the defaults.
typedef struct {
    // sizeof(zkiln_stark_prove_options).
    size_t struct_size;
    // Called with the phases of the proof; NULL for nobody.
    zkiln_progress_fn progress;
    // What progress is called with.
    void *progress_user;
    // 1: hand the proof out without verifying it. A trace that breaks a constraint gives an invalid proof then.
    uint32_t skip_verify;
    // Must be 0.
    uint32_t reserved;
} zkiln_stark_prove_options;

// What a proof that is accepted says, and how surely.
typedef struct {
    // sizeof(zkiln_stark_info), set by the caller.
    size_t struct_size;
    // Bits of security that are proven, for an ideal hash.
    uint32_t proven_bits;
    // Bits of security by today's conjectures.
    uint32_t conjectured_bits;
    // The trace has 2^log_height rows.
    uint32_t log_height;
    // 0.
    uint32_t reserved;
} zkiln_stark_info;

// 32 bytes, the most significant first: an integer, a digest or an address, as an EVM has them.
typedef struct {
    // The bytes.
    uint8_t bytes[32];
} zkiln_word;

// A statement: this program takes the state pre_root by the batch to post_root, proven for this request on this
// chain, to be paid to this payee. docs/multi-prover.md says what each word is.
//
// States and the batch must be below r, and the last item not before the first: other statements are
// refused with ZKILN_E_MALFORMED.
typedef struct {
    // The program that makes the transition.
    zkiln_word program;
    // Its parameters, as the program says.
    zkiln_word parameters;
    // The contract that settles, or what else tells two uses on a chain apart.
    zkiln_word context;
    // The request that is answered.
    zkiln_word request;
    // The state before.
    zkiln_word pre_root;
    // The state after.
    zkiln_word post_root;
    // A commitment to the batch.
    zkiln_word batch;
    // Who is to be paid for the proof.
    zkiln_word payee;
    // The chain.
    uint64_t chain_id;
    // The number of the batch's first item.
    uint64_t first_seq;
    // The number of the batch's last item.
    uint64_t last_seq;
} zkiln_statement_v1;

// What a lane is.
typedef struct {
    // sizeof(zkiln_lane_info), set by the caller.
    size_t struct_size;
    // What tells the lane from all others: a hash of its system's name and its key.
    zkiln_word id;
    // A hash of all that the verifier knows of the circuit.
    zkiln_word key;
    // A hash of the constraints; zeros if it is not known of which circuit the key is.
    zkiln_word circuit;
    // What its soundness rests on: ZKILN_LANE_PAIRING, ZKILN_LANE_HASH or ZKILN_LANE_ATTESTATION.
    uint32_t lane_class;
    // ZKILN_STATUS_ACTIVE, ZKILN_STATUS_DEPRECATED or ZKILN_STATUS_REVOKED.
    uint32_t status;
    // 1 if the key is said to have been made by one machine, which can forge proofs.
    uint32_t is_development;
    // 1 if proofs say nothing about the witness.
    uint32_t zero_knowledge;
} zkiln_lane_info;

// The proof of a statement in a lane.
typedef struct {
    // The lane's name in the program.
    const char *lane;
    // The proof in the encoding of the lane's system: ZKILN_ENCODING_EVM of a Groth16 proof, the bytes of a
    // Spartan or a STARK proof.
    const void *proof;
    // Its size in bytes.
    size_t size;
} zkiln_lane_proof;

// What a certificate states as a whole.
typedef struct {
    // sizeof(zkiln_certificate_info), set by the caller.
    size_t struct_size;
    // The program.
    zkiln_word program;
    // The state before the first item.
    zkiln_word pre_root;
    // The state after the last item.
    zkiln_word post_root;
    // The number of the first item.
    uint64_t first_seq;
    // The number of the last item.
    uint64_t last_seq;
    // The number of statements.
    uint64_t n_segments;
    // The number of lanes, in each of which every statement has a proof.
    uint64_t n_lanes;
    // How many of them are independent; 0 of a certificate that was not verified.
    uint64_t n_counted;
} zkiln_certificate_info;

// Where a certificate must begin. Zeros are no anchor, and there is no default: a verifier who leaves the start
// to the prover accepts any state.
typedef struct {
    // One of ZKILN_ANCHOR_.
    uint32_t kind;
    // Must be 0.
    uint32_t reserved;
    // The number of an item.
    uint64_t seq;
    // The state.
    zkiln_word root;
} zkiln_anchor;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// ==== Versions and errors ====
//
// The version of the library that was loaded, such as "0.1.0".
ZKILN_API const char *zkiln_version(void);

// The ZKILN_ABI_VERSION of the library that was loaded. A program that loads it by hand compares this with
// the header's.
ZKILN_API uint32_t zkiln_abi_version(void);

// The name of a status, such as "ZKILN_E_IO"; "unknown" for other numbers.
ZKILN_API const char *zkiln_status_name(zkiln_status status);

// What went wrong in this thread's last call that returns a status, as a full sentence in UTF-8; "" if it
// returned ZKILN_OK. The text is good until the thread's next call of this library.
ZKILN_API const char *zkiln_last_error(void);

// ==== Contexts ====
//
// Makes a context; options may be NULL.
//
// Errors: ZKILN_E_ARGUMENT for a backend of another name and for threads that cannot be started,
// ZKILN_E_DEVICE for a device that cannot be used.
ZKILN_API zkiln_status zkiln_context_create(zkiln_context **out, const zkiln_context_options *options);

// Describes a context.
ZKILN_API zkiln_status zkiln_context_get_info(const zkiln_context *context, zkiln_context_info *out);

// Destroys a context; NULL is allowed.
ZKILN_API void zkiln_context_destroy(zkiln_context *context);

// Stores the number of GPUs, for "cuda:0" and so on.
//
// Errors: ZKILN_E_DEVICE, with the reason why there are none to count.
ZKILN_API zkiln_status zkiln_cuda_device_count(uint32_t *out);

// ==== Buffers ====
//
// Makes a buffer of n zeros.
//
// Errors: ZKILN_E_OUT_OF_MEMORY, ZKILN_E_DEVICE.
ZKILN_API zkiln_status zkiln_bn254_fr_buffer_create(const zkiln_context *context, zkiln_bn254_fr_buffer **out,
                                                    size_t n);

// The number of elements; 0 for NULL.
ZKILN_API size_t zkiln_bn254_fr_buffer_len(const zkiln_bn254_fr_buffer *buffer);

// Copies n elements into a buffer, from its element first on.
//
// Errors: ZKILN_E_ARGUMENT for more than there is room for, ZKILN_E_MALFORMED for elements that are not below r; the
// buffer is left alone then. ZKILN_E_DEVICE.
ZKILN_API zkiln_status zkiln_bn254_fr_buffer_write(const zkiln_bn254_fr_buffer *buffer, size_t first,
                                                   const zkiln_bn254_fr *elements, size_t n);

// Copies n elements out of a buffer, from its element first on.
//
// Errors: ZKILN_E_ARGUMENT for more than there are, ZKILN_E_DEVICE.
ZKILN_API zkiln_status zkiln_bn254_fr_buffer_read(const zkiln_bn254_fr_buffer *buffer, zkiln_bn254_fr *out, size_t n,
                                                  size_t first);

// Wipes and destroys a buffer; NULL is allowed.
ZKILN_API void zkiln_bn254_fr_buffer_destroy(zkiln_bn254_fr_buffer *buffer);

// ==== Numbers and points of BN254 ====
//
// Converts n integers into Montgomery form.
//
// Errors: ZKILN_E_MALFORMED for an integer that is not below r; out is left alone then.
ZKILN_API zkiln_status zkiln_bn254_fr_from_u256(zkiln_bn254_fr *out, const zkiln_u256 *integers, size_t n);

// Converts n elements into integers below r.
//
// Errors: ZKILN_E_MALFORMED for an element that is not below r; out is left alone then.
ZKILN_API zkiln_status zkiln_bn254_fr_to_u256(zkiln_u256 *out, const zkiln_bn254_fr *elements, size_t n);

// Converts n integers into Montgomery form.
//
// Errors: ZKILN_E_MALFORMED for an integer that is not below q; out is left alone then.
ZKILN_API zkiln_status zkiln_bn254_fq_from_u256(zkiln_bn254_fq *out, const zkiln_u256 *integers, size_t n);

// Converts n elements into integers below q.
//
// Errors: ZKILN_E_MALFORMED for an element that is not below q; out is left alone then.
ZKILN_API zkiln_status zkiln_bn254_fq_to_u256(zkiln_u256 *out, const zkiln_bn254_fq *elements, size_t n);

// Stores the generator of G1, (1, 2).
ZKILN_API zkiln_status zkiln_bn254_g1_generator(zkiln_bn254_g1 *out);

// Stores the generator of G2, that of EIP-197.
ZKILN_API zkiln_status zkiln_bn254_g2_generator(zkiln_bn254_g2 *out);

// ==== Multi-scalar multiplication in G1 ====
//
// Prepares n bases, which are copied to the context's backend; infinity is allowed. options may be NULL.
//
// Errors: ZKILN_E_MALFORMED for a base that is not in the group.
ZKILN_API zkiln_status zkiln_bn254_g1_msm_create(const zkiln_context *context, zkiln_bn254_g1_msm **out,
                                                 const zkiln_bn254_g1 *bases, size_t n,
                                                 const zkiln_msm_options *options);

// The number of bases; 0 for NULL.
ZKILN_API size_t zkiln_bn254_g1_msm_len(const zkiln_bn254_g1_msm *msm);

// Stores n_out sums. Each is over all bases, with the next zkiln_bn254_g1_msm_len of the n scalars.
//
// The time depends on the scalars: zeros, ones and small ones cost less.
//
// Errors: ZKILN_E_ARGUMENT for another number of scalars than n_out times the number of bases,
// ZKILN_E_MALFORMED for a scalar that is not below r.
ZKILN_API zkiln_status zkiln_bn254_g1_msm_run(const zkiln_bn254_g1_msm *msm, zkiln_bn254_g1 *out, size_t n_out,
                                              const zkiln_bn254_fr *scalars, size_t n);

// zkiln_bn254_g1_msm_run with canonical scalars.
ZKILN_API zkiln_status zkiln_bn254_g1_msm_run_u256(const zkiln_bn254_g1_msm *msm, zkiln_bn254_g1 *out, size_t n_out,
                                                   const zkiln_u256 *scalars, size_t n);

// zkiln_bn254_g1_msm_run with scalars from a buffer of the same context, from its element first on.
//
// Errors: ZKILN_E_ARGUMENT for a buffer that ends before, or of another context.
ZKILN_API zkiln_status zkiln_bn254_g1_msm_run_buffer(const zkiln_bn254_g1_msm *msm, zkiln_bn254_g1 *out, size_t n_out,
                                                     const zkiln_bn254_fr_buffer *scalars, size_t first);

// Destroys an MSM; NULL is allowed.
ZKILN_API void zkiln_bn254_g1_msm_destroy(zkiln_bn254_g1_msm *msm);

// Stores n multiples of one base, one for each scalar: much faster than n multiplications.
//
// Errors: ZKILN_E_MALFORMED for a base that is not in the group, and for a scalar that is not below r.
ZKILN_API zkiln_status zkiln_bn254_g1_multiples(const zkiln_context *context, zkiln_bn254_g1 *out,
                                                const zkiln_bn254_g1 *base, const zkiln_bn254_fr *scalars, size_t n);

// ==== Multi-scalar multiplication in G2 ====
//
// Prepares n bases of G2: see zkiln_bn254_g1_msm_create.
ZKILN_API zkiln_status zkiln_bn254_g2_msm_create(const zkiln_context *context, zkiln_bn254_g2_msm **out,
                                                 const zkiln_bn254_g2 *bases, size_t n,
                                                 const zkiln_msm_options *options);

// The number of bases; 0 for NULL.
ZKILN_API size_t zkiln_bn254_g2_msm_len(const zkiln_bn254_g2_msm *msm);

// Stores n_out sums in G2: see zkiln_bn254_g1_msm_run.
ZKILN_API zkiln_status zkiln_bn254_g2_msm_run(const zkiln_bn254_g2_msm *msm, zkiln_bn254_g2 *out, size_t n_out,
                                              const zkiln_bn254_fr *scalars, size_t n);

// zkiln_bn254_g2_msm_run with canonical scalars.
ZKILN_API zkiln_status zkiln_bn254_g2_msm_run_u256(const zkiln_bn254_g2_msm *msm, zkiln_bn254_g2 *out, size_t n_out,
                                                   const zkiln_u256 *scalars, size_t n);

// zkiln_bn254_g2_msm_run with scalars from a buffer: see zkiln_bn254_g1_msm_run_buffer.
ZKILN_API zkiln_status zkiln_bn254_g2_msm_run_buffer(const zkiln_bn254_g2_msm *msm, zkiln_bn254_g2 *out, size_t n_out,
                                                     const zkiln_bn254_fr_buffer *scalars, size_t first);

// Destroys an MSM; NULL is allowed.
ZKILN_API void zkiln_bn254_g2_msm_destroy(zkiln_bn254_g2_msm *msm);

// Stores n multiples of one base of G2: see zkiln_bn254_g1_multiples.
ZKILN_API zkiln_status zkiln_bn254_g2_multiples(const zkiln_context *context, zkiln_bn254_g2 *out,
                                                const zkiln_bn254_g2 *base, const zkiln_bn254_fr *scalars, size_t n);

// ==== Number-theoretic transforms ====
//
// Prepares transforms of 2^log_n elements, log_n at most 28, with a table of as many roots of unity on the
// context's backend.
ZKILN_API zkiln_status zkiln_bn254_ntt_create(const zkiln_context *context, zkiln_bn254_ntt **out, uint32_t log_n);

// Evaluates each of the polynomials in data, in place: from coefficients in order from to the values at 1, w,
// ..., w^(2^log_n - 1) in order to, where w is zkiln_bn254_root_of_unity(log_n). data holds n elements,
// any number of polynomials of 2^log_n coefficients one after the other. If shift is not NULL, the values
// are those on the coset shift, shift w, ...
//
// Errors: ZKILN_E_ARGUMENT if n is no multiple of 2^log_n or the shift is 0, ZKILN_E_MALFORMED for elements
// that are not below r; data is left alone then.
ZKILN_API zkiln_status zkiln_bn254_ntt_forward(const zkiln_bn254_ntt *ntt, zkiln_bn254_fr *data, size_t n,
                                               zkiln_order from, zkiln_order to, const zkiln_bn254_fr *shift);

// Interpolates: the reverse of zkiln_bn254_ntt_forward, from values in order from to coefficients in order
// to.
ZKILN_API zkiln_status zkiln_bn254_ntt_inverse(const zkiln_bn254_ntt *ntt, zkiln_bn254_fr *data, size_t n,
                                               zkiln_order from, zkiln_order to, const zkiln_bn254_fr *shift);

// From the values of each polynomial in data at the powers of w to 2^log_n times its values at the odd powers
// of zkiln_bn254_root_of_unity(log_n + 1), both in bit-reversed order: what Groth16 does with its columns,
// in one inverse and one forward transform without a multiplication in between.
//
// Errors: as zkiln_bn254_ntt_forward; ZKILN_E_ARGUMENT for log_n = 28.
ZKILN_API zkiln_status zkiln_bn254_ntt_extend(const zkiln_bn254_ntt *ntt, zkiln_bn254_fr *data, size_t n);

// zkiln_bn254_ntt_forward of n elements of a buffer of the same context, from its element first on.
//
// Errors: ZKILN_E_ARGUMENT as there, and for a buffer that ends before, or of another context; ZKILN_E_DEVICE.
ZKILN_API zkiln_status zkiln_bn254_ntt_forward_buffer(const zkiln_bn254_ntt *ntt, const zkiln_bn254_fr_buffer *data,
                                                      size_t first, size_t n, zkiln_order from, zkiln_order to,
                                                      const zkiln_bn254_fr *shift);

// zkiln_bn254_ntt_inverse of elements of a buffer: see zkiln_bn254_ntt_forward_buffer.
ZKILN_API zkiln_status zkiln_bn254_ntt_inverse_buffer(const zkiln_bn254_ntt *ntt, const zkiln_bn254_fr_buffer *data,
                                                      size_t first, size_t n, zkiln_order from, zkiln_order to,
                                                      const zkiln_bn254_fr *shift);

// zkiln_bn254_ntt_extend of elements of a buffer: see zkiln_bn254_ntt_forward_buffer.
ZKILN_API zkiln_status zkiln_bn254_ntt_extend_buffer(const zkiln_bn254_ntt *ntt, const zkiln_bn254_fr_buffer *data,
                                                     size_t first, size_t n);

// Destroys a transform; NULL is allowed.
ZKILN_API void zkiln_bn254_ntt_destroy(zkiln_bn254_ntt *ntt);

// Permutes n elements, a power of two, from natural to bit-reversed order, or back.
ZKILN_API zkiln_status zkiln_bn254_fr_bit_reverse(const zkiln_context *context, zkiln_bn254_fr *data, size_t n);

// Stores the primitive root of unity of order 2^log_n whose powers the transforms use.
//
// Errors: ZKILN_E_ARGUMENT for a log_n above 28.
ZKILN_API zkiln_status zkiln_bn254_root_of_unity(zkiln_bn254_fr *out, uint32_t log_n);

// ==== Groth16: witnesses and circuits ====
//
// Reads a wtns file, as circom's witness calculators write it.
//
// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED.
ZKILN_API zkiln_status zkiln_groth16_witness_open(const zkiln_context *context, zkiln_groth16_witness **out,
                                                  const char *path);

// Reads the size bytes of a wtns file.
//
// Errors: ZKILN_E_MALFORMED.
ZKILN_API zkiln_status zkiln_groth16_witness_from_bytes(const zkiln_context *context, zkiln_groth16_witness **out,
                                                        const void *bytes, size_t size);

// A witness of n values, one for each wire. The first is the constant 1.
//
// Errors: ZKILN_E_MALFORMED if it is not, or if a value is not below r.
ZKILN_API zkiln_status zkiln_groth16_witness_from_values(const zkiln_context *context, zkiln_groth16_witness **out,
                                                         const zkiln_u256 *values, size_t n);

// Wipes and destroys a witness; NULL is allowed.
ZKILN_API void zkiln_groth16_witness_destroy(zkiln_groth16_witness *witness);

// Reads an r1cs file, as circom writes it.
//
// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED.
ZKILN_API zkiln_status zkiln_groth16_r1cs_open(const zkiln_context *context, zkiln_groth16_r1cs **out,
                                               const char *path);

// Reads the size bytes of an r1cs file.
//
// Errors: ZKILN_E_MALFORMED.
ZKILN_API zkiln_status zkiln_groth16_r1cs_from_bytes(const zkiln_context *context, zkiln_groth16_r1cs **out,
                                                     const void *bytes, size_t size);

// Destroys a circuit; NULL is allowed.
ZKILN_API void zkiln_groth16_r1cs_destroy(zkiln_groth16_r1cs *r1cs);

// ==== Groth16: proving ====
//
// Opens a zkey file, with all checks. options may be NULL. While this call lasts no other process may
// shorten the file, which is mapped; bytes that were read have no such condition.
//
// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED, ZKILN_E_WEAK_KEY, ZKILN_E_CANCELLED.
ZKILN_API zkiln_status zkiln_groth16_key_open(const zkiln_context *context, zkiln_groth16_key **out, const char *path,
                                              const zkiln_groth16_key_options *options);

// Opens the size bytes of a zkey file: see zkiln_groth16_key_open. They are not needed afterwards.
ZKILN_API zkiln_status zkiln_groth16_key_from_bytes(const zkiln_context *context, zkiln_groth16_key **out,
                                                    const void *bytes, size_t size,
                                                    const zkiln_groth16_key_options *options);

// Describes a proving key.
ZKILN_API zkiln_status zkiln_groth16_key_get_info(const zkiln_groth16_key *key, zkiln_groth16_key_info *out);

// Makes a handle of the key that verifies this key's proofs.
ZKILN_API zkiln_status zkiln_groth16_key_get_vkey(const zkiln_groth16_key *key, zkiln_groth16_vkey **out);

// Requires a proving key to belong to a verification key from a trusted source. A proving key that calls
// more wires public than the circuit does makes a prover publish its witness.
//
// Errors: ZKILN_E_ARGUMENT, with the first difference.
ZKILN_API zkiln_status zkiln_groth16_key_check_vkey(const zkiln_groth16_key *key, const zkiln_groth16_vkey *trusted);

// Proves that a witness satisfies the key's circuit, verifies the proof, and stores it with its public inputs.
// n_public is that of zkiln_groth16_key_info. options may be NULL.
//
// Two proofs of one witness differ: the blinding is drawn afresh from the operating system.
//
// Errors: ZKILN_E_WITNESS_MISMATCH, ZKILN_E_UNSATISFIED, ZKILN_E_SELF_CHECK, ZKILN_E_ENTROPY,
// ZKILN_E_CANCELLED; ZKILN_E_ARGUMENT for another n_public, before any work. Nothing is stored then.
ZKILN_API zkiln_status zkiln_groth16_prove(const zkiln_groth16_key *key, zkiln_groth16_proof *proof,
                                           zkiln_u256 *public_inputs, size_t n_public,
                                           const zkiln_groth16_witness *witness,
                                           const zkiln_groth16_prove_options *options);

// Destroys a proving key; NULL is allowed.
ZKILN_API void zkiln_groth16_key_destroy(zkiln_groth16_key *key);

// ==== Groth16: verifying ====
//
// Reads verification_key.json, as snarkjs writes it. options may be NULL.
//
// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED, ZKILN_E_WEAK_KEY.
ZKILN_API zkiln_status zkiln_groth16_vkey_open(const zkiln_context *context, zkiln_groth16_vkey **out,
                                               const char *path, const zkiln_groth16_vkey_options *options);

// Reads the size bytes of verification_key.json: see zkiln_groth16_vkey_open.
ZKILN_API zkiln_status zkiln_groth16_vkey_from_json(const zkiln_context *context, zkiln_groth16_vkey **out,
                                                    const char *text, size_t size,
                                                    const zkiln_groth16_vkey_options *options);

// Writes verification_key.json, byte for byte as snarkjs does, with a zero byte at its end. The sizes count
// that byte.
//
// Errors: ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_groth16_vkey_to_json(const zkiln_groth16_vkey *vkey, char *text, size_t *size);

// Writes a Solidity contract that verifies this key's proofs, with the interface of snarkjs' contract and a
// zero byte at its end. The sizes count that byte.
//
// Errors: ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_groth16_vkey_to_solidity(const zkiln_groth16_vkey *vkey, char *text, size_t *size);

// The number of public inputs; 0 for NULL.
ZKILN_API size_t zkiln_groth16_vkey_n_public(const zkiln_groth16_vkey *vkey);

// Verifies a proof: ZKILN_OK if it is valid for these public inputs, and nothing else, means yes. Valid is
// not fresh: anyone can turn a valid proof into others of the same statement.
//
// Errors: ZKILN_E_INVALID_PROOF; ZKILN_E_PUBLIC_INPUTS for too few or too many, or one not below r.
ZKILN_API zkiln_status zkiln_groth16_verify(const zkiln_groth16_vkey *vkey, const zkiln_groth16_proof *proof,
                                            const zkiln_u256 *public_inputs, size_t n_public);

// Verifies n proofs, in less than half of the time: ZKILN_OK if all of them are valid. Each has n_public
// public inputs, in the order of the proofs. If valid is not NULL, it gets a 1 for each valid proof and a 0
// for each other; to tell them apart takes the time of as many verifications.
//
// Errors: ZKILN_E_INVALID_PROOF if one is not; ZKILN_E_PUBLIC_INPUTS as for one proof; ZKILN_E_ENTROPY.
ZKILN_API zkiln_status zkiln_groth16_verify_batch(const zkiln_groth16_vkey *vkey, uint8_t *valid,
                                                  const zkiln_groth16_proof *proofs, size_t n,
                                                  const zkiln_u256 *public_inputs, size_t n_public);

// Destroys a verification key; NULL is allowed.
ZKILN_API void zkiln_groth16_vkey_destroy(zkiln_groth16_vkey *vkey);

// ==== Groth16: encodings ====
//
// Writes proof.json, byte for byte as snarkjs does, with a zero byte at its end. The sizes count that byte.
//
// Errors: ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_groth16_proof_to_json(const zkiln_groth16_proof *proof, char *text, size_t *size);

// Reads the size bytes of proof.json. A zero byte at the end is no part of it.
//
// Errors: ZKILN_E_MALFORMED, also for points that are not in their groups.
ZKILN_API zkiln_status zkiln_groth16_proof_from_json(zkiln_groth16_proof *out, const char *text, size_t size);

// Writes a proof in a binary encoding, the length of which depends on nothing else.
//
// Errors: ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_groth16_proof_to_bytes(const zkiln_groth16_proof *proof, zkiln_encoding encoding,
                                                    void *bytes, size_t *size);

// Reads what zkiln_groth16_proof_to_bytes writes, and nothing else.
//
// Errors: ZKILN_E_MALFORMED, also for points that are not in their groups.
ZKILN_API zkiln_status zkiln_groth16_proof_from_bytes(zkiln_groth16_proof *out, zkiln_encoding encoding,
                                                      const void *bytes, size_t size);

// Writes the data of a call of the Solidity contract: a selector, the proof, the public inputs.
//
// Errors: ZKILN_E_SHORT_BUFFER; ZKILN_E_PUBLIC_INPUTS for one that is not below r.
ZKILN_API zkiln_status zkiln_groth16_proof_to_calldata(const zkiln_groth16_proof *proof,
                                                       const zkiln_u256 *public_inputs, size_t n_public, void *bytes,
                                                       size_t *size);

// Writes public.json, byte for byte as snarkjs does, with a zero byte at its end. The sizes count that byte.
//
// Errors: ZKILN_E_SHORT_BUFFER; ZKILN_E_PUBLIC_INPUTS for one that is not below r.
ZKILN_API zkiln_status zkiln_groth16_public_to_json(const zkiln_u256 *public_inputs, size_t n_public, char *text,
                                                    size_t *size);

// Reads the size bytes of public.json. n_public is room in public_inputs when called and the number of
// values when it returns; public_inputs may be NULL to learn that.
//
// Errors: ZKILN_E_MALFORMED, ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_groth16_public_from_json(zkiln_u256 *public_inputs, size_t *n_public, const char *text,
                                                      size_t size);

// ==== Spartan: transparent proofs of circuits ====
//
// Prepares a circuit, on the processor. There are no keys: whoever verifies makes it of the same constraints
// and options, which may be NULL.
//
// Errors: ZKILN_E_ARGUMENT for options that make no sense or ask for more than there is; ZKILN_E_DEVICE in a
// context whose device was asked for by name.
ZKILN_API zkiln_status zkiln_spartan_circuit_create(const zkiln_context *context, zkiln_spartan_circuit **out,
                                                    const zkiln_groth16_r1cs *r1cs,
                                                    const zkiln_spartan_options *options);

// Describes a circuit.
ZKILN_API zkiln_status zkiln_spartan_circuit_get_info(const zkiln_spartan_circuit *circuit, zkiln_spartan_info *out);

// Proves that a witness satisfies the circuit, verifies the proof, and stores it with its public signals.
// n_public is that of zkiln_spartan_info. options may be NULL.
//
// Two proofs of one witness differ: what hides it is drawn afresh from the operating system. In the compact
// dialect nothing hides it, and the same witness has the same proof.
//
// Errors: ZKILN_E_WITNESS_MISMATCH, ZKILN_E_UNSATISFIED, ZKILN_E_SELF_CHECK, ZKILN_E_ENTROPY,
// ZKILN_E_CANCELLED; ZKILN_E_ARGUMENT for another n_public, before any work. No signals are stored then.
ZKILN_API zkiln_status zkiln_spartan_prove(const zkiln_spartan_circuit *circuit, zkiln_spartan_proof **out,
                                           zkiln_u256 *public_signals, size_t n_public,
                                           const zkiln_groth16_witness *witness,
                                           const zkiln_spartan_prove_options *options);

// Writes the bytes of a proof, the first eight of which name the dialect.
//
// Errors: ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_spartan_proof_to_bytes(const zkiln_spartan_proof *proof, void *bytes, size_t *size);

// Verifies the size bytes of a proof: ZKILN_OK if it is valid for these public signals, and nothing else, means
// yes. Valid is not fresh: the bytes of a proof must never serve as a nullifier or a replay key.
//
// Errors: ZKILN_E_MALFORMED for bytes that are no proof, ZKILN_E_INVALID_PROOF; ZKILN_E_PUBLIC_INPUTS for too
// few or too many, or one not below r.
ZKILN_API zkiln_status zkiln_spartan_verify(const zkiln_spartan_circuit *circuit, const void *proof, size_t size,
                                            const zkiln_u256 *public_signals, size_t n_public);

// Destroys a proof; NULL is allowed.
ZKILN_API void zkiln_spartan_proof_destroy(zkiln_spartan_proof *proof);

// Destroys a circuit; NULL is allowed.
ZKILN_API void zkiln_spartan_circuit_destroy(zkiln_spartan_circuit *circuit);

// ==== STARK: constraints and parameters ====
//
// Fills in a preset, with Poseidon2. The struct_size must have been set.
//
// Errors: ZKILN_E_ARGUMENT for a preset that there is not.
ZKILN_API zkiln_status zkiln_stark_parameters_preset(zkiln_stark_parameters *out, uint32_t preset);

// Reads a file with a program, which says itself over which field it is.
//
// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED.
ZKILN_API zkiln_status zkiln_stark_program_open(const zkiln_context *context, zkiln_stark_program **out,
                                                const char *path);

// Reads the size bytes of a program: see zkiln_stark_program_open.
ZKILN_API zkiln_status zkiln_stark_program_from_bytes(const zkiln_context *context, zkiln_stark_program **out,
                                                      const void *bytes, size_t size);

// Describes a program.
ZKILN_API zkiln_status zkiln_stark_program_get_info(const zkiln_stark_program *program,
                                                    zkiln_stark_program_info *out);

// Checks every constraint in every row of a trace, without a proof: for whoever writes constraints. preprocessed is
// NULL for constraints that read no such columns.
//
// Errors: ZKILN_E_UNSATISFIED names a row and a constraint; ZKILN_E_ARGUMENT, ZKILN_E_MALFORMED and
// ZKILN_E_PUBLIC_INPUTS as zkiln_stark_prove.
ZKILN_API zkiln_status zkiln_stark_program_check(const zkiln_stark_program *program, const zkiln_matrix *trace,
                                                 const zkiln_matrix *preprocessed, const uint64_t *public_values,
                                                 size_t n_public);

// Destroys a program; NULL is allowed.
ZKILN_API void zkiln_stark_program_destroy(zkiln_stark_program *program);

// ==== STARK: proving ====
//
// Prepares proofs about traces of 2^log_height rows, on the processor. parameters may be NULL, for the preset
// ZKILN_STARK_PRESET_PROVEN100. preprocessed has the program's preprocessed columns, and is NULL if it reads none.
//
// Errors: ZKILN_E_ARGUMENT for parameters that are not sound for this program and height, and for preprocessed
// columns of another shape; ZKILN_E_MALFORMED for values in them that are not canonical; ZKILN_E_DEVICE in a context
// whose device was asked for by name.
ZKILN_API zkiln_status zkiln_stark_prover_create(const zkiln_context *context, zkiln_stark_prover **out,
                                                 const zkiln_stark_program *program,
                                                 const zkiln_stark_parameters *parameters, uint32_t log_height,
                                                 const zkiln_matrix *preprocessed);

// Makes a handle that verifies this prover's proofs.
ZKILN_API zkiln_status zkiln_stark_prover_get_verifier(const zkiln_stark_prover *prover, zkiln_stark_verifier **out);

// Proves that a trace satisfies the constraints with these public values, and verifies the proof. options may be
// NULL. The same input has the same proof; nothing in a proof hides the trace.
//
// Errors: ZKILN_E_UNSATISFIED; ZKILN_E_ARGUMENT for a trace of another shape, ZKILN_E_MALFORMED for a value in it
// that is not canonical; ZKILN_E_PUBLIC_INPUTS for too few or too many, or one not below the modulus;
// ZKILN_E_CANCELLED, ZKILN_E_OUT_OF_MEMORY.
ZKILN_API zkiln_status zkiln_stark_prove(const zkiln_stark_prover *prover, zkiln_stark_proof **out,
                                         const zkiln_matrix *trace, const uint64_t *public_values, size_t n_public,
                                         const zkiln_stark_prove_options *options);

// Writes the bytes of a proof, those of Plonky3's postcard encoding.
//
// Errors: ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_stark_proof_to_bytes(const zkiln_stark_proof *proof, void *bytes, size_t *size);

// Destroys a proof; NULL is allowed.
ZKILN_API void zkiln_stark_proof_destroy(zkiln_stark_proof *proof);

// Destroys a prover; NULL is allowed.
ZKILN_API void zkiln_stark_prover_destroy(zkiln_stark_prover *prover);

// ==== STARK: verifying ====
//
// Prepares the verification of proofs about traces of 2^log_height rows. parameters may be NULL as for
// zkiln_stark_prover_create, and must be those of the prover. commitment has the size bytes of
// zkiln_stark_verifier_get_commitment, from a trusted source; NULL and 0 if there are no preprocessed columns.
//
// Errors: ZKILN_E_ARGUMENT for parameters that are not sound, and for a commitment of another length, missing or
// without columns; ZKILN_E_MALFORMED for bytes that are no commitment.
ZKILN_API zkiln_status zkiln_stark_verifier_create(const zkiln_context *context, zkiln_stark_verifier **out,
                                                   const zkiln_stark_program *program,
                                                   const zkiln_stark_parameters *parameters, uint32_t log_height,
                                                   const void *commitment, size_t size);

// Describes what a verifier accepts.
ZKILN_API zkiln_status zkiln_stark_verifier_get_info(const zkiln_stark_verifier *verifier, zkiln_stark_info *out);

// Writes the commitment to the preprocessed columns: no bytes if there are none.
//
// Errors: ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_stark_verifier_get_commitment(const zkiln_stark_verifier *verifier, void *bytes,
                                                           size_t *size);

// Verifies the size bytes of a proof: ZKILN_OK if it is valid for these public values, and nothing else, means yes.
//
// Errors: ZKILN_E_MALFORMED for bytes that are no proof, ZKILN_E_INVALID_PROOF; ZKILN_E_PUBLIC_INPUTS for too few or
// too many, or one not below the modulus.
ZKILN_API zkiln_status zkiln_stark_verify(const zkiln_stark_verifier *verifier, const void *proof, size_t size,
                                          const uint64_t *public_values, size_t n_public);

// Destroys a verifier; NULL is allowed.
ZKILN_API void zkiln_stark_verifier_destroy(zkiln_stark_verifier *verifier);

// ==== Statements ====
//
// Stores Keccak-256 of size bytes, the hash of Ethereum: what requests and programs are named by.
ZKILN_API zkiln_status zkiln_keccak256(zkiln_word *out, const void *bytes, size_t size);

// Reads a file with a JSON object of the fields: words as 0x and 64 digits, numbers as decimal strings. There is
// no other spelling.
//
// Errors: ZKILN_E_IO, ZKILN_E_MALFORMED.
ZKILN_API zkiln_status zkiln_statement_v1_open(zkiln_statement_v1 *out, const char *path);

// Reads the size bytes of such a file. A zero byte at the end is no part of it.
//
// Errors: ZKILN_E_MALFORMED.
ZKILN_API zkiln_status zkiln_statement_v1_from_json(zkiln_statement_v1 *out, const char *text, size_t size);

// Writes the JSON object of the fields with a zero byte at its end, which the sizes count.
//
// Errors: ZKILN_E_SHORT_BUFFER; ZKILN_E_MALFORMED for what is no statement.
ZKILN_API zkiln_status zkiln_statement_v1_to_json(const zkiln_statement_v1 *statement, char *text, size_t *size);

// Stores the digest of a statement: Keccak-256 of its twelve words.
//
// Errors: ZKILN_E_MALFORMED for what is no statement.
ZKILN_API zkiln_status zkiln_statement_v1_digest(const zkiln_statement_v1 *statement, zkiln_word *out);

// Stores the public signals of a circuit that carries the statement, n of them, which is
// ZKILN_STATEMENT_SIGNALS: the halves of the digest, pre_root, post_root, batch, first_seq, last_seq.
//
// Errors: ZKILN_E_MALFORMED for what is no statement.
ZKILN_API zkiln_status zkiln_statement_v1_signals(const zkiln_statement_v1 *statement, zkiln_u256 *out, size_t n);

// Requires the public signals of a witness to carry a statement: what a prover sees to before it proves.
//
// Errors: ZKILN_E_PUBLIC_INPUTS with the first that does not, ZKILN_E_WITNESS_MISMATCH for a witness without
// them, ZKILN_E_MALFORMED for what is no statement.
ZKILN_API zkiln_status zkiln_statement_v1_check_witness(const zkiln_statement_v1 *statement,
                                                        const zkiln_groth16_witness *witness);

// ==== Programs ====
//
// Reads the file of a program, program.json, with the keys, circuits and constraints that it names relative to
// itself: docs/multi-prover.md has the format. All of this is trusted.
//
// Errors: ZKILN_E_IO and ZKILN_E_MALFORMED of any of the files; ZKILN_E_WEAK_KEY; ZKILN_E_ARGUMENT for lanes that
// are no lanes of statements, and a policy that not even all of them satisfy.
ZKILN_API zkiln_status zkiln_program_open(const zkiln_context *context, zkiln_program **out, const char *path);

// Reads the size bytes of such a file, which names others relative to a folder: see zkiln_program_open.
ZKILN_API zkiln_status zkiln_program_from_json(const zkiln_context *context, zkiln_program **out, const char *text,
                                               size_t size, const char *folder);

// Stores what statements name as their program.
ZKILN_API zkiln_status zkiln_program_get_id(const zkiln_program *program, zkiln_word *out);

// Describes the lane of a name.
//
// Errors: ZKILN_E_ARGUMENT if there is none.
ZKILN_API zkiln_status zkiln_program_get_lane(const zkiln_program *program, zkiln_lane_info *out, const char *name);

// Makes a certificate of n statements that follow one another, and verifies it before it is handed out. There
// are n_proofs proofs: those of the first statement, then those of the next, of the same lanes in the same order.
// The certificate has copies of the proofs.
//
// Errors: ZKILN_E_REFUSED for lanes that do not satisfy the policy, a gap, an overlap, a proof that is not valid;
// ZKILN_E_ARGUMENT for lanes that are not there, there twice or not active, and for n_proofs that is no multiple
// of n; ZKILN_E_MALFORMED for what is no statement.
ZKILN_API zkiln_status zkiln_program_certify(const zkiln_program *program, zkiln_certificate **out,
                                             const zkiln_statement_v1 *statements, size_t n,
                                             const zkiln_lane_proof *proofs, size_t n_proofs);

// Verifies a certificate that begins at an anchor: ZKILN_OK, and nothing else, means that the policy is the
// program's own, every lane is one of its lanes and not revoked, the lanes satisfy the policy, and every proof is
// valid for the statement's own fields. info, if it is not NULL, gets what the certificate states.
//
// That it is true does not make it new: a zkiln_journal refuses what was accepted before, and finds
// contradictions.
//
// Errors: ZKILN_E_REFUSED with the reason.
ZKILN_API zkiln_status zkiln_program_verify(const zkiln_program *program, zkiln_certificate_info *info,
                                            const zkiln_certificate *certificate, const zkiln_anchor *anchor);

// Destroys a program; NULL is allowed.
ZKILN_API void zkiln_program_destroy(zkiln_program *program);

// ==== Certificates ====
//
// Reads the file of a certificate, which has exactly one text.
//
// Errors: ZKILN_E_IO; ZKILN_E_MALFORMED for any other text.
ZKILN_API zkiln_status zkiln_certificate_open(const zkiln_context *context, zkiln_certificate **out,
                                              const char *path);

// Reads the size bytes of a certificate: see zkiln_certificate_open.
ZKILN_API zkiln_status zkiln_certificate_from_json(const zkiln_context *context, zkiln_certificate **out,
                                                   const char *text, size_t size);

// Writes the text of a certificate with a zero byte at its end, which the sizes count.
//
// Errors: ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_certificate_to_json(const zkiln_certificate *certificate, char *text, size_t *size);

// Creates or replaces a file, which is there whole or not at all.
//
// Errors: ZKILN_E_IO.
ZKILN_API zkiln_status zkiln_certificate_save(const zkiln_certificate *certificate, const char *path);

// Describes a certificate, which need not be true.
ZKILN_API zkiln_status zkiln_certificate_get_info(const zkiln_certificate *certificate, zkiln_certificate_info *out);

// Stores the statement of a segment, counted from 0.
//
// Errors: ZKILN_E_ARGUMENT if there is none.
ZKILN_API zkiln_status zkiln_certificate_get_statement(const zkiln_certificate *certificate, zkiln_statement_v1 *out,
                                                       size_t segment);

// Writes the proof of a segment in the lane with this id, in the encoding of the lane's system.
//
// Errors: ZKILN_E_SHORT_BUFFER; ZKILN_E_ARGUMENT if there is none.
ZKILN_API zkiln_status zkiln_certificate_get_proof(const zkiln_certificate *certificate, void *proof, size_t *size,
                                                   size_t segment, const zkiln_word *lane);

// Destroys a certificate; NULL is allowed.
ZKILN_API void zkiln_certificate_destroy(zkiln_certificate *certificate);

// ==== Journals ====
//
// Makes a journal in which nothing was accepted.
ZKILN_API zkiln_status zkiln_journal_create(const zkiln_program *program, zkiln_journal **out);

// Reads the file of a journal by verifying and accepting its certificates again. A journal that was frozen is.
//
// Errors: ZKILN_E_IO; ZKILN_E_MALFORMED for what is no journal of this program; those of zkiln_journal_accept.
ZKILN_API zkiln_status zkiln_journal_open(const zkiln_program *program, zkiln_journal **out, const char *path);

// Reads the size bytes of a journal: see zkiln_journal_open.
ZKILN_API zkiln_status zkiln_journal_from_json(const zkiln_program *program, zkiln_journal **out, const char *text,
                                               size_t size);

// Writes the text of a journal with a zero byte at its end, which the sizes count.
//
// Errors: ZKILN_E_SHORT_BUFFER.
ZKILN_API zkiln_status zkiln_journal_to_json(const zkiln_journal *journal, char *text, size_t *size);

// Creates or replaces a file, which is there whole or not at all. To be called whenever zkiln_journal_accept has
// returned, with ZKILN_E_CONFLICT above all: an alarm that was saved stays saved.
//
// Errors: ZKILN_E_IO.
ZKILN_API zkiln_status zkiln_journal_save(const zkiln_journal *journal, const char *path);

// Verifies a certificate as zkiln_program_verify does, and accepts it if it is new and contradicts nothing.
//
// Errors: ZKILN_E_REFUSED with the reason, also for what was accepted before. ZKILN_E_CONFLICT if two valid
// proofs contradict each other, now or ever before: STOP, and let people look at the certificates.
ZKILN_API zkiln_status zkiln_journal_accept(const zkiln_journal *journal, zkiln_certificate_info *info,
                                            const zkiln_certificate *certificate, const zkiln_anchor *anchor);

// The number of certificates that were accepted; 0 for NULL.
ZKILN_API size_t zkiln_journal_len(const zkiln_journal *journal);

// Stores where what follows the last certificate must begin; zeros, which are no anchor, if there is none.
ZKILN_API zkiln_status zkiln_journal_get_end(const zkiln_journal *journal, zkiln_anchor *out);

// Makes handles of the two certificates that contradict each other: the one that was there first, and the other.
// Stores NULL twice if none do.
ZKILN_API zkiln_status zkiln_journal_get_conflict(const zkiln_journal *journal, zkiln_certificate **first,
                                                  zkiln_certificate **second);

// Destroys a journal; NULL is allowed.
ZKILN_API void zkiln_journal_destroy(zkiln_journal *journal);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* ZKILN_H */
