#include "fiber.h"

#include <new>

#include <sys/mman.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#ifndef ZKILN_EMULATOR_UCONTEXT
extern "C" {
/// Pushes the registers that a callee must preserve, stores the stack pointer to `*from`, and does
/// the reverse with `to`.
void zkiln_emulator_switch(void** from, void* to);
}
#endif

#if defined(__x86_64__)
__asm__(R"(
    .text
    .p2align 4
    .globl zkiln_emulator_switch
    .hidden zkiln_emulator_switch
    .type zkiln_emulator_switch, @function
zkiln_emulator_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size zkiln_emulator_switch, . - zkiln_emulator_switch
)");
#elif defined(__aarch64__)
__asm__(R"(
    .text
    .p2align 4
    .globl zkiln_emulator_switch
    .hidden zkiln_emulator_switch
    .type zkiln_emulator_switch, @function
zkiln_emulator_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x2, sp
    str x2, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
    .size zkiln_emulator_switch, . - zkiln_emulator_switch
)");
#endif

namespace zkiln_emulator {

void Fiber::prepare(void (*main)(), size_t color) {
#ifdef __SANITIZE_ADDRESS__
    // Frames that were given up here left their red zones.
    __asan_unpoison_memory_region(stack, stack_bytes);
#endif
#if defined(ZKILN_EMULATOR_UCONTEXT)
    getcontext(&context);
    context.uc_stack.ss_sp = stack;
    context.uc_stack.ss_size = stack_bytes - color;
    context.uc_link = nullptr;
    makecontext(&context, main, 0);
#elif defined(__x86_64__)
    // Six registers and the return address, as the switch pops them. Above stands what main takes
    // for its own return address; above that the stack is aligned to 16, as before a call.
    void** top = reinterpret_cast<void**>(stack + stack_bytes - color - 8);
    *top = nullptr;
    *--top = reinterpret_cast<void*>(main);
    for (int i = 0; i < 6; i++) {
        *--top = nullptr;
    }
    stack_pointer = top;
#else
    void** const top = reinterpret_cast<void**>(stack + stack_bytes - color) - 20;
    for (int i = 0; i < 20; i++) {
        top[i] = nullptr;
    }
    // x30, the link register.
    top[11] = reinterpret_cast<void*>(main);
    stack_pointer = top;
#endif
}

void switch_fiber(Fiber& from, Fiber& to) {
#ifdef __SANITIZE_ADDRESS__
    void* fake_stack = nullptr;
    __sanitizer_start_switch_fiber(&fake_stack, to.stack, to.stack_bytes);
#endif
#ifdef ZKILN_EMULATOR_UCONTEXT
    swapcontext(&from.context, &to.context);
#else
    zkiln_emulator_switch(&from.stack_pointer, to.stack_pointer);
#endif
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
}

void fiber_begins([[maybe_unused]] Fiber& left) {
#ifdef __SANITIZE_ADDRESS__
    const void* stack = nullptr;
    size_t bytes = 0;
    __sanitizer_finish_switch_fiber(nullptr, &stack, &bytes);
    if (left.stack == nullptr) {
        left.stack = static_cast<char*>(const_cast<void*>(stack));
        left.stack_bytes = bytes;
    }
#endif
}

FiberPool::~FiberPool() {
    if (memory_ != nullptr) {
        munmap(memory_, MOST * stride_);
    }
}

void FiberPool::reset() {
    idle_count_ = 0;
    prepared_ = 0;
}

Fiber* FiberPool::take() {
    if (idle_count_ > 0) {
        return idle_[--idle_count_];
    }
    if (prepared_ == made_ && !grow()) {
        return nullptr;
    }
    Fiber* const fiber = &fibers_[prepared_];
    // Stacks lie a fixed distance apart: without the color all would want the same lines of the
    // cache.
    fiber->prepare(main_, prepared_ % 32 * 128);
    prepared_++;
    return fiber;
}

bool FiberPool::grow() {
    if (made_ == MOST) {
        return false;
    }
    if (memory_ == nullptr) {
        guard_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        stride_ = Fiber::STACK_BYTES + guard_;
        fibers_.reset(new (std::nothrow) Fiber[MOST]);
        void* const memory = mmap(nullptr, MOST * stride_, PROT_NONE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (fibers_ == nullptr || memory == MAP_FAILED) {
            return false;
        }
        memory_ = static_cast<char*>(memory);
    }
    Fiber& fiber = fibers_[made_];
    fiber.stack = memory_ + made_ * stride_ + guard_;
    fiber.stack_bytes = Fiber::STACK_BYTES;
    if (mprotect(fiber.stack, fiber.stack_bytes, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    made_++;
    return true;
}

} // namespace zkiln_emulator
