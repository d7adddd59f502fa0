"""Program structure: the same loops in two orders, under more and fewer frames."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.source import run
from drawing.style import BLUE, RED, Canvas, numbers

SIZES = "1 8 16 32 48 64 80 96 112 120 127 128 136 144"


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    frames = numbers(rows, "frames")
    axes.plot(frames, numbers(rows, "faults_by_columns"), "s-", color=RED)
    axes.plot(frames, numbers(rows, "faults_by_rows"), "o-", color=BLUE)
    axes.set_yscale("log", base=2)
    axes.set_yticks([128, 1024, 16384], ["128", "1,024", "16,384"])
    axes.minorticks_off()
    axes.set_ylim(64, 32768)
    axes.set_xticks(range(0, 145, 16))
    axes.set_xlabel("frames")
    axes.set_ylabel("page faults")
    axes.annotate("by columns: a fault an element", (64, 16384), (64, 20500), color=RED, ha="center")
    axes.annotate("by rows: a fault a row", (64, 128), (64, 150), color=BLUE, ha="center")


FIGURE = Figure(
    "rows-against-columns",
    "Program structure: an array of 128 × 128 elements, a row a page, is cleared",
    (f"tools/boot --ram 64M --swap 16M -- demo-matrix --csv {SIZES}",),
    gather,
    draw,
)
