// The interface of abi.h.
#include "abi.h"

#include <string.h>

#include <new>

#include "image.h"
#include "machine.h"

extern "C" {
/// What kernels see as a constant, under the same name.
__thread void* zkiln_emulator_shared_memory;
}

namespace zkiln_emulator {

__thread zkiln_emulator_machine* machine;

namespace {

#ifdef ZKILN_EMULATOR_SANITIZED
constexpr uint32_t VARIANTS = 1;
#else
constexpr uint32_t VARIANTS = 2;
#endif

void run_threads() { machine->launch.run_threads(); }

/// Device memory of which all the bytes from `at` on are in one allocation; null where they are
/// not.
Buffer* find(zkiln_emulator_machine& on, const void* at, size_t bytes) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(at);
    Buffer* const buffer = on.memory.find(address);
    return buffer != nullptr && bytes <= buffer->end() - address ? buffer : nullptr;
}

size_t offset(const Buffer& buffer, const void* at) {
    return reinterpret_cast<uintptr_t>(at) - buffer.begin;
}

} // namespace
} // namespace zkiln_emulator

using namespace zkiln_emulator;

zkiln_emulator_machine::zkiln_emulator_machine(bool is_checked, void (*fiber_main)())
    : checked(is_checked), memory(is_checked), launch(fiber_main) {}

extern "C" {

zkiln_emulator_machine* zkiln_emulator_open(uint32_t checked) {
    const bool can_check = VARIANTS == 2;
    auto* const opened =
        new (std::nothrow) zkiln_emulator_machine(checked != 0 && can_check, run_threads);
    if (opened != nullptr && !opened->shared.make(opened->checked)) {
        delete opened;
        return nullptr;
    }
    return opened;
}

void zkiln_emulator_close(zkiln_emulator_machine* closed) { delete closed; }

void* zkiln_emulator_reserve(zkiln_emulator_machine* on, size_t bytes) {
    return on->memory.reserve(bytes);
}

uint32_t zkiln_emulator_allocate(zkiln_emulator_machine* on, void* memory) {
    return on->memory.allocate(reinterpret_cast<uintptr_t>(memory));
}

uint32_t zkiln_emulator_free(zkiln_emulator_machine* on, void* memory) {
    return on->memory.release(reinterpret_cast<uintptr_t>(memory));
}

uint32_t zkiln_emulator_write(zkiln_emulator_machine* on, void* to, const void* from,
                              size_t bytes) {
    Buffer* const buffer = find(*on, to, bytes);
    if (buffer == nullptr) {
        return 0;
    }
    memcpy(to, from, bytes);
    if (on->checked) {
        buffer->shadow.set_written(offset(*buffer, to), bytes);
    }
    return 1;
}

uint32_t zkiln_emulator_read(zkiln_emulator_machine* on, void* to, const void* from, size_t bytes) {
    if (find(*on, from, bytes) == nullptr) {
        return 0;
    }
    memcpy(to, from, bytes);
    return 1;
}

uint32_t zkiln_emulator_copy(zkiln_emulator_machine* on, void* to, const void* from, size_t bytes) {
    Buffer* const target = find(*on, to, bytes);
    Buffer* const source = find(*on, from, bytes);
    if (target == nullptr || source == nullptr) {
        return 0;
    }
    memmove(to, from, bytes);
    if (on->checked) {
        target->shadow.copy(offset(*target, to), source->shadow, offset(*source, from), bytes);
    }
    return 1;
}

uint32_t zkiln_emulator_fill(zkiln_emulator_machine* on, void* to, uint8_t byte, size_t bytes) {
    Buffer* const buffer = find(*on, to, bytes);
    if (buffer == nullptr) {
        return 0;
    }
    memset(to, byte, bytes);
    if (on->checked) {
        buffer->shadow.set_written(offset(*buffer, to), bytes);
    }
    return 1;
}

const zkiln_emulator_kernel* zkiln_emulator_find(const char* name, size_t name_length,
                                                 uint32_t checked) {
    const uint32_t variant = checked != 0 ? VARIANTS - 1 : 0;
    for (auto family = zkiln_emulator_families; *family != nullptr; family += VARIANTS) {
        const zkiln_emulator_family& kernels = *family[variant];
        for (size_t i = 0; i < kernels.kernel_count; i++) {
            const zkiln_emulator_kernel& kernel = kernels.kernels[i];
            if (kernel.name_length == name_length && memcmp(kernel.name, name, name_length) == 0) {
                return &kernel;
            }
        }
    }
    return nullptr;
}

const char* zkiln_emulator_refusal(const zkiln_emulator_launch_config* config) {
    const uint32_t* const grid = config->grid;
    if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0) {
        return "the grid has no blocks";
    }
    if (grid[0] > 0x7fffffff || grid[1] > 0xffff || grid[2] > 0xffff) {
        return "the grid has more than 2^31 - 1, 65535 or 65535 blocks in one of its dimensions";
    }
    if (config->block == 0 || config->block > MOST_THREADS || config->block % WARP != 0) {
        return "the threads of a block are not a multiple of 32 from 32 to 1024";
    }
    if (config->shared_bytes > SharedMemory::MOST) {
        return "a block has more than 232448 bytes of shared memory";
    }
    return nullptr;
}

uint32_t zkiln_emulator_launch(zkiln_emulator_machine* on, const zkiln_emulator_kernel* kernel,
                               const zkiln_emulator_launch_config* config, void* const* parameters,
                               char* message, size_t message_length) {
    machine = on;
    if (on->checked) {
        // Asks now, not from the small stack of a fiber.
        image();
    }
    zkiln_emulator_shared_memory = on->shared.get();
    const bool done =
        on->launch.run(*kernel, *config, parameters, on->shared, message, message_length);
    machine = nullptr;
    return done;
}
}
