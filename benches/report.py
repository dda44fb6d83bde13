#!/usr/bin/env python3
"""Draws benches/ratios.svg from benches/results/*.json and prints the tables of benches/README.md: how many times
zkiln's time each peer takes. Those beside Plonky3 are made of benches/results/stark/*.json, those of second proofs of
benches/results/lanes/*.json.

    python3 benches/report.py

Needs nothing but Python. One panel for each kind of work, sizes from left to right, a line for each peer; solid for one
thread, dashed for two; dots are medians of wall time over zkiln's.
"""

import json
import pathlib
import re

HERE = pathlib.Path(__file__).parent
PANELS = [
    ("MSM G1, uniform scalars", r"msm G1 2\^(\d+) uniform"),
    ("MSM G1, witness of bits", r"msm G1 2\^(\d+) witness-bits"),
    ("MSM G2, uniform scalars", r"msm G2 2\^(\d+) uniform"),
    ("NTT", r"ntt 2\^(\d+)"),
    ("Groth16 proof, dense", r"prove dense(\d+)"),
    ("Groth16 proof, bits", r"prove bits(\d+)"),
]
COLOURS = {"arkworks": "#c2410c", "halo2curves": "#0f766e", "snarkrs": "#4338ca"}
WIDTH, HEIGHT, LEFT, TOP, COLUMNS = 300, 210, 40, 36, 3


def load():
    """{workload: {threads: {contender: median wall ms}}}"""
    table = {}
    for path in sorted((HERE / "results").glob("*.json")):
        for row in json.loads(path.read_text()):
            if row["peak_mb"]:
                continue  # whole processes: print_processes
            cell = table.setdefault(row["workload"], {}).setdefault(row["threads"], {})
            cell[row["contender"]] = row["wall_ms"]["median"]
    return table


def print_tables(table):
    """A row for each workload and number of threads: zkiln's median, and the peers' over it."""
    peers = list(COLOURS)
    print(f"| workload | threads | zkiln, ms | {' | '.join(peers)} |")
    print(f"|---|--:|--:|{'--:|' * len(peers)}")
    for workload, by_threads in table.items():
        for threads, times in sorted(by_threads.items()):
            ratios = [f"{times[p] / times['zkiln']:.2f}" if p in times else "" for p in peers]
            print(f"| {workload} | {threads} | {milliseconds(times['zkiln'])} | {' | '.join(ratios)} |")


def print_processes():
    """Time and peak memory of whole processes."""
    print("| process | contender | wall, s | CPU, s | peak, MB |")
    print("|---|---|--:|--:|--:|")
    for path in sorted((HERE / "results").glob("*.json")):
        for row in json.loads(path.read_text()):
            if row["peak_mb"]:
                wall, cpu = (row[key]["median"] / 1e3 for key in ("wall_ms", "cpu_ms"))
                print(f"| {row['workload']} | {row['contender']} | {wall:.2f} | {cpu:.2f} | {row['peak_mb']:.0f} |")


def milliseconds(ms):
    return f"{ms:.{2 if ms < 10 else 1 if ms < 100 else 0}f}"


def load_rows(folder):
    """{(workload, threads): {contender: row}} of the results in a folder"""
    table = {}
    for path in sorted((HERE / "results" / folder).glob("*.json")):
        for row in json.loads(path.read_text()):
            table.setdefault((row["workload"], row["threads"]), {})[row["contender"]] = row
    # The same workload at one and two threads together, in the order in which they were taken.
    order = list(dict.fromkeys(workload for workload, _ in table))
    return dict(sorted(table.items(), key=lambda item: (order.index(item[0][0]), item[0][1])))


def print_stark(table):
    """Transforms beside the fastest of Plonky3's, then proofs with peaks of memory."""
    median = lambda row: row["wall_ms"]["median"]
    print("| transform | threads | zkiln, ms | Plonky3's best | which | zkiln behind its trait |")
    print("|---|--:|--:|--:|---|--:|")
    for (workload, threads), rows in table.items():
        peers = [row for name, row in rows.items() if name.startswith("plonky3 ")]
        if not peers:
            continue
        ms, best = median(rows["zkiln"]), min(peers, key=median)
        adapted = f"{median(rows['zkiln in rows']) / ms:.2f}" if "zkiln in rows" in rows else ""
        cells = [workload, threads, milliseconds(ms), f"{median(best) / ms:.2f}"]
        cells += [best["contender"].removeprefix("plonky3 "), adapted]
        print(f"| {' | '.join(map(str, cells))} |")
    print()
    print("| proof | threads | zkiln, ms | Plonky3 | zkiln, MB | Plonky3, MB | peak over Plonky3's |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for (workload, threads), rows in table.items():
        if "plonky3" not in rows:
            continue
        zkiln, peer = rows["zkiln"], rows["plonky3"]
        cells = [workload, threads, milliseconds(median(zkiln)), f"{median(peer) / median(zkiln):.2f}"]
        if zkiln["peak_mb"] and peer["peak_mb"]:
            ratio = zkiln["peak_mb"] / peer["peak_mb"]
            cells += [f"{zkiln['peak_mb']:.0f}", f"{peer['peak_mb']:.0f}", f"{ratio:.2f}"]
        else:
            cells += ["", "", ""]
        print(f"| {' | '.join(map(str, cells))} |")


def print_lanes(table):
    """Second proofs over Groth16's, and the peaks of whole processes."""
    seconds = ["spartan", "spartan-compact"]
    print(f"| circuit | threads | groth16, ms | {' | '.join(seconds)} | groth16, MB | {', MB | '.join(seconds)}, MB |")
    print(f"|---|--:|--:|{'--:|' * (1 + 2 * len(seconds))}")
    for (workload, threads), rows in table.items():
        what, circuit = workload.rsplit(" ", 1)
        if what != "lanes":
            continue
        median = lambda lane: rows[lane]["wall_ms"]["median"]
        ratios = [f"{median(lane) / median('groth16'):.2f}" for lane in seconds]
        whole = table.get((f"lanes, processes {circuit}", threads), {})
        peaks = [f"{whole[lane]['peak_mb']:.0f}" if whole else "" for lane in ["groth16", *seconds]]
        print(f"| {' | '.join([circuit, str(threads), milliseconds(median('groth16')), *ratios, *peaks])} |")


def series(table, pattern):
    """{(contender, threads): [(log size, ratio)]}"""
    lines = {}
    for workload, by_threads in table.items():
        match = re.fullmatch(pattern, workload)
        if not match:
            continue
        for threads, times in by_threads.items():
            for contender, time in times.items():
                if contender != "zkiln":
                    point = (int(match[1]), time / times["zkiln"])
                    lines.setdefault((contender, threads), []).append(point)
    return {key: sorted(points) for key, points in lines.items()}


def panel(title, lines, x0, y0):
    """One set of axes with its lines."""
    sizes = sorted({size for points in lines.values() for size, _ in points})
    top = max([2.0] + [ratio for points in lines.values() for _, ratio in points]) * 1.08
    width, height = WIDTH - LEFT - 20, HEIGHT - TOP - 28
    x = lambda size: x0 + LEFT + width * (size - sizes[0]) / max(1, sizes[-1] - sizes[0])
    y = lambda ratio: y0 + TOP + height * (1 - ratio / top)
    out = [f'<text x="{x0 + LEFT}" y="{y0 + 20}" class="title">{title}</text>']
    step = 1 if top < 6 else 2 if top < 12 else 5
    for tick in sorted({1, *range(0, int(top) + 1, step)}):
        kind = "one" if tick == 1 else "grid"
        out.append(f'<line x1="{x(sizes[0])}" x2="{x(sizes[-1])}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" class="{kind}"/>')
        out.append(f'<text x="{x0 + LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick}</text>')
    for size in sizes:
        out.append(f'<text x="{x(size):.1f}" y="{y0 + HEIGHT - 12}" text-anchor="middle">2^{size}</text>')
    for (contender, threads), points in sorted(lines.items()):
        colour = COLOURS[contender]
        path = " ".join(f"{x(size):.1f},{y(ratio):.1f}" for size, ratio in points)
        dash = ' stroke-dasharray="5 4"' if threads > 1 else ""
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        out += [f'<circle cx="{x(s):.1f}" cy="{y(r):.1f}" r="2.5" fill="{colour}"/>' for s, r in points]
    return out


def main():
    table = load()
    panels = [(title, series(table, pattern)) for title, pattern in PANELS]
    panels = [(title, lines) for title, lines in panels if lines]
    rows = -(-len(panels) // COLUMNS)
    total = (COLUMNS * WIDTH, rows * HEIGHT + 44)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total[0]} {total[1]}" font-family="sans-serif" font-size="11" fill="#334155">',
        "<style>.title{font-weight:bold;font-size:13px}.grid{stroke:#e2e8f0}.one{stroke:#0f172a;stroke-width:1.5}</style>",
        f'<rect width="{total[0]}" height="{total[1]}" fill="white"/>',
    ]
    for i, (title, lines) in enumerate(panels):
        out += panel(title, lines, i % COLUMNS * WIDTH, i // COLUMNS * HEIGHT)
    x, y = LEFT, rows * HEIGHT + 18
    for contender, colour in COLOURS.items():
        out.append(f'<line x1="{x}" x2="{x + 24}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>')
        out.append(f'<text x="{x + 30}" y="{y + 4}">{contender}</text>')
        x += 120
    out.append(f'<text x="{x}" y="{y + 4}">time over zkiln\'s (1 = as fast); solid 1 thread, dashed 2 threads</text>')
    out.append("</svg>")
    (HERE / "ratios.svg").write_text("\n".join(out) + "\n")
    print_tables(table)
    print()
    print_processes()
    print()
    print_stark(load_rows("stark"))
    print()
    print_lanes(load_rows("lanes"))


if __name__ == "__main__":
    main()
