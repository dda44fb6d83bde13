// The C interface of the emulator: what kernels compiled for it look like, and what its driver calls.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {

/// A kernel compiled for the emulator.
struct zkiln_emulator_kernel {
    /// Its name, `name_length` bytes that no zero ends.
    const char* name;
    size_t name_length;
    /// Runs the calling thread's part; the parameters are given as to cuLaunchKernel: a pointer to each.
    void (*run)(void* const* parameters);
    const uint32_t* parameter_sizes;
    uint32_t parameter_count;
    /// Whether its accesses to memory are checked.
    uint32_t checked;
};

/// The kernels of one source file: `zkiln_emulator_plain_<family>` and `zkiln_emulator_checked_<family>`.
struct zkiln_emulator_family {
    const zkiln_emulator_kernel* kernels;
    size_t kernel_count;
};

/// The shape of a launch.
struct zkiln_emulator_launch_config {
    uint32_t grid[3];
    /// Threads of a block, in one dimension: a multiple of 32.
    uint32_t block;
    uint32_t shared_bytes;
    /// Decides the order in which threads and blocks run.
    uint64_t seed;
};

/// How a launch ended.
enum zkiln_emulator_outcome : int32_t {
    ZKILN_EMULATOR_DONE = 0,
    /// The shape of the launch is beyond the limits of a device, and nothing ran.
    ZKILN_EMULATOR_INVALID = 1,
    /// A thread did what it must not, and the launch was given up there.
    ZKILN_EMULATOR_FAULT = 2,
};

/// A device: its memory, and the stacks of the threads of one block. Calls that are given the same machine must not
/// overlap in time; different machines know nothing of each other.
struct zkiln_emulator_machine;

/// A new machine, which runs checked kernels or plain ones; null where memory is short.
zkiln_emulator_machine* zkiln_emulator_open(uint32_t checked);

/// Frees the machine with all its memory.
void zkiln_emulator_close(zkiln_emulator_machine* machine);

/// Device memory, aligned to 256 bytes and filled with 0xa5; null where the host has no more.
void* zkiln_emulator_allocate(zkiln_emulator_machine* machine, size_t bytes);

/// Frees what `zkiln_emulator_allocate` gave. Zero where nothing begins there.
uint32_t zkiln_emulator_free(zkiln_emulator_machine* machine, void* memory);

/// The bytes from here to the end of the allocation around it; zero outside of all.
size_t zkiln_emulator_room(const zkiln_emulator_machine* machine, const void* from);

/// Tells that the host wrote these bytes, which lie in one allocation.
void zkiln_emulator_written(zkiln_emulator_machine* machine, const void* at, size_t bytes);

/// Tells that the host copied these bytes within device memory: what was never written stays so.
void zkiln_emulator_copied(zkiln_emulator_machine* machine, void* to, const void* from, size_t bytes);

/// Runs all blocks of a launch. Where that fails, `message` is a sentence, cut to its length and ended by a zero.
zkiln_emulator_outcome zkiln_emulator_launch(zkiln_emulator_machine* machine,
                                             const zkiln_emulator_kernel* kernel,
                                             const zkiln_emulator_launch_config* config,
                                             void* const* parameters, char* message,
                                             size_t message_length);
}
