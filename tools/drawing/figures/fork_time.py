"""What fork takes, by the size of the process, beside what copying its pages would."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.source import run
from drawing.style import BLUE, RED, Canvas, numbers


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    size = numbers(rows, "mib")
    forked = [ns / 1e6 for ns in numbers(rows, "fork_ns")]
    copied = [ns / 1e6 for ns in numbers(rows, "copy_ns")]
    axes.loglog(size, copied, "s-", color=RED, base=2, label="copying every page")
    axes.loglog(size, forked, "o-", color=BLUE, base=2, label="fork: only the ptes, copy-on-write")
    axes.set_yscale("log", base=10)
    ticks = [1 / 16, 1 / 4, 1, 4, 16]
    axes.set_xticks(ticks, ["1/16", "1/4", "1", "4", "16"])
    axes.set_xlabel("written memory of the process, MiB")
    axes.set_ylabel("time, ms (an instruction is 16 ns)")
    axes.grid(axis="y", color="#DDDDDD")
    axes.legend(loc="upper left")


FIGURE = Figure(
    "fork-time",
    "fork copies no page",
    ("tools/boot --ram 64M -- demo-fork --csv",),
    gather,
    draw,
)
