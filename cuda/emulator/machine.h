// A machine: memory and the launch under way.
#pragma once

#include "launch.h"
#include "memory.h"

struct zkiln_emulator_machine {
    zkiln_emulator_machine(bool is_checked, void (*fiber_main)());

    const bool checked;
    zkiln_emulator::Memory memory;
    zkiln_emulator::SharedMemory shared;
    zkiln_emulator::Launch launch;
};

namespace zkiln_emulator {

/// The machine whose launch this thread of the operating system runs.
extern __thread zkiln_emulator_machine* machine;

} // namespace zkiln_emulator
