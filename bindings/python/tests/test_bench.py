"""Measurements, and their picture."""

from __future__ import annotations

import csv
import io
import json

import pytest
import zkiln
from zkiln import bench, stark


@pytest.fixture(scope="module")
def table():
    told = []
    quick = bench.run(["msm", "ntt", "groth16"], [2**6, 2**8], runs=2, progress=told.append)
    assert told == ["a product", *(f"{name} 2^{log} on cpu" for name in ("msm", "ntt", "groth16") for log in (6, 8))]
    # In a build for tests the work of the preset takes long.
    without_work = stark.Parameters(log_blowup=1, queries=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stark.Parameters, "fast", classmethod(lambda cls: without_work))
        return bench.Table([*quick, *bench.run(["poseidon2", "fibonacci"], [2**4], runs=1)])


def test_rows(table):
    assert [(row.operation, row.size, row.runs) for row in table] == [
        *((name, 2**log, 2) for name in ("msm", "ntt", "groth16") for log in (6, 8)),
        ("poseidon2", 2**4, 1),
        ("fibonacci", 2**4, 1),
    ]
    assert tuple(dict.fromkeys(row.operation for row in table)) == bench.OPERATIONS
    for row in table:
        assert row.backend == "cpu" and 0 < row.best <= row.seconds
        assert (row.bound is not None) == (row.operation in ("msm", "ntt"))
        assert row.bound is None or row.bound > 0
    assert len(table) == 8 and table[0] is table[:2][0]


def test_bounds_are_those_of_the_documents(table):
    msm, ntt = ([row.bound for row in table if row.operation == name] for name in ("msm", "ntt"))
    product = ntt[1] / (128 * 8 - 255)
    assert ntt[0] == pytest.approx((32 * 6 - 63) * product)
    # 255 bits in digits of c: windows of 2^(c-1) buckets.
    additions = min(-(-255 // c) * (max(256 - 2 ** (c - 1), 0) + 2 * min(2 ** (c - 1), 256)) for c in range(2, 17))
    assert msm[1] == pytest.approx(6 * additions * product)
    # docs/vector.md counts 1.23 million additions in buckets, and 0.16 million in the reduction.
    assert bench.additions(2**16) == pytest.approx(1.39e6, rel=0.02)


def test_forms(table):
    text = json.dumps(table.to_dicts())
    assert json.loads(text)[0]["operation"] == "msm"
    lines = csv.DictWriter(io.StringIO(), fieldnames=list(table.to_dicts()[0]))
    lines.writerows(table.to_dicts())
    lines = table.to_markdown().splitlines()
    assert lines[0].startswith("| operation |") and len(lines) == 10 and "| 2^6 |" in lines[2]
    assert "8 measurements" in repr(table)


def test_data_frames(table):
    pandas = pytest.importorskip("pandas")
    frame = table.to_pandas()
    assert isinstance(frame, pandas.DataFrame) and list(frame.columns)[:3] == ["operation", "backend", "size"]


def test_pictures(table, tmp_path):
    pytest.importorskip("matplotlib")
    figure = table.plot(tmp_path / "bench.png")
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")
    panels = [panel for panel in figure.axes if panel.get_visible()]
    assert len(panels) == len(bench.OPERATIONS)
    assert all(panel.get_xscale() == panel.get_yscale() == "log" for panel in panels)
    labels = [line.get_label() for line in panels[0].lines]
    assert labels == ["cpu", "cpu: the multiplications alone"]
    with pytest.raises(ValueError, match="nothing to draw"):
        bench.Table([]).plot()


@pytest.mark.skipif(not zkiln.info()["emulator"], reason="built without the emulator")
def test_backends():
    table = bench.run(["msm", "groth16"], [2**4], ["cpu", "emulator"], runs=1)
    assert [(row.operation, row.backend) for row in table] == [
        ("msm", "cpu"),
        ("msm", "emulator"),
        ("groth16", "cpu"),
        ("groth16", "emulator"),
    ]
    assert table[1].bound is None, "of the processor's product nothing follows for a device"
    assert not bench.run(["fibonacci"], [2**4], ["emulator"], runs=1), "there are no STARKs on devices"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"operations": ["dance"]}, "no operation is called 'dance'"),
        ({"sizes": [100]}, "powers of two"),
        ({"sizes": [1]}, "powers of two"),
        ({"runs": 0}, "at least one run"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        bench.run(**arguments)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1.234, "1.23 s"),
        (12.34, "12.3 s"),
        (0.5, "500 ms"),
        (0.00123, "1.23 ms"),
        (4.5e-5, "45.0 us"),
        (3e-9, "3.00 ns"),
        (0.0, "0 ns"),
    ],
)
def test_durations(seconds, text):
    assert bench.duration(seconds) == text


def test_the_command(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "bench.svg"
    bench.main(["ntt", "--log-size", "4", "--runs", "1", "--plot", str(picture)])
    assert "| ntt | cpu | 2^4 |" in capsys.readouterr().out
    assert picture.read_text().lstrip().startswith("<?xml")
