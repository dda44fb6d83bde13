#include "checks.h"

#include <stdarg.h>
#include <stdio.h>

#include "image.h"
#include "machine.h"

namespace zkiln_emulator {
namespace {

// An access as a cell keeps it: the bytes of the word in bits 0 to 3, whether it is atomic in bit
// 4, the thread in bits 5 to 14, and from bit 16 the time, which also tells the block and the
// launch.
constexpr uint64_t BYTES = 0xf;
constexpr uint64_t ATOMIC = 1 << 4;

uint32_t thread_of(uint64_t access) { return access >> 5 & (MOST_THREADS - 1); }

uint64_t time_of(uint64_t access) { return access >> 16; }

/// Whether two accesses are by the same thread at the same time, and both atomic or both not.
bool alike(uint64_t a, uint64_t b) { return ((a ^ b) & ~BYTES) == 0; }

/// A piece of a sentence.
struct Text {
    char text[192] = "";

    __attribute__((format(printf, 2, 3))) void print(const char* format, ...) {
        va_list values;
        va_start(values, format);
        vsnprintf(text, sizeof text, format, values);
        va_end(values);
    }
};

/// An access of the current thread, on its way through the words it touches.
class Checker {
  public:
    Checker(Kind kind, const void* at, size_t bytes, const void* code)
        : launch_(machine->launch), kind_(kind), at_(reinterpret_cast<uintptr_t>(at)),
          bytes_(bytes), code_(code), thread_(launch_.index(launch_.current())),
          warp_begin_(launch_.warp().begin),
          access_(launch_.now() << 16 | thread_ << 5 | (kind == Kind::Atomic ? ATOMIC : 0)) {}

    void check();
    [[noreturn]] void fault(const char* what);

  private:
    void check_words(Shadow& shadow, uintptr_t offset);
    void check_word(Shadow& shadow, size_t word, uint8_t bytes);
    void check_order(uint64_t before, uint8_t bytes, bool was_write);
    void note_read(Cell& cell, uint8_t bytes);
    int distance(uint64_t before) const;
    bool both_fenced(uint64_t before);
    [[noreturn]] void fault_outside();
    Text place() const;

    Launch& launch_;
    const Kind kind_;
    const uintptr_t at_;
    const size_t bytes_;
    const void* const code_;
    const uint32_t thread_;
    const uint64_t warp_begin_;
    /// This access, without its bytes.
    const uint64_t access_;
    /// The begin of the time in which accesses can be out of order: this block's for shared memory,
    /// else the launch's.
    uint64_t horizon_ = 0;
};

void Checker::check() {
    const uintptr_t offset = at_ - machine->shared.begin();
    if (offset < SharedMemory::MOST) {
        if (offset + bytes_ > launch_.shared_bytes()) {
            fault_outside();
        }
        horizon_ = launch_.block_begin();
        check_words(machine->shared.shadow, offset);
    } else if (Buffer* const buffer = machine->memory.find(at_)) {
        if (buffer->end() - at_ < bytes_) {
            fault_outside();
        }
        horizon_ = launch_.launch_begin();
        check_words(buffer->shadow, at_ - buffer->begin);
    } else if (!image().has_thread_locals(at_, bytes_) &&
               !(kind_ == Kind::Read && image().has_constants(at_, bytes_))) {
        fault_outside();
    }
}

void Checker::check_words(Shadow& shadow, uintptr_t offset) {
    const uintptr_t end = offset + bytes_;
    while (offset < end) {
        const uintptr_t next = offset / 4 * 4 + 4;
        const uint32_t mask = (1u << ((next < end ? next : end) - offset)) - 1;
        check_word(shadow, offset / 4, static_cast<uint8_t>(mask << offset % 4));
        offset = next;
    }
}

void Checker::check_word(Shadow& shadow, size_t word, uint8_t bytes) {
    Cell& cell = shadow.cell(word);
    // What this thread did at this very time was checked then; whoever came in between was at fault
    // then.
    const uint64_t again = kind_ == Kind::Read ? cell.reads[0] : cell.write;
    if (alike(again, access_) && (again & shadow.written(word) & bytes) == bytes) {
        return;
    }
    check_order(cell.write, bytes, true);
    if ((shadow.in_flight(word) & bytes) != 0) {
        fault(", to which an asynchronous copy is under way that was not waited for");
    }
    if (kind_ != Kind::Write && (shadow.written(word) & bytes) != bytes) {
        fault(", which nothing has written");
    }
    if (kind_ == Kind::Read) {
        note_read(cell, bytes);
        return;
    }
    check_order(cell.reads[0], bytes, false);
    check_order(cell.reads[1], bytes, false);
    shadow.set_written(word, bytes);
    cell.write = (alike(cell.write, access_) ? cell.write : access_) | bytes;
}

/// Of the two reads that a cell keeps one is the latest, the other as foreign to it as can be: so a
/// write by any thread meets one of another.
void Checker::note_read(Cell& cell, uint8_t bytes) {
    if (alike(cell.reads[0], access_)) {
        cell.reads[0] |= bytes;
        return;
    }
    const int foreign = distance(cell.reads[0]);
    if (foreign > 0 && foreign >= distance(cell.reads[1])) {
        cell.reads[1] = cell.reads[0];
    }
    cell.reads[0] = access_ | bytes;
}

/// 0 for an access that comes before this one in order; else how foreign it is: 1 of the same warp,
/// 2 of another warp, 3 of another block.
int Checker::distance(uint64_t before) const {
    const uint64_t time = time_of(before);
    if (time < horizon_) {
        return 0;
    }
    if (time < launch_.block_begin()) {
        return 3;
    }
    if (time < launch_.barrier_begin() || thread_of(before) == thread_) {
        return 0;
    }
    if (thread_of(before) / WARP != thread_ / WARP) {
        return 2;
    }
    return time < warp_begin_ ? 0 : 1;
}

void Checker::check_order(uint64_t before, uint8_t bytes, bool was_write) {
    const bool both_atomic = (before & access_ & ATOMIC) != 0;
    if ((before & bytes) == 0 || both_atomic || distance(before) == 0 || both_fenced(before)) {
        return;
    }
    const char* const did = !was_write ? "read" : before & ATOMIC ? "updated" : "wrote";
    const uint32_t thread = thread_of(before);
    Text text;
    switch (distance(before)) {
    case 1:
        text.print(", which thread %u %s with no __syncwarp in between", thread, did);
        break;
    case 2:
        text.print(", which thread %u %s with no __syncthreads in between", thread, did);
        break;
    default:
        const uint3 block = launch_.place(launch_.block_at(time_of(before)).index);
        text.print(", which thread %u of block (%u, %u, %u) %s in the same launch", thread, block.x,
                   block.y, block.z, did);
    }
    fault(text.text);
}

bool Checker::both_fenced(uint64_t before) {
    if (time_of(before) >= launch_.block_begin()) {
        return launch_.current().fenced && launch_.thread(thread_of(before)).fenced;
    }
    return launch_.block_at(launch_.now()).fenced && launch_.block_at(time_of(before)).fenced;
}

void Checker::fault_outside() {
    const Buffer* const buffer = machine->memory.nearest(at_);
    Text text;
    if (at_ - machine->shared.begin() < SharedMemory::MOST) {
        text.print(", of which the block has %u bytes", launch_.shared_bytes());
    } else if (launch_.is_stack(at_)) {
        text.print(", on the stack of another thread");
    } else if (buffer == nullptr) {
        text.print(", and there is no buffer");
    } else if (at_ < buffer->begin) {
        text.print(", %zu bytes before the beginning of a buffer of %zu bytes", buffer->begin - at_,
                   buffer->bytes);
    } else if (at_ < buffer->end() && !buffer->is_allocated) {
        text.print(", in a buffer of %zu bytes that is not allocated yet", buffer->bytes);
    } else if (at_ < buffer->end()) {
        text.print(", across the end of a buffer of %zu bytes", buffer->bytes);
    } else {
        text.print(", %zu bytes past the end of a buffer of %zu bytes", at_ - buffer->end(),
                   buffer->bytes);
    }
    fault(text.text);
}

Text Checker::place() const {
    Text text;
    const Buffer* const buffer = machine->memory.find(at_);
    if (at_ - machine->shared.begin() < SharedMemory::MOST) {
        text.print("byte %zu of shared memory", at_ - machine->shared.begin());
    } else if (buffer != nullptr && buffer->end() - at_ >= bytes_) {
        text.print("byte %zu of a buffer of %zu bytes", at_ - buffer->begin, buffer->bytes);
    } else {
        text.print("%p", reinterpret_cast<const void*>(at_));
    }
    return text;
}

void Checker::fault(const char* what) {
    const char* const does = kind_ == Kind::Read    ? "reads"
                             : kind_ == Kind::Write ? "writes"
                                                    : "updates";
    launch_.fault(launch_.current(), "it %s %zu bytes at %s%s (code at %#zx)", does, bytes_,
                  place().text, what, image().call(code_));
}

} // namespace

void check_access(const void* at, size_t bytes, Kind kind, const void* code) {
    Checker(kind, at, bytes, code).check();
}

void check_alignment(const void* at, size_t alignment, Kind kind, const void* code) {
    if (reinterpret_cast<uintptr_t>(at) % alignment != 0) {
        Checker(kind, at, alignment, code).fault(", which is not aligned");
    }
}

void check_copy_begins(void* shared, const void* global, uint32_t bytes, const void* code) {
    const uintptr_t offset = reinterpret_cast<uintptr_t>(shared) - machine->shared.begin();
    if (offset >= SharedMemory::MOST) {
        Checker(Kind::Write, shared, bytes, code).fault(", which is not shared memory");
    }
    check_access(global, bytes, Kind::Read, code);
    check_access(shared, bytes, Kind::Write, code);
    for (uint32_t i = 0; i < bytes; i += 4) {
        machine->shared.shadow.set_in_flight((offset + i) / 4, true);
    }
}

void check_copy_ends(void* shared, const void* global, uint32_t bytes, const void* code) {
    const uintptr_t offset = reinterpret_cast<uintptr_t>(shared) - machine->shared.begin();
    for (uint32_t i = 0; i < bytes; i += 4) {
        machine->shared.shadow.set_in_flight((offset + i) / 4, false);
    }
    check_access(global, bytes, Kind::Read, code);
    check_access(shared, bytes, Kind::Write, code);
}

void note_fence() {
    Launch& launch = machine->launch;
    launch.current().fenced = true;
    launch.block_at(launch.now()).fenced = true;
}

} // namespace zkiln_emulator
