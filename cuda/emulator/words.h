// What the words of emulator.h call.
#pragma once

#include <stdint.h>

struct uint3 {
    uint32_t x, y, z;
};

extern "C" {
/// The words at which threads wait for each other.
enum zkiln_emulator_word : uint32_t {
    ZKILN_EMULATOR_SYNCTHREADS,
    ZKILN_EMULATOR_SYNCWARP,
    ZKILN_EMULATOR_SHFL,
    ZKILN_EMULATOR_SHFL_XOR,
    ZKILN_EMULATOR_SHFL_DOWN,
    ZKILN_EMULATOR_SHFL_UP,
    ZKILN_EMULATOR_BALLOT,
    ZKILN_EMULATOR_ANY,
    ZKILN_EMULATOR_ALL,
    ZKILN_EMULATOR_MATCH_ANY,
};

/// A word and where it stands in the source.
struct zkiln_emulator_site {
    const char* file;
    uint32_t line;
    zkiln_emulator_word word;
};

void zkiln_emulator_syncthreads(zkiln_emulator_site site);
void zkiln_emulator_syncwarp(zkiln_emulator_site site, uint32_t mask);
/// The value of the lane `source`, which is below 32.
uint64_t zkiln_emulator_shuffle(zkiln_emulator_site site, uint32_t mask, uint64_t value,
                                uint32_t source);
/// The lanes for which the condition holds.
uint32_t zkiln_emulator_ballot(zkiln_emulator_site site, uint32_t mask, bool condition);
/// The lanes that gave the same value.
uint32_t zkiln_emulator_match(zkiln_emulator_site site, uint32_t mask, uint64_t value);

/// Begins to copy 4, 8 or 16 bytes. They arrive when their group has been waited for, and no
/// sooner.
void zkiln_emulator_cp_async(void* shared, const void* global, uint32_t bytes);
/// Makes of this thread's copies since the last commit a group.
void zkiln_emulator_cp_async_commit();
/// Completes this thread's groups but for the latest `pending_groups`.
void zkiln_emulator_cp_async_wait(uint32_t pending_groups);
}
