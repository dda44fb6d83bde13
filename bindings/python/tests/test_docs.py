"""Examples of the documentation are run; the stubs are those of what was compiled."""

from __future__ import annotations

import doctest
import inspect
import os
import pathlib
import re
import subprocess
import sys
import types

import pytest

import zkiln
from conftest import REPOSITORY
from zkiln import _zkiln

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def documented(thing, name):
    """Everything with a docstring that has an example, by name."""
    doc = inspect.getdoc(thing) or ""
    if ">>>" in doc:
        yield name, doc
    if inspect.ismodule(thing) or inspect.isclass(thing):
        for key, value in sorted(vars(thing).items()):
            inner = getattr(value, "__func__", value)
            if inspect.isclass(inner) or inspect.isroutine(inner) or isinstance(inner, property):
                module = getattr(inner, "__module__", None)
                if inspect.ismodule(thing) and isinstance(module, str) and not module.startswith("zkiln"):
                    continue
                yield from documented(inner, f"{name}.{key}")


def modules():
    folder = pathlib.Path(zkiln.__file__).parent
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    return [_zkiln, zkiln, *(__import__(f"zkiln.{name}", fromlist=["_"]) for name in names)]


def examples():
    found = {}
    for module in modules():
        names = {**vars(module), module.__name__.rpartition(".")[2]: module}
        for name, doc in documented(module, module.__name__):
            found.setdefault(doc, (name, names))
    return [pytest.param(doc, names, id=name) for doc, (name, names) in found.items()]


@pytest.mark.parametrize(("doc", "names"), examples())
def test_docstrings(doc, names, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(doc, dict(names), "example", None, None)
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test)
    assert result.attempted > 0 and result.failed == 0


def test_everything_is_documented():
    missing = []
    for name in zkiln.__all__:
        thing = getattr(zkiln, name)
        if isinstance(thing, (str, types.ModuleType)):
            continue
        if not inspect.getdoc(thing):
            missing.append(name)
        if inspect.isclass(thing):
            for key, value in vars(thing).items():
                if not key.startswith("_") and not inspect.getdoc(value) and callable(value):
                    missing.append(f"{name}.{key}")
    assert missing == []


def blocks(path):
    """The blocks of Python in a page, which go on where the one before ended."""
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S)


PAGES = [REPOSITORY / "README.md", REPOSITORY / "docs/python.md", REPOSITORY / "bindings/python/README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name if page.parent != REPOSITORY else "root")
def test_pages(page, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    code = "\n".join(blocks(page))
    assert code
    exec(compile(code, str(page), "exec"), {"__name__": "page"})


def test_stubs(tmp_path):
    command = [sys.executable, "-m", "mypy.stubtest", "zkiln"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_types(tmp_path):
    """A program with types is checked against the stubs: what it must not do, it may not."""
    program = tmp_path / "program.py"
    program.write_text(
        """
import zkiln
from zkiln import Fr, G1, groth16

total: G1 = G1.generator() * 3 + 2 * G1.generator()
half: Fr = Fr(1) / 2
proof, public = groth16.ProvingKey.open("a.zkey").prove("a.wtns")
text: str = proof.to_json()
first: Fr = public[0]
Fr(1.5)  # type: ignore[arg-type]
G1.generator() * 1.5  # type: ignore[operator]
zkiln.MSM([1])  # type: ignore[arg-type]
"""
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, str(program)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_build_knows_nvidias_compiler():
    sys.path.insert(0, str(REPOSITORY / "bindings/python/backend"))
    try:
        backend = pytest.importorskip("zkiln_build")
    finally:
        sys.path.pop(0)
    assert backend.get_requires_for_build_wheel({}) == []
    assert backend.get_requires_for_build_wheel({"cuda": "0"}) == []
    wanted = backend.get_requires_for_build_wheel({"cuda": "1"})
    assert "nvidia-cuda-nvcc==13.0.88" in wanted and len(wanted) == 4
    assert backend._for_maturin({"cuda": "1", "profile": "dev"}) == {"build-args": "--profile=dev"}
