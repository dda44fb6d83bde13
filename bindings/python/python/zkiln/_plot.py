"""The picture of :meth:`zkiln.bench.Table.plot`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter

if TYPE_CHECKING:
    from .bench import Measurement, Table

#: Colours that are told apart by most eyes, and in print (Okabe and Ito).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")

TITLES = {
    "msm": ("MSM over G1", "points"),
    "ntt": ("NTT over Fr", "elements"),
    "groth16": ("Groth16 proof", "constraints"),
    "poseidon2": ("STARK of Poseidon2", "permutations"),
    "fibonacci": ("STARK of Fibonacci", "rows"),
}


def plot(table: Table, path: str | os.PathLike[str] | None) -> Figure:
    """A panel for each operation; sizes and times on logarithmic axes; a line for each backend, and its bound."""
    if not len(table):
        raise ValueError("there is nothing to draw in a table of no measurements")
    operations = list(dict.fromkeys(row.operation for row in table))
    backends = dict.fromkeys(row.backend for row in table)
    colours = {backend: COLOURS[i % len(COLOURS)] for i, backend in enumerate(backends)}
    columns = min(len(operations), 2)
    rows = -(-len(operations) // columns)
    figure = Figure(figsize=(5.2 * columns, 3.9 * rows), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.15))
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for panel, operation in zip(panels, operations):
        _panel(panel, [row for row in table if row.operation == operation], operation, colours)
    for panel in panels[len(operations) :]:
        panel.set_visible(False)
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure


def _panel(panel: Any, rows: list[Measurement], operation: str, colours: dict[str, str]) -> None:
    title, unit = TITLES.get(operation, (operation, "size"))
    panel.set_title(title, loc="left", fontweight="bold")
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    for backend, colour in colours.items():
        points = sorted((row for row in rows if row.backend == backend), key=lambda row: row.size)
        if not points:
            continue
        sizes = [row.size for row in points]
        panel.plot(sizes, [row.seconds for row in points], "o-", color=colour, label=backend, zorder=3)
        bounded = [row for row in points if row.bound is not None]
        if bounded:
            panel.plot(
                [row.size for row in bounded],
                [row.bound for row in bounded],
                "--",
                color=colour,
                alpha=0.7,
                label=f"{backend}: the multiplications alone",
            )
    sizes = sorted({row.size for row in rows})
    panel.xaxis.set_major_locator(FixedLocator(sizes[:: -(-len(sizes) // 8)]))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"$2^{{{int(size).bit_length() - 1}}}$"))
    panel.xaxis.set_minor_formatter(NullFormatter())
    times = [time for row in rows for time in (row.seconds, row.bound) if time]
    is_wide = max(times) > 100 * min(times)
    panel.yaxis.set_major_locator(LogLocator(base=10, subs=(1,) if is_wide else (1, 2, 5), numticks=12))
    panel.set_ylim(min(times) / 1.5, max(times) * (6 if is_wide else 3))  # room for the legend
    panel.yaxis.set_major_formatter(FuncFormatter(_time))
    panel.yaxis.set_minor_formatter(NullFormatter())
    panel.set_xlabel(unit)
    panel.grid(True, which="major", color="#dddddd", linewidth=0.8)
    panel.set_axisbelow(True)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    panel.legend(loc="upper left", fontsize=9, edgecolor="none", framealpha=0.9)


def _time(seconds: float, _: object) -> str:
    """A time of one digit."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= scale * 0.999:
            return f"{seconds / scale:g} {unit}"
    return f"{seconds:g} s"
