// The device behind fake_cuda.c: its settings, its log, its memory, and its streams, which run when somebody waits.
#pragma once

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int Code;

enum {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
};

// How it behaves.

static struct {
    const char* name;
    int value;
} settings[] = {
    {"version", 13000},   // cuDriverGetVersion
    {"version_code", 0},  // what it returns
    {"init_code", 0},     // what cuInit returns
    {"devices", 2},       // how many there are
    {"major", 9},         // compute capability
    {"minor", 0},
    {"load_code", 0},     // what cuModuleLoadData returns
    {"launch_code", 0},   // what cuLaunchKernel returns
    {"host_code", 0},     // what cuMemHostAlloc returns
    {"fail_at", -1},      // the allocation to fail, counted from 0
    {"fail_times", 1},    // and how many from it on
    {"memory", 64 << 20}, // of a device, in bytes
};

static int* setting(const char* name) {
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (strcmp(settings[i].name, name) == 0)
            return &settings[i].value;
    fprintf(stderr, "no setting %s\n", name);
    abort();
}

void fake_set(const char* name, int value) { *setting(name) = value; }

// What was asked of it.

static char log_text[1 << 20];
static size_t log_length;

static void say(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    log_length += vsnprintf(log_text + log_length, sizeof log_text - log_length, format, arguments);
    va_end(arguments);
    if (log_length >= sizeof log_text)
        abort();
}

const char* fake_log(void) { return log_text; }

// Contexts: one for each device, and for each thread the current one.

typedef struct {
    int device;
    int retained;
} Context;

static Context contexts[8];
static _Thread_local Context* current;
static Code sticky;

// What every call that needs a context begins with.
#define NEED_CONTEXT()                                                                             \
    if (!current || !current->retained)                                                            \
        return INVALID_CONTEXT;                                                                    \
    if (sticky)                                                                                    \
    return sticky

// Memory, of the device and of the host.

typedef struct Memory {
    struct Memory* next;
    unsigned char* start;
    size_t bytes;
    int number;
    int is_freed;
} Memory;

static Memory* memories;
static Memory* host_memories;

static Memory* add_memory(Memory** list, size_t bytes, int number) {
    Memory* memory = malloc(sizeof *memory);
    unsigned char* start = aligned_alloc(256, (bytes + 255) / 256 * 256);
    if (!memory || !start)
        abort();
    memset(start, 0xCD, bytes);
    *memory = (Memory){*list, start, bytes, number, 0};
    return *list = memory;
}

static Memory* find(Memory* list, const void* address) {
    const unsigned char* byte = address;
    for (Memory* memory = list; memory; memory = memory->next)
        if (byte >= memory->start && byte < memory->start + memory->bytes)
            return memory;
    return NULL;
}

static int on_device(uint64_t address, size_t bytes) {
    const unsigned char* byte = (const unsigned char*)(uintptr_t)address;
    const Memory* memory = find(memories, byte);
    return memory && !memory->is_freed && bytes <= (size_t)(memory->start + memory->bytes - byte);
}

// Pageable memory of the host is anybody's; page-locked memory must be there.
static int on_host(const void* address) {
    const Memory* memory = find(host_memories, address);
    return !memory || !memory->is_freed;
}

// Kernels.

typedef struct {
    uint64_t factor;
    uint32_t count;
} Scale;

typedef struct {
    const char* name;
    size_t sizes[4];
    int (*run)(const unsigned char* const* arguments);
} Function;

static int increment(const unsigned char* const* arguments) {
    uint64_t address;
    uint32_t count;
    memcpy(&address, arguments[0], 8);
    memcpy(&count, arguments[1], 4);
    if (!on_device(address, 4 * (size_t)count))
        return 0;
    for (uint32_t i = 0; i < count; i++)
        ((uint32_t*)(uintptr_t)address)[i]++;
    return 1;
}

static int scale(const unsigned char* const* arguments) {
    uint64_t address;
    Scale scale;
    memcpy(&address, arguments[0], 8);
    memcpy(&scale, arguments[1], sizeof scale);
    if (!on_device(address, 4 * (size_t)scale.count))
        return 0;
    for (uint32_t i = 0; i < scale.count; i++)
        ((uint32_t*)(uintptr_t)address)[i] *= (uint32_t)scale.factor;
    return 1;
}

static int nothing(const unsigned char* const* arguments) {
    (void)arguments;
    return 1;
}

static Function functions[] = {
    {"increment", {8, 4}, increment},
    {"scale", {8, sizeof(Scale)}, scale},
    {"nothing", {0}, nothing},
};

// Streams: lists of what is to be done, and how far they are.

typedef struct Stream Stream;

typedef struct {
    enum { COPY_IN, COPY_OUT, COPY, FILL, LAUNCH, RECORD, WAIT, FREE } kind;
    uint64_t to, from;
    void* host;
    size_t bytes;
    unsigned char byte;
    const Function* function;
    unsigned char arguments[4][32];
    struct Event* event;
    Stream* stream;
    size_t until;
} Work;

struct Stream {
    Stream* next;
    Context* context;
    int number;
    Work* work;
    size_t queued, done;
};

typedef struct Event {
    int number;
    Stream* stream;
    size_t index;
    // When it was reached; 0 if it was not.
    uint64_t time;
} Event;

static Stream* streams;
static uint64_t now;

static Work* queue(Stream* stream) {
    stream->work = realloc(stream->work, (stream->queued + 1) * sizeof(Work));
    if (!stream->work)
        abort();
    return memset(&stream->work[stream->queued++], 0, sizeof(Work));
}

static void run_until(Stream* stream, size_t until);

static int run(const Work* work) {
    void* to = (void*)(uintptr_t)work->to;
    void* from = (void*)(uintptr_t)work->from;
    switch (work->kind) {
    case COPY_IN:
        if (!on_device(work->to, work->bytes) || !on_host(work->host))
            return 0;
        memcpy(to, work->host, work->bytes);
        return 1;
    case COPY_OUT:
        if (!on_device(work->from, work->bytes) || !on_host(work->host))
            return 0;
        memcpy(work->host, from, work->bytes);
        return 1;
    case COPY:
        if (!on_device(work->to, work->bytes) || !on_device(work->from, work->bytes))
            return 0;
        memcpy(to, from, work->bytes);
        return 1;
    case FILL:
        if (!on_device(work->to, work->bytes))
            return 0;
        memset(to, work->byte, work->bytes);
        return 1;
    case LAUNCH: {
        const unsigned char* arguments[4];
        for (int i = 0; i < 4; i++)
            arguments[i] = work->arguments[i];
        return work->function->run(arguments);
    }
    case RECORD:
        work->event->time = now;
        return 1;
    case WAIT:
        run_until(work->stream, work->until);
        return 1;
    case FREE: {
        Memory* memory = find(memories, to);
        if (!memory || memory->is_freed)
            return 0;
        memory->is_freed = 1;
        return 1;
    }
    }
    return 0;
}

static void run_until(Stream* stream, size_t until) {
    while (stream->done < until && !sticky) {
        now++;
        // A copy: what is run may queue nothing, but `work` must outlive it.
        Work work = stream->work[stream->done++];
        if (!run(&work))
            sticky = ILLEGAL_ADDRESS;
    }
}
