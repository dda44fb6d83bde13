// The part of the process that holds the kernels' code.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace zkiln_emulator {

/// The program or the library that the emulator is linked into, as the calling thread of the
/// operating system sees it.
struct Image {
    /// Whether constants of the program or variables of this thread lie there: kernels may use
    /// these.
    bool has_constants(uintptr_t from, size_t bytes) const;
    bool has_thread_locals(uintptr_t from, size_t bytes) const;

    /// The address of a call, as tools like addr2line take it, from where it returns to.
    uintptr_t call(const void* code) const { return reinterpret_cast<uintptr_t>(code) - base - 1; }

    struct Range {
        uintptr_t from, bytes;

        bool contains(uintptr_t at, size_t length) const {
            return at - from < bytes && length <= bytes - (at - from);
        }
    };

    uintptr_t base;
    Range constants[16];
    size_t constants_count;
    Range thread_locals;
};

/// The calling thread's.
const Image& image();

} // namespace zkiln_emulator
