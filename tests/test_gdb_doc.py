"""docs/gdb.md is what GDB says: its sessions are run again, and compared line by line.

Numbers may differ from compiler to compiler, words may not. `python3 tests/test_gdb_doc.py`
writes into the page what GDB says today."""

from __future__ import annotations

import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import gdb_session
import pytest
from support import BOOT, ROOT

PAGE = ROOT / "docs/gdb.md"
SESSION = re.compile(r"<!-- session: (.*) -->")
BLOCK = re.compile(r"^```gdb\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RECORD = "record "  # a session's words: record PROGRAM, which is then replayed
KERNEL = "kernel"  # …: no program


@dataclass
class Session:
    """One run of GDB, told in several blocks."""

    words: str
    blocks: list[str]

    def commands(self) -> list[str]:
        return [line[len(gdb_session.PROMPT) :] for line in "".join(self.blocks).splitlines()
                if line.startswith(gdb_session.PROMPT)]  # fmt: skip


def sessions(text: str) -> list[Session]:
    """In the page's order."""
    _, *parts = SESSION.split(text)
    return [
        Session(words, BLOCK.findall(part))
        for words, part in zip(parts[::2], parts[1::2], strict=True)
    ]


def play(session: Session) -> list[str]:
    """What GDB says today, block by block."""
    with tempfile.TemporaryDirectory(prefix="faultline-") as scratch:
        words = shlex.split(session.words)
        if session.words.startswith(RECORD):
            folder = str(Path(scratch) / "recording")
            command = [str(BOOT), "--record", folder, "--", *words[1:]]
            subprocess.run(command, check=True, capture_output=True, env=gdb_session.environment())
            words = ["--replay", folder]
        elif session.words == KERNEL:
            words = []
        said = gdb_session.run(*words, commands=session.commands())
    answers = iter(said.said)
    counts = [block.count("\n" + gdb_session.PROMPT) + 1 for block in session.blocks]
    return ["".join(shown(*next(answers)) for _ in range(count)) for count in counts]


def shown(command: str, said: str) -> str:
    """A command and its answer as the page has them: without empty lines."""
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    return "\n".join([gdb_session.PROMPT + command, *lines]) + "\n"


def bare(text: str) -> list[str]:
    """The words, without numbers and how they are aligned; and without the referenced bit of an
    entry, as when it was last cleared is chance."""
    text = re.sub(r"\b(user) A\b", r"\1", text)
    text = re.sub(r"0x[0-9a-f]+|\b\d+\b", "N", text)
    text = re.sub(r"\bN(-N)?( N(-N)?)* …?", "N ", text)  # a list of slots or frames
    text = re.sub(r"^\[Switching to .*\n", "", text, flags=re.MULTILINE)  # on which processor it was is chance
    text = re.sub(r"(N ns since the kernel's entry:).*", r"\1", text)  # where that is, is chance
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]


PLAYED = sessions(PAGE.read_text("utf-8"))


@pytest.mark.parametrize(
    "session", PLAYED, ids=[session.words.split()[-1] + str(i) for i, session in enumerate(PLAYED)]
)
def test_page_says_what_gdb_says(session: Session):
    for there, now in zip(session.blocks, play(session), strict=True):
        assert bare(there) == bare(now)


def test_every_kind_has_its_story():
    text = PAGE.read_text("utf-8")
    for kind in ("zero-fill", "zero-page", "file, a major", "copy", "reuse", "resident", "spurious",
                 "page-in, a major", "rescue", "invalid"):  # fmt: skip
        assert f"so this is: {kind}" in text


def write() -> None:
    """Put today's answers into the page."""
    text = PAGE.read_text("utf-8")
    for session in sessions(text):
        for there, now in zip(session.blocks, play(session), strict=True):
            text = text.replace(f"```gdb\n{there}```", f"```gdb\n{now}```", 1)
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
