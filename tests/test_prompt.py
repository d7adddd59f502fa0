"""How soon the front doors are there: in seconds of the processor, so that nobody's turn is counted but ours.

The limits are for a machine on which two yardsticks take as long as they say, a loop and a program in the
emulator; a slower one may take as much longer, and one whose caches others use, too."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import BOOT, run_boot
from test_terminal import Terminal

from faultline import iso

YARDSTICK, EMULATED = 0.21, 0.45  # seconds that the loop takes where the limits hold, and the program
FIRST, SECOND, ONE_PROGRAM = 6.0, 3.0, 1.0  # seconds
TRIES = 3  # of which the least counts: what else runs here lengthens some
CLOCK_BEGINS = 1704067200  # 2024-01-01, as tools/boot sets it
SHELL = (str(BOOT), "--grub", "--realtime", "--swap", "64M", "--swap-latency")


def slowness() -> float:
    """How many times longer this machine takes for the same work, at least once."""
    begin = time.process_time()
    total = 0
    for number in range(3_000_000):
        total += number & 7
    return max(1.0, (time.process_time() - begin) / YARDSTICK)


def one_program() -> float:
    """What a program takes that does nothing, from power-on to its end."""
    begin = os.times()
    assert run_boot("--", "true").status == 0
    end = os.times()
    return end.children_user + end.children_system - begin.children_user - begin.children_system


def slowness_emulated() -> float:
    """The same, for emulation, which wants more of the caches."""
    return max(slowness(), one_program() / EMULATED)


def least(work: Callable[[], float]) -> float:
    return min(work() for _ in range(TRIES))


def with_children(process: int) -> list[int]:
    below = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    return [process] + [one for child in below for one in with_children(int(child))]


def cpu_seconds(process: int) -> float:
    """Of a process, and of all below it, those that have ended too."""
    ticks = 0
    for one in with_children(process):
        fields = Path(f"/proc/{one}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))  # utime, stime, and those of children waited for
    return ticks / os.sysconf("SC_CLK_TCK")


def to_the_prompt(*command: str) -> float:
    """What it costs."""
    with Terminal(*command) as terminal:
        terminal.prompt()
        seconds = cpu_seconds(terminal.process.pid)
        terminal.type("poweroff\r")
        terminal.process.wait()
        assert "GRUB from the CD" in terminal.text.partition("version")[0]  # nobody waits before a black screen
        return seconds


def test_make_run_is_soon_at_its_prompt():
    """With a CD that was never made before, and then with that one."""
    latency = str(1_000_000 + os.getpid())
    before = slowness_emulated()
    first = to_the_prompt(*SHELL, latency)
    second = least(lambda: to_the_prompt(*SHELL, latency))
    slow = max(before, slowness_emulated())
    assert (first <= FIRST * slow, second <= SECOND * slow) == (True, True), (first, second, slow)


def test_nobody_waits_on_the_way(boot):
    """What is waited for costs no processor: GRUB's menu, a device that is not there. But the machine's
    clock sees it, which begins at a date of ours, and at so many instructions a second that the work
    on the way is a part of one."""
    told = boot("--grub", "--shift", "0", "--", "date", "+%s")
    assert int(told.text) - CLOCK_BEGINS < 1, told.report()


def test_the_cd_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`make run` again, where nothing can make a CD; and a CD of something else is another one."""
    to_the_prompt("make", "-s", "run")
    rescue = shutil.which(iso.rescue())
    assert rescue is not None
    age = Path(rescue).stat().st_mtime_ns  # of another age, it is another GRUB
    nothing = tmp_path / iso.rescue()
    nothing.write_text("#!/bin/sh\necho made again >&2; exit 1\n")
    nothing.chmod(0o755)
    os.utime(nothing, ns=(age, age))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    to_the_prompt("make", "-s", "run")
    with Terminal(*SHELL, str(2_000_000 + os.getpid())) as terminal:
        terminal.expect("made again")
        assert terminal.process.wait() != 0


def test_one_program_takes_a_second():
    assert least(one_program) <= ONE_PROGRAM * slowness()
