// Fibers: stacks that take turns on one thread of the operating system.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <memory>

#if !defined(__x86_64__) && !defined(__aarch64__)
#include <ucontext.h>
#define ZKILN_EMULATOR_UCONTEXT
#endif

namespace zkiln_emulator {

/// A stack and, while another fiber runs, all that is needed to go on with it.
struct Fiber {
#ifdef __SANITIZE_ADDRESS__
    static constexpr size_t STACK_BYTES = 256 << 10;
#else
    static constexpr size_t STACK_BYTES = 64 << 10;
#endif

    /// The lowest address of its stack, and its size.
    char* stack = nullptr;
    size_t stack_bytes = 0;

    /// Makes this fiber begin with `main`, which never returns, when it is switched to next. The
    /// top of the stack is lowered by `color`, a multiple of 64.
    void prepare(void (*main)(), size_t color);

#ifdef ZKILN_EMULATOR_UCONTEXT
    ucontext_t context;
#else
    /// Where the registers were pushed.
    void* stack_pointer = nullptr;
#endif
};

/// Goes on with `to`; returns when somebody switches to `from`.
void switch_fiber(Fiber& from, Fiber& to);

/// To be called first on a fiber that was prepared. Gives the fiber that was left its stack's
/// place, if it has none.
void fiber_begins(Fiber& left);

/// The stacks of a machine: made once, each with a guard page below it, and used again by every
/// launch.
class FiberPool {
  public:
    /// Every fiber has this main function.
    explicit FiberPool(void (*main)()) : main_(main) {}
    FiberPool(const FiberPool&) = delete;
    FiberPool& operator=(const FiberPool&) = delete;
    ~FiberPool();

    /// All fibers are free, and forget what they were doing.
    void reset();

    /// A free fiber; null where memory is short, or more are asked for than a block has threads.
    Fiber* take();

    /// The fiber, which is about to switch to another for the last time, is free. When taken it
    /// goes on from there.
    void give_back(Fiber& fiber) { idle_[idle_count_++] = &fiber; }

    /// Whether an address is on one of the stacks.
    bool contains(uintptr_t address) const {
        return address - reinterpret_cast<uintptr_t>(memory_) < made_ * stride_;
    }

  private:
    static constexpr size_t MOST = 1024;

    /// Makes room for one more fiber.
    bool grow();

    void (*main_)();
    char* memory_ = nullptr;
    size_t stride_ = 0;
    size_t guard_ = 0;
    std::unique_ptr<Fiber[]> fibers_;
    /// Fibers that have a stack, and those of them that were prepared since the reset.
    size_t made_ = 0;
    size_t prepared_ = 0;
    Fiber* idle_[MOST];
    size_t idle_count_ = 0;
};

} // namespace zkiln_emulator
