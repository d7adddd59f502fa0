"""Working-set size over time of a real program, as the kernel samples it."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table
from drawing.source import traced
from drawing.style import BLUE, GREY, RED, Canvas, numbers
from tracing.reader import Who

WINDOW_MS = 80


def gather(commands: Commands) -> Table:
    """The samples of sort's space."""
    rows: Table = [("time_ns", "working_set", "resident")]
    with traced(commands[0]) as (trace, _):
        who = Who(trace)
        for record in trace:
            who.follow(record)
            if record.event == trace.number["working-set"]:
                process = who.of_space.get(record.space, 0)
                if who.program(process) == "sort":
                    rows.append((record.time, record.address, record.detail))
    return rows


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    start = float(rows[0]["time_ns"])
    time = [(at - start) / 1e6 for at in numbers(rows, "time_ns")]
    axes.plot(time, numbers(rows, "resident"), color=GREY, linewidth=1.5, label="resident")
    axes.step(time, numbers(rows, "working_set"), color=BLUE, where="post",
              label=f"working set, Δ = {WINDOW_MS} ms")
    axes.annotate("", (time[-1], 0), (time[-1] - WINDOW_MS, 0),
                  arrowprops={"arrowstyle": "<->", "color": RED})
    axes.text(time[-1] - WINDOW_MS / 2, 8, "Δ", ha="center", color=RED)
    axes.set_ylim(0, 1.3 * max(numbers(rows, "resident")))
    axes.set_xlim(0)
    axes.set_xlabel("time, ms")
    axes.set_ylabel("pages")
    axes.legend(loc="upper left")


FIGURE = Figure(
    "working-set",
    "Working-set size over time: peaks where one locality follows another",
    (
        f"tools/boot --ram 64M --param working_set_window={WINDOW_MS} --trace run.trace -- "
        "sh -c 'seq 1 30000 > /tmp/f; exec /bin/sort -r /tmp/f > /dev/null'",
    ),
    gather,
    draw,
)
