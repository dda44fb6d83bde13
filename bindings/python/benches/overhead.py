"""What a call through Python adds to the library's own call: time and memory.

    python benches/overhead.py [LOG_N [ROUNDS]]

The calls alternate, round by round, on the same memory and the same threads, and the medians are compared, so that whatever
else the machine does weighs on both alike. Then the process' peak of memory during a call is compared with that during a
call whose scalars are copied first (Linux only). Install the package in the release profile first.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from zkiln import G1, MSM, Fr
from zkiln._zkiln import _msm_seconds


def peak(call: Callable[[], object]) -> int:
    """The bytes that a call takes at most beside what the process had before."""

    def status(key: str) -> int:
        with open("/proc/self/status") as lines:
            return next(int(line.split()[1]) << 10 for line in lines if line.startswith(key))

    call()  # what is allocated once
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew
    before = status("VmRSS")
    call()
    return status("VmHWM") - before


def main() -> None:
    log_n = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    few = G1.generator().multiples(Fr.random(1 << min(log_n, 14), seed=1), form="montgomery")
    bases = np.tile(few, ((1 << log_n) // len(few), 1, 1))
    scalars = Fr.random(1 << log_n, seed=2)
    msm = MSM(bases, form="montgomery", device="cpu", check=False)
    msm(scalars)
    in_rust, in_python = [], []
    for _ in range(rounds):
        in_rust.append(_msm_seconds(msm, scalars))
        started = time.perf_counter()
        msm(scalars)
        in_python.append(time.perf_counter() - started)
    rust, python = statistics.median(in_rust), statistics.median(in_python)
    print(
        f"MSM of 2^{log_n}: {rust * 1e3:.2f} ms in Rust, {python * 1e3:.2f} ms in Python, "
        f"ratio {python / rust:.3f}"
    )
    if sys.platform == "linux":
        taken, with_copy = peak(lambda: msm(scalars)), peak(lambda: msm(scalars.copy()))
        mebibytes = [f"{n / 2**20:.1f} MiB" for n in (scalars.nbytes, taken, with_copy)]
        print("scalars of {}: a call takes {}, with a copy of them {}".format(*mebibytes))


if __name__ == "__main__":
    main()
