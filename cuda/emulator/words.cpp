#include "words.h"

#include <string.h>

#include "checks.h"
#include "machine.h"

namespace zkiln_emulator {
namespace {

/// Gives a lane's value and vote, and waits for its warp. The meeting lasts until the lane comes to
/// its next word.
const Meeting& meet(const zkiln_emulator_site& site, uint32_t mask, uint64_t value, bool vote) {
    Launch& launch = machine->launch;
    launch.require_full_mask(site, mask);
    Warp& warp = launch.warp();
    Meeting& meeting = warp.meetings[warp.round % 2];
    const uint32_t lane = launch.index(launch.current()) % WARP;
    meeting.values[lane] = value;
    meeting.votes |= uint32_t{vote} << lane;
    launch.wait(State::AtWord, site);
    return meeting;
}

} // namespace
} // namespace zkiln_emulator

using namespace zkiln_emulator;

extern "C" {

void zkiln_emulator_syncthreads(zkiln_emulator_site site) {
    machine->launch.wait(State::AtBarrier, site);
}

void zkiln_emulator_syncwarp(zkiln_emulator_site site, uint32_t mask) {
    meet(site, mask, 0, false);
}

uint64_t zkiln_emulator_shuffle(zkiln_emulator_site site, uint32_t mask, uint64_t value,
                                uint32_t source) {
    const Meeting& meeting = meet(site, mask, value, false);
    // A lane that has returned gives nothing in particular.
    return meeting.lanes >> source & 1 ? meeting.values[source]
                                       : UINT64_C(0x0101010101010101) * POISON;
}

uint32_t zkiln_emulator_ballot(zkiln_emulator_site site, uint32_t mask, bool condition) {
    return meet(site, mask, 0, condition).votes;
}

uint32_t zkiln_emulator_match(zkiln_emulator_site site, uint32_t mask, uint64_t value) {
    const Meeting& meeting = meet(site, mask, value, false);
    uint32_t lanes = 0;
    for (uint32_t i = 0; i < WARP; i++) {
        lanes |= uint32_t{meeting.values[i] == value} << i;
    }
    return lanes & meeting.lanes;
}

void zkiln_emulator_cp_async(void* shared, const void* global, uint32_t bytes) {
    Launch& launch = machine->launch;
    Thread& thread = launch.current();
    const uintptr_t both =
        reinterpret_cast<uintptr_t>(shared) | reinterpret_cast<uintptr_t>(global);
    if (bytes != 4 && bytes != 8 && bytes != 16) {
        launch.fault(thread, "it copies %u bytes asynchronously, not 4, 8 or 16", bytes);
    }
    if (both % bytes != 0) {
        launch.fault(
            thread,
            "it copies %u bytes asynchronously from or to an address that they are not aligned to",
            bytes);
    }
    if (machine->checked) {
        check_copy_begins(shared, global, bytes, __builtin_return_address(0));
    }
    // On a device the bytes come at any time until the wait: what is read before is wrong,
    // whichever it is.
    memset(shared, POISON, bytes);
    thread.copies.push_back(
        {static_cast<char*>(shared), static_cast<const char*>(global), bytes, thread.groups});
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
