// The C interface of the emulator: what kernels compiled for it look like, and what its driver
// calls.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {

/// A kernel compiled for the emulator.
struct zkiln_emulator_kernel {
    /// Its name, `name_length` bytes that no zero ends.
    const char* name;
    size_t name_length;
    /// Runs the calling thread's part; the parameters are given as to cuLaunchKernel: a pointer to
    /// each.
    void (*run)(void* const* parameters);
    const uint32_t* parameter_sizes;
    uint32_t parameter_count;
    /// Whether its accesses to memory are checked.
    uint32_t checked;
};

/// The kernels of one source file: `zkiln_emulator_plain_<family>` and
/// `zkiln_emulator_checked_<family>`.
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

/// A device: its memory, and the stacks of the threads of one block. Calls that are given the same
/// machine must not overlap in time; different machines know nothing of each other.
struct zkiln_emulator_machine;

/// The families, ended by null: for each its plain kernels, then its checked ones. Under the
/// compiler's own sanitizers (ZKILN_EMULATOR_SANITIZED) there are only plain ones, which they
/// check, and no machine is a checked one.
extern const zkiln_emulator_family* const zkiln_emulator_families[];

/// A new machine, which runs checked kernels or plain ones; null where memory is short.
zkiln_emulator_machine* zkiln_emulator_open(uint32_t checked);

/// Frees the machine with all its memory.
void zkiln_emulator_close(zkiln_emulator_machine* machine);

/// Memory that will be device memory, aligned to 256 bytes; null where there is none, or for no
/// bytes.
void* zkiln_emulator_reserve(zkiln_emulator_machine* machine, size_t bytes);

// What follows gives zero where it would touch anything but device memory, and does nothing then.

/// What was reserved is device memory from now on. Its bytes are 0xa5.
uint32_t zkiln_emulator_allocate(zkiln_emulator_machine* machine, void* memory);

/// Gives back what was allocated.
uint32_t zkiln_emulator_free(zkiln_emulator_machine* machine, void* memory);

/// Copies from the host.
uint32_t zkiln_emulator_write(zkiln_emulator_machine* machine, void* to, const void* from,
                              size_t bytes);

/// Copies to the host.
uint32_t zkiln_emulator_read(zkiln_emulator_machine* machine, void* to, const void* from,
                             size_t bytes);

/// Copies within device memory. What was never written stays so.
uint32_t zkiln_emulator_copy(zkiln_emulator_machine* machine, void* to, const void* from,
                             size_t bytes);

uint32_t zkiln_emulator_fill(zkiln_emulator_machine* machine, void* to, uint8_t byte, size_t bytes);

/// The kernel of this name, for machines that are checked or for others; null if there is none.
const zkiln_emulator_kernel* zkiln_emulator_find(const char* name, size_t name_length,
                                                 uint32_t checked);

/// Why no device takes a launch of this shape, in words; null for one that it takes.
const char* zkiln_emulator_refusal(const zkiln_emulator_launch_config* config);

/// Runs all blocks of a launch, which must not be refused. Gives zero where a thread did what it
/// must not: the launch was given up there, and `message` is a sentence, cut to its length and
/// ended by a zero.
uint32_t zkiln_emulator_launch(zkiln_emulator_machine* machine, const zkiln_emulator_kernel* kernel,
                               const zkiln_emulator_launch_config* config, void* const* parameters,
                               char* message, size_t message_length);
}
