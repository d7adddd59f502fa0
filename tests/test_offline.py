"""After the set-up no front door wants a network: each is used here where there is none.

The site and the bundle are made like that by their own tests (test_docs.py, test_bundle.py)."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from support import LAST_RESORT, ROOT, WITHOUT_NETWORK
from test_terminal import Terminal
from traces import make_trace

TOOLS = {
    "boot": ("tools/boot", "--", "true"),
    "faults": ("tools/boot", "--", "faults", "one-fault"),
    "package": ("tools/boot", "--package", "busybox-static", "--", "true"),
    "race": ("tools/race", "--policy", "mine", "--workload", "zipf", "--frames", "256"),
    "policysim": ("tools/policysim", "1", "2", "3"),
    "setup": ("tools/setup", "run"),
}
TARGETS = {
    "view": ("make", "-s", "view", "PROGRAM=one-fault"),
    "gdb": ("make", "-s", "gdb", "GDB_ARGS=-batch"),
    "record": ("make", "-s", "record", "RECORDING={folder}/recording"),
    "replay": ("make", "-s", "replay", "RECORDING={folder}/recording", "GDB_ARGS=-batch"),
}
# Where the other front doors of the Makefile are used.
ELSEWHERE = {
    "run": "here, at a terminal",
    "docs": "test_docs.py, without a network too",
    "lecture": "test_lectures.py, at a terminal",
    "playground": "it compiles a source that it fetches; what it makes asks nobody: test_playground_whole.py",
    "bundle": "test_bundle.py, without a network too",
    "figures": "here, by its tool: into a folder of the test's",
    "test": "it runs this",
    "pictures": "a maker's: the README's pictures are in the tree",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("offline")


def use(folder: Path, *words: str) -> str:
    """Without a network; what it said."""
    command = [*WITHOUT_NETWORK, *(word.format(folder=folder) for word in words)]
    ended = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LAST_RESORT, check=False
    )
    assert ended.returncode == 0, f"{words}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
    return ended.stdout


def test_there_is_none(folder: Path):
    """Nothing but the machine's own loop."""
    assert re.findall(r"^ *(\w+):", use(folder, "cat", "/proc/net/dev"), re.MULTILINE) == ["lo"]


@pytest.mark.parametrize("name", [*TOOLS, *TARGETS])
def test_a_front_door(folder: Path, name: str):
    use(folder, *{**TOOLS, **TARGETS}[name])


LIBRARIES_INTO = """
import sys
from pathlib import Path
from faultline import npm
from tracing import view
npm.MODULES = Path(sys.argv[1]) / "node_modules"
sys.exit(not (view.fetch_uplot() and view.fetch_d3()))
"""
LIBRARIES = {"uplot-1.6.32": "uplot/dist/uPlot.iife.min.js", "d3-7.9.0": "d3/dist/d3.min.js"}


def test_the_pages_libraries_come_from_the_folder_of_packages(tmp_path: Path):
    """As `npm pack` writes the files; nothing else is asked."""
    for packed, library in LIBRARIES.items():
        with tarfile.open(tmp_path / f"{packed}.tgz", "w:gz") as archive:
            archive.add(ROOT / "build/node_modules" / library.split("/")[0], arcname="package")
    variables = [f"FAULTLINE_PACKAGES={tmp_path}", f"PYTHONPATH={ROOT / 'tools'}"]
    use(tmp_path, "env", *variables, sys.executable, "-c", LIBRARIES_INTO, str(tmp_path))
    for library in LIBRARIES.values():
        there = (tmp_path / "node_modules" / library).read_bytes()
        assert there == (ROOT / "build/node_modules" / library).read_bytes()


def test_make_run(folder: Path):
    with Terminal(*WITHOUT_NETWORK, "make", "-s", "run") as terminal:
        terminal.prompt()
        terminal.type("faults one-fault\r")
        terminal.expect("4  in all")
        terminal.prompt()
        terminal.type("poweroff\r")
        assert terminal.process.wait(LAST_RESORT) == 0


def test_a_trace_and_its_page(folder: Path):
    trace = folder / "run.trace"
    assert make_trace(trace, "--", "one-fault").status == 0
    assert "one-fault" in use(folder, "tools/trace", "faults", str(trace))
    assert "</html>" in use(folder, "tools/trace", "view", str(trace))


def test_a_figure(folder: Path):
    use(folder, "tools/figures", "--out", str(folder), "fifo-grid")
    assert (folder / "fifo-grid.svg").is_file()


def test_every_front_door_is_used():
    """Those are the Makefile's targets that call the set-up."""
    text = (ROOT / "Makefile").read_text("utf-8")
    rules = re.findall(r"^([\w ]+):\n(?:\t.*\n)*?\t@tools/setup ", text, re.MULTILINE)
    doors = {name for names in rules for name in names.split()}
    assert len(doors) >= 8
    assert doors <= {*TARGETS, *ELSEWHERE}
