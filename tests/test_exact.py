"""Exact mode on the live kernel: what it records is what the program did, and what policies make of it.

What counts as a reference is tested in user/tests/exact*.c, instruction by instruction.
"""

import random
import re
import subprocess

import agreement
import pytest
from support import BUILD, LAST_RESORT, find

TEXTBOOK = "7r 0r 1r 2r 0r 3r 0r 4r 2r 3r 0r 3r 2r 1r 2r 0r 1r 7r 0r 1r"
POLICIES = "clock fifo clock-rm aging lfu mfu random sieve wsclock clock-pro distance lru".split()
OPTIONS = ("--ram", "64M", "--swap", "16M", "--param", "audit=1000")


def simulate(*words: str, stdin: str) -> str:
    command = [str(BUILD / "policysim"), *words]
    result = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=LAST_RESORT, check=True
    )
    return result.stdout


def recorded(text: str) -> list[tuple[int, str]]:
    """(address, kind) for each line of memory.references."""
    lines = re.findall(r"^0x([0-9a-f]+) ([rwx]) # \d+ *$", text, re.MULTILINE)
    return [(int(address, 16), kind) for address, kind in lines]


def lru_faults(string: str, frames: int) -> int:
    words = ("--exact", "--policy", "lru", "--frames", str(frames), "--tsv", "--file", "-")
    return int(simulate(*words, stdin=string).splitlines()[1].split("\t")[3])


@pytest.mark.parametrize(("seed", "frames"), [(0, 3), (1, 2), (2, 5), (3, 9)])
def test_the_recorded_string_is_the_programs(boot, seed, frames):
    dice = random.Random(seed)
    string = TEXTBOOK.split()
    if seed:
        string = [f"{dice.randrange(16)}{dice.choice('rw')}" for _ in range(700)]
    job = ("/test/exact-policy", "record", "lru", str(frames), *string)
    result = boot(*OPTIONS, "--", *job, witness=True)
    assert result.status == 0
    seen = recorded(result.text)
    assert agreement.on_pages(result.seen, {address for address, _ in seen}) == [address for address, _ in seen]
    first = min(address for address, _ in seen) - 4096 * min(int(word[:-1]) for word in string)
    assert [f"{(address - first) // 4096}{kind}" for address, kind in seen] == string
    faults = int(find(r"^# faults (\d+)$", result.text)[1])
    assert faults == lru_faults(result.text, frames) == lru_faults(" ".join(string), frames)
    if not seed:
        assert faults == 12, "the textbook's string under LRU with 3 frames"


def test_every_victim_in_exact_mode(boot, tmp_path):
    dice = random.Random(10)
    cases = []
    for policy in POLICIES:
        for length in (60, 300, 900):
            frames = dice.choice([2, 3, 4, 7, 16, 40])
            pages = frames + dice.randrange(1, 2 * frames + 3)
            tick = dice.choice([0, 1, 3, frames // 8 + 1])
            string = (f"{dice.randrange(pages)}{dice.choice('rw')}" for _ in range(length))
            cases.append(f"{policy} {frames} 1 {tick} {' '.join(string)}")
    batch = tmp_path / "batch"
    batch.write_text("\n".join(cases) + "\n", encoding="utf-8")
    result = boot(*OPTIONS, "--stdin", str(batch), "--", "refstring", "--batch")
    assert result.status == 0
    live = result.text.splitlines()
    paper = simulate("--batch", stdin=batch.read_text("utf-8")).splitlines()
    assert len(live) == len(paper) == len(cases)
    wrong = [case[:60] for case, a, b in zip(cases, live, paper, strict=True) if a != b]
    assert wrong == []


# Tests of other things, as programs that run in exact mode as ever. (Not those that count faults or
# resident pages: see docs/exact-mode.md.)
PROGRAMS = "fork exec signal signal-state segv stack mprotect".split()

RUN = """
mkdir /sys/fs/cgroup/g
echo 1 > /sys/fs/cgroup/g/memory.exact
(echo 0 > /sys/fs/cgroup/g/cgroup.procs; exec "$0")
status=$?
grep exact_references /sys/fs/cgroup/g/memory.stat
cat /proc/audit
exit $status
"""


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_notice_nothing(boot, program):
    result = boot(*OPTIONS, "--", "sh", "-c", RUN, f"/test/{program}")
    assert re.findall(r"^not ok.*", result.text, re.MULTILINE) == []
    assert result.status == 0
    assert int(find(r"^exact_references (\d+)$", result.text)[1]) > 500
    assert result.text.endswith("\n0 broken\n"), "the audit after it"
