"""Working sets by sampling, beside what they are known to be."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.source import run
from drawing.style import BLACK, BLUE, Canvas, numbers

WINDOW_MS = 100  # demo-ws sets it


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    time = [at - float(rows[0]["time_ms"]) for at in numbers(rows, "time_ms")]
    axes.step(time, numbers(rows, "known"), color=BLACK, where="pre", linewidth=1.2, label="known")
    axes.plot(time, numbers(rows, "working_set"), "o", color=BLUE, markersize=3.5, label="sampled")
    axes.annotate("", (200, 2200), (200 + WINDOW_MS, 2200), arrowprops={"arrowstyle": "<->"})
    axes.text(200 + WINDOW_MS / 2, 2230, "Δ", ha="center")
    axes.set_ylim(0, 2500)
    axes.set_xlabel("running time of the program, ms")
    axes.set_ylabel("working set, pages")
    axes.legend(loc="upper right")


FIGURE = Figure(
    "working-set-sampled",
    "What sampling makes of a working set that is known",
    ("tools/boot --ram 64M -- demo-ws --csv 16 500 2000 50 1000 200",),
    gather,
    draw,
)
