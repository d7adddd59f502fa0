"""The free-frame list before an allocation, after it, and after giving back."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table
from drawing.free_frames import FreeFrames
from drawing.source import by_program, traced
from drawing.style import GREY, ORANGE, SKY, Canvas, blank, box

PAGES = 4
HEAD, TAIL = 7, 5  # frames shown at either end


def gather(commands: Commands) -> Table:
    """demo-free touches four pages, gives them back: the list at these three moments."""
    rows: Table = [("moment", "place", "frame", "part", "new")]

    def snapshot(moment: str, marked: set[int | None]) -> None:
        order = free.in_order()
        for place in (*range(HEAD), *range(len(order) - TAIL, len(order))):
            frame, part = order[place]
            rows.append((moment, place, frame, part, int(frame in marked)))

    with traced(commands[0]) as (trace, _):
        free, number = FreeFrames(trace), trace.number
        start, before = 0, None
        got: list[int | None] = []
        for record, own in by_program(trace, "demo-free"):
            touched = start <= record.address < start + PAGES * 4096 and own
            if own and record.event == number["map"] and record.detail >> 12 == PAGES + 1:
                start = record.address
            elif start and touched and record.event == number["fault"] and before is None:
                before = free.in_order()[:PAGES]
                snapshot("before", {frame for frame, _ in before})
            free.follow(record)
            if start and touched and record.event == number["done"]:
                got.append(record.frame)
                if len(got) == PAGES:
                    snapshot("after", set())
            elif start and len(got) == PAGES and touched and record.event == number["discard"]:
                got.append(None)
            elif len(got) > PAGES and record.event == number["list"]:
                got.append(record.frame)
                if len(got) == 2 * PAGES + 1:
                    snapshot("given back", set(got))
                    break
    return rows


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = blank(canvas, HEAD + TAIL + 4.2, 7.4)
    titles = {"before": "before", "after": f"{PAGES} pages touched", "given back": "given back"}
    axes.text(2.5, 0.4, "head: taken first", color=GREY, size=11)
    axes.text(HEAD + TAIL + 3.9, 0.4, "tail", color=GREY, size=11, ha="right")
    for line, (moment, title) in enumerate(titles.items()):
        y = 0.9 + 2.1 * line
        mine = [row for row in rows if row["moment"] == moment]
        length = int(mine[-1]["place"]) + 1
        axes.text(0, y + 0.35, title, va="center", weight="bold")
        axes.text(0, y + 0.85, f"{length:,} free", va="center", size=11)
        for n, row in enumerate(mine):
            x = 2.5 + n + (1.4 if n >= HEAD else 0)
            colour = ORANGE if row["new"] == "1" else SKY if row["part"] == "zeroed" else "white"
            box(axes, x, y, 1, 1.1, row["frame"], facecolor=colour, size=10.5)
        axes.text(2.5 + HEAD + 0.7, y + 0.5, "…", ha="center", va="center", size=16)
    box(axes, 2.5, 7.05, 0.4, 0.3, facecolor=ORANGE)
    axes.text(3, 7.2, "these frames", va="center", size=10)
    box(axes, 5.5, 7.05, 0.4, 0.3, facecolor="white")
    axes.text(6, 7.2, "other frames of the list, by number", va="center", size=10)


FIGURE = Figure(
    "free-frame-list",
    "The free-frame list before and after an allocation",
    ("tools/boot --ram 64M --trace run.trace -- demo-free",),
    gather,
    draw,
    size=(11, 4.6),
)
