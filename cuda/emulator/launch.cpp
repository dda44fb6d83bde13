#include "launch.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <algorithm>
#include <numeric>

extern "C" {
// What kernels see as constants, under the same names.
__thread uint3 zkiln_emulator_thread_idx;
__thread uint3 zkiln_emulator_block_idx;
__thread uint3 zkiln_emulator_block_dim;
__thread uint3 zkiln_emulator_grid_dim;
}

namespace zkiln_emulator {
namespace {

bool same(const zkiln_emulator_site& a, const zkiln_emulator_site& b) {
    return a.word == b.word && a.line == b.line &&
           (a.file == b.file || strcmp(a.file, b.file) == 0);
}

/// A site in words.
struct SiteText {
    char text[128];

    explicit SiteText(const zkiln_emulator_site& site) {
        static const char* const WORDS[] = {
            "__syncthreads",  "__syncwarp",    "__shfl_sync", "__shfl_xor_sync", "__shfl_down_sync",
            "__shfl_up_sync", "__ballot_sync", "__any_sync",  "__all_sync",      "__match_any_sync",
        };
        snprintf(text, sizeof text, "%s (%s:%u)", WORDS[site.word], base_name(site.file),
                 site.line);
    }
};

} // namespace

const char* base_name(const char* path) {
    const char* const slash = strrchr(path, '/');
    return slash == nullptr ? path : slash + 1;
}

bool Launch::run(const zkiln_emulator_kernel& kernel, const zkiln_emulator_launch_config& config,
                 void* const* parameters, SharedMemory& shared, char* message,
                 size_t message_length) {
    kernel_ = &kernel;
    config_ = &config;
    parameters_ = parameters;
    shared_ = &shared;
    message_ = message;
    message_length_ = message_length;
    failed_ = false;
    random_ = config.seed * 0x9e3779b97f4a7c15 | 1;
    fibers_.reset();
    main_ = Fiber();
    blocks_.clear();
    launch_begin_ = ++now_;
    zkiln_emulator_block_dim = {config.block, 1, 1};
    zkiln_emulator_grid_dim = {config.grid[0], config.grid[1], config.grid[2]};

    block_count_ = uint64_t{config.grid[0]} * config.grid[1] * config.grid[2];
    blocks_left_ = block_count_;
    block_index_ = random() % block_count_;
    do {
        block_stride_ = random() % block_count_ + 1;
    } while (std::gcd(block_stride_, block_count_) != 1);

    begin_block();
    Thread& first = *next_thread();
    first.fiber = fibers_.take();
    if (first.fiber == nullptr) {
        snprintf(message, message_length, "the host has no memory for the stack of a thread");
        return false;
    }
    make_current(first);
    switch_fiber(main_, *first.fiber);
    return !failed_;
}

void Launch::run_threads() {
    fiber_begins(main_);
    for (;;) {
        Fiber& fiber = *current_->fiber;
        kernel_->run(parameters_);
        const uint32_t lane = index(*current_) % WARP;
        current_->state = State::Returned;
        warp_->living &= ~(1u << lane);

        Thread* next = next_thread();
        if (next == nullptr && begin_block()) {
            next = next_thread();
        }
        if (next != nullptr && next->fiber == nullptr) {
            // A thread that has not begun takes over the stack: no switch for kernels in which
            // nobody waits.
            next->fiber = &fiber;
            make_current(*next);
            continue;
        }
        fibers_.give_back(fiber);
        if (next != nullptr) {
            switch_to(*next, fiber);
        } else {
            switch_fiber(fiber, main_);
        }
        // Here the fiber goes on when it is taken again, with a thread that begins.
    }
}

void Launch::wait(State state, const zkiln_emulator_site& site) {
    Thread& self = *current_;
    self.state = state;
    self.site = site;
    if (state == State::AtWord) {
        if (warp_->at_word++ == 0) {
            warp_->site = site;
        } else if (!same(warp_->site, site)) {
            warp_->parted = true;
        }
    } else {
        warp_->at_barrier++;
        if (at_barrier_++ == 0) {
            barrier_site_ = site;
        } else if (!same(barrier_site_, site)) {
            barrier_parted_ = true;
        }
    }
    // There is one: this thread, if no other.
    Thread* const next = next_thread();
    if (next != &self) {
        switch_to(*next, *self.fiber);
    }
    self.state = State::Running;
}

void Launch::make_current(Thread& thread) {
    current_ = &thread;
    zkiln_emulator_thread_idx.x = index(thread);
}

void Launch::switch_to(Thread& next, Fiber& from) {
    if (next.fiber == nullptr) {
        next.fiber = fibers_.take();
        if (next.fiber == nullptr) {
            fault(next, "the host has no memory for its stack");
        }
    }
    make_current(next);
    switch_fiber(from, *next.fiber);
}

bool Launch::begin_block() {
    if (blocks_left_ == 0) {
        return false;
    }
    blocks_left_--;
    block_index_ = (block_index_ + block_stride_) % block_count_;
    zkiln_emulator_block_idx = place(block_index_);
    shared_->begin_block(config_->shared_bytes);
    for (uint32_t i = 0; i < config_->block; i++) {
        threads_[i].fiber = nullptr;
        threads_[i].state = State::Running;
        threads_[i].fenced = false;
        threads_[i].groups = 0;
        threads_[i].copies.clear();
    }
    for (uint32_t i = 0; i < config_->block / WARP; i++) {
        warps_[i].first = i * WARP;
        warps_[i].living = 0xffffffff;
    }
    begin_epoch();
    block_begin_ = now_;
    if (kernel_->checked != 0) {
        blocks_.push_back({now_, block_index_, false});
    }
    return true;
}

/// All threads of the block run, until they wait at its barrier or have returned.
void Launch::begin_epoch() {
    at_barrier_ = 0;
    barrier_parted_ = false;
    barrier_begin_ = ++now_;
    runnable_count_ = config_->block / WARP;
    for (uint32_t i = 0; i < runnable_count_; i++) {
        const uint32_t j = random() % (i + 1);
        runnable_[i] = runnable_[j];
        runnable_[j] = &warps_[i];
        warps_[i].begin = now_;
        begin_round(warps_[i]);
    }
    warp_ = runnable_[runnable_count_ - 1];
}

void Launch::begin_round(Warp& warp) {
    const uint32_t r = random();
    warp.turn = 0;
    warp.stride = r | 1;
    warp.offset = r >> 8;
    warp.at_word = 0;
    warp.at_barrier = 0;
    warp.parted = false;
    warp.meetings[warp.round % 2].votes = 0;
}

/// The thread to run next; null when all of the block have returned.
Thread* Launch::next_thread() {
    do {
        Warp& warp = *warp_;
        while (warp.turn < WARP) {
            const uint32_t lane = (warp.stride * warp.turn++ + warp.offset) % WARP;
            if (warp.living >> lane & 1) {
                return &threads_[warp.first + lane];
            }
        }
    } while (end_round());
    return nullptr;
}

/// Every lane of the current warp waits or has returned: chooses who goes on. Gives false if nobody
/// is left.
bool Launch::end_round() {
    Warp& warp = *warp_;
    if (warp.at_word == 0) {
        runnable_count_--;
        if (runnable_count_ == 0 && !end_epoch()) {
            return false;
        }
    } else {
        if (warp.at_barrier > 0 || warp.parted) {
            fault_in_warp();
        }
        if (warp.site.word == ZKILN_EMULATOR_SYNCWARP) {
            warp.begin = ++now_;
        }
        warp.meetings[warp.round % 2].lanes = warp.living;
        warp.round++;
        begin_round(warp);
        // A warp mostly goes on, which is faster; but now and then another comes first.
        if (random() % 4 == 0) {
            std::swap(runnable_[random() % runnable_count_], runnable_[runnable_count_ - 1]);
        }
    }
    warp_ = runnable_[runnable_count_ - 1];
    return true;
}

/// Every thread of the block waits at its barrier or has returned. Gives false if all have
/// returned.
bool Launch::end_epoch() {
    if (at_barrier_ == 0) {
        return false;
    }
    if (at_barrier_ < config_->block || barrier_parted_) {
        fault_at_barrier();
    }
    begin_epoch();
    return true;
}

void Launch::fault_in_mask(const zkiln_emulator_site& site, uint32_t mask) {
    fault(*current_, "it calls %s with the mask 0x%08x, not for all lanes of the warp",
          SiteText(site).text, mask);
}

void Launch::fault_in_warp() {
    const uint32_t first = warp_->first;
    const uint32_t leader = static_cast<uint32_t>(__builtin_ctz(warp_->living));
    const Thread& thread = threads_[first + leader];
    for (uint32_t i = first + leader; i < first + WARP; i++) {
        const Thread& other = threads_[i];
        if (other.state != State::Returned && !same(thread.site, other.site)) {
            fault(thread, "it waits at %s, and thread %u of the same warp at %s",
                  SiteText(thread.site).text, i, SiteText(other.site).text);
        }
    }
    __builtin_unreachable();
}

void Launch::fault_at_barrier() {
    const Thread* waiting = nullptr;
    for (uint32_t i = 0; i < config_->block && waiting == nullptr; i++) {
        waiting = threads_[i].state == State::AtBarrier ? &threads_[i] : nullptr;
    }
    for (uint32_t i = 0; i < config_->block; i++) {
        const Thread& other = threads_[i];
        if (other.state == State::Returned) {
            fault(*waiting,
                  "it waits at %s, a barrier not reached by all threads: thread %u has returned",
                  SiteText(waiting->site).text, i);
        }
        if (!same(waiting->site, other.site)) {
            fault(*waiting,
                  "it waits at %s, a barrier not reached by all threads: thread %u waits at %s",
                  SiteText(waiting->site).text, i, SiteText(other.site).text);
        }
    }
    __builtin_unreachable();
}

void Launch::fault(const Thread& thread, const char* format, ...) {
    const uint3 block = zkiln_emulator_block_idx;
    const int written = snprintf(
        message_, message_length_,
        "kernel %.*s, block (%u, %u, %u), thread %u: ", static_cast<int>(kernel_->name_length),
        kernel_->name, block.x, block.y, block.z, index(thread));
    const size_t used = std::min(static_cast<size_t>(std::max(written, 0)), message_length_);
    va_list values;
    va_start(values, format);
    vsnprintf(message_ + used, message_length_ - used, format, values);
    va_end(values);
    failed_ = true;
    // What runs on the fibers is given up where it stands. Nothing there has a destructor.
    switch_fiber(*current_->fiber, main_);
    __builtin_unreachable();
}

uint3 Launch::place(uint64_t block) const {
    const uint32_t* const grid = config_->grid;
    return {static_cast<uint32_t>(block % grid[0]),
            static_cast<uint32_t>(block / grid[0] % grid[1]),
            static_cast<uint32_t>(block / grid[0] / grid[1])};
}

BlockRecord& Launch::block_at(uint64_t time) {
    const auto after = std::upper_bound(
        blocks_.begin(), blocks_.end(), time,
        [](uint64_t moment, const BlockRecord& block) { return moment < block.begin; });
    return *(after - 1);
}

/// Marsaglia's xorshift with a multiplication.
uint32_t Launch::random() {
    random_ ^= random_ >> 12;
    random_ ^= random_ << 25;
    random_ ^= random_ >> 27;
    return static_cast<uint32_t>(random_ * 0x2545f4914f6cdd1d >> 32);
}

} // namespace zkiln_emulator
