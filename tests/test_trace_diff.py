"""Two runs of a program: where they part is found, and told with its reason; what does not matter is not taken for a
difference."""

from __future__ import annotations

import random
import subprocess
import tracemalloc
from pathlib import Path

import pytest
from support import ROOT, find
from traces import TRACE, make_trace

from tracing import totals
from tracing.align import aligned
from tracing.faults import all_faults
from tracing.part import Compared
from tracing.reader import Trace
from tracing.steps import Run

SWAPPING = ("--ram", "12M", "--swap", "32M", "--swap-latency", "100")


# --- Alignment -----------------------------------------------------------------------------------


def pairs(a: str, b: str) -> str:
    """`x` both, `-x` only the first, `+x` only the second."""
    told = []
    for i, j in aligned(a, b):
        if i is None:
            assert j is not None
            told.append(f"+{b[j]}")
        else:
            assert j is None or a[i] == b[j]
            told.append(f"-{a[i]}" if j is None else a[i])
    return " ".join(told)


def test_aligned_by_the_shortest_way():
    assert pairs("abcd", "abcd") == "a b c d"
    assert pairs("abcd", "acd") == "a -b c d"
    assert pairs("acd", "abcd") == "a +b c d"
    assert pairs("abcd", "axcd") == "a -b +x c d"
    assert pairs("abc", "") == "-a -b -c" and pairs("", "abc") == "+a +b +c"
    assert pairs("123123", "13123") == "1 -2 3 1 2 3"


def test_each_place_comes_once_and_in_order():
    dice = random.Random(7)
    for _ in range(200):
        a, b = ("".join(dice.choices("abcdef", k=dice.randrange(40))) for _ in range(2))
        found = list(aligned(a, b))
        assert [i for i, _ in found if i is not None] == list(range(len(a)))
        assert [j for _, j in found if j is not None] == list(range(len(b)))
        assert all(a[i] == b[j] for i, j in found if i is not None and j is not None)


def test_long_lists_that_differ_much_are_aligned_at_once():
    """Two hundred thousand places, a third of which only one of them has: no square of that."""
    dice = random.Random(7)
    common = [dice.randrange(5000) for _ in range(200_000)]
    a, b = ([each for each in common if dice.random() < 0.8] for _ in range(2))
    both = sum(i is not None and j is not None for i, j in aligned(a, b))
    assert both > 0.5 * len(a)


# --- Runs ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("diff")


@pytest.fixture(scope="module")
def cow(folder: Path) -> Path:
    make_trace(folder / "cow", "--ram", "64M", "--", "demo-cow")
    return folder / "cow"


@pytest.fixture(scope="module")
def policies(folder: Path) -> tuple[Path, Path]:
    for policy in ("clock", "fifo"):
        make_trace(folder / policy, *SWAPPING, "--policy", policy, "--", "swaptest", "10")
    return folder / "clock", folder / "fifo"


def compared_of(files: tuple[Path, Path]) -> Compared:
    return Compared(Trace(files[0]), Trace(files[1]))


def diff(*words: str | Path) -> str:
    result = subprocess.run([TRACE, "diff", *words], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_same_run_is_the_same(cow: Path):
    text = diff(cow, cow)
    faults = len(list(all_faults(Trace(cow))))
    assert f"Both runs are the same for {faults} faults (" in text and " of demo-cow" in text
    assert "The programs do the same to the end." in text and " 0 differ." in text


def test_frames_and_times_are_no_difference(cow: Path, folder: Path):
    """Another size of memory: every frame has another number, and disks another time. The programs do the same."""
    other = folder / "other"
    make_trace(other, "--ram", "96M", "--image-latency", "50", "--", "demo-cow")
    a, b = Trace(cow), Trace(other)
    assert [r.frame for r in a if r.event == a.number["new"]] != [r.frame for r in b if r.event == b.number["new"]]
    text = diff(cow, other)
    assert "The programs do the same to the end." in text, text
    assert find(r"^set differently: frames: A (\d+), B (\d+)$", text)


def test_what_the_program_does_otherwise_is_told(cow: Path, folder: Path):
    make_trace(folder / "first", "--ram", "64M", "--", "demo-cow", "--parent-first")
    compared = Compared(Trace(cow), Trace(folder / "first"), "demo-cow")
    assert compared.parting is not None
    assert all(row.same for row in compared.before() if row.one.program == "demo-cow")
    assert "Then they part: demo-cow " in "\n".join(compared.where())
    assert len(compared.differences()) > 10


def test_two_policies_part_where_they_evict_other_pages(policies: tuple[Path, Path]):
    text = diff(*policies)
    assert "set differently: policy: A clock, B fifo" in text
    assert find(r"(took the same pages; then|^From the first on) the kernels evict others: A evicts", text)
    assert "Then they part: swaptest " in text
    for run in "AB":  # which of them has the page still hangs on where frames lie
        assert find(rf"^{run}: (no fault: its pte says: present, frame \d+, rw|fault \d+, .*Its pte said: )", text)
    kinds = {find(rf"^{run}: (?:fault \d+, ([\w-]+)|no fault)", text)[1] for run in "AB"}
    if kinds == {"copy", "reuse"}:  # later by the time of an eviction: in one of them the child has still been there
        assert find("others hold the page too", text) and find("nobody else holds the page any more", text)
        return
    gone = find(r"not present, names page (\d+); P was off\. It (?:had gone|was just going), with eviction (\d+)", text)
    traces = [Trace(path) for path in policies]
    evicted = [[r.page for r in trace if r.event == trace.number["evict"]] for trace in traces]
    assert int(gone[1]) in (pages[int(gone[2]) - 1] for pages in evicted if len(pages) >= int(gone[2]))


def test_rows_hold_every_step_and_moments_only_grow(policies: tuple[Path, Path]):
    compared = compared_of(policies)
    for side, run in enumerate(compared.runs):
        steps = [id(row.steps[side]) for row in compared.rows if row.steps[side]]
        assert len(steps) == len(set(steps)) == sum(map(len, run.threads.values()))
        moments = [row.moments[side] for row in compared.rows]
        assert moments == sorted(moments) and moments[-1] <= run.trace.count
    for thread in compared.runs[0].threads:
        for side in (0, 1):
            own = [row.steps[side] for row in compared.rows if row.thread == thread]
            assert [step.first for step in own if step] == sorted(step.first for step in own if step)


def test_totals_are_the_traces(policies: tuple[Path, Path]):
    compared = compared_of(policies)
    table = {name: (a, b) for name, a, b in totals.totals(compared)}
    for side, path in enumerate(policies):
        trace = Trace(path)
        faults = [fault for fault, _ in all_faults(trace)]
        assert table["faults"][side] == str(len(faults))
        assert table["major faults"][side] == str(sum(fault.major for fault in faults))
        assert table["evictions"][side] == str(sum(r.event == trace.number["evict"] for r in trace))
        kinds = [int(counts[side]) for name, counts in table.items() if name.startswith("of these ")]
        assert sum(kinds) == len(faults)


def test_a_fault_is_read_anew_when_it_is_told(policies: tuple[Path, Path]):
    """A step keeps none of its records, and little else: of a million events there are many."""
    trace = Trace(policies[0])
    tracemalloc.start()
    run = Run(trace)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    steps = {step.fault: step for steps in run.threads.values() for step in steps if step.fault}
    faults = {fault.number: fault for fault, _ in all_faults(trace)}
    assert len(steps) >= len(faults) > 1000 and kept / len(steps) < 1500
    for number, fault in faults.items():
        told = run.fault_of(steps[number])
        assert (told.steps, told.process, told.thread) == (fault.steps, fault.process, fault.thread)


def test_bad_input_is_answered_in_words(cow: Path, tmp_path: Path):
    (tmp_path / "other").write_bytes(b"something else" * 100)
    refused: list[tuple[list[str | Path], str]] = [
        (["diff", cow, tmp_path / "other"], "other: this is not a trace"),
        (["diff", cow, tmp_path / "none"], "No such file"),
        (["diff", cow, cow, "--program", "nosuch"], "neither runs nosuch; there are demo-cow, "),
        (["view", cow, cow, "--program", "nosuch"], "neither runs nosuch; there are demo-cow, "),
    ]
    for words, said in refused:
        result = subprocess.run([TRACE, *words], capture_output=True, text=True, check=False)
        assert result.returncode != 0 and said in result.stderr and "Traceback" not in result.stderr, result.stderr


# --- What if -------------------------------------------------------------------------------------

WHAT_IF = ROOT / "tools/what-if"


def what_if(*words: str) -> str:
    """What it prints; where the runs part is behind the last line of dashes."""
    result = subprocess.run([WHAT_IF, *words], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.rpartition("\n---\n")[2]


def test_what_can_be_asked_is_told():
    words = ["make", "-s", "view", "WHATIF=list"]
    text = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in ("parent-first", "no-flush", "w-kept", "copied-at-once", "OPTION=VALUE"):
        assert find(rf"^{name} +What if .*\?", text)


def test_the_parent_writes_first():
    words = ["make", "-s", "view", "PROGRAM=demo-cow", "WHATIF=parent-first", "BOOT_ARGS=--ram 64M"]
    text = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "--- as it is\n" in text and "--- the parent writes first\n" in text and "NOT SO" not in text
    assert "Then they part: demo-cow " in text
    assert text.splitlines()[-1].startswith("file:///") and text.endswith("/build/view/demo-cow.parent-first.html\n")


def test_w_kept():
    """The child writes without a fault, into the frame that is the parent's, too."""
    text = what_if("w-kept", "--ram", "64M", "--", "demo-cow")
    assert find(r"^Then they part: demo-cow writes to 0x7ff\w+\.$", text)
    assert find(r"^A: fault \d+, copy, page \d+ in frame \d+: .* present, frame \d+, r--.*; W was off\.$", text)
    assert find(r"^B: no fault: its pte says: present, frame \d+, rw-.*; W is on\. So the reference needs none\.", text)


def test_no_flush():
    """W is off in the parent's entry, and it writes all the same."""
    text = what_if("no-flush", "--ram", "64M", "--", "demo-cow")
    assert find(r"^Then they part: demo-cow writes to 0x7ff\w+\.$", text)
    assert find(r"^A: fault \d+, copy, .*; W was off\.$", text)
    assert find(r"^B: no fault, although its pte says: present, frame \d+, r--.*; W is off\. .* its TLB has kept", text)


def test_copied_at_once():
    """Without copy-on-write nobody faults for a page that fork has copied."""
    text = what_if("copied-at-once", "--ram", "64M", "--", "demo-cow")
    assert find(r"^A: fault \d+, (copy|reuse), .*; W was off\.$", text)
    assert find(r"^B: no fault: its pte says: present, frame \d+, rw-", text)


def test_another_policy():
    text = what_if("policy=fifo", *SWAPPING, "--", "swaptest", "10")
    assert "the kernels evict others: A evicts" in text


def test_a_program_that_is_not_there():
    result = subprocess.run([WHAT_IF, "ram=96M", "--", "nosuch"], capture_output=True, text=True, check=False)
    assert result.returncode == 1 and "tools/what-if: nosuch did not run" in result.stderr
    assert "file://" not in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nosuch", "--", "demo-cow"), "there is no 'nosuch'. What can be asked:\nparent-first "),
        (("no-flush", "--", "demo-lazy"), "no-flush is a question about demo-cow, not about demo-lazy"),
        (("policy=", "--", "demo-cow"), "there is no 'policy='"),
        (("w-kept", "demo-cow"), "tools/what-if QUESTION"),
        ((), "tools/what-if QUESTION"),
    ],
)
def test_a_question_that_cannot_be_asked(words: tuple[str, ...], said: str):
    result = subprocess.run([WHAT_IF, *words], capture_output=True, text=True, check=False)
    assert result.returncode == 2 and said in result.stderr and result.stdout == ""
