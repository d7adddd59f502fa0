"""Frames before and after a copy-on-write: the textbook's two pictures, from live frames."""

from __future__ import annotations

import re

from drawing.figure import Commands, Figure, Row, Table
from drawing.source import run
from drawing.style import BLUE, GREY, ORANGE, Axes, Canvas, arrow, blank, box

FRAME = r"\[ frame (\d+) +page (\d+) +holders (\d+) +\]"
ROW = re.compile(rf"\| (?:([A-C]) +([r-][w-][x-]))? *\|(-->|   ){FRAME}(<--|   )\| (?:([A-C]) +([r-][w-][x-]))?")
PICTURES = 2


def gather(commands: Commands) -> Table:
    """The first two pictures that demo-cow draws, line by line."""
    rows: Table = [("picture", "frame", "page", "holders", "parent", "parent_rights", "child", "child_rights")]
    picture = 0
    for line in run(commands[0]).splitlines():
        picture += line.strip().startswith("parent    ")
        found = ROW.search(line)
        if found and 1 <= picture <= PICTURES:
            parent, parent_rights, _, frame, page, holders, _, child, child_rights = found.groups("")
            rows.append((picture, frame, page, holders, parent, parent_rights, child, child_rights))
    return rows


def draw_one(axes: Axes, x: float, title: str, rows: list[Row]) -> None:
    axes.text(x + 6, 0.4, title, ha="center", size=12)
    for left, name in ((0, "parent"), (4.5, "physical memory"), (9.6, "child")):
        axes.text(x + left + (1.5 if left == 4.5 else 1.2), 1.1, name, ha="center", size=11, color=GREY)
    place = {"A": 0, "B": 1, "C": 2}
    letters = [row["parent"] or row["child"] for row in rows]
    for n, (row, letter) in enumerate(zip(rows, letters, strict=True)):
        y = 1.4 + 1.15 * n
        copied = not row["parent"]
        box(axes, x + 4.2, y, 3.7, 0.9, f"frame {row['frame']}\npage {row['page']} ({letter})", size=10.5,
            facecolor=ORANGE if copied else "white")
        for side, left in (("parent", 0), ("child", 9.5)):
            if not row[side]:
                continue
            top = 1.4 + 1.15 * place[row[side]]
            box(axes, x + left, top, 2.5, 0.9, f"{row[side]}   {row[side + '_rights']}")
            start = (x + 2.5, top + 0.45) if side == "parent" else (x + 9.5, top + 0.45)
            end = (x + 4.2, y + 0.45) if side == "parent" else (x + 7.9, y + 0.45)
            arrow(axes, start, end, color=BLUE)


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = blank(canvas, 25.5, 6.6)
    titles = ("before: one frame, two ptes, nobody may write", "after the child wrote to C: a copy of that page")
    for n, title in enumerate(titles):
        draw_one(axes, 13.4 * n, title, [row for row in rows if row["picture"] == str(n + 1)])


FIGURE = Figure(
    "copy-on-write",
    "Copy-on-write: what fork shares, and the first write",
    ("tools/boot --ram 64M -- demo-cow",),
    gather,
    draw,
    size=(11, 4.2),
)
