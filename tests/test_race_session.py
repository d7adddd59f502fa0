"""docs/race-session.md: every command is given again, and says the same; the page shows the race.

Numbers may differ, words may not. `python3 tests/test_race_session.py` writes into the document what is said today."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
import test_gdb_doc
from support import LONG, ROOT
from test_guided_session import CONSOLE, run_blocks

DOCUMENT = ROOT / "docs/race-session.md"
NEVER = "whoever has heard of a round finds that round, or a later one"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("race")


def test_every_command_says_so(folder: Path):
    there = CONSOLE.findall(DOCUMENT.read_text("utf-8"))
    for block, now in zip(there, run_blocks(folder, there), strict=True):
        assert test_gdb_doc.bare(block) == test_gdb_doc.bare(now)


def test_the_page_of_it_is_made(folder: Path):
    """Its lanes are tried by test_view_processors.py."""
    tool = [str(ROOT / "tools/trace"), "view", str(folder / "planted.trace")]
    page = subprocess.run(tool, capture_output=True, check=True).stdout
    assert b"</html>" in page and len(page) > 100_000


@pytest.mark.parametrize("seed", range(1, 21 if LONG else 3))
def test_the_trees_own_kernel_never_reads_what_is_over(boot, seed: int):
    result = boot("--cpus", "2", "--ram", "32M", "--interleave", str(seed), "--", "demo-race")
    assert result.status == 0 and f"* {NEVER}" in result.text, result.report()


def test_one_processor_alone_says_what_it_cannot_tell(boot):
    result = boot("--", "demo-race")
    assert result.status == 0 and "nobody comes in between" in result.text, result.report()


def write() -> None:
    """Put today's answers into the document."""
    text = DOCUMENT.read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="faultline-") as scratch:
        now = iter(run_blocks(Path(scratch), CONSOLE.findall(text)))
        text = CONSOLE.sub(lambda _: f"```console\n{next(now)}```", text)
    DOCUMENT.write_text(text, "utf-8")


if __name__ == "__main__":
    os.chdir(ROOT)
    write()
