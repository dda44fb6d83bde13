// A libcuda without a GPU, for the tests of the driver's caller: the functions that it looks for, on the heap.
//
// It is as lazy as a GPU may be: what is queued on a stream runs only when somebody waits for it, so that
// whatever relies on an order that nobody asked for goes wrong here, every time. Memory is never given back
// to the heap: what is used after it was freed, or beyond its end, is a failure of the device
// (CUDA_ERROR_ILLEGAL_ADDRESS), which all calls return from then on.
//
// `fake_set` says how it behaves, and `fake_log` what was asked of it.

#include "fake_device.h"

Code cuInit(unsigned flags) { return flags ? INVALID_VALUE : *setting("init_code"); }

Code cuDriverGetVersion(int* version) {
    *version = *setting("version");
    return *setting("version_code");
}

Code cuGetErrorName(Code code, const char** name) {
    switch (code) {
    case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; return SUCCESS;
    case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; return SUCCESS;
    case 100: *name = "CUDA_ERROR_NO_DEVICE"; return SUCCESS;
    case INVALID_CONTEXT: *name = "CUDA_ERROR_INVALID_CONTEXT"; return SUCCESS;
    case ILLEGAL_ADDRESS: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; return SUCCESS;
    case 803: *name = "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"; return SUCCESS;
    default: *name = NULL; return INVALID_VALUE;
    }
}

Code cuGetErrorString(Code code, const char** text) {
    switch (code) {
    case INVALID_VALUE: *text = "invalid argument"; return SUCCESS;
    case OUT_OF_MEMORY: *text = "out of memory"; return SUCCESS;
    case 100: *text = "no CUDA-capable device is detected"; return SUCCESS;
    case INVALID_CONTEXT: *text = "invalid device context"; return SUCCESS;
    case ILLEGAL_ADDRESS: *text = "an illegal memory access was encountered"; return SUCCESS;
    case 803: *text = "system has unsupported display driver / cuda driver combination"; return SUCCESS;
    default: *text = NULL; return INVALID_VALUE;
    }
}

Code cuDeviceGetCount(int* count) {
    *count = *setting("devices");
    return SUCCESS;
}

Code cuDeviceGet(int* device, int ordinal) {
    *device = ordinal;
    return ordinal < *setting("devices") ? SUCCESS : INVALID_DEVICE;
}

Code cuDeviceGetName(char* name, int length, int device) {
    snprintf(name, length, "Fake %d", device);
    return SUCCESS;
}

Code cuDeviceGetAttribute(int* value, int attribute, int device) {
    (void)device;
    switch (attribute) {
    case 13: *value = 1980000; return SUCCESS;
    case 16: *value = 132; return SUCCESS;
    case 75: *value = *setting("major"); return SUCCESS;
    case 76: *value = *setting("minor"); return SUCCESS;
    case 97: *value = 227 << 10; return SUCCESS;
    default: return INVALID_VALUE;
    }
}

Code cuDeviceTotalMem_v2(size_t* bytes, int device) {
    (void)device;
    *bytes = *setting("memory");
    return SUCCESS;
}

Code cuDevicePrimaryCtxRetain(Context** context, int device) {
    contexts[device].device = device;
    contexts[device].retained++;
    *context = &contexts[device];
    say("retain %d\n", device);
    return SUCCESS;
}

Code cuDevicePrimaryCtxRelease_v2(int device) {
    contexts[device].retained--;
    say("release %d\n", device);
    return SUCCESS;
}

Code cuCtxGetCurrent(Context** context) {
    *context = current;
    return SUCCESS;
}

Code cuCtxSetCurrent(Context* context) {
    current = context;
    return SUCCESS;
}

Code cuCtxSynchronize(void) {
    NEED_CONTEXT();
    for (Stream* stream = streams; stream; stream = stream->next)
        run_until(stream, stream->queued);
    say("synchronize all\n");
    return sticky;
}

// An image is the word FAKE, a colon, and the names of kernels.
Code cuModuleLoadData(const char** module, const char* image) {
    NEED_CONTEXT();
    if (*setting("load_code"))
        return *setting("load_code");
    if (strncmp(image, "FAKE:", 5) != 0)
        return INVALID_IMAGE;
    *module = image;
    say("load %s\n", image);
    return SUCCESS;
}

Code cuModuleUnload(const char* module) {
    NEED_CONTEXT();
    say("unload %s\n", module);
    return SUCCESS;
}

Code cuModuleGetFunction(Function** function, const char* module, const char* name) {
    NEED_CONTEXT();
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0 && strstr(module, name)) {
            *function = &functions[i];
            return SUCCESS;
        }
    return NOT_FOUND;
}

Code cuFuncGetParamInfo(const Function* function, size_t index, size_t* offset, size_t* size) {
    NEED_CONTEXT();
    if (index >= 4 || !function->sizes[index])
        return INVALID_VALUE;
    *offset = 0;
    *size = function->sizes[index];
    return SUCCESS;
}

Code cuFuncSetAttribute(const Function* function, int attribute, int value) {
    NEED_CONTEXT();
    if (attribute != 8 || value > 227 << 10)
        return INVALID_VALUE;
    say("shared %s %d\n", function->name, value);
    return SUCCESS;
}

Code cuStreamCreate(Stream** stream, unsigned flags) {
    NEED_CONTEXT();
    if (flags != 1)
        return INVALID_VALUE;
    static int count;
    *stream = calloc(1, sizeof **stream);
    if (!*stream)
        abort();
    (*stream)->next = streams;
    (*stream)->context = current;
    (*stream)->number = ++count;
    streams = *stream;
    return SUCCESS;
}

Code cuStreamDestroy_v2(Stream* stream) {
    NEED_CONTEXT();
    say("destroy s%d\n", stream->number);
    run_until(stream, stream->queued);
    return sticky;
}

Code cuStreamSynchronize(Stream* stream) {
    NEED_CONTEXT();
    run_until(stream, stream->queued);
    return sticky;
}

Code cuStreamWaitEvent(Stream* stream, Event* event, unsigned flags) {
    NEED_CONTEXT();
    if (flags || stream->context != current)
        return INVALID_VALUE;
    say("wait s%d e%d\n", stream->number, event->number);
    Work* work = queue(stream);
    work->kind = WAIT;
    work->stream = event->stream;
    work->until = event->index;
    return SUCCESS;
}

Code cuEventCreate(Event** event, unsigned flags) {
    NEED_CONTEXT();
    if (flags)
        return INVALID_VALUE;
    static int count;
    *event = calloc(1, sizeof **event);
    if (!*event)
        abort();
    (*event)->number = ++count;
    return SUCCESS;
}

Code cuEventDestroy_v2(Event* event) {
    NEED_CONTEXT();
    (void)event;
    return SUCCESS;
}

Code cuEventRecord(Event* event, Stream* stream) {
    NEED_CONTEXT();
    say("record e%d s%d\n", event->number, stream->number);
    Work* work = queue(stream);
    work->kind = RECORD;
    work->event = event;
    event->stream = stream;
    event->index = stream->queued;
    event->time = 0;
    return SUCCESS;
}

Code cuEventSynchronize(Event* event) {
    NEED_CONTEXT();
    if (event->stream)
        run_until(event->stream, event->index);
    return sticky;
}

Code cuEventElapsedTime(float* milliseconds, const Event* start, const Event* end) {
    NEED_CONTEXT();
    if (!start->time || !end->time)
        return NOT_READY;
    *milliseconds = (float)(end->time - start->time);
    return SUCCESS;
}

static size_t used_memory(void) {
    size_t used = 0;
    for (Memory* memory = memories; memory; memory = memory->next)
        used += memory->is_freed ? 0 : memory->bytes;
    return used;
}

Code cuMemGetInfo_v2(size_t* free, size_t* total) {
    NEED_CONTEXT();
    *total = *setting("memory");
    *free = *total - used_memory();
    return SUCCESS;
}

typedef struct {
    int allocation, handles, location, ordinal;
    void* security;
    size_t max_size;
    unsigned short usage;
    unsigned char reserved[54];
} PoolProperties;

Code cuMemPoolCreate(int** pool, const PoolProperties* properties) {
    NEED_CONTEXT();
    static int pools[8];
    if (properties->allocation != 1 || properties->location != 1 ||
        properties->ordinal != current->device || properties->max_size)
        return INVALID_VALUE;
    *pool = &pools[current->device];
    return SUCCESS;
}

Code cuMemPoolDestroy(int* pool) {
    NEED_CONTEXT();
    (void)pool;
    say("pool destroyed\n");
    return SUCCESS;
}

Code cuMemPoolSetAttribute(int* pool, int attribute, const uint64_t* value) {
    (void)pool;
    if (attribute != 4)
        return INVALID_VALUE;
    say("keep %llu\n", (unsigned long long)*value);
    return SUCCESS;
}

Code cuMemPoolTrimTo(int* pool, size_t bytes) {
    (void)pool;
    say("trim %zu\n", bytes);
    return SUCCESS;
}

Code cuMemAllocFromPoolAsync(uint64_t* address, size_t bytes, int* pool, Stream* stream) {
    NEED_CONTEXT();
    static int count, refused;
    (void)pool;
    if (stream->context != current || !bytes)
        return INVALID_VALUE;
    int fail_at = *setting("fail_at");
    if (fail_at >= 0 && count >= fail_at && refused < *setting("fail_times")) {
        refused++;
        return OUT_OF_MEMORY;
    }
    if (bytes > *setting("memory") - used_memory())
        return OUT_OF_MEMORY;
    const Memory* memory = add_memory(&memories, bytes, ++count);
    *address = (uintptr_t)memory->start;
    say("alloc m%d %zu s%d\n", memory->number, bytes, stream->number);
    return SUCCESS;
}

Code cuMemFreeAsync(uint64_t address, Stream* stream) {
    NEED_CONTEXT();
    const Memory* memory = find(memories, (void*)(uintptr_t)address);
    if (!memory || memory->start != (void*)(uintptr_t)address)
        return INVALID_VALUE;
    say("free m%d s%d\n", memory->number, stream->number);
    Work* work = queue(stream);
    work->kind = FREE;
    work->to = address;
    return SUCCESS;
}

Code cuMemHostAlloc(void** start, size_t bytes, unsigned flags) {
    NEED_CONTEXT();
    if (*setting("host_code"))
        return *setting("host_code");
    if (flags != 1)
        return INVALID_VALUE;
    *start = add_memory(&host_memories, bytes, 0)->start;
    return SUCCESS;
}

Code cuMemFreeHost(void* start) {
    NEED_CONTEXT();
    Memory* memory = find(host_memories, start);
    if (!memory || memory->is_freed)
        return INVALID_VALUE;
    memory->is_freed = 1;
    return SUCCESS;
}

/// Whether page-locked memory has this word, freed or not.
int fake_host_has(uint64_t word) {
    for (const Memory* memory = host_memories; memory; memory = memory->next)
        for (size_t i = 0; i + 8 <= memory->bytes; i += 8)
            if (memcmp(memory->start + i, &word, 8) == 0)
                return 1;
    return 0;
}

/// Whether memory of the device has this word, freed or not.
int fake_device_has(uint64_t word) {
    for (const Memory* memory = memories; memory; memory = memory->next)
        for (size_t i = 0; i + 8 <= memory->bytes; i += 8)
            if (memcmp(memory->start + i, &word, 8) == 0)
                return 1;
    return 0;
}

Code cuMemcpyHtoDAsync_v2(uint64_t to, void* from, size_t bytes, Stream* stream) {
    NEED_CONTEXT();
    Work* work = queue(stream);
    work->kind = COPY_IN;
    work->to = to;
    work->host = from;
    work->bytes = bytes;
    return SUCCESS;
}

Code cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, Stream* stream) {
    NEED_CONTEXT();
    Work* work = queue(stream);
    work->kind = COPY_OUT;
    work->host = to;
    work->from = from;
    work->bytes = bytes;
    return SUCCESS;
}

Code cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, Stream* stream) {
    NEED_CONTEXT();
    Work* work = queue(stream);
    work->kind = COPY;
    work->to = to;
    work->from = from;
    work->bytes = bytes;
    return SUCCESS;
}

Code cuMemsetD8Async(uint64_t to, unsigned char byte, size_t bytes, Stream* stream) {
    NEED_CONTEXT();
    Work* work = queue(stream);
    work->kind = FILL;
    work->to = to;
    work->byte = byte;
    work->bytes = bytes;
    return SUCCESS;
}

Code cuLaunchKernel(const Function* function, unsigned x, unsigned y, unsigned z, unsigned block_x,
                    unsigned block_y, unsigned block_z, unsigned shared, Stream* stream,
                    void** arguments, void** extra) {
    NEED_CONTEXT();
    if (*setting("launch_code"))
        return *setting("launch_code");
    if (block_y != 1 || block_z != 1 || extra || stream->context != current)
        return INVALID_VALUE;
    say("launch %s %ux%ux%u of %u, %u shared, s%d\n", function->name, x, y, z, block_x, shared,
        stream->number);
    Work* work = queue(stream);
    work->kind = LAUNCH;
    work->function = function;
    for (int i = 0; i < 4 && function->sizes[i]; i++)
        memcpy(work->arguments[i], arguments[i], function->sizes[i]);
    return SUCCESS;
}
