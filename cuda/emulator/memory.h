// The memory of a machine, and what is known of every four bytes of it while checked kernels run.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <memory>
#include <vector>

namespace zkiln_emulator {

/// The bytes of memory that nothing has written.
constexpr unsigned char POISON = 0xa5;

/// A word's latest accesses. Each is an `Access` in checks.cpp, and zero is none.
struct Cell {
    uint64_t write;
    uint64_t reads[2];
};

/// What is known of a stretch of memory that begins at a multiple of four, word by word.
class Shadow {
  public:
    /// Nothing is written yet. Gives false where memory is short.
    bool make(size_t bytes);

    Cell& cell(size_t word) { return cells_.get()[word]; }

    /// The bytes of a word that were written, one bit each.
    uint8_t written(size_t word) const { return states_.get()[word] & 0xf; }
    /// The bytes of a word to which an asynchronous copy is under way.
    uint8_t in_flight(size_t word) const { return states_.get()[word] >> 4; }

    void set_written(size_t word, uint8_t bytes) { states_.get()[word] |= bytes; }
    void set_written(size_t from, size_t bytes);
    /// To words that are written whole.
    void set_in_flight(size_t word, bool in_flight) { states_.get()[word] = in_flight ? 0xf0 : 0; }
    /// Nothing is written in the first so many bytes.
    void clear(size_t bytes);
    /// What was not written at the source is not written here.
    void copy(size_t to, const Shadow& source, size_t from, size_t bytes);

  private:
    struct Free {
        void operator()(void* memory) const { free(memory); }
    };
    std::unique_ptr<Cell, Free> cells_;
    std::unique_ptr<uint8_t, Free> states_;
};

/// A piece of device memory.
struct Buffer {
    uintptr_t begin;
    size_t bytes;
    /// Whether it may be used yet.
    bool is_allocated;
    Shadow shadow;

    uintptr_t end() const { return begin + bytes; }
};

/// The allocations of a machine.
class Memory {
  public:
    explicit Memory(bool checked) : checked_(checked) {}
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory();

    /// A new buffer, which may not be used yet; null where the host has no memory.
    void* reserve(size_t bytes);
    /// The buffer that begins here may be used. Gives false if there is none, or it may already.
    bool allocate(uintptr_t begin);
    /// Frees the buffer that begins here. Gives false if there is none that may be used.
    bool release(uintptr_t begin);

    /// The buffer around an address that may be used, or null.
    Buffer* find(uintptr_t address);
    /// The buffer around an address, or the nearest to it; null where there is none at all.
    const Buffer* nearest(uintptr_t address) const;

  private:
    /// The first that ends after the address.
    size_t first_after(uintptr_t address) const;

    bool checked_;
    /// In the order of their addresses.
    std::vector<Buffer> buffers_;
    size_t last_found_ = 0;
};

/// The memory that the blocks of a machine share, one after another.
class SharedMemory {
  public:
    /// As much as a block can have on a device, with its leave: 227 KiB.
    static constexpr size_t MOST = 227 << 10;

    /// Gives false where memory is short.
    bool make(bool checked);

    /// A block begins, with so many bytes. Nothing is written in them.
    void begin_block(size_t bytes);

    char* get() const { return memory_.get(); }
    uintptr_t begin() const { return reinterpret_cast<uintptr_t>(memory_.get()); }

    Shadow shadow;

  private:
    struct Free {
        void operator()(void* memory) const { free(memory); }
    };
    std::unique_ptr<char, Free> memory_;
    bool checked_ = false;
};

} // namespace zkiln_emulator
