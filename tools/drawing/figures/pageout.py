"""pageoutd's saw-tooth: free frames over time, between the marks low and high."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table
from drawing.free_frames import FreeFrames
from drawing.source import traced
from drawing.style import BLUE, GREY, RED, Canvas, numbers

SPAN = 640_000_000  # ns that are shown
LEAD = 40_000_000  # of them, before pageoutd first woke


def gather(commands: Commands) -> Table:
    with traced(commands[0]) as (trace, _):
        free, header = FreeFrames(trace), trace.header
        woke = next((one.time for one in trace if one.event == trace.number["pageoutd"] and one.detail), 0)
        rows: Table = [("time_ns", "free", "pageoutd", "reserve", "low", "high")]
        last = -1
        for record in trace:
            daemon = record.event == trace.number["pageoutd"]
            if not free.follow(record) and not daemon:
                continue
            if not woke - LEAD <= record.time < woke - LEAD + SPAN:
                continue
            count = free.count()
            if daemon or abs(count - last) >= 2:
                rows.append((record.time, count, "" if not daemon else record.detail,
                             header.reserve, header.low, header.high))
                last = count
    return rows


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    start = float(rows[0]["time_ns"])
    time = [(at - start) / 1e6 for at in numbers(rows, "time_ns")]
    marks = {name: int(rows[0][name]) for name in ("high", "low", "reserve")}
    axes.plot(time, numbers(rows, "free"), color=BLUE, linewidth=1.3)
    for name, level in marks.items():
        axes.axhline(level, color=RED if name != "reserve" else GREY, linewidth=1, linestyle="--")
        axes.text(time[-1] * 1.01, level, f"{name}: {level}", va="center", size=11)
    woke = [(at, float(row["free"])) for at, row in zip(time, rows, strict=True) if row["pageoutd"] == "1"]
    axes.plot(*zip(*woke, strict=True), "v", color=RED, label="pageoutd wakes", markersize=7)
    axes.set_ylim(0, 1.7 * marks["high"])
    axes.set_xlim(0, time[-1])
    axes.set_xlabel("time, ms")
    axes.set_ylabel("free frames")
    axes.legend(loc="upper right")
    canvas.subplots_adjust(right=0.87)


FIGURE = Figure(
    "pageoutd",
    "pageoutd's saw-tooth: below low it wakes, and works to high",
    (
        "tools/boot --ram 16M --swap 64M --swap-latency 200 --trace run.trace -- "
        "awk 'BEGIN { for (i = 0; i < 150000; i++) a[i] = i }'",
    ),
    gather,
    draw,
)
