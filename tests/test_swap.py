"""More memory than there is: nothing is lost, whatever the policy, the device, or its errors.

Of all kinds that a machine, a policy and a device make, some are met at each commit: all with FAULTLINE_LONG=1
(make test-long).
"""

from __future__ import annotations

import re

import pytest
import replacement
from support import LONG, find, in_turn

LARGE = ("--ram", "32M", "--swap", "128M")
LATENCIES = ("0", "200")
ENDED = r"^intact \d+ lost \d+ killed \d+ corrupt \d+$"
SLOTS_OF_OTHERS = 400  # KiB: what init has in the swap area, at most


def run(boot, *words: str, size: int, count: int = 1) -> dict[str, int]:
    """swaptest; all counters at the end. The audit is clean, frames and slots have come back."""
    job = ("/test/run-wired", "swaptest", str(size), str(count))
    result = boot(*words, "--", *job)
    assert result.status in (0, 1), result.report()[-3000:]
    numbers = {key: int(n) for key, n in re.findall(r"^(\w+):? +(\d+)", result.text, re.MULTILINE)}
    numbers |= {key: int(n) for key, n in re.findall(r"(\w+) (\d+)", find(ENDED, result.text)[0])}
    assert "\n0 broken\n" in result.text and numbers["corrupt"] == 0, result.report()[-3000:]
    used = numbers["SwapTotal"] - numbers["SwapFree"] - 4 * numbers["swap_slots_retired"]
    assert 0 <= used <= SLOTS_OF_OTHERS
    assert numbers["MemFree"] >= numbers["MemTotal"] * 0.9
    return numbers


POLICIES = [policy for policy in [*replacement.policies(), "mine"] if policy != "lru"]
# Of those that wait, fewer: they are the same ones, more slowly.
MATRIX = [
    *((policy, "0") for policy in in_turn(POLICIES, 2)),
    *((policy, "200") for policy in in_turn(POLICIES, 6)),
]


@pytest.mark.parametrize("policy, latency", MATRIX)
def test_three_times_memory(boot, policy, latency):
    options = (*LARGE, "--policy", policy, "--swap-latency", latency)
    ended = run(boot, *options, size=96)
    assert ended["intact"] == 1
    assert ended["pswpout"] > 96 * 256 - 32 * 256


def test_it_tells_what_it_did(boot):
    """So that two policies can be compared: the same pages written and read, and what each made of it."""
    told = {}
    for policy in ("clock", "fifo"):
        script = "grep pswp /proc/vmstat; swaptest 24 2; grep pswp /proc/vmstat"
        result = boot("--ram", "32M", "--swap", "64M", "--policy", policy, "--", "sh", "-c", script)
        pairs = re.findall(r"([\w-]+) (\d+)", result.text)
        before, numbers, after = dict(pairs[:2]), dict(pairs[2:-2]), dict(pairs[-2:])
        told[policy] = {key: int(n) for key, n in numbers.items()}
        assert f"policy {policy}\n" in result.text, result.report()
        assert told[policy]["page-ins"] <= int(after["pswpin"]) - int(before["pswpin"])
        assert told[policy]["page-outs"] <= int(after["pswpout"]) - int(before["pswpout"])
        assert 0 < told[policy]["major"] <= told[policy]["faults"]
        assert told[policy]["page-outs"] > 24 * 256
    pages = 2 * 24 * 256
    assert told["clock"]["written"] == told["fifo"]["written"] == pages + 2 * pages // 8 + pages // 16
    assert told["clock"]["read"] == told["fifo"]["read"] == 2 * pages + 2 * pages // 8
    assert told["clock"]["page-ins"] != told["fifo"]["page-ins"]


@pytest.mark.parametrize("latency", ["0", "200"] if LONG else ["200"])
def test_exact_lru(boot, latency):
    """Every reference traps: one MiB must do, in a group of a quarter of that."""
    script = """cd /sys/fs/cgroup; mkdir a; echo 256K > a/memory.max; echo lru > a/memory.policy
echo 1 > a/memory.exact; echo $$ > a/cgroup.procs; swaptest 1; cat /proc/audit a/memory.peak"""
    options = ("--ram", "32M", "--swap", "16M", "--swap-latency", latency)
    result = boot(*options, "--", "sh", "-c", script)
    assert result.text.endswith("intact 1 lost 0 killed 0 corrupt 0\n0 broken\n262144\n"), result.report()


@pytest.mark.parametrize("latency", in_turn(LATENCIES, 2))
def test_sixteen_at_once(boot, latency):
    ended = run(boot, "--ram", "32M", "--swap", "256M", "--swap-latency", latency, size=12, count=16)
    assert ended["intact"] == 16


FAILING = [(2, 16, "0"), (12, 16, "0"), (12, 16, "200"), (2, 16, "200")]


@pytest.mark.parametrize("size, count, latency", in_turn(FAILING, 2))
def test_errors_of_the_device(boot, size, count, latency):
    """One percent: owners of lost pages end, and only they; failed writes go elsewhere."""
    options = ("--ram", "32M", "--swap", "256M", "--swap-latency", latency)
    ended = run(boot, *options, "--param", "swap_fail_percent=1", size=size, count=count)
    assert ended["killed"] == 0
    assert ended["lost"] <= ended["swap_read_errors"]
    assert ended["swap_write_errors"] == ended["swap_slots_retired"] > 0
    if size == 2:
        assert 0 < ended["lost"] < count


@pytest.mark.parametrize("latency", in_turn(LATENCIES, 2))
def test_with_swap_full_who_holds_most_ends(boot, latency):
    """user/tests/oom.c, with a swap area that fills up first."""
    options = ("--ram", "64M", "--swap", "16M", "--swap-latency", latency)
    job = ("sh", "-c", "/test/oom; cat /proc/audit")
    result = boot(*options, "--", *job)
    assert "not ok" not in result.text and result.text.endswith("\n0 broken\n"), result.report()


SCHEMES = ("equal", "proportional", "priority", "fault-frequency", "working-set")


@pytest.mark.parametrize("scheme", in_turn(SCHEMES, 3))
def test_with_swap_full_who_holds_most_ends_whatever_its_share(boot, scheme):
    """A share cannot hold what has nowhere to go: it stretches, until memory is out."""
    options = ("--ram", "20M", "--swap", "16M", "--swap-latency", "100", "--alloc", scheme, "--deadline", "60")
    result = boot(*options, "--", "sh", "-c", "/test/oom; cat /proc/audit")
    assert "not ok" not in result.text and result.text.endswith("\n0 broken\n"), result.report()
    assert "out of memory: " in result.stderr, result.report()


def test_what_free_and_diskstats_tell(boot):
    script = "swaptest 40 >/dev/null; free; cat /proc/swaps; grep swap /proc/diskstats"
    result = boot("--ram", "32M", "--swap", "64M", "--swap-latency", "20", "--", "sh", "-c", script)
    assert re.search(r"^Swap: +65536 +\d+ +6\d{4}$", result.text, re.MULTILINE), result.text
    assert re.search(r"^/dev/swap +partition\t65536\t", result.text, re.MULTILINE)
    reads = re.search(r"^ +1 +\d+ swap (\d+) 0 (\d+) ", result.text, re.MULTILINE)
    assert reads and int(reads[1]) > 1000 and int(reads[2]) == 8 * int(reads[1])
