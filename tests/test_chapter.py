"""docs/chapter.md, misconceptions.md and first-session.md say what happens: every command is run, and
what stands below it is what it says. (What is typed at Faultline's own prompt: test_first_session.py.)
Every other block at each commit, all with FAULTLINE_LONG=1.

A block ```console has commands (`$ …`) and lines of their output; `…` stands for lines left out.
In a block ```console varies the words must be the same, numbers need not be."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import LAST_RESORT, ROOT, in_turn

PAGES = ("chapter.md", "misconceptions.md")
BLOCK = re.compile(r"^```console( varies)?\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"


@dataclass
class Command:
    """One, with the lines that it shall print."""

    words: str
    lines: list[str]


@dataclass
class Block:
    """Commands that share a directory, in order."""

    name: str
    varies: bool
    commands: list[Command]


def blocks(page: str) -> list[Block]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    found = []
    for n, (varies, body) in enumerate(BLOCK.findall(text)):
        commands: list[Command] = []
        for line in body.splitlines():
            if line.startswith("$ "):
                commands.append(Command(line[2:], []))
            else:
                commands[-1].lines.append(line)
        program = re.sub(r".*-- |tools/", "", commands[0].words).split()[0]
        found.append(Block(f"{page.split('.')[0]}-{n + 1}-{program}", bool(varies), commands))
    return found


def plain(line: str, varies: bool) -> str:
    line = re.sub(r"\s+", " ", line).strip()
    return re.sub(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+", "N", line) if varies else line


def missing(lines: list[str], output: str, varies: bool) -> str | None:
    """The first line that does not come where it should; None: all do."""
    said = [plain(line, varies) for line in output.splitlines() if line.strip()]
    at, skips = 0, False
    for line in lines:
        if line == LEFT_OUT:
            skips = True
            continue
        wanted = plain(line, varies)
        if skips and wanted in said[at:]:
            at = said.index(wanted, at)
        elif at >= len(said) or said[at] != wanted:
            return line
        at, skips = at + 1, False
    return None if skips or at == len(said) else "(the end)"


ALL = [block for page in (*PAGES, "first-session.md") for block in blocks(page)]
CHOSEN = in_turn(ALL, 2)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A directory in which tools/ is where it is for a reader, and files may be left."""
    (tmp_path / "tools").symlink_to(ROOT / "tools")
    return tmp_path


SAID: dict[str, str] = {}  # what commands that leave no file have said: some stand twice


def output_of(command: str, desk: Path) -> str:
    if command in SAID:
        return SAID[command]
    ended = subprocess.run(
        command,
        shell=True,
        cwd=desk,
        capture_output=True,
        text=True,
        check=False,
        timeout=LAST_RESORT,
        env={**os.environ, "FAULTLINE_NO_BUILD": "1"},
    )
    assert ended.returncode == 0, f"$ {command}\n{ended.stdout}{ended.stderr}"
    if "run.trace" not in command:
        SAID[command] = ended.stdout
    return ended.stdout


@pytest.mark.parametrize("block", CHOSEN, ids=[block.name for block in CHOSEN])
def test_commands_say_what_the_page_says(block: Block, desk: Path):
    for command in block.commands:
        said = output_of(command.words, desk)
        lacks = missing(command.lines, said, block.varies)
        assert lacks is None, f"$ {command.words}\nshould say: {lacks}\nsays:\n{said}"


def test_every_link_leads_somewhere():
    for page in (*PAGES, "figures.md"):
        text = (ROOT / "docs" / page).read_text("utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (ROOT / "docs" / target).exists(), f"{page}: {target}"


def test_no_command_is_left_unrun():
    """What is meant to be typed stands in a block, or is named with its program in running text."""
    for page in PAGES:
        text = BLOCK.sub("", (ROOT / "docs" / page).read_text("utf-8"))
        assert not re.findall(r"^(?:    |\t)\S*tools/", text, re.MULTILINE)
        assert "```" not in text
