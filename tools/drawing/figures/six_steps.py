"""The steps in handling a page fault, with the numbers of a real one."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table
from drawing.source import largest_region, traced
from drawing.style import BLUE, GREEN, GREY, ORANGE, PALE, RED, Canvas, arrow, blank, box
from tracing.faults import all_faults, number_or_none

FIRST, LAST = ("fault", "region", "pte", "page"), ("install", "done")


def value(number: int) -> int | str:
    found = number_or_none(number)
    return "" if found is None else found


def gather(commands: Commands) -> Table:
    """The last fault of refstring that read a page from its slot."""
    with traced(commands[0]) as (trace, _):
        _, start, pages = largest_region(trace, "refstring", 30)
        chosen = None
        slots = {}
        for record in trace:
            if record.event == trace.number["slot"]:
                slots[record.page] = record.detail
        for fault, _ in all_faults(trace):
            if start <= fault.begin.address < start + pages * 4096 and fault.kind(trace) == "page-in":
                chosen = fault
        if not chosen:
            raise LookupError("no page came from its slot")
        rows: Table = [("step", "after_ns", "address", "page", "frame", "detail")]
        found = [next(one for one in chosen.steps if one[0] == name) for name in FIRST]
        found += [("evicted" if trace.event_names[one.event] == "evict" else "frame taken", one)
                  for one in chosen.between if trace.event_names[one.event] in ("evict", "take")]
        found += [("filled", one) for one in chosen.between if one.event == trace.number["served"]]
        found += [next(one for one in chosen.steps if one[0] == name) for name in LAST]
        for name, record in found:
            rows.append((name, record.time - chosen.begin.time, f"{chosen.begin.address:#x}",
                         value(record.page), value(record.frame), f"{record.detail:#x}"))
        rows.append(("slot", 0, "", chosen.end.page, "", slots[chosen.end.page]))
    return rows


def draw(canvas: Canvas, rows: list[Row]) -> None:
    by = {row["step"]: row for row in rows}
    axes = blank(canvas, 24, 11.2)
    address, frame, page = by["fault"]["address"], by["done"]["frame"], by["done"]["page"]
    box(axes, 0.2, 4.2, 5, 2.2, f"the program\nrefers to\n{address}", size=11)
    box(axes, 9, 0.6, 6, 1.9, "the kernel", size=12, facecolor=PALE)
    box(axes, 9, 4.2, 6.4, 2.2, f"pte\n{by['pte']['detail']}\nnames page {page}", size=10, facecolor=ORANGE)
    box(axes, 9, 8.2, 6.4, 2.2, f"frame {frame}", size=11)
    box(axes, 19.4, 4.2, 4.2, 2.2, f"swap area\nslot {by['slot']['detail']}", size=11)
    total = int(by["done"]["after_ns"])

    def ns(step: str) -> str:
        return f"after {int(by[step]['after_ns']) / 1000:,.1f} µs"

    def note(x: float, y: float, number: str, text: str) -> None:
        axes.text(x, y, f"{number}", size=14, weight="bold", color=RED, ha="right", va="center")
        axes.text(x + 0.2, y, text, size=9.5, va="center")

    arrow(axes, (5.2, 4.9), (9, 4.9))
    note(5.7, 3.75, "1", f"reference:\nregion allows it? {ns('region')}")
    arrow(axes, (12, 4.2), (12, 2.5))
    note(12.6, 3.35, "2", f"trap: the entry is\nnot present ({ns('pte')})")
    arrow(axes, (15, 1.4), (21.5, 4.2))
    note(17.4, 1.2, "3", f"where is page {page}?\nin slot {by['slot']['detail']} ({ns('page')})")
    axes.text(12.2, 10.85, f"it was taken off the free list {ns('frame taken')}", ha="center", size=9.5)
    arrow(axes, (22.5, 6.4), (15.4, 9.6), color=GREEN, linewidth=2.4)
    note(20, 9.5, "4", f"bring it in\n({ns('filled')})")
    arrow(axes, (12.2, 8.2), (12.2, 6.4), color=BLUE)
    note(12.8, 7.3, "5", f"reset the entry: present, frame {frame},\n{by['install']['detail']} ({ns('install')})")
    arrow(axes, (9, 5.9), (5.2, 5.9))
    note(5.7, 7, "6", f"the instruction\nruns again\n(after {total / 1000:,.1f} µs)")
    axes.text(0.2, 10.4, "times are counted from the trap", size=9, color=GREY)


FIGURE = Figure(
    "six-steps",
    "The steps in handling a page fault: a real one",
    (
        "tools/boot --ram 10M --swap 16M --swap-latency 200 --trace run.trace -- sh -c "
        "'refstring --count --ticks 0 --frames 8 --policy fifo $(seq 0 2999) $(seq -s \"r \" 0 2999)r'",
    ),
    gather,
    draw,
    size=(11, 5.4),
)
