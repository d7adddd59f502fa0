"""Ten sessions of a real GDB on a live kernel, one for each kind of fault: stop at it, have it
told, and follow its steps to what it became."""

import re

import gdb_session
import pytest

MACHINE = "--boot=--ram 10M --swap 32M --image-latency 500"
SERVED = ["zero-fill", "zero-page", "file", "page-in", "copy", "reuse", "rescue", "resident", "spurious"]
SLEEPS = 9  # steps of a fault that sleeps, and begins again: 2 3 4, 1 2 3 4 5 6


def session(kind: str, steps: int) -> gdb_session.Transcript:
    follow = ["continue", "delete", "vm why", *["vm step"] * steps]
    return gdb_session.run(
        MACHINE, "fault-kinds", commands=[f"vm break fault kind={kind} prog=fault-kinds", *follow]
    )


@pytest.mark.parametrize("kind", SERVED)
def test_served(kind):
    said = session(kind, SLEEPS if kind == "file" else 5)
    assert f"\n  will be: {kind}" in said["continue"]
    assert f"\n  so this is: {kind}, a m" in said["vm why"]
    steps = said.all("vm step")
    numbers = [int(number) for text in steps for number in re.findall(r"step (\d) of 6", text)]
    assert numbers[:3] == [2, 3, 4] and numbers[-2:] == [5, 6], steps
    assert f"it has become: {kind}, a m" in steps[-1]


def test_refused():
    said = session("invalid", 0)
    assert "\n  will be: invalid" in said["continue"]
    assert "\n  so this is: invalid, refused" in said["vm why"]
