#include "memory.h"

#include <string.h>

#include <algorithm>

namespace zkiln_emulator {

bool Shadow::make(size_t bytes) {
    const size_t words = bytes / 4 + 1;
    // Zeroed pages cost nothing before they are touched.
    cells_.reset(static_cast<Cell*>(calloc(words, sizeof(Cell))));
    states_.reset(static_cast<uint8_t*>(calloc(words, 1)));
    return cells_ != nullptr && states_ != nullptr;
}

void Shadow::set_written(size_t from, size_t bytes) {
    const size_t end = from + bytes;
    for (; from < end && from % 4 != 0; from++) {
        set_written(from / 4, static_cast<uint8_t>(1 << from % 4));
    }
    if (from < end) {
        memset(states_.get() + from / 4, 0xf, (end - from) / 4);
        if (end % 4 != 0) {
            set_written(end / 4, static_cast<uint8_t>((1 << end % 4) - 1));
        }
    }
}

void Shadow::clear(size_t bytes) { memset(states_.get(), 0, bytes / 4 + 1); }

void Shadow::copy(size_t to, const Shadow& source, size_t from, size_t bytes) {
    if (to % 4 == 0 && from % 4 == 0) {
        memmove(states_.get() + to / 4, source.states_.get() + from / 4, bytes / 4);
        to += bytes / 4 * 4;
        from += bytes / 4 * 4;
        bytes %= 4;
    }
    // The way of memmove, for a copy within one buffer.
    for (size_t k = 0; k < bytes; k++) {
        const size_t i = to > from ? bytes - 1 - k : k;
        const uint8_t bit = static_cast<uint8_t>(1 << (to + i) % 4);
        uint8_t& state = states_.get()[(to + i) / 4];
        state = source.written((from + i) / 4) >> (from + i) % 4 & 1 ? state | bit : state & ~bit;
    }
}

Memory::~Memory() {
    for (const Buffer& buffer : buffers_) {
        free(reinterpret_cast<void*>(buffer.begin));
    }
}

void* Memory::reserve(size_t bytes) {
    Buffer buffer = {0, bytes, false, {}};
    // An allocation of the host's for each, so that the host's own tools see where it ends.
    void* memory = nullptr;
    if (bytes == 0 || (checked_ && !buffer.shadow.make(bytes)) ||
        posix_memalign(&memory, 256, bytes) != 0) {
        return nullptr;
    }
    buffer.begin = reinterpret_cast<uintptr_t>(memory);
    buffers_.insert(buffers_.begin() + static_cast<ptrdiff_t>(first_after(buffer.begin)),
                    std::move(buffer));
    return memory;
}

bool Memory::allocate(uintptr_t begin) {
    const size_t i = first_after(begin);
    if (i == buffers_.size() || buffers_[i].begin != begin || buffers_[i].is_allocated) {
        return false;
    }
    buffers_[i].is_allocated = true;
    memset(reinterpret_cast<void*>(begin), POISON, buffers_[i].bytes);
    return true;
}

bool Memory::release(uintptr_t begin) {
    const size_t i = first_after(begin);
    if (i == buffers_.size() || buffers_[i].begin != begin || !buffers_[i].is_allocated) {
        return false;
    }
    free(reinterpret_cast<void*>(begin));
    buffers_.erase(buffers_.begin() + static_cast<ptrdiff_t>(i));
    return true;
}

size_t Memory::first_after(uintptr_t address) const {
    const auto after =
        std::upper_bound(buffers_.begin(), buffers_.end(), address,
                         [](uintptr_t at, const Buffer& buffer) { return at < buffer.end(); });
    return static_cast<size_t>(after - buffers_.begin());
}

Buffer* Memory::find(uintptr_t address) {
    // Kernels mostly stay in the buffer they were in.
    if (last_found_ >= buffers_.size() ||
        address - buffers_[last_found_].begin >= buffers_[last_found_].bytes) {
        last_found_ = first_after(address);
    }
    if (last_found_ == buffers_.size()) {
        return nullptr;
    }
    Buffer& buffer = buffers_[last_found_];
    return address >= buffer.begin && buffer.is_allocated ? &buffer : nullptr;
}

const Buffer* Memory::nearest(uintptr_t address) const {
    const size_t i = first_after(address);
    const Buffer* const after = i < buffers_.size() ? &buffers_[i] : nullptr;
    const Buffer* const before = i > 0 ? &buffers_[i - 1] : nullptr;
    if (after != nullptr && after->begin <= address) {
        return after;
    }
    if (after == nullptr || before == nullptr) {
        return after == nullptr ? before : after;
    }
    return address - before->end() < after->begin - address ? before : after;
}

bool SharedMemory::make(bool checked) {
    void* memory = nullptr;
    if (posix_memalign(&memory, 1024, MOST) != 0) {
        return false;
    }
    memory_.reset(static_cast<char*>(memory));
    checked_ = checked;
    return !checked || shadow.make(MOST);
}

void SharedMemory::begin_block(size_t bytes) {
    memset(memory_.get(), POISON, bytes);
    if (checked_) {
        shadow.clear(bytes);
    }
}

} // namespace zkiln_emulator
