"""The figures: there, in the docs, and the same again when they are made again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import LONG, ROOT

matplotlib = pytest.importorskip("matplotlib")
sys.path.insert(0, str(ROOT / "tools"))

from drawing import catalogue  # noqa: E402
from drawing.source import BOOT, REFERENCES, SIMULATOR, TLB  # noqa: E402

FIGURES = {figure.name: figure for figure in catalogue.FIGURES}
FAST = ("page-table", "free-frame-list", "copy-on-write", "opt-grid", "fifo-grid", "fork-time")
DRAWN_WITH = "3.6.3"  # the matplotlib of what is committed: others draw a little differently
FOLDER = ROOT / "docs/figures"


def make(folder: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """Draw them; all files."""
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1"}
    words = [str(ROOT / "tools/figures"), "--out", str(folder), *names]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_made_twice_they_are_the_same(tmp_path):
    names = () if LONG else FAST
    once, again = make(tmp_path / "a", names), make(tmp_path / "b", names)
    assert len(once) == 2 * (len(names) or len(FIGURES))
    assert [name for name in once if once[name] != again[name]] == []


@pytest.mark.skipif(matplotlib.__version__ != DRAWN_WITH, reason="another matplotlib")
def test_drawing_needs_the_table_only(tmp_path):
    """From the CSV that is in docs/figures the SVG that is there can be drawn again."""
    for file in FOLDER.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    drawn = make(tmp_path, ("--redraw", *FIGURES))
    for name in FIGURES:
        assert drawn[f"{name}.svg"] == (FOLDER / f"{name}.svg").read_bytes(), name


def test_every_figure_is_in_the_docs():
    text = (ROOT / "docs/figures.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert list(sections) == list(FIGURES)
    for name, section in sections.items():
        assert f"(figures/{name}.svg)" in section and f"(figures/{name}.csv)" in section
        assert "**Try**" in section and len(section.split()) > 35, name
    files = {file.name for file in FOLDER.iterdir()}
    assert files == {f"{name}.{kind}" for name in FIGURES for kind in ("svg", "csv")}


@pytest.mark.parametrize("name", FIGURES)
def test_the_caption_is_the_command(name):
    """The commands are ours, and stand in the drawing."""
    drawing = (FOLDER / f"{name}.svg").read_text("utf-8")
    for command in FIGURES[name].commands[:1]:
        assert command.split()[0] in (BOOT, SIMULATOR, TLB, REFERENCES)
        assert command.split()[0] in drawing
    assert not re.search(r"\d\d:\d\d:\d\d|dc:date", drawing), "a date"
