"""docs/first-session.md in the machine of `make run`: at a terminal, in real time, each command typed.

What stands below `faultline# COMMAND` comes when it is typed, in this order; `…` stands for lines left
out. In a block ```console varies numbers may differ. The kernel's own messages come when they come."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from support import LAST_RESORT, ROOT
from test_chapter import Command, missing
from test_terminal import Terminal

PAGE = ROOT / "docs/first-session.md"
BLOCK = re.compile(r"^```console( varies)?\n(faultline# .*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = "faultline# "
AT_PROMPT = re.compile(r"faultline# (?:\x1b\[6n|$)")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LAST = "poweroff"


def commands() -> list[tuple[bool, Command]]:
    """All that is typed at the prompt, in order; whether numbers may differ."""
    found = []
    for varies, body in BLOCK.findall(PAGE.read_text("utf-8")):
        for part in body.split(PROMPT)[1:]:
            words, *lines = part.splitlines()
            found.append((bool(varies), Command(words, lines)))
    return found


TYPED = [(varies, command) for varies, command in commands() if command.words != LAST]


@pytest.fixture(scope="module")
def shell() -> Iterator[Terminal]:
    with Terminal("make", "run") as terminal:
        terminal.expect(AT_PROMPT.pattern)
        yield terminal
        terminal.type(f"{LAST}\r")
        assert terminal.process.wait(LAST_RESORT) == 0


def answer(shell: Terminal, words: str) -> str:
    """What comes between the command and the next prompt."""
    begin = shell.read
    shell.type(f"{words}\r")
    shell.expect(AT_PROMPT.pattern)
    text = ESCAPES.sub("", shell.text[begin : shell.read]).replace("\r", "")
    _, _, said = text.partition("\n")
    lines = said.removesuffix(PROMPT).splitlines()
    return "\n".join(line for line in lines if not line.startswith("faultline: "))


@pytest.mark.parametrize("varies, command", TYPED, ids=[command.words for _, command in TYPED])
def test_it_answers_as_the_page_says(shell: Terminal, varies: bool, command: Command):
    said = answer(shell, command.words)
    lacks = missing(command.lines, said, varies)
    assert lacks is None, f"# {command.words}\nshould say: {lacks}\nsays:\n{said}"
    assert "NOT SO" not in said


def test_fault_by_fault(shell: Terminal):
    """Enter shows the next; ^C ends it."""
    shell.type("faults --step ls /\r")
    for n in range(1, 4):
        shell.expect(rf"(\n|> ) +{n}  \w+ (?:to )?0x")  # whether the key is before its prompt or behind it
        shell.type("\r")
    shell.type("\x03")
    shell.expect(AT_PROMPT.pattern)


def test_the_readme_begins_as_the_session_does():
    """Its one command for the prompt is the page's, and is tried above."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "\n    make run " in readme and "\n    faults one-fault\n" in readme
    assert any(command.words == "faults one-fault" for _, command in TYPED)
