// What the compiler calls in checked kernels: they are compiled with -fsanitize=thread and
// -fsanitize=undefined, but in place of the compiler's runtimes stand these functions, which know
// what a GPU's memory is.
#ifndef ZKILN_EMULATOR_SANITIZED

#include <stddef.h>
#include <stdint.h>

#include "checks.h"
#include "machine.h"

namespace zkiln_emulator {
namespace {

/// Checks an access of the current thread. Its own stack is its own business.
inline __attribute__((always_inline)) void access(const void* at, size_t bytes, size_t alignment,
                                                  Kind kind, const void* code) {
    if (static_cast<size_t>(static_cast<const char*>(at) - machine->launch.stack()) <
        Fiber::STACK_BYTES) {
        return;
    }
    check_alignment(at, alignment, kind, code);
    check_access(at, bytes, kind, code);
}

/// Where a checked expression stands in the source: the beginning of what the compiler hands over
/// with every check.
struct Location {
    const char* file;
    uint32_t line;
    uint32_t column;
};

[[noreturn]] void undefined(const Location* location, const char* what) {
    Launch& launch = machine->launch;
    launch.fault(launch.current(), "%s (%s:%u), which is undefined", what,
                 base_name(location->file), location->line);
}

} // namespace
} // namespace zkiln_emulator

using namespace zkiln_emulator;

#define CODE __builtin_return_address(0)

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}

// The compiler knows of an access of 16 bytes only that it is aligned to 8.
#define ZKILN_ACCESS(bytes, alignment)                                                             \
    void __tsan_read##bytes(void* at) { access(at, bytes, alignment, Kind::Read, CODE); }          \
    void __tsan_write##bytes(void* at) { access(at, bytes, alignment, Kind::Write, CODE); }        \
    void __tsan_unaligned_read##bytes(void* at) { access(at, bytes, 1, Kind::Read, CODE); }        \
    void __tsan_unaligned_write##bytes(void* at) { access(at, bytes, 1, Kind::Write, CODE); }
ZKILN_ACCESS(1, 1)
ZKILN_ACCESS(2, 2)
ZKILN_ACCESS(4, 4)
ZKILN_ACCESS(8, 8)
ZKILN_ACCESS(16, 8)

void __tsan_read_range(void* at, size_t bytes) { access(at, bytes, 1, Kind::Read, CODE); }
void __tsan_write_range(void* at, size_t bytes) { access(at, bytes, 1, Kind::Write, CODE); }

// The atomics of emulator.h, on words of 32 and 64 bits.
#define ZKILN_ATOMIC(bits, T)                                                                      \
    T __tsan_atomic##bits##_load(const T* at, int) {                                               \
        access(at, sizeof(T), sizeof(T), Kind::Atomic, CODE);                                      \
        return *at;                                                                                \
    }                                                                                              \
    void __tsan_atomic##bits##_store(T* at, T value, int) {                                        \
        access(at, sizeof(T), sizeof(T), Kind::Atomic, CODE);                                      \
        *at = value;                                                                               \
    }                                                                                              \
    T __tsan_atomic##bits##_exchange(T* at, T value, int) {                                        \
        access(at, sizeof(T), sizeof(T), Kind::Atomic, CODE);                                      \
        const T before = *at;                                                                      \
        *at = value;                                                                               \
        return before;                                                                             \
    }                                                                                              \
    T __tsan_atomic##bits##_fetch_add(T* at, T value, int) {                                       \
        access(at, sizeof(T), sizeof(T), Kind::Atomic, CODE);                                      \
        const T before = *at;                                                                      \
        *at = before + value;                                                                      \
        return before;                                                                             \
    }                                                                                              \
    T __tsan_atomic##bits##_fetch_or(T* at, T value, int) {                                        \
        access(at, sizeof(T), sizeof(T), Kind::Atomic, CODE);                                      \
        const T before = *at;                                                                      \
        *at = before | value;                                                                      \
        return before;                                                                             \
    }
ZKILN_ATOMIC(32, uint32_t)
ZKILN_ATOMIC(64, uint64_t)

void __tsan_atomic_thread_fence(int) { note_fence(); }

#define ZKILN_UNDEFINED(check, what)                                                               \
    [[noreturn]] void __ubsan_handle_##check(const Location* location) {                           \
        undefined(location, what);                                                                 \
    }
ZKILN_UNDEFINED(add_overflow_abort, "it adds signed integers, and the sum overflows")
ZKILN_UNDEFINED(sub_overflow_abort, "it subtracts signed integers, and the difference overflows")
ZKILN_UNDEFINED(mul_overflow_abort, "it multiplies signed integers, and the product overflows")
ZKILN_UNDEFINED(negate_overflow_abort, "it negates the least signed integer")
ZKILN_UNDEFINED(divrem_overflow_abort, "it divides by zero, or the least signed integer by -1")
ZKILN_UNDEFINED(shift_out_of_bounds_abort, "it shifts by too many bits, or a negative number")
ZKILN_UNDEFINED(out_of_bounds_abort, "its index is beyond the end of the array")
ZKILN_UNDEFINED(load_invalid_value_abort, "it loads a value that its type does not have")
ZKILN_UNDEFINED(invalid_builtin_abort, "it asks for the leading or trailing zeros of zero")
ZKILN_UNDEFINED(builtin_unreachable, "it comes where it said it never would")
ZKILN_UNDEFINED(missing_return, "it ends a function without its value")
}

#endif
