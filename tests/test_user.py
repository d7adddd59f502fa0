"""Every TAP program of user/tests, in little memory; again with a slow disk and every copy from and
to user memory asleep; and again where pages have to go."""

import pytest
from support import LONG
from user_programs import AUDITED, PROGRAMS, complaints, words

SEEDS = ("1", "2", "3") if LONG else ("1",)
SCARCE = ("--ram", "20M", "--swap", "128M", "--swap-latency", "100", "--alloc", "working-set")


def run(boot, program: str, *options: str, job: str = AUDITED) -> None:
    assert complaints(boot(*words(program, *options, job=job))) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_program(boot, program):
    run(boot, program, "--ram", "64M")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_copy_sleeps(boot, program, seed):
    slow = ("--image-latency", "50", "--param", f"copy_sleep={seed}")
    run(boot, program, "--ram", "64M", *slow)


@pytest.mark.parametrize("program", PROGRAMS)
def test_pages_go(boot, program):
    """What counts frames or faults is skipped, and nothing else."""
    run(boot, program, *SCARCE, job=f"export TAP_SCARCE=1; {AUDITED}")


def test_weighed(boot):
    """vm.swappiness, where there is a swap area."""
    run(boot, "swappiness", "--ram", "64M", "--swap", "64M")


def test_there_are_programs():
    assert PROGRAMS
