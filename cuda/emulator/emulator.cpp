// The interface of abi.h.
#include "abi.h"

#include <stdio.h>

#include <new>

#include "machine.h"

extern "C" {
/// What kernels see as a constant, under the same name.
__thread void* zkiln_emulator_shared_memory;
}

namespace zkiln_emulator {

__thread zkiln_emulator_machine* machine;

namespace {

void run_threads() { machine->launch.run_threads(); }

/// Why no device takes such a launch; null for one that it takes.
const char* why_invalid(const zkiln_emulator_machine& on, const zkiln_emulator_kernel& kernel,
                        const zkiln_emulator_launch_config& config) {
    const uint32_t* const grid = config.grid;
    if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0) {
        return "the grid is empty";
    }
    if (grid[0] > 0x7fffffff || grid[1] > 0xffff || grid[2] > 0xffff) {
        return "the grid has more than 2^31 - 1, 65535 and 65535 blocks in its three dimensions";
    }
    if (config.block == 0 || config.block > MOST_THREADS || config.block % WARP != 0) {
        return "the threads of a block are not a multiple of 32 from 32 to 1024";
    }
    if (config.shared_bytes > SharedMemory::MOST) {
        return "a block has more than 227 KiB of shared memory";
    }
    if ((kernel.checked != 0) != on.checked) {
        return "the kernel is of the other variant than the machine";
    }
    return nullptr;
}

} // namespace
} // namespace zkiln_emulator

using namespace zkiln_emulator;

zkiln_emulator_machine::zkiln_emulator_machine(bool is_checked, void (*fiber_main)())
    : checked(is_checked), memory(is_checked), launch(fiber_main) {}

extern "C" {

zkiln_emulator_machine* zkiln_emulator_open(uint32_t checked) {
    auto* const opened = new (std::nothrow) zkiln_emulator_machine(checked != 0, run_threads);
    if (opened != nullptr && !opened->shared.make(opened->checked)) {
        delete opened;
        return nullptr;
    }
    return opened;
}

void zkiln_emulator_close(zkiln_emulator_machine* closed) { delete closed; }

void* zkiln_emulator_allocate(zkiln_emulator_machine* on, size_t bytes) {
    return bytes == 0 ? nullptr : on->memory.allocate(bytes);
}

uint32_t zkiln_emulator_free(zkiln_emulator_machine* on, void* memory) {
    return on->memory.release(reinterpret_cast<uintptr_t>(memory));
}

size_t zkiln_emulator_room(const zkiln_emulator_machine* on, const void* from) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(from);
    const Buffer* const buffer = on->memory.find(address);
    return buffer == nullptr ? 0 : buffer->end() - address;
}

void zkiln_emulator_written(zkiln_emulator_machine* on, const void* at, size_t bytes) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(at);
    Buffer* const buffer = on->memory.find(address);
    if (on->checked && buffer != nullptr) {
        buffer->shadow.set_written(address - buffer->begin, bytes);
    }
}

void zkiln_emulator_copied(zkiln_emulator_machine* on, void* to, const void* from, size_t bytes) {
    const uintptr_t target = reinterpret_cast<uintptr_t>(to);
    const uintptr_t origin = reinterpret_cast<uintptr_t>(from);
    Buffer* const written = on->memory.find(target);
    const Buffer* const read = on->memory.find(origin);
    if (on->checked && written != nullptr && read != nullptr) {
        written->shadow.copy(target - written->begin, read->shadow, origin - read->begin, bytes);
    }
}

zkiln_emulator_outcome zkiln_emulator_launch(zkiln_emulator_machine* on,
                                             const zkiln_emulator_kernel* kernel,
                                             const zkiln_emulator_launch_config* config,
                                             void* const* parameters, char* message,
                                             size_t message_length) {
    if (const char* const why = why_invalid(*on, *kernel, *config)) {
        snprintf(message, message_length, "%s", why);
        return ZKILN_EMULATOR_INVALID;
    }
    machine = on;
    zkiln_emulator_shared_memory = on->shared.get();
    const bool done = on->launch.run(*kernel, *config, parameters, on->shared, message, message_length);
    machine = nullptr;
    return done ? ZKILN_EMULATOR_DONE : ZKILN_EMULATOR_FAULT;
}
}
