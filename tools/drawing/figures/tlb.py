"""The TLB, modelled: how far it reaches, what the order of two loops makes of it, and what switches cost."""

from __future__ import annotations

from drawing.figure import Commands, Figure, Row, Table, table_of
from drawing.source import run
from drawing.style import BLUE, GREEN, RED, Canvas, numbers

SIZES = "8,16,32,64,128,256,512,1024"
PROGRAM = "sh -c 'seq 1 30000 | sort -r | md5sum'"
ORDERS = ("rows", "columns")


def gather(commands: Commands) -> Table:
    return table_of(run(commands[0]))


def gather_orders(commands: Commands) -> Table:
    """Both tables, with the order in front."""
    rows: Table = []
    for order, command in zip(ORDERS, commands, strict=True):
        head, *body = table_of(run(command))
        rows += [*([] if rows else [["order", *head]]), *([order, *row] for row in body)]
    return rows


def rate(rows: list[Row], column: str) -> list[float]:
    """Misses per thousand accesses."""
    return [1000 * float(row[column]) / float(row["accesses"]) for row in rows]


def size_axis(axes, rows: list[Row]) -> None:
    entries = numbers(rows, "entries")
    axes.set_xscale("log", base=2)
    axes.set_xticks(entries, [f"{count:.0f}" for count in entries])
    axes.set_xlabel("entries, for code and as many for data")
    axes.set_ylabel("misses per 1,000 accesses")
    axes.set_ylim(0)
    axes.grid(color="#E5E5E5")


def draw_reach(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    entries = numbers(rows, "entries")
    axes.plot(entries, rate(rows, "walks_4k"), "o-", color=BLUE, label="pages of 4 KiB")
    axes.plot(entries, rate(rows, "walks_2m"), "s-", color=RED, label="if they were of 2 MiB")
    size_axis(axes, rows)
    for count, value in zip(entries, rate(rows, "walks_4k"), strict=True):
        axes.annotate(f"{count * 4:.0f} KiB", (count, value), (0, 9), textcoords="offset points", ha="center", size=9)
    axes.legend(loc="upper right")


def draw_orders(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    for order, look in zip(ORDERS, ("o-", "s-"), strict=True):
        mine = [row for row in rows if row["order"] == order]
        colour = BLUE if order == "rows" else RED
        axes.plot(numbers(mine, "entries"), rate(mine, "walks_4k"), look, color=colour, label=f"by {order}")
    size_axis(axes, mine)
    axes.axvline(256, color="#999999", linewidth=1, linestyle="--")
    axes.text(250, axes.get_ylim()[1] * 0.95, "the array has 256 pages", ha="right", size=11)
    axes.legend(loc="center right")


def draw_switches(canvas: Canvas, rows: list[Row]) -> None:
    axes = canvas.add_subplot()
    time = [at / 1e3 for at in numbers(rows, "accesses")]
    each = [after - before for before, after in zip([0, *time], time, strict=False)]
    for column, colour, label in (
        ("walks_without_asids", RED, "without ASIDs"),
        ("walks_with_asids", GREEN, "with ASIDs"),
    ):
        walks = [count / part for count, part in zip(numbers(rows, column), each, strict=True)]
        axes.step(time, walks, color=colour, where="pre", linewidth=1.5, label=label)
    axes.set_xlim(0, time[-1])
    axes.set_ylim(0)
    axes.set_xlabel("accesses, thousands: init, the program begins, then two processes take turns")
    axes.set_ylabel("walks per 1,000 accesses")
    axes.legend(loc="upper right")


FIGURES = (
    Figure(
        "tlb-reach",
        "TLB reach: misses by number of entries, and by the size of pages",
        (f"tools/tlb --sizes {SIZES} {PROGRAM}",),
        gather,
        draw_reach,
    ),
    Figure(
        "tlb-orders",
        "Program structure in the TLB: an array of 256 pages, read in two orders",
        tuple(f"tools/tlb --sizes {SIZES} demo-tlb {order}" for order in ORDERS),
        gather_orders,
        draw_orders,
    ),
    Figure(
        "tlb-switches",
        "What switches cost: the same run with an empty TLB after each, and with ASIDs",
        ("tools/tlb --csv --slice 20000 demo-tlb turns",),
        gather,
        draw_switches,
    ),
)
