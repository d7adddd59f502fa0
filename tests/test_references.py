"""Strings of references, seen from outside: those of exact mode, and what is worked out from them."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import struct
import subprocess
from collections import deque

import pytest
from support import BUILD, LAST_RESORT, ROOT
from symbols import text_symbols

OPTIONS = ("--ram", "64M", "--swap", "16M")
# In a group with exact mode or without: the same program, in the same circumstances.
RUN = """
mkdir /sys/fs/cgroup/g
echo %d > /sys/fs/cgroup/g/memory.exact
(echo 0 > /sys/fs/cgroup/g/cgroup.procs; exec %s > /tmp/out)
echo 0 > /sys/fs/cgroup/g/memory.exact
cat /sys/fs/cgroup/g/memory.references
"""
PROGRAMS = {
    "one-fault": "one-fault",
    "echo": "/bin/busybox echo a few words",
    "md5sum": "/bin/busybox md5sum /bin/one-fault",
}
LINE = re.compile(r"^0x([0-9a-f]+) ([rwx]) # (\d+) *$", re.MULTILINE)


def run_references(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1"}
    return subprocess.run(
        [ROOT / "tools/references", *words],
        capture_output=True, text=True, env=environment, check=False, timeout=LAST_RESORT,
    )  # fmt: skip


def references(*words: str) -> str:
    ended = run_references(*words)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def string(text: str) -> list[tuple[int, str, int]]:
    return [(int(address, 16), kind, int(space)) for address, kind, space in LINE.findall(text)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_exact_mode_says_the_same(boot, name):
    """Of the last 16,384 references that it keeps, each."""
    command = PROGRAMS[name]
    exact = boot(*OPTIONS, "--", "sh", "-c", RUN % (1, command))
    assert exact.status == 0, exact.report()
    told = string(exact.text)
    last = told[-1][2]
    whole = any(each[2] != last for each in told)
    told = [each for each in told if each[2] == last]
    program = command.split()[0].rpartition("/")[2]
    seen = string(references(*OPTIONS, "--of", program, "--", "sh", "-c", RUN % (0, command)))
    assert len(told) >= 10
    assert [each[:2] for each in seen][-len(told) :] == [each[:2] for each in told]
    if whole or "# lost" not in exact.text:
        assert len(seen) == len(told)


@pytest.mark.parametrize(("words", "status"), [(("sh", "-c", "exit 3"), 3), (("nosuch",), 127)])
def test_a_program_that_fails_is_told_of(words, status):
    ended = run_references("--summary", "--", *words)
    assert ended.returncode == 1 and f"the program ended with status {status}" in ended.stderr
    assert "references " in ended.stdout


# --- From a stream made here ------------------------------------------------------------------------

PAGE_FAULT, SYSCALL = 0x1000, 0x2000
CODE = 0x401000


def access(page: int, how: int, times: int = 1, user: bool = True) -> list[int]:
    return [0x01 << 56 | page | how << 36 | user << 38 | times << 39]


def fetch(page: int, times: int = 1) -> list[int]:
    return access(page, 2, times)


def enter(handler: int, pc: int) -> list[int]:
    return [0x42 << 56 | handler, pc]


def leave(pc: int) -> list[int]:
    return [0x06 << 56 | pc]


def made(words: list[list[int]], *options: str) -> str:
    flat = [word for part in words for word in part]
    flat.append(0x08 << 56 | len(flat))
    command = [str(BUILD / "reference-string"), "--page-fault", hex(PAGE_FAULT), *options]
    data = struct.pack(f"<{len(flat)}Q", *flat)
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


def short(text: str) -> str:
    return " ".join(f"{address >> 12}{kind}" for address, kind, _ in string(text))


READ, WRITE, MORE = 0, 1, 3
COPY_IN, COPY_OUT = access(9, READ, 8, False), access(7, WRITE, 1, False)
STRINGS = {
    "each instruction fetches": ([fetch(1, 3)], "1x 1x 1x"),
    "one that reads and writes a page": ([fetch(1), access(5, READ), access(5, WRITE)], "1x 5w"),
    "often": ([fetch(1), access(5, READ, 4), access(6, READ), access(5, READ)], "1x 5r 6r"),
    "its own page is written": ([fetch(1), access(1, WRITE)], "1w"),
    "its own page is read": ([fetch(1), access(1, READ)], "1x"),
    "in two pages": ([fetch(1), access(2, MORE), fetch(2)], "1x 2x 2x"),
    "begun again after a fault": (
        [fetch(1), access(5, READ), enter(PAGE_FAULT, CODE), leave(CODE), fetch(1), access(5, READ), access(6, WRITE)],
        "1x 5r 6w",
    ),
    "and the next ones": ([fetch(1), enter(PAGE_FAULT, CODE), leave(CODE), fetch(1, 3)], "1x 1x 1x"),
    "an interrupt comes between": ([fetch(1), enter(SYSCALL, CODE), leave(CODE), fetch(1)], "1x 1x"),
    "a call": (
        [fetch(1), enter(SYSCALL, CODE), *(([COPY_IN, COPY_OUT]) * 2), leave(CODE + 2)],
        "1x 9r 7w",
    ),
    "the kernel's own": ([fetch(1), enter(SYSCALL, CODE), access(1 << 35, READ, 1, False), leave(CODE + 2)], "1x"),
    "a call through many pages, and back": (
        [enter(SYSCALL, CODE), *(access(page, READ, 1, False) for page in (*range(10, 23), 10, 22)), leave(CODE)],
        " ".join(f"{page}r" for page in (*range(10, 23), 10)),
    ),
}


@pytest.mark.parametrize("name", STRINGS)
def test_what_one_reference_is(name):
    words, expected = STRINGS[name]
    assert short(made(words)) == expected


def test_collapsed():
    words = [fetch(1, 5), access(2, READ), fetch(1), access(1, WRITE), fetch(1), fetch(3)]
    assert short(made(words, "--collapse")) == "1x 2r 1w 3x"


def test_the_first_ones_only():
    assert short(made([fetch(1, 9), fetch(2)], "--most", "4")) == "1x 1x 1x 1x"
    assert short(made([fetch(1), access(9, READ), fetch(2)], "--window", "9000-a000")) == "9r"


# --- Threads -------------------------------------------------------------------------------------------

HEAD, TEXT_AT = 16384, 80
EVENTS = ("space", "process", "exec", "switch")


def traced(count: int) -> list[int]:
    return [0x07 << 56 | count]


def switches(*threads: int) -> bytes:
    """A trace in which these threads of process 2 run, one after the other."""
    text = "".join(f"event {number} {name}\n" for number, name in enumerate(EVENTS)).encode()
    numbers = (1, HEAD, 40, len(EVENTS), len(threads), 0, len(threads), 9, 9, 0, 0, 0, 0, len(text))
    head = struct.pack("<8s4I3Q7I", b"FLTTRACE", *numbers)
    records = [struct.pack("<QIIQQII", 0, 3, 1, 0, 0, 2, thread) for thread in threads]
    return (head.ljust(TEXT_AT, b"\0") + text).ljust(HEAD, b"\0") + b"".join(records)


def test_each_thread_finds_its_instruction_again(tmp_path):
    """One faults; while it sleeps the other runs; then it goes on with the instruction, which is one all the same."""
    (tmp_path / "trace").write_bytes(switches(1, 2, 1))
    other = CODE + 100
    words = [
        traced(1), fetch(1), access(5, READ), enter(PAGE_FAULT, CODE),
        traced(2), leave(other), fetch(2, 2), enter(SYSCALL, other + 8),
        traced(3), leave(CODE), fetch(1), access(5, READ), access(6, WRITE),
    ]  # fmt: skip
    assert short(made(words, "--trace", str(tmp_path / "trace"))) == "2x 2x 1x 5r 6w"


def test_calls_of_two_threads_are_two(tmp_path):
    (tmp_path / "trace").write_bytes(switches(1, 2, 1))
    words = [
        traced(1), enter(SYSCALL, CODE), COPY_IN,
        traced(2), leave(CODE), fetch(2), enter(SYSCALL, CODE + 8), COPY_IN, leave(CODE + 10),
        enter(SYSCALL, CODE), traced(3), COPY_IN, COPY_OUT, leave(CODE + 2),
    ]  # fmt: skip
    assert short(made(words, "--trace", str(tmp_path / "trace"))) == "2x 9r 9r 7w"


# --- Working sets ------------------------------------------------------------------------------------


def plain_sets(pages: list[int], window: int, every: int) -> list[tuple[float, int]]:
    """Mean and largest size in each part, by the definition."""
    sizes = []
    for at in range(len(pages)):
        sizes.append(len(set(pages[max(0, at + 1 - window) : at + 1])))
    parts = [sizes[at : at + every] for at in range(0, len(sizes), every)]
    return [(round(sum(part) / len(part), 2), max(part)) for part in parts]


@pytest.mark.parametrize("seed", range(4))
def test_working_sets(seed):
    dice = random.Random(seed)
    pages: list[int] = []
    words = []
    while len(pages) < 1500:
        page, times = dice.randrange(1, dice.choice((3, 9, 40))), dice.choice((1, 1, 1, 2, 30))
        pages += [page] * times
        words.append(fetch(page, times))
    for window, every in ((1, 100), (7, 100), (100, 64), (5000, 400)):
        text = made(words, "--working-set", str(window), "--every", str(every))
        rows = list(csv.DictReader(io.StringIO(text)))
        found = [(float(row["mean"]), int(row["largest"])) for row in rows]
        assert found == [pytest.approx(each, abs=0.006) for each in plain_sets(pages, window, every)]
        assert [int(row["references"]) for row in rows][-1] == len(pages)


def test_several_windows_at_once():
    words = [fetch(page % 7 + 1, 2) for page in range(100)]
    both = made(words, "--working-set", "3,20", "--every", "50").splitlines()[1:]
    alone = [made(words, "--working-set", window, "--every", "50").splitlines()[1:] for window in ("3", "20")]
    assert both[0::2] == alone[0] and both[1::2] == alone[1]


def test_locality():
    words = [fetch(1, 3), fetch(2, 3), fetch(9, 4), fetch(5)]
    text = made(words, "--locality", "--every", "10")
    assert text.splitlines()[1:] == ["10,0x1000,2", "10,0x9000,1", "11,0x5000,1"]


# --- Fed to the simulator ------------------------------------------------------------------------------


def lru_faults(pages: list[int], frames: int) -> int:
    stack: deque[int] = deque()
    faults = 0
    for page in pages:
        if page in stack:
            stack.remove(page)
        else:
            faults += 1
            if len(stack) == frames:
                stack.pop()
        stack.appendleft(page)
    return faults


def test_the_simulator_takes_it():
    text = references("--collapse", "one-fault")
    command = [str(BUILD / "policysim"), "--exact", "--policy", "lru,opt", "--frames", "3", "--tsv", "--file", "-"]
    told = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    faults = {row["policy"]: int(row["faults"]) for row in csv.DictReader(io.StringIO(told), delimiter="\t")}
    pages = [address >> 12 for address, _, _ in string(text)]
    assert faults["lru"] == lru_faults(pages, 3) >= faults["opt"] >= len(set(pages))
    whole = [address >> 12 for address, _, _ in string(references("one-fault"))]
    assert lru_faults(whole, 3) == faults["lru"], "neighbours that are one page change nothing"


def test_the_kernel_has_the_symbol():
    assert "exception_14" in [name for _, name in text_symbols((BUILD / "faultline.elf").read_bytes())]
