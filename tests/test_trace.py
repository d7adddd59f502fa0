"""The trace: complete, the same each time, cheap, and readable by others' tools."""

from __future__ import annotations

import csv
import functools
import io
import json
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from support import BUILD, ROOT, run_boot, run_folder, symbols
from traces import TRACE, make_rich_trace, make_trace

from faultline import project
from tracing import explain, words
from tracing.faults import all_faults
from tracing.reader import Trace, text_of


def tool(*words: str | Path) -> str:
    result = subprocess.run([TRACE, *words], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def trace(rich_trace: Path) -> Trace:
    return Trace(rich_trace)


def test_nothing_is_lost_and_time_runs_forward(trace: Trace):
    assert trace.header.lost == 0
    assert trace.count == trace.header.written > 20000
    times = [record.time for record in trace]
    assert times == sorted(times)


def test_a_program_has_the_name_that_it_was_called_by(tmp_path: Path):
    """Not that of the link by which busybox's shell runs its commands."""
    script = "ls -l /bin | sort | head -3 | wc > /dev/null"
    assert make_trace(tmp_path / "pipe", "--", "sh", "-c", script).status == 0
    trace = Trace(tmp_path / "pipe")
    names = [text_of(record) for record in trace if record.event == trace.number["exec"]]
    assert names[:2] == ["init", "sh"] and set(names[2:]) == {"ls", "sort", "head", "wc"}


def test_the_dumps_are_among_all_of_it(trace: Trace):
    """What test_view.py compares with the kernel's own word comes after each kind of change."""
    number, dumps = trace.number, 0
    happened: Counter[str] = Counter()
    wanted = ("evict", "page-in", "written", "fork", "unshare", "exit", "space-end", "protect", "unmap", "rescue")
    seen_by_a_dump: set[str] = set()
    for record in trace:
        happened[trace.event_names[record.event]] += 1
        if record.event == number["dump"] and record.detail:
            dumps += 1
            seen_by_a_dump |= {name for name in wanted if happened[name]}
    assert dumps >= 10
    assert seen_by_a_dump == set(wanted)


def test_the_same_run_gives_the_same_bytes(rich_trace: Path, tmp_path: Path):
    again = tmp_path / "again"
    make_rich_trace(again)
    assert again.read_bytes() == rich_trace.read_bytes()


def test_what_does_not_fit_is_counted(tmp_path: Path):
    small = tmp_path / "small"
    size = 2 << 20
    result = make_trace(small, "--param", f"trace_size={size}", "--", "/test/count-touch", "10000")
    header = Trace(small).header
    assert header.written == header.capacity and header.lost > 10000
    assert f"{header.lost} records were lost" in result.stderr


def test_every_kind_of_fault_is_there_and_explained(rich_trace: Path, trace: Trace):
    of_kind: dict[str, int] = {}
    for fault, _ in all_faults(trace):
        of_kind.setdefault(fault.kind(trace), fault.number)
    assert {"zero-fill", "zero-page", "file", "copy", "reuse", "page-in", "invalid"} <= set(of_kind)
    for kind, number in of_kind.items():
        text = explain.explain(trace, number)
        assert f"fault, {kind}:" in text and f"Fault {number}:" in text
        if kind != "invalid":
            assert "The pte:" in text and " P " in text and "after" in text
    assert tool("explain", rich_trace, "1") == explain.explain(trace, 1) + "\n"


def test_what_nobody_has_asked_for_is_not_told():
    """Each bit has its line; that of "unwritten", which only `clear_refs` sets, where it is set."""
    present, marked = 1 << 12 | words.PRESENT, 1 << 12 | words.PRESENT | 1 << 10
    told = {bits: "\n".join(words.pte_bits(*bits, 0)) for bits in ((0, present), (marked, present), (0, marked))}
    assert [" unwritten " in text for text in told.values()] == [False, True, True]
    assert all(" wired " in text for text in told.values())


def test_a_fault_that_is_not_there(rich_trace: Path):
    result = subprocess.run([TRACE, "explain", rich_trace, "99999999"], capture_output=True, text=True, check=False)
    assert result.returncode == 1 and "there is no fault 99999999" in result.stderr


def test_not_a_trace(tmp_path: Path):
    other = tmp_path / "other"
    other.write_bytes(b"something else" * 100)
    result = subprocess.run([TRACE, "info", other], capture_output=True, text=True, check=False)
    assert result.returncode == 1 and "not a trace" in result.stderr


def test_csv(rich_trace: Path, trace: Trace):
    rows = list(csv.DictReader(io.StringIO(tool("csv", rich_trace))))
    assert len(rows) == trace.count
    assert rows[-1]["event"] in trace.event_names
    assert any(row["program"] == "demo-cow" and row["event"] == "install" for row in rows)


def test_counters(rich_trace: Path, trace: Trace):
    """Free frames, resident pages and working sets over time, per process."""
    rows = list(csv.DictReader(io.StringIO(tool("counters", rich_trace))))
    times = [int(row["time"]) for row in rows]
    assert times == sorted(times)
    samples = [record for record in trace if record.event == trace.number["working-set"]]
    assert len(samples) > 20
    told = {(row["time"], row["space"]): row for row in rows if row["working_set"]}
    compared = 0
    for sample in samples:
        row = told.get((str(sample.time), str(sample.space)))
        if row:
            assert int(row["working_set"]) == sample.address
            assert abs(int(row["resident"]) - sample.detail) <= 1  # mapped, not yet told
            compared += 1
    assert compared > 20 and any(row["program"] == "swaptest" for row in told.values())


def test_babeltrace2_reads_it_as_it_is(rich_trace: Path, trace: Trace, tmp_path: Path):
    if not shutil.which("babeltrace2"):
        pytest.skip("babeltrace2 is not installed")
    folder = tmp_path / "ctf"
    tool("ctf", rich_trace, folder)
    assert (folder / "stream").resolve() == rich_trace.resolve()
    result = subprocess.run(["babeltrace2", folder], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) == trace.count
    assert sum(" working-set: { space = " in line and ", working_set = " in line for line in lines) > 20
    last = trace[trace.count - 1]
    name = trace.event_names[last.event]
    assert f" {name}: {{ space = {last.space}, " in lines[-1]
    assert f"{last.time // 10**9 % 60:02}.{last.time % 10**9:09}" in lines[-1]


def test_chrome_slices_nest(rich_trace: Path):
    events = json.loads(tool("chrome", rich_trace), parse_float=Decimal)["traceEvents"]
    slices = defaultdict(list)
    for event in events:
        assert event["ph"] in "XCMibe" and isinstance(event["pid"], int) and isinstance(event["tid"], int)
        assert event["name"] and (event["ph"] == "M" or "ts" in event)
        if event["ph"] == "X":
            assert event["dur"] >= 0
            slices[event["pid"], event["tid"]].append((event["ts"], -event["dur"], event))
    for track in slices.values():
        open_until: list[Decimal] = []
        for begin, minus, event in sorted(track, key=lambda each: each[:2]):
            while open_until and open_until[-1] <= begin:
                open_until.pop()
            assert not open_until or begin - minus <= open_until[-1], event
            open_until.append(begin - minus)
    requests = [event for event in events if event["ph"] in "be"]
    assert len(requests) > 100 and all(count % 2 == 0 for count in Counter(e["id"] for e in requests).values())
    categories = {event.get("cat") for event in events}
    assert {"fault", "step", "run", "device", "evict"} <= categories
    assert {"free frames", "resident pages", "working set"} <= {e["name"] for e in events if e["ph"] == "C"}


# An instruction takes 512 ns here, so that they can be counted; sampling by time would take most.
ALONE = ("--param", "working_set_window=0")
SHIFT = 9  # so that a hundredth of a second is few instructions
FAULTS, NO_OPS = 40000, 15
WORKLOADS = {
    "zero-fill": (("--ram", "256M", *ALONE), f"/test/count-touch {FAULTS}", False),
    "swap": (("--ram", "12M", "--swap", "32M", *ALONE), "swaptest 16 1", True),
}
UNTRACED = {"BUILD": str(BUILD.relative_to(ROOT) / "untraced"), "FAULTLINE_NO_BUILD": "1"}


def seconds(
    *words: str, script: str, evicts: bool, environment: dict[str, str] | None = None
) -> float:
    """Virtual time that a script takes: counted instructions."""
    script = f"cat /proc/uptime; {script} > /dev/null; cat /proc/uptime; grep pswpout /proc/vmstat"
    result = run_boot(*words, "--shift", str(SHIFT), "--", "sh", "-c", script, environment=environment)
    assert result.status == 0, result.report()
    begin, end, written = result.text.splitlines()
    assert (int(written.split()[1]) > 1000) == evicts, result.report()
    return float(end.split()[0]) - float(begin.split()[0])


@pytest.fixture(scope="module")
def untraced() -> dict[str, str]:
    """The environment for a kernel without trace points."""
    project.build("untraced")
    return UNTRACED


def test_a_kernel_without_trace_points_has_none(untraced: dict[str, str]):
    """Each is a place in a table; the one kernel's is empty, the other's is not."""

    def points(build: Path) -> int:
        at = symbols(build / "faultline.elf")
        return at["detours_end"] - at["detours_start"]

    assert points(ROOT / untraced["BUILD"]) == 0
    assert points(BUILD) > 0


@pytest.mark.parametrize("workload", WORKLOADS)
def test_tracing_costs_little(workload: str, untraced: dict[str, str], tmp_path: Path):
    """On: a third at most. Off, against a kernel without trace points: nothing to speak of where pages are read and
    written; where one is filled with zeroes, no more than a no-op for each of the dozen points on its way."""
    options, script, evicts = WORKLOADS[workload]
    cost = functools.partial(seconds, *options, script=script, evicts=evicts)
    without = cost(environment=untraced)
    off = cost()
    on = cost("--trace", str(tmp_path / "trace"))
    assert Trace(tmp_path / "trace").header.lost == 0
    table_add(f"{workload:10}  off {off / without:.4f}   on {on / without:.4f}")
    if evicts:
        assert off <= 1.01 * without
    else:
        assert (off - without) * 1e9 / 2**SHIFT <= NO_OPS * FAULTS
    assert on <= 1.3 * without


def table_add(line: str) -> None:
    folder = run_folder("test-tables")
    with open(folder / "tracing (instructions, without trace points 1).txt", "a", encoding="utf-8") as table:
        table.write(line + "\n")


def test_the_text_of_proc_trace():
    result = run_boot("--param", "trace=1", "--", "sh", "-c", "ls > /dev/null; cat /proc/trace")
    assert re.search(r"^\d+ install space=\d+ address=0x\w+ page=\d+ frame=\d+ detail=0x\w+$", result.text, re.M)


def test_the_format_is_documented():
    text = (ROOT / "docs/trace.md").read_text("utf-8")
    header = (ROOT / "kernel/report/trace_area.c").read_text("utf-8")
    for name in re.findall(r'\[TRACE_\w+\] = "([\w-]+)"', header):
        assert f"`{name}`" in text, name
