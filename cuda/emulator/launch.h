// One launch: which thread of which block runs next, and how a fault ends it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "abi.h"
#include "fiber.h"
#include "memory.h"
#include "words.h"

namespace zkiln_emulator {

constexpr uint32_t WARP = 32;
constexpr uint32_t MOST_THREADS = 1024;

/// A copy to shared memory under way.
struct AsyncCopy {
    char* to;
    const char* from;
    uint32_t bytes;
    uint32_t group;
};

enum class State : uint8_t { Running, AtWord, AtBarrier, Returned };

/// A CUDA thread of the running block.
struct Thread {
    /// Null before it starts.
    Fiber* fiber;
    State state;
    /// Whether it has executed `__threadfence`.
    bool fenced;
    /// The word where it waits.
    zkiln_emulator_site site;
    /// The groups of copies it has committed, and its copies that are not complete.
    uint32_t groups;
    std::vector<AsyncCopy> copies;
};

/// What the lanes of a warp gave at the word where they met.
struct Meeting {
    /// The lanes that came, which is known when all have.
    uint32_t lanes;
    uint32_t votes;
    uint64_t values[WARP];
};

/// A warp of the running block. It runs in rounds: every lane that lives runs once, until all wait
/// or have returned.
struct Warp {
    uint32_t first;
    /// The lanes that have not returned.
    uint32_t living;
    /// In turn `t` of a round it is lane `stride t + offset mod 32`.
    uint32_t turn, stride, offset;
    /// The lanes that wait at a warp's word in this round, and at the block's barrier.
    uint32_t at_word, at_barrier;
    /// The word where the first of them waits, and whether another waits elsewhere.
    zkiln_emulator_site site;
    bool parted;
    /// The word of this round and that of the round before: a lane takes what it wants from a
    /// meeting when the next round has begun.
    uint32_t round;
    Meeting meetings[2];
    /// The time of its last `__syncwarp` or `__syncthreads`.
    uint64_t begin;
};

/// A block of a checked launch.
struct BlockRecord {
    uint64_t begin;
    uint64_t index;
    /// Whether one of its threads has executed `__threadfence`.
    bool fenced;
};

/// The last part of a path.
const char* base_name(const char* path);

/// The launch under way. It is its own business who runs when; the words of words.cpp write to their
/// threads and warps.
class Launch {
  public:
    /// Every fiber begins with `fiber_main`, which calls `run_threads`.
    explicit Launch(void (*fiber_main)()) : fibers_(fiber_main) {}

    /// Runs all blocks. Gives false and a sentence where a thread was at fault.
    bool run(const zkiln_emulator_kernel& kernel, const zkiln_emulator_launch_config& config,
             void* const* parameters, SharedMemory& shared, char* message, size_t message_length);

    /// What every fiber does: it runs threads, one after another.
    [[noreturn]] void run_threads();

    /// Lets other threads run until what the current thread waits for has come.
    void wait(State state, const zkiln_emulator_site& site);

    /// Ends the launch with a sentence that begins with the kernel, the block and the thread. Does
    /// not return.
    [[noreturn]] void fault(const Thread& thread, const char* format, ...)
        __attribute__((format(printf, 3, 4)));

    /// Warp words are for whole warps.
    void require_full_mask(const zkiln_emulator_site& site, uint32_t mask) {
        if (mask != 0xffffffff) {
            fault_in_mask(site, mask);
        }
    }

    Thread& current() { return *current_; }
    Thread& thread(uint32_t index) { return threads_[index]; }
    uint32_t index(const Thread& thread) const { return static_cast<uint32_t>(&thread - threads_); }
    Warp& warp() { return *warp_; }
    /// The lowest address of the current thread's stack.
    const char* stack() const { return current_->fiber->stack; }
    /// Whether an address is on a thread's stack.
    bool is_stack(uintptr_t address) const { return fibers_.contains(address); }
    uint32_t shared_bytes() const { return config_->shared_bytes; }

    // Time goes on when threads of a block have synchronised, with every block and every launch, and
    // never begins anew. What a thread did before the last time that it synchronised with another
    // comes before what that one does now.
    uint64_t now() const { return now_; }
    uint64_t launch_begin() const { return launch_begin_; }
    uint64_t block_begin() const { return block_begin_; }
    uint64_t barrier_begin() const { return barrier_begin_; }
    /// The block that ran at that time of this launch, which must be a checked one.
    BlockRecord& block_at(uint64_t time);
    /// The place of a block in the grid.
    uint3 place(uint64_t block) const;

  private:
    bool begin_block();
    void begin_epoch();
    void begin_round(Warp& warp);
    Thread* next_thread();
    bool end_round();
    bool end_epoch();
    void make_current(Thread& thread);
    void switch_to(Thread& next, Fiber& from);
    [[noreturn]] void fault_in_mask(const zkiln_emulator_site& site, uint32_t mask);
    [[noreturn]] void fault_in_warp();
    [[noreturn]] void fault_at_barrier();
    uint32_t random();

    FiberPool fibers_;
    Fiber main_;
    const zkiln_emulator_kernel* kernel_ = nullptr;
    const zkiln_emulator_launch_config* config_ = nullptr;
    void* const* parameters_ = nullptr;
    SharedMemory* shared_ = nullptr;
    char* message_ = nullptr;
    size_t message_length_ = 0;
    bool failed_ = false;
    uint64_t random_ = 1;

    // Blocks run in steps of `block_stride_`, which has no divisor in common with their number.
    uint64_t block_count_ = 0;
    uint64_t block_stride_ = 1;
    uint64_t block_index_ = 0;
    uint64_t blocks_left_ = 0;
    std::vector<BlockRecord> blocks_;

    uint64_t now_ = 1;
    uint64_t launch_begin_ = 0;
    uint64_t block_begin_ = 0;
    uint64_t barrier_begin_ = 0;

    Thread* current_ = nullptr;
    Warp* warp_ = nullptr;
    /// Threads that wait at the block's barrier, the word of the first, and whether another waits
    /// at another.
    uint32_t at_barrier_ = 0;
    zkiln_emulator_site barrier_site_ = {};
    bool barrier_parted_ = false;
    /// The warps that can run before the block's barrier, the running one at the end.
    Warp* runnable_[MOST_THREADS / WARP];
    uint32_t runnable_count_ = 0;
    Warp warps_[MOST_THREADS / WARP] = {};
    Thread threads_[MOST_THREADS];
};

} // namespace zkiln_emulator
