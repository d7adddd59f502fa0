"""A program of Debian's, by every one of its two hundred million references: its locality, and its working sets."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.figures import locality
from drawing.source import run
from drawing.style import SERIES, Canvas, numbers

PROGRAM = "--package bc --stdin tests/bank/bc.bc -- /usr/bin/bc -l"
WINDOWS = (10_000, 100_000, 1_000_000)
MILLION = 1e6
LABEL = "references, millions"


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def draw_locality(canvas: Canvas, rows: list[Row]) -> None:
    locality.picture(canvas, rows, "references", LABEL, MILLION)


def draw_sets(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    for window, (colour, _) in zip(WINDOWS, SERIES, strict=False):
        mine = [row for row in rows if int(row["window"]) == window]
        time = [at / MILLION for at in numbers(mine, "references")]
        axes.plot(time, numbers(mine, "mean"), color=colour, linewidth=1.5, label=f"D = {window:,} references")
    axes.plot(time, numbers(mine, "pages"), color="#7F7F7F", linestyle=":", label="all pages so far")
    axes.set_xlim(0)
    axes.set_ylim(0)
    axes.set_xlabel(LABEL)
    axes.set_ylabel("pages")
    axes.legend(loc="center", ncols=2)


FIGURES = (
    Figure(
        "locality-exact",
        "Locality by every reference: which pages bc uses",
        (f"tools/references --locality --every 2000000 {PROGRAM}",),
        gather,
        draw_locality,
        size=(9.6, 5.8),
    ),
    Figure(
        "working-set-exact",
        "Working sets by every reference: bc, three windows",
        (f"tools/references --working-set {','.join(map(str, WINDOWS))} --every 1000000 {PROGRAM}",),
        gather,
        draw_sets,
    ),
)
