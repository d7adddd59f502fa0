"""The translation of an address: 48 bits, four tables, a frame; of one element of an array."""

from __future__ import annotations

import textwrap

from drawing.figure import Commands, Figure, Row, Table
from drawing.source import largest_region, traced
from drawing.style import BLUE, GREY, ORANGE, PALE, Axes, Canvas, arrow, blank, box
from tracing.reader import Record, Trace
from tracing.words import NO_EXECUTE, PRESENT, frame_of

ROW, COLUMN, ELEMENT = 100, 29, 32  # which element, and how long one is
ROWS, PAGE = 128, 4096
LEVELS, INDEX_BITS, OFFSET_BITS = 4, 9, 12
TABLE_BITS = 7  # an entry that leads to a table: present, writable, for user code
BITS = ((1, "present"), (2, "writable"), (4, "user"), (32, "A"), (64, "D"), (NO_EXECUTE, "not executable"))


class Tables:
    """The tables of one space, as the records come."""

    def __init__(self, trace: Trace, space: int):
        self.number, self.space = trace.number, space
        self.frame: dict[tuple[int, int], int] = {}  # by level, and the part of the address above it

    @staticmethod
    def place(level: int, address: int) -> tuple[int, int]:
        return level, address >> OFFSET_BITS + INDEX_BITS * level

    def follow(self, record: Record) -> None:
        if record.space == self.space and record.event == self.number["space"]:
            self.frame[self.place(LEVELS, 0)] = record.frame
        elif record.space == self.space and record.event == self.number["table"] and record.detail:
            self.frame[self.place(record.detail, record.address)] = record.frame
        elif record.event == self.number["list"]:
            self.frame = {place: frame for place, frame in self.frame.items() if frame != record.frame}


def gather(commands: Commands) -> Table:
    """At the moment when the element's page has its frame, in the last array."""
    with traced(commands[0]) as (trace, _):
        space, start, _ = largest_region(trace, "demo-matrix", ROWS)
        address = start + ROW * PAGE + COLUMN * ELEMENT
        tables, found, pte = Tables(trace, space), {}, 0
        for record in trace:
            tables.follow(record)
            if record.event == trace.number["install"] and (record.space, record.address) == (space, address & -PAGE):
                found, pte = dict(tables.frame), record.detail
    if not pte & PRESENT:
        raise LookupError("the element's page never had a frame")
    frames = [found[Tables.place(level, address)] for level in range(LEVELS, 0, -1)]
    entries = [frame << OFFSET_BITS | TABLE_BITS for frame in frames[1:]] + [pte]
    rows: Table = [("level", "low", "width", "number", "frame", "entry")]
    for level, frame, entry in zip(range(LEVELS, 0, -1), frames, entries, strict=True):
        low = OFFSET_BITS + INDEX_BITS * (level - 1)
        rows.append((level, low, INDEX_BITS, address >> low & (1 << INDEX_BITS) - 1, frame, f"{entry:#018x}"))
    rows.append((0, 0, OFFSET_BITS, address & PAGE - 1, frame_of(pte), f"{address:#x}"))
    return rows


def words(entry: int, leads_on: bool) -> str:
    """An entry's bits."""
    told = ", ".join(name for bit, name in BITS if entry & bit)
    return f"{told}; {'its table is in' if leads_on else 'its page is in'} frame {frame_of(entry)}"


WIDE, STEP = 4.3, 5.1  # of a table; from one to the next
TOP, HIGH, ENTRY = 3.7, 5.2, 1.35


def draw_part(axes: Axes, x: float, row: Row) -> None:
    low, width, number = int(row["low"]), int(row["width"]), int(row["number"])
    what = f"level {row['level']}" if row["level"] != "0" else "offset"
    axes.text(x, 0.95, f"bits {low + width - 1} to {low}: {what}", size=9.5, color=GREY)
    box(axes, x, 1.15, 0.3 * width + 0.4, 0.95)
    axes.text(x + 0.2, 1.76, f"{number:0{width}b}", family="monospace", size=10.5)
    axes.text(x + 0.15, 2.65, str(number), weight="bold", size=12)


def draw_table(axes: Axes, x: float, row: Row, of: int, title: str, text: str) -> float:
    """A table, or a frame, with the place that the part chooses; where that is."""
    axes.text(x + 0.6, TOP - 0.25, title, weight="bold", size=10.5)
    box(axes, x, TOP, WIDE, HIGH, facecolor=PALE)
    y = TOP + int(row["number"]) / (of - 1) * (HIGH - ENTRY)
    box(axes, x, y, WIDE, ENTRY, text, size=10, facecolor=ORANGE)
    arrow(axes, (x + 0.3, 2.75), (x + 0.3, y), color=BLUE)
    return y + ENTRY / 2


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = blank(canvas, LEVELS * STEP + WIDE, 10.7)
    address = rows[-1]["entry"]
    axes.text(0, 0.2, f"data[{ROW}][{COLUMN}] at {address}", size=12)
    for n, row in enumerate(rows[:-1]):
        x, entry = n * STEP, int(row["entry"], 16)
        draw_part(axes, x, row)
        title = f"{'CR3: ' if n == 0 else ''}frame {row['frame']}"
        y = draw_table(axes, x, row, 1 << INDEX_BITS, title, f"entry {row['number']}\n{row['entry']}")
        axes.plot([x + WIDE, x + WIDE + 0.35, x + WIDE + 0.35], [y, y, TOP + 0.03], color=BLUE, linewidth=1.4)
        arrow(axes, (x + WIDE + 0.35, TOP + 0.03), (x + STEP, TOP + 0.03), color=BLUE)
        told = textwrap.fill(words(entry, n < LEVELS - 1), 25)
        axes.text(x, TOP + HIGH + 0.25, told, size=9.5, va="top", linespacing=1.3)
    x, last = LEVELS * STEP, rows[-1]
    physical = int(last["frame"]) * PAGE + int(last["number"])
    draw_part(axes, x, last)
    draw_table(axes, x, last, PAGE, f"frame {last['frame']}", f"byte {last['number']}")
    axes.text(x, TOP + HIGH + 0.25, f"physical address\n{physical:#x}", size=10.5, va="top", weight="bold")


FIGURE = Figure(
    "translation",
    "From an address to its frame: four tables",
    ("tools/boot --ram 64M --trace run.trace -- demo-matrix 200",),
    gather,
    draw,
    size=(11, 5.2),
)
