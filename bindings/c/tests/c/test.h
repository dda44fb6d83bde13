// What the test programs share.

#ifndef ZKILN_TEST_H
#define ZKILN_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkiln.h"

// Ends the program if the condition does not hold.
#define REQUIRE(condition) require(condition, #condition, __FILE__, __LINE__)

// Ends the program if the call does not return the status, or if its message does not contain the text.
#define EXPECT(call, status, text) expect(call, status, text, #call, __FILE__, __LINE__)

// Ends the program if the call fails.
#define OK(call) EXPECT(call, ZKILN_OK, "")

static inline void require(int holds, const char *condition, const char *file, int line) {
    if (!holds) {
        fprintf(stderr, "%s:%d: %s does not hold\n", file, line, condition);
        exit(1);
    }
}

static inline void expect(zkiln_status status, zkiln_status expected, const char *text,
                          const char *call, const char *file, int line) {
    const char *message = zkiln_last_error();
    if (status != expected || strstr(message, text) == NULL ||
        (message[0] == '\0') != (status == ZKILN_OK)) {
        fprintf(stderr, "%s:%d: %s: %s instead of %s (%s): %s\n", file, line, call,
                zkiln_status_name(status), zkiln_status_name(expected), text, message);
        exit(1);
    }
}

// A context on the processor with two threads.
static inline zkiln_context *new_context(void) {
    zkiln_context *context = NULL;
    zkiln_context_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.backend = "cpu";
    options.threads = 2;
    OK(zkiln_context_create(&context, &options));
    return context;
}

static inline zkiln_u256 integer(uint64_t value) {
    zkiln_u256 result;
    memset(&result, 0, sizeof result);
    result.limbs[0] = value;
    return result;
}

static inline zkiln_bn254_fr element(uint64_t value) {
    zkiln_u256 canonical = integer(value);
    zkiln_bn254_fr result;
    OK(zkiln_bn254_fr_from_u256(&result, &canonical, 1));
    return result;
}

static inline int same(const void *a, const void *b, size_t size) { return memcmp(a, b, size) == 0; }

// All of a file, with its size and a zero byte after it.
static inline char *read_file(const char *folder, const char *name, size_t *size) {
    char path[1024];
    FILE *file;
    char *content;
    long length;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    REQUIRE(file != NULL);
    REQUIRE(fseek(file, 0, SEEK_END) == 0);
    length = ftell(file);
    REQUIRE(length >= 0 && fseek(file, 0, SEEK_SET) == 0);
    *size = (size_t)length;
    content = (char *)malloc(*size + 1);
    REQUIRE(content != NULL && fread(content, 1, *size, file) == *size);
    content[*size] = '\0';
    fclose(file);
    return content;
}

#endif
