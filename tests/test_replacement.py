"""Page replacement, live: the textbook's numbers, and every victim as the simulator says."""

from __future__ import annotations

import re
import subprocess

import agreement
import pytest
import replacement
import support

BOOK = "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1".split()
BELADY = "1 2 3 4 1 2 5 1 2 3 4 5".split()
SMALL = ("--ram", "24M", "--swap", "16M")


def last_line(result) -> str:
    assert result.status == 0, result.report()
    return result.text.splitlines()[-1]


@pytest.mark.parametrize(
    "policy, frames, string, faults",
    [
        ("fifo", "3", BOOK, 15),
        ("lru", "3", BOOK, 12),
        ("fifo", "3", BELADY, 9),
        ("fifo", "4", BELADY, 10),
        ("lru", "3", BELADY, 10),
        ("lru", "4", BELADY, 8),
    ],
)
def test_the_textbooks_numbers(boot, policy, frames, string, faults):
    words = ("refstring", "--frames", frames, "--policy", policy)
    result = boot(*SMALL, "--", *words, *string, witness=True)
    assert last_line(result) == f"faults {faults}"
    missed = agreement.of_a_region(result.seen, len(set(string)))
    assert len(missed) == (len(string) if policy == "lru" else faults)  # LRU is exact: each reference traps


def test_opt_of_the_simulator():
    words = [str(replacement.SIMULATOR), "--frames", "3", "--policy", "opt", "--tsv", *BOOK]
    result = subprocess.run(words, capture_output=True, text=True, check=True)
    assert re.search(r"^opt\t.*\b9\b", result.stdout, re.MULTILINE), result.stdout


def test_the_textbooks_grid(boot):
    words = ("refstring", "--grid", "--frames", "3", "--policy", "fifo", *BOOK)
    lines = boot(*SMALL, "--", *words).text.splitlines()
    assert lines[0].split() == ["reference", *BOOK]
    assert lines[1].split()[2:] == "7 7 7 2 2 2 2 4 4 4 0 0 0 0 0 0 0 7 7 7".split()
    assert lines[4].count("*") == 15
    assert max(map(len, lines)) <= 80
    assert "victims 7 0 1 2 3 0 4 2 3 0 1 2" in lines


def test_kernel_and_simulator_have_the_same_policies():
    words = [str(replacement.SIMULATOR), "--list"]
    known = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert set(known) - {"opt", "mine"} == set(replacement.policies())


CASES = replacement.random_cases(seed=3, count=200, longest=2000, most_frames=64)
EXACT_CASES = replacement.random_cases(seed=4, count=200, longest=400, most_frames=64)


@pytest.mark.parametrize("policy", support.in_turn(replacement.policies(), 3))
def test_every_victim(boot, policy):
    """200 strings: victims, faults and pages written, in the live kernel and the simulator. Each policy at every
    third commit; with FAULTLINE_LONG at each."""
    exact = policy == "lru"
    text = replacement.batch(policy, EXACT_CASES if exact else CASES, exact)
    turn = [each for each in support.in_turn(replacement.policies(), 3) if each != "lru"]
    witness = not exact and (support.LONG or policy == turn[support.commits() // 3 % len(turn)])  # from outside, too
    expected, live = replacement.simulate(text), replacement.run_live(boot, text, witness=witness)
    assert len(live) == len(expected) == 200
    wrong = [i for i in range(200) if live[i] != expected[i]]
    assert wrong == [], f"case {wrong[0]}:\n{expected[wrong[0]]}\n{live[wrong[0]]}"


def test_victims_with_a_slow_disk(boot):
    """Sleeping in the fault changes nothing of who goes."""
    text = replacement.batch("clock", CASES[:40], False)
    live = replacement.run_live(boot, text, "--swap-latency", "50")
    assert live == replacement.simulate(text)


@pytest.mark.parametrize("latency", ["0", "50"])
def test_an_instruction_that_touches_several_pages_completes(boot, latency):
    script = "for p in lfu mfu random clock fifo; do /test/two-pages $p || exit 1; done"
    result = boot(*SMALL, "--swap-latency", latency, "--", "sh", "-c", script)
    assert result.text == "copied 4000\n" * 5


LIMITS = [(latency, frames) for frames in (1, 40, 100) for latency in ("0", "50")]


@pytest.mark.parametrize("latency, frames", support.in_turn(LIMITS, 2))
def test_a_limit_is_never_exceeded(boot, frames, latency):
    if frames == 1:  # only for a program that has wired itself
        words = ("refstring", "--frames", "1", "--policy", "clock", *BOOK)
        result = boot(*SMALL, "--", *words, witness=True)
        assert last_line(result) == f"faults {len(BOOK)}"
        assert len(agreement.of_a_region(result.seen, len(set(BOOK)))) == len(BOOK)
        return
    options = (*SMALL, "--swap-latency", latency, "--param", "audit=500")
    result = boot(*options, "--", "/test/limit-watch", str(frames))
    assert result.status == 0, result.report()
    seen = {key: int(n) for key, n in re.findall(r"(\w+) (\d+)", result.text)}
    assert seen["looks"] > 10 and seen["evicted"] > 1000
    assert seen["most"] <= frames and seen["peak"] == frames


GROUP_SCRIPT = """
cd /sys/fs/cgroup
mkdir a b; mkdir a/below && echo nested
echo $$ > a/cgroup.procs; cat /proc/self/cgroup; rmdir a && echo removed
echo 409601 > a/memory.max; cat a/memory.max; echo 1M > a/memory.max; cat a/memory.max
echo max > a/memory.max; cat a/memory.max; echo nonsense > a/memory.max && echo taken
cat a/memory.policy; echo sieve > a/memory.policy; cat a/memory.policy b/memory.policy
echo nonsense > a/memory.policy && echo taken
echo 5 > a/memory.tick; cat a/memory.tick
cat a/cgroup.procs | grep -c "^$$\\$"
sh -c 'cat /proc/self/cgroup'
echo $$ > cgroup.procs; rmdir a b; ls -d a b; grep cgroup /proc/mounts; cat /proc/audit
"""


def test_groups_are_directories(boot, tmp_path):
    (tmp_path / "script").write_text(GROUP_SCRIPT)
    result = boot(*SMALL, "--stdin", str(tmp_path / "script"), "--", "sh")
    expected = """0::/a
409600
1048576
max
clock
sieve
clock
5
1
0::/a
cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec 0 0
0 broken
"""
    assert result.text == expected, result.report()
    assert "Device or resource busy" in result.stderr


def test_an_unknown_policy_stops_the_boot():
    image = (support.BUILD / "image.cpio").read_bytes()
    with support.RawMachine(image, "policy=nonesuch") as machine:
        text = machine.wait_for("stopped")
    assert "nonesuch" in text and "sieve" in text


def test_policy_at_boot_is_everybodys(boot):
    words = ("sh", "-c", "mkdir /sys/fs/cgroup/a; cat /sys/fs/cgroup/memory.policy "
             "/sys/fs/cgroup/a/memory.policy")
    assert boot(*SMALL, "--policy", "fifo", "--", *words).text == "fifo\nfifo\n"


@pytest.mark.parametrize("policy", support.in_turn(("clock", "fifo", "random", "distance"), 2))
def test_nobody_starves_in_a_full_group(boot, policy):
    """One process that wants three times the group's frames, and one that wants less than half."""
    options = ("--ram", "32M", "--swap", "16M", "--swap-latency", "1000")
    words = boot(*options, "--", "/test/group-turns", "10", policy).text.split()
    assert words[0] == "modest" and int(words[1]) > 1000
    assert words[2] == "greedy" and int(words[3]) > 300
