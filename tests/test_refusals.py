"""On any bytes a clear refusal: never a traceback, a panic, an endless loop, or silence.

Each reader of something from outside gets a thousand damaged inputs (mutate.py). It may make
sense of one or refuse it; when it refuses, then with a message of its own.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import mutate
import pytest
from support import ROOT
from traces import make_trace

from tracing import view

COUNT = 1000

# --- tools/trace ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """tools/trace itself, in this process: a thousand processes would take minutes."""
    loader = importlib.machinery.SourceFileLoader("tools_trace", str(ROOT / "tools/trace"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tools_trace", loader))
    loader.exec_module(module)
    return module


def refusal(tool: ModuleType, *words: str | Path) -> str:
    """What it says when it refuses; "": it did not. Whatever else it raises is a test that fails."""
    sys.argv = ["tools/trace", *map(str, words)]
    try:
        assert tool.main() == 0
    except SystemExit as ended:
        assert isinstance(ended.code, str), f"{words}: status {ended.code}"
        return ended.code
    return ""


def test_trace_files(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Every command of tools/trace on each: all refuse a file that one of them refuses."""
    monkeypatch.setattr(view, "fetch_uplot", lambda: False)
    monkeypatch.setattr(sys, "argv", [])
    good, file, folder = tmp_path / "good", tmp_path / "bad", tmp_path / "ctf"
    result = make_trace(good, "--ram", "12M", "--swap", "1M", "--", "one-fault")
    assert refusal(tool, "info", good) == "", result.report()
    told: Counter[str] = Counter()
    header = 2000  # where the header's text ends, about
    for number, data in enumerate(mutate.mutants(good.read_bytes(), COUNT, seed=1, within=header)):
        file.write_bytes(data)
        found = {
            refusal(tool, command, file, *more)
            for command, *more in (("info",), ("faults",), ("csv",), ("counters",), ("chrome",), ("view",), ("ctf", folder))
        }
        assert len(found) == 1, (number, found)
        message = found.pop()
        assert not message or message.startswith(f"tools/trace: {file}: "), (number, message)
        explained = refusal(tool, "explain", file, "1")
        assert explained == message or "fault" in explained, (number, explained)
        told[message] += 1
        capsys.readouterr()
    assert told[""] < COUNT // 2 and len(told) > 100, told.most_common(5)


def test_what_is_no_file(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", [])
    empty = tmp_path / "empty"
    empty.touch()
    for path, words in ((empty, "empty"), (tmp_path, "plain file"), (tmp_path / "none", "No such file")):
        assert words in refusal(tool, "info", path)
