"""The trace of several processors: each record has its processor, every reader keeps them apart, and the records
alone prove that nobody uses what it should have forgotten. Schedules differ between versions of QEMU, so outcomes are
claimed."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from all_mutants import live
from mutations import Mutation
from support import Result, in_turn, run_boot
from traces import TRACE, make_trace

from tracing import check
from tracing.check import ELSEWHERE, MODES, NotATrace
from tracing.faults import all_faults
from tracing.reader import RECORD, Trace
from tracing.shootdowns import MEMORY, Shootdown, all_shootdowns

COUNTS = (2, 4)
JOB = "grep -e tlb_remote -e shootdown /proc/vmstat; /test/shootdown; demo-cow; grep -e tlb_remote /proc/vmstat"
TIGHT = ("--frames", "100", "--swap", "16M")
PROVED = "Nobody used user memory while it could remember what had been taken away."
OF_SEVERAL = ("load", "mode", "lock-wait", "shootdown", "shootdown-sent", "shootdown-done", "shootdown-over")


def record(file: Path, count: int, *more: str) -> Result:
    return make_trace(file, "--cpus", str(count), *more, "--", "sh", "-c", JOB)


def tool(*words: str | Path, status: int = 0) -> str:
    run = subprocess.run([TRACE, *words], capture_output=True, text=True, check=False)
    assert run.returncode == status, run.stdout[-2000:] + run.stderr
    return run.stdout + run.stderr


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("processors")
    found = {}
    for count in COUNTS:
        found[count] = folder / str(count)
        result = record(found[count], count)
        assert result.status == 0, result.report()
        (folder / f"{count}.text").write_text(result.text)
    return found


@pytest.fixture(scope="module", params=COUNTS)
def trace(request: pytest.FixtureRequest, files: dict[int, Path]) -> Trace:
    return Trace(files[request.param])


# --- The records ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", COUNTS)
def test_the_same_run_gives_the_same_bytes(count: int, files: dict[int, Path], tmp_path: Path):
    record(tmp_path / "again", count)
    assert (tmp_path / "again").read_bytes() == files[count].read_bytes()


def test_one_processor_is_told_nothing_of_others(tmp_path: Path):
    """Neither the header nor a record has anything that it would not have if there never were several."""
    make_trace(tmp_path / "one", "--", "demo-cow")
    alone = Trace(tmp_path / "one")
    assert not set(OF_SEVERAL) & set(alone.event_names) and "cpus" not in alone.header.parameters
    assert all(word >> check.PROCESSOR_SHIFT == 0 for _, word, *_ in RECORD.iter_unpack(alone.raw()))
    one = "There is one processor: nobody else remembers anything.\n"
    assert tool("check", tmp_path / "one") == tool("shootdowns", tmp_path / "one") == one


def test_each_record_has_its_processor(trace: Trace):
    count = trace.header.processors
    assert {each.processor for each in trace} == set(range(count))
    assert f"\n{count} processors\n" in tool("info", trace.path)
    times = [each.time for each in trace]
    assert times == sorted(times)


def test_a_processor_that_there_is_none_of(trace: Trace, tmp_path: Path):
    """It is refused by its place; so are what the other new records may not say."""
    number, header = trace.number, trace.header.header_size
    firsts = {name: next(n for n, each in enumerate(trace) if each.event == number[name]) for name in OF_SEVERAL}
    hurt = [(100, 8 + 3, trace.header.processors, "there is no processor"), (firsts["mode"], 24, 9, "(mode)")]
    hurt += [(firsts["lock-wait"], 24, 7, "(lock-wait)"), (firsts["shootdown-sent"], 16, 6, "(shootdown-sent)")]
    hurt += [(firsts["shootdown-sent"], 32, 8, "(shootdown-sent)"), (firsts["shootdown-done"], 16, 2, "done)")]
    for n, offset, value, said in hurt:
        data = bytearray(trace.path.read_bytes())
        data[header + n * RECORD.size + offset] = value
        (tmp_path / "hurt").write_bytes(data)
        with pytest.raises(NotATrace, match=rf"^record {n} .*{re.escape(said)}"):
            Trace(tmp_path / "hurt")


def test_more_processors_than_can_be(trace: Trace, tmp_path: Path):
    data = trace.path.read_bytes()
    old = f"parameter cpus {trace.header.processors}\n".encode()
    assert data.count(old) == 1
    (tmp_path / "hurt").write_bytes(data.replace(old, b"parameter cpus 9\n"))
    with pytest.raises(NotATrace, match="9 processors"):
        Trace(tmp_path / "hurt")


def test_the_text_of_proc_trace_names_them(boot):
    """Where it is not the first."""
    job = "(/test/shootdown > /dev/null) & echo 1 > /proc/trace; wait; echo 0 > /proc/trace; cat /proc/trace"
    text = boot("--cpus", "2", "--", "sh", "-c", job).text
    lines = [line for line in text.splitlines() if re.match(r"\d+ [a-z-]+ space=", line)]
    assert any(" cpu=1" in line for line in lines) and any(" cpu=" not in line for line in lines)
    assert all(re.match(r"\d+ [a-z-]+ space=\d+ address=\w+( cpu=1)?( page=| frame=| detail=)", line) for line in lines)


def test_who_idles_keeps_what_it_has_loaded(tmp_path: Path):
    """A thread that sleeps again and again, alone on a processor: its space is loaded once."""
    result = make_trace(tmp_path / "doze", "--cpus", "2", "--", "taskset", "2", "/test/doze", "40")
    assert result.status == 0, result.report()
    trace = Trace(tmp_path / "doze")
    number = trace.number
    there = [each for each in trace if each.processor == 1]
    switches = sum(each.event == number["switch"] for each in there)
    loads = [each.space for each in there if each.event == number["load"]]
    assert switches > 80 and len(loads) < 12, (switches, loads)


# --- Every reader keeps them apart --------------------------------------------------------------------


def test_a_fault_is_of_who_runs_on_its_processor(trace: Trace):
    """Each has its own steps in their order, though those of two come between each other."""
    number = trace.number
    begun = sum(each.event == number["fault"] for each in trace)
    faults = [fault for fault, _ in all_faults(trace)]
    assert len(faults) >= begun - trace.header.processors
    order = {name: n for n, name in enumerate(("fault", "region", "pte", "page", "fill", "unshare", "install", "done"))}
    for fault in faults:
        names = [name for name, _ in fault.steps]
        again = [n for n, name in enumerate(names) if name == "region"] or [1]
        last = [order[name] for name in names[again[-1] :]]
        assert last == sorted(last) and names[-1] == "done" and fault.program != "kernel", (fault.number, names)
        address = fault.begin.address
        assert all(step.address == address and step.space == fault.begin.space for _, step in fault.steps)
    spans = sorted((fault.begin.time, fault.end.time) for fault in faults)
    assert any(after[0] < before[1] for before, after in zip(spans, spans[1:], strict=False)), "some overlap"


def test_the_table_names_them(trace: Trace):
    rows = list(csv.DictReader(io.StringIO(tool("csv", trace.path))))
    assert [int(row["processor"]) for row in rows] == [each.processor for each in trace]
    assert tool("counters", trace.path).count("\n") > 100


def test_chrome_has_a_track_for_each(trace: Trace):
    events = json.loads(tool("chrome", trace.path))["traceEvents"]
    names = {event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert names >= {f"who runs on processor {n}" for n in range(trace.header.processors)}
    runs: dict[int, list[tuple[float, float]]] = {}
    for event in events:
        if event.get("cat") == "run":
            runs.setdefault(event["tid"], []).append((event["ts"], event["dur"]))
    assert set(runs) == set(range(trace.header.processors))
    for slices in runs.values():
        ends = [begin + length for begin, length in slices]
        assert all(end <= after[0] + 1e-3 for end, after in zip(ends, slices[1:], strict=False))
    asked = sum(event["name"] == "shootdown" for event in events)
    assert asked == sum(each.event == trace.number["shootdown-over"] for each in trace)


def test_perfetto_has_them_too(trace: Trace, tmp_path: Path):
    run = subprocess.run([TRACE, "perfetto", trace.path], capture_output=True, check=True)
    for n in range(trace.header.processors):
        assert f"who runs on processor {n}".encode() in run.stdout


def test_babeltrace2_reads_the_processor(trace: Trace, tmp_path: Path):
    if not shutil.which("babeltrace2"):
        pytest.skip("babeltrace2 is not installed")
    tool("ctf", trace.path, tmp_path / "ctf")
    run = subprocess.run(["babeltrace2", tmp_path / "ctf"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = [int(n) for n in re.findall(r": \{ processor = (\d+), space = ", run.stdout)]
    assert found == [each.processor for each in trace]


def test_the_others_take_it_as_it_is(files: dict[int, Path]):
    two, four = files[2], files[4]
    assert "Of " in tool("diff", two, four)
    assert "processor" not in tool("notes", two) and "demo-cow" in tool("notes", two)
    assert "Fault 1:" in tool("explain", two, "1")
    assert len(tool("faults", four).splitlines()) > 1000


# --- Shootdowns ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked(trace: Trace) -> list[Shootdown]:
    return list(all_shootdowns(trace))


def are_whole(trace: Trace, asked: list[Shootdown]) -> None:
    others = set(range(trace.header.processors))
    assert [each.number for each in asked] == list(range(1, len(asked) + 1))
    for each in asked:
        assert set(each.answers) == others - {each.asker} and each.over
        for answer in each.answers.values():
            if answer.mode in MEMORY:
                assert answer.end and answer.time <= each.over.time, each.number
        assert all(frame.time >= each.over.time and frame.processor == each.asker for frame in each.freed)


def test_shootdowns_are_whole(trace: Trace, asked: list[Shootdown]):
    """Each is numbered, tells all others, is over when all that it waits for have answered, and frees frames then."""
    are_whole(trace, asked)
    found = {answer.mode for each in asked for answer in each.answers.values()}
    assert {MODES.index("user"), MODES.index("kernel")} <= found
    assert trace.header.processors == 2 or ELSEWHERE in found
    assert any(each.freed for each in asked)


def test_they_are_as_many_as_the_kernel_counts(trace: Trace, asked: list[Shootdown]):
    """What /proc/vmstat says after all, is of all but those that came then."""
    text = trace.path.with_suffix(".text").read_text()
    *_, asks = re.findall(r"^nr_tlb_remote_flush (\d+)$", text, re.M)
    *_, received = re.findall(r"^nr_tlb_remote_flush_received (\d+)$", text, re.M)
    told = [answer.mode for each in asked[: int(asks)] for answer in each.answers.values()]
    assert int(asks) <= len(asked) and told.count(MODES.index("user")) == int(received)


TOLD = (
    *(r"takes back \d+ pages? at 0x", r"gives the writer of 0x\w+ a copy", r"forks: \d+ pages? at 0x"),
    *(r"changes the pte of 0x", r"ran user code and was interrupted; it had forgotten after [\d,]+ ns"),
    *(r"was in the kernel and needed no message \(it forgot on its way out, after", r"frame \d+ was freed after"),
    *(r"no frame was to be freed", r"Over after"),
)


def test_each_is_told_in_a_sentence(trace: Trace, asked: list[Shootdown]):
    lines = tool("shootdowns", trace.path).splitlines()
    assert len(lines) == len(asked) and all(line.endswith(".") for line in lines)
    text = "\n".join(lines)
    for words in TOLD:
        assert re.search(words, text), words
    assert "not told" not in text


def records_of(trace: Trace) -> Iterator[tuple[int, ...]]:
    return RECORD.iter_unpack(trace.raw())


def test_the_records_prove_it(trace: Trace):
    text = tool("check", trace.path)
    assert text.endswith(f"{PROVED}\n") and re.match(r"\d+ shootdowns, [1-9]\d* answers waited for", text)


@pytest.mark.parametrize("count", COUNTS)
def test_it_is_proved_where_frames_are_few(count: int, tmp_path: Path):
    for seed in ("3", "4"):
        assert record(tmp_path / "tight", count, *TIGHT, "--interleave", seed).status == 0
        assert PROVED in tool("check", tmp_path / "tight")


@pytest.mark.parametrize("program", in_turn(("mprotect", "fork", "exec", "futex", "pipe", "shootdown", "wait"), 3))
@pytest.mark.parametrize("count", COUNTS)
def test_it_is_proved_however_they_take_turns(count: int, program: str, tmp_path: Path):
    """A processor may go on between the look at it and the record of that."""
    for seed in ("3", "7"):
        words = ("--cpus", str(count), "--interleave", seed, "--", f"/test/{program}")
        assert make_trace(tmp_path / "turns", *words).status == 0
        assert PROVED in tool("check", tmp_path / "turns")
        are_whole(Trace(tmp_path / "turns"), list(all_shootdowns(Trace(tmp_path / "turns"))))


def test_what_is_not_whole_proves_nothing(tmp_path: Path):
    record(tmp_path / "small", 2, "--param", f"trace_size={2 << 20}")
    assert "nothing can be proved" in tool("check", tmp_path / "small", status=1)


def without(trace: Trace, file: Path, drop: set[int]) -> Path:
    """The trace without these records."""
    data = bytearray(trace.data[: trace.header.header_size])
    kept = [raw for n, raw in enumerate(records_of(trace)) if n not in drop]
    struct.pack_into("<Q", data, 24, len(kept))
    file.write_bytes(bytes(data) + b"".join(RECORD.pack(*raw) for raw in kept))
    return file


def test_an_answer_that_is_not_there_is_missed(trace: Trace, asked: list[Shootdown], tmp_path: Path):
    """Of one by interrupt, and of one on the way out of the kernel: without it nothing is proved."""
    for mode in MODES[:2]:
        ends = {
            (answer.end.time, answer.processor)
            for each in asked
            for answer in each.answers.values()
            if answer.mode == MODES.index(mode) and answer.end and answer.end.event == trace.number["shootdown-done"]
        }
        done = [(n, each) for n, each in enumerate(trace) if each.event == trace.number["shootdown-done"]]
        drop = {n for n, each in done if (each.time, each.processor) in ends and each.address == (mode == "user")}
        assert drop
        text = tool("check", without(trace, tmp_path / "without", drop), status=1)
        told = ("has not forgotten", "neither forgotten", "may still reach frame")
        assert PROVED not in text and any(words in text for words in told)


def test_a_word_that_is_not_there_is_missed(trace: Trace, tmp_path: Path):
    told = [n for n, each in enumerate(trace) if each.event == trace.number["shootdown-sent"]]
    text = tool("check", without(trace, tmp_path / "without", {told[len(told) // 2]}), status=1)
    assert "was not told" in text


# --- Kernels that break the promise -------------------------------------------------------------------

WAITS = "        while (asked[i] && !has_forgotten(&processors[i]))\n            cpu_relax();\n"
BROKEN = {
    "who asks waits for nobody": (WAITS, "        (void)(asked[i] && has_forgotten(&processors[i]));\n"),
    "who leaves the kernel forgets nothing": (
        "    if (self->done == number)\n        return;\n    tlb",
        "    if (self->done <= number)\n        return;\n    tlb",
    ),
    "nobody is asked": ("    if (!somebody_remembers(self, root))\n", "    if (root.number)\n"),
}


@pytest.mark.parametrize("what", in_turn(BROKEN, 3))
def test_a_kernel_that_breaks_it_is_found_out(what: str, tmp_path: Path):
    """Of the first one all claims of the program hold, as long as nobody comes in between: the records tell that
    somebody could."""
    live.kernel_copy(tmp_path)
    live.mutant_build(Mutation("arch/shootdown.c", what, *BROKEN[what]), tmp_path)
    environment = {"BUILD": str(tmp_path / "build"), "FAULTLINE_NO_BUILD": "1"}
    words = ("--cpus", "2", "--", "/test/shootdown")
    run_boot("--trace", str(tmp_path / "broken"), *words, deadline=20, environment=environment)
    text = tool("check", tmp_path / "broken", status=1)
    assert "may still reach frame" in text or "has not forgotten" in text or "neither forgotten" in text
    assert PROVED not in text
