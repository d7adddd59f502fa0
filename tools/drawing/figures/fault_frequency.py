"""Fault frequency: the rate of faults between its bounds, and what the allocator gives for it."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.source import run
from drawing.style import SERIES, Canvas, numbers


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def draw(canvas: Canvas, rows: list[Row]) -> None:
    rates, shares = canvas.subplots(2, 1, sharex=True)
    lower, upper = float(rows[0]["lower"]), float(rows[0]["upper"])
    rates.axhspan(lower, upper, color="#E8F1E4")
    rates.text(0.995, lower, "the bounds ", transform=rates.get_yaxis_transform(), ha="right",
               va="bottom", size=11)
    for name, (colour, marker) in zip(dict.fromkeys(row["process"] for row in rows), SERIES, strict=False):
        mine = [row for row in rows if row["process"] == name]
        time = [at / 1e3 for at in numbers(mine, "time_ms")]
        look = {"color": colour, "marker": marker, "markevery": 8, "markersize": 5, "linewidth": 1.5}
        rates.plot(time, [max(rate, 1) for rate in numbers(mine, "fault_rate")], **look)
        shares.plot(time, numbers(mine, "share"), label=f"{name}: has", **look)
        shares.plot(time, numbers(mine, "uses"), color=colour, linestyle=":", linewidth=1.5)
    rates.set_yscale("log")
    rates.set_ylabel("faults a second")
    shares.plot([], [], color="#555555", linestyle=":", label="pages in use")
    shares.set_ylabel("frames")
    shares.set_xlabel("time, s")
    shares.set_ylim(0, 1.15 * max(*numbers(rows, "share"), *numbers(rows, "uses")))
    shares.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    canvas.subplots_adjust(right=0.79, hspace=0.12)


FIGURE = Figure(
    "fault-frequency",
    "Page-fault frequency, its bounds, and frames given for it",
    ("tools/boot --ram 64M --swap 32M --swap-latency 1000 -- demo-alloc --csv fault-frequency",),
    gather,
    draw,
    size=(9.6, 6),
)
