"""Global against local replacement: a modest process, and then a greedy one beside it."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.source import run
from drawing.style import BLUE, RED, Canvas, numbers


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def draw(canvas: Canvas, rows: list[Row]) -> None:
    both = canvas.subplots(1, 2, sharey=True)
    for axes, how in zip(both, ("global", "local"), strict=True):
        mine = [row for row in rows if row["replacement"] == how]
        time = [at / 1e3 for at in numbers(mine, "time_ms")]
        axes.plot(time, numbers(mine, "modest_frames"), color=BLUE, label="modest")
        axes.plot(time, numbers(mine, "greedy_frames"), color=RED, linestyle="--", label="greedy")
        began = next(at for at, frames in zip(time, numbers(mine, "greedy_frames"), strict=True) if frames)
        late = [int(row["modest_faults"]) for row, at in zip(mine, time, strict=True) if at >= began]
        early = [int(row["modest_faults"]) for row, at in zip(mine, time, strict=True) if at < began]
        axes.set_title(f"{how}: the modest one faults {late[-1] - early[-1]}× more")
        axes.set_xlabel("time, s")
        axes.set_ylim(0)
    both[0].set_ylabel("frames")
    both[1].legend(loc="upper right")


FIGURE = Figure(
    "global-against-local",
    "Global against local replacement: a greedy process comes",
    ("tools/boot --ram 64M --swap 32M --swap-latency 1000 -- demo-alloc --csv global-local",),
    gather,
    draw,
)
