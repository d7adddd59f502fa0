"""Threads: a thousand of them, threads that fault together in little memory, calls at random."""

import re

import pytest
from support import in_turn
from user_programs import failures

AUDITED = '"$@"; status=$?; cat /proc/audit; exit $status'

LITTLE = {
    "slow disks": ("--image-latency", "500", "--swap", "16M", "--swap-latency", "300"),
    "lru": ("--frames", "150", "--swap", "16M", "--swap-latency", "100", "--policy", "lru"),
    "random": ("--frames", "110", "--swap", "16M", "--swap-latency", "900", "--policy", "random"),
    "fifo": ("--frames", "130", "--swap", "16M", "--image-latency", "200", "--policy", "fifo"),
}


def audited(*words):
    return ("sh", "-c", AUDITED, "sh", *words)


@pytest.mark.parametrize("memory", LITTLE)
def test_faults_of_threads_in_little_memory(boot, memory):
    options = ("--ram", "64M", "--param", "audit=500", "--param", "junk=1", *LITTLE[memory])
    result = boot(*options, "--", *audited("/test/threads-memory"))
    assert failures(result.text) == []
    assert result.text.endswith("\n0 broken\n")


def test_a_thousand_threads_lose_no_wake_up_and_do_the_same_twice(boot):
    job = ("--ram", "256M", "--", *audited("many-threads", "100", "10", "100"))
    first, second = boot(*job), boot(*job)
    assert first.text.startswith(
        "100 of 100 processes came to their end\n"
        "100000 tokens passed, 2000 turns taken, sum 99000\n"
    )
    assert first.text.endswith("\n0 broken\n")
    assert first.stdout == second.stdout
    assert first.stderr == second.stderr


def test_a_thousand_threads_at_once_in_64_mebibytes(boot):
    """Their kernel stacks alone are 16 MiB."""
    job = audited("many-threads", "50", "20", "20")
    result = boot("--ram", "64M", "--swap", "64M", "--", *job)
    assert "50 of 50 processes came to their end\n20000 tokens passed" in result.text
    assert result.text.endswith("\n0 broken\n")


FUZZ = {
    "64M": ("--ram", "64M"),
    "32M with swap": ("--ram", "32M", "--swap", "32M", "--swap-latency", "200"),
    "slow image": ("--ram", "64M", "--image-latency", "100"),
    "copies asleep": ("--ram", "64M", "--param", "copy_sleep=1"),
}


# Three of these at each commit.
@pytest.mark.parametrize("machine, seed", in_turn([(machine, seed) for machine in FUZZ for seed in range(1, 4)], 4))
def test_calls_at_random(boot, machine, seed):
    options = (*FUZZ[machine], "--param", "audit=2000", "--param", "junk=1")
    job = audited("callfuzz", str(seed), "100000")
    result = boot(*options, "--", *job)
    assert result.status == 0
    assert re.match(r"100000 calls made; \d+ workers replaced", result.text)
    assert result.text.endswith("\n0 broken\n")
