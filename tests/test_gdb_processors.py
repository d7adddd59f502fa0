"""GDB on several processors: what each is at, and, in a shootdown, who is asked and why. Schedules differ between
versions of QEMU: the moments are found by conditions, and only what these make sure of is claimed."""

from __future__ import annotations

import re

import gdb_session
import pytest

# The one that asks is in the kernel (mode 0), and another runs user code (1), the only one that does.
MODES = {count: "+".join(f"processors[{n}].mode" for n in range(count)) for count in (2, 4)}
ASKED = {count: f"break shootdown if count == 1 && {modes} == 1" for count, modes in MODES.items()}
LINE = re.compile(
    r"^([* ]) processor (\d): (.+), (space \d+|no space); (.+); (nothing to forget|\d+ requests? behind)$"
)


def lines(said: str) -> list[re.Match[str]]:
    found = [LINE.match(line) for line in said.splitlines() if line.strip()]
    assert all(found), said
    return [each for each in found if each]


@pytest.mark.parametrize("count", [2, 4])
def test_a_shootdown_is_explained(count: int):
    """Before the request, with it, and after it."""
    commands = [ASKED[count], "continue", "vm cpus", "vm why", "finish", "vm cpus", "vm why", "info threads"]
    said = gdb_session.run(f"--boot=--cpus {count}", "/test/shootdown", commands=commands)
    before, after = (lines(text) for text in said.all("vm cpus"))
    for told in (before, after):
        assert [int(each[2]) for each in told] == list(range(count)), said.text()
        assert [each[1] for each in told].count("*") == 1
    asker = next(each for each in before if each[1] == "*")
    assert asker[5] == "in the kernel, has translations forgotten"
    assert asker[3].startswith("shootdown (process 2), thread ")
    user = [each for each in before if each[5] == "runs user code"]
    assert len(user) == 1 and user[0][4] == asker[4], said.text()
    assert all(each[6] == "nothing to forget" for each in user), "who runs user code owes nothing"

    why, later = said.all("vm why")
    who = rf"shootdown \(process 2\), thread \d+, on processor {asker[2]}"
    assert re.search(rf"^{who}: a shootdown: all are to forget 0x", why, re.M)
    assert "only when no other can use the old translations" in why
    asked = re.search(r"^  processor (\d) runs user code: it may use the old translation; (.*)$", why, re.M)
    assert asked and asked[1] == user[0][2] and asked[2].startswith("it is interrupted, and waited for")
    others = re.findall(r"^  processor \d (.*)$", why, re.M)
    assert len(others) == count - 1
    assert all("not asked" in each or "not waited for" in each or "waited for; " in each for each in others)
    assert "a shootdown:" not in later, "it is over"
    assert len(re.findall(r"^[* ] +\d+ +Thread", said["info threads"], re.M)) == count

    now = after[int(user[0][2])]
    assert now[5] != "runs user code" or now[6] == "nothing to forget", "it has forgotten, or come into the kernel"


def test_who_waits_is_told_for_what():
    """While one is in the kernel, the others come, and wait for its lock."""
    waiting = "break mm_lock_take if processors[0].mode == 0 && processors[1].mode == 0"
    found = []
    for stop in ("break space_unmap_locked", waiting):
        said = gdb_session.run("--boot=--cpus 2", "/test/shootdown", commands=[stop, "continue", "vm cpus"])
        found += [each[5] for each in lines(said["vm cpus"])]
    assert any("waits for the kernel's lock" in each for each in found), found


def test_one_processor():
    said = gdb_session.run("demo-cow", commands=["vm cpus", "vm cpus 1"])
    one = r"\* processor 0: demo-cow \(process 2\), thread \d+, space \d+; runs user code; nobody else is to be told"
    assert re.fullmatch(f"{one} anything", said["vm cpus"].strip()), said.text()
    assert "too many words" in said["vm cpus 1"]
