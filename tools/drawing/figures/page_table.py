"""A page table when some pages are not in memory: logical memory, ptes, frames, slots."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table
from drawing.source import largest_region, traced
from drawing.style import BLUE, GREEN, GREY, ORANGE, PALE, Canvas, arrow, blank, box
from tracing.reader import Record, Trace
from tracing.words import PRESENT, frame_of

STRING = "0 1 2 3 4 1 5 6 7"
PAGES, UNTIL = 8, 6  # the moment: so many of the string's pages have been touched
NONE = 0xFFFFFFFF


class Entries:
    """The ptes of one region, and where its pages are, as the records come."""

    def __init__(self, trace: Trace, space: int, start: int, pages: int):
        self.trace, self.space, self.start, self.end = trace, space, start, start + pages * 4096
        self.pte: dict[int, int] = {}  # of each page of the region, as are the slots
        self.page: dict[int, int] = {}  # page id -> which page of the region
        self.slot: dict[int, int | None] = {}
        self.number = trace.number

    def index(self, record: Record) -> int | None:
        if record.space == self.space and self.start <= record.address < self.end:
            return (record.address - self.start) // 4096
        return None

    def follow(self, record: Record) -> None:
        number, event = self.number, record.event
        n = self.index(record)
        if event == number["install"] and n is not None:
            self.pte[n] = record.detail
        elif event == number["done"] and n is not None:
            self.page[record.page] = n
        elif event == number["withdraw"]:
            for n, pte in self.pte.items():
                if pte & PRESENT and frame_of(pte) == record.frame:
                    self.pte[n] = record.detail
        elif event == number["slot"] and record.page in self.page:
            self.slot[self.page[record.page]] = None if record.detail == NONE else record.detail


def gather(commands: Commands) -> Table:
    with traced(commands[0]) as (trace, _):
        space, start, _ = largest_region(trace, "refstring", PAGES)
        table = Entries(trace, space, start, PAGES)
        done = 0
        for record in trace:
            table.follow(record)
            done += record.event == trace.number["done"] and table.index(record) is not None
            if done == UNTIL:
                break
    ids = {n: page for page, n in table.page.items()}
    rows: Table = [("letter", "address", "pte", "state", "page", "frame", "slot")]
    for n in range(PAGES):
        pte = table.pte.get(n, 0)
        state = "present" if pte & PRESENT else "named" if pte else "zero"
        frame = frame_of(pte) if pte & PRESENT else ""
        slot = table.slot.get(n)
        rows.append((chr(ord("A") + n), f"{start + n * 4096:#x}", f"{pte:#018x}", state,
                     ids.get(n, ""), frame, "" if slot is None else slot))
    return rows


def draw(canvas: Canvas, rows: list[Row]) -> None:
    axes = blank(canvas, 24, len(rows) + 1.6)
    for x, text in ((1.6, "logical memory"), (9.3, "page table"), (16.6, "physical memory"),
                    (22, "swap area")):
        axes.text(x, 0.6, text, ha="center", color=GREY, size=11)
    colours = {"present": "white", "named": ORANGE, "zero": PALE}
    words = {"present": "present", "named": "names page {page}", "zero": "zero: never touched"}
    for n, row in enumerate(rows):
        y = 1 + n
        box(axes, 0, y, 3.2, 1, row["letter"], weight="bold", size=12)
        box(axes, 5, y, 8.6, 1, f"{row['pte']}\n{words[row['state']].format(**row)}", size=9.5,
            facecolor=colours[row["state"]])
        axes.text(3.4, y + 0.5, row["address"][-4:], size=9, color=GREY, va="center")
        if row["frame"]:
            box(axes, 15, y + 0.05, 3.2, 0.9, f"frame {row['frame']}:  {row['letter']}", size=10)
            arrow(axes, (13.6, y + 0.5), (15, y + 0.5), color=BLUE)
        if row["state"] == "named" and row["slot"]:
            box(axes, 20.4, y + 0.05, 3.2, 0.9, f"slot {row['slot']}:  {row['letter']}", size=10)
            arrow(axes, (13.6, y + 0.5), (20.4, y + 0.5), color=GREEN, linestyle="--")
    axes.text(0, 1.35 + len(rows), f"at {rows[0]['address']}", size=9, color=GREY, va="center")


FIGURE = Figure(
    "page-table",
    "A page table when some pages are not in memory",
    (f"tools/boot --ram 64M --swap 16M --trace run.trace -- refstring --frames 3 --policy lru {STRING}",),
    gather,
    draw,
    size=(11, 5),
)
