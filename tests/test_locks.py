"""How long the kernel's locks are held: tools/locks, and what it finds where several processors run.

Instructions of one operation are the difference between two runs that do it so many times more."""

from __future__ import annotations

import json
import subprocess

import pytest
from support import BUILD, LAST_RESORT, ROOT

FEW, MANY = 500, 1500  # pages
LARGE = 8000  # pages
LONG = 100_000  # instructions for which nobody should wait
KINDS = "touch unmap fork copy protect move discard free wire pageout exec shared truncate remove".split()
# Instructions with the mm lock held, a page: at most. A frame's
# clearing, or copying, takes 512, and none of it is among them.
MOST = {"touch": 650, "copy": 1300}


def locks(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "tools/locks", *words], capture_output=True, text=True, check=False, timeout=LAST_RESORT
    )


def account(cpus: int, *words: str, ram: str = "64M") -> dict:
    """Of tests/bench/operation.c."""
    program = str(BUILD / "bench/operation")
    result = locks("--json", "--cpus", str(cpus), "--ram", ram, "--add", program, "--", "operation", *words)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def faults(found: dict) -> int:
    """Instructions with the mm lock held, by faults."""
    by = ("fault_handle_pinned", "fault_copy_ahead", "fault_prepare", "ready_make")
    return sum(found["mm"][name]["sum"] for name in by if name in found["mm"])


def a_page(kind: str) -> float:
    few, many = (account(2, kind, str(pages)) for pages in (FEW, MANY))
    return (faults(many) - faults(few)) / (MANY - FEW)


def test_nothing_is_cleared_with_the_mm_lock_held():
    assert 300 < a_page("touch") < MOST["touch"]


def test_nothing_is_copied_with_the_mm_lock_held():
    """Of a page that is touched by the parent, and then written to by the child: both faults."""
    assert 600 < a_page("copy") < MOST["touch"] + MOST["copy"]


@pytest.mark.parametrize("cpus", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_nobody_waits_long(kind, cpus):
    """However many pages it is about: others get the mm lock, and interrupts come in."""
    found = account(cpus, kind, str(LARGE), ram="128M")
    held = {name: hold["longest"] for name, hold in found["mm"].items() if hold["longest"] > LONG}
    closed = {name: hold["longest"] for name, hold in found["stretches"].items() if hold["longest"] > LONG}
    assert not held and not closed
    assert sum(hold["sum"] for hold in found["mm"].values()) > 20 * LONG


def test_the_sums_are_those_of_the_parts():
    found = account(2, "touch", "200")
    held = sum(hold["sum"] for hold in found["mm"].values())
    assert held == pytest.approx(sum(found["inside"].values()), rel=0.01)
    assert held < sum(each["kernel"] for each in found["processors"].values())
    assert found["kernel"]["times"] > 100 and len(found["processors"]) == 2
    for hold in found["mm"].values():
        assert hold["longest"] <= hold["sum"] and hold["times"] > 0


def test_one_processor_has_the_mm_lock_too():
    """As many instructions a page as with several, and those of clearing."""
    found = account(1, "touch", "600")
    assert found["mm"]["fault_handle_pinned"]["times"] > 600 and found["kernel"]["times"] == 0


def test_the_table():
    result = locks("--", "sh", "-c", "echo said; exit 3")
    assert result.returncode == 3 and "said" in result.stderr
    assert "the mm lock " in result.stdout and "by fault_handle_pinned" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize("words", [(), ("--",), ("--cpus", "2", "ls")])
def test_a_program_is_wanted(words):
    result = locks(*words)
    assert result.returncode == 2 and "PROGRAM is missing" in result.stderr


def test_what_cannot_run_is_told():
    result = locks("--cpus", "9", "--", "ls")
    assert result.returncode == 2 and "tools/locks: " in result.stderr and "Traceback" not in result.stderr
