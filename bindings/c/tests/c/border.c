// What breaks a call's contract is refused with a status and a sentence, before anything is done.

#include "test.h"

// An address that is not a multiple of 8.
static void *odd(void *pointer) { return (char *)pointer + 1; }

static void contexts(void) {
    zkiln_context *context = (zkiln_context *)1;
    zkiln_context_options options;
    zkiln_context_info info;
    struct {
        zkiln_context_options known;
        uint64_t unknown;
    } newer;
    uint32_t count;

    EXPECT(zkiln_context_create(NULL, NULL), ZKILN_E_ARGUMENT, "out is NULL");
    memset(&options, 0, sizeof options);
    EXPECT(zkiln_context_create(&context, &options), ZKILN_E_ARGUMENT, "struct_size is 0");
    REQUIRE(context == NULL); // whatever it was
    options.struct_size = sizeof options;
    options.backend = "abacus";
    EXPECT(zkiln_context_create(&context, &options), ZKILN_E_ARGUMENT, "no backend is called \"abacus\"");
    options.backend = "cuda:4294967295";
    EXPECT(zkiln_context_create(&context, &options), ZKILN_E_DEVICE, "");
    options.backend = "\xff";
    EXPECT(zkiln_context_create(&context, &options), ZKILN_E_ARGUMENT, "not UTF-8");
    options.backend = "cpu";
    options.reserved = 1;
    EXPECT(zkiln_context_create(&context, &options), ZKILN_E_ARGUMENT, "reserved");
    options.reserved = 0;
    EXPECT(zkiln_context_create((zkiln_context **)odd(&context), &options), ZKILN_E_ARGUMENT,
           "misaligned");

    // From a program of a later version: fine, unless it asks for what this version cannot do.
    memset(&newer, 0, sizeof newer);
    newer.known = options;
    newer.known.struct_size = sizeof newer;
    OK(zkiln_context_create(&context, &newer.known));
    zkiln_context_destroy(context);
    newer.unknown = 1;
    EXPECT(zkiln_context_create(&context, &newer.known), ZKILN_E_ARGUMENT, "does not know");

    options.threads = 3;
    OK(zkiln_context_create(&context, &options));
    memset(&info, 0xff, sizeof info);
    info.struct_size = sizeof info;
    OK(zkiln_context_get_info(context, &info));
    REQUIRE(info.struct_size == sizeof info && info.threads == 3 && info.kind == ZKILN_BACKEND_CPU);
    REQUIRE(strstr(info.backend, "cpu") == info.backend && info.memory == 0);
    REQUIRE(info.device_name[0] == '\0' && info.reason[0] == '\0');
    info.struct_size = 8;
    EXPECT(zkiln_context_get_info(context, &info), ZKILN_E_ARGUMENT, "struct_size is 8");
    EXPECT(zkiln_context_get_info(context, NULL), ZKILN_E_ARGUMENT, "info is NULL");
    EXPECT(zkiln_context_get_info(NULL, &info), ZKILN_E_ARGUMENT, "the context is NULL");
    EXPECT(zkiln_context_get_info((zkiln_context *)odd(context), &info), ZKILN_E_ARGUMENT, "no handle");
    EXPECT(zkiln_cuda_device_count(NULL), ZKILN_E_ARGUMENT, "out is NULL");
    zkiln_status status = zkiln_cuda_device_count(&count);
    REQUIRE(status == ZKILN_OK || (status == ZKILN_E_DEVICE && count == 0));
    zkiln_context_destroy(context);
    zkiln_context_destroy(NULL);
}

static void fields(void) {
    static const zkiln_u256 r = {{0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d,
                                  0x30644e72e131a029}};
    zkiln_u256 integers[2], back[2];
    zkiln_bn254_fr elements[2];
    zkiln_bn254_fq others[2];

    integers[0] = integer(1);
    integers[1] = r;
    memset(elements, 0, sizeof elements);
    EXPECT(zkiln_bn254_fr_from_u256(elements, integers, 2), ZKILN_E_MALFORMED, "integer 1 is not below");
    REQUIRE(elements[0].montgomery[0] == 0);
    OK(zkiln_bn254_fq_from_u256(others, integers, 2)); // r is below q
    memcpy(elements, integers, sizeof elements);
    EXPECT(zkiln_bn254_fr_to_u256(back, elements, 2), ZKILN_E_MALFORMED, "element 1 is not below");
    EXPECT(zkiln_bn254_fr_from_u256(NULL, integers, 1), ZKILN_E_ARGUMENT, "out is NULL");
    EXPECT(zkiln_bn254_fr_from_u256(elements, NULL, 1), ZKILN_E_ARGUMENT, "integers is NULL");
    EXPECT(zkiln_bn254_fr_from_u256(elements, integers, (size_t)-1), ZKILN_E_ARGUMENT, "more than memory");
    EXPECT(zkiln_bn254_fr_from_u256((zkiln_bn254_fr *)odd(elements), integers, 1), ZKILN_E_ARGUMENT,
           "misaligned");
    EXPECT(zkiln_bn254_fr_from_u256((zkiln_bn254_fr *)(void *)integers, integers, 1), ZKILN_E_ARGUMENT,
           "out and integers overlap");
    OK(zkiln_bn254_fr_from_u256(NULL, NULL, 0));
}

static void sums(const zkiln_context *context) {
    zkiln_bn254_g1 bases[4], out[2];
    zkiln_bn254_g2 bases2[1];
    zkiln_bn254_fr scalars[4];
    zkiln_u256 integers[4];
    zkiln_bn254_g1_msm *msm = NULL;
    zkiln_bn254_g2_msm *msm2 = NULL;
    zkiln_msm_options options;
    size_t i;

    OK(zkiln_bn254_g1_generator(&bases[0]));
    for (i = 0; i < 4; i++) {
        bases[i] = bases[0];
        scalars[i] = element(i);
        integers[i] = integer(i);
    }
    EXPECT(zkiln_bn254_g1_msm_create(NULL, &msm, bases, 4, NULL), ZKILN_E_ARGUMENT, "the context is NULL");
    EXPECT(zkiln_bn254_g1_msm_create(context, NULL, bases, 4, NULL), ZKILN_E_ARGUMENT, "out is NULL");
    EXPECT(zkiln_bn254_g1_msm_create(context, &msm, NULL, 4, NULL), ZKILN_E_ARGUMENT, "bases is NULL");
    EXPECT(zkiln_bn254_g1_msm_create(context, &msm, bases, (size_t)1 << 60, NULL), ZKILN_E_ARGUMENT,
           "more than memory");
    bases[2].x = bases[2].y;
    EXPECT(zkiln_bn254_g1_msm_create(context, &msm, bases, 4, NULL), ZKILN_E_MALFORMED,
           "point 2: it is not on the curve");
    memset(&bases[2], 0xff, sizeof bases[2]);
    EXPECT(zkiln_bn254_g1_msm_create(context, &msm, bases, 4, NULL), ZKILN_E_MALFORMED, "not below the modulus q");
    REQUIRE(msm == NULL);
    bases[2] = bases[0];
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.trust_points = 2;
    EXPECT(zkiln_bn254_g1_msm_create(context, &msm, bases, 4, &options), ZKILN_E_ARGUMENT, "0 or 1");
    options.trust_points = 1;
    OK(zkiln_bn254_g1_msm_create(context, &msm, bases, 4, &options));

    EXPECT(zkiln_bn254_g1_msm_run(NULL, out, 1, scalars, 4), ZKILN_E_ARGUMENT, "the MSM is NULL");
    EXPECT(zkiln_bn254_g1_msm_run(msm, out, 1, scalars, 3), ZKILN_E_ARGUMENT, "1 sums over 4 bases got 3 scalars");
    EXPECT(zkiln_bn254_g1_msm_run(msm, out, 2, scalars, 4), ZKILN_E_ARGUMENT, "2 sums over 4 bases got 4 scalars");
    EXPECT(zkiln_bn254_g1_msm_run(msm, out, (size_t)-1 / 64, scalars, 4), ZKILN_E_ARGUMENT, "more than memory");
    EXPECT(zkiln_bn254_g1_msm_run(msm, NULL, 1, scalars, 4), ZKILN_E_ARGUMENT, "out is NULL");
    EXPECT(zkiln_bn254_g1_msm_run(msm, (zkiln_bn254_g1 *)(void *)&scalars[1], 1, scalars, 4),
           ZKILN_E_ARGUMENT, "out and scalars overlap");
    memset(&scalars[3], 0xff, sizeof scalars[3]);
    EXPECT(zkiln_bn254_g1_msm_run(msm, out, 1, scalars, 4), ZKILN_E_MALFORMED, "scalars: element 3");
    memset(&integers[3], 0xff, sizeof integers[3]);
    EXPECT(zkiln_bn254_g1_msm_run_u256(msm, out, 1, integers, 4), ZKILN_E_MALFORMED, "scalars: integer 3");
    zkiln_bn254_g1_msm_destroy(msm);
    zkiln_bn254_g1_msm_destroy(NULL);
    REQUIRE(zkiln_bn254_g1_msm_len(NULL) == 0);

    memset(bases2, 1, sizeof bases2);
    EXPECT(zkiln_bn254_g2_msm_create(context, &msm2, bases2, 1, NULL), ZKILN_E_MALFORMED, "not on the curve");
    EXPECT(zkiln_bn254_g2_multiples(context, bases2, bases2, scalars, 1), ZKILN_E_ARGUMENT, "overlap");
    EXPECT(zkiln_bn254_g1_multiples(context, out, (zkiln_bn254_g1 *)(void *)bases2, scalars, 1),
           ZKILN_E_MALFORMED, "not in the group");
    zkiln_bn254_g2_msm_destroy(NULL);
}

static void transforms(const zkiln_context *context) {
    zkiln_bn254_fr data[8], zero;
    zkiln_bn254_ntt *ntt = NULL;

    memset(data, 0, sizeof data);
    memset(&zero, 0, sizeof zero);
    EXPECT(zkiln_bn254_ntt_create(context, &ntt, 29), ZKILN_E_ARGUMENT, "2^29");
    EXPECT(zkiln_bn254_ntt_create(context, &ntt, 0xffffffff), ZKILN_E_ARGUMENT, "2^4294967295");
    REQUIRE(ntt == NULL);
    OK(zkiln_bn254_ntt_create(context, &ntt, 2));
    EXPECT(zkiln_bn254_ntt_forward(ntt, data, 6, 0, 0, NULL), ZKILN_E_ARGUMENT, "no multiple");
    EXPECT(zkiln_bn254_ntt_forward(ntt, data, 8, 2, 0, NULL), ZKILN_E_ARGUMENT, "from: 2 is no order");
    EXPECT(zkiln_bn254_ntt_inverse(ntt, data, 8, 0, 9, NULL), ZKILN_E_ARGUMENT, "to: 9 is no order");
    EXPECT(zkiln_bn254_ntt_inverse(ntt, NULL, 8, 0, 0, NULL), ZKILN_E_ARGUMENT, "data is NULL");
    EXPECT(zkiln_bn254_ntt_forward(ntt, data, 4, 0, 0, &zero), ZKILN_E_ARGUMENT, "must not be zero");
    EXPECT(zkiln_bn254_ntt_forward(ntt, data, 4, 0, 0, data), ZKILN_E_ARGUMENT, "overlap");
    EXPECT(zkiln_bn254_ntt_extend(NULL, data, 4), ZKILN_E_ARGUMENT, "the NTT is NULL");
    memset(&data[3], 0xff, sizeof data[3]);
    EXPECT(zkiln_bn254_ntt_forward(ntt, data, 4, 0, 0, NULL), ZKILN_E_MALFORMED, "data: element 3");
    EXPECT(zkiln_bn254_ntt_extend(ntt, data, 4), ZKILN_E_MALFORMED, "data: element 3");
    EXPECT(zkiln_bn254_fr_bit_reverse(context, data, 3), ZKILN_E_ARGUMENT, "power of two");
    EXPECT(zkiln_bn254_root_of_unity(data, 29), ZKILN_E_ARGUMENT, "2^29");
    zkiln_bn254_ntt_destroy(ntt);
    zkiln_bn254_ntt_destroy(NULL);
}

static void names(void) {
    REQUIRE(same(zkiln_status_name(ZKILN_E_SHORT_BUFFER), "ZKILN_E_SHORT_BUFFER", 21));
    REQUIRE(same(zkiln_status_name(-1), "unknown", 8));
    REQUIRE(zkiln_abi_version() == ZKILN_ABI_VERSION);
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", ZKILN_VERSION_MAJOR, ZKILN_VERSION_MINOR,
             ZKILN_VERSION_PATCH);
    REQUIRE(strcmp(zkiln_version(), version) == 0);
    REQUIRE(sizeof(zkiln_bn254_fr) == 32 && sizeof(zkiln_bn254_g1) == 64 && sizeof(zkiln_bn254_g2) == 128);
    REQUIRE(sizeof(zkiln_groth16_proof) == 256);
}

int main(void) {
    zkiln_context *context;
    names();
    contexts();
    fields();
    context = new_context();
    sums(context);
    transforms(context);
    zkiln_context_destroy(context);
    return 0;
}
