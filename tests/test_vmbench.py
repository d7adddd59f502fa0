"""What memory management costs, in instructions, beside Linux on the same machine.

One boot with one instruction a tick; then one test for each row of tests/bench/linux.tsv.
"""

from __future__ import annotations

import math
import re

import pytest
import support

BENCH = support.ROOT / "tests/bench"
NO_LIMIT = ("loop", "bw_")
CLOCK_LIMIT = 60  # read, not called: kernel/vdso/vdso.h
BOOT_LIMIT = 20_000_000
# What vmbench took at two moments, and how much slower it may have become since.
BEFORE = {"before-threads.tsv": 1.05, "before-accounts.tsv": 1.02}
# Above that for now, and to come down: limits, promises and accounts in an empty fork; alternate
# stacks and timers that wait in a signal. And where several processors would take locks there are no-ops:
# three an entry, two a copy, five a fault. A signal enters twice and copies twice.
ABOVE = {"sig_kill_self": 1.075, "sigsegv_skip": 1.065, "file_pread_4K": 1.023}


def linux_figures() -> dict[str, tuple[float, float]]:
    """Name: (minimum, median) in instructions."""
    figures = {}
    for line in (BENCH / "linux.tsv").read_text("utf-8").splitlines():
        words = line.split("\t")
        if len(words) == 4 and words[0] != "test":
            figures[words[0]] = (float(words[2]), float(words[3]))
    return figures


LINUX = linux_figures()


def limit_of(name: str) -> float | None:
    """At most so many instructions; None where the row does not count."""
    if name.startswith(NO_LIMIT) or name.endswith("_retouch"):
        return None
    if name == "clock_gettime":
        return CLOCK_LIMIT
    forks_memory = re.match(r"fork_(exit_wait|return)_([1-9]\d*)M", name)
    share = 1.0 if forks_memory or name.startswith("file_") else 0.5
    return share * linux_value(name)


def linux_value(name: str) -> float:
    minimum, median = LINUX[name]
    return minimum if math.isnan(median) else median


def measured_value(figures: dict[str, float], name: str) -> float | None:
    """The median, or the minimum for the row that has only that."""
    return figures.get(f"{name}.tmed", figures.get(f"{name}.tmin"))


@pytest.fixture(scope="module")
def bench() -> support.Result:
    program = support.BUILD / "bench/vmbench"
    words = ("--shift", "0", "--ram", "512M", "--qemu-arg=-cpu", "--qemu-arg=qemu64")
    result = support.run_boot(*words, "--add", str(program), "--", "vmbench")
    write_table(figures_of(result))
    return result


def figures_of(result: support.Result) -> dict[str, float]:
    rows = [line.split("\t") for line in result.text.splitlines()]
    return {row[0]: float(row[1]) for row in rows if len(row) == 3 and row[2] != "err"}


def write_table(figures: dict[str, float]) -> None:
    lines = [f"{'':28} {'Faultline':>12} {'Linux':>12} {'ratio':>6}  limit\n"]
    for name in LINUX:
        ours, linux, limit = measured_value(figures, name), linux_value(name), limit_of(name)
        shown = f"{ours:12.1f} {linux:12.1f} {ours / linux:6.2f}" if ours is not None else "missing"
        bound = "-" if limit is None else f"{limit / linux:.2f}"
        over = "  OVER" if ours is not None and limit is not None and ours > limit else ""
        lines.append(f"{name:28} {shown}  {bound}{over}\n")
    folder = support.run_folder("test-tables")
    (folder / "vmbench (instructions).txt").write_text("".join(lines), encoding="utf-8")


def test_runs_to_its_end(bench):
    assert "end.tsc" in bench.text and bench.status == 0, bench.report()[-3000:]
    assert not re.findall(r"^.*\terr$", bench.text, re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in LINUX if limit_of(name) is not None])
def test_row(bench, name):
    ours, limit = measured_value(figures_of(bench), name), limit_of(name)
    assert ours is not None, "the row is missing"
    assert limit is not None and ours <= limit


def figures_before(name: str) -> dict[str, float]:
    lines = (BENCH / name).read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith(("#", "test"))]
    return {name: float(value) for name, value in rows}


@pytest.mark.parametrize("before", BEFORE)
def test_nothing_has_become_slower(bench, before):
    """Faultline as it was, and now."""
    figures = figures_of(bench)
    now = {}
    for name, value in figures_before(before).items():
        measured = measured_value(figures, name)
        assert measured is not None, f"the row {name} is missing"
        now[name] = measured / value
    limit = BEFORE[before]
    assert {k: ratio for k, ratio in now.items() if ratio > max(limit, ABOVE.get(k, 0))} == {}


def test_instructions_from_kernel_entry_to_init(bench):
    started = re.search(r"init starts at (\d+) ns", bench.stderr)
    assert started and int(started.group(1)) <= BOOT_LIMIT
