"""A real GDB on a live kernel stops at a fault of each kind: it has it told, and follows its steps to what it became.

One session goes from kind to kind, by the functions of user/fault-kinds.c that make them. In one of its own, each
is found among all the faults before it: thousands, for some. Those that come soon have their turn with the commits;
all, with FAULTLINE_LONG."""

import itertools
import re

import gdb_session
import pytest
from support import LONG, in_turn

MACHINE = "--boot=--ram 10M --swap 32M --image-latency 500"
SOON = ("zero-page", "zero-fill", "file", "copy", "reuse", "resident", "spurious")  # in the order in which they come
LATE = ("rescue", "page-in", "invalid")
STEPS = {"file": 9, "invalid": 0}  # who sleeps begins again: 2 3 4, 1 2 3 4 5 6; the others have five to go
Said = list[tuple[str, str]]


def asked(kind: str) -> list[str]:
    follow = ["delete", "vm why", *["vm step"] * STEPS.get(kind, 5)]
    return [f"vm break fault kind={kind} prog=fault-kinds", "continue", *follow]


def is_so(kind: str, said: Said) -> None:
    """What GDB said to these questions."""
    told = dict(said)
    assert f"\n  will be: {kind}" in told["continue"]
    if kind == "invalid":
        assert "\n  so this is: invalid, refused" in told["vm why"]
        return
    assert f"\n  so this is: {kind}, a m" in told["vm why"]
    steps = [text for command, text in said if command == "vm step"]
    numbers = [int(number) for text in steps for number in re.findall(r"step (\d) of 6", text)]
    assert numbers[:3] == [2, 3, 4] and numbers[-2:] == [5, 6], steps
    assert f"it has become: {kind}, a m" in steps[-1]


@pytest.fixture(scope="module")
def session() -> dict[str, Said]:
    """What is said of each kind, in the one session."""
    there = [[f"tbreak kind_{kind.replace('-', '_')}", "continue"] for kind in (*SOON, *LATE)]
    parts = [way + asked(kind) for way, kind in zip(there, (*SOON, *LATE), strict=True)]
    answers = iter(gdb_session.run(MACHINE, "fault-kinds", commands=sum(parts, [])).said)
    found = [list(itertools.islice(answers, len(part))) for part in parts]
    return {kind: said[2:] for kind, said in zip((*SOON, *LATE), found, strict=True)}


@pytest.mark.parametrize("kind", (*SOON, *LATE))
def test_from_kind_to_kind(session, kind):
    is_so(kind, session[kind])


@pytest.mark.parametrize("kind", [*in_turn(SOON, len(SOON)), *(LATE if LONG else ())])
def test_among_all(kind):
    is_so(kind, gdb_session.run(MACHINE, "fault-kinds", commands=asked(kind)).said)
