#include "words.h"

#include <string.h>

#include "checks.h"
#include "machine.h"

namespace zkiln_emulator {
namespace {

/// Posts a lane's value, waits for the warp, and gives the values of all its lanes.
const uint64_t* exchange(const zkiln_emulator_site& site, uint32_t mask, uint64_t value) {
    Launch& launch = machine->launch;
    launch.require_full_mask(site, mask);
    Warp& warp = launch.warp();
    uint64_t* const values = warp.values[warp.round % 2];
    values[launch.index(launch.current()) % WARP] = value;
    launch.wait(State::AtWord, site);
    return values;
}

} // namespace
} // namespace zkiln_emulator

using namespace zkiln_emulator;

extern "C" {

void zkiln_emulator_syncthreads(zkiln_emulator_site site) {
    machine->launch.wait(State::AtBarrier, site);
}

void zkiln_emulator_syncwarp(zkiln_emulator_site site, uint32_t mask) {
    machine->launch.require_full_mask(site, mask);
    machine->launch.wait(State::AtWord, site);
}

uint64_t zkiln_emulator_shuffle(zkiln_emulator_site site, uint32_t mask, uint64_t value,
                                uint32_t source) {
    return exchange(site, mask, value)[source];
}

uint32_t zkiln_emulator_ballot(zkiln_emulator_site site, uint32_t mask, bool condition) {
    Launch& launch = machine->launch;
    launch.require_full_mask(site, mask);
    Warp& warp = launch.warp();
    uint32_t& votes = warp.votes[warp.round % 2];
    votes |= uint32_t{condition} << launch.index(launch.current()) % WARP;
    launch.wait(State::AtWord, site);
    return votes;
}

uint32_t zkiln_emulator_match(zkiln_emulator_site site, uint32_t mask, uint64_t value) {
    const Warp& warp = machine->launch.warp();
    const uint64_t* const values = exchange(site, mask, value);
    uint32_t lanes = 0;
    for (uint32_t i = 0; i < WARP; i++) {
        lanes |= uint32_t{values[i] == value} << i;
    }
    return lanes & warp.living;
}

void zkiln_emulator_cp_async(void* shared, const void* global, uint32_t bytes) {
    Launch& launch = machine->launch;
    Thread& thread = launch.current();
    const uintptr_t both = reinterpret_cast<uintptr_t>(shared) | reinterpret_cast<uintptr_t>(global);
    if (bytes != 4 && bytes != 8 && bytes != 16) {
        launch.fault(thread, "it copies %u bytes asynchronously, not 4, 8 or 16", bytes);
    }
    if (both % bytes != 0) {
        launch.fault(thread, "it copies %u bytes asynchronously from or to an address that they are not aligned to",
                     bytes);
    }
    if (machine->checked) {
        check_copy_begins(shared, global, bytes, __builtin_return_address(0));
    }
    // On a device the bytes come at any time until the wait: what is read before is wrong, whichever it is.
    memset(shared, POISON, bytes);
    thread.copies.push_back({static_cast<char*>(shared), static_cast<const char*>(global), bytes, thread.groups});
}

void zkiln_emulator_cp_async_commit() { machine->launch.current().groups++; }

void zkiln_emulator_cp_async_wait(uint32_t pending_groups) {
    Thread& thread = machine->launch.current();
    auto copy = thread.copies.begin();
    for (; copy != thread.copies.end() && copy->group + pending_groups < thread.groups; ++copy) {
        if (machine->checked) {
            check_copy_ends(copy->to, copy->from, copy->bytes, __builtin_return_address(0));
        }
        memcpy(copy->to, copy->from, copy->bytes);
    }
    thread.copies.erase(thread.copies.begin(), copy);
}
}
