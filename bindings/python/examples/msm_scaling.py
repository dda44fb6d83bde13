"""How the time of a multi-scalar multiplication grows with its size, on each backend, with the bound.

    python msm_scaling.py                                  # a table
    python msm_scaling.py --plot msm.png                   # and a picture
    python msm_scaling.py --backend cpu --backend cuda:0   # the processor beside a GPU
"""

from __future__ import annotations

import argparse

from zkiln import bench


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backend", action="append", dest="backends", help="cpu, cuda:N or emulator")
    parser.add_argument("--from", type=int, default=8, dest="first", help="binary logarithm of the first size")
    parser.add_argument("--to", type=int, default=16, dest="last", help="and of the last")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--plot", help="where to draw it")
    options = parser.parse_args()

    sizes = [1 << log for log in range(options.first, options.last + 1)]
    table = bench.run(["msm"], sizes, options.backends or ["cpu"], runs=options.runs)
    print(table.to_markdown())
    for backend in dict.fromkeys(row.backend for row in table):
        rows = [row for row in table if row.backend == backend]
        if len(rows) > 1:
            first, last = rows[0], rows[-1]
            growth = last.seconds / first.seconds
            print(f"{backend}: {last.size // first.size} times the points, {growth:.0f} times the time")
    if options.plot:
        table.plot(options.plot)


if __name__ == "__main__":
    main()
