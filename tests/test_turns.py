"""Nobody waits long for his turn, whatever the others have the kernel do: beside each call whose
work grows with what a program can make, a bystander looks at the clock, in virtual time.

A third of the calls at each commit, all with FAULTLINE_LONG=1."""

import re

import pytest
import support

SLICE = 10_000  # us (kernel/process/turns.h)

# The rest of one slice, and what the kernel does between two looks at the clock.
MOST = 3 * SLICE

# These are done in one go, since what is half changed could not be told from what is broken: in
# proportion to the group's frames (docs/decisions.md).
WHOLE = {"group-policy", "group-rmdir", "group-exact"}

SOURCES = sorted((support.ROOT / "user/turns").glob("*.c"))
CALLS = [name for path in SOURCES for name in re.findall(r'^    \{"([\w-]+)", ', path.read_text("utf-8"), re.M)]
ASKED = {*support.in_turn(CALLS, 3), *WHOLE}


@pytest.fixture(scope="module")
def waits():
    result = support.run_boot("--ram", "512M", "--swap", "64M", "--", "turns", *sorted(ASKED))
    assert result.status == 0, result.text
    return {name: int(wait) for name, wait in map(str.split, result.text.splitlines())}


def test_the_bystander_has_his_turn(waits):
    long = {name: wait for name, wait in waits.items() if wait > MOST and name not in WHOLE}
    assert long == {}


def test_all_frames_of_a_group_at_once(waits):
    assert max(waits[name] for name in WHOLE) < 8 * MOST


def test_there_are_calls(waits):
    assert set(waits) == ASKED and len(CALLS) > 60
