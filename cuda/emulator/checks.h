// What is checked of the accesses to memory of checked kernels: that they are within memory, in
// order, and of bytes that something has written.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace zkiln_emulator {

enum class Kind : uint8_t { Read, Write, Atomic };

/// Checks an access outside the thread's own stack, and notes it. `code` is where the kernel makes
/// it.
void check_access(const void* at, size_t bytes, Kind kind, const void* code);

/// Checks that an access is aligned to a power of two.
void check_alignment(const void* at, size_t alignment, Kind kind, const void* code);

/// Checks that an asynchronous copy may begin, and notes that the bytes are under way.
void check_copy_begins(void* shared, const void* global, uint32_t bytes, const void* code);

/// Checks that an asynchronous copy may write now, and notes that it has.
void check_copy_ends(void* shared, const void* global, uint32_t bytes, const void* code);

/// Notes that the thread's earlier accesses may be ordered before other threads' later ones, by
/// atomics that the checks do not follow: those of threads that have both done this are not taken
/// for races.
void note_fence();

} // namespace zkiln_emulator
