"""Thrashing: CPU utilisation by degree of multiprogramming, with and without load control."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.source import run
from drawing.style import BLACK, BLUE, RED, Canvas, numbers

DEGREES = "1 2 3 4 5 6 8 10 12 16 24"
WORDS = {"off": ("without load control", RED, "s"), "working-set": ("with load control", BLUE, "o")}


def gather(commands: Commands) -> Table:
    head, *rows = table_of(run(commands[0]))
    return [head, *rows, *(row for command in commands[1:] for row in table_of(run(command))[1:])]


def draw(canvas: Canvas, rows: list[Row]) -> None:
    cpu, time = canvas.subplots(1, 2)
    for control, (words, colour, marker) in WORDS.items():
        mine = [row for row in rows if row["control"] == control]
        degree = numbers(mine, "degree")
        cpu.plot(degree, numbers(mine, "cpu_percent"), marker=marker, color=colour, label=words)
        time.plot(degree, numbers(mine, "seconds"), marker=marker, color=colour)
        if control == "off":
            cpu.plot(degree, numbers(mine, "device_percent"), color=BLACK, linestyle=":", linewidth=1.3,
                     label="paging disk, without")
    cpu.set_ylim(0, 118)
    cpu.set_ylabel("busy, %")
    cpu.legend(loc="upper right", fontsize=10)
    time.set_ylim(0)
    time.set_ylabel("time until all work is done, s")
    for axes in (cpu, time):
        axes.set_xlabel("degree of multiprogramming, processes")
        axes.grid(axis="y", color="#E5E5E5")
        axes.set_xlim(0)


def command(control: str) -> str:
    return (
        "tools/boot --ram 16M --swap 64M --swap-latency 1000 -- "
        f"thrash --csv --rounds 150 --control {control} {DEGREES}"
    )


FIGURE = Figure(
    "thrashing",
    "Thrashing: CPU utilisation by degree of multiprogramming",
    (command("off"), command("working-set")),
    gather,
    draw,
    size=(10.6, 5.2),
)
