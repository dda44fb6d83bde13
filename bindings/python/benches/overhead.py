"""What a call through Python adds to the library's own call.

    python benches/overhead.py [LOG_N [ROUNDS]]

The calls alternate, round by round, on the same memory and the same threads, and the medians are compared, so that whatever
else the machine does weighs on both alike. Install the package in the release profile first.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np

from zkiln import G1, MSM, Fr
from zkiln._zkiln import _msm_seconds


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


if __name__ == "__main__":
    main()
