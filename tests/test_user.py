"""Every TAP program of user/tests, in little memory; with a slow disk and every copy from and to user
memory asleep; and where pages have to go.

Each program is run in one of these ways, in another with each commit; in all with FAULTLINE_LONG=1. (And many
are run, one after the other, by test_abi.py.)"""

import pytest
from support import LONG, in_turn
from user_programs import AUDITED, PROGRAMS, complaints, words

WAYS = 3
SEEDS = ("1", "2", "3") if LONG else ("1",)
SCARCE = ("--ram", "20M", "--swap", "128M", "--swap-latency", "100", "--alloc", "working-set")


def run(boot, program: str, *options: str, job: str = AUDITED) -> None:
    assert complaints(boot(*words(program, *options, job=job))) == []


@pytest.mark.parametrize("program", in_turn(PROGRAMS, WAYS))
def test_program(boot, program):
    run(boot, program, "--ram", "64M")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("program", in_turn(PROGRAMS, WAYS, after=1))
def test_every_copy_sleeps(boot, program, seed):
    slow = ("--image-latency", "50", "--param", f"copy_sleep={seed}")
    run(boot, program, "--ram", "64M", *slow)


@pytest.mark.parametrize("program", in_turn(PROGRAMS, WAYS, after=2))
def test_pages_go(boot, program):
    """What counts frames or faults is skipped, and nothing else."""
    run(boot, program, *SCARCE, job=f"export TAP_SCARCE=1; {AUDITED}")


def test_weighed(boot):
    """vm.swappiness, where there is a swap area."""
    run(boot, "swappiness", "--ram", "64M", "--swap", "64M")


def test_there_are_programs():
    assert PROGRAMS
