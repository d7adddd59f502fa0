"""The second machine: what runs in QEMU runs in Bochs, which takes less on trust, and faults as often."""

from __future__ import annotations

import re

import pytest
from support import LONG, PANIC, commits, run_boot
from user_programs import PROGRAMS, complaints, words

BOCHS = ("--machine", "bochs")
# What a second opinion is worth most about: how the processor enters the kernel and leaves it.
SHORT = "exact-flags entry-flags exceptions selectors vectors step cow mprotect signal fork".split()
FEW = 2  # of these at each commit, others in turn


def test_what_it_writes_and_how_it_ends():
    result = run_boot(*BOCHS, "--", "sh", "-c", "echo told; exit 7")
    assert (result.text, result.status) == ("told\n", 7)
    assert result.stderr.startswith("faultline: version "), result.report()


def test_the_kernel_refuses_and_says_why():
    result = run_boot(*BOCHS, "--param", "nosuch=1", "--", "true")
    assert result.status == PANIC and 'parameter "nosuch=1": not known; stopped' in result.stderr, result.report()


@pytest.mark.parametrize("option", [["--uefi"], ["--realtime"], ["--trace", "x"], ["--deadline", "9"]])
def test_what_only_qemu_can_is_refused(option):
    result = run_boot(*BOCHS, *option, "--", "true")
    assert result.status == 2 and f"--machine bochs has no {option[0]}" in result.stderr, result.report()


def faults_in(text: str) -> list[str]:
    """Each fault's address, region, kind and answer: no frames, and nothing that hangs on time."""
    told = re.findall(r"^ +\d+  (.*)\n +-> (\w+)", text, re.MULTILINE)
    return [" ".join(each) for each in told]


def faults_told(*machine: str) -> list[str]:
    return faults_in(run_boot(*machine, "--", "faults", "one-fault").text)


def test_the_same_faults():
    qemu = faults_told()
    assert len(qemu) == 4 and faults_told(*BOCHS) == qemu


STRINGS = """
for policy in fifo lru clock; do refstring --policy $policy --frames 3 1 2 3 4 1 2 5 1 2 3 4 5; done
refstring --policy clock --frames 16 --generate zipf 60 20
"""


@pytest.mark.parametrize("job", [STRINGS, "swaptest 4"])
def test_the_same_victims(job):
    """Reference strings, live, page by page; and a program that swaps in so many frames."""
    room = ("--ram", "32M", "--swap", "64M", "--frames", "512", "--policy", "fifo")
    seen = [run_boot(*machine, *room, "--", "sh", "-c", job) for machine in (("--grub",), BOCHS)]
    assert seen[0].status == seen[1].status == 0, seen[1].report()
    assert seen[0].text == seen[1].text != ""


WITHOUT_SMAP = ("--qemu-arg=-cpu", "--qemu-arg=qemu64,+smep,+umip")


def mixes(count: int, *settings: str) -> str:
    return f"{' '.join(settings)} TRAP_SEED={commits()} TRAP_MIX={count} /test/trap-mix"


def sums(machine: tuple[str, ...], job: str) -> list[str]:
    """What the mixes came to, none of which has ended the kernel."""
    result = run_boot(*machine, "--", "sh", "-c", job)
    assert result.status == 0 and "panic" not in result.stderr, result.report()
    return re.findall(r"^# \d+ mixes gave (\w+)", result.text, re.MULTILINE)


def test_the_same_of_every_mix_of_traps():
    """Steps, MOV SS, returns, bad stacks and flags, put together at random: signals, and the same on both, but for
    what is in docs/platforms.md: in part, that is where SMAP is on. All together first, with interrupts between."""
    count = 100_000 if LONG else 1000
    every, alike, beside_smap = (mixes(count, setting) for setting in ("", "TRAP_ALIKE=1", "TRAP_ALIKE=2"))
    bochs = sums(BOCHS, f"{every} && {alike} && {beside_smap}")
    qemu = sums((), f"{every} && {alike}") + sums(WITHOUT_SMAP, beside_smap)
    assert len(qemu) == len(bochs) == 3 and qemu[1:] == bochs[1:]


CHOSEN = PROGRAMS if LONG else [SHORT[(commits() * FEW + more) % len(SHORT)] for more in range(FEW)]


@pytest.mark.parametrize("program", CHOSEN)
def test_program(program):
    result = run_boot(*words(program, *BOCHS, "--ram", "64M"))
    assert complaints(result) == [], result.report()
