"""A program of Debian's, by every one of its two hundred million references: its locality."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.figures import locality
from drawing.source import run
from drawing.style import Canvas

PROGRAM = "--package bc --stdin tests/bank/bc.bc -- /usr/bin/bc -l"
MILLION = 1e6
LABEL = "references, millions"


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def draw_locality(canvas: Canvas, rows: list[Row]) -> None:
    locality.picture(canvas, rows, "references", LABEL, MILLION)


FIGURES = (
    Figure(
        "locality-exact",
        "Locality by every reference: which pages bc uses",
        (f"tools/references --locality --every 2000000 {PROGRAM}",),
        gather,
        draw_locality,
        size=(9.6, 5.8),
    ),
)
