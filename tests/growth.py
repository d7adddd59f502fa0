"""What one operation costs while something else grows: make bench-growth prints the table, and draws it.

A row of the table is one operation at three sizes or more. Each size is a boot of its own where memory is
what grows; else one program does all of them. One instruction is one tick, but where the row
is a part of the time.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import support

PROGRAM = support.BUILD / "bench/growth"
MACHINE = ("--qemu-arg=-cpu", "--qemu-arg=qemu64")
RAM = ("64M", "1G", "4G")
OUT = support.BUILD / "growth"


@dataclass(frozen=True)
class Row:
    """One operation."""

    name: str
    unit: str
    sizes: tuple[str, ...]
    measure: Callable[[Row], Iterable[float]]  # one number for each size
    limit: float  # at most so much
    times: float | None = None  # and the last at most so many times the first
    among: str = ""  # what the sizes are of

    def values(self) -> list[float]:
        return [round(value, 1) for value in self.measure(self)]

    def faults(self, values: list[float]) -> list[str]:
        """What is wrong with the numbers."""
        wrong = [f"{size}: {value} > {self.limit}" for size, value in zip(self.sizes, values) if value > self.limit]
        if self.times is not None and values[-1] > self.times * values[0]:
            wrong.append(f"{values[-1]} is more than {self.times} times {values[0]}")
        return wrong


def boot(ram: str, *words: str, shift: str = "0", machine: tuple[str, ...] = ()) -> dict[tuple[str, str], float]:
    """What the program told: (what, size) -> how much."""
    machine = (*MACHINE, "--shift", shift, "--ram", ram, *machine)
    result = support.run_boot(*machine, "--add", str(PROGRAM), "--", "growth", *words)
    assert result.status == 0 and "failed" not in result.text, result.report()
    lines = [line.split() for line in result.text.splitlines()]
    return {(line[0], line[1]): float(line[2]) for line in lines if len(line) == 3}


# --- Rows that grow with memory ------------------------------------------------------------------------------------


def fault_in_a_small_group(policy: str) -> Callable[[Row], Iterable[float]]:
    def measure(row: Row) -> Iterable[float]:
        for ram in row.sizes:
            yield boot(ram, "fault", policy, "64", machine=("--swap", "16M"))[policy, "64"]

    return measure


def group_of_a_process(row: Row) -> Iterable[float]:
    for ram in row.sizes:
        yield boot(ram, "group")["group", "16"]


def boot_by_gib(row: Row) -> Iterable[float]:
    """Instructions until init starts, for each GiB more than 64 MiB."""

    def start(ram: str) -> float:
        result = support.run_boot(*MACHINE, "--shift", "0", "--ram", ram, "--", "true")
        return float(support.find(r"init starts at (\d+) ns", result.stderr).group(1))

    least = start("64M")
    for ram in row.sizes:
        yield (start(ram) - least) / (int(ram[:-1]) - 1 / 16)


# --- Rows that grow with something else -----------------------------------------------------------------------------


def fault_beside_clock(policy: str) -> Callable[[Row], Iterable[float]]:
    """A fault under this policy, in parts of one under clock."""

    def measure(row: Row) -> Iterable[float]:
        for frames in row.sizes:
            one, other = (
                boot("128M", "fault", name, frames, machine=("--swap", "128M"))[name, frames]
                for name in (policy, "clock")
            )
            yield 100 * one / other

    return measure


def sampled(what: str) -> Callable[[Row], Iterable[float]]:
    """Which part of the time, in per cent, samples of the working set take on the machine as it is by default."""

    def measure(row: Row) -> Iterable[float]:
        for mib in row.sizes:
            counts = []
            for window in (0, 400):
                machine = ("--param", f"working_set_window={window}")
                counts.append(boot("512M", what, mib, "8000", shift="4", machine=machine)[what, mib])
            yield 100 * (1 - counts[1] / counts[0])

    return measure


def within(program: str, what: str, ram: str = "512M", swap: str = "") -> Callable[[Row], Iterable[float]]:
    def measure(row: Row) -> Iterable[float]:
        found = boot(ram, program, *row.sizes, machine=("--swap", swap) if swap else ())
        return [found[what, size] for size in row.sizes]

    return measure


MANY = ("10", "300", "3000")
HUNDREDS = ("100", "1000", "10000")
REGIONS = ("100", "5000", "65000")
POLICIES_WITH_TICKS = ("aging", "lru", "lfu", "mfu")

ROWS = (
    *(
        Row(f"fault, {policy}, 64 frames", "instructions", RAM, fault_in_a_small_group(policy), 5_000, 1.05, "RAM")
        for policy in POLICIES_WITH_TICKS
    ),
    Row("a group of one process", "instructions", RAM, group_of_a_process, 80_000, 1.05, "RAM"),
    Row("boot, each GiB", "instructions", ("1G", "2G", "4G"), boot_by_gib, 12_000_000, None, "RAM"),
    *(
        Row(f"fault, {policy}", "% of clock's", HUNDREDS, fault_beside_clock(policy), 200, None, "frames")
        for policy in ("clock-pro", "random")
    ),
    Row("working sets, nobody asks", "% of the time", ("16", "64", "256"), sampled("loop"), 1.0, None, "MiB"),
    Row("working sets, read", "% of the time", ("16", "64", "256"), sampled("loop-read"), 10.0, None, "MiB"),
    Row("mmap among regions", "instructions", REGIONS, within("regions", "mmap"), 6_000, 2, "regions"),
    Row("one more sleeper", "instructions", MANY, within("sleepers", "sleep"), 20_000, 2, "sleepers"),
    Row("fork, exit, waitpid", "instructions", MANY, within("children", "fork"), 25_000, 1.05, "children"),
    Row("fork, exit, wait", "instructions", MANY, within("children", "wait"), 25_000, 1.05, "children"),
    Row("kill", "instructions", MANY, within("children", "kill"), 1_000, 1.05, "children"),
    Row(
        "eviction, each mapper", "instructions", ("11", "101", "1001"), within("sharers", "sharers", swap="16M"),
        400, None, "mappers",
    ),
    Row("exit, each 2 MiB", "instructions", ("16", "256", "4096"), within("sparse", "exit"), 6_200, None, "tables"),
    Row("munmap, each 2 MiB", "instructions", ("16", "256", "4096"), within("sparse", "unmap"), 6_000, None, "tables"),
)


# --- Printing, drawing --------------------------------------------------------------------------------------------


def line_of(row: Row, values: list[float]) -> str:
    cells = "".join(f"{size:>8} {value:>12,.1f}" for size, value in zip(row.sizes, values))
    return f"{row.name:26}{cells}  {row.unit}, by {row.among}" + "".join(f"  {wrong}" for wrong in row.faults(values))


def draw(found: dict[str, tuple[Row, list[float]]], file: Path) -> None:
    """Each row in a place of its own: how much, by how large."""
    from drawing.style import BLUE, Canvas, save  # matplotlib, which printing does not want

    across = 4
    down = -(-len(found) // across)
    canvas = Canvas(figsize=(3.2 * across, 2.4 * down))
    for place, (row, values) in enumerate(found.values(), 1):
        axes = canvas.add_subplot(down, across, place)
        axes.plot(range(len(values)), values, "o-", color=BLUE)
        axes.set_xticks(range(len(values)), row.sizes, size=9)
        axes.set_ylim(0, 1.15 * max(max(values), 1e-9))
        axes.tick_params(labelsize=9)
        axes.set_title(row.name, size=10)
        axes.set_xlabel(f"{row.unit}, by {row.among}", size=9)
    canvas.tight_layout()
    save(canvas, file)


def main(names: list[str]) -> int:
    """The rows whose names begin so; none named: all."""
    found = {}
    for row in ROWS:
        if names and not row.name.startswith(tuple(names)):
            continue
        found[row.name] = (row, row.values())
        print(line_of(*found[row.name]), flush=True)
    OUT.mkdir(parents=True, exist_ok=True)
    table = ["row\tsize\tvalue"]
    for row, values in found.values():
        table += [f"{row.name}\t{size}\t{value}" for size, value in zip(row.sizes, values)]
    (OUT / "growth.tsv").write_text("\n".join(table) + "\n", encoding="utf-8")
    try:
        draw(found, OUT / "growth.svg")
    except ImportError:
        print("growth.svg: matplotlib is not installed (tools/setup figures)", file=sys.stderr)
    return 0


if __name__ == "__main__":
    subprocess.run(["make", "-s", "-C", str(support.ROOT), str(PROGRAM.relative_to(support.ROOT))], check=True)
    sys.exit(main(sys.argv[1:]))
