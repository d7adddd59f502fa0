"""Locality: which pages a real program uses, over its running time."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.source import run
from drawing.style import BLUE, GREY, Canvas

PAGE, GAP = 4096, 64  # pages between two regions, at least


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def places(rows: list[Row]) -> tuple[dict[int, int], list[tuple[int, int]], int]:
    """Where each page ever used is drawn: addresses without the large gaps. And the gaps."""
    used = sorted({int(row["address"], 16) // PAGE + n for row in rows for n in range(int(row["pages"]))})
    place: dict[int, int] = {}
    regions: list[tuple[int, int]] = []
    at = 0
    for before, page in zip([None, *used], used, strict=False):
        if before is None or page - before > GAP:
            at += 6 if regions else 0
            regions.append((at, page * PAGE))
        else:
            at += page - before - 1
        place[page] = at
        at += 1
    return place, regions, at


def draw(canvas: Canvas, rows: list[Row]) -> None:
    picture(canvas, rows, "time_ms", "running time of the program, ms")


def picture(canvas: Canvas, rows: list[Row], column: str, label: str, unit: float = 1) -> None:
    """Pages by that column, which is shown in such units."""
    from matplotlib.collections import PolyCollection

    axes = canvas.add_subplot()
    place, regions, height = places(rows)
    times = sorted({float(row[column]) / unit for row in rows})
    before = dict(zip(times, [0.0, *times], strict=False))
    boxes = []
    for row in rows:
        time = float(row[column]) / unit
        low = place[int(row["address"], 16) // PAGE]
        high = low + int(row["pages"])
        boxes.append([(before[time], low), (time, low), (time, high), (before[time], high)])
    axes.add_collection(PolyCollection(boxes, facecolors=BLUE, edgecolors="none"))
    for low, address in regions:
        axes.axhline(low - 3, color="#CCCCCC", linewidth=0.8)
        axes.text(times[-1] * 1.01, low, f"{address:#x}", size=9, va="bottom", color=GREY)
    axes.set_xlim(0, times[-1])
    axes.set_ylim(-4, height + 4)
    axes.set_xlabel(label)
    axes.set_ylabel("pages, by address (gaps cut out)")
    canvas.subplots_adjust(right=0.84)


FIGURE = Figure(
    "locality",
    "Locality: which pages sort uses, over time",
    ("tools/boot --ram 64M -- sh -c 'seq 1 30000 > /tmp/f; locality sort -r /tmp/f'",),
    gather,
    draw,
    size=(9.6, 5.8),
)
