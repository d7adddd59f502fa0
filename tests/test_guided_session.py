"""docs/guided-session.md: every command is given again, and says the same; so does the page.

Numbers may differ, words may not. `python3 tests/test_guided_session.py` writes into the document
what is said today."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
import test_gdb_doc
from support import LAST_RESORT, ROOT, find

from faultline.browser import Browser

DOCUMENT = ROOT / "docs/guided-session.md"
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GDB = re.compile(r"^```gdb\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KINDS = ("zero-page", "zero-fill", "file, major", "file, minor", "copy", "reuse", "resident",
         "spurious", "rescue", "page-in", "invalid: SIGSEGV", "invalid: SIGBUS")  # fmt: skip


def console(block: str, folder: Path) -> str:
    """The commands of a block given to a shell in the folder; each with its answer."""
    said = []
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        ended = subprocess.run(
            line[2:], shell=True, cwd=folder, capture_output=True, text=True, timeout=LAST_RESORT, check=False
        )
        assert ended.returncode == 0, f"{line}\n{ended.stderr}"
        said.append(f"{line}\n{ended.stdout}")
    return "".join(said)


def run_blocks(folder: Path, blocks: list[str]) -> list[str]:
    (folder / "tools").symlink_to(ROOT / "tools")
    return [console(block, folder) for block in blocks]


def gdb_session() -> test_gdb_doc.Session:
    return next(iter(test_gdb_doc.sessions(DOCUMENT.read_text("utf-8"))))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guided")


@pytest.fixture(scope="module")
def answers(folder: Path) -> list[str]:
    return run_blocks(folder, CONSOLE.findall(DOCUMENT.read_text("utf-8")))


def test_console(answers: list[str]):
    for there, now in zip(CONSOLE.findall(DOCUMENT.read_text("utf-8")), answers, strict=True):
        assert test_gdb_doc.bare(there) == test_gdb_doc.bare(now)


def test_gdb():
    session = gdb_session()
    for there, now in zip(session.blocks, test_gdb_doc.play(session), strict=True):
        assert test_gdb_doc.bare(there) == test_gdb_doc.bare(now)


def test_page(folder: Path, answers: list[str]):
    """The page tells each of these faults in the steps and the last sentence of `explain`."""
    told = [text for text in answers if "tools/trace explain" in text]
    assert len(told) == len(KINDS)
    with Browser() as window:
        window.open(folder / "kinds.html")
        window.wait("window.faultline && faultline.ready")
        for text in told:
            number = int(find(r"^Fault (\d+):", text)[1])
            window.run("location.hash = `#fault=${arguments[0]}`; faultline.app.openAt(location.hash)", number)
            story = window.run("return document.getElementById('story').textContent")
            assert f"Fault {number}:" in story
            assert find(r"^It (?:was a .*|took .*)$", text)[0] in story


def test_every_kind_is_there():
    text = DOCUMENT.read_text("utf-8")
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert [title for title, kind in zip(titles, KINDS, strict=True) if not title.startswith(kind)] == []
    for kind in {kind.split(",")[0].split(":")[0] for kind in KINDS}:
        assert re.search(f"so this is: {kind},", text) and re.search(f"^It was a .* fault, {kind}:", text, re.MULTILINE)


def write() -> None:
    """Put today's answers into the document."""
    text = DOCUMENT.read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="faultline-") as scratch:
        console_now = iter(run_blocks(Path(scratch), CONSOLE.findall(text)))
        text = CONSOLE.sub(lambda _: f"```console\n{next(console_now)}```", text)
    gdb_now = iter(test_gdb_doc.play(gdb_session()))
    text = GDB.sub(lambda _: f"```gdb\n{next(gdb_now)}```", text)
    DOCUMENT.write_text(text, "utf-8")


if __name__ == "__main__":
    os.chdir(ROOT)
    write()
